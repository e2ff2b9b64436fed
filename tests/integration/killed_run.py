"""A process that runs the steps of a refresh, for a test to kill. Imports all it needs first, so that a kill meets work."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from living_review.ledger.database import Ledger
from living_review.steps.dedupe import dedupe
from living_review.steps.queue import queue
from living_review.steps.search import search
from tests.integration.small_world import make_review

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


def refresh(address: str, folder: Path, entrez_url: str) -> None:
    """Search, dedupe and queue, as the flow does, at a fixed moment."""
    ledger = Ledger(address)
    review = make_review(folder, ledger, lambda: datetime(2026, 3, 2, 9, tzinfo=UTC), entrez_url=entrez_url)
    for step in (search, dedupe, queue):
        step(review)
    ledger.close()


def started(address: str, folder: Path, entrez_url: str) -> BaseProcess:
    """:func:`refresh` in a process of its own."""
    process = _CONTEXT.Process(target=refresh, args=(address, folder, entrez_url), daemon=True)
    process.start()
    return process
