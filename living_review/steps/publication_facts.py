"""What a publication tells, read from the ledger: equal ledgers give equal facts, whenever they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from living_review.dedupe.merge import together
from living_review.feed import FeedEntry
from living_review.flow_diagram import variants
from living_review.ledger import tables as t
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports
from living_review.ledger.searches import Searches
from living_review.protocol import Protocol, PubMedSearch
from living_review.publication_state import Pending, PublicationState, ReportView, SearchLogEntry, StudyView
from living_review.publication_studies import address, citation, marked
from living_review.records import Record
from living_review.retraction import RetractionState
from living_review.screening import Verdict
from living_review.site import FIRST_PAGE
from living_review.steps.accept import acceptances
from living_review.steps.charting_state import ChartingState
from living_review.steps.history import earlier_versions
from living_review.steps.prisma import SOURCE_TITLES, flow_facts
from living_review.steps.published import ROLLED_BACK, WITHDRAWN, done_to, standing
from living_review.steps.retraction import grave_since, report_statuses
from living_review.steps.screening_state import ScreeningState
from living_review.store_layout import version_folder
from living_review.synthesis import Synthesis


def publication_state(
    tx: Transaction, protocol: Protocol, state: ScreeningState, charting: ChartingState, synthesis: Synthesis
) -> PublicationState:
    """The next version, numbered after the last one this ledger knows; its date is that of the latest thing known."""
    versions = Decisions(tx).publications()
    found = PublicationState(
        protocol=protocol,
        version=versions[-1]["version"] + 1 if versions else 1,
        published_at=_latest_moment(tx),
        trigger="",
        studies=_studies(tx, state, charting),
        synthesis=synthesis.to_dict(),
        flows=variants(flow_facts(tx, protocol, state)),
        searches=search_log(tx),
        pending=_pending(state, charting),
        previous=_previous(tx),
        next_searches=next_searches(tx, protocol),
        history=earlier_versions(tx),
    )
    return replace(found, trigger=_trigger(found))


def feed_entries(
    tx: Transaction, review_iri: str, state: ScreeningState, versions: Sequence[Mapping[str, Any]], site: str = ""
) -> list[FeedEntry]:
    """An entry for each of ``versions`` (``version``, ``at``, ``trigger``, and ``text`` of one to come) and for each included study.

    A study that is retracted comes up again and says so. ``site`` is the web address of the review's folder, if known:
    a version leads to its own page there.
    """
    changes = {one["version"]: one["whats_new"]["text"] for one in earlier_versions(tx)}
    gone = {
        version: {**noted, "what": what}
        for step, what in ((ROLLED_BACK, "taken back"), (WITHDRAWN, "withdrawn"))
        for version, noted in done_to(tx, step).items()
    }
    origins = {row["id"]: (row["source"], row["source_id"]) for row in Records(tx).origins()}
    cited = {study: _cited_by(state.reports[reports[0]], origins) for study, reports in state.included_studies.items()}
    records = Records(tx).latest(cited.values())
    added = {row["label"]: row["at"] for row in Reports(tx).studies()}
    grave = grave_since(tx, state)
    entries = [
        FeedEntry(
            id=f"{review_iri}:version:{row['version']}",
            title=f"Version {row['version']}",
            updated=gone.get(row["version"], row)["at"],
            published=row["at"],
            link=f"{site}{version_folder(row['version'])}/{FIRST_PAGE}" if site else "",
            summary=f"{gone[row['version']]['what']} on {gone[row['version']]['on']}: {gone[row['version']]['reason']}"
            if row["version"] in gone
            else changes.get(row["version"]) or row.get("text", row["trigger"]),
            category="version",
        )
        for row in versions
    ]
    for study, one in cited.items():
        gravest, since = grave.get(study, (RetractionState.NONE, added[study]))
        entries.append(
            FeedEntry(
                id=f"{review_iri}:study:{study}",
                title=marked(records[one].title or records[one].vernacular_title, gravest),
                updated=max(added[study], since),
                published=added[study],
                link=address(records[one]),
                summary=marked(citation(records[one]), gravest),
                category="study",
            )
        )
    return entries


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
                        record=_together(state.reports[report], origins, latest),
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


def why_too_early(tx: Transaction, protocol: Protocol) -> str:
    """Why there is nothing to publish yet; empty if there is."""
    if not any(run["state"] != "failed" for run in Searches(tx).runs()):
        return "no search has brought anything yet"
    names = [one.name for one in protocol.searches if isinstance(one, PubMedSearch)]
    missing = [name for name in names if Searches(tx).last_good(name, "pubmed") is None]
    return f"these searches have never run to their end: {', '.join(missing)}" if missing else ""


def _together(records: tuple[int, ...], origins: Mapping[int, tuple[str, str]], latest: Mapping[int, Record]) -> Record:
    """What the records of a report say together, under the name of the one it is cited by."""
    cited = _cited_by(records, origins)
    return together([latest[cited], *(latest[one] for one in records if one != cited)])


def search_log(tx: Transaction) -> tuple[SearchLogEntry, ...]:
    """Every run of every search, earliest first, but those of the watch."""
    accepted = acceptances(tx)
    placed = Reports(tx).of_records()
    duplicates: dict[int, int] = {}
    for row in Records(tx).origins():
        duplicates[row["search_id"]] = duplicates.get(row["search_id"], 0) + (
            placed.get(row["id"], row["id"]) != row["id"]
        )
    return tuple(
        SearchLogEntry(
            number=row["id"],
            source=SOURCE_TITLES.get(row["source"], row["source"]),
            platform=row["platform"],
            searched_at=row["started_at"],
            query=row["query"],
            translation=row["translation"] if row["kind"] == "pubmed" else "",
            promised=row["promised"],
            delivered=row["delivered"],
            new=row["counts"].get("new", 0),
            duplicates=duplicates.get(row["id"], 0),
            state=row["state"],
            warnings=tuple(warning["text"] for warning in row["warnings"]),
            requests=row["counts"].get("requests", 0),
            tool=f"living-review {row['tool_version']}",
            accepted=accepted.get(row["id"]),
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
    versions = standing(tx)
    if not versions:
        return None
    found: dict[str, Any] = json.loads(Searches(tx).response(versions[-1]["summary_sha256"]))
    return found


def next_searches(tx: Transaction, protocol: Protocol) -> dict[str, datetime]:
    """The planned search that follows the latest one: from the ledger, so that equal states give equal bytes."""
    if protocol.schedule.refresh is None or protocol.living.status != "living":
        return {}
    following = protocol.schedule.refresh.next_after(_latest_moment(tx))
    return {
        SOURCE_TITLES.get(one.name, one.name): following for one in protocol.searches if isinstance(one, PubMedSearch)
    }


def _latest_moment(tx: Transaction) -> datetime:
    """When the latest thing came to be known that a publication may tell of."""
    kept = (
        t.search.c.finished_at,
        t.decision.c.at,
        t.retrieval.c.at,
        t.charting.c.at,
        t.quarantine.c.at,
        t.link.c.at,
        t.study_report.c.at,
        t.protocol_version.c.at,
    )
    latest = [
        tx.connection.execute(sa.select(sa.func.max(column)).where(column.table.c.review == tx.review)).scalar()
        for column in kept
    ]
    known: list[datetime] = [moment for moment in latest if moment is not None]
    return max(known, default=tx.at)


def _trigger(state: PublicationState) -> str:
    if state.previous is None:
        return "first publication"
    before = {study["study_id"] for study in state.previous["studies"]} | {
        study["study_id"] for study in state.previous["retracted"]
    }
    fresh = [study.study_id for study in state.studies if study.study_id not in before]
    if not fresh:
        return "changed data, records or methods"
    return f"{len(fresh)} new {'study' if len(fresh) == 1 else 'studies'}"
