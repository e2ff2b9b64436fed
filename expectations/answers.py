"""Expectations about answers on a charting form that Great Expectations does not have: kinds, and lists of values.

They are ordinary expectations, so a review may use them in ``charting.expectations`` too:

* ``expect_column_answers_to_be_of_kind``: ``kind`` (a field type), ``latest`` (a date that none may come after)
* ``expect_column_answers_to_be_in_set``: ``value_set``; a list holds only values of the set
* ``expect_column_answers_to_be_distinct``: a list holds no value twice
* ``expect_column_answer_counts_to_be_between``: ``min_value``, ``max_value``; how many values a list holds

Importing this module loads Great Expectations; only :mod:`expectations.run` does so, when it runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from numbers import Real
from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)

from living_review.countries import country_names

LONGEST_TEXT = 32_767
"""Characters: what a cell of a workbook holds, so that whatever was charted can be exported again."""


def _holds(column: pd.Series[Any], test: Callable[[Any], bool]) -> pd.Series[bool]:
    return pd.Series([test(cell) for cell in column], index=column.index, dtype=bool)


def _elements(cell: Any) -> list[Any]:
    return list(cell) if isinstance(cell, (list, tuple)) else [cell]


def _is_truth(cell: Any) -> bool:
    return type(cell).__name__ in {"bool", "bool_"}


def _is_whole_number(cell: Any, _: str | None) -> bool:
    if _is_truth(cell) or not isinstance(cell, Real):
        return False
    return float(cell).is_integer() and float(cell) >= 0


def _is_number(cell: Any, _: str | None) -> bool:
    return isinstance(cell, Real) and not _is_truth(cell) and math.isfinite(cell)


def _is_date(cell: Any, latest: str | None) -> bool:
    if isinstance(cell, datetime):
        cell = cell.date()
    text = cell.isoformat() if isinstance(cell, date) else cell
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return False
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return latest is None or day <= date.fromisoformat(latest)


def _is_text(cell: Any, _: str | None) -> bool:
    return isinstance(cell, str) and len(cell) <= LONGEST_TEXT


def _is_list_of_text(cell: Any, _: str | None) -> bool:
    return isinstance(cell, (list, tuple)) and all(isinstance(element, str) for element in cell)


def _is_country(cell: Any, _: str | None) -> bool:
    return isinstance(cell, str) and cell in country_names()


_KINDS: dict[str, Callable[[Any, str | None], bool]] = {
    "text": _is_text,
    "integer": _is_whole_number,
    "number": _is_number,
    "date": _is_date,
    "boolean": lambda cell, _: _is_truth(cell),
    "choice": _is_text,
    "multi_choice": _is_list_of_text,
    "country": _is_country,
}


class AnswersOfKind(ColumnMapMetricProvider):
    """Whether each answer is of the kind that its field holds."""

    condition_metric_name = "column_values.answers_of_kind"
    condition_value_keys = ("kind", "latest")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(self, column: pd.Series[Any], kind: str, latest: str | None = None, **_: Any) -> pd.Series[bool]:
        return _holds(column, lambda cell: _KINDS[kind](cell, latest))


class AnswersInSet(ColumnMapMetricProvider):
    """Whether each answer, or each value of a list, is one of a set."""

    condition_metric_name = "column_values.answers_in_set"
    condition_value_keys = ("value_set",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(self, column: pd.Series[Any], value_set: list[Any], **_: Any) -> pd.Series[bool]:
        return _holds(column, lambda cell: all(element in value_set for element in _elements(cell)))


class AnswersDistinct(ColumnMapMetricProvider):
    """Whether no value stands twice in one answer."""

    condition_metric_name = "column_values.answers_distinct"

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(self, column: pd.Series[Any], **_: Any) -> pd.Series[bool]:
        return _holds(column, lambda cell: len({str(element) for element in _elements(cell)}) == len(_elements(cell)))


class AnswerCountBetween(ColumnMapMetricProvider):
    """Whether each answer has as many values as is allowed."""

    condition_metric_name = "column_values.answer_count_between"
    condition_value_keys = ("min_value", "max_value")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(
        self, column: pd.Series[Any], min_value: int | None = None, max_value: int | None = None, **_: Any
    ) -> pd.Series[bool]:
        least, most = min_value or 0, math.inf if max_value is None else max_value
        return _holds(column, lambda cell: least <= len(_elements(cell)) <= most)


class ExpectColumnAnswersToBeOfKind(ColumnMapExpectation):
    """Expect each answer to be of the kind that its field holds."""

    kind: str
    latest: str | dict[str, Any] | None = None
    map_metric: ClassVar[str] = "column_values.answers_of_kind"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "kind", "latest")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "kind")


class ExpectColumnAnswersToBeInSet(ColumnMapExpectation):
    """Expect each answer, or each value of a list, to be one of a set."""

    value_set: list[Any]
    map_metric: ClassVar[str] = "column_values.answers_in_set"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "value_set")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "value_set")


class ExpectColumnAnswersToBeDistinct(ColumnMapExpectation):
    """Expect no value to stand twice in one answer."""

    map_metric: ClassVar[str] = "column_values.answers_distinct"
    args_keys: ClassVar[tuple[str, ...]] = ("column",)


class ExpectColumnAnswerCountsToBeBetween(ColumnMapExpectation):
    """Expect each answer to have as many values as is allowed."""

    min_value: int | None = None
    max_value: int | None = None
    map_metric: ClassVar[str] = "column_values.answer_count_between"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "min_value", "max_value")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "min_value", "max_value")
