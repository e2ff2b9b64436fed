"""Searches and what they brought: raw responses, results and how a result differs from the one before."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from living_review.ledger import tables as t
from living_review.ledger.database import Transaction

_IDS_TYPE = "text/plain; ids"


@dataclass(frozen=True, kw_only=True)
class SearchRun:
    """One run of one source's strategy, as it is kept."""

    source: str
    kind: str
    """``pubmed``, ``files`` or ``watch``."""
    platform: str
    query: str
    translation: str
    promised: int
    delivered: int
    state: str
    """``complete``, ``complete_with_warnings`` or ``failed``."""
    started_at: datetime
    finished_at: datetime
    warnings: Sequence[dict[str, str]] = ()
    counts: dict[str, int] = field(default_factory=dict)
    ids: Sequence[str] | None = None
    run: int = 0
    """From :meth:`Searches.next_run`: which of the answers kept are its own."""
    changes: Sequence[tuple[str, str]] = ()
    """(source id, change) for every id whose place in the result changed."""


class Searches:
    """The searches of one review."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def keep_response(self, body: bytes, media_type: str) -> str:
        """Keep ``body`` compressed under its SHA-256, once; returns the digest."""
        digest = hashlib.sha256(body).hexdigest()
        known = sa.select(sa.literal(1)).where(t.raw_response.c.sha256 == digest)
        if self._tx.connection.execute(known).first() is None:
            row = {"sha256": digest, "body": zlib.compress(body, 6), "bytes": len(body), "media_type": media_type}
            # Reviews of one database share these rows and not their locks: another may keep the same just now.
            on = postgresql if self._tx.connection.dialect.name == "postgresql" else sqlite
            self._tx.connection.execute(
                on.insert(t.raw_response).values(**row, at=self._tx.at).on_conflict_do_nothing()
            )
        return digest

    def response(self, digest: str) -> bytes:
        """The bytes a source sent.

        Raises:
            KeyError: If nothing is kept under ``digest``.
        """
        statement = sa.select(t.raw_response.c.body).where(t.raw_response.c.sha256 == digest)
        found = self._tx.connection.execute(statement).scalar()
        if found is None:
            raise KeyError(digest)
        return zlib.decompress(found)

    def next_run(self, source: str, kind: str) -> int:
        """The number of the run that has not ended yet: how many of this source and kind have."""
        statement = sa.select(sa.func.count()).where(
            t.search.c.review == self._tx.review, t.search.c.source == source, t.search.c.kind == kind
        )
        return int(self._tx.connection.execute(statement).scalar_one())

    def keep_answer(self, source: str, kind: str, run: int, request: str, body: bytes, media_type: str) -> str:
        """Keep what ``source`` answered to ``request`` as part of a run, whether or not that ends; returns the digest."""
        digest = self.keep_response(body, media_type)
        row = {"source": source, "kind": kind, "run": run, "request": request, "sha256": digest}
        self._tx.insert(t.search_answer, [row])
        return digest

    def answers(self, source: str, kind: str, run: int) -> list[dict[str, Any]]:
        """The answers of a run, in the order they came: ``request``, ``sha256`` and ``at``."""
        answer = t.search_answer
        mine = (
            answer.c.review == self._tx.review,
            answer.c.source == source,
            answer.c.kind == kind,
            answer.c.run == run,
        )
        return self._tx.rows(sa.select(answer).where(*mine).order_by(answer.c.id))

    def add(self, run: SearchRun, *, protocol_digest: str, tool_version: str) -> int:
        """Keep one run and all that belongs to it; returns its id."""
        ids_digest = None
        if run.ids is not None:
            ids_digest = self.keep_response("\n".join(run.ids).encode(), _IDS_TYPE)
        search_id = self._tx.insert_one(
            t.search,
            source=run.source,
            kind=run.kind,
            run=run.run,
            platform=run.platform,
            query=run.query,
            query_sha256=hashlib.sha256(run.query.encode()).hexdigest(),
            translation=run.translation,
            promised=run.promised,
            delivered=run.delivered,
            state=run.state,
            warnings=list(run.warnings),
            counts=run.counts,
            ids_sha256=ids_digest,
            protocol_digest=protocol_digest,
            tool_version=tool_version,
            started_at=run.started_at,
            finished_at=run.finished_at,
        )
        self._tx.insert(
            t.search_change,
            [
                {"search_id": search_id, "source": run.source, "source_id": source_id, "change": change}
                for source_id, change in run.changes
            ],
        )
        return search_id

    def imported(self) -> dict[tuple[str, str], int]:
        """(source, SHA-256 of the file) -> records, for every file ever imported."""
        answer = t.search_answer
        of_run = sa.and_(*(answer.c[one] == t.search.c[one] for one in ("review", "source", "kind", "run")))
        statement = (
            sa.select(t.search.c.source, answer.c.sha256, t.search.c.delivered)
            .join(answer, of_run)
            .where(t.search.c.review == self._tx.review, t.search.c.kind == "files")
        )
        return {(row[0], row[1]): row[2] for row in self._tx.connection.execute(statement)}

    def runs(self, kinds: Iterable[str] = ("pubmed", "files")) -> list[dict[str, Any]]:
        """Every run, earliest first."""
        statement = (
            sa.select(t.search)
            .where(t.search.c.review == self._tx.review, t.search.c.kind.in_(list(kinds)))
            .order_by(t.search.c.id)
        )
        return self._tx.rows(statement)

    def good(self, source: str, kind: str) -> list[dict[str, Any]]:
        """The runs of ``source`` that did not fail, earliest first."""
        return [row for row in self.runs((kind,)) if row["source"] == source and row["state"] != "failed"]

    def last_good(self, source: str, kind: str) -> dict[str, Any] | None:
        """The latest run of ``source`` that did not fail."""
        rows = self.good(source, kind)
        return rows[-1] if rows else None

    def ids_in_order(self, run: dict[str, Any]) -> list[str]:
        """The ids that a run's result held, as it had them."""
        if run["ids_sha256"] is None:
            return []
        return [one for one in self.response(run["ids_sha256"]).decode().split("\n") if one]

    def ids_of(self, run: dict[str, Any]) -> set[str]:
        """The ids that a run's result held."""
        return set(self.ids_in_order(run))

    def gone(self, source: str) -> set[str]:
        """Ids that the source promised once and had no record for."""
        statement = sa.select(t.search_change.c.source_id).where(
            t.search_change.c.review == self._tx.review,
            t.search_change.c.source == source,
            t.search_change.c.change == "gone",
        )
        return set(self._tx.connection.execute(statement).scalars())
