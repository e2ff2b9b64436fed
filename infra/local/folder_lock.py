"""One server to a folder: the lock that says which process holds it, and who started that one.

The server inherits the lock from its starter, so it holds the folder for as long as it runs, also when its starter was
killed. Such an orphan serves nobody and would bar the folder for ever: whoever comes next ends it and takes its place.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from living_review.errors import UsageError

ORPHAN_LIMIT_S = 15.0
"""Seconds that an orphan may take to write what it holds before it is killed."""
_LOOK_AGAIN_S = 0.05


class FolderLock:
    """The lock of ``folder``; free until :meth:`take`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def take(self) -> str:
        """Take the folder, and end an orphan that holds it.

        Returns:
            Empty if the folder is ours now, else the id of the process that holds it, whose starter is alive.

        Raises:
            UsageError: If an orphan does not end.
        """
        file = (self._folder / "lock").open("a+b")
        began, asked = time.monotonic(), 0
        while not _locked(file):
            server, starter = _holder(file)
            waited = time.monotonic() - began
            if server and starter and _is_alive(starter):
                file.close()
                return str(server)
            if waited > 2 * ORPHAN_LIMIT_S:
                file.close()
                raise UsageError(
                    f"a server that does not end uses this folder (process {server or 'unknown'})",
                    str(self._folder),
                    "end that one or use another folder",
                )
            if server and starter:
                wanted = signal.SIGKILL if waited > ORPHAN_LIMIT_S else signal.SIGTERM
                if asked != wanted:
                    # It holds the lock, so the id is still its own.
                    with suppress(ProcessLookupError):
                        os.kill(server, wanted)
                    asked = wanted
            # Without a word in the file its holder is about to start.
            time.sleep(_LOOK_AGAIN_S)
        file.truncate(0)
        self._file = file
        return ""

    def note(self, server: int) -> None:
        """Say that the process ``server`` holds the folder, started by this one."""
        assert self._file is not None  # noqa: S101 - it was taken just before
        self._file.truncate(0)
        self._file.write(f"{server} {os.getpid()}".encode())
        self._file.flush()

    def fileno(self) -> int:
        """The descriptor that the server is to inherit."""
        assert self._file is not None  # noqa: S101 - it was taken just before
        return self._file.fileno()

    def release(self) -> None:
        """Let go of the folder; a server that inherited the lock still holds it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[bytes]) -> tuple[int, int]:
    """The ids of the server and of its starter; zeros while they are not known."""
    file.seek(0)
    words = file.read().split()
    return (int(words[0]), int(words[1])) if len(words) == 2 and all(map(bytes.isdigit, words)) else (0, 0)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
