"""What decisions add up to; reads as the specification, then holds the fast path to a slow one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.errors import UsageError
from living_review.protocol import Protocol, Stage
from living_review.screening import (
    MOVES,
    RETRIEVAL_MOVES,
    Act,
    Choice,
    Decision,
    QueueEntry,
    Retrieval,
    RetrievalEvent,
    Verdict,
    check_decision,
    conflicts,
    problems,
    queue_for,
    retrievals,
    stranded,
    verdict,
    verdicts,
)
from tests.unit.screening_oracle import all_verdicts, replay

TA, FT = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def protocol(**screening: object) -> Protocol:
    return Protocol.model_validate(
        {
            "id": "demo",
            "title": "A review",
            "question": "What?",
            "eligibility": {
                "exclude": [{"id": "population", "text": "Wrong population"}, {"id": "design", "text": "No data"}]
            },
            "searches": [{"source": "pubmed", "query": "x"}],
            "screening": screening,
        }
    )


def decide(*votes: str, stage: Stage = TA, report: str = "R1") -> list[Decision]:
    """Decisions an hour apart from ``"who choice [reason]"``; ``!`` before the name marks a consensus."""
    made = []
    for number, vote in enumerate(votes, start=1):
        who, choice, *reason = vote.split()
        made.append(
            Decision(
                decision_id=number,
                record_id=1,
                report_id=report,
                stage=stage,
                reviewer=who.removeprefix("!"),
                choice=Choice(choice),
                reason=reason[0] if reason else "",
                criteria_version="1",
                consensus=who.startswith("!"),
                at=START + timedelta(hours=number),
            )
        )
    return made


@pytest.mark.parametrize(
    ("stage", "required", "votes", "expected"),
    [
        (TA, 2, [], "awaiting"),
        (TA, 2, ["ann include"], "awaiting"),
        (TA, 2, ["ann include", "ann include"], "awaiting"),
        (TA, 2, ["ann include", "ben include"], "include"),
        (TA, 2, ["ann exclude", "ben exclude"], "exclude"),
        (TA, 2, ["ann include", "ben exclude"], "conflict"),
        (TA, 2, ["ann maybe", "ben include"], "include"),
        (TA, 2, ["ann maybe", "ben maybe"], "include"),
        (TA, 2, ["ann maybe", "ben exclude"], "conflict"),
        (TA, 2, ["ann exclude population", "ben exclude design"], "exclude"),
        (TA, 1, ["ann exclude"], "exclude"),
        (TA, 2, ["ann include", "ben include", "eve exclude"], "conflict"),
        (TA, 2, ["ann include", "ben exclude", "ben include"], "include"),
        (TA, 2, ["ann include", "ben exclude", "!cat exclude"], "exclude"),
        (TA, 2, ["ann include", "ben exclude", "!cat exclude", "ben include"], "exclude"),
        (TA, 2, ["ann include", "ben exclude", "!cat exclude", "!dan include"], "include"),
        (FT, 2, ["ann exclude design", "ben exclude design"], "exclude"),
        (FT, 2, ["ann exclude design", "ben exclude population"], "conflict"),
        (FT, 2, ["ann exclude", "ben exclude"], "conflict"),
        (FT, 2, ["ann maybe", "ben include"], "conflict"),
        (FT, 2, ["ann maybe"], "awaiting"),
        (FT, 1, ["ann maybe"], "conflict"),
        (FT, 2, ["ann include", "ben include"], "include"),
    ],
)
def test_what_decisions_add_up_to(stage: Stage, required: int, votes: list[str], expected: str) -> None:
    assert verdict(decide(*votes, stage=stage), required) == expected


def test_the_reason_of_an_exclusion_is_the_agreed_one() -> None:
    queue = [QueueEntry(report_id="R1", stage=FT, required=2)]
    [entry] = verdicts(decide("ann exclude design", "ben exclude design", stage=FT), queue).values()
    assert (entry.verdict, entry.reason) == (Verdict.EXCLUDE, "design")
    [entry] = verdicts(decide("ann exclude design", "ben exclude population", stage=FT), queue).values()
    assert (entry.verdict, entry.reason, entry.about_reason) == (Verdict.CONFLICT, "", True)
    [entry] = verdicts(
        decide("ann exclude design", "ben exclude population", "!cat exclude population", stage=FT), queue
    ).values()
    assert (entry.verdict, entry.reason, entry.about_reason) == (Verdict.EXCLUDE, "population", False)


def test_a_verdict_shows_the_criteria_versions_it_rests_on() -> None:
    ann, ben = decide("ann include", "ben include")
    [entry] = verdicts(
        [ann, replace(ben, criteria_version="2")], [QueueEntry(report_id="R1", stage=TA, required=2)]
    ).values()
    assert entry.criteria_versions == ("1", "2")
    assert entry.verdict is Verdict.INCLUDE


def test_linking_two_reports_takes_their_decisions_together() -> None:
    queue = [QueueEntry(report_id="R1", stage=TA, required=2), QueueEntry(report_id="R2", stage=TA, required=2)]
    first, second = decide("ann include")[0], decide("x include", "ben include")[1]
    apart = verdicts([first, replace(second, record_id=2, report_id="R2")], queue)
    assert [entry.verdict for entry in apart.values()] == [Verdict.AWAITING, Verdict.AWAITING]
    linked = verdicts([first, replace(second, record_id=2)], [queue[0], replace(queue[1], report_id="R1")])
    assert [entry.verdict for entry in linked.values()] == [Verdict.INCLUDE]
    same_person = replace(second, record_id=2, reviewer="ann", choice=Choice.EXCLUDE)
    [entry] = verdicts([first, same_person], [queue[0]]).values()
    assert [decision.choice for decision in entry.decisions] == [Choice.EXCLUDE]
    assert entry.missing == 1


def test_what_was_decided_but_is_not_queued_waits_and_is_not_lost() -> None:
    [entry] = verdicts(decide("ann include", "ben include", "!cat include"), []).values()
    assert entry.verdict is Verdict.AWAITING
    assert len(entry.decisions) == 2
    assert queue_for("dan", {("R1", TA): entry}, TA) == []


def test_each_queue_entry_keeps_its_own_number_of_reviewers() -> None:
    decisions = [*decide("ann include"), *(replace(d, report_id="R2") for d in decide("ann include"))]
    found = verdicts(
        decisions, [QueueEntry(report_id="R1", stage=TA, required=2), QueueEntry(report_id="R2", stage=TA, required=1)]
    )
    assert [entry.verdict for entry in found.values()] == [Verdict.AWAITING, Verdict.INCLUDE]


def test_a_queue_holds_what_awaits_this_reviewer_and_nothing_of_others() -> None:
    queue = [QueueEntry(report_id=f"R{n}", stage=TA, required=2) for n in range(1, 5)]
    decisions = [
        *decide("ann exclude population", report="R1"),
        *decide("ann include", "cat include", report="R2"),
        *decide("ben include", report="R3"),
    ]
    mine = queue_for("ben", verdicts(decisions, queue), TA)
    assert [entry.report_id for entry in mine] == ["R1", "R4"]
    assert "ann" not in repr(mine)
    assert "exclude" not in repr(mine)


def test_a_full_text_that_could_not_be_had_is_in_no_queue() -> None:
    found = verdicts([], [QueueEntry(report_id="R1", stage=FT, required=1)])
    assert len(queue_for("ben", found, FT)) == 1
    assert queue_for("ben", found, FT, not_retrieved={"R1"}) == []


def test_conflicts_are_listed_by_stage() -> None:
    queue = [QueueEntry(report_id="R1", stage=stage, required=2) for stage in Stage]
    found = verdicts(decide("ann include", "ben exclude"), queue)
    assert [entry.report_id for entry in conflicts(found, TA)] == ["R1"]
    assert conflicts(found, FT) == []


def test_removing_a_reviewer_strands_no_conflict() -> None:
    left = protocol(reviewers=["ben", "cat"])
    found = verdicts(decide("ann include", "ben exclude"), [QueueEntry(report_id="R1", stage=TA, required=2)])
    [entry] = conflicts(found, TA)
    assert problems(left, stage=TA, reviewer="cat", choice=Choice.INCLUDE, consensus_on=entry) == []


def test_a_report_that_nobody_left_can_decide_is_named_and_can_be_settled() -> None:
    alone = protocol(reviewers=["ann"], reviewers_per_report=1)
    queue = [QueueEntry(report_id="R1", stage=TA, required=2), QueueEntry(report_id="R2", stage=TA, required=1)]
    found = verdicts(decide("ann include"), queue)
    [entry] = stranded(found, ["ann"])
    assert entry.report_id == "R1"
    assert stranded(found, ["ann", "ben"]) == []
    assert stranded(found, []) == []
    assert problems(alone, stage=TA, reviewer="ann", choice=Choice.INCLUDE, consensus_on=entry) == []


def test_a_consensus_is_refused_while_independent_decisions_are_awaited() -> None:
    found = verdicts(decide("ann include"), [QueueEntry(report_id="R1", stage=TA, required=2)])
    wrong = problems(protocol(), stage=TA, reviewer="cat", choice=Choice.INCLUDE, consensus_on=found["R1", TA])
    assert wrong == [
        "report R1 still awaits independent decisions at title_abstract; "
        "allowed: a consensus on a conflict, or to overturn what was settled"
    ]


def test_a_consensus_may_overturn_what_was_settled() -> None:
    queue = [QueueEntry(report_id="R1", stage=TA, required=2)]
    found = verdicts(decide("ann include", "ben include"), queue)
    assert problems(protocol(), stage=TA, reviewer="cat", choice=Choice.EXCLUDE, consensus_on=found["R1", TA]) == []
    assert problems(protocol(), stage=TA, reviewer="cat", choice=Choice.MAYBE, consensus_on=found["R1", TA]) == [
        "found maybe as a consensus; allowed: include, exclude"
    ]


def test_everything_that_speaks_against_a_decision_is_said_with_its_place() -> None:
    with pytest.raises(UsageError) as caught:
        check_decision(
            protocol(reviewers=["ann", "ben"]),
            stage=FT,
            reviewer="eve",
            choice=Choice.EXCLUDE,
            where="decisions.csv row 4",
        )
    assert str(caught.value) == (
        "found reviewer 'eve'; allowed: ann, ben; "
        "found no reason for an exclusion at full_text; allowed: population, design, decisions.csv row 4, nothing was written"
    )
    check_decision(protocol(), stage=TA, reviewer="eve", choice=Choice.EXCLUDE)


@pytest.mark.parametrize(
    ("reason", "choice", "said"),
    [
        ("colour", Choice.EXCLUDE, "found reason 'colour'; allowed: population, design"),
        ("design", Choice.INCLUDE, "found reason 'design' with include; allowed: a reason with exclude only"),
    ],
)
def test_reasons_are_those_of_the_protocol(reason: str, choice: Choice, said: str) -> None:
    assert problems(protocol(), stage=TA, reviewer="ann", choice=choice, reason=reason) == [said]


def test_a_stage_that_the_protocol_lacks_is_refused() -> None:
    only = protocol(stages=["full_text"])
    assert problems(only, stage=TA, reviewer="ann", choice=Choice.INCLUDE) == [
        "found stage title_abstract; allowed: full_text"
    ]


def test_nobody_cannot_decide() -> None:
    assert problems(protocol(), stage=TA, reviewer=" ", choice=Choice.INCLUDE) == ["nobody is named as the reviewer"]


def test_a_consensus_of_maybe_and_a_time_without_zone_cannot_exist() -> None:
    [decision] = decide("ann maybe")
    with pytest.raises(ValueError, match="consensus settles"):
        replace(decision, consensus=True)
    with pytest.raises(ValueError, match="time zone"):
        replace(decision, at=datetime(2026, 1, 1))


def test_a_verdict_is_about_one_report() -> None:
    with pytest.raises(ValueError, match="one report"):
        verdict([*decide("ann include"), *decide("ben include", report="R2")], 2)


def test_the_state_of_a_full_text_is_the_latest_said() -> None:
    events = [
        RetrievalEvent(event_id=2, report_id="R1", state=Retrieval.RETRIEVED, at=START + timedelta(days=1)),
        RetrievalEvent(event_id=1, report_id="R1", state=Retrieval.NOT_RETRIEVED, at=START),
        RetrievalEvent(event_id=3, report_id="R9", state=Retrieval.RETRIEVED, at=START),
    ]
    assert retrievals(events, ["R2", "R1"]) == {"R1": Retrieval.RETRIEVED, "R2": Retrieval.SOUGHT}
    assert all(state not in moves for state, moves in RETRIEVAL_MOVES.items())


REVIEWERS = ["ann", "ben", "cat", "dan"]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Decision], list[QueueEntry]]:
    """Decisions on five records that links sort into reports, and a queue that need not match them."""
    report_of = {record: f"R{draw(st.integers(1, 3))}" for record in range(1, 6)}
    decisions = []
    for number in range(draw(st.integers(0, 14))):
        record = draw(st.integers(1, 5))
        consensus = draw(st.integers(0, 5)) == 0
        choices = [Choice.INCLUDE, Choice.EXCLUDE] if consensus else list(Choice)
        decisions.append(
            Decision(
                decision_id=number,
                record_id=record,
                report_id=report_of[record],
                stage=draw(st.sampled_from(Stage)),
                reviewer=draw(st.sampled_from(REVIEWERS)),
                choice=draw(st.sampled_from(choices)),
                reason=draw(st.sampled_from(["", "population", "design"])),
                consensus=consensus,
                at=START + timedelta(hours=draw(st.integers(0, 4))),
            )
        )
    queue = [
        QueueEntry(report_id=report_of[record], stage=stage, required=draw(st.integers(1, 3)))
        for record in report_of
        for stage in Stage
        if draw(st.booleans())
    ]
    return draw(st.permutations(decisions)), draw(st.permutations(queue))


@given(histories())
def test_the_fast_path_agrees_with_replaying_in_any_order(history: tuple[list[Decision], list[QueueEntry]]) -> None:
    decisions, queue = history
    found = verdicts(decisions, queue)
    assert {key: (entry.verdict, entry.reason) for key, entry in found.items()} == all_verdicts(decisions, queue)


@given(histories())
def test_only_the_moves_of_the_table_happen(history: tuple[list[Decision], list[QueueEntry]]) -> None:
    decisions, _ = history
    for stage in Stage:
        for report in ("R1", "R2", "R3"):
            own = [item for item in decisions if (item.report_id, item.stage) == (report, stage)]
            before, settled = Verdict.AWAITING, False
            for decision, now, _ in replay(own, 2):
                act = Act.CONSENSUS if decision.consensus else Act.DECISION
                assert now in MOVES[before, act]
                if settled and not decision.consensus:
                    assert now is before
                before, settled = now, settled or decision.consensus


@given(histories())
def test_every_queued_report_is_somewhere_and_nobodys_queue_holds_what_they_decided(
    history: tuple[list[Decision], list[QueueEntry]],
) -> None:
    decisions, queue = history
    found = verdicts(decisions, queue)
    assert {(entry.report_id, entry.stage) for entry in queue} <= found.keys()
    for stage in Stage:
        for reviewer in REVIEWERS:
            mine = {entry.report_id for entry in queue_for(reviewer, found, stage)}
            decided = {
                d.report_id for d in decisions if d.reviewer == reviewer and d.stage is stage and not d.consensus
            }
            assert not mine & decided
            waiting = {
                e.report_id for e in found.values() if e.stage is stage and e.required and e.verdict is Verdict.AWAITING
            }
            assert waiting - mine <= decided
