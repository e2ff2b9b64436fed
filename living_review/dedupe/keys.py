"""The keys by which duplicates of a record are looked up, so that a new record costs look-ups and no comparisons.

Two records that share no key are never compared. Each key joins what two records of one report have in common by
habit: an identifier; a piece of the title with the first author or the year; the first page with the first author or
the volume; the beginning of the abstract. A piece of a title or the pages alone would be common to thousands in a
million, so they count alone only where one of the two records lacks the author or the year.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from living_review.dedupe import fields, people, place, text, title
from living_review.dedupe.fields import Fields
from living_review.dedupe.place import bare
from living_review.sources import names, values

_MAKERS: tuple[ModuleType, ...] = (fields, names, people, place, text, title, values)
"""Whatever a key depends on, with this module."""

_COMMON = frozenset(
    "about activity adults affected after against among analyses analysis application applications approach approaches assessment associated association based before between cancer care case cases characteristics children chronic clinical cohort comparative comparing comparison compared controlled countries cross current data design determinants development diagnosis different disease diseases disorder disorders double during early effect effective effectiveness effects efficacy evaluation evidence experience experimental factors following from function future group health hospital human impact implementation improve improvement incidence influence information international intervention interventions into investigation learning levels literature long longitudinal management measurement medical meta method methods model models multicenter multicentre national network patient patients performance perspective phase pilot population potential predictors prevalence prevention primary process program programs prospective protocol quality randomised randomized rate relationship report research response results retrospective review risk role sectional severe social some strategies studies study surgery survey survival syndrome system systematic systems technology term testing their therapy through treatment trial trials under united university used using validation versus with within without women working years young".split()
)
"""Words of so many titles that they tell nothing."""
Key = tuple[str, ...]
"""A letter for its kind, then what two records have in common."""

_LEAST = 4
_WHOLE = 30
"""Letters and digits from which a whole title is a key alone: no more works have it than a series has years."""
_BEGINNING = 5
_UMLAUT = re.compile("([aou])e")
"""Mueller is Müller."""
_ABSTRACT = 60


def of(one: Fields) -> tuple[list[int], list[int]]:
    """The keys under which a record can be found, and those under which its duplicates are looked for.

    Each is a signed 64-bit number. Whichever of two records comes first, one asks for what the other has stored.
    """
    shared, pieces = parts(one)
    both = [_number(kind + "|".join(common)) for kind, *common in dict.fromkeys(shared)]
    alone, lacking = [_number("t" + piece) for piece in pieces], [_number("u" + piece) for piece in pieces]
    return (both + alone, both + lacking) if one.is_whole else (both + alone + lacking, both + alone)


@cache
def made_by() -> int:
    """A key of no record that stands for how keys are made: what made a ledger's keys otherwise finds other duplicates.

    It is that of the source of all that makes them, so it changes at least as often as they do.
    """
    sources = [Path(__file__), *(Path(str(module.__file__)) for module in _MAKERS)]
    digest = blake2b(version("anyascii").encode(), digest_size=8)
    for source in sources:
        digest.update(source.read_bytes())
    return int.from_bytes(digest.digest(), "big", signed=True)


def parts(one: Fields) -> tuple[list[Key], list[str]]:
    """The keys that all records are looked up by, and the pieces by which one that is not whole is."""
    forms = _telling(one)
    pieces = list(dict.fromkeys([piece for form in forms for piece in _pieces(form)]))
    author = _beginning(one.byline.first)
    year = str(one.year) if one.year else ""
    volume = one.volume[0]
    ranges = [(bare(first), last) for first, last in one.pages[:2]]
    found: list[Key] = []
    if author:
        found += [("a", piece, author) for piece in pieces]
        for first, _ in ranges:
            found += (("f", first, author, volume), ("g", first, author, year or "0"))
    if year:
        found += [("y", piece, year) for piece in pieces]
    ranges = [pages for pages in ranges if pages[1]]
    for pages in ranges:
        if year:
            found.append(("v", *pages, year))
        if volume:
            found.append(("i", *pages, volume))
    for form in forms:
        letters = form.replace(" ", "")
        beginning = letters[:_BEGINNING]
        if len(letters) >= _WHOLE:
            found.append(("l", letters))
        if author and len(letters) >= title.SHORT:
            # A title may be cut before its third telling word.
            found.append(("h", letters[: title.SHORT], author))
        if author and year:
            # Slips in several words leave the beginning.
            found.append(("k", beginning, author, year))
        found += [("z", *pages, beginning) for pages in ranges]
    if one.pmid:
        found.append(("p", one.pmid))
    if one.doi:
        found.append(("d", one.doi))
    if len(one.abstract) > 2 * _ABSTRACT:
        found += (("b", one.abstract[:_ABSTRACT]), ("c", one.abstract[-_ABSTRACT:]))
    return found, pieces + [f"#{first}|{last}" for first, last in ranges]


@lru_cache(maxsize=20_000)
def _beginning(family: str) -> str:
    return _UMLAUT.sub(r"\1", family)[:5]


@lru_cache(maxsize=20_000)
def _pieces(form: str) -> tuple[str, ...]:
    """Pieces of a title that survive cutting, another subtitle and a slip of the pen."""
    telling = [word for word in form.split() if len(word) > 3 and word not in _COMMON]
    if len(telling) < 3:
        return ("s" + form.replace(" ", ""),)
    longest = sorted(sorted(set(telling)), key=len, reverse=True)
    found = ("s" + " ".join(telling[:3]), "e" + " ".join(telling[-3:]), "w" + " ".join(longest[:3]))
    return (*found, "x" + " ".join(longest[1:4])) if len(longest) > 3 else found


def _telling(one: Fields) -> list[str]:
    """The forms of the title that name a work; one that has the name of its journal may in a copy stand alone."""
    return [form for form in one.title.forms if len(form) >= _LEAST and not title.is_generic(form)]


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
