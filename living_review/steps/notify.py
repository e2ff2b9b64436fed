"""Notify: put what is new into the outbox, once for each recipient, and send what has not been sent.

What was found first (the baseline) is told as one item: nobody reads a mail of ten thousand titles.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import SecretStr

from living_review.delivery import Dispatched, dispatch
from living_review.errors import LivingReviewError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.runs import Outbox, Runs
from living_review.ledger.searches import Searches
from living_review.notices import OutboxItem, is_address, item_key, outbox_item, plan, recipient_name
from living_review.protocol import Event, Notify
from living_review.records import Record
from living_review.review import Review
from living_review.screening import Verdict, queue_for
from living_review.settings import secret
from living_review.steps.account import Account
from living_review.steps.charting_state import charting_state
from living_review.steps.duplicates import doubts
from living_review.steps.prisma import update_rounds
from living_review.steps.publish import WAITS
from living_review.steps.screening_state import ScreeningState, screening_state

_LOG = logging.getLogger(__name__)
_GRAVE = {"retracted", "expression_of_concern", "corrected"}

_OF_THE_MOMENT = {Event.WAITING, Event.CONFLICTS, Event.RETURNED_ROWS}
"""What is so now, and is told to a recipient who comes later; all else has happened, and is not told again."""


@dataclass(frozen=True, kw_only=True)
class _Told:
    event: Event
    item: str
    """Unique in the review for the event."""
    payload: Mapping[str, Any]
    reviewer: str = ""
    """Whom it is for; empty: everybody."""
    record: int | None = None
    """The record that is cited in it."""


def notify(review: Review) -> Account:
    """Tell every recipient of the protocol what they have not been told; the account is over items of the outbox.

    Who is named later is told what comes from then on, and what waits now. What could not be told to somebody whom the
    protocol names no more is withdrawn.
    """
    names = {recipient_name(to) for entry in review.protocol.notify for to in entry.to}
    with review.write() as tx:
        outbox = Outbox(tx)
        outbox.put([_row(item) for item in _due(tx, review)] if names else [])
        rows = outbox.unsent()
        gone = [row["key"] for row in rows if row["recipient"] not in names]
        outbox.mark(gone, "withdrawn", "the protocol names this recipient no more")
    sent = _send(review, [_item(row) for row in rows if row["recipient"] in names])
    return Account(
        step="notify",
        received=len(rows),
        of="items",
        parts={"sent": sent.items_sent, "failed": sent.items_failed, "withdrawn": len(gone)},
        remarks=sent.errors,
        details={"notices": sent.notices_sent},
        changed=bool(sent.items_sent or gone),
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
            address = SecretStr(to) if is_address(to) else secret(to)
            if address is not None:
                found[recipient_name(to)] = address
    return found


def _recipients(review: Review, event: Event, reviewer: str) -> list[str]:
    return [
        recipient_name(to)
        for entry in review.protocol.notify
        if event in entry.on and _concerns(entry, reviewer)
        for to in entry.to
    ]


def _concerns(entry: Notify, reviewer: str) -> bool:
    return not entry.reviewer or not reviewer or entry.reviewer.casefold() == reviewer.strip().casefold()


def _due(tx: Transaction, review: Review) -> list[OutboxItem]:
    """What is to be told and was not; records are read of these alone."""
    told, keys = Outbox(tx).told(), Outbox(tx).keys()
    due: list[tuple[_Told, list[str]]] = []
    for one in _everything(tx, review):
        if one.event not in _OF_THE_MOMENT and (str(one.event), one.item) in told:
            continue
        names = [
            name
            for name in _recipients(review, one.event, one.reviewer)
            if item_key(one.event, name, one.item) not in keys
        ]
        if names:
            due.append((one, names))
    latest = Records(tx).latest({one.record for one, _ in due if one.record is not None})
    items = []
    for one, names in due:
        cited = _cited(latest[one.record]) if one.record is not None else {}
        payload = {"review": review.protocol.title, **cited, **one.payload}
        items += [outbox_item(one.event, name, one.item, payload, tx.at) for name in names]
    return items


def _everything(tx: Transaction, review: Review) -> Iterator[_Told]:
    state = screening_state(tx, review.protocol)
    yield from _new_reports(tx, state)
    yield from _possible_duplicates(tx)
    yield from _waiting(review, state)
    yield from _conflicts(state)
    yield from _returned(tx, review, state)
    yield from _versions(tx)
    yield from _events(tx)
    yield from _warnings(tx)
    yield from _unpublished(tx)


def _new_reports(tx: Transaction, state: ScreeningState) -> Iterator[_Told]:
    searches = {row["id"]: row for row in Searches(tx).runs()}
    runs, number_of = update_rounds(list(searches.values()))
    origins = {row["id"]: row for row in Records(tx).origins()}
    baseline, by_search = 0, Counter[int]()
    for report, members in state.reports.items():
        first = origins[members[0]]
        search, day = first["search_id"], first["at"].date().isoformat()
        if number_of[search] > 1:
            why = f"first found by the search of {first['source']} on {day}"
            yield _Told(event=Event.NEW_STUDIES, item=report, payload={"why": why}, record=members[0])
        elif day == runs[0].searched_on:
            baseline += 1
        else:
            by_search[search] += 1
    if baseline:
        title = f"The first searches brought {baseline:,} reports to screen"
        yield _Told(event=Event.NEW_STUDIES, item="baseline", payload={"title": title})
    for search, number in sorted(by_search.items()):
        # A database searched by hand some days after the others: thousands may come at once here as well.
        run = searches[search]
        title = f"The first search of {run['source']} brought {number:,} more reports to screen"
        yield _Told(event=Event.NEW_STUDIES, item=f"baseline:{search}", payload={"title": title})


def _possible_duplicates(tx: Transaction) -> Iterator[_Told]:
    """Told once, and again when there are newer ones."""
    found = [one for one in doubts(tx) if one.kind == "possible"]
    if found:
        title = f"{len(found):,} pairs of reports may be duplicates: `living-review duplicates` shows them"
        item = f"duplicates:{max(one.at for one in found)}"
        yield _Told(event=Event.POSSIBLE_DUPLICATES, item=item, payload={"title": title})


def _waiting(review: Review, state: ScreeningState) -> Iterator[_Told]:
    people = review.protocol.screening.reviewers or tuple(sorted({one.reviewer for one in state.decisions}))
    for stage in state.stages:
        conflicts = len(state.with_verdict(stage, Verdict.CONFLICT))
        for reviewer in people:
            queue = [entry.report_id for entry in queue_for(reviewer, state.verdicts, stage, state.unretrieved)]
            if queue:
                # The same queue is told once; it is told again when it has changed.
                digest = hashlib.sha256(",".join(queue).encode()).hexdigest()[:16]
                payload = {"reviewer": reviewer, "stage": str(stage), "awaiting": len(queue), "conflicts": conflicts}
                yield _Told(
                    event=Event.WAITING, item=f"{stage}:{reviewer}:{digest}", payload=payload, reviewer=reviewer
                )


def _conflicts(state: ScreeningState) -> Iterator[_Told]:
    for stage in state.stages:
        for report in state.with_verdict(stage, Verdict.CONFLICT):
            yield _Told(
                event=Event.CONFLICTS,
                item=f"{stage}:{report}",
                payload={"stage": str(stage)},
                record=state.reports[report][0],
            )


def _returned(tx: Transaction, review: Review, state: ScreeningState) -> Iterator[_Told]:
    for study, row in charting_state(tx, review.protocol, state).returned.items():
        payload = {"title": study, "row": row["origin"], "charter": row["charted_by"], "reasons": list(row["reasons"])}
        yield _Told(
            event=Event.RETURNED_ROWS, item=f"charting:{row['id']}", payload=payload, reviewer=row["charted_by"]
        )


def _versions(tx: Transaction) -> Iterator[_Told]:
    for row in Decisions(tx).publications():
        payload = {"version": row["version"], "date": row["at"].date().isoformat(), "changes": [row["trigger"]]}
        yield _Told(event=Event.NEW_VERSION, item=f"version {row['version']}", payload=payload)


def _events(tx: Transaction) -> Iterator[_Told]:
    for row in Records(tx).events():
        told = row["detail"]["text"]
        if row["kind"] in _GRAVE:
            event, payload = Event.RETRACTION, {"status": row["kind"].replace("_", " "), "notice": told}
        else:
            event, payload = Event.CHANGED_RECORD, {"changed": told}
        yield _Told(event=event, item=f"event:{row['id']}", payload=payload, record=row["record_id"])


def _warnings(tx: Transaction) -> Iterator[_Told]:
    for row in Searches(tx).runs(("pubmed",)):
        if row["warnings"] and row["state"] != "failed":
            payload = {
                "source": row["source"],
                "date": row["finished_at"].date().isoformat(),
                "warnings": [warning["text"] for warning in row["warnings"]],
            }
            yield _Told(event=Event.SEARCH_WARNING, item=f"search:{row['id']}", payload=payload)


def _unpublished(tx: Transaction) -> Iterator[_Told]:
    """What is ready to be published and waits for a person is told to the operators, as a failure would be."""
    for run in Runs(tx).of(WAITS):
        payload = {
            "step": "publish",
            "at": run["finished_at"].isoformat(timespec="seconds"),
            "what": f"not published: {'; '.join(run['account']['what'])}",
            "where": "",
            "remedy": "`living-review publish --approve --by NAME`",
        }
        yield _Told(event=Event.FAILURE, item=f"publish:{run['id']}", payload=payload)


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
