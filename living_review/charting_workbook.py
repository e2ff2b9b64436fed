"""The data charting form as a workbook: one row a study, to be filled in and given back.

Promises: equal input gives equal bytes; no cell is ever a formula; what stands in the cells is what
:func:`living_review.charting_reading.read_workbook` reads back. A field with several values is one cell, its options
parted by semicolons: a drop-down can hold one only, and a column an option makes a form too wide to fill.

Sheets: ``Studies`` (row 1 names the columns, row 2 is for people), ``Quotes``, ``Help``, and hidden ``Lists``
(what the drop-downs offer) and ``Form`` (review and form version). Columns are known by row 1, so they may be moved.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from living_review.charting import Quote, StudyToChart, condition_in_words
from living_review.charting_values import LARGEST_INTEGER, Cell, allowed_values, shown_option, shown_value
from living_review.countries import country_names
from living_review.errors import InvalidData
from living_review.protocol import ChartingField, FieldType, Protocol

STUDIES, QUOTES, HELP, LISTS, FORM = "Studies", "Quotes", "Help", "Lists", "Form"
FORMAT = "living-review charting 1"
"""What the hidden sheet says of the workbook's own layout."""

BEFORE = {"study_id": "Study", "title": "Title", "citation": "Citation"}
AFTER = {"quote": "Quote (study as a whole)", "charted_by": "Charted by", "checked_by": "Checked by"}
REASONS = "returned because"
"""A column of returned rows only; no field can have this name."""
QUOTE_COLUMNS = {
    "study_id": "Study",
    "field": "Field",
    "value": "Value (code) it supports",
    "quote": "Words of the report",
    "location": "Page, section or table",
}
FIRST_ROW = 3
"""Of studies and quotes; above are the columns' names and their labels."""

LONGEST_CELL = 32_767
"""Characters; Excel keeps no more in one cell."""

_NAMES = Font(color="808080", italic=True, size=8)
_LABELS = Font(bold=True)
_HEAD = PatternFill("solid", start_color="E8EEF4", end_color="E8EEF4")
_WRONG = PatternFill("solid", start_color="F9D3D0", end_color="F9D3D0")
_WRAP = Alignment(vertical="top", wrap_text=True)


def write_workbook(protocol: Protocol, studies: Sequence[StudyToChart]) -> bytes:
    """The form for ``studies`` as an xlsx file, with what is charted already filled in.

    Raises:
        InvalidData: If a value is longer than a cell can hold.
    """
    rows: list[dict[str, Cell]] = []
    quotes: list[dict[str, Cell]] = []
    for study in studies:
        cells, own = study_cells(protocol, study)
        rows.append(cells)
        quotes += own
    return build(protocol, rows, quotes)


def study_cells(protocol: Protocol, study: StudyToChart) -> tuple[dict[str, Cell], list[dict[str, Cell]]]:
    """The row of a study in the sheet Studies, and its rows in the sheet Quotes, by name of column."""
    cells: dict[str, Cell] = {"study_id": study.study_id, "title": study.title, "citation": study.citation}
    current = study.current or {}
    for item in protocol.charting.fields:
        value = current.get(item.name)
        cells[item.name] = None if value is None else shown_value(protocol, item, value)
    own = [quote for quote in study.quotes if quote == Quote(text=quote.text)][:1]
    cells |= {
        "charted_by": study.charted_by,
        "checked_by": study.checked_by,
        "quote": own[0].text if own else None,
    }
    if study.returned_because:
        cells[REASONS] = study.returned_because
    return cells, [quote_cells(study.study_id, quote) for quote in study.quotes if quote not in own]


def quote_cells(study_id: str, quote: Quote) -> dict[str, Cell]:
    """One row of the sheet Quotes."""
    return {
        "study_id": study_id,
        "field": quote.field,
        "value": quote.value,
        "quote": quote.text,
        "location": quote.location,
    }


