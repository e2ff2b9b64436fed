"""The queue on both databases: every report has its place, moves on as people decide, and ends in one study."""

from __future__ import annotations

import pytest

from living_review.errors import UsageError
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.protocol import Protocol, Stage
from living_review.records import Author, Record, Relation
from living_review.review import Review
from living_review.screening import Verdict
from living_review.steps.dedupe import dedupe, link, unlink
from living_review.steps.prisma import prisma
from living_review.steps.queue import queue, same_study
from living_review.steps.screening_state import ScreeningState, screening_state
from tests.integration.small_world import PUBMED, decide, dump, file_search, include, make_review, rows

FILES = {"source": "files", "inbox": "inbox"}


@pytest.fixture
def review(ledger, clock, tmp_path) -> Review:
    return make_review(tmp_path, ledger, clock, searches=[FILES, PUBMED])


def record(number: int, **changes: object) -> Record:
    values = {
        "source": "s",
        "source_id": str(number),
        "title": f"Telephones in the care of subject {number}",
        "authors": (Author(family="Gray"),),
        "year": 2020,
        "pmid": str(number),
        **changes,
    }
    return Record(**values)  # type: ignore[arg-type]


def arrive(review: Review, *records: Record) -> None:
    with review.write() as tx:
        search = file_search(tx, len(records))
        for one in records:
            Records(tx).add([one], search)
    dedupe(review)


def state(review: Review) -> ScreeningState:
    with review.read() as tx:
        return screening_state(tx, review.protocol)


def verdicts(review: Review, stage: Stage = Stage.TITLE_ABSTRACT) -> dict[str, str]:
    return {report: str(value.verdict) for (report, at), value in state(review).verdicts.items() if at is stage}


def places(review: Review) -> list[tuple[int, str, int]]:
    return [(row["record_id"], row["stage"], row["required"]) for row in rows(review, t.queue_entry)]


def asking(review: Review, **screening: object) -> Review:
    """The same review after its protocol changed."""
    body = review.protocol.model_dump(mode="json")
    changed = Protocol.model_validate({**body, "screening": {**body["screening"], **screening}})
    return Review(review.folder, changed, review.settings, review.ledger, review.clock)


def consistent(review: Review) -> None:
    """The flow diagram adds up and tells of the studies and reports that the state includes."""
    counts, _ = prisma(review)
    now = state(review)
    assert (counts.new_studies, counts.new_reports) == (len(now.included_studies), len(now.included))


# Places


def test_every_report_waits_once_and_a_second_run_changes_nothing(review):
    arrive(review, record(1), record(2), record(3, pmid="1", source="other"))
    account = queue(review)
    assert (account.received, account.parts) == (2, {"queued": 2, "already_queued": 0})
    assert account.details["entries"] == {"title_abstract": 2, "full_text": 0}
    before = dump(review)
    again = queue(review)
    assert (again.parts, again.changed) == ({"queued": 0, "already_queued": 2}, False)
    assert dump(review) == before


def test_more_reviewers_are_asked_of_what_is_queued_from_then_on(review):
    arrive(review, record(1))
    queue(review)
    now = asking(review, reviewers_per_report=3)
    arrive(now, record(2))
    queue(now)
    assert places(now) == [(1, "title_abstract", 2), (2, "title_abstract", 3)]
    decide(now, {"R000001": "include", "R000002": "include"})
    assert verdicts(now) == {"R000001": "include", "R000002": "awaiting"}
    # At its next stage the first report is under the new rule.
    assert places(now)[-1] == (1, "full_text", 3)
    decide(now, {"R000002": "include"}, by=["cho"])
    assert verdicts(now)["R000002"] == "include"


@pytest.mark.parametrize("stage", ["title_abstract", "full_text"])
def test_a_protocol_of_one_stage(ledger, clock, tmp_path, stage):
    review = make_review(tmp_path, ledger, clock, searches=[FILES], screening={"stages": [stage]})
    arrive(review, record(1), record(2))
    queue(review)
    assert places(review) == [(1, stage, 2), (2, stage, 2)]
    decide(review, {"R000001": "include", "R000002": "exclude"}, stage=stage)
    assert places(review) == [(1, stage, 2), (2, stage, 2)]
    assert state(review).included == ("R000001",)
    assert [row["label"] for row in rows(review, t.study)] == ["S0001"]
    consistent(review)


def test_a_stage_that_is_added_later_asks_for_what_had_passed(ledger, clock, tmp_path):
    review = make_review(tmp_path, ledger, clock, searches=[FILES], screening={"stages": ["title_abstract"]})
    arrive(review, record(1), record(2))
    queue(review)
    decide(review, {"R000001": "include", "R000002": "exclude"})
    now = asking(review, stages=["title_abstract", "full_text"])
    queue(now)
    assert places(now)[2:] == [(1, "full_text", 2)]
    assert state(now).included == ()
    consistent(now)
    decide(now, {"R000001": "include"}, stage="full_text")
    assert state(now).included_studies == {"S0001": ("R000001",)}
    consistent(now)


# Links


def test_a_link_makes_one_place_of_two_and_an_unlink_gives_both_one(review):
    arrive(review, record(1), record(2))
    queue(review)
    link(review, [1, 2], "ann")
    assert queue(review).parts == {"queued": 0, "already_queued": 1}
    assert verdicts(review) == {"R000001": "awaiting"}
    consistent(review)
    unlink(review, [2], "ann")
    assert queue(review).parts == {"queued": 0, "already_queued": 2}
    assert len(places(review)) == 2
    consistent(review)


