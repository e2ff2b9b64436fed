"""The keyboard alone reaches everything, in the order of the page, and it is seen where it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.pages import PAGES
from tests.browser.reader import Reader

_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
  .filter((one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true })).length"""
_SCROLLED = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  return ["auto", "scroll"].includes(style.overflowX) && one.scrollWidth > one.clientWidth && one.tabIndex < 0
    && !one.querySelector("a[href], button, [tabindex='0']");
}).map((one) => one.outerHTML.slice(0, 90))"""
_HERE = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const all = [...document.querySelectorAll("*")];
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return { place: all.indexOf(one), name: one.outerHTML.slice(0, 120), ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth };
}"""


def tabbed(reader: Reader) -> list[dict[str, object]]:
    """Where Tab leads, from the top of the page to its end."""
    reader.page.locator(".skip").focus()
    reader.page.keyboard.press("Shift+Tab")
    found: list[dict[str, object]] = []
    for _ in range(400):
        reader.page.keyboard.press("Tab")
        here = reader.page.evaluate(_HERE)
        if here is None or (found and here["place"] == found[0]["place"]):
            return found
        found.append(here)
    raise AssertionError("Tab comes to no end")


@pytest.mark.parametrize("name", PAGES)
def test_tab_visits_everything_in_order(reader: Reader, site: str, name: str):
    reader.page.set_viewport_size({"width": 700, "height": 800})
    reader.open(site, PAGES[name])
    found = tabbed(reader)
    assert [one["place"] for one in found] == sorted({int(str(one["place"])) for one in found})
    assert len(found) == reader.page.evaluate(_STOPS)
    assert [one["name"] for one in found if not one["ring"]] == []
    assert [one["name"] for one in found if not one["seen"]] == []
    assert reader.page.evaluate(_SCROLLED) == []


def test_the_first_stop_skips_to_the_content(reader: Reader, site: str):
    reader.open(site, "/studies")
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("() => document.activeElement.getBoundingClientRect().top >= 0")
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("() => document.activeElement.id") == "main"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("() => document.activeElement.name") == "q"
    assert "#/studies" in reader.page.url


def test_filtering_keeps_the_place(reader: Reader, site: str):
    reader.open(site, "/studies")
    reader.page.locator("summary", has_text="Platform").focus()
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("Tab")
    before = reader.page.evaluate("() => document.activeElement.value")
    reader.page.keyboard.press("Space")
    reader.page.wait_for_function("() => location.hash.includes('f.platform=')")
    reader.settle()
    assert reader.page.evaluate("() => [document.activeElement.value, document.activeElement.checked]") == [
        before,
        True,
    ]
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("() => document.activeElement.name") == "f.platform"


def test_typing_keeps_the_place_in_the_word(reader: Reader, site: str):
    reader.open(site, "/studies")
    reader.page.locator("input[name=q]").focus()
    for letter in "clinic 11":
        reader.page.keyboard.press(letter if letter != " " else "Space")
        reader.page.wait_for_timeout(60)
    reader.page.wait_for_function("() => location.hash.includes('clinic')")
    reader.settle()
    assert reader.page.locator("input[name=q]").input_value() == "clinic 11"
    reader.page.keyboard.press("ArrowLeft")
    reader.page.keyboard.press("Backspace")
    reader.page.wait_for_function("() => document.querySelector('input[name=q]').value === 'clinic 1'")
    reader.page.keyboard.type("3")
    reader.page.wait_for_function("() => location.hash.includes('clinic+31')")
    assert reader.page.evaluate("() => document.activeElement.selectionStart") == len("clinic 3")


def test_a_cell_of_the_map_opens_by_enter(reader: Reader, site: str):
    reader.open(site, "/map?rows=direction&columns=platform")
    reader.page.locator("a.cell").first.focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_selector("#cell h2")
    reader.settle()
    assert reader.page.evaluate("() => document.activeElement.id") == "cell"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("() => document.activeElement.closest('#cell') !== null")


def test_a_page_that_was_chosen_begins_at_its_heading(reader: Reader, site: str):
    reader.open(site)
    reader.page.get_by_role("link", name="Flow diagram").focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_function("() => document.title.startsWith('Flow')")
    reader.settle()
    assert reader.page.evaluate("() => document.activeElement.tagName") == "H1"
    assert reader.page.evaluate("() => scrollY") == 0


def test_light_and_dark_by_the_keyboard_are_remembered(new_reader: Callable[..., Reader], site: str):
    reader = new_reader().open(site)
    button = reader.page.get_by_role("button", name="Dark")
    button.focus()
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    reader.open(site)
    assert reader.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert reader.page.get_by_role("button", name="Light").is_visible()
