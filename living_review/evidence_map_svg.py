"""The picture of an evidence gap map: a grid of discs, small multiples of it where there is a third field.

Promises: a combination without a study is a grey cell without a disc, so that gaps are what one sees first; every disc
has its number; labels lie in room of their own, however long they are and however many; the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import sqrt

from living_review.chart_parts import (
    ALERT,
    MARGIN,
    SMALL,
    STRIPE,
    TINT,
    WIDE,
    box,
    disc,
    heading,
    legend,
    paper,
    patterns,
    striped,
    studies,
    told,
    upward,
    words,
)
from living_review.svg import PAPER, number, width, wrap

MOST_LEVELS = 40
"""Rows and columns of a picture with two fields; the most frequent are drawn."""
MOST_LEVELS_OF_THREE = 20
MOST_PANELS = 12
_GAP = "#e9edf2"
_LABELS = 200.0
"""Longest line of a label of a row, in pixels."""
_HIGH = 48.0
_NARROW = 52.0
_FEW = 6
_FEW_OF_THREE = 3
"""Up to as many columns have room for labels that are read from left to right."""
_WIDEST_LINE = 1100.0
_BETWEEN = 28.0
_TURNED = 150.0
"""Longest line of a label that is read from below, in pixels."""
_RING = f'fill="none" stroke="{ALERT}" stroke-width="1.5" stroke-dasharray="3 2"'


@dataclass(frozen=True)
class Level:
    """One value of a field."""

    value: str
    title: str
    count: int
    """Studies of the map that have it."""


@dataclass(frozen=True)
class Axis:
    """One field with its values in the order in which readers see them."""

    title: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Cell:
    """Ids of the studies of one combination."""

    studies: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    """Those of ``studies`` that are new in this version and not retracted."""
    retracted: tuple[str, ...] = ()
    """Also those that do not count."""


def draw(
    name: str,
    title: str,
    subtitle: str,
    axes: Sequence[Axis],
    cells: Mapping[tuple[str, ...], Cell],
    *,
    marks_new: bool,
) -> bytes:
    """The map as SVG.

    Args:
        name: Id of the chart.
        title: Of the map.
        subtitle: What the map counts.
        axes: Rows, columns and, where there is a third field, panels.
        cells: The combinations that a study has.
        marks_new: False in a first version, where all are new.
    """
    most = MOST_LEVELS if len(axes) == 2 else MOST_LEVELS_OF_THREE
    shown = [_frequent(axis, at_most) for axis, at_most in zip(axes, (most, most, MOST_PANELS), strict=False)]
    for axis, kept in zip(axes, shown, strict=True):
        if len(kept.levels) < len(axis.levels):
            subtitle += f"; the {len(kept.levels)} most frequent of {len(axis.levels)} values of {axis.title} are drawn"
    grid = _Grid(name, shown[0], shown[1], marks_new, few=_FEW if len(axes) == 2 else _FEW_OF_THREE)
    panels: list[tuple[Level | None, dict[tuple[str, str], Cell]]] = []
    for level in shown[2].levels if len(shown) > 2 else [None]:
        behind = (level.value,) if level else ()
        inside = product(shown[0].levels, shown[1].levels)
        found = {(row.value, column.value): cells.get((row.value, column.value, *behind)) for row, column in inside}
        panels.append((level, {place: cell for place, cell in found.items() if cell}))
    largest = max((len(cell.studies) for _, found in panels for cell in found.values()), default=0) or 1
    in_line = max(int((_WIDEST_LINE - grid.labels) // (grid.wide + _BETWEEN)), 1)
    columns = min(in_line, len(panels))
    wide = max(2 * MARGIN + grid.labels + columns * (grid.wide + _BETWEEN) - _BETWEEN, WIDE)
    parts, y = heading(title, subtitle, wide)
    signs, y = legend(_signs(name, cells, marks_new), y, wide)
    parts = [patterns(name), *parts, *signs]
    for start in range(0, len(panels), in_line):
        drawn, y = grid.line(panels[start : start + in_line], largest, y + (10 if not start else 30))
        parts += drawn
    description = f"{subtitle}. {_told(axes, cells, marks_new)}"
    return paper(name, wide, y + MARGIN, title, description, parts)


def _frequent(axis: Axis, most: int) -> Axis:
    if len(axis.levels) <= most:
        return axis
    kept = sorted(range(len(axis.levels)), key=lambda place: (-axis.levels[place].count, place))[:most]
    return replace(axis, levels=tuple(axis.levels[place] for place in sorted(kept)))


def _signs(name: str, cells: Mapping[tuple[str, ...], Cell], marks_new: bool) -> list[tuple[str, str]]:
    signs = [(f'fill="{_GAP}"', "Gap: no study"), (disc(6, 6, 6, _plain_look()), "Studies, by area and number")]
    if marks_new and any(cell.new for cell in cells.values()):
        signs.append((disc(6, 6, 6, striped(name)), "+n: of them new in this version"))
    if any(cell.retracted for cell in cells.values()):
        counted = all(set(cell.retracted) <= set(cell.studies) for cell in cells.values())
        signs.append((disc(6, 6, 6, _RING), f"×n: retracted{', counted' if counted else ', not counted'}"))
    return signs


def _plain_look() -> str:
    return f'fill="{TINT}" stroke="{STRIPE}"'


def _told(axes: Sequence[Axis], cells: Mapping[tuple[str, ...], Cell], marks_new: bool) -> str:
    titles = [{level.value: level.title for level in axis.levels} for axis in axes]
    places = [{level.value: at for at, level in enumerate(axis.levels)} for axis in axes]

    def order(values: tuple[str, ...]) -> tuple[int, list[int]]:
        return -len(cells[values].studies), [place[value] for place, value in zip(places, values, strict=True)]

    said = []
    for values in sorted(cells, key=order):
        cell = cells[values]
        parts = (("new", cell.new if marks_new else ()), ("retracted", cell.retracted))
        marked = ", ".join(f"{len(ids)} {name}" for name, ids in parts if ids)
        names = ", ".join(title[value] for title, value in zip(titles, values, strict=True))
        said.append(f"{names}: {len(cell.studies)}{f' ({marked})' if marked else ''}")
    return told(said, "combinations") if said else "No study."


class _Grid:
    """Rows and columns that every panel shares."""

    def __init__(self, name: str, rows: Axis, columns: Axis, marks_new: bool, few: int) -> None:
        self._name, self._rows, self._columns, self._marks_new = name, rows, columns, marks_new
        many = len(columns.levels)
        self._turned = many > few
        self._row_lines = [wrap(level.title, _LABELS, 13.0, most=3) for level in rows.levels]
        self.labels = max(width(line, 13.0) for lines in self._row_lines for line in lines) + 10
        self._cell = _NARROW if self._turned else min((WIDE - 2 * MARGIN - self.labels) / many, 100.0)
        self.wide = many * self._cell
        room, most = (_TURNED, 3) if self._turned else (self._cell - 8, 5)
        self._column_lines = [wrap(level.title, room, SMALL, most=most) for level in columns.levels]
        self._row_high = [max(_HIGH, len(lines) * 16.0 + 8) for lines in self._row_lines]
        self.high = sum(self._row_high)
        if self._turned:
            self._head = max(width(line, SMALL) for lines in self._column_lines for line in lines) + 10
        else:
            self._head = max(len(lines) for lines in self._column_lines) * 15.0 + 10

    def line(
        self, panels: Sequence[tuple[Level | None, Mapping[tuple[str, str], Cell]]], largest: int, top: float
    ) -> tuple[list[str], float]:
        """Panels side by side with the labels of the rows before them, and the ``y`` below."""
        titles = [_panel_title(level, self.wide) for level, _ in panels]
        y = top + max(len(lines) for lines in titles) * 17.0
        floor = y + self._head
        parts = self._row_labels(floor)
        for place, ((_, found), lines) in enumerate(zip(panels, titles, strict=True)):
            left = MARGIN + self.labels + place * (self.wide + _BETWEEN)
            parts += [words(left, top + 13 + at * 17, line, 13.0, bold=True) for at, line in enumerate(lines)]
            parts += self._column_labels(left, floor)
            parts += self._cells(found, largest, left, floor)
        return parts, floor + self.high

    def _row_labels(self, top: float) -> list[str]:
        parts, y = [], top
        for lines, high in zip(self._row_lines, self._row_high, strict=True):
            first = y + high / 2 + 4.5 - (len(lines) - 1) * 8
            parts += [
                words(MARGIN + self.labels - 10, first + at * 16, line, 13.0, anchor="end")
                for at, line in enumerate(lines)
            ]
            y += high
        return parts

    def _column_labels(self, left: float, floor: float) -> list[str]:
        parts = []
        for place, lines in enumerate(self._column_lines):
            middle = left + (place + 0.5) * self._cell
            for at, line in enumerate(lines):
                if self._turned:
                    parts.append(upward(middle + 4 + (at - (len(lines) - 1) / 2) * 15, floor - 6, line, SMALL))
                else:
                    y = floor - 8 - (len(lines) - 1 - at) * 15
                    parts.append(words(middle, y, line, SMALL, anchor="middle"))
        return parts

    def _cells(self, found: Mapping[tuple[str, str], Cell], largest: int, left: float, top: float) -> list[str]:
        parts = [box(left, top, self.wide, self.high, f'fill="{_GAP}"')]
        white, shapes, y = [], [], top
        for row, high in zip(self._rows.levels, self._row_high, strict=True):
            for place, column in enumerate(self._columns.levels):
                cell = found.get((row.value, column.value))
                x = left + place * self._cell
                if cell and cell.studies:
                    white.append(box(x, y, self._cell, high, f'fill="{PAPER}"'))
                if cell:
                    shapes += self._cell_shapes(cell, largest, x, y, high)
            y += high
        return [*parts, *white, *self._lines(left, top), *shapes]

    def _lines(self, left: float, top: float) -> list[str]:
        right, bottom = left + self.wide, top + self.high
        across = [top]
        for high in self._row_high:
            across.append(across[-1] + high)
        path = [f"M{number(left)} {number(y)}H{number(right)}" for y in across]
        path += [
            f"M{number(left + place * self._cell)} {number(top)}V{number(bottom)}"
            for place in range(len(self._columns.levels) + 1)
        ]
        return [f'<path d="{"".join(path)}" fill="none" stroke="#d5dbe2"/>']

    def _cell_shapes(self, cell: Cell, largest: int, x: float, y: float, high: float) -> list[str]:
        middle, centre = x + self._cell / 2, y + high / 2
        n, new = len(cell.studies), len(cell.new) if self._marks_new else 0
        reach = 13.0 if self._turned else 18.0
        radius = max(reach * sqrt(n / largest), 4.0) if n else 4.0
        parts = []
        if n:
            parts.append(disc(middle, centre, radius, striped(self._name) if new else _plain_look()))
        if cell.retracted:
            parts.append(disc(middle, centre, radius + 2.5, _RING))
        if n:
            parts.append(words(middle, centre + 4.5, str(n), 13.0, anchor="middle"))
        if new:
            parts.append(words(x + self._cell - 3, centre - 14, f"+{new}", 10.0, anchor="end"))
        if cell.retracted:
            parts.append(
                words(x + self._cell - 3, centre + 21, f"×{len(cell.retracted)}", 10.0, anchor="end", fill=ALERT)
            )
        return parts


def _panel_title(level: Level | None, wide: float) -> list[str]:
    if level is None:
        return []
    # A line of its own keeps the number apart from a right-to-left title.
    return [*wrap(level.title, wide, 13.0, most=4), *wrap(studies(level.count), wide, 13.0, most=2)]
