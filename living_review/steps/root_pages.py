"""What lies beside the pointer: feeds, and the pages of the version that readers are shown.

Promises: all of it is of one version; what is as it should be is not written; what a run that died left undone is done by
the next one. The page readers open first is written last: once it is right, all the others are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from living_review.feed import feeds
from living_review.ledger.decisions import Decisions
from living_review.review import Review
from living_review.stand_in_page import stand_in_page
from living_review.steps.publication_facts import feed_entries
from living_review.steps.screening_state import screening_state
from living_review.store import File, ObjectStore, Pointer
from living_review.store_layout import HTML_TYPE, cache_control
from living_review.store_reuse import entries_of

FIRST_PAGE = "index.html"
_PAGE = re.compile(r"(?:index|studies(?:-\d+)?)\.html")
"""Files of a version that also lie beside the pointer."""


def page_files(files: Mapping[str, File]) -> dict[str, File]:
    """The pages among the files of a version."""
    return {name: file for name, file in files.items() if _PAGE.fullmatch(name)}


def root_pages(review: Review, pages: Mapping[str, File], coming: Sequence[Mapping[str, Any]] = ()) -> dict[str, File]:
    """Everything that lies beside the pointer, by name: the feeds, and ``pages`` of the version that is shown.

    Args:
        review: The review.
        pages: What :func:`page_files` or :func:`shown_pages` gives.
        coming: Versions that are not in the ledger yet: ``version``, ``trigger``, ``at``.
    """
    return {**_feeds(review, coming), **pages}


def shown_pages(review: Review, store: ObjectStore, pointer: Pointer) -> dict[str, File]:
    """The pages of the version that ``pointer`` names, read from the store; none if they lie beside it already.

    Raises:
        MissingObject: If the version is not whole.
        SourceUnavailable, ServiceRefused: If the store cannot or will not.
    """
    key = f"{review.id}/{pointer.manifest_key}"
    entries = [one for one in entries_of(store.read(key)[0], str(store.address)) if _PAGE.fullmatch(one.name)]
    first = next((one for one in entries if one.name == FIRST_PAGE), None)
    if first and store.has(f"{review.id}/{FIRST_PAGE}", first.sha256):
        return {}
    return {one.name: File(store.read(f"{review.id}/{one.key}")[0], one.content_type) for one in entries}


def write_root_pages(review: Review, store: ObjectStore, pages: Mapping[str, File]) -> None:
    """Write what differs, the first page last; a page of a longer list than this one's says that it is gone.

    Raises:
        Conflict: If somebody else wrote one meanwhile.
        SourceUnavailable, ServiceRefused: If the store cannot or will not.
    """
    written = dict(pages)
    if FIRST_PAGE in pages:
        beside = [key.removeprefix(f"{review.id}/") for key in store.beside(f"{review.id}/")]
        gone = File(stand_in_page(review.protocol.title, _NO_LONGER, FIRST_PAGE, "Overview"), HTML_TYPE)
        written |= {name: gone for name in beside if _PAGE.fullmatch(name) and name not in pages}
    for name in sorted(written, key=lambda name: (name == FIRST_PAGE, name)):
        file = written[name]
        store.replace(f"{review.id}/{name}", file.body, file.content_type, cache_control(name))


_NO_LONGER = ("The list of studies has fewer pages now, and this one is no longer among them.",)


def _feeds(review: Review, coming: Sequence[Mapping[str, Any]]) -> dict[str, File]:
    iri = f"urn:living-review:{review.id}"
    with review.read() as tx:
        versions = [*Decisions(tx).publications(), *coming]
        entries = feed_entries(tx, iri, screening_state(tx, review.protocol), versions)
    return feeds(
        title=review.protocol.title,
        feed_id=iri,
        authors=[author.name for author in review.protocol.authors],
        language=review.protocol.language,
        started=versions[0]["at"],
        entries=entries,
    )
