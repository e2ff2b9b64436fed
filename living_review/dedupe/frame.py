"""Dedupe a DataFrame: the same engine as in a review, on columns.

>>> import pandas as pd
>>> from living_review.dedupe.frame import dedupe
>>> dedupe(pd.DataFrame({"id": ["a", "b"], "title": ["Bees of the alpine meadows"] * 2, "doi": ["10.5555/x"] * 2})).report_id.tolist()
['a', 'a']
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from living_review.dedupe import engine
from living_review.dedupe.fields import Fields, of_columns
from living_review.errors import InvalidFile

COLUMNS = ("title", "author", "year", "journal", "volume", "number", "pages", "doi", "isbn", "abstract", "pmid")
"""The columns that are compared; all may be missing but one."""


@engine.much_to_keep()
def dedupe(records: pd.DataFrame, progress: Callable[[int, int], None] = lambda done, of: None) -> pd.DataFrame:
    """Which rows are one report.

    Args:
        records: One row a record: ``id`` (any text, none twice; the index where there is no such column) and any of
            :data:`COLUMNS`, as text; what is missing is empty.
        progress: Called from time to time with the pairs compared and their number.

    Returns:
        One row a record in the order given, with the same index: ``id``; ``report_id``, the id of the first record of its report;
        ``certainty`` and ``evidence`` of its strongest link to another record of its report (both empty where it is
        the only one).

    Raises:
        InvalidFile: If two rows have one id, or no column can be compared.
    """
    ids = _ids(records)
    fields = fields_of(records)
    pairs = list(engine.compare(fields, progress))
    places = engine.reports(fields, pairs)
    strongest = engine.strongest(pairs, places)
    linked = [strongest.get(place) for place in range(len(ids))]
    return pd.DataFrame(
        {
            "id": ids,
            "report_id": [ids[place] for place in places],
            "certainty": ["" if one is None else one.certainty for one in linked],
            "evidence": ["" if one is None else one.said for one in linked],
        },
        index=records.index,
        dtype=object,
    )


@engine.much_to_keep()
def possible(records: pd.DataFrame) -> pd.DataFrame:
    """The pairs of two reports that a person should look at.

    Returns:
        One row a pair, the likeliest first: ``id``, ``other_id``, ``rule`` (``versions`` for preprint and article),
        ``points``, ``evidence``.

    Raises:
        InvalidFile: As :func:`dedupe`.
    """
    ids = _ids(records)
    fields = fields_of(records)
    pairs = list(engine.compare(fields))
    found = engine.to_look_at(pairs, engine.reports(fields, pairs))
    return pd.DataFrame(
        [(ids[one.a], ids[one.b], one.match.rule, one.match.points, one.match.said) for one in found],
        columns=["id", "other_id", "rule", "points", "evidence"],
    )


def fields_of(records: pd.DataFrame) -> list[Fields]:
    """The rows as they are compared.

    Raises:
        InvalidFile: If no column can be compared.
    """
    known = [name for name in COLUMNS if name in records.columns]
    if not known and len(records.columns):
        raise InvalidFile(
            f"no column to compare, found {', '.join(map(str, records.columns[:8]))}",
            "dedupe",
            f"name one or more {', '.join(COLUMNS)}",
        )
    texts = [_texts(records[name]) if name in records else [""] * len(records) for name in COLUMNS]
    return [of_columns(*row) for row in zip(*texts, strict=True)]


def _texts(column: pd.Series[Any]) -> list[str]:
    """The cells as text: nothing where there is nothing, and 12 where a gap in the column made it 12.0."""
    return [cell if isinstance(cell, str) else _text(cell) for cell in column.tolist()]


def _text(cell: Any) -> str:
    if pd.isna(cell) is True:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _ids(records: pd.DataFrame) -> list[str]:
    names = records.columns[records.columns.duplicated()]
    if len(names):
        raise InvalidFile(f"the column {names[0]!r} is there twice", "dedupe", "give every column a name of its own")
    given = records["id"] if "id" in records else records.index.to_series()
    missing = [place for place, one in enumerate(given.isna() | (given.astype(str).str.strip() == "")) if one]
    if missing:
        raise InvalidFile(f"row {missing[0] + 1} has no id", "dedupe", "give every record an id")
    ids = given.astype(str)
    twice = ids[ids.duplicated()]
    if len(twice):
        raise InvalidFile(f"id {twice.iloc[0]!r} stands in two rows", "dedupe", "give every record an id of its own")
    return ids.tolist()
