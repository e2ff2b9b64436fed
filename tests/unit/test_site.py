"""The public site's scripts, run in V8 without a browser, held to slow and plain versions of what they promise."""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from living_review import site
from living_review.flow_diagram import VARIANTS
from living_review.protocol import FieldType, Stage
from living_review.publication_overview import overview
from living_review.retraction import RetractionState
from tests.browser.made_up_review import TRANSLATIONS, plan, state, study
from tests.browser.publications import folder, versions_of

PARTS = (*site._PARTS, "selection.js", "downloads.js", "changes.js")
CATALOGUES = {tag: json.loads(site.assets()[f"messages/{tag}.json"].body) for tag in site.languages()}
SCRIPTS = {name: file.body.decode() for name, file in site.assets().items() if name.endswith(".js")}
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    """Calls a function of the scripts, or a JavaScript expression that is one."""
    engine = MiniRacer()
    engine.eval("\n".join(site._as_script(name) for name in PARTS))

    def called(function: str, *given: Any) -> Any:
        arguments = ",".join(json.dumps(one) for one in given)
        return json.loads(str(engine.eval(f"JSON.stringify({{ it: ({function})({arguments}) }})"))).get("it")

    yield called
    engine.close()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        "</p><script>x</script>",
        "<img src=x onerror=x>",
        "&lt;",
        "' onclick='x",
        '" onclick="x',
        "<!--",
        "]]>",
        "${x}",
        "{{x}}",
        "`",
    ]
)


def as_parsed(text: str) -> str:
    """What an HTML parser makes of these characters when all of them are text."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


WEB_TEXT = TEXT.filter(
    lambda text: not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ufdd0-\ufdef]", text)
)
"""lxml cannot hold all control characters; that a browser runs none of them is tests/browser's to show."""


@settings(max_examples=200, deadline=None)
@given(text=WEB_TEXT, other=WEB_TEXT)
def test_what_is_put_into_a_template_is_text(call: Call, text: str, other: str):
    page = call('(a, b) => html`<p title="${a}">${a}</p><i>${[b, [a]]}${null}${false}</i>`.text', text, other)
    root = lxml.html.fragment_fromstring(page, create_parent="div")
    assert [one.tag for one in root.iter()] == ["div", "p", "i"]
    assert [list(one.attrib) for one in root.iter()] == [[], ["title"], []]
    assert root[0].text_content() == as_parsed(text)
    assert root[0].get("title") == as_parsed(text)
    assert root[1].text_content() == as_parsed(other + text)


@settings(max_examples=150, deadline=None)
@given(text=TEXT)
def test_a_link_is_one_of_the_web_or_text(call: Call, text: str):
    for address in (text, f"javascript:{text}", f" javascript:{text}", f"data:text/html,{text}", f"//{text}"):
        page = call("(a) => link(a, 'x').text", address)
        assert page == "x" or re.match(r"https?://", address, re.I), address
    assert 'href="https://a.example/' in call("(a) => link(a, 'x').text", f"https://a.example/{text}")


@settings(max_examples=150, deadline=None)
@given(text=TEXT)
def test_a_message_is_filled_with_text(call: Call, text: str):
    given = ("(c, x) => new Words(c, 'en').t('trouble.review', { review: x }).text", CATALOGUES["en"], text)
    assert call(*given) == f"This site has no review {call('(x) => html`${x}`.text', text)}."
    assert call("(c, x) => new Words(c, 'en').plain('trouble.review', { review: x })", CATALOGUES["en"], text) == (
        f"This site has no review {text}."
    )


