"""Screening: decisions of reviewers -> what they add up to, what waits for whom, who disagrees.

A decision belongs to a reviewer, not to the report. This module promises: every decision given is accounted for,
the result does not depend on the order in which decisions arrive, and nobody's queue shows another's decision.

How decisions add up (one report at one stage):

* The latest decision of each reviewer counts, under whichever criteria version it was given; the versions stay visible.
  When dedupe links two reports, the decisions on both are decisions on one report, and the same rule holds.
* Fewer independent decisions than the report's queue entry requires: ``awaiting``. Further decisions all count.
* ``maybe`` at title and abstract lets a report pass, as ``include`` does: when in doubt, read the full text. At full
  text a ``maybe`` settles nothing: a conflict once enough reviewers have decided.
* All agree: ``include`` or ``exclude``. Anything else: ``conflict``.
* PRISMA 2020 wants one reason for each report excluded at full text. Reviewers who exclude for different reasons, or for
  none, are in conflict about the reason. At title and abstract reasons are optional and never a conflict.
* A consensus is a separate decision, signed by a person; the latest one settles, whatever comes after it.
* A reviewer who left still counts: who decided is never forgotten, and anybody on the team can sign a consensus.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from living_review.errors import UsageError
from living_review.protocol import Protocol, Stage


class Choice(StrEnum):
    """What one reviewer decided."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    MAYBE = "maybe"


class Verdict(StrEnum):
    """What the decisions on one report at one stage add up to."""

    AWAITING = "awaiting"
    CONFLICT = "conflict"
    INCLUDE = "include"
    EXCLUDE = "exclude"


class Act(StrEnum):
    """What can move a verdict while links stay as they are."""

    DECISION = "decision"
    CONSENSUS = "consensus"


_SETTLED = frozenset({Verdict.INCLUDE, Verdict.EXCLUDE})
_DECIDED = _SETTLED | {Verdict.CONFLICT}

MOVES: Mapping[tuple[Verdict, Act], frozenset[Verdict]] = {
    (Verdict.AWAITING, Act.DECISION): _DECIDED | {Verdict.AWAITING},
    (Verdict.AWAITING, Act.CONSENSUS): _SETTLED,
    (Verdict.CONFLICT, Act.DECISION): _DECIDED,
    (Verdict.CONFLICT, Act.CONSENSUS): _SETTLED,
    (Verdict.INCLUDE, Act.DECISION): _DECIDED,
    (Verdict.INCLUDE, Act.CONSENSUS): _SETTLED,
    (Verdict.EXCLUDE, Act.DECISION): _DECIDED,
    (Verdict.EXCLUDE, Act.CONSENSUS): _SETTLED,
}
"""The moves there are; :func:`problems` says who may make which (a consensus while awaiting: only when nobody is
left who could decide)."""


class Retrieval(StrEnum):
    """Whether the full text of a report could be had; apart from the verdict, as PRISMA 2020 counts it apart."""

    SOUGHT = "sought"
    RETRIEVED = "retrieved"
    NOT_RETRIEVED = "not_retrieved"


RETRIEVAL_MOVES: Mapping[Retrieval, frozenset[Retrieval]] = {
    Retrieval.SOUGHT: frozenset({Retrieval.RETRIEVED, Retrieval.NOT_RETRIEVED}),
    Retrieval.RETRIEVED: frozenset({Retrieval.NOT_RETRIEVED}),
    Retrieval.NOT_RETRIEVED: frozenset({Retrieval.RETRIEVED}),
}
"""What a person may change the state of a full text to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One reviewer's decision on one report at one stage, or a signed consensus."""

    decision_id: int
    """Rises in the order of writing; breaks ties between equal times."""
    record_id: int
    """The record the reviewer was shown: when links change, the decision follows it."""
    report_id: str
    """The report which that record belongs to now."""
    stage: Stage
    reviewer: str
    choice: Choice
    reason: str = ""
    """Id of an exclusion reason."""
    note: str = ""
    criteria_version: str = ""
    consensus: bool = False
    at: datetime
    """With a time zone."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a decision's time needs a time zone")
        if self.consensus and self.choice is Choice.MAYBE:
            raise ValueError("a consensus settles: include or exclude, not maybe")

    @property
    def moment(self) -> tuple[datetime, int]:
        """What orders decisions in time."""
        return (self.at, self.decision_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A report that is to be screened at a stage."""

    report_id: str
    stage: Stage
    required: int
    """Independent decisions wanted, as the protocol said when the report was queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalEvent:
    """A person said whether a report's full text could be had."""

    event_id: int
    report_id: str
    state: Retrieval
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVerdict:
    """What the decisions on one report at one stage add up to, and why. Not for the eyes of a blinded reviewer."""

    report_id: str
    stage: Stage
    verdict: Verdict
    required: int
    """0: never queued, so whatever was decided waits for the queue."""
    decisions: tuple[Decision, ...]
    """The decisions that count: the latest of each reviewer, by reviewer."""
    consensus: Decision | None = None
    reason: str = ""
    """The one reason of an exclusion; empty at title and abstract where none was given or reviewers differ."""
    about_reason: bool = False
    """Whether a conflict is only about the reason: all exclude."""

    @property
    def missing(self) -> int:
        """How many independent decisions are still wanted; 0 once a consensus settled it."""
        return 0 if self.consensus else max(0, self.required - len(self.decisions))

    @property
    def criteria_versions(self) -> tuple[str, ...]:
        """The criteria versions under which the verdict was reached, sorted."""
        counted = (self.consensus,) if self.consensus else self.decisions
        return tuple(sorted({decision.criteria_version for decision in counted}))


