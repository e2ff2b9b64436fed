"""The merged view of a report: the best value of each field of its records, and which record each came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from living_review.dedupe.fields import is_of_pubmed
from living_review.records import Record


@dataclass(frozen=True, slots=True)
class Merged:
    """What the records of one report say together; nothing of any of them is changed or deleted."""

    record: Record
    origins: Mapping[str, int]
    """Field -> the place among the records given whose value it is; fields that none gives are left out."""
    keyword_origins: tuple[int, ...]
    """For each keyword the place of the first record that gives it."""


_IDENTITY = frozenset({"source", "source_id", "status", "dates", "notes", "other_ids"})
"""Fields that belong to one record and not to the report: those of the first one."""
_APART = _IDENTITY | {"authors_complete", "keywords"}
"""Those, one that goes with the by-line, and one that is gathered."""


def merged(records: Sequence[Record]) -> Merged:
    """The best of one or more records of a report.

    What PubMed gives counts first, for people there correct it. Else identifiers and the year are what most records give; titles and journals are the
    most complete ones without brackets or capitals throughout; abstracts, by-lines and lists the longest. Where two are
    equal the earlier record counts. Keywords are those of all records, for each database has its own.

    Raises:
        ValueError: If there is no record.
    """
    if not records:
        raise ValueError("a report has at least one record")
    values: dict[str, Any] = {}
    origins: dict[str, int] = {}
    for field in fields(Record):
        if field.name in _APART:
            continue
        given = [(place, getattr(one, field.name)) for place, one in enumerate(records)]
        given = [(place, value) for place, value in given if value not in (None, "", ())]
        if not given:
            continue
        place = _best(field.name, [one for one in given if is_of_pubmed(records[one[0]])] or given)
        values[field.name], origins[field.name] = getattr(records[place], field.name), place
    if "authors" in origins:
        values["authors_complete"] = records[origins["authors"]].authors_complete
    others: dict[str, str] = {}
    for one in reversed(records):
        others |= one.other_ids
    keywords = _keywords(records)
    whole = replace(records[0], **values, other_ids=others, keywords=tuple(word for word, _ in keywords))
    return Merged(whole, origins, tuple(place for _, place in keywords))


def together(records: Sequence[Record]) -> Record:
    """The record of :func:`merged`, without its origins; one alone stays as it is.

    Raises:
        ValueError: If there is no record.
    """
    return records[0] if len(records) == 1 else merged(records).record


def _keywords(records: Sequence[Record]) -> list[tuple[str, int]]:
    """Those of PubMed, then what each other record adds, whatever the case; with the place of the record."""
    found: list[tuple[str, int]] = []
    said: set[str] = set()
    for place, one in sorted(enumerate(records), key=lambda item: not is_of_pubmed(item[1])):
        found += [(word, place) for word in one.keywords if word.casefold() not in said]
        said.update(map(str.casefold, one.keywords))
    return found


def _best(name: str, given: Sequence[tuple[int, Any]]) -> int:
    if name in {"doi", "pmid", "pmcid", "year", "kind"}:
        counts = Counter(value for _, value in given)
        return max(given, key=lambda one: (counts[one[1]], -one[0]))[0]
    worth = _WORTH.get(name, len)
    return max(given, key=lambda one: (worth(one[1]), -one[0]))[0]


def _text(value: str) -> tuple[bool, bool, int]:
    capitals = sum(map(str.isupper, value))
    return "[" not in value, capitals * 2 < len(value), len(value)


def _pages(value: str) -> tuple[bool, int]:
    return "-" in value, len(value)


def _people(value: Sequence[Any]) -> tuple[int, int]:
    return len(value), sum(len(author.given) for author in value)


_WORTH: Mapping[str, Callable[[Any], Any]] = {"title": _text, "journal": _text, "pages": _pages, "authors": _people}
