"""Runs of steps, versions of the protocol, and what is to be told to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from living_review import __version__
from living_review.ledger import tables as t
from living_review.ledger.database import Transaction
from living_review.notices import recipient_name
from living_review.protocol import Protocol


class Runs:
    """What was done in one review, and under which protocol."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def note_protocol(self, protocol: Protocol) -> None:
        """Keep the protocol, without addresses of notices, if it says something else than when last noted."""
        versions = self.protocols()
        if versions and versions[-1]["digest"] == protocol.digest:
            return
        self._tx.insert(
            t.protocol_version,
            [
                {
                    "digest": protocol.digest,
                    "criteria_version": protocol.criteria_version,
                    "form_version": protocol.charting.form_version,
                    "body": _without_addresses(protocol),
                }
            ],
        )

    def protocols(self) -> list[dict[str, Any]]:
        """Every version of the protocol, earliest first."""
        table = t.protocol_version
        return self._tx.rows(sa.select(table).where(table.c.review == self._tx.review).order_by(table.c.id))

    def note(self, step: str, outcome: str, account: dict[str, Any], protocol: Protocol, started_at: datetime) -> None:
        """Keep one run of one step with its account."""
        self.note_protocol(protocol)
        self._tx.insert(
            t.step_run,
            [
                {
                    "step": step,
                    "outcome": outcome,
                    "account": account,
                    "protocol_digest": protocol.digest,
                    "tool_version": __version__,
                    "started_at": started_at,
                    "finished_at": self._tx.at,
                }
            ],
        )

    def of(self, step: str) -> list[dict[str, Any]]:
        """Every kept run of ``step``, earliest first."""
        table = t.step_run
        return self._tx.rows(
            sa.select(table).where(table.c.review == self._tx.review, table.c.step == step).order_by(table.c.id)
        )


class Outbox:
    """What is to be told, and what has been."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, items: Sequence[dict[str, Any]]) -> int:
        """Keep items (``key``, ``event``, ``recipient``, ``item_id``, ``payload``) not yet there; returns how many."""
        known = self.keys()
        fresh = {item["key"]: item for item in items if item["key"] not in known}
        self._tx.insert(t.outbox, list(fresh.values()))
        return len(fresh)

    def keys(self) -> set[str]:
        """The keys of all items ever put."""
        statement = sa.select(t.outbox.c.key).where(t.outbox.c.review == self._tx.review)
        return set(self._tx.connection.execute(statement).scalars())

    def told(self) -> set[tuple[str, str]]:
        """(event, item id) of everything that was ever put, for whomever."""
        columns = sa.select(t.outbox.c.event, t.outbox.c.item_id).where(t.outbox.c.review == self._tx.review)
        return {(row[0], row[1]) for row in self._tx.connection.execute(columns.distinct())}

    def unsent(self) -> list[dict[str, Any]]:
        """Items that were neither sent nor withdrawn, earliest first."""
        done = sa.select(t.delivery.c.key).where(
            t.delivery.c.review == self._tx.review, t.delivery.c.outcome.in_(("sent", "withdrawn"))
        )
        statement = sa.select(t.outbox).where(t.outbox.c.review == self._tx.review, t.outbox.c.key.not_in(done))
        return self._tx.rows(statement.order_by(t.outbox.c.id))

    def mark(self, keys: Iterable[str], outcome: str, error: str) -> None:
        """Note an attempt to deliver the items, or that they are ``withdrawn`` and will not be delivered."""
        self._tx.insert(t.delivery, [{"key": key, "outcome": outcome, "error": error} for key in sorted(keys)])

    def failures(self) -> dict[str, str]:
        """Key -> last error, for items whose latest delivery failed."""
        statement = sa.select(t.delivery).where(t.delivery.c.review == self._tx.review).order_by(t.delivery.c.id)
        last = {row["key"]: row for row in self._tx.rows(statement)}
        return {key: row["error"] for key, row in last.items() if row["outcome"] == "failed"}


def _without_addresses(protocol: Protocol) -> dict[str, Any]:
    """The protocol as plain values; an address may hold a password, so only what the ledger calls it is kept."""
    body = protocol.model_dump(mode="json")
    for entry in body["notify"]:
        entry["to"] = [recipient_name(to) for to in entry["to"]]
    return body
