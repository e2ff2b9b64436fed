"""Search log: every search of the review as PRISMA-S wants it, and exactly what one of them retrieved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from living_review.errors import UsageError
from living_review.flow_diagram import count
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches
from living_review.records import Record
from living_review.review import Review
from living_review.search_report import search_report
from living_review.steps.prisma import flow_facts
from living_review.steps.publication_facts import next_searches, search_log
from living_review.steps.screening_state import screening_state


@dataclass(frozen=True)
class Retrieved:
    """What one run retrieved."""

    records: tuple[Record, ...]
    """As they were known when the run had ended."""
    without_record: tuple[str, ...]
    """Ids that the run found and for which the source had no record."""


def log_of(review: Review) -> dict[str, Any]:
    """Every run of every search, as ``search.json`` has it."""
    with review.read() as tx:
        facts = flow_facts(tx, review.protocol, screening_state(tx, review.protocol))
        planned = next_searches(tx, review.protocol)
        return search_report(review.protocol, search_log(tx), count(facts).total, planned, None)


def retrieved(review: Review, number: int) -> Retrieved:
    """Every record of the result of run ``number``, in the order of the result.

    Raises:
        UsageError: If there is no such run, or it failed.
    """
    with review.read() as tx:
        runs = {run["id"]: run for run in Searches(tx).runs()}
        if number not in runs:
            raise UsageError(f"there is no run {number}", "searches", "see `living-review searches`")
        run = runs[number]
        if run["state"] == "failed":
            raise UsageError(f"run {number} failed and retrieved nothing", "searches", "choose another run")
        ids = Searches(tx).ids_in_order(run)
        places = Records(tx).ids_for(run["source"], ids)
        known = Records(tx).as_of(places.values(), number)
    found = tuple(known[places[one]] for one in ids if places.get(one) in known)
    return Retrieved(found, tuple(one for one in ids if places.get(one) not in known))
