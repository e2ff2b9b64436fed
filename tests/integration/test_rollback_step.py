"""Pointing readers back: whole versions only, signed and noted, whatever is killed and whoever publishes meanwhile."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from living_review import site
from living_review.errors import Conflict, LivingReviewError, UsageError
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.steps import rollback as step
from living_review.steps.publish import WAITS
from living_review.steps.published import ROLLBACK_BEGUN, ROLLED_BACK, shown
from living_review.steps.rollback import rollback
from living_review.steps.status import status
from living_review.steps.withdraw import withdraw
from living_review.store import ObjectStore
from tests.integration.fuse import Killed, fuse
from tests.integration.review_desk import GOOD, Desk
from tests.integration.test_root_pages import check_pages, listing
from tests.published import schema
from tests.published_versions import check_whole

pytestmark = pytest.mark.server

R3 = "R000003"
WHY = "version 2 counted a study twice"


@pytest.fixture
def desk(small_desk: Desk) -> Desk:
    """A review with two versions, the second with a study more."""
    small_desk.publish()
    small_desk.include(R3)
    small_desk.publish()
    return small_desk


def pointer(read: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read()["latest.json"])
    return found


def noted(desk: Desk, name: str) -> list[dict[str, Any]]:
    return [row["account"] for row in desk.table(t.step_run) if row["step"] == name]


def knows(desk: Desk) -> int | None:
    with desk.review.read() as tx:
        return shown(tx)


def test_readers_are_pointed_back_and_nothing_else_changes(desk, published):
    before = published()
    account = rollback(desk.review, 1, " ann ", f"  {WHY}\n")
    after = published()
    pages = {key for key in after if site.is_page(key)}
    assert {key for key in after if after[key] != before.get(key)} == {"latest.json", "feed.xml", "feed.json", *pages}
    assert f"taken back on 2026-03-02: {WHY}".encode() in after["feed.xml"]
    assert (before.keys(), check_whole(after)) == (after.keys(), 1)
    old, new = json.loads(before["latest.json"]), pointer(published)
    assert new["notice"] == {"on": "2026-03-02", "reason": WHY, "from": 2}
    assert new["last_searched"] == old["last_searched"]
    assert new["content_sha256"] == desk.table(t.publication)[0]["content_sha256"] != old["content_sha256"]
    jsonschema.validate(new, schema("pointer"))
    assert noted(desk, ROLLED_BACK) == [{"version": 2, "to": 1, "by": "ann", "reason": WHY}]
    assert (account.changed, knows(desk), status(desk.review)["published_version"]) == (True, 1, 1)
    # Again, nothing is done.
    again = rollback(desk.review, 1, "ben", "other words")
    assert (again.changed, again.remarks) == (False, ("readers see version 1 already",))
    assert (published(), len(noted(desk, ROLLED_BACK))) == (after, 1)


def test_after_it_publishing_waits_for_a_person_and_takes_a_new_number(desk, published, clock):
    rollback(desk.review, 1, "ann", WHY)
    said = f"not published: readers were pointed back to version 1 by ann: {WHY}; a person can approve"
    for _ in range(2):
        account = desk.publish()
        assert account.remarks[-1].startswith(said)
        assert (account.details["version"], pointer(published)["version"]) == (None, 1)
    assert len(noted(desk, WAITS)) == 1
    # When was last searched goes on being told, with the notice.
    clock.forward(days=7)
    desk.arrive(3, source="embase-again")
    before = pointer(published)
    desk.publish()
    after = pointer(published)
    assert {name for name in after if after[name] != before.get(name)} == {"last_searched"}
    assert after["notice"]["from"] == 2
    account = desk.publish(by="cho")
    assert (account.details["version"], check_whole(published())) == (3, 3)
    assert "notice" not in pointer(published)
    assert (knows(desk), desk.publish().remarks) == (3, ())


def test_an_old_copy_of_the_ledger_that_does_not_know_of_it_waits_as_well(small_desk, published, tmp_path):
    small_desk.publish()
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(tmp_path / "ledger.sqlite") as here, sqlite3.connect(copy) as there:
        here.backup(there)
    small_desk.include(R3)
    small_desk.publish()
    rollback(small_desk.review, 1, "ann", WHY)
    ledger = Ledger(f"sqlite:///{copy}")
    old = replace(small_desk, review=replace(small_desk.review, ledger=ledger))
    old.include(R3)
    said = f"readers were pointed back to version 1 by somebody this ledger does not know of: {WHY}"
    assert said in old.publish().remarks[-1]
    assert check_whole(published()) == 1
    assert old.publish(by="ann").details["version"] == 3
    ledger.close()


def test_two_steps_back_and_on(desk, published):
    desk.chart({"S0002": GOOD})
    desk.publish()
    rollback(desk.review, 2, "ann", "one")
    assert pointer(published)["notice"]["from"] == 3
    rollback(desk.review, 1, "ann", "two")
    assert (pointer(published)["notice"], knows(desk)) == ({"on": "2026-03-02", "reason": "two", "from": 2}, 1)
    with pytest.raises(UsageError, match="version 2 is none that readers could be pointed back to from version 1"):
        rollback(desk.review, 2, "ann", "back again")
    assert desk.publish(by="ann").details["version"] == 4
    assert check_whole(published()) == 4


def test_pages_beside_the_pointer_are_those_of_the_version(small_desk, published, monkeypatch):
    listing(monkeypatch, 1)
    small_desk.publish()
    small_desk.include(R3)
    small_desk.publish()
    assert check_pages(published()) == set()
    rollback(small_desk.review, 1, "ann", WHY)
    files = published()
    assert check_pages(files) == {"studies-3.html"}
    assert b"no longer among them" in files["studies-3.html"]


@pytest.mark.parametrize(
    ("version", "by", "why", "said"),
    [
        (
            3,
            "ann",
            "x",
            "version 3 is none that readers could be pointed back to from version 2, rollback, there are 1",
        ),
        (1, "  ", "x", "nobody signs, rollback, give --by NAME"),
        (1, "engine", "x", "engine cannot sign"),
        (1, "ann", " \n", "no reason is given, rollback, give --note WHY"),
    ],
)
def test_what_cannot_be_is_a_line_and_changes_nothing(desk, published, version, by, why, said):
    before = published()
    with pytest.raises(UsageError, match=re.escape(said)):
        rollback(desk.review, version, by, why)
    assert (published(), noted(desk, ROLLBACK_BEGUN)) == (before, [])


def test_before_anything_is_published(small_desk):
    with pytest.raises(UsageError, match="nothing is published yet, review desk, publish a version first"):
        rollback(small_desk.review, 1, "ann", WHY)


@pytest.mark.parametrize(
    ("key", "body", "said"),
    [
        ("versions/000001/prisma.svg", None, "1 of .* files of version 1 are missing or changed, first .*prisma.svg"),
        ("versions/000001/studies.json", b"short", "1 of .* files of version 1 are missing or changed"),
        ("versions/000001/manifest.json", b"{}", "the manifest of version 1 is not the one published"),
        ("versions/000001/manifest.json", None, "the manifest of version 1 is not the one published"),
    ],
)
def test_a_version_that_is_not_whole_is_not_shown(desk, published, object_store, store_url, key, body, said):
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")
    full = f"{prefix}/desk/{key}"
    if body is None:
        object_store.client().delete_object(Bucket=bucket, Key=full)
    else:
        object_store.client().put_object(Bucket=bucket, Key=full, Body=body)
    with pytest.raises(LivingReviewError, match=said):
        rollback(desk.review, 1, "ann", WHY)
    assert (pointer(published)["version"], noted(desk, ROLLBACK_BEGUN)) == (2, [])


def test_a_withdrawn_version_is_not_shown(desk, published):
    desk.chart({"S0002": GOOD})
    desk.publish()
    withdraw(desk.review, 1, "cho", "a judge said so")
    with pytest.raises(LivingReviewError, match=r"version 1 was withdrawn on 2026-03-02 by cho \(a judge said so\)"):
        rollback(desk.review, 1, "ann", WHY)
    rollback(desk.review, 2, "ann", WHY)
    assert check_whole(published()) == 2


@pytest.mark.parametrize("deeds", range(5))
def test_one_that_was_killed_anywhere_is_made_good_by_the_next_run(desk, published, deeds):
    with fuse(deeds) as done:
        try:
            rollback(desk.review, 1, "ann", WHY)
        except Killed:
            pass
        else:
            assert deeds > len(done) - 1
    number = check_whole(published())
    # Whoever runs next: the same command, or a publication.
    if deeds % 2:
        rollback(desk.review, 1, "ann", WHY)
        assert check_whole(published()) == 1
    else:
        account = desk.publish()
        assert (account.details["version"], check_whole(published())) == (None, number)
        assert any("pointed back" in one for one in account.remarks) is (number == 1)
    told = [{"version": 2, "to": 1, "by": "ann", "reason": WHY}] if check_whole(published()) == 1 else []
    assert (noted(desk, ROLLED_BACK), knows(desk)) == (told, 1 if told else 2)


def test_a_publication_that_comes_between_wins_and_the_rollback_is_told(desk, published, monkeypatch):
    whole = step._whole
    desk.chart({"S0002": GOOD})

    def slowly(*given: Any) -> int:
        # The other one comes between the look at the pointer and the swap.
        found = whole(*given)
        desk.publish()
        return found

    monkeypatch.setattr(step, "_whole", slowly)
    with pytest.raises(Conflict, match="somebody else published this review first"):
        rollback(desk.review, 1, "ann", WHY)
    assert (check_whole(published()), noted(desk, ROLLED_BACK), knows(desk)) == (3, [], 3)
    assert desk.publish().remarks == ()


def test_a_rollback_that_comes_between_wins_and_the_publication_is_told(desk, published, monkeypatch):
    desk.chart({"S0002": GOOD})
    real = ObjectStore.publish

    def slowly(self: ObjectStore, *given: Any) -> Any:
        monkeypatch.setattr(ObjectStore, "publish", real)
        rollback(desk.review, 1, "ann", WHY)
        return real(self, *given)

    monkeypatch.setattr(ObjectStore, "publish", slowly)
    with pytest.raises(Conflict, match="somebody else published this review first"):
        desk.publish()
    assert (check_whole(published()), knows(desk)) == (1, 1)
    assert "readers were pointed back to version 1 by ann" in desk.publish().remarks[-1]
    assert desk.publish(by="ann").details["version"] == 3
    assert check_whole(published()) == 3
