"""Charting: the form's rules over one study's answers, and charted rows as a frame.

A charted row carries the form version, who charted, who checked, and the quotes that coded text rests on. Promises
that a row which exists meets the form: every value is of its field's type, what is required is there, and what
the form does not ask (``only_if``) is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from living_review.charting_values import Cell, UnfitError, Value, allowed_values, found, parse_value, text_of
from living_review.protocol import ChartingField, FieldType, Protocol

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of a report that an answer rests on."""

    text: str
    field: str = ""
    """Name of the field; empty: the study as a whole."""
    value: str = ""
    """The code it supports; of a choice field one of its values."""
    location: str = ""
    """Page, section or table."""

    def to_dict(self) -> dict[str, str]:
        """The quote as plain JSON values."""
        return {"text": self.text, "field": self.field, "value": self.value, "location": self.location}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyToChart:
    """A study as its row in the workbook starts out."""

    study_id: str
    title: str = ""
    citation: str = ""
    current: Mapping[str, Any] | None = None
    """Values charted already, as in ``ChartedRow.values`` or ``ChartedRow.to_dict()["values"]``."""
    quotes: tuple[Quote, ...] = ()
    charted_by: str = ""
    checked_by: str = ""
    returned_because: str = ""
    """Why what was charted is returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartedRow:
    """One study's answers, meeting the form."""

    study_id: str
    values: Mapping[str, Value]
    """Field -> value; a field without an answer is not there."""
    quotes: tuple[Quote, ...] = ()
    charted_by: str
    checked_by: str = ""
    form_version: str
    sheet: str = ""
    row: int = 0
    """Where it stood, counted as a spreadsheet counts; 0 if it came from no workbook."""

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON values: dates as ``YYYY-MM-DD``; without its place."""
        return {
            "study_id": self.study_id,
            "values": {
                name: value.isoformat() if isinstance(value, date) else value for name, value in self.values.items()
            },
            "quotes": [quote.to_dict() for quote in self.quotes],
            "charted_by": self.charted_by,
            "checked_by": self.checked_by,
            "form_version": self.form_version,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ChartedRow:
        """The row that :meth:`to_dict` wrote; its dates stay text, which :func:`to_frame` takes as well."""
        return cls(**{**plain, "quotes": tuple(Quote(**quote) for quote in plain.get("quotes", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """Why an answer does not meet the form."""

    name: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.name}: found {self.found}; allowed: {self.allowed}"


def check_values(
    protocol: Protocol, cells: Mapping[str, Cell | list[str]], today: date
) -> tuple[dict[str, Value], list[FieldProblem]]:
    """The typed answers of one study, and everything that does not meet the form.

    Args:
        protocol: The review's protocol.
        cells: Field -> what was entered; blank or missing is no answer.
        today: No date may be later.
    """
    values: dict[str, Value] = {}
    broken: set[str] = set()
    problems: list[FieldProblem] = []
    for item in protocol.charting.fields:
        cell = cells.get(item.name)
        try:
            value = parse_value(protocol, item, cell)
            if isinstance(value, date) and value > today:
                raise UnfitError(found(value), allowed_values(protocol, item))
            if broken.isdisjoint(item.only_if):
                _check_asked(protocol, item, cell, value, values)
            elif value is None:
                # Whether it is missing depends on an answer that could not be read.
                broken.add(item.name)
        except UnfitError as error:
            problems.append(FieldProblem(name=item.name, found=error.found, allowed=error.allowed))
            broken.add(item.name)
            continue
        if value is not None:
            values[item.name] = value
    return values, problems


def _check_asked(
    protocol: Protocol,
    item: ChartingField,
    cell: Cell | list[str],
    value: Value | None,
    values: Mapping[str, Value],
) -> None:
    asked = all(
        bool(_as_texts(values.get(other)) & _wanted(protocol.charting.field(other), wanted))
        for other, wanted in item.only_if.items()
    )
    if value is None and asked and item.required:
        raise UnfitError("nothing", allowed_values(protocol, item))
    if value is not None and not asked:
        raise UnfitError(found(cell), f"nothing, as it is asked only {condition_in_words(protocol, item)}")


def condition_in_words(protocol: Protocol, item: ChartingField) -> str:
    """When ``item`` is asked: ``where Co-design is true and …``; empty if always."""
    parts = [
        f"{protocol.charting.field(other).title} is {' or '.join(wanted)}" for other, wanted in item.only_if.items()
    ]
    return f"where {' and '.join(parts)}" if parts else ""


def _as_texts(value: Value | None) -> set[str]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {text_of(value)}


def _wanted(other: ChartingField, wanted: tuple[str, ...]) -> set[str]:
    if other.type not in {FieldType.INTEGER, FieldType.NUMBER}:
        return set(wanted)
    texts = set()
    for one in wanted:
        try:
            texts.add(text_of(float(one)))
        except ValueError:
            texts.add(one)
    return texts


def to_frame(rows: Iterable[ChartedRow], protocol: Protocol) -> pd.DataFrame:
    """The rows as a frame, one row a study, in the order of study ids.

    Columns: ``study_id``; each field in the form's order; ``charted_by``, ``checked_by``, ``form_version``. Text, choice
    and country are ``string``, integer ``Int64``, number ``Float64``, boolean ``boolean``, date ``datetime64[s]``, and
    multi_choice holds lists of values. What has no answer is missing (``NA``, ``NaT``; of multi_choice ``None``).
    """
    import pandas as pd

    ordered = sorted(rows, key=lambda row: row.study_id)
    index = pd.RangeIndex(len(ordered))
    columns: dict[str, Any] = {"study_id": pd.Series([row.study_id for row in ordered], index, dtype="string")}
    for item in protocol.charting.fields:
        cells = [row.values.get(item.name) for row in ordered]
        if item.type is FieldType.DATE:
            cells = [None if cell is None else str(cell) for cell in cells]
            columns[item.name] = pd.to_datetime(pd.Series(cells, index, dtype="object"), format="%Y-%m-%d").astype(
                "datetime64[s]"
            )
        else:
            columns[item.name] = pd.Series(cells, index, dtype=_DTYPES[item.type])
    for name in ("charted_by", "checked_by", "form_version"):
        texts = [getattr(row, name) or None for row in ordered]
        columns[name] = pd.Series(texts, index, dtype="string")
    return pd.DataFrame(columns)


_DTYPES: dict[FieldType, Any] = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "Int64",
    FieldType.NUMBER: "Float64",
    FieldType.BOOLEAN: "boolean",
    FieldType.CHOICE: "string",
    FieldType.MULTI_CHOICE: "object",
    FieldType.COUNTRY: "string",
}


def quotes_frame(rows: Iterable[ChartedRow]) -> pd.DataFrame:
    """The quotes that support a field: columns ``study_id``, ``field``, ``code``, ``quote``, ``location``, all text.

    Quotes for a study as a whole are in ``ChartedRow.quotes`` only: they support no code.
    """
    import pandas as pd

    found_quotes = [
        (row.study_id, quote.field, quote.value, quote.text, quote.location)
        for row in sorted(rows, key=lambda row: row.study_id)
        for quote in row.quotes
        if quote.field
    ]
    return pd.DataFrame(found_quotes, columns=["study_id", "field", "code", "quote", "location"], dtype="string")
