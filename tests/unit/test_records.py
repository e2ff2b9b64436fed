"""A record as plain values: what is written by hand for speed says the same as the general way."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.text import folded
from living_review.records import Author, Record, Relation, hash_of

TEXT = st.text(max_size=4)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MAPPING = st.dictionaries(TEXT, TEXT, max_size=3)
AUTHORS = st.lists(st.builds(Author, family=TEXT, collective=TEXT, affiliations=TEXTS), max_size=2).map(tuple)
RELATIONS = st.lists(st.builds(Relation, kind=TEXT, pmid=TEXT), max_size=2).map(tuple)
RECORDS = st.builds(
    Record,
    source=TEXT,
    source_id=TEXT,
    kind=st.sampled_from(["article", "book", ""]),
    title=TEXT,
    authors=AUTHORS,
    authors_complete=st.booleans(),
    year=st.none() | st.integers(0, 2030),
    issn=TEXTS,
    relations=RELATIONS,
    dates=MAPPING,
    notes=MAPPING,
)


def general(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [general(item) for item in value]
    if isinstance(value, dict):
        return {key: general(item) for key, item in value.items() if item not in ("", ())}
    return value


@given(RECORDS)
def test_plain_values_are_the_fields_without_those_at_their_default(record: Record) -> None:
    default = Record(source="", source_id="")
    copied = asdict(record)
    expected = {
        item.name: general(copied[item.name])
        for item in fields(Record)
        if item.name in {"source", "source_id"} or copied[item.name] != getattr(default, item.name)
    }
    plain = record.to_dict()
    assert plain == expected
    assert list(plain) == list(expected)
    assert record.content_hash == hash_of(json.loads(json.dumps(plain)))


def test_a_record_reads_back() -> None:
    record = Record(
        source="pubmed",
        source_id="1",
        authors=(Author(family="Ng", affiliations=("Here",)), Author(collective="A group")),
        relations=(Relation(kind="RetractionIn", pmid="2"),),
        mesh=("Social Media*",),
        notes={"Grant": "1"},
    )
    assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_folded_as_every_other_text(text: str) -> None:
    plain = text.lower().replace("'", "")
    assert folded(text) == " ".join("".join(c if c.isalnum() else " " for c in plain).split())
    assert folded(f"{text}é") == f"{folded(text + 'e')}"


@pytest.mark.parametrize(
    ("family", "given", "short"),
    [
        ("Gray", "Jo-Ann Mary", "Gray JAM"),
        ("Gray", "JA", "Gray JA"),
        ("王", "小明", "王小明"),
        ("山田", "太郎", "山田太郎"),
        ("김", "민수", "김민수"),
        ("الخطيب", "ليلى", "الخطيب ل"),
    ],
)
def test_a_citation_shortens_given_names_where_they_have_initials(family: str, given: str, short: str) -> None:
    assert Author(family=family, given=given).short == short
