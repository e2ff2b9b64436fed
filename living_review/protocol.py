"""Protocol: what a review team decided beforehand, as typed, frozen values.

``review.yaml`` is the only file a team must write; :mod:`living_review.protocol_file` reads it and refuses what
:mod:`living_review.protocol_rules` finds: every reason, field and option that is referred to must be defined.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from living_review.frozen import Part
from living_review.language_tags import DEFAULT, refusal
from living_review.records import canonical_json
from living_review.translations import Translation


class Stage(StrEnum):
    """A stage of screening, in the order reports pass through."""

    TITLE_ABSTRACT = "title_abstract"
    FULL_TEXT = "full_text"


class FieldType(StrEnum):
    """What one field of the data charting form holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    COUNTRY = "country"


class Event(StrEnum):
    """What a notice can be about."""

    NEW_STUDIES = "new_studies"
    POSSIBLE_DUPLICATES = "possible_duplicates"
    WAITING = "waiting"
    CONFLICTS = "conflicts"
    RETURNED_ROWS = "returned_rows"
    NEW_VERSION = "new_version"
    RETRACTION = "retraction"
    CHANGED_RECORD = "changed_record"
    SEARCH_WARNING = "search_warning"
    FAILURE = "failure"


def _is_cron(text: str) -> str:
    if len(text.split()) != 5 or not croniter.is_valid(text):
        raise ValueError('a cron line of five parts is needed, for example "0 6 * * 1" (Mondays at 06:00)')
    return text


def _is_timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('a time zone name is needed, for example "Australia/Melbourne" or "UTC"') from error
    return text


def _is_language(text: str) -> str:
    if allowed := refusal(text):
        raise ValueError(allowed)
    return text


def _text_of_number(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _one_as_list(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
"""Lower-case letters, digits and hyphens: it becomes part of addresses and object keys."""
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Version = Annotated[str, BeforeValidator(_text_of_number), StringConstraints(min_length=1, max_length=40)]


class Framework(Part):
    """The question's elements; population, concept, context (JBI)."""

    name: Literal["PCC"] = "PCC"
    population: str = ""
    concept: str = ""
    context: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given


class ReviewAuthor(Part):
    """A person who answers for the review."""

    name: Text
    orcid: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$")] = ""
    role: str = ""
    affiliation: str = ""
    email: str = ""


class ExclusionReason(Part):
    """A reason for which a report may be excluded; ``id`` is what reviewers write."""

    id: Identifier
    text: Text


class Eligibility(Part):
    """Who and what the review takes in."""

    include: tuple[Text, ...] = ()
    exclude: tuple[ExclusionReason, ...] = ()


class PubMedSearch(Part):
    """A strategy that runs on PubMed."""

    source: Literal["pubmed"]
    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000)]
    name: Identifier = "pubmed"


class FileSearch(Part):
    """A folder or ``s3://bucket/prefix`` into which people put exports of other databases."""

    source: Literal["files"]
    inbox: Text
    name: Identifier = "files"


Search = Annotated[PubMedSearch | FileSearch, Field(discriminator="source")]


class Schedule(Part):
    """When a flow runs."""

    cron: Annotated[str, AfterValidator(_is_cron)]
    timezone: Annotated[str, AfterValidator(_is_timezone)] = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """The first planned run after ``moment`` (with a time zone), in the schedule's own zone."""
        planned: datetime = croniter(self.cron, moment.astimezone(ZoneInfo(self.timezone))).get_next(datetime)
        return planned


class Schedules(Part):
    """When the review's flows run; a flow without a schedule runs only when asked."""

    refresh: Schedule | None = None
    watch: Schedule | None = None
    publish: Schedule | None = None


class Screening(Part):
    """How reports are screened."""

    reviewers_per_report: Annotated[int, Field(ge=1, le=20, strict=True)] = 2
    stages: tuple[Stage, ...] = (Stage.TITLE_ABSTRACT, Stage.FULL_TEXT)
    blinded: bool = True
    reopen_on_change: bool = False
    """Whether a report is screened again at title and abstract when its title or abstract changed after a decision."""
    reviewers: tuple[Identifier, ...] = ()
    """Who may decide; empty: anyone who gives a name."""
    exclusion_reasons: tuple[Identifier, ...] = ()
    """Ids of ``eligibility.exclude`` usable in screening; empty: all of them."""


class Option(Part):
    """One value of a choice field."""

    value: Annotated[str, BeforeValidator(_text_of_number), StringConstraints(min_length=1, max_length=200)]
    label: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return {"value": given} if isinstance(given, (str, int, float)) else given

    @property
    def title(self) -> str:
        """What people read."""
        return self.label or self.value


class ChartingField(Part):
    """One item of the data charting form."""

    name: FieldName
    label: str = ""
    type: FieldType = FieldType.TEXT
    options: tuple[Option, ...] = ()
    required: bool = False
    only_if: dict[FieldName, tuple[str, ...]] = Field(default_factory=dict)
    """Field -> values: this field is asked only where each field has one of its values."""
    unit: str = ""
    help: str = ""

    @model_validator(mode="before")
    @classmethod
    def _conditions_as_lists(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("only_if"), dict):
            conditions = {
                key: tuple(
                    ("true" if item else "false") if isinstance(item, bool) else _text_of_number(item)
                    for item in _one_as_list(value)
                )
                for key, value in given["only_if"].items()
            }
            return {**given, "only_if": conditions}
        return given

    @property
    def title(self) -> str:
        """What people read."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the options, in the form's order."""
        return tuple(option.value for option in self.options)

    @property
    def many(self) -> bool:
        """Whether one study may have several values."""
        return self.type is FieldType.MULTI_CHOICE


