"""Queue: let every new report wait for screening, let it pass on after each stage, and make studies of the included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from living_review.errors import UsageError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports, report_number
from living_review.ledger.runs import Runs
from living_review.records import Record
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.account import Account
from living_review.steps.screening_state import ScreeningState, screening_state
from living_review.steps.signature import signed

VERSION_LINKS = {"UpdateIn", "UpdateOf"}
"""PubMed's links between a preprint and the article it became (NIH preprint pilot)."""


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
    studies = _make_studies(tx, state)
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


def same_study(review: Review, labels: Sequence[str], by: str) -> Account:
    """From now on the reports are of one study, that of the first; signed by ``by``.

    Raises:
        UsageError: If a report is not included, or nobody signs.
    """
    name = signed(by, "same-study")
    with review.write() as tx:
        state = screening_state(tx, review.protocol)
        unknown = [label for label in labels if label not in state.included]
        if unknown or len(set(labels)) < 2:
            raise UsageError(
                f"{', '.join(unknown) or 'one report alone'} cannot share a study",
                "same-study",
                "name two included reports or more",
            )
        study = state.study_ids[state.studies[labels[0]]]
        moved = [report_number(one) for one in labels[1:] if state.studies.get(one) != state.studies[labels[0]]]
        Reports(tx).assign(study, moved, name)
    return Account(
        step="same study",
        received=len(labels),
        of="reports",
        parts={"moved": len(moved), "there_already": len(labels) - len(moved)},
        changed=bool(moved),
    )


def _make_studies(tx: Transaction, state: ScreeningState) -> list[str]:
    """Make a study of each newly included report, but a preprint and its article are two reports of one."""
    reports, records = Reports(tx), Records(tx)
    fresh = [report for report in state.included if report not in state.studies]
    if not fresh:
        return []
    latest = records.latest({one for report in state.included for one in state.reports[report]})
    versions = _versions(state, latest)
    study_of = dict(state.studies)
    ids = dict(state.study_ids)
    made = []
    for report in fresh:
        known = sorted(study_of[other] for other in versions.get(report, ()) if other in study_of)
        if known:
            reports.assign(ids[known[0]], [report_number(report)], "engine")
            study_of[report] = known[0]
            continue
        label, study_id = reports.add_study(len(ids) + 1, report_number(report), "engine")
        ids[label] = study_id
        study_of[report] = label
        made.append(label)
    return made


def _versions(state: ScreeningState, latest: Mapping[int, Record]) -> dict[str, set[str]]:
    """Included report -> the included reports that are a version of it, whichever of the two says so."""
    by_pmid = {
        latest[one].pmid: report for report in state.included for one in state.reports[report] if latest[one].pmid
    }
    found: dict[str, set[str]] = {}
    for report in state.included:
        for one in state.reports[report]:
            for relation in latest[one].relations:
                other = by_pmid.get(relation.pmid) if relation.kind in VERSION_LINKS else None
                if other is not None and other != report:
                    found.setdefault(report, set()).add(other)
                    found.setdefault(other, set()).add(report)
    return found


def _passed(verdict: object) -> bool:
    return getattr(verdict, "verdict", None) is Verdict.INCLUDE
