"""Publish: validate, summarise, and switch readers to a new version; or say that nothing is new.

A version's bytes follow from the ledger alone: its date is that of the latest thing the ledger knows, not of the
run. A row that fails is returned to its charter and left out; a summary that fails is never published.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from living_review.charting import quotes_frame, to_frame
from living_review.errors import LivingReviewError
from living_review.feed import FeedEntry, atom_feed
from living_review.flow_diagram import variants
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.protocol import Protocol, PubMedSearch
from living_review.publication import build, content_digest
from living_review.publication_state import Pending, PublicationState, ReportView, SearchLogEntry, StudyView
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.account import Account
from living_review.steps.chart import return_rows
from living_review.steps.charting_state import ChartingState, charted_row, charting_state
from living_review.steps.object_store import open_probed_store
from living_review.steps.prisma import SOURCE_TITLES, flow_facts
from living_review.steps.retraction import report_statuses, retractions
from living_review.steps.screening_state import ScreeningState, screening_state
from living_review.store import File, ObjectStore, VersionTaken
from living_review.synthesis import Synthesis, synthesise
from living_review.validation import ValidationReport, Validator

ChartedCheck = Callable[[Protocol, date], Validator]
SummaryCheck = Callable[[Synthesis, "PublicationState", Protocol], ValidationReport]
_NUMBERS_TRIED = 5
"""How many version numbers in a row may turn out to be begun by others before this gives up."""
ATOM = "application/atom+xml"


@dataclass(frozen=True)
class _Prepared:
    state: PublicationState
    synthesis: Synthesis
    files: dict[str, File]
    digest: str


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
    returned, charted_report = return_rows(review, check_charted)
    with review.read() as tx:
        versions = Decisions(tx).publications()
        prepared = _prepare(
            tx, review, check_summary, charted_report, last_version=versions[-1]["version"] if versions else 0
        )
    studies = prepared.state.studies
    parts = {
        "counted": len(prepared.synthesis.studies),
        "left_out_as_retracted": len(prepared.synthesis.left_out),
        "to_chart": len(prepared.state.pending.to_chart),
    }
    remarks = list(returned.remarks)
    waits_for = _waits_for(review, prepared)
    if waits_for and not approved_by:
        remarks.append(
            f"not published: {waits_for}; a person can approve with `living-review publish --approve --by NAME`"
        )
        return _account(review, len(studies), parts, remarks, prepared, None, changed=False)
    store = open_probed_store(review)
    if versions and versions[-1]["content_sha256"] == prepared.digest:
        _touch(review, store, prepared)
        return _account(review, len(studies), parts, remarks, prepared, None, changed=False)
    prepared, manifest = _switch(review, store, prepared, check_summary)
    _note(review, prepared, manifest, approved_by)
    _write_feed(review, store)
    return _account(review, len(studies), parts, remarks, prepared, prepared.state.version, changed=True)


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
            "address": f"{review.settings.store_url.rstrip('/')}/{review.id}/latest.json",
        },
        changed=changed,
    )


def _prepare(
    tx: Transaction, review: Review, check_summary: SummaryCheck, charted_report: ValidationReport, last_version: int
) -> _Prepared:
    protocol = review.protocol
    state = screening_state(tx, protocol)
    charting = charting_state(tx, protocol, state)
    retracted = frozenset() if protocol.publish.include_retracted else retractions(tx, state)
    rows = [charted_row(study, row) for study, row in charting.accepted.items()]
    synthesis = synthesise(to_frame(rows, protocol), protocol, retracted & set(charting.accepted), quotes_frame(rows))
    publication = PublicationState(
        protocol=protocol,
        version=last_version + 1,
        published_at=_latest_moment(tx),
        trigger="",
        studies=_studies(tx, state, charting),
        synthesis=synthesis.to_dict(),
        flows=variants(flow_facts(tx, protocol, state)),
        searches=_search_log(tx),
        pending=_pending(state, charting),
        previous=_previous(tx),
        next_searches=_next_searches(tx, protocol),
    )
    publication = replace(publication, trigger=_trigger(publication))
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
    return _Prepared(publication, synthesis, files, content_digest(files))


def _switch(
    review: Review, store: ObjectStore, prepared: _Prepared, check_summary: SummaryCheck
) -> tuple[_Prepared, str]:
    pointer = store.read_pointer(review.id)
    if pointer is not None and pointer.fields.get("content_sha256") == prepared.digest:
        # An earlier run switched readers and died before it could note it.
        return _renumbered(prepared, pointer.version), pointer.manifest_sha256
    if pointer is not None and pointer.version >= prepared.state.version:
        prepared = _renumbered(prepared, pointer.version + 1)
    for _try in range(_NUMBERS_TRIED):
        try:
            published = store.publish(
                review.id,
                prepared.state.version,
                prepared.files,
                _pointer_fields(review, prepared),
                pointer.etag if pointer else None,
            )
        except VersionTaken as taken:
            prepared = _renumbered(prepared, taken.next_version)
        else:
            return prepared, published.manifest_sha256
    raise LivingReviewError(
        f"{_NUMBERS_TRIED} version numbers in a row were begun by others", f"review {review.id}", "publish again later"
    )


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


def _touch(review: Review, store: ObjectStore, prepared: _Prepared) -> None:
    """Tell readers when was last searched although nothing is new."""
    pointer = store.read_pointer(review.id)
    if pointer is None:
        raise LivingReviewError(
            "the ledger says that a version is published and the store has none",
            str(store.address),
            "restore the store, or point LIVING_REVIEW_STORE_URL to the right one",
        )
    wanted = {"status": review.protocol.living.status, **_search_fields(prepared)}
    if any(pointer.fields.get(name) != value for name, value in wanted.items()):
        store.touch_pointer(review.id, wanted, pointer.etag)


def _note(review: Review, prepared: _Prepared, manifest: str, approved_by: str) -> None:
    body = prepared.files["summary.json"].body
    with review.write() as tx:
        if any(row["version"] == prepared.state.version for row in Decisions(tx).publications()):
            return
        Searches(tx).keep_response(body, "application/json")
        Decisions(tx).publish(
            version=prepared.state.version,
            content_sha256=prepared.digest,
            manifest_sha256=manifest,
            summary_sha256=hashlib.sha256(body).hexdigest(),
            trigger=prepared.state.trigger,
            approved_by=approved_by,
        )
        Runs(tx).note_protocol(review.protocol)


def _write_feed(review: Review, store: ObjectStore) -> None:
    base = f"urn:living-review:{review.id}"
    with review.read() as tx:
        versions = Decisions(tx).publications()
        state = screening_state(tx, review.protocol)
        first_records = Records(tx).latest(state.reports[reports[0]][0] for reports in state.included_studies.values())
        added = {row["label"]: row["at"] for row in Reports(tx).studies()}
    entries = [
        FeedEntry(
            id=f"{base}:version:{row['version']}",
            title=f"Version {row['version']}",
            updated=row["at"],
            summary=row["trigger"],
            category="version",
        )
        for row in versions
    ]
    for study, reports in state.included_studies.items():
        record = first_records[state.reports[reports[0]][0]]
        link = f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/" if record.pmid else ""
        entries.append(
            FeedEntry(id=f"{base}:study:{study}", title=record.title, updated=added[study], link=link, category="study")
        )
    body = atom_feed(
        title=review.protocol.title,
        feed_id=base,
        url="feed.xml",
        authors=[author.name for author in review.protocol.authors],
        started=versions[0]["at"],
        entries=entries,
    )
    store.replace(f"{review.id}/feed.xml", body, ATOM)


def _waits_for(review: Review, prepared: _Prepared) -> str:
    if review.protocol.publish.approval == "manual":
        return "the protocol asks for a person's approval"
    last = {entry.source: entry for entry in prepared.state.searches if entry.state != "failed"}
    lost = [text for entry in last.values() for text in entry.warnings if text.startswith("included reports")]
    return f"the last search lost included reports ({lost[0]})" if lost else ""


def _studies(tx: Transaction, state: ScreeningState, charting: ChartingState) -> tuple[StudyView, ...]:
    origins = {row["id"]: (row["source"], row["source_id"]) for row in Records(tx).origins()}
    latest = Records(tx).latest({one for report in state.included for one in state.reports[report]})
    statuses = report_statuses(tx, state)
    added = {row["label"]: row["at"].date().isoformat() for row in Reports(tx).studies()}
    views = []
    for study, reports in state.included_studies.items():
        row = charting.accepted.get(study)
        views.append(
            StudyView(
                study_id=study,
                reports=tuple(
                    ReportView(
                        report_id=report,
                        record=latest[_cited_by(state.reports[report], origins)],
                        retraction=statuses[report],
                        sources=tuple(origins[one] for one in state.reports[report]),
                    )
                    for report in reports
                ),
                values=row["values"] if row else None,
                charted_by=row["charted_by"] if row else "",
                checked_by=row["checked_by"] if row else "",
                form_version=row["form_version"] if row else "",
                included_on=added[study],
            )
        )
    return tuple(views)


def _cited_by(records: tuple[int, ...], origins: Mapping[int, tuple[str, str]]) -> int:
    """The record a report is cited by: PubMed's where there is one, else the first."""
    return next((one for one in records if origins[one][0] == "pubmed"), records[0])


