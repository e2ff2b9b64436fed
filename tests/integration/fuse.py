"""A fuse: lets a step do so many deeds to store and ledger, and no more, as if the process had been killed there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from living_review.ledger.database import Ledger
from living_review.store import ObjectStore


class Killed(BaseException):
    """The process ended here."""


@contextmanager
def fuse(deeds: int) -> Iterator[list[str]]:
    """Writes and removals of objects and transactions of the ledger happen ``deeds`` times; the next one is the end.

    Gives what was done.
    """
    done: list[str] = []
    put, remove, write = ObjectStore._put, ObjectStore.remove, Ledger.write

    def burn(what: str) -> None:
        if len(done) == deeds:
            raise Killed
        done.append(what)

    def burning_put(self: ObjectStore, client: Any, key: str, *given: Any, **named: Any) -> str | None:
        burn(f"put {key}")
        return put(self, client, key, *given, **named)

    def burning_remove(self: ObjectStore, key: str) -> None:
        burn(f"remove {key}")
        remove(self, key)

    def burning_write(self: Ledger, *given: Any, **named: Any) -> AbstractContextManager[Any]:
        burn("ledger")
        return write(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ObjectStore, "_put", burning_put)
        patch.setattr(ObjectStore, "remove", burning_remove)
        patch.setattr(Ledger, "write", burning_write)
        yield done