def verdict(decisions: Iterable[Decision], required: int) -> Verdict:
    """What ``decisions`` on one report at one stage add up to.

    Args:
        decisions: Of one report and one stage, in any order; with consensus decisions among them.
        required: Independent decisions wanted; 0 means the report is not queued.

    Raises:
        ValueError: If the decisions are not all of one report and stage.
    """
    given = list(decisions)
    if len({(decision.report_id, decision.stage) for decision in given}) > 1:
        raise ValueError("a verdict is about one report at one stage")
    if not given:
        return Verdict.AWAITING
    return _weigh(given[0].report_id, given[0].stage, given, required).verdict


def verdicts(decisions: Iterable[Decision], queue: Iterable[QueueEntry]) -> dict[tuple[str, Stage], ReportVerdict]:
    """The verdict on every report that is queued or was decided on.

    Where links made one report of two that were queued, the higher number of required decisions holds.
    A report decided on but not queued (its links changed) is ``awaiting`` until it is queued again.

    Returns:
        ``(report_id, stage)`` -> verdict, sorted by report and the order of stages.
    """
    required: dict[tuple[str, Stage], int] = {}
    for entry in queue:
        key = (entry.report_id, entry.stage)
        required[key] = max(entry.required, required.get(key, 0))
    given: dict[tuple[str, Stage], list[Decision]] = defaultdict(list)
    for decision in decisions:
        given[decision.report_id, decision.stage].append(decision)
    order = {stage: place for place, stage in enumerate(Stage)}
    return {
        key: _weigh(*key, given.get(key, []), required.get(key, 0))
        for key in sorted(required.keys() | given.keys(), key=lambda key: (key[0], order[key[1]]))
    }


def _weigh(report_id: str, stage: Stage, decisions: list[Decision], required: int) -> ReportVerdict:
    latest: dict[str, Decision] = {}
    consensus: Decision | None = None
    for decision in decisions:
        if decision.consensus:
            if consensus is None or decision.moment > consensus.moment:
                consensus = decision
        elif decision.reviewer not in latest or decision.moment > latest[decision.reviewer].moment:
            latest[decision.reviewer] = decision
    counted = tuple(latest[reviewer] for reviewer in sorted(latest))
    outcome, reason, about_reason = Verdict.AWAITING, "", False
    if required and consensus is not None:
        outcome, reason = Verdict(consensus.choice.value), consensus.reason
    elif required and len(counted) >= required:
        outcome, reason, about_reason = _add_up(stage, counted)
    return ReportVerdict(
        report_id=report_id,
        stage=stage,
        verdict=outcome,
        required=required,
        decisions=counted,
        consensus=consensus,
        reason=reason if outcome is Verdict.EXCLUDE else "",
        about_reason=about_reason,
    )


def _add_up(stage: Stage, counted: tuple[Decision, ...]) -> tuple[Verdict, str, bool]:
    choices = {decision.choice for decision in counted}
    if choices == {Choice.EXCLUDE}:
        reasons = {decision.reason for decision in counted}
        agreed = reasons.pop() if len(reasons) == 1 else ""
        if stage is Stage.FULL_TEXT and not agreed:
            return Verdict.CONFLICT, "", True
        return Verdict.EXCLUDE, agreed, False
    passing = {Choice.INCLUDE, Choice.MAYBE} if stage is Stage.TITLE_ABSTRACT else {Choice.INCLUDE}
    return (Verdict.INCLUDE if choices <= passing else Verdict.CONFLICT), "", False


def conflicts(found: Mapping[tuple[str, Stage], ReportVerdict], stage: Stage) -> list[ReportVerdict]:
    """The reports in conflict at ``stage``, in order of report: what a consensus is wanted for."""
    return [entry for entry in found.values() if entry.stage is stage and entry.verdict is Verdict.CONFLICT]


