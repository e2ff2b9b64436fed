"""Which two records are one report, and which only look so: the cases that cost a review a study, or a reader an hour."""

from __future__ import annotations

import pytest

from living_review.dedupe.keys import author_key, folded, keys_of, title_key
from living_review.dedupe.match import decide, is_another_work
from living_review.records import Author, Record

TITLE = "Telephones in the care of wheezing subjects"


def record(number: int = 1, *, source: str = "pubmed", **changes: object) -> Record:
    values = {
        "source": source,
        "source_id": str(number),
        "title": TITLE,
        "authors": (Author(family="Gray", given="J"),),
        "year": 2020,
        "journal": "J Nothing",
        **changes,
    }
    return Record(**values)  # type: ignore[arg-type]


def rule(one: Record, other: Record) -> str | None:
    there, back = decide(one, other), decide(other, one)
    assert (there and there.rule) == (back and back.rule)
    return there and there.rule


# Records of PubMed, whatever its search is called


def test_two_pubmed_searches_give_one_report_by_pmid_and_two_by_different_pmids():
    wide = record(1, source="wide", pmid="1", status="MEDLINE", doi="10.5555/a")
    assert rule(record(1, pmid="1", status="MEDLINE", doi="10.5555/a"), wide) == "pmid"
    assert rule(record(2, pmid="2", status="MEDLINE", doi="10.5555/a"), wide) is None


def test_another_database_may_give_another_pmid_and_the_doi_still_tells():
    assert rule(record(1, pmid="1", doi="10.5555/a"), record(1, source="embase", pmid="2", doi="10.5555/a")) == "doi"


def test_one_pmid_is_one_report_also_where_only_pubmed_calls_it_a_preprint():
    assert rule(record(1, pmid="1", publication_types=("Preprint",)), record(1, source="embase", pmid="1")) == "pmid"


@pytest.mark.parametrize(
    ("changes", "against"),
    [
        ({"pmid": "1", "doi": "10.5555/a"}, None),
        ({"pmid": "1", "doi": "10.5555/B"}, {"doi": ["10.5555/a", "10.5555/b"]}),
        ({"pmid": "2", "doi": "10.5555/a"}, {"pmid": ["1", "2"]}),
        ({"pmid": "1", "title": "Bees of alpine meadows"}, {"title": [TITLE, "Bees of alpine meadows"]}),
        ({"pmid": "1"}, None),
    ],
)
def test_what_speaks_against_a_match_is_part_of_its_evidence(changes, against):
    match = decide(record(1, pmid="1", doi="10.5555/a"), record(1, source="embase", **changes))
    assert match is not None
    assert match.evidence.get("contradicts") == against


# Notices, preprints, supplements


@pytest.mark.parametrize("kind", ["Published Erratum", "Retraction of Publication", "Expression of Concern"])
def test_a_notice_under_the_title_of_its_article_is_a_report_of_its_own(kind):
    assert rule(record(1, pmid="1", publication_types=(kind,)), record(1, source="embase")) is None


@pytest.mark.parametrize("start", ["Correction: ", "Correction to: ", "Retraction: ", "Reply to ", "[Erratum: "])
def test_a_notice_is_known_by_its_title_where_nothing_else_tells(start):
    assert rule(record(1, title=start + TITLE, doi="10.5555/a"), record(1, source="embase", doi="10.5555/a")) is None


def test_two_databases_that_hold_one_notice_hold_one_report():
    notice = f"Correction: {TITLE}"
    assert rule(record(1, title=notice), record(1, source="embase", title=notice)) == "title_year_author"


def test_a_retracted_article_is_the_article():
    marked = record(1, title=f"RETRACTED: {TITLE}", doi="10.5555/a")
    assert rule(marked, record(1, source="embase", doi="10.5555/a")) == "doi"


def test_preprint_and_article_are_two_reports_even_under_one_doi():
    preprint = record(1, publication_types=("Journal Article", "Preprint"), doi="10.5555/a")
    assert rule(preprint, record(1, source="embase", doi="10.5555/a")) is None


