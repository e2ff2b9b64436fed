"""Which addresses are asked, from which origin; what a site with several reviews shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from living_review.site import assets, shell
from living_review.store_layout import File
from tests.browser import made_up_review
from tests.browser.conftest import Place
from tests.browser.pages import PAGES
from tests.browser.publications import Files, folder, own_site, versions_of
from tests.browser.reader import Reader


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def test_nobody_but_the_site_and_the_store_is_asked(reader: Reader, site: str, review: str):
    assert origin(site) != origin(review)
    reader.open(site)
    for name, route in PAGES.items():
        reader.go(route)
        reader.is_quiet()
        assert reader.origins() == {origin(site), origin(review)}, name


def test_in_the_bucket_only_the_bucket_is_asked(reader: Reader, review: str):
    for page in ("index.html", "studies.html", "index.zh-Hans.html", "versions/000001/index.html"):
        reader.open(f"{review}{page}")
        for route in PAGES.values():
            reader.go(route)
        reader.is_quiet()
    assert reader.origins() == {origin(review)}


def test_every_file_comes_once_and_from_the_review_alone(reader: Reader, site: str, review: str):
    reader.open(site)
    for route in (*PAGES.values(), *PAGES.values()):
        reader.go(route)
    asked = [url for url in reader.requests if url.startswith(review) and url.endswith(".json")]
    assert sorted(asked) == sorted(set(asked))


@pytest.fixture(scope="module")
def second(place: Place) -> str:
    state = made_up_review.state(
        [made_up_review.study(1)], protocol=made_up_review.plan(id="other", title="Another review")
    )
    return place.publish("other", folder(versions_of([state])))


def test_several_reviews_from_one_address(reader: Reader, serve: Callable[[Files], str], review: str, second: str):
    site = serve(own_site([review, second]))
    reader.open(site)
    assert reader.page.locator("#main a").all_inner_texts() == [
        "Messages in clinics: a living review",
        "Another review",
    ]
    reader.page.get_by_role("link", name="Another review").click()
    reader.page.wait_for_selector("html[data-ready]")
    assert reader.page.locator("h1").inner_text() == "Another review"
    assert "review=other" in reader.page.url
    reader.open(site, "/studies", review="messages")
    assert (
        reader.page.locator("#found").inner_text()
        == f"{made_up_review.SMALL[-1]} of {made_up_review.SMALL[-1]} studies"
    )
    reader.is_quiet()


def test_a_review_that_the_site_does_not_list(reader: Reader, site: str):
    reader.open(site, review="<b>unlisted</b>")
    assert "This site has no review <b>unlisted</b>." in reader.text
    reader.is_quiet()


def test_no_address_makes_the_site_show_another_store(reader: Reader, site: str, review: str):
    reader.open(site, review="https://example.org/")
    assert "no review https://example.org/" in reader.text
    assert reader.origins() == {origin(site)}


def test_a_store_that_the_policy_does_not_name_is_not_asked(reader: Reader, serve: Callable[[Files], str], review: str):
    listed = {"reviews": [{"id": "messages", "title": "T", "address": review}]}
    site = serve({**assets(), "index.html": File(shell([]), ""), "reviews.json": File(json.dumps(listed).encode(), "")})
    reader.open(site)
    assert "store does not answer" in reader.text
    assert reader.page.evaluate("() => window.violations.length") > 0
