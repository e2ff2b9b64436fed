"""The object store a review publishes to, from its settings; what its probe found is remembered."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from living_review.errors import UsageError
from living_review.review import Review
from living_review.settings import Settings

if TYPE_CHECKING:
    from living_review.store import ObjectStore, ProbeResult

PROBE_FILE = "store-probe.json"
PROBE_HOLDS_FOR = timedelta(days=30)
"""A probe takes seconds; a store that is updated may behave otherwise, so it is asked again now and then."""


def open_store(settings: Settings, address: str = "", probed: ProbeResult | None = None) -> ObjectStore:
    """The store at ``address``, or the one the settings name.

    Args:
        settings: Where the store is.
        address: Another place than the settings name; empty: theirs.
        probed: What an earlier probe of the same store found.

    Raises:
        UsageError: If no store is named.
    """
    from living_review.store import ObjectStore, StoreAddress  # boto3 takes long to import, and few steps store

    place = address or settings.store_url
    if not place:
        raise UsageError("no object store is named", "LIVING_REVIEW_STORE_URL", "set it to s3://BUCKET/PREFIX")
    return ObjectStore(
        StoreAddress.parse(place),
        settings.s3_endpoint_url or None,
        sole_publisher=settings.sole_publisher,
        probed=probed,
    )


def open_probed_store(review: Review) -> ObjectStore:
    """The review's store, probed within :data:`PROBE_HOLDS_FOR`; a store that failed its probe is asked each time."""
    store = open_store(review.settings, probed=_remembered(review))
    if _remembered(review) is None and not review.settings.sole_publisher:
        found = store.probe()
        if found.safe:
            remember(review, found)
    return store


def remember(review: Review, found: ProbeResult) -> None:
    """Keep what a probe of the review's store found just now."""
    review.state_folder.mkdir(parents=True, exist_ok=True)
    kept = {"store": _name(review), "at": review.now().isoformat(), "found": asdict(found)}
    (review.state_folder / PROBE_FILE).write_text(json.dumps(kept, indent=2), encoding="utf-8")


def _remembered(review: Review) -> ProbeResult | None:
    from living_review.store import ProbeResult

    try:
        kept = json.loads((review.state_folder / PROBE_FILE).read_text(encoding="utf-8"))
        age = review.now() - datetime.fromisoformat(kept["at"])
        found = ProbeResult(**{**kept["found"], "left_behind": tuple(kept["found"]["left_behind"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if kept.get("store") == _name(review) and timedelta(0) <= age < PROBE_HOLDS_FOR else None


def _name(review: Review) -> str:
    return f"{review.settings.s3_endpoint_url} {review.settings.store_url}"
