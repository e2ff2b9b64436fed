"""A slow, obviously right version of the verdicts: replays the decisions of one report at one stage, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

from living_review.protocol import Stage
from living_review.screening import Decision, QueueEntry, Verdict


def replay(decisions: list[Decision], required: int) -> Iterator[tuple[Decision, Verdict, str]]:
    """After each decision in the order of time: the decision, the verdict then, and the reason then."""
    votes: dict[str, tuple[str, str]] = {}
    signed: tuple[str, str] | None = None
    for decision in sorted(decisions, key=lambda item: (item.at, item.decision_id)):
        if decision.consensus:
            signed = (str(decision.choice), decision.reason)
        else:
            votes[decision.reviewer] = (str(decision.choice), decision.reason)
        yield decision, *_now(list(votes.values()), signed, required, decision.stage)


def _now(
    votes: list[tuple[str, str]], signed: tuple[str, str] | None, required: int, stage: Stage
) -> tuple[Verdict, str]:
    if required == 0:
        return Verdict.AWAITING, ""
    if signed:
        return (Verdict.INCLUDE, "") if signed[0] == "include" else (Verdict.EXCLUDE, signed[1])
    if len(votes) < required:
        return Verdict.AWAITING, ""
    includes = sum(choice == "include" for choice, _ in votes)
    excludes = sum(choice == "exclude" for choice, _ in votes)
    maybes = sum(choice == "maybe" for choice, _ in votes)
    if stage is Stage.TITLE_ABSTRACT:
        includes, maybes = includes + maybes, 0
    if includes == len(votes):
        return Verdict.INCLUDE, ""
    if excludes == len(votes):
        first = votes[0][1]
        same = all(reason == first for _, reason in votes)
        if stage is Stage.TITLE_ABSTRACT:
            return Verdict.EXCLUDE, first if same else ""
        if same and first != "":
            return Verdict.EXCLUDE, first
    return Verdict.CONFLICT, ""


def all_verdicts(decisions: list[Decision], queue: list[QueueEntry]) -> dict[tuple[str, Stage], tuple[Verdict, str]]:
    """The verdict and the reason on every report that is queued or was decided on."""
    found = {}
    named: list[Decision | QueueEntry] = [*decisions, *queue]
    for stage in Stage:
        reports = {item.report_id for item in named if item.stage is stage}
        for report in reports:
            required = 0
            for entry in queue:
                if entry.report_id == report and entry.stage is stage and entry.required > required:
                    required = entry.required
            own = [item for item in decisions if item.report_id == report and item.stage is stage]
            now = (Verdict.AWAITING, "")
            for _, outcome, reason in replay(own, required):
                now = (outcome, reason)
            found[report, stage] = now
    return found
