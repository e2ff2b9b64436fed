"""Screening, charting and publication as they are remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from living_review.ledger import tables as t
from living_review.ledger.database import Transaction


class Decisions:
    """What people decided in one review."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def _all(self, table: sa.Table) -> list[dict[str, Any]]:
        return self._tx.rows(sa.select(table).where(table.c.review == self._tx.review).order_by(table.c.id))

    def queue(self, entries: Sequence[tuple[int, str, int]]) -> None:
        """Let (record id of a report, stage, reviewers required) wait."""
        self._tx.insert(
            t.queue_entry, [{"record_id": one, "stage": stage, "required": number} for one, stage, number in entries]
        )

    def queued(self) -> list[dict[str, Any]]:
        """Every entry of every queue, earliest first."""
        return self._all(t.queue_entry)

    def decide(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep decisions: ``record_id``, ``stage``, ``reviewer``, ``choice``, ``reason``, ``note``, ``criteria_version``, ``consensus``."""
        self._tx.insert(t.decision, list(rows))

    def decisions(self) -> list[dict[str, Any]]:
        """Every decision ever given, earliest first."""
        return self._all(t.decision)

    def note_retrieval(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep whether full texts were retrieved: ``record_id``, ``state``, ``by``, ``note``."""
        self._tx.insert(t.retrieval, list(rows))

    def retrieval_rows(self) -> list[dict[str, Any]]:
        """Every note on whether a full text could be had, earliest first."""
        return self._all(t.retrieval)

    def chart(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep charted rows, accepted or returned."""
        self._tx.insert(t.charting, list(rows))

    def charted(self) -> list[dict[str, Any]]:
        """Every charted row, earliest first."""
        return self._all(t.charting)

    def publish(self, **row: Any) -> None:
        """Note a version that readers now see."""
        self._tx.insert(t.publication, [row])

    def publications(self) -> list[dict[str, Any]]:
        """Every version, earliest first."""
        return self._all(t.publication)
