"""What all charts are made of: heading, legend, words and marks of a picture, and the files that stand beside it.

Promises: every chart has a picture, its data as CSV and as JSON and a Vega-Lite specification, and all four say the
same numbers; nothing is told by colour alone; the pictures are written here, not by a renderer, because a renderer
measures text with whatever fonts a machine has and the same summary must give the same bytes everywhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from living_review.publication_studies import csv_cell
from living_review.records import canonical_json
from living_review.store_layout import CSV_TYPE, JSON_TYPE, SVG_TYPE, File
from living_review.svg import INK, LINE, PAPER, number, picture, plain, width, wrap, xml

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"

Kind = Literal["field", "typology", "timeline_studies", "timeline_searches", "evidence_map"]
Row = Mapping[str, Any]

WIDE = 732.0
"""Width in pixels of every chart but maps with many columns."""
MARGIN = 16.0
SIZE = 14.0
LEADING = 18.0
SMALL = 12.0
BAR = "#2c6fad"
"""Contrast 5.2 to 1 on white."""
TINT = "#cfe1f2"
"""Behind text: ink on it has 12.6 to 1."""
STRIPE = "#8fb8de"
"""On the tint: ink on it has 8 to 1."""
QUIET = "#5a626c"
"""For remarks; contrast 6.2 to 1 on white."""
ALERT = "#a4262c"
"""Retracted and failed; contrast 7 to 1 on white."""
MOST_TOLD = 200
"""Numbers in a text alternative; a longer one nobody listens to."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart in its four forms."""

    id: str
    kind: Kind
    title: str
    fields: tuple[str, ...] = ()
    svg: bytes
    rows: tuple[Row, ...]
    """The data; each row has the same keys."""
    specification: Mapping[str, Any]
    """Vega-Lite, with the data in it but for the ids of studies."""

    def entry(self) -> dict[str, Any]:
        """What ``summary.json`` says of it."""
        return {"id": self.id, "kind": self.kind, "title": self.title, "fields": list(self.fields), **self._names()}

    def files(self) -> dict[str, File]:
        """Its four files by their names."""
        names = self._names()
        return {
            names["svg"]: File(self.svg, SVG_TYPE),
            names["csv"]: File(rows_csv(self.rows), CSV_TYPE),
            names["json"]: File(canonical_json(self.rows), JSON_TYPE),
            names["vega_lite"]: File(canonical_json(self.specification), JSON_TYPE),
        }

    def _names(self) -> dict[str, str]:
        ends = {"svg": "svg", "csv": "csv", "json": "json", "vega_lite": "vl.json"}
        return {name: f"charts/{self.id}.{end}" for name, end in ends.items()}


def rows_csv(rows: Sequence[Row]) -> bytes:
    """Rows as UTF-8 with BOM, CRLF, several values joined by ``; ``; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([csv_cell(value) for value in row.values()] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def many(n: int, one: str, more: str = "") -> str:
    """``n`` with its noun, in the plural where it is not one."""
    return f"{n} {one if n == 1 else more or f'{one}s'}"


def studies(n: int) -> str:
    """``n`` studies."""
    return many(n, "study", "studies")


def words(
    x: float, y: float, text: str, size: float = SIZE, *, anchor: str = "start", fill: str = INK, bold: bool = False
) -> str:
    """One line of text with its baseline at ``y``."""
    more = "" if anchor == "start" else f' text-anchor="{anchor}"'
    more += "" if fill == INK else f' fill="{fill}"'
    more += ' font-weight="600"' if bold else ""
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{more}>{xml(text)}</text>'


def upward(x: float, y: float, text: str, size: float) -> str:
    """One line of text that starts at (``x``, ``y``) and is read from below."""
    turned = f'transform="rotate(-90 {number(x)} {number(y)})"'
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" {turned}>{xml(text)}</text>'


def box(x: float, y: float, wide: float, high: float, look: str) -> str:
    """A rectangle; ``look`` are its attributes."""
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}" {look}/>'


def disc(x: float, y: float, radius: float, look: str) -> str:
    """A circle; ``look`` are its attributes."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" {look}/>'


def stroke(x1: float, y1: float, x2: float, y2: float, look: str = f'stroke="{LINE}" stroke-width="2"') -> str:
    """A straight line."""
    return f'<path d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" fill="none" {look}/>'


