"""The history: every version, what it changed, and what became of it."""

from __future__ import annotations

import json
from typing import Any

from living_review.history import entry, settled
from living_review.publication import build, content_digest
from tests.unit.publication_states import STUDIES, history_of, protocol, state, with_values


def told(*args: Any, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    files = build(state(*args, **more))
    return json.loads(files["summary.json"].body), json.loads(files["history.json"].body)


FIRST, OF_FIRST = told(STUDIES[:2])
SECOND, OF_SECOND = told(STUDIES[:3], version=2, previous=FIRST)


def test_the_newest_version_is_the_one_the_history_is_of() -> None:
    [only] = OF_FIRST["versions"]
    assert only == {
        "version": 1,
        "published_at": "2026-03-01T08:00:00Z",
        "trigger": FIRST["trigger"],
        "display_title": "Messages in clinics: a living review (version 1)",
        "citation": FIRST["citation"],
        "status": "living",
        "counts": FIRST["counts"],
        "whats_new": FIRST["whats_new"],
        "manifest": None,
        "withdrawn": None,
        "rolled_back": None,
    }
    assert OF_FIRST["retracted"] == []


def test_an_earlier_version_has_its_place_for_good_and_keeps_what_it_said() -> None:
    first, second = OF_SECOND["versions"]
    assert first == {
        **OF_FIRST["versions"][0],
        "manifest": {"key": "versions/000001/manifest.json", "sha256": f"{1:064d}"},
    }
    assert second["whats_new"] == SECOND["whats_new"]
    assert OF_SECOND["retracted"] == [{"study_id": "S0003", "state": "retracted"}]


def test_what_was_withdrawn_or_taken_back_stays_and_says_so() -> None:
    gone = {1: {"on": "2026-05-01", "reason": "A complaint"}}
    back = {2: {"on": "2026-04-01", "reason": "A slip", "to": 1}}
    manifests = {number: {"key": f"versions/{number:06d}/manifest.json", "sha256": "0" * 64} for number in (1, 2)}
    first, second = settled([entry(FIRST), entry(SECOND)], manifests, gone, back)
    assert (first["withdrawn"], first["rolled_back"]) == (gone[1], None)
    assert (second["withdrawn"], second["rolled_back"]) == (None, back[2])
    assert second["manifest"] == manifests[2]


def test_the_history_is_nothing_new_by_itself() -> None:
    changed = (with_values(STUDIES[0], people=13), *STUDIES[1:2])
    later, _ = told(changed, version=2, previous=FIRST)
    one = build(state(changed, version=3, previous=later, history=tuple(history_of(FIRST, later))))
    other = build(state(changed))
    assert one["history.json"] != other["history.json"]
    assert content_digest(one) == content_digest(other)


def test_every_flow_is_there_as_numbers_as_a_table_and_as_a_picture() -> None:
    files = build(state(protocol=protocol()))
    told = json.loads(files["prisma.json"].body)
    summary = json.loads(files["summary.json"].body)
    assert told["variants"] == summary["prisma"]["variants"]
    assert files["prisma/together.svg"] == files["prisma.svg"]
    plain = files["prisma.csv"].body.decode().splitlines()
    label = told["variants"]["together"][0]["label"]
    table = files["prisma/together.csv"].body.decode().splitlines()
    assert table == [f"flow,{plain[0]}", *(f"{label},{line}" for line in plain[1:])]
