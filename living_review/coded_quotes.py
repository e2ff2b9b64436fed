"""Coded quotes: the text that coded answers rest on, by field and code, for content analysis.

A code that a study has without a quote, and a quote for a code that the study does not have, are both listed: the
reader of a content analysis can follow every code to the words it was given for (rule: coded text carries its quote).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from living_review.charted_frame import asked, counted_rows, level_title, levels, long_answers
from living_review.errors import InvalidData
from living_review.protocol import ChartingField, Protocol

QUOTE_COLUMNS = ("study_id", "field", "code", "quote", "location")
"""Columns of the frame of quotes; ``code`` and ``location`` may be missing."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a report that an answer rests on."""

    study_id: str
    text: str
    location: str
    """Where in the report: a page, a section, a table."""

    def to_dict(self) -> dict[str, str]:
        """The quote as plain JSON values."""
        return {"study_id": self.study_id, "text": self.text, "location": self.location}


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a field as a code, with the quotes given for it."""

    value: str
    title: str
    studies: tuple[str, ...]
    """Studies charted with this value."""
    quotes: tuple[Quote, ...]
    without_quote: tuple[str, ...]
    """Studies charted with this value that have no quote for it or for the field as a whole."""

    def to_dict(self) -> dict[str, Any]:
        """The code as plain JSON values."""
        return {
            "value": self.value,
            "title": self.title,
            "count": len(self.studies),
            "studies": list(self.studies),
            "quotes": [quote.to_dict() for quote in self.quotes],
            "without_quote": list(self.without_quote),
        }


@dataclass(frozen=True, slots=True)
class CodedField:
    """The codes of one field."""

    field: str
    title: str
    codes: tuple[Code, ...]
    whole_field: tuple[Quote, ...]
    """Quotes given for the field, not for one of its values."""
    contradicting: tuple[tuple[str, Quote], ...]
    """(code, quote) where the study is not charted with that code."""
    not_counted: tuple[Quote, ...]
    """Quotes of studies that are left out or not charted."""

    def to_dict(self) -> dict[str, Any]:
        """The field as plain JSON values."""
        return {
            "field": self.field,
            "title": self.title,
            "codes": [code.to_dict() for code in self.codes],
            "whole_field": [quote.to_dict() for quote in self.whole_field],
            "contradicting": [{"code": code, **quote.to_dict()} for code, quote in self.contradicting],
            "not_counted": [quote.to_dict() for quote in self.not_counted],
        }


def coded_quotes(
    quotes: pd.DataFrame, frame: pd.DataFrame, protocol: Protocol, left_out: frozenset[str] = frozenset()
) -> list[CodedField]:
    """The quotes by field and code, for each field that has at least one, in the form's order.

    Args:
        quotes: Columns ``study_id``, ``field``, ``quote`` and, where known, ``code`` and ``location``.
        frame: The charted frame.
        protocol: Orders and names fields and codes.
        left_out: Ids of studies that are not counted; their quotes are listed apart.

    Raises:
        InvalidData: If the quotes lack a column or name a field that the form does not have.
    """
    plain = _tidy(quotes, protocol)
    rows, _ = counted_rows(frame, protocol, left_out)
    applies = asked(rows, protocol)
    counted = set(rows["study_id"])
    result = []
    for item in protocol.charting.fields:
        given = plain[plain["field"] == item.name]
        if not given.empty:
            answers = long_answers(rows, item, applies[item.name])
            result.append(_coded_field(item, given, answers, counted, protocol))
    return result


def _tidy(quotes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    absent = [name for name in ("study_id", "field", "quote") if name not in quotes.columns]
    if absent:
        raise InvalidData(f"the quotes lack {', '.join(absent)}", "frame of quotes")
    plain = quotes.reindex(columns=list(QUOTE_COLUMNS)).astype(object)
    plain = plain.where(plain.notna(), "").astype(str).apply(lambda column: column.str.strip())
    names = [item.name for item in protocol.charting.fields]
    unknown = sorted(set(plain["field"]).difference(names))
    if unknown:
        raise InvalidData(f"found quotes for {', '.join(unknown)}; allowed: {', '.join(names)}", "frame of quotes")
    ordered: pd.DataFrame = plain.sort_values(["study_id", "location", "quote", "code"], ignore_index=True)
    return ordered


def _coded_field(
    item: ChartingField, given: pd.DataFrame, answers: pd.DataFrame, counted: set[str], protocol: Protocol
) -> CodedField:
    behind = {str(value): tuple(group) for value, group in answers.groupby("value")["study_id"]}
    by_code: dict[str, list[Quote]] = {value: [] for value in behind}
    whole: list[Quote] = []
    contradicting: list[tuple[str, Quote]] = []
    not_counted: list[Quote] = []
    for row in given.to_dict("records"):
        quote = Quote(row["study_id"], row["quote"], row["location"])
        if quote.study_id not in counted:
            not_counted.append(quote)
        elif not row["code"]:
            whole.append(quote)
        elif quote.study_id in behind.get(row["code"], ()):
            by_code[row["code"]].append(quote)
        else:
            contradicting.append((row["code"], quote))
    covered = {quote.study_id for quote in whole}
    codes = []
    for value in levels(item, protocol, {value: len(studies) for value, studies in behind.items()}):
        studies, quotes = behind.get(value, ()), tuple(by_code.get(value, ()))
        quoted = covered.union(quote.study_id for quote in quotes)
        unquoted = tuple(study for study in studies if study not in quoted)
        codes.append(Code(value, level_title(item, protocol, value), studies, quotes, unquoted))
    return CodedField(item.name, item.title, tuple(codes), tuple(whole), tuple(contradicting), tuple(not_counted))
