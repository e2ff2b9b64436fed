"""How much of dedupe's quality hangs on the sets its points were set by: each set with points learnt from the others.

The points of ``living_review.dedupe.decide`` are set by hand. Here they are learnt from all labelled sets but one, by
logistic regression over the levels of agreement of every pair compared, with the hand-set points as the centre of a
Gaussian prior; then the engine with these points, and the same rules above them, is scored on the set left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from living_review.dedupe import candidates, decide, engine
from living_review.dedupe.fields import Fields
from living_review.dedupe.frame import fields_of
from tests.benchmarks.duplicate_scores import Counts, removable
from tests.benchmarks.labelled import DATA, Labelled, labelled

Row = dict[str, Any]
Numbers = NDArray[np.float64]
NAMES = [(field, level) for field, levels in decide.POINTS.items() for level in levels]
BY_HAND = np.array([decide.POINTS[field][level] for field, level in NAMES] + [decide.BEFORE])
SPREAD = 1.0
"""Standard deviation of the prior, in points."""
WEIGHT = 500.0
"""Every set counts as if it had so many pairs of duplicates, whatever it has: none drowns the others."""


@dataclass(frozen=True)
class Pairs:
    """The pairs of one set that points decide."""

    levels: Numbers
    """A row a pair, a column each of :data:`NAMES`, 1 where the pair is on that level; then a column of 1."""
    same: Numbers
    """1 where the two are one work."""


def pairs_of(fields: Sequence[Fields], truth: Sequence[str]) -> Pairs:
    """What is compared of a set, but for pairs that a rule decides whatever their points."""
    column = {name: place for place, name in enumerate(NAMES)}
    rows, same = [], []
    for a, b in candidates.pairs(fields).tolist():
        one, other = fields[a], fields[b]
        preprint = (one.kind == "preprint") != (other.kind == "preprint")
        found = decide.compared(one, other)
        if found is None or preprint:
            continue
        row = np.zeros(len(NAMES) + 1)
        row[[column[level] for level in found.items()]] = 1
        row[-1] = 1
        rows.append(row)
        same.append(float(truth[a] == truth[b]))
    return Pairs(np.array(rows).reshape(len(rows), len(NAMES) + 1), np.array(same))


def learnt(sets: Sequence[Pairs]) -> Numbers:
    """The most probable points, the last being :data:`decide.BEFORE`, by Newton's method."""
    levels = np.concatenate([one.levels for one in sets])
    same = np.concatenate([one.same for one in sets])
    weight = np.concatenate([np.full(len(one.same), WEIGHT / max(one.same.sum(), 1.0)) for one in sets])

    def loss(points: Numbers) -> float:
        total = levels @ points
        unlikely = weight @ (np.logaddexp(0, total) - same * total)
        return float(unlikely + ((points - BY_HAND) ** 2).sum() / (2 * SPREAD**2))

    points = BY_HAND.copy()
    for _ in range(100):
        share = 1 / (1 + np.exp(-np.clip(levels @ points, -30, 30)))
        slope = levels.T @ (weight * (share - same)) + (points - BY_HAND) / SPREAD**2
        bend = (levels.T * (weight * share * (1 - share))) @ levels + np.eye(len(points)) / SPREAD**2
        step, length = np.linalg.solve(bend, slope), 1.0
        while length > 1e-6 and loss(points - length * step) > loss(points):
            length /= 2
        points = points - length * step
        if np.abs(step).max() < 1e-6:
            break
    return points


@contextmanager
def deciding_by(points: Numbers) -> Iterator[None]:
    """The engine decides by ``points`` inside."""
    before, by_hand = decide.BEFORE, decide.POINTS
    table: dict[str, dict[str, float]] = {}
    for (field, level), value in zip(NAMES, points[:-1].tolist(), strict=True):
        table.setdefault(field, {})[level] = value
    decide.POINTS, decide.BEFORE = table, float(points[-1])
    try:
        yield
    finally:
        decide.POINTS, decide.BEFORE = by_hand, before


def scored(fields: Sequence[Fields], truth: Sequence[str], points: Numbers) -> Counts:
    """Removable duplicates with these points."""
    with deciding_by(points):
        return removable(truth, engine.reports(fields, list(engine.compare(fields))))


def leave_one_out(data: Path = DATA) -> Iterator[Row]:
    """A row a set: its duplicates found with the hand-set points and with those that the other sets teach."""
    sets: list[Labelled] = list(labelled(data))
    fields = {one.name: fields_of(one.records) for one in sets}
    pairs = {one.name: pairs_of(fields[one.name], one.truth) for one in sets}
    for one in sets:
        others = [pairs[name] for name in pairs if name != one.name]
        if not others:
            continue
        points = learnt(others)
        moved = sorted(zip(NAMES, points - BY_HAND, strict=False), key=lambda found: -abs(found[1]))[:4]
        facts = {
            "hand-set points: removable TP / FP / FN": str(scored(fields[one.name], one.truth, BY_HAND)),
            "learnt from the other sets: removable TP / FP / FN": str(scored(fields[one.name], one.truth, points)),
            "learnt otherwise by most": ", ".join(f"{' '.join(name)} {by:+.1f}" for name, by in moved),
        }
        yield {"measurement": f"{one.name}: left out", "parts": {}, "facts": facts}
