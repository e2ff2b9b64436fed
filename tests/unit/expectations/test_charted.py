"""What goes back to a charter, and in which words."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from charted_form import GOOD, frame_of, protocol_with

from expectations.charted import charted_suite, charted_validator, validate_charted
from expectations.suite import suite_from_json, suite_json
from living_review.charting import ChartedRow, to_frame
from living_review.protocol import Protocol

TODAY = date(2026, 11, 23)


PROTOCOL = protocol_with()


def messages(*changes, typed=False, protocol=PROTOCOL):
    report = validate_charted(frame_of(*changes, typed=typed), protocol, TODAY)
    assert report.errors == ()
    assert report.table_failures == ()
    return [(failure.row_key, failure.message) for failure in report.failures]


@pytest.mark.parametrize("typed", [True, False])
def test_a_good_row_passes(typed):
    report = validate_charted(frame_of({}, {"communication": None, "aim": None}, typed=typed), PROTOCOL, TODAY, 2)

    assert report.passed, report
    assert report.rows == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"country": None}, "Country of the service: found nothing; allowed: an answer"),
        ({"country": "  "}, "Country of the service: found nothing; allowed: an answer"),
        (
            {"country": "Australia"},
            "Country of the service: found Australia; allowed: one country by its English name or ISO 3166 code",
        ),
        ({"communication": "three-way"}, "Communication: found three-way; allowed: one of one-way, Two-way"),
        ({"populations": [], "who_led": None}, "User populations: found nothing; allowed: an answer"),
        (
            {"populations": ["young", "aliens"]},
            "User populations: found young; aliens; allowed: one or more of young, staff, chronic, parted by semicolons",
        ),
        ({"populations": ["young", "young"]}, "User populations: found young; young; allowed: each value once"),
        (
            {"who_led": None},
            "Who led it: found nothing; allowed: an answer, as it is asked where Codesign is true and User populations is young or staff",
        ),
        (
            {"codesign": False},
            "Who led it: found patients; allowed: nothing, as it is asked only where Codesign is true and "
            "User populations is young or staff",
        ),
        ({"participants": -1}, "Participants: found -1; allowed: a whole number, 0 or more, in digits only"),
        (
            {"participants": "about 20"},
            "Participants: found about 20; allowed: a whole number, 0 or more, in digits only",
        ),
        ({"participants": 2.5}, "Participants: found 2.5; allowed: a whole number, 0 or more, in digits only"),
        ({"participants": True}, "Participants: found True; allowed: a whole number, 0 or more, in digits only"),
        ({"effect": "large"}, "Effect: found large; allowed: a number with a decimal point"),
        ({"effect": float("inf")}, "Effect: found inf; allowed: a number with a decimal point"),
        (
            {"begun": "2026-11-24"},
            "Begun: found 2026-11-24; allowed: a date as YYYY-MM-DD, not in the future",
        ),
        (
            {"begun": "2021-02-30"},
            "Begun: found 2021-02-30; allowed: a date as YYYY-MM-DD, not in the future",
        ),
        (
            {"begun": "May 2020"},
            "Begun: found May 2020; allowed: a date as YYYY-MM-DD, not in the future",
        ),
        ({"begun": "2020"}, "Begun: found 2020; allowed: a date as YYYY-MM-DD, not in the future"),
        (
            {"begun": pd.Timestamp("2026-11-24")},
            "Begun: found 2026-11-24; allowed: a date as YYYY-MM-DD, not in the future",
        ),
        ({"codesign": "maybe", "who_led": None}, "Codesign: found maybe; allowed: yes or no"),
        ({"charted_by": None}, "Charted by: found nothing; allowed: the name of the person who charted"),
        ({"form_version": ""}, "Form version: found nothing; allowed: the version of the form that was filled in"),
    ],
)
def test_a_wrong_answer_is_told_in_the_words_of_the_form(change, message):
    assert messages(change, {}) == [("S0001", message)]


@pytest.mark.parametrize(
    "change",
    [
        {"begun": "2026-11-23"},
        {"begun": date(2026, 11, 23)},
        {"begun": pd.Timestamp("2020-05-01")},
        {"codesign": np.bool_(True)},
        {"codesign": False, "who_led": None},
        {"populations": ["chronic"], "who_led": None},
        {"populations": ("young",)},
        {"participants": 0},
        {"participants": np.int64(5)},
        {"participants": 5.0},
        {"effect": 3},
        {"checked_by": None},
    ],
)
def test_answers_that_are_right(change):
    assert messages(change) == []


def test_the_same_failures_where_the_columns_are_typed():
    assert messages({"participants": -1}, {"country": None, "participants": None}, typed=True) == [
        ("S0001", "Participants: found -1; allowed: a whole number, 0 or more, in digits only"),
        ("S0002", "Country of the service: found nothing; allowed: an answer"),
    ]


def test_only_the_failing_rows_go_back():
    report = validate_charted(frame_of({}, {"country": "XX"}, {}), PROTOCOL, TODAY)

    assert report.failing_keys == {"S0002"}


def test_two_rows_for_one_study_both_go_back():
    report = validate_charted(frame_of({}, {"study_id": "S0001"}), PROTOCOL, TODAY)

    assert [failure.message for failure in report.failures] == [
        "Study: found S0001; allowed: one row for each study"
    ] * 2


def test_a_column_that_is_not_there_is_an_error():
    report = validate_charted(frame_of({}).drop(columns=["codesign"]), PROTOCOL, TODAY)

    assert any("codesign" in error for error in report.errors)
    assert not report.passed


def test_columns_without_any_answer_are_checked_as_far_as_they_can_be():
    empty = {"communication": None, "participants": None, "effect": None, "begun": None, "aim": None}

    report = validate_charted(frame_of(empty, empty), PROTOCOL, TODAY)

    assert report.passed
    assert "Participants: kind" in report.nothing_to_check
    assert "Country of the service: required" not in report.nothing_to_check


def test_a_required_column_without_any_answer_fails_in_every_row():
    assert [key for key, _ in messages({"country": None}, {"country": None})] == ["S0001", "S0002"]


def test_nothing_charted_yet():
    report = validate_charted(frame_of({}).iloc[:0], PROTOCOL, TODAY, 0)

    assert report.passed
    assert (report.rows, report.evaluated) == (0, 0)
    assert report.nothing_to_check


def test_rows_that_were_lost_on_the_way():
    report = validate_charted(frame_of({}), PROTOCOL, TODAY, expected_rows=2)

    assert report.table_failures == ("expected 2 rows, found 1",)


def test_the_ids_of_a_typology_are_the_options_of_a_field_that_lists_none():
    protocol = Protocol.model_validate(
        {
            "id": "r",
            "title": "T",
            "question": "Q",
            "searches": [{"source": "pubmed", "query": "x"}],
            "charting": {"fields": [{"name": "model", "type": "multi_choice"}]},
            "typology": {"field": "model", "models": [{"id": "M1"}, {"id": "M2"}]},
        }
    )
    frame = frame_of({}, {})[["study_id", "charted_by", "form_version"]].assign(model=[["M1", "M2"], ["M3"]])

    report = validate_charted(frame, protocol, TODAY)

    assert [failure.message for failure in report.failures] == [
        "Model: found M3; allowed: one or more of M1, M2, parted by semicolons"
    ]


def test_the_reviews_own_rules():
    own = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "participants", "max_value": 1000},
        "meta": {"label": "Participants", "allowed": "at most 1,000; ask the statistician otherwise"},
    }
    pair = {
        "type": "expect_column_pair_values_a_to_be_greater_than_b",
        "kwargs": {"column_A": "participants", "column_B": "effect"},
    }
    counts = {
        "type": "expect_column_answer_counts_to_be_between",
        "kwargs": {"column": "populations", "max_value": 2},
    }
    protocol = protocol_with(own, pair, counts)

    found = messages(
        {"participants": 2000},
        {"participants": None},
        {"participants": 1, "effect": 5.0},
        {"populations": ["young", "staff", "chronic"]},
        typed=True,
        protocol=protocol,
    )

    assert found == [
        ("S0001", "Participants: found 2000; allowed: at most 1,000; ask the statistician otherwise"),
        (
            "S0003",
            "participants, effect: found 1, 5.0; allowed: column pair values a to be greater than b "
            "(ignore_row_if either_value_is_missing)",
        ),
        (
            "S0004",
            "populations: found young; staff; chronic; allowed: column answer counts to be between (max_value 2)",
        ),
    ]


def test_the_suite_is_the_same_every_day_and_survives_storing():
    suite = charted_suite(PROTOCOL)

    assert suite_from_json(suite_json(suite)).sha256 == suite.sha256
    assert b"2026" not in suite_json(suite)
    assert charted_suite(protocol_with()).sha256 == suite.sha256
    assert charted_suite(protocol_with({"type": "t", "kwargs": {}})).sha256 != suite.sha256


def test_the_check_as_steps_take_it():
    report = charted_validator(PROTOCOL, TODAY)(frame_of({"begun": "2027-01-01"}))

    assert [failure.column for failure in report.failures] == ["begun"]


def test_the_frame_is_not_changed():
    frame = frame_of({"aim": "  "}, {})
    before = frame.copy(deep=True)

    validate_charted(frame, PROTOCOL, TODAY)

    pd.testing.assert_frame_equal(frame, before)


def test_rows_as_charting_makes_them():
    about = {"charted_by": "ana", "form_version": "2"}
    answers = {
        name: GOOD[name] for name in GOOD if name not in {"study_id", "charted_by", "checked_by", "form_version"}
    }
    rows = [
        ChartedRow(study_id="S0001", values=answers | {"begun": date(2020, 2, 29)}, **about),
        ChartedRow(study_id="S0002", values={"country": "NZ", "populations": ["chronic"]}, **about),
        ChartedRow(study_id="S0003", values={"country": "NZ", "begun": date(2027, 1, 1)}, **about),
    ]

    report = validate_charted(to_frame(rows, PROTOCOL), PROTOCOL, TODAY, 3)

    assert report.errors == ()
    assert [(failure.row_key, failure.message) for failure in report.failures] == [
        ("S0003", "User populations: found nothing; allowed: an answer"),
        ("S0003", "Begun: found 2027-01-01; allowed: a date as YYYY-MM-DD, not in the future"),
    ]
    assert validate_charted(to_frame([], PROTOCOL), PROTOCOL, TODAY, 0).passed
