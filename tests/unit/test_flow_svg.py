"""The flow diagram as a picture: well-formed, told in words, nothing overlaps, the same every time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from living_review.errors import LivingReviewError
from living_review.flow_diagram import Facts, RecordFact, ReportFact, Run, count, variants
from living_review.flow_svg import draw
from living_review.screening import Verdict
from living_review.svg import plain, width, wrap

NAMES = [
    "PubMed",
    "Embase via a provider whose name is long; 1947 to present, with everything " * 2,
    "W" * 120,
    "<script>alert(1)</script>",
    "\u202eevil\u202c שלום",
    "日本語の文献データベース" * 4,
    "e\u0301" * 200,
    "null\x00\x1bline\nfeed",
]
SVG = "{http://www.w3.org/2000/svg}"


def facts(waiting: bool = True) -> Facts:
    records = [
        RecordFact(record_id=f"{place}-{run}", source=name, run=run, report_id=f"R{place % 5}")
        for place, name in enumerate(NAMES)
        for run in (1, 2)
    ]
    include, exclude = Verdict.INCLUDE, Verdict.EXCLUDE
    reports = [
        ReportFact(report_id="R0", title_abstract=include, full_text=include),
        ReportFact(report_id="R1", title_abstract=include, full_text=exclude, full_text_reason=NAMES[1]),
        ReportFact(report_id="R2", title_abstract=exclude),
        ReportFact(report_id="R3", title_abstract=Verdict.CONFLICT if waiting else exclude),
        ReportFact(report_id="R4", title_abstract=include, full_text=Verdict.AWAITING if waiting else include),
    ]
    return Facts(runs=[Run(number=1), Run(number=2)], records=records, reports=reports, previous_studies=3)


def boxes(root: etree._Element) -> list[tuple[float, float, float, float]]:
    return [
        (float(r.get("x")), float(r.get("y")), float(r.get("width")), float(r.get("height")))  # type: ignore[arg-type]
        for r in root.iter(f"{SVG}rect")
    ]


@pytest.mark.parametrize("variant", ["together", "each_apart", "base_and_updates"])
def test_boxes_do_not_overlap_and_hold_their_text(variant: str) -> None:
    root = etree.fromstring(draw(variants(facts())[variant], "A " + NAMES[1]))
    found = boxes(root)
    assert len(found) > 10
    for place, (x, y, w, h) in enumerate(found):
        for other_x, other_y, other_w, other_h in found[place + 1 :]:
            apart = x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y
            assert apart
    wide, high = (float(root.get(name)) for name in ("width", "height"))  # type: ignore[arg-type]
    assert all(x + w <= wide and y + h <= high for x, y, w, h in found)
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))  # type: ignore[arg-type]
        holding = [box for box in found if box[0] <= x and box[1] < y <= box[1] + box[3] and x <= box[0] + box[2]]
        assert len(holding) == 1
        size = float(text.get("font-size"))  # type: ignore[arg-type]
        assert x + width(text.text or "", size) <= holding[0][0] + holding[0][2]


def test_it_is_announced_with_its_numbers() -> None:
    root = etree.fromstring(draw([count(facts())], "Flow of records"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "flow-title flow-desc"
    assert root.findtext(f"{SVG}title") == "Flow of records"
    assert "Records screened (n = 4)" in (root.findtext(f"{SVG}desc") or "").replace("\u00a0", " ")


def test_hostile_names_stay_text() -> None:
    body = draw(variants(facts())["base_and_updates"], "<script>alert(1)</script>\u202e")
    root = etree.fromstring(body)
    assert {etree.QName(item).localname for item in root.iter()} == {"svg", "title", "desc", "rect", "text", "path"}
    assert b"<script" not in body
    assert "\u202e" not in body.decode()


def test_pending_is_drawn_dashed_and_only_when_there_is_any() -> None:
    assert draw([count(facts())], "x").count(b"stroke-dasharray") == 2
    assert b"stroke-dasharray" not in draw([count(facts(waiting=False))], "x")


def test_a_number_is_never_parted_from_its_letter() -> None:
    body = draw([count(facts())], "x").decode()
    lines = [element.text or "" for element in etree.fromstring(body.encode()).iter(f"{SVG}text")]
    assert not [line for line in lines if line.endswith(("(n", "="))]


def test_equal_counts_give_equal_bytes() -> None:
    assert draw([count(facts())], "x") == draw([count(facts())], "x")


def test_nothing_is_drawn_when_the_numbers_do_not_add_up() -> None:
    counts = count(facts())
    with pytest.raises(LivingReviewError, match="do not add up"):
        draw([replace(counts, total=replace(counts.total, sought=99))], "x")


@pytest.mark.parametrize("text", [*NAMES, "", "a " * 300])
@pytest.mark.parametrize("room", [40.0, 310.0])
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: float) -> None:
    lines = wrap(text, room, 14)
    assert all(width(line, 14) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(plain(text).split())


def test_too_many_lines_end_in_an_ellipsis() -> None:
    lines = wrap("word " * 50, 100, 14, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert width(lines[-1], 14) <= 100
