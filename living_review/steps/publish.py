"""Publish: validate, summarise, and switch readers to a new version; or say that nothing is new.

A version's bytes follow from the ledger alone: its date is that of the latest thing the ledger knows, not of the
run. A row that fails is returned to its charter and left out; a summary that fails is never published. What is about
to be published is noted before the store is touched, so that a run that died in between is told from a stranger's
version, on which nothing is published unless a person says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from living_review.errors import LivingReviewError
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.review import Review
from living_review.site import FIRST_PAGE
from living_review.steps.account import Account
from living_review.steps.chart import return_rows
from living_review.steps.history import note_begun
from living_review.steps.object_store import open_probed_store
from living_review.steps.pointer import NOTICE, highest, known_pointer, why_rolled_back
from living_review.steps.publication_facts import why_too_early
from living_review.steps.publish_state import (
    APPROVED,
    ChartedCheck,
    Prepared,
    SummaryCheck,
    lost_included,
    numbered,
    pointer_fields,
    prepare,
    search_fields,
    some,
)
from living_review.steps.published import BEGUN, PREVIEWED
from living_review.steps.queue import advance
from living_review.steps.root_pages import keep_up, web_folder, write_root_pages, write_site_files
from living_review.steps.signature import signed
from living_review.store import ObjectStore, Pointer, VersionTaken
from living_review.store_layout import JSON_TYPE, POINTER

_NUMBERS_TRIED = 5
"""How many version numbers in a row may turn out to be begun by others before this gives up."""
WAITS = "publish waits"
"""Step under which the ledger notes what a publication waits for a person for; the operators are told of it."""
_SEARCH_FIRST = "run `living-review refresh`, import records, or take the search out of review.yaml"


@dataclass(frozen=True)
class Outlook:
    """What publishing would do now."""

    store: ObjectStore
    pointer: Pointer | None
    """What readers are shown."""
    prepared: Prepared
    """The version that would come next; numbered if it is due."""
    is_due: bool
    """Whether there is anything to publish, once nothing has to be waited for."""
    is_ours: bool
    """Whether readers see a version that this ledger knows, or none."""
    waits_for: tuple[str, ...]
    """What a person must approve, in words."""
    lost: frozenset[str]
    """Included reports that the latest search lost."""
    remarks: tuple[str, ...]
    caught_up: bool
    """Whether something was noted that a run which died had done."""


def publish(
    review: Review,
    check_charted: ChartedCheck,
    check_summary: SummaryCheck,
    *,
    approved_by: str = "",
    unseen: bool = False,
) -> Account:
    """Publish what the ledger holds, if it says anything new; the account is over included studies.

    Args:
        review: The review.
        check_charted: Makes the check of charted rows for a protocol and a day.
        check_summary: Checks the summary; one that fails is not published.
        approved_by: The person who approves, where the protocol or a warning of the search asks for one.
        unseen: Whether that person approves although something else was previewed.

    Raises:
        LivingReviewError: If the summary fails its check, the counts do not add up, or what is approved is not what
            was previewed; readers keep what they have.
        Conflict: If somebody else published meanwhile.
        SourceUnavailable, ServiceRefused: If the store does not answer or will not.
    """
    approved_by = signed(approved_by, "publish --approve") if approved_by else ""
    found = outlook(review, check_charted, check_summary)
    remarks, waits_for, store, prepared = list(found.remarks), found.waits_for, found.store, found.prepared
    if waits_for and not approved_by:
        _note_waiting(review, waits_for)
        either = "accept the loss with `living-review accept --by NAME --note WHY`, or " if found.lost else ""
        remarks.append(
            f"not published: {'; '.join(waits_for)}; a person can {either}approve with "
            "`living-review publish --approve --by NAME`"
        )
        if found.pointer and found.is_ours and NOTICE in found.pointer.fields:
            remarks += _keep_up(review, found)
        return account_of(review, found, remarks)
    if found.pointer and not found.is_due:
        if waits_for:
            _note_approval(review, found, approved_by)
        remarks += _keep_up(review, found)
        return account_of(review, found, remarks, changed=found.caught_up)
    if approved_by:
        remarks += _about_seen(review, prepared, approved_by, unseen)
    prepared = _switch(review, found, approved_by)
    write_root_pages(review, store, prepared.pages)
    return account_of(review, found, remarks, prepared.state.version, changed=True)


def outlook(review: Review, check_charted: ChartedCheck, check_summary: SummaryCheck) -> Outlook:
    """What publishing would do now, after the ledger and charted rows were brought up to date.

    Raises:
        LivingReviewError: If there is nothing that could be published, or the ledger and the store do not fit.
        SourceUnavailable, ServiceRefused: If the store does not answer or will not.
    """
    _catch_up(review)
    returned, charted_report = return_rows(review, check_charted)
    store = open_probed_store(review)
    pointer, caught_up = known_pointer(review, store)
    with review.read() as tx:
        versions = Decisions(tx).publications()
        prepared = prepare(tx, review, check_summary, charted_report)
        lost = frozenset(lost_included(tx))
        pointed_back = why_rolled_back(tx, pointer)
    if versions and pointer is None:
        raise LivingReviewError(
            "the ledger says that a version is published and the store has none",
            str(store.address),
            "restore the store, or point LIVING_REVIEW_STORE_URL to the right one",
        )
    known = {row["manifest_sha256"] for row in (versions if pointed_back else versions[-1:])}
    is_ours = pointer is None or pointer.manifest_sha256 in known
    is_new = not versions or versions[-1]["content_sha256"] != prepared.digest
    is_due = is_new or not is_ours or bool(pointed_back)
    waits_for = [pointed_back] if pointed_back else []
    if pointer is not None and not is_ours:
        waits_for.append(
            f"readers see version {pointer.version}, and the latest that this ledger knows is "
            f"{versions[-1]['version'] if versions else 'none'}: it may be an old copy, or another one publishes the review"
        )
    if lost:
        waits_for.append(f"the last search lost included reports ({some(sorted(lost))})")
    waits_for += prepared.about_leaving
    if is_new and review.protocol.publish.approval == "manual":
        waits_for.append("the protocol asks for a person's approval")
    if is_due:
        prepared = numbered(review, store, prepared, max(prepared.state.version, highest(pointer) + 1))
    return Outlook(
        store=store,
        pointer=pointer,
        prepared=prepared,
        is_due=is_due,
        is_ours=is_ours,
        waits_for=tuple(waits_for),
        lost=lost,
        remarks=(*returned.remarks, *prepared.remarks, *caught_up),
        caught_up=bool(caught_up),
    )


def _catch_up(review: Review) -> None:
    """Let the ledger know the protocol as it is now, and what follows from it for reports and studies."""
    with review.write() as tx:
        why = why_too_early(tx, review.protocol)
        if why:
            raise LivingReviewError(f"there is nothing to publish, as {why}", f"review {review.id}", _SEARCH_FIRST)
        Runs(tx).note_protocol(review.protocol)
        advance(tx, review)


def account_of(
    review: Review, found: Outlook, remarks: list[str], version: int | None = None, *, changed: bool = False
) -> Account:
    """What became of the included studies; ``version`` is the one that was published."""
    prepared = found.prepared
    return Account(
        step="publish",
        received=len(prepared.state.studies),
        of="included studies",
        parts={
            "counted": len(prepared.synthesis.studies),
            "left_out_as_retracted": len(prepared.synthesis.left_out),
            "to_chart": len(prepared.state.pending.to_chart),
        },
        remarks=tuple(remarks),
        details={
            "version": version,
            "files": len(prepared.files),
            "bytes": sum(len(file.body) for file in prepared.files.values()),
            "trigger": prepared.state.trigger,
            "leaving": list(prepared.leaving),
            "address": f"{review.settings.store_url.rstrip('/')}/{review.id}/latest.json",
            "readers": f"{web_folder(review)}{FIRST_PAGE if review.protocol.publish.site else POINTER}"
            if review.settings.public_url
            else "",
        },
        changed=changed,
    )


def _about_seen(review: Review, prepared: Prepared, approved_by: str, unseen: bool) -> list[str]:
    """Refuse to let somebody approve what is not what was looked at."""
    with review.read() as tx:
        previews = Runs(tx).of(PREVIEWED)
    if not previews:
        return [f"nobody previewed what {approved_by} approved (`living-review publish --preview`)"]
    if previews[-1]["account"].get("seen_sha256") == prepared.seen_sha256:
        return []
    if not unseen:
        raise LivingReviewError(
            "what would be published now is not what was previewed last",
            f"review {review.id}",
            "look at `living-review publish --preview` again, or add --unseen to approve what nobody previewed",
        )
    return [f"{approved_by} approved what nobody previewed"]


def _note_approval(review: Review, found: Outlook, by: str) -> None:
    prepared = found.prepared
    noted = {
        "by": by,
        "what": list(found.waits_for),
        "lost": sorted(found.lost),
        "leaving": list(prepared.leaving),
        "content_sha256": prepared.digest,
        "manifest_sha256": hashlib.sha256(prepared.manifest).hexdigest(),
    }
    with review.write() as tx:
        Runs(tx).note(APPROVED, "done", noted, review.protocol, tx.at)


def _note_waiting(review: Review, what: tuple[str, ...]) -> None:
    """Note it once: the next run that waits for the same adds nothing."""
    with review.write() as tx:
        noted, approved = Runs(tx).of(WAITS), Runs(tx).of(APPROVED)
        is_known = noted and noted[-1]["account"]["what"] == list(what)
        if not is_known or (approved and approved[-1]["id"] > noted[-1]["id"]):
            Runs(tx).note(WAITS, "waits", {"what": list(what)}, review.protocol, tx.at)


def _switch(review: Review, found: Outlook, approved_by: str) -> Prepared:
    prepared, pointer = found.prepared, found.pointer
    if approved_by:
        _note_approval(review, found, approved_by)
    write_site_files(review, found.store)
    for _try in range(_NUMBERS_TRIED):
        noted = _begin(review, prepared, approved_by)
        try:
            found.store.publish(
                review.id,
                prepared.state.version,
                prepared.files,
                pointer_fields(review, prepared),
                pointer.etag if pointer else None,
                prepared.kept,
            )
        except VersionTaken as taken:
            prepared = numbered(review, found.store, prepared, taken.next_version)
        else:
            with review.write() as tx:
                Decisions(tx).publish(**noted)
            return prepared
    raise LivingReviewError(
        f"{_NUMBERS_TRIED} version numbers in a row were begun by others", f"review {review.id}", "publish again later"
    )


def _begin(review: Review, prepared: Prepared, approved_by: str) -> dict[str, Any]:
    """Note what is about to be published; gives what the ledger is to say of it once readers see it."""
    body = prepared.files["summary.json"].body
    manifest = prepared.manifest
    noted = {
        "version": prepared.state.version,
        "content_sha256": prepared.digest,
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        "summary_sha256": hashlib.sha256(body).hexdigest(),
        "trigger": prepared.state.trigger,
        "approved_by": approved_by,
    }
    with review.write() as tx:
        Searches(tx).keep_response(manifest, JSON_TYPE)
        Runs(tx).note(BEGUN, "done", note_begun(tx, body, noted), review.protocol, tx.at)
    return noted


def _keep_up(review: Review, found: Outlook) -> list[str]:
    """Tell readers when was last searched although nothing is new, and make good what a run that died left undone."""
    assert found.pointer is not None  # noqa: S101 - asked only where something is published
    wanted = {"status": review.protocol.living.status, **search_fields(found.prepared)}
    if any(found.pointer.fields.get(name) != value for name, value in wanted.items()):
        found.store.touch_pointer(review.id, wanted, found.pointer.etag)
    if keep_up(review, found.store, found.pointer) and not review.protocol.publish.site:
        return ["the protocol wants no site: the pages beside the pointer say so now"]
    return []
