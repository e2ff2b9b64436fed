"""One Chromium and one object store a session; the made-up review in it, and a site of another origin that shows it."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from infra.local.loopback import LoopbackServer
from infra.local.object_store import LocalObjectStore
from living_review.steps.site import own_site
from tests.browser import made_up_review
from tests.browser.publications import Files, folder, put, versions_of, write
from tests.browser.reader import Reader

BUCKET = "reviews"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium of the machine's own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is on the path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield running
        running.close()


@dataclass(frozen=True)
class Place:
    """The store as readers reach it, and what is published there."""

    store: LocalObjectStore

    def address(self, name: str) -> str:
        """The folder of a review."""
        return f"{self.store.endpoint_url}/{BUCKET}/{name}/"

    def publish(self, name: str, objects: Files) -> str:
        """Writes a review's folder; gives its address."""
        put(objects, self.store.client(), BUCKET, name)
        return self.address(name)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A SeaweedFS whose bucket anybody may read."""
    with LocalObjectStore(tmp_path_factory.mktemp("objects")) as running:
        running.create_bucket(BUCKET)
        running.allow_public_read(BUCKET)
        yield Place(running)


@pytest.fixture(scope="session")
def review(place: Place) -> str:
    """The address of the made-up review of three versions."""
    versions = versions_of(made_up_review.three_versions())
    return place.publish("messages", folder(versions))


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Files], str]]:
    """Puts files on a web server with an origin of their own; gives the address."""
    with ExitStack() as servers:

        def start(files: Files) -> str:
            here = tmp_path_factory.mktemp("site")
            write(files, here)
            handler = functools.partial(_Quiet, directory=str(here))
            server = servers.enter_context(LoopbackServer(ThreadingHTTPServer(("127.0.0.1", 0), handler)))
            return f"http://127.0.0.1:{server.port}/"

        yield start


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def site(review: str, serve: Callable[[Files], str]) -> str:
    """The address of a site that shows the made-up review from another origin."""
    return serve(own_site([review]))


@pytest.fixture
def new_reader(browser: Browser) -> Iterator[Callable[..., Reader]]:
    """Makes readers with a context of their own; see Playwright's ``new_context`` for what can be chosen."""
    contexts: list[BrowserContext] = []

    def made(**options: Any) -> Reader:
        contexts.append(browser.new_context(**{"locale": "en-US", **options}))
        return Reader(contexts[-1])

    yield made
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """A window for the tests that leave nothing behind in it: what was loaded once is at hand."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def reader(desk: BrowserContext) -> Iterator[Reader]:
    """A reader at a desk, with a tab of their own."""
    opened = Reader(desk)
    yield opened
    opened.close()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where pictures of pages go."""
    named = os.environ.get("LIVING_REVIEW_SCREENSHOTS")
    here = Path(named) if named else tmp_path
    here.mkdir(parents=True, exist_ok=True)
    return here
