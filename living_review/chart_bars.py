"""Charts of a field's table: bars of its values, or the box of its numbers.

Promises: they say exactly what the table says, studies without an answer included; every bar has its number as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from living_review.chart_parts import (
    BAR,
    LEADING,
    MARGIN,
    QUIET,
    SIZE,
    SMALL,
    WIDE,
    Chart,
    Kind,
    Row,
    box,
    distinct,
    heading,
    many,
    paper,
    specification,
    stroke,
    studies,
    told,
    words,
)
from living_review.svg import INK, plain, width, wrap

MOST_BARS = 80
"""Bars in a picture; its data have all."""
_LABELS = 250.0
_BARS = 330.0
_NO_ANSWER = "#8a8f98"


def table_chart(table: Mapping[str, Any], kind: Kind = "field") -> Chart | None:
    """The chart of one table.

    Args:
        table: A field's table as :meth:`living_review.field_tables.FieldTable.to_dict` gives it.
        kind: Whether the field is the typology's.

    Returns:
        None where the table has nothing to draw (text, or no number yet).
    """
    if table["numbers"]:
        rows: tuple[Row, ...] = (
            {**table["numbers"], "missing": table["missing"]["count"], "unit": plain(table["unit"])},
        )
        drawn, specified = _box_plot(table), _box_specification(table, rows)
    elif table["rows"]:
        rows = _rows(table)
        drawn, specified = _bars(table, rows), _bar_specification(table, rows)
    else:
        return None
    return Chart(
        id=table["field"],
        kind=kind,
        title=table["title"],
        fields=(table["field"],),
        svg=drawn,
        rows=rows,
        specification=specified,
    )


def typology_table(typology: Mapping[str, Any]) -> dict[str, Any]:
    """The typology in the form of a field's table: one row a model, studies without a model as missing."""
    keys = ("title", "count", "share", "studies")
    without = typology["without_model"]
    asked = typology["asked"]
    return {
        "field": typology["field"],
        "title": typology["title"],
        "unit": "",
        "many": typology["many"],
        "asked": asked,
        "rows": [{"value": model["id"], **{key: model[key] for key in keys}} for model in typology["models"]],
        "missing": {
            "value": "",
            "title": "No model",
            "count": len(without),
            "share": round(len(without) / asked, 4) if asked else None,
            "studies": without,
        },
        "numbers": None,
        "left_out": typology["left_out"],
    }


def _rows(table: Mapping[str, Any]) -> tuple[Row, ...]:
    found = [(row, True) for row in table["rows"]]
    if table["missing"]["count"]:
        found.append((table["missing"], False))
    return tuple(
        {
            "value": row["value"],
            "title": row["title"] or row["value"],
            "count": row["count"],
            "share": row["share"],
            "answered": answered,
            "studies": row["studies"],
        }
        for row, answered in found
    )


def _subtitle(table: Mapping[str, Any]) -> str:
    parts = [studies(table["asked"])]
    if table["left_out"]:
        parts.append(f"{len(table['left_out'])} retracted not counted")
    if table["many"]:
        parts.append("a study can have several values")
    return "; ".join(parts)


def _count(row: Row) -> str:
    return f"{row['count']}" if row["share"] is None else f"{row['count']} ({row['share'] * 100:.0f}%)"


def _bars(table: Mapping[str, Any], rows: tuple[Row, ...]) -> bytes:
    shown = rows if len(rows) <= MOST_BARS else (*rows[: MOST_BARS - 1], rows[-1])
    most = max(row["count"] for row in rows) or 1
    subtitle = _subtitle(table)
    if len(shown) < len(rows):
        subtitle += f"; {len(rows) - len(shown)} more values are in the data"
    parts, y = heading(table["title"], subtitle, WIDE)
    y += 6
    top, left = y, MARGIN + _LABELS
    for row in shown:
        lines = wrap(row["title"], _LABELS - 12, SIZE, most=3)
        high = max(len(lines) * LEADING, 22.0)
        middle = y + high / 2
        first = middle + 5 - (len(lines) - 1) / 2 * LEADING
        parts += [words(left - 10, first + at * LEADING, line, anchor="end") for at, line in enumerate(lines)]
        length = _BARS * row["count"] / most
        fill = f'fill="{BAR}"' if row["answered"] else f'fill="none" stroke="{_NO_ANSWER}" stroke-dasharray="4 3"'
        parts.append(box(left, middle - 9, length, 18, fill))
        parts.append(words(left + length + 8, middle + 5, _count(row)))
        y += high + 8
    parts.append(stroke(left, top, left, y - 8))
    numbers = told([f"{row['title']}: {_count(row)}" for row in rows], "values")
    return paper(table["field"], WIDE, y + MARGIN - 8, table["title"], f"{subtitle}. {numbers}", parts)


