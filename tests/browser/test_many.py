"""Five thousand studies: what a reader's browser does for a page stays bounded, counted in work and not in time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tests.browser import made_up_review
from tests.browser.conftest import Place
from tests.browser.publications import folder, versions_of
from tests.browser.reader import Reader

MANY = 5_000
NODES = 4_500
"""Elements of a page, whatever the number of studies."""
_COUNT = """
window.work = { folded: 0, compared: 0 };
const normalize = String.prototype.normalize;
String.prototype.normalize = function (...form) { work.folded += 1; return normalize.apply(this, form); };
const Plain = Intl.Collator;
Intl.Collator = function (...given) {
  const { compare } = new Plain(...given);
  return { compare: (a, b) => { work.compared += 1; return compare(a, b); } };
};
"""


@pytest.fixture(scope="module")
def many(place: Place) -> str:
    studies = [made_up_review.study(number) for number in range(1, MANY + 1)]
    objects = folder(versions_of([made_up_review.state(studies, protocol=made_up_review.plan(id="thousands"))]))
    return place.publish("thousands", {key: file for key, file in objects.items() if "studies-" not in key})


@pytest.fixture
def counted(new_reader: Callable[..., Reader], many: str) -> Reader:
    reader = new_reader()
    reader.page.add_init_script(_COUNT)
    return reader.open(f"{many}index.html", "/studies")


def work(reader: Reader) -> dict[str, int]:
    """What was done since the last look."""
    done: dict[str, int] = reader.page.evaluate(
        "() => { const done = work; work = { folded: 0, compared: 0 }; return done; }"
    )
    return done


def nodes(reader: Reader) -> int:
    return int(reader.page.evaluate("() => document.querySelectorAll('*').length"))


def test_filter_and_sort(counted: Reader):
    assert counted.page.locator("#found").inner_text() == "5,000 of 5,000 studies"
    assert counted.page.locator("li.study").count() == 100
    assert nodes(counted) < NODES
    work(counted)
    counted.page.locator("input[name=q]").fill("clinic 4999")
    counted.page.wait_for_function("() => document.getElementById('found').textContent.startsWith('1 of')")
    # Every study's text is folded once; the words that are looked for once a facet.
    assert work(counted)["folded"] <= MANY + 30
    counted.page.locator("input[name=q]").fill("clinic 499")
    counted.page.wait_for_function("() => document.getElementById('found').textContent.startsWith('15 of')")
    assert work(counted)["folded"] <= 30
    counted.page.locator("input[name=q]").fill("")
    counted.page.wait_for_function("() => document.getElementById('found').textContent.startsWith('5,000 of')")
    counted.page.locator("select[name=sort]").select_option("title")
    counted.page.wait_for_function("() => location.hash.includes('sort=title')")
    counted.settle()
    compared = work(counted)["compared"]
    assert 0 < compared <= 2 * MANY * math.log2(MANY)
    counted.go("/studies?page=50&f.direction=one")
    assert counted.page.locator("li.study").count() <= 100
    assert len([url for url in counted.requests if url.endswith("list.json")]) == 1
    counted.is_quiet()


def test_a_study_asks_for_its_part_alone(counted: Reader):
    before = len(counted.requests)
    counted.go("/study/S4321")
    assert "clinic 4321" in counted.page.locator("h1").inner_text()
    asked = [url.rsplit("/", 1)[1] for url in counted.requests[before:] if not url.endswith(".svg")]
    assert sorted(asked) == ["0044.json", "study.js"]


@pytest.mark.parametrize(
    "route",
    [
        "/overview",
        "/typology?model=M1",
        "/map?rows=country&columns=platform&cell=CN%7Csms",
        "/flow",
        "/methods",
        "/history",
    ],
)
def test_no_page_grows_with_the_studies(counted: Reader, route: str):
    counted.go(route)
    assert nodes(counted) < NODES
    counted.is_quiet()