def queue_for(
    reviewer: str,
    found: Mapping[tuple[str, Stage], ReportVerdict],
    stage: Stage,
    not_retrieved: Collection[str] = (),
) -> list[QueueEntry]:
    """What awaits ``reviewer`` at ``stage``: reports that want a decision and have none of theirs.

    Holds nothing of what others decided, so it can be shown under blinding as it is.

    Args:
        reviewer: Who asks.
        found: From :func:`verdicts`.
        stage: The stage to screen.
        not_retrieved: Ids of reports whose full text could not be had; nobody can assess them.
    """
    return [
        QueueEntry(report_id=entry.report_id, stage=stage, required=entry.required)
        for entry in found.values()
        if entry.stage is stage
        and entry.required
        and entry.verdict is Verdict.AWAITING
        and all(decision.reviewer != reviewer for decision in entry.decisions)
        and not (stage is Stage.FULL_TEXT and entry.report_id in not_retrieved)
    ]


def stranded(found: Mapping[tuple[str, Stage], ReportVerdict], reviewers: Collection[str]) -> list[ReportVerdict]:
    """Reports that want more decisions than the people left can give; a consensus may settle these.

    Args:
        found: From :func:`verdicts`.
        reviewers: Who may decide now (``screening.reviewers``); empty: anyone, so nothing is stranded.
    """
    return [
        entry
        for entry in found.values()
        if entry.required and entry.verdict is Verdict.AWAITING and not _left_to_decide(entry, reviewers)
    ]


def _left_to_decide(entry: ReportVerdict, reviewers: Collection[str]) -> bool:
    decided = {decision.reviewer for decision in entry.decisions}
    return not reviewers or len(set(reviewers) - decided) >= entry.missing


def retrievals(events: Iterable[RetrievalEvent], reports: Iterable[str]) -> dict[str, Retrieval]:
    """Whether each report's full text could be had: the latest that was said, ``sought`` where nothing was.

    Args:
        events: In any order.
        reports: Ids of the reports queued for full text.
    """
    latest: dict[str, RetrievalEvent] = {}
    for event in events:
        held = latest.get(event.report_id)
        if held is None or (event.at, event.event_id) > (held.at, held.event_id):
            latest[event.report_id] = event
    return {report: latest[report].state if report in latest else Retrieval.SOUGHT for report in sorted(reports)}


def problems(
    protocol: Protocol,
    *,
    stage: Stage,
    reviewer: str,
    choice: Choice,
    reason: str = "",
    consensus_on: ReportVerdict | None = None,
) -> list[str]:
    """What speaks against a decision under the protocol: one phrase a problem, none when it may be written.

    Args:
        protocol: The review's protocol.
        stage: The stage decided on.
        reviewer: Who decides or signs.
        choice: What is decided.
        reason: Id of an exclusion reason, or empty.
        consensus_on: For a consensus, the verdict it is to settle or overturn.
    """
    wrong: list[str] = []
    people = protocol.screening.reviewers
    if not reviewer.strip():
        wrong.append("nobody is named as the reviewer")
    elif people and reviewer not in people:
        wrong.append(f"found reviewer {reviewer!r}; allowed: {', '.join(people)}")
    elif reviewer != reviewer.strip():
        # Taken as it is, it would be a second person.
        wrong.append(f"found reviewer {reviewer!r}; allowed: a name without blanks around it")
    if stage not in protocol.screening.stages:
        wrong.append(f"found stage {stage}; allowed: {', '.join(protocol.screening.stages)}")
    wrong += reason_problems(protocol, stage=stage, choice=choice, reason=reason)
    if consensus_on is not None:
        if choice is Choice.MAYBE:
            wrong.append("found maybe as a consensus; allowed: include, exclude")
        if consensus_on.verdict is Verdict.AWAITING and _left_to_decide(consensus_on, people):
            wrong.append(
                f"report {consensus_on.report_id} still awaits independent decisions at {stage}; "
                "allowed: a consensus on a conflict, or to overturn what was settled"
            )
    return wrong


def reason_problems(protocol: Protocol, *, stage: Stage, choice: Choice, reason: str) -> list[str]:
    """What speaks against the reason of a decision: a reason is one of the protocol's, and needed at full text."""
    known = [item.id for item in protocol.exclusion_reasons]
    allowed = ", ".join(known) or "none is defined in eligibility.exclude"
    if reason and choice is not Choice.EXCLUDE:
        return [f"found reason {reason!r} with {choice}; allowed: a reason with exclude only"]
    if reason and reason not in known:
        return [f"found reason {reason!r}; allowed: {allowed}"]
    if choice is Choice.EXCLUDE and stage is Stage.FULL_TEXT and not reason:
        return [f"found no reason for an exclusion at {stage}; allowed: {allowed}"]
    return []


def check_decision(
    protocol: Protocol,
    *,
    stage: Stage,
    reviewer: str,
    choice: Choice,
    reason: str = "",
    consensus_on: ReportVerdict | None = None,
    where: str = "",
) -> None:
    """Let a decision pass that may be written; see :func:`problems` for the arguments.

    Raises:
        UsageError: With everything that speaks against it, and ``where`` it stands.
    """
    wrong = problems(protocol, stage=stage, reviewer=reviewer, choice=choice, reason=reason, consensus_on=consensus_on)
    if wrong:
        raise UsageError("; ".join(wrong), where, "nothing was written")
