"""Whether two records are one report, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from living_review.dedupe.keys import author_key, title_key
from living_review.records import Record

SAME_WORK_SHARE = 0.8
"""Share of two folded titles that must agree before a shared DOI is believed: journals reuse an article's DOI for
its supplements and notices, and exports put a book's DOI on each chapter."""

_NOTICES = ("retraction", "erratum", "correction", "corrigendum", "expression of concern", "comment", "reply")


@dataclass(frozen=True)
class Match:
    """Two records are one report: the rule that says so and what agreed."""

    rule: str
    evidence: dict[str, Any]


def decide(one: Record, other: Record) -> Match | None:
    """The strongest rule by which the two records are one report, or None.

    Preprint and article are two reports of one study, and a notice is another report than the article it is about,
    however much their fields agree.
    """
    if _is_preprint(one) != _is_preprint(other) or _is_notice(one) != _is_notice(other):
        return None
    same_source = one.source == other.source
    titles = _title_share(one, other)
    if one.pmid and one.pmid == other.pmid:
        return Match("pmid", {"pmid": one.pmid, "title_share": titles})
    if one.pmid and other.pmid and one.source == other.source == "pubmed":
        return None
    years_apart = abs(one.year - other.year) if one.year and other.year else 0
    if one.doi and one.doi.lower() == other.doi.lower() and (titles is None or titles >= SAME_WORK_SHARE):
        if same_source and (titles is None or titles < 1 or years_apart):
            return None
        return Match("doi", {"doi": one.doi.lower(), "title_share": titles})
    if one.doi and other.doi and one.doi.lower() != other.doi.lower():
        return None
    author = author_key(one)
    if titles == 1 and author and author == author_key(other) and one.year and one.year == other.year:
        if one.kind != other.kind and "conference" in {one.kind, other.kind}:
            return None
        pages_differ = bool(one.pages and other.pages and _first_page(one) != _first_page(other))
        if same_source and (pages_differ or one.journal.lower() != other.journal.lower()):
            return None
        return Match("title_year_author", {"title": one.title, "year": one.year, "first_author": one.authors[0].name})
    return None


def _title_share(one: Record, other: Record) -> float | None:
    left, right = title_key(one), title_key(other)
    return round(fuzz.ratio(left, right) / 100, 3) if left and right else None


def _first_page(record: Record) -> str:
    return record.pages.split("-")[0].strip().lower()


def _is_preprint(record: Record) -> bool:
    return record.kind == "preprint" or any(kind.lower() == "preprint" for kind in record.publication_types)


def _is_notice(record: Record) -> bool:
    start = record.title.lower().lstrip("[ ")
    return any(start.startswith(f"{word}:") or start.startswith(f"{word} to") for word in _NOTICES)
