"""The feeds of a review, Atom (RFC 4287) and JSON Feed 1.1: new studies and new versions.

Promises: both have the same entries; the same input gives the same bytes, on any day and machine; text from sources
cannot break the XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feedgen.feed import FeedGenerator

from living_review.plain_text import is_web_address, one_line
from living_review.records import canonical_json
from living_review.store_layout import File

CONTENT_TYPE = "application/atom+xml"
JSON_FEED_TYPE = "application/feed+json"
JSON_FEED = "https://jsonfeed.org/version/1.1"
MOST_ENTRIES = 100
"""The newest are kept; readers poll at least weekly, and every version lists all of its studies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A new study or a new version."""

    id: str
    """An IRI that never changes, for example ``urn:living-review:r1:version:12``."""
    title: str
    updated: datetime
    """When what it says was last new, with its time zone: when it became known, or was retracted."""
    published: datetime | None = None
    """When it became known; None: then as well."""
    link: str = ""
    """An http or https address; anything else is left out."""
    summary: str = ""
    category: str = ""
    """``study`` or ``version``."""


def feeds(
    *,
    title: str,
    feed_id: str,
    authors: Sequence[str] = (),
    language: str = "",
    started: datetime,
    entries: Sequence[FeedEntry],
    address: str = "",
    page_url: str = "",
) -> dict[str, File]:
    """``feed.xml`` and ``feed.json``, newest entry first.

    Args:
        title: The review's title.
        feed_id: An IRI that never changes.
        authors: Names; the title stands in where there is none, for Atom needs one (RFC 4287, section 4.1.1).
        language: BCP 47; empty: not told.
        started: When the review began, with its time zone: the feed's date while it has no entry.
        entries: In any order; of several with one id the latest is kept.
        address: Web address of the folder both lie in, with its last slash; empty: not known.
        page_url: Where people read the review.

    Raises:
        ValueError: If a date has no time zone.
    """
    latest = {entry.id: entry for entry in sorted(entries, key=lambda entry: _moment(entry.updated))}
    shown = sorted(latest.values(), key=lambda entry: (_moment(entry.updated), entry.id), reverse=True)[:MOST_ENTRIES]
    about = _About(
        title=one_line(title) or one_line(feed_id),
        feed_id=one_line(feed_id),
        authors=tuple(map(one_line, authors or (title,))),
        language=language,
        updated=max([_moment(started), *(_moment(entry.updated) for entry in shown)]),
        address=address,
        page_url=one_line(page_url),
    )
    return {
        "feed.xml": File(_atom(about, shown), CONTENT_TYPE),
        "feed.json": File(_json(about, shown), JSON_FEED_TYPE),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    title: str
    feed_id: str
    authors: tuple[str, ...]
    language: str
    updated: datetime
    address: str
    page_url: str


def _atom(about: _About, shown: Sequence[FeedEntry]) -> bytes:
    feed = FeedGenerator()
    feed.id(about.feed_id)
    feed.title(about.title)
    if about.language:
        feed.language(about.language)
    # feedgen's own would name its version, and change the bytes with every update of it.
    feed.generator("Living Review")
    feed.link(href=f"{about.address}feed.xml", rel="self", type=CONTENT_TYPE)
    if about.page_url:
        feed.link(href=about.page_url, rel="alternate", type="text/html")
    feed.author([{"name": name} for name in about.authors])
    feed.updated(about.updated)
    for entry in shown:
        item = feed.add_entry(order="append")
        item.id(one_line(entry.id))
        item.title(_title(entry))
        item.updated(_moment(entry.updated))
        item.published(_moment(entry.published or entry.updated))
        if is_web_address(entry.link):
            item.link(href=entry.link, rel="alternate")
        # Content, not summary: an entry without a link must have it (RFC 4287, section 4.1.2).
        item.content(one_line(entry.summary) or _title(entry), type="text")
        if entry.category:
            item.category(term=one_line(entry.category))
    text: bytes = feed.atom_str(pretty=True)
    return text


def _json(about: _About, shown: Sequence[FeedEntry]) -> bytes:
    items = [
        {
            "id": one_line(entry.id),
            "title": _title(entry),
            "content_text": one_line(entry.summary) or _title(entry),
            "date_published": _moment(entry.published or entry.updated).isoformat(),
            "date_modified": _moment(entry.updated).isoformat(),
            **({"url": entry.link} if is_web_address(entry.link) else {}),
            **({"tags": [one_line(entry.category)]} if entry.category else {}),
        }
        for entry in shown
    ]
    # Addresses must be whole in a JSON feed; one that is not known is left out.
    told = {
        "feed_url": f"{about.address}feed.json" if about.address else "",
        "home_page_url": about.page_url,
        "language": about.language,
    }
    return canonical_json(
        {
            "version": JSON_FEED,
            "title": about.title,
            "authors": [{"name": name} for name in about.authors],
            **{name: value for name, value in told.items() if value},
            "items": items,
        }
    )


def _title(entry: FeedEntry) -> str:
    return one_line(entry.title) or one_line(entry.id)


def _moment(when: datetime) -> datetime:
    """``when`` in UTC, so that one moment is always written in one way."""
    if when.tzinfo is None:
        raise ValueError(f"a feed's date needs a time zone: {when.isoformat()}")
    return when.astimezone(UTC)
