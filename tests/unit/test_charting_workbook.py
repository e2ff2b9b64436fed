"""The charting form out as a workbook and back: what people can do to it, and what comes of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from living_review.charting import ChartedRow, Quote, StudyToChart, quotes_frame, to_frame
from living_review.charting_reading import ChartedRows, read_workbook, returned_workbook
from living_review.charting_workbook import write_workbook
from living_review.errors import InvalidData, InvalidFile
from living_review.protocol import Protocol

TODAY = date(2026, 11, 23)
PLAIN: dict[str, Any] = {
    "id": "demo",
    "title": "A review",
    "question": "What?",
    "searches": [{"source": "pubmed", "query": "x"}],
    "typology": {"field": "model", "models": [{"id": "M1", "name": "Listening", "definition": "d"}, {"id": "M2"}]},
    "charting": {
        "form_version": "2",
        "fields": [
            {"name": "model", "type": "choice", "required": True},
            {
                "name": "communication",
                "type": "choice",
                "label": "Communication",
                "options": [{"value": "one-way", "label": "One way"}, "1-2", "true"],
            },
            {"name": "platforms", "type": "multi_choice", "options": ["Twitter", "Facebook", "X, formerly Twitter"]},
            {"name": "country", "type": "country"},
            {"name": "codesign", "type": "boolean", "label": "Co-design"},
            {
                "name": "led_by",
                "type": "choice",
                "options": ["patients", "staff"],
                "required": True,
                "only_if": {"codesign": True},
            },
            {"name": "people", "type": "integer", "unit": "people", "label": "Sample size"},
            {"name": "cost", "type": "number"},
            {"name": "begun", "type": "date"},
            {"name": "aim", "type": "text"},
        ],
    },
}
PROTOCOL = Protocol.model_validate(PLAIN)
TITLES = {"S1": "Tweeting about the waiting room", "S2": "Hospital pages on Facebook", "S3": "Feedback in the open"}
STUDIES = [StudyToChart(study_id=one, title=title, citation="J 2021") for one, title in TITLES.items()]
FULL: dict[str, Any] = {
    "model": "M1",
    "communication": "one-way",
    "platforms": ["Twitter", "X, formerly Twitter"],
    "country": "GB",
    "codesign": True,
    "led_by": "patients",
    "people": 12,
    "cost": 1.5,
    "begun": date(2019, 3, 4),
    "aim": "=To listen",
}


def package(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts:
            target.writestr(name, text)
    return out.getvalue()


def take(body: bytes, protocol: Protocol = PROTOCOL) -> ChartedRows:
    return read_workbook("form.xlsx", body, protocol, studies=TITLES, today=TODAY)


def edited(change: Callable[[openpyxl.Workbook], None], body: bytes | None = None) -> bytes:
    """What a person's spreadsheet makes of the form."""
    book = openpyxl.load_workbook(io.BytesIO(body or write_workbook(PROTOCOL, STUDIES)))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column(sheet: Worksheet, name: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == name)


def filled(cells: dict[str, Any], row: int = 3, body: bytes | None = None) -> bytes:
    """The form with ``cells`` typed into a row; the model and the charter are filled in unless given."""

    def change(book: openpyxl.Workbook) -> None:
        for name, value in {"model": "M1", "charted_by": "ann", **cells}.items():
            book["Studies"].cell(row, column(book["Studies"], name)).value = value

    return edited(change, body)


def values(cells: dict[str, Any]) -> dict[str, Any]:
    found = take(filled(cells))
    assert found.errors == ()
    return {name: value for name, value in found.rows[0].values.items() if name != "model" or "model" in cells}


def said(cells: dict[str, Any]) -> list[str]:
    found = take(filled(cells))
    assert found.rows == ()
    assert [row.study_id for row in found.returned] == ["S1"]
    assert found.blank == 2
    return [str(error) for error in found.errors]