@pytest.mark.parametrize("parted", [1, 2, 3])
def test_each_part_of_a_report_has_a_place_of_its_own(review, parted):
    arrive(review, record(1), record(2, pmid="1", source="b"), record(3, pmid="1", source="c"))
    queue(review)
    assert places(review) == [(1, "title_abstract", 2)]
    unlink(review, [parted], "ann")
    queue(review)
    now = state(review)
    assert len(now.reports) == 2
    assert set(verdicts(review)) == set(now.reports)
    consistent(review)


def test_two_screened_reports_that_are_joined_weigh_all_decisions(review):
    arrive(review, record(1), record(2))
    queue(review)
    decide(review, {"R000001": "include"}, by=["ann", "ben"])
    decide(review, {"R000002": "exclude"}, by=["cho", "dan"])
    link(review, [1, 2], "ann")
    queue(review)
    assert verdicts(review) == {"R000001": "conflict"}
    consistent(review)
    unlink(review, [2], "ann")
    queue(review)
    assert verdicts(review) == {"R000001": "include", "R000002": "exclude"}
    consistent(review)


def test_studies_of_joined_and_parted_reports(review):
    arrive(review, record(1), record(2))
    queue(review)
    include(review, "R000001", "R000002")
    assert state(review).included_studies == {"S0001": ("R000001",), "S0002": ("R000002",)}
    link(review, [1, 2], "ann")
    queue(review)
    # The study of the earlier report stays, with what was charted of it.
    assert state(review).included_studies == {"S0001": ("R000001",)}
    consistent(review)
    unlink(review, [2], "ann")
    queue(review)
    assert state(review).included_studies == {"S0001": ("R000001",), "S0002": ("R000002",)}
    consistent(review)


def test_an_included_report_that_a_link_gives_an_earlier_record_keeps_its_study(review):
    arrive(review, record(1), record(2))
    queue(review)
    include(review, "R000002")
    link(review, [1, 2], "ann")
    queue(review)
    assert state(review).included_studies == {"S0001": ("R000001",)}
    unlink(review, [1], "ann")
    queue(review)
    assert state(review).included_studies == {"S0001": ("R000002",)}
    include(review, "R000001")
    assert state(review).included_studies == {"S0001": ("R000002",), "S0002": ("R000001",)}
    consistent(review)


# Studies


def test_a_study_for_every_included_report_once(review):
    arrive(review, record(1), record(2), record(3))
    queue(review)
    include(review, "R000001", "R000003")
    assert [(row["label"], row["record_id"]) for row in rows(review, t.study)] == [("S0001", 1), ("S0002", 3)]
    before = dump(review)
    queue(review)
    assert dump(review) == before


@pytest.mark.parametrize("says", ["preprint", "article", "both"])
def test_a_preprint_and_its_article_are_two_reports_of_one_study_whoever_says_so(review, says):
    later = (Relation(kind="UpdateIn", pmid="2"),) if says != "article" else ()
    earlier = (Relation(kind="UpdateOf", pmid="1"),) if says != "preprint" else ()
    arrive(review, record(1, kind="preprint", relations=later), record(2, relations=earlier), record(3))
    queue(review)
    include(review, "R000001", "R000002", "R000003")
    assert state(review).included_studies == {"S0001": ("R000001", "R000002"), "S0002": ("R000003",)}
    consistent(review)


@pytest.mark.parametrize("first", ["R000001", "R000002"])
def test_the_one_that_is_included_later_joins_the_study(review, first):
    arrive(review, record(1, kind="preprint", relations=(Relation(kind="UpdateIn", pmid="2"),)), record(2))
    queue(review)
    include(review, first)
    include(review, ({"R000001", "R000002"} - {first}).pop())
    assert state(review).included_studies == {"S0001": ("R000001", "R000002")}


def test_a_report_that_is_excluded_and_included_again_has_its_study_again(review):
    arrive(review, record(1))
    queue(review)
    include(review, "R000001")
    decide(review, {"R000001": "exclude"}, stage="full_text")
    assert (state(review).included, state(review).included_studies) == ((), {})
    consistent(review)
    decide(review, {"R000001": "include"}, stage="full_text")
    assert state(review).included_studies == {"S0001": ("R000001",)}
    assert len(rows(review, t.study)) == len(rows(review, t.study_report)) == 1
    consistent(review)


def test_a_report_excluded_at_the_first_stage_afterwards_is_included_no_more(review):
    arrive(review, record(1))
    queue(review)
    include(review, "R000001")
    decide(review, {"R000001": "exclude"})
    assert state(review).included == ()
    assert state(review).with_verdict(Stage.FULL_TEXT, Verdict.AWAITING) == ()
    consistent(review)
    decide(review, {"R000001": "include"})
    assert state(review).included_studies == {"S0001": ("R000001",)}
    consistent(review)


def test_people_say_that_reports_are_of_one_study(review):
    arrive(review, record(1), record(2), record(3))
    queue(review)
    include(review, "R000001", "R000002")
    assert same_study(review, ["R000002", "R000001"], "ann").parts == {"moved": 1, "there_already": 1}
    assert state(review).included_studies == {"S0002": ("R000001", "R000002")}
    assert same_study(review, ["R000002", "R000001"], "ann").changed is False
    queue(review)
    assert state(review).included_studies == {"S0002": ("R000001", "R000002")}
    consistent(review)
    for wrong in (["R000001", "R000003"], ["R000001", "R000001"], ["R000001"]):
        with pytest.raises(UsageError, match="cannot share a study"):
            same_study(review, wrong, "ann")
    with pytest.raises(UsageError, match="nobody signs"):
        same_study(review, ["R000001", "R000002"], " ")
