"""The local PubMed's index: kept between starts, only changed files read again, articles read back from their files."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.pubmed import Corpus
from infra.local.pubmed.schedule import Change
from infra.local.pubmed.search import search
from living_review.errors import InvalidFile, UsageError
from tests.integration.test_local_pubmed import BOOK, article, as_set

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "pubmed" / "efetch"


def update(*articles, gone=()):
    pmids = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in gone)
    return as_set(*articles, f"<DeleteCitation>{pmids}</DeleteCitation>" if gone else "")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "1.xml").write_bytes(as_set(article(1, "Asthma one"), article(2, "Asthma two"), BOOK))
    (folder / "2.xml").write_bytes(as_set(article(3, "Asthma three")))
    return folder


@pytest.fixture
def start(folder, tmp_path):
    """Starts on the kept index, and ends the one before."""
    before = []

    def start(**more):
        for corpus in before:
            corpus.close()
        before[:] = [Corpus([folder], cache=tmp_path / "cache", **more)]
        return before[0]

    return start


def titles(corpus, query="asthma[ti]"):
    return [corpus.article(pmid).element().findtext(".//ArticleTitle") for pmid in search(corpus, query).pmids]


def test_a_second_start_reads_no_file(start, folder):
    assert start().read_files == 2
    again = start()
    assert (again.read_files, len(again)) == (0, 4)
    assert titles(again) == ["Asthma three", "Asthma two", "Asthma one"]
    assert again.article("500").xml == BOOK.encode()
    assert [(one.pmid, Path(one.file).name) for one in again.every()] == [
        ("1", "1.xml"), ("2", "1.xml"), ("3", "2.xml"), ("500", "1.xml")]  # fmt: skip


def test_only_what_changed_is_read_again(start, folder):
    start()
    (folder / "2.xml").write_bytes(as_set(article(3, "Wheeze three"), article(4, "Asthma four")))
    (folder / "3.xml").write_bytes(as_set(article(5, "Asthma five")))
    changed = start()
    assert changed.read_files == 2
    assert titles(changed) == ["Asthma five", "Asthma four", "Asthma two", "Asthma one"]
    assert titles(changed, "wheeze[ti]") == ["Wheeze three"]
    (folder / "1.xml").unlink()
    less = start()
    assert (less.read_files, len(less), less.article("1")) == (0, 3, None)
    assert titles(less) == ["Asthma five", "Asthma four"]


def test_a_file_touched_but_the_same_serves_the_same(start, folder):
    start()
    os.utime(folder / "1.xml", ns=(1, 1))
    touched = start()
    assert (touched.read_files, len(touched)) == (1, 4)
    assert titles(touched) == ["Asthma three", "Asthma two", "Asthma one"]


def test_when_the_newer_revision_goes_the_older_one_is_served_again(start, folder):
    (folder / "3.xml").write_bytes(as_set(article(1, "Asthma one, mended", revised="2021-01-01")))
    newer = start()
    assert titles(newer)[-1] == "Asthma one, mended"
    assert [(pmid, Path(file).name) for pmid, file in newer.repeated] == [("1", "1.xml")]
    (folder / "3.xml").unlink()
    older = start()
    assert (titles(older)[-1], older.repeated, older.read_files) == ("Asthma one", [], 0)


def test_of_equal_revisions_the_later_file_counts(start, folder):
    (folder / "3.xml").write_bytes(as_set(article(1, "Asthma one, sent again")))
    assert titles(start())[-1] == "Asthma one, sent again"


def test_an_update_file_deletes_what_files_before_it_hold(start, folder):
    (folder / "3.xml").write_bytes(update(article(6, "Asthma six"), gone=("1", "77")))
    assert titles(start()) == ["Asthma six", "Asthma three", "Asthma two"]
    (folder / "4.xml").write_bytes(as_set(article(1, "Asthma one, back")))
    assert titles(start())[-1] == "Asthma one, back"
    (folder / "4.xml").unlink()
    assert start().article("1") is None
    (folder / "3.xml").unlink()
    assert titles(start())[-1] == "Asthma one"


def test_gzipped_files_are_served_as_they_are(start, folder):
    plain = (folder / "1.xml").read_bytes()
    (folder / "1.xml.gz").write_bytes(gzip.compress(plain))
    (folder / "1.xml").unlink()
    corpus = start()
    assert titles(corpus) == ["Asthma three", "Asthma two", "Asthma one"]
    assert corpus.article("1").xml in plain
    (folder / "1.xml.gz").write_bytes(gzip.compress(plain)[:-20])
    cut = start()
    assert titles(cut) == ["Asthma three"]
    assert [(Path(file).name, reason[:22]) for file, reason in cut.broken] == [("1.xml.gz", "not a whole gzip file ")]


def test_what_is_not_served_is_told_at_every_start(start, folder):
    (folder / "3.xml").write_bytes(as_set(article(7)) + b"<")
    (folder / "4.xml").write_bytes(as_set(article("").replace(">\n", ">", 1)))
    told = [(Path(file).name, reason.partition(" (")[0]) for file, reason in start().broken]
    assert told == [("3.xml", "not well-formed XML"), ("4.xml", "article 1 has no PMID")]
    assert [Path(file).name for file, _ in start().broken] == ["3.xml", "4.xml"]


def test_changes_at_run_time_stay_out_of_the_kept_index(start):
    corpus = start()
    corpus.replace(article(1, "Asthma one, changed").encode())
    corpus.remove("2")
    corpus.add(article(9, "Asthma nine").encode())
    assert titles(corpus) == ["Asthma nine", "Asthma three", "Asthma one, changed"]
    assert titles(start()) == ["Asthma three", "Asthma two", "Asthma one"]


def test_a_file_that_changes_while_it_is_served_is_no_silent_gap(start, folder):
    corpus = start()
    (folder / "2.xml").write_bytes(b" " + as_set(article(3, "Asthma three")))
    with pytest.raises(InvalidFile, match="changed while it was served"):
        corpus.article("3")
    assert corpus.article("1") is not None


def test_an_index_that_is_none_or_of_another_format_is_made_anew(start, tmp_path):
    start()
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    assert start().read_files == 2
    for left in (tmp_path / "cache").glob("*.sqlite-*"):
        left.unlink()
    file.write_bytes(b"this is no database" * 100)
    assert (start().read_files, start().read_files) == (2, 0)


def test_other_places_have_an_index_of_their_own(start, folder, tmp_path):
    start()
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "2.xml").unlink()
    assert len(Corpus([other], cache=tmp_path / "cache")) == 3
    assert (start().read_files, len(start())) == (0, 4)


def test_a_folder_for_indexes_that_cannot_be_made_is_told(folder, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match=r"taken"):
        Corpus([folder], cache=tmp_path / "taken" / "cache")


def test_the_clock_works_on_a_kept_index(start, folder):
    (folder / "3.xml").write_bytes(as_set(article(8, "Asthma eight", entered="2022-01-01")))
    start()
    corpus = start(clock=date(2021, 1, 1))
    assert (len(titles(corpus)), corpus.article("8")) == (3, None)
    assert corpus.advance(date(2022, 1, 1)) == ["8"]
    assert len(titles(corpus)) == 4
    assert corpus.advance(date(2020, 1, 14)) == []
    assert search(corpus, "all[sb]").pmids == ["500"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real records are not beside this checkout")
def test_real_records_come_back_from_a_kept_index_byte_for_byte(tmp_path):
    first = {one.pmid: one.xml for one in Corpus([REAL], cache=tmp_path).every()}
    second = Corpus([REAL], cache=tmp_path)
    assert second.read_files == 0
    assert {one.pmid: one.xml for one in second.every()} == first
    assert len(first) > 400


# Any history of a folder leaves the index that a fresh start would make

some_article = st.tuples(st.integers(1, 6), st.sampled_from(["alfa", "beta", "gamma"]), st.integers(1, 3))
one_file = st.one_of(
    st.none(),  # not there
    st.just("broken"),
    st.tuples(st.lists(some_article, max_size=4, unique_by=lambda one: one[0]), st.lists(st.integers(1, 6), max_size=2)),
)  # fmt: skip
folders = st.lists(one_file, min_size=3, max_size=3)


def write(folder, files):
    for number, held in enumerate(files):
        plain, packed = folder / f"{number}.xml", folder / f"{number}.xml.gz"
        plain.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)
        if held is None:
            continue
        body = b"<PubmedArticleSet>"
        if held != "broken":
            articles, gone = held
            body = update(
                *(article(pmid, word, revised=f"2020-01-0{day}") for pmid, word, day in articles), gone=map(str, gone)
            )
        (packed if number == 1 else plain).write_bytes(gzip.compress(body) if number == 1 else body)


def told(corpus):
    return (
        {one.pmid: one.xml for one in corpus.every()},
        {word: search(corpus, f"{word}[ti]").pmids for word in ("alfa", "beta", "gamma")},
        search(corpus, "2020/01/01:2020/01/02[mdat]").pmids,
        [Path(file).name for file, _ in corpus.broken],
        sorted((pmid, Path(file).name) for pmid, file in corpus.repeated),
        len(corpus),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(folders, min_size=2, max_size=5))
def test_any_history_of_a_folder_leaves_the_index_of_a_fresh_start(history):
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "records"
        folder.mkdir()
        (folder / "first.xml").write_bytes(as_set(article(99, "alfa")))
        for files in history:
            write(folder, files)
            assert told(Corpus([folder], cache=Path(temporary) / "cache")) == told(Corpus([folder]))


changes = st.tuples(
    st.sampled_from(["put", "put", "remove", "retract", "later"]), st.integers(1, 4), st.sampled_from(["alfa", "beta"])
)


@settings(max_examples=80, deadline=None)
@given(st.lists(changes, max_size=12))
def test_any_changes_at_run_time_leave_the_articles_that_are_left(tmp_path_factory, history):
    folder = tmp_path_factory.mktemp("records")
    (folder / "a.xml").write_bytes(as_set(article(1, "alfa"), article(2, "beta")))
    corpus, left = Corpus([folder]), {"1": "alfa", "2": "beta"}
    retracted, indexed = set(), set()
    for what, number, word in history:
        pmid = str(number)
        if what == "put":
            (corpus.replace if pmid in left else corpus.add)(article(number, word).encode())
            left[pmid] = word
            retracted.discard(pmid)
            indexed.discard(pmid)
        elif pmid not in left:
            continue
        elif what == "remove":
            corpus.remove(pmid)
            del left[pmid]
            retracted.discard(pmid)
            indexed.discard(pmid)
        elif what == "retract":
            corpus.retract(pmid, "")
            retracted.add(pmid)
        else:
            corpus.schedule([Change(on=date(2030, 1, 1), mesh=number, headings=("Made Up",))])
            corpus.advance(date(2029, 12, 31))
            assert set(search(corpus, "made up[mh]").pmids) == indexed
            indexed.add(pmid)
            corpus.advance(None)
            assert set(search(corpus, "made up[mh]").pmids) == indexed
            corpus.replace(corpus.article(pmid).xml)
    for word in ("alfa", "beta"):
        assert set(search(corpus, f"{word}[ti]").pmids) == {pmid for pmid, title in left.items() if title == word}
    assert set(search(corpus, "hasretractionin").pmids) == retracted & left.keys()
    assert {one.pmid for one in corpus.every()} == left.keys()
    assert (len(corpus), corpus.shown_count()) == (len(left), len(left))
