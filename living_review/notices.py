"""What to tell whom: items of the outbox, gathered into notices of bounded size.

The ledger keeps an :class:`OutboxItem` for every single thing to be told to a recipient. :func:`plan` gathers what is
unsent into notices, :mod:`living_review.delivery` sends them one by one and says for every item whether it was sent.

Promises: every unsent item is in exactly one notice; no notice is above the cap, what does not fit rolls over into
numbered parts; the same items give the same notices. Rule 13: a single 3,570-item e-mail of more than 5 MB was once
rebuilt and refused 413 times over 15 days, because nothing was marked as sent before all was sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from living_review.errors import UsageError
from living_review.notice_text import Entry, entry, frame
from living_review.protocol import Event
from living_review.records import canonical_json

CAP_BYTES = 200_000
"""Title, text and HTML of one notice together: a twenty-fifth of the 5 MB that were refused (rule 13), with room for
the third that base64 adds to a mail."""
LEAST_CAP_BYTES = 10_000
"""Below this a notice's own frame and one shortened item may not fit."""
_PARTS_TEXT_BYTES = 400
"""What ``part 2 of 15`` and its like may add to a frame, in title, text and HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One thing to be told to one recipient, as the ledger keeps it."""

    key: str
    """Idempotency key; the same thing is told to the same recipient once."""
    event: str
    recipient: str
    item_id: str
    """What it is about; unique in the review for this event (``pubmed:33717499``, ``version 12``)."""
    payload: Mapping[str, Any]
    """Plain values to show; ``review`` is the review's title, ``link`` an address. See notice_text for the others."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one recipient."""

    event: str
    key: str
    """Idempotency key, made from those of its items."""
    recipient: str
    title: str
    """One line."""
    body_text: str
    body_html: str
    """A fragment for the body of a page."""
    item_keys: tuple[str, ...]
    """Of every item it tells; to be marked when it was sent."""

    @property
    def size_bytes(self) -> int:
        """What counts towards the cap."""
        return sum(len(text.encode()) for text in (self.title, self.body_text, self.body_html))


def item_key(event: str, recipient: str, item_id: str) -> str:
    """The idempotency key of (event, recipient, item). It does not show the recipient, whose address may be a secret."""
    return hashlib.sha256(canonical_json([str(event), recipient, item_id])).hexdigest()[:32]


def is_address(to: str) -> bool:
    """Whether ``to`` of a protocol holds an address itself, and so perhaps a password, rather than a secret's name."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9 _.-]*", to) is None


def recipient_name(to: str) -> str:
    """What the ledger calls a recipient: a secret's name as it is, of an address its digest."""
    return f"address-{hashlib.sha256(to.encode()).hexdigest()[:12]}" if is_address(to) else to


def outbox_item(
    event: str, recipient: str, item_id: str, payload: Mapping[str, Any], created_at: datetime
) -> OutboxItem:
    """An item with its key."""
    return OutboxItem(
        key=item_key(event, recipient, item_id),
        event=str(event),
        recipient=recipient,
        item_id=item_id,
        payload=dict(payload),
        created_at=created_at,
    )


def plan(items: Sequence[OutboxItem], sent_keys: Iterable[str] = (), cap_bytes: int = CAP_BYTES) -> list[Notice]:
    """Notices that tell everything unsent, one or more for each recipient, event and review.

    Args:
        items: The outbox, in any order; of items with the same key the earliest is told.
        sent_keys: Keys of what was sent already.
        cap_bytes: No notice is larger; :data:`LEAST_CAP_BYTES` or more.

    Raises:
        UsageError: If the cap is too small.
    """
    sent = set(sent_keys)
    unsent = {
        item.key: item
        for item in sorted(items, key=lambda item: (item.created_at, repr(sorted(item.payload.items()))), reverse=True)
        if item.key not in sent
    }

    def group(item: OutboxItem) -> tuple[str, str, str]:
        return item.recipient, item.event, str(item.payload.get("review", ""))

    in_order = sorted(unsent.values(), key=lambda item: (*group(item), item.created_at, item.key))
    notices: list[Notice] = []
    for (recipient, event, review), members in groupby(in_order, group):
        entries = [(item.key, item.item_id, item.payload) for item in members]
        notices += _parts(event, recipient, review, entries, cap_bytes)
    return notices


