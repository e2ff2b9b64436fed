"""What a version changes against the one before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from living_review.publication import build
from living_review.whats_new import whats_new
from tests.unit.publication_states import RETRACTED, STUDIES, protocol, record, search, state, view, with_values


def told(*args: Any, **more: Any) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(build(state(*args, **more))["summary.json"].body)
    return summary


BEFORE = told(STUDIES[:2])


def second(*args: Any, **more: Any) -> dict[str, Any]:
    changes: dict[str, Any] = told(*args, version=2, previous=BEFORE, **more)["whats_new"]
    return changes


def test_the_first_version_says_so() -> None:
    assert BEFORE["whats_new"]["kind"] == "first"
    assert BEFORE["whats_new"]["text"] == "First publication: 2 studies."
    assert [study["study_id"] for study in BEFORE["whats_new"]["new_studies"]] == ["S0001", "S0002"]


def test_equal_summaries_differ_in_nothing() -> None:
    changes = second(STUDIES[:2])
    lists = {name: value for name, value in changes.items() if isinstance(value, list)}
    assert set(map(len, lists.values())) == {0}
    assert changes["text"] == "Nothing changed in studies, methods, authors or status."
    assert changes["since_version"] == 1


def test_new_changed_and_removed_studies_are_named() -> None:
    studies = (with_values(STUDIES[0], people=13), STUDIES[3])
    changes = second(studies)
    assert [one["study_id"] for one in changes["new_studies"]] == ["S0004"]
    assert [one["study_id"] for one in changes["removed_studies"]] == ["S0002"]
    assert [(one["study_id"], one["changed"]) for one in changes["changed_studies"]] == [("S0001", ["charting"])]
    assert changes["text"] == "1 new study, 1 changed study, 1 removed study."


def test_a_retraction_is_a_change_of_its_study() -> None:
    retracted = replace(STUDIES[0], reports=(view("R1", record("11"), RETRACTED), STUDIES[0].reports[1]))
    changes = second((retracted, STUDIES[1]))
    assert [(one["study_id"], one["changed"], one["retraction"]) for one in changes["changed_studies"]] == [
        ("S0001", ["retraction"], "retracted")
    ]


def test_a_new_report_of_a_known_study_is_a_change_of_it() -> None:
    more = replace(STUDIES[1], reports=(*STUDIES[1].reports, view("R8", record("18"))))
    changes = second((STUDIES[0], more))
    assert [(one["study_id"], one["changed"]) for one in changes["changed_studies"]] == [("S0002", ["reports"])]


def test_numbers_that_changed_are_given_before_and_after() -> None:
    numbers = {one["item"]: (one["before"], one["after"]) for one in second(STUDIES[:1])["numbers"]}
    assert numbers["counts.included_studies"] == (2, 1)
    assert numbers["tables.platform=sms"] == (2, 1)
    assert numbers["typology=M2"] == (1, 0)
    assert numbers["tables.people maximum"] == (40.0, 12.0)
    assert "tables.platform=mail" not in numbers


def test_methods_authors_and_status_are_compared() -> None:
    plan = protocol(
        criteria_version="2",
        authors=[{"name": "Ada One", "role": "Writing", "orcid": "0000-0002-1825-0097"}, {"name": "Cho Three"}],
        living={"status": "paused", "reason": "Funding", "retire_when": "Nothing new for two years"},
        eligibility={
            "include": ["Clinics"],
            "exclude": [
                {"id": "year", "text": "Too old"},
                {"id": "design", "text": protocol().eligibility.exclude[0].text},
            ],
        },
    )
    changes = second(STUDIES[:2], protocol=plan)
    methods = {one["item"]: (one["before"], one["after"]) for one in changes["methods"]}
    assert methods["criteria_version"] == ("1", "2")
    assert methods["eligibility.exclude[year].text"] == (None, "Too old")
    assert "eligibility.exclude[design].text" not in methods
    authors = {one["item"]: (one["before"], one["after"]) for one in changes["authors"]}
    assert authors["Cho Three"] == (None, [{}])
    assert authors["Ada One"][1] == [{"orcid": "0000-0002-1825-0097", "role": "Writing"}]
    status = {one["item"]: (one["before"], one["after"]) for one in changes["status"]}
    assert status == {"status": ("living", "paused"), "reason": ("", "Funding")}
    assert changes["text"] == "Methods changed, authors or roles changed, status changed."


def test_the_next_planned_search_is_no_change_of_status() -> None:
    later = {"pubmed": datetime(2026, 5, 4, tzinfo=UTC)}
    assert second(STUDIES[:2], next_searches=later)["status"] == []


def test_an_update_has_a_new_search_of_which_everything_is_classified() -> None:
    searched = (search(), search(month=4))
    assert second(STUDIES[:2], searches=searched, awaiting=0)["kind"] == "update"
    assert second(STUDIES[:2], searches=searched, awaiting=1)["kind"] == "amendment"
    failed = (search(), search(month=4, state="failed"))
    decided = told(STUDIES[:2], awaiting=0)
    for more in ({}, {"searches": failed}):
        assert told(STUDIES, version=2, previous=decided, awaiting=0, **more)["whats_new"]["kind"] == "amendment"


def test_a_search_that_the_version_before_held_in_part_makes_the_next_one_an_update() -> None:
    assert BEFORE["not_yet_incorporated"]["reports"] > 0
    assert second(STUDIES, awaiting=0)["kind"] == "update"
    assert second(STUDIES, awaiting=1)["kind"] == "amendment"


def test_a_version_of_another_form_can_still_be_compared() -> None:
    assert whats_new({"version": 1}, BEFORE)["text"].startswith("2 new studies")
