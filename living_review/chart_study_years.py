"""The time line of studies: a column for each year of publication.

Promises: each study is in one part of one column: retracted (crosses), else new in this version (stripes), else
known before; studies without a year stand apart; a number is left out of the picture only where it would lie on another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from living_review.chart_parts import (
    ALERT,
    BAR,
    MARGIN,
    QUIET,
    SMALL,
    TINT,
    WIDE,
    Chart,
    Row,
    box,
    crossed,
    heading,
    legend,
    paper,
    patterns,
    specification,
    striped,
    stroke,
    studies,
    told,
    words,
)
from living_review.svg import INK, PAPER, width

ID = "timeline-studies"
TITLE = "Studies by year of publication"
_MOST_COLUMNS = 40
_HIGH = 170.0
_WIDEST = 52.0
_APART = 44.0
"""Room for the column of studies without a year."""


@dataclass(frozen=True)
class _Column:
    label: str
    earlier: int
    new: int
    retracted: int

    @property
    def count(self) -> int:
        return self.earlier + self.new + self.retracted


def study_years(time_line: Sequence[Mapping[str, Any]], first_version: bool) -> Chart | None:
    """The chart of ``timelines.studies``.

    Args:
        time_line: As in ``summary.json``.
        first_version: All studies are new then, so the picture does not mark them.

    Returns:
        None where there is no study.
    """
    if not time_line:
        return None
    rows = tuple(_row(entry) for entry in time_line)
    total = sum(row["count"] for row in rows)
    new = sum(row["new"] for row in rows)
    subtitle = _subtitle(rows, total, new, first_version)
    return Chart(
        id=ID,
        kind="timeline_studies",
        title=TITLE,
        svg=_draw(rows, subtitle, first_version),
        rows=rows,
        specification=_specification(rows, subtitle, first_version),
    )


def _row(entry: Mapping[str, Any]) -> Row:
    retracted = set(entry["retracted"])
    new = [one for one in entry["new"] if one not in retracted]
    return {
        "year": entry["year"],
        "count": len(entry["studies"]),
        "earlier": len(entry["studies"]) - len(new) - len(retracted),
        "new": len(new),
        "retracted": len(retracted),
        "studies": entry["studies"],
        "new_studies": new,
        "retracted_studies": entry["retracted"],
    }


def _subtitle(rows: Sequence[Row], total: int, new: int, first_version: bool) -> str:
    parts = [studies(total)]
    if first_version:
        parts.append("all new, this is the first version")
    elif new:
        parts.append(f"{new} new in this version")
    parts += [f"{row['count']} without a year" for row in rows if row["year"] is None]
    return "; ".join(parts)


def _parts(row: Row, first_version: bool) -> tuple[int, int, int]:
    if first_version:
        return row["earlier"] + row["new"], 0, row["retracted"]
    return row["earlier"], row["new"], row["retracted"]


def _columns(rows: Sequence[Row], first_version: bool) -> tuple[list[_Column], int]:
    """The columns of the years, of several years each where there are more than a picture holds, and how many."""
    dated = [row for row in rows if row["year"] is not None]
    if not dated:
        return [], 1
    first, last = dated[0]["year"], dated[-1]["year"]
    step = next(
        size * 10**power
        for power in range(40)
        for size in (1, 2, 5)
        if last // (size * 10**power) - first // (size * 10**power) < _MOST_COLUMNS
    )
    sums = {start: [0, 0, 0] for start in range(first // step, last // step + 1)}
    for row in dated:
        for place, n in enumerate(_parts(row, first_version)):
            sums[row["year"] // step][place] += n
    return [_Column(str(start * step), *parts) for start, parts in sums.items()], step


def _draw(rows: Sequence[Row], subtitle: str, first_version: bool) -> bytes:
    columns, step = _columns(rows, first_version)
    undated = [row for row in rows if row["year"] is None]
    apart = [_Column("No year", *_parts(row, first_version)) for row in undated]
    if step > 1:
        subtitle += f"; each column is {step} years"
    parts, y = heading(TITLE, subtitle, WIDE)
    parts.insert(0, patterns(ID))
    marks = _marks(rows, first_version)
    signs, y = legend(marks, y, WIDE)
    floor = y + 24 + _HIGH
    room = WIDE - 2 * MARGIN - (_APART + _WIDEST if apart else 0)
    band = min(room / max(len(columns), 1), _WIDEST * 1.35)
    most = max(column.count for column in [*columns, *apart])
    places = [(column, MARGIN + (at + 0.5) * band) for at, column in enumerate(columns)]
    end = MARGIN + len(columns) * band
    wide = min(band * 0.74, _WIDEST)
    undated_at = [(column, end + (_APART if columns else 0) + _WIDEST / 2) for column in apart]
    shapes = [shape for column, x in places for shape in _column(column, x, wide, floor, most)]
    shapes += [shape for column, x in undated_at for shape in _column(column, x, min(wide, 36.0), floor, most)]
    if columns:
        shapes.append(stroke(MARGIN, floor, end, floor))
    shapes += [stroke(x - 26, floor, x + 26, floor) for _, x in undated_at]
    shapes += _numbers([*places, *undated_at], wide, floor, most)
    shapes += _years(places, band, floor, undated_at)
    numbers = told([_said(row, first_version) for row in rows if row["count"]], "years")
    return paper(ID, WIDE, floor + 24 + MARGIN, TITLE, f"{subtitle}. {numbers}", [*parts, *signs, *shapes])


def _marks(rows: Sequence[Row], first_version: bool) -> list[tuple[str, str]]:
    marks = []
    new = sum(row["new"] for row in rows)
    retracted = [row for row in rows if row["retracted"]]
    if new and not first_version:
        marks += [(f'fill="{BAR}"', "Known before"), (striped(ID), f"New in this version ({new})")]
    if retracted:
        years = ", ".join("no year" if row["year"] is None else str(row["year"]) for row in retracted)
        n = sum(row["retracted"] for row in retracted)
        marks.append((crossed(ID), f"Retracted ({n}{f': {years}' if len(retracted) <= 6 else ''})"))
    return marks


def _column(column: _Column, x: float, wide: float, floor: float, most: int) -> list[str]:
    shapes, y = [], floor
    for n, look in ((column.earlier, f'fill="{BAR}"'), (column.new, striped(ID)), (column.retracted, crossed(ID))):
        if n:
            high = _HIGH * n / most
            y -= high
            shapes.append(box(x - wide / 2, y, wide, high, look))
    return shapes


def _numbers(places: Sequence[tuple[_Column, float]], wide: float, floor: float, most: int) -> list[str]:
    """The number above each column, the highest first, unless it would lie on another number or column."""
    shapes: list[str] = []
    taken: list[tuple[float, float, float]] = []
    columns = [(x - wide / 2, x + wide / 2, floor - _HIGH * column.count / most) for column, x in places]
    for column, x in sorted(places, key=lambda place: (-place[0].count, place[1])):
        half = width(str(column.count), SMALL) / 2 + 1
        y = floor - _HIGH * column.count / most - 5
        on_column = any(x - half < right and left < x + half and top < y for left, right, top in columns)
        on_number = any(abs(x - other) < half + others and abs(y - at) < SMALL + 2 for other, others, at in taken)
        if not on_column and not on_number:
            shapes.append(words(x, y, str(column.count), SMALL, anchor="middle", fill=INK if column.count else QUIET))
            taken.append((x, half, y))
    return shapes


def _years(
    places: Sequence[tuple[_Column, float]], band: float, floor: float, undated: Sequence[tuple[_Column, float]]
) -> list[str]:
    widest = max((width(column.label, SMALL) for column, _ in places), default=0.0) + 8
    every = next((step for step in (1, 2, 5, 10) if step * band >= widest), 20)
    shapes = []
    # The latest year is the first to be told; the others count back from it.
    for column, x in [*places[::-1][::every], *undated]:
        half = width(column.label, SMALL) / 2
        if half <= x <= WIDE - half:
            shapes.append(words(x, floor + 20, column.label, SMALL, anchor="middle"))
    return shapes


def _said(row: Row, first_version: bool) -> str:
    parts = ("retracted",) if first_version else ("new", "retracted")
    marked = ", ".join(f"{row[part]} {part}" for part in parts if row[part])
    name = "No year" if row["year"] is None else row["year"]
    return f"{name}: {row['count']}{f' ({marked})' if marked else ''}"


def _specification(rows: Sequence[Row], subtitle: str, first_version: bool) -> dict[str, Any]:
    parts = ["earlier", "new", "retracted"]
    fills = [BAR, BAR if first_version else TINT, PAPER]
    return {
        **specification(
            TITLE, subtitle, ({**row, "label": "No year" if row["year"] is None else str(row["year"])} for row in rows)
        ),
        "width": {"step": 22},
        "transform": [
            {"fold": parts, "as": ["part", "n"]},
            {"calculate": f"indexof({parts}, datum.part)", "as": "place"},
        ],
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "label",
                "type": "ordinal",
                "sort": None,
                "title": "Year of publication",
                "scale": {"paddingInner": 0.25},
            },
            "y": {"field": "n", "type": "quantitative", "title": "Studies", "axis": {"tickMinStep": 1}},
            "color": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "scale": {"domain": parts, "range": fills},
            },
            "stroke": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "scale": {"domain": parts, "range": [BAR, BAR, ALERT]},
            },
            "strokeDash": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "scale": {"domain": parts, "range": [[1, 0], [1, 0], [3, 2]]},
            },
            "strokeWidth": {"condition": {"test": "datum.n > 0", "value": 1.5}, "value": 0},
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [
                {"field": "label", "type": "ordinal", "title": "Year"},
                {"field": "part", "type": "nominal", "title": "Part"},
                {"field": "n", "type": "quantitative", "title": "Studies"},
            ],
        },
    }
