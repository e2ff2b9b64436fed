"""Where a work stands: journal, volume, issue and pages in any of the forms they are given, and how far two agree."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from sys import intern

from rapidfuzz import fuzz

from living_review.dedupe.text import folded

Pages = tuple[tuple[str, str], ...]
"""(first, last) of each range; last is empty where there is none or it equals the first."""

_MONTHS = {
    month: str(number)
    for number, month in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_A_DATE = re.compile(r"^(?:(\d{1,2})-([a-z]{3})|([a-z]{3})-(\d{1,2}))$")
"""What a spreadsheet makes of pages: 7-15 becomes 15-Jul, 1-8 becomes 01-Aug; but 15-7 for 15-17 becomes 15-Jul too."""
_RANGE = re.compile(r"(?<![a-z0-9])([a-z]{0,3}?)0*(\d+)([a-z]?\d*)(?:\s*[-–—‐−]+\s*([a-z]{0,3})0*(\d+)([a-z]?))?")
_ROMAN_RANGE = re.compile(r"^\s*([ivxl]+)\s*[-–—]+\s*([ivxl]+)\s*$")
_NO_PREFIX = frozenset({"p", "pp", "pg", "no", "art", "id"})
_LOST_FIRST = re.compile(r"^\s*(?:(?:suppl?|spec|pt)\W+|[a-z]\s*[-–—]+\s*)\d", re.IGNORECASE)
"""``Suppl-25``, ``t-8``: the first page is lost."""
_NUMBER_OF_PAGES = re.compile(r"\d+\s*(?:p|pp|pages)\b\.?\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_ALTERNATIVES = re.compile(r"\s*[=:;\[(]|\.\s(?=[A-Z])|\s/\s?|(?<=[a-z])/(?=[A-Z])")
_SMALL = frozenset("the of and in for on a an de la le les der die das und fur et zur y e del di".split())

_CONTRACTED = {
    "natl": "national", "jpn": "japan", "dtsch": "deutsch", "geneeskd": "geneeskund", "zh": "zhurnal", "ztg": "zeitung",
    "wkly": "weekly", "intl": "international", "assn": "association", "wschr": "wochenschrift", "mschr": "monatsschrift",
    "zschr": "zeitschrift", "zbl": "zentralblatt",
}  # fmt: skip
"""Abbreviations of words in journals' names that are no beginnings of them: those of the List of Title Word
Abbreviations (ISO 4), and from ``intl`` on those that databases used before it."""


@lru_cache(maxsize=50_000)
def read_pages(text: str) -> Pages:
    """The page ranges of ``text``: ``1123-9`` ends at 1129, ``S12-7`` begins at s12, ``15-Jul`` was 7-15 or 15-17."""
    text = text.strip().lower()
    damaged = _A_DATE.match(text)
    if damaged:
        day, month = damaged[1] or damaged[4], _MONTHS.get(damaged[2] or damaged[3] or "")
        if month is None:
            return ()
        day = day.lstrip("0")
        first, last = sorted((int(day or 0), int(month)))
        dated = (str(first), str(last) if last != first else "")
        if len(month) < len(day) and day[1] < month:
            return dated, (day, day[0] + month)
        return (dated,)
    roman = _ROMAN_RANGE.match(text)
    if roman:
        return ((roman[1], roman[2]),)
    if _LOST_FIRST.match(text) or _NUMBER_OF_PAGES.search(text):
        return ()
    found = []
    for prefix, first, tail, _, last, _ in _RANGE.findall(text):
        if last and len(last) < len(first):
            last = first[: len(first) - len(last)] + last
        begin = ("" if prefix in _NO_PREFIX else prefix) + first + tail
        found.append((intern(begin), "" if last == first else intern(last)))
    return tuple(found[:4])


@lru_cache(maxsize=50_000)
def read_volume(volume: str, issue: str, year: int) -> tuple[str, str]:
    """(volume, issue) as their first numbers: ``44 (2 Supplement 1)`` is 44; a volume that is the year is none."""
    if volume.endswith(")") and "(" not in volume:
        # "1)" is the rest of "62 (Supplement 1)": the volume is lost.
        volume, issue = "", issue or volume
    first = _first_number(volume)
    return "" if first == str(year) else first, _first_number(issue)


def _first_number(text: str) -> str:
    found = _NUMBER.search(text)
    return found.group().lstrip("0") if found else ""


@lru_cache(maxsize=50_000)
def read_journal(text: str) -> tuple[str, ...]:
    """The names that a journal goes by in ``text``, folded and without small words: the whole, then its parts."""
    if text in {"UNKNOWN", "nan"}:
        return ()
    text = html.unescape(text) if "&" in text else text
    parts = dict.fromkeys([text, *_ALTERNATIVES.split(text)])
    names = (
        " ".join(_CONTRACTED.get(word, word) for word in folded(part).split() if word not in _SMALL) for part in parts
    )
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))


def telling_words(text: str) -> frozenset[str]:
    """The words of a folded text without small ones, in any order."""
    return frozenset(text.split()) - _SMALL


def pages_agreement(one: Pages, other: Pages) -> str:
    """How far pages agree.

    ``range``: first and last page. ``same``: the first one. ``start``: the first one, but not the last. ``one``: page 1,
    where many begin. ``differ``; ``missing``.
    """
    if not one or not other:
        return "missing"
    if one == other and one[0][1]:
        return "range"
    firsts = {first for first, _ in one} & {first for first, _ in other}
    if not firsts:
        return "start" if {bare(first) for first, _ in one} & {bare(first) for first, _ in other} else "differ"
    left, right = {one_range for one_range in one if one_range[1]}, {one_range for one_range in other if one_range[1]}
    if left & right:
        return "range"
    if left and right:
        return "start" if firsts != {"1"} else "one"
    return "one" if firsts == {"1"} else "same"


def bare(page: str) -> str:
    """A page without the letters in front: ``s12`` is 12; one of letters alone stays as it is."""
    return page.lstrip("abcdefghijklmnopqrstuvwxyz") or page


def shared_pages(one: Pages, other: Pages) -> int:
    """The pages of the longest range that both give; 0 where they share none or it is not one of numbers."""
    shared = set(one) & set(other)
    return max((int(last) - int(first) + 1 for first, last in shared if first.isdigit() and last.isdigit()), default=0)


def first_shared(one: Pages, other: Pages) -> int:
    """The number of the first page of the last range that both give; 0 where they share none or it is not one of numbers."""
    return max((int(first) for first, last in set(one) & set(other) if last and first.isdigit()), default=0)


def volume_agreement(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    """How volume and issue agree, each ``same``, ``differ`` or ``missing``.

    A database may give them in each other's place, or only one of them in the place of the other: that is no
    difference.
    """
    volume, issue = equal(one[0], other[0]), equal(one[1], other[1])
    if volume == "differ":
        left, right = set(one) - {""}, set(other) - {""}
        if left == right:
            return "same", "missing"
        if left < right or right < left:
            return "missing", "missing"
    return volume, issue


def equal(one: object, other: object) -> str:
    """``same``, ``differ``, or ``missing`` where one is empty."""
    return "missing" if not one or not other else "same" if one == other else "differ"


@lru_cache(maxsize=200_000)
def journal_agreement(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """``same`` (also where one is the abbreviation of the other), ``alike``, ``differ`` or ``missing``."""
    if not one or not other:
        return "missing"
    best = "differ"
    for left in one:
        for right in other:
            short, long = sorted((left, right), key=len)
            if left.replace(" ", "") == right.replace(" ", ""):
                return "same"
            if len(short) >= 3 and abbreviates(short, long):
                if not long.startswith(f"{short} "):
                    return "same"
                # "Lancet" is not "Lancet Oncology".
                best = "alike"
            if fuzz.ratio(left, right) >= 85 or (len(short) >= 8 and fuzz.token_set_ratio(left, right) >= 90):
                best = "alike"
    return best


def abbreviates(short: str, long: str) -> bool:
    """Whether ``short`` is made of beginnings of the words of ``long`` in their order, the first among them.

    ``curr opin lipidol``, ``jthoraccardiovascsurg`` and ``jpen`` are; at most two words on end are left out.
    """
    letters, words = short.replace(" ", ""), long.split()
    # Letters that are read, and words that are read or left out.
    reached = {(0, 0)}
    waiting = list(reached) if words else []
    while waiting:
        place, word = waiting.pop()
        if place == len(letters):
            return True
        for here in range(word, min(len(words), word + 3) if word else 1):
            taken = 0
            while letters[place : place + taken + 1] == words[here][: taken + 1] and taken < len(words[here]):
                taken += 1
                if (place + taken, here + 1) not in reached:
                    reached.add((place + taken, here + 1))
                    waiting.append((place + taken, here + 1))
    return False
