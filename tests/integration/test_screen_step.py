"""Screening as a step on SQLite and PostgreSQL: files in and out, conflicts, consensus, full texts, links that change."""

from __future__ import annotations

from pathlib import Path

import pytest

from living_review.errors import InvalidFile, UsageError
from living_review.flow_diagram import Counts
from living_review.ledger import tables as t
from living_review.screening import Retrieval, Verdict
from living_review.screening_export import ExportRow, export_csv
from living_review.steps.dedupe import link, unlink
from living_review.steps.prisma import prisma
from living_review.steps.queue import queue
from living_review.steps.screen import agreement_of, import_file, in_conflict, note_retrieval, to_screen
from living_review.steps.status import status
from tests.integration.review_desk import FULL, TITLE, Desk, desk_on, title

R1, R2, R3, R4 = "R000001", "R000002", "R000003", "R000004"


@pytest.fixture
def desk(ledger, clock, tmp_path: Path) -> Desk:
    made = desk_on(ledger, clock, tmp_path)
    made.arrive(1, 2, 3, 4)
    return made


def verdict(desk: Desk, report: str, stage=TITLE) -> Verdict:
    return desk.state.verdicts[report, stage].verdict


def flow(desk: Desk) -> Counts:
    return prisma(desk.review)[0]


def test_an_export_holds_nothing_of_what_others_decided(desk):
    desk.decide("ann", TITLE, {R1: ("exclude", "other", "a secret of ann"), R2: ("maybe", "", "another")})
    for every in (False, True):
        shown = export_csv(to_screen(desk.review, TITLE, "ben", every=every)).decode("utf-8-sig")
        assert title(1) in shown
        assert [word for word in ("secret", "another", "other", "maybe", "exclude", "ann") if word in shown] == []
    own = desk.rows(TITLE, "ann", every=True)[R1]
    assert (own.decision, own.reason, own.note) == ("exclude", "other", "a secret of ann")
    assert desk.rows(TITLE, "ann").keys() == {R3, R4}
    assert desk.rows(TITLE, "ben").keys() == {R1, R2, R3, R4}


def test_a_file_is_taken_whole_or_not_at_all(desk):
    path = desk.path("file.csv")
    path.write_bytes(
        export_csv(
            [
                ExportRow(report_id=R1, record_id=1, decision="include"),
                ExportRow(report_id=R2, record_id=2, decision="exclude", reason="nonsense"),
                ExportRow(report_id="R000099", record_id=99, decision="include"),
                ExportRow(report_id=R3, record_id=3, decision="perhaps"),
            ]
        )
    )
    with pytest.raises(InvalidFile) as refused:
        import_file(desk.review, path, TITLE, "ann")
    said = str(refused.value)
    assert [word for word in ("'nonsense'", "record 99", "'perhaps'") if word not in said] == []
    assert len(said.splitlines()) == 3
    assert desk.table(t.decision) == []


def test_a_decision_that_nobody_asked_for_refuses_its_whole_file(desk):
    with pytest.raises(InvalidFile, match="allowed: reports in the queue of full_text"):
        desk.decide("ann", FULL, {R1: "include"})
    assert desk.table(t.decision) == []


def test_the_same_file_twice_gives_nothing_new(desk):
    path = desk.decisions("ann", TITLE, {R1: "include", R2: ("exclude", "other", "a note\nof two lines"), R3: ""})
    first = import_file(desk.review, path, TITLE, "ann")
    assert first.parts == {"decisions": 2, "given_before": 0, "repeated_rows": 0, "not_decided": 1}
    before = desk.table(t.decision), desk.table(t.step_run), desk.table(t.queue_entry)
    again = import_file(desk.review, path, TITLE, "ann")
    assert (again.parts["decisions"], again.parts["given_before"], again.changed) == (0, 2, False)
    assert (desk.table(t.decision), desk.table(t.step_run), desk.table(t.queue_entry)) == before


