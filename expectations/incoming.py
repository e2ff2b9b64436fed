"""What a record must meet to enter the review.

A record that breaks a rule is held back with its reasons and shown to people; it is not lost. Real records are
rough, so the rules are few: a record that can be named, told apart, read and linked by its identifiers. A missing
DOI, PMID, year or abstract is not a fault.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from expectations.run import validate
from expectations.suite import Suite, rule
from living_review.validation import ValidationReport, Validator

FIRST_YEAR = 1500
"""Before it there is no journal, and the printed books that databases list begin about then."""

LONGEST_FIELD = 5_000
"""Characters of any text but the abstract; the longest real titles have some 1,500. More is a file read wrongly."""

LONGEST_ABSTRACT = 200_000
"""Characters; proceedings in one record reach 100,000. More is a file whose records were not parted."""

_NO_ABSTRACT = {"type": "nullity", "column": {"name": "abstract"}, "is_null": True}

SUITE = Suite(
    "incoming records",
    (
        rule(
            "expect_column_values_to_not_be_null",
            name="identified",
            label="source id",
            allowed="the identifier that the source gave",
            column="source_id",
        ),
        rule(
            "expect_column_values_to_be_between",
            name="once",
            label="occurrence of this source id in the delivery",
            allowed="once; the first one was taken",
            column="occurrence",
            max_value=1,
        ),
        rule(
            "expect_column_values_to_not_be_null",
            name="readable",
            label="title",
            allowed="a title or an abstract, in whatever language",
            column="title",
            row_condition=_NO_ABSTRACT,
        ),
        rule(
            "expect_column_values_to_be_between",
            name="year",
            label="year",
            allowed=f"from {FIRST_YEAR} to next year",
            column="year",
            min_value=FIRST_YEAR,
            max_value={"$PARAMETER": "next_year"},
        ),
        rule(
            "expect_column_values_to_match_regex",
            name="doi",
            label="DOI",
            allowed="10., a number, a slash and a name without white space",
            column="doi",
            regex=r"^10\.\d{4,9}(?:\.\d+)*/\S+$",
        ),
        rule(
            "expect_column_values_to_match_regex",
            name="pmid",
            label="PMID",
            allowed="one to nine digits, the first not zero",
            column="pmid",
            regex=r"^[1-9][0-9]{0,8}$",
        ),
        rule(
            "expect_column_values_to_be_between",
            name="length",
            label="characters of the longest field",
            allowed=f"at most {LONGEST_FIELD:,}",
            column="longest_length",
            max_value=LONGEST_FIELD,
        ),
        rule(
            "expect_column_value_lengths_to_be_between",
            name="abstract length",
            label="abstract",
            allowed=f"at most {LONGEST_ABSTRACT:,} characters",
            column="abstract",
            max_value=LONGEST_ABSTRACT,
        ),
    ),
)
"""The same for every review: what a record is does not depend on the question."""


def validate_incoming(frame: pd.DataFrame, today: date, expected_rows: int | None = None) -> ValidationReport:
    """Check a delivery of records.

    Args:
        frame: As :func:`living_review.validation.incoming_frame` makes it.
        today: The day of the delivery; years up to the next one are allowed.
        expected_rows: How many records the source delivered; None: as many as the frame has.

    Returns:
        The report; keys are ``record_key``.
    """
    rows = len(frame) if expected_rows is None else expected_rows
    return validate(frame, SUITE, "record_key", rows, {"next_year": today.year + 1})


def incoming_validator(today: date) -> Validator:
    """The check of incoming records as steps take it; the step compares ``report.rows`` with its own count."""
    return lambda frame: validate_incoming(frame, today)
