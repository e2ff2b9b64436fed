"""The history server: results of earlier searches by WebEnv and query key, on disk rather than in memory."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable

_SESSIONS_KEPT = 2_000
_NUMBER = "Q"


class History:
    """Sessions, each a list of results; the oldest session goes when there are too many."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, int] = OrderedDict()
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.execute("CREATE TABLE result(webenv TEXT, number INTEGER, pmids BLOB, PRIMARY KEY(webenv, number))")
        self._lock = threading.Lock()

    def store(self, pmids: Iterable[str], webenv: str = "") -> tuple[str, int]:
        """Keep a result in the session ``webenv``, or in a new one when there is none of that name.

        Returns:
            WebEnv and query key (from 1).
        """
        numbers = array(_NUMBER, map(int, pmids)).tobytes()
        with self._lock:
            if webenv not in self._sessions:
                webenv = f"MCID_{secrets.token_hex(12)}"
                self._sessions[webenv] = 0
            self._sessions[webenv] += 1
            self._db.execute("INSERT INTO result VALUES(?, ?, ?)", (webenv, self._sessions[webenv], numbers))
            while len(self._sessions) > _SESSIONS_KEPT:
                oldest, _ = self._sessions.popitem(last=False)
                self._db.execute("DELETE FROM result WHERE webenv = ?", (oldest,))
            return webenv, self._sessions[webenv]

    def result(self, webenv: str, query_key: str) -> array[int] | None:
        """The PMIDs of one result in order, or ``None`` when it is unknown or expired."""
        number = int(query_key) if query_key.isascii() and query_key.isdigit() else 0
        with self._lock:
            found = self._db.execute(
                "SELECT pmids FROM result WHERE webenv = ? AND number = ?", (webenv, min(number, 2**31))
            ).fetchone()
        return array(_NUMBER, found[0]) if found else None

    def expire(self) -> None:
        """Forget every session, as PubMed does after some hours."""
        with self._lock:
            self._sessions.clear()
            self._db.execute("DELETE FROM result")
