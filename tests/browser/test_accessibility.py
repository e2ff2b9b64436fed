"""axe-core finds nothing wrong on any page, in light and dark, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from living_review.site import assets, shell
from living_review.store_layout import File
from tests.browser.pages import PAGES
from tests.browser.publications import Files
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


def test_pages_that_are_there_before_a_review_is(
    new_reader: Callable[..., Reader], review: str, serve: Callable[[Files], str]
):
    reviews = {"reviews": [{"id": one, "title": f"Review {one}", "address": review} for one in ("a", "b")]}
    site = serve(
        {**assets(), "index.html": File(shell([review]), ""), "reviews.json": File(json.dumps(reviews).encode(), "")}
    )
    reader = new_reader()
    wrong = []
    for search in ({}, {"review": "unknown"}, {"review": "a", "version": "99"}):
        for scheme in ("light", "dark"):
            reader.page.emulate_media(color_scheme=scheme)
            reader.open(site, **search)
            wrong += [f"{search}, {scheme}: {one}" for one in reader.breaches()]
    assert not wrong, "\n".join(wrong)


def test_pages_made_at_publication(new_reader: Callable[..., Reader], review: str):
    reader = new_reader(java_script_enabled=True)
    # Their script does not come, as where there is no JavaScript; axe itself needs some.
    reader.page.route("**/app.js", lambda route: route.abort())
    wrong = []
    for name in ("index.html", "index.zh-Hans.html", "studies.html", "versions/000001/index.html"):
        for scheme in ("light", "dark"):
            reader.page.emulate_media(color_scheme=scheme)
            reader.page.goto(f"{review}{name}")
            wrong += [f"{name}, {scheme}: {one}" for one in reader.breaches()]
    assert not wrong, "\n".join(wrong)
