"""The engine in memory: the same reports whatever the order of the records, and every link followed."""

from __future__ import annotations

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe import engine
from living_review.dedupe.decide import decide
from living_review.dedupe.fields import Fields
from tests.unit.dedupe.made_up import TITLE, fields, row


def reports(found: list[Fields]) -> list[int]:
    return engine.reports(found, list(engine.compare(found)))


@given(st.lists(fields, max_size=10), st.randoms(use_true_random=False))
def test_records_in_any_order_give_the_same_reports(found: list[Fields], dice: random.Random):
    order = list(range(len(found)))
    dice.shuffle(order)
    shuffled = [found[place] for place in order]

    def members(places: list[int], names: list[int]) -> set[frozenset[int]]:
        return {frozenset(names[place] for place, report in enumerate(places) if report == one) for one in set(places)}

    assert members(reports(shuffled), order) == members(reports(found), list(range(len(found))))


@given(st.lists(fields, max_size=10))
def test_pairs_are_those_of_comparing_everything_with_everything(found: list[Fields]):
    """The slow way that needs no keys: nothing linked is lost by looking records up."""
    fast = {(pair.a, pair.b): pair.match for pair in engine.compare(found)}
    slow = {(a, b): decide(found[a], found[b]) for a, b in combinations(range(len(found)), 2)}
    assert {pair: match for pair, match in fast.items() if match.linked} == {
        pair: match for pair, match in slow.items() if match is not None and match.linked
    }
    assert all(slow[pair] == match for pair, match in fast.items())


@given(st.lists(fields, max_size=10))
def test_whole_records_that_are_linked_end_in_one_report_named_after_its_first(found: list[Fields]):
    places = reports(found)
    for a, b in combinations(range(len(found)), 2):
        match = decide(found[a], found[b])
        if match is not None and match.linked and found[a].is_whole and found[b].is_whole:
            assert places[a] == places[b]
    assert all(places[report] == report <= place for place, report in enumerate(places))


def test_a_record_without_authors_joins_no_two_reports():
    shared = {"volume": "", "number": "", "pages": ""}
    one, other = row(**shared, author="Gray, Jo"), row(**shared, author="White, B")
    weak = row(**shared, author="")
    assert decide(one, other) is None
    found = list(engine.compare([one, other, weak]))
    # As good a copy of one as of the other.
    links = [engine.Pair(pair.a, pair.b, pair.match._replace(certainty="likely")) for pair in found]
    assert [(pair.a, pair.b) for pair in links] == [(0, 2), (1, 2)]
    assert engine.reports([one, other, weak], links) == [0, 1, 2]


def test_a_possible_duplicate_is_a_report_of_its_own():
    bare = {"volume": "", "pages": ""}
    one, other = row(**bare, doi="10.5555/a"), row(**bare, doi="10.5555/b")
    found = list(engine.compare([one, other]))
    assert [pair.match.certainty for pair in found] == ["possible"]
    assert engine.reports([one, other], found) == [0, 1]


def test_two_copies_in_one_list_are_one_report():
    assert reports([row(), row(title_="Bees of the meadows", pages="3-4", author="White, B"), row()]) == [0, 1, 0]


def test_progress_is_told_from_the_first_pair_to_the_last():
    told: list[tuple[int, int]] = []
    list(engine.compare([row()] * 3, lambda done, of: told.append((done, of))))
    assert told == [(0, 3), (3, 3)]
    told.clear()
    assert list(engine.compare([row(title_=TITLE)], lambda done, of: told.append((done, of)))) == []
    assert told == [(0, 0)]
