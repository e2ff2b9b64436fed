"""One pace for every thread and process on a machine that asks the same service.

NCBI counts requests per second and address (3 without an API key, 10 with one) and blocks whoever goes over, so two
flows of one installation must share one count. Requests are spaced evenly: a file holds when the next may start, and
whoever wants to start takes that moment, moves it on and sleeps until then. No burst, no busy loop, and a process
that dies wastes one slot at most.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from pathlib import Path

from living_review.errors import LivingReviewError

RATE_WITHOUT_KEY = 3.0
RATE_WITH_KEY = 10.0
"""Requests a second that NCBI allows (NBK25497, chapter 2)."""
_HEADROOM = 1.1
"""Spacing over the exact one: the network may deliver two requests closer together than they were sent."""
_LONGEST_PAUSE = 300.0
"""Seconds. A moment further ahead than this was written before the machine last started, and is void."""
_MOMENT = struct.Struct("<d")


class RateLimiter:
    """Lets at most ``rate`` requests start in any second, over all that use the same ``folder`` on this machine.

    Args:
        folder: Where the shared file lies; made if missing. Not on a network drive: its times are this machine's.
        rate: Requests a second; ``None`` never waits (for servers on this machine).

    Raises:
        ValueError: If ``rate`` is not above zero.
        LivingReviewError: If the folder cannot be written.
    """

    def __init__(self, folder: Path, rate: float | None) -> None:
        if rate is not None and not rate > 0:
            raise ValueError(f"a rate is above zero, not {rate}")
        self._path = folder / "next-request"
        self._spacing = 0.0 if rate is None else _HEADROOM / rate
        if self._spacing:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                os.close(self._open())
            except OSError as error:
                raise LivingReviewError(
                    f"cannot keep the pace of requests ({error.strerror})", str(folder), "make the folder writable"
                ) from error

    def wait(self) -> None:
        """Sleeps until this caller may start one request."""
        if self._spacing:
            time.sleep(max(0.0, self.reserve() - time.monotonic()))

    def reserve(self) -> float:
        """Takes the next free moment without waiting for it: seconds on this machine's ``time.monotonic``."""
        return self._move(self._spacing) if self._spacing else time.monotonic()

    def pause(self, seconds: float) -> None:
        """Holds every later request of everybody back for ``seconds`` from now (a ``Retry-After``; 300 at most)."""
        if self._spacing and seconds > 0:
            self._move(0.0, at_least=min(seconds, _LONGEST_PAUSE))

    def _move(self, spacing: float, at_least: float = 0.0) -> float:
        """The next free moment, ``at_least`` seconds away; the one after it is ``spacing`` later."""
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # CLOCK_MONOTONIC is one clock for all processes, and setting the time of day does not move it.
            now = time.monotonic()
            written = os.pread(descriptor, _MOMENT.size, 0)
            free = float(_MOMENT.unpack(written)[0]) if len(written) == _MOMENT.size else now
            if not now <= free <= now + _LONGEST_PAUSE + self._spacing:
                free = now
            moment = max(free, now + at_least)
            os.pwrite(descriptor, _MOMENT.pack(moment + spacing), 0)
        finally:
            os.close(descriptor)
        return moment

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
