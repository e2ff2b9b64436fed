"""Whether two records are one report, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from living_review.dedupe.keys import author_key, title_key
from living_review.records import Record

SAME_WORK_SHARE = 0.8
"""Share of two folded titles that must agree before a shared DOI is believed: journals reuse an article's DOI for
its supplements and notices, and exports put a book's DOI on each chapter."""

OTHER_WORK_SHARE = 0.5
"""Share of two folded titles below which they are titles of two works; unrelated ones agree in a third or so."""

_NOTICE_TITLE = re.compile(
    r"^\W*(?:(?:authors?|publisher)(?:['’]s?)? )?"
    r"(?:retraction|errat(?:um|a)|correction|corrigend(?:um|a)|expression of concern|comment(?:ary)?|reply|response)"
    r"(?: note| notice)?\s*(?::|\b(?:to|on|for)\b)",
    re.IGNORECASE,
)
"""How the titles of notices and replies begin. An article may begin so too (*Response to treatment …*): only two
records of which one does and the other does not are kept apart by it."""
_NOTICE_TYPES = {"published erratum", "retraction of publication", "retraction notice", "expression of concern"}
"""PubMed's publication types of notices (the first and last also name the notice, never the article it is about)."""


@dataclass(frozen=True)
class Match:
    """Two records are one report: the rule that says so and what agreed."""

    rule: str
    evidence: dict[str, Any]
    """What agreed; and under ``contradicts``, where there is such, the fields that speak against it with both values."""


def decide(one: Record, other: Record) -> Match | None:
    """The strongest rule by which the two records are one report, or None.

    Preprint and article are two reports of one study, and a notice is another report than the article it is about,
    however much their fields agree.
    """
    match = _decide(one, other)
    against = _contradictions(one, other) if match is not None else {}
    return replace(match, evidence={**match.evidence, "contradicts": against}) if match and against else match


def _decide(one: Record, other: Record) -> Match | None:
    if _is_titled_notice(one) != _is_titled_notice(other):
        return None
    same_source = one.source == other.source
    titles = _title_share(one, other)
    if one.pmid and one.pmid == other.pmid:
        return Match("pmid", {"pmid": one.pmid, "title_share": titles})
    if _is_preprint(one) != _is_preprint(other) or _is_notice(one) != _is_notice(other):
        return None
    if one.pmid and other.pmid and _is_of_pubmed(one) and _is_of_pubmed(other):
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


def _contradictions(one: Record, other: Record) -> dict[str, list[str]]:
    """Identifiers that both records give and give otherwise, and titles that are those of two works."""
    pairs = {"pmid": (one.pmid, other.pmid), "doi": (one.doi.lower(), other.doi.lower())}
    found = {name: list(pair) for name, pair in pairs.items() if all(pair) and pair[0] != pair[1]}
    titles = _title_share(one, other)
    if titles is not None and titles < OTHER_WORK_SHARE:
        found["title"] = [one.title, other.title]
    return found


def is_another_work(known: Record, given: Record) -> bool:
    """Whether ``given`` is plainly no later version of ``known``, although its source gave both the same id.

    Only what cannot be the same is: another title, no identifier in common, and not the same author and year.
    """
    titles = _title_share(known, given)
    if titles is None or titles >= OTHER_WORK_SHARE:
        return False
    if known.pmid == given.pmid != "" or known.doi.lower() == given.doi.lower() != "":
        return False
    if known.other_ids.items() & given.other_ids.items():
        return False
    author = author_key(known)
    return not (author and author == author_key(given) and known.year == given.year)


def _title_share(one: Record, other: Record) -> float | None:
    left, right = title_key(one), title_key(other)
    return round(fuzz.ratio(left, right) / 100, 3) if left and right else None


def _first_page(record: Record) -> str:
    return record.pages.split("-")[0].strip().lower()


def _is_preprint(record: Record) -> bool:
    return record.kind == "preprint" or any(kind.lower() == "preprint" for kind in record.publication_types)


def _is_notice(record: Record) -> bool:
    return _is_titled_notice(record) or any(kind.lower() in _NOTICE_TYPES for kind in record.publication_types)


def _is_titled_notice(record: Record) -> bool:
    return _NOTICE_TITLE.match(record.title) is not None


def _is_of_pubmed(record: Record) -> bool:
    """Whether PubMed itself gave the record, whatever its search is called: only there a record has a status."""
    return record.source == "pubmed" or bool(record.status)
