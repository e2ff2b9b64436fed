"""What readers are shown, by the store's pointer and the ledger together; what a run that died left unsaid is said.

Whoever changes the pointer notes first what is about to be, then swaps, then notes that it is so. A run that died in
between is found out by the next one: readers see just what was noted.
"""

from __future__ import annotations

from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.review import Review
from living_review.steps.history import noted_versions
from living_review.steps.published import ROLLBACK_BEGUN, ROLLED_BACK
from living_review.store import ObjectStore, Pointer

NOTICE = "notice"
"""Field of the pointer after a rollback: ``on``, ``reason`` and the version it leads back ``from``."""


def known_pointer(review: Review, store: ObjectStore) -> tuple[Pointer | None, list[str]]:
    """What readers are shown. If a run of this ledger switched them to it and died before it could say so, it says so."""
    pointer = store.read_pointer(review.id)
    if pointer is None:
        return None, []
    with review.read() as tx:
        known = {row["manifest_sha256"] for row in Decisions(tx).publications()}
        begun = noted_versions(tx)
    if pointer.manifest_sha256 in known:
        return pointer, _finish_rollback(review, pointer)
    if pointer.manifest_sha256 not in begun:
        return pointer, []
    with review.write() as tx:
        Decisions(tx).publish(**begun[pointer.manifest_sha256])
    return pointer, [f"version {pointer.version} was published by a run that ended before it could be noted"]


def _finish_rollback(review: Review, pointer: Pointer) -> list[str]:
    notice = pointer.fields.get(NOTICE)
    if notice is None:
        return []
    with review.write() as tx:
        begun = [run for run in Runs(tx).of(ROLLBACK_BEGUN) if run["account"][NOTICE] == notice]
        done = [run["account"] for run in Runs(tx).of(ROLLED_BACK)]
        account = {name: value for name, value in begun[-1]["account"].items() if name != NOTICE} if begun else None
        if account is None or account["to"] != pointer.version or account in done:
            return []
        Runs(tx).note(ROLLED_BACK, "done", account, review.protocol, begun[-1]["started_at"])
    return [f"readers were pointed back to version {pointer.version} by a run that ended before it could be noted"]


def highest(pointer: Pointer | None) -> int:
    """The highest number that readers are known to have been shown; 0 for none. It is not to be shown again as new."""
    if pointer is None:
        return 0
    notice = pointer.fields.get(NOTICE)
    before = notice.get("from") if isinstance(notice, dict) else None
    return max(pointer.version, before if isinstance(before, int) else 0)


def why_rolled_back(tx: Transaction, pointer: Pointer | None) -> str:
    """That readers were pointed back, by whom and why; empty where they were not."""
    notice = pointer.fields.get(NOTICE) if pointer else None
    if pointer is None or not isinstance(notice, dict):
        return ""
    noted = [run["account"] for run in Runs(tx).of(ROLLED_BACK) if run["account"]["to"] == pointer.version]
    by = noted[-1]["by"] if noted else "somebody this ledger does not know of"
    return f"readers were pointed back to version {pointer.version} by {by}: {notice.get('reason', '')}"
