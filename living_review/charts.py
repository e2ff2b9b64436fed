"""All charts of one version: of its tables, its typology, its time lines and its cross-tabulations."""

from __future__ import annotations

from typing import Any

from living_review.chart_bars import table_chart, typology_table
from living_review.chart_parts import Chart
from living_review.chart_searches import searches
from living_review.chart_study_years import study_years
from living_review.evidence_map import evidence_maps
from living_review.publication_state import PublicationState


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
    return list({chart.id: chart for chart in drawn if chart}.values())
