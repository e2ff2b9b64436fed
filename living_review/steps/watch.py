"""Watch: fetch again what the review holds, and tell people what became of it.

A retraction, correction or expression of concern comes later than the record; only asking again finds it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from living_review import __version__
from living_review.errors import IncompleteSearch, LivingReviewError
from living_review.ledger.database import Transaction
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches, SearchRun
from living_review.protocol import PubMedSearch
from living_review.records import Record
from living_review.retraction import status_of
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.account import Account
from living_review.steps.asking import PLATFORM, Keeper, pubmed_client
from living_review.steps.dedupe import relink
from living_review.steps.screening_state import BACK, CHANGED, NOT_DELIVERED, screening_state

HELD = "records held by the review"
"""What stands where other runs have a query."""


def watch(review: Review) -> Account:
    """Fetch the included, undecided and set-aside PubMed records again; the account is over the records asked for.

    Raises:
        IncompleteSearch: If PubMed delivered no record at all.
        SourceUnavailable: If PubMed did not answer as it should; nothing is changed.
    """
    parts = {"unchanged": 0, "changed": 0, "not_delivered": 0}
    remarks: list[str] = []
    events: list[dict[str, Any]] = []
    for strategy in review.protocol.searches:
        if isinstance(strategy, PubMedSearch):
            found, said = _watch(review, strategy.name, parts)
            events += found
            remarks += [*(f"{event['source_id']}: {event['text']}" for event in found), *said]
    return Account(
        step="watch",
        received=sum(parts.values()),
        parts=parts,
        remarks=tuple(remarks),
        details={"events": events},
        changed=bool(parts["changed"] or events),
    )


def _watch(review: Review, source: str, parts: dict[str, int]) -> tuple[list[dict[str, Any]], list[str]]:
    """The events of one search's records, and what a person should know of links that were made."""
    started = review.now()
    with review.read() as tx:
        ids = _watched(tx, review, source)
    if not ids:
        return [], []
    keeper = Keeper(review, source, "watch")
    try:
        return _watch_ids(review, source, ids, keeper, started, parts)
    except LivingReviewError as error:
        keeper.note_failure(HELD, started, error)
        raise


def _watch_ids(
    review: Review, source: str, ids: dict[str, int], keeper: Keeper, started: datetime, parts: dict[str, int]
) -> tuple[list[dict[str, Any]], list[str]]:
    found: dict[str, Record] = {}
    missing: list[str] = []
    with pubmed_client(review, keeper.recall) as client:
        for batch in client.fetch(sorted(ids, key=int), keeper):
            found.update((record.source_id, replace(record, source=source)) for record in batch.records)
            missing += (*batch.missing, *batch.deleted)
            review.progress("records fetched again", len(found), len(ids))
    if found.keys() | set(missing) != ids.keys():
        raise LivingReviewError("PubMed answered for other records than it was asked for", f"search {source}")
    if not found and len(ids) > 1:
        # One record may be deleted; all of them at once are not.
        raise IncompleteSearch(
            f"PubMed delivered none of {len(ids)} records that it has delivered before",
            f"watch of the search {source}",
            "nothing was changed; run it again later",
        )
    with review.write() as tx:
        records = Records(tx)
        # Read here and not before the fetch: another run may have kept the same changes meanwhile.
        before = records.latest(ids.values())
        changed = {one: record for one, record in found.items() if record.content_hash != before[ids[one]].content_hash}
        events = [event for one, record in changed.items() for event in _events(before[ids[one]], record)]
        events += _absences(records, ids, missing, found)
        search_id = Searches(tx).add(
            SearchRun(
                source=source,
                kind="watch",
                platform=PLATFORM,
                query=HELD,
                translation="",
                promised=len(ids),
                delivered=len(found),
                state="complete_with_warnings" if missing else "complete",
                started_at=started,
                finished_at=tx.at,
                warnings=[{"kind": "not_delivered", "text": one} for one in missing],
                counts={"changed": len(changed), "requests": keeper.used},
                ids=sorted(found, key=int),
                run=keeper.run,
            ),
            protocol_digest=review.protocol.digest,
            tool_version=__version__,
        )
        versions = {ids[one]: record for one, record in changed.items()}
        records.add_versions(list(versions.items()), search_id)
        records.add_events([(ids[one], kind, detail) for one, kind, detail in events], search_id)
        said = relink(tx, review.protocol, versions)
        Runs(tx).note_protocol(review.protocol)
    parts["changed"] += len(changed)
    parts["not_delivered"] += len(missing)
    parts["unchanged"] += len(found) - len(changed)
    return [{"source_id": one, "kind": kind, **detail} for one, kind, detail in events], said


def _watched(tx: Transaction, review: Review, source: str) -> dict[str, int]:
    """Source id -> record id: what is included, what people have still to decide on, and what was set aside.

    A record that was set aside may be complete by now.
    """
    state = screening_state(tx, review.protocol)
    open_reports = {
        report
        for stage in state.stages
        for verdict in (Verdict.AWAITING, Verdict.CONFLICT)
        for report in state.with_verdict(stage, verdict)
    }
    wanted = {record for report in {*state.included, *open_reports} for record in state.reports[report]}
    wanted |= state.held.keys()
    return {
        row["source_id"]: row["id"] for row in Records(tx).origins() if row["source"] == source and row["id"] in wanted
    }


def _absences(
    records: Records, ids: dict[str, int], missing: list[str], found: Collection[str]
) -> list[tuple[str, str, dict[str, Any]]]:
    """That a record is not delivered, or is again, once each time that it becomes so."""
    last = {row["record_id"]: row["kind"] for row in records.events() if row["kind"] in {NOT_DELIVERED, BACK}}
    away = {one for one, record in ids.items() if last.get(record) == NOT_DELIVERED}
    return [
        *((one, NOT_DELIVERED, {"text": "PubMed has no record of it now"}) for one in missing if one not in away),
        *((one, BACK, {"text": "PubMed has its record again"}) for one in sorted(away) if one in found),
    ]


def _events(before: Record, now: Record) -> list[tuple[str, str, dict[str, Any]]]:
    events: list[tuple[str, str, dict[str, Any]]] = []
    was, state = status_of(before, "-"), status_of(now, "-")
    if state.state is not was.state:
        cited = "; ".join(notice.citation or notice.pmid for notice in state.notices)
        text = f"{str(was.state).replace('_', ' ')} -> {str(state.state).replace('_', ' ')}" + (
            f" ({cited})" if cited else ""
        )
        events.append((now.source_id, str(state.state), {"text": text, "notices": [n.pmid for n in state.notices]}))
    known = {(one.kind, one.pmid, one.citation) for one in before.relations}
    for relation in now.relations:
        if relation.kind == "UpdateIn" and (relation.kind, relation.pmid, relation.citation) not in known:
            text = f"a later version of it is there ({relation.citation or relation.pmid})"
            events.append((now.source_id, "updated", {"text": text, "pmid": relation.pmid}))
    for name in ("title", "abstract"):
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            events.append(
                (now.source_id, CHANGED, {"text": f"its {name} changed", "field": name, "before": old, "now": new})
            )
    return events