def test_what_is_charted_goes_out_and_comes_back() -> None:
    quotes = (Quote(text="the whole"), Quote(text="=words", field="model", value="M1", location="1-2"))
    study = StudyToChart(
        study_id="S1", title=TITLES["S1"], current=FULL, quotes=quotes, charted_by="ann", checked_by="ben"
    )
    found = take(write_workbook(PROTOCOL, [study, *STUDIES[1:]]))
    assert found.errors == ()
    assert found.blank == 2
    [row] = found.rows
    assert row == ChartedRow(
        study_id="S1",
        values=FULL,
        quotes=quotes,
        charted_by="ann",
        checked_by="ben",
        form_version="2",
        sheet="Studies",
        row=3,
    )
    again = StudyToChart(study_id="S1", title=TITLES["S1"], current=row.to_dict()["values"], charted_by="ann")
    assert take(write_workbook(PROTOCOL, [again])).rows[0].values == FULL


def test_equal_input_gives_equal_bytes_whenever_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_workbook(PROTOCOL, STUDIES)
    later = datetime(2031, 1, 1, 1, 1, 1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return later.replace(tzinfo=tz)

    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", Later)
    monkeypatch.setattr("time.localtime", lambda *_: later.timetuple())
    assert write_workbook(PROTOCOL, STUDIES) == first


def test_no_cell_is_a_formula_and_no_number_like_text_is_left_to_the_spreadsheet() -> None:
    hostile = StudyToChart(
        study_id="S1",
        title='=HYPERLINK("http://x")',
        citation="+1",
        current={"aim": "@SUM(A1)", "communication": "1-2"},
        quotes=(Quote(text="-1", field="aim"),),
    )
    body = write_workbook(PROTOCOL, [hostile])
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert b"<f>" not in b"".join(zipfile.ZipFile(io.BytesIO(body)).read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2))
    sheet = book["Studies"]
    for name in ("communication", "begun", "aim", "study_id"):
        assert sheet.cell(3, column(sheet, name)).number_format == "@"
    assert sheet.cell(3, column(sheet, "title")).quotePrefix


