"""The dedupe step on SQLite and PostgreSQL: batches, reruns, and what people said about links."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from living_review.errors import UsageError
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports
from living_review.protocol import Protocol
from living_review.records import Author, Record
from living_review.review import Review
from living_review.settings import Settings
from living_review.steps.dedupe import dedupe, link, unlink
from tests.integration.small_world import file_search

NewReview = Callable[[], Review]


@pytest.fixture
def new_review(ledger, clock, tmp_path: Path) -> NewReview:
    """Makes a review of its own in one database."""
    numbers = itertools.count(1)

    def make() -> Review:
        protocol = Protocol.model_validate(
            {"id": f"r{next(numbers)}", "title": "T", "question": "Q", "searches": [{"source": "files", "inbox": "i"}]}
        )
        return Review(tmp_path, protocol, Settings(), ledger, clock)

    return make


@pytest.fixture
def review(new_review: NewReview) -> Review:
    return new_review()


def record(number: int, *, source: str = "", doi: str = "", pmid: str = "", title: str = "") -> Record:
    return Record(
        source=source or f"source{number}",
        source_id=str(number),
        title=title or f"Telephones in the care of subject {number}",
        authors=(Author(family="Gray"),),
        year=2020,
        doi=doi,
        pmid=pmid,
    )


def arrive(review: Review, records: Sequence[Record]) -> list[int]:
    """The records come in with a search; their ids."""
    with review.write() as tx:
        search = file_search(tx, len(records))
        return [Records(tx).add([one], search)[one.source_id] for one in records]


def placed(review: Review) -> dict[int, int]:
    with review.read() as tx:
        return Reports(tx).of_records()


def links(review: Review) -> list[dict[str, Any]]:
    with review.read() as tx:
        return tx.rows(sa.select(t.link).where(t.link.c.review == review.id).order_by(t.link.c.id))


def written(review: Review) -> int:
    with review.read() as tx:
        places = tx.rows(sa.select(t.membership).where(t.membership.c.review == review.id))
    return len(links(review)) + len(places)


def test_duplicates_join_the_report_of_the_earliest(review):
    a, b, c = arrive(
        review, [record(1, doi="10.5555/x", title="T" * 20), record(2), record(3, doi="10.5555/x", title="T" * 20)]
    )
    account = dedupe(review)
    assert placed(review) == {a: a, b: b, c: a}
    assert (account.received, account.parts) == (3, {"new_reports": 2, "duplicates": 1})


def test_a_second_run_changes_nothing(review):
    arrive(review, [record(1, pmid="7"), record(2, pmid="7")])
    dedupe(review)
    before = placed(review), written(review)
    again = dedupe(review)
    assert (again.received, again.changed) == (0, False)
    assert (placed(review), written(review)) == before


def test_reviews_in_one_database_do_not_see_each_others_records(new_review):
    one, other = new_review(), new_review()
    (a,) = arrive(one, [record(1, pmid="7")])
    (b,) = arrive(other, [record(1, pmid="7")])
    dedupe(one)
    dedupe(other)
    assert (placed(one), placed(other)) == ({a: a}, {b: b})


batches = st.lists(
    st.tuples(st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "10.5555/a", "10.5555/b"])),
    min_size=1,
    max_size=7,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(given_=batches, cuts=st.sets(st.integers(1, 6)))
def test_reports_do_not_depend_on_the_batches_in_which_records_came(new_review, given_, cuts):
    records = [record(n, pmid=pmid, doi=doi, title="One title of all of them") for n, (pmid, doi) in enumerate(given_)]
    at_once, by_and_by = new_review(), new_review()
    ids = arrive(at_once, records)
    dedupe(at_once)
    places = [ids.index(placed(at_once)[one]) for one in ids]
    ids = []
    for start, end in itertools.pairwise([0, *sorted(cut for cut in cuts if cut < len(records)), len(records)]):
        ids += arrive(by_and_by, records[start:end])
        account = dedupe(by_and_by)
        assert account.received == end - start
    assert [ids.index(placed(by_and_by)[one]) for one in ids] == places


def test_what_a_person_parted_stays_parted_whatever_comes_later(review):
    title = "One title of all of them"
    a, b = arrive(review, [record(1, doi="10.5555/x", title=title), record(2, doi="10.5555/x", title=title)])
    dedupe(review)
    unlink(review, [b], "ann")
    assert placed(review) == {a: a, b: b}
    dedupe(review)
    assert placed(review) == {a: a, b: b}
    # The third fits both: it joins one of them and does not bring them together.
    (c,) = arrive(review, [record(3, doi="10.5555/x", title=title)])
    dedupe(review)
    assert placed(review) == {a: a, b: b, c: a}


def test_what_a_person_joined_stays_joined_until_a_person_parts_it(review):
    a, b = arrive(review, [record(1), record(2)])
    dedupe(review)
    link(review, [b, a], "ann")
    dedupe(review)
    assert placed(review) == {a: a, b: a}
    unlink(review, [a], "ben")
    dedupe(review)
    assert placed(review) == {a: a, b: b}
    link(review, [a, b], "ann")
    assert placed(review) == {a: a, b: a}


def test_of_three_joined_records_two_stay_together_when_the_third_is_parted(review):
    a, b, c = arrive(review, [record(1), record(2), record(3)])
    dedupe(review)
    link(review, [c, a, b], "ann")
    assert placed(review) == {a: a, b: a, c: a}
    unlink(review, [a], "ann")
    assert placed(review) == {a: a, b: b, c: b}


def test_a_link_is_kept_with_its_rule_and_who_made_it(review):
    a, b = arrive(review, [record(1, pmid="7"), record(2, pmid="7")])
    dedupe(review)
    unlink(review, [b], "ann")
    assert [(one["record_a"], one["record_b"], one["kind"], one["rule"], one["by"]) for one in links(review)] == [
        (a, b, "link", "pmid", "engine"),
        (a, b, "unlink", "person", "ann"),
    ]


@pytest.mark.parametrize(
    ("act", "chosen", "said"),
    [
        (unlink, [0], "is linked to no other"),
        (unlink, [99], "no record 999999"),
        (link, [0, 99], "no record 999999"),
        (link, [0], "one record alone"),
        (link, [0, 0], "one record alone"),
    ],
)
def test_a_link_that_cannot_be_made_changes_nothing(review, act, chosen, said):
    ids = arrive(review, [record(1), record(2)])
    dedupe(review)
    before = placed(review), written(review)
    with pytest.raises(UsageError, match=said):
        act(review, [999_999 if one == 99 else ids[one] for one in chosen], "ann")
    assert (placed(review), written(review)) == before


@pytest.mark.parametrize("by", ["", "  ", "engine"])
@pytest.mark.parametrize("act", [link, unlink])
def test_a_link_is_signed_by_a_person(review, act, by):
    ids = arrive(review, [record(1, pmid="7"), record(2, pmid="7"), record(3)])
    dedupe(review)
    before = placed(review), written(review)
    with pytest.raises(UsageError, match="sign"):
        act(review, ids[:2], by)
    assert (placed(review), written(review)) == before
