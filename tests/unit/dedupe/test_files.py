"""Dedupe of files alone: every record named, its report, why, and what a person should look at."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.files import dedupe_files, dedupe_records
from living_review.errors import InvalidFile
from living_review.records import Record
from tests.unit.dedupe.made_up import TITLE, record, records

ENTRY = "TY  - JOUR\nAN  - {}\nTI  - {}\nAU  - Gray, J\nPY  - 2020\nDO  - {}\nER  - \n"


@given(st.lists(records, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_records_in_any_order_give_the_same_reports(found: list[Record], dice: random.Random):
    numbered = [replace(one, source_id=str(place)) for place, one in enumerate(found)]
    shuffled = list(numbered)
    dice.shuffle(shuffled)

    def reports(given_: list[Record]) -> set[frozenset[str]]:
        return {frozenset(given_[one].source_id for one in members) for members in dedupe_records(given_).clusters()}

    assert reports(numbered) == reports(shuffled)


@given(st.lists(records, min_size=1, max_size=8))
def test_clusters_hold_every_record_once_and_what_is_offered_joins_two(found: list[Record]):
    done = dedupe_records(found)
    assert sorted(place for members in done.clusters() for place in members) == list(range(len(found)))
    assert all(members[0] == done.reports[place] for members in done.clusters() for place in members)
    assert all(done.reports[pair.a] != done.reports[pair.b] for pair in done.possible)
    assert [bool(text) for text in done.evidence()] == [done.reports.count(report) > 1 for report in done.reports]


def test_every_record_of_files_is_named_and_has_its_report(tmp_path: Path):
    (tmp_path / "a.ris").write_text(ENTRY.format("A1", TITLE, "10.5555/x"))
    (tmp_path / "b.ris").write_text(
        ENTRY.format("B1", TITLE, "10.5555/x") + ENTRY.format("B2", "Another title of some length", "10.5555/y")
    )
    found = dedupe_files([tmp_path / "a.ris", tmp_path / "b.ris"])
    assert found.ids == ("a.ris:A1", "b.ris:B1", "b.ris:B2")
    assert found.reports == (0, 0, 2)
    assert found.clusters() == [[0, 1], [2]]
    assert found.evidence()[0].startswith("certain: title same, author only, year same")
    assert found.evidence()[2] == ""


def test_two_copies_in_one_file_are_one_report(tmp_path: Path):
    entry = ENTRY.replace("DO  - {}", "JO  - {}\nVL  - 12")
    (tmp_path / "a.ris").write_text(
        entry.format("A1", TITLE, "Journal of Nothing") + entry.format("A2", f"[{TITLE}.]", "J Noth")
    )
    found = dedupe_files([tmp_path / "a.ris"])
    assert (found.ids, found.reports) == (("A1", "A2"), (0, 0))


def test_a_column_id_names_the_records_of_a_table_only_if_it_tells_them_apart(tmp_path: Path):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text(f"id,title,year\nr7,{TITLE},2020\nr8,Bees of the alpine meadows,2020\n")
    other.write_text(f"id,title,year\nr7,{TITLE},2020\nr7,Bees of the alpine meadows,2020\n")
    assert dedupe_files([one]).ids == ("r7", "r8")
    assert len(set(dedupe_files([other]).ids)) == 2


def test_what_is_not_linked_is_offered_the_likeliest_first():
    article = record(1, source="a", volume="1")
    preprint, later = record(2, source="b", kind="preprint", year=2019), record(3, source="c", year=2021, journal="")
    found = dedupe_records([preprint, article, later])
    assert found.reports == (0, 1, 2)
    assert [(pair.a, pair.b, pair.match.rule) for pair in found.possible] == [
        (0, 1, "versions"),
        (1, 2, "title_author"),
        (0, 2, "versions"),
    ]
    assert [pair.match.points for pair in found.possible] == [-1.0, -2.5, -5.0]


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(InvalidFile, match="there is no such file"):
        dedupe_files([tmp_path / "nothing.ris"])


def test_ids_are_told_apart_whatever_the_files_are_called(tmp_path: Path):
    for folder in ("p", "e"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "records.csv").write_text(f"ID,title\n1,Bees of the alpine meadows {folder}\n")
    p, e = tmp_path / "p" / "records.csv", tmp_path / "e" / "records.csv"
    assert dedupe_files([p, e]).ids == (f"{p}:1", f"{e}:1")
    assert dedupe_files([p]).ids == ("1",)
    with pytest.raises(InvalidFile, match="the file is named twice"):
        dedupe_files([p, p])


def test_a_record_without_id_is_named_by_its_line(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("id,title\n7,Bees of the alpine meadows\n7,Rivers of the north and their bridges\n")
    assert dedupe_files([path]).ids == ("line 2", "line 3")
