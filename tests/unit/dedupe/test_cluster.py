"""Clusters: one result whatever the order, people above the engine, and no bridge over a record that says little."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.cluster import Edge, cluster

edges = st.lists(
    st.tuples(
        st.integers(1, 8), st.integers(1, 8), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.5, 3.0, 7.5])
    ).filter(lambda one: one[0] != one[1]),
    max_size=14,
).map(
    lambda given_: [
        # Only people part records.
        Edge(min(a, b), max(a, b), linked or not person, person, position, 0.0 if person else points)
        for position, (a, b, linked, person, points) in enumerate(given_)
    ]
)
lacking = st.frozensets(st.integers(1, 8), max_size=4)
everybody = range(1, 9)


def reports_of(places: dict[int, int]) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for one, report in places.items():
        found.setdefault(report, set()).add(one)
    return {frozenset(members) for members in found.values()}


@given(edges, lacking, st.randoms(use_true_random=False))
def test_clusters_do_not_depend_on_the_order_of_records_and_links(links, lacks, dice: random.Random):
    shuffled, people = list(links), list(everybody)
    dice.shuffle(shuffled)
    dice.shuffle(people)
    assert cluster(people, shuffled, lacks) == cluster(everybody, links, lacks)


@given(edges, lacking)
def test_every_record_has_one_report_named_after_its_earliest_record(links, lacks):
    found = cluster(everybody, links, lacks)
    assert found.keys() == set(everybody)
    for members in reports_of(found):
        assert {found[one] for one in members} == {min(members)}


@given(edges, lacking)
def test_records_that_people_parted_are_never_in_one_report(links, lacks):
    found = cluster(everybody, links, lacks)
    last = {(one.a, one.b): one for one in links if one.by_person}
    assert [one for one in last.values() if not one.linked and found[one.a] == found[one.b]] == []


@given(edges)
def test_what_people_joined_is_one_report_where_nobody_parts_anything(links):
    agreed = [one for one in links if one.linked]
    found = cluster(everybody, agreed, everybody)
    assert [one for one in agreed if one.by_person and found[one.a] != found[one.b]] == []


@given(edges, lacking)
def test_records_that_share_a_report_are_joined_by_links(links, lacks):
    """Nothing is linked that nobody linked: each report is what its own links hold together."""
    found = cluster(everybody, links, lacks)
    own = [one for one in links if one.linked and found[one.a] == found[one.b]]
    assert reports_of(found) == reports_of(cluster(everybody, own))


@given(edges, lacking)
def test_a_record_that_lacks_something_bridges_no_two_clusters(links, lacks):
    """The whole records are as they would be had the engine linked none that lacks something."""
    without = [one for one in links if one.by_person or not {one.a, one.b} & lacks]
    found, expected = cluster(everybody, links, lacks), cluster(everybody, without)
    for a in set(everybody) - lacks:
        for b in set(everybody) - lacks:
            assert (found[a] == found[b]) == (expected[a] == expected[b])


@given(edges)
def test_links_of_whole_records_are_all_followed_where_nobody_parts_anything(links):
    found = cluster(everybody, [one for one in links if one.linked])
    assert [one for one in links if one.linked and found[one.a] != found[one.b]] == []


def engine(a: int, b: int, points: float = 3.0, position: int = 9) -> Edge:
    return Edge(a, b, True, False, position, points)


def test_a_parted_pair_stays_parted_also_by_way_of_a_third():
    parted = Edge(1, 2, False, True, 1)
    assert cluster([1, 2, 3], [parted, engine(1, 3), engine(2, 3)]) == {1: 1, 2: 2, 3: 1}
    # The stronger link holds.
    assert cluster([1, 2, 3], [parted, engine(1, 3), engine(2, 3, 4.0)]) == {1: 1, 2: 2, 3: 2}


def test_what_a_person_said_last_on_a_pair_holds():
    said = [Edge(1, 2, True, False, 1), Edge(1, 2, False, True, 2)]
    assert cluster([1, 2], said) == {1: 1, 2: 2}
    assert cluster([1, 2], [*said, Edge(1, 2, True, True, 3)]) == {1: 1, 2: 1}
    assert cluster([1, 2], [*said, Edge(1, 2, True, False, 3)]) == {1: 1, 2: 2}


def test_a_record_that_lacks_something_goes_where_it_is_linked_most_strongly():
    assert cluster([1, 2, 3], [engine(1, 3, 2.0), engine(2, 3, 5.0)], [3]) == {1: 1, 2: 2, 3: 2}
    assert cluster([1, 2, 3], [engine(1, 3, 5.0), engine(2, 3, 5.0)], [3]) == {1: 1, 2: 2, 3: 3}


def test_records_that_lack_something_go_together():
    found = cluster([1, 2, 3, 4], [engine(3, 4, 1.0), engine(1, 3, 2.0), engine(2, 4, 5.0)], [3, 4])
    assert found == {1: 1, 2: 2, 3: 2, 4: 2}


def test_one_that_a_person_placed_is_put_nowhere_else():
    placed = Edge(1, 3, True, True, 1)
    assert cluster([1, 2, 3], [placed, engine(2, 3, 9.0)], [3]) == {1: 1, 2: 2, 3: 1}


def test_what_people_joined_of_records_that_lack_something_goes_together():
    joined = [Edge(3, 4, True, True, 1), engine(1, 3, 2.0), engine(2, 4, 5.0)]
    assert cluster([1, 2, 3, 4], joined, [3, 4]) == {1: 1, 2: 2, 3: 2, 4: 2}


def test_links_to_records_that_are_not_asked_for_are_passed_over():
    assert cluster([1, 2], [engine(1, 7), engine(2, 7)]) == {1: 1, 2: 2}
