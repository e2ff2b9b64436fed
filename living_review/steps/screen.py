"""Screen: hand out what awaits a reviewer, take decisions back, settle conflicts, note full texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from living_review.agreement import Agreement, agreement
from living_review.dedupe.merge import together
from living_review.errors import InvalidFile, UsageError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.reports import report_number
from living_review.ledger.runs import Runs
from living_review.protocol import Stage
from living_review.records import Record
from living_review.review import Review
from living_review.screening import (
    RETRIEVAL_MOVES,
    Choice,
    Decision,
    ReportVerdict,
    Retrieval,
    Verdict,
    check_decision,
    conflicts,
    problems,
    queue_for,
    stranded,
)
from living_review.screening_export import ExportRow
from living_review.screening_files import ImportedDecision, InvalidDecisions, import_decisions
from living_review.steps.account import Account
from living_review.steps.queue import advance
from living_review.steps.screening_state import ScreeningState, screening_state
from living_review.steps.signature import refuse_second_spelling, signed

PUBMED_PAGE = "https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def to_screen(review: Review, stage: Stage, reviewer: str, *, every: bool = False) -> list[ExportRow]:
    """What awaits ``reviewer`` at ``stage``, one row a report, or ``every`` report of the stage with their decision.

    Raises:
        UsageError: If the protocol has no such reviewer or stage, or the reviewer is known in another spelling.
    """
    check_decision(review.protocol, stage=stage, reviewer=reviewer, choice=Choice.INCLUDE, where="screen export")
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        refuse_second_spelling(reviewer, {one.reviewer for one in state.decisions}, "screen export")
        if every:
            reports = [report for (report, at), value in state.verdicts.items() if at is stage and value.required]
        else:
            reports = [entry.report_id for entry in queue_for(reviewer, state.verdicts, stage, state.unretrieved)]
        return _rows(tx, state, reports, stage, reviewer)


def in_conflict(review: Review, stage: Stage) -> list[dict[str, Any]]:
    """The reports at ``stage`` that want a consensus, with what each reviewer decided, for the person who settles them.

    These are the conflicts, and (``stranded``) the reports that want more decisions and are in nobody's queue any more.

    Raises:
        UsageError: If the protocol has no such stage.
    """
    stages = review.protocol.screening.stages
    if stage not in stages:
        raise UsageError(f"found stage {stage}; allowed: {', '.join(stages)}", "--stage", "choose one of them")
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        people = set(review.protocol.screening.reviewers)
        found = [
            *conflicts(state.verdicts, stage),
            *(
                one
                for one in stranded(state.verdicts, people)
                if one.stage is stage
                and people <= {decision.reviewer for decision in one.decisions}
                and not _is_out_of_reach(state, one.report_id, stage)
            ),
        ]
        rows = {row.report_id: row for row in _rows(tx, state, [one.report_id for one in found], stage, "")}
    return [
        {
            "report_id": one.report_id,
            "title": rows[one.report_id].title,
            "decisions": [
                {"reviewer": d.reviewer, "choice": str(d.choice), "reason": d.reason, "note": d.note}
                for d in one.decisions
            ],
            "about_reason": one.about_reason,
            "stranded": one.verdict is Verdict.AWAITING,
        }
        for one in found
    ]


def import_file(
    review: Review,
    path: Path,
    stage: Stage,
    reviewer: str,
    *,
    name_in_file: str = "",
    list_means: Choice | None = None,
    consensus: bool = False,
) -> Account:
    """Take over the decisions of one reviewer from a file: all or none.

    What the reviewer has decided before, in the same words and under the same criteria, is not decided again.

    Raises:
        InvalidFile: If the file cannot be used, or rows of it; names every row.
        UsageError: If the reviewer may not decide, or is known in another spelling.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InvalidFile(f"the file cannot be read ({error.strerror})", str(path), "check its name") from error
    check_decision(review.protocol, stage=stage, reviewer=reviewer, choice=Choice.INCLUDE, where=path.name)
    started = review.now()
    with review.write() as tx:
        state = screening_state(tx, review.protocol)
        refuse_second_spelling(reviewer, {one.reviewer for one in state.decisions}, "screen import")
        given = _given(state, stage, None if consensus else reviewer)
        found = import_decisions(
            path.name,
            body,
            known=_rows(tx, state, list(state.reports), stage, "", each_record=True),
            protocol=review.protocol,
            stage=stage,
            reviewer=reviewer,
            name_in_file=name_in_file,
            list_means=list_means,
            consensus=consensus,
        )
        fresh = []
        wrong: list[str] = []
        for one in found.decisions:
            before = given.get(one.report_id)
            if before is not None and _says_the_same(before, one, review.protocol.criteria_version):
                continue
            verdict = state.verdicts.get((one.report_id, stage))
            if verdict is None or not verdict.required or _is_out_of_reach(state, one.report_id, stage):
                wrong.append(f"{one.place}: {_not_asked(state, one, stage)}")
                continue
            against = _against(review, one, stage, reviewer, verdict if consensus else None)
            if against:
                wrong.append(f"{one.place}: {against}")
                continue
            fresh.append(one)
        if wrong:
            raise InvalidDecisions(path.name, wrong)
        Decisions(tx).decide(
            [
                {
                    "record_id": one.record_id,
                    "stage": str(stage),
                    "reviewer": reviewer,
                    "choice": str(one.choice),
                    "reason": one.reason,
                    "note": one.note,
                    "criteria_version": review.protocol.criteria_version,
                    "consensus": consensus,
                }
                for one in fresh
            ]
        )
        moved = advance(tx, review)
        account = Account(
            step="screen import",
            received=found.rows,
            of="rows",
            parts={
                "decisions": len(fresh),
                "given_before": len(found.decisions) - len(fresh),
                "repeated_rows": found.repeated,
                "not_decided": found.undecided,
            },
            remarks=found.remarks,
            details={
                "tool": str(found.tool),
                "stage": str(stage),
                "reviewer": reviewer,
                "queued": moved.details["entries"],
            },
            changed=bool(fresh),
        )
        if fresh:
            Runs(tx).note("screen import", "done", account.to_dict(), review.protocol, started)
    return account


