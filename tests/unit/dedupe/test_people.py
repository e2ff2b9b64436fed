"""Authors: one person however written, and by-lines of one work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe import people
from living_review.dedupe.fields import of_record
from living_review.dedupe.people import LEVELS, Person, agreement, same_name
from living_review.records import Author
from tests.unit.dedupe.made_up import record


def read(text: str) -> tuple[Person, ...]:
    return people.read(text).people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gray, J. A.", ("gray", "j a")),
        ("Gray JA", ("gray", "ja")),
        ("J. A. Gray", ("gray", "j a")),
        ("Gray JA, Jr", ("gray", "ja")),
        ("van der Berg, A", ("berg", "a")),
        ("García-López, María", ("garcialopez", "maria")),
        ("O’Brien K", ("obrien", "k")),
        ("Иванов, И.", ("ivanov", "i")),
        ("Παπαδόπουλος, Γιώργος", ("papadopoylos", "giorgos")),
        ("王小明", ("wang", "xiaoming")),
        ("王, 小明", ("wang", "xiaoming")),
        ("M&uuml;ller, J", ("muller", "j")),
        (r"S{\o}rensen, K", ("sorensen", "k")),
    ],
)
def test_a_name_is_read(text: str, expected: tuple[str, str]):
    assert read(text) == (expected,)


@pytest.mark.parametrize(
    "text",
    ["", "Anonymous", "UNKNOWN", "Unknown, Unknown", "[No authors listed]", "nan", "et al.", "Administrator", "user", "Microsoft Office User"],
)  # fmt: skip
def test_nobody_is_nobody(text: str):
    assert read(text) == ()


def test_a_by_line_that_lost_what_stood_between_the_names():
    assert read("Adeli K.Lewis G. F.") == (("adeli", "k"), ("lewis", "g f"))


@pytest.mark.parametrize(
    "text",
    [
        "Gray, J A and Ng, C",
        "Gray JA1,2, Ng C3",
        "Gray JA¹, Ng C²",
        "Gray, J. A.1 and Ng, C.2",
        "Gray J.A.*; Ng C.†",
        "Gray J.A. & Ng C.",
        "Gray, J. A., & Ng, C.",
    ],
)
def test_marks_of_footnotes_are_no_part_of_a_name(text: str):
    assert [family for family, _ in read(text)] == ["gray", "ng"]
    assert [given.replace(" ", "") for _, given in read(text)] == ["ja", "c"]


@pytest.mark.parametrize(
    "text",
    ["Gray, J et al.", "Gray J, et al", "Gray J.; et al.", "Gray, J and others", "Gray J et. al.", "J Gray et al"],
)
def test_the_others_are_nobody(text: str):
    assert read(text) == (("gray", "j"),)


def test_a_group_beside_people_hides_nobody():
    people_there = [family for family, _ in read("J Gray and A Brown and The Bee Study Group")]
    assert people_there[:2] == ["gray", "brown"]
    assert len(read("Ministry of Bees and Meadows and Welfare")) == 1


def test_a_number_of_a_group_stays():
    assert read("NCT01234567") == (("nct01234567", ""),)


def test_the_first_who_is_named_is_told_without_the_others():
    assert people.read("Anonymous; Gray, J; Ng, C").first == "gray"
    assert people.read("Anonymous").first == people.read("").first == ""


def test_two_by_lines_of_the_same_people_are_equal_however_they_are_written():
    assert people.read("Gray, J and Ng, C") == people.read("GRAY J; NG C") != people.read("Gray, J")


def test_nobody_stands_twice_in_a_by_line():
    assert read("Gray, J and Gray, J and Ng, C") == (("gray", "j"), ("ng", "c"))


def test_a_group_is_no_person_with_a_given_name():
    assert of_record(record(authors=(Author(collective="The Study Group"),))).people == (("thestudygroup", ""),)
    assert of_record(record(authors=(Author(collective="Anonymous"),))).people == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Müller", "Mueller", True),
        ("Papadopoulos", "Papadopoylos", True),
        ("Giorgi Rossi", "Rossi", True),
        ("Ng", "Nguyen", False),
        ("Gray", "Brown", False),
    ],
)
def test_spellings_of_one_family_name(one: str, other: str, expected: bool):
    left, right = read(f"{one}, J")[0][0], read(f"{other}, J")[0][0]
    assert same_name(left, right) is same_name(right, left) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Gray, Jo and Brown, Al", "Gray J; Brown A", "same"),
        ("Gray, Jo and Brown, Al and Ng, Chi", "Gray, Jo and Brown, Al", "same"),
        ("Gray, Jo and Brown, Al", "Gray J", "first"),
        ("Gray, Jo and Brown, Al", "Brown, Al and Gray, Jo", "first"),
        # Family and given name in each other's place.
        ("Wu, Ching-yi", "Ching-yi, Wu", "first"),
        ("Gray, Jo", "Gray J", "only"),
        ("Gray, Jo", "Gray K", "clash"),
        ("Gray, Jo and Brown, Al", "Gray, Jo and White, Bo and Black, Cy", "clash"),
        ("Gray, Jo and Brown, Al and Ng, Chi", "Brown, Al and Ng, Chi and White, Bo", "some"),
        ("Gray, Jo and Brown, Al and Ng, Chi", "White, Bo and Black, Cy and Gray, Jo", "few"),
        ("Gray, Jo", "Brown, Al", "differ"),
        ("Gray, Jo", "", "missing"),
        ("王小明", "Wang, Xiaoming", "only"),
        ("李小明", "Li, Xiaoming", "only"),
    ],
)
def test_how_far_two_by_lines_agree(one: str, other: str, expected: str):
    assert agreement(read(one), read(other)) == agreement(read(other), read(one)) == expected


def test_by_lines_of_one_length_agree_the_same_both_ways():
    one, other = read("Gray, J and Gray, K"), read("Gray, J and J, Gray")
    assert agreement(one, other) == agreement(other, one)


names = st.sampled_from(
    ["Gray, J", "Gray, K", "Graye, J", "J, Gray", "Brown, Al", "Al, Brown", "Ng, C", "Li", "Lin, X"]
)
by_lines = st.lists(names, max_size=4).map(" and ".join)


@given(by_lines, by_lines)
def test_agreement_of_by_lines_does_not_depend_on_their_order(one: str, other: str):
    there = agreement(read(one), read(other))
    assert there == agreement(read(other), read(one))
    assert there in LEVELS