def test_people_see_labels_units_options_and_drop_downs() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(PROTOCOL, STUDIES)))
    assert book.sheetnames == ["Studies", "Quotes", "Help", "Lists", "Form"]
    assert [book[name].sheet_state for name in ("Lists", "Form")] == ["veryHidden"] * 2
    sheet = book["Studies"]
    labels = {str(cell.value): sheet.cell(2, cell.column or 0).value for cell in sheet[1]}
    assert labels["people"] == "Sample size (people)"
    assert labels["model"] == "Model *"
    assert sheet.freeze_panes == "B3"
    offered = {}
    for rule in sheet.data_validations.dataValidation:
        place = re.fullmatch(r"Lists!\$([A-Z]+)\$1:\$\1\$(\d+)", str(rule.formula1))
        assert place
        cells = book["Lists"][f"{place[1]}1:{place[1]}{place[2]}"]
        name = sheet.cell(1, sheet[str(rule.sqref).split(":")[0]].column or 0).value
        offered[name] = [cell[0].value for cell in cells]
    assert offered["model"] == ["Listening", "M2"]
    assert offered["communication"] == ["One way", "1-2", "true"]
    assert offered["codesign"] == ["yes", "no"]
    assert "Australia" in offered["country"]
    assert "platforms" not in offered
    note = sheet.cell(2, column(sheet, "platforms")).comment
    assert note
    assert "Twitter, Facebook, X, formerly Twitter, parted by semicolons" in note.text
    text = " | ".join(str(cell.value) for row in book["Help"].iter_rows() for cell in row if cell.value)
    assert "where Co-design is true" in text
    assert "Listening | d" in text


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("people", "12", 12),
        ("people", 12.0, 12),
        ("people", " 12.0 ", 12),
        ("people", 0, 0),
        ("cost", "1.50", 1.5),
        ("cost", 3, 3.0),
        ("cost", "-2e3", -2000.0),
        ("begun", datetime(2019, 3, 4), date(2019, 3, 4)),
        ("begun", "2019-03-04 ", date(2019, 3, 4)),
        ("begun", "2026-11-23", date(2026, 11, 23)),
        ("codesign", False, False),
        ("codesign", "No", False),
        ("codesign", "FALSE", False),
        ("codesign", 0, False),
        ("model", "listening ", "M1"),
        ("model", "m2", "M2"),
        ("communication", "ONE  WAY", "one-way"),
        ("communication", True, "true"),
        ("platforms", "twitter; X, formerly Twitter;", ["Twitter", "X, formerly Twitter"]),
        ("platforms", "Facebook\nTwitter; Facebook", ["Twitter", "Facebook"]),
        ("country", "Viet Nam", "VN"),
        ("country", "UK", "GB"),
        ("aim", 2021, "2021"),
        ("aim", "  two\r\nlines_x000D_\n ", "two\nlines"),
        ("aim", "=not a formula", None),
    ],
)
def test_the_habits_of_spreadsheets(name: str, typed: Any, value: Any) -> None:
    if value is None:
        assert "formula" in said({name: typed})[0]
    else:
        assert values({name: typed}) == {name: value}


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("people", "about 12", "found 'about 12'; allowed: a whole number, 0 or more, in digits only"),
        ("people", 12.5, "found 12.5; allowed: a whole number"),
        ("people", -1, "found -1; allowed: a whole number"),
        ("people", "1,200", "found '1,200'; allowed: a whole number"),
        ("people", 1e300, "allowed: a whole number"),
        ("people", datetime(2019, 3, 4), "found the date or time 2019-03-04T00:00:00; allowed: a whole number"),
        ("people", True, "found True; allowed: a whole number"),
        ("cost", "1,5", "allowed: a number with a decimal point (not a comma, as in 1.5)"),
        ("cost", "nan", "found 'nan'; allowed: a number"),
        ("begun", "04/03/2019", "found '04/03/2019'; allowed: a date as YYYY-MM-DD"),
        ("begun", "2019-02-30", "allowed: a date as YYYY-MM-DD"),
        ("begun", 2019, "found 2019; allowed: a date as YYYY-MM-DD"),
        ("begun", "2026-11-24", "found the date or time 2026-11-24; allowed: a date as YYYY-MM-DD, not in the future"),
        ("codesign", "perhaps", "found 'perhaps'; allowed: yes or no"),
        ("model", "Lisening", "found 'Lisening'; allowed: one of Listening, M2 (did you mean Listening?)"),
        ("communication", datetime(2021, 2, 1), "format the cell as text and type it again"),
        ("platforms", "Twitter; Facebok", "(did you mean Facebook?)"),
        ("platforms", ";", "allowed: one or more of"),
        ("country", "Austrialia", "(did you mean Australia?)"),
        ("country", "UK; France", "allowed: one country"),
        ("aim", datetime(2021, 2, 1), "format the cell as text and type it again"),
        ("people", "=SUM(A1:A2)", "found the formula '=SUM(A1:A2)'; allowed: what it comes to, typed in as a value"),
        ("title", "=A1", "found the formula '=A1'"),
        ("people", "#N/A", "found the error '#N/A'; allowed: a value"),
        ("led_by", "staff", "found 'staff'; allowed: nothing, as it is asked only where Co-design is true"),
        ("codesign", True, "found nothing; allowed: one of patients, staff"),
        ("model", None, "found nothing; allowed: one of Listening, M2"),
        ("charted_by", None, "found nothing; allowed: the name of who charted the study"),
        ("title", "Hospital pages on Facebook", "were the columns sorted apart?"),
        ("checked_by", datetime(2021, 2, 1), "format the cell as text and type it again"),
    ],
)
def test_one_bad_cell_returns_its_row_with_the_reason(name: str, typed: Any, message: str) -> None:
    [line] = said({name: typed, **({"aim": "x"} if name == "model" else {})})
    assert message in line
    assert line.startswith("Studies row 3, column ")


def test_an_error_names_the_cell_by_letter_and_label() -> None:
    [error] = take(filled({"people": "many"})).errors
    assert str(error).startswith("Studies row 3, column J (Sample size (people)): found 'many'; ")
    assert (error.sheet, error.row, error.name) == ("Studies", 3, "people")


