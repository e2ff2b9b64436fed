"""Days as PubMed takes them: a year, a month or a day, ranges of them, and days back from today."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta


def read_days(first: str, last: str, today: date) -> tuple[str, str] | None:
    """Both ends of a range of days, ISO; a year or a month alone means all of it. ``None`` if it is no date.

    ``last 30 days`` (also years) counts back from ``today``.
    """
    back = re.fullmatch(r"last\s+(\d{1,5})\s+(day|week|month|year)s?", first.strip().lower())
    if back:
        days = int(back[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[back[2]]
        return (today - timedelta(days=min(days, 700_000))).isoformat(), today.isoformat()
    begin, end = _day(first, last=False), _day(last, last=True)
    return (begin, end) if begin and end else None


def _day(text: str, last: bool) -> str:
    found = re.fullmatch(r"(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?", text.strip())
    if not found:
        return ""
    year = int(found[1])
    month = int(found[2]) if found[2] else (12 if last else 1)
    if not 1 <= month <= 12:
        return ""
    longest = calendar.monthrange(max(year, 1), month)[1]
    day = int(found[3]) if found[3] else (longest if last else 1)
    return f"{year:04d}-{month:02d}-{min(day, longest):02d}"
