"""Dedupe of a DataFrame: one row a record, in their order and with their index."""

from __future__ import annotations

import doctest

import pandas as pd
import pytest

from living_review.dedupe import frame
from living_review.dedupe.frame import COLUMNS, dedupe, possible
from living_review.errors import InvalidFile
from tests.unit.dedupe.made_up import TITLE


def table(*rows: dict[str, object], index: list[object] | None = None) -> pd.DataFrame:
    whole = {"title": TITLE, "author": "Gray, Jo and Ng, Chi", "year": "2020", "journal": "J Nothing", "pages": "1-9"}
    return pd.DataFrame([{**whole, **one} for one in rows], index=index)


def test_each_row_has_its_report_its_certainty_and_why():
    given = table({"id": "a", "volume": "1"}, {"id": "b", "title": "Bees", "pages": "3"}, {"id": "c", "volume": "1"})
    found = dedupe(given)
    assert found.columns.tolist() == ["id", "report_id", "certainty", "evidence"]
    assert found.report_id.tolist() == ["a", "b", "a"]
    assert found.certainty.tolist() == ["certain", "", "certain"]
    assert found.evidence.str.startswith("title same, author same").tolist() == [True, False, True]


def test_rows_keep_their_index_and_are_named_by_it_where_there_is_no_id():
    found = dedupe(table({}, {}, index=["x", "y"]))
    assert found.index.tolist() == ["x", "y"]
    assert found.id.tolist() == ["x", "y"]
    assert found.report_id.tolist() == ["x", "x"]


def test_numbers_and_missing_values_are_as_good_as_text():
    given = table(
        {"year": 2020, "volume": 12}, {"year": "2020", "volume": None}, {"year": 2020, "volume": float("nan")}
    )
    assert set(dedupe(given).report_id) == {"0"}
    # A column of numbers with a gap holds 7.0.
    assert dedupe(pd.DataFrame({"pmid": [7, None, 7.0], "title": ["", "Bees", ""]})).report_id.tolist() == [
        "0",
        "1",
        "0",
    ]
    numbers, texts = pd.DataFrame({"pmid": [7, None]}), pd.DataFrame({"pmid": ["7", ""]})
    assert frame.fields_of(numbers) == frame.fields_of(texts)


def test_the_strongest_link_is_told():
    given = table(
        {"id": "a", "volume": "1"}, {"id": "b", "volume": "1", "title": f"{TITLE}: a trial"}, {"id": "c", "volume": "1"}
    )
    found = dedupe(given)
    assert found.report_id.tolist() == ["a", "a", "a"]
    assert found.certainty.tolist() == ["certain", "likely", "certain"]
    assert found.evidence[1].startswith("title begins")


def test_pairs_to_look_at_are_those_of_two_reports():
    preprint = {"id": "p", "journal": "medRxiv", "pages": ""}
    article = {"volume": "1"}
    found = possible(table(preprint, {"id": "a", **article}, {"id": "b", **article}))
    assert found.columns.tolist() == ["id", "other_id", "rule", "points", "evidence"]
    assert found[["id", "other_id", "rule"]].to_numpy().tolist() == [["p", "a", "versions"], ["p", "b", "versions"]]
    assert found.points.is_monotonic_decreasing


def test_a_possible_pair_that_others_joined_is_not_offered():
    bare = {"volume": "", "pages": "", "year": "2020"}
    one, other = {**bare, "id": "a", "doi": "10.5555/a"}, {**bare, "id": "b", "doi": "10.5555/b"}
    assert possible(table(one, other)).id.tolist() == ["a"]
    assert possible(table(one, other, {**bare, "id": "c"})).id.tolist() == []


def test_nothing_is_deduped_into_nothing():
    empty = pd.DataFrame()
    assert dedupe(empty).columns.tolist() == ["id", "report_id", "certainty", "evidence"]
    assert len(dedupe(empty)) == len(possible(empty)) == 0


def test_a_single_column_is_enough():
    assert dedupe(pd.DataFrame({"pmid": ["1", "1", "2"]})).report_id.tolist() == ["0", "0", "2"]


def test_two_rows_of_one_id_are_refused():
    for act in (dedupe, possible):
        with pytest.raises(InvalidFile, match="id 'a' stands in two rows"):
            act(table({"id": "a"}, {"id": "b"}, {"id": "a"}))


def test_a_table_without_any_known_column_is_refused():
    with pytest.raises(InvalidFile, match="no column to compare, found Titel, Jahr") as told:
        dedupe(pd.DataFrame({"Titel": ["a"], "Jahr": ["2020"]}))
    assert all(name in str(told.value) for name in COLUMNS)


def test_progress_is_told():
    told: list[tuple[int, int]] = []
    dedupe(table({}, {}), lambda done, of: told.append((done, of)))
    assert told == [(0, 1), (1, 1)]


def test_the_example_of_the_module_holds():
    done = doctest.testmod(frame)
    assert done.failed == 0 < done.attempted


def test_a_row_without_id_and_a_column_there_twice_are_refused():
    with pytest.raises(InvalidFile, match="row 2 has no id"):
        dedupe(pd.DataFrame({"id": ["a", None], "title": ["Bees of the meadows", "Rivers of the north"]}))
    twice = pd.DataFrame([["a", "Bees", "Bees"]], columns=["id", "title", "title"])
    with pytest.raises(InvalidFile, match="the column 'title' is there twice"):
        dedupe(twice)
