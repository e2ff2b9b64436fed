"""Status on SQLite and PostgreSQL: what it says of a small review at each point of its life."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.review import status_lines
from living_review.errors import UsageError
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches
from living_review.records import Relation
from living_review.screening import Retrieval
from living_review.steps.screen import note_retrieval
from living_review.steps.services import check_services
from living_review.steps.status import status
from tests.integration.review_desk import FULL, GOOD, TITLE, Desk, desk_on, pubmed_record

SEARCHES = [{"source": "pubmed", "query": "telephone"}, {"source": "files", "inbox": "inbox"}]


@pytest.fixture
def desk(ledger, clock, tmp_path: Path) -> Desk:
    return desk_on(ledger, clock, tmp_path, searches=SEARCHES)


def said(desk: Desk, *names: str) -> list[object]:
    found = status(desk.review)
    json.dumps(found)
    return [found[name] for name in names]


def test_a_review_that_never_ran(desk):
    found = status(desk.review)
    assert found["searches"] == {
        "pubmed": {"last": None, "state": "never run", "warnings": [], "accepted": None, "unaccepted": []}
    }
    numbers = {name: value for name, value in found.items() if isinstance(value, int)}
    assert set(numbers.values()) == {0}
    assert (found["published_version"], found["awaiting"]) == (None, {"title_abstract": 0, "full_text": 0})


def test_records_duplicates_and_what_was_set_aside(desk):
    desk.found(pubmed_record(1), pubmed_record(2))
    desk.arrive(2, 3)
    assert said(desk, "records", "reports", "duplicates", "quarantined") == [4, 3, 1, 0]
    assert said(desk, "awaiting", "conflicts") == [
        {"title_abstract": 3, "full_text": 0},
        {"title_abstract": 0, "full_text": 0},
    ]
    with desk.review.write() as tx:
        run = Searches(tx).runs()[-1]["id"]
        [held] = Records(tx).add([pubmed_record(9)], run).values()
        Records(tx).hold({held: ["no title"]})
    desk.place()
    assert said(desk, "records", "reports", "duplicates") == [5, 3, 1]
    assert said(desk, "quarantined", "quarantined_records", "quarantined_rows") == [1, 1, 0]
    assert said(desk, "set_aside") == [{str(held): ["no title"]}]
    assert f"  ! record {held} is set aside: no title" in status_lines(status(desk.review))
    with desk.review.write() as tx:
        Records(tx).release([held], "ann", "it has one")
    assert said(desk, "quarantined", "quarantined_records", "set_aside") == [0, 0, {}]
    searches = status(desk.review)["searches"]
    assert {name: (one["state"], one["found"]) for name, one in searches.items()} == {
        "pubmed": ("complete", 2),
        "embase": ("complete", 2),
    }


def test_screening_full_texts_charting_and_retraction(desk):
    desk.found(*(pubmed_record(number) for number in range(1, 6)))
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, dict.fromkeys(["R000001", "R000002", "R000003", "R000004"], "include"))
    desk.decide("ann", TITLE, {"R000005": "include"})
    desk.decide("ben", TITLE, {"R000005": "exclude"})
    note_retrieval(desk.review, ["R000004"], Retrieval.NOT_RETRIEVED, "ann")
    assert said(desk, "awaiting", "conflicts", "not_retrieved") == [
        {"title_abstract": 0, "full_text": 3},
        {"title_abstract": 1, "full_text": 0},
        1,
    ]
    for who in ("ann", "ben"):
        desk.decide(who, FULL, {"R000001": "include", "R000002": "include", "R000003": ("exclude", "other")})
    assert said(desk, "included_reports", "included_studies", "charted", "to_chart") == [2, 2, 0, 2]
    desk.chart({"S0001": GOOD, "S0002": {**GOOD, "design": "poem"}})
    assert said(desk, "charted", "to_chart", "quarantined_rows", "retracted") == [1, 1, 1, []]
    desk.chart({"S0002": GOOD})
    # What was returned and is put right waits for nobody.
    assert said(desk, "charted", "to_chart", "quarantined", "quarantined_rows") == [2, 0, 0, 0]
    notice = Relation(kind="RetractionIn", pmid="9", citation="J. 2026")
    with desk.review.write() as tx:
        Records(tx).add_versions([(1, pubmed_record(1, relations=[notice]))], Searches(tx).runs()[0]["id"])
        Decisions(tx).publish(
            version=3, content_sha256="a", manifest_sha256="b", summary_sha256="c", trigger="x", approved_by=""
        )
    assert said(desk, "retracted", "published_version") == [["S0001"], 3]
    # A report that no longer passes title and abstract is nowhere counted later.
    desk.decide("ann", TITLE, {"R000001": "exclude", "R000004": "exclude"})
    assert said(desk, "included_reports", "charted", "retracted", "not_retrieved", "conflicts") == [
        1,
        1,
        [],
        0,
        {"title_abstract": 3, "full_text": 0},
    ]


def test_a_stage_that_is_gone_from_the_protocol_is_named(desk):
    desk.arrive(1)
    desk.decide("ann", TITLE, {"R000001": "exclude"})
    desk.change(screening={"stages": ["full_text"], "reviewers": ["ann", "ben", "cho"]})
    said_of_stage = "found screening.stages full_text, and 1 decisions were given at title_abstract"
    with pytest.raises(UsageError, match=said_of_stage):
        status(desk.review)
    [ledger] = [one for one in check_services(desk.review) if one.service == "ledger"]
    assert (ledger.ok, said_of_stage in ledger.text) == (False, True)