def _search_log(tx: Transaction) -> tuple[SearchLogEntry, ...]:
    placed = Reports(tx).of_records()
    duplicates: dict[int, int] = {}
    for row in Records(tx).origins():
        duplicates[row["search_id"]] = duplicates.get(row["search_id"], 0) + (
            placed.get(row["id"], row["id"]) != row["id"]
        )
    return tuple(
        SearchLogEntry(
            source=SOURCE_TITLES.get(row["source"], row["source"]),
            platform=row["platform"],
            searched_at=row["finished_at"],
            query=row["query"],
            translation=row["translation"] if row["kind"] == "pubmed" else "",
            promised=row["promised"],
            delivered=row["delivered"],
            new=row["counts"].get("new", 0),
            duplicates=duplicates.get(row["id"], 0),
            state=row["state"],
            warnings=tuple(warning["text"] for warning in row["warnings"]),
        )
        for row in Searches(tx).runs()
    )


def _pending(state: ScreeningState, charting: ChartingState) -> Pending:
    def numbers(verdict: Verdict) -> dict[str, int]:
        return {
            str(stage): sum(1 for report in state.with_verdict(stage, verdict) if report not in state.unretrieved)
            for stage in state.stages
        }

    return Pending(
        awaiting=numbers(Verdict.AWAITING),
        conflicts=numbers(Verdict.CONFLICT),
        to_chart=charting.uncharted,
        returned_rows=len(charting.returned),
        held_records=len(state.held),
    )


