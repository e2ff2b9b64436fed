"""The tables. Every row belongs to one review, so that one database holds many; every row is written once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which knows no time zones, gets it back as well."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment whose zone is unknown.

        Raises:
            ValueError: If ``value`` has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The stored moment, in UTC."""
        if value is None:
            return None
        moment: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True)


def _review() -> sa.Column[str]:
    return sa.Column("review", sa.String(63), nullable=False)


def _at(name: str = "at") -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=False)


def _to(table: str, name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.ForeignKey(f"{table}.id"), nullable=nullable)


protocol_version = sa.Table(
    "protocol_version",
    metadata,
    _id(),
    _review(),
    _text("digest"),
    _text("criteria_version"),
    _text("form_version"),
    _json("body"),
    _at(),
    sa.Index("ix_protocol_version_review", "review", "id"),
)
"""What the protocol said from a moment on; a row whenever it says something else than before."""

step_run = sa.Table(
    "step_run",
    metadata,
    _id(),
    _review(),
    _text("step"),
    _text("outcome"),
    _json("account"),
    _text("protocol_digest"),
    _text("tool_version"),
    _at("started_at"),
    _at("finished_at"),
    sa.Index("ix_step_run_review_step", "review", "step", "id"),
)
"""One run of one step that changed or tried to change something: ``done`` or ``failed``, with its account."""

raw_response = sa.Table(
    "raw_response",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    _text("media_type"),
    _at(),
)
"""What a source said, zlib-compressed, under the SHA-256 of the bytes it sent."""

search = sa.Table(
    "search",
    metadata,
    _id(),
    _review(),
    _text("source"),
    _text("kind"),
    sa.Column("run", sa.Integer, nullable=False, server_default="0"),
    _text("platform"),
    _text("query"),
    _text("query_sha256"),
    _text("translation"),
    sa.Column("promised", sa.BigInteger, nullable=False),
    sa.Column("delivered", sa.BigInteger, nullable=False),
    _text("state"),
    _json("warnings"),
    _json("counts"),
    _text("ids_sha256", nullable=True),
    _text("protocol_digest"),
    _text("tool_version"),
    _at("started_at"),
    _at("finished_at"),
    sa.Index("ix_search_review_source", "review", "source", "id"),
)
"""One run of one source's strategy; ``state`` is complete, complete_with_warnings or failed."""

search_answer = sa.Table(
    "search_answer",
    metadata,
    _id(),
    _review(),
    _text("source"),
    _text("kind"),
    sa.Column("run", sa.Integer, nullable=False),
    _text("request"),
    sa.Column("sha256", sa.ForeignKey("raw_response.sha256"), nullable=False),
    _at(),
    sa.Index("ix_search_answer_review", "review", "source", "kind", "run"),
)
"""What a source answered in a run, in order, kept before the run has ended: what one left that was killed, the next
one under the same number goes on with."""

search_change = sa.Table(
    "search_change",
    metadata,
    _id(),
    _review(),
    _to("search", "search_id"),
    _text("source"),
    _text("source_id"),
    _text("change"),
    sa.Index("ix_search_change_review_source", "review", "source", "source_id"),
    sa.Index("ix_search_change_search_id", "search_id"),
)
"""How a search's result differs from the one before: appeared, vanished, reappeared, or named by no record (gone)."""

record = sa.Table(
    "record",
    metadata,
    _id(),
    _review(),
    _text("source"),
    _text("source_id"),
    _to("search", "search_id"),
    _at(),
    sa.UniqueConstraint("review", "source", "source_id", name="uq_record_review_source_source_id"),
    sa.Index("ix_record_search_id", "search_id"),
)

record_version = sa.Table(
    "record_version",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _to("search", "search_id"),
    _text("content_sha256"),
    _json("body"),
    _at(),
    sa.Index("ix_record_version_review_record", "review", "record_id", "id"),
)

record_event = sa.Table(
    "record_event",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _to("search", "search_id"),
    _text("kind"),
    _json("detail"),
    _at(),
    sa.Index("ix_record_event_review", "review", "record_id"),
)
"""Something a person should know of a record: retracted, expression_of_concern, corrected, changed, vanished, …"""

