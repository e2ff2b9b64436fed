"""A filled charting workbook -> charted rows, and the rows that go back to their charters with the reasons.

Promises: every row of the workbook is charted, returned or blank, and is counted as such; one bad cell returns its row
and no other; a file that is not this review's form as exported is refused whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from living_review.charting import ChartedRow, Quote, check_values
from living_review.charting_values import Cell, UnfitError, Value, found, parse_value, plain_text, text_of
from living_review.charting_workbook import (
    AFTER,
    BEFORE,
    FIRST_ROW,
    FORM,
    FORMAT,
    QUOTE_COLUMNS,
    QUOTES,
    REASONS,
    STUDIES,
    build,
    label,
)
from living_review.errors import InvalidFile
from living_review.protocol import FieldType, Protocol
from living_review.titles import differ
from living_review.workbook_cells import RawCell, read_cells


@dataclass(frozen=True, slots=True, kw_only=True)
class CellError:
    """Why one cell cannot be taken."""

    sheet: str
    row: int
    """As a spreadsheet counts."""
    column: str
    """The letter and what stands above it: ``F (Sample size, people)``."""
    name: str
    """The column's own name, as in row 1."""
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.sheet} row {self.row}, column {self.column}: found {self.found}; allowed: {self.allowed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedRow:
    """A row that goes back to its charter, as it was found."""

    sheet: str
    row: int
    study_id: str
    cells: Mapping[str, Cell]
    """By the column's name."""
    errors: tuple[CellError, ...]
    """Empty for a quote that goes back only because its study's row does."""

    @property
    def charted_by(self) -> str:
        """Whose row it is; empty where nobody is named."""
        return text_of(self.cells.get("charted_by"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartedRows:
    """Everything a workbook says; rows of the sheet Studies = rows + its returned rows + blank."""

    rows: tuple[ChartedRow, ...]
    returned: tuple[ReturnedRow, ...]
    blank: int
    """Studies not charted yet."""

    @property
    def errors(self) -> tuple[CellError, ...]:
        """Every error of every returned row."""
        return tuple(error for row in self.returned for error in row.errors)


@dataclass(slots=True)
class _Row:
    """One row while it is judged."""

    sheet: str
    number: int
    cells: dict[str, RawCell]
    columns: Mapping[str, str]
    """Name -> letter and label, for messages."""
    returned_because: str
    """What an earlier return of this row said."""
    errors: list[CellError] = field(default_factory=list)

    def fail(self, name: str, what: str, allowed: str) -> None:
        self.errors.append(
            CellError(
                sheet=self.sheet,
                row=self.number,
                column=self.columns.get(name, name),
                name=name,
                found=what,
                allowed=allowed,
            )
        )

    def text(self, name: str) -> str:
        return text_of(self.cells[name].value) if name in self.cells else ""

    @property
    def values(self) -> dict[str, Cell]:
        return {name: cell.value for name, cell in self.cells.items()}

    def returned(self) -> ReturnedRow:
        return ReturnedRow(
            sheet=self.sheet,
            row=self.number,
            study_id=self.text("study_id"),
            cells=self.values,
            errors=tuple(self.errors),
        )


def read_workbook(
    name: str, body: bytes, protocol: Protocol, *, studies: Mapping[str, str], today: date
) -> ChartedRows:
    """The rows of a filled workbook.

    Args:
        name: The file's name, for messages.
        body: The file.
        protocol: The review's protocol; the workbook must be of its form version.
        studies: Id -> title of every study that may be charted; a row whose title is another one was sorted apart
            from its id.
        today: No date may be later.

    Raises:
        InvalidFile: If the file is no workbook of this review's present form, or its columns are not the form's.
    """
    sheets = read_cells(name, body, {STUDIES, QUOTES, FORM})
    _check_form(name, sheets, protocol)
    expected = {**BEFORE, **{item.name: label(item) for item in protocol.charting.fields}, **AFTER}
    rows = _table(name, STUDIES, sheets, expected)
    quote_rows = _table(name, QUOTES, sheets, QUOTE_COLUMNS)
    quotes: dict[str, list[tuple[_Row, Quote]]] = defaultdict(list)
    for row in quote_rows:
        quotes[row.text("study_id")].append((row, _quote(row, protocol, studies)))
    times = Counter(row.text("study_id") for row in rows)
    content = {*expected} - {*BEFORE}
    charted: list[ChartedRow] = []
    returned: list[ReturnedRow] = []
    blank = 0
    taken: set[str] = set()
    for row in rows:
        study = row.text("study_id")
        own = quotes.get(study, [])
        if study in studies and times[study] == 1 and not own and not content & row.cells.keys():
            blank += 1
            continue
        for quote_row, _ in own:
            row.errors += quote_row.errors
        odd = _fail_odd_cells(row, content - {*AFTER})
        _judge_row(row, studies, times, odd)
        values = _judge_values(row, protocol, today, odd)
        if row.errors:
            returned.append(_without_quote_errors(row))
            continue
        taken.add(study)
        whole = [Quote(text=plain_text(row.text("quote")))] if "quote" in row.cells else []
        charted.append(
            ChartedRow(
                study_id=study,
                values=values,
                quotes=(*whole, *(quote for _, quote in own)),
                charted_by=row.text("charted_by"),
                checked_by=row.text("checked_by"),
                form_version=protocol.charting.form_version,
                sheet=STUDIES,
                row=row.number,
            )
        )
    named = {row.text("study_id") for row in rows}
    for row in quote_rows:
        study = row.text("study_id")
        if study in studies and study not in named:
            row.fail("study_id", found(study), f"a study of the sheet {STUDIES}")
        if study not in taken:
            returned.append(row.returned())
    return ChartedRows(rows=tuple(charted), returned=tuple(returned), blank=blank)


def _without_quote_errors(row: _Row) -> ReturnedRow:
    """The row with its own errors, or, if only its quotes have any, with the word that they do."""
    own = [error for error in row.errors if error.sheet == STUDIES]
    if not own:
        rows = ", ".join(str(number) for number in sorted({error.row for error in row.errors}))
        row.errors.clear()
        row.fail("study_id", f"quotes that cannot be taken (sheet {QUOTES}, row {rows})", "quotes in order")
        own = row.errors
    row.errors = own
    return row.returned()


def _check_form(name: str, sheets: Mapping[str, Mapping[int, list[RawCell]]], protocol: Protocol) -> None:
    missing = [sheet for sheet in (STUDIES, QUOTES, FORM) if sheet not in sheets]
    if missing:
        raise InvalidFile(
            f"found no sheet {', '.join(missing)}", name, "give the workbook that `living-review chart export` wrote"
        )
    said = {text_of(cells[0].value): text_of(cells[1].value) for cells in sheets[FORM].values() if len(cells) > 1}
    for key, wanted, what in (
        ("format", FORMAT, "layout"),
        ("review", protocol.id, "review"),
        ("form_version", protocol.charting.form_version, "form version"),
    ):
        if said.get(key) != wanted:
            raise InvalidFile(
                f"found {what} {said.get(key, 'none')!r}; allowed: {wanted!r}",
                name,
                "export the form again and move the rows over",
            )


def _table(
    name: str, sheet: str, sheets: Mapping[str, Mapping[int, list[RawCell]]], expected: Mapping[str, str]
) -> list[_Row]:
    held = sheets[sheet]
    names = {cell.column: text_of(cell.value) for cell in held.get(1, [])}
    letters = {cell.column: cell.letter for cells in held.values() for cell in cells}
    given = Counter(names.values())
    wrong = [f"column {missing} is missing" for missing in expected if missing not in given]
    wrong += [f"column {one} is there twice" for one, times in given.items() if times > 1]
    wrong += [
        f"column {letters[column]} is called {one!r}"
        for column, one in names.items()
        if one not in expected and one != REASONS
    ]
    nameless = {cell.column for row, cells in held.items() if row > 1 for cell in cells} - names.keys()
    wrong += [f"column {letters[column]} has cells but no name in row 1" for column in sorted(nameless)]
    if wrong:
        raise InvalidFile(
            "; ".join(wrong), f"{name}, sheet {sheet}", f"row 1 must name these columns: {', '.join(expected)}"
        )
    labels = {cell.column: text_of(cell.value) for cell in held.get(2, [])}
    place = next(column for column, one in names.items() if one == "study_id")
    if labels.get(place) != BEFORE["study_id"]:
        raise InvalidFile(
            f"row 2 must hold the labels, found {labels.get(place, 'nothing')!r} below study_id",
            f"{name}, sheet {sheet}",
            "put the row of labels back as exported: where it is deleted, the first study stands in its place",
        )
    columns = {one: f"{letters[column]} ({expected.get(one, one)})" for column, one in names.items()}
    rows = []
    for number, cells in held.items():
        own = {names[cell.column]: cell for cell in cells}
        reasons = own.pop(REASONS, None)
        if number >= FIRST_ROW and own:
            said = text_of(reasons.value) if reasons else ""
            rows.append(_Row(sheet=sheet, number=number, cells=own, columns=columns, returned_because=said))
    return rows


def _judge_row(row: _Row, studies: Mapping[str, str], times: Counter[str], odd: set[str]) -> None:
    study = row.text("study_id")
    if "study_id" in odd:
        pass
    elif study not in studies:
        row.fail("study_id", found(study), "the id of an included study, as exported")
    elif times[study] > 1:
        row.fail("study_id", f"{found(study)} in {times[study]} rows", "one row a study")
    elif "title" not in odd and differ(row.text("title"), studies[study]):
        row.fail(
            "title",
            found(row.text("title")),
            f"{found(studies[study])}, the title of {study}: were the columns sorted apart?",
        )
    if "charted_by" not in row.cells:
        row.fail("charted_by", "nothing", "the name of who charted the study")


def _judge_values(row: _Row, protocol: Protocol, today: date, odd: set[str]) -> dict[str, Value]:
    fields = {item.name for item in protocol.charting.fields}
    cells = {name: cell for name, cell in row.values.items() if name in fields}
    values, problems = check_values(protocol, cells, today)
    for problem in problems:
        if problem.name not in odd:
            row.fail(problem.name, problem.found, problem.allowed)
    return values


def _fail_odd_cells(row: _Row, typed: Container[str] = ()) -> set[str]:
    """Say which cells are formulas, errors of a spreadsheet, or dates outside the ``typed`` columns; return those.

    A returned formula is written as text; as long as it is unchanged it is still the formula that was refused.
    """
    odd = {}
    for name, cell in row.cells.items():
        before = [kind for kind in _ODD if f"the {kind} {found(cell.value)};" in row.returned_because]
        kind = cell.kind or (before[0] if before else "")
        if kind:
            odd[name] = (f"the {kind} {found(cell.value)}", _ODD[kind])
        elif name not in typed and isinstance(cell.value, (date, time)):
            odd[name] = (found(cell.value), "text; format the cell as text and type it again")
    for name, (what, allowed) in odd.items():
        row.fail(name, what, allowed)
    return {*odd}


_ODD = {"formula": "what it comes to, typed in as a value", "error": "a value"}
"""Kinds of cell that are no value -> what is allowed instead."""


def _quote(row: _Row, protocol: Protocol, studies: Mapping[str, str]) -> Quote:
    """The quote of a row; what is wrong with it is left in the row."""
    odd = _fail_odd_cells(row)
    study = row.text("study_id")
    if study not in studies and "study_id" not in odd:
        row.fail("study_id", found(study), "the id of an included study, as exported")
    by_word = {item.title.casefold(): item for item in protocol.charting.fields}
    by_word |= {item.name: item for item in protocol.charting.fields}
    word, value = row.text("field"), row.text("value")
    item = by_word.get(word) or by_word.get(word.casefold())
    if word and item is None and "field" not in odd:
        row.fail("field", found(word), f"nothing, or one of {', '.join(i.name for i in protocol.charting.fields)}")
    if value and item is not None and item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}:
        single = item.model_copy(update={"type": FieldType.CHOICE})
        try:
            value = str(parse_value(protocol, single, value))
        except UnfitError as error:
            row.fail("value", error.found, error.allowed)
    if not row.text("quote"):
        row.fail("quote", "nothing", "the words of the report")
    return Quote(
        text=plain_text(row.text("quote")),
        field=item.name if item else "",
        value=value,
        location=row.text("location"),
    )


def returned_workbook(returned: Iterable[ReturnedRow], protocol: Protocol) -> bytes:
    """The returned rows as a workbook of the same form: the reasons in a column, the cells marked.

    Put right, it can be read as it is.
    """
    rows: dict[str, list[dict[str, Cell]]] = {STUDIES: [], QUOTES: []}
    marked: dict[tuple[str, int, str], str] = {}
    for row in returned:
        place = len(rows[row.sheet])
        for error in row.errors:
            marked[row.sheet, place, error.name] = f"found {error.found}; allowed: {error.allowed}"
        reasons = "\n".join(
            f"{error.column.partition(' ')[2] or error.name}: found {error.found}; allowed: {error.allowed}"
            for error in row.errors
        )
        rows[row.sheet].append({**row.cells, **({REASONS: reasons} if reasons else {})})
    return build(protocol, rows[STUDIES], rows[QUOTES], marked)
