"""Search: re-run every strategy in full, fetch what was never seen, and keep both or nothing.

The difference is taken against every id ever seen, never by a date window (Bramer & Bain, JMLA 2017: a window loses
records that enter late or gain their MeSH terms late). A run that delivered other than it promised is kept as failed
and leaves the records as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from living_review import __version__
from living_review.errors import IncompleteSearch, LivingReviewError
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches, SearchRun
from living_review.protocol import PubMedSearch
from living_review.records import Record
from living_review.review import Review
from living_review.search_drift import ZERO, Before, drift
from living_review.sources.pubmed import PubMedClient, RawResponse, SearchResult
from living_review.steps.accept import accepts_zero
from living_review.steps.account import Account
from living_review.steps.asking import PLATFORM, Keeper, pubmed_client
from living_review.steps.screening_state import included_source_ids


class SuddenZero(IncompleteSearch):
    """A search that found records before finds none."""


def search(review: Review) -> Account:
    """Run every PubMed strategy of the protocol; the account is over ids promised.

    Raises:
        IncompleteSearch: If a strategy delivered other than it promised; the run is kept as failed.
        SourceUnavailable: If PubMed did not answer in time or answered something else.
    """
    strategies = [one for one in review.protocol.searches if isinstance(one, PubMedSearch)]
    totals = {"new": 0, "known": 0, "gone": 0}
    remarks: list[str] = []
    details = {}
    for strategy in strategies:
        run = _run(review, strategy)
        for part in totals:
            totals[part] += run.counts[part]
        remarks += [f"{strategy.name}: {warning['text']}" for warning in run.warnings]
        details[strategy.name] = {
            "promised": run.promised,
            "delivered": run.delivered,
            "state": run.state,
            **run.counts,
        }
    return Account(
        step="search",
        received=sum(totals.values()),
        of="ids found",
        # That a found record is deleted is seldom; a line that always says so would be read no more.
        parts={part: number for part, number in totals.items() if number or part != "gone"},
        remarks=tuple(remarks),
        details=details,
        changed=totals["new"] > 0,
    )


@dataclass
class _Fetched:
    """What became of the ids that were not known."""

    records: list[Record] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    """Found by the search, and PubMed itself says that they were deleted."""


def _run(review: Review, strategy: PubMedSearch) -> SearchRun:
    started = review.now()
    keeper = Keeper(review, strategy.name, "pubmed")
    try:
        with review.read() as tx:
            known = set(Records(tx).known_ids(strategy.name))
            last = Searches(tx).last_good(strategy.name, "pubmed")
            before = Searches(tx).ids_of(last) if last else known
        with pubmed_client(review, keeper.recall) as client:
            result = client.search(strategy.query, keeper, before)
            if not result.count:
                _check_zero(review, strategy, client, keeper)
            found = _fetch(review, client, [one for one in result.ids if one not in known], keeper)
        if found.missing:
            shown = ", ".join(found.missing[:10]) + (" …" if len(found.missing) > 10 else "")
            raise IncompleteSearch(
                f"PubMed promised {result.count} records and has none for {len(found.missing)} of them: {shown}",
                f"search {strategy.name}",
                "nothing was taken over; run it again later",
            )
        found.records = [replace(record, source=strategy.name) for record in found.records]
        return _keep(review, strategy, result, found, keeper, min(started, keeper.began or started))
    except LivingReviewError as error:
        error.within(f"search {strategy.name}")
        keeper.note_failure(strategy.query, started, error, ZERO if isinstance(error, SuddenZero) else "failed")
        raise


def _fetch(review: Review, client: PubMedClient, ids: Sequence[str], keeper: Callable[[RawResponse], None]) -> _Fetched:
    found = _Fetched()
    for batch in client.fetch(ids, keeper):
        found.records += batch.records
        found.missing += batch.missing
        found.deleted += batch.deleted
        review.progress("records fetched", len(found.records), len(ids))
    return found


def _check_zero(review: Review, strategy: PubMedSearch, client: PubMedClient, keeper: Keeper) -> None:
    """Believe that nothing was found only if PubMed finds anything at all, and found nothing before either.

    A person may say that a search which found something is to find nothing now.
    """
    if not client.finds_anything(keeper):
        raise IncompleteSearch(
            "PubMed finds no record at all, so that finding nothing proves nothing",
            f"search {strategy.name}",
            "nothing was taken over; run it again later",
        )
    with review.read() as tx:
        last = Searches(tx).last_good(strategy.name, "pubmed")
        is_accepted = last is not None and accepts_zero(tx, strategy.name, after=last["id"])
    if last is not None and last["promised"] and not is_accepted:
        raise SuddenZero(
            f"PubMed found nothing where it found {last['promised']} before",
            f"search {strategy.name}",
            "nothing was taken over; check the query and run it again, or `living-review accept --by NAME` if it is right",
        )


def _keep(
    review: Review,
    strategy: PubMedSearch,
    result: SearchResult,
    found: _Fetched,
    keeper: Keeper,
    started: datetime,
) -> SearchRun:
    with review.write() as tx:
        searches, records = Searches(tx), Records(tx)
        known = records.known_ids(strategy.name)
        history = searches.good(strategy.name, "pubmed")
        before = searches.ids_of(history[-1]) if history else set()
        now = set(result.ids)
        fresh = [record for record in found.records if record.source_id not in known]
        gone = set(found.deleted) - known.keys()
        newly_gone = gone - searches.gone(strategy.name)
        reappeared = {one for one in now - before if one in known} if history else set()
        vanished = before - now
        lost = included_source_ids(tx, review.protocol, strategy.name) - now
        warnings = [{"kind": one.kind, "text": f"{one.kind.replace('_', ' ')}: {one.text}"} for one in result.warnings]
        warnings += drift(
            query=result.query,
            translation=result.query_translation,
            count=result.count,
            before=[
                Before(query=row["query"], translation=row["translation"], count=row["promised"]) for row in history
            ],
            vanished=vanished,
            gone=newly_gone,
            lost=lost,
            untitled=[record.source_id for record in fresh if not record.title],
        )
        run = SearchRun(
            source=strategy.name,
            kind="pubmed",
            platform=PLATFORM,
            query=result.query,
            translation=result.query_translation,
            promised=result.count,
            delivered=len(now),
            state="complete_with_warnings" if warnings else "complete",
            started_at=started,
            finished_at=tx.at,
            warnings=warnings,
            counts={
                "new": len(fresh),
                "known": len(now) - len(fresh) - len(gone),
                "gone": len(gone),
                "vanished": len(vanished),
                "reappeared": len(reappeared),
                "requests": keeper.used,
            },
            ids=sorted(now, key=int),
            run=keeper.run,
            changes=[
                *((one, "reappeared") for one in sorted(reappeared)),
                *((one.source_id, "appeared") for one in fresh),
                *((one, "vanished") for one in sorted(vanished)),
                *((one, "gone") for one in sorted(newly_gone)),
            ],
        )
        if run.promised != run.delivered or now - gone != (now & known.keys()) | {one.source_id for one in fresh}:
            raise IncompleteSearch(
                f"PubMed promised {run.promised} ids and delivered {run.delivered}",
                f"search {strategy.name}",
                "nothing was taken over; run it again later",
            )
        search_id = searches.add(run, protocol_digest=review.protocol.digest, tool_version=__version__)
        records.add(fresh, search_id)
        Runs(tx).note_protocol(review.protocol)
    return run
