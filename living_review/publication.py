"""Publication: everything one version contains, as bytes.

Promises: the same state gives the same bytes, on every machine and at any time; a state whose parts contradict each
other gives nothing at all; :func:`content_digest` stays the same as long as there is nothing new for readers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from living_review.charts import chart_files, typology_table
from living_review.errors import LivingReviewError
from living_review.flow_export import to_csv
from living_review.flow_svg import draw
from living_review.publication_content import CSV_TYPE, RIS_TYPE, SVG_TYPE, content_files, flow_title
from living_review.publication_state import PublicationState, check
from living_review.publication_studies import included_ris, studies_csv, study_json
from living_review.publication_summary import summary
from living_review.records import canonical_json
from living_review.search_report import search_report
from living_review.store_layout import JSON_TYPE, File
from living_review.validation_page import validation_html, validation_json
from living_review.whats_new import whats_new

HTML_TYPE = "text/html; charset=utf-8"


def build(state: PublicationState) -> dict[str, File]:
    """Every file of a version by its name below the version's folder; the manifest is the store's.

    Returns:
        ``summary.json``, ``studies.csv``, ``studies.json``, ``included.ris``, ``search.json``, ``prisma.csv``,
        ``prisma.svg``, ``charts/<field>.svg`` and ``.json`` for each counted field, ``validation.json`` and
        ``validation.html``; and what :func:`~living_review.publication_content.content_files` gives.

    Raises:
        LivingReviewError: If parts of the state contradict each other, or the flow counts do not add up.
    """
    check(state)
    protocol, counted = state.protocol, set(state.synthesis["studies"])
    together = state.flows["together"]
    charts = _charts(state)
    told = summary(state)
    told["charts"] = [
        {"field": field, "title": title, "svg": f"charts/{field}.svg", "json": f"charts/{field}.json"}
        for field, (title, _, _) in charts.items()
    ]
    told["whats_new"] = whats_new(state.previous, told)
    studies = {
        "schema": "studies-1",
        "review": protocol.id,
        "version": state.version,
        "studies": [study_json(study, protocol, study.study_id in counted) for study in state.studies],
    }
    files = {
        "summary.json": _json(told),
        "studies.json": _json(studies),
        "studies.csv": File(studies_csv(state.studies, protocol, counted), CSV_TYPE),
        "included.ris": File(included_ris(state.studies), RIS_TYPE),
        "search.json": _json(_search_report(state)),
        "prisma.csv": File(to_csv(together[0]), CSV_TYPE),
        "prisma.svg": File(draw(together, flow_title(state)), SVG_TYPE),
        "validation.json": _json(validation_json(state)),
        "validation.html": File(validation_html(state), HTML_TYPE),
        **content_files(state, told),
    }
    for field, (_, drawn, specification) in charts.items():
        files[f"charts/{field}.svg"] = File(drawn, SVG_TYPE)
        files[f"charts/{field}.json"] = File(specification, JSON_TYPE)
    return dict(sorted(files.items()))


def _search_report(state: PublicationState) -> dict[str, Any]:
    total = state.flows["together"][0].total
    return search_report(state.protocol, state.searches, total, state.next_searches, state.version)


def content_digest(files: Mapping[str, File]) -> str:
    """SHA-256 of what a version says to readers: equal digests, nothing new.

    Read are ``summary.json`` and ``studies.json``. Left out is what changes although nothing is new: number, date and
    trigger of the version, what it changes against the one before, when sources were searched and when they will
    be, when retractions were last looked for, how runs of searches are cut into flows, and which tool made it.

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
        "trigger",
        "validation",
        "version",
        "whats_new",
    }
)


def _charts(state: PublicationState) -> dict[str, tuple[str, bytes, bytes]]:
    tables = list(state.synthesis["tables"])
    typology = state.synthesis["typology"]
    if typology and typology["field"] not in {table["field"] for table in tables}:
        tables.append(typology_table(typology))
    drawn = {table["field"]: (table["title"], chart_files(table)) for table in tables}
    return {field: (title, *files) for field, (title, files) in drawn.items() if files}


def _json(value: Any) -> File:
    return File(canonical_json(value), JSON_TYPE)
