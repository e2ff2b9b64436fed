"""Dedupe works out only what is touched; the result is the same as working out everything anew."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from living_review.dedupe import engine, keys
from living_review.dedupe.cluster import ENGINE, Edge, cluster
from living_review.dedupe.fields import Fields, of_record
from living_review.errors import UsageError
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.ledger.reports import OFFERED, Reports
from living_review.protocol_file import load
from living_review.records import Author, Record
from living_review.review import Review
from living_review.settings import Settings
from living_review.sources.names import parse_names, split_byline
from living_review.steps.dedupe import dedupe, link, unlink
from living_review.steps.duplicates import to_look_at
from living_review.steps.status import status
from tests.benchmarks.made_up_duplicates import Corpus
from tests.integration.small_world import file_search

TEMPLATE = Path(__file__).resolve().parents[2] / "living_review" / "template"


@pytest.fixture
def review(ledger, clock, tmp_path) -> Review:
    return Review(tmp_path, load(TEMPLATE), Settings(), ledger, clock)


def bring(review: Review, records: list[Record]) -> dict[str, int]:
    with review.write() as tx:
        search = file_search(tx, len(records))
        ids: dict[str, int] = {}
        for source in sorted({one.source for one in records}):
            ids |= Records(tx).add([one for one in records if one.source == source], search)
        return ids


def record(number: int, doi: int) -> Record:
    return Record(
        source=f"source{number % 3}",
        source_id=str(number),
        title=f"A title that many of them share {doi % 4}",
        authors=(Author(family="Ng"),),
        year=2020,
        doi=f"10.1000/{doi}",
        kind="article",
    )


def from_scratch(review: Review) -> dict[int, int]:
    with review.read() as tx:
        placed = Reports(tx).of_records()
        rows = [row for row in tx.rows(sa.select(t.link)) if row["kind"] not in OFFERED]
    edges = [
        Edge(
            row["record_a"],
            row["record_b"],
            row["kind"] == "link",
            row["by"] != ENGINE,
            row["id"],
            row["evidence"].get("points", 0.0),
        )
        for row in rows
    ]
    return cluster(placed, edges, {one for row in rows for one in row["evidence"].get("lacks", ())})


def places(review: Review) -> dict[int, int]:
    with review.read() as tx:
        return Reports(tx).of_records()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_touched_is_all_that_changes(review, seed):
    chance = random.Random(seed)
    known: list[int] = []
    for turn in range(12):
        first = 100 * turn
        found = [record(first + number, chance.randrange(12)) for number in range(chance.randrange(1, 6))]
        known += bring(review, found).values()
        assert dedupe(review).received == len(found)
        assert places(review).keys() == set(known)
        assert places(review) == from_scratch(review)
        for act in (link, unlink):
            chosen = chance.sample(known, min(len(known), chance.choice([1, 2, 3])))
            try:
                act(review, chosen, "ann")
            except UsageError:
                continue
            assert places(review) == from_scratch(review)
    assert len(set(places(review).values())) < len(known)


def test_a_second_run_changes_nothing(review):
    bring(review, [record(1, 1), record(2, 1), record(3, 2)])
    assert dedupe(review).parts == {"new_reports": 2, "duplicates": 1}
    with review.read() as tx:
        before = tx.rows(sa.select(t.membership)), tx.rows(sa.select(t.link))
    assert dedupe(review).received == 0
    with review.read() as tx:
        assert (tx.rows(sa.select(t.membership)), tx.rows(sa.select(t.link))) == before


def test_a_held_record_waits_and_a_released_one_is_placed(review):
    ids = bring(review, [record(1, 1), record(2, 1)])
    with review.write() as tx:
        Records(tx).hold({ids["2"]: ["no title"]})
    assert dedupe(review).parts == {"new_reports": 1, "duplicates": 0}
    with review.write() as tx:
        Records(tx).release([ids["2"]], "ann", "it has one")
    assert dedupe(review).parts == {"new_reports": 0, "duplicates": 1}


def test_a_few_new_records_read_a_few_rows(review):
    """The memberships and links of records that are not touched are not read."""
    bring(review, [record(number, number + 1000) for number in range(60)])
    dedupe(review)
    bring(review, [record(900 + number, number + 5000) for number in range(3)])
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    sa.event.listen(review.ledger.engine, "before_cursor_execute", note)
    dedupe(review)
    for table in ("FROM membership", "FROM link"):
        asked = [one for one in statements if table in one and "EXISTS" not in one]
        assert asked
        assert all(re.search(r"(record_id|report_id|record_a|record_b) IN \(", one) for one in asked)


# Any split into batches


def made_up(number: int, seed: int) -> list[Record]:
    """Records of three databases with duplicates, notices, series and records that lack something."""
    frame = Corpus(seed, vocabulary=300, families=200, journals=20).records(number, duplicated=0.5)
    return [
        Record(
            source=f"source{place % 3}",
            source_id=row.id,
            title=row.title,
            authors=tuple(parse_names(split_byline(row.author))[0]),
            year=int(row.year) if row.year else None,
            journal=row.journal,
            volume=row.volume,
            issue=row.number,
            pages=row.pages,
            doi=row.doi.lower(),
            abstract=row.abstract,
        )
        for place, row in enumerate(frame.itertuples())
    ]


@pytest.mark.parametrize("seed", range(3))
def test_any_split_into_batches_gives_the_reports_of_all_at_once(review, seed):
    chance = random.Random(seed)
    records = made_up(80, seed)
    fields = [of_record(one) for one in records]
    at_once = engine.reports(fields, list(engine.compare(fields)))
    expected: dict[int, set[str]] = {}
    for one, report in zip(records, at_once, strict=True):
        expected.setdefault(report, set()).add(one.source_id)
    waiting = list(records)
    chance.shuffle(waiting)
    ids: dict[str, int] = {}
    while waiting:
        number = chance.randrange(1, 25)
        ids |= bring(review, waiting[:number])
        del waiting[:number]
        dedupe(review)
    named = {record_id: source_id for source_id, record_id in ids.items()}
    found: dict[int, set[str]] = {}
    for record_id, report in places(review).items():
        found.setdefault(report, set()).add(named[record_id])
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, expected.values()))
    assert len(expected) < len(records)


# What a person should look at

TITLE = "Telephones in the care of wheezing subjects"


def gray(number: int, **changes: object) -> Record:
    values = {
        "source": f"s{number}",
        "source_id": str(number),
        "title": TITLE,
        "authors": (Author(family="Gray", given="J"),),
    }
    return Record(**{**values, "year": 2020, "journal": "J Nothing", **changes})  # type: ignore[arg-type]


def test_a_pair_that_may_be_one_report_waits_until_a_person_answers(review):
    ids = bring(review, [gray(1), gray(2, year=2021)])
    account = dedupe(review)
    assert account.parts == {"new_reports": 2, "duplicates": 0}
    assert account.remarks == ("1 pair of reports may be duplicates, `living-review duplicates` shows them",)
    (pair,) = to_look_at(review)
    assert (pair["kind"], [one["record"] for one in pair["records"]]) == ("possible", [ids["1"], ids["2"]])
    assert pair["why"] == "title same, author only, year one, journal same"
    assert status(review)["possible_duplicates"] == 1
    link(review, list(ids.values()), "ann")
    assert (to_look_at(review), status(review)["possible_duplicates"]) == ([], 0)
    unlink(review, [ids["2"]], "ann")
    assert (to_look_at(review), status(review)["reports"]) == ([], 2)


def test_a_person_may_say_that_two_reports_stay_two_for_good(review):
    ids = bring(review, [gray(1), gray(2, year=2021)])
    dedupe(review)
    assert unlink(review, list(ids.values()), "ann").parts == {"unlinked": 2}
    assert (to_look_at(review), status(review)["possible_duplicates"]) == ([], 0)
    # A third that is like both joins one of them and no more.
    third = bring(review, [gray(3, doi="10.5555/x", year=2020)])
    dedupe(review)
    assert status(review)["reports"] == 2
    assert places(review)[ids["1"]] != places(review)[ids["2"]]
    assert places(review)[third["3"]] == places(review)[ids["1"]]


def test_a_link_that_is_only_likely_is_listed_until_it_is_confirmed(review):
    ids = bring(review, [gray(1), gray(2)])
    assert dedupe(review).parts["duplicates"] == 1
    (pair,) = to_look_at(review)
    assert (pair["kind"], status(review)["likely_duplicates"], status(review)["possible_duplicates"]) == (
        "likely",
        1,
        0,
    )
    link(review, list(ids.values()), "ann")
    assert to_look_at(review) == []


def test_a_preprint_and_its_article_are_two_reports_and_told_as_versions(review):
    ids = bring(review, [gray(1, kind="preprint", journal="medRxiv"), gray(2)])
    account = dedupe(review)
    assert account.parts == {"new_reports": 2, "duplicates": 0}
    assert account.remarks == (f"records {ids['1']} and {ids['2']} are preprint and article of one study: two reports",)
    assert [one["kind"] for one in to_look_at(review)] == ["version"]
    assert status(review)["possible_duplicates"] == 0


def test_a_record_without_title_is_no_bridge(review):
    """It looks like both of two reports with other titles at one place, and joins neither."""
    there = {"volume": "7", "pages": "1-9", "journal": "J Nothing"}
    ids = bring(review, [gray(1, **there), gray(2, title="Bees and the pollination of alpine meadows", **there)])
    dedupe(review)
    assert status(review)["reports"] == 2
    ids |= bring(review, [gray(3, title="", **there)])
    dedupe(review)
    found = places(review)
    assert len({found[ids["1"]], found[ids["2"]]}) == 2


def test_after_an_upgrade_that_looks_otherwise_what_is_there_is_looked_at_anew(review, monkeypatch):
    """Keys of an earlier version would find nothing, and nobody would know."""
    found_otherwise = keys.of

    def of_before(one: Fields) -> tuple[list[int], list[int]]:
        stored, asked = found_otherwise(one)
        return [key ^ 1 for key in stored], [key ^ 1 for key in asked]

    with monkeypatch.context() as before:
        before.setattr(keys, "of", of_before)
        before.setattr(keys, "made_by", lambda: 1)
        bring(review, [gray(1)])
        dedupe(review)
    bring(review, [gray(2)])
    account = dedupe(review)
    assert account.remarks[0] == "1 record known before looked at anew: this version looks for duplicates otherwise"
    assert (account.parts, len(set(places(review).values()))) == ({"new_reports": 0, "duplicates": 1}, 1)
    account = dedupe(review)
    assert (account.changed, account.remarks) == (False, ())


def test_a_ledger_without_keys_gets_them_and_its_duplicates_are_found(review):
    """As after a migration that changed what keys are: what was placed before is compared as well."""
    ids = bring(review, [gray(1), gray(2)])
    with review.write() as tx:
        Reports(tx).place({one: one for one in ids.values()})
    assert len(set(places(review).values())) == 2
    account = dedupe(review)
    assert (account.received, len(set(places(review).values()))) == (0, 1)
    assert dedupe(review).changed is False


def test_of_two_reports_is_asked_once_and_an_answer_holds_for_copies_that_come_later(review):
    ids = bring(review, [gray(1, volume="7"), gray(2, year=2021)])
    dedupe(review)
    assert [one["kind"] for one in to_look_at(review)] == ["possible"]
    ids |= bring(review, [gray(3, volume="7"), gray(4, year=2021)])
    dedupe(review)
    assert status(review)["reports"] == 2
    assert [one["kind"] for one in to_look_at(review)].count("possible") == 1
    unlink(review, [ids["1"], ids["2"]], "ann")
    bring(review, [gray(5, volume="7"), gray(6, year=2021)])
    dedupe(review)
    assert (status(review)["reports"], status(review)["possible_duplicates"]) == (2, 0)


def test_unlink_of_two_reports_parts_neither_from_its_own_copies(review):
    ids = bring(
        review, [gray(1, doi="10.5555/a"), gray(2, doi="10.5555/a"), gray(3, title="Bees of the alpine meadows")]
    )
    dedupe(review)
    assert status(review)["reports"] == 2
    unlink(review, [ids["1"], ids["3"]], "ann")
    assert places(review)[ids["1"]] == places(review)[ids["2"]]
    link(review, [ids["2"], ids["3"]], "ben")
    # The earlier answer on 1 and 3 holds.
    assert places(review)[ids["1"]] != places(review)[ids["3"]]


def test_what_is_only_likely_is_named_by_the_run_that_links_it(review):
    bring(review, [gray(1), gray(2)])
    assert dedupe(review).remarks == ("1 link is likely, not certain: `living-review duplicates --likely` shows them",)
