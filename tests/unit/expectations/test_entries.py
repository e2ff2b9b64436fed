"""Mistakes in a review's own entries, found before anything is charted."""

import pytest
from charted_form import protocol_with

from expectations.entries import check_entries


def entry(kind="expect_column_values_to_be_between", /, **kwargs):
    return {"type": kind, "kwargs": kwargs}


WHERE_TWO_WAY = {
    "type": "comparison",
    "column": {"name": "communication"},
    "operator": "==",
    "parameter": "two-way",
}

RIGHT = [
    entry(column="participants", min_value=1, max_value=5000),
    entry("expect_column_values_to_match_regex", column="aim", regex="^(to|for) "),
    entry("expect_column_answers_to_be_in_set", column="populations", value_set=["young", "staff"]),
    entry("expect_column_answer_counts_to_be_between", column="populations", max_value=2),
    entry("expect_column_pair_values_a_to_be_greater_than_b", column_A="participants", column_B="effect"),
    entry("expect_table_row_count_to_be_between", min_value=1),
    entry("expect_column_answers_to_be_of_kind", column="begun", kind="date", latest={"$PARAMETER": "today"}),
    entry(column="participants", min_value=1, row_condition=WHERE_TWO_WAY),
    {**entry(column="effect", max_value=9), "meta": {"allowed": "below 9"}},
]


def test_entries_that_can_be_used():
    assert check_entries(protocol_with(*RIGHT)) == []


def test_a_protocol_without_entries():
    assert check_entries(protocol_with()) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            entry("expect_column_values_to_be_betwen", column="participants"),
            "found type 'expect_column_values_to_be_betwen'; allowed: an expectation that Great Expectations has, "
            "for example expect_column_values_to_be_between",
        ),
        ({"kwargs": {}}, "found type None; allowed: a name such as expect_column_values_to_be_between"),
        ({"type": "x", "kwarg": {}}, "found kwarg; allowed: type, kwargs, meta"),
        (
            {"type": "expect_column_values_to_be_unique", "kwargs": ["aim"]},
            "found kwargs ['aim']; allowed: a mapping of argument to value",
        ),
        (
            {**entry(column="effect", max_value=9), "meta": "below 9"},
            "found meta 'below 9'; allowed: a mapping, for example with the key allowed",
        ),
        (entry(column="participant", max_value=9), "found column participant; allowed: study_id, charted_by, "),
        (
            entry("expect_column_values_to_be_in_set", column="aim", value_sett=[1]),
            "found arguments that expect_column_values_to_be_in_set does not take (value_set field required; "
            "value_sett extra fields not permitted)",
        ),
        (
            entry("expect_column_values_to_match_regex", column="aim", regex="("),
            "found an entry that cannot be evaluated (aim: expect_column_values_to_match_regex: ",
        ),
        (
            entry("expect_column_values_to_be_between", column="aim", min_value=3),
            "found an entry that cannot be evaluated (aim: expect_column_values_to_be_between: ",
        ),
        (
            entry("unexpected_rows_expectation", unexpected_rows_query="SELECT 1"),
            "found an entry that cannot be evaluated (",
        ),
        (
            entry(column="participants", min_value=1, row_condition="aim == 'x'", condition_parser="pandas"),
            "found row_condition as text; allowed: as a mapping",
        ),
        (
            entry(column="participants", min_value={"$PARAMETER": "least"}),
            "found an entry that cannot be evaluated (participants: expect_column_values_to_be_between: "
            "No value found for $PARAMETER least)",
        ),
    ],
)
def test_a_mistake_says_which_entry_what_was_found_and_what_is_allowed(wrong, message):
    found = check_entries(protocol_with(RIGHT[0], wrong, RIGHT[1]))

    assert len(found) == 1, found
    assert found[0].startswith(f"charting.expectations[1]: {message}"), found[0]


def test_every_mistake_is_told_at_once_and_a_repeated_entry_is_one():
    found = check_entries(protocol_with({"type": "expect_x", "kwargs": {}}, RIGHT[0], RIGHT[0]))

    assert [line.split(":")[0] for line in found] == ["charting.expectations[0]", "charting.expectations[2]"]
    assert "found the same as charting.expectations[1]; allowed: each once" in found[1]
