"""The time line of searches: a lane for each source, a disc for each run that ended.

Promises: every run of a drawn source is drawn at its date, failed ones as a cross; the area of a disc is the number of
records never seen before; text lies on no other text and on no disc; the latest run is always labelled, others where there is room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from living_review.chart_parts import (
    ALERT,
    BAR,
    LEADING,
    MARGIN,
    QUIET,
    SIZE,
    SMALL,
    TINT,
    WIDE,
    Chart,
    Row,
    cross,
    disc,
    heading,
    legend,
    many,
    paper,
    specification,
    stroke,
    told,
    words,
)
from living_review.svg import PAPER, plain, width, wrap

ID = "timeline-searches"
TITLE = "Searches by date"
MOST_LANES = 30
"""Sources in a picture; its data have all."""
_COLUMNS = ("on", "source", "state", "delivered", "new")
_LABELS = 230.0
_LARGEST = 15.0
_FAILED = "failed"
_WARNED = "complete_with_warnings"
_GRID = 'stroke="#e3e7ec" stroke-width="1"'
_RING = f'fill="none" stroke="{BAR}" stroke-dasharray="2.5 2.5"'
_TICK_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)


def searches(time_line: Sequence[Mapping[str, Any]]) -> Chart | None:
    """The chart of ``timelines.searches``; None where nothing has run."""
    if not time_line:
        return None
    rows = tuple({name: run[name] for name in _COLUMNS} for run in time_line)
    failed = sum(row["state"] == _FAILED for row in rows)
    sources = len({row["source"] for row in rows})
    subtitle = f"{many(len(rows), 'search', 'searches')} of {many(sources, 'source')}"
    subtitle += f"; {failed} failed" if failed else ""
    return Chart(
        id=ID,
        kind="timeline_searches",
        title=TITLE,
        svg=_draw(rows, subtitle),
        rows=rows,
        specification=_specification(rows, subtitle),
    )


@dataclass(frozen=True)
class _Axis:
    first: date
    last: date
    left: float
    right: float

    def at(self, day: str | date) -> float:
        """Where a day lies."""
        when = date.fromisoformat(day) if isinstance(day, str) else day
        days = (self.last - self.first).days
        share = (when - self.first).days / days if days else 0.5
        return self.left + share * (self.right - self.left)

    def ticks(self) -> list[tuple[str, float]]:
        """Labels of the axis and where they stand: years or months, else the first and the last day."""
        months = _months(self.first, self.last)
        step = next((one for one in _TICK_MONTHS if months / one <= 6), 600)
        if months < 2:
            days = [self.first, self.last] if self.first < self.last else [self.first]
            near = len(days) == 2 and self.at(days[1]) - self.at(days[0]) < 90
            return [(day.isoformat(), self.at(day)) for day in days[-1 if near else 0 :]]
        start = self.first.year * 12 + self.first.month - 1
        starts = [place for place in range(start, start + months + 1) if place % step == 0]
        days = [date(place // 12, place % 12 + 1, 1) for place in starts]
        cut = 4 if step >= 12 else 7
        return [(day.isoformat()[:cut], self.at(day)) for day in days if day >= self.first]


@dataclass(frozen=True)
class _Mark:
    row: Row
    x: float
    radius: float

    @property
    def reach(self) -> float:
        """Pixels from its middle to its border, with its ring."""
        return self.radius + (4 if self.row["state"] == _WARNED else 1)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _draw(rows: Sequence[Row], subtitle: str) -> bytes:
    lanes: dict[str, list[Row]] = {}
    for row in rows:
        lanes.setdefault(row["source"], []).append(row)
    shown = list(lanes.items())[:MOST_LANES]
    if len(shown) < len(lanes):
        subtitle += f"; {many(len(lanes) - len(shown), 'more source')} in the data"
    days = [date.fromisoformat(row["on"]) for row in rows]
    first = min(days).replace(day=1) if _months(min(days), max(days)) >= 2 else min(days)
    axis = _Axis(first, max(days), MARGIN + _LABELS + 34, WIDE - MARGIN - 34)
    most = max(row["new"] for row in rows) or 1
    parts, y = heading(TITLE, subtitle, WIDE)
    signs, y = legend(_signs(rows), y, WIDE)
    top, lines, lanes_drawn = y + 6, [], []
    y = top
    for source, runs in shown:
        drawn, y = _lane(source, runs, axis, most, y)
        lanes_drawn += drawn
        lines.append(stroke(MARGIN, y, WIDE - MARGIN, y, _GRID))
    for label, x in axis.ticks():
        lines.append(stroke(x, top, x, y, _GRID))
        half = width(label, SMALL) / 2
        centre = min(max(x, axis.left - 30 + half), WIDE - MARGIN - half)
        lanes_drawn.append(words(centre, y + 18, label, SMALL, anchor="middle", fill=QUIET))
    numbers = told([f"{row['on']} {row['source']}: {_said(row)}" for row in reversed(rows)], "searches")
    return paper(ID, WIDE, y + 26 + MARGIN, TITLE, f"{subtitle}. {numbers}", [*parts, *signs, *lines, *lanes_drawn])


def _said(row: Row) -> str:
    if row["state"] == _FAILED:
        return _FAILED
    warned = ", with warnings" if row["state"] == _WARNED else ""
    return f"{many(row['delivered'], 'record')}, {row['new']} new{warned}"


def _signs(rows: Sequence[Row]) -> list[tuple[str, str]]:
    states = {row["state"] for row in rows}
    ended = [row for row in rows if row["state"] != _FAILED]
    signs = []
    if any(row["new"] for row in ended):
        signs.append((disc(6, 6, 6, f'fill="{BAR}"'), "Area: records never seen before"))
    if any(not row["new"] for row in ended):
        signs.append((disc(6, 6, 4, f'fill="{PAPER}" stroke="{BAR}" stroke-width="1.5"'), "Nothing new"))
    if _WARNED in states:
        signs.append((disc(6, 6, 6, _RING), "With warnings"))
    if _FAILED in states:
        signs.append((cross(6, 6, 4.5), "Failed"))
    return signs


def _lane(source: str, runs: Sequence[Row], axis: _Axis, most: int, top: float) -> tuple[list[str], float]:
    names = wrap(source, _LABELS - 12, SIZE, most=3)
    remarks = wrap(_sum(runs), _LABELS - 12, SMALL, most=4)
    high = max(len(names) * LEADING + len(remarks) * 16 + 18, 70.0)
    marks = [_Mark(row, axis.at(row["on"]), _radius(row, most)) for row in runs]
    middle = top + high - 12 - _LARGEST
    parts = [words(MARGIN, top + 22 + at * LEADING, line, bold=True) for at, line in enumerate(names)]
    below = top + 22 + len(names) * LEADING - 1
    parts += [words(MARGIN, below + at * 16, line, SMALL, fill=QUIET) for at, line in enumerate(remarks)]
    parts.append(stroke(axis.left - 18, middle, axis.right + 18, middle, f'stroke="{TINT}" stroke-width="2"'))
    # The large ones first, so that no small one is hidden, and none hides a failure.
    for mark in sorted(marks, key=lambda one: (one.row["state"] == _FAILED, -one.radius)):
        parts += _shape(mark, middle)
    return [*parts, *_labels(marks, middle)], top + high


def _sum(runs: Sequence[Row]) -> str:
    ended = [row for row in runs if row["state"] != _FAILED]
    failed = len(runs) - len(ended)
    text = many(len(runs), "search", "searches") + (f", {failed} failed" if failed else "")
    if not ended:
        return text
    return f"{text}; {sum(row['new'] for row in ended)} records new; last {ended[-1]['on']}: {ended[-1]['delivered']} found"


def _radius(row: Row, most: int) -> float:
    if row["state"] == _FAILED:
        return 5.0
    return max(_LARGEST * sqrt(row["new"] / most), 3.0) if row["new"] else 3.5


def _shape(mark: _Mark, y: float) -> list[str]:
    if mark.row["state"] == _FAILED:
        return [cross(mark.x, y, mark.radius)]
    look = f'fill="{BAR}" stroke="{PAPER}"' if mark.row["new"] else f'fill="{PAPER}" stroke="{BAR}" stroke-width="1.5"'
    ring = [disc(mark.x, y, mark.radius + 3, _RING)] if mark.row["state"] == _WARNED else []
    return [disc(mark.x, y, mark.radius, look), *ring]


def _labels(marks: Sequence[_Mark], middle: float) -> list[str]:
    """What each run brought, above it, the latest first and then by what they brought, where there is room."""
    parts: list[str] = []
    taken: list[tuple[float, ...]] = []
    order = sorted(marks, key=lambda mark: (mark is not marks[-1], mark is not marks[0], -mark.row["new"], mark.x))
    for mark in order:
        text = _FAILED if mark.row["state"] == _FAILED else f"{mark.row['new']} new of {mark.row['delivered']}"
        half = width(text, 11) / 2 + 3
        x = min(max(mark.x, MARGIN + _LABELS + half), WIDE - MARGIN - half)
        low = (
            middle
            - max(one.reach for one in marks if x - half < one.x + one.reach and one.x - one.reach < x + half)
            - 5
        )
        room = (x - half, x + half, low - 11, low + 3)
        if not any(_meet(room, other) for other in taken):
            parts.append(words(x, low, text, 11, anchor="middle"))
            taken.append(room)
    return parts


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _specification(rows: Sequence[Row], subtitle: str) -> dict[str, Any]:
    states = ["complete", _WARNED, _FAILED]
    return {
        **specification(TITLE, subtitle, ({**row, "source": plain(row["source"])} for row in rows)),
        "width": 480,
        "height": {"step": 44},
        "mark": {"type": "point", "filled": True, "opacity": 0.8, "tooltip": True},
        "encoding": {
            "x": {"field": "on", "type": "temporal", "title": None},
            "y": {"field": "source", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 260}},
            "size": {
                "field": "new",
                "type": "quantitative",
                "title": "Records never seen before",
                "scale": {"range": [20, 600]},
            },
            "shape": {
                "field": "state",
                "type": "nominal",
                "title": None,
                "scale": {"domain": states, "range": ["circle", "diamond", "triangle-down"]},
            },
            "color": {
                "field": "state",
                "type": "nominal",
                "title": None,
                "scale": {"domain": states, "range": [BAR, BAR, ALERT]},
            },
            "tooltip": [
                {"field": "on", "type": "temporal", "title": "Date"},
                {"field": "source", "type": "nominal", "title": "Source"},
                {"field": "delivered", "type": "quantitative", "title": "Records delivered"},
                {"field": "new", "type": "quantitative", "title": "New"},
                {"field": "state", "type": "nominal", "title": "State"},
            ],
        },
    }
