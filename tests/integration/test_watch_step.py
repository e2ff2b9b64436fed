"""The watch on both databases: what became of the records the review holds, told once, and unknown is never none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from infra.local.pubmed import LocalPubMed
from living_review.errors import IncompleteSearch, SourceUnavailable
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.protocol import Stage
from living_review.retraction import RetractionState
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.check_incoming import check_incoming
from living_review.steps.dedupe import dedupe
from living_review.steps.import_files import import_files
from living_review.steps.queue import queue
from living_review.steps.retraction import report_statuses, retractions
from living_review.steps.screening_state import screening_state
from living_review.steps.search import search
from living_review.steps.status import status as where_it_stands
from living_review.steps.watch import watch
from tests.integration.small_world import (
    article,
    decide,
    dump,
    include,
    make_review,
    pubmed_of,
    rows,
    screened_in_part,
    titled,
)

pytestmark = pytest.mark.server

RUN_TABLES = (t.search, t.search_answer, t.search_change, t.raw_response)
NOTICE = ("RetractionIn", "9")


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    with pubmed_of(*(article(number) for number in (1, 2, 3, 4))) as server:
        yield server


@pytest.fixture
def review(ledger, clock, tmp_path, pubmed) -> Review:
    """Report 1 is included, 2 awaits a decision, 3 is in conflict, 4 is excluded."""
    return screened_in_part(make_review(tmp_path, ledger, clock, entrez_url=pubmed.url))


def record_id(review: Review, pmid: str) -> int:
    with review.read() as tx:
        return next(row["id"] for row in Records(tx).origins() if row["source_id"] == pmid)


def report(review: Review, pmid: str) -> str:
    return f"R{record_id(review, pmid):06d}"


def events(review: Review) -> list[tuple[str, str]]:
    with review.read() as tx:
        latest = Records(tx).latest()
        return [(latest[row["record_id"]].pmid, row["kind"]) for row in Records(tx).events()]


def status(review: Review, pmid: str = "1"):
    with review.read() as tx:
        return report_statuses(tx, screening_state(tx, review.protocol))[report(review, pmid)]


def retracted(review: Review) -> frozenset[str]:
    with review.read() as tx:
        return retractions(tx, screening_state(tx, review.protocol))


# What is asked for


def test_included_and_undecided_records_are_fetched_again(review, pubmed):
    del pubmed.requests[:]
    account = watch(review)
    assert [request.parameters["id"] for request in pubmed.requests] == ["1,2,3"]
    assert (account.received, account.parts) == (3, {"unchanged": 3, "changed": 0, "not_delivered": 0})
    assert account.changed is False


def test_a_second_watch_changes_nothing_but_its_own_rows(review, pubmed):
    pubmed.corpus.replace(article(1, "Asthma in the care of others", links=[NOTICE]))
    pubmed.corpus.remove("2")
    first = watch(review)
    assert (first.changed, len(events(review))) == (True, 3)
    before = dump(review, RUN_TABLES)
    again = watch(review)
    assert (again.parts, again.changed) == ({"unchanged": 2, "changed": 0, "not_delivered": 1}, False)
    assert again.remarks == ()
    assert dump(review, RUN_TABLES) == before


def test_a_review_that_holds_nothing_asks_nothing(ledger, clock, tmp_path, pubmed):
    empty = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)
    assert watch(empty).received == 0
    assert pubmed.requests == []
    assert rows(empty, t.search) == []


# What became of it


@pytest.mark.parametrize(
    ("types", "links"),
    [
        (("Journal Article", "Retracted Publication"), ()),
        (("Journal Article",), (NOTICE,)),
        (("Journal Article", "Retracted Publication"), (NOTICE,)),
    ],
)
def test_a_retraction_is_seen_by_either_mark(review, pubmed, types, links):
    pubmed.corpus.replace(article(1, types=types, links=links))
    account = watch(review)
    assert events(review) == [("1", "retracted")]
    assert account.remarks[0].startswith("1: none -> retracted")
    found = status(review)
    assert found.state is RetractionState.RETRACTED
    assert [notice.pmid for notice in found.notices] == [pmid for _, pmid in links]
    assert retracted(review) == {"S0001"}


@pytest.mark.parametrize(
    ("link", "event", "state"),
    [
        ("ExpressionOfConcernIn", "expression_of_concern", RetractionState.CONCERN),
        ("ErratumIn", "corrected", RetractionState.CORRECTED),
        ("UpdateIn", "updated", RetractionState.NONE),
    ],
)
def test_other_notices(review, pubmed, link, event, state):
    pubmed.corpus.replace(article(1, links=[(link, "9")]))
    watch(review)
    assert events(review) == [("1", event)]
    assert status(review).state is state
    assert retracted(review) == frozenset()


def test_a_retraction_that_is_taken_back_is_told_as_well(review, pubmed):
    pubmed.corpus.replace(article(1, links=[NOTICE]))
    watch(review)
    pubmed.corpus.replace(article(1))
    watch(review)
    assert events(review) == [("1", "retracted"), ("1", "none")]
    assert retracted(review) == frozenset()


def test_a_changed_title_or_abstract_is_told_and_another_change_is_kept(review, pubmed):
    pubmed.corpus.replace(article(1, "Asthma in the care of others", abstract="Asthma, anew."))
    pubmed.corpus.replace(article(2, mesh=("Asthma",)))
    account = watch(review)
    assert account.parts == {"unchanged": 1, "changed": 2, "not_delivered": 0}
    assert events(review) == [("1", "changed"), ("1", "changed")]
    with review.read() as tx:
        assert Records(tx).latest([record_id(review, "2")])[record_id(review, "2")].mesh == ("Asthma",)


def test_a_deleted_record_is_told_once_and_so_is_its_return(review, pubmed):
    pubmed.corpus.remove("1")
    assert watch(review).parts == {"unchanged": 2, "changed": 0, "not_delivered": 1}
    watch(review)
    assert events(review) == [("1", "not_delivered")]
    assert rows(review, t.search)[-1]["state"] == "complete_with_warnings"
    # It is still there, and still known as of the day it was last seen.
    assert status(review).checked_on == "2026-03-02"
    pubmed.corpus.add(article(1))
    watch(review)
    pubmed.corpus.remove("1")
    watch(review)
    assert events(review) == [("1", "not_delivered"), ("1", "delivered_again"), ("1", "not_delivered")]


def test_none_has_the_day_on_which_pubmed_was_asked_last(review, clock):
    assert (status(review).state, status(review).checked_on) == (RetractionState.NONE, "2026-03-02")
    clock.forward(days=30)
    assert status(review).checked_on == "2026-03-02"
    watch(review)
    assert (status(review).state, status(review).checked_on) == (RetractionState.NONE, "2026-04-01")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.ris", b"TY  - JOUR\nTI  - Bees and the pollination of meadows\nAU  - Gray, J\nPY  - 2020\nAN  - L600000001\nER  - \n"),
        ("a.nbib", b"PMID- 77\nOWN - NLM\nSTAT- MEDLINE\nTI  - Bees and the pollination of meadows\nAU  - Gray J\nDP  - 2020\n"),
    ],
)  # fmt: skip
def test_an_imported_record_does_not_say_none(review, tmp_path, name, body):
    """An export says what was known when it was made, which may be years ago."""
    (tmp_path / name).write_bytes(body)
    import_files(review, [tmp_path / name], "export")
    dedupe(review)
    queue(review)
    number = len(rows(review, t.record))
    include(review, f"R{number:06d}")
    with review.read() as tx:
        found = report_statuses(tx, screening_state(tx, review.protocol))[f"R{number:06d}"]
    assert (found.state, found.checked_on) == (RetractionState.UNKNOWN, "")


# Faults


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("503", SourceUnavailable),
        ("html_tail", SourceUnavailable),
        ("chunk_cut", SourceUnavailable),
        # A server in trouble leaves out what exists: nobody is told that every record is deleted.
        ("empty_set", IncompleteSearch),
        ("missing:1,2,3", IncompleteSearch),
    ],
)
def test_a_watch_that_fails_leaves_all_as_it_was(review, pubmed, fault, error):
    before = dump(review, RUN_TABLES)
    pubmed.corpus.replace(article(1, links=[NOTICE]))
    pubmed.faults.always(fault, on="efetch")
    with pytest.raises(error):
        watch(review)
    assert dump(review, RUN_TABLES) == before
    (run,) = (row for row in rows(review, t.search) if row["kind"] == "watch")
    assert (run["state"], run["delivered"]) == ("failed", 0)
    pubmed.faults.clear()
    watch(review)
    assert events(review) == [("1", "retracted")]


def test_two_watches_at_once_keep_and_tell_a_change_once(review, pubmed):
    pubmed.corpus.replace(article(1, links=[NOTICE]))
    start = Barrier(2)

    def run(_number: int) -> None:
        start.wait()
        watch(review)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    assert events(review) == [("1", "retracted")]
    assert len(rows(review, t.record_version)) == 4 + 1


# What it sets going


def test_a_record_that_was_set_aside_goes_on_when_pubmed_has_completed_it(ledger, clock, tmp_path):
    with pubmed_of(article(1, "No title"), article(2)) as pubmed:
        review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)
        search(review)
        check_incoming(review, titled)
        dedupe(review)
        queue(review)
        assert len(rows(review, t.queue_entry)) == 1
        pubmed.corpus.replace(article(1))
        assert watch(review).parts == {"unchanged": 1, "changed": 1, "not_delivered": 0}
        search(review)
        assert check_incoming(review, titled).parts == {"passed": 1, "held": 0}
        dedupe(review)
        queue(review)
        assert len(rows(review, t.queue_entry)) == 2


def test_a_record_that_gets_its_doi_later_is_linked_by_it(review, pubmed, tmp_path):
    body = b"TY  - JOUR\nTI  - Asthma in the care of subject 2, a trial\nPY  - 2020\nDO  - 10.5555/later\nER  - \n"
    (tmp_path / "a.ris").write_bytes(body)
    import_files(review, [tmp_path / "a.ris"], "embase")
    assert dedupe(review).parts == {"new_reports": 1, "duplicates": 0}
    queue(review)
    pubmed.corpus.replace(article(2, doi="10.5555/later"))
    watch(review)
    (link,) = rows(review, t.link)
    assert (link["rule"], link["by"]) == ("doi", "engine")
    with review.read() as tx:
        assert len(screening_state(tx, review.protocol).reports[report(review, "2")]) == 2


@pytest.mark.parametrize("reopen", [False, True])
def test_a_report_that_changed_after_it_was_decided_is_told_and_screened_again_if_the_protocol_says_so(
    ledger, clock, tmp_path, pubmed, reopen
):
    review = make_review(tmp_path, ledger, clock, entrez_url=pubmed.url, screening={"reopen_on_change": reopen})
    search(review)
    dedupe(review)
    queue(review)
    include(review, "1")
    one = report(review, "1")
    pubmed.corpus.replace(article(1, abstract="It was not about asthma after all."))
    watch(review)
    assert where_it_stands(review)["changed_since_decided"] == [one]
    assert where_it_stands(review)["included_reports"] == (0 if reopen else 1)
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
    expected = Verdict.AWAITING if reopen else Verdict.INCLUDE
    assert state.verdicts[one, Stage.TITLE_ABSTRACT].verdict is expected
    # Decided again, what was decided on the full text counts as before.
    decide(review, {one: "include"})
    assert where_it_stands(review)["changed_since_decided"] == []
    assert where_it_stands(review)["included_reports"] == 1
