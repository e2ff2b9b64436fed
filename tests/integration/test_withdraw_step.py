"""Withdrawing a version: it goes, what others use stays, and a run that was killed anywhere is finished by the next."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from living_review.errors import Conflict, ServiceRefused, UsageError
from living_review.ledger import tables as t
from living_review.steps import withdraw as step
from living_review.steps.published import WITHDRAWN
from living_review.steps.rollback import rollback
from living_review.steps.withdraw import withdraw
from living_review.store import ObjectStore
from living_review.whats_new import whats_new
from tests.integration.fuse import Killed, fuse
from tests.integration.review_desk import GOOD, Desk
from tests.published import schema
from tests.published_versions import check_whole

pytestmark = pytest.mark.server

WHY = "a judge said so <script>alert(1)</script>"
FINDING = "It rang at the house of <b>Jo Gray</b>."


@pytest.fixture
def desk(small_desk: Desk) -> Desk:
    """Three versions, of which the second alone holds a finding that must go."""
    small_desk.publish()
    small_desk.chart({"S0001": {**GOOD, "finding": FINDING}})
    small_desk.publish()
    small_desk.chart({"S0001": {**GOOD, "size": 41}})
    small_desk.publish()
    return small_desk


def noted(desk: Desk) -> list[dict[str, Any]]:
    return [row["account"] for row in desk.table(t.step_run) if row["step"] == WITHDRAWN]


def holding(files: dict[str, bytes], text: str) -> list[str]:
    return [key for key, body in files.items() if text.encode() in body or json.dumps(text).encode() in body]


def test_what_it_alone_has_is_gone_and_what_others_use_stays(desk, published):
    before = published()
    listed = json.loads(before["versions/000003/manifest.json"])["files"]
    used = {one["key"] for one in listed if one["key"].startswith("versions/000002/")}
    assert holding(before, "Jo Gray</b>")
    account = withdraw(desk.review, 2, "ann", WHY)
    after = published()
    assert holding(after, "Jo Gray</b>") == []
    folder = {key for key in after if key.startswith("versions/000002/")}
    assert folder == {"versions/000002/manifest.json", "versions/000002/index.html", *used}
    assert {key for key in before if key not in after} == set(account.details["deleted"])
    assert (check_whole(after), account.changed) == (3, True)
    told = json.loads(after["versions/000002/manifest.json"])
    assert told == {
        "review": "desk",
        "version": 2,
        "withdrawn": {"on": "2026-03-02", "reason": WHY},
        "files": [],
    }
    jsonschema.validate(told, schema("manifest"))
    said = "\n".join(account.remarks)
    assert "deleted: versions/000002/" in said
    assert "have the same content in versions 1, 3, which go on using them" in said
    assert "caches were told to keep them a year" in said
    assert "versioning" not in said
    [one] = noted(desk)
    assert (one["version"], one["by"], one["reason"]) == (2, "ann", WHY)
    # Again, nothing is done, and the same is said of what went and of what others share.
    again = withdraw(desk.review, 2, "ben", "other words")
    assert (again.changed, again.details["deleted"]) == (False, account.details["deleted"])
    assert again.remarks == ("nothing was left to delete", *account.remarks[1:])
    assert (published(), len(noted(desk))) == (after, 1)


class Page(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.text += "".join(f" {value}" for name, value in attrs if name in {"content", "href"})

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_in_its_place_says_what_happened_and_runs_nothing(desk, published, object_store, store_url):
    withdraw(desk.review, 2, "ann", WHY)
    page = Page(published()["versions/000002/index.html"].decode())
    assert not {"script", "img", "link", "iframe", "b"} & set(page.tags)
    assert "default-src 'none'" in page.text
    assert "Telephones: a living review: version 2 was withdrawn" in page.text
    assert WHY in page.text
    assert "../../latest.json" in page.text
    assert "ann" not in page.text.split()
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")
    for name, kind in (("index.html", "text/html; charset=utf-8"), ("manifest.json", "application/json")):
        head = object_store.client().head_object(Bucket=bucket, Key=f"{prefix}/desk/versions/000002/{name}")
        assert (head["ContentType"], head["CacheControl"]) == (kind, "public, max-age=60")


def test_files_of_a_withdrawn_version_go_once_the_last_version_that_uses_them_goes(desk, published):
    withdraw(desk.review, 1, "ann", WHY)
    shared = "versions/000001/charts/design.svg"
    assert shared in published()
    withdraw(desk.review, 2, "ann", WHY)
    assert shared in published()
    check_whole(published())
    desk.change(title="Telephones, renamed")
    desk.publish()
    listed = json.loads(published()["versions/000004/manifest.json"])["files"]
    # Nothing of a withdrawn version is used by what comes after it.
    assert not [one["key"] for one in listed if "/000001/" in one["key"] or "/000002/" in one["key"]]
    assert shared in published()
    account = withdraw(desk.review, 3, "ann", WHY)
    assert shared not in published()
    assert f"{shared}" in account.remarks[0]
    assert check_whole(published()) == 4
    told = json.loads(published()["versions/000004/summary.json"])
    assert told["previous"]["version"] == 3


def test_what_comes_after_says_nothing_of_what_was_withdrawn(desk, published):
    rollback(desk.review, 1, "ann", "3 must go")
    withdraw(desk.review, 3, "ann", WHY)
    withdraw(desk.review, 2, "ann", WHY)
    desk.publish(by="ann")
    told = json.loads(published()["versions/000004/summary.json"])
    assert told["previous"]["version"] == 1
    assert check_whole(published()) == 4
    assert b"withdrawn on 2026-03-02: a judge said so" in published()["feed.xml"]


def test_the_history_tells_no_more_what_it_changed_and_goes_on_without_a_gap(desk, published):
    summaries = {n: json.loads(published()[f"versions/00000{n}/summary.json"]) for n in (1, 3)}
    withdraw(desk.review, 2, "ann", WHY)
    desk.change(title="Telephones, renamed")
    desk.publish()
    versions = json.loads(published()["versions/000004/history.json"])["versions"]
    assert [one["withdrawn"] for one in versions] == [None, {"on": "2026-03-02", "reason": WHY}, None, None]
    gone = versions[1]["whats_new"]
    assert [gone[name] for name in gone if isinstance(gone[name], list)] == [[]] * 7
    assert versions[2]["whats_new"] == whats_new(summaries[1], summaries[3])
    assert [one["whats_new"]["since_version"] for one in (versions[2], versions[3])] == [1, 3]


@pytest.mark.parametrize(
    ("version", "by", "why", "said"),
    [
        (3, "ann", "x", "version 3 is what readers are shown, withdraw, publish a newer version or roll back first"),
        (9, "ann", "x", "there is no version 9, withdraw, there are 1, 2, 3"),
        (2, "", "x", "nobody signs"),
        (2, "ann", "", "no reason is given"),
    ],
)
def test_what_cannot_be_is_a_line_and_changes_nothing(desk, published, version, by, why, said):
    before = published()
    with pytest.raises(UsageError, match=said):
        withdraw(desk.review, version, by, why)
    assert (published(), noted(desk)) == (before, [])


@pytest.mark.parametrize("deeds", [0, 1, 2, 3, 5, 8])
def test_one_that_was_killed_anywhere_is_finished_by_the_next(desk, published, deeds):
    with fuse(deeds), pytest.raises(Killed):
        withdraw(desk.review, 2, "ann", WHY)
    assert check_whole(published()) == 3
    if deeds == 3:
        # A publication in between uses nothing of it.
        desk.change(title="Telephones, renamed")
        desk.publish()
        check_whole(published())
    account = withdraw(desk.review, 2, "ann", WHY)
    assert holding(published(), "Jo Gray</b>") == []
    check_whole(published())
    assert (len(noted(desk)), account.parts["deleted"] > 0) == (1, True)


def test_one_that_was_killed_is_finished_when_another_version_goes(desk, published):
    with fuse(1), pytest.raises(Killed):
        withdraw(desk.review, 2, "ann", WHY)
    assert json.loads(published()["versions/000002/manifest.json"])["files"]
    withdraw(desk.review, 1, "ann", "another reason")
    assert holding(published(), "Jo Gray</b>") == []
    assert json.loads(published()["versions/000002/manifest.json"])["withdrawn"]["reason"] == WHY
    assert check_whole(published()) == 3


def test_a_version_that_was_begun_and_never_shown_can_go_and_is_named(small_desk, published):
    desk = small_desk
    desk.publish()
    desk.chart({"S0001": {**GOOD, "finding": FINDING}})
    with fuse(8), pytest.raises(Killed):
        desk.publish()
    assert "versions/000002/manifest.json" not in published()
    assert "versions/000002/summary.json" in published()
    desk.chart({"S0001": {**GOOD, "size": 41}})
    assert desk.publish().details["version"] == 3
    account = withdraw(desk.review, 1, "ann", WHY)
    assert any(
        "a publication was begun and not finished as version 2: withdraw it as well" in one for one in account.remarks
    )
    withdraw(desk.review, 2, "ann", WHY)
    assert holding(published(), "Jo Gray</b>") == []
    assert check_whole(published()) == 3


def test_a_publication_under_way_that_would_use_its_files_is_told(desk, published, monkeypatch):
    rollback(desk.review, 2, "ann", "3 must go")
    real = ObjectStore._write_content

    def slowly(self: ObjectStore, *given: Any) -> None:
        # Whoever withdraws looks for manifests before this one is written.
        monkeypatch.setattr(ObjectStore, "_write_content", real)
        withdraw(desk.review, 3, "cho", WHY)
        real(self, *given)

    monkeypatch.setattr(ObjectStore, "_write_content", slowly)
    with pytest.raises(Conflict, match="was withdrawn meanwhile"):
        desk.publish(by="ann")
    # What was begun as version 4 lacks files, and nobody is led to it.
    assert check_whole(published(), versions=[1, 2]) == 2
    assert desk.publish(by="ann").details["version"] == 5
    assert check_whole(published(), versions=[1, 2, 5]) == 5


def test_where_the_key_may_not_delete_it_says_so_and_can_be_run_again(desk, published, monkeypatch):
    def refused(_self: ObjectStore, key: str) -> None:
        raise ServiceRefused("access denied (AccessDenied)", key, "…")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ObjectStore, "remove", refused)
        with pytest.raises(
            ServiceRefused, match="let the access key delete objects under this prefix, then run it again"
        ):
            withdraw(desk.review, 2, "ann", WHY)
    withdraw(desk.review, 2, "ann", WHY)
    assert holding(published(), "Jo Gray</b>") == []


@pytest.mark.parametrize(
    ("keeps", "said"),
    [
        (True, "the bucket keeps deleted objects (versioning): remove their old versions there"),
        (None, "whether the bucket keeps deleted objects (versioning) could not be found out: look there"),
    ],
)
def test_a_bucket_that_keeps_what_is_deleted_is_named(desk, monkeypatch, keeps, said):
    monkeypatch.setattr(step, "keeps_old_objects", lambda _store: keeps)
    assert said in withdraw(desk.review, 2, "ann", WHY).remarks
