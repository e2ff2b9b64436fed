"""CSV and TSV files of databases, screening tools and spreadsheets.

Promises: one record for every row that says anything, cells of several lines included; a row with more cells than the
header, a quotation mark that never ends, or a table without a title column is an error with its line or its columns; a
blank row, a repeated header and lines above the header are named in a remark.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from living_review.errors import InvalidFile
from living_review.sources.columns import draft_from_row, field_of, known_columns
from living_review.sources.decoding import split_lines
from living_review.sources.draft import Draft
from living_review.sources.entries import line_numbers, passed_over

# A README or full text in one cell is longer than the 131,072 characters the csv module allows by itself.
_LONGEST_CELL = 16 * 1024 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_HEADER_WITHIN = 12  # lines; Dimensions and BASE put a notice above the header


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header of a table is, and what parts its cells."""

    line: int
    delimiter: str
    header: tuple[str, ...]
    known: int
    has_title: bool


def find_layout(text: str) -> Layout | None:
    """The header that names the most columns we know; ``None`` if nothing in the first lines looks like one."""
    lines = split_lines(text)
    best: Layout | None = None
    for number in range(min(len(lines), _HEADER_WITHIN)):
        if not lines[number].strip() or lines[number].casefold().startswith("sep="):
            continue
        for delimiter in _DELIMITERS:
            header = _first_row(lines[number : number + 30], delimiter)
            known, has_title = known_columns(header)
            # One known word in a line of prose is no header; on the first line "title" is one.
            if known < 2 and not (has_title and number == 0):
                continue
            if best is None or (has_title, known) > (best.has_title, best.known):
                best = Layout(number, delimiter, header, known, has_title)
    return best


def _first_row(lines: list[str], delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader(lines, delimiter=delimiter), []))
    except csv.Error:
        return ()


def read_table(name: str, text: str) -> tuple[list[Draft], list[str], str]:
    """The rows of a table as drafts, remarks, and ``csv`` or ``tsv``.

    Raises:
        InvalidFile: As the module says; nothing of the file is used then.
    """
    layout = find_layout(text) or _unknown_layout(text)
    if layout is None or not layout.has_title:
        found = ", ".join(layout.header) if layout else "none"
        raise InvalidFile(
            f"no column with a title (columns found: {found[:300]})",
            f"{name}, line {layout.line + 1 if layout else 1}",
            "name one column 'title'",
        )
    rows = _rows(name, text, layout)
    _refuse_turned(name, layout, rows)
    above = split_lines(text)[: layout.line]
    remarks = passed_over([(n, line) for n, line in enumerate(above, 1) if line.strip()])
    drafts, blank, repeated, short = [], [], [], []
    width = len(layout.header)
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            blank.append(line)
        elif tuple(row) == layout.header:
            repeated.append(line)
        else:
            if len(row) < width:
                short.append(line)
            drafts.append(draft_from_row(line, layout.header, [*row[:width], *[""] * (width - len(row))]))
    for what, lines in (
        ("blank rows passed over", blank),
        ("the header again, passed over", repeated),
        ("rows with fewer cells than the header, read as far as they go", short),
    ):
        if lines:
            remarks.append(f"{what}: {line_numbers(lines)}")
    return drafts, remarks, "tsv" if layout.delimiter == "\t" else "csv"


def _unknown_layout(text: str) -> Layout | None:
    """A header none of whose columns is known, so that an error can name them."""
    first = next((n for n, line in enumerate(split_lines(text)) if line.strip()), 0)
    rows = [_first_row(split_lines(text)[first:], delimiter) for delimiter in _DELIMITERS]
    header = max(rows, key=len)
    return Layout(first, _DELIMITERS[rows.index(header)], header, 0, False) if len(header) > 1 else None


def _rows(name: str, text: str, layout: Layout) -> list[tuple[int, list[str]]]:
    try:
        return list(_parsed(name, text, layout, csv.QUOTE_MINIMAL))
    except InvalidFile as failed:
        if layout.delimiter != "\t":
            raise
        # Web of Science writes quotation marks in its tab-delimited file as they come.
        try:
            rows = list(_parsed(name, text, layout, csv.QUOTE_NONE))
        except InvalidFile:
            raise failed from None
        if any(len(row) < len(layout.header) for _, row in rows):
            raise
        return rows


def _parsed(name: str, text: str, layout: Layout, quoting: int) -> Iterator[tuple[int, list[str]]]:
    start = 0
    body = "\n".join(split_lines(text)[layout.line :])
    allowed = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(
            io.StringIO(body, newline=""),
            delimiter=layout.delimiter,
            strict=quoting != csv.QUOTE_NONE,
            quoting=quoting,  # type: ignore[arg-type]
        )
        next(reader)
        width, start = len(layout.header), reader.line_num
        for row in reader:
            line, start = layout.line + start + 1, reader.line_num
            # A comma at the end of every line (PubMed's legacy file) is no cell.
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                raise InvalidFile(
                    f"a row with {len(row)} cells where the header has {width}",
                    f"{name}, line {line}",
                    "put cells that contain the delimiter in quotation marks",
                )
            yield line, row
    except csv.Error as error:
        raise InvalidFile(
            f"a cell that cannot be read ({error})",
            f"{name}, line {layout.line + start + 1}",
            "check the quotation marks of this row, or export again",
        ) from None
    finally:
        csv.field_size_limit(allowed)


def _refuse_turned(name: str, layout: Layout, rows: list[tuple[int, list[str]]]) -> None:
    """Refuse Embase's "fields by row", where every record is a block of rows."""
    first = [field_of(row[0]) for _, row in rows if row and row[0].strip()]
    if sum(1 for field in first if field in {"title", "authors", "abstract", "journal", "doi"}) > max(
        2, len(first) // 8
    ):
        raise InvalidFile(
            "fields are in rows, not in columns", f"{name}, line {layout.line + 1}", "export with fields by column"
        )
