"""One review, opened: its protocol, its settings, its ledger and its clock, handed to every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from living_review.ledger.database import Ledger, Transaction
from living_review.protocol import Protocol
from living_review.protocol_file import load
from living_review.settings import STATE_FOLDER, Settings, read_settings

Clock = Callable[[], datetime]
"""Gives the present moment, with a time zone."""

Progress = Callable[[str, int, int], None]
"""Told (what, done, of how many) while long work goes on."""


def system_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


def _clock(settings: Settings) -> Clock:
    if not settings.clock_offset_s:
        return system_clock
    return lambda: system_clock() + timedelta(seconds=settings.clock_offset_s)


def _silent(_what: str, _done: int, _total: int) -> None:
    return None


@dataclass(frozen=True)
class Review:
    """A review ready to work on."""

    folder: Path
    protocol: Protocol
    settings: Settings
    ledger: Ledger
    clock: Clock = system_clock
    progress: Progress = field(default=_silent)

    @property
    def id(self) -> str:
        """The review's id, as in its protocol."""
        return self.protocol.id

    @property
    def state_folder(self) -> Path:
        """Where this machine keeps what belongs to the review and is not for people."""
        return self.folder / STATE_FOLDER

    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction on this review; see :meth:`Ledger.write`."""
        with self.ledger.write(self.id, self.now()) as transaction:
            yield transaction

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view of this review; see :meth:`Ledger.read`."""
        with self.ledger.read(self.id, self.now()) as transaction:
            yield transaction


@contextmanager
def open_review(
    folder: Path, *, settings: Settings | None = None, clock: Clock | None = None, progress: Progress = _silent
) -> Iterator[Review]:
    """The review in ``folder``, its ledger ready and closed again at the end.

    Raises:
        ProtocolError: If its protocol has mistakes.
        UsageError: If a setting cannot be understood.
    """
    protocol = load(folder)
    settings = settings or read_settings()
    ledger = Ledger(settings.database_for(folder))
    try:
        yield Review(folder, protocol, settings, ledger, clock or _clock(settings), progress)
    finally:
        ledger.close()
