"""Whether a store keeps the promise of conditional writes, found out by trying.

Some stores accept ``If-None-Match`` and ``If-Match`` and ignore them (``rclone serve s3``, Garage of 2025-06), some
let two of several simultaneous writers win (SeaweedFS before 4.17, issues #7154, #8073, #8800). On such a store two
publishers at once would overwrite each other unseen. The probe writes a few small objects under ``.probe/`` and
removes them again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

RACERS = 16
"""Writers at once. SeaweedFS 4.16 failed, 4.48 passed 20 of 20 races of this size (measured)."""


class ProbedStore(Protocol):
    """What the probe needs of a store; every method works on raw keys below the store's prefix."""

    def put_if(self, key: str, body: bytes, condition: Mapping[str, str]) -> str | None:
        """The new etag, or None when the condition did not hold."""

    def get(self, key: str) -> tuple[bytes, str]:
        """Content and etag."""

    def remove(self, key: str) -> bool:
        """Whether the object could be removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """What the store did with conditional writes."""

    second_creation_refused: bool
    """``If-None-Match: *`` on an existing key was refused."""
    stale_swap_refused: bool
    """``If-Match`` with an outdated etag was refused, and with the current one accepted."""
    creation_winners: int
    """How many of :data:`RACERS` simultaneous creations of one key succeeded; 1 is right."""
    swap_winners: int
    """How many of :data:`RACERS` simultaneous swaps from one etag succeeded; 1 is right."""
    left_behind: tuple[str, ...] = ()
    """Probe objects that could not be removed, as keys."""

    @property
    def creation_kept(self) -> bool:
        """Whether creation has exactly one winner, one after the other and at once."""
        return self.second_creation_refused and self.creation_winners == 1

    @property
    def swap_kept(self) -> bool:
        """Whether a swap has exactly one winner, one after the other and at once."""
        return self.stale_swap_refused and self.swap_winners == 1

    @property
    def safe(self) -> bool:
        """Whether several publishers may use the store."""
        return self.creation_kept and self.swap_kept

    @property
    def sentence(self) -> str:
        """The result for a person, one sentence (and one more if probe objects were left behind)."""
        faults = []
        if not self.second_creation_refused:
            faults.append("ignores If-None-Match (a second creation overwrote the first)")
        elif self.creation_winners != 1:
            faults.append(f"let {self.creation_winners} of {RACERS} simultaneous creations of one object succeed")
        if not self.stale_swap_refused:
            faults.append("ignores or mishandles If-Match (an outdated swap was carried out or a good one refused)")
        elif self.swap_winners != 1:
            faults.append(f"let {self.swap_winners} of {RACERS} simultaneous swaps of one object succeed")
        text = (
            f"the store {' and '.join(faults)}"
            if faults
            else f"the store honours conditional writes: one winner of {RACERS} at once for creation and for swap"
        )
        if self.left_behind:
            text += f"; {len(self.left_behind)} probe objects could not be removed, first {self.left_behind[0]}"
        return text


def probe(store: ProbedStore) -> ProbeResult:
    """What ``store`` does with conditional writes.

    Raises:
        LivingReviewError: If the store cannot be used at all; objects written so far are removed if possible.
    """
    folder = f".probe/{secrets.token_hex(8)}"
    once, creation_race, swap_race = (f"{folder}/{name}" for name in ("creation", "creation-race", "swap-race"))
    create = {"IfNoneMatch": "*"}
    written: list[str] = []
    try:
        first = store.put_if(once, b"first", create)
        written.append(once)
        second = store.put_if(once, b"second", create)
        current = store.get(once)[1]
        swapped = store.put_if(once, b"third", {"IfMatch": current})
        stale = store.put_if(once, b"fourth", {"IfMatch": current})
        written.append(creation_race)
        creation_winners = _race(store, creation_race, create)
        written.append(swap_race)
        store.put_if(swap_race, b"start", create)
        swap_winners = _race(store, swap_race, {"IfMatch": store.get(swap_race)[1]})
    finally:
        left_behind = tuple(key for key in written if not store.remove(key))
    return ProbeResult(
        second_creation_refused=first is not None and second is None,
        stale_swap_refused=swapped is not None and stale is None,
        creation_winners=creation_winners,
        swap_winners=swap_winners,
        left_behind=left_behind,
    )


def _race(store: ProbedStore, key: str, condition: Mapping[str, str]) -> int:
    """How many of :data:`RACERS` writers who start together were told that they won.

    When one was told so and another one's bytes are there, two have won in truth.
    """
    start = threading.Barrier(RACERS)

    def write(number: int) -> str | None:
        start.wait(timeout=30)
        return store.put_if(key, _body(number), condition)

    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(write, range(RACERS)))
    winners = [number for number, etag in enumerate(answers) if etag is not None]
    if len(winners) == 1 and store.get(key)[0] != _body(winners[0]):
        return 2
    return len(winners)


def _body(number: int) -> bytes:
    return f"writer {number}".encode()
