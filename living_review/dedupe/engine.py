"""Records -> links -> reports, in memory: what a review's ledger does bit by bit, done at once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from living_review.dedupe import candidates
from living_review.dedupe.cluster import Edge, cluster
from living_review.dedupe.decide import Match, decide
from living_review.dedupe.fields import Fields


class Pair(NamedTuple):
    """Two records by their places, ``a < b``, and what was decided of them."""

    a: int
    b: int
    match: Match


@contextmanager
def much_to_keep() -> Iterator[None]:
    """Spares the search for what refers to itself: nothing made here does, and of millions of fields it takes a quarter of the time."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def compare(records: Sequence[Fields], progress: Callable[[int, int], None] = lambda done, of: None) -> Iterator[Pair]:
    """Every pair that is one report or may be.

    Args:
        records: What is compared.
        progress: Called from time to time with the pairs done and their number.
    """
    found = candidates.pairs(records)
    for number, (a, b) in enumerate(found.tolist()):
        if number % 100_000 == 0:
            progress(number, len(found))
        match = decide(records[a], records[b])
        if match is not None:
            yield Pair(a, b, match)
    progress(len(found), len(found))


def reports(records: Sequence[Fields], pairs: Sequence[Pair]) -> list[int]:
    """For each record the place of the first record of its report."""
    edges = [
        Edge(pair.a, pair.b, True, False, place, pair.match.points)
        for place, pair in enumerate(pairs)
        if pair.match.linked
    ]
    ends = {end for edge in edges for end in (edge.a, edge.b)}
    found = cluster(ends, edges, [one for one in ends if not records[one].is_whole])
    return [found.get(place, place) for place in range(len(records))]


def strongest(pairs: Iterable[Pair], places: Sequence[int]) -> dict[int, Match]:
    """Record -> its strongest link to another record of its report; ``places`` is what :func:`reports` gave."""
    found: dict[int, Match] = {}
    for pair in pairs:
        if pair.match.linked and places[pair.a] == places[pair.b]:
            for end in (pair.a, pair.b):
                if end not in found or found[end].points < pair.match.points:
                    found[end] = pair.match
    return found


def to_look_at(pairs: Iterable[Pair], places: Sequence[int]) -> list[Pair]:
    """Pairs of two reports that a person should look at, the likeliest first."""
    found = [pair for pair in pairs if places[pair.a] != places[pair.b]]
    return sorted(found, key=lambda pair: (-pair.match.points, pair.a, pair.b))