def _given(state: ScreeningState, stage: Stage, reviewer: str | None) -> dict[str, Decision]:
    """Report -> the latest decision of ``reviewer`` at ``stage``; None: the latest consensus."""
    latest: dict[str, Decision] = {}
    for one in sorted(state.decisions, key=lambda one: one.moment):
        if one.stage is stage and one.consensus == (reviewer is None) and reviewer in {None, one.reviewer}:
            latest[one.report_id] = one
    return latest


def _says_the_same(before: Decision, now: ImportedDecision, criteria_version: str) -> bool:
    said = (before.choice, before.reason, before.note, before.criteria_version)
    return said == (now.choice, now.reason, now.note, criteria_version)


def _is_out_of_reach(state: ScreeningState, report: str, stage: Stage) -> bool:
    return stage is Stage.FULL_TEXT and report in state.unretrieved


def _not_asked(state: ScreeningState, decision: ImportedDecision, stage: Stage) -> str:
    if _is_out_of_reach(state, decision.report_id, stage):
        return f"found a decision on report {decision.report_id}, whose full text was not retrieved; allowed: a note that it was, then a decision"
    return f"found a decision on report {decision.report_id}; allowed: reports in the queue of {stage}"


def _against(
    review: Review, decision: ImportedDecision, stage: Stage, reviewer: str, consensus_on: ReportVerdict | None
) -> str:
    return "; ".join(
        problems(
            review.protocol,
            stage=stage,
            reviewer=reviewer,
            choice=decision.choice,
            reason=decision.reason,
            consensus_on=consensus_on,
        )
    )


def note_retrieval(review: Review, reports: Sequence[str], state: Retrieval, by: str, note: str = "") -> Account:
    """Note that full texts were, or could not be, retrieved; signed by ``by``.

    Raises:
        UsageError: If a report does not wait for full text or was assessed already, or nobody signs.
    """
    name = signed(by, "screen retrieval")
    with review.write() as tx:
        now = screening_state(tx, review.protocol)
        fresh = []
        for report in reports:
            label = _label(report)
            found = now.verdicts.get((label, Stage.FULL_TEXT))
            if found is None or label not in now.retrieval:
                raise UsageError(
                    f"report {report} does not wait for full text", "screen retrieval", "nothing was written"
                )
            if state is Retrieval.NOT_RETRIEVED and found.verdict is not Verdict.AWAITING:
                raise UsageError(
                    f"report {report} was assessed at full text ({found.verdict})",
                    "screen retrieval",
                    "nothing was written",
                )
            if label not in fresh and state in RETRIEVAL_MOVES[now.retrieval[label]]:
                fresh.append(label)
        Decisions(tx).note_retrieval(
            [{"record_id": report_number(one), "state": str(state), "by": name, "note": note} for one in fresh]
        )
    return Account(
        step="retrieval",
        received=len(reports),
        of="reports",
        parts={str(state): len(fresh), "already_so": len(reports) - len(fresh)},
        changed=bool(fresh),
    )


def agreement_of(review: Review) -> dict[str, Agreement]:
    """Agreement of the independent decisions, by stage."""
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
    return {str(stage): agreement(state.decisions, stage) for stage in state.stages}


def _label(report: str) -> str:
    try:
        return f"R{report_number(report):06d}"
    except ValueError:
        return report


def _rows(
    tx: Transaction,
    state: ScreeningState,
    reports: Sequence[str],
    stage: Stage,
    reviewer: str,
    *,
    each_record: bool = False,
) -> list[ExportRow]:
    shown = {report: state.reports[report] if each_record else state.reports[report][:1] for report in reports}
    records = Records(tx).latest(
        {one for members in state.reports.values() for one in members}
        if each_record
        else {one for report in reports for one in state.reports[report]}
    )
    own = {
        report: decision
        for (report, at), value in state.verdicts.items()
        if at is stage
        for decision in value.decisions
        if decision.reviewer == reviewer
    }
    rows = []
    for report, members in shown.items():
        said = together([records[one] for one in state.reports[report]])
        for one in members:
            decision = own.get(report)
            told = replace(records[one], abstract=records[one].abstract or said.abstract) if each_record else said
            rows.append(
                ExportRow(
                    report_id=report,
                    record_id=one,
                    title=told.title or told.vernacular_title,
                    abstract=told.abstract,
                    authors="; ".join(author.name for author in told.authors),
                    year=told.year,
                    journal=told.journal,
                    doi=told.doi or said.doi,
                    pmid=told.pmid or said.pmid,
                    url=told.url or _page(told),
                    decision=str(decision.choice) if decision else "",
                    reason=decision.reason if decision else "",
                    note=decision.note if decision else "",
                    stage=str(stage) if reviewer else "",
                    reviewer=reviewer,
                )
            )
    return rows


def _page(record: Record) -> str:
    if record.pmid:
        return PUBMED_PAGE.format(pmid=record.pmid)
    return f"https://doi.org/{record.doi}" if record.doi else ""
