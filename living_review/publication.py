"""Publication: everything one version contains, as bytes.

Promises: the same state gives the same bytes, on every machine and at any time; a state whose parts contradict each
other gives nothing at all; :func:`content_digest` stays the same as long as there is nothing new for readers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from living_review.charts import charts
from living_review.errors import LivingReviewError
from living_review.publication_content import content_files
from living_review.publication_overview import overview
from living_review.publication_state import PublicationState, check
from living_review.publication_studies import included_ris, studies_csv, study_json
from living_review.publication_summary import summary
from living_review.records import canonical_json
from living_review.search_report import search_report
from living_review.store_layout import CSV_TYPE, HTML_TYPE, JSON_TYPE, RIS_TYPE, File
from living_review.time_lines import timelines
from living_review.validation_page import validation_html, validation_json
from living_review.whats_new import whats_new


def build(state: PublicationState) -> dict[str, File]:
    """Every file of a version by its name below the version's folder; the manifest is the store's.

    Returns:
        ``summary.json``, ``studies.csv``, ``studies.json``, ``included.ris``, ``search.json``, ``overview.json``,
        ``validation.json`` and ``validation.html``; for each chart ``charts/<id>.svg``, ``.csv``, ``.json`` and
        ``.vl.json``; and what :func:`~living_review.publication_content.content_files` gives.

    Raises:
        LivingReviewError: If parts of the state contradict each other, or the flow counts do not add up.
    """
    check(state)
    protocol, counted = state.protocol, set(state.synthesis["studies"])
    told = summary(state)
    told["timelines"] = timelines(state)
    drawn = charts(state, told["timelines"])
    told["charts"] = [chart.entry() for chart in drawn]
    told["whats_new"] = whats_new(state.previous, told)
    studies = [study_json(study, protocol, study.study_id in counted) for study in state.studies]
    files = {
        "summary.json": _json(told),
        "overview.json": _json(overview(told)),
        "studies.json": _json(
            {"schema": "studies-1", "review": protocol.id, "version": state.version, "studies": studies}
        ),
        "studies.csv": File(studies_csv(state.studies, protocol, counted), CSV_TYPE),
        "included.ris": File(included_ris(state.studies), RIS_TYPE),
        "search.json": _json(_search_report(state)),
        "validation.json": _json(validation_json(state)),
        "validation.html": File(validation_html(state), HTML_TYPE),
        **content_files(state, told, studies),
    }
    for chart in drawn:
        files |= chart.files()
    return dict(sorted(files.items()))


def _search_report(state: PublicationState) -> dict[str, Any]:
    total = state.flows["together"][0].total
    return search_report(state.protocol, state.searches, total, state.next_searches, state.version)


def content_digest(files: Mapping[str, File]) -> str:
    """SHA-256 of what a version says to readers: equal digests, nothing new.

    Read are ``summary.json`` and ``studies.json``. Left out is what changes although nothing is new: number, date and
    trigger of the version, what it changes against the one before, when sources were searched and when they will
    be, when retractions were last looked for, how runs of searches are cut into flows, and which tool made it; and the time lines,
    which say again what is read elsewhere.

    Raises:
        LivingReviewError: If one of the two files is missing or is not what :func:`build` makes.
    """
    try:
        told = json.loads(files["summary.json"].body)
        studies = json.loads(files["studies.json"].body)["studies"]
        for name in _NOT_CONTENT:
            told.pop(name, None)
        told["living"].pop("next_searches", None)
        told["prisma"] = {
            name: value for name, value in told["prisma"]["together"].items() if name not in {"label", "runs"}
        }
        for study in told["studies"]:
            study.pop("first_version", None)
            study["retraction"].pop("checked_on", None)
        reports = [report["retraction"] for study in studies for report in study["reports"]]
        for retraction in [*told["retracted"], *reports]:
            retraction.pop("checked_on", None)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise LivingReviewError(
            "a version cannot be compared", "summary.json, studies.json", "publish a new version in its place"
        ) from None
    return hashlib.sha256(canonical_json([told, studies])).hexdigest()


_NOT_CONTENT = frozenset(
    {
        "citation",
        "display_title",
        "previous",
        "provenance",
        "published_at",
        "searches",
        "timelines",
        "trigger",
        "validation",
        "version",
        "whats_new",
    }
)


def _json(value: Any) -> File:
    return File(canonical_json(value), JSON_TYPE)