VALUE = st.sampled_from(["a", "b", "c d", "~", "<x>"])
STUDY = st.fixed_dictionaries(
    {
        "study_id": st.sampled_from([f"S{number:04d}" for number in range(30)]),
        "title": st.sampled_from(["Über Nachrichten", "Zoë's café", "Messages", "中文 标题", "ﬁne"]),
        "authors": st.sampled_from(["Ødegård T", "Smith A, et al", ""]),
        "journal": st.sampled_from(["J Mess", ""]),
        "year": st.none() | st.integers(1990, 2030),
        "doi": st.sampled_from(["", "10.1/x"]),
        "pmid": st.sampled_from(["", "12"]),
        "included_on": st.sampled_from(["2026-01-01", "2026-02-01"]),
        "retraction": st.sampled_from([str(one) for one in RetractionState]),
        "first_version": st.integers(1, 3),
        "charted": st.booleans(),
        "values": st.fixed_dictionaries(
            {"f": st.none() | VALUE, "g": st.lists(VALUE, unique=True), "h": st.none() | st.booleans()}
        ),
    }
).map(lambda one: one if one["charted"] else {**one, "values": None})
FIELDS = st.dictionaries(
    st.sampled_from(["f", "g", "h"]), st.lists(st.sampled_from(["a", "b", "~", "true", "false"]), min_size=1)
)
SELECTION = st.fixed_dictionaries(
    {
        "q": st.sampled_from(["", "zoe", "CAFE", "über", "fine", "中文", "smith 2020", "zzz", " "]),
        "state": st.lists(st.sampled_from(["new", "retracted", "expression_of_concern", "pending", "unheard of"])),
        "fields": FIELDS,
        "sort": st.sampled_from(["", "year", "-year", "-included", "unheard of"]),
    }
)


def values_of(one: dict[str, Any], field: str) -> list[str]:
    found = (one["values"] or {}).get(field)
    plain = found if isinstance(found, list) else [] if found is None else [found]
    return [str(value).lower() if isinstance(value, bool) else value for value in plain]


def folded(text: str) -> str:
    return "".join(
        one for one in unicodedata.normalize("NFKD", text) if not unicodedata.category(one).startswith("M")
    ).lower()


def is_chosen(one: dict[str, Any], wanted: dict[str, Any], version: int) -> bool:
    parts = ("study_id", "title", "authors", "journal", "year", "doi", "pmid")
    text = folded(" ".join("" if one[part] is None else str(one[part]) for part in parts))
    if not all(word in text for word in folded(wanted["q"]).split()):
        return False
    for field, values in wanted["fields"].items():
        found = values_of(one, field)
        # A tilde asks for those without an answer, also where a form has an option of that name.
        if not any((one["charted"] and not found) if value == "~" else value in found for value in values):
            return False
    states = {
        "new": version > 1 and one["first_version"] == version,
        "retracted": one["retraction"] == "retracted",
        "expression_of_concern": one["retraction"] == "expression_of_concern",
        "pending": not one["charted"],
    }
    asked = [state for state in wanted["state"] if state in states]
    return not asked or any(states[state] for state in asked)


CHOSEN = """(studies, wanted, version) => {
  const all = chosen(studies, { ...wanted, fields: new Map(Object.entries(wanted.fields)) }, version);
  return ordered(all, wanted.sort, "en").map((one) => studies.indexOf(one));
}"""


@settings(max_examples=200, deadline=None)
@given(studies=st.lists(STUDY, max_size=12), wanted=SELECTION, version=st.integers(1, 3))
def test_the_studies_that_are_chosen(call: Call, studies: list[dict[str, Any]], wanted: dict[str, Any], version: int):
    expected = [place for place, one in enumerate(studies) if is_chosen(one, wanted, version)]
    year = [studies[place]["year"] for place in expected]
    order = {
        "year": lambda at: year[at] if year[at] is not None else 9999,
        "-year": lambda at: -(year[at] or 0),
        "-included": lambda at: -int(studies[expected[at]]["included_on"].replace("-", "")),
    }.get(wanted["sort"])
    places = sorted(range(len(expected)), key=order) if order else range(len(expected))
    assert call(CHOSEN, studies, wanted, version) == [expected[at] for at in places]