def cross(x: float, y: float, reach: float) -> str:
    """The mark of what failed."""
    x1, x2, y1, y2 = (number(value) for value in (x - reach, x + reach, y - reach, y + reach))
    return f'<path d="M{x1} {y1}L{x2} {y2}M{x1} {y2}L{x2} {y1}" stroke="{ALERT}" stroke-width="2.5"/>'


def patterns(name: str) -> str:
    """Stripes and crosses as fills for :func:`striped` and :func:`crossed`.

    Args:
        name: Prefix of the ids, so that several pictures can stand on one page.
    """
    return (
        f'<defs><pattern id="{name}-stripes" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{TINT}"/>'
        f'<rect width="2.5" height="6" fill="{STRIPE}"/></pattern>'
        f'<pattern id="{name}-crosses" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{PAPER}"/><path d="M1.5 1.5L6.5 6.5M1.5 6.5L6.5 1.5" stroke="{ALERT}" '
        f'stroke-width="1.4"/></pattern></defs>'
    )


def striped(name: str) -> str:
    """Attributes of what is new in this version."""
    return f'fill="url(#{name}-stripes)" stroke="{BAR}"'


def crossed(name: str) -> str:
    """Attributes of what is retracted."""
    return f'fill="url(#{name}-crosses)" stroke="{ALERT}"'


def heading(title: str, subtitle: str, wide: float) -> tuple[list[str], float]:
    """Title and subtitle at the top of a picture, and the ``y`` below them."""
    parts = []
    y = MARGIN + 18
    for line in wrap(title, wide - 2 * MARGIN, 17.0, most=3):
        parts.append(words(MARGIN, y, line, 17.0, bold=True))
        y += 23
    for line in wrap(subtitle, wide - 2 * MARGIN, 13.0, most=4):
        parts.append(words(MARGIN, y, line, 13.0, fill=QUIET))
        y += LEADING
    return parts, y


def legend(items: Iterable[tuple[str, str]], y: float, wide: float) -> tuple[list[str], float]:
    """Signs and what they mean in a row, in several where one is too short.

    Args:
        items: (attributes of a 12 by 12 swatch, or a whole element to be drawn from 0, 0 to 12, 12; text).
        y: Top.
        wide: Of the picture.

    Returns:
        The parts, and the ``y`` below them.
    """
    parts, x = [], MARGIN
    for sign, text in items:
        lines = wrap(text, wide - 2 * MARGIN - 20, SMALL)
        needs = 20 + max(width(line, SMALL) for line in lines)
        if x > MARGIN and x + needs > wide - MARGIN:
            x, y = MARGIN, y + LEADING
        if sign.startswith("<"):
            parts.append(f'<g transform="translate({number(x)} {number(y)})">{sign}</g>')
        else:
            parts.append(box(x, y, 12, 12, sign))
        parts += [words(x + 20, y + 10.5 + place * LEADING, line, SMALL) for place, line in enumerate(lines)]
        y += (len(lines) - 1) * LEADING
        x += needs + 20
    return parts, y + LEADING if parts else y


def paper(name: str, wide: float, high: float, title: str, told: str, parts: Iterable[str]) -> bytes:
    """The picture on white paper, so that it can be read on a dark page too."""
    return picture(
        name=f"chart-{name}",
        wide=wide,
        high=high,
        title=title,
        description=told,
        parts=[f'<rect width="{number(wide)}" height="{number(high)}" fill="{PAPER}"/>', *parts],
    )


def told(items: Sequence[str], what: str) -> str:
    """Numbers in words, at most :data:`MOST_TOLD`, and how many more there are."""
    rest = len(items) - MOST_TOLD
    more = f"; {rest} more {what} are in the data" if rest > 0 else ""
    return f"{'; '.join(items[:MOST_TOLD])}{more}."


def distinct(labels: Iterable[str]) -> list[str]:
    """Labels on one line with a number behind every repetition: two options of one title are still two bars."""
    result: dict[str, None] = {}
    for label in map(plain, labels):
        name, repetition = label, 1
        while name in result:
            repetition += 1
            name = f"{label} ({repetition})"
        result[name] = None
    return list(result)


def specification(title: str, subtitle: str, values: Iterable[Row]) -> dict[str, Any]:
    """The beginning of a Vega-Lite specification; ids of studies are left to the data files."""
    numbers = [{key: value for key, value in row.items() if not isinstance(value, list)} for row in values]
    return {
        "$schema": VEGA_LITE,
        "title": {"text": plain(title), "subtitle": plain(subtitle), "anchor": "start"},
        "description": f"{plain(title)}: {plain(subtitle)}",
        "data": {"values": numbers},
    }
