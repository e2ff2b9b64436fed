"""The history and the feeds as publishing leaves them: from the ledger, also from one that kept no lines of a history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.records import Relation
from living_review.steps import history as step
from living_review.whats_new import since, whats_new
from tests.integration.review_desk import GOOD, Desk, desk_on, pubmed_record, title

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("sound")]

RETRACTED = Relation(kind="RetractionIn", pmid="999", citation="J Nothing. 2026;1:1")


@pytest.fixture
def desk(ledger, clock, tmp_path: Path, store_url: str) -> Desk:
    """Four reports of PubMed, of which two are included studies."""
    made = desk_on(ledger, clock, tmp_path, store_url=store_url, searches=[{"source": "pubmed", "query": "telephone"}])
    made.found(*(pubmed_record(number) for number in range(1, 5)))
    made.include("R000001", "R000002")
    made.chart({"S0001": GOOD, "S0002": GOOD})
    return made


def four_versions(desk: Desk, clock: Any) -> None:
    """A study more; a longer answer; a study less."""
    desk.publish()
    clock.forward(days=1)
    desk.include("R000003")
    desk.publish()
    clock.forward(days=1)
    desk.chart({"S0001": {**GOOD, "size": 41}})
    desk.publish()
    clock.forward(days=1)
    for who in ("ann", "ben"):
        desk.decide(who, desk.review.protocol.screening.stages[1], {"R000003": ("exclude", "other")})
    desk.publish()


def at(files: dict[str, bytes], version: int, name: str) -> Any:
    return json.loads(files[f"versions/{version:06d}/{name}"])


def test_every_version_has_the_history_up_to_itself(desk, published, clock):
    four_versions(desk, clock)
    files = published()
    summaries = [at(files, number, "summary.json") for number in range(1, 5)]
    manifests = [json.loads(files["latest.json"])["manifest"]]
    for number in range(4, 0, -1):
        told = at(files, number, "history.json")["versions"]
        assert [one["version"] for one in told] == list(range(1, number + 1))
        assert [one["whats_new"] for one in told] == [one["whats_new"] for one in summaries[:number]]
        assert told[-1]["manifest"] is None
    newest = at(files, 4, "history.json")["versions"]
    for one in newest[:-1]:
        assert one["manifest"]["key"] == f"versions/{one['version']:06d}/manifest.json"
        assert one["manifest"]["key"] in files
        manifests.append(one["manifest"])
    assert len({one["sha256"] for one in manifests}) == 4
    assert [
        [study["study_id"] for study in since([one["whats_new"] for one in newest[first:]])["changed_studies"]]
        for first in (1, 2, 3)
    ] == [["S0001"], ["S0001"], []]
    for first in (1, 2, 3):
        direct = whats_new(summaries[first - 1], summaries[3])
        composed = since([one["whats_new"] for one in newest[first:]])
        assert {name: composed[name] for name in direct if name != "kind"} == {
            name: value for name, value in direct.items() if name != "kind"
        }


def test_a_ledger_that_kept_no_lines_gives_the_same_history(desk, published, clock, monkeypatch):
    def only_the_summary(tx: Any, body: bytes, noted: dict[str, Any]) -> dict[str, Any]:
        Searches(tx).keep_response(body, "application/json")
        return noted

    with monkeypatch.context() as patch:
        patch.setattr("living_review.steps.publish.note_begun", only_the_summary)
        four_versions(desk, clock)
    old = at(published(), 4, "history.json")
    with desk.review.read() as tx:
        assert all("entry_sha256" not in run["account"] for run in Runs(tx).of(step.BEGUN))
    clock.forward(days=1)
    desk.include("R000004")
    desk.publish()
    told = at(published(), 5, "history.json")["versions"]
    assert [{**one, "manifest": None} for one in told[:4]] == [{**one, "manifest": None} for one in old["versions"]]


def test_the_old_summaries_are_not_read_again(desk, clock, monkeypatch):
    four_versions(desk, clock)
    read: list[str] = []
    original = Searches.response

    def noting(self: Searches, digest: str) -> bytes:
        read.append(digest)
        return original(self, digest)

    monkeypatch.setattr(Searches, "response", noting)
    with desk.review.read() as tx:
        lines = {run["account"]["entry_sha256"] for run in Runs(tx).of(step.BEGUN)}
        assert [one["version"] for one in step.earlier_versions(tx)] == [1, 2, 3, 4]
    assert set(read) == lines


def test_what_people_did_to_a_version_is_in_the_history_after_it(desk, published, clock):
    desk.publish()
    desk.include("R000003")
    desk.publish()
    clock.forward(days=1)
    with desk.review.write() as tx:
        account = {"version": 2, "by": "cho", "reason": "A slip", "to": 1}
        Runs(tx).note(step.ROLLED_BACK, "done", account, desk.review.protocol, tx.at)
        account = {"version": 1, "by": "cho", "reason": "A complaint"}
        Runs(tx).note(step.WITHDRAWN, "done", account, desk.review.protocol, tx.at)
        day = tx.at.date().isoformat()
    assert not desk.publish().changed
    desk.include("R000004")
    desk.publish()
    first, second, third = at(published(), 3, "history.json")["versions"]
    assert first["withdrawn"] == {"on": day, "reason": "A complaint"}
    assert second["rolled_back"] == {"on": day, "reason": "A slip", "to": 1}
    assert (third["withdrawn"], third["rolled_back"], first["rolled_back"]) == (None, None, None)


def test_a_run_that_died_does_not_say_of_its_line_what_the_ledger_has_no_place_for(desk):
    desk.publish()
    with desk.review.read() as tx:
        [noted] = step.noted_versions(tx).values()
        columns = {column["name"] for column in sa.inspect(tx.connection).get_columns("publication")}
    assert noted.keys() <= columns


def test_a_retracted_study_comes_up_again_in_both_feeds(desk, published, clock):
    desk.publish()
    first = json.loads(published()["feed.json"])["items"]
    clock.forward(days=40)
    with desk.review.write() as tx:
        search = Searches(tx).runs()[0]["id"]
        Records(tx).add_versions([(1, pubmed_record(1, relations=[RETRACTED]))], search)
        told_on = tx.at
    desk.publish()
    files = published()
    items = {one["id"]: one for one in json.loads(files["feed.json"])["items"]}
    one, other = (items[f"urn:living-review:desk:study:S000{number}"] for number in (1, 2))
    assert one["title"] == f"RETRACTED: {title(1)}"
    assert one["content_text"].startswith("RETRACTED: ")
    assert one["date_modified"] == told_on.isoformat() > one["date_published"]
    assert (other["title"], other["date_modified"]) == (title(2), other["date_published"])
    assert one["date_published"] == next(old for old in first if old["id"] == one["id"])["date_published"]
    assert files["feed.xml"].count(b"<title>RETRACTED: ") == 1
    clock.forward(days=1)
    desk.publish()
    assert published()["feed.json"] == files["feed.json"]
