"""The object store of the tests of steps: started once a session, a place of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from infra.local.object_store import LocalObjectStore

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