def test_what_depends_on_an_unreadable_answer_is_not_judged() -> None:
    [line] = said({"codesign": "perhaps", "led_by": "staff"})
    assert "'perhaps'" in line


def test_an_array_formula_is_a_formula() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Studies"]["J3"] = ArrayFormula("J3:J3", "=SUM(A1:A2*2)")

    found = take(edited(change, filled({})))
    assert "the formula '=SUM(A1:A2*2)'" in str(found.errors[0])


def test_a_formula_with_a_cached_value_is_a_formula() -> None:
    body = filled({"people": "=6*7"})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<f>6*7</f><v" in text
                text = re.sub(rb"<f>6\*7</f><v\s*/>|<f>6\*7</f><v></v>", b"<f>6*7</f><v>42</v>", text)
                assert b"<v>42</v>" in text
            target.writestr(name, text)
    [error] = take(out.getvalue()).errors
    assert error.found == "the formula '=6*7'"


def test_text_in_a_table_of_shared_strings_is_read_as_excel_writes_it() -> None:
    strings: list[bytes] = []

    def share(found: re.Match[bytes]) -> bytes:
        strings.append(found[1])
        return b't="s"><v>%d</v></c>' % (len(strings) - 1)

    parts = {}
    with zipfile.ZipFile(io.BytesIO(filled({"aim": " two\nlines "}))) as source:
        for name in source.namelist():
            parts[name] = re.sub(rb't="inlineStr"><is>(.*?)</is></c>', share, source.read(name), flags=re.DOTALL)
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = b'<sst xmlns="%s">%s</sst>' % (main, b"".join(b"<si>%s</si>" % s for s in strings))
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(
        b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    )
    assert len(strings) > 100
    found = take(package(*parts.items()))
    assert found.rows[0].values == {"model": "M1", "aim": "two\nlines"}


def test_good_rows_are_taken_while_bad_ones_go_back() -> None:
    body = filled({"people": "many"}, row=4, body=filled({"people": 5}))
    found = take(body)
    assert [row.study_id for row in found.rows] == ["S1"]
    assert [row.study_id for row in found.returned] == ["S2"]
    assert found.returned[0].charted_by == "ann"
    assert found.blank == 1


def test_two_rows_on_one_study_and_rows_on_none_go_back() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Studies"].append(["S1", TITLES["S1"]])
        book["Studies"].append(["S9", "Somebody else's"])
        book["Studies"].append([None, "No id"])

    found = take(edited(change, filled({})))
    assert [(row.row, row.study_id) for row in found.returned] == [(3, "S1"), (6, "S1"), (7, "S9"), (8, "")]
    lines = [str(error) for error in found.errors if error.name == "study_id"]
    assert lines == [
        "Studies row 3, column A (Study): found 'S1' in 2 rows; allowed: one row a study",
        "Studies row 6, column A (Study): found 'S1' in 2 rows; allowed: one row a study",
        "Studies row 7, column A (Study): found 'S9'; allowed: the id of an included study, as exported",
        "Studies row 8, column A (Study): found nothing; allowed: the id of an included study, as exported",
    ]
    assert len(found.rows) + len(found.returned) + found.blank == 6


def with_quotes(*rows: list[Any], body: bytes | None = None) -> bytes:
    def change(book: openpyxl.Workbook) -> None:
        for place, row in enumerate(rows, start=3):
            for number, value in enumerate(row, start=1):
                book["Quotes"].cell(place, number).value = value

    return edited(change, body or filled({}))