@settings(max_examples=100, deadline=None)
@given(studies=st.lists(STUDY, max_size=12), field=st.sampled_from(["f", "g", "h", "unheard of"]))
def test_how_many_studies_have_a_value(call: Call, studies: list[dict[str, Any]], field: str):
    counts: Counter[str] = Counter()
    for one in studies:
        counts.update(values_of(one, field) or (["~"] if one["charted"] else []))
    assert call("(studies, field) => Object.fromEntries(tally(studies, field))", studies, field) == counts


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=30),
    lead=st.sampled_from(["", "=", "+", "-", "@", "\t=", "\r=", "\n=", "\x00=", "＝", "\u200b"]),
)
def test_no_cell_is_a_formula(call: Call, text: str, lead: str):
    text = (lead + text).encode("utf-8", "replace").decode()
    made = call("cell", text)
    inside = made[1:-1].replace('""', '"') if made.startswith('"') else made
    assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", inside)
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", made)
    plain = re.sub(r"[\x00-\x08\x0b-\x1f]", "", re.sub(r"\r\n?", "\n", text))
    assert inside in (plain, f"'{plain}")
    if re.search(r'[",\n]', inside):
        assert made.startswith('"')
        assert made.endswith('"')


def test_a_number_is_no_formula(call: Call):
    assert (call("cell", -5), call("cell", "-5"), call("cell", None), call("cell", ["=a", "b"])) == (
        "-5",
        "'-5",
        "",
        "'=a; b",
    )


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace").decode()))
def test_no_text_begins_a_line_of_a_reference(call: Call, title: str):
    one = {
        "study_id": "S1",
        "title": f"{title}\r\nER  - \r\nTY  - {title}",
        "authors": "A B, C D, et al",
        "retraction": "retracted",
    }
    lines = call("(one) => toRis([one])", one).split("\r\n")
    assert [line[:5] for line in lines if line] == ["TY  -", "ID  -", "AU  -", "AU  -", "TI  -", "N1  -", "ER  -"]


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        (["zh-Hans"], "zh-Hans"),
        (["ZH-hans"], "zh-Hans"),
        (["zh-CN"], "zh-Hans"),
        (["ar", "zh"], "zh-Hans"),
        (["zh-CN", "en"], "en"),
        (["en-AU"], "en"),
        (["ar"], "en"),
        ([], "en"),
    ],
)
def test_the_language_that_fits_best(call: Call, wanted: list[str], best: str):
    assert call("bestLanguage", wanted, site.languages()) == best


def placeholders(message: str | dict[str, str]) -> set[str]:
    texts = [message] if isinstance(message, str) else list(message.values())
    return {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}


@pytest.mark.parametrize("language", site.languages()[1:])
def test_every_language_has_every_message_with_its_gaps(language: str):
    first, other = CATALOGUES[site.languages()[0]], CATALOGUES[language]
    assert sorted(other) == sorted(first)
    assert {key: placeholders(other[key]) for key in first} == {key: placeholders(first[key]) for key in first}
    assert [key for key, message in other.items() if isinstance(message, dict) and "other" not in message] == []


def prefixes() -> set[str]:
    """Beginnings of keys that are put together from a word of the data."""
    return {found for text in SCRIPTS.values() for found in re.findall(r"`([a-z_]+(?:\.[a-z_]+)*\.)\$\{", text)}


def test_every_message_that_is_asked_for_is_there():
    asked: set[str] = set()
    for text in SCRIPTS.values():
        asked |= set(re.findall(r'\b(?:t|plain)\("([^"]+)"', text))
        asked |= set(re.findall(r'Trouble\([^)]*?"(trouble\.[^"]+)"', text))
        for pair in re.findall(r'\b(?:t|plain)\([^"`(]*\? "([^"]+)" : "([^"]+)"', text):
            asked |= set(pair)
    assert len(asked) > 80
    assert asked - set(CATALOGUES["en"]) == set()


