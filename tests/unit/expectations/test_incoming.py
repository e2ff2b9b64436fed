"""Which records are held back, and that real ones are not."""

from datetime import date
from pathlib import Path

import pytest

from expectations.incoming import SUITE, incoming_validator, validate_incoming
from expectations.suite import suite_from_json, suite_json
from living_review.errors import LivingReviewError
from living_review.records import Record
from living_review.sources.files import read_file
from living_review.sources.medline import parse_articles
from living_review.validation import incoming_frame

TODAY = date(2026, 11, 23)
DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"


def record(number=1, **changes):
    plain = {
        "source": "pubmed",
        "source_id": str(number),
        "title": "On listening",
        "abstract": "We listened.",
        "year": 2020,
        "doi": "10.1177/2055207621996870",
        "pmid": "33717499",
    }
    return Record(**{**plain, **changes})


def report_on(*records):
    report = validate_incoming(incoming_frame(records), TODAY, len(records))
    assert report.errors == ()
    assert report.table_failures == ()
    return report


def messages(*records):
    return [(failure.row_key, failure.message) for failure in report_on(*records).failures]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "", "abstract": "", "vernacular_title": "Über das Zuhören"},
        {"title": ""},
        {"abstract": ""},
        {"doi": "", "pmid": "", "year": None},
        {"year": 2027},
        {"year": 1500},
        {"doi": "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"},
        {"doi": "10.1000.10/123"},
        {"pmid": "1"},
        {"title": "聴くこと"},
        {"title": "t" * 5000},
    ],
)
def test_records_that_enter(changes):
    assert report_on(record(1), record(2, **changes)).passed


@pytest.mark.parametrize(
    ("changes", "rule", "message"),
    [
        (
            {"source_id": " "},
            "identified",
            "source id: found nothing; allowed: the identifier that the source gave",
        ),
        (
            {"title": " ", "abstract": "\n"},
            "readable",
            "title: found nothing; allowed: a title or an abstract, in whatever language",
        ),
        ({"year": 20200}, "year", "year: found 20200; allowed: from 1500 to next year"),
        ({"year": 2028}, "year", "year: found 2028; allowed: from 1500 to next year"),
        ({"year": 99}, "year", "year: found 99; allowed: from 1500 to next year"),
        (
            {"doi": "doi:10.1/x"},
            "doi",
            "DOI: found doi:10.1/x; allowed: 10., a number, a slash and a name without white space",
        ),
        (
            {"doi": "10.1177/a 10.1177/b"},
            "doi",
            "DOI: found 10.1177/a 10.1177/b; allowed: 10., a number, a slash and a name without white space",
        ),
        ({"pmid": "PMC12"}, "pmid", "PMID: found PMC12; allowed: one to nine digits, the first not zero"),
        ({"pmid": "012"}, "pmid", "PMID: found 012; allowed: one to nine digits, the first not zero"),
        ({"journal": "j" * 5001}, "length", "characters of the longest field: found 5001; allowed: at most 5,000"),
    ],
)
def test_a_record_that_is_held_back(changes, rule, message):
    report = report_on(record(1), record(2, **changes))

    assert [(failure.rule, failure.message) for failure in report.failures] == [(rule, message)]
    assert "pubmed:1" not in report.failing_keys


def test_an_abstract_that_is_a_whole_file():
    ((key, message),) = messages(record(1), record(2, abstract="a" * 200_001))

    assert key == "pubmed:2"
    assert message.startswith("abstract: found aaaa")
    assert message.endswith("…; allowed: at most 200,000 characters")
    assert len(message) < 300


def test_of_two_records_with_one_identity_the_first_enters():
    assert messages(record(1), record(1, title="Again"), record(1), record(1, source="embase")) == [
        ("pubmed:1#2", "occurrence of this source id in the delivery: found 2; allowed: once; the first one was taken"),
        ("pubmed:1#3", "occurrence of this source id in the delivery: found 3; allowed: once; the first one was taken"),
    ]


def test_every_row_has_a_key_of_its_own():
    frame = incoming_frame([record("1#2"), record(1), record(1)])

    assert frame["record_key"].tolist() == ["pubmed:1#2", "pubmed:1", "pubmed:1#2'"]


def test_records_of_which_nobody_knows_the_year_doi_or_pmid():
    report = report_on(*(record(n, year=None, doi="", pmid="", abstract="") for n in range(3)))

    assert report.passed
    assert report.nothing_to_check == ("year: year", "DOI: doi", "PMID: pmid", "abstract: abstract length")


def test_a_delivery_of_nothing():
    report = validate_incoming(incoming_frame([]), TODAY, 0)

    assert report.passed
    assert len(report.nothing_to_check) == len(SUITE.expectations)


def test_a_delivery_that_lost_records():
    assert not validate_incoming(incoming_frame([record()]), TODAY, 2).passed


def test_the_check_as_steps_take_it():
    report = incoming_validator(TODAY)(incoming_frame([record(year=2030)]))

    assert (report.rows, report.failing_keys) == (1, {"pubmed:1"})


def test_the_suite_is_the_same_every_year():
    assert suite_from_json(suite_json(SUITE)).sha256 == SUITE.sha256
    assert b"2026" not in suite_json(SUITE)


@pytest.mark.skipif(not DATA.exists(), reason="the recorded PubMed files are not here")
def test_no_real_record_of_pubmed_is_held_back():
    records = {}
    for path in sorted((DATA / "pubmed" / "efetch").glob("*.xml")):
        try:
            found = [one for one in parse_articles(path.read_bytes(), path.name) if isinstance(one, Record)]
        except LivingReviewError:
            continue
        records |= {one.source_id: one for one in found}

    report = report_on(*records.values())

    assert report.rows > 250
    assert report.failures == ()
    assert report.nothing_to_check == ()


@pytest.mark.skipif(not DATA.exists(), reason="the collection of real exports is not here")
def test_of_real_exports_only_records_without_title_and_abstract_are_held_back():
    records = []
    for path in sorted((DATA / "exports").rglob("*.*")):
        try:
            records += read_file(path, path.name).records if path.is_file() else []
        except LivingReviewError:
            continue

    report = report_on(*records)

    bare = [one for one in records if not (one.title or one.vernacular_title or one.abstract)]
    assert report.rows > 10_000
    assert {failure.rule for failure in report.failures if failure.rule != "once"} == {"readable"}
    assert len([failure for failure in report.failures if failure.rule == "readable"]) == len(bare)
    assert len(bare) < report.rows / 100
