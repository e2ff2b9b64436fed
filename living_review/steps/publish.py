"""Publish: validate, summarise, and switch readers to a new version; or say that nothing is new.

A version's bytes follow from the ledger alone: its date is that of the latest thing the ledger knows, not of the
run. A row that fails is returned to its charter and left out; a summary that fails is never published. What is about
to be published is noted before the store is touched, so that a run that died in between is told from a stranger's
version, on which nothing is published unless a person says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from living_review.charting import quotes_frame, to_frame
from living_review.errors import LivingReviewError
from living_review.feed import feeds
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.protocol import Protocol
from living_review.publication import build, content_digest
from living_review.publication_state import PublicationState
from living_review.review import Review
from living_review.search_drift import lost_reports
from living_review.steps.accept import accepted_losses
from living_review.steps.account import Account
from living_review.steps.chart import return_rows
from living_review.steps.charting_state import ChartingState, charted_row, charting_state
from living_review.steps.history import BEGUN, note_begun, noted_versions
from living_review.steps.object_store import open_probed_store
from living_review.steps.publication_facts import feed_entries, publication_state, why_too_early
from living_review.steps.queue import advance
from living_review.steps.retraction import retractions
from living_review.steps.screening_state import screening_state
from living_review.steps.signature import signed
from living_review.store import File, MissingObject, ObjectStore, Pointer, VersionTaken, build_manifest
from living_review.synthesis import Synthesis, synthesise
from living_review.validation import ValidationReport, Validator

ChartedCheck = Callable[[Protocol, date], Validator]
SummaryCheck = Callable[[Synthesis, "PublicationState", Protocol], ValidationReport]
_NUMBERS_TRIED = 5
"""How many version numbers in a row may turn out to be begun by others before this gives up."""
APPROVED = "publish approved"
"""Step under which the ledger notes who let what be published."""
WAITS = "publish waits"
"""Step under which the ledger notes what a publication waits for a person for; the operators are told of it."""
_SHOWN = 10
_SEARCH_FIRST = "run `living-review refresh`, import records, or take the search out of review.yaml"


@dataclass(frozen=True)
class _Prepared:
    state: PublicationState
    synthesis: Synthesis
    files: dict[str, File]
    digest: str
    remarks: tuple[str, ...]
    leaving: tuple[str, ...]
    """Studies that readers see charted and would no longer see, for the form's sake."""
    about_leaving: tuple[str, ...]
    """What readers would no longer see, in words."""


