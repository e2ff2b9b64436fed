"""The people of the rehearsal: reviewers who decide and a charter who charts, from the answer key of made-up records.

They work as people do: on the files that the review hands out, which stay in the folder to look at.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from infra.local.fictional import Truth, truth
from living_review.protocol import Stage

ANN, BEN, CHO = "ann", "ben", "cho"
"""Two who screen, and one who settles conflicts and charts."""

Slip = Callable[[int, str], str]
"""(place, right decision) -> the decision given."""


def right(_place: int, decision: str) -> str:
    """No slip."""
    return decision


def every_thirtieth_kept(place: int, decision: str) -> str:
    """A reviewer who lets every thirtieth pass: where both do, the report is read in full and excluded there."""
    return "include" if place % 30 == 0 else decision


def every_tenth_kept(place: int, decision: str) -> str:
    """A reviewer who lets every tenth report pass that should not."""
    return "include" if place % 10 == 0 else decision


class AnswerKey:
    """What is true of the made-up records, found by DOI or title as a file shows them."""

    def __init__(self) -> None:
        self._by_doi = {one.doi.lower(): one for one in truth() if one.doi}
        self._by_title = {_plain(one.title): one for one in truth()}

    def of(self, doi: str, title: str) -> Truth | None:
        """The answer for one record; None for a near miss that only another database has."""
        return self._by_doi.get(doi.lower()) or self._by_title.get(_plain(title))


def fill_screening(path: Path, key: AnswerKey, stage: Stage, slip: Slip = right) -> int:
    """Decide every report of the exported CSV; returns how many."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for place, row in enumerate(rows):
        answer = key.of(row["doi"], row["title"])
        row["decision"] = slip(place, "include" if answer and answer.eligible else "exclude")
        excluded = row["decision"] == "exclude"
        row["reason"] = ((answer and answer.reason) or "no_change") if excluded and stage is Stage.FULL_TEXT else ""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys() if rows else ["report_id"])
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def fill_charting(path: Path, key: AnswerKey, dois: Mapping[str, str], *, slip: bool = False) -> int:
    """Chart every study of the exported workbook; with ``slip`` the first row gets an option the form has not.

    Args:
        path: The workbook.
        key: The answers.
        dois: Study id -> DOI of its first report.
        slip: Whether to make one mistake.
    """
    book = load_workbook(path)
    studies, quotes = book["Studies"], book["Quotes"]
    columns = {str(cell.value): place for place, cell in enumerate(studies[1], 1)}
    quote_columns = {str(cell.value): place for place, cell in enumerate(quotes[1], 1)}
    rows = [row for row in range(3, studies.max_row + 1) if studies.cell(row, columns["study_id"]).value]
    at = 3
    for place, row in enumerate(rows):
        study = str(studies.cell(row, columns["study_id"]).value)
        known = key.of(dois.get(study, ""), str(studies.cell(row, columns["title"]).value))
        if known is None or known.charting is None:
            continue
        answer = known.charting
        for name, value in answer.to_dict().items():
            studies.cell(row, columns[name]).value = _cell(value)
        if slip and place == 0:
            studies.cell(row, columns["communication_model"]).value = "three-way"
        studies.cell(row, columns["charted_by"]).value = ANN
        studies.cell(row, columns["checked_by"]).value = CHO
        for name, value in {
            "study_id": study,
            "field": "model",
            "value": answer.model[0],
            "quote": answer.key_finding,
            "location": "abstract",
        }.items():
            quotes.cell(at, quote_columns[name]).value = value
        at += 1
    book.save(path)
    return len(rows)


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, (list, tuple)) else value


def _plain(title: str) -> str:
    return "".join(one for one in title.casefold() if one.isalnum())
