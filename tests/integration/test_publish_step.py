"""Publishing as a step to a real object store, from SQLite and PostgreSQL: versions, waits, crashes, rivals, copies."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from expectations.charted import charted_validator
from expectations.publication import check_publication
from living_review.errors import Conflict, LivingReviewError, UsageError
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches, SearchRun
from living_review.records import Relation
from living_review.screening import Retrieval
from living_review.settings import Settings
from living_review.steps import publish as step
from living_review.steps import publish_state
from living_review.steps.dedupe import link
from living_review.steps.screen import note_retrieval
from living_review.store import ObjectStore
from living_review.validation import ValidationReport
from tests.integration.review_desk import FIELDS, GOOD, TITLE, Desk, desk_on, objects, pubmed_record, title

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("sound")]

S1, S2, S3 = "S0001", "S0002", "S0003"
R1, R2, R3 = "R000001", "R000002", "R000003"


@pytest.fixture
def desk(ledger, clock, tmp_path: Path, store_url: str) -> Desk:
    """Three reports, two of them included studies, one of which is charted."""
    made = desk_on(ledger, clock, tmp_path, store_url=store_url)
    made.arrive(1, 2, 3)
    made.include(R1, R2)
    made.chart({S1: GOOD})
    return made


def at(read: Any, version: int, name: str = "summary.json") -> Any:
    return json.loads(read()[f"versions/{version:06d}/{name}"])


def versions(desk: Desk) -> list[int]:
    return [row["version"] for row in desk.table(t.publication)]


def really(desk: Desk, **given: Any) -> Any:
    """Publish with the checks that are used in earnest."""
    return desk.publish(rows=charted_validator, summary=check_publication, **given)


def test_the_first_version_says_what_is_charted_and_what_is_pending(desk, published):
    account = really(desk)
    assert (account.received, account.parts) == (2, {"counted": 1, "left_out_as_retracted": 0, "to_chart": 1})
    assert (account.details["version"], account.changed) == (1, True)
    summary = at(published, 1)
    assert summary["counts"] == {
        "included_studies": 2,
        "included_reports": 2,
        "charted_studies": 1,
        "counted_studies": 1,
        "retracted_studies": 0,
    }
    assert summary["pending"]["to_chart"] == [S2]
    assert summary["not_yet_incorporated"]["reports"] == 1
    assert {one["study_id"]: one["retraction"]["state"] for one in summary["studies"]} == {S1: "unknown", S2: "unknown"}
    assert b"None found" not in published()["versions/000001/studies.csv"]
    pointer = json.loads(published()["latest.json"])
    assert (pointer["version"], pointer["status"]) == (1, "living")
    assert versions(desk) == [1]


def test_nothing_new_makes_no_version_and_only_the_pointers_dates_change(desk, published, clock):
    desk.publish()
    before = published()
    clock.forward(days=3)
    account = desk.publish()
    assert (account.changed, account.details["version"]) == (False, None)
    assert published() == before
    # A search that brings nothing new to anybody: a known file under another name.
    desk.arrive(3)
    clock.forward(days=3)
    desk.arrive(3, source="embase")
    desk.publish()
    after = published()
    assert {key for key in after if after[key] != before.get(key)} <= {"latest.json"}
    assert versions(desk) == [1]


def test_a_later_search_with_nothing_new_moves_the_date_of_the_pointer(ledger, clock, tmp_path, store_url, published):
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url, searches=[{"source": "pubmed", "query": "telephone"}])
    desk.found(pubmed_record(1))
    really(desk)
    before = published()
    clock.forward(days=7)
    desk.found(pubmed_record(1))
    assert really(desk).changed is False
    after = published()
    assert {key for key in after if after[key] != before[key]} == {"latest.json"}
    old, new = json.loads(before["latest.json"]), json.loads(after["latest.json"])
    assert {key for key in new if new[key] != old[key]} == {"last_searched"}
    assert (old["last_searched"]["PubMed"][:10], new["last_searched"]["PubMed"][:10]) == ("2026-03-02", "2026-03-09")


def test_a_failed_search_is_not_the_last_one(desk, published, clock):
    desk.publish()
    clock.forward(days=1)
    with desk.review.write() as tx:
        failed = SearchRun(
            source="embase",
            kind="pubmed",
            platform="x",
            query="x",
            translation="",
            promised=0,
            delivered=0,
            state="failed",
            started_at=tx.at,
            finished_at=tx.at,
        )
        Searches(tx).add(failed, protocol_digest="p", tool_version="0")
    desk.publish()
    assert json.loads(published()["latest.json"])["last_searched"]["embase"].startswith("2026-03-02")


def test_a_new_study_makes_a_new_version_with_a_date_and_a_trigger_of_its_own(desk, published, clock):
    desk.publish()
    clock.forward(days=7)
    desk.include(R3)
    desk.chart({S3: GOOD})
    account = desk.publish()
    assert (account.details["version"], account.details["trigger"]) == (2, "1 new study")
    told = at(published, 2)
    assert told["published_at"].startswith("2026-03-09")
    assert [one["study_id"] for one in told["whats_new"]["new_studies"]] == [S3]
    assert (told["previous"]["version"], versions(desk)) == (1, [1, 2])


def test_a_change_of_the_protocol_alone_dates_its_version(desk, published, clock):
    desk.publish()
    clock.forward(days=30)
    desk.change(living={"status": "retired", "reason": "no new studies are expected"})
    assert desk.publish().details["version"] == 2
    told = at(published, 2)
    assert (told["published_at"][:10], told["living"]["status"]) == ("2026-04-01", "retired")
    assert told["display_title"].endswith("(version 2, retired)")
    assert json.loads(published()["latest.json"])["status"] == "retired"


def test_a_paused_review_plans_no_search(ledger, clock, tmp_path, store_url, published):
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url, searches=[{"source": "pubmed", "query": "telephone"}])
    desk.change(schedule={"refresh": {"cron": "0 6 * * 1"}})
    desk.found(pubmed_record(1))
    really(desk)
    assert json.loads(published()["latest.json"])["next_search"] == {"PubMed": "2026-03-09T06:00:00+00:00"}
    desk.change(living={"status": "paused"})
    really(desk)
    pointer = json.loads(published()["latest.json"])
    assert (pointer["status"], pointer["next_search"], pointer["version"]) == ("paused", {}, 2)


def test_a_review_with_no_included_study_is_published_with_what_is_pending(
    ledger, clock, tmp_path, store_url, published
):
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url)
    desk.arrive(1, 2)
    account = really(desk)
    assert (account.received, account.details["version"]) == (0, 1)
    summary = at(published, 1)
    assert (summary["counts"]["included_studies"], summary["not_yet_incorporated"]["reports"]) == (0, 2)


def test_where_nothing_was_searched_nothing_is_published(ledger, clock, tmp_path, store_url, published):
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url)
    with pytest.raises(LivingReviewError, match=r"no search has brought anything yet.*refresh"):
        desk.publish()
    assert published() == {}


def test_the_same_ledger_gives_the_same_bytes_in_two_stores(tmp_path, clock, store_url, published, object_store):
    ledger = Ledger(f"sqlite:///{tmp_path / 'one.sqlite'}")
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url)
    desk.arrive(1, 2)
    desk.include(R1, R2)
    desk.chart({S1: GOOD})
    ledger.close()
    shutil.copy(tmp_path / "one.sqlite", tmp_path / "two.sqlite")
    really(desk)
    clock.forward(days=100)
    other = Ledger(f"sqlite:///{tmp_path / 'two.sqlite'}")
    twin = replace(desk, review=replace(desk.review, ledger=other, settings=Settings(store_url=f"{store_url}-2")))
    really(twin)
    one, two = (
        published(),
        {key.removeprefix("desk/"): body for key, body in objects(object_store, f"{store_url}-2").items()},
    )
    pointers = [json.loads(files.pop("latest.json")) for files in (one, two)]
    for files in (one, two):
        assert files.pop("feed.xml")
        assert files.pop("feed.json")
    assert one == two
    assert len(one) > 8
    assert {key for key in pointers[0] if pointers[0][key] != pointers[1][key]} == {"published_at"}
    ledger.close()
    other.close()


def failing(*_given: Any) -> ValidationReport:
    return ValidationReport("summary", "0", 3, 3, table_failures=("the tables: found 3; allowed: 2",))


def raising(*_given: Any) -> ValidationReport:
    return ValidationReport("summary", "0", 3, 2, errors=("tables: KeyError",))


def rowless(*_given: Any) -> ValidationReport:
    return ValidationReport("summary", "0", 3, 0)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (failing, "the summary fails its check and is not published: the tables: found 3; allowed: 2"),
        (raising, "a check could not be carried out: tables: KeyError"),
        (rowless, "not published: nothing was evaluated"),
    ],
)
def test_a_summary_that_fails_its_check_changes_nothing_for_readers(desk, published, clock, check, said):
    desk.publish()
    before = published()
    clock.forward(days=1)
    desk.include(R3)
    with pytest.raises(LivingReviewError, match=said):
        desk.publish(summary=check)
    assert (published(), versions(desk)) == (before, [1])
    assert desk.publish().details["version"] == 2


RULE = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "size", "min_value": 100}}


def test_a_row_that_no_longer_fits_is_returned_and_leaves_readers_only_if_a_person_says_so(desk, published):
    really(desk)
    before = published()
    desk.change(charting={"form_version": "1", "fields": FIELDS, "expectations": [RULE]})
    account = really(desk)
    assert account.parts == {"counted": 0, "left_out_as_retracted": 0, "to_chart": 2}
    assert f"study {S1} was returned" in account.remarks[0]
    assert (
        f"1 study that readers see charted would leave the tables, as the form or its rules changed ({S1})"
        in (account.remarks[-1])
    )
    assert account.details["leaving"] == [S1]
    assert (published(), versions(desk)) == (before, [1])
    assert [row["state"] for row in desk.table(t.charting)] == ["accepted", "withdrawn"]
    really(desk, by="ann")
    [approval] = [row["account"] for row in desk.table(t.step_run) if row["step"] == step.APPROVED]
    assert (approval["by"], approval["leaving"]) == ("ann", [S1])
    told = at(published, 2)
    assert (told["pending"]["to_chart"], told["pending"]["returned_rows"]) == ([S1, S2], 1)
    assert told["whats_new"]["changed_studies"][0]["changed"] == ["charting"]
    # What was let go is not asked about again.
    assert really(desk).remarks == ()


def test_every_study_that_leaves_is_noted_however_few_are_shown(desk, published, monkeypatch):
    desk.chart({S1: GOOD, S2: GOOD})
    really(desk)
    desk.change(charting={"form_version": "1", "fields": FIELDS, "expectations": [RULE]})
    monkeypatch.setattr(publish_state, "SHOWN", 1)
    account = really(desk)
    assert f"({S1} and 1 more)" in account.remarks[-1]
    assert account.details["leaving"] == [S1, S2]
    really(desk, by="ann")
    [approval] = [row["account"] for row in desk.table(t.step_run) if row["step"] == step.APPROVED]
    assert approval["leaving"] == [S1, S2]


def test_a_slip_in_the_form_that_is_taken_back_leaves_no_trace_for_readers(desk, published):
    really(desk)
    before = published()
    desk.change(
        charting={"form_version": "1", "fields": [FIELDS[0], {**FIELDS[1], "options": ["surveys"]}, *FIELDS[2:]]}
    )
    assert "would leave the tables" in really(desk).remarks[-1]
    waiting = [row for row in desk.table(t.step_run) if row["step"] == step.WAITS]
    really(desk)
    assert [row for row in desk.table(t.step_run) if row["step"] == step.WAITS] == waiting
    desk.change(charting={"form_version": "1", "fields": FIELDS})
    assert really(desk).remarks == (f"study {S1} passes again and counts",)
    assert (published(), versions(desk)) == (before, [1])


def test_answers_to_a_field_that_was_renamed_are_not_dropped_without_a_word(desk, published):
    really(desk)
    before = published()
    renamed = [*FIELDS[:3], {"name": "findings", "type": "text"}]
    desk.change(charting={"form_version": "1", "fields": renamed})
    assert "the form has no field finding any more, whose answers readers see" in really(desk).remarks[-1]
    assert (published(), versions(desk)) == (before, [1])
    really(desk, by="ann")
    assert "finding" not in [one["name"] for one in at(published, 2)["methods"]["fields"]]
    assert really(desk).remarks == ()


def test_a_new_form_is_published_once_the_studies_are_charted_under_it(desk, published):
    desk.publish()
    desk.change(charting={"form_version": "2", "fields": FIELDS})
    account = desk.publish()
    assert account.remarks[0] == (
        "form version 2 is in force, and 1 study charted under version 1 must be charted again"
    )
    assert "would leave the tables" in account.remarks[1]
    assert account.parts["to_chart"] == 2
    assert versions(desk) == [1]
    desk.chart({S1: GOOD})
    assert desk.publish().remarks == ()
    assert versions(desk) == [1, 2]


RETRACTED = Relation(kind="RetractionIn", pmid="999", citation="J Nothing. 2026;1:1")


@pytest.mark.parametrize("counts", [False, True])
def test_a_retracted_study_is_marked_and_left_out_unless_the_protocol_says_otherwise(
    ledger, clock, tmp_path, store_url, published, counts
):
    desk = desk_on(
        ledger,
        clock,
        tmp_path,
        store_url=store_url,
        searches=[{"source": "pubmed", "query": "telephone"}],
        publish={"include_retracted": counts},
    )
    desk.found(pubmed_record(1), pubmed_record(2), pubmed_record(3, status=""))
    desk.include(R1, R2, R3)
    desk.chart({S1: GOOD, S2: GOOD, S3: GOOD})
    really(desk)
    states = {one["study_id"]: one["retraction"]["state"] for one in at(published, 1)["studies"]}
    assert states == {S1: "none", S2: "none", S3: "unknown"}
    clock.forward(days=1)
    with desk.review.write() as tx:
        search = Searches(tx).runs()[0]["id"]
        Records(tx).add_versions([(1, pubmed_record(1, relations=[RETRACTED]))], search)
    account = really(desk)
    assert account.parts == {"counted": 2 + counts, "left_out_as_retracted": 1 - counts, "to_chart": 0}
    told = at(published, 2)
    [shown] = told["retracted"]
    assert (shown["study_id"], shown["counted"], shown["notices"][0]["citation"]) == (S1, counts, RETRACTED.citation)
    assert told["counts"]["included_studies"] == 3
    assert told["counts"]["counted_studies"] == 2 + counts
    table = next(one for one in told["tables"] if one["field"] == "design")
    assert sum(row["count"] for row in table["rows"]) == 2 + counts
    assert b"RETRACTED" in published()["versions/000002/included.ris"]


def test_what_was_not_retrieved_is_published_as_such(desk, published):
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R3: "include"})
    note_retrieval(desk.review, [R3], Retrieval.NOT_RETRIEVED, "ann")
    desk.publish()
    flow = at(published, 1)["prisma"]["together"]
    assert (flow["sought"], flow["not_retrieved"], flow["assessed"]) == (3, 1, 2)
    assert at(published, 1)["not_yet_incorporated"]["reports"] == 0


def test_a_report_that_no_longer_passes_leaves_the_next_version(desk, published):
    desk.publish()
    for who in ("ann", "ben"):
        desk.decide(who, TITLE, {R2: "exclude"})
    desk.publish()
    told = at(published, 2)
    assert [one["study_id"] for one in told["whats_new"]["removed_studies"]] == [S2]
    assert told["prisma"]["together"]["included_reports"] == 1


def test_reports_linked_without_a_word_to_the_queue_can_be_published(desk, published):
    desk.publish()
    desk.include(R3)
    link(desk.review, [1, 2], "ann")
    desk.publish()
    assert [one["study_id"] for one in at(published, 2)["studies"]] == [S1, S3]


def test_a_search_that_never_ran_to_its_end_is_named(desk, published):
    desk.change(searches=[{"source": "pubmed", "query": "telephone", "name": "skin"}])
    with pytest.raises(LivingReviewError, match="never run to their end: skin, review desk, run `living-review"):
        desk.publish()
    assert published() == {}


def test_a_version_that_wants_approval_waits_for_a_person_who_signs(desk, published):
    desk.change(publish={"approval": "manual"})
    account = desk.publish()
    assert (account.changed, account.details["version"]) == (False, None)
    assert account.remarks[-1].startswith("not published: the protocol asks for a person's approval; a person can")
    assert published() == {}
    for nobody in ("  ", "engine"):
        with pytest.raises(UsageError, match="sign"):
            desk.publish(by=nobody)
    assert desk.publish(by=" cho ").details["version"] == 1
    assert [row["approved_by"] for row in desk.table(t.publication)] == ["cho"]
    # Nothing new needs nobody.
    assert desk.publish().remarks == ()


def test_a_search_that_lost_included_reports_stops_publishing_until_a_person_accepts_it(desk, published, clock):
    desk.publish()
    before = published()
    desk.include(R3)
    clock.forward(days=1)
    lost = {"kind": "sentinel", "text": "included reports are no longer found: 7", "ids": "7"}
    for _ in range(2):
        with desk.review.write() as tx:
            run = SearchRun(
                source="embase",
                kind="files",
                platform="x",
                query="x",
                translation="",
                promised=0,
                delivered=0,
                state="complete_with_warnings",
                started_at=tx.at,
                finished_at=tx.at,
                warnings=[lost],
            )
            Searches(tx).add(run, protocol_digest="p", tool_version="0")
    said = desk.publish().remarks[-1]
    assert "the last search lost included reports (embase 7)" in said
    assert "a person can accept the loss with `living-review accept --by NAME --note WHY`, or approve" in said
    assert published() == before
    assert desk.publish(by="cho").details["version"] == 2
    # The same loss is not asked about again.
    desk.chart({S3: GOOD})
    assert desk.publish().details["version"] == 3
    [approval] = [row["account"] for row in desk.table(t.step_run) if row["step"] == step.APPROVED]
    assert (approval["by"], approval["lost"]) == ("cho", ["embase 7"])


class Killed(BaseException):
    """The process ended here."""


def killed_after(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    original = getattr(ObjectStore, name)

    def then_die(self: ObjectStore, *given: Any, **named: Any) -> Any:
        original(self, *given, **named)
        raise Killed

    monkeypatch.setattr(ObjectStore, name, then_die)


@pytest.mark.parametrize("approval", ["automatic", "manual"])
def test_a_run_that_dies_between_store_and_ledger_is_made_good(desk, published, clock, approval):
    desk.change(publish={"approval": approval})
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        killed_after(patch, "publish")
        desk.publish(by="cho")
    assert (versions(desk), "feed.xml" in published()) == ([], False)
    seen = published()["versions/000001/summary.json"]
    clock.forward(days=1)
    account = desk.publish()
    assert account.remarks == ("version 1 was published by a run that ended before it could be noted",)
    assert account.changed
    [noted] = desk.table(t.publication)
    assert (noted["version"], noted["approved_by"]) == (1, "cho")
    with desk.review.read() as tx:
        assert Searches(tx).response(noted["summary_sha256"]) == seen
    assert {key.split("/")[1] for key in published() if key.startswith("versions/")} == {"000001"}
    assert b"version:1" in published()["feed.xml"]
    assert desk.publish().changed is False


def test_what_came_after_a_run_that_died_is_the_next_version(desk, published):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        killed_after(patch, "publish")
        desk.publish()
    desk.include(R3)
    assert desk.publish().details["version"] == 2
    told = at(published, 2)
    assert (told["previous"]["version"], versions(desk)) == (1, [1, 2])
    assert [one["study_id"] for one in told["whats_new"]["new_studies"]] == [S3]


def test_a_run_that_dies_before_readers_are_switched_leaves_a_gap_at_most(desk, published):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        killed_after(patch, "_write_content")
        desk.publish()
    assert "latest.json" not in published()
    desk.include(R3)
    assert desk.publish().details["version"] == 2
    assert json.loads(published()["latest.json"])["version"] == 2
    assert versions(desk) == [2]


def twin_of(desk: Desk, folder: Path, clock: Any) -> tuple[Desk, Ledger]:
    """Another ledger of the same review, with a study less, publishing to the same place."""
    ledger = Ledger(f"sqlite:///{folder / 'twin.sqlite'}")
    twin = desk_on(ledger, clock, folder / "twin", store_url=desk.review.settings.store_url)
    twin.arrive(1)
    twin.include(R1)
    return twin, ledger


def test_of_two_publishers_at_once_one_wins_and_the_other_is_told(desk, published, tmp_path, clock, monkeypatch):
    twin, ledger = twin_of(desk, tmp_path, clock)
    begin = step._begin

    def slowly(review, prepared, approved_by):
        # The other one comes between the look at the pointer and the writing.
        monkeypatch.setattr(step, "_begin", begin)
        desk.publish()
        return begin(review, prepared, approved_by)

    monkeypatch.setattr(step, "_begin", slowly)
    with pytest.raises(Conflict, match="somebody else published this review first"):
        twin.publish()
    assert (versions(twin), versions(desk)) == ([], [1])
    assert json.loads(published()["latest.json"])["version"] == 1
    assert at(published, 1)["counts"]["included_studies"] == 2
    # Later as well, nothing is published over what this ledger does not know.
    account = twin.publish()
    assert account.changed is False
    assert "readers see version 1, and the latest that this ledger knows is none" in account.remarks[-1]
    assert json.loads(published()["latest.json"])["version"] == 1
    assert desk.publish().changed is False
    ledger.close()


def test_an_old_copy_of_the_ledger_publishes_over_newer_versions_only_if_a_person_says_so(
    tmp_path, clock, store_url, published
):
    ledger = Ledger(f"sqlite:///{tmp_path / 'one.sqlite'}")
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url)
    desk.arrive(1, 2, 3)
    desk.include(R1)
    desk.publish()
    ledger.close()
    shutil.copy(tmp_path / "one.sqlite", tmp_path / "old.sqlite")
    desk.include(R2)
    desk.publish()
    before = published()
    copy = Ledger(f"sqlite:///{tmp_path / 'old.sqlite'}")
    old = replace(desk, review=replace(desk.review, ledger=copy))
    clock.forward(days=1)
    for _ in range(2):
        # With nothing new since the copy was made, and then with something new.
        account = old.publish()
        assert "readers see version 2, and the latest that this ledger knows is 1" in account.remarks[-1]
        assert published() == before
        old.include(R3)
    assert old.publish(by="cho").details["version"] == 3
    after = published()
    assert all(after[key] == body for key, body in before.items() if key.startswith("versions/"))
    assert json.loads(after["latest.json"])["version"] == 3
    ledger.close()
    copy.close()


def test_a_store_that_lost_what_was_published_is_not_taken_for_a_new_one(desk, object_store, store_url):
    desk.publish()
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")
    object_store.client().delete_object(Bucket=bucket, Key=f"{prefix}/desk/latest.json")
    with pytest.raises(LivingReviewError, match="and the store has none"):
        desk.publish()


def test_the_feed_is_atom_with_links_that_resolve(desk, published):
    desk.publish()
    desk.include(R3)
    desk.publish()
    name = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(published()["feed.xml"])
    assert feed.tag == f"{name}feed"
    assert [feed.findtext(f"{name}{one}") for one in ("id", "title")] == [
        "urn:living-review:desk",
        "Telephones: a living review",
    ]
    own = [link.attrib for link in feed.findall(f"{name}link")]
    assert own == [{"href": "feed.xml", "rel": "self", "type": "application/atom+xml"}]
    entries = {one.findtext(f"{name}id"): one for one in feed.findall(f"{name}entry")}
    assert sorted(entries) == [
        *(f"urn:living-review:desk:study:{study}" for study in (S1, S2, S3)),
        *(f"urn:living-review:desk:version:{number}" for number in (1, 2)),
    ]
    study = entries[f"urn:living-review:desk:study:{S3}"]
    assert study.findtext(f"{name}title") == title(3)
    link_to = study.find(f"{name}link")
    assert link_to is not None
    assert link_to.attrib["href"] == "https://doi.org/10.5555/3"
    for one in (feed, *entries.values()):
        assert all(one.findtext(f"{name}{part}") for part in ("id", "title", "updated"))
        assert one.find(f"{name}author") is not None or one is not feed
