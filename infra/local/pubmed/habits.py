"""What PubMed does now one way and now another, or what is not established: to be set for tests of clients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Each value is one that was seen; the defaults are what clients meet most."""

    repeats_ids: bool = False
    """Whether EFetch gives an article twice whose PMID is asked for twice; not documented either way."""
    limited_status: int = 429
    """Status of the answer above the rate limit; 200 was seen with the same body."""
    full_is_empty: bool = False
    """Whether ``rettype=full`` gets an empty body, as since November 2022; EDirect still sends it and needs an answer."""
    dtd: str = "250101"
    """Version of the DTD in EFetch's DOCTYPE: the newest one seen in real answers (April 2026)."""


USUAL = Habits()