def publish(
    review: Review, check_charted: ChartedCheck, check_summary: SummaryCheck, *, approved_by: str = ""
) -> Account:
    """Publish what the ledger holds, if it says anything new; the account is over included studies.

    Args:
        review: The review.
        check_charted: Makes the check of charted rows for a protocol and a day.
        check_summary: Checks the summary; one that fails is not published.
        approved_by: The person who approves, where the protocol or a warning of the search asks for one.

    Raises:
        LivingReviewError: If the summary fails its check, or the counts do not add up; readers keep what they have.
        Conflict: If somebody else published meanwhile.
        SourceUnavailable, ServiceRefused: If the store does not answer or will not.
    """
    approved_by = signed(approved_by, "publish --approve") if approved_by else ""
    _catch_up(review)
    returned, charted_report = return_rows(review, check_charted)
    store = open_probed_store(review)
    pointer, caught_up = _known_pointer(review, store)
    with review.read() as tx:
        versions = Decisions(tx).publications()
        prepared = _prepare(tx, review, check_summary, charted_report)
        lost = _lost(tx)
    studies = prepared.state.studies
    parts = {
        "counted": len(prepared.synthesis.studies),
        "left_out_as_retracted": len(prepared.synthesis.left_out),
        "to_chart": len(prepared.state.pending.to_chart),
    }
    remarks = [*returned.remarks, *prepared.remarks, *caught_up]
    if versions and pointer is None:
        raise LivingReviewError(
            "the ledger says that a version is published and the store has none",
            str(store.address),
            "restore the store, or point LIVING_REVIEW_STORE_URL to the right one",
        )
    is_strange = pointer is not None and (not versions or pointer.manifest_sha256 != versions[-1]["manifest_sha256"])
    is_new = not versions or versions[-1]["content_sha256"] != prepared.digest
    waits_for = []
    if pointer is not None and is_strange:
        waits_for.append(
            f"readers see version {pointer.version}, and the latest that this ledger knows is "
            f"{versions[-1]['version'] if versions else 'none'}: it may be an old copy, or another one publishes the review"
        )
    if lost:
        waits_for.append(f"the last search lost included reports ({_some(sorted(lost))})")
    waits_for += prepared.about_leaving
    if is_new and review.protocol.publish.approval == "manual":
        waits_for.append("the protocol asks for a person's approval")
    if waits_for and not approved_by:
        _note_waiting(review, waits_for)
        either = "accept the loss with `living-review accept --by NAME --note WHY`, or " if lost else ""
        remarks.append(
            f"not published: {'; '.join(waits_for)}; a person can {either}approve with "
            "`living-review publish --approve --by NAME`"
        )
        return _account(review, len(studies), parts, remarks, prepared, None, changed=False)
    if waits_for:
        _note_approval(review, approved_by, waits_for, lost, prepared.leaving)
    if pointer is not None and not is_new and not is_strange:
        _touch(review, store, pointer, prepared)
        _write_feed(review, store)
        return _account(review, len(studies), parts, remarks, prepared, None, changed=bool(caught_up))
    prepared = _switch(review, store, pointer, prepared, approved_by)
    _write_feed(review, store)
    return _account(review, len(studies), parts, remarks, prepared, prepared.state.version, changed=True)


def _catch_up(review: Review) -> None:
    """Let the ledger know the protocol as it is now, and what follows from it for reports and studies."""
    with review.write() as tx:
        why = why_too_early(tx, review.protocol)
        if why:
            raise LivingReviewError(f"there is nothing to publish, as {why}", f"review {review.id}", _SEARCH_FIRST)
        Runs(tx).note_protocol(review.protocol)
        advance(tx, review)


def _account(
    review: Review,
    received: int,
    parts: dict[str, int],
    remarks: list[str],
    prepared: _Prepared,
    version: int | None,
    *,
    changed: bool,
) -> Account:
    return Account(
        step="publish",
        received=received,
        of="included studies",
        parts=parts,
        remarks=tuple(remarks),
        details={
            "version": version,
            "files": len(prepared.files),
            "bytes": sum(len(file.body) for file in prepared.files.values()),
            "trigger": prepared.state.trigger,
            "leaving": list(prepared.leaving),
            "address": f"{review.settings.store_url.rstrip('/')}/{review.id}/latest.json",
        },
        changed=changed,
    )


def _prepare(
    tx: Transaction, review: Review, check_summary: SummaryCheck, charted_report: ValidationReport
) -> _Prepared:
    protocol = review.protocol
    state = screening_state(tx, protocol)
    charting = charting_state(tx, protocol, state)
    retracted = frozenset() if protocol.publish.include_retracted else retractions(tx, state)
    rows = [charted_row(study, row) for study, row in charting.accepted.items()]
    synthesis = synthesise(to_frame(rows, protocol), protocol, retracted & set(charting.accepted), quotes_frame(rows))
    publication = publication_state(tx, protocol, state, charting, synthesis)
    report = check_summary(synthesis, publication, protocol)
    report.raise_on_error()
    if not report.passed:
        first = [*report.table_failures, *(failure.message for failure in report.failures)]
        raise LivingReviewError(
            f"the summary fails its check and is not published: {first[0] if first else 'nothing was evaluated'}"
            + (f" (and {len(first) - 1} more)" if len(first) > 1 else ""),
            f"suite {report.suite}",
            "readers keep the version they have",
        )
    publication = replace(publication, validation=(charted_report, report))
    files = build(publication)
    leaving = _leaving(publication, charting)
    return _Prepared(
        publication,
        synthesis,
        files,
        content_digest(files),
        _about_the_form(protocol, charting),
        leaving,
        _about_leaving(publication, charting, leaving),
    )


