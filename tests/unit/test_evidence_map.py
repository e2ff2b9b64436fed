"""Evidence gap maps: gaps are seen, numbers are those of the cross-tabulation, labels stay in their room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.chart_parts import Chart
from living_review.evidence_map import MOST_COMBINATIONS
from living_review.evidence_map_svg import MOST_LEVELS, MOST_PANELS
from living_review.publication_state import PublicationState, StudyView
from tests.unit.chart_states import (
    CODES,
    SVG,
    assert_apart,
    charts_of,
    description,
    made_up,
    picture,
    plan,
    review,
    texts,
)
from tests.unit.publication_states import HOSTILE, NONE_FOUND, RETRACTED, record, view

FORM = [
    {"name": "a", "type": "choice", "options": ["a1", "a2"], "label": "A"},
    {"name": "b", "type": "multi_choice", "options": ["b1", "b2", "b3"], "label": "B"},
    {"name": "c", "type": "choice", "options": ["c1", "c2"], "label": "C"},
]


def study(name: str, a: str | None, b: list[str], c: str = "c1", *, retracted: bool = False) -> StudyView:
    report = view(f"R-{name}", record(name), RETRACTED if retracted else NONE_FOUND)
    return StudyView(study_id=name, reports=(report,), values={"a": a, "b": b, "c": c}, included_on="2026-01-09")


STUDIES = (
    study("S1", "a1", ["b1", "b2"]),
    study("S2", "a1", ["b1"], "c2", retracted=True),
    study("S3", "a1", ["b1"], "c2"),
    study("S4", None, ["b3"]),
    study("S5", "a2", ["b3"], retracted=True),
)


def asked(fields: list[Any], *crosstabs: list[str], **more: Any) -> Any:
    return plan(charting={"fields": fields}, typology=None, summary={"crosstabs": crosstabs}, **more)


def map_of(made: PublicationState, name: str = "map-a-b") -> Chart:
    return charts_of(made)[name]


def small(known: int | None = 1, **more: Any) -> Chart:
    return map_of(review(STUDIES, known, protocol=asked(FORM, ["a", "b"], **more)))


def cell(chart: Chart, *values: str) -> tuple[int, int, int]:
    keys = ("row", "column", "panel")[: len(values)]
    found = [row for row in chart.rows if tuple(row[key] for key in keys) == values]
    assert len(found) == 1
    return found[0]["count"], found[0]["new"], found[0]["retracted"]


def test_retracted_and_new_studies_are_counted_apart() -> None:
    chart = small()
    assert cell(chart, "a1", "b1") == (2, 1, 1)
    assert cell(chart, "a1", "b2") == (1, 0, 0)
    assert cell(chart, "a2", "b3") == (0, 0, 1)
    assert cell(chart, "a2", "b1") == (0, 0, 0)
    assert len(chart.rows) == 6
    first = next(row for row in chart.rows if (row["row"], row["column"]) == ("a1", "b1"))
    assert (first["studies"], first["new_studies"], first["retracted_studies"]) == (["S1", "S3"], ["S3"], ["S2"])


def test_marks_are_patterns_and_words() -> None:
    chart = small()
    assert {"+n: of them new in this version", "×n: retracted, not counted", "Gap: no study"} <= set(texts(chart))
    assert texts(chart).count("+1") == 1
    assert texts(chart).count("×1") == 2
    discs = list(picture(chart).findall(f"{SVG}circle"))
    assert [item.get("fill") for item in discs].count("url(#map-a-b-stripes)") == 1
    assert len([item for item in discs if item.get("stroke-dasharray")]) == 2
    said = description(chart)
    assert "2 studies; 4 of 6 combinations without a study; 1 without an answer to each field; 2 retracted not" in said
    assert "a1, b1: 2 (1 new, 1 retracted); a1, b2: 1; a2, b3: 0 (1 retracted)." in said


def test_gaps_are_grey_cells_without_a_disc() -> None:
    chart = small()
    cells = [item for item in picture(chart).findall(f"{SVG}rect") if item.get("x")]
    grey = [item for item in cells if item.get("fill") == "#e9edf2" and item.get("width") != "12"]
    white = [item for item in cells if item.get("fill") == "#ffffff"]
    assert (len(grey), len(white)) == (1, 2)


def test_a_first_version_marks_nothing_as_new() -> None:
    chart = small(known=None)
    assert not {"+1", "+2", "+n: of them new in this version"} & set(texts(chart))
    assert "new" not in description(chart)
    assert cell(chart, "a1", "b1") == (2, 2, 1)


def test_retracted_studies_that_the_protocol_counts_are_marked_too() -> None:
    chart = small(publish={"include_retracted": True})
    assert cell(chart, "a1", "b1") == (3, 1, 1)
    assert "×n: retracted, counted" in texts(chart)


def test_a_value_that_only_a_retracted_study_has_is_a_gap_with_its_mark() -> None:
    fields = [{"name": "a", "type": "country"}, *FORM[1:]]
    studies = (study("S1", "AU", ["b1"]), study("S2", "NZ", ["b1"], retracted=True))
    chart = map_of(review(studies, 0, protocol=asked(fields, ["a", "b"])))
    assert cell(chart, "NZ", "b1") == (0, 0, 1)
    assert "New Zealand" in texts(chart)


def test_a_third_field_gives_a_panel_each() -> None:
    chart = map_of(review(STUDIES, 1, protocol=asked(FORM, ["a", "b", "c"])), "map-a-b-c")
    assert cell(chart, "a1", "b1", "c1") == (1, 0, 0)
    assert cell(chart, "a1", "b1", "c2") == (1, 1, 1)
    assert [text for text in texts(chart) if text in {"c1", "c2"}] == ["c1", "c2"]
    assert chart.title == "Evidence map: A by B, for each C"
    assert len(chart.rows) == 12


def test_a_protocol_without_crosstabs_has_no_map() -> None:
    assert not [name for name in charts_of(review(STUDIES, protocol=asked(FORM))) if name.startswith("map")]


def test_a_field_without_any_value_has_no_map() -> None:
    fields = [{"name": "a", "type": "country"}, *FORM[1:]]
    made = review((study("S1", None, ["b1"]),), protocol=asked(fields, ["a", "b"]))
    assert "map-a-b" not in charts_of(made)


def test_the_picture_shows_the_most_frequent_and_the_data_have_all() -> None:
    chart = map_of(review(made_up(1500, countries=60), 10), "map-country-aim")
    countries = {row["row"] for row in chart.rows}
    assert len(countries) > MOST_LEVELS
    assert f"the {MOST_LEVELS} most frequent of {len(countries)} values of Country are drawn" in (
        description(chart)
    ).replace("country", "Country")
    counts = {name: sum(row["count"] for row in chart.rows if row["row"] == name) for name in countries}
    titles = {row["row"]: row["row_title"] for row in chart.rows}
    least = min(counts.values())
    assert [name for name, n in counts.items() if n == max(counts.values()) and titles[name] in texts(chart)]
    assert [name for name, n in counts.items() if n == least and titles[name] not in texts(chart)]


def test_very_many_combinations_leave_the_gaps_out_of_the_data() -> None:
    fields = [{"name": name, "type": "country"} for name in "ab"]
    names = CODES[:120]
    studies = tuple(
        StudyView(
            study_id=f"S{place:03d}",
            reports=(view(f"R{place}", record(str(place))),),
            values={"a": name, "b": names[-1 - place]},
            included_on="2026-01-09",
        )
        for place, name in enumerate(names)
    )
    chart = map_of(review(studies, protocol=asked(fields, ["a", "b"])))
    assert len(names) ** 2 > MOST_COMBINATIONS
    assert len(chart.rows) == len(names)
    assert all(row["count"] == 1 for row in chart.rows)
    assert_apart(chart)


LABELS = st.sampled_from(
    [
        "Short",
        "Two words",
        "W" * 200,
        "日本語の長いラベル" * 20,
        "שלום עולם " * 30,
        HOSTILE,
        "e\u0301" * 90,
        "",
        "Same",
        "same ",
    ]
) | st.text(max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(LABELS, min_size=1, max_size=9), st.lists(LABELS, min_size=1, max_size=45), st.integers(2, 3))
def test_labels_of_any_length_and_number_stay_apart(rows: list[str], columns: list[str], fields: int) -> None:
    def options(name: str, labels: list[str]) -> dict[str, Any]:
        listed = [{"value": f"{name}{place}", "label": label} for place, label in enumerate(labels)]
        return {"name": name, "type": "choice", "options": listed}

    form = [options("a", rows), options("b", columns), options("c", rows[::-1] * 2)]
    values = {"a": "a0", "b": f"b{len(columns) - 1}", "c": "c0"}
    studies = tuple(
        StudyView(study_id=f"S{n}", reports=(view(f"R{n}", record(str(n))),), values=values, included_on="2026-01-09")
        for n in range(3)
    )
    chart = map_of(review(studies, 1, protocol=asked(form, [*"abc"[:fields]])), f"map-{'-'.join('abc'[:fields])}")
    assert_apart(chart)


@pytest.mark.parametrize("panels", [MOST_PANELS, MOST_PANELS + 1])
def test_more_panels_than_a_page_holds_are_counted(panels: int) -> None:
    form = [*FORM[:2], {"name": "c", "type": "choice", "options": [f"c{n}" for n in range(panels)], "label": "C"}]
    chart = map_of(review(STUDIES, 1, protocol=asked(form, ["a", "b", "c"])), "map-a-b-c")
    assert (f"most frequent of {panels} values of C" in description(chart)) is (panels > MOST_PANELS)
