"""Without JavaScript overview and list of studies are whole, and they are the pages that the scripts show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import made_up_review
from tests.browser.conftest import Place
from tests.browser.publications import Files, folder, versions_of
from tests.browser.reader import Reader


@pytest.fixture(scope="module")
def many(place: Place) -> tuple[str, Files]:
    """A review of 230 studies: three pages of them."""
    studies = [made_up_review.study(number) for number in range(1, 231)]
    plan = made_up_review.plan(id="many")
    objects = folder(versions_of([made_up_review.state(studies, protocol=plan)]))
    return place.publish("many", objects), objects


def numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d,]*(?:\.\d+)?%?", text)


def test_the_overview_says_every_number(new_reader: Callable[..., Reader], review: str, place: Place):
    plain = new_reader(java_script_enabled=False)
    plain.page.goto(f"{review}index.html")
    about = overview_of(place, 3)
    shown = numbers(plain.text)
    expected = [
        *about["counts"].values(),
        *(one["count"] for one in about["typology"]["models"]),
        *(
            row["count"]
            for table in about["tables"]
            for row in sorted(table["rows"], key=lambda row: -row["count"])[:5]
        ),
        *(table["numbers"]["median"] for table in about["tables"] if table["numbers"]),
        *(table["missing"]["count"] for table in about["tables"] if table["missing"]["count"]),
        about["not_yet_incorporated"]["reports"],
        about["not_yet_incorporated"]["studies"],
        about["version"],
    ]
    assert {f"{number:,}" for number in expected if number} - set(shown) == set()
    text = plain.page.locator("body").inner_text()
    for said in (about["review"]["question"], about["citation"], *(one["citation"] for one in about["retracted"])):
        assert said in text
    assert "Last searched" in text
    assert plain.requests and not any(url.endswith(".json") for url in plain.requests)


def overview_of(place: Place, version: int) -> dict[str, Any]:
    body = place.store.client().get_object(Bucket="reviews", Key=f"messages/versions/{version:06d}/overview.json")[
        "Body"
    ]
    told: dict[str, Any] = json.loads(body.read())
    return told


def test_the_list_names_every_study_once(new_reader: Callable[..., Reader], many: tuple[str, Files]):
    address, objects = many
    plain = new_reader(java_script_enabled=False)
    plain.page.goto(f"{address}index.html")
    plain.page.get_by_role("link", name="Studies", exact=True).click()
    titles: list[str] = []
    while True:
        titles += plain.page.locator("li.study h2 a").all_text_contents()
        following = plain.page.get_by_role("link", name="Next", exact=True)
        if not following.count():
            break
        following.click()
    listed = json.loads(objects["versions/000001/list.json"].body)["studies"]
    assert titles == [one["title"] for one in listed]
    assert plain.page.url.endswith("studies-3.html")
    assert plain.page.locator("li.study").count() == 30


def test_a_study_is_marked_where_it_is_listed(new_reader: Callable[..., Reader], review: str):
    plain = new_reader(java_script_enabled=False)
    plain.page.goto(f"{review}studies.html")
    marks = {
        one: plain.page.locator(f"#{one} .mark").all_inner_texts()
        for one in ("S0001", "S0002", "S0003", "S0011", "S0012")
    }
    assert marks == {
        "S0001": [],
        "S0002": ["Retracted"],
        "S0003": ["Expression of concern"],
        "S0011": ["Retraction unknown"],
        "S0012": ["Not charted yet"],
    }


@pytest.mark.parametrize(
    "page", ["index.html", "index.zh-Hans.html", "versions/000001/index.html", "versions/000003/index.html"]
)
def test_the_scripts_show_what_publication_made(new_reader: Callable[..., Reader], review: str, page: str):
    plain, live = new_reader(java_script_enabled=False), new_reader()
    plain.page.goto(f"{review}{page}")
    live.open(f"{review}{page}")
    for part in ("#main", ".badge", ".pages", "footer", "title"):
        assert live.page.locator(part).first.inner_text() == plain.page.locator(part).first.inner_text(), part
    assert live.page.evaluate(
        "() => [document.documentElement.lang, document.documentElement.dir]"
    ) == plain.page.locator("html").evaluate("(one) => [one.lang, one.dir]")


def test_a_page_of_the_list_is_the_first_of_the_scripts_list(
    new_reader: Callable[..., Reader], many: tuple[str, Files]
):
    plain, live = new_reader(java_script_enabled=False), new_reader()
    plain.page.goto(f"{many[0]}studies.html")
    live.open(f"{many[0]}index.html", "/studies")
    assert live.page.locator("ol.studies").text_content() == plain.page.locator("ol.studies").text_content()


def test_the_script_takes_over_at_the_page_that_is_open(reader: Reader, many: tuple[str, Files]):
    reader.open(f"{many[0]}studies-2.html")
    assert reader.page.locator("li.study").first.get_attribute("id") == "S0101"
