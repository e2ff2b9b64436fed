"""An index of articles in one SQLite file: words in an FTS5 table, dates and places in a plain one.

Every version of an article is one row; its number is the PMID times :data:`SLOTS` plus the version's, so that rows
come in the order of PMIDs and a range of PMIDs is a range of rows. An article's XML is read back from its file;
only what does not stand there as it is (gzipped, another encoding, given at run time) is kept in the index, compressed.

Words stand in the columns of :data:`COLUMNS`, segments parted by ``|``. Whole segments (a heading, a name, a day) are
one word each in the column ``tag``: ``_mh_social_media``, ``_crdt_20200115``. Folded text has no underscore, so that
neither is ever taken for the other.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.pubmed.article import Article, parse, read_article
from infra.local.pubmed.fields import WHOLE, WORDS
from living_review.errors import InvalidFile, UsageError

SLOTS = 256
"""Versions of one article that an index can hold."""
EVER = 99_991_231
"""The last day there is, as ``YYYYMMDD``: what is to be seen when no clock is set."""
ALWAYS = 99_999_999
"""The end of what does not end; after :data:`EVER`."""
FORMAT = 1
"""Goes up whenever an older index cannot be used any more."""
COLUMNS = (*WORDS, "cv", "xw", "tag")
"""``cv`` has the words of controlled terms, ``xw`` those of everything else that ``[all]`` looks at."""

_CONTROLLED = ("mh", "sh", "pt", "nm", "ps", "cn", "si")
_OTHER = ("rn", "au", "ir", "ed", "ta", "aid", "la", "gr", "pubn", "pl", "uid")
_DATES = ("crdt", "edat", "mhda", "mdat", "cdat", "pdat", "ppdt", "epdt")
_LONGEST_SORT_KEY = 40
_SCHEMA = f"""
CREATE TABLE file(id INTEGER PRIMARY KEY, path TEXT UNIQUE, place INTEGER, size INTEGER, mtime INTEGER);
CREATE TABLE problem(file INTEGER, reason TEXT);
CREATE TABLE doc(id INTEGER PRIMARY KEY, file INTEGER, start INTEGER, length INTEGER, xml BLOB, live INTEGER,
                 revised INTEGER, version INTEGER, since INTEGER, until INTEGER, published INTEGER, author TEXT, journal TEXT);
