"""Readers who read all the time, without keys: each sees one whole version or a clear word, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from living_review.ledger import tables as t
from living_review.steps.published import shown
from tests.integration.conftest import BUCKET
from tests.integration.review_desk import Desk
from tests.integration.version_keeper import act, opened, started
from tests.published_versions import check_whole

pytestmark = pytest.mark.server

KILLS_AFTER_S = (0.7, 1.3, 1.9, 2.6, 0.9, 1.6)


class Mixture(Exception):
    """A reader was given bytes that belong to no version."""


def read_once(browser: httpx.Client, base: str) -> str:
    """What one reader sees who follows pointer and manifest to every file, checking each by its SHA-256."""
    pointer = browser.get(f"{base}/latest.json").raise_for_status().json()
    manifest = browser.get(f"{base}/{pointer['manifest']['key']}").raise_for_status()
    if manifest.json().get("withdrawn"):
        return "withdrawn"
    if hashlib.sha256(manifest.content).hexdigest() != pointer["manifest"]["sha256"]:
        raise Mixture(f"manifest of {pointer['version']}")
    for one in manifest.json()["files"]:
        file = browser.get(f"{base}/{one['key']}")
        if file.status_code == 404:
            return "withdrawn while reading"
        if hashlib.sha256(file.raise_for_status().content).hexdigest() != one["sha256"]:
            raise Mixture(f"{one['name']} of {pointer['version']}")
    return f"version {pointer['version']}"


class Readers:
    """Several readers in threads, between entering and leaving."""

    def __init__(self, base: str, number: int = 2) -> None:
        self.seen: list[str] = []
        self.failures: list[BaseException] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(base,)) for _ in range(number)]

    def _read(self, base: str) -> None:
        with httpx.Client(trust_env=False, timeout=30) as browser:
            while not self._over.is_set():
                try:
                    self.seen.append(read_once(browser, base))
                except BaseException as error:  # noqa: BLE001 - told in the test's own thread
                    self.failures.append(error)
                    return

    def __enter__(self) -> Readers:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for one in self._threads:
            one.join()


@pytest.fixture
def base(object_store, store_url: str) -> str:
    """Where readers pull from, without keys."""
    object_store.allow_public_read(BUCKET)
    return f"{object_store.endpoint_url}/{store_url.removeprefix('s3://')}/desk"


def acts_of(desk: Desk) -> Counter[str]:
    return Counter(row["step"] for row in desk.table(t.step_run) if row["step"] in {"rollback", "withdraw"})


def test_while_versions_are_published_rolled_back_and_withdrawn(small_desk, base, published):
    small_desk.publish()
    with Readers(base) as readers:
        for _ in range(14):
            act(small_desk)
    assert readers.failures == []
    assert {"rollback", "withdraw"} <= acts_of(small_desk).keys()
    assert len(set(readers.seen)) > 3
    check_whole(published())


def test_while_the_publisher_is_killed_again_and_again(
    small_desk, base, published, sqlite, tmp_path, object_store, store_url
):
    small_desk.publish()
    address = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    keys: dict[str, str] = {**object_store.environment, "AWS_EC2_METADATA_DISABLED": "true"}
    with Readers(base) as readers:
        for seconds in KILLS_AFTER_S:
            process: Any = started(address, tmp_path, store_url, keys)
            time.sleep(seconds)
            process.kill()
            process.join()
    assert readers.failures == []
    desk = opened(address, tmp_path, store_url)
    for _ in range(3):
        act(desk)
    number = check_whole(published())
    with desk.review.read() as tx:
        assert shown(tx) == number
    assert len(desk.table(t.publication)) > 2
    desk.review.ledger.close()
