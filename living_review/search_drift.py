"""Drift: what a person should know before trusting a search that is complete, against the searches before it.

PubMed never refuses a query that it can no longer read as it was meant: it drops a phrase, ignores a field tag, maps a
word to another heading. What it found is then complete and yet not what was asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

ZERO = "zero"
"""Kind of the warning that nothing was found, and of the failure that nothing is found any more."""
SENTINEL = "sentinel"
"""Kind of the warning that included reports are no longer found; its ``ids`` are theirs, parted by blanks."""
ONCE = frozenset({"translation_changed", "count_out_of_band", "vanished", "gone", "untitled"})
"""Kinds that are told by one run only: the next one compares itself with it. The others come again as long as they are so."""

_SHOWN = 10
_BAND = (0.5, 2.0)
"""A result smaller or larger than that many times the usual one; a year of literature does not double a topic."""
_SLACK = 20
"""Records by which a small result may differ from the usual one without a word."""
_TAGS = {
    "tiab": "Title/Abstract", "title/abstract": "Title/Abstract", "ti": "Title", "title": "Title", "ab": "Abstract",
    "mh": "MeSH Terms", "mesh": "MeSH Terms", "mesh terms": "MeSH Terms", "majr": "MeSH Major Topic",
    "mesh major topic": "MeSH Major Topic", "tw": "Text Word", "text word": "Text Word", "ot": "Other Term",
    "pt": "Publication Type", "publication type": "Publication Type", "la": "Language", "lang": "Language",
    "au": "Author", "author": "Author", "ta": "Journal", "journal": "Journal",
}  # fmt: skip
"""Field tags with the name that PubMed's translation shows for them (PubMed help, "Search field tags")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """An earlier complete run of the same strategy."""

    query: str
    translation: str
    count: int


def drift(
    *,
    query: str,
    translation: str,
    count: int,
    before: Sequence[Before],
    vanished: Collection[str],
    gone: Collection[str],
    lost: Collection[str],
    untitled: Collection[str] = (),
) -> list[dict[str, str]]:
    """The warnings of one run: ``kind``, ``text``, and for lost reports ``ids``.

    Args:
        query: As sent.
        translation: What the source made of it.
        count: Records found.
        before: Earlier complete runs, the latest last; empty for a first one.
        vanished: Ids that the run before found and this one did not.
        gone: Ids found for which the source says that the record was deleted; those not told of before.
        lost: Ids of included reports that are not found now.
        untitled: Ids of new records that came without a title.
    """
    warnings = []
    if not count:
        warnings.append(_warning(ZERO, "nothing was found: check the query's terms and tags"))
    warnings += [
        _warning("tag_ignored", f"the tag {tag} of the query has no part in how it was understood")
        for tag in _dead_tags(query, translation)
    ]
    if before and before[-1].query == query and before[-1].translation != translation:
        said = translation_diff(before[-1].translation, translation)
        text = f"PubMed now reads the unchanged query otherwise than before: {said}"
        warnings.append(_warning("translation_changed", text))
    same = [run.count for run in before if run.query == query][-5:]
    if same:
        usual = median(same)
        low, high = (usual * times for times in _BAND)
        if (count < low or count > high) and abs(count - usual) > _SLACK:
            text = f"{count:,} records were found where {usual:,.0f} are usual"
            warnings.append(_warning("count_out_of_band", text))
    if vanished:
        warnings.append(_warning("vanished", f"{len(vanished)} records are no longer found: {_some(vanished)}"))
    if gone:
        warnings.append(_warning("gone", f"{len(gone)} records were found and are deleted: {_some(gone)}"))
    if untitled:
        text = f"{len(untitled)} of the new records have no title: {_some(untitled)}"
        warnings.append(_warning("untitled", text))
    if lost:
        ids = " ".join(_in_order(lost))
        warnings.append({**_warning(SENTINEL, f"included reports are no longer found: {_some(lost)}"), "ids": ids})
    return warnings


_CLAUSE = re.compile(r'(?:"[^"]*"|[^\s()\[\]"]+(?:\s+[^\s()\[\]"]+)*)\s*\[[^\]]*\]|"[^"]*"')
_OPERATOR = re.compile(r"^(?:(?:AND|OR|NOT)\s+)+")


def translation_diff(before: str, now: str) -> str:
    """In words, which terms one translation of a query has and the other has not; each as often as it is there."""
    old, new = (Counter(_OPERATOR.sub("", one) for one in _CLAUSE.findall(text)) for text in (before, now))
    gone, come = list((old - new).elements()), list((new - old).elements())
    said = []
    for what, terms in (("without", gone), ("now with", come)):
        if terms:
            more = f" and {len(terms) - _SHOWN} more" if len(terms) > _SHOWN else ""
            said.append(f"{what} {', '.join(terms[:_SHOWN])}{more}")
    return "; ".join(said) or "the same terms, joined otherwise"


def lost_reports(warnings: Iterable[dict[str, str]]) -> set[str]:
    """The ids that the warnings of a run name as those of included reports it lost."""
    return {one for warning in warnings if warning["kind"] == SENTINEL for one in warning["ids"].split()}


def _dead_tags(query: str, translation: str) -> list[str]:
    shown = translation.casefold()
    dead: dict[str, None] = {}
    for tag in re.findall(r"\[([^\[\]]+)\]", re.sub(r'"[^"]*"', '""', query)):
        name = _TAGS.get(" ".join(tag.split(":")[0].casefold().split()))
        if name and not re.search(rf"\[{re.escape(name.casefold())}(?::[^\]]*)?\]", shown):
            dead[f"[{tag}]"] = None
    return list(dead)


def _warning(kind: str, text: str) -> dict[str, str]:
    return {"kind": kind, "text": text}


def _some(ids: Collection[str]) -> str:
    return ", ".join(_in_order(ids)[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")


def _in_order(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda one: (len(one), one))
