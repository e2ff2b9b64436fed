"""What looking up by keys loses: every two records of a set decided on, which is slow and obviously right."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from living_review.dedupe import candidates
from living_review.dedupe.decide import Match, decide
from living_review.dedupe.fields import Fields
from living_review.dedupe.frame import fields_of
from tests.benchmarks.labelled import DATA, labelled

Row = dict[str, Any]


def found_by_all(fields: Sequence[Fields]) -> Iterator[tuple[int, int, Match]]:
    """All pairs that are one report or may be, found without any key; says on standard error how far it is."""
    began = time.perf_counter()
    for a, one in enumerate(fields):
        if a % 500 == 0:
            print(f"{a:,} of {len(fields):,} records, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        for b in range(a + 1, len(fields)):
            match = decide(one, fields[b])
            if match is not None:
                yield a, b, match


def lost(fields: Sequence[Fields]) -> tuple[int, list[tuple[int, int, Match]]]:
    """How many pairs are one report or may be, and those of them that share no key."""
    looked_at = set(map(tuple, candidates.pairs(fields).tolist()))
    found = list(found_by_all(fields))
    return len(found), [one for one in found if one[:2] not in looked_at]


def oracle(folder: Path, data: Path = DATA) -> Iterator[Row]:
    """A row a labelled set: pairs, those that the decision links or offers, and those of them that no key finds."""
    for one in labelled(data):
        fields = fields_of(one.records)
        began = time.perf_counter(), time.process_time()
        found, missed = lost(fields)
        facts = {
            "pairs": len(fields) * (len(fields) - 1) // 2,
            "pairs looked up": len(candidates.pairs(fields)),
            "one report or may be": found,
            "lost: links, right": sum(m.linked and one.truth[a] == one.truth[b] for a, b, m in missed),
            "lost: links, wrong": sum(m.linked and one.truth[a] != one.truth[b] for a, b, m in missed),
            "lost: possible, right": sum(not m.linked and one.truth[a] == one.truth[b] for a, b, m in missed),
            "lost: possible, wrong": sum(not m.linked and one.truth[a] != one.truth[b] for a, b, m in missed),
            **{f"lost {one.ids[a]}, {one.ids[b]}": m.said.replace("|", "/") for a, b, m in missed},
        }
        took = (round(time.perf_counter() - began[0], 1), round(time.process_time() - began[1], 1))
        yield {"measurement": f"{one.name}: every pair", "parts": {"decide": took}, "facts": facts}
