"""Which pairs of records are compared: those of which one asks for a key that the other has stored."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from living_review.dedupe import keys
from living_review.dedupe.fields import Fields

Numbers = NDArray[np.int64]
Places = NDArray[np.int32]

_AT_ONCE = 2_000_000
"""Pairs held in memory at a time before doubles are taken out."""


_STORED, _ASKED = 1, 2
"""The last bits of a key that is only stored or only asked for; 0 where it is both."""


def pairs(records: Sequence[Fields]) -> Numbers:
    """The places of every two records that share a key; shape (n, 2), the smaller place first, ordered, none twice."""
    found, roles, places = _repeated(*_keys(records))
    stored, asked = roles != _ASKED, roles != _STORED
    return _joined(found[stored], places[stored], found[asked], places[asked], len(records))


def _keys(records: Sequence[Fields]) -> tuple[Numbers, Places]:
    """Every key of every record and the record's place.

    Within one process Python's own hash will do: two keys of one number cost a comparison and nothing else.
    """
    found, places = array("q"), array("i")
    for place, one in enumerate(records):
        before = len(found)
        for role, texts in enumerate(keys.texts(one)):
            found.extend([hash(text) & -4 | role for text in texts])
        places.extend([place] * (len(found) - before))
    return np.asarray(found, dtype=np.int64), np.asarray(places, dtype=np.int32)


def _repeated(found: Numbers, places: Places) -> tuple[Numbers, Numbers, Places]:
    """The keys that stand there more than once in ascending order, their roles and places; most keys do not."""
    order = np.argsort(found)
    found, places = found[order], places[order]
    del order
    first = np.empty(len(found) + 1, dtype=bool)
    first[0] = first[-1] = True
    np.not_equal(found[1:] >> 2, found[:-1] >> 2, out=first[1:-1])
    kept = ~(first[:-1] & first[1:])
    found, places = found[kept], places[kept]
    return found >> 2, found & 3, places


def _joined(stored: Numbers, owners: Places, asked: Numbers, askers: Places, number: int) -> Numbers:
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