def test_a_conference_abstract_is_not_the_article_of_the_same_title():
    assert rule(record(1), record(1, source="embase", kind="conference")) is None


# One source, two ids: only strong evidence


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"doi": "10.5555/a"}, "doi"),
        ({"doi": "10.5555/a", "title": TITLE + "."}, "doi"),
        ({"doi": "10.5555/a", "year": 2021}, None),
        ({"doi": "10.5555/a", "title": TITLE + " again"}, None),
        ({}, "title_year_author"),
        ({"journal": "Another J"}, None),
    ],
)
def test_two_ids_of_one_source(changes, expected):
    given: dict[str, object] = {"doi": "10.5555/a"} if "doi" in changes else {}
    assert rule(record(1, source="embase", **given), record(2, source="embase", **changes)) == expected


def test_pages_that_differ_part_two_records_of_one_source():
    assert rule(record(1, source="embase", pages="1-9"), record(2, source="embase", pages="10-19")) is None


# Keys


def test_text_is_folded_the_same_with_and_without_accents_and_in_any_script():
    assert folded("Élan — vital!") == folded("elan vital")
    assert folded("社交媒体 2") == "社交媒体 2"
    assert title_key(record(title="[A title in another tongue.]")) == title_key(
        record(title="A Title in another tongue")
    )
    assert title_key(record(title="Editorial")) == ""
    assert author_key(record(authors=(Author(collective="The Group"),))) == "thegroup"
    assert author_key(record(authors=())) == ""


def test_a_record_without_identifiers_and_with_a_short_title_has_no_key():
    assert keys_of(record(title="Reply")) == []
    assert keys_of(record(year=None)) == []


# The same id, another work


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "Bees and the pollination of alpine meadows", "authors": (Author(family="Brown"),)}, True),
        ({"title": "Bees and the pollination of alpine meadows", "year": 1999}, True),
        # The same author in the same year: a title given in another language.
        ({"title": "Bees and the pollination of alpine meadows"}, False),
        ({"title": "Bees and the pollination of alpine meadows", "year": 1999, "doi": "10.5555/A"}, False),
        ({"title": "Bees and the pollination of alpine meadows", "year": 1999, "other_ids": {"embase": "L1"}}, False),
        ({"title": TITLE + ": a trial", "authors": (Author(family="Brown"),)}, False),
        ({"title": "", "authors": (Author(family="Brown"),)}, False),
    ],
)
def test_a_record_under_the_id_of_another_work_is_told(changes, expected):
    known = record(1, source="embase", doi="10.5555/a", other_ids={"embase": "L1"})
    assert is_another_work(known, record(1, source="embase", **changes)) is expected


@pytest.mark.parametrize(
    "start",
    [
        "Author Correction: ",
        "Authors' correction: ",
        "Publisher Correction: ",
        "Retraction Note: ",
        "Retraction notice to ",
        "Response to: ",
        "Commentary on: ",
        "[Erratum to: ",
        "Corrigendum to ",
        "Expression of concern: ",
        "Reply to ",
    ],
)
def test_a_notice_is_no_copy_of_the_article_whose_doi_it_shares(start: str):
    title = "Asking patients on social media before a clinic is built: a long title that hides its first words"
    article = Record(source="pubmed", source_id="1", pmid="1", doi="10.5555/x", title=title, year=2020)
    notice = Record(source="embase", source_id="e", doi="10.5555/x", title=start + title, year=2020)
    assert decide(article, notice) is None
    assert decide(article, Record(source="embase", source_id="e", doi="10.5555/x", title=title, year=2020)) is not None


def test_an_article_that_begins_like_a_reply_is_linked_to_its_copy():
    title = "Response to treatment as patients tell it on social media"
    one = Record(source="pubmed", source_id="1", pmid="1", doi="10.5555/x", title=title, year=2020)
    assert decide(one, Record(source="embase", source_id="e", doi="10.5555/x", title=title, year=2020)) is not None
