"""What lies beside the pointer: feeds, and the pages of the version that readers are shown.

Promises: all of it is of one version; what is as it should be is not written; what a run that died left undone is done by
the next one. The page readers open first is written last: once it is right, all the others are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from living_review import site
from living_review.feed import feeds
from living_review.ledger.decisions import Decisions
from living_review.review import Review
from living_review.site import FIRST_PAGE
from living_review.stand_in_page import stand_in_page
from living_review.steps.publication_facts import feed_entries
from living_review.steps.screening_state import screening_state
from living_review.store import File, ObjectStore, Pointer
from living_review.store_layout import HTML_TYPE, POINTER, cache_control
from living_review.store_reuse import entries_of

_NO_LONGER = "There are fewer pages now, and this one is no longer among them."
_NO_PAGES = "The version that is shown now has no pages here."


def pages_of(review: Review, files: Mapping[str, File], keys: Mapping[str, str], *, is_pinned: bool) -> dict[str, File]:
    """The pages of a version, for its own folder or for that of the pointer; none where the protocol wants none.

    Args:
        review: The review.
        files: Its ``overview.json`` and its ``list.json``, by name.
        keys: Name of each of the version's files -> its key.
        is_pinned: For the version's own folder.
    """
    if not review.protocol.publish.site:
        return {}
    about, listed = (json.loads(files[name].body) for name in ("overview.json", "list.json"))
    return site.pages(about, listed["studies"], keys, is_pinned=is_pinned)


def root_pages(review: Review, pages: Mapping[str, File], coming: Sequence[Mapping[str, Any]] = ()) -> dict[str, File]:
    """Everything that lies beside the pointer, by key: the feeds, ``pages``, and what these need.

    Args:
        review: The review.
        pages: What :func:`pages_of` gives for the version that is shown.
        coming: Versions that are not in the ledger yet: ``version``, ``trigger``, ``at``.
    """
    needed = {**_site_files(), **site.embedding()} if pages else {}
    return {**_feeds(review, coming), **needed, **pages}


def _site_files() -> dict[str, File]:
    """The site's scripts, styles and words, by key below the review's folder."""
    return {f"{site.assets_key()}/{name}": file for name, file in site.assets().items()}


def write_site_files(review: Review, store: ObjectStore) -> None:
    """Write what the pages of a version need, before readers are led to them; what is there stays.

    Raises:
        SourceUnavailable, ServiceRefused: If the store cannot or will not.
    """
    if review.protocol.publish.site:
        there = set(store.list(f"{review.id}/{site.assets_key()}/"))
        wanted = {f"{review.id}/{key}": file for key, file in _site_files().items()}
        store.create_all({key: file for key, file in wanted.items() if key not in there})


def write_root_pages(review: Review, store: ObjectStore, pages: Mapping[str, File]) -> bool:
    """Write feeds and pages where they differ, the first page last; a page that is no longer among them says so.

    Args:
        review: The review.
        store: The store.
        pages: What :func:`pages_of` gives for the version that is shown.

    Returns:
        Whether a page was not yet as it should be.

    Raises:
        Conflict: If somebody else wrote one meanwhile.
        SourceUnavailable, ServiceRefused: If the store cannot or will not.
    """
    told = _feeds(review)
    written = {**told, **(site.embedding() if pages else {}), **pages}
    beside = {key.removeprefix(f"{review.id}/") for key in store.beside(f"{review.id}/")}
    said, leads_to = (_NO_LONGER, FIRST_PAGE) if pages else (_NO_PAGES, POINTER)
    gone = File(stand_in_page(review.protocol.title, [said], leads_to, "What is shown now"), HTML_TYPE)
    written |= {name: gone for name in beside if site.is_page(name) and name not in pages}
    first = written.get(FIRST_PAGE)
    if (
        first
        and FIRST_PAGE in beside
        and store.has(f"{review.id}/{FIRST_PAGE}", hashlib.sha256(first.body).hexdigest())
    ):
        written = told
    for name in sorted(written, key=lambda name: (name == FIRST_PAGE, name)):
        file = written[name]
        store.replace(f"{review.id}/{name}", file.body, file.content_type, cache_control(name))
    return FIRST_PAGE in written


def keep_up(review: Review, store: ObjectStore, pointer: Pointer) -> bool:
    """Make what lies beside ``pointer`` be of the version that it names; gives whether a page was not so already.

    Raises:
        MissingObject: If the version is not whole.
        Conflict: If somebody else wrote meanwhile.
        SourceUnavailable, ServiceRefused: If the store cannot or will not.
    """
    key = f"{review.id}/{pointer.manifest_key}"
    entries = entries_of(store.read(key)[0], str(store.address))
    keys = {one.name: one.key for one in entries if not site.is_page(one.name)}
    wanted = {"overview.json", "list.json"}
    if not wanted <= keys.keys():
        # It was published before versions had pages.
        return write_root_pages(review, store, {})
    files = {
        one.name: File(store.read(f"{review.id}/{one.key}")[0], one.content_type)
        for one in entries
        if one.name in wanted
    }
    pages = pages_of(review, files, keys, is_pinned=False)
    write_site_files(review, store)
    return write_root_pages(review, store, pages)


def _feeds(review: Review, coming: Sequence[Mapping[str, Any]] = ()) -> dict[str, File]:
    iri = f"urn:living-review:{review.id}"
    address = web_folder(review)
    has_pages = bool(address) and review.protocol.publish.site
    with review.read() as tx:
        versions = [*Decisions(tx).publications(), *coming]
        entries = feed_entries(tx, iri, screening_state(tx, review.protocol), versions, address if has_pages else "")
    return feeds(
        title=review.protocol.title,
        feed_id=iri,
        authors=[author.name for author in review.protocol.authors],
        language=review.protocol.language,
        started=versions[0]["at"],
        entries=entries,
        address=address,
        page_url=f"{address}{FIRST_PAGE}" if has_pages else "",
    )


def web_folder(review: Review) -> str:
    """Web address of the review's folder with its last slash, as readers know it; empty: the settings do not say."""
    public = review.settings.public_url.rstrip("/")
    return f"{public}/{review.id}/" if public else ""
