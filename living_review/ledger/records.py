"""Records, their versions, their quarantine, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from living_review.ledger import tables as t
from living_review.ledger.database import Transaction
from living_review.records import Record, hash_of

_AT_ONCE = 500
"""Parameters of one statement; SQLite's oldest builds allow 999."""


def in_parts(items: Iterable[Any], at_once: int = _AT_ONCE) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``at_once``, which if not said otherwise are short enough for one statement."""
    rest = list(items)
    for start in range(0, len(rest), at_once):
        yield rest[start : start + at_once]


class Records:
    """The records of one review."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def known_ids(self, source: str) -> dict[str, int]:
        """Source id -> record id, for every record of ``source`` ever seen."""
        statement = sa.select(t.record.c.source_id, t.record.c.id).where(
            t.record.c.review == self._tx.review, t.record.c.source == source
        )
        return {row[0]: row[1] for row in self._tx.connection.execute(statement)}

    def ids_for(self, source: str, source_ids: Iterable[str]) -> dict[str, int]:
        """Source id -> record id, for those of ``source_ids`` that are known."""
        found: dict[str, int] = {}
        for part in in_parts(source_ids):
            statement = sa.select(t.record.c.source_id, t.record.c.id).where(
                t.record.c.review == self._tx.review, t.record.c.source == source, t.record.c.source_id.in_(part)
            )
            found.update((row[0], row[1]) for row in self._tx.connection.execute(statement))
        return found

    def add(self, found: Sequence[Record], search_id: int) -> dict[str, int]:
        """Keep records of one source that were not seen before; source id -> record id."""
        if not found:
            return {}
        rows = [{"source": one.source, "source_id": one.source_id, "search_id": search_id} for one in found]
        self._tx.insert(t.record, rows)
        ids = self.ids_for(found[0].source, [one.source_id for one in found])
        self.add_versions([(ids[one.source_id], one) for one in found], search_id)
        return ids

    def add_versions(self, found: Sequence[tuple[int, Record]], search_id: int) -> None:
        """Keep what a source now says of records it gave before."""
        bodies = [(record_id, one.to_dict()) for record_id, one in found]
        self._tx.insert(
            t.record_version,
            [
                {"record_id": record_id, "search_id": search_id, "content_sha256": hash_of(body), "body": body}
                for record_id, body in bodies
            ],
        )

    def latest(self, record_ids: Iterable[int] | None = None) -> dict[int, Record]:
        """Record id -> the record as its source last gave it."""
        newest = sa.select(sa.func.max(t.record_version.c.id)).where(t.record_version.c.review == self._tx.review)
        columns = sa.select(t.record_version.c.record_id, t.record_version.c.body)
        if record_ids is None:
            newest = newest.group_by(t.record_version.c.record_id)
            rows = self._tx.connection.execute(
                columns.where(t.record_version.c.id.in_(newest)).order_by(t.record_version.c.record_id)
            )
            return {row[0]: Record.from_dict(row[1]) for row in rows}
        found: dict[int, Record] = {}
        for part in in_parts(sorted(record_ids)):
            some = newest.where(t.record_version.c.record_id.in_(part)).group_by(t.record_version.c.record_id)
            for row in self._tx.connection.execute(columns.where(t.record_version.c.id.in_(some))):
                found[row[0]] = Record.from_dict(row[1])
        return dict(sorted(found.items()))

    def as_of(self, record_ids: Iterable[int], search_id: int) -> dict[int, Record]:
        """Record id -> the record as its source had last given it when the run ``search_id`` had ended."""
        found: dict[int, Record] = {}
        version = t.record_version
        for part in in_parts(sorted(record_ids)):
            newest = (
                sa.select(sa.func.max(version.c.id))
                .where(version.c.review == self._tx.review, version.c.search_id <= search_id)
                .where(version.c.record_id.in_(part))
                .group_by(version.c.record_id)
            )
            rows = self._tx.connection.execute(
                sa.select(version.c.record_id, version.c.body).where(version.c.id.in_(newest))
            )
            found.update((row[0], Record.from_dict(row[1])) for row in rows)
        return found

    def source_ids(self, record_ids: Iterable[int], source: str) -> set[str]:
        """Source ids of those of ``record_ids`` that came from ``source``."""
        mine = sa.select(t.record.c.source_id).where(t.record.c.review == self._tx.review, t.record.c.source == source)
        parts = in_parts(sorted(record_ids))
        return {
            one for part in parts for one in self._tx.connection.execute(mine.where(t.record.c.id.in_(part))).scalars()
        }

    def origins(self) -> list[dict[str, Any]]:
        """Every record: ``id``, ``source``, ``source_id``, ``search_id`` (the run that first brought it), ``at``."""
        statement = sa.select(
            t.record.c.id, t.record.c.source, t.record.c.source_id, t.record.c.search_id, t.record.c.at
        ).where(t.record.c.review == self._tx.review)
        return self._tx.rows(statement.order_by(t.record.c.id))

    def unchecked(self) -> list[int]:
        """Records that no check has seen as they are now: new ones, and held ones of which a later version came."""
        seen = sa.select(t.quarantine.c.record_id).where(t.quarantine.c.review == self._tx.review)
        placed = sa.select(t.membership.c.record_id).where(t.membership.c.review == self._tx.review)
        statement = sa.select(t.record.c.id).where(
            t.record.c.review == self._tx.review, t.record.c.id.not_in(seen), t.record.c.id.not_in(placed)
        )
        return sorted({*self._tx.connection.execute(statement).scalars(), *self._held_and_changed()})

    def _held_and_changed(self) -> list[int]:
        changed: list[int] = []
        for part in in_parts(self.held()):
            held = (
                sa.select(t.quarantine.c.record_id, sa.func.max(t.quarantine.c.at).label("since"))
                .where(t.quarantine.c.review == self._tx.review, t.quarantine.c.record_id.in_(part))
                .group_by(t.quarantine.c.record_id)
                .subquery()
            )
            statement = (
                sa.select(t.record_version.c.record_id)
                .join(held, held.c.record_id == t.record_version.c.record_id)
                .where(t.record_version.c.review == self._tx.review, t.record_version.c.at > held.c.since)
            )
            changed += self._tx.connection.execute(statement).scalars()
        return changed

    def digests(self, record_ids: Iterable[int]) -> dict[int, str]:
        """Record id -> SHA-256 of what its source last said."""
        found: dict[int, str] = {}
        for part in in_parts(sorted(record_ids)):
            statement = sa.select(t.record_version.c.record_id, t.record_version.c.content_sha256).where(
                t.record_version.c.review == self._tx.review, t.record_version.c.record_id.in_(part)
            )
            found.update(
                (row[0], row[1]) for row in self._tx.connection.execute(statement.order_by(t.record_version.c.id))
            )
        return found

    def hold(self, reasons: dict[int, list[str]]) -> None:
        """Set records aside, each with its reasons."""
        self._tx.insert(
            t.quarantine,
            [
                {"record_id": record_id, "state": "held", "reasons": why, "by": "expectations"}
                for record_id, why in sorted(reasons.items())
            ],
        )

    def release(self, record_ids: Iterable[int], by: str, reason: str) -> None:
        """Let records that were held go on."""
        self._tx.insert(
            t.quarantine,
            [{"record_id": one, "state": "released", "reasons": [reason], "by": by} for one in sorted(record_ids)],
        )

    def held(self) -> dict[int, list[str]]:
        """Record id -> reasons, for the records that are set aside now."""
        statement = sa.select(t.quarantine).where(t.quarantine.c.review == self._tx.review).order_by(t.quarantine.c.id)
        state = {row["record_id"]: row for row in self._tx.rows(statement)}
        return {one: list(row["reasons"]) for one, row in sorted(state.items()) if row["state"] == "held"}

    def add_events(self, events: Sequence[tuple[int, str, dict[str, Any]]], search_id: int) -> None:
        """Note (record id, kind, detail) for people."""
        self._tx.insert(
            t.record_event,
            [
                {"record_id": one, "kind": kind, "detail": detail, "search_id": search_id}
                for one, kind, detail in events
            ],
        )

    def events(self) -> list[dict[str, Any]]:
        """Every event, earliest first."""
        statement = sa.select(t.record_event).where(t.record_event.c.review == self._tx.review)
        return self._tx.rows(statement.order_by(t.record_event.c.id))
