"""``validation.json`` and ``validation.html``: what checking the data found, for readers.

Promises: the page is one file without scripts, fonts or anything else from elsewhere; whatever the data hold, they
are text on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from living_review.plain_page import plain_page
from living_review.publication_state import PublicationState, moment_text
from living_review.publication_studies import marked
from living_review.publication_summary import display_title
from living_review.retraction import GRAVE, RetractionState
from living_review.validation import ValidationReport

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;"
    "background:#fff}table{border-collapse:collapse;width:100%}th,td{border:1px solid #767676;padding:.3rem .5rem;"
    "text-align:start;vertical-align:top;overflow-wrap:anywhere}caption{text-align:start;font-weight:600;"
    "padding:.5rem 0}"
)


def validation_json(state: PublicationState) -> dict[str, Any]:
    """Every suite's report as plain JSON values."""
    return {
        "schema": "validation-1",
        "review": state.protocol.id,
        "version": state.version,
        "passed": all(report.passed for report in state.validation),
        "retracted": [{"study_id": study, "state": str(told)} for study, told in sorted(_grave(state).items())],
        "suites": [report.to_dict() for report in state.validation],
    }


def validation_html(state: PublicationState) -> bytes:
    """The same as a page: one section a suite, its failures row by row."""
    title = f"Data checks: {display_title(state.protocol, state.version)}"
    grave = _grave(state)
    sections = [_section(report, grave) for report in state.validation] or ["<p>No checks were run.</p>"]
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>Published {escape(moment_text(state.published_at))}.</p>",
        *sections,
    ]
    return plain_page(title, _STYLE, body)


def _grave(state: PublicationState) -> dict[str, RetractionState]:
    """Studies that a check names and that are retracted or under concern."""
    named = {failure.row_key for report in state.validation for failure in report.failures}
    return {one.study_id: one.retraction for one in state.studies if one.retraction in GRAVE and one.study_id in named}


def _section(report: ValidationReport, grave: Mapping[str, RetractionState]) -> str:
    verdict = "passed" if report.passed else "not passed"
    parts = [
        "<section>",
        f"<h2><bdi>{escape(report.suite)}</bdi>: {verdict}</h2>",
        f"<p>{report.rows} rows, {report.evaluated} rules evaluated, {len(report.failures)} rows and rules failed.</p>",
        *_list("Failures of the whole", report.table_failures),
        *_list("Rules that could not be evaluated", report.errors),
        *_list("Rules that found nothing to check", report.nothing_to_check),
    ]
    if report.failures:
        rows = [
            "<tr>"
            + "".join(
                f"<td><bdi>{escape(cell)}</bdi></td>"
                for cell in (
                    marked(failure.row_key, grave.get(failure.row_key, RetractionState.NONE)),
                    *(failure.column, failure.found, failure.message),
                )
            )
            + "</tr>"
            for failure in report.failures
        ]
        head = "".join(f'<th scope="col">{name}</th>' for name in ("Row", "Column", "Found", "What is wrong"))
        parts += [
            f"<table><caption>Rows that break a rule</caption><thead><tr>{head}</tr></thead><tbody>",
            *rows,
            "</tbody></table>",
        ]
    return "\n".join([*parts, "</section>"])


def _list(heading: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    entries = "".join(f"<li><bdi>{escape(item)}</bdi></li>" for item in items)
    return [f"<h3>{heading}</h3>", f"<ul>{entries}</ul>"]
