"""The Atom feed: valid, deterministic, unbreakable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from living_review.feed import MOST_ENTRIES, FeedEntry, atom_feed

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


def feed(*entries: FeedEntry, **changed: Any) -> bytes:
    usual: dict[str, Any] = {
        "title": "Social media & care",
        "feed_id": "urn:x",
        "url": "https://example.org/feed.xml",
        "page_url": "https://example.org/",
        "authors": ["Li C"],
        "started": START,
        "entries": entries,
    }
    return atom_feed(**{**usual, **changed})


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
