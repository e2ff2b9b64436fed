"""The feeds, Atom and JSON: valid, deterministic, unbreakable, and the same in what they tell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from living_review.feed import MOST_ENTRIES, FeedEntry, feeds
from tests.feeds import check_atom, check_json_feed

ATOM = {"a": "http://www.w3.org/2005/Atom"}
START = datetime(2026, 1, 1, tzinfo=UTC)
VERSION = FeedEntry(
    id="urn:x:version:2",
    title="Version 2: 1 new study",
    updated=START + timedelta(days=2),
    link="https://example.org/v/2",
    summary="Müller & Łoś <2026>",
    category="version",
)
STUDY = FeedEntry(id="urn:x:study:s1", title="A study", updated=START + timedelta(days=1), category="study")


def both(*entries: FeedEntry, **changed: Any) -> dict[str, bytes]:
    usual: dict[str, Any] = {
        "title": "Social media & care",
        "feed_id": "urn:x",
        "address": "https://example.org/",
        "page_url": "https://example.org/",
        "authors": ["Li C"],
        "started": START,
        "entries": entries,
    }
    made = {name: file.body for name, file in feeds(**{**usual, **changed}).items()}
    check_atom(made["feed.xml"])
    check_json_feed(made["feed.json"])
    return made


def feed(*entries: FeedEntry, **changed: Any) -> bytes:
    return both(*entries, **changed)["feed.xml"]


def texts(document: bytes, path: str) -> list[str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found = etree.fromstring(document, parser).xpath(path, namespaces=ATOM)
    assert isinstance(found, list)
    return [str(text) for text in found]


def test_what_it_says() -> None:
    document = feed(STUDY, VERSION)
    assert texts(document, "/a:feed/a:title/text()") == ["Social media & care"]
    assert texts(document, "/a:feed/a:updated/text()") == ["2026-01-03T00:00:00+00:00"]
    assert texts(document, "//a:entry/a:id/text()") == ["urn:x:version:2", "urn:x:study:s1"]
    assert texts(document, "//a:entry/a:updated/text()") == ["2026-01-03T00:00:00+00:00", "2026-01-02T00:00:00+00:00"]
    assert texts(document, "//a:entry/a:content/text()") == ["Müller & Łoś <2026>", "A study"]
    assert texts(document, "//a:entry/a:category/@term") == ["version", "study"]
    assert texts(document, "/a:feed/a:link[@rel='self']/@href") == ["https://example.org/feed.xml"]
    assert texts(document, "/a:feed/a:link[@rel='alternate']/@href") == ["https://example.org/"]
    assert texts(document, "/a:feed/a:author/a:name/text()") == ["Li C"]
    assert texts(document, "//a:entry/a:link/@href") == ["https://example.org/v/2"]
    assert texts(document, "/a:feed/a:generator/@version") == []


def test_both_feeds_tell_the_same() -> None:
    late = replace(STUDY, updated=START + timedelta(days=9), published=STUDY.updated)
    made = both(late, VERSION, language="zh-Hans")
    told = json.loads(made["feed.json"])
    assert {key: told[key] for key in ("feed_url", "home_page_url", "language", "title")} == {
        "feed_url": "https://example.org/feed.json",
        "home_page_url": "https://example.org/",
        "language": "zh-Hans",
        "title": "Social media & care",
    }
    assert made["feed.xml"].count(b'xml:lang="zh-Hans"') == 1
    for key, path in (
        ("id", "id/text()"),
        ("title", "title/text()"),
        ("content_text", "content/text()"),
        ("date_published", "published/text()"),
        ("date_modified", "updated/text()"),
    ):
        assert [one[key] for one in told["items"]] == texts(made["feed.xml"], f"//a:entry/a:{path}"), key
    assert [one.get("url") for one in told["items"]] == [None, "https://example.org/v/2"]
    assert told["items"][0]["date_published"] == "2026-01-02T00:00:00+00:00"


def test_addresses_that_are_not_known_are_not_told() -> None:
    made = both(STUDY, address="", page_url="")
    assert not {"feed_url", "home_page_url"} & json.loads(made["feed.json"]).keys()
    assert texts(made["feed.xml"], "/a:feed/a:link/@href") == ["feed.xml"]


def test_same_input_same_bytes_whatever_the_order_and_the_zone() -> None:
    east = timezone(timedelta(hours=11))
    moved = FeedEntry(id=STUDY.id, title=STUDY.title, updated=STUDY.updated.astimezone(east), category="study")
    assert feed(STUDY, VERSION) == feed(VERSION, moved)


def test_the_year_of_today_is_not_in_a_feed_of_the_past() -> None:
    old = datetime(1999, 1, 1, tzinfo=UTC)
    document = feed(FeedEntry(id="urn:e", title="t", updated=old), started=old)
    assert {text[:4] for text in texts(document, "//a:updated/text() | //a:published/text()")} == {"1999"}


def test_without_entries_and_authors() -> None:
    document = feed(authors=[])
    assert texts(document, "/a:feed/a:updated/text()") == ["2026-01-01T00:00:00+00:00"]
    assert texts(document, "/a:feed/a:author/a:name/text()") == ["Social media & care"]


def test_the_newest_are_kept_and_ids_are_unique() -> None:
    many = [FeedEntry(id=f"urn:{n:03}", title="t", updated=START + timedelta(days=n)) for n in range(MOST_ENTRIES + 5)]
    ids = texts(feed(*many, *many), "//a:entry/a:id/text()")
    assert ids == [f"urn:{n:03}" for n in range(MOST_ENTRIES + 4, 4, -1)]


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        feed(FeedEntry(id="urn:e", title="t", updated=datetime(2026, 1, 1)))


def test_only_web_addresses_become_links() -> None:
    document = feed(FeedEntry(id="urn:e", title="t", updated=START, link="javascript:alert(1)"))
    assert texts(document, "//a:entry/a:link/@href") == []


@settings(deadline=None)
@given(st.text(min_size=1), st.text(), st.text())
def test_no_text_breaks_the_xml(title: str, summary: str, link: str) -> None:
    document = feed(FeedEntry(id="urn:e", title=title, summary=summary, link=link, updated=START), title="T" + title)
    assert texts(document, "//a:entry/a:id/text()") == ["urn:e"]
