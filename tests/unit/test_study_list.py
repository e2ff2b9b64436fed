"""The list of studies, and the studies in parts of which a change touches one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from living_review.publication import build
from living_review.publication_state import StudyView
from living_review.study_list import PART_SIZE
from tests.unit.publication_states import HOSTILE, RETRACTED, STUDIES, protocol, record, state, view, with_values

FILES = build(state())
LIST = json.loads(FILES["list.json"].body)
PART = json.loads(FILES["studies/0001.json"].body)
WHOLE = json.loads(FILES["studies.json"].body)["studies"]


def test_a_line_has_what_a_list_shows_and_is_filtered_by() -> None:
    assert LIST["studies"][0] == {
        "study_id": "S0001",
        "citation": WHOLE[0]["reports"][0]["citation"],
        "title": "Study 11",
        "authors": "Family0 GN, Family1 GN, Family2 GN, Family3 GN, Family4 GN, Family5 GN, et al",
        "year": 2020,
        "journal": "Journal of Messages",
        "doi": "10.1000/11",
        "pmid": "11",
        "url": "https://doi.org/10.1000/11",
        "retraction": "none",
        "charted": True,
        "counted": True,
        "included_on": "2026-01-09",
        "first_version": 1,
        "values": {
            "country": "AU",
            "direction": "one",
            "platform": ["sms", "mail"],
            "people": 12,
            "model": ["M1"],
            "checked_on": "2026-02-02",
        },
    }
    assert [one["retraction"] for one in LIST["studies"]] == ["none", "unknown", "retracted", "none"]
    assert LIST["studies"][2]["citation"].startswith("RETRACTED: Family0 GN")
    assert LIST["studies"][3]["values"] is None


def test_list_and_parts_have_the_studies_in_their_order() -> None:
    assert [one["study_id"] for one in LIST["studies"]] == [one["study_id"] for one in WHOLE]
    assert [{name: value for name, value in one.items() if name != "quotes"} for one in PART["studies"]] == WHOLE


def test_a_part_has_the_quotes_of_its_studies() -> None:
    quotes = {one["study_id"]: one["quotes"] for one in PART["studies"]}
    expected = {"field": "direction", "text": HOSTILE, "location": "p. 3"}
    assert quotes == {
        # The first study is charted with another answer than its quote is given for; the third is not counted.
        "S0001": [{**expected, "code": "two", "contradicting": True}],
        "S0002": [{**expected, "code": "two", "contradicting": False}],
        "S0003": [{**expected, "code": "", "contradicting": False}],
        "S0004": [],
    }


def many(number: int) -> tuple[StudyView, ...]:
    return tuple(
        StudyView(
            study_id=f"S{place:04d}",
            reports=(view(f"R{place}", record(str(1000 + place))),),
            values={"direction": "one"},
            included_on="2026-01-09",
        )
        for place in range(number)
    )


def bodies(studies: tuple[StudyView, ...], **more: Any) -> dict[str, bytes]:
    plan = protocol(summary={"tables": ["direction"]}, typology=None, charting={"fields": FIELDS}, translations={})
    made = build(state(studies, protocol=plan, **more))
    return {name: file.body for name, file in made.items() if name.startswith("studies/")}


FIELDS = [{"name": "direction", "type": "choice", "options": ["one", "two"]}]


def test_one_changed_study_changes_one_part() -> None:
    studies = many(2 * PART_SIZE + 50)
    before = bodies(studies)
    assert list(before) == ["studies/0001.json", "studies/0002.json", "studies/0003.json"]
    assert [len(json.loads(body)["studies"]) for body in before.values()] == [100, 100, 50]
    told = json.loads(build(state(many(1)))["summary.json"].body)
    for place, part in ((0, "0001"), (99, "0001"), (100, "0002"), (249, "0003")):
        one = studies[place]
        for changed in (
            with_values(one, direction="two"),
            replace(one, reports=(view(one.reports[0].report_id, one.reports[0].record, RETRACTED),)),
            replace(one, checked_by="cho"),
        ):
            after = bodies((*studies[:place], changed, *studies[place + 1 :]), version=2, previous=told)
            assert [name for name in before if before[name] != after[name]] == [f"studies/{part}.json"]
    assert bodies(many(251))["studies/0001.json"] == before["studies/0001.json"]


def test_a_review_without_studies_has_no_part() -> None:
    assert bodies(()) == {}


def test_what_is_not_for_readers_is_in_neither() -> None:
    text = (FILES["list.json"].body + FILES["studies/0001.json"].body).decode()
    for private in ("stays with its publisher", "@example.org", "internal"):
        assert private not in text
    assert all(STUDIES[0].values["finding"] not in json.dumps(one["values"]) for one in LIST["studies"])  # type: ignore[index]