def _leaving(state: PublicationState, charting: ChartingState) -> tuple[str, ...]:
    if state.previous is None:
        return ()
    seen = {one["study_id"] for one in state.previous["studies"] if one["charted"]}
    return tuple(sorted(seen.intersection(charting.uncharted)))


def _about_leaving(state: PublicationState, charting: ChartingState, leaving: Sequence[str]) -> tuple[str, ...]:
    """What a change of the form would take from readers: a slip of the pen in it must not empty the summary."""
    if state.previous is None:
        return ()
    fields = {item.name for item in state.protocol.charting.fields}
    dropped = [one["name"] for one in state.previous["methods"]["fields"] if one["name"] not in fields]
    answered = [name for name in dropped if any(name in row["values"] for row in charting.accepted.values())]
    said = []
    if leaving:
        said.append(
            f"{len(leaving)} {'study' if len(leaving) == 1 else 'studies'} that readers see charted would leave the "
            f"tables, as the form or its rules changed ({_some(leaving)}): "
            "chart them again, or take the change back"
        )
    if answered:
        said.append(
            f"the form has no field {', '.join(answered)} any more, whose answers readers see: "
            "put it back, or raise charting.form_version and chart again"
        )
    return tuple(said)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _about_the_form(protocol: Protocol, charting: ChartingState) -> tuple[str, ...]:
    if not charting.outdated:
        return ()
    number, versions = len(charting.outdated), ", ".join(sorted(set(charting.outdated.values())))
    return (
        f"form version {protocol.charting.form_version} is in force, and {number} "
        f"{'study' if number == 1 else 'studies'} charted under version {versions} must be charted again",
    )


def _lost(tx: Transaction) -> set[str]:
    """Included reports that the latest search of a source lost, but for those that a person accepted."""
    last = {run["source"]: run for run in Searches(tx).runs() if run["state"] != "failed"}
    lost = {f"{source} {one}" for source, run in last.items() for one in lost_reports(run["warnings"])}
    return lost - accepted_losses(tx) - {one for run in Runs(tx).of(APPROVED) for one in run["account"]["lost"]}


def _note_approval(review: Review, by: str, what: list[str], lost: set[str], leaving: Sequence[str]) -> None:
    noted = {"by": by, "what": what, "lost": sorted(lost), "leaving": list(leaving)}
    with review.write() as tx:
        Runs(tx).note(APPROVED, "done", noted, review.protocol, tx.at)


def _note_waiting(review: Review, what: list[str]) -> None:
    """Note it once: the next run that waits for the same adds nothing."""
    with review.write() as tx:
        noted, approved = Runs(tx).of(WAITS), Runs(tx).of(APPROVED)
        is_known = noted and noted[-1]["account"]["what"] == what
        if not is_known or (approved and approved[-1]["id"] > noted[-1]["id"]):
            Runs(tx).note(WAITS, "waits", {"what": what}, review.protocol, tx.at)


def _known_pointer(review: Review, store: ObjectStore) -> tuple[Pointer | None, list[str]]:
    """What readers are shown. If a run of this ledger switched them to it and died before it could say so, it says so."""
    pointer = store.read_pointer(review.id)
    if pointer is None:
        return None, []
    with review.read() as tx:
        known = {row["manifest_sha256"] for row in Decisions(tx).publications()}
        begun = noted_versions(tx)
    if pointer.manifest_sha256 in known or pointer.manifest_sha256 not in begun:
        return pointer, []
    with review.write() as tx:
        Decisions(tx).publish(**begun[pointer.manifest_sha256])
    return pointer, [f"version {pointer.version} was published by a run that ended before it could be noted"]


