"""Signature: what a person decides bears that person's name, so that a later run does not take it for its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from living_review.dedupe.cluster import ENGINE
from living_review.errors import UsageError
from living_review.plain_text import one_line


def signed(by: str, act: str) -> str:
    """The name of the person who does ``act``, without blanks around it.

    Raises:
        UsageError: If nobody is named, or the name is that of what no person did.
    """
    name = by.strip()
    if not name:
        raise UsageError("nobody signs", act, "give --by NAME")
    if name.casefold() == ENGINE:
        raise UsageError(f"{name} cannot sign, as its links are not people's", act, "give --by NAME of a person")
    return name


def with_reason(note: str, act: str) -> str:
    """The reason a person gives for ``act``, on one line.

    Raises:
        UsageError: If none is given.
    """
    reason = one_line(note)
    if not reason:
        raise UsageError("no reason is given", act, "give --note WHY")
    return reason


def refuse_second_spelling(name: str, known: Iterable[str], act: str) -> None:
    """Refuse a name that is another spelling of a known one: a person under two names would make a pair alone.

    Raises:
        UsageError: If a known name differs from ``name`` in case, blanks or Unicode form only.
    """
    for other in known:
        if other != name and _folded(other) == _folded(name):
            raise UsageError(f"found {name!r}, and decisions are signed {other!r}", act, f"sign as {other!r}")


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
