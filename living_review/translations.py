"""What a protocol says in further languages. What is not translated is shown as the protocol has it."""

from __future__ import annotations

from pydantic import Field

from living_review.frozen import Part


class FieldTranslation(Part):
    """One item of the data charting form in another language."""

    label: str = ""
    help: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    """Value of an option -> its label."""


class ModelTranslation(Part):
    """One model of the typology in another language."""

    name: str = ""
    definition: str = ""


class Translation(Part):
    """The review in one other language."""

    title: str = ""
    question: str = ""
    fields: dict[str, FieldTranslation] = Field(default_factory=dict)
    """Name of a field of the form -> what it is called."""
    models: dict[str, ModelTranslation] = Field(default_factory=dict)
    """Id of a model of the typology -> what it is called."""