CREATE INDEX doc_file ON doc(file);
CREATE INDEX doc_not_live ON doc(id) WHERE live = 0;
CREATE TABLE gone(id INTEGER PRIMARY KEY);
CREATE TABLE deletion(file INTEGER, pmid INTEGER);
CREATE INDEX deletion_pmid ON deletion(pmid);
CREATE TABLE year(field TEXT, year INTEGER, PRIMARY KEY(field, year)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5({", ".join(COLUMNS)}, content='', tokenize="ascii tokenchars '_|'");
INSERT INTO words(words, rank) VALUES('hashsize', 67108864);
PRAGMA user_version = {FORMAT};
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Where one version of an article is."""

    id: int
    file: int
    start: int
    length: int
    xml: bytes | None
    revised: int
    version: int
    since: int
    until: int
    live: int
    """Whether a search finds it."""

    @property
    def pmid(self) -> int:
        """The PMID."""
        return self.id // SLOTS


_ROW = "id, file, start, length, xml, revised, version, since, until, live"


class Index:
    """One index; safe to use from several threads.

    Args:
        file: Where it is kept; empty for one that vanishes with this process.

    Raises:
        UsageError: If the file cannot be opened or is in use by another process for longer than a minute.
    """

    def __init__(self, file: str | Path = "") -> None:
        self.lock = threading.RLock()
        self._ends = False
        self.db = sqlite3.connect(str(file), timeout=60, check_same_thread=False, isolation_level=None)
        try:
            fresh = not self.db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if fresh:
                self.db.executescript("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;" if file else "")
                self.db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            self.usable = self.db.execute("PRAGMA user_version").fetchone()[0] == FORMAT
            self.db.execute("PRAGMA synchronous = NORMAL")
            self.db.execute("PRAGMA cache_size = -64000")
            self.db.execute("CREATE TEMP TABLE shadow(pmid INTEGER PRIMARY KEY)")
        except sqlite3.DatabaseError as error:
            self.db.close()
            raise UsageError(f"the index cannot be used ({error})", str(file), "delete the file") from error

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """All changes inside are one transaction: much faster, and none of them stays when one fails."""
        with self.lock:
            if self.db.in_transaction:
                yield
                return
            self.db.execute("BEGIN")
            try:
                yield
                self.db.execute("COMMIT")
            finally:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")

    def insert(
        self,
        article: Article,
        segments: Mapping[str, Sequence[str]] | None,
        file: int = 0,
        start: int = -1,
        since: int | None = None,
        until: int = ALWAYS,
    ) -> int:
        """Take in one version; ``segments`` ``None`` keeps it without making it searchable.

        ``since`` and ``until`` (``YYYYMMDD``, the second excluded) are the days between which it exists; its own
        Create Date by default.

        Returns:
            Its row number.

        Raises:
            UsageError: If there are :data:`SLOTS` versions of this article already.
        """
        row = self._free(int(article.pmid))
        self._ends = self._ends or until != ALWAYS
        published = max(article.dates["pdat"], default="").replace("-", "")
        names = segments or {}
        values = (
            row, file, start, len(article.xml), None if start >= 0 else zlib.compress(article.xml, 6),
            int(segments is not None), day_number(article.revised), article.version,
            day_number(article.appears) if since is None else since, until, int(published or 0),
            next(iter(names.get("au", ())), "")[:_LONGEST_SORT_KEY], next(iter(names.get("ta", ())), "")[:_LONGEST_SORT_KEY],
        )  # fmt: skip
        self.db.execute(f"INSERT INTO doc VALUES({','.join('?' * len(values))})", values)
        if segments is not None:
            self.make_searchable(row, article, segments)
        return row

    def make_searchable(self, row: int, article: Article, segments: Mapping[str, Sequence[str]]) -> None:
        """Put an article's words into the index."""
        values = ", ".join("?" * len(COLUMNS))
        sql = f"INSERT INTO words(rowid, {', '.join(COLUMNS)}) VALUES(?, {values})"
        self.db.execute(sql, (row, *_columns(article, segments)))
        years = {(name, int(day[:4])) for name in _DATES for day in article.dates.get(name, ())}
        self.db.executemany("INSERT OR IGNORE INTO year VALUES(?, ?)", years)

    def retire(self, row: int, keep: bool = False) -> None:
        """Make a version unfindable; ``keep`` leaves its place in the table of versions."""
        self.db.execute("INSERT OR IGNORE INTO gone VALUES(?)", (row,))
        self.db.execute("UPDATE doc SET live = 0 WHERE id = ?" if keep else "DELETE FROM doc WHERE id = ?", (row,))

    def erase(self, row: Row) -> None:
        """Take a searchable version out without a trace, so that its number is free again.

        Only for versions that this process put in with their XML: FTS5 has to be given the very words that are there.
        """
        article = self.article(row)
        values = ", ".join("?" * len(COLUMNS))
        sql = f"INSERT INTO words(words, rowid, {', '.join(COLUMNS)}) VALUES('delete', ?, {values})"
        self.db.execute(sql, (row.id, *_columns(article, article.segments)))
        self.db.execute("DELETE FROM doc WHERE id = ?", (row.id,))

    def end(self, row: int, day: int) -> None:
        """Let a version exist until ``day`` (excluded)."""
        self._ends = True
        self.db.execute("UPDATE doc SET until = ? WHERE id = ?", (day, row))

    def versions(self, pmid: int) -> list[Row]:
        """All searchable versions of an article, earliest first."""
        return sorted((row for row in self.kept(pmid) if row.live), key=lambda row: (row.since, row.id))

    def kept(self, pmid: int) -> list[Row]:
        """All versions of an article, also those that no search finds."""
        found = self.db.execute(f"SELECT {_ROW} FROM doc WHERE id BETWEEN ? AND ?", _span(pmid, pmid))
        return [Row(*one) for one in found]

    def at(self, pmid: int, day: int) -> Row | None:
        """The version that exists on ``day``."""
        with self.lock:
            fitting = [row for row in self.versions(pmid) if row.since <= day < row.until]
        return fitting[-1] if fitting else None

    def row(self, number: int) -> Row | None:
        """The version at a row number."""
        with self.lock:
            found = self.db.execute(f"SELECT {_ROW} FROM doc WHERE id = ?", (number,)).fetchone()
        return Row(*found) if found else None

    def count(self, day: int = EVER) -> int:
        """How many articles there are on ``day``."""
        with self.lock:
            more, values = self.conditions("doc.id", day)
            return int(self.db.execute(f"SELECT count(*) FROM doc WHERE live = 1{more}", values).fetchone()[0])

    def appeared(self, before: int, now: int) -> list[int]:
        """PMIDs that exist on the day ``now`` and did not on ``before``."""
        with self.lock:
            more, values = self.conditions("doc.id", now)
            # A version that was there before makes its article one that was, and so does another version.
            sql = f"SELECT id FROM doc WHERE live = 1 AND (since > ? OR until <= ?){more}"
            fresh = {row // SLOTS for (row,) in self.db.execute(sql, (before, before, *values))}
            return [pmid for pmid in fresh if self.at(pmid, before) is None]

    def not_served(self) -> Iterable[tuple[Row, str]]:
        """The versions that no search finds, with their files."""
        with self.lock:
            sql = f"SELECT {', '.join(f'doc.{one}' for one in _ROW.split(', '))}, path FROM doc JOIN file ON file.id = doc.file WHERE live = 0 ORDER BY doc.id"
            return [(Row(*one), path) for *one, path in self.db.execute(sql)]

    def rows(self) -> Iterable[Row]:
        """Every searchable version, by PMID."""
        last = -1
        while True:
            with self.lock:
                page = self.db.execute(
                    f"SELECT {_ROW} FROM doc WHERE id > ? AND live = 1 ORDER BY id LIMIT 500", (last,)
                ).fetchall()
            if not page:
                return
            yield from (Row(*one) for one in page)
            last = page[-1][0]

    def article(self, row: Row) -> Article:
        """The article at a row, from its file or from the index.

        Raises:
            InvalidFile: If its file was changed since the index was made.
        """
        with self.lock:
            path, size, mtime = self.db.execute(
                "SELECT path, size, mtime FROM file WHERE id = ?", (row.file,)
            ).fetchone() or ("given at run time", 0, 0)
        xml = zlib.decompress(row.xml) if row.xml is not None else _read_back(path, size, mtime, row)
        article = read_article(parse(xml), xml, path)
        if article is None or int(article.pmid) != row.pmid:
            raise InvalidFile(f"PMID {row.pmid} is not where it was", path, "start the local PubMed again")
        return article

    def hide(self, pmids: Iterable[int]) -> None:
        """Leave articles out of every answer, as another index has them."""
        with self.lock:
            self.db.executemany("INSERT OR IGNORE INTO temp.shadow VALUES(?)", ((pmid,) for pmid in pmids))

    def hides(self, pmid: int) -> bool:
        """Whether :meth:`hide` was told of it."""
        return bool(self.db.execute("SELECT 1 FROM temp.shadow WHERE pmid = ?", (pmid,)).fetchone())

    def conditions(self, column: str, day: int) -> tuple[str, list[object]]:
        """SQL that leaves of rows those to be seen on ``day``; beginning with AND, or empty."""
        parts: list[str] = []
        values: list[object] = []
        if self.db.execute("SELECT 1 FROM gone LIMIT 1").fetchone():
            parts.append(f"{column} NOT IN gone")
        if self._shadowed():
            parts.append(f"{column} / {SLOTS} NOT IN temp.shadow")
        if day != EVER or self._ends:
            parts.append(f"EXISTS(SELECT 1 FROM doc d WHERE d.id = {column} AND d.since <= ? AND ? < d.until)")
            values += [day, day]
        return "".join(f" AND {part}" for part in parts), values

    def _shadowed(self) -> bool:
        return bool(self.db.execute("SELECT 1 FROM temp.shadow LIMIT 1").fetchone())

    def _free(self, pmid: int) -> int:
        first, last = _span(pmid, pmid)
        (highest,) = self.db.execute(
            "SELECT max(coalesce((SELECT max(id) FROM doc WHERE id BETWEEN ?1 AND ?2), -1),"
            " coalesce((SELECT max(id) FROM gone WHERE id BETWEEN ?1 AND ?2), -1))",
            (first, last),
        ).fetchone()
        row = max(first, int(highest) + 1)
        if row > last:
            raise UsageError(f"PMID {pmid} has {SLOTS} versions already", "the local PubMed", "delete its index")
        return row


def day_number(iso: str) -> int:
    """``YYYY-MM-DD`` as the number ``YYYYMMDD``; 0 for nothing."""
    return int(iso.replace("-", "") or 0)


def _span(first: int, last: int) -> tuple[int, int]:
    return first * SLOTS, last * SLOTS + SLOTS - 1


def _read_back(path: str, size: int, mtime: int, row: Row) -> bytes:
    try:
        with Path(path).open("rb") as file:
            now = Path(path).stat()
            if (now.st_size, now.st_mtime_ns) == (size, mtime):
                file.seek(row.start)
                return file.read(row.length)
    except OSError as error:
        raise InvalidFile(f"cannot be read ({error.strerror})", path, "start the local PubMed again") from error
    raise InvalidFile("was changed while it was served", path, "start the local PubMed again")


def _columns(article: Article, segments: Mapping[str, Sequence[str]]) -> list[str]:
    groups = (*((name,) for name in WORDS), _CONTROLLED, _OTHER)
    columns = [" | ".join(value for part in parts for value in segments.get(part, ())) for parts in groups]
    return [*columns, " ".join(_tags(article, segments))]


def _tags(article: Article, segments: Mapping[str, Sequence[str]]) -> list[str]:
    tags = [f"_{name}_{value.replace(' ', '_')}" for name in WHOLE for value in segments.get(name, ())]
    tags += [f"_many_{name}" for name in WORDS if len(segments.get(name, ())) > 1]
    for name in _DATES:
        for day in article.dates.get(name, ()):
            digits = day.replace("-", "")
            tags += [f"_{name}_{digits[:4]}", f"_{name}_{digits[:6]}", f"_{name}_{digits}"]
    return tags
