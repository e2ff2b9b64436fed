"""Rollback: readers are pointed back to an earlier version; nothing is deleted, and the next version takes a new number.

Promises: readers are only led to a version that is whole, which is looked at first; what is about to be is noted
before the pointer is swapped, so that a run that dies in between is told from a stranger's act; running it again
changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from living_review.errors import LivingReviewError, UsageError
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.review import Review
from living_review.steps.account import Account
from living_review.steps.object_store import open_probed_store
from living_review.steps.pointer import NOTICE, known_pointer
from living_review.steps.published import ROLLBACK_BEGUN, ROLLED_BACK, withdrawn
from living_review.steps.root_pages import root_pages, shown_pages, write_root_pages
from living_review.steps.signature import signed, with_reason
from living_review.store import ObjectStore, Pointer
from living_review.store_layout import MANIFEST, version_folder
from living_review.store_reuse import entries_of


def rollback(review: Review, version: int, by: str, reason: str) -> Account:
    """Point readers to ``version``, which was published before the one they see; the account is over its files.

    Args:
        review: The review.
        version: Number of the earlier version.
        by: The person who decides so.
        reason: Why; readers see it.

    Raises:
        UsageError: If nobody signs, no reason is given, or there is no such earlier version.
        LivingReviewError: If the version was withdrawn or is not whole; readers keep what they have.
        Conflict: If somebody else changed meanwhile what readers see.
        SourceUnavailable, ServiceRefused: If the store does not answer or will not.
    """
    by, reason = signed(by, "rollback"), with_reason(reason, "rollback")
    store = open_probed_store(review)
    pointer, remarks = known_pointer(review, store)
    row = _asked_for(review, version, pointer)
    assert pointer is not None  # noqa: S101 - there is no row without one
    target = replace(
        pointer,
        version=version,
        manifest_key=f"{version_folder(version)}/{MANIFEST}",
        manifest_sha256=row["manifest_sha256"],
    )
    is_there = pointer.manifest_sha256 == target.manifest_sha256
    files = _whole(review, store, target)
    if not is_there:
        _point(review, store, pointer, target, row, by, reason)
    write_root_pages(review, store, root_pages(review, shown_pages(review, store, target)))
    changed = bool(remarks) or not is_there
    if is_there:
        remarks.append(f"readers see version {version} already")
    return Account(
        step="rollback",
        received=files,
        of=f"files of version {version}",
        parts={"in_place": files},
        remarks=tuple(remarks),
        details={"version": pointer.version, "to": version},
        changed=changed,
    )


def _asked_for(review: Review, version: int, pointer: Pointer | None) -> dict[str, Any]:
    with review.read() as tx:
        versions = {row["version"]: row for row in Decisions(tx).publications()}
        gone = withdrawn(tx).get(version)
    if pointer is None or not versions:
        raise UsageError("nothing is published yet", f"review {review.id}", "publish a version first")
    earlier = [str(number) for number in versions if number < pointer.version]
    if version not in versions or version > pointer.version:
        raise UsageError(
            f"version {version} is none that readers could be pointed back to from version {pointer.version}",
            "rollback",
            f"there are {', '.join(earlier[-10:])}" if earlier else "there is no earlier one",
        )
    if gone is not None:
        raise LivingReviewError(
            f"version {version} was withdrawn on {gone['on']} by {gone['by']} ({gone['reason']})",
            "rollback",
            "choose another version",
        )
    return versions[version]


def _whole(review: Review, store: ObjectStore, target: Pointer) -> int:
    """How many files the version has, all of which are there.

    Raises:
        LivingReviewError: If one is not, or the manifest is another.
    """
    where = f"{store.address}/{review.id}/{target.manifest_key}"
    keep = "readers keep what they have; choose another version, or restore the store from a backup"
    if not store.has(f"{review.id}/{target.manifest_key}", target.manifest_sha256):
        raise LivingReviewError(f"the manifest of version {target.version} is not the one published", where, keep)
    entries = entries_of(store.read(f"{review.id}/{target.manifest_key}")[0], where)
    absent = store.absent(review.id, {one.key: one.bytes for one in entries})
    if absent:
        raise LivingReviewError(
            f"{len(absent)} of {len(entries)} files of version {target.version} are missing or changed, "
            f"first {min(absent)}",
            where,
            keep,
        )
    return len(entries)


def _point(
    review: Review,
    store: ObjectStore,
    pointer: Pointer,
    target: Pointer,
    row: dict[str, Any],
    by: str,
    reason: str,
) -> None:
    notice = {"on": review.now().date().isoformat(), "reason": reason, "from": pointer.version}
    account = {"version": pointer.version, "to": target.version, "by": by, "reason": reason}
    with review.write() as tx:
        Runs(tx).note(ROLLBACK_BEGUN, "done", {**account, NOTICE: notice}, review.protocol, tx.at)
    fields = {
        **pointer.fields,
        "content_sha256": row["content_sha256"],
        "published_at": row["at"].isoformat(timespec="seconds"),
        NOTICE: notice,
    }
    store.point(replace(target, fields=fields), pointer.etag)
    with review.write() as tx:
        Runs(tx).note(ROLLED_BACK, "done", account, review.protocol, tx.at)
