"""Synthesis: charted studies -> descriptive numerical summary, cross-tabulations, typology, coded quotes.

Pure functions over the charted frame: the same rows give the same result whatever their order. This module is the
door to the parts (:mod:`~living_review.field_tables`, :mod:`~living_review.crosstabs`,
:mod:`~living_review.typology`, :mod:`~living_review.coded_quotes`) and puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from living_review.charted_frame import counted_rows
from living_review.coded_quotes import QUOTE_COLUMNS, Code, CodedField, Quote, coded_quotes
from living_review.crosstabs import Axis, Cell, Crosstab, crosstab
from living_review.field_tables import Count, FieldTable, Numbers, descriptive
from living_review.protocol import Protocol
from living_review.typology import ModelStudies, TypologyTable, typology

__all__ = [
    "Axis",
    "Cell",
    "Code",
    "CodedField",
    "Count",
    "Crosstab",
    "FieldTable",
    "ModelStudies",
    "Numbers",
    "Quote",
    "Synthesis",
    "TypologyTable",
    "coded_quotes",
    "crosstab",
    "descriptive",
    "synthesise",
    "typology",
]


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Everything the summary counts."""

    studies: tuple[str, ...]
    """The charted studies that count."""
    left_out: tuple[str, ...]
    """Charted studies that do not count (retracted ones)."""
    tables: tuple[FieldTable, ...]
    crosstabs: tuple[Crosstab, ...]
    typology: TypologyTable | None
    quotes: tuple[CodedField, ...]

    def to_dict(self) -> dict[str, Any]:
        """The synthesis as plain JSON values, in the protocol's order; ids in sorted order."""
        return {
            "studies": list(self.studies),
            "left_out": list(self.left_out),
            "tables": [table.to_dict() for table in self.tables],
            "crosstabs": [table.to_dict() for table in self.crosstabs],
            "typology": self.typology.to_dict() if self.typology else None,
            "quotes": [item.to_dict() for item in self.quotes],
        }


def synthesise(
    frame: pd.DataFrame,
    protocol: Protocol,
    left_out: frozenset[str] = frozenset(),
    quotes: pd.DataFrame | None = None,
) -> Synthesis:
    """Everything the protocol's ``summary`` and ``typology`` ask for.

    Args:
        frame: The charted frame: one row a study (``study_id``), one column a field, several values as lists.
        protocol: Which tables, in which order, with which titles.
        left_out: Ids of studies that are not counted but listed (retracted ones).
        quotes: The quotes behind coded answers (see :func:`coded_quotes`); None: no quotes.

    Raises:
        InvalidData: If the frame lacks a column, has two rows for a study, or has text in a numeric field.
    """
    rows, out = counted_rows(frame, protocol, left_out)
    given = pd.DataFrame(columns=list(QUOTE_COLUMNS)) if quotes is None else quotes
    return Synthesis(
        studies=tuple(rows["study_id"]),
        left_out=out,
        tables=tuple(descriptive(frame, protocol, left_out)),
        crosstabs=tuple(crosstab(frame, names, protocol, left_out) for names in protocol.summary.crosstabs),
        typology=typology(frame, protocol, left_out) if protocol.typology else None,
        quotes=tuple(coded_quotes(given, frame, protocol, left_out)),
    )
