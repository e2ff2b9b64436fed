"""Brings an index up to date with files: only what is new, changed or gone since is looked at.

Of an article that several files hold the one revised last is served, of equal ones that of the later file, as
PubMed's update files are meant; a file's DeleteCitation takes out what files before it hold.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from infra.local.pubmed.fields import read_segments
from infra.local.pubmed.index import FORMAT, SLOTS, Index
from infra.local.pubmed.reading import SUFFIXES, Deletion, Found, read_file
from living_review.errors import InvalidFile, UsageError

_COMMIT_AFTER = 20_000_000
"""Bytes of files read after which is committed, so that an interrupted start need not begin again."""


def files_in(places: Iterable[Path], without: Container[Path] = ()) -> list[Path]:
    """Every file of MEDLINE XML at or below ``places`` but those ``without``, each once, in the order in which they count.

    Raises:
        UsageError: If a place does not exist.
    """
    files: dict[Path, None] = {}
    for place in places:
        if not place.exists():
            raise UsageError("there is no such file or folder", str(place), "check --records")
        inside = (path for path in place.rglob("*") if path.name.endswith(SUFFIXES) and path.is_file())
        files |= dict.fromkeys(sorted(inside) if place.is_dir() else [place])
    return [file for file in files if file not in without]


def index_file(places: Sequence[Path], folder: Path) -> Path:
    """Where in ``folder``, which is made, the index of ``places`` is kept.

    Raises:
        UsageError: If the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder for indexes cannot be made ({error.strerror})", str(folder), "name another"
        ) from error
    name = hashlib.sha256("\n".join(str(place.resolve()) for place in places).encode()).hexdigest()[:16]
    return folder / f"pubmed-{FORMAT}-{name}.sqlite"


def kept_index(file: Path, alone: Callable[[], None]) -> Index:
    """The index in ``file``, an empty one where there is none or an unusable one; ``alone`` is called before that goes.

    Raises:
        UsageError: If it cannot be opened, or by ``alone``.
    """
    try:
        index = Index(file)
        if index.usable:
            return index
        index.close()
    except UsageError:
        if file.stat().st_size and _is_sqlite(file):
            raise
    alone()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    return Index(file)


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(15) == b"SQLite format 3"


def default_cache() -> Path:
    """Where indexes are kept when nothing else is said."""
    return user_cache_path("living-review") / "pubmed"


def refresh(index: Index, files: Sequence[Path], alone: Callable[[], None] = lambda: None) -> int:
    """Make ``index`` hold what ``files`` hold now, in their order; ``alone`` is called before anything is changed.

    Returns:
        How many files had to be read.

    Raises:
        UsageError: If the index cannot be changed, or by ``alone``.
    """
    try:
        with index.lock:
            try:
                return _refresh(index, files, alone)
            finally:
                if index.db.in_transaction:
                    index.db.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise UsageError(
            f"its index cannot be changed ({error})", "the local PubMed", "end what else uses it"
        ) from error


def _refresh(index: Index, files: Sequence[Path], alone: Callable[[], None]) -> int:
    known = {
        path: (number, size, mtime)
        for number, path, size, mtime in index.db.execute("SELECT id, path, size, mtime FROM file ORDER BY place")
    }
    states = {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}
    stale = {number for path, (number, *state) in known.items() if states.get(path) != tuple(state)}
    new = [(place, file) for place, file in enumerate(files) if known.get(str(file), (None,))[0] in {None, *stale}]
    if not stale and not new and list(known) == list(states):
        return 0
    alone()
    index.db.execute("BEGIN IMMEDIATE")
    touched = {pmid for number in stale for pmid in _drop(index, number)}
    places = ((place, str(file)) for place, file in enumerate(files))
    index.db.executemany("UPDATE file SET place = ? WHERE path = ?", places)
    for pmid in touched:
        _settle(index, pmid)
    since_commit = 0
    for place, file in new:
        _take_in(index, file, place, states[str(file)])
        since_commit += states[str(file)][0]
        if since_commit > _COMMIT_AFTER:
            index.db.execute("COMMIT")
            index.db.execute("BEGIN IMMEDIATE")
            since_commit = 0
    index.db.execute("COMMIT")
    if new:
        index.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(new)


def _drop(index: Index, file: int) -> set[int]:
    """Forget a file; returns the articles that now have none or another version."""
    rows = index.db.execute("SELECT id, live FROM doc WHERE file = ?", (file,)).fetchall()
    touched = {row // SLOTS for row, live in rows if live}
    touched |= {pmid for (pmid,) in index.db.execute("SELECT pmid FROM deletion WHERE file = ?", (file,))}
    for row, _ in rows:
        index.retire(row)
    for table, column in (("problem", "file"), ("deletion", "file"), ("file", "id")):
        index.db.execute(f"DELETE FROM {table} WHERE {column} = ?", (file,))
    return touched


def _take_in(index: Index, file: Path, place: int, state: tuple[int, int]) -> None:
    (number,) = index.db.execute(
        "INSERT INTO file(path, place, size, mtime) VALUES(?, ?, ?, ?) RETURNING id", (str(file), place, *state)
    ).fetchone()
    index.db.execute("SAVEPOINT one_file")
    try:
        for found in read_file(file):
            if isinstance(found, Deletion):
                if found.pmid.isdigit():
                    index.db.execute("INSERT INTO deletion VALUES(?, ?)", (number, int(found.pmid)))
                    _settle(index, int(found.pmid))
                continue
            if found.number == 1:  # also the beginning of a second pass
                index.db.execute("ROLLBACK TO one_file")
            _take_in_article(index, found, number)
    except (InvalidFile, OSError) as error:
        index.db.execute("ROLLBACK TO one_file")
        reason = error.what if isinstance(error, InvalidFile) else str(error)
        index.db.execute("INSERT INTO problem VALUES(?, ?)", (number, reason))
    index.db.execute("RELEASE one_file")


def _take_in_article(index: Index, found: Found, number: int) -> None:
    article = found.article
    if article is None:
        reason = f"article {found.number} has no PMID"
        index.db.execute("INSERT INTO problem VALUES(?, ?)", (number, reason))
        return
    pmid = int(article.pmid)
    alone = not index.kept(pmid) and not index.db.execute("SELECT 1 FROM deletion WHERE pmid = ?", (pmid,)).fetchone()
    segments = read_segments(found.element, article.pmid) if alone and found.element is not None else None
    index.insert(article, segments, number, found.start)
    if segments is None:
        _settle(index, pmid)


def _settle(index: Index, pmid: int) -> None:
    """Make the version that counts the only one that is found, or none where a later file deletes it."""
    kept = index.kept(pmid)
    places = {
        row.file: index.db.execute("SELECT place FROM file WHERE id = ?", (row.file,)).fetchone()[0] for row in kept
    }
    best = max(kept, key=lambda row: (row.revised, row.version, places[row.file], row.id), default=None)
    if (
        best
        and index.db.execute(
            "SELECT 1 FROM deletion JOIN file ON file.id = deletion.file WHERE pmid = ? AND place >= ?",
            (pmid, places[best.file]),
        ).fetchone()
    ):
        best = None
    for row in kept:
        if row.live and row is not best:
            index.retire(row.id, keep=True)
    if best and not best.live:
        article = index.article(best)
        index.insert(article, article.segments, best.file, best.start)
        index.retire(best.id)
