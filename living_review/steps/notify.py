"""Notify: put what is new into the outbox, once for each recipient, and send what has not been sent.

What was found first (the baseline) is told as one item: nobody reads a mail of ten thousand titles.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import SecretStr

from living_review.delivery import Dispatched, dispatch
from living_review.errors import LivingReviewError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.runs import Outbox
from living_review.ledger.searches import Searches
from living_review.notices import OutboxItem, outbox_item, plan
from living_review.protocol import Event, Notify
from living_review.records import Record
from living_review.review import Review
from living_review.screening import Verdict, queue_for
from living_review.settings import secret
from living_review.steps.account import Account
from living_review.steps.charting_state import charting_state
from living_review.steps.prisma import update_rounds
from living_review.steps.screening_state import ScreeningState, screening_state

_LOG = logging.getLogger(__name__)
_GRAVE = {"retracted", "expression_of_concern", "corrected"}

Told = tuple[Event, str, dict[str, Any], str]
"""Event, item id, payload, and the reviewer it is for (empty: everybody)."""


def notify(review: Review) -> Account:
    """Tell every recipient of the protocol what they have not been told; the account is over items of the outbox."""
    with review.write() as tx:
        told = list(_everything(tx, review))
        Outbox(tx).put(
            [
                _row(outbox_item(event, name, item, payload, tx.at))
                for event, item, payload, who in told
                for name in _recipients(review, event, who)
            ]
        )
        waiting = [_item(row) for row in Outbox(tx).unsent()]
    sent = _send(review, waiting)
    return Account(
        step="notify",
        received=len(waiting),
        of="items",
        parts={"sent": sent.items_sent, "failed": sent.items_failed},
        remarks=sent.errors,
        details={"notices": sent.notices_sent},
        changed=bool(sent.items_sent),
    )


def tell_failure(review: Review, flow: str, error: LivingReviewError) -> None:
    """Tell the operators that a flow failed; a failure to tell is logged, for the first error must not be hidden."""
    now = review.now()
    payload = {
        "review": review.protocol.title,
        "step": flow,
        "at": now.isoformat(timespec="seconds"),
        "what": error.what if isinstance(getattr(error, "what", None), str) else str(error),
        "where": getattr(error, "where", ""),
        "remedy": getattr(error, "remedy", ""),
    }
    items = [
        outbox_item(Event.FAILURE, name, f"{flow}:{now.isoformat()}", payload, now)
        for name in _recipients(review, Event.FAILURE, "")
    ]
    if not items:
        return
    try:
        with review.write() as tx:
            Outbox(tx).put([_row(item) for item in items])
        _send(review, items)
    except LivingReviewError as second:
        _LOG.error("the failure could not be kept in the ledger (%s), it is told directly", second)
        dispatch(plan(items), _channels(review), lambda _keys, _delivery: None)


def _row(item: OutboxItem) -> dict[str, Any]:
    """The item as a row of the outbox."""
    row = asdict(item)
    del row["created_at"]
    return row


def _item(row: dict[str, Any]) -> OutboxItem:
    values = {name: row[name] for name in ("key", "event", "recipient", "item_id", "payload")}
    return OutboxItem(**values, created_at=row["at"])


def _send(review: Review, items: list[OutboxItem]) -> Dispatched:
    def mark(keys: tuple[str, ...], delivery: Any) -> None:
        with review.write() as tx:
            Outbox(tx).mark(keys, str(delivery.outcome), delivery.error)

    return dispatch(plan(items), _channels(review), mark)


def _channels(review: Review) -> dict[str, SecretStr]:
    found = {}
    for entry in review.protocol.notify:
        for to in entry.to:
            address = SecretStr(to) if "://" in to else secret(to)
            if address is not None:
                found[_name(to)] = address
    return found


def _recipients(review: Review, event: Event, reviewer: str) -> list[str]:
    return [
        _name(to)
        for entry in review.protocol.notify
        if event in entry.on and _concerns(entry, reviewer)
        for to in entry.to
    ]


def _concerns(entry: Notify, reviewer: str) -> bool:
    return not entry.reviewer or not reviewer or entry.reviewer == reviewer


def _name(to: str) -> str:
    """What the ledger calls a recipient: an address may hold a password, so its digest stands for it."""
    return f"address-{hashlib.sha256(to.encode()).hexdigest()[:12]}" if "://" in to else to


def _everything(tx: Transaction, review: Review) -> Iterator[Told]:
    state = screening_state(tx, review.protocol)
    common = {"review": review.protocol.title}
    records = Records(tx)
    for event, item, payload, reviewer in (
        *_new_reports(tx, review, state),
        *_waiting(review, state),
        *_conflicts(records, state),
        *_returned(tx, review, state),
        *_versions(tx),
        *_events(tx, records),
        *_warnings(tx),
    ):
        yield event, item, {**common, **payload}, reviewer


def _new_reports(tx: Transaction, review: Review, state: ScreeningState) -> Iterator[Told]:
    _runs, number_of = update_rounds(Searches(tx).runs())
    origins = {row["id"]: row for row in Records(tx).origins()}
    base = {report for report, members in state.reports.items() if number_of[origins[members[0]]["search_id"]] == 1}
    if base:
        yield Event.NEW_STUDIES, "baseline", {"title": f"The first searches brought {len(base)} reports to screen"}, ""
    fresh = {report: members[0] for report, members in state.reports.items() if report not in base}
    latest = Records(tx).latest(fresh.values())
    for report, one in fresh.items():
        source = origins[one]["source"]
        why = f"first found by the search of {source} on {origins[one]['at'].date().isoformat()}"
        yield Event.NEW_STUDIES, report, {**_cited(latest[one]), "why": why}, ""


def _waiting(review: Review, state: ScreeningState) -> Iterator[Told]:
    people = review.protocol.screening.reviewers or tuple(sorted({one.reviewer for one in state.decisions}))
    for stage in state.stages:
        conflicts = len(state.with_verdict(stage, Verdict.CONFLICT))
        for reviewer in people:
            queue = [entry.report_id for entry in queue_for(reviewer, state.verdicts, stage, state.unretrieved)]
            if queue:
                # The same queue is told once; it is told again when it has changed.
                digest = hashlib.sha256(",".join(queue).encode()).hexdigest()[:16]
                payload = {"reviewer": reviewer, "stage": str(stage), "awaiting": len(queue), "conflicts": conflicts}
                yield Event.WAITING, f"{stage}:{reviewer}:{digest}", payload, reviewer


def _conflicts(records: Records, state: ScreeningState) -> Iterator[Told]:
    found = [(stage, report) for stage in state.stages for report in state.with_verdict(stage, Verdict.CONFLICT)]
    latest = records.latest({state.reports[report][0] for _, report in found})
    for stage, report in found:
        payload = {**_cited(latest[state.reports[report][0]]), "stage": str(stage)}
        yield Event.CONFLICTS, f"{stage}:{report}", payload, ""


def _returned(tx: Transaction, review: Review, state: ScreeningState) -> Iterator[Told]:
    for study, row in charting_state(tx, review.protocol, state).returned.items():
        payload = {"title": study, "row": row["origin"], "charter": row["charted_by"], "reasons": list(row["reasons"])}
        yield Event.RETURNED_ROWS, f"charting:{row['id']}", payload, row["charted_by"]


def _versions(tx: Transaction) -> Iterator[Told]:
    for row in Decisions(tx).publications():
        payload = {"version": row["version"], "date": row["at"].date().isoformat(), "changes": [row["trigger"]]}
        yield Event.NEW_VERSION, f"version {row['version']}", payload, ""


def _events(tx: Transaction, records: Records) -> Iterator[Told]:
    events = records.events()
    latest = records.latest({row["record_id"] for row in events})
    for row in events:
        cited = _cited(latest[row["record_id"]])
        if row["kind"] in _GRAVE:
            payload = {**cited, "status": row["kind"].replace("_", " "), "notice": row["detail"]["text"]}
            yield Event.RETRACTION, f"event:{row['id']}", payload, ""
        else:
            yield Event.CHANGED_RECORD, f"event:{row['id']}", {**cited, "changed": row["detail"]["text"]}, ""


def _warnings(tx: Transaction) -> Iterator[Told]:
    for row in Searches(tx).runs(("pubmed",)):
        if row["warnings"] and row["state"] != "failed":
            payload = {
                "source": row["source"],
                "date": row["finished_at"].date().isoformat(),
                "warnings": [warning["text"] for warning in row["warnings"]],
            }
            yield Event.SEARCH_WARNING, f"search:{row['id']}", payload, ""


def _cited(record: Record) -> Mapping[str, Any]:
    names = [author.short for author in record.authors[:3]] + (["et al."] if len(record.authors) > 3 else [])
    link = f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/" if record.pmid else ""
    return {
        "title": record.title or record.vernacular_title,
        "authors": ", ".join(names),
        "journal": record.journal,
        "year": record.year,
        "link": link or (f"https://doi.org/{record.doi}" if record.doi else record.url),
    }