class Charting(Part):
    """The data charting form and what its rows must meet."""

    form_version: Version = "1"
    fields: tuple[ChartingField, ...] = ()
    expectations: tuple[dict[str, Any], ...] = ()
    """Further Great Expectations entries in their own JSON form: ``{"type": …, "kwargs": {…}}``."""

    def field(self, name: str) -> ChartingField:
        """The field called ``name``.

        Raises:
            KeyError: If the form has none.
        """
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)


class TypologyModel(Part):
    """One model of the typology; a slot may be kept before it has a name."""

    id: Identifier
    name: str = ""
    definition: str = ""

    @property
    def title(self) -> str:
        """What people read."""
        return self.name or self.id


class Typology(Part):
    """The models that charted studies are sorted into."""

    field: FieldName
    models: Annotated[tuple[TypologyModel, ...], Field(min_length=1)]
    distributions: tuple[FieldName, ...] = ()
    """Fields whose distribution is shown per model; empty: the other choice fields of ``summary.tables``."""


class Summary(Part):
    """Which tables readers see."""

    tables: tuple[FieldName, ...] = ()
    """Fields to count; empty: every choice, boolean and country field."""
    crosstabs: tuple[Annotated[tuple[FieldName, ...], Field(min_length=2, max_length=3)], ...] = ()


class Publish(Part):
    """How versions get out."""

    approval: Literal["automatic", "manual"] = "automatic"
    include_retracted: bool = False
    """Count retracted studies in the summary; they are marked as retracted either way."""
    licence: str = "CC-BY-4.0"


class Notify(Part):
    """Whom to tell what."""

    to: Annotated[tuple[Text, ...], BeforeValidator(_one_as_list), Field(min_length=1)]
    """Apprise addresses, or names of secrets that hold them (``LIVING_REVIEW_SECRET_<NAME>``)."""
    on: Annotated[tuple[Event, ...], BeforeValidator(_one_as_list)] = tuple(Event)
    reviewer: str = ""
    """If given, only what waits for this reviewer is told here."""


class Living(Part):
    """Whether the review is kept up, and until when."""

    status: Literal["living", "paused", "retired"] = "living"
    reason: str = ""
    retire_when: str = ""


Reported = Literal[
    "registries", "online_sources", "citation_searching", "contacts", "other_methods", "limits", "filters",
    "prior_work", "peer_review",
]  # fmt: skip
"""Items of PRISMA-S that only people can tell (10.1186/s13643-020-01542-z: 3 to 7, 9 to 11, 14)."""


class Protocol(Part):
    """One review's protocol: everything the team decided beforehand."""

    id: Slug
    title: Text
    question: Text
    language: Annotated[str, AfterValidator(_is_language)] = DEFAULT
    """BCP 47; what it is written in."""
    framework: Framework = Framework()
    authors: tuple[ReviewAuthor, ...] = ()
    eligibility: Eligibility = Eligibility()
    criteria_version: Version = "1"
    searches: Annotated[tuple[Search, ...], Field(min_length=1)]
    reporting: dict[Reported, Text] = Field(default_factory=dict)
    schedule: Schedules = Schedules()
    screening: Screening = Screening()
    charting: Charting = Charting()
    typology: Typology | None = None
    summary: Summary = Summary()
    publish: Publish = Publish()
    notify: Annotated[tuple[Notify, ...], BeforeValidator(_one_as_list)] = ()
    living: Living = Living()
    translations: dict[str, Translation] = Field(default_factory=dict)
    """Language (BCP 47) -> the review in it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the whole protocol: equal digests, equal decisions."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json"))).hexdigest()

    @property
    def exclusion_reasons(self) -> tuple[ExclusionReason, ...]:
        """The reasons reviewers may give, in the protocol's order."""
        chosen = self.screening.exclusion_reasons
        return tuple(reason for reason in self.eligibility.exclude if not chosen or reason.id in chosen)

    @property
    def summary_fields(self) -> tuple[ChartingField, ...]:
        """The fields to count for readers, in the form's order unless the protocol orders them."""
        if self.summary.tables:
            return tuple(self.charting.field(name) for name in self.summary.tables)
        return tuple(item for item in self.charting.fields if item.type in COUNTED)

    def options_of(self, name: str) -> tuple[str, ...]:
        """The allowed values of a choice field; the typology's ids for its field where it lists none.

        Raises:
            KeyError: If the form has no such field.
        """
        item = self.charting.field(name)
        if not item.options and self.typology is not None and self.typology.field == name:
            return tuple(model.id for model in self.typology.models)
        return item.values

    def title_of(self, name: str, value: str) -> str:
        """What people read for one value of a field: the model's name, the option's label, or the value."""
        if self.typology is not None and self.typology.field == name:
            for model in self.typology.models:
                if model.id == value:
                    return model.title
        for option in self.charting.field(name).options:
            if option.value == value:
                return option.title
        return value


RESERVED_COLUMNS = (
    "study_id",
    "title",
    "citation",
    "charted_by",
    "checked_by",
    "form_version",
    "report_id",
    "quote",
)
"""Columns the charting workbook has of its own."""

COUNTED = {FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.BOOLEAN, FieldType.COUNTRY}
"""Types of fields whose answers are counted for readers."""
