"""Nothing is cut and no page scrolls sideways, from a phone to a wall; right-to-left names keep their direction; print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.made_up_review import ARABIC, CHINESE, HEBREW, SMALL
from tests.browser.pages import PAGES
from tests.browser.reader import Reader

WIDTHS = (320, 390, 1280, 2560)
KEPT_WIDTHS = (390, 1280, 2560)
_CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  return !one.closest(".unseen, .name") && style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 100))"""
_OVERLAPPING = """() => {
  const boxes = [...document.querySelectorAll("#main :is(h1, h2, h3, p, li, th, td, dt, dd, summary, label, button)")]
    .filter((one) => !one.closest("svg, .unseen, details:not([open])") && one.checkVisibility())
    .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width && box.height);
  return boxes.filter(([one, box]) => one.scrollWidth > one.clientWidth + 2 && getComputedStyle(one).display !== "inline"
    && !one.querySelector(".scroll, table, pre, .unseen")).map(([one]) => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(new_reader: Callable[..., Reader], site: str, kept: Path, width: int):
    reader = new_reader(viewport={"width": width, "height": 900}, color_scheme="dark" if width == 1280 else "light")
    reader.open(site, lang="zh-Hans" if width == WIDTHS[-1] else "en")
    wrong = {}
    for name, route in PAGES.items():
        reader.go(route)
        if width in KEPT_WIDTHS:
            reader.page.wait_for_function("() => [...document.images].every((one) => one.complete)")
            reader.page.screenshot(path=kept / f"{name.replace(' ', '-')}-{width}.png", full_page=True)
        reader.page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        wrong[name] = reader.wider() + reader.page.evaluate(_CUT) + reader.page.evaluate(_OVERLAPPING)
    assert {name: found for name, found in wrong.items() if found} == {}
    reader.is_quiet()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_made_at_publication_scrolls_sideways(new_reader: Callable[..., Reader], review: str, width: int):
    reader = new_reader(viewport={"width": width, "height": 900}, java_script_enabled=False)
    for name in ("index.html", "index.zh-Hans.html", "studies.html"):
        reader.page.goto(f"{review}{name}")
        assert (
            reader.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            == 0
        )


def test_every_language_keeps_its_direction(reader: Reader, site: str):
    reader.open(site, "/studies")
    directions = {}
    for title in (ARABIC, HEBREW, CHINESE):
        found = reader.page.locator("li.study h2 bdi", has_text=title).first
        directions[title] = found.evaluate("(one) => getComputedStyle(one).direction")
    assert directions == {ARABIC: "rtl", HEBREW: "rtl", CHINESE: "ltr"}
    assert reader.page.locator("html").get_attribute("dir") == "ltr"


def test_a_number_beside_an_arabic_name_stays_on_its_side(reader: Reader, site: str):
    """The count behind an option's name is drawn to the right of it, as in every other line."""
    reader.open(site, "/studies")
    reader.page.locator("summary", has_text="Platform").click()
    lines = reader.page.locator("[data-facet='f.platform'] label").evaluate_all(
        "(all) => all.map((one) => [one.querySelector('bdi').getBoundingClientRect().right, one.querySelector('.n').getBoundingClientRect().left])"
    )
    assert len(lines) == 5
    assert all(name <= number for name, number in lines)


def test_paper_shows_the_studies_and_no_navigation(reader: Reader, site: str):
    reader.open(site, "/studies")
    reader.page.emulate_media(media="print", color_scheme="dark")
    shown = reader.page.locator("li.study").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility() && getComputedStyle(one).contentVisibility === 'visible').length"
    )
    assert shown == SMALL[-1]
    hidden = (".pages", ".tools", "form", ".skip", ".results .inline")
    assert [one for one in hidden if reader.page.locator(one).first.is_visible()] == []
    assert (
        reader.page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert reader.page.locator("footer .cite").is_visible()
