"""Signature: what a person decides bears that person's name, so that a later run does not take it for its own."""

from __future__ import annotations

from living_review.dedupe.cluster import ENGINE
from living_review.errors import UsageError


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
