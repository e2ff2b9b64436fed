"""How time and memory grow with the number of records, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

Row = dict[str, Any]


def points_of(rows: Sequence[Row]) -> pd.DataFrame:
    """``records``, ``measure`` and ``value`` of the rows of case ``dedupe_rows``."""
    found = [
        (row["facts"]["records"], measure, value)
        for row in rows
        for measure, value in (
            ("seconds", row["parts"]["dedupe"][0]),
            ("seconds of CPU", row["parts"]["dedupe"][1]),
            ("peak memory, MB", row["facts"]["peak memory MB with rows and result"]),
        )
    ]
    return pd.DataFrame(found, columns=["records", "measure", "value"])


def draw(rows: Sequence[Row], path: Path) -> None:
    """Both axes logarithmic: what grows as the records do is a straight line of slope 1. The ending says the format."""
    chart = (
        alt.Chart(points_of(rows), title="Dedupe of made-up records from nothing, one process")
        .mark_line(point=True)
        .encode(
            x=alt.X("records:Q", scale=alt.Scale(type="log"), title="records"),
            y=alt.Y("value:Q", scale=alt.Scale(type="log"), title=None),
            color=alt.Color("measure:N", title=None),
        )
        .properties(width=480, height=320)
    )
    chart.save(str(path))
