"""Accept: a person who looked into the warnings of a search says that it is right so, and signs that.

Accepted are the warnings of one run, word for word: what a later run warns of otherwise has to be looked into again.
"""

from __future__ import annotations

from typing import Any

from living_review.errors import UsageError
from living_review.ledger.database import Transaction
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.protocol import PubMedSearch
from living_review.review import Review
from living_review.search_drift import ONCE, ZERO, lost_reports
from living_review.steps.account import Account
from living_review.steps.signature import signed

ACCEPTED = "search accepted"
"""Step under which the ledger notes who accepted which warnings of which run."""


def accept(review: Review, by: str, source: str = "", note: str = "") -> Account:
    """Accept the warnings of the latest run of each PubMed search, or of ``source`` alone; signed by ``by``.

    With them goes what earlier runs warned of, they alone could see, and nobody accepted.

    Included reports that are no longer found then hold up no publication, and a search that finds nothing where it found
    something is believed at its next run. The account is over warnings.

    Args:
        review: The review.
        by: Who accepts.
        source: Name of a search; empty: all.
        note: Why.

    Raises:
        UsageError: If nobody signs, there is no such search, nothing is to be accepted, or the run failed otherwise.
    """
    name = signed(by, "accept")
    with review.write() as tx:
        noted, known = [], 0
        latest = _latest(tx, review, source)
        for run in latest:
            if run["state"] == "failed" and run["warnings"][0]["kind"] != ZERO:
                raise UsageError(
                    f"the last run of the search {run['source']} failed ({run['warnings'][0]['text']})",
                    "accept",
                    "a failed run cannot be accepted: run `living-review refresh` again",
                )
            if acceptance_of(tx, run["id"]) is not None:
                known += len(run["warnings"])
            elif run["warnings"]:
                noted.append(run)
            noted += unaccepted(tx, run)
        if not noted and not known:
            raise UsageError("there is no warning to accept", "accept", "see `living-review status`")
        for run in noted:
            note_acceptance(tx, review, run, name, note)
    said = [f"{run['source']}: {warning['text']}" for run in noted for warning in run["warnings"]]
    return Account(
        step="accept",
        received=len(said) + known,
        of="warnings",
        parts={"accepted": len(said), "accepted_before": known},
        remarks=tuple(said),
        changed=bool(noted),
    )


def note_acceptance(tx: Transaction, review: Review, run: dict[str, Any], name: str, note: str) -> None:
    """Keep that ``name`` accepts the warnings of ``run``."""
    account = {
        "by": name,
        "note": note.strip(),
        "source": run["source"],
        "search_id": run["id"],
        "warnings": run["warnings"],
        "lost": sorted(lost_reports(run["warnings"])),
    }
    Runs(tx).note(ACCEPTED, "done", account, review.protocol, tx.at)


def acceptances(tx: Transaction) -> dict[int, dict[str, Any]]:
    """Search id -> who accepted its warnings (``by``), when (``at``) and why (``note``)."""
    return {
        run["account"]["search_id"]: {
            "by": run["account"]["by"],
            "at": run["finished_at"].isoformat(),
            "note": run["account"]["note"],
        }
        for run in Runs(tx).of(ACCEPTED)
    }


def unaccepted(tx: Transaction, latest: dict[str, Any]) -> list[dict[str, Any]]:
    """Runs of the same search before ``latest`` that warned of what only they could see, and nobody accepted it.

    Their ``warnings`` are those alone. A run that failed warned of nothing that came to be.
    """
    known = acceptances(tx)
    earlier = [run for run in Searches(tx).good(latest["source"], latest["kind"]) if run["id"] < latest["id"]]
    found = []
    for run in earlier:
        told = [warning for warning in run["warnings"] if warning["kind"] in ONCE]
        if told and run["id"] not in known:
            found.append({**run, "warnings": told})
    return found


def acceptance_of(tx: Transaction, search_id: int) -> dict[str, Any] | None:
    """Who accepted the warnings of this run, if somebody has."""
    return acceptances(tx).get(search_id)


def accepted_losses(tx: Transaction) -> set[str]:
    """``SOURCE ID`` of every included report that people know is no longer found."""
    return {f"{run['account']['source']} {one}" for run in Runs(tx).of(ACCEPTED) for one in run["account"]["lost"]}


def accepts_zero(tx: Transaction, source: str, *, after: int) -> bool:
    """Whether a person accepted, of a run later than the search ``after``, that ``source`` finds nothing."""
    return any(
        run["account"]["source"] == source
        and run["account"]["search_id"] > after
        and any(warning["kind"] == ZERO for warning in run["account"]["warnings"])
        for run in Runs(tx).of(ACCEPTED)
    )


def _latest(tx: Transaction, review: Review, source: str) -> list[dict[str, Any]]:
    names = [one.name for one in review.protocol.searches if isinstance(one, PubMedSearch)]
    if source and source not in names:
        raise UsageError(f"found search {source!r}", "accept", f"allowed: {', '.join(names) or 'none is defined'}")
    last = {run["source"]: run for run in Searches(tx).runs(("pubmed",))}
    return [last[name] for name in ([source] if source else names) if name in last]
