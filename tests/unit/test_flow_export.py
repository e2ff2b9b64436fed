"""Flow counts as JSON and in the template of the PRISMA2020 R package."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from living_review.flow_counts import Via
from living_review.flow_diagram import Facts, RecordFact, ReportFact, Run, count
from living_review.flow_export import CSV_COLUMNS, to_csv, to_json
from living_review.protocol import Stage
from living_review.screening import Verdict

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HOSTILE = "Ovid; Embase, \"1974\"\nto <b>date</b> 'now' \\N"


def facts(**more: object) -> Facts:
    records = [
        RecordFact(record_id="1", source="PubMed", run=1, report_id="A"),
        RecordFact(record_id="2", source=HOSTILE, run=1, report_id="A"),
        RecordFact(record_id="3", source=HOSTILE, run=1, report_id="B"),
        RecordFact(record_id="4", source="=cmd|calc", run=1, report_id="C"),
        RecordFact(record_id="5", source="ClinicalTrials.gov", via=Via.REGISTER, run=1, report_id="D"),
        RecordFact(record_id="6", source="WHO", via=Via.WEBSITE, run=1, report_id="E"),
    ]
    include, exclude = Verdict.INCLUDE, Verdict.EXCLUDE
    reports = [
        ReportFact(report_id="A", title_abstract=include, full_text=include),
        ReportFact(report_id="B", title_abstract=include, full_text=exclude, full_text_reason="design"),
        ReportFact(report_id="C", title_abstract=exclude),
        ReportFact(report_id="E", title_abstract=include, full_text=exclude),
    ]
    values = {"reasons": {"design": "Design; not, ours"}, **more}
    return Facts(runs=[Run(number=1)], records=records, reports=reports, **values)  # type: ignore[arg-type]


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


def as_the_package_reads(cell: str) -> list[tuple[str, int]]:
    """Parts at ``;``, cuts the name at the first comma, keeps the digits behind it: the reader's own rules."""
    parts = re.split(r"; ?", cell)
    return [(re.sub(r",.*$", "", part), int(re.sub(r"[^0-9]", "", part.split(",", 1)[1]))) for part in parts]


def test_numbers_are_in_the_rows_where_the_package_looks_for_them() -> None:
    n = {row["data"]: row["n"] for row in rows(to_csv(count(facts(previous_studies=40, previous_reports=41))))}
    assert n["database_results"] == "4"
    assert n["register_results"] == "1"
    assert n["register_specific_results"] == "ClinicalTrials.gov, 1"
    assert (n["website_results"], n["organisation_results"], n["citations_results"]) == ("1", "0", "0")
    assert (n["duplicates"], n["excluded_other"]) == ("1", "0")
    assert (n["records_screened"], n["records_excluded"]) == ("3", "1")
    assert (n["dbr_sought_reports"], n["dbr_notretrieved_reports"], n["dbr_assessed"]) == ("2", "0", "2")
    assert (n["other_sought_reports"], n["other_assessed"], n["other_excluded"]) == ("1", "1", "No reason given, 1")
    assert (n["previous_studies"], n["new_studies"], n["total_studies"]) == ("40", "1", "41")
    assert (n["previous_reports"], n["new_reports"], n["total_reports"]) == ("41", "1", "42")


def test_names_survive_the_reader_of_the_package() -> None:
    n = {row["data"]: row["n"] for row in rows(to_csv(count(facts())))}
    assert as_the_package_reads(n["database_specific_results"]) == [
        ("cmd|calc", 1),
        ('Ovid / Embase / "1974" to <b>date</b> ’now’ /N', 2),
        ("PubMed", 1),
    ]
    assert as_the_package_reads(n["dbr_excluded"]) == [("Design / not / ours", 1)]


def test_no_source_and_no_reason_is_a_plain_zero() -> None:
    empty = Facts(runs=[Run(number=1)], records=[])
    n = {row["data"]: row["n"] for row in rows(to_csv(count(empty)))}
    assert (n["database_specific_results"], n["dbr_excluded"]) == ("0", "0")


def test_a_step_the_protocol_leaves_out_is_not_given_a_number() -> None:
    screening_only = count(facts(stages=(Stage.TITLE_ABSTRACT,)))
    n = {row["data"]: row["n"] for row in rows(to_csv(screening_only))}
    assert (n["dbr_sought_reports"], n["dbr_assessed"], n["dbr_excluded"]) == ("NA", "NA", "NA")
    assert to_json(screening_only)["assessed"] is None
    full_text_only = count(facts(stages=(Stage.FULL_TEXT,)))
    n = {row["data"]: row["n"] for row in rows(to_csv(full_text_only))}
    assert (n["records_screened"], n["dbr_sought_reports"]) == ("NA", "4")
    assert to_json(full_text_only)["excluded_screening"] is None


def test_rows_and_keys_are_the_templates() -> None:
    found = rows(to_csv(count(facts())))
    keys = [(row["data"], row["node"], row["box"]) for row in found]
    assert len(keys) == len(set(keys)) == 34
    assert keys[1] == ("previous_studies", "node5", "box1")
    assert keys[6] == ("register_results", "NA", "box2")
    assert keys[-1] == ("total_reports_ma", "NA", "box17")
    nodes = sorted(int(row["node"][4:]) for row in found if row["node"].startswith("node"))
    assert nodes == list(range(1, 24))


def test_rows_and_keys_equal_those_of_the_real_template() -> None:
    template = SHARED / "prisma2020" / "PRISMA.csv"
    if not template.exists():
        pytest.skip("the template of the PRISMA2020 package is not on this machine")
    real = rows(template.read_bytes())
    ours = rows(to_csv(count(facts())))
    assert tuple(real[0]) == CSV_COLUMNS == tuple(ours[0])
    for key in ("data", "node", "box", "url"):
        assert [row[key] for row in ours] == [row[key] for row in real], key
    assert [row["tooltips"] == "NA" for row in ours] == [row["tooltips"] == "NA" for row in real]


def test_json_has_every_number_and_is_plain() -> None:
    plain = to_json(count(facts()))
    assert json.loads(json.dumps(plain)) == plain
    assert plain["identified"]["n"] == 6
    assert plain["pending"] == {
        "dedupe": 0,
        "screening": 1,
        "conflicts_screening": 0,
        "retrieval": 0,
        "full_text": 0,
        "conflicts_full_text": 0,
    }
    assert plain["excluded_full_text"]["reasons"] == [
        {"reason": "design", "text": "Design; not, ours", "n": 1},
        {"reason": "no_reason", "text": "No reason given", "n": 1},
    ]
    assert plain["databases_and_registers"]["identified"]["n"] == 5
    assert plain["other_methods"]["identified"]["n"] == 1