def build(
    protocol: Protocol,
    rows: Sequence[Mapping[str, Cell]],
    quotes: Sequence[Mapping[str, Cell]],
    marked: Mapping[tuple[str, int, str], str] | None = None,
) -> bytes:
    """The workbook with these rows, by name of column.

    Args:
        protocol: Its form makes the columns.
        rows: Of the sheet Studies; a column ``returned because`` is added where a row has one.
        quotes: Of the sheet Quotes, the same.
        marked: (sheet, place of the row, name of the column) -> what is wrong with that cell.
    """
    marked = marked or {}
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has one worksheet")
    sheet.title = STUDIES
    columns = {
        **BEFORE,
        **{item.name: f"{label(item)}{' *' if item.required else ''}" for item in protocol.charting.fields},
        **AFTER,
    }
    lists = book.create_sheet(QUOTES), book.create_sheet(HELP), book.create_sheet(LISTS)
    _fill(sheet, _with_reasons(columns, rows, 3), rows, _texts(protocol), marked)
    _fill(lists[0], _with_reasons(QUOTE_COLUMNS, quotes, 0), quotes, frozenset(QUOTE_COLUMNS), marked)
    sheet.freeze_panes = f"B{FIRST_ROW}"
    lists[0].freeze_panes = f"A{FIRST_ROW}"
    _help(lists[1], protocol)
    _drop_downs(protocol, sheet, lists[0], lists[2], rows)
    _put_rows(
        book.create_sheet(FORM),
        [
            ("format", FORMAT),
            ("review", protocol.id),
            ("form_version", protocol.charting.form_version),
        ],
    )
    for hidden in (LISTS, FORM):
        book[hidden].sheet_state = "veryHidden"
    return _bytes(book)


def label(item: ChartingField) -> str:
    """What stands above a column: the field's title with its unit."""
    return f"{item.title} ({item.unit})" if item.unit else item.title


def _texts(protocol: Protocol) -> frozenset[str]:
    """Columns whose cells are text from the start, so that no spreadsheet makes dates or numbers of what is typed."""
    typed = {FieldType.INTEGER, FieldType.NUMBER}
    return frozenset({*BEFORE, *AFTER, *(item.name for item in protocol.charting.fields if item.type not in typed)})


def _with_reasons(columns: Mapping[str, str], rows: Iterable[Mapping[str, Cell]], place: int) -> dict[str, str]:
    names = list(columns.items())
    if any(REASONS in row for row in rows):
        names.insert(place, (REASONS, "Returned because"))
    return dict(names)


def _fill(
    sheet: Worksheet,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Cell]],
    texts: frozenset[str],
    marked: Mapping[tuple[str, int, str], str],
) -> None:
    for column, (name, label) in enumerate(columns.items(), start=1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 24)
        if name in texts:
            sheet.column_dimensions[letter].number_format = "@"
        for row, (text, font) in enumerate(((name, _NAMES), (label, _LABELS)), start=1):
            _put(sheet, row, column, text)
            head = sheet.cell(row, column)
            head.font, head.fill, head.alignment = font, _HEAD, _WRAP
        for place, cells in enumerate(rows):
            value = cells.get(name)
            if name not in texts and isinstance(value, (date, time)):
                # Among numbers it stays wrong as text, while a date would make a date of the number typed over it.
                value = value.isoformat().removesuffix("T00:00:00")
            _put(sheet, FIRST_ROW + place, column, value)
            cell = sheet.cell(FIRST_ROW + place, column)
            cell.alignment = _WRAP
            if name in texts and not isinstance(cell.value, date):
                cell.number_format = "@"
            wrong = marked.get((sheet.title, place, name))
            if wrong:
                cell.fill = _WRONG
                cell.comment = Comment(_legal(wrong)[:1000], "Living Review")
    sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{get_column_letter(len(columns))}{FIRST_ROW - 1 + max(len(rows), 1)}"


_WIDTHS = {"study_id": 14, "title": 44, "citation": 30, "quote": 44, REASONS: 50, "charted_by": 14, "checked_by": 14}


def _put(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    """Write one cell; text stays text whatever it begins with."""
    if value is None or value == "":
        return
    cell = sheet.cell(row, column)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, (int, float)) and not _kept_exactly(value):
        value = repr(value)
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return
    text = _legal(value)
    if len(text) > LONGEST_CELL:
        raise InvalidData(
            f"found text of {len(text)} characters; allowed: {LONGEST_CELL} in one cell",
            f"sheet {sheet.title}, cell {cell.coordinate}",
            "shorten it, or move a part to the sheet Quotes",
        )
    cell.value = text
    cell.data_type = "s"
    if text[0] in "=+-@":
        cell.quotePrefix = True


def _kept_exactly(number: int | float) -> bool:
    """Whether the file keeps ``number`` as it is: openpyxl writes 16 digits, a spreadsheet keeps a 64-bit float."""
    return float(f"{number:.16g}") == number if isinstance(number, float) else abs(number) <= LARGEST_INTEGER