def test_quotes_go_with_their_study() -> None:
    body = with_quotes(
        ["S1", "Communication", "one way", "we only sent", "p. 3"], ["S1", "aim", "novel code", "words", 14]
    )
    found = take(body)
    assert found.errors == ()
    assert found.rows[0].quotes == (
        Quote(field="communication", value="one-way", text="we only sent", location="p. 3"),
        Quote(field="aim", value="novel code", text="words", location="14"),
    )
    frame = quotes_frame(found.rows)
    assert frame.to_dict("records")[0] == {
        "study_id": "S1",
        "field": "communication",
        "code": "one-way",
        "quote": "we only sent",
        "location": "p. 3",
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            ["S1", "colour", None, "x"],
            "Quotes row 3, column B (Field): found 'colour'; allowed: nothing, or one of model,",
        ),
        (["S1", "platforms", "Myspace", "x"], "Quotes row 3, column C (Value (code) it supports): found 'Myspace'"),
        (["S1", "aim", None, None], "Quotes row 3, column D (Words of the report): found nothing"),
        (["S1", "aim", None, "=A1"], "Quotes row 3, column D (Words of the report): found the formula '=A1'"),
    ],
)
def test_a_wrong_quote_goes_back_with_its_study(row: list[Any], message: str) -> None:
    found = take(with_quotes(row))
    assert found.rows == ()
    assert [one.sheet for one in found.returned] == ["Studies", "Quotes"]
    assert str(found.errors[0]) == (
        "Studies row 3, column A (Study): found quotes that cannot be taken (sheet Quotes, row 3); allowed: quotes in order"
    )
    assert str(found.errors[1]).startswith(message)


def test_a_quote_of_no_study_goes_back_alone() -> None:
    found = take(with_quotes(["S9", "aim", None, "x"], [None, "aim", None, "y"]))
    assert len(found.rows) == 1
    assert [(one.sheet, one.row) for one in found.returned] == [("Quotes", 3), ("Quotes", 4)]


def test_a_good_quote_goes_back_when_its_row_does() -> None:
    found = take(with_quotes(["S1", "aim", None, "x"], body=filled({"people": "many"})))
    assert [(one.sheet, len(one.errors)) for one in found.returned] == [("Studies", 1), ("Quotes", 0)]


def test_a_quote_without_a_row_in_the_workbook_goes_back() -> None:
    body = write_workbook(PROTOCOL, STUDIES[:1])
    found = take(with_quotes(["S2", "aim", None, "x"], body=body))
    assert str(found.errors[0]) == "Quotes row 3, column A (Study): found 'S2'; allowed: a study of the sheet Studies"


def test_returned_rows_can_be_put_right_and_given_back() -> None:
    first = take(with_quotes(["S1", "aim", None, "x"], body=filled({"people": "many", "cost": "=1+1", "aim": "keep"})))
    body = returned_workbook(first.returned, PROTOCOL)
    book = openpyxl.load_workbook(io.BytesIO(body))
    sheet = book["Studies"]
    assert [cell.value for cell in sheet["A"][2:]] == ["S1"]
    reasons = sheet.cell(3, column(sheet, "returned because")).value
    assert isinstance(reasons, str)
    assert "(Sample size (people)): found 'many'; allowed: a whole number" in reasons
    cell = sheet.cell(3, column(sheet, "people"))
    assert cell.fill.start_color.rgb == "00F9D3D0"
    assert cell.comment
    assert cell.comment.text.startswith("found 'many'; allowed: a whole number")
    assert sheet.cell(3, column(sheet, "aim")).comment is None
    assert book["Quotes"]["D3"].value == "x"
    unchanged = take(body)
    assert [error.found for error in unchanged.errors] == [error.found for error in first.errors]
    right = take(filled({"people": 5, "cost": 2}, body=body))
    assert right.errors == ()
    assert right.rows[0].values == {"model": "M1", "people": 5, "cost": 2.0, "aim": "keep"}
    assert right.rows[0].quotes == (Quote(text="x", field="aim"),)


def test_a_returned_formula_or_date_in_a_text_field_is_not_taken_unless_changed() -> None:
    for typed in ("=B2", datetime(2021, 2, 1)):
        first = take(filled({"aim": typed}))
        assert take(returned_workbook(first.returned, PROTOCOL)).errors[0].name == "aim"


