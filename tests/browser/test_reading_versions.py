"""Earlier versions at their addresses, withdrawn and rolled-back ones, a newer one that came while somebody reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.browser import made_up_review
from tests.browser.conftest import BUCKET, Place
from tests.browser.publications import Fate, Files, folder, versions_of
from tests.browser.reader import Reader
from tests.unit.publication_states import RETRACTED

FIRST, SECOND, THIRD = made_up_review.SMALL


@pytest.fixture(scope="module")
def versions() -> list[Files]:
    return versions_of(made_up_review.three_versions())


def count(reader: Reader) -> str:
    return reader.page.locator(".numbers dd").first.inner_text()


@pytest.mark.parametrize("version", [1, 2])
def test_the_permanent_address_of_an_earlier_version(reader: Reader, site: str, version: int):
    reader.open(site, version=str(version))
    assert count(reader) == str(made_up_review.SMALL[version - 1])
    notice = reader.page.locator("#notices")
    assert f"You are reading version {version}; the newest is version 3." in notice.inner_text()
    for route in ("/studies", "/flow", "/methods", "/typology", "/map", "/study/S0001"):
        reader.go(route)
        assert reader.page.locator("main").get_attribute("data-version") == str(version)
    reader.go("/studies")
    assert (
        reader.page.locator("#found").inner_text()
        == f"{made_up_review.SMALL[version - 1]} of {made_up_review.SMALL[version - 1]} studies"
    )
    notice.get_by_role("link").click()
    reader.page.wait_for_selector("main[data-version='3']")
    assert reader.page.locator("#notices").inner_text() == ""
    assert "version=" not in reader.page.url


def test_the_page_that_lies_in_an_earlier_version(reader: Reader, review: str):
    reader.open(f"{review}versions/000001/index.html")
    assert count(reader) == str(FIRST)
    reader.page.locator("#notices").get_by_role("link").click()
    reader.page.wait_for_selector("main[data-version='3']")
    assert count(reader) == str(THIRD)
    assert reader.page.locator("#notices").inner_text() == ""


def test_from_an_earlier_versions_page_to_the_newest_by_the_history(reader: Reader, review: str):
    reader.open(f"{review}versions/000001/index.html", "/history")
    reader.open(f"{review}versions/000003/index.html", "/history")
    for wanted in (2, 1, 3):
        reader.page.get_by_role("link", name=f"Version {wanted}", exact=True).click()
        reader.page.wait_for_selector(f"main[data-version='{wanted}']")
        assert count(reader) == str(made_up_review.SMALL[wanted - 1])
        if wanted != 3:
            reader.page.locator("#notices").get_by_role("link").click()
            reader.page.wait_for_selector("main[data-version='3']")
        reader.go("/history")


def test_a_version_that_never_was(reader: Reader, site: str):
    reader.open(site, version="99")
    assert "There is no version 99 of this review." in reader.text
    reader.page.get_by_role("link", name="Show the newest version").click()
    reader.page.wait_for_selector("main[data-version='3']")
    assert reader.page.locator("h1").inner_text() == "History"


def test_an_address_that_is_no_number_shows_the_newest(reader: Reader, site: str):
    reader.open(site, version="x")
    assert count(reader) == str(THIRD)


def test_what_changed_since_an_earlier_version(reader: Reader, site: str):
    reader.open(site, "/history")
    reader.page.get_by_label("Since").select_option("1")
    reader.page.wait_for_selector("#compared details")
    assert "since=1" in reader.page.url
    assert reader.page.locator("#compared summary").all_inner_texts()[:2] == [
        f"{THIRD - FIRST} new studies",
        "1 changed study",
    ]
    reader.is_quiet()


@pytest.fixture(scope="module")
def withdrawn(place: Place, versions: list[Files]) -> str:
    fate = Fate(withdrawn={"on": "2026-07-01", "reason": "A court asked for it <b>now</b>"})
    return place.publish("withdrawn", folder(versions, fates={2: fate}))


def test_a_withdrawn_version_says_so_in_its_place(reader: Reader, withdrawn: str):
    reader.open(f"{withdrawn}index.html", "/history")
    entry = reader.page.locator("#version-2")
    assert "Withdrawn on July 1, 2026. A court asked for it <b>now</b>" in entry.inner_text()
    assert entry.get_by_role("link").count() == 0
    assert reader.page.locator("#version-1").get_by_role("link", name="Version 1").count() == 1
    reader.open(f"{withdrawn}index.html", version="2")
    assert "Version 2 was withdrawn." in reader.text
    reader.open(f"{withdrawn}index.html", version="1")
    assert count(reader) == str(FIRST)


def test_a_newest_version_that_was_withdrawn_while_the_pointer_is_old(reader: Reader, withdrawn: str, place: Place):
    """Between withdrawing and pointing back, or with a pointer from a cache: a message, nothing of the version."""
    found = place.store.client().get_object(Bucket=BUCKET, Key="withdrawn/versions/000002/manifest.json")["Body"].read()
    import hashlib
    import json

    pointer = {
        "review": "messages",
        "version": 2,
        "manifest": {"key": "versions/000002/manifest.json", "sha256": hashlib.sha256(found).hexdigest()},
    }
    reader.page.route(
        "**/latest.json", lambda route: route.fulfill(body=json.dumps(pointer), content_type="application/json")
    )
    reader.open(f"{withdrawn}index.html")
    assert "Version 2 was withdrawn." in reader.text


@pytest.fixture(scope="module")
def rolled_back(place: Place, versions: list[Files]) -> str:
    why = {"on": "2026-07-02", "reason": "A table was wrong", "from": 3}
    fate = Fate(rolled_back={"on": "2026-07-02", "reason": "A table was wrong", "to": 2})
    return place.publish("rolled-back", folder(versions, shown=2, fates={3: fate}, pointer={"notice": why}))


def test_readers_who_were_pointed_back_are_told(reader: Reader, rolled_back: str):
    reader.open(f"{rolled_back}index.html")
    assert count(reader) == str(SECOND)
    told = "Version 3 was taken back on July 2, 2026; this earlier version stands in its place. A table was wrong"
    assert reader.page.locator("#notices").inner_text() == told
    reader.go("/studies")
    assert reader.page.locator("#notices").inner_text() == told


def test_the_address_of_a_version_that_was_taken_back(reader: Reader, rolled_back: str):
    reader.open(f"{rolled_back}index.html", version="3")
    assert "Version 3 was taken back on July 2, 2026: A table was wrong" in reader.text
    reader.page.get_by_role("link", name="Show the newest version").click()
    reader.page.wait_for_selector("main[data-version='2']")


def test_the_page_of_a_version_that_was_taken_back(reader: Reader, rolled_back: str):
    reader.open(f"{rolled_back}versions/000003/index.html")
    assert "Version 3 was taken back" in reader.text


def test_a_newer_version_is_told_and_shown_only_when_asked_for(
    new_reader: Callable[..., Reader], place: Place, versions: list[Files]
):
    address = place.publish("growing", folder(versions[:2]))
    reader = new_reader()
    reader.page.clock.install()
    reader.open(f"{address}index.html")
    place.publish("growing", folder(versions))
    reader.go("/studies")
    assert reader.page.locator("main").get_attribute("data-version") == "2"
    assert reader.page.locator("#found").inner_text() == f"{SECOND} of {SECOND} studies"
    reader.page.clock.fast_forward("10:00")
    with reader.page.expect_response("**/latest.json"):
        reader.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    notice = reader.page.locator("#notices .notice")
    notice.wait_for()
    assert notice.inner_text().startswith("You are reading version 2; the newest is version 3.")
    assert reader.page.locator("#found").inner_text() == f"{SECOND} of {SECOND} studies"
    notice.get_by_role("link").click()
    reader.page.wait_for_selector("main[data-version='3']")
    assert reader.page.locator("#found").inner_text() == f"{THIRD} of {THIRD} studies"


def test_an_earlier_version_says_what_came_to_be_known_after_it(reader: Reader, place: Place):
    sound = made_up_review.study(1)
    gone = replace(sound, reports=tuple(replace(one, retraction=RETRACTED) for one in sound.reports))
    made = versions_of([made_up_review.state([one], runs) for runs, one in enumerate((sound, gone, gone), start=1)])
    why = {"on": "2026-07-02", "reason": "A table was wrong", "to": 1}
    address = place.publish("known-later", folder(made, fates={2: Fate(rolled_back=why)}))
    reader.open(f"{address}index.html", "/studies", version="1")
    assert "Retracted (since this version)" in reader.text
    assert "Taken back" not in reader.page.locator("#notices").inner_text()
    reader.open(f"{address}versions/000002/index.html", "/studies")
    assert "since this version" not in reader.text
    assert "Taken back on July 2, 2026. A table was wrong" in reader.page.locator("#notices").inner_text()
