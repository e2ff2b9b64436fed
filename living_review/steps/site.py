"""A site of one's own: the scripts and a page for any host, which pulls published reviews from their stores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from living_review.errors import InvalidFile, SourceUnavailable, UsageError
from living_review.records import canonical_json
from living_review.site import assets, shell
from living_review.store_layout import HTML_TYPE, JSON_TYPE, File, Pointer

_TIMEOUT_S = 20.0


def own_site(addresses: Sequence[str]) -> dict[str, File]:
    """Every file of a static site that shows the reviews at ``addresses``.

    Args:
        addresses: Each the folder that a review's ``latest.json`` is in, as readers' browsers reach it.

    Returns:
        Path -> file: ``index.html``, whose policy allows requests to just the stores of these reviews,
        ``reviews.json``, scripts, styles and message catalogues.

    Raises:
        UsageError: If an address is none of the web, or two reviews have one id.
        SourceUnavailable: If a store does not answer.
        InvalidFile: If what is there is no pointer of a review.
    """
    reviews = [_described(address.rstrip("/") + "/") for address in addresses]
    ids = [review["id"] for review in reviews]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise UsageError(f"two addresses have a review {twice[0]}", "site", "give each review once")
    origins = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)})
    return {
        **assets(),
        "index.html": File(shell(origins), HTML_TYPE),
        "reviews.json": File(canonical_json({"reviews": reviews}), JSON_TYPE),
    }


def _described(folder: str) -> dict[str, Any]:
    parts = urlsplit(folder)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise UsageError(
            "not the address of a review",
            folder.replace(parts.netloc, parts.netloc.rpartition("@")[2]),
            "give the http(s) folder that latest.json is in",
        )
    if any(character in parts.netloc for character in " ;,'\""):
        raise UsageError("not the address of a review", folder, "correct the host's name")
    where = f"{folder}latest.json"
    try:
        answer = httpx.get(where, timeout=_TIMEOUT_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailable(
            f"the review does not answer ({type(error).__name__})", where, "check the address, or try again later"
        ) from None
    if answer.status_code != httpx.codes.OK:
        raise SourceUnavailable(
            f"the review cannot be read (HTTP {answer.status_code})", where, "check the address, and that it is public"
        )
    pointer = Pointer.from_bytes(answer.content, "", where)
    try:
        title = str(json.loads(answer.content)["title"])
    except KeyError:
        raise InvalidFile("the pointer has no title", where, "publish the review again") from None
    return {"id": pointer.review_id, "title": title, "address": folder}
