"""What a summary must meet to be published: its numbers agree with each other and with what was charted.

Readers never see an invalid summary: where this report does not pass, nothing is published and the version before
stays. Every rule is recomputed here from the studies listed behind a number, not from how the number was made.
"""

from __future__ import annotations

import pandas as pd

from expectations.run import validate
from expectations.suite import Suite, rule
from expectations.summary_frames import SummaryFacts, facts_frame, numbers_frame, tables_frame
from living_review.errors import InvalidData
from living_review.protocol import Protocol
from living_review.synthesis import Synthesis
from living_review.validation import ValidationReport, combined

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
            label="Fact",
            allowed="a value",
            column="value",
        ),
        rule(
            "expect_column_values_to_be_in_set",
            name="holds",
            label="Fact",
            allowed="one that holds",
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


_STATUS_COLUMNS = ("study_id", "known", "shown", "checked_on")


def validate_summary(
    synthesis: Synthesis, facts: SummaryFacts, statuses: pd.DataFrame, protocol: Protocol
) -> ValidationReport:
    """Check a summary before it is published.

    Args:
        synthesis: Everything the summary counts.
        facts: What the summary says beside its numbers.
        statuses: One row a study that the summary lists: ``study_id``, ``known`` (the retraction status in the
            ledger), ``shown`` (the one in the summary), ``checked_on`` (ISO date of the last check, or missing).
        protocol: Says which options there are.

    Returns:
        One report over all parts; keys say which number, table, fact or study. It passes only if every part does.

    Raises:
        InvalidData: If ``statuses`` lacks a column.
    """
    absent = [name for name in _STATUS_COLUMNS if name not in statuses.columns]
    if absent:
        raise InvalidData(f"the retraction statuses lack {', '.join(absent)}", "summary to be published")
    text = pd.DataFrame({name: statuses[name].astype("string") for name in _STATUS_COLUMNS})
    checked_on = text["checked_on"].str.strip()
    text["checked_on"] = checked_on.mask(checked_on == "")
    numbers, tables = numbers_frame(synthesis, facts, protocol), tables_frame(synthesis)
    plain = facts_frame(synthesis, facts, set(text["study_id"].dropna()))
    return combined(
        "summary to be published",
        [
            validate(numbers, NUMBERS, "key", len(numbers)),
            validate(tables, TABLES, "key", len(tables)),
            validate(plain, FACTS, "fact", len(plain)),
            validate(text, STATUSES, "study_id", len(set(facts.charted_studies))),
        ],
    )
