"""The local PubMed's movable clock: articles arrive, get MeSH, change, vanish and are retracted on given days."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest
from lxml import etree

from infra.local.pubmed import Corpus, LocalPubMed
from infra.local.pubmed.schedule import Change
from infra.local.pubmed.search import search
from living_review.errors import InvalidFile
from living_review.sources.medline import parse_articles
from tests.integration.test_local_pubmed import article, as_set

ROOT = Path(__file__).resolve().parents[2]
CHANGES = """
- {on: 2026-03-16, replace: later/corrected.xml}
- {on: 2026-03-02, add: later/new.xml}
- {on: 2026-03-09, mesh: 9, headings: [Social Media/*methods, Humans]}
- {on: 2026-04-01, retract: 2, notice: later/notice.xml}
- {on: 2026-04-02, remove: 1}
- {on: 2026-04-03, retract: 3, notice: 20}
- {on: 2026-04-04, retract: 4}
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "records"
    (folder / "later").mkdir(parents=True)
    (folder / "a.xml").write_bytes(
        as_set(*(article(n, f"Asthma {n}") for n in range(1, 6)), article(6, "Asthma 6", entered="2026-03-20"))
    )
    (folder / "later" / "new.xml").write_bytes(as_set(article(9, "Asthma 9")))
    (folder / "later" / "corrected.xml").write_bytes(as_set(article(5, "Wheeze 5", revised="2026-03-15")))
    (folder / "later" / "notice.xml").write_bytes(
        as_set(article(20, "Retraction: Asthma 2", types="Retraction Notice"))
    )
    (folder / "changes.yaml").write_text(CHANGES)
    return folder


def found(corpus, query="asthma[ti]"):
    return "".join(search(corpus, query).pmids)


def day(text):
    return date.fromisoformat(text)


STORY = [
    ("2026-03-01", {"asthma[ti]": "54321", "social media[mh]": "", "wheeze[ti]": "", "all[sb]": "54321"}),
    ("2026-03-02", {"asthma[ti]": "954321", "social media[mh]": "", "medline[sb]": "954321"}),
    ("2026-03-09", {"asthma[ti]": "954321", "social media[mh]": "9", "social media[majr]": "9", "2026/03/09[mhda]": "9", "2026/03/09[lr]": "9"}),
    ("2026-03-16", {"asthma[ti]": "94321", "wheeze[ti]": "5"}),
    ("2026-03-20", {"asthma[ti]": "964321"}),
    ("2026-04-01", {"asthma[ti]": "20964321", "retracted publication[pt]": "2", "hasretractionin": "2", "2026/04/01[mdat]": "2"}),
    ("2026-04-02", {"asthma[ti]": "2096432", "1[uid]": "", "1:3[uid]": "32"}),
    ("2026-04-03", {"hasretractionin": "32"}),
    ("2026-04-04", {"hasretractionin": "432", "retracted publication[pt]": "432", "all[sb]": "20965432"}),
]  # fmt: skip


@pytest.mark.parametrize("days", [STORY, STORY[::-1]], ids=["forth", "back"])
@pytest.mark.parametrize("kept", [True, False], ids=["kept index", "own index"])
def test_every_day_shows_its_own_state_in_any_order(folder, tmp_path, days, kept):
    corpus = Corpus([folder], cache=tmp_path / "cache" if kept else None)
    assert corpus.broken == []
    for when, expected in days:
        corpus.advance(day(when))
        assert {query: found(corpus, query) for query in expected} == expected, when
        assert corpus.shown_count() == len(corpus.shown())


def test_without_a_clock_everything_has_happened(folder):
    corpus = Corpus([folder])
    assert (found(corpus, "all[sb]"), found(corpus, "hasretractionin")) == ("20965432", "432")
    assert corpus.article("1") is None
    assert sorted(int(one.pmid) for one in corpus.every()) == [1, 2, 3, 4, 5, 6, 9, 20]
    assert corpus.advance(day("2026-03-01")) == ["1"]
    assert corpus.advance(None) == ["20", "9", "6"]


def test_advancing_tells_what_appears(folder):
    corpus = Corpus([folder], clock=day("2026-03-01"))
    assert corpus.advance(day("2026-03-02")) == ["9"]
    assert corpus.advance(day("2026-03-19")) == []
    assert corpus.advance(day("2026-04-04")) == ["20", "6"]


def test_the_record_of_each_day_is_its_own(folder):
    corpus = Corpus([folder], clock=day("2026-03-08"))
    before = corpus.article("9").xml
    assert before.decode() == article(9, "Asthma 9")
    corpus.advance(day("2026-03-09"))
    (record,) = parse_articles(corpus.article("9").xml)
    root = corpus.article("9").element()
    assert root.xpath("//DescriptorName[.='Social Media']/../QualifierName/@MajorTopicYN") == ["Y"]
    assert [child.tag for child in root.find("MedlineCitation")] == [
        "PMID", "DateCompleted", "DateRevised", "Article", "MedlineJournalInfo", "MeshHeadingList"]  # fmt: skip
    assert record.source_id == "9"
    assert corpus.article("9").dates["crdt"] == ("2020-01-15",)
    corpus.advance(day("2026-04-01"))
    retracted = corpus.article("2").element()
    assert retracted.xpath("//CommentsCorrections[@RefType='RetractionIn']/PMID/text()") == ["20"]


def test_files_of_days_to_come_are_no_records_of_their_own(folder):
    corpus = Corpus([folder], clock=day("2026-01-01"))
    assert (found(corpus), corpus.read_files, corpus.repeated) == ("54321", 1, [])


def test_changes_can_be_scheduled_from_python(folder, tmp_path):
    (folder / "changes.yaml").unlink()
    corpus = Corpus([folder / "a.xml"], clock=day("2026-01-01"))
    corpus.schedule(
        [Change(on=day("2026-02-01"), mesh=1, headings=("Asthma",)), Change(on=day("2026-02-02"), remove=1)]
    )
    states = []
    for when in ("2026-01-31", "2026-02-01", "2026-02-02"):
        corpus.advance(day(when))
        states.append((found(corpus, "asthma[mh]"), found(corpus, "1[uid]")))
    assert states == [("", "1"), ("1", "1"), ("", "")]
    corpus.add(article(1, "Asthma 1, anew").encode())
    assert found(corpus, "anew[ti]") == "1"


def test_a_change_at_run_time_takes_the_place_of_what_was_scheduled(folder):
    corpus = Corpus([folder], clock=day("2026-03-01"))
    corpus.replace(article(2, "Asthma 2, at once").encode())
    corpus.advance(day("2026-04-10"))
    assert (found(corpus, "once[ti]"), found(corpus, "hasretractionin")) == ("2", "43")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {on: 2026-03-01, remove: 77}", "on 2026-03-01 PMID 77 is not there"),
        ("- {on: 2026-03-01, remove: 6}", "on 2026-03-01 PMID 6 is not there"),  # not yet
        ("- {on: 2026-03-01, add: a.xml}\n", "on 2026-03-01 PMID 1 is there already"),
        ("- {on: 2026-03-01, add: nowhere.xml}", "nowhere.xml cannot be read"),
        ("- {on: 2026-03-01}", "entry 1 is no change"),
        ("- {on: 2026-03-01, remove: 1}\n- {on: 2026-03-01, remove: 1, mesh: 1}", "entry 2 is no change"),
        ("- {on: soon, remove: 1}", "entry 1 is no change (on: "),
        ("- {on: 2026-03-01, vanish: 1}", "entry 1 is no change (vanish: "),
        ("- {on: 2026-03-01, mesh: 1}", "headings belong to mesh"),
        ("just text", "the list is no change"),
        ("- [", "cannot be read as YAML"),
    ],
)
def test_a_document_that_does_not_fit_is_told_by_entry(folder, text, said):
    (folder / "b.xml").write_bytes((folder / "a.xml").read_bytes())
    (folder / "changes.yaml").write_text(text)
    with pytest.raises(InvalidFile) as told:
        Corpus([folder])
    assert said in str(told.value)
    assert "changes.yaml" in str(told.value)


@pytest.mark.server
def test_the_clock_moves_over_http_when_that_is_allowed(folder):
    with LocalPubMed(Corpus([folder], clock=day("2026-03-01")), admin=True) as server:
        clock = server.url.replace("/entrez/eutils/", "/local/clock")

        def ask(method, **given):
            return httpx.request(method, clock, trust_env=False, **given)

        assert ask("GET").json() == {"day": "2026-03-01", "appeared": []}
        assert ask("POST", data={"day": "2026-03-02"}).json() == {"day": "2026-03-02", "appeared": ["9"]}
        fetched = httpx.get(f"{server.url}efetch.fcgi?db=pubmed&id=9", trust_env=False)
        assert etree.fromstring(fetched.content).findtext(".//ArticleTitle") == "Asthma 9"
        assert (ask("POST", data={"day": "soon"}).status_code, ask("GET").json()["day"]) == (400, "2026-03-02")
        assert ask("POST", data={"day": ""}).json()["day"] is None
        assert [one.utility for one in server.requests] == ["efetch"]
    with LocalPubMed(Corpus([folder])) as server:
        closed = httpx.post(
            server.url.replace("/entrez/eutils/", "/local/clock"), data={"day": "2026-03-02"}, trust_env=False
        )
        assert (closed.status_code, server.corpus.clock) == (404, None)


@pytest.mark.server
def test_the_command_serves_a_folder_with_its_changes(folder, tmp_path):
    command = [sys.executable, "-m", "infra.local.pubmed", "--records", str(folder), "--index", str(tmp_path / "index")]
    command += ["--clock", "2026-03-01", "--admin"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            url = process.stdout.readline().strip()
            moved = httpx.post(
                url.replace("/entrez/eutils/", "/local/clock"), data={"day": "2026-03-02"}, trust_env=False
            )
            assert moved.json()["appeared"] == ["9"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
