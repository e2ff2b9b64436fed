"""The keys by which duplicates of a record are looked up: identifiers, and title with year and first author."""

from __future__ import annotations

import re
import unicodedata

from living_review.records import Record

_BRACKETED = re.compile(r"^\s*\[(.+)\]\s*\.?\s*$", re.DOTALL)
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_SHORTEST_TITLE = 10
"""Letters and digits a title must have to tell anything; "Editorial" and "Reply" have fewer."""


def folded(text: str) -> str:
    """``text`` as lower-case letters and digits of any script, without accents, parted by single blanks."""
    if text.isascii():
        # The same without a look at each character; most titles and names are ASCII.
        return _NOT_ALNUM.sub(" ", text.lower()).strip()
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if not (c.isalnum()) else c for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def title_key(record: Record) -> str:
    """The title folded, without PubMed's brackets around a translated one; empty where it tells nothing."""
    found = _BRACKETED.match(record.title)
    key = folded(found.group(1) if found else record.title).replace(" ", "")
    return key if len(key) >= _SHORTEST_TITLE else ""


def author_key(record: Record) -> str:
    """The first author's family name folded, or the group's name."""
    if not record.authors:
        return ""
    first = record.authors[0]
    return folded(first.family or first.collective).replace(" ", "")


def keys_of(record: Record) -> list[tuple[str, str]]:
    """(kind, value) pairs; two records that share none are never compared."""
    keys = []
    if record.pmid:
        keys.append(("pmid", record.pmid))
    if record.doi:
        keys.append(("doi", record.doi.lower()))
    title, author = title_key(record), author_key(record)
    if title and record.year and author:
        keys.append(("title", f"{title}|{record.year}|{author}"))
    return keys
