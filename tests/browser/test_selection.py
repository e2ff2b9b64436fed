"""A selection in an address: shared, restored, downloaded; the language that is kept beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rispy

from tests.browser.made_up_review import ARABIC, SMALL
from tests.browser.reader import Reader

FILTERED = "/studies?f.direction=one&f.platform=sms&f.platform=letter&sort=-year"


def titles(reader: Reader) -> list[str]:
    return reader.page.locator("li.study h2 a").all_text_contents()


def test_a_shared_address_restores_the_selection(new_reader: Callable[..., Reader], site: str):
    first = new_reader()
    first.open(site, "/studies", lang="zh-Hans")
    for facet, value in (("f.direction", "one"), ("f.platform", "sms"), ("f.platform", "letter")):
        first.page.locator(f"[data-facet='{facet}']").evaluate("(one) => { one.open = true; }")
        first.page.locator(f"input[name='{facet}'][value='{value}']").check()
        first.page.wait_for_function(
            "([name, value]) => new URLSearchParams(location.hash.split('?')[1]).getAll(name).includes(value)",
            arg=[facet, value],
        )
        first.settle()
    first.page.locator("select[name=sort]").select_option("-year")
    first.page.wait_for_function("() => location.hash.includes('sort=-year')")
    first.settle()
    assert 0 < len(titles(first)) < SMALL[-1]
    second = new_reader()
    second.page.goto(first.page.url)
    second.settle()
    assert titles(second) == titles(first)
    assert second.page.locator("html").get_attribute("lang") == "zh-Hans"
    assert second.page.locator("#found").inner_text() == first.page.locator("#found").inner_text()
    checked = "(all) => all.filter((one) => one.checked).map((one) => one.value)"
    assert second.page.locator("input[type=checkbox]").evaluate_all(checked) == ["one", "sms", "letter"]
    assert second.page.locator("details[open][data-facet]").count() == 2


def test_the_link_is_copied(new_reader: Callable[..., Reader], site: str):
    reader = new_reader(permissions=["clipboard-read", "clipboard-write"])
    reader.open(site, FILTERED)
    reader.page.get_by_role("button", name="Copy link").click()
    reader.page.get_by_role("button", name="Copied").wait_for()
    assert reader.page.evaluate("() => navigator.clipboard.readText()") == reader.page.url


def test_back_leads_to_the_page_before(reader: Reader, site: str):
    reader.open(site, FILTERED)
    shown = titles(reader)
    reader.page.locator("li.study h2 a").first.click()
    reader.page.wait_for_function("() => location.hash.startsWith('#/study/')")
    reader.settle()
    reader.page.go_back()
    reader.page.wait_for_function("() => location.hash.startsWith('#/studies')")
    reader.settle()
    assert titles(reader) == shown


def test_the_language_stays_in_the_address(reader: Reader, site: str):
    reader.open(site, "/map")
    reader.page.get_by_role("link", name="简体中文").click()
    reader.page.wait_for_selector("html[lang='zh-Hans'][data-ready]")
    assert "lang=zh-Hans" in reader.page.url
    assert "#/map" in reader.page.url
    reader.go("/typology")
    assert reader.page.locator("h2", has_text="广播").count() == 1
    assert "lang=zh-Hans" in reader.page.url
    reader.go("/studies")
    assert "单向" in reader.page.locator("[data-facet='f.direction']").text_content()
    # A field without a translation is in the review's language, and marked so.
    assert reader.page.locator("[data-facet='f.country'] summary bdi").get_attribute("lang") == "en"


def test_a_language_that_the_browser_asks_for(new_reader: Callable[..., Reader], site: str):
    assert new_reader(locale="zh-CN").open(site).page.locator("html").get_attribute("lang") == "zh-Hans"
    assert new_reader(locale="sw").open(site).page.locator("html").get_attribute("lang") == "en"


def download(reader: Reader, kind: str) -> bytes:
    with reader.page.expect_download() as started:
        reader.page.get_by_role("button", name=f"Download {kind}").click()
    return Path(started.value.path()).read_bytes()


def test_a_download_holds_exactly_the_selection(reader: Reader, site: str):
    reader.open(site, FILTERED)
    shown = titles(reader)
    rows = list(csv.DictReader(io.StringIO(download(reader, "CSV").decode("utf-8-sig"))))
    assert [row["title"] for row in rows] == shown
    assert {row["direction"] for row in rows} == {"one"}
    assert "finding" not in rows[0]
    told: dict[str, Any] = json.loads(download(reader, "JSON"))
    assert [one["title"] for one in told["studies"]] == shown
    assert (told["review"], told["version"], told["address"]) == ("messages", 3, reader.page.url)
    references = rispy.loads(download(reader, "RIS").decode())
    assert [one["title"] for one in references] == shown
    assert [one["id"] for one in references] == [row["study_id"] for row in rows]
    reader.is_quiet()


def test_a_retracted_study_says_so_in_every_download(reader: Reader, site: str):
    reader.open(site, "/studies?state=retracted")
    assert b",retracted," in download(reader, "CSV")
    assert b"N1  - RETRACTED" in download(reader, "RIS")
    assert json.loads(download(reader, "JSON"))["studies"][0]["retraction"] == "retracted"


def test_a_download_of_everything_has_every_page(reader: Reader, site: str):
    reader.open(site, "/studies")
    rows = list(csv.DictReader(io.StringIO(download(reader, "CSV").decode("utf-8-sig"))))
    assert len(rows) == SMALL[-1]
    assert ARABIC in [row["title"] for row in rows]


def test_words_are_found_without_accents_and_case(reader: Reader, site: str):
    reader.open(site, "/studies?q=swiatkowski%20DONAU")
    assert reader.page.locator("li.study").evaluate_all("(all) => all.map((one) => one.id)") == ["S0009"]


def test_what_a_chart_counts_is_what_its_link_shows(reader: Reader, site: str):
    """A bar's number is of the studies that are counted; the list holds all, and says which are retracted."""
    reader.open(site)
    links = reader.page.locator(".card .bars tr:has(th a)").evaluate_all(
        "(all) => all.map((one) => [one.querySelector('a').getAttribute('href'), Number(one.querySelector('.n').firstChild.textContent)])"
    )
    assert len(links) > 10
    for target, number in links:
        reader.go(target.removeprefix("#"))
        listed = reader.page.locator("li.study")
        assert listed.count() - listed.filter(has=reader.page.locator(".mark.retracted")).count() == number, target
