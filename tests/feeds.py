"""What a reader of feeds may rely on: RFC 4287 (Atom) and JSON Feed 1.1, as far as our feeds use them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from lxml import etree

_ATOM = "{http://www.w3.org/2005/Atom}"
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_RELATIVE = re.compile(r"[^\s<>\"{}|\\^`]+")


def check_atom(body: bytes) -> None:
    """The requirements of RFC 4287, by section."""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    assert root.tag == f"{_ATOM}feed"
    assert root.getroottree().docinfo.encoding == "UTF-8"
    _once(root, "id", "title", "updated")  # 4.1.1
    assert root.findall(f"{_ATOM}author")  # 4.1.1, or one in every entry
    assert len([link for link in root.findall(f"{_ATOM}link") if link.get("rel") == "self"]) == 1  # should, 4.1.1
    assert len([link for link in root.findall(f"{_ATOM}link") if link.get("rel") == "alternate"]) <= 1
    entries = root.findall(f"{_ATOM}entry")
    assert root.findall("*")[len(root) - len(entries) :] == entries
    for one in (root, *entries):
        assert _IRI.fullmatch(_text(one, "id"))  # 4.2.6
        for name in ("updated", "published"):
            for date in one.findall(f"{_ATOM}{name}"):
                assert _RFC_3339.fullmatch(date.text or "")  # 3.3
                datetime.fromisoformat(date.text or "")
        for person in one.findall(f"{_ATOM}author"):
            assert len(person.findall(f"{_ATOM}name")) == 1  # 3.2.1
            assert (person.findtext(f"{_ATOM}name") or "").strip()
        for link in one.findall(f"{_ATOM}link"):
            assert _RELATIVE.fullmatch(link.get("href") or "")  # 4.2.7.1
            assert link.get("rel", "alternate") in {"self", "alternate"}  # 4.2.7.2
        for category in one.findall(f"{_ATOM}category"):
            assert category.get("term")  # 4.2.2.1
    for entry in entries:
        _once(entry, "id", "title", "updated")  # 4.1.2
        assert len(entry.findall(f"{_ATOM}published")) <= 1
        assert len(entry.findall(f"{_ATOM}content")) <= 1
        has_link = any(link.get("rel", "alternate") == "alternate" for link in entry.findall(f"{_ATOM}link"))
        assert has_link or entry.find(f"{_ATOM}content") is not None  # 4.1.2
        content = entry.find(f"{_ATOM}content")
        assert content is None or (content.get("type", "text") == "text" and not len(content))  # 4.1.3.3
    ids = [_text(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids)
    updated = [datetime.fromisoformat(_text(entry, "updated")) for entry in entries]
    assert updated == sorted(updated, reverse=True)
    assert all(datetime.fromisoformat(_text(root, "updated")) >= one for one in updated)


def check_json_feed(body: bytes) -> None:
    """The requirements of JSON Feed 1.1."""
    told: dict[str, Any] = json.loads(body.decode())
    allowed = {"version", "title", "home_page_url", "feed_url", "authors", "language", "items"}
    assert told.keys() <= allowed
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["title"]
    for author in told["authors"]:
        assert author.keys() & {"name", "url", "avatar"}
        assert all(isinstance(value, str) for value in author.values())
    for name in ("home_page_url", "feed_url"):
        assert re.fullmatch(r"https?://\S+", told.get(name, "https://example.org/"))
    assert isinstance(told["items"], list)
    for item in told["items"]:
        assert isinstance(item["id"], str)
        assert item["id"]
        assert isinstance(item["content_text"], str)
        assert re.fullmatch(r"https?://\S+", item.get("url", "https://example.org/"))
        assert all(_RFC_3339.fullmatch(item[name]) for name in ("date_published", "date_modified"))
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
    ids = [item["id"] for item in told["items"]]
    assert len(set(ids)) == len(ids)


def _once(parent: Any, *names: str) -> None:
    for name in names:
        assert len(parent.findall(f"{_ATOM}{name}")) == 1, name
        assert _text(parent, name).strip(), name


def _text(parent: Any, name: str) -> str:
    return parent.findtext(f"{_ATOM}{name}") or ""
