"""The object store a review publishes to, from its settings."""

from __future__ import annotations

from living_review.errors import UsageError
from living_review.settings import Settings
from living_review.store import ObjectStore, StoreAddress


def open_store(settings: Settings, address: str = "") -> ObjectStore:
    """The store at ``address``, or the one the settings name.

    Raises:
        UsageError: If neither names one.
    """
    place = address or settings.store_url
    if not place:
        raise UsageError("no object store is named", "LIVING_REVIEW_STORE_URL", "set it to s3://BUCKET/PREFIX")
    return ObjectStore(
        StoreAddress.parse(place), settings.s3_endpoint_url or None, sole_publisher=settings.sole_publisher
    )
