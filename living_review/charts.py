"""All charts of one version: of its tables, its typology, its time lines and its cross-tabulations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from living_review.chart_bars import table_chart, typology_table
from living_review.chart_parts import Chart, Row
from living_review.chart_searches import searches
from living_review.chart_study_years import study_years
from living_review.evidence_map import evidence_maps
from living_review.publication_state import PublicationState
from living_review.retraction import RetractionState


def charts(state: PublicationState, time_lines: dict[str, list[dict[str, Any]]]) -> list[Chart]:
    """The charts in the order in which readers see them; none of what has nothing to show.

    Args:
        state: Everything the version says.
        time_lines: What :func:`living_review.time_lines.timelines` gives for it.
    """
    tables = list(state.synthesis["tables"])
    typology = state.synthesis["typology"]
    of_typology = typology["field"] if typology else None
    if typology and of_typology not in {table["field"] for table in tables}:
        tables.append(typology_table(typology))
    drawn = [
        *(table_chart(table, "typology" if table["field"] == of_typology else "field") for table in tables),
        study_years(time_lines["studies"], first_version=state.previous is None),
        searches(time_lines["searches"]),
        *evidence_maps(state),
    ]
    # A cross-tabulation that the protocol asks for twice is one map.
    named = {chart.id: chart for chart in drawn if chart}
    states = {one.study_id: one.retraction for one in state.studies}
    return [replace(chart, rows=tuple(_marked(row, states) for row in chart.rows)) for chart in named.values()]


def _marked(row: Row, states: Mapping[str, RetractionState]) -> Row:
    """The row; where it names studies, also which of them are retracted or under an expression of concern."""
    if "studies" not in row:
        return row
    marks = {
        f"{mark}_studies": [one for one in row["studies"] if states[one] is mark]
        for mark in (RetractionState.RETRACTED, RetractionState.CONCERN)
    }
    return {**row, **{name: ids for name, ids in marks.items() if name not in row}}
