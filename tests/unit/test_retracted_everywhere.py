"""A retracted study says so wherever a version names it, whichever file a reader happens to open."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from living_review.publication import build
from living_review.publication_state import StudyView
from living_review.retraction import RetractionState, RetractionStatus
from living_review.store_layout import File
from living_review.validation import Failure, ValidationReport
from tests.unit.publication_states import STUDIES, history_of, protocol, record, state, synthesis_of, view

TITLE = "Ringing in the new"
RECORD = record("77", title=TITLE)
NAMES = ("S0009", TITLE, "10.1000/77")
"""What a file may call the study by."""
STATES = [
    (RetractionState.RETRACTED, "RETRACTED", "retracted"),
    (RetractionState.CONCERN, "Expression of concern", "expression_of_concern"),
]


def study(status: RetractionState) -> StudyView:
    """A study whose second report alone is retracted: all of the study is."""
    found = RetractionStatus(state=status, checked_on="2026-10-01")
    values = {"country": "NZ", "direction": "one", "platform": ["sms"], "people": 3, "model": ["M1"], "finding": ""}
    return replace(
        STUDIES[0],
        study_id="S0009",
        values=values,
        reports=(view("R90", RECORD), view("R91", record("78"), found)),
    )


def version(status: RetractionState, *, counted: bool) -> dict[str, File]:
    """The second version, in which the study came to be retracted, and a check names it."""
    plan = protocol(publish={"include_retracted": counted})
    sound = study(RetractionState.NONE)
    before = json.loads(build(state((*STUDIES[:2], sound), protocol=plan))["summary.json"].body)
    studies = (*STUDIES[:2], study(status))
    failure = Failure(row_key="S0009", column="people", rule="people", found="3", message="too few")
    report = ValidationReport(suite="charted", suite_sha256="0" * 64, rows=3, evaluated=1, failures=(failure,))
    more = {"synthesis": synthesis_of((*STUDIES[:2], sound), plan)} if counted else {}
    return build(
        state(
            studies,
            protocol=plan,
            version=2,
            previous=before,
            history=tuple(history_of(before)),
            validation=(report,),
            **more,
        )
    )


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for name, item in value.items():
            yield from objects(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from objects(item, f"{path}[]")


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize(("status", "words", "value"), STATES)
def test_every_file_that_names_a_retracted_study_says_so(
    status: RetractionState, words: str, value: str, counted: bool
) -> None:
    files = version(status, counted=counted)
    naming = {
        name: file.body.decode() for name, file in files.items() if any(one in file.body.decode() for one in NAMES)
    }
    assert naming.keys() >= {
        *("summary.json", "studies.json", "studies/0001.json", "list.json", "history.json", "validation.json"),
        *("studies.csv", "included.ris", "validation.html"),
    }
    for name, text in naming.items():
        assert words.lower().replace(" ", "_") in text.lower().replace(" ", "_"), name


@pytest.mark.parametrize(("status", "words", "value"), STATES)
def test_and_says_so_where_it_is_named(status: RetractionState, words: str, value: str) -> None:
    files = version(status, counted=False)
    seen = set()
    for name in ("summary.json", "studies.json", "studies/0001.json", "list.json", "history.json"):
        for path, one in objects(json.loads(files[name].body)):
            # What version 1 said stands as it was said: the list of those that are retracted now goes with it.
            if one.get("study_id") != "S0009" or not one.keys() & {"citation", "title", "reports"}:
                continue
            if (name, path, one.get("retraction")) == ("history.json", ".versions[].whats_new.new_studies[]", "none"):
                continue
            told = one.get("retraction", one.get("state"))
            assert (told["state"] if isinstance(told, dict) else told) == value, (name, path)
            assert one.get("citation", words).startswith(words), (name, path)
            seen.add((name, path))
    assert {path for name, path in seen if name == "summary.json"} >= {
        *(".studies[]", ".retracted[]", ".whats_new.changed_studies[]"),
    }
    assert json.loads(files["history.json"].body)["retracted"] == [{"study_id": "S0009", "state": value}]
    assert json.loads(files["validation.json"].body)["retracted"] == [{"study_id": "S0009", "state": value}]
    assert f"<bdi>{words}: S0009</bdi>" in files["validation.html"].body.decode()
    rows = csv.DictReader(io.StringIO(files["studies.csv"].body.decode("utf-8-sig"), newline=""))
    [row] = [row for row in rows if row["study_id"] == "S0009"]
    assert row["retraction"] == words
    assert row["citation"].startswith(words)
    entries = [one for one in files["included.ris"].body.decode().split("ER  - ") if "ID  - S0009" in one]
    assert [f"N1  - {words}" in one for one in entries] == [True, True]


@pytest.mark.parametrize(("status", "words", "value"), STATES)
def test_the_data_of_charts_mark_it_in_each_row_that_names_it(status: RetractionState, words: str, value: str) -> None:
    files = version(status, counted=True)
    marked = {}
    for name in (name for name in files if name.startswith("charts/") and not name.endswith(".vl.json")):
        rows = json.loads(files[name].body) if name.endswith(".json") else []
        naming = [row for row in rows if "S0009" in row.get("studies", ())]
        marked |= {name: [row[f"{value}_studies"] for row in naming]} if naming else {}
    assert len(marked) == 6
    assert all(row == ["S0009"] for rows in marked.values() for row in rows)


def test_a_retraction_alone_is_no_change_of_reports() -> None:
    told = json.loads(version(RetractionState.RETRACTED, counted=True)["summary.json"].body)
    assert [one["changed"] for one in told["whats_new"]["changed_studies"]] == [["retraction"]]


def test_corrections_are_told_and_not_shouted() -> None:
    files = version(RetractionState.CORRECTED, counted=True)
    [line] = [one for one in json.loads(files["list.json"].body)["studies"] if one["study_id"] == "S0009"]
    assert line["retraction"] == "corrected"
    assert line["citation"].startswith("Family0 GN")
