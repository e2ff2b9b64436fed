"""Charts of the summary's tables: an SVG to look at and a Vega-Lite specification with the same data to reuse.

Promises: both say exactly what the table says, studies without an answer included; the SVG is written here, not by a
renderer, because a renderer measures text with whatever fonts a machine has and the same summary must give the same
bytes everywhere; every bar has its number as text, so that nothing is told by length or colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from living_review.records import canonical_json
from living_review.svg import INK, LINE, PAPER, number, picture, plain, wrap, xml

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"
_SIZE = 14.0
_LEADING = 18.0
_LABELS = 250.0
_BARS = 330.0
_NUMBERS = 120.0
_MARGIN = 16.0
_BAR = "#2c6fad"
"""Contrast 5.2 to 1 on white."""
_NO_ANSWER = "#8a8f98"


def chart_files(table: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    """The picture and the specification of one table.

    Args:
        table: A field's table as :meth:`living_review.field_tables.FieldTable.to_dict` gives it.

    Returns:
        (SVG, Vega-Lite JSON), or None where the table has nothing to draw (text, or no number yet).
    """
    if table["numbers"]:
        return _box_plot(table), canonical_json(_box_specification(table))
    if not table["rows"]:
        return None
    return _bars(table), canonical_json(_bar_specification(table))


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
    }


def _rows(table: Mapping[str, Any]) -> list[tuple[str, int, float | None, bool]]:
    rows = [(row["title"] or row["value"], row["count"], row["share"], True) for row in table["rows"]]
    missing = table["missing"]
    return [*rows, (missing["title"], missing["count"], missing["share"], False)] if missing["count"] else rows


def _subtitle(table: Mapping[str, Any]) -> str:
    text = f"{table['asked']} {'study' if table['asked'] == 1 else 'studies'}"
    return f"{text}; a study can have several values" if table["many"] else text


def _told(count: int, share: float | None) -> str:
    return f"{count}" if share is None else f"{count} ({share * 100:.0f}%)"


def _bars(table: Mapping[str, Any]) -> bytes:
    rows = _rows(table)
    most = max(count for _, count, _, _ in rows) or 1
    wide = 2 * _MARGIN + _LABELS + _BARS + _NUMBERS
    parts, y = _heading(table, wide)
    top = y
    for label, count, share, answered in rows:
        lines = wrap(label, _LABELS - 12, _SIZE, most=3)
        high = max(len(lines) * _LEADING, 22.0)
        middle = y + high / 2
        parts += [
            f'<text x="{number(_MARGIN + _LABELS - 10)}" '
            f'y="{number(middle + 5 + (place - (len(lines) - 1) / 2) * _LEADING)}" '
            f'font-size="{number(_SIZE)}" text-anchor="end">{xml(line)}</text>'
            for place, line in enumerate(lines)
        ]
        length = _BARS * count / most
        fill = f'fill="{_BAR}"' if answered else f'fill="none" stroke="{_NO_ANSWER}" stroke-dasharray="4 3"'
        parts.append(
            f'<rect x="{number(_MARGIN + _LABELS)}" y="{number(middle - 9)}" width="{number(length)}" height="18" '
            f"{fill}/>"
        )
        parts.append(
            f'<text x="{number(_MARGIN + _LABELS + length + 8)}" y="{number(middle + 5)}" '
            f'font-size="{number(_SIZE)}">{_told(count, share)}</text>'
        )
        y += high + 8
    parts.append(_stroke(_MARGIN + _LABELS, top, _MARGIN + _LABELS, y - 8))
    told = "; ".join(f"{label}: {_told(count, share)}" for label, count, share, _ in rows)
    return _picture(table, wide, y + _MARGIN, f"{_subtitle(table)}. {told}.", parts)


def _box_plot(table: Mapping[str, Any]) -> bytes:
    numbers = table["numbers"]
    wide = 2 * _MARGIN + _LABELS + _BARS + _NUMBERS
    parts, y = _heading(table, wide)
    left, room = _MARGIN + 40, wide - 2 * _MARGIN - 80
    low, high = numbers["minimum"], numbers["maximum"]

    def at(value: float) -> float:
        return left + (room * (value - low) / (high - low) if high > low else room / 2)

    middle = y + 30
    first, median, third = (at(numbers[name]) for name in ("lower_quartile", "median", "upper_quartile"))
    parts += [
        _stroke(at(low), middle, at(high), middle),
        _stroke(at(low), middle - 8, at(low), middle + 8),
        _stroke(at(high), middle - 8, at(high), middle + 8),
        f'<rect x="{number(first)}" y="{number(middle - 16)}" width="{number(third - first)}" height="32" '
        f'fill="{_BAR}"/>',
        f'<path d="M{number(median)} {number(middle - 20)}V{number(middle + 20)}" stroke="{INK}" stroke-width="3"/>',
    ]
    told = _told_numbers(table)
    y = middle + 40
    for line in wrap(told, wide - 2 * _MARGIN - 10, _SIZE):
        parts.append(f'<text x="{number(_MARGIN + 8)}" y="{number(y)}" font-size="{number(_SIZE)}">{xml(line)}</text>')
        y += _LEADING
    return _picture(table, wide, y + _MARGIN, f"{_subtitle(table)}. {told}", parts)


def _told_numbers(table: Mapping[str, Any]) -> str:
    numbers, missing = table["numbers"], table["missing"]
    unit = f" {table['unit']}" if table["unit"] else ""
    return (
        f"Median {_short(numbers['median'])}{unit}, quartiles {_short(numbers['lower_quartile'])} and "
        f"{_short(numbers['upper_quartile'])}, from {_short(numbers['minimum'])} to {_short(numbers['maximum'])}; "
        f"{numbers['count']} studies with a number, {missing['count']} without."
    )


def _short(value: float) -> str:
    return f"{value:.10g}"


def _heading(table: Mapping[str, Any], wide: float) -> tuple[list[str], float]:
    parts = []
    y = _MARGIN + 18
    for line in wrap(table["title"], wide - 2 * _MARGIN, 17.0, most=3):
        parts.append(f'<text x="{number(_MARGIN)}" y="{number(y)}" font-size="17" font-weight="600">{xml(line)}</text>')
        y += 23
    parts.append(f'<text x="{number(_MARGIN)}" y="{number(y)}" font-size="13">{xml(_subtitle(table))}</text>')
    return parts, y + 16


def _picture(table: Mapping[str, Any], wide: float, high: float, told: str, parts: list[str]) -> bytes:
    paper = f'<rect width="{number(wide)}" height="{number(high)}" fill="{PAPER}"/>'
    return picture(
        name=f"chart-{table['field']}",
        wide=wide,
        high=high,
        title=table["title"],
        description=told,
        parts=[paper, *parts],
    )


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<path d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" fill="none" stroke="{LINE}" stroke-width="2"/>'
    )


def _bar_specification(table: Mapping[str, Any]) -> dict[str, Any]:
    rows = _rows(table)
    labels = _distinct([plain(label) for label, _, _, _ in rows])
    values = [
        {"label": label, "studies": count, "share": share, "answered": answered}
        for label, (_, count, share, answered) in zip(labels, rows, strict=True)
    ]
    return {
        **_specification(table),
        "data": {"values": values},
        "mark": {"type": "bar", "color": _BAR, "tooltip": True},
        "encoding": {
            "y": {
                "field": "label",
                "type": "nominal",
                "title": None,
                "sort": None,
                "axis": {"labelLimit": 260},
            },
            "x": {"field": "studies", "type": "quantitative", "title": "Studies", "axis": {"tickMinStep": 1}},
            "opacity": {
                "condition": {"test": "datum.answered", "value": 1},
                "value": 0.4,
            },
            "tooltip": [
                {"field": "label", "type": "nominal", "title": "Value"},
                {"field": "studies", "type": "quantitative", "title": "Studies"},
                {"field": "share", "type": "quantitative", "title": "Share", "format": ".0%"},
            ],
        },
    }


def _box_specification(table: Mapping[str, Any]) -> dict[str, Any]:
    numbers = table["numbers"]
    title = plain(table["unit"]) or "Value"

    def across(start: str, end: str) -> dict[str, Any]:
        return {
            "x": {"field": start, "type": "quantitative", "title": title, "scale": {"zero": False}},
            "x2": {"field": end},
        }

    return {
        **_specification(table),
        "data": {"values": [{**numbers, "missing": table["missing"]["count"]}]},
        "layer": [
            {"mark": "rule", "encoding": across("minimum", "maximum")},
            {
                "mark": {"type": "bar", "size": 30, "color": _BAR},
                "encoding": across("lower_quartile", "upper_quartile"),
            },
            {
                "mark": {"type": "tick", "size": 40, "thickness": 3, "color": INK},
                "encoding": {"x": {"field": "median", "type": "quantitative", "title": title}},
            },
        ],
    }


def _distinct(labels: list[str]) -> list[str]:
    """Labels with a number behind every repetition: two options of one title are still two bars."""
    result: list[str] = []
    for label in labels:
        name, repetition = label, 1
        while name in result:
            repetition += 1
            name = f"{label} ({repetition})"
        result.append(name)
    return result


def _specification(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "$schema": VEGA_LITE,
        "title": {"text": plain(table["title"]), "subtitle": _subtitle(table), "anchor": "start"},
        "description": f"{plain(table['title'])}: {_subtitle(table)}",
        "width": 400,
    }