def test_a_file_of_everything_can_be_given_back_whatever_became_of_its_reports(desk):
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R1: "include", R2: "include"})
    desk.decide("ann", FULL, {R1: "include", R2: "include"})
    path = desk.path("all.csv")
    path.write_bytes(export_csv(to_screen(desk.review, FULL, "ann", every=True)))
    note_retrieval(desk.review, [R1], Retrieval.NOT_RETRIEVED, "ann")
    desk.decide("ann", TITLE, {R2: "exclude"})
    account = import_file(desk.review, path, FULL, "ann")
    assert (account.parts["decisions"], account.parts["given_before"]) == (0, 2)


def test_the_criteria_version_is_kept_and_a_decision_under_new_criteria_is_another_one(desk):
    path = desk.decisions("ann", TITLE, {R1: "include"})
    import_file(desk.review, path, TITLE, "ann")
    desk.change(criteria_version="2")
    assert import_file(desk.review, path, TITLE, "ann").parts["decisions"] == 1
    assert [row["criteria_version"] for row in desk.table(t.decision)] == ["1", "2"]
    assert desk.state.verdicts[R1, TITLE].criteria_versions == ("2",)


def test_a_name_with_blanks_around_it_is_not_a_second_person(desk):
    desk.change(screening={"reviewers_per_report": 2})
    desk.decide("ann", TITLE, {R1: "include"})
    path = desk.decisions("ann", TITLE, {R1: "include"})
    with pytest.raises(UsageError, match="found reviewer ' ann '; allowed: a name without blanks"):
        import_file(desk.review, path, TITLE, " ann ")
    assert verdict(desk, R1) is Verdict.AWAITING


@pytest.mark.parametrize("name", ["ANN", "Ann", "ann  gray", "\uff41nn"])
def test_a_known_name_in_another_spelling_is_not_a_second_person(ledger, clock, tmp_path, name):
    desk = desk_on(ledger, clock, tmp_path, screening={"reviewers_per_report": 2})
    desk.arrive(1)
    known = "Ann Gray" if " " in name else "ann"
    desk.decide(known, TITLE, {R1: "include"})
    path = desk.decisions(known, TITLE, {R1: "exclude"})
    with pytest.raises(UsageError, match=f"decisions are signed '{known}'"):
        import_file(desk.review, path, TITLE, name)
    with pytest.raises(UsageError, match=f"decisions are signed '{known}'"):
        to_screen(desk.review, TITLE, name)
    assert len(desk.state.decisions) == 1
    assert verdict(desk, R1) is Verdict.AWAITING


def test_a_stage_at_which_people_decided_cannot_vanish(desk):
    desk.include(R1, R2)
    for who in ("ann", "ben"):
        desk.decide(who, FULL, {R1: ("exclude", "no_data")})
    before = flow(desk)
    whole = desk.review.protocol.model_dump(mode="json")["screening"]
    desk.change(screening=whole | {"stages": ["title_abstract"]})
    for ask in (prisma, queue, status):
        with pytest.raises(UsageError, match=r"\d decisions were given at full_text.*put full_text back"):
            ask(desk.review)
    desk.change(screening=whole)
    assert flow(desk) == before


def test_decisions_follow_their_records_through_link_and_unlink(desk):
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R1: "include", R2: "exclude" if who == "ann" else "include"})
    assert (verdict(desk, R1), verdict(desk, R2)) == (Verdict.INCLUDE, Verdict.CONFLICT)
    link(desk.review, [1, 2], "cho")
    queue(desk.review)
    # The latest decision of each reviewer counts: ann's is the one on the second record.
    assert verdict(desk, R1) is Verdict.CONFLICT
    assert (R2, TITLE) not in desk.state.verdicts
    assert flow(desk).total.duplicates == 1
    unlink(desk.review, [2], "cho")
    queue(desk.review)
    assert (verdict(desk, R1), verdict(desk, R2)) == (Verdict.INCLUDE, Verdict.CONFLICT)
    assert len(desk.table(t.decision)) == 4


