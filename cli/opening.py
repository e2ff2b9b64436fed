"""What every command shares: the review it is about, its services, and progress on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from living_review.errors import LivingReviewError
from living_review.plain_text import one_line, shortened
from living_review.protocol_file import load
from living_review.review import Review, open_review
from living_review.settings import STATE_FOLDER, read_settings

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

ReviewFolder = Annotated[Path, typer.Option("--review", metavar="DIR", help="The review's folder.")]
Here = Path()
_WHY = 120
"""Characters of the reason for which a source is asked again."""
EMBEDDED_BUCKET = "living-review"


def progress(what: str, done: int, total: int) -> None:
    """Show on a terminal how far long work is."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r{what}: {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)


def _waits(details: RetryDetails) -> None:
    """Say on a terminal that a source is asked again: else nothing moves for minutes, and nobody knows why."""
    error = details.caused_by
    told = (
        f"{error.what}, {error.where}" if isinstance(error, LivingReviewError) else str(error) or type(error).__name__
    )
    why = shortened(one_line(told), _WHY)
    print(f"{why}: asked again in {details.wait_for:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def opened(folder: Path) -> Iterator[Review]:
    """The review in ``folder``, telling progress on standard error."""
    if sys.stderr.isatty():
        # Imported here: it takes time that a command without a terminal need not wait.
        from stamina.instrumentation import set_on_retry_hooks

        set_on_retry_hooks([_waits])
    with open_review(folder, progress=progress) as review:
        yield review


@contextmanager
def object_store(folder: Path) -> Iterator[str]:
    """An object store in the environment: the one that is set, or one of our own on loopback: that which runs, else meanwhile.

    Gives the address of the embedded store, or nothing where another is set.
    """
    # A folder that is no review gets no store.
    load(folder)
    if read_settings().store_url:
        yield ""
        return
    from infra.local.object_store import LocalObjectStore

    with LocalObjectStore(folder / STATE_FOLDER / "store", join=True) as store:
        store.create_bucket(EMBEDDED_BUCKET)
        store.allow_public_read(EMBEDDED_BUCKET)
        changes = {**store.environment, "LIVING_REVIEW_STORE_URL": f"s3://{EMBEDDED_BUCKET}"}
        with environment(changes):
            yield f"{store.endpoint_url}/{EMBEDDED_BUCKET}"


@contextmanager
def environment(changes: dict[str, str]) -> Iterator[None]:
    """The process's environment with ``changes``, for as long as it lasts."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
