"""What people see of a run: accounts as Markdown in which nothing from outside is markup, flow counts as rows."""

from __future__ import annotations

import pytest

from living_review.flow_diagram import Facts, RecordFact, ReportFact, Run, count
from living_review.protocol import Stage
from living_review.screening import Retrieval, Verdict
from living_review.steps.account import Account
from tasks.artifact_text import REMARKS_SHOWN, as_text, prisma_rows, step_markdown


def test_an_account_is_a_table_and_a_list() -> None:
    account = Account(
        step="check incoming", received=1203, parts={"passed": 1200, "held": 3}, remarks=("pubmed 7 was set aside",)
    )
    assert step_markdown(account) == (
        "## check incoming: 1,203 records\n\n"
        "| what became of them | number |\n| --- | ---: |\n| passed | 1,200 |\n| held | 3 |\n\n"
        "### What a person should read\n\n- pubmed 7 was set aside\n"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](http://example.org/pixel.png)",
        "a | b\n\n# Heading\n- item",
        "**bold** _it_ `code` ~~gone~~",
        "&lt;img src=x onerror=alert(1)&gt;",
        "http://example.org/ and www.example.org and mail@example.org",
        "\\<b>",
    ],
)
def test_a_title_is_shown_as_it_is_and_never_read_as_markup(hostile: str) -> None:
    text = as_text(hostile)
    assert "\n" not in text
    # CommonMark: a punctuation character with a backslash before it stands for itself.
    bare = [
        character
        for place, character in enumerate(text)
        if character in "<>[]()!#*_`~|&:@" and (place == 0 or text[place - 1] != "\\")
    ]
    assert bare == []
    assert "www.e" not in text
    unescaped = text.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    assert unescaped == " ".join(hostile.split())


def test_ten_thousand_remarks_are_counted_and_not_all_shown() -> None:
    remarks = tuple(f"remark {number}" for number in range(REMARKS_SHOWN + 7))
    shown = step_markdown(Account(step="watch", received=0, remarks=remarks))
    assert f"- remark {REMARKS_SHOWN - 1}\n" in shown
    assert f"remark {REMARKS_SHOWN}\n" not in shown
    assert "- and 7 more, see `living-review status`" in shown


def _facts(stages: tuple[Stage, ...]) -> Facts:
    def report(name: str, first: Verdict, second: Verdict = Verdict.AWAITING, study: str | None = None) -> ReportFact:
        return ReportFact(
            report_id=name,
            title_abstract=first,
            title_abstract_reason="",
            full_text=second,
            full_text_reason="wrong" if second is Verdict.EXCLUDE else "",
            retrieval=Retrieval.SOUGHT,
            study_id=study,
        )

    records = [
        RecordFact(
            record_id=str(n), source="PubMed" if n < 4 else "embase", run=1, report_id=f"R{min(n, 4)}", removed=""
        )
        for n in range(1, 6)
    ]
    return Facts(
        runs=[Run(number=1, searched_on="2026-03-02")],
        records=records,
        reports=[
            report("R1", Verdict.EXCLUDE),
            report("R2", Verdict.AWAITING),
            report("R3", Verdict.INCLUDE, Verdict.INCLUDE, "S1"),
            report("R4", Verdict.INCLUDE, Verdict.EXCLUDE),
        ],
        stages=stages,
        reasons={"wrong": "Not about | this"},
    )


def test_flow_counts_are_rows_in_reading_order() -> None:
    rows = prisma_rows(count(_facts((Stage.TITLE_ABSTRACT, Stage.FULL_TEXT))))
    assert {tuple(row) for row in rows} == {("phase", "what", "number")}
    numbers = {row["what"]: row["number"] for row in rows}
    assert numbers["records from PubMed"] == 3
    assert numbers["records from embase"] == 2
    assert numbers["records identified"] == 5
    assert numbers["duplicate records"] == 1
    assert numbers["records that wait for decisions"] == 1
    assert numbers["records screened"] == 3
    assert numbers["reports excluded"] == numbers["reports excluded: Not about | this"] == 1
    assert numbers["studies included"] == 1
    assert [row["phase"] for row in rows] == sorted(
        (row["phase"] for row in rows), key=["identification", "screening", "included"].index
    )


def test_a_stage_that_the_protocol_leaves_out_has_no_row() -> None:
    facts = _facts((Stage.TITLE_ABSTRACT,))
    assert not any("report" in str(row["what"]) and row["phase"] == "screening" for row in prisma_rows(count(facts)))
