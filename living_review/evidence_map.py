"""Evidence gap maps: how many studies there are for each combination of two or three fields, and where there is none.

Promises: a map says what its cross-tabulation says; retracted studies are in no number but their own, unless the
protocol counts them; the data have every value, also where the picture has room for the most frequent ones only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import pandas as pd

from living_review.chart_parts import BAR, STRIPE, TINT, Chart, Row, distinct, specification, studies
from living_review.crosstabs import crosstab
from living_review.evidence_map_svg import Axis, Cell, Level, draw
from living_review.publication_state import PublicationState
from living_review.svg import INK, PAPER
from living_review.time_lines import new_studies, retracted_studies

MOST_COMBINATIONS = 10_000
"""Up to as many the data have a row for each combination; beyond, for those that a study has."""
_KEYS = ("row", "column", "panel")


@dataclass(frozen=True)
class _Map:
    id: str
    title: str
    fields: tuple[str, ...]
    axes: tuple[Axis, ...]
    cells: Mapping[tuple[str, ...], Cell]
    subtitle: str


def evidence_maps(state: PublicationState) -> list[Chart]:
    """A map for each cross-tabulation of the summary whose fields all have values."""
    maps = [_map(table, state) for table in state.synthesis["crosstabs"]]
    return [_chart(one, bool(state.previous)) for one in maps if all(axis.levels for axis in one.axes)]


def _map(table: Mapping[str, Any], state: PublicationState) -> _Map:
    fields = tuple(table["fields"])
    new, retracted = new_studies(state), retracted_studies(state)
    gone = _of_retracted(fields, state, retracted)
    behind = {tuple(cell["values"]): tuple(cell["studies"]) for cell in table["cells"]}
    withdrawn = {tuple(cell["values"]): tuple(cell["studies"]) for cell in gone["cells"]}
    cells = {
        values: Cell(
            studies=behind.get(values, ()),
            new=tuple(one for one in behind.get(values, ()) if one in new and one not in retracted),
            retracted=withdrawn.get(values, ()),
        )
        for values in {**behind, **withdrawn}
    }
    axes = tuple(_axis(*pair) for pair in zip(table["axes"], gone["axes"], strict=True))
    gaps = prod(len(axis.levels) for axis in axes) - len(behind)
    parts = [studies(table["count"]), f"{gaps} of {gaps + len(behind)} combinations without a study"]
    if table["missing"]:
        parts.append(f"{len(table['missing'])} without an answer to each field")
    if table["not_asked"]:
        parts.append(f"{len(table['not_asked'])} not asked")
    if table["left_out"]:
        parts.append(f"{len(table['left_out'])} retracted not counted")
    title = f"Evidence map: {axes[0].title} by {axes[1].title}"
    return _Map(
        id=f"map-{'-'.join(fields)}",
        title=f"{title}, for each {axes[2].title}" if len(axes) > 2 else title,
        fields=fields,
        axes=axes,
        cells=cells,
        subtitle="; ".join(parts),
    )


def _of_retracted(fields: tuple[str, ...], state: PublicationState, retracted: frozenset[str]) -> dict[str, Any]:
    columns = ["study_id", *(item.name for item in state.protocol.charting.fields)]
    rows = [
        {**one.values, "study_id": one.study_id}
        for one in state.studies
        if one.study_id in retracted and one.values is not None
    ]
    frame = pd.DataFrame(rows).reindex(columns=columns).astype(object)
    return crosstab(frame, fields, state.protocol).to_dict()


def _axis(counted: Mapping[str, Any], gone: Mapping[str, Any]) -> Axis:
    known = {level["value"] for level in counted["levels"]}
    more = [level for level in gone["levels"] if level["count"] and level["value"] not in known]
    return Axis(
        counted["title"],
        tuple(
            [Level(level["value"], level["title"] or level["value"], level["count"]) for level in counted["levels"]]
            + [Level(level["value"], level["title"] or level["value"], 0) for level in more]
        ),
    )


def _chart(one: _Map, marks_new: bool) -> Chart:
    rows = _rows(one)
    return Chart(
        id=one.id,
        kind="evidence_map",
        title=one.title,
        fields=one.fields,
        svg=draw(one.id, one.title, one.subtitle, one.axes, one.cells, marks_new=marks_new),
        rows=rows,
        specification=_specification(one, rows, marks_new),
    )


def _rows(one: _Map) -> tuple[Row, ...]:
    whole = prod(len(axis.levels) for axis in one.axes) <= MOST_COMBINATIONS
    places = [{level.value: at for at, level in enumerate(axis.levels)} for axis in one.axes]
    if whole:
        combinations = list(product(*places))
    else:
        combinations = sorted(
            one.cells, key=lambda values: [place[value] for place, value in zip(places, values, strict=True)]
        )
    titles = [{level.value: level.title for level in axis.levels} for axis in one.axes]
    rows = []
    for values in combinations:
        cell = one.cells.get(values, Cell())
        named: dict[str, Any] = {}
        for key, value, title in zip(_KEYS, values, titles, strict=False):
            named |= {key: value, f"{key}_title": title[value]}
        rows.append(
            {
                **named,
                "count": len(cell.studies),
                "new": len(cell.new),
                "retracted": len(cell.retracted),
                "studies": list(cell.studies),
                "new_studies": list(cell.new),
                "retracted_studies": list(cell.retracted),
            }
        )
    return tuple(rows)


def _specification(one: _Map, rows: tuple[Row, ...], marks_new: bool) -> dict[str, Any]:
    labels = [
        dict(zip((level.value for level in axis.levels), distinct(level.title for level in axis.levels), strict=True))
        for axis in one.axes
    ]
    values = [
        {**row, **{f"{key}_title": label[row[key]] for key, label in zip(_KEYS, labels, strict=False)}} for row in rows
    ]

    def along(place: int) -> dict[str, Any]:
        return {
            "field": f"{_KEYS[place]}_title",
            "type": "nominal",
            "title": None,
            "sort": None,
            "scale": {"domain": list(labels[place].values())},
            "axis": {"labelLimit": 220},
        }

    discs = {
        "transform": [{"filter": "datum.count + datum.retracted > 0"}],
        "mark": {"type": "circle", "opacity": 1, "tooltip": True},
        "encoding": {
            "size": {"field": "count", "type": "quantitative", "title": "Studies", "scale": {"range": [0, 900]}},
            "color": {
                "value": TINT,
                **({"condition": {"test": "datum.new > 0", "value": STRIPE}} if marks_new else {}),
            },
            "stroke": {"value": BAR},
            "strokeDash": {"condition": {"test": "datum.retracted > 0", "value": [3, 2]}, "value": [1, 0]},
            "tooltip": [
                *(
                    {"field": f"{key}_title", "type": "nominal", "title": axis.title}
                    for key, axis in zip(_KEYS, one.axes, strict=False)
                ),
                *(
                    {"field": name, "type": "quantitative", "title": name.capitalize()}
                    for name in ("count", "new", "retracted")
                ),
            ],
        },
    }
    numbers = {
        "transform": [{"filter": "datum.count > 0"}],
        "mark": {"type": "text", "color": INK},
        "encoding": {"text": {"field": "count", "type": "quantitative"}},
    }
    grid = {
        "mark": {"type": "rect", "stroke": PAPER},
        "encoding": {"color": {"condition": {"test": "datum.count > 0", "value": PAPER}, "value": "#e9edf2"}},
    }
    view = {
        "width": {"step": 44},
        "height": {"step": 44},
        "encoding": {"y": along(0), "x": along(1)},
        "layer": [grid, discs, numbers],
    }
    beginning = specification(one.title, one.subtitle, values)
    if len(one.axes) == 2:
        return {**beginning, **view}
    facet = {"field": "panel_title", "type": "nominal", "title": None, "sort": list(labels[2].values())}
    return {**beginning, "facet": facet, "columns": 3, "spec": view}
