"""Charts say what their table says, as a picture and as a specification others can reuse."""

from __future__ import annotations

import json
from typing import Any

import altair
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from living_review.charts import chart_files, typology_table
from tests.unit.publication_states import HOSTILE, STUDIES, protocol, synthesis_of

SVG = "{http://www.w3.org/2000/svg}"
SYNTHESIS = synthesis_of(STUDIES, protocol())
TABLES = {table["field"]: table for table in SYNTHESIS["tables"]}
TABLES["model"] = typology_table(SYNTHESIS["typology"])


def drawn(table: dict[str, Any]) -> tuple[etree._Element, dict[str, Any]]:
    files = chart_files(table)
    assert files is not None
    specification: dict[str, Any] = json.loads(files[1])
    return etree.fromstring(files[0]), specification


def texts(root: etree._Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_numbers_and_say_them() -> None:
    root, specification = drawn(TABLES["platform"])
    shown = texts(root)
    assert [text for text in shown if "%" in text] == ["2 (100%)", "1 (50%)", "0 (0%)"]
    bars = [float(r.get("width") or 0) for r in root.iter(f"{SVG}rect")][1:]
    assert bars == [330.0, 165.0, 0.0]
    assert [(row["label"], row["studies"]) for row in specification["data"]["values"]] == [
        ("sms", 2),
        ("mail", 1),
        ("letter", 0),
    ]
    assert "sms: 2 (100%); mail: 1 (50%); letter: 0 (0%)" in (root.findtext(f"{SVG}desc") or "")


def test_studies_without_an_answer_are_drawn_apart() -> None:
    table = {**TABLES["platform"], "missing": {"value": "", "title": "Not reported", "count": 1, "share": 0.5}}
    root, specification = drawn(table)
    assert "Not reported" in texts(root)
    assert specification["data"]["values"][-1]["answered"] is False


def test_a_numeric_field_is_a_box_with_its_numbers_in_words() -> None:
    root, specification = drawn(TABLES["people"])
    assert "Median 26 people, quartiles 19 and 33, from 12 to 40" in " ".join(texts(root))
    assert specification["data"]["values"][0]["median"] == 26


def test_a_single_number_can_be_drawn() -> None:
    numbers = dict.fromkeys(("minimum", "lower_quartile", "median", "upper_quartile", "maximum"), 3.0)
    drawn({**TABLES["people"], "numbers": {"count": 1, **numbers}})


def test_a_slot_without_a_name_is_drawn_by_its_id() -> None:
    root, _ = drawn(TABLES["model"])
    assert "M2" in texts(root)


def test_text_has_no_chart() -> None:
    assert chart_files({**TABLES["platform"], "rows": []}) is None


def test_two_options_of_one_title_stay_two_bars() -> None:
    rows = [{**TABLES["platform"]["rows"][0], "value": value, "title": "Same"} for value in ("a", "b")]
    rows.insert(1, {**rows[0], "value": "c", "title": "Same (2)"})
    _, specification = drawn({**TABLES["platform"], "rows": rows})
    assert [row["label"] for row in specification["data"]["values"]] == ["Same", "Same (2)", "Same (3)"]


@pytest.mark.parametrize("name", list(TABLES))
def test_specifications_are_valid_vega_lite_and_can_be_rendered(name: str) -> None:
    _, specification = drawn(TABLES[name])
    altair.Chart.from_dict(specification, validate=True)
    picture = vl_convert.vegalite_to_svg(specification)
    etree.fromstring(picture.encode())
    assert "<script" not in picture


def test_every_label_in_a_picture_is_on_one_line_of_safe_text() -> None:
    root, specification = drawn(TABLES["direction"])
    assert HOSTILE not in "".join(texts(root))
    for text in [*texts(root), *(row["label"] for row in specification["data"]["values"])]:
        assert not {"\n", "\u202e", "\x1b"} & set(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4), st.text(max_size=300))
def test_any_text_gives_a_well_formed_picture(labels: list[str], title: str) -> None:
    rows = [{**TABLES["platform"]["rows"][0], "value": "v", "title": label} for label in labels]
    root, specification = drawn({**TABLES["platform"], "title": title, "rows": rows})
    assert {etree.QName(item).localname for item in root.iter()} <= {"svg", "title", "desc", "rect", "text", "path"}
    shown = [row["label"] for row in specification["data"]["values"]]
    assert len(set(shown)) == len(labels)