def test_a_returned_date_among_numbers_lets_a_number_be_typed_over_it() -> None:
    first = take(filled({"people": datetime(2019, 3, 4), "cost": time(12, 30)}))
    assert [error.allowed.partition("; ")[2] for error in first.errors] == [
        "format the cell as a number and type it again"
    ] * 2
    body = returned_workbook(first.returned, PROTOCOL)
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Studies"]
    people, cost = (sheet.cell(3, column(sheet, name)) for name in ("people", "cost"))
    assert [(cell.value, cell.is_date) for cell in (people, cost)] == [("2019-03-04", False), ("12:30:00", False)]
    assert [error.name for error in take(body).errors] == ["people", "cost"]
    assert take(filled({"people": 45, "cost": 2}, body=body)).rows[0].values["people"] == 45


def drop(name: str) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: book["Studies"].delete_cols(column(book["Studies"], name))


def set_cell(sheet: str, place: str, value: Any) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book[sheet][place] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("people"), "column people is missing, form.xlsx, sheet Studies"),
        (set_cell("Studies", "J1", "sample"), "column people is missing; column J is called 'sample'"),
        (set_cell("Studies", "Q1", "mine"), "column Q is called 'mine'"),
        (set_cell("Studies", "Q1", "people"), "column people is there twice"),
        (set_cell("Studies", "Q5", "stray"), "column Q has cells but no name in row 1"),
        (set_cell("Form", "B3", "1"), "found form version '1'; allowed: '2'"),
        (set_cell("Form", "B2", "other"), "found review 'other'; allowed: 'demo'"),
        (set_cell("Form", "B1", "x"), "found layout 'x'"),
        (lambda book: book.remove(book["Form"]), "found no sheet Form"),
        (lambda book: book.remove(book["Quotes"]), "found no sheet Quotes"),
    ],
)
def test_a_file_that_is_not_this_form_is_refused_whole(
    change: Callable[[openpyxl.Workbook], None], message: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        take(edited(change))
    assert message in str(caught.value)


def test_columns_may_be_moved() -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Studies"]
        rows = [[cell.value for cell in row][::-1] for row in sheet.iter_rows()]
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                sheet.cell(number, place).value = value

    assert take(edited(change, filled({"people": 3}))).rows[0].values == {"model": "M1", "people": 3}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"study_id,title\n", "this is no workbook"),
        (b"", "this is no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted or in the old .xls format"),
        (package(("a.txt", b"x")), "a zip file but no workbook"),
        (package(("[Content_Types].xml", b"<Types/>")), "this workbook is damaged"),
        (package(("[Content_Types].xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")), "defines XML entities"),
        (package(("[Content_Types].xml", "<!DOCTYPE a><a/>".encode("utf-16"))), "defines XML entities"),
        (package(("[Content_Types].xml", b"<Types/>"), ("xl/a.png", b" <!DOCTYPE a><a/>")), "defines XML entities"),
        (write_workbook(PROTOCOL, STUDIES)[:-30], "this is no workbook"),
    ],
    ids=["csv", "empty", "encrypted", "zip", "hollow", "entities", "utf-16", "disguised", "cut"],
)
def test_files_that_are_no_workbook_are_refused(body: bytes, message: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        take(body)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_unpacks_to_too_much_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("living_review.workbook_cells.LARGEST_UNPACKED_BYTES", 10_000)
    with pytest.raises(InvalidFile, match="unpacks to more than is read"):
        take(package(("[Content_Types].xml", b"<Types/>"), ("xl/big.xml", b" " * 10_001)))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_damaged_part_is_refused_in_one_line(part: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(filled({}))) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, text[: len(text) // 2] if name == part else text)
    with pytest.raises(InvalidFile, match="damaged"):
        take(out.getvalue())


def test_a_row_far_down_is_refused_rather_than_waited_for() -> None:
    body = edited(set_cell("Studies", "A100001", "S1"))
    with pytest.raises(InvalidFile, match="goes beyond row 100000"):
        take(body)


def test_text_that_no_cell_can_hold_is_not_cut_in_silence() -> None:
    study = StudyToChart(study_id="S1", current={"aim": "x" * 32_768})
    with pytest.raises(InvalidData, match="32768 characters; allowed: 32767 in one cell"):
        write_workbook(PROTOCOL, [study])


def test_control_characters_are_made_visible() -> None:
    found = take(write_workbook(PROTOCOL, [StudyToChart(study_id="S1", title="Tweeting\x00 about the waiting room")]))
    assert found.blank == 1


TEXT = st.text(
    alphabet=st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"
    ),
    min_size=1,
    max_size=20,
).filter(lambda text: text == text.strip() and "_x" not in text)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    codesign = draw(st.none() | st.booleans())
    drawn: dict[str, Any] = {
        "model": draw(st.sampled_from(["M1", "M2"])),
        "communication": draw(st.none() | st.sampled_from(["one-way", "1-2", "true"])),
        "platforms": [one for one in ("Twitter", "Facebook", "X, formerly Twitter") if draw(st.booleans())] or None,
        "country": draw(st.none() | st.sampled_from(["AU", "GB", "CI", "NO"])),
        "codesign": codesign,
        "led_by": draw(st.sampled_from(["patients", "staff"])) if codesign else None,
        "people": draw(st.none() | st.integers(0, 2**53)),
        "cost": draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        "begun": draw(st.none() | st.dates(max_value=TODAY)),
        "aim": draw(st.none() | TEXT),
    }
    return {name: value for name, value in drawn.items() if value is not None}


@settings(max_examples=40, deadline=None)
@given(st.lists(answers(), min_size=1, max_size=3), TEXT)
def test_any_answers_come_back(drawn: list[dict[str, Any]], words: str) -> None:
    studies = [
        StudyToChart(
            study_id=one, title=TITLES[one], current=current, charted_by="ann", quotes=(Quote(text=words, field="aim"),)
        )
        for one, current in zip(TITLES, drawn, strict=False)
    ]
    found = take(write_workbook(PROTOCOL, studies))
    assert found.errors == ()
    assert [row.values for row in found.rows] == drawn
    assert all(row.quotes == (Quote(text=words, field="aim"),) for row in found.rows)


def test_the_frame_has_one_row_a_study_and_typed_columns() -> None:
    rows = [
        ChartedRow(study_id="S2", values={"model": "M2"}, charted_by="ben", form_version="2"),
        ChartedRow(study_id="S1", values=FULL, charted_by="ann", checked_by="ben", form_version="2"),
    ]
    frame = to_frame(rows, PROTOCOL)
    assert list(frame.columns) == [
        "study_id",
        *(item.name for item in PROTOCOL.charting.fields),
        "charted_by",
        "checked_by",
        "form_version",
    ]
    assert frame["study_id"].tolist() == ["S1", "S2"]
    dtypes = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert {name: dtypes[name] for name in ("model", "codesign", "people", "cost", "begun", "platforms")} == {
        "model": "string",
        "codesign": "boolean",
        "people": "Int64",
        "cost": "Float64",
        "begun": "datetime64[s]",
        "platforms": "object",
    }
    assert frame.loc[0, "platforms"] == ["Twitter", "X, formerly Twitter"]
    assert frame.loc[0, "begun"].date() == date(2019, 3, 4)  # type: ignore[union-attr]
    assert frame.loc[1].drop(["study_id", "model", "charted_by", "form_version"]).isna().all()
    stored = [ChartedRow.from_dict(row.to_dict()) for row in rows]
    assert to_frame(stored, PROTOCOL).equals(frame)
    assert to_frame([], PROTOCOL).dtypes.astype(str).to_dict() == dtypes


@pytest.mark.parametrize("sheet", ["Studies", "Quotes"])
def test_a_workbook_without_its_row_of_labels_is_refused_because_a_study_stands_there(sheet: str):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(PROTOCOL, STUDIES)))
    book[sheet].delete_rows(2)
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(InvalidFile, match="row 2 must hold the labels"):
        read_workbook("x.xlsx", out.getvalue(), PROTOCOL, studies=TITLES, today=TODAY)
