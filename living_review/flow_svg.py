"""The PRISMA 2020 flow diagram of a living review as SVG.

Promises: deterministic; no two boxes overlap however long the names of sources and reasons are; what is pending is
drawn (dashed) whenever there is any; numbers are text, and the whole flow is told in words to screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from living_review.flow_counts import Counts, Flow, ReasonCount, Via, check_identities
from living_review.flow_diagram import NO_REASON
from living_review.protocol import Stage
from living_review.svg import INK, LINE, PAPER, number, picture, wrap, xml

_SIZE = 14.0
_LEADING = 19.0
_PAD = 10.0
_MAIN = 330.0
_SIDE = 330.0
_GAP = 46.0
_ROW_GAP = 30.0
_PANEL_GAP = 60.0
_MARGIN = 16.0
_HIGHEST_TITLE_LINES = 4


@dataclass(frozen=True)
class _Box:
    lines: list[str]
    dashed: bool = False

    @property
    def high(self) -> float:
        return len(self.lines) * _LEADING + 2 * _PAD - 4


@dataclass(frozen=True)
class _Row:
    main: _Box
    side: list[_Box] = field(default_factory=list)

    @property
    def high(self) -> float:
        return max(self.main.high, sum(box.high for box in self.side) + 10.0 * max(len(self.side) - 1, 0))


def draw(flows: Sequence[Counts], title: str) -> bytes:
    """One flow, or the flows of a variant side by side from the base to the latest, as an SVG file.

    Raises:
        LivingReviewError: If the numbers of one of them do not add up; then there is no picture.
    """
    for counts in flows:
        check_identities(counts)
    many = len(flows) > 1
    panels = [
        _rows(counts, first=place == 0, last=place == len(flows) - 1, many=many) for place, counts in enumerate(flows)
    ]
    panel_width = _MAIN + _GAP + _SIDE
    wide = 2 * _MARGIN + len(flows) * panel_width + (len(flows) - 1) * _PANEL_GAP
    heading = wrap(title, wide - 2 * _MARGIN - 2 * _PAD, 17.0, most=_HIGHEST_TITLE_LINES)
    parts = _heading(heading, wide)
    top = _MARGIN + len(heading) * 24 + 2 * _PAD
    labels = [wrap(counts.label, panel_width - 2 * _PAD, _SIZE, most=_HIGHEST_TITLE_LINES) for counts in flows]
    label_high = max(len(lines) for lines in labels) * _LEADING + 2 * _PAD - 4
    bottom = top
    for place, rows in enumerate(panels):
        left = _MARGIN + place * (panel_width + _PANEL_GAP)
        parts += _draw_box(_Box(labels[place]), left, top + 10, panel_width, filled="#e8edf3", bold=True)
        y = top + 10 + label_high + 16
        for index, row in enumerate(rows):
            parts += _draw_row(row, left, y)
            y += row.high + _ROW_GAP
            if index < len(rows) - 1:
                middle = left + _MAIN / 2
                parts.append(_arrow(middle, y - _ROW_GAP - row.high + row.main.high, middle, y))
        bottom = max(bottom, y - _ROW_GAP)
    return picture(
        name="flow",
        wide=wide,
        high=bottom + _MARGIN,
        title=title,
        description=" ".join(_told(counts) for counts in flows),
        parts=parts,
    )


def _rows(counts: Counts, *, first: bool, last: bool, many: bool) -> list[_Row]:
    flow = counts.total
    rows = []
    if first and counts.previous_reports + counts.previous_studies:
        rows.append(
            _Row(
                _box(
                    "Previous version",
                    [("Studies included", counts.previous_studies), ("Reports", counts.previous_reports)],
                )
            )
        )
    before = [("Duplicate records", flow.duplicates), *_reasons(flow.removed_reasons)]
    side = [_box("Records removed before screening:", before)]
    if Stage.TITLE_ABSTRACT in counts.stages:
        side += _pending(
            "Records awaiting a verdict:",
            [
                ("Dedupe", flow.awaiting_dedupe),
                ("Screening", flow.awaiting_screening),
                ("Conflicts", flow.conflicts_screening),
            ],
        )
        rows.append(_Row(_identified(flow), side))
        excluded = _box("Records excluded", [("", flow.excluded_screening), *_reasons(flow.excluded_screening_reasons)])
        rows.append(_Row(_box("Records screened", [("", flow.screened)]), [excluded]))
    else:
        side += _pending("Records awaiting a verdict:", [("Dedupe", flow.awaiting_dedupe)])
        rows.append(_Row(_identified(flow), side))
    if Stage.FULL_TEXT in counts.stages:
        side = [_box("Reports not retrieved", [("", flow.not_retrieved)])]
        side += _pending(
            "Reports awaiting a verdict:",
            [
                ("Retrieval", flow.awaiting_retrieval),
                ("Full text", flow.awaiting_full_text),
                ("Conflicts", flow.conflicts_full_text),
            ],
        )
        rows.append(_Row(_box("Reports sought for retrieval", [("", flow.sought)]), side))
        excluded = _box("Reports excluded", [("", flow.excluded_full_text), *_reasons(flow.excluded_full_text_reasons)])
        rows.append(_Row(_box("Reports assessed for eligibility", [("", flow.assessed)]), [excluded]))
    new = [("New studies included", counts.new_studies), ("Reports of included studies", counts.new_reports)]
    if counts.new_reports_of_previous_studies:
        new.append(("of these, of studies known before", counts.new_reports_of_previous_studies))
    rows.append(_Row(_box("Included", new)))
    if last and (many or counts.previous_studies or counts.previous_reports):
        total = [("Studies included", counts.total_studies), ("Reports", counts.total_reports)]
        rows.append(_Row(_box("In total", total)))
    return rows


def _identified(flow: Flow) -> _Box:
    lines = _line("Records identified", flow.identified)
    for heading, kinds in (
        ("Databases:", (Via.DATABASE,)),
        ("Registers:", (Via.REGISTER,)),
        ("Other methods:", (Via.WEBSITE, Via.ORGANISATION, Via.CITATION)),
    ):
        named = [source for source in flow.sources if source.via in kinds]
        if named:
            lines += [heading, *(line for source in named for line in _line(source.source, source.n))]
    return _Box(lines)


def _box(heading: str, parts: Sequence[tuple[str, int]], dashed: bool = False) -> _Box:
    if parts and not parts[0][0]:
        lines = _line(heading, parts[0][1])
        parts = parts[1:]
    else:
        lines = wrap(heading, _MAIN - 2 * _PAD, _SIZE)
    return _Box([*lines, *(line for name, n in parts for line in _line(name, n))], dashed)


def _pending(heading: str, parts: Sequence[tuple[str, int]]) -> list[_Box]:
    waiting = [(name, n) for name, n in parts if n]
    return [_box(heading, waiting, dashed=True)] if waiting else []


def _reasons(reasons: Sequence[ReasonCount]) -> list[tuple[str, int]]:
    # Where nobody gave a reason, a line that says so repeats the total above it.
    if [reason.reason for reason in reasons] == [NO_REASON]:
        return []
    return [(reason.text or reason.reason, reason.n) for reason in reasons]


def _line(name: str, n: int) -> list[str]:
    # A strong left-to-right letter beside the number keeps it in place after a right-to-left name.
    return wrap(f"{name} (n\u00a0=\u00a0{n})", _MAIN - 2 * _PAD, _SIZE)


def _told(counts: Counts) -> str:
    rows = _rows(counts, first=True, last=True, many=True)
    boxes = [box for row in rows for box in (row.main, *row.side)]
    return f"{counts.label}. " + " ".join(f"{' '.join(box.lines)}." for box in boxes)


def _heading(lines: Sequence[str], wide: float) -> list[str]:
    high = len(lines) * 24 + _PAD
    box = _rectangle(_MARGIN, _MARGIN, wide - 2 * _MARGIN, high, PAPER)
    texts = [
        f'<text x="{number(_MARGIN + _PAD)}" y="{number(_MARGIN + 23 + 24 * place)}" font-size="17" '
        f'font-weight="600">{xml(line)}</text>'
        for place, line in enumerate(lines)
    ]
    return [box, *texts]


def _draw_row(row: _Row, left: float, top: float) -> list[str]:
    parts = _draw_box(row.main, left, top, _MAIN)
    y = top
    for box in row.side:
        start = top + min(row.main.high / 2, 22) if box is row.side[0] else y + min(box.high / 2, 22)
        if box is not row.side[0]:
            joint = left + _MAIN + _GAP / 2
            parts.append(_line_to(joint, top + min(row.main.high / 2, 22), joint, start))
            parts.append(_arrow(joint, start, left + _MAIN + _GAP, start))
        else:
            parts.append(_arrow(left + _MAIN, start, left + _MAIN + _GAP, start))
        parts += _draw_box(box, left + _MAIN + _GAP, y, _SIDE)
        y += box.high + 10
    return parts


def _draw_box(box: _Box, left: float, top: float, wide: float, filled: str = PAPER, bold: bool = False) -> list[str]:
    dash = ' stroke-dasharray="6 4"' if box.dashed else ""
    weight = ' font-weight="600"' if bold else ""
    texts = [
        f'<text x="{number(left + _PAD)}" y="{number(top + _PAD + 13 + place * _LEADING)}" '
        f'font-size="{number(_SIZE)}"{weight}>{xml(line)}</text>'
        for place, line in enumerate(box.lines)
    ]
    return [_rectangle(left, top, wide, box.high, filled, dash), *texts]


def _rectangle(left: float, top: float, wide: float, high: float, filled: str, more: str = "") -> str:
    return (
        f'<rect x="{number(left)}" y="{number(top)}" width="{number(wide)}" height="{number(high)}" rx="3" '
        f'fill="{filled}" stroke="{INK}"{more}/>'
    )


def _line_to(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<path d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" fill="none" stroke="{LINE}" stroke-width="2"/>'
    )


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    sideways = y1 == y2
    back, across = (x2 - 8, y2 - 5) if sideways else (x2 - 5, y2 - 8)
    other = (x2 - 8, y2 + 5) if sideways else (x2 + 5, y2 - 8)
    head = f"M{number(x2)} {number(y2)}L{number(back)} {number(across)}L{number(other[0])} {number(other[1])}Z"
    return _line_to(x1, y1, x2, y2) + f'<path d="{head}" fill="{LINE}"/>'