def test_a_report_that_no_longer_passes_is_asked_and_counted_at_no_later_stage(desk):
    desk.include(R1)
    assert desk.state.included == (R1,)
    desk.decide("ann", TITLE, {R1: "exclude"})
    assert verdict(desk, R1) is Verdict.CONFLICT
    assert desk.state.included == ()
    assert desk.state.included_studies == {}
    assert desk.rows(FULL, "cho", every=True) == {}
    counts = flow(desk)
    assert (counts.total.conflicts_screening, counts.total.included_reports, counts.new_studies) == (1, 0, 0)
    desk.decide("cho", TITLE, {R1: "include"}, consensus=True)
    # What was decided on it at full text counts again.
    assert desk.state.included == (R1,)
    assert list(desk.state.included_studies) == ["S0001"]


def test_a_linked_report_keeps_the_study_of_its_earlier_record(desk):
    desk.include(R1, R2)
    assert desk.state.included_studies == {"S0001": (R1,), "S0002": (R2,)}
    link(desk.review, [1, 2], "ann")
    queue(desk.review)
    assert desk.state.included_studies == {"S0001": (R1,)}
    unlink(desk.review, [1], "ann")
    queue(desk.review)
    assert desk.state.included_studies == {"S0001": (R1,), "S0002": (R2,)}


def test_a_consensus_is_for_conflicts_and_for_what_was_settled(desk):
    desk.decide("ann", TITLE, {R1: "include", R2: "include"})
    desk.decide("ben", TITLE, {R1: "exclude"})
    with pytest.raises(InvalidFile, match=f"report {R2} still awaits independent decisions"):
        desk.decide("cho", TITLE, {R1: "include", R2: "include"}, consensus=True)
    assert not any(row["consensus"] for row in desk.table(t.decision))
    with pytest.raises(InvalidFile, match="found maybe as a consensus"):
        desk.decide("cho", TITLE, {R1: "maybe"}, consensus=True)
    [conflict] = in_conflict(desk.review, TITLE)
    assert (conflict["report_id"], conflict["title"], conflict["stranded"]) == (R1, title(1), False)
    assert [(one["reviewer"], one["choice"]) for one in conflict["decisions"]] == [
        ("ann", "include"),
        ("ben", "exclude"),
    ]
    assert desk.decide("cho", TITLE, {R1: "include"}, consensus=True).details["queued"] == {
        "title_abstract": 0,
        "full_text": 1,
    }
    assert in_conflict(desk.review, TITLE) == []
    desk.decide("ben", TITLE, {R1: ("exclude", "other")})
    assert verdict(desk, R1) is Verdict.INCLUDE


def test_who_leaves_strands_no_conflict_and_no_report(desk):
    desk.decide("ann", TITLE, {R1: "include", R2: "include"})
    desk.decide("ben", TITLE, {R1: "exclude"})
    desk.change(screening={"reviewers_per_report": 1, "reviewers": ["ann"]})
    waiting = {one["report_id"]: one["stranded"] for one in in_conflict(desk.review, TITLE)}
    assert waiting == {R1: False, R2: True}
    assert desk.rows(TITLE, "ann").keys() == {R3, R4}
    with pytest.raises(UsageError, match="'ben'"):
        to_screen(desk.review, TITLE, "ben")
    desk.decide("ann", TITLE, {R1: "include", R2: "exclude"}, consensus=True)
    assert (verdict(desk, R1), verdict(desk, R2)) == (Verdict.INCLUDE, Verdict.EXCLUDE)
    assert in_conflict(desk.review, TITLE) == []


def test_more_reviewers_are_wanted_of_new_reports_only(desk):
    desk.change(screening={"reviewers_per_report": 3, "reviewers": ["ann", "ben", "cho"]})
    desk.arrive(5)
    assert {report: desk.state.verdicts[report, TITLE].required for report in (R1, "R000005")} == {R1: 2, "R000005": 3}


