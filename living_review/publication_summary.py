"""``summary.json``: what one version says, as plain JSON values.

Promises: the summary meets ``site/schema/summary.schema.json``; it states what is pending and what is unknown; it
holds nothing that is not meant for readers (no addresses of people or notices, no folders, no abstracts).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from living_review import __version__
from living_review.flow_export import to_json
from living_review.protocol import ChartingField, Protocol
from living_review.publication_state import PublicationState, SearchLogEntry, StudyView, moment_text
from living_review.publication_studies import (
    address,
    citation,
    marked,
    retraction_json,
    study_citation,
    study_json,
)
from living_review.records import canonical_json
from living_review.retraction import GRAVE, RetractionState
from living_review.search_report import DEDUPLICATION, last_complete, strategies

SCHEMA = "summary-1"
DISCLAIMER = (
    "Records of PubMed are courtesy of the U.S. National Library of Medicine (NLM) and may not be the most current "
    "or accurate data available from NLM. NLM and NCBI neither endorse this review nor assess how it uses the data; "
    "abstracts may be protected by copyright and are not republished here. "
    "See NCBI's disclaimer and copyright notice: https://www.ncbi.nlm.nih.gov/home/about/policies/"
)
"""NCBI asks users of E-utilities to show its disclaimer and copyright notice (A General Introduction to the
E-utilities); NLM asks for the courtesy line and for the remark on currency (terms and conditions of its data)."""


def summary(state: PublicationState) -> dict[str, Any]:
    """Everything ``summary.json`` says but ``whats_new``, which compares it with the version before."""
    protocol, synthesis = state.protocol, state.synthesis
    together = state.flows["together"][0]
    counted = set(synthesis["studies"])
    since = {one["study_id"]: one["first_version"] for one in (state.previous or {}).get("studies", [])}
    studies = [
        _study(study, protocol, study.study_id in counted, since.get(study.study_id, state.version))
        for study in state.studies
    ]
    title = display_title(protocol, state.version)
    return {
        "schema": SCHEMA,
        "review": {
            "id": protocol.id,
            "title": protocol.title,
            "question": protocol.question,
            "licence": protocol.publish.licence,
            "language": protocol.language,
        },
        "translations": {name: told.model_dump(mode="json") for name, told in sorted(protocol.translations.items())},
        "display_title": title,
        "citation": _cited(protocol, title, state),
        "version": state.version,
        "published_at": moment_text(state.published_at),
        "trigger": state.trigger,
        "previous": _previous(state.previous),
        "living": _living(state),
        "authors": [
            {"name": one.name, "orcid": one.orcid, "role": one.role, "affiliation": one.affiliation}
            for one in protocol.authors
        ],
        "methods": methods(protocol),
        "searches": _last_searches(state),
        "prisma": {
            "together": to_json(together),
            "variants": {name: [to_json(one) for one in flows] for name, flows in state.flows.items()},
        },
        "counts": {
            "included_studies": len(state.studies),
            "included_reports": sum(len(study.reports) for study in state.studies),
            "charted_studies": len(synthesis["studies"]) + len(synthesis["left_out"]),
            "counted_studies": len(synthesis["studies"]),
            "retracted_studies": sum(study.retraction is RetractionState.RETRACTED for study in state.studies),
        },
        "studies": studies,
        "retracted": _retracted(state, counted),
        "typology": synthesis["typology"],
        "tables": synthesis["tables"],
        "crosstabs": synthesis["crosstabs"],
        "quotes": synthesis["quotes"],
        "pending": {
            "awaiting": dict(state.pending.awaiting),
            "conflicts": dict(state.pending.conflicts),
            "to_chart": list(state.pending.to_chart),
            "returned_rows": state.pending.returned_rows,
            "held_records": state.pending.held_records,
        },
        "not_yet_incorporated": {
            "reports": state.pending.undecided,
            "studies": len(state.pending.to_chart),
            "text": _not_yet(state),
        },
        "validation": {
            "passed": all(report.passed for report in state.validation),
            "suites": [
                {"suite": report.suite, "passed": report.passed, "rows": report.rows, "rules": report.evaluated}
                for report in state.validation
            ],
        },
        "disclaimer": DISCLAIMER,
        "provenance": {"protocol_sha256": protocol.digest, "tool": f"living-review {__version__}"},
    }


def display_title(protocol: Protocol, version: int) -> str:
    """The title with "living" and the version number in it, as PRISMA-LSR asks."""
    says_so = "living" in protocol.title.lower()
    kind = "" if says_so else ": a living review"
    retired = ", retired" if protocol.living.status == "retired" else ""
    return f"{protocol.title}{kind} (version {version}{retired})"


def methods(protocol: Protocol) -> dict[str, Any]:
    """What the protocol says on how the review is done."""
    return {
        "framework": protocol.framework.model_dump(mode="json"),
        "eligibility": protocol.eligibility.model_dump(mode="json"),
        "criteria_version": protocol.criteria_version,
        "form_version": protocol.charting.form_version,
        "fields": [_field(item) for item in protocol.charting.fields],
        "strategies": strategies(protocol),
        "screening": {
            "reviewers_per_report": protocol.screening.reviewers_per_report,
            "stages": [str(stage) for stage in protocol.screening.stages],
            "blinded": protocol.screening.blinded,
        },
        "include_retracted": protocol.publish.include_retracted,
        "approval": protocol.publish.approval,
        "deduplication": DEDUPLICATION,
    }


def _field(item: ChartingField) -> dict[str, Any]:
    return {
        "name": item.name,
        "title": item.title,
        "type": str(item.type),
        "options": [{"value": option.value, "title": option.title} for option in item.options],
        "required": item.required,
        "only_if": {name: list(values) for name, values in item.only_if.items()},
        "unit": item.unit,
        "help": item.help,
    }


def _living(state: PublicationState) -> dict[str, Any]:
    protocol = state.protocol
    schedules = {
        name: schedule.model_dump(mode="json") if schedule else None
        for name, schedule in (
            ("refresh", protocol.schedule.refresh),
            ("watch", protocol.schedule.watch),
            ("publish", protocol.schedule.publish),
        )
    }
    return {
        "status": protocol.living.status,
        "reason": protocol.living.reason,
        "retire_when": protocol.living.retire_when,
        "schedule": schedules,
        "next_searches": _planned(state),
    }


def _planned(state: PublicationState) -> dict[str, str]:
    return {source: moment_text(moment) for source, moment in sorted(state.next_searches.items())}


def _previous(previous: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if previous is None:
        return None
    return {
        "version": previous.get("version"),
        "published_at": previous.get("published_at"),
        "citation": previous.get("citation", ""),
    }


def _cited(protocol: Protocol, title: str, state: PublicationState) -> str:
    names = ", ".join(author.name for author in protocol.authors)
    parts = [names, title, moment_text(state.published_at)[:10]]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _study(study: StudyView, protocol: Protocol, counted: bool, first_version: int) -> dict[str, Any]:
    record = study.reports[0].record
    whole = study_json(study, protocol, counted)
    gravest = next(report for report in study.reports if report.retraction.state is study.retraction)
    # Without what is told of retractions, which is compared apart from the rest.
    reports = [
        {**{name: value for name, value in report.items() if name != "retraction"}, "citation": citation(view.record)}
        for report, view in zip(whole["reports"], study.reports, strict=True)
    ]
    return {
        "study_id": study.study_id,
        "citation": study_citation(study),
        "title": record.title,
        "year": record.year,
        "doi": record.doi,
        "pmid": record.pmid,
        "url": address(record),
        "reports": len(study.reports),
        "retraction": retraction_json(gravest),
        "charted": study.values is not None,
        "counted": counted,
        "included_on": study.included_on,
        "first_version": first_version,
        "digests": {
            "charting": _digest([whole["values"], whole["charting"]]),
            "reports": _digest(reports),
        },
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()[:16]


def _retracted(state: PublicationState, counted: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "study_id": study.study_id,
            "report_id": report.report_id,
            "citation": marked(citation(report.record), report.retraction.state),
            "counted": study.study_id in counted,
            **retraction_json(report),
        }
        for study in state.studies
        for report in study.reports
        if report.retraction.state in GRAVE
    ]


def _last_searches(state: PublicationState) -> list[dict[str, Any]]:
    runs: dict[str, list[SearchLogEntry]] = {}
    for entry in sorted(state.searches, key=lambda one: one.searched_at):
        runs.setdefault(entry.source, []).append(entry)
    return [
        {
            "source": source,
            "platform": entries[-1].platform,
            "last_searched": last_complete(entries),
            "state": entries[-1].state,
            "warnings": list(entries[-1].warnings),
        }
        for source, entries in sorted(runs.items())
    ]


def _not_yet(state: PublicationState) -> str:
    reports, studies = state.pending.undecided, len(state.pending.to_chart)
    if not reports and not studies:
        return "Everything that was found is part of this version."
    return (
        f"Found and not yet part of the tables: {reports} {'report' if reports == 1 else 'reports'} without a verdict, "
        f"{studies} included {'study' if studies == 1 else 'studies'} to be charted."
    )
