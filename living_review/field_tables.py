"""The descriptive numerical summary: one table a field, over studies.

Every number carries the studies behind it. A share is a share of the studies of which the field is asked, also where
one study has several values, so shares of such a field may add up to more than one. Missing answers are counted
apart and stay in the denominator: nobody can read a share of those who reported as a share of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from living_review.charted_frame import (
    NUMERIC,
    asked,
    counted_rows,
    level_title,
    levels,
    long_answers,
    values_of,
)
from living_review.errors import InvalidData
from living_review.protocol import ChartingField, FieldType, Protocol

SHARE_DIGITS = 4
"""Decimal places to which a share is rounded; what readers see as a percentage is left to the display."""


def share_of(count: int, denominator: int) -> float | None:
    """``count / denominator`` as a fraction; None where there is nothing to divide by."""
    return round(count / denominator, SHARE_DIGITS) if denominator else None


@dataclass(frozen=True, slots=True)
class Count:
    """How many studies have one value, and which."""

    value: str
    title: str
    studies: tuple[str, ...]
    share: float | None
    """Fraction of the studies of which the field is asked."""

    @property
    def count(self) -> int:
        """Number of studies."""
        return len(self.studies)

    def to_dict(self) -> dict[str, Any]:
        """The count as plain JSON values."""
        return {
            "value": self.value,
            "title": self.title,
            "count": self.count,
            "share": self.share,
            "studies": list(self.studies),
        }


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where the answers to a numeric field lie; quartiles by linear interpolation (R's type 7, numpy's default)."""

    count: int
    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain JSON values."""
        return {
            "count": self.count,
            "minimum": self.minimum,
            "lower_quartile": self.lower_quartile,
            "median": self.median,
            "upper_quartile": self.upper_quartile,
            "maximum": self.maximum,
        }


@dataclass(frozen=True, slots=True)
class FieldTable:
    """One field of the charting form, counted.

    ``asked + not_asked`` are all studies that count; ``asked`` are those with a value and those in ``missing``.
    """

    field: str
    title: str
    type: str
    unit: str
    many: bool
    """Whether one study may be in several rows."""
    asked: int
    """Denominator of every share: the studies of which the form asks this field."""
    asked_where: dict[str, tuple[str, ...]]
    """The form's ``only_if``; empty: asked of every study."""
    rows: tuple[Count, ...]
    missing: Count
    """Studies of which the field is asked and which have no answer."""
    not_asked: tuple[str, ...]
    numbers: Numbers | None
    left_out: tuple[str, ...]
    """Studies that are charted but not counted (retracted ones)."""

    @property
    def studies(self) -> tuple[str, ...]:
        """All studies that count, in the order of their ids."""
        inside = {study for row in (*self.rows, self.missing) for study in row.studies}
        return tuple(sorted(inside.union(self.not_asked)))

    def to_dict(self) -> dict[str, Any]:
        """The table as plain JSON values."""
        return {
            "field": self.field,
            "title": self.title,
            "type": self.type,
            "unit": self.unit,
            "many": self.many,
            "asked": self.asked,
            "asked_where": {name: list(values) for name, values in self.asked_where.items()},
            "rows": [row.to_dict() for row in self.rows],
            "missing": self.missing.to_dict(),
            "not_asked": list(self.not_asked),
            "numbers": self.numbers.to_dict() if self.numbers else None,
            "left_out": list(self.left_out),
        }

    def to_frame(self) -> pd.DataFrame:
        """Columns ``value``, ``title``, ``count``, ``share``, ``studies`` (lists); missing answers come last."""
        rows = [row.to_dict() for row in (*self.rows, self.missing)]
        return pd.DataFrame(rows, columns=["value", "title", "count", "share", "studies"])


def descriptive(
    frame: pd.DataFrame,
    protocol: Protocol,
    left_out: frozenset[str] = frozenset(),
    fields: tuple[ChartingField, ...] | None = None,
) -> list[FieldTable]:
    """One table for each field that readers see, in the protocol's order.

    Args:
        frame: The charted frame.
        protocol: Says which fields are counted, their options and when they are asked.
        left_out: Ids of studies that are not counted but listed (retracted ones).
        fields: The fields to count; None: those of ``protocol.summary_fields``.

    Returns:
        Tables with a row for every option, also those that no study has. Choice, boolean and country fields have
        counts; integer and number fields have ``numbers``; dates are counted by year; of text only the missing
        answers are counted, as its ``rows`` would be the texts themselves.

    Raises:
        InvalidData: If the frame lacks a column, has two rows for a study, or has text in a numeric field.
    """
    rows, out = counted_rows(frame, protocol, left_out)
    applies = asked(rows, protocol)
    chosen = protocol.summary_fields if fields is None else fields
    return [_table(rows, item, protocol, applies[item.name], out) for item in chosen]


def _table(
    rows: pd.DataFrame, item: ChartingField, protocol: Protocol, applies: pd.Series[bool], left_out: tuple[str, ...]
) -> FieldTable:
    answers = long_answers(rows, item, applies)
    is_asked = rows["study_id"][applies]
    absent = tuple(is_asked[~is_asked.isin(answers["study_id"].tolist())])
    denominator = len(is_asked)
    counts: tuple[Count, ...] = ()
    if item.type is not FieldType.TEXT and item.type not in NUMERIC:
        if item.type is FieldType.DATE:
            answers = answers.assign(value=answers["value"].str[:4])
        behind: dict[str, tuple[str, ...]] = {
            str(value): tuple(group) for value, group in answers.groupby("value", sort=True)["study_id"]
        }
        order = levels(item, protocol, {value: len(studies) for value, studies in behind.items()})
        counts = tuple(
            Count(
                value=value,
                title=level_title(item, protocol, value),
                studies=behind.get(value, ()),
                share=share_of(len(behind.get(value, ())), denominator),
            )
            for value in order
        )
    return FieldTable(
        field=item.name,
        title=item.title,
        type=str(item.type),
        unit=item.unit,
        many=item.many,
        asked=denominator,
        asked_where=dict(item.only_if),
        rows=counts,
        missing=Count("", "Not reported", absent, share_of(len(absent), denominator)),
        not_asked=tuple(rows["study_id"][~applies]),
        numbers=_numbers(rows, item, applies) if item.type in NUMERIC else None,
        left_out=left_out,
    )


def _numbers(rows: pd.DataFrame, item: ChartingField, applies: pd.Series[bool]) -> Numbers | None:
    given = rows[applies]
    for study, cell in zip(given["study_id"], given[item.name].tolist(), strict=True):
        if isinstance(cell, (str, bool, list)) and values_of(cell):
            raise InvalidData(f"{item.title}: found {cell!r}; allowed: a number", f"study {study}")
    series = pd.to_numeric(given[item.name], errors="coerce").dropna().astype(float)
    if series.empty:
        return None
    return Numbers(
        count=len(series),
        minimum=float(series.min()),
        lower_quartile=float(series.quantile(0.25)),
        median=float(series.median()),
        upper_quartile=float(series.quantile(0.75)),
        maximum=float(series.max()),
    )