def _previous(tx: Transaction) -> dict[str, Any] | None:
    versions = Decisions(tx).publications()
    if not versions:
        return None
    found: dict[str, Any] = json.loads(Searches(tx).response(versions[-1]["summary_sha256"]))
    return found


def _next_searches(tx: Transaction, protocol: Protocol) -> dict[str, datetime]:
    """The planned search that follows the latest one: from the ledger, so that equal states give equal bytes."""
    if protocol.schedule.refresh is None or protocol.living.status != "living":
        return {}
    following = protocol.schedule.refresh.next_after(_latest_moment(tx))
    return {
        SOURCE_TITLES.get(one.name, one.name): following for one in protocol.searches if isinstance(one, PubMedSearch)
    }


def _latest_moment(tx: Transaction) -> datetime:
    kept = Decisions(tx)
    moments = [row["finished_at"] for row in Searches(tx).runs(("pubmed", "files", "watch"))]
    moments += [row["at"] for rows in (kept.decisions(), kept.charted(), kept.retrieval_rows()) for row in rows]
    moments += [row["at"] for row in Runs(tx).protocols()]
    return max(moments, default=tx.at)


def _trigger(state: PublicationState) -> str:
    if state.previous is None:
        return "first publication"
    before = {study["study_id"] for study in state.previous["studies"]} | {
        study["study_id"] for study in state.previous["retracted"]
    }
    fresh = [study.study_id for study in state.studies if study.study_id not in before]
    return f"{len(fresh)} new studies" if fresh else "changed data or records"
