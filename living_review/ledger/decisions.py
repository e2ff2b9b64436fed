"""Screening, charting and publication as they are remembered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from living_review.ledger import tables as t
from living_review.ledger.database import Transaction
from living_review.ledger.records import in_parts
from living_review.protocol import Stage


class Decisions:
    """What people decided in one review."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def _all(self, table: sa.Table) -> list[dict[str, Any]]:
        return self._tx.rows(sa.select(table).where(table.c.review == self._tx.review).order_by(table.c.id))

    def _of(self, columns: sa.Select[Any], table: sa.Table, record_ids: Iterable[int] | None) -> list[dict[str, Any]]:
        mine = columns.where(table.c.review == self._tx.review).order_by(table.c.id)
        if record_ids is None:
            return self._tx.rows(mine)
        parts = in_parts(sorted(record_ids))
        found = [row for part in parts for row in self._tx.rows(mine.where(table.c.record_id.in_(part)))]
        return sorted(found, key=lambda row: int(row["id"]))

    def queue(self, entries: Sequence[tuple[int, str, int]]) -> None:
        """Let (record id of a report, stage, reviewers required) wait."""
        self._tx.insert(
            t.queue_entry, [{"record_id": one, "stage": stage, "required": number} for one, stage, number in entries]
        )

    def queued(self, record_ids: Iterable[int] | None = None) -> list[dict[str, Any]]:
        """Every entry of every queue, or of these records': ``record_id``, ``stage``, ``required``; earliest first."""
        entry = t.queue_entry.c
        columns = sa.select(entry.id, entry.record_id, entry.stage, entry.required)
        return self._of(columns, t.queue_entry, record_ids)

    def decide(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep decisions: ``record_id``, ``stage``, ``reviewer``, ``choice``, ``reason``, ``note``, ``criteria_version``, ``consensus``."""
        self._tx.insert(t.decision, list(rows))

    def decisions(self, record_ids: Iterable[int] | None = None) -> list[dict[str, Any]]:
        """Every decision ever given, or those on these records, earliest first."""
        return self._of(sa.select(t.decision), t.decision, record_ids)

    def stages(self) -> dict[str, int]:
        """Stage -> how many decisions were given there."""
        stage = t.decision.c.stage
        statement = sa.select(stage, sa.func.count()).where(t.decision.c.review == self._tx.review).group_by(stage)
        return {row[0]: row[1] for row in self._tx.connection.execute(statement)}

    def decided_at(self, stage: str) -> list[int]:
        """The records on which somebody decided at ``stage``."""
        statement = sa.select(t.decision.c.record_id).where(
            t.decision.c.review == self._tx.review, t.decision.c.stage == stage
        )
        return list(self._tx.connection.execute(statement.distinct()).scalars())

    def touch(self, record_ids: Iterable[int]) -> bool:
        """Whether people ever decided on any of these records or made a study of one."""
        for part in in_parts(record_ids):
            decided = sa.select(t.decision.c.id).where(
                t.decision.c.review == self._tx.review,
                t.decision.c.stage.in_([str(one) for one in Stage]),
                t.decision.c.record_id.in_(part),
            )
            of_study = sa.select(t.study_report.c.id).where(
                t.study_report.c.review == self._tx.review, t.study_report.c.record_id.in_(part)
            )
            for statement in (decided, of_study):
                if self._tx.connection.execute(statement.limit(1)).first() is not None:
                    return True
        return False

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