def digest(
    event: str,
    review_title: str,
    items: Sequence[Mapping[str, Any]],
    *,
    recipient: str,
    cap_bytes: int = CAP_BYTES,
) -> list[Notice]:
    """Notices about ``items``, in their order; each a mapping with ``id`` and what there is to tell.

    Raises:
        UsageError: If the cap is too small.
    """
    told: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for item in items:
        item_id = str(item["id"])
        payload = {key: value for key, value in item.items() if key != "id"}
        told.setdefault(item_key(event, recipient, item_id), (item_id, payload))
    return _parts(event, recipient, review_title, [(key, *rest) for key, rest in told.items()], cap_bytes)


def new_studies_digest(
    review_title: str, records: Sequence[Mapping[str, Any]], *, recipient: str, cap_bytes: int = CAP_BYTES
) -> list[Notice]:
    """What a search found: ``id``, ``title``, ``authors``, ``journal``, ``year``, ``link``, ``why``."""
    return digest(Event.NEW_STUDIES, review_title, records, recipient=recipient, cap_bytes=cap_bytes)


def waiting_digest(
    review_title: str, queues: Sequence[Mapping[str, Any]], *, recipient: str, cap_bytes: int = CAP_BYTES
) -> list[Notice]:
    """What awaits decisions: ``id``, ``reviewer``, ``stage``, ``awaiting``, ``conflicts``, ``link``.

    The id has to hold the date, or the same queue is told once only.
    """
    return digest(Event.WAITING, review_title, queues, recipient=recipient, cap_bytes=cap_bytes)


def new_version(review_title: str, version: Mapping[str, Any], *, recipient: str) -> list[Notice]:
    """A publication: ``id``, ``version``, ``date``, ``changes`` (list of lines), ``link``."""
    return digest(Event.NEW_VERSION, review_title, [version], recipient=recipient)


def failure(review_title: str, failed: Mapping[str, Any], *, recipient: str) -> list[Notice]:
    """A failed run, for operators: ``id`` (of the run), ``step``, ``at``, ``what``, ``where``, ``remedy``."""
    return digest(Event.FAILURE, review_title, [failed], recipient=recipient)


def validation_returned(
    review_title: str, rows: Sequence[Mapping[str, Any]], *, recipient: str, cap_bytes: int = CAP_BYTES
) -> list[Notice]:
    """Rows returned to their charter: ``id``, ``title``, ``row``, ``charter``, ``reasons`` (list), ``link``."""
    return digest(Event.RETURNED_ROWS, review_title, rows, recipient=recipient, cap_bytes=cap_bytes)


def _parts(
    event: str,
    recipient: str,
    review: str,
    items: Sequence[tuple[str, str, Mapping[str, Any]]],
    cap_bytes: int,
) -> list[Notice]:
    """Notices that hold as many items (key, id, payload) each as fit, in their order."""
    if cap_bytes < LEAST_CAP_BYTES:
        raise UsageError(
            f"a cap of {cap_bytes:,} bytes is too small for a notice", "notices", f"allow {LEAST_CAP_BYTES:,} or more"
        )
    empty = sum(len(text.encode()) for text in frame(event, review, 1, 1, (), len(items)))
    budget = cap_bytes - empty - _PARTS_TEXT_BYTES
    parts: list[list[tuple[str, Entry]]] = []
    room = 0
    for key, item_id, payload in items:
        one = entry(event, item_id, payload, budget)
        # One byte more for the line feed between entries of the text.
        if not parts or one.size_bytes + 1 > room:
            parts.append([])
            room = budget + 1
        parts[-1].append((key, one))
        room -= one.size_bytes + 1
    notices = []
    for number, part in enumerate(parts, 1):
        keys = tuple(key for key, _ in part)
        title, text, body = frame(event, review, number, len(parts), [one for _, one in part], len(items))
        notices.append(
            Notice(
                event=str(event),
                key=hashlib.sha256(canonical_json([str(event), recipient, *keys])).hexdigest()[:32],
                recipient=recipient,
                title=title,
                body_text=text,
                body_html=body,
                item_keys=keys,
            )
        )
    return notices
