"""Preview: the version that would be published, byte for byte, for a person to look at before they approve it.

Promises: readers and the store stay as they are; what somebody could look at is noted, so that nobody approves
something else unawares.
"""

from __future__ import annotations

import hashlib
import json

from living_review.ledger.runs import Runs
from living_review.review import Review
from living_review.steps.account import Account
from living_review.steps.publish import Outlook, account_of, outlook
from living_review.steps.publish_state import ChartedCheck, Prepared, SummaryCheck, numbered, pointer_fields
from living_review.steps.published import PREVIEWED
from living_review.steps.root_pages import root_pages
from living_review.store import File, Pointer
from living_review.store_layout import JSON_TYPE, MANIFEST, POINTER, version_folder

_NUMBERS_TRIED = 5


def preview(
    review: Review, check_charted: ChartedCheck, check_summary: SummaryCheck
) -> tuple[Account, dict[str, File]]:
    """Build what would be published, and note it; the account is that of a publication.

    Returns:
        The account, and every file by its key below the review's folder in the store, the pointer among them; no file
        if there is nothing to publish.

    Raises:
        LivingReviewError: As :func:`living_review.steps.publish.publish`.
        SourceUnavailable, ServiceRefused: If the store does not answer or will not.
    """
    found = outlook(review, check_charted, check_summary)
    remarks = list(found.remarks)
    if found.waits_for:
        remarks.append(f"waits for a person: {'; '.join(found.waits_for)}")
    if not found.is_due:
        return account_of(review, found, remarks), {}
    prepared = _free(review, found)
    manifest = hashlib.sha256(prepared.manifest).hexdigest()
    noted = {
        "version": prepared.state.version,
        "content_sha256": prepared.digest,
        "seen_sha256": prepared.seen_sha256,
        "manifest_sha256": manifest,
    }
    with review.write() as tx:
        Runs(tx).note(PREVIEWED, "done", noted, review.protocol, tx.at)
    pointer = Pointer(
        review_id=review.id,
        version=prepared.state.version,
        manifest_key=f"{version_folder(prepared.state.version)}/{MANIFEST}",
        manifest_sha256=manifest,
        fields=pointer_fields(review, prepared),
    )
    told = json.loads(prepared.files["summary.json"].body)["whats_new"]["text"]
    coming = {
        "version": prepared.state.version,
        "trigger": prepared.state.trigger,
        "text": told,
        "at": review.now(),
    }
    files = {
        **{_key(prepared, name): file for name, file in prepared.files.items()},
        pointer.manifest_key: File(prepared.manifest, JSON_TYPE),
        **root_pages(review, prepared.pages, [coming]),
        POINTER: File(pointer.to_bytes(), JSON_TYPE),
    }
    return account_of(review, found, remarks, prepared.state.version), files


def _free(review: Review, found: Outlook) -> Prepared:
    """With the number that publishing would take: one that a publisher began with other content is passed over."""
    prepared = found.prepared
    for _try in range(_NUMBERS_TRIED):
        claim = found.store.claim_of(review.id, prepared.state.version)
        if claim in {None, hashlib.sha256(prepared.manifest).hexdigest()}:
            break
        prepared = numbered(review, found.store, prepared, found.store.next_version(review.id))
    return prepared


def _key(prepared: Prepared, name: str) -> str:
    return prepared.kept.keys.get(name, f"{version_folder(prepared.state.version)}/{name}")
