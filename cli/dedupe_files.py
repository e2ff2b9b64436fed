"""`living-review dedupe`: files in, duplicates and a cleaned file out."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cli.opening import progress
from cli.output import write_file
from living_review.dedupe.files import Deduped, dedupe_files
from living_review.dedupe.merge import together
from living_review.errors import UsageError
from living_review.screening_formats import shielded
from living_review.sources.ris import write_ris

_LONG = 200_000
"""Pairs whose comparison takes some seconds."""


def run(files: Sequence[Path], out: Path, possible: Path | None, cleaned: Path | None) -> None:
    """Dedupe ``files`` and write what was asked for; what was found goes to standard error.

    Raises:
        InvalidFile: If a file cannot be read as records.
    """
    _refuse_overwriting(files, [one for one in (out, possible, cleaned) if one is not None])
    found = dedupe_files(files, _show)
    rows = zip(found.ids, (found.ids[report] for report in found.reports), found.evidence(), strict=True)
    write_file(out, _csv(("id", "report_id", "evidence"), rows))
    if possible is not None:
        write_file(possible, _csv(("id", "other_id", "points", "evidence", "title", "other_title"), _pairs(found)))
    if cleaned is not None:
        write_file(cleaned, _cleaned(found).encode())
    records, reports = len(found.ids), len(found.clusters())
    said = f"{records:,} records, {reports:,} reports, {records - reports:,} duplicates: {out}"
    if found.possible:
        said += f"; {len(found.possible):,} pairs to look at" + (f": {possible}" if possible else " (--possible FILE)")
    print(said, file=sys.stderr)


def _show(done: int, number: int) -> None:
    if number > _LONG:
        progress("pairs", done, number)


def _pairs(found: Deduped) -> Iterable[tuple[str, ...]]:
    for pair in found.possible:
        one, other = found.records[pair.a], found.records[pair.b]
        yield found.ids[pair.a], found.ids[pair.b], f"{pair.match.points:g}", pair.match.said, one.title, other.title


def _cleaned(found: Deduped) -> str:
    """One record a report as RIS, under the report's id."""
    records = [
        replace(together([found.records[place] for place in places]), source_id=found.ids[places[0]])
        for places in found.clusters()
    ]
    return write_ris(records, lambda record: {"ID": [record.source_id]})


def _refuse_overwriting(files: Sequence[Path], outputs: Sequence[Path]) -> None:
    taken = {path.resolve() for path in files}
    for path in outputs:
        if path.resolve() in taken:
            raise UsageError("this file is read or written already", str(path), "give each output a name of its own")
        taken.add(path.resolve())


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([shielded(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
