"""The badge and a chart on a page of somebody else's, by a script element or a frame."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from living_review import site
from living_review.store_layout import File
from tests.browser import made_up_review
from tests.browser.conftest import Place
from tests.browser.publications import Files, folder, versions_of
from tests.browser.reader import Reader


@pytest.fixture(scope="module")
def embedded(place: Place) -> str:
    versions = versions_of(made_up_review.three_versions())
    return place.publish("embedded", {**folder(versions), **site.embedding()})


def page(serve: Callable[[Files], str], body: str, policy: str = "") -> str:
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    text = f"<!doctype html><html lang='en'><head><title>Theirs</title>{head}<style>p{{color:#900}}</style></head><body><p id='theirs'>Theirs</p>{body}</body></html>"
    return serve({"index.html": File(text.encode(), "text/html"), "favicon.ico": File(b"", "image/x-icon")})


def shown(reader: Reader, address: str) -> str:
    reader.page.goto(address)
    place = reader.page.locator("script + div")
    place.locator("p, figure").first.wait_for()
    return "\n".join(place.locator("p, figcaption").all_inner_texts())


def test_a_badge(reader: Reader, serve: Callable[[Files], str], embedded: str):
    text = shown(reader, page(serve, f'<script async src="{embedded}embed.js" data-show="badge"></script>'))
    assert text.split("\n")[0] == "Messages in clinics: a living review"
    assert "Living review" in text
    assert "Last searched March 5, 2026" in text
    assert reader.page.locator("script + div a").get_attribute("href") == f"{embedded}index.html"
    assert reader.page.evaluate("() => getComputedStyle(document.getElementById('theirs')).color") == "rgb(153, 0, 0)"
    assert (
        reader.page.locator("script + div p").first.evaluate("(one) => getComputedStyle(one).color") != "rgb(153, 0, 0)"
    )
    reader.is_quiet()
    assert reader.breaches(tags=("wcag2a", "wcag2aa")) == []


def test_a_chart_in_another_language_under_a_strict_policy(
    reader: Reader, serve: Callable[[Files], str], embedded: str
):
    parts = urlsplit(embedded)
    store = f"{parts.scheme}://{parts.netloc}"
    policy = f"default-src 'none'; script-src {store}; connect-src {store}; img-src {store}; require-trusted-types-for 'script'"
    script = f'<script async src="{embedded}embed.js" data-show="chart:platform" data-lang="zh-Hans"></script>'
    address = page(serve, script, policy)
    text = shown(reader, address)
    assert "CSV" in text
    assert "诊所中的短信" in text
    picture = reader.page.locator("script + div img")
    reader.page.wait_for_function(
        "() => document.querySelector('script + div').shadowRoot.querySelector('img').complete"
    )
    assert picture.evaluate("(one) => one.naturalWidth") > 100
    assert "Platform" in str(picture.get_attribute("alt")) or "平台" in str(picture.get_attribute("alt"))
    assert reader.origins() == {store, address.rstrip("/")}
    assert [one for one in reader.said if "style" not in one] == []


def test_a_frame(reader: Reader, serve: Callable[[Files], str], embedded: str):
    reader.page.goto(
        page(serve, f'<iframe src="{embedded}embed.html?show=badge&lang=en" title="Living review"></iframe>')
    )
    inside = reader.page.frame_locator("iframe")
    inside.locator(".badge").wait_for()
    assert "Last searched March 5, 2026" in inside.locator(".badge").inner_text()
    reader.is_quiet()


def test_a_chart_that_there_is_not_is_said(reader: Reader, serve: Callable[[Files], str], embedded: str):
    text = shown(reader, page(serve, f'<script async src="{embedded}embed.js" data-show="chart:nothing"></script>'))
    assert "There is nothing called chart:nothing to show; there are: badge, chart:country," in text


def test_a_store_that_is_away_is_said(reader: Reader, serve: Callable[[Files], str], embedded: str):
    reader.page.route("**/latest.json", lambda route: route.abort())
    text = shown(reader, page(serve, f'<script async src="{embedded}embed.js"></script>'))
    assert "store does not answer" in text


def test_two_on_one_page_and_no_script_as_address(reader: Reader, serve: Callable[[Files], str], embedded: str):
    scripts = f'<script async src="{embedded}embed.js" data-page="javascript:window.hit=1"></script>' * 2
    reader.page.goto(page(serve, scripts))
    reader.page.wait_for_function(
        "() => [...document.querySelectorAll('script + div')].filter((one) => one.shadowRoot.querySelector('.badge')).length === 2"
    )
    assert reader.page.locator("script + div a").evaluate_all("(all) => all.map((one) => one.protocol)") == [
        "http:",
        "http:",
    ]


def test_a_script_in_the_head_shows_at_the_end_of_the_page(
    reader: Reader, serve: Callable[[Files], str], embedded: str
):
    script = f'<script async src="{embedded}embed.js"></script>'
    text = f"<!doctype html><html lang='en'><head><title>Theirs</title>{script}</head><body><p id='theirs'>Theirs</p></body></html>"
    reader.page.goto(serve({"index.html": File(text.encode(), "text/html")}))
    reader.page.locator("#theirs + div p").first.wait_for()
    assert reader.page.locator("head > div").count() == 0
