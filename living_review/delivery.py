"""Sending notices through Apprise, one by one, and saying of each whether it was sent.

Promises: a notice that was not sent is a visible failure and is tried again with the next plan; what was sent is
marked before the next one is sent; an address and the secrets in it are in no error and no log.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

import apprise
from pydantic import SecretStr

from living_review.notices import Notice
from living_review.plain_text import one_line, shortened

TIMEOUT_S = 20.0
"""For connecting, and for each answer of the service."""
_ERROR_CHARACTERS = 300
_CHATTY = ("urllib3.connectionpool", "requests_oauthlib", "oauthlib")
"""Loggers that write addresses while Apprise sends."""
_one_at_a_time = threading.Lock()
"""Apprise tells the reason of a failure to its log only, so one sending must be told from another."""


class Outcome(StrEnum):
    """What became of a notice."""

    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to send a notice."""

    outcome: Outcome
    error: str = ""
    """One line without a secret; empty when it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """What became of a plan."""

    notices_sent: int
    notices_failed: int
    items_sent: int
    items_failed: int
    errors: tuple[str, ...]
    """Each reason once, in order."""


def send(notice: Notice, url: SecretStr, timeout_s: float = TIMEOUT_S) -> Delivery:
    """Sends one notice to the Apprise address ``url``; a failure is a :class:`Delivery`, never an exception.

    A mail has a text and an HTML part. A service with a limit of its own gets several messages if need be. An address
    with several mail recipients has failed when one of them failed, and is tried again for all.

    Args:
        notice: What to send.
        url: An Apprise address, for example ``mailtos://user:password@example.org?to=team@example.org``.
        timeout_s: Seconds for connecting, and for each answer.
    """
    address = url.get_secret_value()
    scheme = re.sub(r"[^a-z0-9]", "", address.partition("://")[0].lower())[:20] if "://" in address else "unknown"
    with _one_at_a_time, _overheard() as lines:
        asset = apprise.AppriseAsset(app_id="Living Review", app_desc="Living Review", async_mode=False)
        with warnings.catch_warnings():
            # Apprise loads its plugins now, and one of them a module that Python 3.13 no longer has.
            warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
            channel = apprise.Apprise.instantiate(address, asset=asset)
        dropped = [line for line in lines if line.startswith("Dropped")]
        if channel is None or dropped or not _mail_recipients_are_whole(address):
            return Delivery(Outcome.FAILED, f"the {scheme} address is not one that can be sent to")
        channel.socket_connect_timeout = channel.socket_read_timeout = timeout_s
        as_html = channel.notify_format == apprise.NotifyFormat.HTML
        body = notice.body_html if as_html else notice.body_text
        # 32,768, the base class's number, means that Apprise knows of no limit (mail, JSON).
        if len(body) > channel.body_maxlen < apprise.NotifyBase.body_maxlen:
            channel.overflow_mode = apprise.OverflowMode.SPLIT
            as_html, body = False, notice.body_text
        service = apprise.Apprise(asset=asset)
        service.add(channel)
        lines.clear()
        sent = service.notify(
            body=body,
            title=notice.title,
            body_format=apprise.NotifyFormat.HTML if as_html else apprise.NotifyFormat.TEXT,
        )
    if sent:
        return Delivery(Outcome.SENT)
    reason = "; ".join(dict.fromkeys(lines)) or "the service did not accept it"
    return Delivery(
        Outcome.FAILED,
        shortened(f"not sent by {scheme}: {one_line(_without_secrets(reason, address))}", _ERROR_CHARACTERS),
    )


def dispatch(
    notices: Iterable[Notice],
    channels: Mapping[str, SecretStr],
    mark: Callable[[tuple[str, ...], Delivery], None],
    sender: Callable[[Notice, SecretStr], Delivery] = send,
) -> Dispatched:
    """Sends notices one by one and goes on after a failure.

    Args:
        notices: What :func:`living_review.notices.plan` made.
        channels: Recipient -> Apprise address; a recipient without one is a failed delivery.
        mark: Told the item keys and the delivery after each attempt; must have stored them when it returns. Whatever
            it raises ends the dispatch at once: going on would send what nobody remembers, again and again.
        sender: How one notice is sent.
    """
    counts = {outcome: [0, 0] for outcome in Outcome}
    errors: dict[str, None] = {}
    for notice in notices:
        channel = channels.get(notice.recipient)
        delivery = (
            sender(notice, channel)
            if channel is not None
            else Delivery(Outcome.FAILED, f"no address is set for the recipient {_shown(notice.recipient)}")
        )
        mark(notice.item_keys, delivery)
        counts[delivery.outcome][0] += 1
        counts[delivery.outcome][1] += len(notice.item_keys)
        if delivery.error:
            errors[delivery.error] = None
    return Dispatched(
        notices_sent=counts[Outcome.SENT][0],
        notices_failed=counts[Outcome.FAILED][0],
        items_sent=counts[Outcome.SENT][1],
        items_failed=counts[Outcome.FAILED][1],
        errors=tuple(errors),
    )


class _Collector(logging.Handler):
    """Keeps what explains a failure: warnings, and the reason a mail connection gave (said at debug level only)."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            self._lines.append(message)
        elif message.startswith("Socket Exception: ") and "http" not in message.lower():
            self._lines.append(message.removeprefix("Socket Exception: "))


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Collects what Apprise says while the block runs, and keeps it and the libraries below from the logs."""
    lines: list[str] = []
    here = threading.get_ident()

    def elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != here

    logger, collector = logging.getLogger("apprise"), _Collector(lines)
    before = logger.level, logger.propagate, list(logger.handlers)
    chatty = [logging.getLogger(name) for name in _CHATTY]
    try:
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.handlers[:] = [collector]
        for other in chatty:
            other.addFilter(elsewhere)
        yield lines
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]
        logger.handlers[:] = before[2]
        for other in chatty:
            other.removeFilter(elsewhere)


def _mail_recipients_are_whole(address: str) -> bool:
    """Whether every recipient of a mail address has an @; Apprise passes over those that have none, unseen."""
    scheme, _, rest = address.partition("://")
    if not scheme.lower().startswith("mailto"):
        return True
    fields = parse_qs(rest.partition("?")[2])
    named = [one for field in ("to", "cc", "bcc") for text in fields.get(field, ()) for one in text.split(",")]
    return all("@" in one for one in named if one.strip())


def _without_secrets(text: str, address: str) -> str:
    """``text`` without any part of the address; of a mail address the server's name may stay."""
    scheme, _, rest = address.partition("://")
    parts = {part for piece in re.split(r"[/:@?&=;,#]+", rest) for part in (piece, unquote(piece)) if len(part) > 2}
    if scheme.lower().startswith("mailto"):
        with suppress(ValueError):
            parts.discard(urlsplit(address).hostname or "")
    password = re.match(r"[^/@]*?:([^/]*)@", rest)
    if password and password[1]:
        parts |= {password[1], unquote(password[1])}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "***")
    return text


def _shown(recipient: str) -> str:
    """A recipient's name; of an address only its scheme, for the rest may be a secret."""
    name, found, _ = recipient.partition("://")
    return f"{name}://***" if found else one_line(recipient)
