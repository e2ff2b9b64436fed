"""The Atom feed of a review: new studies and new versions (RFC 4287).

Promises: the same input gives the same bytes, on any day and machine; text from sources cannot break the XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feedgen.feed import FeedGenerator

from living_review.plain_text import is_web_address, one_line

CONTENT_TYPE = "application/atom+xml"
MOST_ENTRIES = 100
"""The newest are kept; readers poll at least weekly, and every version lists all of its studies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A new study or a new version."""

    id: str
    """An IRI that never changes, for example ``urn:living-review:r1:version:12``."""
    title: str
    updated: datetime
    """When it became known, with its time zone."""
    link: str = ""
    """An http or https address; anything else is left out."""
    summary: str = ""
    category: str = ""
    """``study`` or ``version``."""


def atom_feed(
    *,
    title: str,
    feed_id: str,
    url: str,
    page_url: str = "",
    authors: Sequence[str] = (),
    started: datetime,
    entries: Sequence[FeedEntry],
) -> bytes:
    """The feed as UTF-8 XML, newest entry first.

    Args:
        title: The review's title.
        feed_id: An IRI that never changes.
        url: Where the feed itself is.
        page_url: Where people read the review.
        authors: Names; the title stands in where there is none, for Atom needs one (RFC 4287, section 4.1.1).
        started: When the review began, with its time zone: the feed's date while it has no entry.
        entries: In any order; of several with one id the latest is kept.

    Raises:
        ValueError: If a date has no time zone.
    """
    latest = {entry.id: entry for entry in sorted(entries, key=lambda entry: _moment(entry.updated))}
    shown = sorted(latest.values(), key=lambda entry: (_moment(entry.updated), entry.id), reverse=True)[:MOST_ENTRIES]
    feed = FeedGenerator()
    feed.id(one_line(feed_id))
    feed.title(one_line(title) or one_line(feed_id))
    # feedgen's own would name its version, and change the bytes with every update of it.
    feed.generator("Living Review")
    feed.link(href=one_line(url), rel="self", type=CONTENT_TYPE)
    if page_url:
        feed.link(href=one_line(page_url), rel="alternate", type="text/html")
    feed.author([{"name": name} for name in (map(one_line, authors or (title,)))])
    feed.updated(max([_moment(started), *(_moment(entry.updated) for entry in shown)]))
    for entry in shown:
        item = feed.add_entry(order="append")
        item.id(one_line(entry.id))
        item.title(one_line(entry.title) or one_line(entry.id))
        item.updated(_moment(entry.updated))
        item.published(_moment(entry.updated))
        if is_web_address(entry.link):
            item.link(href=entry.link, rel="alternate")
        # Content, not summary: an entry without a link must have it (RFC 4287, section 4.1.2).
        item.content(one_line(entry.summary) or one_line(entry.title) or one_line(entry.id), type="text")
        if entry.category:
            item.category(term=one_line(entry.category))
    text: bytes = feed.atom_str(pretty=True)
    return text


def _moment(when: datetime) -> datetime:
    """``when`` in UTC, so that one moment is always written in one way."""
    if when.tzinfo is None:
        raise ValueError(f"a feed's date needs a time zone: {when.isoformat()}")
    return when.astimezone(UTC)