match_key = sa.Table(
    "match_key",
    metadata,
    sa.Column("review", sa.String(63), primary_key=True),
    sa.Column("value", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("record_id", sa.ForeignKey("record.id"), primary_key=True),
    sqlite_with_rowid=False,
)
"""Under which keys a record is found, and one key that tells how keys are made; where it is not there the next dedupe adds all anew."""

link = sa.Table(
    "link",
    metadata,
    _id(),
    _review(),
    _to("record", "record_a"),
    _to("record", "record_b"),
    _text("kind"),
    _text("rule"),
    _json("evidence"),
    _text("by"),
    _at(),
    sa.Index("ix_link_review_a", "review", "record_a"),
    sa.Index("ix_link_review_b", "review", "record_b"),
)
"""Two records are (``link``), are not (``unlink``) or may be (``possible``, ``version``) one report, by which rule or person, and why."""

membership = sa.Table(
    "membership",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _to("record", "report_id"),
    _at(),
    sa.Index("ix_membership_review_record", "review", "record_id", "id"),
)
"""From a moment on, a record belongs to a report; a report is known by its earliest record."""

queue_entry = sa.Table(
    "queue_entry",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _text("stage"),
    sa.Column("required", sa.Integer, nullable=False),
    _at(),
    sa.UniqueConstraint("review", "record_id", "stage", name="uq_queue_entry_review_record_id_stage"),
)
"""A report (by a record of it) waits at a stage for so many reviewers."""

decision = sa.Table(
    "decision",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _text("stage"),
    _text("reviewer"),
    _text("choice"),
    _text("reason"),
    _text("note"),
    _text("criteria_version"),
    sa.Column("consensus", sa.Boolean, nullable=False),
    _at(),
    sa.Index("ix_decision_review", "review", "stage", "record_id"),
)

retrieval = sa.Table(
    "retrieval",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _text("state"),
    _text("by"),
    _text("note"),
    _at(),
    sa.Index("ix_retrieval_review", "review", "record_id"),
)

study = sa.Table(
    "study",
    metadata,
    _id(),
    _review(),
    _text("label"),
    _to("record", "record_id"),
    _at(),
    sa.UniqueConstraint("review", "label", name="uq_study_review_label"),
    sa.UniqueConstraint("review", "record_id", name="uq_study_review_record_id"),
)
"""One investigation, first known by the included report of ``record_id``; ``label`` is S0001, S0002, …"""

study_report = sa.Table(
    "study_report",
    metadata,
    _id(),
    _review(),
    _to("study", "study_id"),
    _to("record", "record_id"),
    _text("by"),
    _at(),
    sa.Index("ix_study_report_review", "review", "record_id"),
)

charting = sa.Table(
    "charting",
    metadata,
    _id(),
    _review(),
    _to("study", "study_id"),
    _text("state"),
    _text("form_version"),
    _text("charted_by"),
    _text("checked_by"),
    _json("values"),
    _json("quotes"),
    _json("reasons"),
    _text("origin"),
    _text("content_sha256"),
    _at(),
    sa.Index("ix_charting_review", "review", "study_id"),
)
"""A row of the form as charted: ``accepted``; ``returned`` (quarantined) with the reasons; or ``withdrawn``, accepted once
and returned since."""

quarantine = sa.Table(
    "quarantine",
    metadata,
    _id(),
    _review(),
    _to("record", "record_id"),
    _text("state"),
    _json("reasons"),
    _text("by"),
    _at(),
    sa.Index("ix_quarantine_review", "review", "record_id"),
)
"""An incoming record ``held`` back with its reasons, ``released`` later by a person or a better version of it."""

publication = sa.Table(
    "publication",
    metadata,
    _id(),
    _review(),
    sa.Column("version", sa.Integer, nullable=False),
    _text("content_sha256"),
    _text("manifest_sha256"),
    _text("summary_sha256"),
    _text("trigger"),
    _text("approved_by"),
    _at(),
    sa.UniqueConstraint("review", "version", name="uq_publication_review_version"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    _review(),
    _text("key"),
    _text("event"),
    _text("recipient"),
    _text("item_id"),
    _json("payload"),
    _at(),
    sa.UniqueConstraint("review", "key", name="uq_outbox_review_key"),
)

delivery = sa.Table(
    "delivery",
    metadata,
    _id(),
    _review(),
    _text("key"),
    _text("outcome"),
    _text("error"),
    _at(),
    sa.Index("ix_delivery_review_key", "review", "key"),
)
"""An attempt to tell: ``sent`` or ``failed`` with the reason; an item is told once it has been sent. ``withdrawn``: it will not
be, as the protocol names its recipient no more."""

GUARD_MESSAGE = "the ledger is append-only"
