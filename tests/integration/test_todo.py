"""What waits for people, on both databases: it stays whatever later runs say, until a person signs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local.pubmed import LocalPubMed
from living_review.errors import UsageError
from living_review.review import Review
from living_review.steps.accept import accept, accepted_losses
from living_review.steps.search import search
from living_review.steps.status import status
from living_review.steps.todo import settle, todo
from living_review.steps.watch import watch
from tests.integration.small_world import article, dump, make_review, pubmed_of, screened_in_part

pytestmark = pytest.mark.server


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    with pubmed_of(*(article(number) for number in (1, 2, 3, 4))) as server:
        yield server


@pytest.fixture
def review(ledger, clock, tmp_path, pubmed) -> Review:
    """Report 1 is included, 2 awaits a decision, 3 is in conflict, 4 is excluded."""
    return screened_in_part(make_review(tmp_path, ledger, clock, entrez_url=pubmed.url))


def waiting(review: Review) -> list[tuple[str, str]]:
    return [(task.id[0], task.kind) for task in todo(review).tasks]


def test_where_nothing_has_to_be_looked_into_there_is_no_task(review):
    found = todo(review)
    assert found.tasks == ()
    assert found.others == ("conflicts at title_abstract: 1: `living-review screen conflicts --stage title_abstract`",)
    assert status(review)["open_tasks"] == 0


def test_a_warning_that_nobody_accepted_stays_when_later_runs_are_complete(review, pubmed):
    pubmed.corpus.remove("4")
    search(review)
    search(review)
    last = status(review)
    assert (last["searches"]["pubmed"]["warnings"], last["open_tasks"]) == ([], 1)
    (task,) = todo(review).tasks
    assert (task.kind, task.about) == ("search_warning", "search pubmed, run 2")
    assert "4" in task.what
    account = settle(review, [task.id.lower()], "ann", "deleted by PubMed")
    assert (account.parts, account.remarks) == ({"settled": 1}, (f"{task.id}: {task.what}",))
    assert (todo(review).tasks, status(review)["open_tasks"]) == ((), 0)


def test_accepting_a_search_settles_what_it_and_earlier_runs_warned_of(review, pubmed):
    pubmed.corpus.remove("1")
    search(review)
    search(review)
    # The loss is told by both runs and asked about once, that the record vanished was seen by the first alone.
    assert [(task.id, "included" in task.what) for task in todo(review).tasks] == [("S2", False), ("S3", True)]
    accept(review, "ann")
    assert todo(review).tasks == ()


def test_nothing_is_signed_that_was_not_shown(review, pubmed):
    """The loss of an included report is asked of the latest run; who settles an earlier one has not accepted it."""
    pubmed.corpus.remove("1")
    search(review)
    search(review)
    settle(review, ["S2"], "ann")
    with review.read() as tx:
        assert accepted_losses(tx) == set()
    assert [task.id for task in todo(review).tasks] == ["S3"]
    settle(review, ["S3"], "ann")
    with review.read() as tx:
        assert accepted_losses(tx) == {"pubmed 1"}


def test_a_retraction_and_a_change_wait_until_somebody_signs(review, pubmed):
    pubmed.corpus.replace(article(1, "Asthma in the care of others", links=[("RetractionIn", "9")]))
    pubmed.corpus.remove("2")
    watch(review)
    watch(review)
    assert waiting(review) == [("E", "retracted"), ("E", "changed"), ("E", "not_delivered")]
    first, changed, gone = todo(review).tasks
    assert first.about.startswith("R000001 Asthma")
    settle(review, [first.id, gone.id], "ann")
    assert [task.id for task in todo(review).tasks] == [changed.id]
    before = dump(review)
    with pytest.raises(UsageError, match=f"no open task {first.id}, settle, see `living-review todo`"):
        settle(review, [first.id], "ben")
    with pytest.raises(UsageError, match="nobody signs"):
        settle(review, [changed.id], " ")
    assert dump(review) == before


def test_a_new_title_of_what_nobody_decided_on_is_no_task(review, pubmed):
    pubmed.corpus.replace(article(2, "Asthma in the care of others"))
    watch(review)
    assert todo(review).tasks == ()


def test_a_record_that_is_there_again_is_no_task_of_its_own(review, pubmed):
    pubmed.corpus.remove("2")
    watch(review)
    pubmed.corpus.add(article(2))
    watch(review)
    assert waiting(review) == [("E", "not_delivered")]
