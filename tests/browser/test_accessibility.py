"""axe-core finds nothing wrong on any page, in light and dark, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.pages import PAGES
from tests.browser.reader import Reader

LANGUAGES = ("en", "zh-Hans")
COLOURS = ("cat.color",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_both_themes(new_reader: Callable[..., Reader], site: str, language: str):
    reader = new_reader(viewport={"width": 1280, "height": 900}, color_scheme="light")
    reader.open(site, lang=language)
    wrong = []
    for name, route in PAGES.items():
        reader.go(route)
        reader.page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        wrong += [f"{name}, light: {one}" for one in reader.breaches()]
        reader.page.emulate_media(color_scheme="dark")
        wrong += [f"{name}, dark: {one}" for one in reader.breaches(tags=COLOURS)]
        reader.page.emulate_media(color_scheme="light")
    assert not wrong, "\n".join(wrong)
    reader.is_quiet()
