"""The history server: results of earlier searches by WebEnv and query key."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence

_SESSIONS_KEPT = 2_000


class History:
    """Sessions, each a list of results; the oldest session goes when there are too many."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, list[tuple[str, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def store(self, pmids: Sequence[str], webenv: str = "") -> tuple[str, int]:
        """Keep a result in the session ``webenv``, or in a new one when there is none of that name.

        Returns:
            WebEnv and query key (from 1).
        """
        with self._lock:
            if webenv not in self._sessions:
                webenv = f"MCID_{secrets.token_hex(12)}"
                self._sessions[webenv] = []
            self._sessions[webenv].append(tuple(pmids))
            while len(self._sessions) > _SESSIONS_KEPT:
                self._sessions.popitem(last=False)
            return webenv, len(self._sessions[webenv])

    def results(self, webenv: str) -> list[tuple[str, ...]]:
        """All results of a session in order; none for a session that is unknown or expired."""
        with self._lock:
            return list(self._sessions.get(webenv, ()))

    def result(self, webenv: str, query_key: str) -> tuple[str, ...] | None:
        """One result, or ``None`` when it is unknown or expired."""
        results = self.results(webenv)
        number = int(query_key) if query_key.isdigit() else 0
        return results[number - 1] if 1 <= number <= len(results) else None

    def expire(self) -> None:
        """Forget every session, as PubMed does after some hours."""
        with self._lock:
            self._sessions.clear()
