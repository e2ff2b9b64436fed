"""How a suite is run: Great Expectations made quiet, repeatable and honest.

Measured traps that :func:`validate` closes: a context shared between threads gives wrong verdicts (each call has its
own, and one call runs at a time); a rule that raised looks like a rule that failed (it becomes an error); results come
in another order than the rules (they are matched by number); an unknown expectation is dropped from a suite with
nothing but a log line (each is built here by itself); an empty suite, an empty frame or a column without values
passes (each is said); the loading takes seconds (it happens at the first call).
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Mapping
from datetime import datetime, time
from functools import cache
from typing import Any

import pandas as pd

from expectations.suite import Suite
from living_review.charted_frame import is_missing
from living_review.validation import Failure, ValidationReport

ROW = "ROW_NUMBER"
"""Column added to the checked copy: names a row even where keys are missing or repeat."""

_ONE_AT_A_TIME = threading.RLock()
_LONGEST_FOUND = 200


def validate(
    frame: pd.DataFrame,
    suite: Suite,
    key_column: str,
    expected_rows: int,
    parameters: Mapping[str, Any] | None = None,
) -> ValidationReport:
    """Check a frame against a suite.

    Args:
        frame: What to check; it is not changed.
        suite: The rules.
        key_column: The column that names a row to people and to the ledger.
        expected_rows: How many rows there must be, from whoever made the frame.
        parameters: Values for ``{"$PARAMETER": name}`` in the rules.

    Returns:
        The report; failures in the order of the rows, then of the rules. A frame without rows passes if none are
        expected, with every rule listed as having nothing to check. A suite without rules does not pass.
    """
    names = [_name(entry) for entry in suite.expectations]
    found_rows = [f"expected {expected_rows} rows, found {len(frame)}"] if len(frame) != expected_rows else []
    if not len(frame):
        return ValidationReport(
            suite.name, suite.sha256, 0, 0, table_failures=tuple(found_rows), nothing_to_check=tuple(names)
        )
    if key_column not in frame.columns:
        return ValidationReport(
            suite.name, suite.sha256, len(frame), 0, errors=(f"the frame has no column {key_column}",)
        )
    if not names:
        found_rows.append("the suite has no rules, so nothing was checked")
        return ValidationReport(suite.name, suite.sha256, len(frame), 0, table_failures=tuple(found_rows))
    with _ONE_AT_A_TIME:
        results = _results(frame, suite, expected_rows, dict(parameters or {}))
    keys = [f"row {place + 1}" if is_missing(key) else str(key) for place, key in enumerate(frame[key_column].tolist())]
    failures: list[tuple[int, int, Failure]] = []
    table_failures, errors, nothing = [*found_rows], [], []
    table_failures += [
        f"{key}: the row has no {key_column}"
        for key, value in zip(keys, frame[key_column].tolist(), strict=True)
        if is_missing(value)
    ]
    evaluated = 0
    for order, entry in enumerate(suite.expectations):
        result = results.get(order)
        problem = "it was not evaluated" if result is None else _exception_in(result["exception_info"])
        if result is None or problem:
            errors.append(f"{names[order]}: {problem}")
            continue
        if result["success"] and _saw_nothing(result["result"]):
            nothing.append(names[order])
            continue
        evaluated += 1
        if not result["success"]:
            rows = sorted({int(row[ROW]) for row in result["result"].get("unexpected_index_list") or ()})
            failures += [(row, order, _failure(frame, row, keys[row], entry)) for row in rows]
            if not rows:
                table_failures.append(_table_failure(entry, result["result"]))
    counted = results.get(len(names))
    if not found_rows and not errors and not (counted and counted["success"]):
        errors.append("the rows were not counted as they were given")
    return ValidationReport(
        suite=suite.name,
        suite_sha256=suite.sha256,
        rows=len(frame),
        evaluated=evaluated,
        failures=tuple(failure for _, _, failure in sorted(failures, key=lambda found: found[:2])),
        table_failures=tuple(table_failures),
        errors=tuple(errors),
        nothing_to_check=tuple(nothing),
    )


def build(entry: Mapping[str, Any], order: int = 0) -> Any:
    """One rule as an object of Great Expectations.

    Raises:
        great_expectations.exceptions.ExpectationNotFoundError: If there is no such type.
        pydantic.v1.ValidationError: If its arguments are not what it takes.
    """
    load()
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(entry["type"])(**entry["kwargs"], meta={"order": order})


@cache
def load() -> Any:
    """Great Expectations with its own telemetry off and the expectations of this package known to it."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Its own imports of modules that Python will drop; nothing of ours can be changed to avoid them.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations

        import expectations.answers  # noqa: F401  (defining an expectation registers it)
    return great_expectations


