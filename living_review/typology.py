"""The typology: the models of use that charted studies are sorted into, and what the studies of each have in common.

Every model of the protocol is shown, also one that has no study and a slot that has no name yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from living_review.charted_frame import asked, counted_rows
from living_review.errors import UsageError
from living_review.field_tables import FieldTable, descriptive, share_of
from living_review.protocol import ChartingField, FieldType, Protocol


@dataclass(frozen=True, slots=True)
class ModelStudies:
    """One model and its studies."""

    id: str
    name: str
    """Empty for a slot that has no name yet."""
    title: str
    definition: str
    studies: tuple[str, ...]
    share: float | None
    """Fraction of the studies of which the typology's field is asked."""
    distributions: tuple[FieldTable, ...]
    """The other fields among this model's studies; the denominator of each is this model's studies."""

    @property
    def count(self) -> int:
        """Number of studies."""
        return len(self.studies)

    def to_dict(self) -> dict[str, Any]:
        """The model as plain JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "definition": self.definition,
            "count": self.count,
            "share": self.share,
            "studies": list(self.studies),
            "distributions": [table.to_dict() for table in self.distributions],
        }


@dataclass(frozen=True, slots=True)
class TypologyTable:
    """Every model of the typology, in the protocol's order."""

    field: str
    title: str
    many: bool
    """Whether one study may be of several models."""
    asked: int
    """Denominator of the shares."""
    models: tuple[ModelStudies, ...]
    without_model: tuple[str, ...]
    """Studies that were asked and are of none of the models: no answer yet, or an option that is no model."""
    not_asked: tuple[str, ...]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The typology as plain JSON values."""
        return {
            "field": self.field,
            "title": self.title,
            "many": self.many,
            "asked": self.asked,
            "models": [model.to_dict() for model in self.models],
            "without_model": list(self.without_model),
            "not_asked": list(self.not_asked),
            "left_out": list(self.left_out),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a model: ``id``, ``name``, ``title``, ``count``, ``share``, ``studies`` (lists)."""
        rows = [model.to_dict() for model in self.models]
        return pd.DataFrame(rows, columns=["id", "name", "title", "count", "share", "studies"])


def distribution_fields(protocol: Protocol) -> tuple[ChartingField, ...]:
    """The fields shown for each model: those the protocol names, else the other choice fields of the summary."""
    if protocol.typology is None:
        return ()
    if protocol.typology.distributions:
        return tuple(protocol.charting.field(name) for name in protocol.typology.distributions)
    return tuple(
        item
        for item in protocol.summary_fields
        if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE} and item.name != protocol.typology.field
    )


def typology(frame: pd.DataFrame, protocol: Protocol, left_out: frozenset[str] = frozenset()) -> TypologyTable:
    """Sort the charted studies into the protocol's models.

    Args:
        frame: The charted frame.
        protocol: Holds the models, their order, names and definitions.
        left_out: Ids of studies that are not counted but listed (retracted ones).

    Raises:
        UsageError: If the protocol has no typology.
        InvalidData: If the frame lacks a column or has two rows for a study.
    """
    plan = protocol.typology
    if plan is None:
        raise UsageError("the protocol has no typology", "review.yaml", "add the key typology")
    rows, out = counted_rows(frame, protocol, left_out)
    item = protocol.charting.field(plan.field)
    table = descriptive(frame, protocol, left_out, (item,))[0]
    behind = {row.value: row.studies for row in table.rows}
    fields = distribution_fields(protocol)
    models = []
    for model in plan.models:
        studies = behind.get(model.id, ())
        among = rows[rows["study_id"].isin(list(studies))]
        models.append(
            ModelStudies(
                id=model.id,
                name=model.name,
                title=model.title,
                definition=model.definition,
                studies=studies,
                share=share_of(len(studies), table.asked),
                distributions=tuple(descriptive(among, protocol, fields=fields)),
            )
        )
    placed = {study for model in models for study in model.studies}
    applies = asked(rows, protocol)[plan.field]
    return TypologyTable(
        field=plan.field,
        title=item.title,
        many=item.many,
        asked=table.asked,
        models=tuple(models),
        without_model=tuple(study for study in rows["study_id"][applies] if study not in placed),
        not_asked=table.not_asked,
        left_out=out,
    )