def test_every_message_is_used():
    written = {found for text in SCRIPTS.values() for found in re.findall(r'"([\w.-]+)"', text)}
    assert [key for key in CATALOGUES["en"] if key not in written and not key.startswith(tuple(prefixes()))] == []


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("retraction", list(RetractionState)),
        ("type", list(FieldType)),
        ("stage", list(Stage)),
        ("flow", VARIANTS),
        ("search", ["complete", "complete_with_warnings", "failed"]),
        ("status", ["living", "paused", "retired"]),
        ("kind", ["first", "update", "amendment"]),
        ("schedule", ["refresh", "watch", "publish"]),
        ("changed", ["charting", "reports", "retraction"]),
    ],
)
def test_every_word_of_the_data_has_a_message(prefix: str, words: list[str]):
    assert [word for word in words if f"{prefix}.{word}" not in CATALOGUES["en"]] == []
    assert f"{prefix}." in prefixes()


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_parses(name: str):
    text = site._as_script(name).replace("import.meta", "({})")
    engine = MiniRacer()
    engine.eval(f"new (async () => {{}}).constructor({json.dumps(text)}); 1")
    engine.close()


def test_every_import_is_of_a_name_that_is_there():
    for name, text in SCRIPTS.items():
        for names, path in re.findall(r'^import \{ ([^}]+) \} from "([^"]+)";$', text, re.M):
            source = "/".join(_joined(name, path))
            for one in names.split(", "):
                assert re.search(rf"^export (?:async )?(?:function|class|const) {one}\b", SCRIPTS[source], re.M), (
                    name,
                    one,
                )
                assert len(re.findall(rf"\b{one}\b", text)) > 1, (name, one)


def _joined(name: str, path: str) -> list[str]:
    parts = name.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return parts


def made() -> dict[str, bytes]:
    version = versions_of([state([study(number) for number in range(1, 131)])], translations=TRANSLATIONS)[0]
    return {name: file.body for name, file in folder([version]).items() if name.endswith(".html")}


def test_the_same_input_gives_the_same_pages():
    pages = made()
    assert {"index.html", "index.zh-Hans.html", "studies.html", "studies-2.html", "versions/000001/index.html"} <= set(
        pages
    )
    assert made() == pages


def test_pages_are_made_where_an_event_loop_runs():
    async def inside() -> dict[str, bytes]:
        return made()

    with ThreadPoolExecutor(1) as pool:  # in this thread another test's browser may have a loop of its own
        assert pool.submit(lambda: asyncio.run(inside())).result() == made()


def test_a_page_of_the_list_stays_as_it_is_while_its_studies_do():
    first, second = ([study(number) for number in range(1, size)] for size in (151, 161))
    pages = [folder(versions_of([state(studies)])) for studies in (first, second)]
    lists = [one["studies.html"].body for one in pages]
    assert lists[0].replace(b"150 studies", b"160 studies") == lists[1]


def test_every_page_has_a_policy_without_exceptions():
    for name, body in made().items():
        text = body.decode()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
        assert policy, name
        if name.endswith("validation.html"):
            continue
        assert "unsafe" not in policy[1]
        assert "default-src 'none'" in policy[1]
        assert re.findall(r"<script(?! type=\"module\" src=\"[./]*site/)", text) == []
        assert " style=" not in text
        assert not re.search(r"\son\w+=", text)


def test_the_policy_of_a_site_of_ones_own_names_its_stores():
    text = site.shell(["https://data.example.org"]).decode()
    assert "connect-src 'self' https://data.example.org;" in text
    assert "img-src 'self' https://data.example.org;" in text
    assert "script-src 'self';" in text


def test_the_overview_has_no_list_of_studies():
    small, large = (
        json.loads(
            versions_of([state([study(number) for number in range(20, 20 + size)], protocol=plan())])[0][
                "summary.json"
            ].body
        )
        for size in (20, 200)
    )
    sizes = [len(json.dumps({**overview(one), "retracted": []})) for one in (small, large)]
    assert abs(sizes[1] - sizes[0]) < 400
