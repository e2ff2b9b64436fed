"""Cross-tabulations: how many studies have each combination of two or three fields.

A study with several values is in several cells, once in each; a margin is the number of studies, never the sum of
its cells. Which studies are not in the table, and why, is part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from living_review.charted_frame import asked, counted_rows, level_title, levels, long_answers
from living_review.errors import UsageError
from living_review.field_tables import Count, share_of
from living_review.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Cell:
    """The studies that have one combination of values."""

    combination: tuple[str, ...]
    """One value of each field, in the order of the fields."""
    studies: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of studies."""
        return len(self.studies)

    def to_dict(self) -> dict[str, Any]:
        """The cell as plain JSON values."""
        return {"values": list(self.combination), "count": self.count, "studies": list(self.studies)}


@dataclass(frozen=True, slots=True)
class Axis:
    """One field of a cross-tabulation with its margins: the studies of the table that have each value."""

    field: str
    title: str
    levels: tuple[Count, ...]

    def to_dict(self) -> dict[str, Any]:
        """The axis as plain JSON values."""
        return {
            "field": self.field,
            "title": self.title,
            "levels": [level.to_dict() for level in self.levels],
        }


@dataclass(frozen=True, slots=True)
class Crosstab:
    """Studies by two or three fields; only studies with an answer to each of them are in the table."""

    fields: tuple[str, ...]
    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    """The combinations that at least one study has, in the order of the axes; any other combination is zero."""
    studies: tuple[str, ...]
    """The studies in the table; the denominator of the margins' shares."""
    missing: tuple[str, ...]
    """Studies of which every field is asked and that lack an answer to one or more."""
    not_asked: tuple[str, ...]
    left_out: tuple[str, ...]

    def studies_in(self, *values: str) -> tuple[str, ...]:
        """The studies with this combination of values, in the order of ``fields``; none where nothing has it."""
        return next((cell.studies for cell in self.cells if cell.combination == values), ())

    def to_dict(self) -> dict[str, Any]:
        """The table as plain JSON values."""
        return {
            "fields": list(self.fields),
            "axes": [axis.to_dict() for axis in self.axes],
            "cells": [cell.to_dict() for cell in self.cells],
            "count": len(self.studies),
            "studies": list(self.studies),
            "missing": list(self.missing),
            "not_asked": list(self.not_asked),
            "left_out": list(self.left_out),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a cell that is not zero: a column for each field, ``count`` and ``studies`` (lists)."""
        rows = [
            {**dict(zip(self.fields, cell.combination, strict=True)), "count": cell.count, "studies": [*cell.studies]}
            for cell in self.cells
        ]
        return pd.DataFrame(rows, columns=[*self.fields, "count", "studies"])


def crosstab(
    frame: pd.DataFrame,
    fields: tuple[str, ...],
    protocol: Protocol,
    left_out: frozenset[str] = frozenset(),
) -> Crosstab:
    """Count the studies that have each combination of values.

    Args:
        frame: The charted frame.
        fields: Names of two or three different fields of the form.
        protocol: Orders and names the values.
        left_out: Ids of studies that are not counted but listed (retracted ones).

    Raises:
        UsageError: If the fields are not two or three different ones.
        KeyError: If the form has no such field.
        InvalidData: If the frame lacks a column or has two rows for a study.
    """
    if len(fields) not in {2, 3} or len(set(fields)) != len(fields):
        raise UsageError(f"found {', '.join(fields)}; allowed: two or three different fields", "summary.crosstabs")
    rows, out = counted_rows(frame, protocol, left_out)
    applies = asked(rows, protocol)
    items = [protocol.charting.field(name) for name in fields]
    table = pd.DataFrame({"study_id": rows["study_id"].astype(object)})
    for item in items:
        answers = long_answers(rows, item, applies[item.name]).rename(columns={"value": item.name})
        table = table.merge(answers, on="study_id", how="inner")
    inside = tuple(sorted(set(table["study_id"])))
    axes = []
    ranks: list[dict[str, int]] = []
    for item in items:
        pairs = table[["study_id", item.name]].drop_duplicates()
        behind = {str(value): tuple(sorted(group)) for value, group in pairs.groupby(item.name)["study_id"]}
        order = levels(item, protocol, {value: len(studies) for value, studies in behind.items()})
        ranks.append({value: place for place, value in enumerate(order)})
        axes.append(
            Axis(
                item.name,
                item.title,
                tuple(
                    Count(
                        value,
                        level_title(item, protocol, value),
                        behind.get(value, ()),
                        share_of(len(behind.get(value, ())), len(inside)),
                    )
                    for value in order
                ),
            )
        )
    cells = [
        Cell(tuple(str(value) for value in values), tuple(sorted(group)))
        for values, group in table.groupby(list(fields))["study_id"]
    ]
    cells.sort(key=lambda cell: [rank[value] for rank, value in zip(ranks, cell.combination, strict=True)])
    everywhere = set(rows["study_id"][pd.DataFrame({name: applies[name] for name in fields}).all(axis=1)])
    return Crosstab(
        fields=tuple(fields),
        axes=tuple(axes),
        cells=tuple(cells),
        studies=inside,
        missing=tuple(sorted(everywhere.difference(inside))),
        not_asked=tuple(sorted(set(rows["study_id"]).difference(everywhere))),
        left_out=out,
    )
