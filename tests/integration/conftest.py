"""The object store of the tests of steps: started once a session, a place of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.object_store import LocalObjectStore
from living_review.ledger.database import Ledger
from living_review.review import Clock
from tests.feeds import check_atom, check_json_feed
from tests.integration.review_desk import GOOD, Desk, desk_on, objects
from tests.published import check_all

BUCKET = "reviews"
_places = itertools.count(1)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalObjectStore]:
    """A SeaweedFS of the tests' own."""
    with LocalObjectStore(tmp_path_factory.mktemp("objects")) as running:
        running.create_bucket(BUCKET)
        yield running


@pytest.fixture
def store_url(object_store: LocalObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place in the store, for which this process has the keys."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return f"s3://{BUCKET}/t{next(_places)}"


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield ledger
    ledger.close()


@pytest.fixture
def small_desk(sqlite: Ledger, clock: Clock, tmp_path: Path, store_url: str) -> Desk:
    """A review of three reports, two of which are included studies, one of them charted."""
    made = desk_on(sqlite, clock, tmp_path, store_url=store_url)
    made.arrive(1, 2, 3)
    made.include("R000001", "R000002")
    made.chart({"S0001": GOOD})
    return made


@pytest.fixture
def published(object_store: LocalObjectStore, store_url: str) -> Callable[[], dict[str, bytes]]:
    """What is in the test's place in the store, below the review's folder."""

    def read() -> dict[str, bytes]:
        return {key.removeprefix("desk/"): body for key, body in objects(object_store, store_url).items()}

    return read


@pytest.fixture
def sound(published: Callable[[], dict[str, bytes]]) -> Iterator[None]:
    """What the test leaves in its place in the store is as the schemas and the feeds' standards want it."""
    yield
    left = published()
    check_all(left)
    if "feed.xml" in left:
        check_atom(left["feed.xml"])
        check_json_feed(left["feed.json"])
