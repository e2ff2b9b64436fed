"""Agreement between reviewers: how often they decide alike, beyond chance.

Promises to compare only what is comparable: reports with two or more *independent* decisions, under one criteria
version, made before any consensus. A number that is not defined is ``None`` with the reason, never a guess.

A reviewer may change a decision. Independent is the last one given before anybody else had decided on the report, or
else the reviewer's first: from then on they could have seen what others decided. At title and abstract ``maybe`` is
counted with ``include``, since both let a report pass.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from living_review.protocol import Stage
from living_review.screening import Choice, Decision


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement, 1 at best, 0 as by chance."""

    value: float | None
    n: int
    """Reports it rests on."""
    why: str = ""
    """Why there is no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far reviewers agree at one stage."""

    stage: Stage
    reports: int
    """Reports with two or more independent decisions."""
    reviewers: tuple[str, ...]
    raw: Coefficient
    """Share of the pairs of decisions on one report that are alike, averaged over reports."""
    cohen: Coefficient
    """For two reviewers; see ``pairs`` for more."""
    fleiss: Coefficient
    krippendorff: Coefficient
    pairs: dict[tuple[str, str], Coefficient]
    """Cohen's kappa for each two reviewers who share a report."""


def agreement(decisions: Iterable[Decision], stage: Stage) -> Agreement:
    """How far reviewers agree at ``stage``; ``decisions`` in any order, of any stage, consensus among them."""
    units = independent(decisions, stage)
    reviewers = tuple(sorted({reviewer for unit in units for reviewer in unit}))
    pairs = {}
    for one, other in combinations(reviewers, 2):
        both = [(unit[one], unit[other]) for unit in units if one in unit and other in unit]
        if both:
            pairs[one, other] = cohen_kappa(both)
    rated = [list(unit.values()) for unit in units]
    two = len(reviewers) == 2
    return Agreement(
        stage=stage,
        reports=len(units),
        reviewers=reviewers,
        raw=raw_agreement(rated),
        cohen=pairs[reviewers[0], reviewers[1]]
        if two
        else Coefficient(None, len(units), f"defined for two reviewers, there are {len(reviewers)}"),
        fleiss=fleiss_kappa(rated),
        krippendorff=krippendorff_alpha(rated),
        pairs=pairs,
    )


def independent(decisions: Iterable[Decision], stage: Stage) -> list[dict[str, str]]:
    """The independent decisions on each report that has two or more: reviewer -> category, by report.

    Of several criteria versions, the one last used by two or more reviewers is taken.
    """
    by_report: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.stage is stage:
            by_report[decision.report_id].append(decision)
    units = []
    for report in sorted(by_report):
        given = sorted(by_report[report], key=lambda decision: decision.moment)
        before = []
        for decision in given:
            if decision.consensus:
                break
            before.append(decision)
        versions: dict[str, list[Decision]] = defaultdict(list)
        for decision in before:
            versions[decision.criteria_version].append(decision)
        shared = [of for of in versions.values() if len({decision.reviewer for decision in of}) > 1]
        if shared:
            latest = max(shared, key=lambda of: of[-1].moment)
            units.append(_own(latest, stage))
    return units


def _own(given: list[Decision], stage: Stage) -> dict[str, str]:
    own: dict[str, str] = {}
    for decision in given:
        alone = own.keys() <= {decision.reviewer}
        if decision.reviewer not in own or alone:
            maybe_passes = stage is Stage.TITLE_ABSTRACT and decision.choice is Choice.MAYBE
            own[decision.reviewer] = (Choice.INCLUDE if maybe_passes else decision.choice).value
    return own


def raw_agreement(units: Sequence[Sequence[Hashable]]) -> Coefficient:
    """The share of like pairs in each unit, averaged over the units with two or more values."""
    shares = []
    for unit in units:
        n = len(unit)
        if n > 1:
            like = sum(count * (count - 1) for count in Counter(unit).values())
            shares.append(like / (n * (n - 1)))
    if not shares:
        return Coefficient(None, 0, _NONE)
    return Coefficient(sum(shares) / len(shares), len(shares))


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Coefficient:
    """Cohen's kappa for two reviewers, nominal categories (Cohen 1960, 10.1177/001316446002000104)."""
    n = len(pairs)
    if not n:
        return Coefficient(None, 0, _NONE)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    alike = sum(one == other for one, other in pairs)
    # Whole numbers as long as possible: chance of exactly 1 must be seen as such.
    chance = sum(first[category] * second[category] for category in first)
    if chance == n * n:
        return Coefficient(None, n, _SAME)
    return Coefficient((alike * n - chance) / (n * n - chance), n)


def fleiss_kappa(units: Sequence[Sequence[Hashable]]) -> Coefficient:
    """Fleiss' kappa: any reviewers, the same number of values in each unit (Fleiss 1971, 10.1037/h0031619)."""
    n = len(units)
    sizes = {len(unit) for unit in units}
    if not n or sizes == {1}:
        return Coefficient(None, 0, _NONE)
    if len(sizes) > 1:
        return Coefficient(None, n, "defined for the same number of decisions on every report, they vary")
    size = sizes.pop()
    counts = [Counter(unit) for unit in units]
    totals = Counter(value for unit in units for value in unit)
    if len(totals) == 1:
        return Coefficient(None, n, _SAME)
    like = sum(count * (count - 1) for unit in counts for count in unit.values()) / (n * size * (size - 1))
    chance = sum((total / (n * size)) ** 2 for total in totals.values())
    return Coefficient((like - chance) / (1 - chance), n)


def krippendorff_alpha(units: Sequence[Sequence[Hashable]]) -> Coefficient:
    """Krippendorff's alpha, nominal: any reviewers, any number of values a unit.

    From coincidences within units: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".
    """
    paired = [Counter(unit) for unit in units if len(unit) > 1]
    if not paired:
        return Coefficient(None, 0, _NONE)
    totals: Counter[Hashable] = Counter()
    observed = 0.0
    for unit in paired:
        size = unit.total()
        totals.update(unit)
        observed += sum(count * (size - count) for count in unit.values()) / (size - 1)
    if len(totals) == 1:
        return Coefficient(None, len(paired), _SAME)
    n = totals.total()
    expected = sum(count * (n - count) for count in totals.values()) / (n - 1)
    return Coefficient(1 - observed / expected, len(paired))


_NONE = "no report has two independent decisions"
_SAME = "every decision is the same, so chance alone explains it"
