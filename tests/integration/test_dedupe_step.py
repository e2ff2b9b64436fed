"""Dedupe works out only what is touched; the result is the same as working out everything anew."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from living_review.dedupe.cluster import ENGINE, Edge, cluster
from living_review.errors import UsageError
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports
from living_review.protocol_file import load
from living_review.records import Author, Record
from living_review.review import Review
from living_review.settings import Settings
from living_review.steps.dedupe import dedupe, link, unlink
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
        edges = [
            Edge(row["record_a"], row["record_b"], row["kind"] == "link", row["by"] != ENGINE, row["id"])
            for row in tx.rows(sa.select(t.link))
        ]
    return cluster(placed, edges)


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
