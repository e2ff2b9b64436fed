"""The search step on both databases against a PubMed on loopback: everything or nothing, and nothing unseen is lost."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.pubmed import LocalPubMed
from infra.local.pubmed.answer import Answer
from living_review.errors import IncompleteSearch, LivingReviewError, SourceUnavailable
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches
from living_review.review import Review
from living_review.search_drift import lost_reports
from living_review.steps.dedupe import dedupe, link
from living_review.steps.queue import queue
from living_review.steps.screening_state import included_source_ids, screening_state
from living_review.steps.search import search
from living_review.steps.status import status
from tests.integration.small_world import API_KEY, PUBMED, article, dump, include, make_review, pubmed_of, rows

pytestmark = pytest.mark.server

RUN_TABLES = (t.search, t.search_answer, t.search_change, t.raw_response)
"""What a new run of an unchanged search rightly adds to."""


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    with pubmed_of(*(article(number) for number in range(101, 106))) as server:
        yield server


@pytest.fixture
def review(ledger, clock, tmp_path, pubmed) -> Review:
    return make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)


def last_search(review: Review) -> dict:
    return rows(review, t.search)[-1]


def kinds(review: Review) -> list[str]:
    return [warning["kind"] for warning in last_search(review)["warnings"]]


def changes(review: Review) -> list[tuple[str, str]]:
    last = last_search(review)["id"]
    return [(row["source_id"], row["change"]) for row in rows(review, t.search_change) if row["search_id"] == last]


def screened(review: Review, *included: str) -> None:
    dedupe(review)
    queue(review)
    include(review, *included)


# What is found


def test_a_first_search_takes_over_every_record(review):
    account = search(review)
    assert (account.received, account.parts) == (5, {"new": 5, "known": 0})
    run = last_search(review)
    assert (run["promised"], run["delivered"], run["state"], run["warnings"]) == (5, 5, "complete", [])
    assert run["translation"] == '"asthma"[Title/Abstract]'
    assert [row["source_id"] for row in rows(review, t.record)] == ["101", "102", "103", "104", "105"]
    assert sorted(changes(review)) == [(str(number), "appeared") for number in range(101, 106)]
    with review.read() as tx:
        assert Searches(tx).ids_of(run) == {"101", "102", "103", "104", "105"}


def test_a_second_search_changes_nothing_but_its_own_rows(review):
    search(review)
    before = dump(review, RUN_TABLES)
    account = search(review)
    assert (account.parts, account.changed) == ({"new": 0, "known": 5}, False)
    assert dump(review, RUN_TABLES) == before
    assert changes(review) == []
    assert last_search(review)["state"] == "complete"


def test_a_record_that_gets_its_mesh_terms_years_later_is_found(ledger, clock, tmp_path):
    query = {"source": "pubmed", "query": "asthma[mh]"}
    plain = [article(1, "Wheeze", mesh=("Asthma",)), article(2, "Wheeze in subjects", entered="2020-02-01")]
    with pubmed_of(*plain) as pubmed:
        review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=[query])
        assert search(review).parts["new"] == 1
        clock.forward(days=900)
        pubmed.corpus.replace(article(2, "Wheeze in subjects", mesh=("Asthma",), entered="2020-02-01"))
        assert search(review).parts == {"new": 1, "known": 1}
    assert changes(review) == [("2", "appeared")]


def test_vanished_and_reappeared_records_are_events_and_never_dropped(review, pubmed):
    search(review)
    pubmed.corpus.remove("103")
    account = search(review)
    assert (account.parts, account.details["pubmed"]["vanished"]) == ({"new": 0, "known": 4}, 1)
    assert (changes(review), kinds(review)) == ([("103", "vanished")], ["vanished"])
    assert last_search(review)["state"] == "complete_with_warnings"
    assert len(rows(review, t.record)) == 5
    pubmed.corpus.add(article(103))
    account = search(review)
    assert (account.parts["new"], account.details["pubmed"]["reappeared"]) == (0, 1)
    assert (changes(review), kinds(review)) == ([("103", "reappeared")], [])
    assert len(rows(review, t.record)) == 5


def test_a_quiet_day_after_a_record_vanished_sends_the_fewest_requests(review, pubmed, monkeypatch):
    monkeypatch.setattr("living_review.sources.pubmed.WINDOW", 2)
    search(review)
    pubmed.corpus.remove("102")
    search(review)
    del pubmed.requests[:]
    assert search(review).parts == {"new": 0, "known": 4}
    assert len(pubmed.requests) == 2


def test_the_included_are_the_same_whether_read_alone_or_out_of_the_whole_state(review):
    search(review)
    screened(review, "R000001", "R000003")
    link(review, [2, 3], by="ann")
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        alone = included_source_ids(tx, review.protocol, "pubmed")
        elsewhere = included_source_ids(tx, review.protocol, "another source")
    assert [state.reports[one] for one in state.included] == [(1,), (2, 3)]
    assert alone == {"101", "102", "103"}
    assert elsewhere == set()


# Delivered is promised, or the run failed


@pytest.mark.parametrize(
    ("fault", "on", "error"),
    [
        ("missing:104", "efetch", IncompleteSearch),
        ("empty_set", "efetch", IncompleteSearch),
        ("shrink", "esearch", IncompleteSearch),
        ("html_tail", "efetch", SourceUnavailable),
        ("chunk_cut", "efetch", SourceUnavailable),
        ("reset", "esearch", SourceUnavailable),
        ("empty", "esearch", SourceUnavailable),
        ("503", "efetch", SourceUnavailable),
        ("429as200", "esearch", SourceUnavailable),
        ("400key", "esearch", LivingReviewError),
    ],
)
def test_a_search_that_delivers_less_is_failed_and_leaves_all_as_it_was(review, pubmed, fault, on, error):
    pubmed.corpus.remove("105")
    search(review)
    before = dump(review, RUN_TABLES)
    pubmed.corpus.add(article(105))
    pubmed.corpus.add(article(104 + 2))
    pubmed.faults.always(fault.replace("104", "106"), on=on)
    with pytest.raises(error):
        search(review)
    assert dump(review, RUN_TABLES) == before
    assert [row["state"] for row in rows(review, t.search)] == ["complete", "failed"]
    expected = "unavailable" if error is SourceUnavailable else "failed"
    assert last_search(review)["warnings"][0]["kind"] == expected
    assert changes(review) == []
    pubmed.faults.clear()
    assert search(review).parts == {"new": 2, "known": 4}
    # The failed run between is no base to compare with.
    assert sorted(changes(review)) == [("105", "appeared"), ("106", "appeared")]


def test_a_record_that_pubmed_names_as_deleted_is_accounted_for_and_told_once(ledger, clock, tmp_path):
    server = pubmed_of(article(1), article(2))
    right = server._right

    def with_deletion(utility, asked):
        answer: Answer = right(utility, asked)
        if utility == "efetch" and "2" in asked["id"].split(","):
            start = answer.body.index(
                b'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">2<'
            )
            end = answer.body.index(b"</PubmedArticle>", start) + len(b"</PubmedArticle>")
            answer.body = answer.body[:start] + answer.body[end:].replace(
                b"</PubmedArticleSet>",
                b"<DeleteCitation><PMID Version='1'>2</PMID></DeleteCitation></PubmedArticleSet>",
            )
        return answer

    server._right = with_deletion
    with server as pubmed:
        review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)
        account = search(review)
        assert (account.received, account.parts) == (2, {"new": 1, "known": 0, "gone": 1})
        assert (sorted(changes(review)), kinds(review)) == ([("1", "appeared"), ("2", "gone")], ["gone"])
        assert search(review).parts == {"new": 0, "known": 1, "gone": 1}
        assert (changes(review), kinds(review)) == ([], [])
        server._right = right
        assert search(review).parts == {"new": 1, "known": 1}


def test_a_sudden_zero_fails_and_a_first_zero_is_a_warning(ledger, clock, tmp_path):
    with pubmed_of(article(1, "Wheeze", abstract="Nothing.")) as pubmed:
        review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)
        assert search(review).parts["new"] == 0
        assert "zero" in kinds(review)
        assert last_search(review)["state"] == "complete_with_warnings"
        pubmed.corpus.add(article(2))
        search(review)
        pubmed.corpus.remove("2")
        for _ in range(2):  # also after a failed run the last good one is what counts
            with pytest.raises(IncompleteSearch, match="found nothing where it found 1 before"):
                search(review)
        assert [row["state"] for row in rows(review, t.search)][-3:] == ["complete", "failed", "failed"]
        assert len(rows(review, t.record)) == 1


def test_a_failed_second_strategy_keeps_the_first(ledger, clock, tmp_path, pubmed):
    pubmed.corpus.add(article(301, "Eczema", abstract="Skin."))
    both = [PUBMED, {"source": "pubmed", "query": "eczema[tiab]", "name": "skin"}]
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=both)
    pubmed.faults.always("missing:301", on="efetch")
    with pytest.raises(IncompleteSearch, match="search skin"):
        search(review)
    assert [(row["source"], row["state"]) for row in rows(review, t.search)] == [
        ("pubmed", "complete"),
        ("skin", "failed"),
    ]
    pubmed.faults.clear()
    assert search(review).parts == {"new": 1, "known": 5}


def test_a_search_that_failed_and_was_taken_out_of_the_protocol_is_not_in_the_status(ledger, clock, tmp_path, pubmed):
    both = [PUBMED, {"source": "pubmed", "query": "#1 AND #2", "name": "skin"}]
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=both)
    with pytest.raises(SourceUnavailable):
        search(review)
    assert status(review)["searches"]["skin"]["state"] == "failed"
    one = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=[PUBMED])
    assert status(one)["searches"].keys() == {"pubmed"}


def test_an_error_of_pubmed_names_the_search(ledger, clock, tmp_path, pubmed):
    both = [PUBMED, {"source": "pubmed", "query": "#1 AND #2", "name": "skin"}]
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=both)
    with pytest.raises(SourceUnavailable, match=r"^it reports: .*, search skin, esearch at .*, try again later$"):
        search(review)


def test_new_records_without_a_title_are_told_once(ledger, clock, tmp_path):
    bare = re.sub(rb"<ArticleTitle>.*?</ArticleTitle>", b"<ArticleTitle/>", article(7, "Asthma"))
    with pubmed_of(article(1), bare) as server:
        review = make_review(tmp_path, ledger, clock, entrez_url=server.url)
        assert search(review).remarks == ("pubmed: 1 of the new records have no title: 7",)
        assert search(review).remarks == ()


# Warnings


def test_a_changed_translation_of_the_same_query_is_a_warning(ledger, clock, tmp_path):
    """NLM makes a heading of a word: the words of a query are mapped to it from then on."""
    query = {"source": "pubmed", "query": "zyzzogeton"}
    with pubmed_of(article(1, "Zyzzogeton in the care of subject 1")) as pubmed:
        review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=[query])
        search(review)
        pubmed.corpus.replace(article(1, "Zyzzogeton in the care of subject 1", mesh=("Zyzzogeton",)))
        search(review)
        assert kinds(review) == ["translation_changed"]
        assert 'now with "zyzzogeton"[MeSH Terms]' in last_search(review)["warnings"][0]["text"]
        assert last_search(review)["state"] == "complete_with_warnings"
        search(review)
        assert kinds(review) == []


def test_a_phrase_that_pubmed_does_not_know_is_a_warning(ledger, clock, tmp_path, pubmed):
    query = {"source": "pubmed", "query": 'asthma[tiab] OR "body battery"[tiab]'}
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=[query])
    account = search(review)
    assert kinds(review) == ["quoted_phrase_not_found"]
    assert account.remarks == ('pubmed: quoted phrase not found: "body battery"[tiab]',)


def test_a_tag_without_a_part_in_the_translation_is_a_warning(ledger, clock, tmp_path, pubmed):
    query = {"source": "pubmed", "query": "(asthma OR subject)[ti] AND asthma[tiab]"}
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=[query])
    search(review)
    assert "tag_ignored" in kinds(review)
    assert any("[ti]" in warning["text"] for warning in last_search(review)["warnings"])


def test_a_lost_included_report_is_a_warning_that_names_it(review, pubmed):
    search(review)
    screened(review, "R000002")
    with review.read() as tx:
        lost = Records(tx).latest([2])[2].pmid
    pubmed.corpus.remove(lost)
    search(review)
    assert kinds(review) == ["vanished", "sentinel"]
    assert lost_reports(last_search(review)["warnings"]) == {lost}
    assert last_search(review)["state"] == "complete_with_warnings"
    # It does not go away by running again: the report is still included and still not found.
    search(review)
    assert kinds(review) == ["sentinel"]


# Beside each other


def test_two_searches_at_once_take_over_no_record_twice(review):
    start = threading.Barrier(2)

    def run(_number: int) -> None:
        start.wait()
        search(review)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert sorted(row["source_id"] for row in rows(review, t.record)) == ["101", "102", "103", "104", "105"]
    assert len(rows(review, t.record_version)) == 5
    assert sum(row["counts"]["new"] for row in rows(review, t.search)) == 5
    assert [row["state"] for row in rows(review, t.search)] == ["complete", "complete"]


def test_reviews_of_one_database_may_get_the_same_answer_at_once(ledger, clock, tmp_path):
    """Raw answers are shared by all reviews; each review writes under a lock of its own."""
    start = threading.Barrier(4)

    def keep(number: int) -> None:
        one = make_review(tmp_path, ledger, clock, name=f"r{number}")
        start.wait()
        for turn in range(25):
            with one.write() as tx:
                Searches(tx).keep_response(f"the same answer {turn}".encode(), "text/plain")

    ledger.migrate()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(4)))
    assert len(rows(make_review(tmp_path, ledger, clock), t.raw_response)) == 25


def test_two_strategies_on_pubmed_keep_their_records_apart_and_dedupe_joins_them(ledger, clock, tmp_path, pubmed):
    pubmed.corpus.add(article(301, "Eczema", abstract="Skin."))
    both = [PUBMED, {"source": "pubmed", "query": "asthma[tiab] OR eczema[tiab]", "name": "wide"}]
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=both)
    account = search(review)
    assert (account.received, account.parts["new"]) == (11, 11)
    assert account.details["wide"]["promised"] == 6
    assert dedupe(review).parts == {"new_reports": 6, "duplicates": 5}
    before = dump(review, RUN_TABLES)
    search(review)
    dedupe(review)
    assert dump(review, RUN_TABLES) == before


# Raw answers


def test_every_raw_answer_is_kept_and_none_holds_the_key(review, pubmed):
    search(review)
    asked = list(pubmed.requests)
    assert {request.parameters["api_key"] for request in asked} == {API_KEY}
    kept = rows(review, t.search_answer)
    assert len(kept) == len(asked) == last_search(review)["counts"]["requests"] == 2
    assert [row["request"].partition("?")[0] for row in kept] == ["esearch.fcgi", "efetch.fcgi"]
    with review.read() as tx:
        for row in kept:
            body = Searches(tx).response(row["sha256"])
            assert hashlib.sha256(body).hexdigest() == row["sha256"]
            assert body.rstrip().endswith((b"</eSearchResult>", b"</PubmedArticleSet>"))
            assert API_KEY.encode() not in body
    everything = repr(dump(review))
    assert API_KEY not in everything


def test_a_failed_search_keeps_what_came_and_says_no_key(review, pubmed):
    pubmed.faults.always("400key", on="efetch")
    with pytest.raises(LivingReviewError):
        search(review)
    assert [row["request"].partition("?")[0] for row in rows(review, t.search_answer)] == ["esearch.fcgi"]
    assert API_KEY not in repr(dump(review))
