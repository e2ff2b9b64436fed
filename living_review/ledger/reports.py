"""Reports: which records are one document, by which links, and which reports are one study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from living_review.ledger import tables as t
from living_review.ledger.database import Transaction
from living_review.ledger.records import in_parts

OFFERED = ("possible", "version")
"""Kinds of what the engine says of two records that are not one report."""


def report_label(report_id: int) -> str:
    """How people see a report: ``R000012``; in label order the reports are in the order they came."""
    return f"R{report_id:06d}"


def report_number(label: str) -> int:
    """The report id behind a label.

    Raises:
        ValueError: If ``label`` is none.
    """
    return int(label.strip().upper().removeprefix("R"))


class Reports:
    """The reports and studies of one review."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def of_records(self) -> dict[int, int]:
        """Record id -> report id, for every record that has its place."""
        newest = (
            sa.select(sa.func.max(t.membership.c.id))
            .where(t.membership.c.review == self._tx.review)
            .group_by(t.membership.c.record_id)
        )
        statement = sa.select(t.membership.c.record_id, t.membership.c.report_id).where(t.membership.c.id.in_(newest))
        return {row[0]: row[1] for row in self._tx.connection.execute(statement.order_by(t.membership.c.record_id))}

    def of_some(self, record_ids: Iterable[int]) -> dict[int, int]:
        """Record id -> report id, for those of ``record_ids`` that have their place."""
        found: dict[int, int] = {}
        for part in in_parts(sorted(record_ids)):
            newest = (
                sa.select(sa.func.max(t.membership.c.id))
                .where(t.membership.c.review == self._tx.review, t.membership.c.record_id.in_(part))
                .group_by(t.membership.c.record_id)
            )
            statement = sa.select(t.membership.c.record_id, t.membership.c.report_id)
            rows = self._tx.connection.execute(statement.where(t.membership.c.id.in_(newest)))
            found.update((row[0], row[1]) for row in rows)
        return found

    def members(self, report_ids: Iterable[int]) -> set[int]:
        """Every record that is or once was of one of these reports."""
        found: set[int] = set()
        for part in in_parts(sorted(report_ids)):
            statement = sa.select(t.membership.c.record_id).where(
                t.membership.c.review == self._tx.review, t.membership.c.report_id.in_(part)
            )
            found.update(self._tx.connection.execute(statement).scalars())
        return found

    def unplaced(self) -> list[int]:
        """The records that have no place yet, earliest first."""
        place = sa.select(t.membership.c.id).where(
            t.membership.c.review == self._tx.review, t.membership.c.record_id == t.record.c.id
        )
        statement = sa.select(t.record.c.id).where(t.record.c.review == self._tx.review, ~place.exists())
        return list(self._tx.connection.execute(statement.order_by(t.record.c.id)).scalars())

    def place(self, places: dict[int, int]) -> None:
        """From now on each record belongs to its report."""
        self._tx.insert(
            t.membership, [{"record_id": one, "report_id": report} for one, report in sorted(places.items())]
        )

    def has_key(self, key: int) -> bool:
        """Whether any record can be found by ``key``."""
        statement = sa.select(t.match_key.c.record_id).where(
            t.match_key.c.review == self._tx.review, t.match_key.c.value == key
        )
        return self._tx.connection.execute(statement.limit(1)).first() is not None

    def add_keys(self, keys: Iterable[tuple[int, int]]) -> None:
        """Keep (record id, key) for later look-ups."""
        self._tx.insert(t.match_key, [{"record_id": one, "value": key} for one, key in sorted(keys)])

    def sharing(self, keys: Iterable[int]) -> list[tuple[int, int]]:
        """(record id, key) of every record that is found under one of ``keys``."""
        found: list[tuple[int, int]] = []
        for part in in_parts(sorted(keys)):
            statement = sa.select(t.match_key.c.record_id, t.match_key.c.value).where(
                t.match_key.c.review == self._tx.review, t.match_key.c.value.in_(part)
            )
            found.extend((row[0], row[1]) for row in self._tx.connection.execute(statement))
        return found

    def add_links(self, links: Sequence[dict[str, Any]]) -> None:
        """Keep what was said of two records: ``record_a``, ``record_b``, ``kind``, ``rule``, ``evidence``, ``by``."""
        self._tx.insert(t.link, list(links))

    def links_of(self, record_ids: Iterable[int]) -> list[dict[str, Any]]:
        """Every link and unlink that one of ``record_ids`` is part of; one of two of them comes twice."""
        found: list[dict[str, Any]] = []
        for part in in_parts(sorted(record_ids)):
            for end in (t.link.c.record_a, t.link.c.record_b):
                found += self._tx.rows(sa.select(t.link).where(t.link.c.review == self._tx.review, end.in_(part)))
        return found

    def uncertain(self) -> list[dict[str, Any]]:
        """What the engine said without being certain: pairs it offers (:data:`OFFERED`), and links that are only likely."""
        certainty = t.link.c.evidence["certainty"].as_string()
        statement = sa.select(t.link).where(
            t.link.c.review == self._tx.review,
            sa.or_(t.link.c.kind.in_(OFFERED), sa.and_(t.link.c.kind == "link", certainty == "likely")),
        )
        return self._tx.rows(statement.order_by(t.link.c.id))

    def studies(self) -> list[dict[str, Any]]:
        """Every study: ``id``, ``label``, ``record_id`` and ``at``."""
        statement = sa.select(t.study).where(t.study.c.review == self._tx.review).order_by(t.study.c.id)
        return self._tx.rows(statement)

    def study_of_records(self) -> dict[int, int]:
        """Record id -> study id, as last decided."""
        statement = sa.select(t.study_report.c.record_id, t.study_report.c.study_id).where(
            t.study_report.c.review == self._tx.review
        )
        return {row[0]: row[1] for row in self._tx.connection.execute(statement.order_by(t.study_report.c.id))}

    def add_study(self, number: int, record_id: int, by: str) -> tuple[str, int]:
        """Make study ``number`` of an included report; returns its label and id."""
        label = f"S{number:04d}"
        study_id = self._tx.insert_one(t.study, label=label, record_id=record_id)
        self.assign(study_id, [record_id], by)
        return label, study_id

    def assign(self, study_id: int, record_ids: Iterable[int], by: str) -> None:
        """From now on these reports are of that study."""
        self._tx.insert(
            t.study_report, [{"study_id": study_id, "record_id": one, "by": by} for one in sorted(record_ids)]
        )
