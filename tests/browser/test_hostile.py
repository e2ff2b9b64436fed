"""Hostile strings in every text of a source, the protocol and the charting form, by way of the real steps: only ever text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from expectations.charted import charted_validator
from expectations.publication import check_publication
from living_review import site
from living_review.ledger.database import Ledger
from living_review.ledger.reports import Reports
from living_review.review import Review
from living_review.steps.chart import import_workbook, to_chart
from living_review.steps.dedupe import dedupe
from living_review.steps.import_files import import_files
from living_review.steps.publish import publish
from living_review.steps.queue import queue
from living_review.steps.search import search
from living_review.store_layout import File
from tests.browser.conftest import BUCKET, Place
from tests.browser.hostile import EVERYTHING, HIT, STRINGS, for_xml
from tests.browser.publications import Files, folder, own_site, told_in
from tests.browser.reader import Reader
from tests.integration.small_world import article, include, make_review, pubmed_of

PHONE = {"width": 390, "height": 800}
_MARKUP = """() => [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes]
  .filter((attribute) => /^on/.test(attribute.name) || /^\\s*(javascript|data):/i.test(attribute.value) && attribute.name !== "value")
  .map((attribute) => `${one.tagName} ${attribute.name}=${attribute.value}`))
  .concat([...document.querySelectorAll("script:not([src]), iframe, object, embed, base, form[action], style")].map((one) => one.outerHTML))"""


def plan() -> dict[str, Any]:
    """A protocol with something hostile wherever words can be written."""
    texts = iter(STRINGS)
    options = [{"value": for_xml(text).strip() or "x", "label": f"{text} "} for text in STRINGS[:18]]
    return {
        "title": f"Asthma {EVERYTHING}",
        "question": " ".join(STRINGS[10:]),
        "framework": {"name": "PCC", "population": next(texts), "concept": next(texts), "context": next(texts)},
        "authors": [{"name": f"Ann {text}", "role": text, "affiliation": text} for text in STRINGS[:12]],
        "eligibility": {"include": list(STRINGS), "exclude": [{"id": "other", "text": EVERYTHING}]},
        "charting": {
            "fields": [
                {"name": "kind", "label": EVERYTHING, "type": "choice", "options": options, "help": EVERYTHING},
                {"name": "kinds", "label": STRINGS[4], "type": "multi_choice", "options": options},
                {"name": "size", "label": STRINGS[6], "type": "integer", "unit": STRINGS[0]},
                {"name": "model", "label": STRINGS[1], "type": "choice"},
                {"name": "said", "label": STRINGS[3], "type": "text", "help": STRINGS[5]},
            ]
        },
        "typology": {
            "field": "model",
            "models": [
                {"id": f"M{place}", "name": text, "definition": EVERYTHING}
                for place, text in enumerate(STRINGS[:18], start=1)
            ],
        },
        "summary": {"tables": ["kind", "kinds", "size"], "crosstabs": [["kind", "kinds"]]},
        "living": {"status": "paused", "reason": EVERYTHING, "retire_when": EVERYTHING},
        "publish": {"licence": STRINGS[0], "include_retracted": True},
    }


def from_pubmed(number: int, text: str) -> bytes:
    inside = escape(for_xml(text))
    made = article(
        1000 + number, f"Asthma {number} {inside}", abstract=inside, doi=escape(f"10.5555/{number}{for_xml(text)[:40]}")
    )
    for plain in ("Gray", "Jo<", "Journal of Nothing", "J Nothing"):
        made = made.replace(plain.encode(), (inside + "<" * plain.endswith("<")).encode())
    return made


def from_file(number: int, text: str) -> str:
    # A file with control characters is refused whole, and a line ends where it ends.
    line = " ".join(for_xml(text).split())
    return (
        f"TY  - JOUR\nAN  - X{number}\nTI  - File {number} {line}\nAU  - {line}, {line}\nT2  - {line}\nPY  - {2000 + number % 25}\n"
        f"AB  - {line}\nKW  - {line}\nDO  - {line}\nUR  - {line}\nSP  - {line}\nER  - \n"
    )


def charted(path: Path, review: Review) -> Path:
    book = load_workbook(io.BytesIO(to_chart(review)[0]))
    sheet = book["Studies"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    labels = [one.title for one in review.protocol.charting.fields[0].options]
    for row in range(3, sheet.max_row + 1):
        number = row - 3
        values = {
            "kind": labels[number % len(labels)],
            "size": number,
            "model": f"M{number % 18 + 1}",
            "said": for_xml(STRINGS[number % len(STRINGS)]),
            "charted_by": for_xml(STRINGS[(number + 7) % len(STRINGS)]),
            "checked_by": for_xml(STRINGS[(number + 3) % len(STRINGS)]),
        }
        for name, value in values.items():
            cell = sheet.cell(row, columns[name], value)
            cell.data_type = "n" if isinstance(value, int) else "s"
    book.save(path)
    return path


@dataclass(frozen=True)
class Attacked:
    address: str
    objects: Files


@pytest.fixture(scope="module")
def attacked(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """Search, import, dedupe, screening, charting and publication of nothing but hostile strings."""
    here = tmp_path_factory.mktemp("attacked")
    ledger = Ledger(f"sqlite:///{here / 'ledger.sqlite'}")
    pubmed = pubmed_of(*(from_pubmed(number, text) for number, text in enumerate(STRINGS)))
    store = {"store_url": f"s3://{BUCKET}/hostile", "s3_endpoint_url": place.store.endpoint_url}
    with pytest.MonkeyPatch.context() as patch, pubmed:
        for name, value in place.store.environment.items():
            patch.setenv(name, value)
        review = make_review(
            here,
            ledger,
            lambda: datetime(2026, 3, 2, 9, tzinfo=UTC),
            entrez_url=pubmed.url,
            settings=store,
            name="hostile",
            **plan(),
        )
        ledger.migrate()
        search(review)
        (here / "other.ris").write_text("".join(from_file(*one) for one in enumerate(STRINGS)), encoding="utf-8")
        import_files(review, [here / "other.ris"], "other")
        dedupe(review)
        queue(review)
        with review.read() as tx:
            reports = sorted({str(one) for one in Reports(tx).of_records().values()}, key=int)
        include(review, *reports)
        account, returned = import_workbook(review, charted(here / "form.xlsx", review), charted_validator)
        assert returned is None, account
        assert publish(review, charted_validator, check_publication).changed
    ledger.close()
    client = place.store.client()
    listed = client.list_objects_v2(Bucket=BUCKET, Prefix="hostile/hostile/versions/000001/")["Contents"]
    files: Files = {}
    for one in listed:
        found = client.get_object(Bucket=BUCKET, Key=one["Key"])
        files[one["Key"].split("/versions/000001/")[1]] = File(found["Body"].read(), found["ContentType"])
    files.pop("manifest.json")
    files["summary.json"] = with_words(files["summary.json"])
    objects = {**folder([files], pointer={"title": f"Asthma {EVERYTHING}"}), **site.embedding()}
    yield Attacked(place.publish("attacked", objects), objects)


def with_words(file: File) -> File:
    translations = {"zh-Hans": {"title": EVERYTHING, "question": EVERYTHING, "fields": {"kind": {"label": STRINGS[3]}}}}
    return told_in({"summary.json": file}, translations=translations)["summary.json"]


ROUTES = (
    *("study/", "studies?q=", "studies?f.kind=", "studies?sort=", "studies?page=", "map?rows=", "map?cell="),
    *("map?by=", "typology?model=", "flow?variant=", "history?since=", ""),
)
"""Beginnings of addresses that something can be written behind."""


def is_harmless(reader: Reader) -> None:
    assert reader.page.evaluate("() => window.hit") is None
    assert reader.page.evaluate(_MARKUP) == []
    assert "http://evil.example" not in reader.origins() and "https://evil.example" not in reader.origins()
    assert reader.wider() == []
    reader.is_quiet()


@pytest.fixture
def own(attacked: Attacked, serve: Callable[[Files], str]) -> str:
    return serve(own_site([attacked.address]))


def test_every_page(new_reader: Callable[..., Reader], own: str, attacked: Attacked):
    reader = new_reader(viewport=PHONE)
    studies = json.loads(attacked.objects["versions/000001/list.json"].body)["studies"]
    assert len(studies) >= 2 * len(STRINGS) - 10
    for language in ("en", "zh-Hans"):
        reader.open(own, lang=language)
        for route in ("/overview", "/typology", "/map", "/map?by=model", "/studies", "/flow", "/methods", "/history"):
            reader.go(route)
            reader.page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            is_harmless(reader)
    for one in studies:
        reader.go(f"/study/{one['study_id']}")
        is_harmless(reader)
    assert len({url.split("/")[2] for url in reader.requests}) == 2


def test_text_arrives_as_it_was_written(reader: Reader, own: str, attacked: Attacked):
    reader.open(own, "/studies")
    shown = reader.page.locator("li.study h2 a bdi").all_text_contents()
    listed = json.loads(attacked.objects["versions/000001/list.json"].body)["studies"]
    assert shown == [one["title"] for one in listed]
    assert all(shown)
    titles = "\n".join(shown)
    for text in STRINGS[:10]:
        assert text in titles
    reader.go("/map")
    reader.page.locator("a.cell").first.click()
    reader.page.wait_for_selector("#cell h2")
    reader.settle()
    is_harmless(reader)


def test_every_value_can_be_chosen(reader: Reader, own: str):
    reader.open(own, "/studies")
    boxes = reader.page.locator("input[name='f.kind']")
    values = boxes.evaluate_all("(all) => all.map((one) => one.value)")
    counts = boxes.evaluate_all(
        "(all) => all.map((one) => Number(one.closest('label').querySelector('.n').textContent))"
    )
    assert len(values) >= 15
    for value, count in zip(values, counts, strict=True):
        reader.page.evaluate(
            "(value) => { location.hash = `#/studies?${new URLSearchParams({ 'f.kind': value })}`; }", value
        )
        reader.page.wait_for_function(
            "(n) => document.getElementById('found').textContent.startsWith(`${n} of`)", arg=count
        )
    is_harmless(reader)


def test_an_address_that_is_hostile(reader: Reader, own: str):
    reader.open(own)
    for place, text in enumerate(STRINGS):
        for route in ROUTES[place % 4 :: 4]:
            reader.page.evaluate(
                "([route, text]) => { location.hash = `#/${route}${encodeURIComponent(text.replaceAll('\\0', ''))}`; }",
                [route, text],
            )
    reader.go("/map?cell=%25&rows=kind&columns=kinds")
    reader.go("/study/%E0%A4%A")
    is_harmless(reader)
    for place, text in enumerate(STRINGS[:9]):
        reader.open(own, **{("review", "version", "lang")[place % 3]: text})
        is_harmless(reader)


def test_pages_made_at_publication(new_reader: Callable[..., Reader], attacked: Attacked):
    reader = new_reader(viewport=PHONE)
    reader.page.route("**/app.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    for name in ("index.html", "index.zh-Hans.html", "studies.html", "versions/000001/index.html"):
        reader.page.goto(f"{attacked.address}{name}")
        is_harmless(reader)
        assert reader.page.locator("h1").first.is_visible()
    assert reader.page.title().startswith("Asthma <script>window.hit=1</script> </title>")


def test_documents_and_pictures_opened_on_their_own(reader: Reader, attacked: Attacked):
    documents = [
        name for name in attacked.objects if re.search(r"versions/.*\.(svg|html|xml)$", name) and "/index." not in name
    ]
    assert len(documents) >= 5
    for name in documents:
        reader.page.goto(f"{attacked.address}{name}")
        assert reader.page.evaluate("() => window.hit") is None, name
        assert "http://evil.example" not in reader.origins() and "https://evil.example" not in reader.origins(), name
        assert reader.page.evaluate("() => document.querySelector('parsererror, script') === null"), name
    assert reader.dialogs == []


def test_the_list_of_reviews_and_what_others_embed(reader: Reader, attacked: Attacked, serve: Callable[[Files], str]):
    listed = own_site([attacked.address])
    entry = json.loads(listed["reviews.json"].body)["reviews"][0]
    both = json.dumps({"reviews": [entry, {**entry, "id": EVERYTHING}]}).encode()
    reader.open(serve({**listed, "reviews.json": File(both, "application/json")}))
    is_harmless(reader)
    assert EVERYTHING in reader.text
    chart = json.loads(attacked.objects["versions/000001/overview.json"].body)["charts"][0]["id"]
    for show in ("badge", f"chart:{chart}", f"chart:{EVERYTHING}"):
        body = f'<!doctype html><title>x</title><body><script async src="{attacked.address}embed.js" data-show="{escape(show)}"></script>'
        reader.page.goto(serve({"index.html": File(body.encode(), ""), "favicon.ico": File(b"", "")}))
        reader.page.locator("script + div p").first.wait_for()
        assert reader.page.evaluate("() => window.hit") is None
        assert (
            reader.page.evaluate(
                "() => document.querySelector('script + div').shadowRoot.querySelector('script, iframe, style, [onerror], [onload]')"
            )
            is None
        )


def test_no_cell_of_a_file_computes(reader: Reader, own: str, attacked: Attacked):
    reader.open(own, "/studies")
    with reader.page.expect_download() as started:
        reader.page.get_by_role("button", name="Download CSV").click()
    made = Path(started.value.path()).read_bytes().decode("utf-8-sig")
    published = attacked.objects["versions/000001/studies.csv"].body.decode("utf-8-sig")
    for text in (made, published):
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len({len(row) for row in rows}) == 1
        cells = [cell for row in rows[1:] for cell in row]
        assert [cell for cell in cells if re.match(r"[=+@\t\r＝＋＠]|-(?!\d+$)", cell)] == []
        assert any(cell.startswith("'") for cell in cells)
    with reader.page.expect_download() as started:
        reader.page.get_by_role("button", name="Download RIS").click()
    references = Path(started.value.path()).read_bytes().decode()
    listed = json.loads(attacked.objects["versions/000001/list.json"].body)["studies"]
    assert len(re.findall(r"^TY  - ", references, re.M)) == len(re.findall(r"^ER  - ", references, re.M)) == len(listed)
    assert HIT in references
