"""Status: where a review stands, for people and for scripts."""

from __future__ import annotations

from typing import Any

from living_review.ledger.database import Transaction
from living_review.ledger.records import Records
from living_review.ledger.runs import Outbox
from living_review.ledger.searches import Searches
from living_review.protocol import PubMedSearch
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.accept import acceptances, unaccepted
from living_review.steps.charting_state import charting_state
from living_review.steps.duplicates import doubts
from living_review.steps.published import shown
from living_review.steps.retraction import retractions
from living_review.steps.screening_state import ScreeningState, screening_state
from living_review.steps.todo import open_tasks


def status(review: Review) -> dict[str, Any]:
    """Where the review stands, as plain JSON values (see docs/status.md for every key)."""
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        charting = charting_state(tx, review.protocol, state)
        records = len(Records(tx).origins())
        doubtful = doubts(tx)
        placed = sum(len(members) for members in state.reports.values())
        return {
            "review": review.id,
            "title": review.protocol.title,
            "records": records,
            "reports": len(state.reports),
            "duplicates": placed - len(state.reports),
            "possible_duplicates": sum(one.kind == "possible" for one in doubtful),
            "likely_duplicates": sum(one.kind == "likely" for one in doubtful),
            "awaiting": _numbers(state, Verdict.AWAITING),
            "conflicts": _numbers(state, Verdict.CONFLICT),
            "not_retrieved": len(state.unretrieved),
            "included_reports": len(state.included),
            "included_studies": len(state.included_studies),
            "charted": len(charting.accepted),
            "to_chart": len(charting.uncharted),
            "quarantined": len(state.held) + len(charting.returned),
            "quarantined_records": len(state.held),
            "quarantined_rows": len(charting.returned),
            "set_aside": {str(one): list(why) for one, why in sorted(state.held.items())},
            "changed_since_decided": list(state.changed_since_decided),
            "retracted": sorted(retractions(tx, state)),
            "open_tasks": len(open_tasks(tx, state)),
            "searches": _searches(tx, review),
            "unsent_notices": len(Outbox(tx).unsent()),
            "failed_notices": len(Outbox(tx).failures()),
            "published_version": shown(tx),
        }


def _numbers(state: ScreeningState, verdict: Verdict) -> dict[str, int]:
    return {
        str(stage): sum(1 for report in state.with_verdict(stage, verdict) if report not in state.unretrieved)
        for stage in state.stages
    }


def _searches(tx: Transaction, review: Review) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        one.name: {"last": None, "state": "never run", "warnings": [], "accepted": None, "unaccepted": []}
        for one in review.protocol.searches
        if isinstance(one, PubMedSearch)
    }
    accepted = acceptances(tx)
    latest = {}
    planned = set(found)
    for row in Searches(tx).runs():
        if row["kind"] == "pubmed" and row["state"] == "failed" and row["source"] not in planned:
            continue  # taken out of the protocol: what it brought before stands
        found[row["source"]] = {
            "last": row["finished_at"].isoformat(),
            "state": row["state"],
            "found": row["delivered"],
            "new": row["counts"].get("new", 0),
            "warnings": [warning["text"] for warning in row["warnings"]],
            "accepted": accepted.get(row["id"]),
            "unaccepted": [],
        }
        latest[row["source"]] = row
    for source, row in latest.items():
        found[source]["unaccepted"] = [
            f"run {run['id']}: {warning['text']}" for run in unaccepted(tx, row) for warning in run["warnings"]
        ]
    return found
