"""The retraction state of included reports and studies, from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from living_review.ledger import tables as t
from living_review.ledger.database import Transaction
from living_review.ledger.records import Records, in_parts
from living_review.ledger.searches import Searches
from living_review.records import Record
from living_review.retraction import GRAVE, RetractionState, RetractionStatus, status_of, status_of_report
from living_review.steps.screening_state import ScreeningState


def report_statuses(tx: Transaction, state: ScreeningState) -> dict[str, RetractionStatus]:
    """Included report -> its retraction state."""
    wanted = {record for report in state.included for record in state.reports[report]}
    records = Records(tx).latest(wanted)
    asked = _last_asked(tx, records)
    return {
        report: status_of_report(
            status_of(records[one], asked[one].date().isoformat() if one in asked else "")
            for one in state.reports[report]
        )
        for report in state.included
    }


def retractions(tx: Transaction, state: ScreeningState) -> frozenset[str]:
    """Included studies of which a report is retracted."""
    statuses = report_statuses(tx, state)
    return frozenset(
        study
        for study, reports in state.included_studies.items()
        if any(statuses[report].state is RetractionState.RETRACTED for report in reports)
    )


def grave_since(tx: Transaction, state: ScreeningState) -> dict[str, tuple[RetractionState, datetime]]:
    """Included study that is retracted or under concern -> its gravest state, and when a source first said so."""
    statuses = report_statuses(tx, state)
    found = {}
    for study, reports in state.included_studies.items():
        gravest = status_of_report(statuses[report] for report in reports).state
        if gravest in GRAVE:
            records = [one for report in reports for one in state.reports[report]]
            found[study] = (gravest, _first_said(tx, records, gravest))
    return found


def _first_said(tx: Transaction, records: Iterable[int], state: RetractionState) -> datetime:
    version = t.record_version
    said: list[datetime] = [
        row["at"]
        for part in in_parts(records)
        for row in tx.rows(sa.select(version).where(version.c.review == tx.review, version.c.record_id.in_(part)))
        if status_of(Record.from_dict(row["body"]), "").state is state
    ]
    return min(said)


def _last_asked(tx: Transaction, records: Mapping[int, Record]) -> dict[int, datetime]:
    """Record id -> when PubMed last gave it in full, for ``records``.

    An export that people import is as old as it may be: its day is that of the import, not of the answer.
    """
    asked: dict[int, datetime] = {}
    for part in in_parts(records):
        versions = (
            sa.select(t.record_version.c.record_id, sa.func.max(t.record_version.c.at))
            .join(t.search, t.search.c.id == t.record_version.c.search_id)
            .where(
                t.record_version.c.review == tx.review,
                t.record_version.c.record_id.in_(part),
                t.search.c.kind.in_(("pubmed", "watch")),
            )
        )
        rows = tx.connection.execute(versions.group_by(t.record_version.c.record_id))
        asked.update((row[0], row[1]) for row in rows)
    searches = Searches(tx)
    ids = {(record.source, record.source_id): one for one, record in records.items()}
    for run in searches.runs(("watch",)):
        if run["state"] != "failed":
            for one in searches.ids_of(run):
                record = ids.get((run["source"], one))
                if record is not None:
                    asked[record] = max(asked.get(record, run["finished_at"]), run["finished_at"])
    return asked
