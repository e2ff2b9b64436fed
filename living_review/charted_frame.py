"""The charted frame: one row a study, one column a field; which fields are asked of which study, and their values.

The summary and the checks of charted data read the frame through this module, so that both mean the same by "asked"
(the form's ``only_if``) and by "missing". Values are text here, as the protocol writes its options.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from living_review.countries import country_names
from living_review.errors import InvalidData
from living_review.protocol import ChartingField, FieldType, Protocol

OWN_COLUMNS = ("study_id", "charted_by", "checked_by", "form_version")
"""Columns beside the form's fields (rule: a charting row carries the form version, who charted, who checked)."""

NUMERIC = frozenset({FieldType.INTEGER, FieldType.NUMBER})


def counted_rows(
    frame: pd.DataFrame, protocol: Protocol, left_out: frozenset[str] = frozenset()
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows that count, in the order of their study ids, and the ids in the frame that were left out.

    Raises:
        InvalidData: If the frame lacks a column, or a study has no id or two rows.
    """
    expected = ["study_id", *(item.name for item in protocol.charting.fields)]
    absent = [name for name in expected if name not in frame.columns]
    if absent:
        raise InvalidData(
            f"the charted frame lacks {', '.join(absent)}",
            f"form version {protocol.charting.form_version}",
            "export the charting form again and chart what is new",
        )
    ids = frame["study_id"]
    if bool(ids.isna().any()):
        raise InvalidData("a charted row has no study id", f"row {int(ids.isna().argmax()) + 1}")
    repeated = sorted({str(value) for value in ids[ids.duplicated()]})
    if repeated:
        raise InvalidData(f"found more than one charted row for study {', '.join(repeated)}", "charted frame")
    ordered = frame.assign(study_id=ids.astype(str)).sort_values("study_id", ignore_index=True)
    out = ordered["study_id"].isin(list(left_out))
    return ordered[~out].reset_index(drop=True), tuple(ordered.loc[out, "study_id"])


def is_missing(cell: Any) -> bool:
    """Whether a cell holds no answer: null, blank text, or a list of nothing."""
    if isinstance(cell, str):
        return not cell.strip()
    if isinstance(cell, (list, tuple, set, frozenset)):
        return all(is_missing(element) for element in cell)
    return bool(pd.isna(cell))


def values_of(cell: Any) -> tuple[str, ...]:
    """The values in a cell as text, each once, in their order; none if the cell is missing.

    Booleans are ``true`` and ``false``; dates are ``YYYY-MM-DD``; a number without a
    fraction is written without one (``5``, not ``5.0``).
    """
    if is_missing(cell):
        return ()
    cells = cell if isinstance(cell, (list, tuple, set, frozenset)) else (cell,)
    if isinstance(cell, (set, frozenset)):
        cells = sorted(cell, key=str)
    return tuple(dict.fromkeys(_as_text(element) for element in cells if not is_missing(element)))


def asked(frame: pd.DataFrame, protocol: Protocol) -> dict[str, pd.Series[bool]]:
    """Field name -> for each row of the frame (its index), whether the form asks this field of that study.

    A field whose ``only_if`` names a field that is itself not asked is not asked, whatever was written there.
    """
    result: dict[str, pd.Series[bool]] = {}
    for item in protocol.charting.fields:
        rows = [True] * len(frame)
        for other, wanted in item.only_if.items():
            allowed = _wanted(protocol.charting.field(other), wanted)
            cells = frame[other].tolist()
            rows = [
                row and was_asked and not allowed.isdisjoint(values_of(cell))
                for row, was_asked, cell in zip(rows, result[other], cells, strict=True)
            ]
        result[item.name] = pd.Series(rows, index=frame.index, dtype=bool)
    return result


def long_answers(frame: pd.DataFrame, item: ChartingField, is_asked: pd.Series[bool]) -> pd.DataFrame:
    """The answers to one field, a row for each study and value: columns ``study_id``, ``value``.

    Studies of which the field is not asked and studies without an answer have no row.
    """
    values = [values_of(cell) if ask else () for cell, ask in zip(frame[item.name].tolist(), is_asked, strict=True)]
    series = pd.Series(values, index=pd.Index(frame["study_id"], dtype=object), dtype=object)
    exploded = series.explode().dropna()
    return pd.DataFrame({"study_id": exploded.index.astype(object), "value": exploded.to_numpy(dtype=object)})


def levels(item: ChartingField, protocol: Protocol, counts: Mapping[str, int]) -> tuple[str, ...]:
    """The values of a field in the order in which readers see them.

    The options in the form's order, also those that no study has, then whatever else was found; true before false;
    dates by year; countries by number of studies, then by code.
    """
    listed: tuple[str, ...] = ()
    if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}:
        listed = protocol.options_of(item.name)
    elif item.type is FieldType.BOOLEAN:
        listed = ("true", "false")
    found = [value for value in counts if value not in listed]
    if item.type is FieldType.COUNTRY:
        return tuple(sorted(found, key=lambda value: (-counts[value], value)))
    return (*listed, *sorted(found))


def level_title(item: ChartingField, protocol: Protocol, value: str) -> str:
    """What people read for a value of a field."""
    if item.type is FieldType.BOOLEAN:
        return {"true": "Yes", "false": "No"}.get(value, value)
    if item.type is FieldType.COUNTRY:
        return country_names().get(value, value)
    return protocol.title_of(item.name, value)


def _wanted(item: ChartingField, wanted: tuple[str, ...]) -> frozenset[str]:
    if item.type not in NUMERIC:
        return frozenset(wanted)
    numbers = pd.to_numeric(pd.Series(wanted, dtype=object), errors="coerce")
    return frozenset(
        text if pd.isna(number) else _as_text(float(number)) for text, number in zip(wanted, numbers, strict=True)
    )


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if str(value) in {"True", "False"}:
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()[:10]
    if hasattr(value, "is_integer") and value.is_integer():
        return str(int(value))
    return str(value)
