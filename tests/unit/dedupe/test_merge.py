"""The merged view of a report: the best of all its records, nothing lost, and whose value each is."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.merge import merged, together
from living_review.records import Author, Record
from tests.unit.dedupe.made_up import TITLE, record

OWN = {"source", "source_id", "status", "dates", "notes", "other_ids", "authors_complete", "keywords"}
"""What belongs to a record and not to the report, or is looked at apart."""
texts = st.sampled_from(["", "a", "[b]", "CC", "d-d", "eee"])
many = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3).map(tuple)
gathered = st.lists(
    st.builds(
        Record,
        source=st.sampled_from(["pubmed", "embase"]),
        source_id=st.sampled_from(["1", "2"]),
        title=texts,
        abstract=texts,
        authors=st.lists(st.builds(Author, family=st.sampled_from(["A", "B"]), given=texts), max_size=3).map(tuple),
        authors_complete=st.booleans(),
        year=st.none() | st.integers(2019, 2021),
        journal=texts,
        pages=texts,
        doi=texts,
        pmid=texts,
        keywords=many,
        mesh=many,
        other_ids=st.dictionaries(st.sampled_from(["wos", "embase"]), st.sampled_from(["1", "2"])),
    ),
    min_size=1,
    max_size=5,
)


def is_empty(value: Any) -> bool:
    return value in (None, "", ())


@given(gathered)
def test_nothing_is_lost_that_any_record_has_and_each_value_is_that_of_its_origin(found: list[Record]):
    view = merged(found)
    for field in fields(Record):
        if field.name in OWN:
            continue
        given_ = [getattr(one, field.name) for one in found]
        if all(map(is_empty, given_)):
            assert field.name not in view.origins
            assert is_empty(getattr(view.record, field.name))
        else:
            value = getattr(view.record, field.name)
            assert not is_empty(value)
            place = view.origins[field.name]
            assert value == given_[place]
            # Of equals the first counts, and PubMed before others.
            of_pubmed = [other for other, one in zip(given_, found, strict=True) if one.source == "pubmed"]
            if all(map(is_empty, of_pubmed)):
                assert value not in given_[:place]
            else:
                assert found[place].source == "pubmed"
    for one in found:
        assert one.other_ids.keys() <= view.record.other_ids.keys()


@given(gathered)
def test_keywords_are_those_of_all_records_and_each_has_its_origin(found: list[Record]):
    view = merged(found)
    words, origins = view.record.keywords, view.keyword_origins
    assert set(words) == {word for one in found for word in one.keywords}
    # None is of two records.
    assert len(set(zip(words, origins, strict=True))) == len(set(words))
    assert all(word in found[place].keywords for word, place in zip(words, origins, strict=True))


def test_one_keyword_in_two_cases_is_that_of_pubmed():
    other = record(1, source="a", keywords=("Wheezing", "telephone"))
    view = merged([other, record(2, keywords=("Telephone", "bees"))])
    assert view.record.keywords == ("Telephone", "bees", "Wheezing")
    assert view.keyword_origins == (1, 1, 0)
    # One alone stays as it is.
    assert together([other]).keywords == other.keywords


@given(gathered)
def test_a_report_is_known_by_its_first_record(found: list[Record]):
    view = merged(found).record
    assert (view.source, view.source_id) == (found[0].source, found[0].source_id)
    assert found[0].other_ids.items() <= view.other_ids.items()


@given(gathered)
def test_a_single_record_is_its_own_view(found: list[Record]):
    assert merged(found[:1]).record == found[0]


@given(gathered)
def test_a_view_merged_once_more_with_its_records_stays_the_same(found: list[Record]):
    view = merged(found)
    assert merged([view.record, *found]).record == view.record


@pytest.mark.parametrize(
    ("name", "values", "best"),
    [
        ("title", ["[Telephones in care]", "TELEPHONES IN CARE", "Telephones in care", "Telephones"], 2),
        ("title", ["", "[Telephones in care]"], 1),
        ("journal", ["J NOTHING", "J Noth", "Journal of Nothing"], 2),
        ("abstract", ["Short.", "Somewhat longer.", ""], 1),
        ("pages", ["1123", "1123-1129", "S1"], 1),
        ("pages", ["e12724", "1-6"], 1),
        # What most say.
        ("doi", ["10.5555/a", "10.5555/b", "10.5555/b"], 1),
        ("year", [2020, 2021, 2021], 1),
        ("year", [None, 2021, 2020], 1),
        ("pmid", ["1", "2"], 0),
        ("languages", [("a",), ("b", "c"), ("d", "e")], 1),
        (
            "authors",
            [
                (Author(family="Gray", given="J"), Author(family="Ng", given="C")),
                (Author(family="Gray", given="Jo"), Author(family="Ng", given="Chi")),
                (Author(family="Gray", given="Josephine Anna"),),
            ],
            1,
        ),
    ],
)
def test_the_best_value_is_taken(name: str, values: list[Any], best: int):
    found = [replace(record(number, source="a", title=""), **{name: value}) for number, value in enumerate(values)]
    view = merged(found)
    assert getattr(view.record, name) == values[best]
    assert view.origins[name] == best


def test_what_pubmed_gives_counts_before_what_more_or_longer_records_say():
    given_ = {"doi": "10.5555/b", "title": f"{TITLE}: of all that there is", "abstract": "The longest of them all."}
    of_pubmed = record(3, source="weekly", status="MEDLINE", doi="10.5555/a", title=TITLE, abstract="")
    view = merged([record(1, source="a", **given_), record(2, source="b", **given_), of_pubmed])
    assert (view.record.doi, view.record.title) == ("10.5555/a", TITLE)
    assert (view.record.abstract, view.origins["abstract"]) == ("The longest of them all.", 0)


def test_whether_the_by_line_is_complete_is_said_by_the_record_whose_by_line_it_is():
    short = record(1, authors=(Author(family="Gray"),), authors_complete=False)
    whole = record(2, authors=(Author(family="Gray"), Author(family="Ng")))
    assert merged([short, whole]).record.authors_complete
    assert not merged([short]).record.authors_complete


def test_records_are_left_as_they_are():
    one, other = record(1, other_ids={"wos": "1"}), record(2, title=f"{TITLE}: a trial", other_ids={"wos": "2"})
    merged([one, other])
    assert (one.other_ids, other.other_ids) == ({"wos": "1"}, {"wos": "2"})
    assert one.title == TITLE


def test_no_records_are_no_report():
    with pytest.raises(ValueError, match="at least one record"):
        merged([])
