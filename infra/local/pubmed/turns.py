"""Several processes at one kept index: they start one after another, serve together, and change it only alone.

Two files beside the index are locked: ``.starting`` by the one process that looks whether the index is up to date and
reads what is new, ``.serving`` by all that answer from it. The locks are the system's, so that one who was killed holds
nothing; what it had not committed SQLite takes back.
"""

from __future__ import annotations

import fcntl
import os
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from living_review.errors import UsageError


class Turns:
    """The locks of the index ``file``, ``None`` for one that no other process sees; nothing is locked until :meth:`turn`.

    Raises:
        UsageError: If the files cannot be made.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._closing = []
        if file is not None:
            self._starting, self._serving = (_opened(Path(f"{file}.{name}")) for name in ("starting", "serving"))
            self._closing = [weakref.finalize(self, os.close, one) for one in (self._starting, self._serving)]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other process starts, which is told on standard error; serve from its end on, with others."""
        if self._file is None:
            yield
            return
        if not _locked(self._starting, fcntl.LOCK_EX):
            holder = os.pread(self._starting, 20, 0).decode("ascii", "replace").strip() or "unknown"
            print(
                f"waiting for process {holder}, which reads records into the same index: {self._file}",
                file=sys.stderr,
                flush=True,
            )
            fcntl.flock(self._starting, fcntl.LOCK_EX)
        try:
            os.ftruncate(self._starting, 0)
            os.pwrite(self._starting, str(os.getpid()).encode(), 0)
            yield
        finally:
            # Only who has the turn ever locks the other file alone, so that this never waits.
            fcntl.flock(self._serving, fcntl.LOCK_SH)
            fcntl.flock(self._starting, fcntl.LOCK_UN)

    def alone(self) -> None:
        """Within a turn, before the index is changed: make sure that nobody answers from it.

        Raises:
            UsageError: If another process does.
        """
        if self._file is not None and not _locked(self._serving, fcntl.LOCK_EX):
            raise UsageError(
                "another local PubMed answers from this index, and the records have changed since it was started",
                str(self._file),
                "end that one first, or give another folder with --index",
            )

    def close(self) -> None:
        """Serve no longer."""
        for close in self._closing:
            close()


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UsageError(
            f"the index cannot be kept there ({error.strerror})", str(file), "name another folder"
        ) from error


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
