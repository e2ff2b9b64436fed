"""A process that publishes, rolls back and withdraws without end, for a test to kill."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from living_review.ledger.database import Ledger
from living_review.ledger.decisions import Decisions
from living_review.steps.published import shown, standing
from living_review.steps.rollback import rollback
from living_review.steps.withdraw import withdraw
from tests.integration.review_desk import Desk, desk_on

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


def act(desk: Desk) -> None:
    """What is due in the life of a review that goes back and forth: one publication, rollback or withdrawal."""
    with desk.review.read() as tx:
        number, now, there = len(Decisions(tx).publications()), shown(tx), [row["version"] for row in standing(tx)]
    earlier = [one for one in there if now and one < now]
    if number % 3 == 2 and now == there[-1] and earlier:
        rollback(desk.review, earlier[-1], "ann", "made up")
    elif number % 3 == 0 and len(earlier) > 2:
        withdraw(desk.review, earlier[0], "ann", "made up")
    else:
        desk.change(title=f"Telephones, told for the {number + 1}. time: a living review")
        desk.publish(by="ann")


def opened(address: str, folder: Path, store_url: str) -> Desk:
    """The desk, at a time after everything in its ledger."""
    ticks = itertools.count()
    start = datetime(2026, 4, 1, tzinfo=UTC)
    return desk_on(Ledger(address), lambda: start + timedelta(milliseconds=next(ticks)), folder, store_url=store_url)


def keep_on(address: str, folder: Path, store_url: str, environment: dict[str, str]) -> None:
    """Act until killed."""
    os.environ.update(environment)
    desk = opened(address, folder, store_url)
    while True:
        act(desk)


def started(address: str, folder: Path, store_url: str, environment: dict[str, str]) -> BaseProcess:
    """:func:`keep_on` in a process of its own."""
    process = _CONTEXT.Process(target=keep_on, args=(address, folder, store_url, environment), daemon=True)
    process.start()
    return process
