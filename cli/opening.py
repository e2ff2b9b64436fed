"""What every command shares: the review it is about, its services, and progress on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from living_review.protocol_file import load
from living_review.review import Review, open_review
from living_review.settings import STATE_FOLDER, read_settings

ReviewFolder = Annotated[Path, typer.Option("--review", metavar="DIR", help="The review's folder.")]
Here = Path()
EMBEDDED_BUCKET = "living-review"


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r{what}: {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)


@contextmanager
def opened(folder: Path) -> Iterator[Review]:
    """The review in ``folder``, telling progress on standard error."""
    with open_review(folder, progress=_progress) as review:
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
