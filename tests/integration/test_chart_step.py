"""Charting as a step on SQLite and PostgreSQL: rows accepted, returned, mended, withdrawn; forms that change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from expectations.charted import charted_validator
from living_review.errors import InvalidFile, LivingReviewError
from living_review.ledger import tables as t
from living_review.steps.chart import return_rows
from living_review.steps.charting_state import ChartingState, charting_state
from living_review.steps.status import status
from living_review.validation import ValidationReport
from tests.integration.review_desk import FIELDS, GOOD, Desk, cells, desk_on, fill, fine_rows, quote, title

S1, S2, S3 = "S0001", "S0002", "S0003"
RULE = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "size", "min_value": 10},
    "meta": {"label": "Sample size", "allowed": "10 people or more"},
}


@pytest.fixture
def desk(ledger, clock, tmp_path: Path) -> Desk:
    made = desk_on(ledger, clock, tmp_path)
    made.arrive(1, 2, 3)
    made.include("R000001", "R000002", "R000003")
    return made


def charting(desk: Desk) -> ChartingState:
    with desk.review.read() as tx:
        return charting_state(tx, desk.review.protocol, desk.state)


def values(desk: Desk) -> dict[str, dict[str, Any]]:
    return {study: row["values"] for study, row in charting(desk).accepted.items()}


def test_rows_are_accepted_returned_or_blank(desk):
    account, back = desk.chart({S1: GOOD, S2: {**GOOD, "design": "poem"}})
    assert account.parts == {
        "accepted": 1,
        "accepted_before": 0,
        "returned": 1,
        "returned_quotes": 0,
        "not_charted_yet": 1,
    }
    assert values(desk) == {S1: {"country": "AU", "design": "survey", "size": 40, "finding": "It rang."}}
    assert (charting(desk).uncharted, list(charting(desk).returned)) == ((S2, S3), [S2])
    assert back is not None
    [row] = cells(back)
    assert (row["study_id"], row["title"], row["design"]) == (S2, title(2), "poem")
    assert "found 'poem'; allowed: one of survey, trial" in row["returned because"]
    found = status(desk.review)
    assert (found["charted"], found["to_chart"], found["quarantined_rows"]) == (1, 2, 1)


def test_a_mended_row_in_a_second_file_takes_the_place_of_the_returned_one(desk):
    _, back = desk.chart({S1: GOOD, S2: {**GOOD, "design": "poem"}})
    assert back is not None
    account, again = desk.give_back(fill(back, {S2: {"design": "trial"}}))
    assert (account.parts["accepted"], again) == (1, None)
    assert values(desk)[S2]["design"] == "trial"
    assert (charting(desk).returned, charting(desk).uncharted) == ({}, (S3,))
    assert [row["state"] for row in desk.table(t.charting)] == ["accepted", "returned", "accepted"]


def test_the_same_workbook_twice_changes_nothing(desk):
    path = fill(desk.form(), {S1: GOOD, S2: {**GOOD, "design": "poem"}})
    desk.give_back(path)
    before = desk.table(t.charting), desk.table(t.step_run)
    account, _ = desk.give_back(path)
    assert (account.parts["accepted_before"], account.parts["returned"], account.changed) == (1, 1, False)
    assert (desk.table(t.charting), desk.table(t.step_run)) == before


def test_a_study_in_two_rows_is_returned_once_for_all(desk):
    path = fill(desk.form(), {S1: GOOD, S2: GOOD})
    fill(path, {S2: {"study_id": S1, "title": title(1)}})
    account, _ = desk.give_back(path)
    assert (account.parts["accepted"], account.parts["returned"]) == (0, 2)
    before = desk.table(t.charting)
    desk.give_back(path)
    assert desk.table(t.charting) == before


def test_giving_back_the_accepted_row_ends_the_return_of_a_later_one(desk):
    path = fill(desk.form(), {S1: GOOD})
    desk.give_back(path)
    desk.chart({S1: {"design": "poem"}})
    assert (list(charting(desk).returned), values(desk)[S1]["design"]) == ([S1], "survey")
    account, _ = desk.give_back(path)
    assert account.parts["accepted"] == 1
    assert charting(desk).returned == {}


def test_a_rule_of_the_review_returns_the_row_with_all_that_was_typed(desk):
    desk.change(charting={"form_version": "1", "fields": FIELDS, "expectations": [RULE]})
    path = fill(desk.form(), {S1: {**GOOD, "size": 3, "quote": "whole"}, S2: GOOD})
    quote(path, S1, field="design", value="survey", quote="We asked.", location="p. 2")
    account, back = desk.give_back(path, charted_validator)
    assert (account.parts["accepted"], account.parts["returned"], account.parts["returned_quotes"]) == (1, 1, 1)
    assert account.remarks == ("Studies row 3, column size (Sample size): found 3; allowed: 10 people or more",)
    assert back is not None
    [row] = cells(back)
    assert row == {
        **{"study_id": S1, "title": title(1), "citation": row["citation"], "country": "Australia", "design": "survey"},
        **{"size": 3, "finding": "It rang.", "quote": "whole", "charted_by": "ann"},
        "returned because": "(Sample size): found 3; allowed: 10 people or more",
    }
    assert row["citation"].startswith("Gray J")
    account, again = desk.give_back(fill(back, {S1: {"size": 12}}), charted_validator)
    assert (account.parts["accepted"], again) == (1, None)
    texts = [(one["field"], one["text"], one["location"]) for one in charting(desk).accepted[S1]["quotes"]]
    assert texts == [("", "whole", ""), ("design", "We asked.", "p. 2")]


def test_a_new_form_version_makes_every_study_uncharted_and_says_which_form_was_used(desk):
    old = fill(desk.form(), {S1: GOOD, S2: {**GOOD, "design": "poem"}})
    desk.give_back(old)
    desk.change(charting={"form_version": "2", "fields": FIELDS[:2]})
    found = charting(desk)
    assert (found.accepted, found.returned, found.uncharted) == ({}, {}, (S1, S2, S3))
    assert found.outdated == {S1: "1"}
    assert status(desk.review)["to_chart"] == 3
    with pytest.raises(InvalidFile, match="form version '1'; allowed: '2'"):
        desk.give_back(old)
    assert [set(row) for row in cells(desk.form())] == [{"study_id", "title", "citation"}] * 3
    desk.chart({S1: {"country": "NZ", "design": "trial", "charted_by": "ben"}})
    assert (values(desk), charting(desk).outdated) == ({S1: {"country": "NZ", "design": "trial"}}, {})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"expectations": [RULE]}, "Sample size: found 7; allowed: 10 people or more"),
        ({"fields": [FIELDS[0], {**FIELDS[1], "options": ["trial"]}, *FIELDS[2:]]}, "design: found 'survey'"),
        ({"fields": [*FIELDS, {"name": "funder", "required": True}]}, "funder: found nothing"),
        ({"fields": [*FIELDS[:3], {"name": "finding", "type": "number"}]}, "finding: found 'It rang.'"),
        (
            {"fields": [*FIELDS[:2], {"name": "size", "type": "text"}, FIELDS[3]]},
            "size: found 7; allowed: an answer that",
        ),
    ],
)
def test_a_row_that_no_longer_fits_the_protocol_goes_back_filled_in(desk, change, why):
    desk.chart({S1: {**GOOD, "size": 7}, S2: {"country": "NZ", "design": "trial", "charted_by": "ben"}})
    desk.change(charting={"form_version": "1", "fields": FIELDS, **change})
    account, report = return_rows(desk.review, charted_validator)
    expected = [S1, S2] if "funder" in why else [S1]
    assert account.parts == parts(passed=2 - len(expected), returned=len(expected))
    assert report.rows == account.parts["passed"]
    assert (list(charting(desk).returned), charting(desk).returned[S1]["state"]) == (expected, "withdrawn")
    assert why in account.remarks[0]
    assert why in charting(desk).returned[S1]["reasons"][0]
    [row] = [one for one in cells(desk.form()) if one["study_id"] == S1]
    assert (row["finding"], row["size"], row["charted_by"]) == ("It rang.", 7, "ann")
    assert why in row["returned because"]
    again, _ = return_rows(desk.review, charted_validator)
    assert (again.parts, again.changed) == (parts(passed=2 - len(expected), returned_before=len(expected)), False)


def parts(**given: int) -> dict[str, int]:
    return {"passed": 0, "passed_again": 0, "returned": 0, "returned_before": 0, **given}


def test_an_edit_of_the_form_that_is_taken_back_costs_no_charted_row(desk):
    desk.chart({S1: {**GOOD, "size": 7}, S2: {**GOOD, "size": 8}})
    before = values(desk)
    slip = [FIELDS[0], {**FIELDS[1], "options": ["surveys", "trial"]}, *FIELDS[2:]]
    desk.change(charting={"form_version": "1", "fields": slip})
    assert return_rows(desk.review, charted_validator)[0].parts == parts(returned=2)
    assert values(desk) == {}
    # Another slip beside it: the charters are told the reasons of today.
    desk.change(charting={"form_version": "1", "fields": slip, "expectations": [RULE]})
    account, _ = return_rows(desk.review, charted_validator)
    assert account.parts == parts(returned_before=2)
    desk.change(charting={"form_version": "1", "fields": FIELDS})
    account, report = return_rows(desk.review, charted_validator)
    assert (account.parts, report.rows) == (parts(passed_again=2), 2)
    assert account.remarks == (f"study {S1} passes again and counts", f"study {S2} passes again and counts")
    assert (values(desk), charting(desk).returned) == (before, {})
    assert return_rows(desk.review, charted_validator)[0].parts == parts(passed=2)


def test_a_row_mended_by_its_charter_is_not_pushed_aside_by_the_withdrawn_one(desk):
    desk.chart({S1: {**GOOD, "size": 7}})
    desk.change(charting={"form_version": "1", "fields": FIELDS, "expectations": [RULE]})
    return_rows(desk.review, charted_validator)
    desk.chart({S1: {**GOOD, "size": 70}})
    desk.change(charting={"form_version": "1", "fields": FIELDS})
    assert return_rows(desk.review, charted_validator)[0].changed is False
    assert values(desk)[S1]["size"] == 70


def test_a_row_that_was_withdrawn_is_accepted_when_it_fits_again(desk):
    path = fill(desk.form(), {S1: {**GOOD, "size": 7}})
    desk.give_back(path)
    desk.change(charting={"form_version": "1", "fields": FIELDS, "expectations": [RULE]})
    return_rows(desk.review, charted_validator)
    desk.change(charting={"form_version": "1", "fields": FIELDS})
    desk.give_back(path)
    assert (values(desk)[S1]["size"], charting(desk).returned) == (7, {})


def test_a_row_mended_while_it_is_checked_is_not_withdrawn(desk):
    desk.chart({S1: {**GOOD, "size": 7}})

    def check(_protocol, _today):
        def validate(frame):
            # Somebody gives back a mended row while the check of the old one goes on.
            if frame["size"].tolist() == [7]:
                desk.chart({S1: {"size": 70}})
            found = charted_validator(desk.review.protocol, desk.review.now().date())(frame)
            return found

        return validate

    desk.change(charting={"form_version": "1", "fields": FIELDS, "expectations": [RULE]})
    return_rows(desk.review, check)
    assert (values(desk)[S1]["size"], charting(desk).returned) == (70, {})


def test_a_check_that_cannot_be_carried_out_is_no_verdict(desk):
    def broken(_protocol, _today):
        return lambda frame: ValidationReport("s", "0", len(frame), 0, errors=("size: it broke",))

    with pytest.raises(LivingReviewError, match="a check could not be carried out: size: it broke"):
        desk.chart({S1: GOOD}, broken)
    with pytest.raises(LivingReviewError, match="saw 0 rows of 1"):
        desk.chart({S1: GOOD}, lambda _p, _t: lambda _frame: ValidationReport("s", "0", 0, 1))
    assert desk.table(t.charting) == []


def test_a_study_that_is_no_longer_included_is_not_charted_and_its_row_waits(desk):
    desk.chart({S1: GOOD, S2: GOOD})
    path = fill(desk.form(every=True), {S1: {"size": 41}, S2: {"size": 42}})
    desk.decide("ann", desk.review.protocol.screening.stages[0], {"R000001": "exclude"})
    account, _ = desk.give_back(path, fine_rows)
    assert (account.parts["accepted"], account.parts["returned"]) == (1, 1)
    assert "allowed: the id of an included study" in account.remarks[0]
    assert list(values(desk)) == [S2]
    desk.decide("ann", desk.review.protocol.screening.stages[0], {"R000001": "include"})
    # What was accepted before counts again; what came meanwhile is there to be looked at.
    assert (values(desk)[S1]["size"], list(charting(desk).returned)) == (40, [S1])
