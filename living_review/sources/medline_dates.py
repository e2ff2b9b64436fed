"""PubMed's dates as ISO dates, as far as they are known and no further.

PubMed writes a date of publication as year, month and day, as year and season, or in words (``MedlineDate``). What
is not a date is kept in the source's words; a month that is a range is never rounded to its first.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        start=1,
    )
    for name in names.split()
}
_MONTH_NUMBERS = {form: number for number in range(1, 13) for form in (str(number), f"{number:02d}")}
_DAY_NUMBERS = {form: number for number in range(1, 32) for form in (str(number), f"{number:02d}")}
_YEARS = frozenset(map(str, range(1400, 2100)))
_YEAR = re.compile(r"(?<![0-9])(1[4-9][0-9]{2}|20[0-9]{2})(?![0-9])")
_WORD = re.compile(r"[A-Za-z]+")


class PublicationDate(NamedTuple):
    """When something was published, as far as its source says."""

    year: int | None = None
    published: str = ""
    """``2021``, ``2021-03`` or ``2021-03-15``; empty without a year."""
    text: str = ""
    """The source's own words where they are not a date."""


def publication_date(
    year: str = "", month: str = "", day: str = "", season: str = "", medline: str = ""
) -> PublicationDate:
    """The date that PubMed's ``PubDate`` states; never raises.

    Args:
        year: ``Year``.
        month: ``Month``, a number or an English name, short or long.
        day: ``Day``.
        season: ``Season`` (``Winter-Spring``, but also ``Apr-Jun``).
        medline: ``MedlineDate``, which stands alone (``1998 Dec-1999 Jan``). A range over two years has the first.
    """
    if medline and not year:
        return _in_words(medline)
    known = iso_date(year, month, day)
    if not known:
        words = " ".join(part for part in (season or " ".join(p for p in (day, month) if p), year, medline) if part)
        return _in_words(words)
    said = [part for part in (year, month, day) if part]
    if season:
        text = f"{season} {year}"
    elif known.count("-") + 1 < len(said):
        text = " ".join(said)  # a month or day that is none: its words are all there is
    else:
        text = ""
    return PublicationDate(int(known[:4]), known, text)


def iso_date(year: str, month: str = "", day: str = "") -> str:
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``: the longest true date that the three begin with; empty without a year."""
    if year not in _YEARS:
        return ""
    month_number = _MONTH_NUMBERS.get(month) or _MONTHS.get(month.lower().rstrip("."))
    return _true_date(year, month_number, _DAY_NUMBERS.get(day, 0)) if month_number else year


@lru_cache(maxsize=4096)  # a file has the same days over and over
def _true_date(year: str, month: int, day: int) -> str:
    """The day; its month where there is no such day."""
    try:
        return date(int(year), month, day).isoformat()
    except ValueError:
        return f"{year}-{month:02d}"


def _in_words(text: str) -> PublicationDate:
    years = _YEAR.findall(text)
    if not years:
        return PublicationDate(text=text)
    published = years[0]
    months = {_MONTHS.get(word.lower(), 0) for word in _WORD.findall(text)}
    if len(set(years)) == 1 and len(months) == 1 and (month := months.pop()):
        published = f"{published}-{month:02d}"
    return PublicationDate(int(years[0]), published, text)
