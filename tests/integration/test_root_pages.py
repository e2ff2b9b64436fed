"""Pages and scripts for readers beside the pointer and in each version, whoever is killed while they are written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from living_review import site
from living_review.store import ObjectStore
from tests.feeds import check_atom, check_json_feed
from tests.integration.fuse import Killed
from tests.integration.review_desk import Desk
from tests.published_versions import check_whole

pytestmark = pytest.mark.server

HTML = "text/html; charset=utf-8"


@pytest.fixture
def desk(small_desk: Desk) -> Desk:
    """Two included studies, one of them charted."""
    return small_desk


def listing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Pages of the list have so many studies each."""
    real = site._as_script
    monkeypatch.setattr(site, "_as_script", lambda name: real(name).replace("LISTED = 100;", f"LISTED = {number};"))


def pages_of_the_shown(files: dict[str, bytes]) -> dict[str, bytes]:
    """The pages that should lie beside the pointer, made of the files of the version that it names."""
    entries = json.loads(files[json.loads(files["latest.json"])["manifest"]["key"]])["files"]
    keys = {one["name"]: one["key"] for one in entries if not site.is_page(one["name"])}
    about, listed = (json.loads(files[keys[name]]) for name in ("overview.json", "list.json"))
    return {name: file.body for name, file in site.pages(about, listed["studies"], keys, is_pinned=False).items()}


def check_pages(files: dict[str, bytes]) -> set[str]:
    """The pages beside the pointer are those of the version it names, with all they need; gives the names of others."""
    wanted = pages_of_the_shown(files)
    assert {name: files[name] for name in wanted} == wanted
    for name, file in site.assets().items():
        assert files[f"{site.assets_key()}/{name}"] == file.body
    assert files["embed.js"] == site.embedding()["embed.js"].body
    return {name for name in files if site.is_page(name)} - wanted.keys()


def test_pages_lie_beside_the_pointer_and_in_the_version(desk, published, object_store, store_url, monkeypatch):
    with pytest.MonkeyPatch.context() as patch:
        listing(patch, 1)
        desk.publish()
        assert check_pages(published()) == set()
    files = published()
    assert {"index.html", "studies-2.html"} <= files.keys()
    assert "validation.html" not in files
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")

    def head(key: str) -> tuple[str, str]:
        found = object_store.client().head_object(Bucket=bucket, Key=f"{prefix}/desk/{key}")
        return found["CacheControl"], found["ContentType"]

    assert head("index.html") == ("public, max-age=60", HTML)
    for key in (f"{site.assets_key()}/app.js", "versions/000001/index.html"):
        assert head(key)[0] == "public, max-age=31536000, immutable"
    desk.change(title="Telephones, renamed")
    listing(monkeypatch, 2)
    desk.publish()
    files = published()
    # A page that the list no longer has says so, and leads on.
    assert check_pages(files) == {"studies-2.html"}
    assert b"no longer among them" in files["studies-2.html"]
    assert b"<script" not in files["studies-2.html"]
    for number in (1, 2):
        page = files[f"versions/00000{number}/index.html"].decode()
        assert f'data-folder="../../" data-page="overview" data-pinned="{number}"' in page


def test_a_protocol_may_want_no_pages(desk, published):
    desk.publish()
    desk.change(publish={"site": False})
    said = "the protocol wants no site: the pages beside the pointer say so now"
    assert [desk.publish().remarks for _ in range(2)] == [(said,), ()]
    assert b"has no pages here" in published()["index.html"]
    desk.change(title="Telephones, renamed")
    desk.publish()
    files = published()
    assert check_whole(files) == 2
    assert not [name for name in files if name.startswith("versions/000002/") and site.is_page(name.split("/", 2)[2])]
    assert b"has no pages here" in files["index.html"]
    assert files["index.html"] == files["studies.html"]


@pytest.mark.parametrize("writes", range(7))
def test_a_run_that_died_among_the_pages_is_made_good(desk, published, monkeypatch, writes):
    listing(monkeypatch, 1)
    real, made = ObjectStore.replace, iter(range(100))

    def dies(self: ObjectStore, *given: Any, **named: Any) -> str:
        if next(made) == writes:
            raise Killed
        return real(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(ObjectStore, "replace", dies)
        desk.publish()
    # Nothing new, and the pages are as they should be all the same.
    assert desk.publish().details["version"] is None
    files = published()
    assert check_pages(files) == set()
    assert b"version:1" in files["feed.xml"]


def test_feeds_lead_to_the_pages_where_readers_reach_them(desk, published):
    settings = desk.review.settings.model_copy(update={"public_url": "https://reviews.example.org/all/"})
    there = replace(desk, review=replace(desk.review, settings=settings))
    home = "https://reviews.example.org/all/desk/"
    assert there.publish().details["readers"] == f"{home}index.html"
    files = published()
    told = json.loads(files["feed.json"])
    assert (told["feed_url"], told["home_page_url"]) == (f"{home}feed.json", f"{home}index.html")
    [version] = [item for item in told["items"] if item["id"].endswith(":version:1")]
    assert version["url"] == f"{home}versions/000001/index.html"
    assert version["content_text"] == "First publication: 2 studies."
    assert f'href="{home}versions/000001/index.html"'.encode() in files["feed.xml"]
    check_json_feed(files["feed.json"])
    check_atom(files["feed.xml"])
