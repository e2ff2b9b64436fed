"""Which pairs of records are compared: those of which one asks for a key that the other has stored."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from living_review.dedupe import keys
from living_review.dedupe.fields import Fields

Numbers = NDArray[np.int64]
Places = NDArray[np.int32]

_AT_ONCE = 2_000_000
"""Pairs held in memory at a time before doubles are taken out."""


def pairs(records: Sequence[Fields]) -> Numbers:
    """The places of every two records that share a key; shape (n, 2), the smaller place first, ordered, none twice."""
    number = len(records)
    (found, owners), (pieces, holders) = (_repeated(*both) for both in _keys(records))
    # Each is held against those that have the same key behind it.
    shared = _joined(owners, owners, np.arange(1, len(found) + 1), np.searchsorted(found, found, "right"), number)
    lacks = np.fromiter((not one.is_whole for one in records), dtype=bool, count=number)[holders]
    asked = pieces[lacks]
    begin, end = np.searchsorted(pieces, asked, "left"), np.searchsorted(pieces, asked, "right")
    codes = _distinct(shared, _joined(holders, holders[lacks], begin, end, number))
    return np.stack((codes // number, codes % number), axis=1) if number else np.empty((0, 2), dtype=np.int64)


def _keys(records: Sequence[Fields]) -> list[tuple[Numbers, Places]]:
    """Every key that two records may share and its record's place, then the same of the pieces of titles.

    Within one process Python's own hash will do: two keys of one number cost a comparison and nothing else.
    """
    shared, pieces = (array("q"), array("i")), (array("q"), array("i"))
    for one in records:
        made: tuple[Sequence[Hashable], ...] = keys.parts(one)
        for (numbers, lengths), found in zip((shared, pieces), made, strict=True):
            numbers.extend(map(hash, found))
            lengths.append(len(found))
    places = np.arange(len(records), dtype=np.int32)
    return [(np.asarray(numbers, dtype=np.int64), np.repeat(places, lengths)) for numbers, lengths in (shared, pieces)]


def _repeated(found: Numbers, places: Places) -> tuple[Numbers, Places]:
    """The keys that stand there more than once in ascending order, and their places; most keys do not."""
    order = np.argsort(found)
    found, places = found[order], places[order]
    del order
    first = np.empty(len(found) + 1, dtype=bool)
    first[0] = first[-1] = True
    np.not_equal(found[1:], found[:-1], out=first[1:-1])
    kept = ~(first[:-1] & first[1:])
    return found[kept], places[kept]


def _joined(owners: Places, askers: Places, begin: Numbers, end: Numbers, number: int) -> Numbers:
    """The pairs of each asker with ``owners[begin:end]``, as smaller place times ``number`` plus larger place."""
    length = end - begin
    codes = np.empty(0, dtype=np.int64)
    for part in _parts(length):
        counts = length[part]
        asker = np.repeat(askers[part], counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        owner = owners[np.repeat(begin[part], counts) + offset]
        apart = asker != owner
        low, high = np.minimum(asker, owner)[apart], np.maximum(asker, owner)[apart]
        codes = _distinct(codes, low.astype(np.int64) * number + high)
    return codes


def _distinct(one: Numbers, other: Numbers) -> Numbers:
    """The numbers of both in ascending order, each once; for so few as most sets have, twice as fast as ``union1d``."""
    both = np.sort(np.concatenate((one, other)))
    return both[np.append(True, both[1:] != both[:-1])] if len(both) else both


def _parts(length: Numbers) -> Iterator[slice]:
    """Stretches of keys that give some :data:`_AT_ONCE` pairs each."""
    total = np.cumsum(length)
    start = 0
    while start < len(length):
        before = total[start - 1] if start else 0
        stop = max(int(np.searchsorted(total, before + _AT_ONCE, "right")), start + 1)
        yield slice(start, stop)
        start = stop
