"""Which pairs of records are compared: those of which one asks for a key that the other has stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from living_review.dedupe import keys
from living_review.dedupe.fields import Fields

Numbers = NDArray[np.int64]

_AT_ONCE = 2_000_000
"""Pairs held in memory at a time before doubles are taken out."""


def pairs(records: Sequence[Fields]) -> Numbers:
    """The places of every two records that share a key; shape (n, 2), the smaller place first, ordered, none twice."""
    stored, asked = _Column(), _Column()
    for place, one in enumerate(records):
        found, wanted = keys.of(one)
        stored.add(found, place)
        asked.add(wanted, place)
    return _joined(*stored.sorted(), *asked.sorted(), len(records))


class _Column:
    """Keys and the places of their records, grown one record at a time."""

    def __init__(self) -> None:
        self._keys: list[Numbers] = []
        self._places: list[Numbers] = []
        self._more: tuple[list[int], list[int]] = ([], [])

    def add(self, found: list[int], place: int) -> None:
        self._more[0].extend(found)
        self._more[1].extend([place] * len(found))
        if len(self._more[0]) > 500_000:
            self._pack()

    def _pack(self) -> None:
        self._keys.append(np.array(self._more[0], dtype=np.int64))
        self._places.append(np.array(self._more[1], dtype=np.int32))
        self._more = ([], [])

    def sorted(self) -> tuple[Numbers, Numbers]:
        self._pack()
        found, places = np.concatenate(self._keys), np.concatenate(self._places)
        order = np.argsort(found, kind="stable")
        return found[order], places[order]


def _joined(stored: Numbers, owners: Numbers, asked: Numbers, askers: Numbers, number: int) -> Numbers:
    begin, end = np.searchsorted(stored, asked, "left"), np.searchsorted(stored, asked, "right")
    length = end - begin
    codes = np.empty(0, dtype=np.int64)
    for part in _parts(length):
        counts = length[part]
        asker = np.repeat(askers[part], counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        owner = owners[np.repeat(begin[part], counts) + offset]
        apart = asker != owner
        low, high = np.minimum(asker, owner)[apart], np.maximum(asker, owner)[apart]
        codes = np.union1d(codes, low.astype(np.int64) * number + high)
    return np.stack((codes // number, codes % number), axis=1) if number else np.empty((0, 2), dtype=np.int64)


def _parts(length: Numbers) -> Iterator[slice]:
    """Stretches of keys that give some :data:`_AT_ONCE` pairs each."""
    total = np.cumsum(length)
    start = 0
    while start < len(length):
        before = total[start - 1] if start else 0
        stop = max(int(np.searchsorted(total, before + _AT_ONCE, "right")), start + 1)
        yield slice(start, stop)
        start = stop
