"""The ledger's database: opening it, migrating it, and the one kind of transaction a step writes in."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from living_review.errors import Conflict, LivingReviewError, ServiceRefused, SourceUnavailable, UsageError

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT_S = 60
_CONNECT_TIMEOUT_S = 10
_LEAST_ROOM = 65_536
"""Bytes; SQLite's index of its log alone takes 32,768."""


@dataclass(frozen=True)
class Transaction:
    """A connection inside a transaction, for one review, at one moment."""

    connection: Connection
    review: str
    at: datetime

    def insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Add ``rows``, each completed by the review (and the moment where the table has one column for it)."""
        if not rows:
            return
        common: dict[str, Any] = {"review": self.review} if "review" in table.c else {}
        if "at" in table.c:
            common["at"] = self.at
        self.connection.execute(sa.insert(table), [{**common, **row} for row in rows])

    def insert_one(self, table: sa.Table, **row: Any) -> int:
        """Add one row and return its id."""
        common: dict[str, Any] = {"review": self.review}
        if "at" in table.c:
            common["at"] = self.at
        result = self.connection.execute(sa.insert(table).values(**{**common, **row}).returning(table.c.id))
        return int(result.scalar_one())

    def rows(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """All rows as mappings."""
        result = self.connection.execute(statement)
        names = tuple(result.keys())
        return [dict(zip(names, row, strict=True)) for row in result.all()]


class Ledger:
    """The database of one or many reviews.

    Args:
        address: A SQLAlchemy address (SQLite or PostgreSQL). A SQLite file's folder is made when missing.

    Raises:
        UsageError: If the address is none, or names a database this package does not run on.
    """

    def __init__(self, address: str) -> None:
        url = _understood(address)
        # Options after the question mark may hold a password too.
        shown = url.set(query={}).render_as_string(hide_password=True)
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._file = Path(url.database) if self._is_sqlite and url.database else None
        self.where = str(self._file or shown)
        if self._file is not None:
            self._make_folder(self._file.parent)
        options: dict[str, Any] = (
            {"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False}
            if self._is_sqlite
            else {"connect_timeout": _CONNECT_TIMEOUT_S}
        )
        self.engine: Engine = sa.create_engine(url, connect_args=options, pool_pre_ping=not self._is_sqlite)
        if self._is_sqlite:
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_immediately)
        self._migrated = False
        self._migrating = threading.Lock()

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServiceRefused(
                f"the ledger's folder cannot be made ({error.strerror})", str(folder), "let this user write there"
            ) from error

    def migrate(self) -> None:
        """Bring the tables to this version's form; nothing happens when they have it.

        Raises:
            UsageError: If a newer version of the package made the tables.
            SourceUnavailable: If the database cannot be reached.
        """
        with self._migrating:
            if self._migrated:
                return
            known = revisions()
            with self._explained():
                with self.engine.connect().execution_options(reading=True) as connection:
                    found = _revision_of(connection)
                if found is not None and found not in known:
                    raise UsageError(
                        f"the ledger was written by a newer version (revision {found})",
                        self.where,
                        "update this package",
                    )
                if found != known[-1]:
                    self._upgrade()
            self._migrated = True

    def _upgrade(self) -> None:
        # Alembic takes half a second to import and is needed once in a ledger's life, and after an update.
        from alembic import command
        from alembic.config import Config

        with self.engine.begin() as connection:
            if not self._is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key("migration")})
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS))
            config.attributes["connection"] = connection
            # Whoever waited for the lock finds the revision in place, and this does nothing.
            command.upgrade(config, "head")

    @contextmanager
    def write(self, review: str, at: datetime) -> Iterator[Transaction]:
        """One transaction, alone in writing to this review; all of it happens or none.

        Raises:
            SourceUnavailable: If the database cannot be reached or is busy for too long.
            ServiceRefused: If it refuses the credentials, or has no room left.
        """
        self.migrate()
        with self._explained(), self.engine.begin() as connection:
            if not self._is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(review)})
            yield Transaction(connection, review, at)

    @contextmanager
    def read(self, review: str, at: datetime) -> Iterator[Transaction]:
        """One consistent view of the review; what is written in it is thrown away."""
        self.migrate()
        with self._explained(), self.engine.connect() as connection:
            connection = connection.execution_options(reading=True)
            yield Transaction(connection, review, at)
            connection.rollback()

    @contextmanager
    def exclusively(self, review: str) -> Iterator[None]:
        """Hold the one place that flows of a review take turns in; other reading and writing goes on beside it.

        Raises:
            Conflict: If another flow of this review holds it, on this machine or, with PostgreSQL, on any.
        """
        self.migrate()
        busy = Conflict(
            f"another run of the review {review} is under way", self.where, "wait for it to end; nothing was changed"
        )
        if self._file is not None:
            name = "".join(one if one.isalnum() else "-" for one in review)
            with self._file.with_name(f"{self._file.name}.{name}.lock").open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise busy from None
                yield
            return
        with self._explained(), self.engine.connect() as connection:
            key = {"key": _lock_key(f"flow:{review}")}
            if not connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), key).scalar():
                raise busy
            connection.commit()
            try:
                yield
            finally:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise self._explain(error) from error
        except DBAPIError as error:
            if any(word in str(error.orig).lower() for word in _EXPLAINED):
                raise self._explain(error) from error
            raise

    def _has_no_room(self) -> bool:
        """Whether a full disk is why SQLite failed; it says so of some of its files only."""
        try:
            return self._file is not None and shutil.disk_usage(self._file.parent).free < _LEAST_ROOM
        except OSError:
            return False

    def _explain(self, error: DBAPIError) -> LivingReviewError:
        said = " ".join(str(error.orig).split())
        low = said.lower()
        if "full" in low or "no space" in low or self._has_no_room():
            return ServiceRefused("the disk is full, nothing was written", self.where, "make room and run it again")
        if "password authentication" in low or "role " in low or "does not exist" in low:
            return ServiceRefused(
                "the database refused the connection",
                self.where,
                "check user, password and database in LIVING_REVIEW_DATABASE_URL",
            )
        if "connection option" in low:
            return ServiceRefused(said[:120], self.where, "correct the end of LIVING_REVIEW_DATABASE_URL")
        if "locked" in low:
            return SourceUnavailable(
                "the ledger is busy with another run", self.where, "wait for it to end and run it again"
            )
        if self._is_sqlite:
            return ServiceRefused(
                f"the ledger cannot be used ({said[:120]})", self.where, "check the file and its permissions"
            )
        if "permission denied" in low or "read-only" in low:
            return ServiceRefused(
                f"the database does not let this user write ({said[:120]})", self.where, "grant it the right"
            )
        return SourceUnavailable(
            "the database cannot be reached", self.where, "start it or correct LIVING_REVIEW_DATABASE_URL"
        )


def revisions() -> list[str]:
    """The revisions of the tables that this version knows, the earliest first: the numbers of the migrations' files."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision_of(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