def _results(
    frame: pd.DataFrame, suite: Suite, expected_rows: int, parameters: dict[str, Any]
) -> dict[int, dict[str, Any]]:
    """Results by the rule's number; the last one, beyond the rules, is the count of the rows."""
    gx = load()
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    in_memory = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    context = gx.get_context(mode="ephemeral", project_config=in_memory)
    rows = frame.reset_index(drop=True).assign(**{ROW: range(len(frame))})
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": rows})
    count = {"type": "expect_table_row_count_to_equal", "kwargs": {"value": expected_rows}}
    results: dict[int, dict[str, Any]] = {}
    usable = []
    for order, entry in enumerate((*suite.expectations, count)):
        try:
            usable.append(build(entry, order))
        except (gx.exceptions.ExpectationNotFoundError, ValidationError, TypeError) as error:
            results[order] = _raised(error)
    try:
        with warnings.catch_warnings():
            # pandas warns of groups in a regular expression, which is no fault in a rule.
            warnings.filterwarnings("ignore", "This pattern is interpreted as a regular expression", UserWarning)
            outcome = batch.validate(
                gx.ExpectationSuite(name=suite.name, expectations=usable),
                result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [ROW]},
                expectation_parameters=parameters,
            )
    except gx.exceptions.GreatExpectationsError as error:
        return {order: _raised(error) for order in range(len(suite.expectations) + 1)}
    for result in outcome.results:
        results[result.expectation_config.meta["order"]] = {
            "success": result.success,
            "result": result.result,
            "exception_info": result.exception_info,
        }
    return results


def _raised(error: Exception) -> dict[str, Any]:
    info = {"raised_exception": True, "exception_message": str(error)}
    return {"success": False, "result": {}, "exception_info": info}


def _exception_in(info: Mapping[str, Any]) -> str:
    """The first message of an exception inside a rule; empty if there was none. One or many, by metric."""
    single = "raised_exception" in info
    each = [info] if single else [value for value in info.values() if isinstance(value, Mapping)]
    messages = sorted(str(one.get("exception_message")) for one in each if one.get("raised_exception"))
    return " ".join(messages[0].split()) if messages else ""


def _saw_nothing(result: Mapping[str, Any]) -> bool:
    if "element_count" in result:
        return bool(result["element_count"] == result.get("missing_count", 0))
    if "observed_value" in result:
        return is_missing(result["observed_value"])
    return False


def _columns(entry: Mapping[str, Any]) -> list[str]:
    kwargs = entry["kwargs"]
    single = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    return [*single, *kwargs.get("column_list", ()), *kwargs.get("column_set", ())]


def _name(entry: Mapping[str, Any]) -> str:
    meta = entry.get("meta") or {}
    return f"{meta.get('label') or ', '.join(_columns(entry)) or 'table'}: {meta.get('rule') or entry['type']}"


def _failure(frame: pd.DataFrame, row: int, key: str, entry: Mapping[str, Any]) -> Failure:
    columns = _columns(entry)
    meta = entry.get("meta") or {}
    found = ", ".join(shown(frame[name].iloc[row]) for name in columns)
    label = meta.get("label") or ", ".join(columns)
    return Failure(
        row_key=key,
        column=", ".join(columns),
        rule=str(meta.get("rule") or entry["type"]),
        found=found,
        message=f"{label}: found {found}; allowed: {_allowed(entry)}",
    )


def _table_failure(entry: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    meta = entry.get("meta") or {}
    label = meta.get("label") or ", ".join(_columns(entry)) or "table"
    return f"{label}: found {shown(result.get('observed_value'))}; allowed: {_allowed(entry)}"


def _allowed(entry: Mapping[str, Any]) -> str:
    meta = entry.get("meta") or {}
    if meta.get("allowed"):
        return str(meta["allowed"])
    skipped = {"column", "column_A", "column_B", "column_list", "column_set"}
    given = ", ".join(f"{name} {value}" for name, value in entry["kwargs"].items() if name not in skipped)
    return f"{entry['type'].removeprefix('expect_').replace('_', ' ')}{f' ({given})' if given else ''}"


def shown(value: Any) -> str:
    """A value as people read it: lists parted by semicolons, nothing for a missing one, days, long text cut."""
    if is_missing(value):
        return "nothing"
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(element) for element in value)
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_FOUND else f"{text[: _LONGEST_FOUND - 1]}…"
