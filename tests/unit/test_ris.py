"""RIS out and in again: what a record says survives, for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.records import Author, Record
from living_review.sources.files import read_bytes
from living_review.sources.ris import split_ris, write_ris
from living_review.sources.values import clean, dois

# Everything a person can type or paste, with the characters that break line formats well represented.
TEXT = st.text(max_size=120) | st.text(alphabet="aZ é\n\r\t-,;:<>&%1.\u2028\x85\ufeffTYERAU ", max_size=60)
NAME = st.text(
    alphabet=st.characters(exclude_characters=",;|\n\r", exclude_categories=("C", "Z")), min_size=1, max_size=12
)
AUTHORS = st.one_of(
    st.builds(Author, family=NAME, given=NAME),
    st.builds(lambda a, b: Author(family=f"{a} {b}"), NAME, NAME),
    st.builds(lambda words: Author(collective=" ".join(words)), st.lists(NAME, min_size=1, max_size=4)),
)
RECORDS = st.builds(
    Record,
    source=st.just("test"),
    source_id=st.just("1"),
    title=TEXT,
    abstract=TEXT,
    authors=st.lists(AUTHORS, max_size=4).map(tuple),
    year=st.none() | st.integers(1500, 2099),
    doi=st.from_regex(r"10\.[0-9]{4}/[a-z0-9()._-]{1,20}[a-z0-9]", fullmatch=True).filter(lambda d: dois(d) == (d,)),
)


def back(text: str) -> tuple[Record, ...]:
    return read_bytes("a.ris", text.encode(), "test").records


@settings(max_examples=300, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=3))
def test_a_record_written_and_read_says_the_same(records: list[Record]) -> None:
    text = write_ris(records)
    read = back(text)
    assert len(read) == len(records)
    for before, after in zip(records, read, strict=True):
        assert after.title == clean(before.title)
        # One line a value: the paragraphs of an abstract become one. A bare "NA" is no abstract but a note.
        assert " ".join(after.abstract.split()) in {clean(before.abstract), ""}
        assert after.abstract or clean(before.abstract) in {"", after.notes.get("AB", "")}
        assert [author.name for author in after.authors if author.name] == [
            clean(author.name) for author in before.authors if clean(author.name)
        ]
        assert after.year == before.year
        assert after.doi == before.doi
    assert write_ris(records) == text, "equal records give equal text"


@given(TEXT)
def test_no_text_can_start_a_tag_of_its_own(text: str) -> None:
    written = write_ris([Record(source="s", source_id="1", title="t", abstract=text)])
    lines = written.split("\n")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines if line)
    assert [line for line in lines if line.startswith("ER")] == ["ER  - "]
    assert written.endswith("ER  - \n\n")


def test_every_field_a_screening_tool_reads_is_written() -> None:
    record = Record(
        source="pubmed",
        source_id="123",
        kind="conference",
        title="Title",
        abstract="BACKGROUND: one.\nTY  - two",
        authors=(Author(family="van der Berg", given="A B"), Author(collective="Some Working Group")),
        year=2020,
        published="2020-05-12",
        journal="Journal of Things",
        journal_abbreviation="J Things",
        volume="5",
        issue="2",
        pages="10-15",
        pmid="123",
        pmcid="PMC9",
        doi="10.1000/xyz",
        issn=("1234-567X",),
        keywords=("one", "two"),
        mesh=("Humans",),
        languages=("eng",),
        publication_types=("Congress",),
        url="https://example.org/a",
        publisher="P",
    )
    text = write_ris([record], lambda r: {"N1": ["verdict: include", "by\nA"], "ID": [r.source_id]})
    assert text == (
        "TY  - CONF\nTI  - Title\nAU  - van der Berg, A B\nAU  - Some Working Group\nPY  - 2020\nDA  - 2020/05/12\n"
        "T2  - Journal of Things\nJ2  - J Things\nVL  - 5\nIS  - 2\nSP  - 10\nEP  - 15\nPB  - P\nSN  - 1234-567X\n"
        "DO  - 10.1000/xyz\nUR  - https://example.org/a\nAN  - 123\nC2  - PMC9\nLA  - eng\nM3  - Congress\nKW  - one\n"
        "KW  - two\nKW  - Humans\nAB  - BACKGROUND: one. TY - two\nU1  - 123[pmid]\nN1  - verdict: include\nN1  - by A\n"
        "ID  - 123\nER  - \n\n"
    )
    (again,) = back(text)
    for name in ("kind", "title", "authors", "year", "published", "journal", "journal_abbreviation", "volume", "issue"):
        assert getattr(again, name) == getattr(record, name), name
    for name in ("pages", "pmid", "pmcid", "doi", "issn", "url", "publisher", "source_id", "languages"):
        assert getattr(again, name) == getattr(record, name), name


@pytest.mark.parametrize("tag", ["TY", "ER", "note", "A", "A1  - x"])
def test_extra_tags_cannot_break_the_file(tag: str) -> None:
    with pytest.raises(ValueError, match="no RIS tag"):
        write_ris([Record(source="s", source_id="1", title="t")], lambda record: {tag: ["x"]})


def test_no_records_give_no_text() -> None:
    assert write_ris([]) == ""


def test_entries_know_their_lines_and_what_stands_between_them_is_said() -> None:
    text = "Record #1 of 2\n1.\nTY  - JOUR\nTI  - One\nER  - \n\n2.\nTY  - JOUR\nTI  - Two\nER  -\nNL  - Note\n\n"
    entries, remarks = split_ris("a.ris", text)
    assert [entry.line for entry in entries] == [3, 8]
    assert entries[1].fields[-1] == ("NL", "Note")
    assert any("lines 1-2, 7" in remark for remark in remarks)
    assert any("line 11" in remark for remark in remarks)
