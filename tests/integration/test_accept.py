"""Accepting what a search warns of, on both databases: a signed act on one run's warnings, and what it lets through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local.pubmed import LocalPubMed
from living_review.errors import IncompleteSearch, UsageError
from living_review.ledger import tables as t
from living_review.review import Review
from living_review.steps.accept import accept, accepted_losses
from living_review.steps.dedupe import dedupe
from living_review.steps.publish_state import lost_included as lost_reports_of
from living_review.steps.queue import queue
from living_review.steps.search import search
from living_review.steps.search_log import log_of, retrieved
from living_review.steps.status import status
from tests.integration.small_world import PUBMED, article, dump, include, make_review, pubmed_of, rows

pytestmark = pytest.mark.server


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    with pubmed_of(article(1), article(2), article(3)) as server:
        yield server


@pytest.fixture
def review(ledger, clock, tmp_path, pubmed) -> Review:
    return make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)


def lose_included(review: Review, pubmed: LocalPubMed) -> None:
    search(review)
    dedupe(review)
    queue(review)
    include(review, "1")
    pubmed.corpus.remove("1")
    search(review)


def losses(review: Review) -> set[str]:
    with review.read() as tx:
        return accepted_losses(tx)


def test_the_warnings_of_the_last_run_are_accepted_word_for_word_and_once(review, pubmed):
    lose_included(review, pubmed)
    warned = status(review)["searches"]["pubmed"]["warnings"]
    assert len(warned) == 2
    account = accept(review, " ann ", note="merged into another record")
    assert (account.parts, account.changed) == ({"accepted": 2, "accepted_before": 0}, True)
    assert account.remarks == tuple(f"pubmed: {one}" for one in warned)
    assert losses(review) == {"pubmed 1"}
    said = status(review)["searches"]["pubmed"]["accepted"]
    assert (said["by"], said["note"]) == ("ann", "merged into another record")
    before = dump(review)
    again = accept(review, "ben")
    assert (again.parts, again.changed) == ({"accepted": 0, "accepted_before": 2}, False)
    assert dump(review) == before
    # Another run's warnings are its own; the loss stays accepted.
    search(review)
    assert status(review)["searches"]["pubmed"]["accepted"] is None
    assert losses(review) == {"pubmed 1"}


def test_what_one_run_alone_saw_is_told_until_somebody_accepts_it(review, pubmed):
    search(review)
    pubmed.corpus.remove("3")
    search(review)
    search(review)
    said = status(review)["searches"]["pubmed"]
    assert (said["state"], said["warnings"]) == ("complete", [])
    [told] = said["unaccepted"]
    assert told == "run 2: 1 records are no longer found: 3"
    account = accept(review, "ann", note="deleted")
    assert (account.parts, account.changed) == ({"accepted": 1, "accepted_before": 0}, True)
    assert status(review)["searches"]["pubmed"]["unaccepted"] == []
    assert losses(review) == set()


def test_an_accepted_loss_holds_up_no_publication(review, pubmed):
    lose_included(review, pubmed)
    with review.read() as tx:
        assert lost_reports_of(tx) == {"pubmed 1"}
    accept(review, "ann")
    with review.read() as tx:
        assert lost_reports_of(tx) == set()


def test_there_must_be_something_to_accept(review):
    with pytest.raises(UsageError, match="no warning to accept"):
        accept(review, "ann")
    search(review)
    for act, said in [
        (lambda: accept(review, "ann"), "no warning to accept"),
        (lambda: accept(review, "  "), "nobody signs"),
        (lambda: accept(review, "ann", "embase"), "found search 'embase', accept, allowed: pubmed"),
    ]:
        with pytest.raises(UsageError, match=said):
            act()


def test_a_failed_run_is_not_accepted(review, pubmed):
    pubmed.faults.always("missing:2", on="efetch")
    with pytest.raises(IncompleteSearch):
        search(review)
    with pytest.raises(UsageError, match="a failed run cannot be accepted"):
        accept(review, "ann")


def test_one_search_alone_is_accepted(ledger, clock, tmp_path, pubmed):
    both = [{"source": "pubmed", "query": "nothing1[tiab]", "name": name} for name in ("one", "two")]
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, searches=both)
    search(review)
    assert accept(review, "ann", "two").received == 2
    said = status(review)["searches"]
    assert (said["one"]["accepted"], said["two"]["accepted"]["by"]) == (None, "ann")


def test_a_zero_after_records_fails_until_a_person_accepts_it(review, pubmed):
    search(review)
    for pmid in "123":
        pubmed.corpus.remove(pmid)
    pubmed.corpus.add(article(9, "Wheeze", abstract="Nothing."))
    for _ in range(2):
        with pytest.raises(IncompleteSearch, match="found nothing where it found 3 before"):
            search(review)
    accept(review, "ann")
    assert search(review).received == 0
    run = rows(review, t.search)[-1]
    assert (run["state"], run["counts"]["vanished"]) == ("complete_with_warnings", 3)
    assert len(rows(review, t.record)) == 3
    # What was accepted holds for as long as nothing is found.
    pubmed.corpus.add(article(1))
    search(review)
    pubmed.corpus.remove("1")
    with pytest.raises(IncompleteSearch, match="found nothing where it found 1 before"):
        search(review)


def test_a_zero_of_a_service_that_finds_nothing_at_all_is_a_failure(ledger, clock, tmp_path):
    with pubmed_of() as pubmed:
        review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)
        with pytest.raises(IncompleteSearch, match="finds no record at all"):
            search(review)
        assert [row["state"] for row in rows(review, t.search)] == ["failed"]
        pubmed.corpus.add(article(9, "Wheeze", abstract="Nothing."))
        assert search(review).received == 0
        assert [request.parameters["term"] for request in pubmed.requests][-1] == "all[sb]"


# The log


def test_the_log_has_every_run_with_what_prisma_s_asks_for(review, pubmed):
    lose_included(review, pubmed)
    accept(review, "ann", note="merged")
    log = log_of(review)
    assert log["totals"] == {"identified": 3, "duplicates": 0, "removed": 0, "after_deduplication": 3}
    [source] = log["sources"]
    assert (source["source"], source["platform"]) == ("PubMed", "PubMed (NCBI E-utilities)")
    first, last = source["runs"]
    assert (first["query"], first["translation"]) == (PUBMED["query"], '"asthma"[Title/Abstract]')
    assert (first["delivered"], first["new"], first["requests"], first["accepted"]) == (3, 3, 2, None)
    assert (last["delivered"], last["new"], last["accepted"]["note"]) == (2, 0, "merged")
    assert last["tool"].startswith("living-review ")


def test_what_a_run_retrieved_is_told_as_it_was_then(review, pubmed):
    search(review)
    pubmed.corpus.remove("1")
    pubmed.corpus.add(article(4))
    search(review)
    one, two = (row["id"] for row in rows(review, t.search))
    assert [record.pmid for record in retrieved(review, one).records] == ["1", "2", "3"]
    assert [record.pmid for record in retrieved(review, two).records] == ["2", "3", "4"]
    assert retrieved(review, two).without_record == ()
    with pytest.raises(UsageError, match="there is no run 99"):
        retrieved(review, 99)


def test_a_failed_run_retrieved_nothing(review, pubmed):
    pubmed.faults.always("missing:2", on="efetch")
    with pytest.raises(IncompleteSearch):
        search(review)
    with pytest.raises(UsageError, match="failed and retrieved nothing"):
        retrieved(review, rows(review, t.search)[0]["id"])
