"""What people write and give: each mistake is one line, exit code 2, and the review is as it was before."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.acceptance.small_review import EMBASE, GOOD, PROTOCOL, CommandLine, decided, fill, ris

# The protocol


@pytest.mark.parametrize("command", ["status", "check", "refresh", "publish", "prisma"])
def test_a_folder_without_a_protocol(review: CommandLine, command: str):
    (review.folder / "review.yaml").unlink()
    before = review.state
    review(command).refused(2, ("no review.yaml in", "start one with `living-review init", "--review"))
    assert review.state == before


@pytest.mark.parametrize("command", ["status", "check", "refresh", "serve"])
def test_every_mistake_of_a_protocol_is_a_line_in_the_order_of_the_file(review: CommandLine, command: str):
    review.protocol(
        ("id: small-review", "id: Small Review"),
        ("criteria_version: 1", "criteria_version: 1\ncolour: red"),
        ("reviewers_per_report: 1", "reviewers_per_report: two"),
        ("type: integer", "type: count"),
    )
    before = review.state
    review(command).refused(
        2,
        ("review.yaml, line 1: id: found 'Small Review'; allowed: lower-case letters, digits and hyphens",),
        ("review.yaml, line 5: colour: found an unknown key; allowed: authors, charting, ",),
        ("review.yaml, line 14: screening.reviewers_per_report: found 'two'; allowed: a valid integer",),
        ("review.yaml, line 22: charting.fields[3].type: found 'count'; allowed: text, integer, number, ",),
    )
    assert review.state == before


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "line 1: found an empty file; allowed: "),
        (
            PROTOCOL.replace("title: A small", "title: Ein kurzer \u00dcberblick").encode("latin-1"),
            "line 2: found a byte",
        ),
        (PROTOCOL.replace("[ann, ben]", "[ann, ben").encode(), "found broken YAML"),
        (PROTOCOL.encode() + b"title: again\n", "found broken YAML (found duplicate key"),
        (b"\x00\x01\x02", "found broken YAML"),
    ],
)
def test_a_protocol_that_cannot_be_read(review: CommandLine, body: bytes, said: str):
    (review.folder / "review.yaml").write_bytes(body)
    before = review.state
    told = review("status")
    assert told.code == 2
    assert said in told.err.splitlines()[0]
    assert all(line.startswith("error: ") and "; allowed: " in line for line in told.err.splitlines())
    assert review.state == before


def test_a_protocol_that_is_a_folder(review: CommandLine):
    (review.folder / "review.yaml").unlink()
    (review.folder / "review.yaml").mkdir()
    told = review("status")
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert "review.yaml: found what cannot be read (Is a directory); allowed: " in told.err


def test_an_expectation_that_great_expectations_does_not_know(review: CommandLine):
    review.protocol(
        (
            "charting:\n",
            "charting:\n  expectations: [{type: expect_column_to_be_nice, kwargs: {column: design}}]\n",
        )
    )
    before = review.state
    told = review("check")
    line = next(line for line in told.err.splitlines() if "expect_column_to_be_nice" in line)
    assert told.code in {1, 2}
    assert line.startswith("error: ")
    assert review.state.tables == before.tables


# Files of records


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("empty.ris", b"", "the file is empty"),
        ("blank.ris", b" \r\n\r\n", "the file is empty"),
        ("mixed.ris", EMBASE.encode() + "AB  - Überblick".encode() + b" \xfc\xe4\n", "mixed.ris, line "),
        ("null.ris", b"TY  - JOUR\x00\x01\nER  - \n", "null.ris, line 1"),
        ("paper.ris", b"%PDF-1.7 and so on", "this is a PDF document"),
        ("book.csv", b"PK\x03\x04 xl/workbook.xml", "this is an Excel workbook"),
        ("words.txt", b"Nothing that any database would write.\n", "words.txt"),
        ("cut.xml", b"<?xml version='1.0'?><xml><records><record><titles><title>A wh", "cut.xml, line 1"),
        ("garbage.xml", b"<xml><records><record>\xff\xfe</records></xml>", "garbage.xml, line 1"),
        (
            "bomb.xml",
            b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;'>]><xml><records>&b;</records></xml>",
            "bomb.xml",
        ),
        ("quote.csv", b'title,year\n"A title that never ends,2020\n', "quote.csv, line 2"),
        ("wide.csv", b"title,year\nA title,2020,what is this\n", "wide.csv, line 2"),
        ("nameless.csv", b"column a,column b\n1,2\n", "no column with a title"),
        ("open.bib", b"@article{key,\n title = {A title that never ends\n", "open.bib, line 1"),
    ],
)
def test_a_file_of_records_that_cannot_be_read(review: CommandLine, name: str, body: bytes, said: str):
    before = review.state
    review("import", review.write(name, body), "--source", "scopus").refused(2, (said, name))
    assert review.state == before


def test_of_several_files_every_bad_one_is_told_and_no_good_one_taken(review: CommandLine):
    before = review.state
    given = [review.write("good.ris", ris(9)), review.write("empty.ris", ""), review.folder.parent / "nothing.ris"]
    review("import", *given, review.folder, "--source", "scopus").refused(
        2,
        ("the file is empty", "empty.ris", "export it again"),
        ("the file cannot be read (No such file or directory)", "nothing.ris", "check its name"),
        ("this is a folder", str(review.folder), "name the files in it"),
    )
    assert review.state == before


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("pubmed", "'pubmed' is the name of a PubMed search of this review"),
        ("", "'' cannot name a database"),
        ("../embase", "'../embase' cannot name a database"),
        ("=cmd", "'=cmd' cannot name a database"),
    ],
)
def test_a_source_that_cannot_name_a_database(review: CommandLine, source: str, said: str):
    before = review.state
    review("import", review.write("x.ris", ris(9)), "--source", source).refused(2, (said, "--source"))
    assert review.state == before


def test_two_records_of_one_number_are_both_kept_and_told(review: CommandLine):
    """The number says one record, the contents say two: nothing may be lost, and a person should look."""
    body = ris(9) + ris(9, doi="10.5555/other", title="A quite different title of some length")
    told = review("import", review.write("twice.ris", body), "--source", "scopus").done()
    assert "2 records: 2 new" in told.out
    assert told.out.count("with the id of another one but other content, all kept") == 1


def test_a_bad_file_in_the_inbox_is_named_and_holds_up_nothing_else(review: CommandLine, pubmed, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    (review.folder / "inbox" / "scopus").mkdir(parents=True)
    (review.folder / "inbox" / "scopus" / "good.ris").write_text(ris(9))
    (review.folder / "inbox" / "scopus" / "bad.ris").write_text("")
    before = review.state
    review("refresh").refused(2, ("the file is empty", "scopus/bad.ris", "export it again"))
    grown = before.grown(review.state)
    # What PubMed's search and the good file brought waits to be screened; the next run names the bad one again.
    assert (grown["search"], grown["record"], grown["queue_entry"]) == (2, 2, 2)
    review("refresh").refused(2, ("the file is empty", "scopus/bad.ris", "export it again"))


def test_dedupe_of_files_with_a_bad_one_writes_nothing(review: CommandLine):
    out = review.write("out.csv", "what was there")
    told = review("dedupe", review.write("a.ris", ris(1)), review.write("b.ris", ""), "-o", out, bare=True)
    told.refused(2, ("the file is empty", "b.ris", "export it again"))
    assert out.read_text() == "what was there"


# Files of decisions


def screening_file(
    review: CommandLine, stage: str, decisions: dict[str, tuple[str, str]], name: str = "in.csv"
) -> Path:
    exported = review("screen", "export", "--stage", stage, "--reviewer", "ann", "--all").done().out
    return review.write(name, decided(exported, decisions))


def screen(review: CommandLine, file: Path, stage: str = "title_abstract", reviewer: str = "ann", *more: str):
    return review("screen", "import", file, "--stage", stage, "--reviewer", reviewer, *more)


HEAD = "report_id,record_id,title,decision,reason\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"PK\x03\x04", "this is a workbook"),
        (b"a\x00b\n", "this is not a text file"),
        (b"title,year\nA,2020\n", "found no decisions for title_abstract"),
        (b"id,choice\n5,include\n", "found no decisions for title_abstract"),
        (HEAD.encode() + b'R000005,5,"A title that never ends,include,\n', "this cannot be read as CSV"),
        (b"report_id,report_id,decision\nR000005,R000005,include\n", "found the columns report_id twice"),
        (HEAD.encode() + b"R000005,5,T,include,,and more\n", "found 6 cells under 5 columns"),
        (b"TY  - JOUR\nTI  - Cut off", "in.csv"),
    ],
)
def test_a_file_of_decisions_that_cannot_be_read(review: CommandLine, body: bytes, said: str):
    before = review.state
    screen(review, review.write("in.csv", body)).refused(2, (said, "in.csv"))
    assert review.state == before


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_of_decisions_that_is_not_there(review: CommandLine, kind: str):
    before = review.state
    file = review.folder if kind == "folder" else review.folder.parent / "nothing.csv"
    screen(review, file).refused(2, ("the file cannot be read", str(file), "check its name"))
    assert review.state == before


@pytest.mark.parametrize(
    ("stage", "decisions", "lines"),
    [
        ("title_abstract", {"R000005": ("perhaps", "")}, [("row 2: found decision 'perhaps'; allowed: ", "include")]),
        (
            "title_abstract",
            {"R000005": ("exclude", "boring"), "R000006": ("include", "no_data")},
            [
                ("row 2: found reason 'boring'; allowed: not_health, no_data",),
                ("row 3: found reason 'no_data' with include; allowed: a reason with exclude only",),
            ],
        ),
        (
            "full_text",
            {"R000002": ("exclude", "")},
            [("row 2: found no reason for an exclusion at full_text; allowed: not_health, no_data",)],
        ),
    ],
)
def test_decisions_that_the_protocol_does_not_allow(
    review: CommandLine, stage, decisions, lines: Sequence[Sequence[str]]
):
    file = screening_file(review, stage, decisions)
    before = review.state
    screen(review, file, stage).refused(2, *[("in.csv", *parts) for parts in lines])
    assert review.state == before


def test_a_report_that_is_not_in_the_queue_of_the_stage(review: CommandLine):
    file = screening_file(review, "title_abstract", {"R000004": ("include", ""), "R000005": ("include", "")})
    before = review.state
    screen(review, file, "full_text").refused(2, ("found rows exported for ann at title_abstract, in.csv row 2",))
    assert review.state == before
    file.write_text(file.read_text().replace(",title_abstract,ann", ",,"))
    allowed = "allowed: reports in the queue of full_text"
    screen(review, file, "full_text").refused(
        2,
        ("in.csv row 2: found a decision on report R000004", allowed),
        ("in.csv row 3: found a decision on report R000005", allowed),
    )
    assert review.state == before


def test_a_good_row_beside_a_bad_one_is_not_taken(review: CommandLine):
    file = screening_file(review, "title_abstract", {"R000005": ("include", ""), "R000006": ("who knows", "")})
    before = review.state
    screen(review, file).refused(2, ("row 3: found decision 'who knows'",))
    assert review.state == before


def test_two_rows_of_one_report_with_different_decisions(review: CommandLine):
    file = screening_file(review, "title_abstract", {"R000005": ("include", "")})
    row = file.read_text().splitlines()[1]
    file.write_text(file.read_text() + row.replace(",include,", ",exclude,") + "\n")
    before = review.state
    screen(review, file).refused(2, ("row 3: found another decision on report R000005 than in row 2; allowed: one",))
    assert review.state == before


def test_rows_sorted_apart_from_their_ids(review: CommandLine):
    file = screening_file(review, "title_abstract", {"R000005": ("include", ""), "R000006": ("exclude", "")})
    text = file.read_text()
    file.write_text(
        text.replace("number 1", "number X").replace("number 2", "number 1").replace("number X", "number 2")
    )
    before = review.state
    screen(review, file).refused(2, ("row 2: found the title", "allowed: rows as"), ("row 3: found the title",))
    assert review.state == before


@pytest.mark.parametrize(("column", "value"), [("record_id", "999"), ("report_id", "R000999")])
def test_a_record_or_report_that_the_review_does_not_have(review: CommandLine, column: str, value: str):
    row = {"report_id": "", "record_id": "", column: value}
    file = review.write("in.csv", f"{HEAD}{row['report_id']},{row['record_id']},Nothing,include,\n")
    before = review.state
    told = screen(review, file)
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert "in.csv row 2: found " in told.err
    assert review.state == before


@pytest.mark.parametrize("reviewer", ["cho", "Ann", "", "ann "])
@pytest.mark.parametrize("act", ["import", "export"])
def test_an_unknown_reviewer(review: CommandLine, reviewer: str, act: str):
    file = screening_file(review, "title_abstract", {"R000005": ("include", "")})
    before = review.state
    given = ["import", file] if act == "import" else ["export"]
    told = review("screen", *given, "--stage", "title_abstract", "--reviewer", reviewer)
    what = f"found reviewer {reviewer!r}; allowed: ann, ben" if reviewer else "nobody is named as the reviewer"
    told.refused(2, (what,))
    assert review.state == before


@pytest.mark.parametrize("act", ["import", "export", "conflicts"])
def test_an_unknown_stage(review: CommandLine, act: str):
    before = review.state
    given = {
        "import": ["import", review.write("in.csv", HEAD), "--reviewer", "ann"],
        "export": ["export", "--reviewer", "ann"],
        "conflicts": ["conflicts"],
    }[act]
    review("screen", *given, "--stage", "abstracts").refused(
        2, ("found stage 'abstracts'", "--stage", "allowed: title_abstract, full_text")
    )
    assert review.state == before


@pytest.mark.parametrize("act", ["import", "export", "conflicts"])
def test_a_stage_that_the_protocol_leaves_out(review: CommandLine, act: str):
    file = screening_file(review, "title_abstract", {"R000005": ("include", "")})
    review.protocol(("[title_abstract, full_text]", "[title_abstract]"))
    before = review.state
    given = [act] + ([str(file)] if act == "import" else []) + ([] if act == "conflicts" else ["--reviewer", "ann"])
    review("screen", *given, "--stage", "full_text").refused(2, ("found stage full_text; allowed: title_abstract",))
    assert review.state == before


def test_a_consensus_on_what_still_awaits_reviewers(review: CommandLine):
    file = screening_file(review, "title_abstract", {"R000005": ("include", "")})
    before = review.state
    screen(review, file, "title_abstract", "ann", "--consensus").refused(
        2, ("row 2: report R000005 still awaits independent decisions", "allowed: a consensus on a conflict")
    )
    assert review.state == before


@pytest.mark.parametrize(
    ("reports", "by", "said"),
    [
        (["R000005"], "ann", "report R000005 does not wait for full text"),
        (["R000002", "R000999"], "ann", "report R000999 does not wait for full text"),
        (["nonsense"], "ann", "report nonsense does not wait for full text"),
        (["R000002"], " ", "nobody signs"),
    ],
)
def test_a_retrieval_that_cannot_be_noted(review: CommandLine, reports: list[str], by: str, said: str):
    before = review.state
    review("screen", "retrieval", *reports, "--by", by).refused(2, (said, "screen retrieval"))
    assert review.state == before


# Records and reports


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["unlink", "1", "--by", " "], ("nobody signs", "unlink", "give --by NAME")),
        (["unlink", "7", "--by", "Engine"], ("Engine cannot sign", "unlink", "--by NAME")),
        (["unlink", "99", "--by", "ann"], ("no record 99 in this review", "unlink", "screen export")),
        (["unlink", "2", "--by", "ann"], ("record 2 is linked to no other", "unlink", "nothing has to be undone")),
        (["link", "1", "--by", "ann"], ("one record alone cannot be linked", "link", "name two records or more")),
        (["link", "1", "99", "--by", "ann"], ("no record 99 in this review", "link")),
        (["release", "1", "--by", "ann"], ("record 1 is not set aside", "release", "living-review status")),
        (["release", "1", "--by", ""], ("nobody signs", "release", "give --by NAME")),
        (["same-study", "R000001", "R000005", "--by", "ann"], ("R000005 cannot share a study", "same-study")),
        (["same-study", "R000001", "--by", "ann"], ("one report alone cannot share a study", "same-study")),
        (["same-study", "R000001", "R000003", "--by", ""], ("nobody signs", "same-study")),
    ],
)
def test_a_link_that_cannot_be_made(review: CommandLine, given: list[str], said: Sequence[str]):
    before = review.state
    review(*given).refused(2, said)
    assert review.state == before


# The charting workbook


@pytest.fixture
def form(review: CommandLine) -> Path:
    """The workbook of what is to be charted: row 3 is study S0002."""
    review("chart", "export", "-o", review.folder.parent / "form.xlsx").done()
    return review.folder.parent / "form.xlsx"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "this is no workbook"),
        (b"study_id,design\nS0002,survey\n", "this is no workbook"),
        (b"PK\x03\x04 and nothing that follows", "this is no workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "encrypted or in the old .xls format"),
    ],
)
def test_a_file_that_is_no_workbook(review: CommandLine, body: bytes, said: str):
    before = review.state
    review("chart", "import", review.write("in.xlsx", body)).refused(2, (said, "in.xlsx"))
    assert review.state == before


def test_a_workbook_that_is_not_there(review: CommandLine):
    before = review.state
    review("chart", "import", review.folder.parent / "no.xlsx").refused(
        2, ("cannot be read", "no.xlsx", "check its name")
    )
    assert review.state == before


def test_a_workbook_that_is_no_form(review: CommandLine):
    path = review.folder.parent / "in.xlsx"
    Workbook().save(path)
    before = review.state
    review("chart", "import", path).refused(2, ("found no sheet Studies, Quotes, Form", "in.xlsx", "chart export"))
    assert review.state == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("id: small-review", "id: another-review"), "found review 'small-review'; allowed: 'another-review'"),
        (("form_version: 1", "form_version: 2"), "found form version '1'; allowed: '2'"),
    ],
)
def test_a_workbook_of_another_review_or_form(review: CommandLine, form: Path, change: tuple[str, str], said: str):
    fill(form, GOOD)
    review.protocol(change)
    before = review.state
    review("chart", "import", form).refused(2, (said, "form.xlsx", "export the form again"))
    assert review.state == before


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "column design is missing"), ("started", "column started is there twice"), ("desing", "is called 'desing'")],
)
def test_a_workbook_whose_columns_are_not_the_forms(review: CommandLine, form: Path, name: str, said: str):
    book = load_workbook(form)
    cell = next(cell for cell in book["Studies"][1] if cell.value == "design")
    cell.value = name or None
    book.save(form)
    before = review.state
    review("chart", "import", form).refused(2, (said, "form.xlsx, sheet Studies", "row 1 must name these columns"))
    assert review.state == before


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"design": "poll"}, "column E (Design): found 'poll'; allowed: one of survey, trial"),
        ({"design": None}, "column E (Design): found nothing; allowed: one of survey, trial"),
        ({"country": "Atlantis"}, "column D (Country): found 'Atlantis'; allowed: one country"),
        ({"sample_size": -1}, "column F (Sample size): found -1; allowed: a whole number"),
        ({"sample_size": "=1+1"}, "column F (Sample size): found the formula '=1+1'; allowed: what it comes to"),
        ({"topics": "app; fax"}, "column H (Topics): found 'fax'; allowed: one or more of app, phone"),
        ({"started": "2999-01-01"}, "column G (Started): found "),
        ({"started": datetime.date(2999, 1, 1)}, "column G (Started): found "),
        ({"started": "soon"}, "column G (Started): found 'soon'; allowed: a date as YYYY-MM-DD, not in the future"),
        ({"charted_by": None}, "found nothing; allowed: the name of who charted the study"),
        ({"study_id": "S0999"}, "found 'S0999'; allowed: the id of an included study, as exported"),
        ({"title": "Another study"}, "found 'Another study'; allowed: "),
    ],
)
def test_a_row_with_a_mistake_goes_back_to_its_charter(review: CommandLine, form: Path, cells, said: str):
    """A charted row is no reason to refuse the others: it is returned, told once, and nothing of it is used."""
    fill(form, {**GOOD, **cells})
    before = review.state
    told = review("chart", "import", form).done()
    lines = [line for line in told.out.splitlines() if "found" in line]
    assert len(lines) == 1
    assert said in lines[0]
    assert "! Studies row 3, column " in lines[0]
    accepted = [row for row in review.state.tables["charting"] if "accepted" in row]
    assert accepted == [row for row in before.tables["charting"] if "accepted" in row]
    known_study = "study_id" not in cells
    assert before.grown(review.state) == ({"charting": 1, "step_run": 1} if known_study else {})
    # The row is in a workbook of its own, with the reason; as it is, it is refused again.
    assert "1 rows: 1 returned" in review("chart", "import", form.with_name("form-returned.xlsx")).done().out


def test_two_rows_of_one_study(review: CommandLine, form: Path):
    fill(form, GOOD)
    book = load_workbook(form)
    sheet = book["Studies"]
    for cell in sheet[3]:
        sheet.cell(4, cell.column, cell.value)
    book.save(form)
    before = review.state
    told = review("chart", "import", form).done()
    for row in (3, 4):
        assert told.out.count(f"! Studies row {row}, column A (Study): found 'S0002' in 2 rows; allowed: one row") == 1
    accepted = [row for row in review.state.tables["charting"] if "accepted" in row]
    assert accepted == [row for row in before.tables["charting"] if "accepted" in row]


# Where results go


@pytest.mark.parametrize(
    "given",
    [
        ["screen", "export", "--stage", "title_abstract", "--reviewer", "ann"],
        ["chart", "export"],
    ],
)
@pytest.mark.parametrize("kind", ["no folder", "folder", "in a file"])
def test_a_place_where_no_file_can_be_written(review: CommandLine, given: list[str], kind: str):
    suffix = ".csv" if given[0] == "screen" else ".xlsx"
    folder = review.folder.parent
    out = {
        "no folder": folder / "no" / f"x{suffix}",
        "folder": folder / f"d{suffix}",
        "in a file": folder / f"f/x{suffix}",
    }
    (folder / f"d{suffix}").mkdir()
    (folder / "f").write_text("")
    before, there = review.state, sorted(folder.iterdir())
    told = review(*given, "-o", out[kind])
    told.refused(2, ("no file can be written there", str(out[kind]), "name a file in a folder"))
    assert (review.state, sorted(folder.iterdir())) == (before, there)


def test_an_export_of_an_unknown_kind(review: CommandLine):
    out = review.folder.parent / "ann.docx"
    told = review("screen", "export", "--stage", "title_abstract", "--reviewer", "ann", "-o", out)
    told.refused(2, ("found ann.docx", "--out", "name a .csv or a .ris file"))
    assert not out.exists()


def test_a_file_that_is_replaced_keeps_its_mode_and_its_link(review: CommandLine):
    real = review.write("real.csv", "before")
    real.chmod(0o640)
    link = review.folder.parent / "link.csv"
    link.symlink_to(real)
    review("screen", "export", "--stage", "title_abstract", "--reviewer", "ann", "-o", link).done()
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text(encoding="utf-8-sig").startswith("report_id,")
