"""Links and unlinks that join or part what people decided on: the outcome follows the records, and is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from living_review.ledger.records import Records
from living_review.records import Record
from living_review.screening import Verdict
from living_review.steps.dedupe import dedupe, link, relink, unlink
from living_review.steps.queue import queue
from tests.integration.review_desk import FULL, TITLE, Desk, desk_on, pubmed_record
from tests.integration.small_world import file_search

ONE, TWO = "R000001", "R000002"


@pytest.fixture
def desk(ledger, clock, tmp_path: Path) -> Desk:
    return desk_on(ledger, clock, tmp_path)


def both(desk: Desk, report: str, choice: object, stage=TITLE) -> None:
    for reviewer in ("ann", "ben"):
        desk.decide(reviewer, stage, {report: choice})  # type: ignore[dict-item]


def verdict(desk: Desk, report: str, stage=TITLE) -> Verdict:
    return desk.state.verdicts[report, stage].verdict


def test_an_exclusion_that_a_link_turns_over_is_told(desk: Desk):
    desk.arrive(1, 2)
    both(desk, ONE, ("exclude", "other", ""))
    both(desk, TWO, "include")
    account = link(desk.review, [1, 2], "ann")
    assert account.remarks == (
        "report R000001: R000001 was excluded at title_abstract (other); now included at title_abstract",
    )
    assert verdict(desk, ONE) is Verdict.INCLUDE


def test_a_conflict_that_a_link_makes_is_told(desk: Desk):
    desk.arrive(1, 2)
    both(desk, ONE, "include")
    desk.decide("cho", TITLE, {TWO: ("exclude", "other", "")})
    assert link(desk.review, [1, 2], "ann").remarks == (
        "report R000001: R000001 was included at title_abstract; now in conflict at title_abstract",
    )
    assert verdict(desk, ONE) is Verdict.CONFLICT


def test_a_report_that_an_unlink_leaves_without_decisions_is_told(desk: Desk):
    desk.arrive(1)
    desk.arrive(1, source="scopus")
    both(desk, ONE, "include")
    assert unlink(desk.review, [2], "ann").remarks == (
        "report R000002: R000001 was included at title_abstract; now waits for decisions",
    )
    queue(desk.review)
    assert verdict(desk, TWO) is Verdict.AWAITING
    assert verdict(desk, ONE) is Verdict.INCLUDE


def test_a_study_that_a_link_takes_away_is_told_and_comes_back_with_an_unlink(desk: Desk):
    desk.arrive(1, 2)
    desk.include(ONE, TWO)
    assert sorted(desk.state.included_studies) == ["S0001", "S0002"]
    assert link(desk.review, [1, 2], "ann").remarks == (
        "study S0002: its report R000002 is now part of study S0001; what was charted on S0002 counts no more",
    )
    assert unlink(desk.review, [2], "ann").remarks == ()
    assert sorted(desk.state.included_studies) == ["S0001", "S0002"]


def test_links_that_change_no_outcome_are_not_told(desk: Desk):
    desk.arrive(1, 2, 3)
    both(desk, ONE, "include")
    both(desk, TWO, "include")
    assert link(desk.review, [1, 2], "ann").remarks == ()
    # The third waits for everybody still.
    assert link(desk.review, [1, 3], "ann").remarks == ()
    assert verdict(desk, ONE) is Verdict.INCLUDE


def test_a_new_record_that_joins_two_reports_is_told(desk: Desk):
    """The article's record names what its two earlier exports are: an outcome changes with no person at work."""
    desk.arrive(1)
    add(desk, replace(pubmed_record(7), title="", doi=""))
    dedupe(desk.review)
    queue(desk.review)
    both(desk, ONE, "include")
    both(desk, TWO, ("exclude", "other", ""))
    add(desk, replace(pubmed_record(1), source="scopus", pmid="7", source_id="s"))
    account = dedupe(desk.review)
    assert account.parts == {"new_reports": 0, "duplicates": 1}
    assert account.remarks == (
        "report R000001: R000001 was included at title_abstract; now excluded at title_abstract (other)",
    )


def test_a_record_that_changes_and_joins_two_reports_is_told(desk: Desk):
    desk.arrive(1, 2)
    both(desk, ONE, "include")
    both(desk, TWO, ("exclude", "other", ""))
    with desk.review.write() as tx:
        now = replace(Records(tx).latest([1])[1], source="scopus")
        Records(tx).add_versions([(2, now)], 1)
        said = relink(tx, desk.review.protocol, {2: now})
    assert said == ["report R000001: R000001 was included at title_abstract; now excluded at title_abstract (other)"]


def test_full_texts_excluded_for_two_reasons_are_a_conflict_about_the_reason(desk: Desk):
    desk.arrive(1, 2)
    for report, reason in ((ONE, "other"), (TWO, "no_data")):
        both(desk, report, "include")
        both(desk, report, ("exclude", reason, ""), FULL)
    # Each reviewer's latest decision counts.
    assert link(desk.review, [1, 2], "ann").remarks == (
        "report R000001: R000001 was excluded at full_text (other); now excluded at full_text (no_data)",
    )


def test_a_link_that_an_identifier_speaks_against_is_told_with_both_values(desk: Desk):
    add(desk, replace(pubmed_record(1), doi="10.5555/Right"))
    add(desk, replace(pubmed_record(1), source="embase", doi="10.5555/wrong"))
    assert dedupe(desk.review).remarks == (
        "records 1 and 2 are one report by pmid, but have doi '10.5555/right' and '10.5555/wrong': `unlink 2` parts them",
    )


def add(desk: Desk, one: Record) -> None:
    with desk.review.write() as tx:
        Records(tx).add([one], file_search(tx, 1))