def test_what_was_not_retrieved_is_asked_of_nobody_until_it_turns_up(desk):
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R1: "include", R2: "include"})
    desk.decide("ann", FULL, {R1: "include"})
    account = note_retrieval(desk.review, ["1", R1], Retrieval.NOT_RETRIEVED, "dora", "asked twice")
    assert account.parts == {"not_retrieved": 1, "already_so": 1}
    assert desk.rows(FULL, "ben").keys() == {R2}
    with pytest.raises(InvalidFile, match="whose full text was not retrieved"):
        desk.decide("ben", FULL, {R1: "include", R2: "include"})
    assert (flow(desk).total.sought, flow(desk).total.not_retrieved, flow(desk).total.assessed) == (2, 1, 0)
    note_retrieval(desk.review, [R1], Retrieval.RETRIEVED, "dora")
    assert desk.rows(FULL, "ben").keys() == {R1, R2}
    desk.decide("ben", FULL, {R1: "include"})
    assert (flow(desk).total.not_retrieved, flow(desk).total.included_reports) == (0, 1)
    assert [row["by"] for row in desk.table(t.retrieval)] == ["dora", "dora"]


def test_a_full_text_that_was_assessed_had_been_retrieved(desk):
    desk.include(R1)
    for report, why in ((R1, "was assessed at full text"), (R2, "does not wait for full text"), ("R", "does not wait")):
        with pytest.raises(UsageError, match=why):
            note_retrieval(desk.review, [report], Retrieval.NOT_RETRIEVED, "ann")
    assert desk.table(t.retrieval) == []
    with pytest.raises(UsageError, match="nobody signs"):
        note_retrieval(desk.review, [R1], Retrieval.RETRIEVED, " ")


def test_a_link_to_what_was_assessed_ends_the_lack_of_a_full_text(desk):
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R1: "include", R2: "include"})
    desk.decide("ann", FULL, {R2: "include"})
    desk.decide("ben", FULL, {R2: ("exclude", "other")})
    note_retrieval(desk.review, [R1], Retrieval.NOT_RETRIEVED, "ann")
    link(desk.review, [1, 2], "ann")
    queue(desk.review)
    assert [one["report_id"] for one in in_conflict(desk.review, FULL)] == [R1]
    desk.decide("cho", FULL, {R1: "include"}, consensus=True)
    assert (flow(desk).total.not_retrieved, flow(desk).total.included_reports) == (0, 1)


def test_agreement_is_of_independent_decisions_on_reports_that_have_two(desk):
    desk.decide("ann", TITLE, {R1: "include", R2: "include", R3: "exclude", R4: "exclude"})
    desk.decide("ben", TITLE, {R1: "maybe", R2: "exclude", R3: "exclude"})
    found = agreement_of(desk.review)["title_abstract"]
    # ann: in in out; ben: in out out. Alike 2 of 3, by chance (2*1 + 1*2)/9.
    assert (found.reports, found.raw.value) == (3, pytest.approx(2 / 3))
    assert found.cohen.value == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    desk.decide("cho", TITLE, {R2: "include"}, consensus=True)
    desk.decide("ben", TITLE, {R2: "include"})
    assert agreement_of(desk.review)["title_abstract"] == found
    assert agreement_of(desk.review)["full_text"].cohen.value is None


def test_exclusion_at_full_text_needs_a_reason_and_one_reason(desk):
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R1: "include"})
    with pytest.raises(InvalidFile, match="found no reason"):
        desk.decide("ann", FULL, {R1: "exclude"})
    desk.decide("ann", FULL, {R1: ("exclude", "other")})
    desk.decide("ben", FULL, {R1: ("exclude", "no_data")})
    [conflict] = in_conflict(desk.review, FULL)
    assert conflict["about_reason"]
    desk.decide("cho", FULL, {R1: ("exclude", "no_data")}, consensus=True)
    [reason] = flow(desk).total.excluded_full_text_reasons
    assert (reason.reason, reason.text, reason.n) == ("no_data", "No data", 1)
