"""Dedupe: which records are one report, whatever the order they came in, and what people said about it stays."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.cluster import Edge, cluster
from living_review.dedupe.files import dedupe_files, dedupe_records
from living_review.dedupe.keys import keys_of
from living_review.dedupe.match import decide
from living_review.errors import InvalidFile
from living_review.records import Author, Record

TITLE = "Telephones in the care of wheezing subjects"


def record(number: int = 1, **changes: object) -> Record:
    values = {
        "source": "pubmed",
        "source_id": str(number),
        "title": TITLE,
        "authors": (Author(family="Gray", given="J"),),
        "year": 2020,
        "journal": "J Nothing",
        **changes,
    }
    return Record(**values)  # type: ignore[arg-type]


def of(source: str, number: int = 1, **changes: object) -> Record:
    return record(number, source=source, **changes)


# Two records


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (record(1, pmid="1"), of("embase", pmid="1", title="Another title than before"), "pmid"),
        (record(1, doi="10.5555/A"), of("embase", doi="10.5555/a"), "doi"),
        (record(1), of("embase"), "title_year_author"),
        (record(1, title=f"[{TITLE}.]"), of("embase"), "title_year_author"),
        (record(1, title=TITLE.upper()), of("embase", authors=(Author(family="GRAY"),)), "title_year_author"),
        # A shared DOI with another title: a supplement, a book's chapter.
        (record(1, doi="10.5555/a"), of("embase", doi="10.5555/a", title="Nothing of the kind at all"), None),
        (record(1, doi="10.5555/a"), of("embase", doi="10.5555/b"), None),
        (record(1), of("embase", year=2021), None),
        (record(1), of("embase", authors=(Author(family="Brown"),)), None),
        (record(1), of("embase", authors=()), None),
        (record(1, year=None), of("embase", year=None), None),
        (record(1, title="Editorial"), of("embase", title="Editorial"), None),
        (record(1, kind="preprint"), of("embase"), None),
        (record(1, title=f"Correction: {TITLE}"), of("embase"), None),
        (record(1, pmid="1"), record(2, pmid="2"), None),
    ],
)
def test_two_records_are_one_report_or_not(one, other, rule):
    for a, b in ((one, other), (other, one)):
        found = decide(a, b)
        assert (found and found.rule) == rule


texts = st.sampled_from(["", TITLE, "Another title altogether, of some length", "Reply to the telephone"])
records = st.builds(
    record,
    number=st.integers(1, 5),
    source=st.sampled_from(["pubmed", "embase", "scopus"]),
    title=texts,
    pmid=st.sampled_from(["", "1", "2"]),
    doi=st.sampled_from(["", "10.5555/a", "10.5555/B", "10.5555/b"]),
    year=st.sampled_from([None, 2020, 2021]),
    kind=st.sampled_from(["article", "conference", "preprint"]),
    authors=st.sampled_from([(), (Author(family="Gray"),), (Author(family="Brown"),)]),
    pages=st.sampled_from(["", "1-9", "11"]),
)


@given(records, records)
def test_what_is_decided_does_not_depend_on_which_record_came_first(one, other):
    there, back = decide(one, other), decide(other, one)
    assert (there and there.rule) == (back and back.rule)


@given(records, records)
def test_records_that_are_one_report_share_a_key(one, other):
    """Only records that share a key are ever compared."""
    if decide(one, other) is not None:
        assert set(keys_of(one)) & set(keys_of(other))


# Clusters

edges = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 8), st.booleans(), st.booleans()).filter(lambda one: one[0] != one[1]),
    max_size=14,
).map(
    lambda given_: [
        # Only people part records.
        Edge(min(a, b), max(a, b), linked or not person, person, position)
        for position, (a, b, linked, person) in enumerate(given_)
    ]
)
everybody = range(1, 9)


def reports_of(places: dict[int, int]) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for one, report in places.items():
        found.setdefault(report, set()).add(one)
    return {frozenset(members) for members in found.values()}


@given(edges, st.randoms(use_true_random=False))
def test_clusters_do_not_depend_on_the_order_of_records_and_links(links, dice: random.Random):
    shuffled, people = list(links), list(everybody)
    dice.shuffle(shuffled)
    dice.shuffle(people)
    assert cluster(people, shuffled) == cluster(everybody, links)


@given(edges)
def test_every_record_has_one_report_named_after_its_earliest_record(links):
    found = cluster(everybody, links)
    assert found.keys() == set(everybody)
    for members in reports_of(found):
        assert {found[one] for one in members} == {min(members)}


@given(edges)
def test_records_that_people_parted_are_never_in_one_report(links):
    found = cluster(everybody, links)
    last = {(one.a, one.b): one for one in links if one.by_person}
    assert [one for one in last.values() if not one.linked and found[one.a] == found[one.b]] == []


@given(edges)
def test_records_that_share_a_report_are_joined_by_links(links):
    """Nothing is linked that nobody linked: each report is what its own links hold together."""
    found = cluster(everybody, links)
    own = [one for one in links if one.linked and found[one.a] == found[one.b]]
    assert reports_of(found) == reports_of(cluster(everybody, own))


def test_a_parted_pair_stays_parted_also_by_way_of_a_third():
    parted = Edge(1, 2, False, True, 1)
    through = [Edge(1, 3, True, False, 2), Edge(2, 3, True, False, 3)]
    assert cluster([1, 2, 3], [parted, *through]) == {1: 1, 2: 2, 3: 1}


def test_what_a_person_said_last_on_a_pair_holds():
    said = [Edge(1, 2, True, False, 1), Edge(1, 2, False, True, 2)]
    assert cluster([1, 2], said) == {1: 1, 2: 2}
    assert cluster([1, 2], [*said, Edge(1, 2, True, True, 3)]) == {1: 1, 2: 1}
    assert cluster([1, 2], [*said, Edge(1, 2, True, False, 3)]) == {1: 1, 2: 2}


# Files alone


@given(st.lists(records, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_files_deduped_in_any_order_give_the_same_reports(found, dice: random.Random):
    numbered = [replace(one, source_id=str(place)) for place, one in enumerate(found)]
    shuffled = list(numbered)
    dice.shuffle(shuffled)

    def reports(given_: list[Record]) -> set[frozenset[str]]:
        places = dict(enumerate(dedupe_records(given_)))
        return {frozenset(given_[one].source_id for one in members) for members in reports_of(places)}

    assert reports(numbered) == reports(shuffled)


@given(st.lists(records, min_size=1, max_size=8))
def test_every_pair_that_is_one_report_ends_in_one_report(found):
    places = dedupe_records(found)
    for a, b in combinations(range(len(found)), 2):
        if decide(found[a], found[b]) is not None:
            assert places[a] == places[b]


def test_dedupe_of_files_names_every_record_and_its_report(tmp_path):
    entry = "TY  - JOUR\nAN  - {}\nTI  - {}\nAU  - Gray, J\nPY  - 2020\nDO  - {}\nER  - \n"
    (tmp_path / "a.ris").write_text(entry.format("A1", TITLE, "10.5555/x"))
    (tmp_path / "b.ris").write_text(
        entry.format("B1", TITLE, "10.5555/x") + entry.format("B2", "Another title of some length", "10.5555/y")
    )
    assert dedupe_files([tmp_path / "a.ris", tmp_path / "b.ris"]) == [
        ("a.ris:A1", "a.ris:A1"),
        ("b.ris:B1", "a.ris:A1"),
        ("b.ris:B2", "b.ris:B2"),
    ]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InvalidFile, match="there is no such file"):
        dedupe_files([tmp_path / "nothing.ris"])
