"""One pace for all threads and processes of a machine."""

from __future__ import annotations

import multiprocessing
import struct
import threading
import time
from itertools import pairwise
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from living_review.errors import LivingReviewError
from living_review.sources.rate_limit import RateLimiter

RATE = 3.0
SPACING = 1.1 / RATE


def _take(folder: str, rate: float, count: int, start: Barrier, results: multiprocessing.Queue[list[float]]) -> None:
    limiter = RateLimiter(Path(folder), rate)
    start.wait(60)
    results.put([limiter.reserve() for _ in range(count)])


def _check_spaced(moments: list[float], count: int, rate: float = RATE) -> None:
    """Moments are handed out once each and evenly, so no second has more than ``rate`` of them."""
    assert len(moments) == count
    moments = sorted(moments)
    assert all(later - earlier >= 1.1 / rate - 1e-6 for earlier, later in pairwise(moments))
    ahead = int(rate)
    assert all(moments[place + ahead] - moments[place] >= 1.0 for place in range(count - ahead))


def test_several_processes_share_one_rate(tmp_path: Path) -> None:
    rate = 1000.0  # fast, so that the four meet at the file often
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[list[float]] = context.Queue()
    start = context.Barrier(4)
    workers = [context.Process(target=_take, args=(str(tmp_path), rate, 4000, start, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    moments = [moment for _ in workers for moment in results.get(timeout=60)]
    for worker in workers:
        worker.join()
    results.close()
    results.join_thread()
    _check_spaced(moments, 16_000, rate)


def test_threads_share_one_rate_even_with_limiters_of_their_own(tmp_path: Path) -> None:
    moments: list[float] = []

    def take() -> None:
        limiter = RateLimiter(tmp_path, RATE)
        moments.extend(limiter.reserve() for _ in range(25))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _check_spaced(moments, 200)


def test_waiting_lasts_until_the_moment(tmp_path: Path) -> None:
    limiter = RateLimiter(tmp_path, 20.0)
    moment = limiter.reserve()
    limiter.wait()
    assert time.monotonic() >= moment + 1.1 / 20.0


def test_no_rate_never_waits_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"slept {seconds}"))
    limiter = RateLimiter(tmp_path / "none", None)
    limiter.pause(60)
    limiter.wait()
    assert limiter.reserve() <= time.monotonic()
    assert not (tmp_path / "none").exists()


def test_an_idle_limiter_saves_up_nothing(tmp_path: Path) -> None:
    limiter = RateLimiter(tmp_path, 1000.0)
    limiter.reserve()
    time.sleep(0.05)
    first, second = limiter.reserve(), limiter.reserve()
    assert second - first >= 1.1 / 1000.0 - 1e-6


def test_a_pause_holds_everybody_back(tmp_path: Path) -> None:
    before = time.monotonic()
    RateLimiter(tmp_path, RATE).pause(30)
    moments = [RateLimiter(tmp_path, RATE).reserve() for _ in range(3)]
    assert moments[0] >= before + 30
    _check_spaced(moments, 3)
    RateLimiter(tmp_path, RATE).pause(1)
    assert RateLimiter(tmp_path, RATE).reserve() >= moments[-1] + SPACING - 1e-6


def test_no_pause_is_for_ever(tmp_path: Path) -> None:
    limiter = RateLimiter(tmp_path, RATE)
    limiter.pause(1e9)
    assert limiter.reserve() <= time.monotonic() + 300 + SPACING


@pytest.mark.parametrize("content", [b"", b"xx", struct.pack("<d", float("nan")), struct.pack("<d", 1e12), b"\0" * 99])
def test_a_spoilt_file_neither_stops_nor_hangs(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "next-request").write_bytes(content)
    limiter = RateLimiter(tmp_path, RATE)
    moments = [limiter.reserve(), limiter.reserve()]
    assert moments[0] <= time.monotonic()
    _check_spaced(moments, 2)


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LivingReviewError, match="cannot keep the pace of requests"):
        RateLimiter(tmp_path / "file" / "folder", RATE)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_is_above_zero(tmp_path: Path, rate: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        RateLimiter(tmp_path, rate)
