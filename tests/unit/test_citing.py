"""How a version is cited: names whole, text that stays text in YAML, RIS and LaTeX."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from living_review.citing import citation_bib, citation_cff, citation_ris, split_name
from living_review.plain_text import one_line
from living_review.publication import build
from living_review.records import Author
from living_review.sources.bibtex import read_bibtex
from living_review.sources.ris import read_ris
from tests.unit.publication_states import HOSTILE, protocol, state

SUMMARY = json.loads(build(state())["summary.json"].body)


def told(**changes: Any) -> dict[str, Any]:
    """A summary with other authors, titles or licence."""
    review = {**SUMMARY["review"], **changes.pop("review", {})}
    authors = [{"name": name, "orcid": "", "role": "", "affiliation": ""} for name in changes.pop("names", [])]
    return {**SUMMARY, "review": review, "authors": authors, **changes}


@pytest.mark.parametrize(
    ("text", "family", "given", "suffix"),
    [
        ("Ada One", "One", "Ada", ""),
        ("One, Ada", "One", "Ada", ""),
        ("Li C", "Li", "C", ""),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig", ""),
        ("María José García-López", "García-López", "María José", ""),
        ("Jo Gray, PhD", "Gray", "Jo", "PhD"),
        ("Jo Gray, MD, PhD", "Gray", "Jo", "MD, PhD"),
        ("Gray, MA", "Gray", "MA", ""),
        ("Gray, Jo, Jr.", "Gray", "Jo", "Jr."),
        ("王 小明", "王", "小明", ""),
        ("Madonna", "Madonna", "", ""),
    ],
)
def test_names_are_split(text: str, family: str, given: str, suffix: str) -> None:
    assert split_name(text) == Author(family=family, given=given, suffix=suffix)


@pytest.mark.parametrize("text", ["The Living Review developers", "Gray & sons", "Review team", "Messages Group,"])
def test_what_is_no_person_is_not_split(text: str) -> None:
    assert split_name(text).collective in {text, text.rstrip(",")}


@given(st.text(min_size=1))
@example("Ada <b>One</b>")
@example("&lt;Ada&gt; One, Jo")
def test_no_part_of_a_name_is_lost(text: str) -> None:
    found = split_name(text)
    kept = f"{found.given} {found.family} {found.suffix} {found.collective}"
    assert sorted(re.split(r"[\s,]+", kept.strip(" ,"))) == sorted(re.split(r"[\s,]+", one_line(text).strip(" ,")))


def check_cff(body: bytes) -> dict[str, Any]:
    """What CFF 1.2.0 requires of the keys used here."""
    plain: dict[str, Any] = YAML(typ="safe").load(body)
    assert {"cff-version", "message", "title", "authors"} <= plain.keys()
    assert plain.keys() <= {
        *("cff-version", "message", "title", "authors", "type", "version", "date-released", "abstract", "license"),
    }
    assert plain["cff-version"] == "1.2.0"
    assert plain["type"] == "dataset"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", plain["date-released"])
    assert all(isinstance(value, str) and value for key, value in plain.items() if key != "authors")
    assert plain["authors"]
    person = {"family-names", "given-names", "name-suffix", "affiliation", "orcid"}
    for author in plain["authors"]:
        assert author.keys() <= person or ("name" in author and author.keys() <= {"name", "orcid"})
        assert all(isinstance(value, str) and value for value in author.values())
        assert re.fullmatch(r"https://orcid\.org/[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", author.get("orcid", ORCID))
    return plain


ORCID = "https://orcid.org/0000-0002-1825-0097"


def test_the_citation_file_says_what_to_cite() -> None:
    plain = check_cff(citation_cff(SUMMARY))
    assert plain["title"] == "Messages in clinics: a living review (version 1)"
    assert (plain["version"], plain["date-released"], plain["license"]) == ("1", "2026-03-01", "CC-BY-4.0")
    assert plain["authors"][0] == {"family-names": "One", "given-names": "Ada", "orcid": ORCID}
    assert "example.org" not in citation_cff(SUMMARY).decode()


def test_a_licence_that_the_format_does_not_know_is_left_to_the_summary() -> None:
    assert "license" not in check_cff(citation_cff(told(review={"licence": "Ask us"})))


def test_a_review_without_authors_is_cited_by_its_title() -> None:
    assert check_cff(citation_cff(told()))["authors"] == [{"name": "Messages in clinics"}]
    assert "author" not in citation_bib(told()).decode()


@given(st.lists(st.text(min_size=1).filter(one_line), max_size=3), st.text(min_size=1).filter(one_line))
def test_any_text_stays_where_it_is_in_yaml(names: list[str], title: str) -> None:
    plain = check_cff(citation_cff(told(names=names, display_title=title)))
    assert plain["title"] == one_line(title)
    assert len(plain["authors"]) == max(len(names), 1)


def test_the_ris_entry_is_read_as_it_was_meant() -> None:
    body = citation_ris(told(names=["Ada One", "Jo Gray, PhD", "The team"], display_title=HOSTILE)).decode()
    [draft], _ = read_ris("citation.ris", body)
    assert [author.name for author in draft.authors] == ["One, Ada", "Gray, Jo, PhD", "The team"]
    assert body.count("TY  - ") - body.count(" TY  - ") == body.splitlines().count("ER  - ") == 1
    assert "ET  - 1" in body.splitlines()
    assert "PY  - 2026" in body.splitlines()


def test_the_bibtex_entry_is_read_as_it_was_meant() -> None:
    names = ["Ada One", "Jo Gray, Jr.", "Brandt and Sons & Co", "Ludwig van Beethoven"]
    body = citation_bib(told(names=names, display_title="100 % of {clinics} & \\messages_x #1 ~ $")).decode()
    [draft], _ = read_bibtex("citation.bib", body)
    assert draft.values["title"][0][1] == "100 % of {clinics} & \\messages_x #1 ~ $"
    assert [author.name for author in draft.authors] == [
        "One, Ada",
        "Gray, Jo, Jr.",
        "Brandt and Sons & Co",
        "van Beethoven, Ludwig",
    ]


@given(st.text())
def test_nothing_in_a_title_is_a_command_or_leaves_its_braces(title: str) -> None:
    body = citation_bib(told(names=[title or "x"], display_title=title)).decode()
    known = r"\\(?:textbackslash\{\}|textasciitilde\{\}|textasciicircum\{\}|[{}$&#_%])"
    bare = re.sub(known, "", body)
    assert "\\" not in bare
    assert not set("$&#%~^") & set(bare)
    assert bare.count("{") == bare.count("}")
    inside = list(itertools.accumulate({"{": 1, "}": -1}.get(one, 0) for one in bare[bare.index("{") :].rstrip("\n")))
    assert min(inside[:-1]) > 0
    assert inside[-1] == 0


def test_a_protocols_language_is_that_of_the_citation() -> None:
    files = build(state(protocol=protocol(language="fr", translations={})))
    assert "LA  - fr" in files["citation.ris"].body.decode().splitlines()
    assert "language = {fr}" in files["citation.bib"].body.decode()
