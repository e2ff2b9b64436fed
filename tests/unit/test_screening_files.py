"""Screening in other tools: what goes out comes back, and nothing is taken that cannot be matched."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from living_review.errors import InvalidFile, UsageError
from living_review.protocol import Protocol, Stage
from living_review.screening import Choice
from living_review.screening_export import ExportRow, export_csv, export_ris
from living_review.screening_files import ImportedDecisions, InvalidDecisions, import_decisions
from living_review.screening_formats import Tool, read, shielded, unshielded
from living_review.titles import differ, folded

TA, FT = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data"

PROTOCOL = Protocol.model_validate(
    {
        "id": "demo",
        "title": "A review",
        "question": "What?",
        "eligibility": {
            "exclude": [{"id": "population", "text": "Wrong population"}, {"id": "design", "text": "No data"}]
        },
        "searches": [{"source": "pubmed", "query": "x"}],
    }
)

KNOWN = [
    ExportRow(
        report_id="R1",
        record_id=11,
        title="Tweeting about the waiting room: patients' voices",
        abstract="BACKGROUND: one\nRESULTS: two",
        authors="Walsh, L; Hyett, N",
        year=2021,
        journal="Digit Health",
        doi="10.1177/2055207621996870",
        pmid="33717499",
        url="https://example.org/1",
    ),
    ExportRow(
        report_id="R2", record_id=12, title="Hospital pages on Facebook", year=2019, doi="10.1000/b", journal="J"
    ),
    ExportRow(report_id="R3", record_id=13, title="Feedback in the open: part 1", year=2018),
    ExportRow(report_id="R4", record_id=14, title="Feedback in the open: part 2", year=2018, pmid="400"),
]


def take(
    body: bytes | str,
    name: str = "decisions.csv",
    *,
    known: Sequence[ExportRow] = KNOWN,
    stage: Stage = TA,
    protocol: Protocol = PROTOCOL,
    reviewer: str = "ann",
    name_in_file: str = "",
    list_means: Choice | None = None,
    consensus: bool = False,
) -> ImportedDecisions:
    return import_decisions(
        name,
        body.encode() if isinstance(body, str) else body,
        known=known,
        protocol=protocol,
        stage=stage,
        reviewer=reviewer,
        name_in_file=name_in_file,
        list_means=list_means,
        consensus=consensus,
    )


def brief(found: ImportedDecisions) -> list[tuple[str, str, str, str]]:
    return [(d.report_id, str(d.choice), d.reason, d.note) for d in found.decisions]


def wrong(body: bytes | str, name: str = "decisions.csv", **how: object) -> list[str]:
    with pytest.raises(InvalidDecisions) as caught:
        take(body, name, **how)  # type: ignore[arg-type]
    return caught.value.problems


DECIDED = [
    replace(KNOWN[0], decision="exclude", reason="design", note="=SUM(A1)\n'quoted', ü"),
    replace(KNOWN[1], decision="include"),
    replace(KNOWN[2], decision="maybe", note="look again"),
    KNOWN[3],
]
AS_DECIDED = [
    ("R1", "exclude", "design", "=SUM(A1)\n'quoted', ü"),
    ("R2", "include", "", ""),
    ("R3", "maybe", "", "look again"),
]


@pytest.mark.parametrize("export", [export_csv, export_ris])
def test_what_goes_out_comes_back(export: object) -> None:
    found = take(export(DECIDED))  # type: ignore[operator]
    assert brief(found) == AS_DECIDED
    assert (found.rows, found.undecided, found.repeated) == (4, 1, 0)
    assert found.tool is Tool.LIVING_REVIEW


AT_A_DESK = [replace(one, stage=str(TA), reviewer="-Ann  O'Neill, PhD") for one in DECIDED]


@pytest.mark.parametrize("export", [export_csv, export_ris])
def test_a_file_is_taken_for_nobody_but_whom_it_was_exported_for(export: object) -> None:
    body = export(AT_A_DESK)  # type: ignore[operator]
    place = "row 2" if export is export_csv else "entry 1"
    assert brief(take(body, reviewer="-ann  o'neill, phd")) == AS_DECIDED
    with pytest.raises(InvalidFile) as caught:
        take(body, reviewer="ben")
    assert str(caught.value) == (
        f"found rows exported for -Ann O'Neill, PhD at title_abstract, decisions.csv {place}, name that reviewer and "
        "stage, or export for ben anew; a row whose columns stage and reviewer are empty is taken as it is"
    )
    with pytest.raises(InvalidFile, match="exported for -Ann"):
        take(body, reviewer="-Ann  O'Neill, PhD", stage=FT)


@pytest.mark.parametrize("export", [export_csv, export_ris])
def test_a_consensus_may_be_written_on_anyones_file_of_the_stage(export: object) -> None:
    body = export(AT_A_DESK)  # type: ignore[operator]
    assert brief(take(body, reviewer="cho", consensus=True)) == AS_DECIDED
    with pytest.raises(InvalidFile, match="exported for"):
        take(body, reviewer="cho", stage=FT, consensus=True)


def test_a_file_without_stage_and_reviewer_is_taken_as_it_is() -> None:
    emptied = [replace(one, stage="", reviewer="") for one in AT_A_DESK]
    assert brief(take(export_csv(emptied), reviewer="ben")) == AS_DECIDED


def test_rows_of_two_people_in_one_file_are_taken_for_neither() -> None:
    mixed = export_csv([AT_A_DESK[0], replace(AT_A_DESK[1], reviewer="ben"), *AT_A_DESK[2:]])
    with pytest.raises(InvalidFile, match=r"exported for ben at title_abstract, decisions\.csv row 3"):
        take(mixed, reviewer="-Ann  O'Neill, PhD")


def test_an_abstract_longer_than_pythons_reader_takes_comes_back() -> None:
    long = [replace(one, abstract="word " * 40_000) for one in DECIDED]
    before = csv.field_size_limit()
    assert brief(take(export_csv(long))) == AS_DECIDED
    assert csv.field_size_limit() == before


def test_the_csv_opens_in_a_spreadsheet() -> None:
    body = export_csv(DECIDED)
    assert body.startswith(b"\xef\xbb\xbf")
    header = body.decode("utf-8-sig").split("\r\n")[0]
    assert (
        header
        == "report_id,record_id,title,abstract,authors,year,journal,doi,pmid,url,decision,reason,note,stage,reviewer"
    )


def test_no_cell_of_the_csv_can_run() -> None:
    risky = [replace(KNOWN[0], title=f"{sign}cmd|' /C calc'!A0", note=f"{sign}1") for sign in "=+-@\t\r＝"]
    for line in csv.reader(io.StringIO(export_csv(risky).decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(tuple("=+-@\t\r\n＝")) for cell in line)


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\nab \"")))
def test_shielding_is_undone_exactly(text: str) -> None:
    assert unshielded(shielded(text)) == text
    assert not shielded(text).startswith(tuple("=+-@\t\r\n"))


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "include", "exclude", "maybe"]), TEXTS, TEXTS, st.booleans()),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([export_csv, export_ris]),
)
def test_any_decisions_and_notes_come_back(drawn: list[tuple[str, str, str, bool]], export: object) -> None:
    rows = [
        ExportRow(
            report_id=f"R{n}",
            record_id=n,
            title=f"{title} number {n}",
            abstract=note,
            decision=decision,
            reason="design" if decision == "exclude" and reasoned else "",
            note=note if decision else "",
        )
        for n, (decision, title, note, reasoned) in enumerate(drawn)
    ]
    found = take(export(rows), known=rows)  # type: ignore[operator]
    assert brief(found) == [(r.report_id, r.decision, r.reason, r.note) for r in rows if r.decision]
    assert len(found.decisions) + found.undecided + found.repeated == found.rows == len(rows)


def excel(
    body: bytes, *, delimiter: str = ",", encoding: str = "utf-8-sig", newline: str = "\r\n", sep: str = ""
) -> bytes:
    """What a spreadsheet makes of our CSV: other columns order, other delimiter, an extra column, numbers as floats."""
    table = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    columns = [*reversed(table[0]), "my thoughts"]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator=newline)
    out.write(sep)
    writer.writeheader()
    for row in table:
        writer.writerow({**row, "record_id": f"{row['record_id']}.0", "my thoughts": "hm; so, so"})
    writer.writerow(dict.fromkeys(columns, ""))
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize(
    "how",
    [
        {"delimiter": ";"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"newline": "\n", "encoding": "utf-8"},
        {"delimiter": ";", "sep": "sep=;\r\n"},
    ],
)
def test_a_spreadsheet_in_between_changes_nothing(how: dict[str, str]) -> None:
    assert brief(take(excel(export_csv(DECIDED), **how))) == AS_DECIDED


def test_letters_of_an_unknown_code_page_are_refused_only_where_they_are_kept() -> None:
    body = excel(export_csv(DECIDED), encoding="cp1252")
    assert wrong(body) == [
        'decisions.csv row 2: found letters whose code page is not known; allowed: a file saved as "CSV UTF-8"'
    ]
    title_only = [replace(DECIDED[1], abstract="Zürich")]
    assert brief(take(excel(export_csv(title_only), encoding="cp1252"))) == [("R2", "include", "", "")]


def test_every_problem_is_named_at_once_and_nothing_is_used() -> None:
    body = (
        "report_id,record_id,title,decision,reason\n"
        "R1,11,,perhaps,\n"
        "R2,12,,exclude,colour\n"
        "R2,12,Hospital pages on Facebook,include,design\n"
        "R9,,,include,\n"
        ",99,,include,\n"
        "R3,13,,include,\n"
    )
    assert wrong(body) == [
        "decisions.csv row 2: found decision 'perhaps'; allowed: none, include, included, yes, exclude, excluded, no, maybe or nothing",
        "decisions.csv row 3: found reason 'colour'; allowed: population, design",
        "decisions.csv row 4: found reason 'design' with include; allowed: a reason with exclude only",
        "decisions.csv row 5: found report R9, which this review does not have",
        "decisions.csv row 6: found record 99, which this review never showed to reviewers",
    ]


def test_a_long_list_of_problems_is_cut_in_the_message_only() -> None:
    body = "record_id,decision\n" + "99,include\n" * 60
    with pytest.raises(InvalidDecisions) as caught:
        take(body)
    assert len(caught.value.problems) == 60
    assert str(caught.value).splitlines()[-1] == "decisions.csv: 10 more like these"
    assert caught.value.exit_code == 2


def test_a_reason_may_be_given_by_its_words_and_is_needed_at_full_text() -> None:
    assert brief(take("record_id,decision,reason\n11,Exclude,wrong population\n", stage=FT)) == [
        ("R1", "exclude", "population", "")
    ]
    assert wrong("record_id,decision,reason\n11,exclude,\n", stage=FT) == [
        "decisions.csv row 2: found no reason for an exclusion at full_text; allowed: population, design"
    ]


def test_two_rows_on_one_report_must_agree() -> None:
    same = take("record_id,decision\n11,include\n11,include\n12,\n")
    assert (len(same.decisions), same.repeated, same.undecided) == (1, 1, 1)
    assert wrong("record_id,decision\n11,include\n11,exclude\n") == [
        "decisions.csv row 3: found another decision on report R1 than in row 2; allowed: one decision a report"
    ]


def test_decisions_follow_the_record_when_reports_were_linked_since_the_export() -> None:
    linked = [KNOWN[0], replace(KNOWN[1], report_id="R1"), *KNOWN[2:]]
    [decision] = take("report_id,record_id,decision\nR2,12,include\n", known=linked).decisions
    assert (decision.report_id, decision.record_id) == ("R1", 12)


def test_columns_sorted_apart_are_noticed() -> None:
    body = "record_id,title,decision\n11,Hospital pages on Facebook,include\n"
    assert wrong(body) == [
        "decisions.csv row 2: found the title 'Hospital pages on Facebook' where record 11 has "
        '"Tweeting about the waiting room: patients\' voices"; allowed: rows as this review exported them, sorted as a whole'
    ]
    near = "record_id,title,decision\n13,Feedback in the open: part 2,include\n"
    assert "part 2" in wrong(near)[0]


def test_a_file_of_another_review_is_noticed() -> None:
    foreign = replace(KNOWN[0], title="Stem cells in the zebrafish heart", decision="include")
    assert "zebrafish" in wrong(export_csv([foreign]))[0]


def test_a_title_that_was_tidied_or_cut_is_still_the_same() -> None:
    for title in ("Tweeting about the waiting room - patients voices.", "Tweeting about the waiting"):
        assert len(take(f"record_id,title,decision\n11,{title},include\n").decisions) == 1


@pytest.mark.parametrize(
    ("row", "report"),
    [
        ("https://doi.org/10.1000/B,,,", "R2"),
        (",400.0,,", "R4"),
        (",,hospital pages on FACEBOOK.,2019", "R2"),
        (",,Hospital pages on Facebook,", "R2"),
    ],
)
def test_without_our_number_a_row_is_matched_by_what_names_one_report(row: str, report: str) -> None:
    [decision] = take(f"doi,pmid,title,year,decision\n{row},include\n").decisions
    assert decision.report_id == report


def test_what_fits_no_report_or_several_is_refused() -> None:
    twins = [
        *KNOWN,
        ExportRow(report_id="R5", record_id=15, title="Hospital pages on Facebook", year=2019, doi="10.1000/b"),
    ]
    assert wrong("doi,title,year,decision\n10.1000/b,Hospital pages on Facebook,2019,include\n", known=twins) == [
        "decisions.csv row 2: DOI fits the reports R2, R5; allowed: rows that fit one report"
    ]
    assert wrong("title,year,decision\nNever seen,2019,include\n") == [
        "decisions.csv row 2: found no report for 'Never seen'"
    ]
    one_report = [*KNOWN, ExportRow(report_id="R2", record_id=15, title="Hospital pages on Facebook", doi="10.1000/b")]
    assert take("doi,decision\n10.1000/b,include\n", known=one_report).decisions[0].record_id == 12


def test_undecided_rows_must_be_of_this_review_too() -> None:
    assert wrong("record_id,decision\n99,\n") == [
        "decisions.csv row 2: found record 99, which this review never showed to reviewers"
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04rest", 'this is a workbook, decisions.csv, save it as "CSV UTF-8" and import that'),
        (b"", "the file is empty, decisions.csv, export it again"),
        (b"record_id,decision\n\0,include", "this is not a text file, decisions.csv, give a CSV or RIS file"),
        (b"record_id,decision,decision\n1,2,3\n", "found the columns decision twice, decisions.csv, keep one of each"),
        (
            b"record_id,decision\n11,include,oops\n",
            "found 3 cells under 2 columns, decisions.csv row 2, export it again",
        ),
        (b'record_id,decision\n11,"include\n', "this cannot be read as CSV"),
        (b"record_id,title\n11,x\n", "found no decisions for title_abstract"),
    ],
)
def test_files_that_cannot_be_used_say_why(body: bytes, said: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        take(body)
    assert str(caught.value).startswith(said)


def test_who_may_not_decide_imports_nothing() -> None:
    with pytest.raises(UsageError, match="found reviewer 'ann'; allowed: ben, cat"):
        take(
            "record_id,decision\n11,include\n",
            protocol=PROTOCOL.model_copy(
                update={"screening": PROTOCOL.screening.model_copy(update={"reviewers": ("ben", "cat")})}
            ),
        )


# Rayyan


def rayyan(*rows: tuple[str, str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["key", "title", "year", "month", "day", "journal", "issn", "volume", "issue", "pages", "authors", "url", "language", "publisher", "location", "abstract", "notes", "doi", "keywords", "pubmed_id", "pmc_id"])  # fmt: skip
    for number, (title, notes) in enumerate(rows):
        writer.writerow([f"rayyan-{number}", title, "2021", *[""] * 13, notes, "", "", "", ""])
    return out.getvalue().encode()


def test_rayyan_notes_hold_decision_reasons_and_notes_of_each_reviewer() -> None:
    body = rayyan(
        (
            KNOWN[0].title,
            'living-review-record-11 | RAYYAN-INCLUSION: {"Ann"=>"Excluded", "Ben"=>"Included"} | RAYYAN-LABELS: x,y '
            '| RAYYAN-EXCLUSION-REASONS: no data,wrong population,too old | USER-NOTES: {"Ann"=>["hm, \\"ok\\"]", "two"]}',
        ),
        ("other words, same number: " + KNOWN[1].title, 'living-review-record-12 | RAYYAN-INCLUSION: {"Ben"=>"Maybe"}'),
        (KNOWN[2].title, "living-review-record-13"),
    )
    found = take(body, "articles.csv")
    assert found.tool is Tool.RAYYAN
    assert found.name_in_file == "Ann"
    assert brief(found) == [
        ("R1", "exclude", "population", 'hm, "ok"]\ntwo\nOther reasons given: design; too old'),
    ]
    assert found.undecided == 2
    assert brief(take(body, reviewer="b.smith", name_in_file="Ben")) == [
        ("R1", "include", "", ""),
        ("R2", "maybe", "", ""),
    ]


def test_rayyan_with_several_names_wants_to_know_whose() -> None:
    body = rayyan((KNOWN[0].title, 'RAYYAN-INCLUSION: {"Ann L"=>"Excluded", "Ben"=>"Included"}'))
    with pytest.raises(
        InvalidFile, match=r"found decisions of Ann L, Ben, decisions.csv, say which of these names is ann"
    ):
        take(body)
    with pytest.raises(InvalidFile, match=r"found no decisions of 'Eve'"):
        take(body, name_in_file="Eve")


def test_decisions_of_another_reviewer_are_not_taken_as_ones_own() -> None:
    listed = PROTOCOL.model_copy(
        update={"screening": PROTOCOL.screening.model_copy(update={"reviewers": ("ann", "ben")})}
    )
    body = rayyan((KNOWN[0].title, 'RAYYAN-INCLUSION: {"Ben"=>"Included"}'))
    with pytest.raises(InvalidFile, match="found decisions of Ben"):
        take(body, protocol=listed)
    assert take(body, protocol=listed, reviewer="ben").name_in_file == "Ben"


def test_a_reason_of_another_tool_that_the_protocol_lacks_counts_at_full_text() -> None:
    body = rayyan((KNOWN[0].title, 'RAYYAN-INCLUSION: {"A"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: too old'))
    assert brief(take(body)) == [("R1", "exclude", "", "Other reasons given: too old")]
    assert wrong(body, stage=FT) == ["decisions.csv row 2: found reason 'too old'; allowed: population, design"]


# Covidence


def covidence(*rows: tuple[str, str, str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ["Title", "Authors", "Abstract", "Published Year", "Published Month", "Journal", "Volume", "Issue", "Pages",
         "Accession Number", "DOI", "Ref", "Covidence #", "Study", "Notes", "Tags"]
    )  # fmt: skip
    for number, (title, accession, notes) in enumerate(rows, start=1):
        writer.writerow([title, "", "", "2021", *[""] * 5, accession, "", "", f"#{number}", "Walsh 2021", notes, ""])
    return out.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize(
    ("name", "stage", "choice"),
    [
        ("review_123456_irrelevant_csv_20260101120000.csv", TA, "exclude"),
        ("review_123456_select_csv_20260101120000.csv", TA, "include"),
        ("review_123456_excluded_csv_20260101120000.csv", TA, "include"),
        ("review_123456_included_csv_20260101120000.csv", FT, "include"),
        ("review_123456_screen_csv_20260101120000.csv", TA, None),
    ],
)
def test_a_covidence_list_means_what_its_name_says(name: str, stage: Stage, choice: str | None) -> None:
    found = take(covidence((KNOWN[0].title, "living-review-record-11", "")), name, stage=stage)
    assert [str(decision.choice) for decision in found.decisions] == ([choice] if choice else [])
    assert found.undecided == (choice is None)


def test_covidence_reasons_stand_in_the_notes() -> None:
    body = covidence((KNOWN[0].title, "", "Exclusion reason: Wrong population; see page 3"))
    found = take(body, "review_1_excluded_csv_1.csv", stage=FT)
    assert brief(found) == [("R1", "exclude", "population", "see page 3")]


def test_a_list_whose_name_says_nothing_at_this_stage_wants_a_word() -> None:
    body = covidence((KNOWN[0].title, "", ""))
    for name, stage in (("export.csv", TA), ("review_1_irrelevant_csv_1.csv", FT)):
        with pytest.raises(InvalidFile, match="say what belonging to this list means"):
            take(body, name, stage=stage)
    assert brief(take(body, "export.csv", list_means=Choice.EXCLUDE)) == [("R1", "exclude", "", "")]


def test_a_ris_list_can_be_given_its_meaning() -> None:
    entry = f"TY  - JOUR\nTI  - {KNOWN[0].title}\nPY  - 2021\nER  - \n"
    assert brief(take(entry, "review_1_irrelevant_ris_1.ris")) == [("R1", "exclude", "", "")]
    assert brief(take(entry, "x.ris", list_means=Choice.INCLUDE)) == [("R1", "include", "", "")]


# ASReview


@pytest.mark.parametrize("column", ["asreview_label", "included"])
def test_asreview_labels_with_its_own_record_numbers(column: str) -> None:
    body = (
        f"record_id,report_id,title,year,{column},asreview_note\n"
        f"0,R1,{KNOWN[0].title},2021,1.0,good\n"
        f"11,,{KNOWN[1].title},2019,0,\n"
        f"2,,{KNOWN[2].title},2018,,\n"
        f"3,,{KNOWN[3].title},2018,-1,\n"
    )
    found = take(body)
    assert found.tool is Tool.ASREVIEW
    assert brief(found) == [("R1", "include", "", "good"), ("R2", "exclude", "", "")]
    assert found.undecided == 2


def test_our_ris_through_asreview() -> None:
    entries = rispy.loads(export_ris(KNOWN).decode())
    for entry, label in zip(entries, ["relevant", "irrelevant", "not_seen", "relevant"], strict=True):
        entry["notes"].insert(0, f"ASReview_{label}")
        entry.pop("doi", None)
    found = take(rispy.dumps(entries), "asreview.ris")
    assert found.tool is Tool.ASREVIEW
    assert brief(found) == [("R1", "include", "", ""), ("R2", "exclude", "", ""), ("R4", "include", "", "")]


def test_contradicting_labels_of_one_entry_are_refused() -> None:
    entry = f"TY  - JOUR\nTI  - {KNOWN[0].title}\nN1  - ASReview_relevant\nN1  - ASReview_irrelevant\nER  - \n"
    assert wrong(entry, "x.ris") == [
        "x.ris entry 1: found decision 'irrelevant and relevant'; allowed: -1, not_seen, 1, relevant, 0, irrelevant or nothing"
    ]


def test_a_cut_off_ris_is_mentioned() -> None:
    found = take(f"TY  - JOUR\nTI  - {KNOWN[0].title}\nN1  - ASReview_relevant\n", "x.ris")
    assert "no ER" in found.remarks[0]


def test_labels_that_asreview_wrote() -> None:
    path = REAL / "exports" / "ris" / "asreview" / "asreview__baseline_tag-notes_labels.ris"
    if not path.exists():
        pytest.skip("the collection of real exports is not beside the project")
    labels = Counter(row.votes.get("", "") for row in read("labels.ris", path.read_bytes()).rows)
    assert labels == {"relevant": 10, "irrelevant": 10, "not_seen": 10, "": 2}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_labels_as_asreview_writes_them(line_end: str) -> None:
    """Twin of the above on lines of our own: labels alone, beside text, in an XHTML note, and none."""
    notes = ["ASReview_relevant", "More. ASReview_irrelevant. More.", "<p>ASReview_not_seen</p>", "Additional notes"]
    body = "".join(
        f"TY  - GEN\nTI  - {row.title}\nN1  - {note}\nN1  - ASReview_prior\nER  -\n\n".replace("\n", line_end)
        for row, note in zip(KNOWN, notes, strict=True)
    )
    found = take(body, "labels.ris")
    assert brief(found) == [("R1", "include", "", ""), ("R2", "exclude", "", "")]
    assert found.undecided == 2
    assert found.remarks == ()


def test_titles_fold_to_letters_and_digits_of_any_script() -> None:
    assert folded(" Éléments\u2014of  “Care”: 2nd ") == "éléments of care 2nd"
    assert not differ("", "anything")
    assert differ("Stem cells in the zebrafish heart", "Hospital pages on Facebook")
    assert differ("健康", "医院")