def _legal(text: str) -> str:
    """``text`` with what XML cannot hold made visible."""
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def _put_rows(sheet: Worksheet, rows: Iterable[Sequence[str]]) -> None:
    for row, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            _put(sheet, row, column, text)


def _help(sheet: Worksheet, protocol: Protocol) -> None:
    intro = [
        (f"{protocol.title}: data charting form, version {protocol.charting.form_version}",),
        (
            "One row a study in the sheet Studies. Leave a row empty to chart it later. * marks what is needed. Keep row 1.",
        ),
        ("Fields with several values: write the options into one cell, parted by semicolons.",),
        ("Words of a report that an answer rests on go into the sheet Quotes, one row a quote.",),
        ("",),
        ("Column", "Field", "Type", "Unit", "Needed", "What may be entered", "Asked only", "Help"),
    ]
    fields = [
        (
            item.name,
            item.title,
            item.type.replace("_", " "),
            item.unit,
            "yes" if item.required else "no",
            allowed_values(protocol, item),
            condition_in_words(protocol, item),
            item.help,
        )
        for item in protocol.charting.fields
    ]
    models = protocol.typology.models if protocol.typology else ()
    meanings = [(model.title, model.definition) for model in models if model.definition]
    _put_rows(sheet, [*intro, *fields, *([("",), ("Model", "Meaning")] if meanings else []), *meanings])
    for column, width in enumerate((20, 30, 14, 12, 8, 60, 30, 60), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cells in sheet.iter_rows(min_row=len(intro)):
        for cell in cells:
            cell.alignment = _WRAP
    for cell in (sheet["A1"], *sheet[len(intro)]):
        cell.font = _LABELS


def _drop_downs(
    protocol: Protocol, studies: Worksheet, quotes: Worksheet, lists: Worksheet, rows: Sequence[Mapping[str, Cell]]
) -> None:
    last = FIRST_ROW - 1 + max(len(rows), 1)
    places = {str(cell.value): cell.column_letter for cell in studies[1] if cell.value}
    offered: list[tuple[Worksheet, str, int, list[str], bool, str]] = []
    for item in protocol.charting.fields:
        letter, note = places[item.name], allowed_values(protocol, item)
        if item.type is FieldType.MULTI_CHOICE:
            studies[f"{letter}2"].comment = Comment(_legal(note)[:1000], "Living Review")
            continue
        entries = _entries(protocol, item)
        if entries:
            offered.append((studies, letter, last, entries, item.type is not FieldType.COUNTRY, note))
    ids = [str(row["study_id"]) for row in rows if row.get("study_id")]
    where = {str(cell.value): cell.column_letter for cell in quotes[1] if cell.value}
    names = [item.name for item in protocol.charting.fields]
    offered.append((quotes, where["study_id"], 1000, list(dict.fromkeys(ids)), True, "a study of the sheet Studies"))
    offered.append((quotes, where["field"], 1000, names, False, "the name of a column of the sheet Studies"))
    for place, (sheet, letter, until, entries, strict, note) in enumerate(offered, start=1):
        if not entries:
            continue
        for row, entry in enumerate(entries, start=1):
            _put(lists, row, place, entry)
        column = get_column_letter(place)
        rule = DataValidation(
            type="list",
            formula1=f"{LISTS}!${column}$1:${column}${len(entries)}",
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="stop" if strict else "warning",
            errorTitle="Not in the list",
            error=_short(f"Allowed: {note}"),
        )
        rule.add(f"{letter}{FIRST_ROW}:{letter}{until}")
        sheet.add_data_validation(rule)


def _entries(protocol: Protocol, item: ChartingField) -> list[str]:
    if item.type is FieldType.CHOICE:
        return [shown_option(protocol, item, value) for value in protocol.options_of(item.name)]
    if item.type is FieldType.BOOLEAN:
        return ["yes", "no"]
    return sorted(country_names().values()) if item.type is FieldType.COUNTRY else []


def _short(text: str) -> str:
    """At most the 255 characters Excel shows in a message."""
    return _legal(text if len(text) <= 255 else f"{text[:252]}...")


def _bytes(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    out = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "docProps/core.xml":
                # When it was written says nothing about the form; without it the same form is the same file.
                body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", body)
            info = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, body)
    return out.getvalue()
