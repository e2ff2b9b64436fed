"""Charts say the same as their data, in four forms; their text stays apart, on one line and is nobody's markup."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import altair
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from living_review.chart_bars import MOST_BARS, table_chart, typology_table
from living_review.chart_parts import Chart, rows_csv
from living_review.publication import build
from living_review.screening_formats import unshielded
from living_review.svg import plain
from tests.unit.chart_states import (
    SVG,
    assert_apart,
    charts_of,
    description,
    made_up,
    picture,
    plan,
    review,
    texts,
    values_in,
    weekly,
)
from tests.unit.publication_states import (
    FORMULA,
    STUDIES,
    protocol,
    state,
    synthesis_of,
)

SYNTHESIS = synthesis_of(STUDIES, protocol())
TABLES = {table["field"]: table for table in SYNTHESIS["tables"]}
TABLES["model"] = typology_table(SYNTHESIS["typology"])
SOURCES = ("PubMed", "Embase (Ovid), 1974 to present, with all abstracts of conferences", "日本語の文献データベース")

STATES = {
    "none": review((), searches=()),
    "one": review(made_up(1), searches=weekly(1)),
    "forty": review(made_up(40), 33, searches=weekly(9, SOURCES)),
    "first of forty": review(made_up(40), searches=weekly(17)),
    "two thousand": review(made_up(2000, countries=70), 1950, searches=weekly(120, SOURCES)),
    "hostile": state(),
    "counted retractions": review(made_up(40), 30, protocol=plan(publish={"include_retracted": True})),
}
DRAWN = {(name, one.id): one for name, made in STATES.items() for one in charts_of(made).values()}
every_chart = pytest.mark.parametrize("chart", DRAWN.values(), ids=[" ".join(key) for key in DRAWN])


def of_table(table: dict[str, Any]) -> Chart:
    chart = table_chart(table)
    assert chart is not None
    return chart


# All four forms


@every_chart
def test_all_four_files_say_the_same_numbers(chart: Chart) -> None:
    files = {name.removeprefix(f"charts/{chart.id}."): file.body for name, file in chart.files().items()}
    assert set(files) == {"svg", "csv", "json", "vl.json"}
    rows = json.loads(files["json"])
    assert rows == [dict(row) for row in chart.rows]
    table = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))
    specified = json.loads(files["vl.json"])["data"]["values"]
    assert len(rows) == len(table) == len(specified)
    said = description(chart)
    for row, cells, value in zip(rows, table, specified, strict=True):
        assert set(row) == set(cells)
        numbers = {key: item for key, item in row.items() if isinstance(item, int | float) or item is None}
        assert {key: value[key] for key in numbers} == numbers
        for key, item in numbers.items():
            assert cells[key] == ("" if item is None else str(item).lower() if isinstance(item, bool) else str(item))
        ids = {key: item for key, item in row.items() if isinstance(item, list)}
        assert {key: cells[key].split("; ") if cells[key] else [] for key in ids} == ids
        assert len(row.get("studies", [])) == row.get("count", 0) or chart.kind == "field"
    shown = [text for text in (_told(chart, row) for row in rows) if text]
    assert shown or chart.kind == "evidence_map"
    missing = [text for text in shown if text not in said]
    more = [word for word in said.split("; ") if word.endswith("are in the data.")]
    assert len(missing) == (int(more[0].split()[0]) if more else 0)


def _told(chart: Chart, row: dict[str, Any]) -> str:
    """What the text alternative must say of a row."""
    if chart.kind == "timeline_studies":
        return f"{row['year'] or 'No year'}: {row['count']}" if row["count"] else ""
    if chart.kind == "timeline_searches":
        found = "failed" if row["state"] == "failed" else f"{row['delivered']} record"
        return f"{row['on']} {plain(row['source'])}: {found}"
    if chart.kind == "evidence_map":
        names = [plain(row[key]) for key in ("row_title", "column_title", "panel_title") if key in row]
        return f"{', '.join(names)}: {row['count']}" if row["count"] or row["retracted"] else ""
    return f"Median {row['median']:.10g}" if "median" in row else f"{plain(row['title'])}: {row['count']}"


@every_chart
def test_specifications_are_valid_vega_lite_and_can_be_rendered(chart: Chart) -> None:
    altair.Chart.from_dict(json.loads(chart.files()[f"charts/{chart.id}.vl.json"].body), validate=True)
    drawn = vl_convert.vegalite_to_svg(chart.specification)  # type: ignore[arg-type]
    etree.fromstring(drawn.encode(), etree.XMLParser(huge_tree=True))
    assert "<script" not in drawn


@every_chart
def test_pictures_are_announced_and_hold_nothing_but_shapes_and_text(chart: Chart) -> None:
    root = picture(chart)
    allowed = {"svg", "title", "desc", "rect", "text", "path", "circle", "g", "defs", "pattern"}
    assert {etree.QName(item).localname for item in root.iter()} <= allowed
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"chart-{chart.id}-title chart-{chart.id}-desc"
    assert root.findtext(f"{SVG}title")
    known = {item.get("id") for item in root.iter() if item.get("id")}
    for item in root.iter():
        for name, value in item.attrib.items():
            assert not str(name).startswith("on")
            assert name not in {"href", "style", "class", "{http://www.w3.org/1999/xlink}href"}
            if "url(" in str(value):
                assert str(value).removeprefix("url(#").removesuffix(")") in known


@every_chart
def test_text_lies_on_no_other_text_and_within_the_picture(chart: Chart) -> None:
    assert_apart(chart)


@every_chart
def test_no_label_breaks_its_line_or_turns_its_neighbours_around(chart: Chart) -> None:
    labels = [value for row in values_in(chart) for key, value in row.items() if key in {"label", "source"}]
    for text in [*texts(chart), *labels]:
        assert not {"\n", "\r", "\0", "\u202e", "\x1b"} & set(text)


def test_no_cell_is_a_formula_and_the_text_can_be_had_back() -> None:
    told = list(csv.reader(io.StringIO(rows_csv([{"a": FORMULA, "b": ["+1", "x"], "c": -2}]).decode("utf-8-sig"))))
    assert told == [["a", "b", "c"], [f"'{FORMULA}", "'+1; x", "-2"]]
    assert unshielded(told[1][0]) == FORMULA
    for chart in charts_of(state()).values():
        for row in csv.reader(io.StringIO(chart.files()[f"charts/{chart.id}.csv"].body.decode("utf-8-sig"))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t"))]


def test_the_same_state_gives_the_same_bytes() -> None:
    for made in (STATES["forty"], STATES["hostile"]):
        assert {name: one.files() for name, one in charts_of(made).items()} == {
            name: one.files() for name, one in charts_of(replace(made)).items()
        }


def test_the_summary_names_every_file_of_every_chart() -> None:
    files = build(STATES["forty"])
    told = json.loads(files["summary.json"].body)
    named = {chart[kind] for chart in told["charts"] for kind in ("svg", "csv", "json", "vega_lite")}
    assert named == {name for name in files if name.startswith("charts/")}
    assert [(chart["id"], chart["kind"], chart["fields"]) for chart in told["charts"]] == [
        ("country", "field", ["country"]),
        ("platform", "field", ["platform"]),
        ("aim", "field", ["aim"]),
        ("people", "field", ["people"]),
        ("model", "typology", ["model"]),
        ("timeline-studies", "timeline_studies", []),
        ("timeline-searches", "timeline_searches", []),
        ("map-aim-platform", "evidence_map", ["aim", "platform"]),
        ("map-platform-aim-design", "evidence_map", ["platform", "aim", "design"]),
        ("map-country-aim", "evidence_map", ["country", "aim"]),
        ("map-country-platform-aim", "evidence_map", ["country", "platform", "aim"]),
    ]


def test_a_review_without_anything_has_no_chart_but_the_gaps_it_asks_for() -> None:
    bare = review((), protocol=protocol(summary={}, typology=None, charting={}), searches=())
    assert charts_of(bare) == {}
    assert "map-aim-platform" in charts_of(STATES["none"])
    assert "0 studies; 35 of 35 combinations without a study" in description(
        charts_of(STATES["none"])["map-aim-platform"]
    )


def test_a_crosstab_asked_for_twice_is_one_map() -> None:
    twice = review(made_up(5), protocol=plan(summary={"crosstabs": [["aim", "platform"]] * 2}))
    assert [name for name in charts_of(twice) if name.startswith("map-")] == ["map-aim-platform"]


# Tables


def test_bars_are_as_long_as_their_numbers_and_say_them() -> None:
    chart = of_table(TABLES["platform"])
    assert [text for text in texts(chart) if "%" in text] == ["2 (100%)", "1 (50%)", "0 (0%)"]
    bars = [float(r.get("width") or 0) for r in picture(chart).iter(f"{SVG}rect")][1:]
    assert bars == [330.0, 165.0, 0.0]
    assert [(row["label"], row["count"]) for row in values_in(chart)] == [("sms", 2), ("mail", 1), ("letter", 0)]
    assert "sms: 2 (100%); mail: 1 (50%); letter: 0 (0%)" in description(chart)


def test_studies_without_an_answer_are_drawn_apart() -> None:
    missing = {"value": "", "title": "Not reported", "count": 1, "share": 0.5, "studies": ["S0009"]}
    chart = of_table({**TABLES["platform"], "missing": missing})
    assert "Not reported" in texts(chart)
    assert values_in(chart)[-1]["answered"] is False


def test_what_is_not_counted_is_said() -> None:
    assert "1 retracted not counted" in description(of_table(TABLES["platform"]))
    assert "1 retracted not counted" in description(of_table(TABLES["model"]))


def test_a_numeric_field_is_a_box_with_its_numbers_in_words() -> None:
    chart = of_table(TABLES["people"])
    assert "Median 26 people, quartiles 19 and 33, from 12 to 40" in " ".join(texts(chart))
    assert {"12", "19", "26", "33", "40"} <= set(texts(chart))
    assert values_in(chart)[0]["median"] == 26


def test_a_single_number_can_be_drawn() -> None:
    numbers = dict.fromkeys(("minimum", "lower_quartile", "median", "upper_quartile", "maximum"), 3.0)
    assert "3" in texts(of_table({**TABLES["people"], "numbers": {"count": 1, **numbers}}))


def test_a_slot_without_a_name_is_drawn_by_its_id() -> None:
    assert "M2" in texts(of_table(TABLES["model"]))


def test_text_has_no_chart() -> None:
    assert table_chart({**TABLES["platform"], "rows": []}) is None


def test_two_options_of_one_title_stay_two_bars() -> None:
    rows = [{**TABLES["platform"]["rows"][0], "value": value, "title": "Same"} for value in ("a", "b")]
    rows.insert(1, {**rows[0], "value": "c", "title": "Same (2)"})
    chart = of_table({**TABLES["platform"], "rows": rows})
    assert [row["label"] for row in values_in(chart)] == ["Same", "Same (2)", "Same (3)"]


def test_a_picture_of_too_many_bars_says_how_many_are_left_out() -> None:
    rows = [{**TABLES["platform"]["rows"][0], "value": f"v{n}", "title": f"v{n}"} for n in range(MOST_BARS + 7)]
    chart = of_table({**TABLES["platform"], "rows": rows})
    assert "7 more values are in the data" in " ".join(texts(chart))
    assert len(values_in(chart)) == len(chart.rows) == MOST_BARS + 7


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4), st.text(max_size=300))
def test_any_text_gives_a_well_formed_picture(labels: list[str], title: str) -> None:
    rows = [{**TABLES["platform"]["rows"][0], "value": "v", "title": label} for label in labels]
    chart = of_table({**TABLES["platform"], "title": title, "rows": rows})
    assert_apart(chart)
    assert len({row["label"] for row in values_in(chart)}) == len(labels)
