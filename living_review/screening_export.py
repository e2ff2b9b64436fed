"""Reports out to screening tools, as CSV or RIS; :mod:`living_review.screening_files` takes the decisions back in."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from living_review.records import Author, Record
from living_review.screening_formats import (
    DECISION_NOTE,
    NOTE_NOTE,
    REASON_NOTE,
    REVIEWER_NOTE,
    STAGE_NOTE,
    TOKEN,
    shielded,
)
from living_review.sources.ris import write_ris


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One report as reviewers see it, with the asking reviewer's own decision; the columns of the CSV in order."""

    report_id: str
    record_id: int
    """The record shown."""
    title: str = ""
    abstract: str = ""
    authors: str = ""
    """Parted by ``; ``."""
    year: int | None = None
    journal: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    decision: str = ""
    reason: str = ""
    note: str = ""
    stage: str = ""
    reviewer: str = ""
    """Whom the row was written for, at which stage; import takes it for nobody else."""


def export_csv(rows: Iterable[ExportRow]) -> bytes:
    """The rows as CSV that spreadsheets and screening tools open: UTF-8 with BOM, CRLF, a header, no formulas.

    Text that a spreadsheet would run is written with an apostrophe in front; import takes it off again.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    columns = [item.name for item in fields(ExportRow)]
    writer.writerow(columns)
    for row in rows:
        cells = (getattr(row, column) for column in columns)
        writer.writerow(["" if cell is None else shielded(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def export_ris(rows: Iterable[ExportRow]) -> bytes:
    """The rows as RIS (UTF-8); our number goes into AN, ID and N1, of which other tools keep at least one."""
    by_number = {f"{TOKEN}{row.record_id}": row for row in rows}
    records = [
        Record(
            source="living-review",
            source_id=number,
            title=row.title,
            abstract=row.abstract,
            authors=tuple(Author(collective=name.strip()) for name in row.authors.split(";") if name.strip()),
            year=row.year,
            journal=row.journal,
            doi=row.doi,
            pmid=row.pmid,
            url=row.url,
        )
        for number, row in by_number.items()
    ]

    def extra(record: Record) -> dict[str, list[str]]:
        row = by_number[record.source_id]
        notes = [record.source_id, f"{DECISION_NOTE}{row.decision or 'none'}"]
        notes += [f"{REASON_NOTE}{row.reason}"] if row.reason else []
        notes += [f"{NOTE_NOTE}{_one_line_json(row.note)}"] if row.note else []
        notes += [f"{STAGE_NOTE}{row.stage}"] if row.stage else []
        notes += [f"{REVIEWER_NOTE}{_one_line_json(row.reviewer)}"] if row.reviewer else []
        return {"ID": [record.source_id], "N1": notes}

    return write_ris(records, extra).encode()


def _one_line_json(text: str) -> str:
    """JSON without anything that folding a line to single blanks would change."""
    escaped = json.dumps(text, ensure_ascii=False)
    return re.sub(r"(?<= ) |(?! )[\s\x00-\x1f\x7f-\x9f\ufeff]", lambda found: f"\\u{ord(found[0]):04x}", escaped)
