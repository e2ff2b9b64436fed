"""Every fault of a service, at every request of a run, alone and in any order: the complete set, or a failed run.

Never a smaller set that is called complete; after a failed run the ledger is as before, and the next run that meets no
fault is complete. A window of 100 ids makes a run of 250 records one of many requests.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from infra.local.pubmed import LocalPubMed, answer, esearch
from infra.local.pubmed.faults import TRANSPORT
from living_review.errors import LivingReviewError
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.ledger.searches import Searches
from living_review.review import Review
from living_review.sources import pubmed as client
from living_review.steps.asking import UNAVAILABLE
from living_review.steps.search import search
from tests.conftest import MovableClock
from tests.integration.small_world import article, dump, make_review, pubmed_of, rows

pytestmark = pytest.mark.server

WINDOW, RECORDS = 100, 250
RUN_TABLES = (t.search, t.search_answer, t.search_change, t.raw_response)
FAULTS = (
    *("429", "429as200", "400key", "500html", "502html", "503", "timeout400", "not_ready", "webenv_expired"),
    *("unroutable", "empty", "empty_set", "html_tail", "missing:120", "missing:7,250", "dup", "shrink", "dtd:260101"),
    *(fault for fault in TRANSPORT if fault != "slow"),
    "slow:0.01",
)


@pytest.fixture(scope="module", autouse=True)
def small_window() -> Iterator[None]:
    """Both sides hand out 100 ids a query instead of 9,999."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (answer, esearch, client):
            patch.setattr(module, "WINDOW", WINDOW)
        yield


@pytest.fixture(scope="module")
def pubmed() -> Iterator[LocalPubMed]:
    with pubmed_of(*(article(number) for number in range(1, RECORDS + 1))) as server:
        yield server


def review_on(folder: Path, pubmed: LocalPubMed, attempts: int = 1) -> Review:
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}")
    return make_review(folder, ledger, MovableClock(), entrez_url=pubmed.url, settings={"entrez_attempts": attempts})


def ids_of_last(review: Review) -> set[str]:
    with review.read() as tx:
        last = Searches(tx).last_good("pubmed", "pubmed")
        return Searches(tx).ids_of(last) if last else set()


def known(review: Review) -> set[str]:
    return {row["source_id"] for row in rows(review, t.record)}


@pytest.fixture(scope="module")
def requests(pubmed: LocalPubMed, tmp_path_factory: pytest.TempPathFactory, small_window: None) -> list[str]:
    """The utilities that a first run asks, in order."""
    pubmed.requests.clear()
    search(review_on(tmp_path_factory.mktemp("undisturbed"), pubmed))
    return [one.utility for one in pubmed.requests]


def test_a_run_is_one_of_many_requests(requests):
    assert requests.count("esearch") >= 4
    assert requests.count("efetch") == 2


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_at_each_request(pubmed, requests, tmp_path, fault, attempts):
    everything = {str(number) for number in range(1, RECORDS + 1)}
    failed = 0
    # With repeats a fault is most often mended, and each takes seconds: the first request, a middle one and the last.
    places = range(len(requests)) if attempts == 1 else (0, len(requests) // 2, len(requests) - 1)
    for place in places:
        folder = tmp_path / str(place)
        folder.mkdir()
        review = review_on(folder, pubmed, attempts)
        before = dump(review, RUN_TABLES)
        # What is left out is asked for once more by itself: left out again, it is missing.
        pubmed.faults.next(fault, after=place, times=2 if fault.startswith(("missing", "empty_set")) else 1)
        try:
            search(review)
        except LivingReviewError:
            failed += 1
            assert dump(review, RUN_TABLES) == before
            assert rows(review, t.search)[-1]["state"] == "failed"
        else:
            assert ids_of_last(review) == known(review) == everything
        pubmed.faults.clear()
        search(review)
        assert ids_of_last(review) == known(review) == everything
        review.ledger.close()
    if fault.startswith(("slow", "dtd", "dup")):
        # No harm is done by these.
        assert failed == 0
    elif attempts == 1 and not fault.startswith(("missing", "empty_set", "shrink")):
        assert failed == len(requests)


class Life(RuleBasedStateMachine):
    """A review that is searched again and again while PubMed changes and fails as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.pubmed = pubmed_of(*(article(number) for number in range(1, 131)))
        self.pubmed.start()
        self.there = set(range(1, 131))
        self.review = review_on(Path(self.folder.name), self.pubmed, attempts=2)
        self.seen: set[str] = set()
        self.found: set[str] = set()
        # Since the first of the runs that went on with each other's answers began: what was there all the time, and ever.
        self.always: set[int] | None = None
        self.ever: set[int] = set()

    @initialize()
    def first(self) -> None:
        search(self.review)
        self.seen = self.found = known(self.review)
        assert self.found == {str(one) for one in self.there}

    @rule(number=st.integers(131, 400))
    def arrives(self, number: int) -> None:
        if number not in self.there:
            self.pubmed.corpus.add(article(number))
            self.there.add(number)
            self.ever.add(number)

    @precondition(lambda self: len(self.there) > 1)
    @rule(data=st.data())
    def vanishes(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.there)))
        self.pubmed.corpus.remove(str(number))
        self.there.remove(number)
        if self.always is not None:
            self.always.discard(number)

    @rule(fault=st.sampled_from(FAULTS), after=st.integers(0, 8), times=st.integers(1, 4))
    def will_fail(self, fault: str, after: int, times: int) -> None:
        self.pubmed.faults.next(fault, after=after, times=times)

    @rule()
    def recovers(self) -> None:
        self.pubmed.faults.clear()

    @rule()
    def is_searched(self) -> None:
        before = dump(self.review, RUN_TABLES)
        if self.always is None:
            self.always, self.ever = set(self.there), set(self.there)
        try:
            search(self.review)
        except LivingReviewError:
            assert dump(self.review, RUN_TABLES) == before
            last = rows(self.review, t.search)[-1]
            assert last["state"] == "failed"
            if last["warnings"][0]["kind"] != UNAVAILABLE:
                self.always = None
            return
        found = ids_of_last(self.review)
        # A run that goes on with earlier answers finds what was there when it began; what came since, the next one finds.
        assert {str(one) for one in self.always} <= found <= {str(one) for one in self.ever}
        self.found, self.always = found, None
        self.seen |= found

    @invariant()
    def nothing_is_lost_and_nothing_invented(self) -> None:
        assert ids_of_last(self.review) == self.found
        assert known(self.review) == self.seen

    def teardown(self) -> None:
        self.pubmed.faults.clear()
        self.is_searched()
        search(self.review)
        assert ids_of_last(self.review) == {str(one) for one in self.there}
        self.review.ledger.close()
        self.pubmed.stop()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
