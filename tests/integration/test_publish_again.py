"""A later publication writes only what is new; previews and what is approved after them."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from typing import Any

import pytest

from expectations.charted import charted_validator
from expectations.publication import check_publication
from living_review.errors import LivingReviewError
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.settings import Settings
from living_review.steps.preview import preview
from living_review.steps.publish_state import APPROVED
from living_review.steps.published import PREVIEWED
from living_review.steps.rollback import rollback
from living_review.steps.withdraw import withdraw
from living_review.store import File, ObjectStore
from tests.integration.fuse import Killed
from tests.integration.review_desk import GOOD, Desk, desk_on, objects
from tests.published_versions import check_whole

pytestmark = pytest.mark.server


@pytest.fixture
def desk(small_desk: Desk) -> Desk:
    """Two included studies, one of them charted."""
    return small_desk


R1, R2, R3 = "R000001", "R000002", "R000003"
S1, S2 = "S0001", "S0002"
HTML = "text/html; charset=utf-8"


def manifest(read: Any, version: int) -> dict[str, Any]:
    listed = json.loads(read()[f"versions/{version:06d}/manifest.json"])["files"]
    return {one["name"]: one for one in listed}


def test_a_second_version_writes_only_what_changed(desk, published):
    desk.publish()
    before = published()
    desk.chart({S1: {**GOOD, "finding": "It rang twice."}})
    desk.publish()
    after, listed = published(), manifest(published, 2)
    written = {key for key in after if key.startswith("versions/000002/")}
    reused = {name for name, one in listed.items() if one["key"].startswith("versions/000001/")}
    assert {"prisma.svg", "prisma.csv", "charts/country.svg", "charts/design.json", "included.ris"} <= reused
    assert "summary.json" not in reused
    assert written == {f"versions/000002/{name}" for name in {*listed, "manifest.json"} - reused}
    assert {key: body for key, body in before.items() if key.startswith("versions/")}.items() <= after.items()
    check_whole(after)
    desk.chart({S1: GOOD})
    desk.publish()
    check_whole(published())
    # What version 2 took from version 1, version 3 takes from there as well.
    assert manifest(published, 3)["prisma.svg"]["key"] == "versions/000001/prisma.svg"


@pytest.mark.parametrize("spoil", ["gone", "another size"])
def test_a_file_that_is_no_longer_there_is_written_into_the_new_version(
    desk, published, object_store, store_url, spoil
):
    desk.publish()
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")
    key = f"{prefix}/desk/versions/000001/prisma.svg"
    object_store.client().delete_object(Bucket=bucket, Key=key)
    if spoil == "another size":
        object_store.client().put_object(Bucket=bucket, Key=key, Body=b"short")
    desk.change(title="Telephones, renamed")
    desk.publish()
    listed = manifest(published, 2)
    assert listed["prisma.svg"]["key"] == "versions/000002/prisma.svg"
    check_whole(published(), versions=[2])


def test_where_the_earlier_manifest_is_gone_nothing_is_used_again(desk, published, object_store, store_url):
    desk.publish()
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")
    object_store.client().delete_object(Bucket=bucket, Key=f"{prefix}/desk/versions/000001/manifest.json")
    desk.include(R3)
    desk.publish()
    assert all(one["key"].startswith("versions/000002/") for one in manifest(published, 2).values())
    check_whole(published(), versions=[2])


def test_equal_ledgers_give_equal_second_versions(tmp_path, clock, store_url, published, object_store):
    ledger = Ledger(f"sqlite:///{tmp_path / 'one.sqlite'}")
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url)
    desk.arrive(1, 2)
    desk.include(R1)
    ledger.close()
    shutil.copy(tmp_path / "one.sqlite", tmp_path / "two.sqlite")
    desk.publish()
    desk.chart({S1: GOOD})
    desk.publish()
    other = Ledger(f"sqlite:///{tmp_path / 'two.sqlite'}")
    twin = replace(desk, review=replace(desk.review, ledger=other, settings=Settings(store_url=f"{store_url}-2")))
    twin.publish()
    twin.chart({S1: GOOD})
    twin.publish()
    one = {key: body for key, body in published().items() if key.startswith("versions/")}
    two = {key.removeprefix("desk/"): body for key, body in objects(object_store, f"{store_url}-2").items()}
    assert one == {key: body for key, body in two.items() if key.startswith("versions/")}
    assert len(one) > 10
    ledger.close()
    other.close()


# Previews


def look(desk: Desk) -> tuple[Any, dict[str, File]]:
    return preview(desk.review, charted_validator, check_publication)


def really(desk: Desk, **given: Any) -> Any:
    return desk.publish(rows=charted_validator, summary=check_publication, **given)


def same(previewed: dict[str, File], published: dict[str, bytes]) -> bool:
    """Whether it is what was published, but for the moment that pointer and feed name."""
    for name in ("latest.json", "feed.xml"):
        one, two = previewed[name].body.decode(), published[name].decode()
        pattern = r"2026-[\d-]+T[\d:.]+(?:\+00:00|Z)"
        assert re.sub(pattern, "", one) == re.sub(pattern, "", two)
    versions = {key: file.body for key, file in previewed.items() if key.startswith("versions/")}
    return versions.items() <= published.items() and previewed.keys() <= published.keys()


def noted(desk: Desk, step: str) -> list[dict[str, Any]]:
    return [row["account"] for row in desk.table(t.step_run) if row["step"] == step]


def test_what_is_previewed_is_what_is_published_byte_for_byte(desk, published):
    desk.change(publish={"approval": "manual"})
    account, first = look(desk)
    assert "waits for a person: the protocol asks for a person's approval" in account.remarks[-1]
    assert published() == {}
    assert desk.table(t.publication) == []
    assert really(desk, by="ann").remarks == ()
    assert same(first, published())
    [approval] = noted(desk, APPROVED)
    assert (approval["content_sha256"], approval["manifest_sha256"]) == (
        noted(desk, PREVIEWED)[0]["content_sha256"],
        hashlib.sha256(published()["versions/000001/manifest.json"]).hexdigest(),
    )
    assert approval["by"] == "ann"
    desk.include(R3)
    _, second = look(desk)
    assert really(desk, by="ann").remarks == ()
    assert same(second, published())
    assert any(key.startswith("versions/000001/") for key in second)


def test_nothing_new_has_no_preview(desk):
    really(desk)
    account, files = look(desk)
    assert (files, account.details["version"], noted(desk, PREVIEWED)) == ({}, None, [])


def test_what_changed_after_the_preview_is_not_approved_unseen(desk, published):
    desk.change(publish={"approval": "manual"})
    look(desk)
    desk.include(R3)
    with pytest.raises(LivingReviewError, match=r"not what was previewed last, review desk, look at .*--unseen"):
        really(desk, by="ann")
    assert (published(), noted(desk, APPROVED)) == ({}, [])
    assert really(desk, by="ann", unseen=True).remarks == ("ann approved what nobody previewed",)
    assert json.loads(published()["latest.json"])["version"] == 1


def test_where_nobody_ever_previews_approval_goes_on_with_a_remark(desk):
    desk.change(publish={"approval": "manual"})
    assert really(desk, by="ann").remarks == ("nobody previewed what ann approved (`living-review publish --preview`)",)


def test_a_number_that_was_begun_is_passed_over_in_the_preview_as_well(desk, published):
    def dies(*_given: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(ObjectStore, "_swap_pointer", dies)
        really(desk)
    # The same content goes on under its number, other content takes the next one.
    assert look(desk)[0].details["version"] == 1
    desk.include(R3)
    account, files = look(desk)
    assert account.details["version"] == 2
    assert really(desk).details["version"] == 2
    assert same(files, published())


def test_what_is_changed_against_another_version_than_was_previewed_is_not_what_was_previewed(desk, published):
    desk.publish()
    desk.include(R3)
    desk.publish()
    desk.change(publish={"approval": "manual"})
    look(desk)
    rollback(desk.review, 1, "ann", "2 must go")
    withdraw(desk.review, 2, "ann", "it must go")
    # The content is what was looked at, and what readers are told is new is not.
    with pytest.raises(LivingReviewError, match="is not what was previewed last"):
        desk.publish(by="ann")
    account, _ = look(desk)
    assert desk.publish(by="ann").details["version"] == account.details["version"] == 3
