"""What a summary must meet to be published: its numbers agree with each other and with what was charted.

Four suites, for the frames of :mod:`expectations.summary_frames`: its numbers, its tables, the facts it states and
the retraction status of each study.
"""

from __future__ import annotations

from expectations.suite import Suite, rule

NUMBERS = Suite(
    "summary numbers",
    (
        rule(
            "expect_column_values_to_be_unique",
            name="named once",
            label="Number",
            allowed="each once",
            column="key",
        ),
        rule(
            "expect_column_values_to_be_between",
            name="count",
            label="Count",
            allowed="0 or more",
            column="count",
            min_value=0,
        ),
        rule(
            "expect_column_pair_values_a_to_be_greater_than_b",
            name="at most all",
            label="Number of charted studies and count",
            allowed="no count above the number of charted studies",
            column_A="charted",
            column_B="count",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        ),
        rule(
            "expect_column_pair_values_to_be_equal",
            name="studies behind it",
            label="Count and number of studies listed",
            allowed="the same number",
            column_A="count",
            column_B="listed",
            ignore_row_if="either_value_is_missing",
        ),
        rule(
            "expect_column_values_to_be_between",
            name="share",
            label="Share",
            allowed="from 0 to 1",
            column="share",
            min_value=0,
            max_value=1,
        ),
        rule(
            "expect_column_pair_values_to_be_equal",
            name="share of studies",
            label="Share and count over its denominator",
            allowed="the same number",
            column_A="share",
            column_B="expected_share",
            ignore_row_if="both_values_are_missing",
        ),
        rule(
            "expect_column_values_to_be_null",
            name="known studies",
            label="Studies that are not charted",
            allowed="none",
            column="unknown",
        ),
        rule(
            "expect_column_values_to_be_null",
            name="left out",
            label="Studies that are counted although left out",
            allowed="none",
            column="counted_though_left_out",
        ),
        rule(
            "expect_column_values_to_be_null",
            name="options",
            label="Value that is no option of its field",
            allowed="none",
            column="no_option",
        ),
    ),
)

TABLES = Suite(
    "summary tables",
    (
        rule(
            "expect_column_pair_values_to_be_equal",
            name="sum",
            label="Studies in the rows and without an answer, and studies asked",
            allowed="the same number",
            column_A="accounted",
            column_B="asked",
            ignore_row_if="either_value_is_missing",
        ),
        rule(
            "expect_column_pair_values_to_be_equal",
            name="every study",
            label="Studies asked and not asked, and studies that count",
            allowed="the same number",
            column_A="asked_or_not",
            column_B="counted",
            ignore_row_if="either_value_is_missing",
        ),
        rule(
            "expect_column_values_to_not_be_null",
            name="every study",
            label="Studies of a table",
            allowed="a number",
            column="accounted",
        ),
    ),
)

FACTS = Suite(
    "summary facts",
    (
        rule(
            "expect_column_values_to_not_be_null",
            name="present",
            label="Value of the fact",
            allowed="a value",
            column="value",
        ),
        rule(
            "expect_column_values_to_be_in_set",
            name="holds",
            label="Whether the fact holds",
            allowed="true",
            column="holds",
            value_set=[True],
        ),
    ),
)

STATUSES = Suite(
    "retraction statuses",
    (
        rule(
            "expect_column_values_to_not_be_null",
            name="status",
            label="Retraction status",
            allowed="retracted, expression_of_concern, corrected, none or unknown",
            column="shown",
        ),
        rule(
            "expect_column_values_to_be_in_set",
            name="status",
            label="Retraction status",
            allowed="retracted, expression_of_concern, corrected, none or unknown",
            column="shown",
            value_set=["retracted", "expression_of_concern", "corrected", "none", "unknown"],
        ),
        rule(
            "expect_column_values_to_not_be_null",
            name="checked on",
            label="Date on which no retraction was found",
            allowed="a date; without one the status is unknown",
            column="checked_on",
            row_condition={
                "type": "comparison",
                "column": {"name": "shown"},
                "operator": "==",
                "parameter": "none",
            },
        ),
        rule(
            "expect_column_pair_values_to_be_equal",
            name="as known",
            label="Retraction status known and shown",
            allowed="the same; unknown is never shown as none",
            column_A="known",
            column_B="shown",
            ignore_row_if="both_values_are_missing",
        ),
    ),
)
