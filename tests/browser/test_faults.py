"""What a reader sees when the store fails: a version whole, or a clear message; never parts of two."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Route

from living_review.store_layout import File
from tests.browser import made_up_review
from tests.browser.conftest import BUCKET, Place
from tests.browser.publications import Files, folder, put, versions_of
from tests.browser.reader import Reader

HASTE = "const later = window.setTimeout; window.setTimeout = (what, pause, ...more) => later(what, pause >= 250 ? 1 : pause, ...more);"
"""Pauses before another try take no time."""


def cut(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.body()[: len(answer.body()) // 2])


def other_bytes(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.body().replace(b"e", b"a", 1))


def portal(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<h1>Sign in to the Wi-Fi</h1>")


FAULTS: dict[str, Callable[[Route], None]] = {
    "lost": lambda route: route.abort(),
    "503": lambda route: route.fulfill(status=503, body="busy"),
    "403": lambda route: route.fulfill(status=403, body="<Error/>"),
    "404": lambda route: route.fulfill(status=404, body="<Error/>"),
    "cut": cut,
    "other bytes": other_bytes,
    "a portal": portal,
}
FILES = {
    "latest.json": "/overview",
    "manifest.json": "/overview",
    "overview.json": "/overview",
    "list.json": "/studies",
    "0001.json": "/study/S0003",
    "summary.json": "/typology",
    "search.json": "/methods",
    "prisma.json": "/flow",
    "together.svg": "/flow",
    "history.json": "/history",
}
MESSAGES = (
    "A file of the review is not there",
    "store does not answer",
    "A file did not arrive whole",
    "is not a review's file",
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_does_not_come_as_it_is(new_reader: Callable[..., Reader], site: str, fault: str):
    reader = new_reader()
    reader.page.add_init_script(HASTE)
    for file, route in FILES.items():
        reader.page.route(f"**/{file}", FAULTS[fault])
        if route == "/overview":
            reader.open(site)
        elif file == "list.json":
            reader.open(site, route)
        else:
            reader.go(route)
        text = reader.text
        if (file, fault) == ("latest.json", "other bytes"):
            # The pointer is proved by nothing; the version that it names is.
            assert "How do clinics" in text or any(one in text for one in MESSAGES), text
        else:
            assert any(one in text for one in MESSAGES), (file, text[:200])
            assert reader.page.locator("#main h1").all_inner_texts() == ["This cannot be shown"]
        reader.page.unroute(f"**/{file}")
    reader.page.get_by_role("button", name="Try again").click()
    reader.page.wait_for_selector("html[data-ready]")
    assert reader.page.locator("#main h1").inner_text() == "History"


def test_a_request_that_is_lost_once_is_made_again(reader: Reader, site: str):
    reader.page.add_init_script(HASTE)
    failures = itertools.count()

    def once(route: Route) -> None:
        if next(failures) % 3 < 2:
            route.abort()
        else:
            route.continue_()

    reader.page.route("**/list.json", once)
    reader.open(site, "/studies")
    assert reader.page.locator("li.study").count() == made_up_review.SMALL[-1]


def test_a_page_that_fails_leaves_the_way_to_others(reader: Reader, site: str):
    reader.page.add_init_script(HASTE)
    reader.open(site)
    reader.page.route("**/list.json", lambda route: route.abort())
    reader.go("/studies")
    assert "store does not answer" in reader.text or "did not arrive" in reader.text
    reader.go("/flow")
    assert reader.page.locator("h1").inner_text() == "Flow diagram"
    reader.page.unroute("**/list.json")
    reader.go("/studies")
    assert reader.page.locator("li.study").count() == made_up_review.SMALL[-1]


def test_what_was_left_before_it_failed_is_not_told(reader: Reader, site: str):
    reader.page.add_init_script(HASTE)
    reader.open(site)
    held: list[Route] = []
    reader.page.route("**/list.json", lambda route: held.append(route))
    reader.page.evaluate("() => { location.hash = '#/studies'; }")
    reader.page.wait_for_function("() => document.querySelector('main').hasAttribute('aria-busy')")
    reader.go("/flow")
    while held:
        held.pop().abort()
        reader.page.wait_for_timeout(50)
    assert reader.page.locator("h1").inner_text() == "Flow diagram"
    assert reader.page.get_by_role("alert").count() == 0


@pytest.mark.parametrize("script", ["studies.js", "selection.js"])
def test_a_script_of_a_page_that_is_lost(reader: Reader, site: str, script: str):
    reader.open(site)
    reader.page.route(f"**/{script}", lambda route: route.abort())
    reader.go("/studies")
    assert "store does not answer" in reader.text
    reader.go("/flow")
    assert reader.page.locator("h1").inner_text() == "Flow diagram"


@pytest.mark.parametrize("file", ["app.js", "html.js", "en.json", "reviews.json"])
def test_a_site_whose_own_files_are_lost_says_so(reader: Reader, site: str, file: str):
    reader.page.add_init_script(HASTE)
    reader.page.route(f"**/{file}", lambda route: route.abort())
    reader.page.goto(site)
    reader.page.wait_for_timeout(300)
    reader.page.evaluate("() => document.getAnimations().forEach((one) => one.finish())")
    text = reader.text
    assert "again" in text
    assert reader.page.locator("#main").locator("p").first.is_visible()


@pytest.mark.parametrize("file", ["app.js", "en.json", "latest.json", "overview.json"])
def test_a_page_of_the_bucket_stays_whole_or_says_so(new_reader: Callable[..., Reader], review: str, file: str):
    plain, reader = new_reader(java_script_enabled=False), new_reader()
    plain.page.goto(f"{review}index.html")
    reader.page.add_init_script(HASTE)
    reader.page.route(f"**/{file}", lambda route: route.abort())
    reader.page.goto(f"{review}index.html")
    reader.page.wait_for_timeout(400)
    text = reader.page.locator("#main").text_content()
    assert text == plain.page.locator("#main").text_content() or any(one in str(text) for one in MESSAGES)


def test_an_old_pointer_shows_the_old_version_whole(reader: Reader, review: str, place: Place):
    versions = versions_of(made_up_review.three_versions())
    old = folder(versions[:2])["latest.json"].body
    reader.page.route("**/latest.json", lambda route: route.fulfill(body=old, content_type="application/json"))
    reader.open(f"{review}index.html")
    assert reader.page.locator(".numbers dd").first.inner_text() == str(made_up_review.SMALL[1])
    for route, selector in (("/studies", "li.study"), ("/history", "li.version")):
        reader.go(route)
        assert reader.page.locator(selector).count() == {"/studies": made_up_review.SMALL[1], "/history": 2}[route]
    assert reader.page.locator("#notices").inner_text() == ""


def test_a_file_that_is_whole_and_not_what_it_should_be(reader: Reader, place: Place):
    version = versions_of([made_up_review.state([made_up_review.study(1)])])[0]
    address = place.publish("odd", folder([{**version, "search.json": File(b'{"sources": 3}', "application/json")}]))
    reader.open(f"{address}index.html", "/methods")
    assert "is not a review's file" in reader.text
    reader.go("/flow")
    assert reader.page.locator("h1").inner_text() == "Flow diagram"


EDITIONS = 12


@pytest.fixture(scope="module")
def editions() -> list[Files]:
    """Folders after each of some publications: edition n has n studies and says so in its title."""
    states = [
        made_up_review.state(
            [made_up_review.study(number) for number in range(20, 20 + edition)],
            protocol=made_up_review.plan(
                id="edited", title=f"Living edition of {edition}", question=f"Are they {edition}?"
            ),
        )
        for edition in range(1, EDITIONS + 1)
    ]
    states = [replace(state, version=place) for place, state in enumerate(states, start=1)]
    versions = versions_of(states)
    return [folder(versions[:number]) for number in range(1, EDITIONS + 1)]


def test_who_reads_while_versions_come_out_reads_one(
    new_reader: Callable[..., Reader], place: Place, editions: list[Files]
):
    client, name = place.store.client(), "edited"
    address = place.publish(name, editions[0])
    done = threading.Event()

    def publish() -> None:
        known = set(editions[0])
        for after in itertools.cycle([*editions[1:]]):
            if done.is_set():
                return
            new = {key: file for key, file in after.items() if key not in known or "/" not in key}
            put(new, client, BUCKET, name)
            known |= set(after)

    publisher = threading.Thread(target=publish)
    publisher.start()
    seen = set()
    try:
        reader = new_reader()
        for _turn in range(6):
            reader.open(f"{address}index.html")
            edition = int(reader.page.locator("h1").inner_text().rsplit(" ", 1)[1])
            seen.add(edition)
            assert reader.page.locator(".question").inner_text() == f"Are they {edition}?"
            assert reader.page.locator(".numbers dd").first.inner_text() == str(edition)
            reader.go("/studies")
            assert reader.page.locator("#found").inner_text().startswith(f"{edition} of {edition} ")
            assert reader.page.locator("li.study").count() == edition
            reader.go("/history")
            assert reader.page.locator("li.version").count() == edition
            reader.go("/methods")
            assert f"Are they {edition}?" in reader.text
            assert reader.page.locator(".name").inner_text() == f"Living edition of {edition}"
        reader.is_quiet()
    finally:
        done.set()
        publisher.join()
    assert len(seen) > 1


def test_a_page_without_script_is_of_one_version(
    new_reader: Callable[..., Reader], place: Place, editions: list[Files]
):
    reader = new_reader(java_script_enabled=False)
    for after in (editions[2], editions[7]):
        place.publish("edited-still", after)
        reader.page.goto(f"{place.address('edited-still')}index.html")
        edition = int(reader.page.locator("h1").inner_text().rsplit(" ", 1)[1])
        assert reader.page.locator(".numbers dd").first.inner_text() == str(edition)
