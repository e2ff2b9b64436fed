"""What a charted row must meet: rules made from the charting form, and the review's own.

From the form: an answer where one is required and the field is asked (``only_if``), none where it is not asked, the
kind of each answer, its options, no value twice. A row that breaks a rule goes back to its charter with messages in
the form's words. The review's own rules are entries of ``charting.expectations`` in Great Expectations' JSON form.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from expectations.run import validate
from expectations.suite import Suite, rule
from living_review.charted_frame import asked, is_missing
from living_review.charting import condition_in_words
from living_review.charting_values import allowed_values
from living_review.protocol import ChartingField, FieldType, Protocol
from living_review.validation import ValidationReport, Validator

ASKED = "ASKED_"
"""Prefix of the columns that say whether a field is asked; fields have lower-case names, so none can be meant."""


def charted_suite(protocol: Protocol) -> Suite:
    """The rules for the rows of this protocol's form, the form's first, then the review's own in their order.

    They hold for the frame that :func:`prepared` makes.
    """
    rules = [
        rule(
            "expect_column_values_to_not_be_null",
            name="study",
            label="Study",
            allowed="the id of a study",
            column="study_id",
        ),
        rule(
            "expect_column_values_to_be_unique",
            name="one row",
            label="Study",
            allowed="one row for each study",
            column="study_id",
        ),
        rule(
            "expect_column_values_to_not_be_null",
            name="charter",
            label="Charted by",
            allowed="the name of the person who charted",
            column="charted_by",
        ),
        rule(
            "expect_column_values_to_not_be_null",
            name="form",
            label="Form version",
            allowed="the version of the form that was filled in",
            column="form_version",
        ),
    ]
    for item in protocol.charting.fields:
        rules += _rules_of(item, protocol)
    return Suite("charted data", (*rules, *(_own(entry) for entry in protocol.charting.expectations)))


def prepared(frame: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """The charted frame as the rules read it: blank text and empty lists are missing, and a column for each
    conditional field says whether it is asked of the row's study.
    """  # noqa: D205
    ready = frame.copy()
    for name in ready.columns:
        cells = ready[name].tolist()
        if any(is_missing(cell) and not _is_null(cell) for cell in cells):
            ready[name] = pd.Series(
                [None if is_missing(cell) else cell for cell in cells], index=ready.index, dtype=object
            )
    known = {item.name for item in protocol.charting.fields}.issubset(ready.columns)
    applies = asked(ready, protocol) if known else {}
    for item in protocol.charting.fields:
        if item.only_if and known:
            ready[ASKED + item.name] = applies[item.name]
    return ready


def validate_charted(
    frame: pd.DataFrame, protocol: Protocol, today: date, expected_rows: int | None = None
) -> ValidationReport:
    """Check charted rows.

    Args:
        frame: The charted frame: ``study_id``, ``charted_by``, ``checked_by``, ``form_version`` and a column a field.
        protocol: Holds the form and the review's own rules.
        today: No charted date may be after it.
        expected_rows: How many rows were charted; None: as many as the frame has.

    Returns:
        The report; keys are study ids. A row whose key is in ``failing_keys`` goes back to its charter.
    """
    rows = len(frame) if expected_rows is None else expected_rows
    suite = charted_suite(protocol)
    return validate(prepared(frame, protocol), suite, "study_id", rows, {"today": today.isoformat()})


def charted_validator(protocol: Protocol, today: date) -> Validator:
    """The check of charted rows as steps take it; the step compares ``report.rows`` with its own count."""
    return lambda frame: validate_charted(frame, protocol, today)


def _is_null(cell: Any) -> bool:
    return not isinstance(cell, (str, list, tuple, set, frozenset))


def _rules_of(item: ChartingField, protocol: Protocol) -> list[dict[str, Any]]:
    rules = []
    where = condition_in_words(protocol, item)
    if item.required:
        rules.append(
            rule(
                "expect_column_values_to_not_be_null",
                name="required",
                label=item.title,
                allowed=f"an answer, as it is asked {where}" if where else "an answer",
                column=item.name,
                **_where_asked(item, True),
            )
        )
    if item.only_if:
        rules.append(
            rule(
                "expect_column_values_to_be_null",
                name="not asked",
                label=item.title,
                allowed=f"nothing, as it is asked only {where}",
                column=item.name,
                **_where_asked(item, False),
            )
        )
    latest = {"latest": {"$PARAMETER": "today"}} if item.type is FieldType.DATE else {}
    rules.append(
        rule(
            "expect_column_answers_to_be_of_kind",
            name="kind",
            label=item.title,
            allowed=allowed_values(protocol, item),
            column=item.name,
            kind=str(item.type),
            **latest,
        )
    )
    if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}:
        options = list(protocol.options_of(item.name))
        rules.append(
            rule(
                "expect_column_answers_to_be_in_set",
                name="options",
                label=item.title,
                allowed=allowed_values(protocol, item),
                column=item.name,
                value_set=options,
            )
        )
    if item.many:
        rules.append(
            rule(
                "expect_column_answers_to_be_distinct",
                name="no repeats",
                label=item.title,
                allowed="each value once",
                column=item.name,
            )
        )
    return rules


def _where_asked(item: ChartingField, is_asked: bool) -> dict[str, Any]:
    if not item.only_if:
        return {}
    return {
        "row_condition": {
            "type": "comparison",
            "column": {"name": ASKED + item.name},
            "operator": "==",
            "parameter": is_asked,
        }
    }


def _own(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A review's own entry; missing values of pairs are not compared, because Great Expectations fails or raises."""
    kwargs = dict(entry.get("kwargs", {}))
    if {"column_A", "column_B"} <= kwargs.keys():
        kwargs.setdefault("ignore_row_if", "either_value_is_missing")
    elif "column_list" in kwargs:
        kwargs.setdefault("ignore_row_if", "any_value_is_missing")
    return {"type": entry["type"], "kwargs": kwargs, "meta": dict(entry.get("meta") or {})}
