"""The made-up records: clearly made up, the same every time, and their answer key fits the text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from importlib.resources import files

import pytest
import rispy
from lxml import etree
from ruamel.yaml import YAML

from infra.local import fictional
from infra.local.pubmed import Corpus
from infra.local.pubmed.search import search
from living_review.countries import country_names
from living_review.sources.files import read_bytes
from living_review.sources.medline import parse_articles

TEMPLATE = YAML(typ="safe").load(files("living_review").joinpath("template", "review.yaml").read_text(encoding="utf-8"))
QUERY = next(one["query"] for one in TEMPLATE["searches"] if one["source"] == "pubmed")
FIELDS = {field["name"]: field for field in TEMPLATE["charting"]["fields"]}


@pytest.fixture(scope="module")
def key():
    return {one.pmid: one for one in fictional.truth() if one.pmid}


@pytest.fixture
def corpus():
    made = Corpus()
    made.add(fictional.as_set(fictional.baseline()))
    return made


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    assert fictional.records() == fictional.records(seed=0)
    assert fictional.records(seed=1) != fictional.records()
    assert [etree.fromstring(one).findtext("*/PMID") for one in fictional.records()] == [
        str(fictional.FIRST_PMID + at) for at in range(len(fictional.records()))
    ]


def test_every_record_says_that_it_is_made_up():
    for xml in fictional.records():
        assert fictional.MARK.encode() in xml
        assert int(re.search(rb"<PMID[^>]*>(\d+)", xml)[1]) > 90_000_000
        assert all(doi.startswith(b"10.5555/") for doi in re.findall(rb'(?:IdType|EIdType)="doi"[^>]*>([^<]+)', xml))
        assert re.search(rb"Fict|Imag|Made-up|Invent|Hypothet|Pretend", xml)


def test_how_many_there_are(key):
    assert 300 <= len(fictional.baseline()) <= 320
    baseline = [one for one in key.values() if not one.new]
    assert sum(one.eligible for one in baseline) == 45
    assert len(fictional.week_later().added) == 13
    assert sum(one.eligible for one in key.values() if one.new) == 4
    assert {one.year for one in baseline} >= set(range(2015, 2027))


def test_it_holds_what_real_results_hold():
    everything = b"".join(fictional.records())
    types = Counter(re.findall(rb"<PublicationType[^>]*>([^<]+)", everything))
    assert types[b"Preprint"] == 2 and types[b"Published Erratum"] == 1 and types[b"Retraction Notice"] == 1
    assert types[b"Retracted Publication"] == 1 and types[b"English Abstract"] >= 4
    assert types[b"Letter"] + types[b"Editorial"] >= 8
    for wanted in (b"<PubmedBookArticle>", b"<CollectiveName>", b"<VernacularTitle>", b"<i>", b"<sub>", b"&amp;", b"&lt;",
                   b"<MedlineDate>", "架空".encode(), "مستشفى".encode(), "가상".encode(), "Вигад".encode(), "Φαντ".encode()):  # fmt: skip
        assert wanted in everything, wanted
    untranslated = [xml for xml in fictional.records() if b"<VernacularTitle>" in xml]
    assert all(re.search(rb"<ArticleTitle>\[.*\]</ArticleTitle>", xml) for xml in untranslated)
    without_abstract = [xml for xml in fictional.records() if b"<Abstract" not in xml]
    assert 10 <= len(without_abstract) <= 30


def test_titles_and_dois_are_all_different(key):
    assert len({one.doi for one in fictional.truth()}) == len(fictional.truth())
    assert max(Counter(one.title for one in fictional.truth()).values()) == 1


def test_the_parser_of_the_package_reads_them_all():
    records = list(parse_articles(fictional.as_set(fictional.records())))
    assert len(records) == len(fictional.records())
    assert all(record.title and record.doi.startswith("10.5555/") for record in records)
    assert sum(bool(record.abstract) for record in records) > 290


def test_the_templates_search_finds_every_eligible_record_without_a_warning(corpus, key):
    result = search(corpus, QUERY)
    assert (result.quoted_phrases_not_found, result.phrases_not_found, result.messages) == ([], [], [])
    eligible = {pmid for pmid, one in key.items() if one.eligible and not one.new}
    assert eligible <= set(result.pmids)
    assert 120 <= len(result.pmids) <= 230  # there is something to leave out
    week = fictional.week_later()
    corpus.add(fictional.as_set(week.added))
    corpus.replace(fictional.as_set(week.replaced))
    later = search(corpus, QUERY)
    assert {pmid for pmid, one in key.items() if one.eligible} <= set(later.pmids)
    assert set(result.pmids) <= set(later.pmids)


def test_every_reason_and_every_charted_answer_is_one_of_the_templates():
    reasons = {reason["id"] for reason in TEMPLATE["eligibility"]["exclude"]}
    seen = set()
    for one in fictional.truth():
        assert one.eligible == (one.charting is not None) == (one.reason == "")
        if not one.eligible:
            seen.add(one.reason)
            continue
        answers = one.charting.to_dict()
        assert answers.keys() == FIELDS.keys()
        assert answers["country"] in country_names()
        assert answers["model"][0] in {model["id"] for model in TEMPLATE["typology"]["models"]}
        for name, field in FIELDS.items():
            if field["type"] in {"choice", "multi_choice"} and "options" in field:
                allowed = {option["value"] if isinstance(option, dict) else option for option in field["options"]}
                given = answers[name] if isinstance(answers[name], list) else [answers[name]]
                assert given and set(given) <= allowed, (name, given)
    assert seen == reasons


def test_the_answer_can_be_read_from_the_abstract(key):
    for record in parse_articles(fictional.as_set(fictional.records())):
        one = key[record.pmid]
        if one.eligible:
            assert one.charting.key_finding in record.abstract
            assert one.charting.aim in record.abstract
            assert f"included {one.charting.sample_size} " in re.sub(r"(?<=\d)\s(?=\d{3}\b)", "", record.abstract)
            assert one.charting.communication_model.replace("_", "-") in record.abstract
            assert one.charting.design in record.abstract
            assert all(f"'{stage}'" in record.abstract for stage in one.charting.qi_stage)
            assert one.year == record.year


def test_a_week_later_an_included_study_is_retracted_and_a_preprint_has_its_article(corpus, key):
    week = fictional.week_later()
    corpus.add(fictional.as_set(week.added))
    corpus.replace(fictional.as_set(week.replaced))
    (retracted,) = search(corpus, "hasretractionin").pmids
    (notice,) = search(corpus, "hasretractionof").pmids
    assert key[retracted].eligible and not key[retracted].new
    assert key[notice].new and key[notice].reason == "wrong_publication"
    record = next(iter(parse_articles(corpus.article(retracted).xml)))
    assert [(link.kind, link.pmid) for link in record.relations] == [("RetractionIn", notice)]
    assert "Retracted Publication" in record.publication_types
    (preprint,) = [pmid for pmid in search(corpus, "preprint[pt]").pmids if key[pmid].year == 2026]
    link = next(iter(parse_articles(corpus.article(preprint).xml))).relations[0]
    assert (link.kind, key[link.pmid].new) == ("UpdateIn", True)
    assert key[link.pmid].study == key[preprint].study


def test_the_clock_shows_the_same_as_the_baseline():
    whole = Corpus(clock=fictional.BASELINE)
    whole.add(fictional.as_set(fictional.records()))
    assert len(whole.shown()) == len(fictional.baseline())
    assert len(whole.advance(fictional.WEEK_LATER)) == len(fictional.week_later().added)


def test_embase_file(key):
    text = fictional.embase_export()
    entries = rispy.loads(text.replace("\r\n", "\n"))
    assert len(entries) == 20
    shared = [pmid for source, _, pmid in fictional.duplicates() if source == "embase"]
    assert len(shared) == 12 + 2  # with those of the later week
    assert fictional.MARK in text
    read = read_bytes("export.ris", text.encode(), "embase")
    assert len(read.records) == 20 and all(record.title and record.authors and record.year for record in read.records)
    assert 1 <= sum(not record.doi for record in read.records) <= 6


def test_scopus_file(key):
    text = fictional.scopus_export()
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 15
    assert all(fictional.MARK in row["Abstract"] and row["EID"].startswith("2-s2.0-") for row in rows)
    assert sum(source == "scopus" for source, _, _ in fictional.duplicates()) == 9
    read = read_bytes("export.csv", text.encode(), "scopus")
    assert len(read.records) == 15 and all(record.title and record.authors and record.year for record in read.records)


def test_the_later_file_holds_a_record_that_pubmed_had_all_along(key):
    read = read_bytes("week.ris", fictional.week_later_ris().encode(), "embase")
    assert len(read.records) == 3
    ids = {record.other_ids.get("embase") or record.source_id for record in read.records}
    held = [key[pmid] for source, number, pmid in fictional.duplicates() if source == "embase" and number in ids]
    assert sorted((one.eligible, one.new) for one in held) == [(True, False), (True, True)]


def test_the_baseline_can_be_served(tmp_path):
    assert len(Corpus([fictional.write_baseline(tmp_path / "records").parent])) == len(fictional.baseline())
