"""How the time to dedupe grows with the number of records, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

Row = dict[str, Any]


def points_of(rows: Sequence[Row]) -> pd.DataFrame:
    """``records`` and ``seconds`` of wall of the rows of case ``dedupe_rows``."""
    found = [(row["facts"]["records"], row["parts"]["dedupe"][0]) for row in rows]
    return pd.DataFrame(found, columns=["records", "seconds"])


def draw(rows: Sequence[Row], path: Path) -> None:
    """Both axes logarithmic: what grows as the records do is a straight line of slope 1. The ending says the format."""
    base = alt.Chart(points_of(rows), title="Dedupe of made-up records from nothing, one process").encode(
        x=alt.X("records:Q", scale=alt.Scale(type="log", padding=24), title="records"),
        y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds"),
    )
    told = base.mark_text(align="right", dx=-6, dy=-6).encode(text=alt.Text("seconds:Q", format=".3~r"))
    (base.mark_line(point=True) + told).properties(width=480, height=320).save(str(path))
