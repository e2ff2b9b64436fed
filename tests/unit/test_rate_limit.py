"""One pace for all threads and processes of a machine."""

from __future__ import annotations

import multiprocessing
import struct
import threading
import time
from pathlib import Path

import pytest

from living_review.errors import LivingReviewError
from living_review.sources.rate_limit import RateLimiter

RATE = 40.0


def _take(folder: str, count: int, results: multiprocessing.Queue[list[float]]) -> None:
    limiter = RateLimiter(Path(folder), RATE)
    moments = []
    for _ in range(count):
        limiter.wait()
        moments.append(time.monotonic())
    results.put(moments)


def _most_in_one_second(moments: list[float]) -> int:
    moments = sorted(moments)
    return max(sum(1 for later in moments[i:] if later < first + 1.0) for i, first in enumerate(moments))


def test_several_processes_share_one_rate(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[list[float]] = context.Queue()
    workers = [context.Process(target=_take, args=(str(tmp_path), 20, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    moments = [moment for _ in workers for moment in results.get(timeout=60)]
    for worker in workers:
        worker.join()
    results.close()
    results.join_thread()
    assert len(moments) == 80
    assert _most_in_one_second(moments) <= RATE
    # The slots are handed out at 1.1 / rate; nobody was let through twice in one.
    assert max(moments) - min(moments) >= 78 * 1.1 / RATE


def test_threads_share_one_rate_even_with_limiters_of_their_own(tmp_path: Path) -> None:
    moments: list[float] = []

    def take() -> None:
        limiter = RateLimiter(tmp_path, RATE)
        for _ in range(8):
            limiter.wait()
            moments.append(time.monotonic())

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(moments) == 32
    assert max(moments) - min(moments) >= 30 * 1.1 / RATE


def test_no_rate_never_waits_and_writes_nothing(tmp_path: Path) -> None:
    limiter = RateLimiter(tmp_path / "none", None)
    assert [limiter.wait() for _ in range(1000)] == [0.0] * 1000
    limiter.pause(60)
    assert limiter.wait() == 0.0
    assert not (tmp_path / "none").exists()


def test_an_idle_limiter_saves_up_nothing(tmp_path: Path) -> None:
    limiter = RateLimiter(tmp_path, 100.0)
    limiter.wait()
    time.sleep(0.1)
    assert limiter.wait() == 0.0
    assert limiter.wait() > 0.0


def test_a_pause_holds_everybody_back(tmp_path: Path) -> None:
    RateLimiter(tmp_path, RATE).pause(0.3)
    started = time.monotonic()
    RateLimiter(tmp_path, RATE).wait()
    assert time.monotonic() - started >= 0.29


@pytest.mark.parametrize("content", [b"", b"xx", struct.pack("<d", float("nan")), struct.pack("<d", 1e12), b"\0" * 99])
def test_a_spoilt_file_neither_stops_nor_hangs(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "next-request").write_bytes(content)
    limiter = RateLimiter(tmp_path, RATE)
    assert limiter.wait() == 0.0
    assert 0.0 < limiter.wait() <= 1.1 / RATE


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LivingReviewError, match="cannot keep the pace of requests"):
        RateLimiter(tmp_path / "file" / "folder", RATE)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_is_above_zero(tmp_path: Path, rate: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        RateLimiter(tmp_path, rate)
