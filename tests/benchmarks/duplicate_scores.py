"""How well duplicates were found, where the truth is known: counts, precision and recall with intervals, every error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2_000
SEED = 20_260
_EACH_SIDE = 0.025
"""What a 95 % interval leaves out at each end."""


@dataclass(frozen=True)
class Counts:
    """Right, wrong and missed."""

    tp: int
    fp: int
    fn: int

    def __str__(self) -> str:
        return f"{self.tp} / {self.fp} / {self.fn}"


@dataclass(frozen=True)
class Share:
    """A share of 1 and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"


def removable(truth: Sequence[Hashable], reports: Sequence[int]) -> Counts:
    """Duplicates that would be taken away, as ASySD and BibDedupe count them.

    Of each true cluster r records are kept, those that are the first of the report they were found in: r of 1 or more
    misses r - 1 and takes the others away rightly; r of 0 takes the work itself away, which is one wrong.

    Args:
        truth: The true cluster of each record.
        reports: For each record the place of the first record of the report it was found in.
    """
    size, kept = Counter(truth), Counter(one for place, one in enumerate(truth) if reports[place] == place)
    lost = sum(1 for one in size if not kept[one])
    missed = sum(kept[one] - 1 for one in size if kept[one])
    return Counts(len(truth) - len(size) - missed, lost, missed)


def pairwise(truth: Sequence[Hashable], reports: Sequence[int]) -> Counts:
    """Pairs of records in one report, told right, wrong and missed."""
    tp, fp, fn = _pairs_of_clusters(truth, reports)
    return Counts(int(tp.sum()), round(fp.sum()), int(fn.sum()))


def precision_and_recall(truth: Sequence[Hashable], reports: Sequence[int]) -> tuple[Share, Share]:
    """Pairwise precision and recall, with intervals from drawing the true clusters again (bootstrap, fixed seed).

    A wrong pair counts half for each of its two clusters. Where nothing is wrong, drawing again shows no doubt: then the
    lower end is the share of clusters that may err if none of the many that were seen does.
    """
    tp, fp, fn = _pairs_of_clusters(truth, reports)
    chance = np.random.default_rng(SEED)
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(chance.integers(len(tp), size=len(tp)), minlength=len(tp))
        drawn.append((times @ tp, times @ fp, times @ fn))
    right, wrong, missed = np.array(drawn).T
    return (
        _share(tp.sum(), fp.sum(), right, wrong, int((tp + fp > 0).sum())),
        _share(tp.sum(), fn.sum(), right, missed, int((tp + fn > 0).sum())),
    )


def _share(
    right: float, wrong: float, drawn: NDArray[np.float64], drawn_wrong: NDArray[np.float64], clusters: int
) -> Share:
    value = right / (right + wrong) if right + wrong else 1.0
    if not wrong:
        return Share(value, _EACH_SIDE ** (1 / clusters) if clusters else 0.0, 1.0)
    some = drawn + drawn_wrong > 0
    low, high = np.quantile(drawn[some] / (drawn + drawn_wrong)[some], [_EACH_SIDE, 1 - _EACH_SIDE])
    return Share(value, float(low), float(high))


def _pairs_of_clusters(
    truth: Sequence[Hashable], reports: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Right, wrong and missed pairs of each true cluster; a wrong pair is half in one and half in another."""
    number = {one: place for place, one in enumerate(dict.fromkeys(truth))}
    size, found = Counter(truth), Counter(reports)
    both = Counter(zip(truth, reports, strict=True))
    tp, fp = np.zeros(len(number), np.int64), np.zeros(len(number))
    for (cluster, report), shared in both.items():
        tp[number[cluster]] += shared * (shared - 1) // 2
        fp[number[cluster]] += shared * (found[report] - shared) / 2
    whole = np.array([size[one] * (size[one] - 1) // 2 for one in number], dtype=np.int64)
    return tp, fp, whole - tp


def parted(truth: Sequence[Hashable], reports: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Of each true cluster found as several reports: the records in its first report, and those in each other one."""
    there: dict[Hashable, dict[int, list[int]]] = {}
    for place, one in enumerate(truth):
        there.setdefault(one, {}).setdefault(reports[place], []).append(place)
    for found in there.values():
        first, *others = found.values()
        yield from ((first, other) for other in others)


def joined(truth: Sequence[Hashable], reports: Sequence[int]) -> Iterator[list[int]]:
    """The records of each report that holds more than one true cluster."""
    members: dict[int, list[int]] = {}
    for place, report in enumerate(reports):
        members.setdefault(report, []).append(place)
    yield from (found for found in members.values() if len({truth[place] for place in found}) > 1)