def _box_plot(table: Mapping[str, Any]) -> bytes:
    numbers = table["numbers"]
    parts, y = heading(table["title"], _subtitle(table), WIDE)
    left, room = MARGIN + 40, WIDE - 2 * MARGIN - 80
    low, high = numbers["minimum"], numbers["maximum"]

    def at(value: float) -> float:
        return left + (room * (value - low) / (high - low) if high > low else room / 2)

    middle = y + 42
    first, median, third = (at(numbers[name]) for name in ("lower_quartile", "median", "upper_quartile"))
    parts += [
        stroke(at(low), middle, at(high), middle),
        stroke(at(low), middle - 8, at(low), middle + 8),
        stroke(at(high), middle - 8, at(high), middle + 8),
        box(first, middle - 16, third - first, 32, f'fill="{BAR}"'),
        stroke(median, middle - 20, median, middle + 20, f'stroke="{INK}" stroke-width="3"'),
        words(median, middle - 26, _short(numbers["median"]), anchor="middle", bold=True),
    ]
    free: list[tuple[float, float]] = []
    for name in ("minimum", "maximum", "lower_quartile", "upper_quartile") if low < high else ():
        said = _short(numbers[name])
        half = width(said, SMALL) / 2 + 3
        x = min(max(at(numbers[name]), MARGIN + half), WIDE - MARGIN - half)
        if all(x + half <= start or end <= x - half for start, end in free):
            parts.append(words(x, middle + 34, said, SMALL, anchor="middle", fill=QUIET))
            free.append((x - half, x + half))
    y = middle + 64
    for line in wrap(_told_numbers(table), WIDE - 2 * MARGIN, 13.0):
        parts.append(words(MARGIN, y, line, 13.0))
        y += LEADING
    description = f"{_subtitle(table)}. {_told_numbers(table)}"
    return paper(table["field"], WIDE, y + MARGIN - 10, table["title"], description, parts)


def _told_numbers(table: Mapping[str, Any]) -> str:
    numbers, missing = table["numbers"], table["missing"]
    unit = f" {table['unit']}" if table["unit"] else ""
    return (
        f"Median {_short(numbers['median'])}{unit}, quartiles {_short(numbers['lower_quartile'])} and "
        f"{_short(numbers['upper_quartile'])}, from {_short(numbers['minimum'])} to {_short(numbers['maximum'])}; "
        f"{many(numbers['count'], 'study', 'studies')} with a number, {missing['count']} without."
    )


def _short(value: float) -> str:
    return f"{value:.10g}"


def _bar_specification(table: Mapping[str, Any], rows: tuple[Row, ...]) -> dict[str, Any]:
    labels = distinct(row["title"] for row in rows)
    return {
        **specification(
            table["title"],
            _subtitle(table),
            ({**row, "label": label} for row, label in zip(rows, labels, strict=True)),
        ),
        "width": 400,
        "mark": {"type": "bar", "color": BAR, "tooltip": True},
        "encoding": {
            "y": {"field": "label", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 260}},
            "x": {"field": "count", "type": "quantitative", "title": "Studies", "axis": {"tickMinStep": 1}},
            "opacity": {"condition": {"test": "datum.answered", "value": 1}, "value": 0.4},
            "tooltip": [
                {"field": "label", "type": "nominal", "title": "Value"},
                {"field": "count", "type": "quantitative", "title": "Studies"},
                {"field": "share", "type": "quantitative", "title": "Share", "format": ".0%"},
            ],
        },
    }


def _box_specification(table: Mapping[str, Any], rows: tuple[Row, ...]) -> dict[str, Any]:
    title = plain(table["unit"]) or "Value"

    def across(start: str, end: str) -> dict[str, Any]:
        return {
            "x": {"field": start, "type": "quantitative", "title": title, "scale": {"zero": False}},
            "x2": {"field": end},
        }

    return {
        **specification(table["title"], _subtitle(table), rows),
        "width": 400,
        "layer": [
            {"mark": "rule", "encoding": across("minimum", "maximum")},
            {
                "mark": {"type": "bar", "size": 30, "color": BAR},
                "encoding": across("lower_quartile", "upper_quartile"),
            },
            {
                "mark": {"type": "tick", "size": 40, "thickness": 3, "color": INK},
                "encoding": {"x": {"field": "median", "type": "quantitative", "title": title}},
            },
        ],
    }
