"""Whether the review's own entries in ``charting.expectations`` can be used, found before anything is charted.

Great Expectations drops what it does not know with a log line, and finds a wrong column only when it runs. So each
entry is built here by itself and run once on made-up answers; whatever raises then would raise on every real run.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from expectations.charted import charted_suite, prepared
from expectations.run import build, load, validate
from expectations.suite import Suite
from living_review.protocol import ChartingField, FieldType, Protocol

_KEYS = {"type", "kwargs", "meta"}

_EXAMPLES: dict[FieldType, tuple[Any, Any]] = {
    FieldType.TEXT: ("some text", "other text"),
    FieldType.INTEGER: (12, 40),
    FieldType.NUMBER: (0.5, 2.25),
    FieldType.DATE: ("2019-05-01", "2020-06-02"),
    FieldType.BOOLEAN: (True, False),
    FieldType.COUNTRY: ("AU", "GB"),
}


def check_entries(protocol: Protocol) -> list[str]:
    """Every mistake in ``charting.expectations``: which entry, what was found, what is allowed.

    Loads Great Expectations (some seconds) only if the protocol has entries.
    """
    entries = protocol.charting.expectations
    mistakes: list[str] = []
    usable: list[tuple[int, Mapping[str, Any]]] = []
    columns = _columns(protocol)
    for place, entry in enumerate(entries):
        problem = _form_of(entry) or _columns_of(entry, columns) or _arguments_of(entry)
        if not problem and entry in entries[:place]:
            problem = f"found the same as charting.expectations[{entries.index(entry)}]; allowed: each once"
        if problem:
            mistakes.append(f"charting.expectations[{place}]: {problem}")
        else:
            usable.append((place, entry))
    own = charted_suite(
        protocol.model_copy(
            update={"charting": protocol.charting.model_copy(update={"expectations": tuple(e for _, e in usable)})}
        )
    ).expectations
    sample = prepared(_sample(protocol), protocol)
    for (place, _), rule in zip(usable, own[len(own) - len(usable) :], strict=True):
        report = validate(sample, Suite("one entry", (rule,)), "study_id", len(sample), {"today": "2020-12-31"})
        mistakes += [
            f"charting.expectations[{place}]: found an entry that cannot be evaluated ({error}); "
            "allowed: one that runs on the columns of the form"
            for error in report.errors
        ]
    return mistakes


def _columns(protocol: Protocol) -> list[str]:
    own = ["study_id", "charted_by", "checked_by", "form_version"]
    return [*own, *(item.name for item in protocol.charting.fields)]


def _form_of(entry: Mapping[str, Any]) -> str:
    unknown = sorted(set(entry).difference(_KEYS))
    if unknown:
        return f"found {', '.join(unknown)}; allowed: type, kwargs, meta"
    kind = entry.get("type")
    if not isinstance(kind, str):
        return f"found type {kind!r}; allowed: a name such as expect_column_values_to_be_between"
    if not isinstance(entry.get("kwargs", {}), dict):
        return f"found kwargs {entry['kwargs']!r}; allowed: a mapping of argument to value"
    if not isinstance(entry.get("meta") or {}, dict):
        return f"found meta {entry['meta']!r}; allowed: a mapping, for example with the key allowed"
    if isinstance(entry.get("kwargs", {}).get("row_condition"), str):
        # As text it would be run as code by pandas.
        return (
            "found row_condition as text; allowed: as a mapping, for example "
            '{"type": "comparison", "column": {"name": "year"}, "operator": ">=", "parameter": 2015}'
        )
    load()
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    known = list_registered_expectation_implementations()
    if kind not in known:
        near = difflib.get_close_matches(kind, known, n=1)
        return f"found type {kind!r}; allowed: an expectation that Great Expectations has" + (
            f", for example {near[0]}" if near else ""
        )
    return ""


def _columns_of(entry: Mapping[str, Any], columns: list[str]) -> str:
    kwargs = entry.get("kwargs", {})
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    named += [name for key in ("column_list",) for name in kwargs.get(key) or ()]
    wrong = [str(name) for name in named if name not in columns]
    return f"found column {', '.join(wrong)}; allowed: {', '.join(columns)}" if wrong else ""


def _arguments_of(entry: Mapping[str, Any]) -> str:
    from great_expectations.compatibility.pydantic import ValidationError

    try:
        build({"type": entry["type"], "kwargs": entry.get("kwargs", {})})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(str(part) for part in one['loc'])} {one['msg']}" for one in error.errors())
        return f"found arguments that {entry['type']} does not take ({problems}); allowed: its own arguments"
    except (TypeError, ValueError) as error:
        return f"found arguments that {entry['type']} does not take ({error}); allowed: its own arguments"
    return ""


def _sample(protocol: Protocol) -> pd.DataFrame:
    """Two made-up rows and one without answers, typed as the charted frame is."""
    frame = pd.DataFrame({"study_id": ["A", "B", "C"]})
    for name in ("charted_by", "checked_by", "form_version"):
        frame[name] = name
    for item in protocol.charting.fields:
        frame[item.name] = _examples(item, protocol)
    return frame


def _examples(item: ChartingField, protocol: Protocol) -> pd.Series[Any]:
    if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}:
        options = protocol.options_of(item.name)
        first, last = options[0], options[-1]
        cells: list[Any] = [[first], [first, last], None] if item.many else [first, last, None]
        return pd.Series(cells, dtype=object)
    kinds = {FieldType.INTEGER: "Int64", FieldType.NUMBER: "Float64", FieldType.BOOLEAN: "boolean"}
    return pd.Series([*_EXAMPLES[item.type], None], dtype=kinds.get(item.type, "object"))