def _switch(
    review: Review, store: ObjectStore, pointer: Pointer | None, prepared: _Prepared, approved_by: str
) -> _Prepared:
    if pointer is not None and pointer.version >= prepared.state.version:
        prepared = _renumbered(prepared, pointer.version + 1)
    for _try in range(_NUMBERS_TRIED):
        noted = _begin(review, prepared, approved_by)
        try:
            store.publish(
                review.id,
                prepared.state.version,
                prepared.files,
                _pointer_fields(review, prepared),
                pointer.etag if pointer else None,
            )
        except VersionTaken as taken:
            prepared = _renumbered(prepared, taken.next_version)
        else:
            with review.write() as tx:
                Decisions(tx).publish(**noted)
            return prepared
    raise LivingReviewError(
        f"{_NUMBERS_TRIED} version numbers in a row were begun by others", f"review {review.id}", "publish again later"
    )


def _begin(review: Review, prepared: _Prepared, approved_by: str) -> dict[str, Any]:
    """Note what is about to be published; gives what the ledger is to say of it once readers see it."""
    body = prepared.files["summary.json"].body
    manifest = build_manifest(review.id, prepared.state.version, prepared.files)
    noted = {
        "version": prepared.state.version,
        "content_sha256": prepared.digest,
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        "summary_sha256": hashlib.sha256(body).hexdigest(),
        "trigger": prepared.state.trigger,
        "approved_by": approved_by,
    }
    with review.write() as tx:
        Runs(tx).note(BEGUN, "done", note_begun(tx, body, noted), review.protocol, tx.at)
    return noted


def _renumbered(prepared: _Prepared, version: int) -> _Prepared:
    if prepared.state.version == version:
        return prepared
    state = replace(prepared.state, version=version)
    return replace(prepared, state=state, files=build(state))


def _pointer_fields(review: Review, prepared: _Prepared) -> dict[str, Any]:
    return {
        "title": review.protocol.title,
        "status": review.protocol.living.status,
        "content_sha256": prepared.digest,
        "published_at": review.now().isoformat(timespec="seconds"),
        **_search_fields(prepared),
    }


def _search_fields(prepared: _Prepared) -> dict[str, Any]:
    last = {
        entry.source: entry.searched_at.isoformat(timespec="seconds")
        for entry in prepared.state.searches
        if entry.state != "failed"
    }
    following = {name: moment.isoformat() for name, moment in prepared.state.next_searches.items()}
    return {"last_searched": last, "next_search": following}


def _touch(review: Review, store: ObjectStore, pointer: Pointer, prepared: _Prepared) -> None:
    """Tell readers when was last searched although nothing is new."""
    wanted = {"status": review.protocol.living.status, **_search_fields(prepared)}
    if any(pointer.fields.get(name) != value for name, value in wanted.items()):
        store.touch_pointer(review.id, wanted, pointer.etag)


def _write_feed(review: Review, store: ObjectStore) -> None:
    iri = f"urn:living-review:{review.id}"
    with review.read() as tx:
        started = Decisions(tx).publications()[0]["at"]
        entries = feed_entries(tx, iri, screening_state(tx, review.protocol))
    written = feeds(
        title=review.protocol.title,
        feed_id=iri,
        authors=[author.name for author in review.protocol.authors],
        language=review.protocol.language,
        started=started,
        entries=entries,
    )
    for name, file in written.items():
        key = f"{review.id}/{name}"
        # A run that died before it wrote the feed is made good by the next one.
        if _feed_in(store, key) != file.body:
            store.replace(key, file.body, file.content_type)


def _feed_in(store: ObjectStore, key: str) -> bytes:
    try:
        return store.read(key)[0]
    except MissingObject:
        return b""
