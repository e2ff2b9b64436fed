"""Where every report of a review stands: read from the ledger, worked out by the pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from living_review.errors import UsageError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports, report_label
from living_review.protocol import Protocol, Stage
from living_review.screening import (
    Choice,
    Decision,
    QueueEntry,
    ReportVerdict,
    Retrieval,
    RetrievalEvent,
    Verdict,
    retrievals,
    verdicts,
)

CHANGED = "changed"
"""Kind of the event that the title or abstract of a record is another than before."""
NOT_DELIVERED, BACK = "not_delivered", "delivered_again"
"""Kinds of the events that the source has no record any more, and that it has one again."""


@dataclass(frozen=True)
class ScreeningState:
    """Where the reports of one review stand at one moment; reports go by their labels."""

    stages: tuple[Stage, ...]
    reports: dict[str, tuple[int, ...]]
    """Report -> its record ids, the earliest first; set-aside records are of none."""
    decisions: tuple[Decision, ...]
    queue: tuple[QueueEntry, ...]
    retrieval: dict[str, Retrieval]
    """For the reports ever queued for full text: what people said last."""
    studies: dict[str, str]
    """Report -> label of its study, where it has one."""
    study_ids: dict[str, int]
    """Label of a study -> its id."""
    held: dict[int, list[str]]
    """Record id -> why it was set aside."""
    changed_since_decided: tuple[str, ...] = ()
    """Reports whose title or abstract changed after a decision at title and abstract, and nobody decided since."""

    @cached_property
    def verdicts(self) -> dict[tuple[str, Stage], ReportVerdict]:
        """(report, stage) -> verdict, for every stage that a report which still exists has reached now.

        A report that passed a stage once may pass it no longer: people change decisions, and links join reports. What was
        decided on it at later stages is kept and counts again as soon as it passes.
        """
        found = verdicts(self.decisions, self.queue)
        reached: dict[tuple[str, Stage], ReportVerdict] = {}
        for report in self.reports:
            for stage in self.stages:
                if (report, stage) not in found:
                    break
                reached[report, stage] = found[report, stage]
                if found[report, stage].verdict is not Verdict.INCLUDE:
                    break
        return reached

    @cached_property
    def unretrieved(self) -> frozenset[str]:
        """Reports whose full text could not be had, so that nobody can assess them."""
        return frozenset(
            report
            for report, state in self.retrieval.items()
            if state is Retrieval.NOT_RETRIEVED and self._is_awaited(report)
        )

    def _is_awaited(self, report: str) -> bool:
        found = self.verdicts.get((report, Stage.FULL_TEXT))
        return found is not None and found.verdict is Verdict.AWAITING

    @cached_property
    def included(self) -> tuple[str, ...]:
        """Reports that passed the last stage."""
        last = self.stages[-1]
        return tuple(
            report
            for (report, stage), value in self.verdicts.items()
            if stage is last and value.verdict is Verdict.INCLUDE
        )

    @cached_property
    def included_studies(self) -> dict[str, tuple[str, ...]]:
        """Study -> its included reports."""
        found: dict[str, list[str]] = {}
        for report in self.included:
            if report in self.studies:
                found.setdefault(self.studies[report], []).append(report)
        return {study: tuple(reports) for study, reports in sorted(found.items())}

    def with_verdict(self, stage: Stage, verdict: Verdict) -> tuple[str, ...]:
        """Reports queued for ``stage`` that have this verdict there."""
        return tuple(
            report
            for (report, at), value in self.verdicts.items()
            if at is stage and value.verdict is verdict and value.required
        )


def screening_state(tx: Transaction, protocol: Protocol, decided_at: Stage | None = None) -> ScreeningState:
    """Where the reports of the transaction's review stand.

    Args:
        tx: The transaction.
        protocol: Its review's protocol.
        decided_at: Leaves all reports out but those on which somebody decided at this stage.

    Raises:
        UsageError: If people decided at a stage that the protocol has no more.
    """
    places, kept = Reports(tx), Decisions(tx)
    _refuse_lost_stage(kept.stages(), protocol)
    placed, held = places.of_records(), Records(tx).held()
    some = None
    if decided_at is not None:
        reports = {placed[one] for one in kept.decided_at(decided_at)}
        placed = {one: report for one, report in placed.items() if report in reports}
        some = placed.keys()
    members: dict[str, list[int]] = {}
    for record, report in placed.items():
        if record not in held:
            members.setdefault(report_label(report), []).append(record)
    label = {record: report_label(report) for record, report in placed.items()}
    decisions = tuple(_decision(row, label) for row in kept.decisions(some))
    decisions, changed = _after_changes(tx, decisions, label, protocol.screening.reopen_on_change)
    queue = tuple(
        QueueEntry(report_id=label[row["record_id"]], stage=Stage(row["stage"]), required=row["required"])
        for row in kept.queued(some)
    )
    events = [
        RetrievalEvent(
            event_id=row["id"], report_id=label[row["record_id"]], state=Retrieval(row["state"]), at=row["at"]
        )
        for row in kept.retrieval_rows()
        if row["record_id"] in label
    ]
    last_but_one = {entry.report_id for entry in queue if entry.stage is Stage.FULL_TEXT}
    names = {row["id"]: row["label"] for row in places.studies()}
    of_study: dict[str, str] = {}
    for record, study in sorted(places.study_of_records().items()):
        # Where links made one report of two that had a study each, it is of the study of the earlier record.
        if record in label:
            of_study.setdefault(label[record], names[study])
    return ScreeningState(
        stages=protocol.screening.stages,
        reports={report: tuple(sorted(records)) for report, records in sorted(members.items())},
        decisions=decisions,
        queue=queue,
        retrieval=retrievals(events, last_but_one),
        studies=of_study,
        study_ids={name: one for one, name in names.items()},
        held=held,
        changed_since_decided=changed,
    )


def _after_changes(
    tx: Transaction, decisions: tuple[Decision, ...], label: dict[int, str], reopen: bool
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """The decisions that count, and the reports decided on at title and abstract before either of these changed.

    Where the protocol says so, such decisions count no more; they are kept, as everything is.
    """
    changed_at = {
        label[row["record_id"]]: row["at"]
        for row in Records(tx).events()
        if row["kind"] == CHANGED and row["record_id"] in label
    }
    if not changed_at:
        return decisions, ()
    early = {
        one
        for one in decisions
        if one.stage is Stage.TITLE_ABSTRACT and one.report_id in changed_at and one.at < changed_at[one.report_id]
    }
    late = {one.report_id for one in decisions if one.stage is Stage.TITLE_ABSTRACT and one not in early}
    stale = tuple(sorted({one.report_id for one in early} - late))
    return (tuple(one for one in decisions if one not in early) if reopen else decisions), stale


def _refuse_lost_stage(given: Mapping[str, int], protocol: Protocol) -> None:
    """What was excluded at a stage would count as included without it."""
    stages = protocol.screening.stages
    lost = {stage: number for stage, number in given.items() if stage not in stages}
    if lost:
        stage, number = max(lost.items(), key=lambda one: one[1])
        raise UsageError(
            f"found screening.stages {', '.join(stages)}, and {number:,} decisions were given at {stage}",
            f"review {protocol.id}",
            f"put {stage} back: what was excluded there would count as included",
        )


def included_source_ids(tx: Transaction, protocol: Protocol, source: str) -> set[str]:
    """Source ids of ``source`` among the records of included reports: what its search must still find."""
    state = screening_state(tx, protocol, decided_at=protocol.screening.stages[-1])
    wanted = {record for report in state.included for record in state.reports[report]}
    return Records(tx).source_ids(wanted, source)


def _decision(row: dict[str, object], label: dict[int, str]) -> Decision:
    record_id = int(str(row["record_id"]))
    return Decision(
        decision_id=int(str(row["id"])),
        record_id=record_id,
        report_id=label[record_id],
        stage=Stage(str(row["stage"])),
        reviewer=str(row["reviewer"]),
        choice=Choice(str(row["choice"])),
        reason=str(row["reason"]),
        note=str(row["note"]),
        criteria_version=str(row["criteria_version"]),
        consensus=bool(row["consensus"]),
        at=row["at"],  # type: ignore[arg-type]
    )
