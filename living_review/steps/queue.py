"""Queue: let every new report wait for screening, let it pass on after each stage, and make studies of the included."""

from __future__ import annotations

from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.reports import Reports, report_number
from living_review.ledger.runs import Runs
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.account import Account
from living_review.steps.screening_state import screening_state


def queue(review: Review) -> Account:
    """Queue each report for the stage it has reached; the account is over all reports."""
    with review.write() as tx:
        account = advance(tx, review)
        Runs(tx).note_protocol(review.protocol)
    return account


def advance(tx: Transaction, review: Review) -> Account:
    """What :func:`queue` does, inside a transaction that is already open."""
    required = review.protocol.screening.reviewers_per_report
    state = screening_state(tx, review.protocol)
    queued = {(entry.report_id, entry.stage) for entry in state.queue}
    entries = []
    parts = {"queued": 0, "already_queued": 0}
    for report in state.reports:
        fresh = False
        for place, stage in enumerate(state.stages):
            reached = place == 0 or _passed(state.verdicts.get((report, state.stages[place - 1])))
            if reached and (report, stage) not in queued:
                entries.append((report_number(report), str(stage), required))
                fresh = True
        parts["queued" if fresh else "already_queued"] += 1
    Decisions(tx).queue(entries)
    newly_included = [report_number(report) for report in state.included if report not in state.studies]
    studies = Reports(tx).add_studies(newly_included, "engine")
    return Account(
        step="queue",
        received=len(state.reports),
        of="reports",
        parts=parts,
        details={
            "entries": {str(stage): sum(1 for entry in entries if entry[1] == stage) for stage in state.stages},
            "new_studies": studies,
        },
        changed=bool(entries or studies),
    )


def _passed(verdict: object) -> bool:
    return getattr(verdict, "verdict", None) is Verdict.INCLUDE
