"""Keys and candidates: whatever is linked is found, whichever record came first, and at once or in batches alike."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe import candidates, keys
from living_review.dedupe.decide import decide
from living_review.dedupe.fields import Fields, of_record
from living_review.records import Record
from tests.unit.dedupe.made_up import ABSTRACT, TITLE, fields, record, records, row


def finds(asking: Fields, stored: Fields) -> bool:
    return not set(keys.of(asking)[1]).isdisjoint(keys.of(stored)[0])


def found_in_batches(batches: list[list[tuple[int, Fields]]]) -> set[tuple[int, int]]:
    """The pairs that a ledger finds: each batch stores its keys, then asks for those of itself and of all before."""
    stored: dict[int, set[int]] = {}
    pairs: set[tuple[int, int]] = set()
    for batch in batches:
        for place, one in batch:
            for key in keys.of(one)[0]:
                stored.setdefault(key, set()).add(place)
        for place, one in batch:
            for key in keys.of(one)[1]:
                pairs |= {(min(place, other), max(place, other)) for other in stored.get(key, ()) if other != place}
    return pairs


@given(fields, fields)
def test_whichever_comes_first_two_records_find_each_other(one: Fields, other: Fields):
    assert finds(one, other) is finds(other, one)


@given(fields, fields)
def test_what_is_linked_shares_a_key(one: Fields, other: Fields):
    match = decide(one, other)
    if match is not None and match.linked:
        assert finds(one, other), match.said


@given(records, records)
def test_records_that_are_linked_share_a_key(one: Record, other: Record):
    left, right = of_record(one), of_record(other)
    match = decide(left, right)
    if match is not None and match.linked:
        assert finds(left, right), match.said


@given(st.lists(fields, max_size=12))
def test_candidates_are_all_pairs_that_share_a_key(found: list[Fields]):
    expected = [pair for pair in combinations(range(len(found)), 2) if finds(found[pair[0]], found[pair[1]])]
    assert [tuple(pair) for pair in candidates.pairs(found).tolist()] == expected


@given(st.lists(fields, max_size=12), st.lists(st.integers(1, 5), max_size=5), st.randoms(use_true_random=False))
def test_records_that_come_in_batches_in_any_order_make_the_same_pairs(
    found: list[Fields], sizes: list[int], dice: random.Random
):
    waiting = list(enumerate(found))
    dice.shuffle(waiting)
    batches = []
    for size in sizes:
        batches.append(waiting[:size])
        waiting = waiting[size:]
    assert found_in_batches([*batches, waiting]) == set(map(tuple, candidates.pairs(found).tolist()))


def test_many_pairs_are_joined_in_parts(monkeypatch):
    found = [row(title_=f"{TITLE} {'and bees ' * (number % 3)}", year=str(2000 + number % 5)) for number in range(60)]
    at_once = candidates.pairs(found)
    monkeypatch.setattr(candidates, "_AT_ONCE", 7)
    assert np.array_equal(candidates.pairs(found), at_once)
    assert len(at_once) > 100


@pytest.mark.parametrize("number", [0, 1])
def test_fewer_than_two_records_make_no_pair(number: int):
    assert candidates.pairs([row()] * number).shape == (0, 2)


def test_keys_are_64_bit_numbers_that_stay_the_same_from_run_to_run():
    stored, asked = keys.of(row(doi="10.5555/a"))
    assert all(-(2**63) <= key < 2**63 for key in stored + asked)
    assert len(set(stored)) == len(stored)
    # A ledger keeps them: another number here needs a migration that empties what it keeps.
    assert keys.of(of_record(Record(source="a", source_id="1", doi="10.5555/a")))[0] == [KEY_OF_A_DOI]


KEY_OF_A_DOI = 4095588094291253815


def test_a_piece_of_a_title_alone_finds_only_what_lacks_author_or_year():
    whole = row(author="White, B", year="1999", pages="", title_=f"{TITLE} now")
    assert not finds(whole, row(title_=f"{TITLE} then"))
    assert finds(whole, row(author="", title_=f"{TITLE} then"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title_": "Telephones in the care of whee...", "pages": ""}, {"pages": "", "year": "2021"}),
        ({"title_": "Asthma", "pages": ""}, {"title_": "Asthma", "pages": ""}),
        # Only a whole title is the same.
        ({"author": "Müller, K", "pages": ""}, {"author": "Mueller, K", "pages": "", "year": "2021"}),
        # Only the pages are the same, and the year, the volume, or the first author in one year.
        ({"title_": "Bees", "author": "White, B", "volume": ""}, {"title_": "Telefone in der Pflege", "volume": ""}),
        ({"title_": "Bees", "author": "", "year": "2019"}, {"title_": "Telefone in der Pflege", "year": ""}),
        ({"title_": "Bees", "volume": "", "pages": "12"}, {"title_": "Telefone in der Pflege", "pages": "12"}),
        # Only the end of a title is the same.
        ({"title_": "The alps: bees, telephones, meadows", "pages": ""}, {"title_": "Snow, bees, telephones, meadows", "pages": "", "author": ""}),
        ({"title_": "Editorial", "abstract": ABSTRACT, "pages": "", "author": ""}, {"title_": "", "abstract": ABSTRACT[:200], "pages": ""}),
        ({"title_": "Editorial", "pages": "e1123"}, {"title_": "From the editor"}),
        ({"doi": "10.5555/a", "title_": ""}, {"doi": "https://doi.org/10.5555/A", "author": "White, B", "pages": "1"}),
        ({"title_": "[Telefone in der Pflege]", "pmid": "1"}, {"title_": "Bees", "author": "", "year": "", "pages": "", "pmid": "1"}),
    ],
)  # fmt: skip
def test_a_record_is_found_by_what_it_has(one, other):
    assert finds(row(**one), row(**other)) and finds(row(**other), row(**one))


def test_a_record_that_says_nothing_has_no_key():
    assert keys.of(of_record(Record(source="a", source_id="1"))) == ([], [])
    assert keys.of(of_record(record(title="Editorial", authors=())))[0] == []