_EXPLAINED = ("disk", "full", "not a database", "malformed", "connection option", "permission denied")
"""What errors say that are no operational ones to the driver, and yet nobody's mistake in the code."""


def _understood(address: str) -> sa.URL:
    problem = ""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        problem = "the database address cannot be understood"
    else:
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            problem = f"the ledger does not run on {url.get_backend_name()}"
        elif url.get_driver_name() not in {"pysqlite", "psycopg"}:
            problem = f"the ledger does not use the driver {url.get_driver_name()}"
        elif url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
            problem = "a database in memory forgets everything"
        elif url.get_backend_name() == "postgresql" and address.partition("?")[0].count("@") > 1:
            problem = "the database address has more than one @ (write one inside the password as %40)"
        if not problem:
            return url
    raise UsageError(
        problem,
        "LIVING_REVIEW_DATABASE_URL",
        "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
    )


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_TIMEOUT_S * 1000}", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
    # Switching a new file to WAL does not wait for others who do the same: SQLite answers "locked" at once.
    for pause_s in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 0.0):
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError:
            if not pause_s:
                raise
            time.sleep(pause_s)


def _begin_immediately(connection: Connection) -> None:
    # A writer takes the lock at once: a deferred one can fail half-way with no chance to wait.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _lock_key(name: str) -> int:
    return zlib.crc32(f"living-review:{name}".encode())
