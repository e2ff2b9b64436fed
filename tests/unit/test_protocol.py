"""The protocol file: every mistake at once, each with file, line, key, what was found and what is allowed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.errors import ProtocolError
from living_review.language_tags import canonical
from living_review.protocol import FieldType, Stage
from living_review.protocol_file import LARGEST_BYTES, load, parse

WHOLE = """\
id: a-review
title: A review
question: Why?
eligibility:
  exclude:
    - {id: not_health, text: Not about health}
searches:
  - source: pubmed
    query: wheeze
charting:
  fields:
    - {name: design, type: choice, options: [survey, trial]}
    - {name: size, type: integer, only_if: {design: survey}}
"""


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(ProtocolError) as raised:
        parse(text.encode() if isinstance(text, str) else text, "review.yaml")
    assert str(raised.value).splitlines() == raised.value.mistakes
    return raised.value.mistakes


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1
    return WHOLE.replace(old, new)


def test_the_template_is_a_whole_protocol():
    protocol = parse((files("living_review") / "template" / "review.yaml").read_bytes())
    assert protocol.screening.stages == (Stage.TITLE_ABSTRACT, Stage.FULL_TEXT)
    assert [search.source for search in protocol.searches] == ["pubmed", "files"]
    assert protocol.options_of("model") == tuple(f"M{number}" for number in range(1, 10))


def test_a_protocol_is_read_as_written():
    protocol = parse(WHOLE.encode())
    assert protocol.charting.field("size").type is FieldType.INTEGER
    assert protocol.charting.field("size").only_if == {"design": ("survey",)}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("title: A review", "titel: A review", 2, "titel: found an unknown key (did you mean title?); allowed: "),
        ("id: a-review", "id: A Review", 1, "id: found 'A Review'; allowed: lower-case letters, digits and hyphens"),
        ("question: Why?", "question: [Why]", 3, "question: found a list; allowed: "),
        ("question: Why?", "question:", 3, "question: found nothing; allowed: "),
        ("source: pubmed", "source: medline", 8, "searches[1].source: found 'medline'; allowed: pubmed, files"),
        (
            "type: integer",
            "type: count",
            13,
            "charting.fields[2].type: found 'count'; allowed: text, integer, number, date, boolean, choice, multi_choice",
        ),
        ("{design: survey}", "{design: poll}", 13, "only_if.design: found 'poll'; allowed: survey, trial"),
        ("{design: survey}", "{aim: survey}", 13, "only_if: found field 'aim'; allowed: a field above it: design"),
        ("[survey, trial]", "[survey, survey]", 12, "found 'survey' a second time; allowed: each once"),
        ("options: [survey, trial]", "options: []", 12, "options: found none; allowed: one option or more"),
        ("name: size", "name: title", 13, "found 'title'; allowed: any name but study_id, title"),
        ("    query: wheeze", "    query: 5", 9, "searches[1].query: found 5; allowed: a valid string"),
    ],
)
def test_a_mistake_is_told_with_its_line_key_and_what_is_allowed(old, new, line, said):
    told = [one for one in mistakes(changed(old, new)) if said in one]
    assert len(told) == 1, mistakes(changed(old, new))
    assert told[0].startswith(f"review.yaml, line {line}: ")


TRANSLATED = (
    WHOLE
    + """\
typology:
  field: design
  models:
    - {id: survey}
translations:
  zh-Hans:
    title: 综述
    fields:
      design: {label: 设计, options: {survey: 调查}}
    models:
      survey: {name: 调查}
"""
)


def test_a_protocol_is_told_in_further_languages():
    protocol = parse(TRANSLATED.encode())
    assert protocol.language == "en"
    told = protocol.translations["zh-Hans"]
    assert (told.title, told.question, told.fields["design"].options) == ("综述", "", {"survey": "调查"})


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("title: A review", "title: A review\nlanguage: cn", 3, "language: found 'cn'; allowed: a language tag"),
        ("title: A review", "title: A review\nlanguage: zh-Hans", 20, "'zh-Hans'; allowed: any language but the"),
        ("  zh-Hans:", "  english:", 19, "translations.english: found 'english'; allowed: a language tag"),
        ("  zh-Hans:", "  zh-hans:", 19, "found 'zh-hans'; allowed: the same as 'zh-Hans'"),
        ("    title: 综述", "    titel: 综述", 20, "titel: found an unknown key (did you mean title?)"),
        ("design: {label", "desing: {label", 22, "fields.desing: found 'desing'; allowed: design, size"),
        ("label: 设计", "lable: 设计", 22, "lable: found an unknown key (did you mean label?); allowed: help, label"),
        (
            "options: {survey: 调查}",
            "options: {servey: 调查}",
            22,
            "options.servey: found 'servey'; allowed: survey, trial",
        ),
        ("survey: {name: 调查}", "trial: {name: 调查}", 24, "models.trial: found 'trial'; allowed: survey"),
    ],
)
def test_a_translation_of_nothing_is_a_mistake(old, new, line, said):
    assert TRANSLATED.count(old) == 1
    (mistake,) = mistakes(TRANSLATED.replace(old, new))
    assert mistake.startswith(f"review.yaml, line {line}: ")
    assert said in mistake


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        *((tag, tag) for tag in ("en", "pt-BR", "zh-Hans", "zh-Hant-TW", "es-419", "de-1996", "gsw", "en-x-plain")),
        ("EN-au", "en-AU"),
        *((text, None) for text in ("", "xx", "jp", "e", "english", "en_AU", "en-", "zh-Hans-", "a-DE", "en AU")),
    ],
)
def test_language_tags(text, usual):
    assert canonical(text) == usual


@pytest.mark.parametrize("second", ["Ann", "ann", "ANN"])
def test_a_person_under_two_spellings_is_no_pair(second):
    people = f"screening: {{reviewers_per_report: 2, reviewers: [Ann, ben, {second}]}}\n"
    assert mistakes(WHOLE + people) == [
        f"review.yaml, line 14: screening.reviewers[3]: found {second!r} beside 'Ann'; "
        "allowed: each person once, in one spelling"
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    text = changed("id: a-review", "id: A").replace("type: integer", "type: count") + "schedul: {}\n"
    assert [one.split(":")[1].strip() for one in mistakes(text)] == ["id", "charting.fields[2].type", "schedul"]


REFERENCES = "screening: {exclusion_reasons: [no_such, neither]}\nsummary: {tables: [nothing]}\n"


def keys(text: str) -> list[str]:
    return [one.split(": ")[1] for one in mistakes(text)]


def test_every_mistake_of_reference_is_told():
    assert keys(WHOLE + REFERENCES) == [
        "screening.exclusion_reasons[1]",
        "screening.exclusion_reasons[2]",
        "summary.tables[1]",
    ]


def test_mistakes_of_reference_are_told_beside_those_of_form():
    """Whoever corrects one kind must not be sent back for the other."""
    assert keys("colour: red\n" + changed("id: a-review", "id: A") + REFERENCES) == [
        "colour",
        "id",
        "screening.exclusion_reasons[1]",
        "screening.exclusion_reasons[2]",
        "summary.tables[1]",
    ]


def test_a_reference_into_a_section_that_cannot_be_read_is_not_called_a_mistake():
    text = changed("type: integer", "type: count") + "summary: {tables: [size]}\nscreening: {stages: [full_text]}\n"
    assert keys(text) == ["charting.fields[2].type"]


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        (b"", 1, "found an empty file"),
        (b"# nothing but a comment\n", 1, "found an empty file"),
        (b"- a\n- b\n", 1, "found a list"),
        (b"just words\n", 1, "found a plain value"),
        (b"id: a\ntitle: caf\xe9\n", 2, "found a byte that is not UTF-8; allowed: text saved as UTF-8"),
        (WHOLE.encode("utf-16"), 1, "found a byte that is not UTF-8"),
        (b"id: a\ntitle: [unfinished\n", 3, "found broken YAML"),
        (b"id: a\n\ttitle: x\n", 2, "found broken YAML"),
        (b"id: a\nid: b\n", 2, "found broken YAML"),
        (b"id: a\ntitle: \x00\n", None, "found broken YAML"),
        (b"id: &a [*a]\n", None, ""),
        (b"id: !!python/object/apply:os.system ['true']\n", None, ""),
        (b"id: a\n---\nid: b\n", None, "found broken YAML"),
        (b" " * (LARGEST_BYTES + 1), None, "allowed: at most"),
        (b"[" * 1000, None, "found values nested too deeply"),
        (b"id: " + b"[" * 60 + b"]" * 60, None, "found too much"),
        (b"1: a\n", 1, "1: found an unknown key"),
        (b"? [a]\n: b\n", 1, "found an unknown key"),
    ],
)
def test_a_file_that_is_no_protocol_is_told_in_lines(body, line, said):
    first = mistakes(body)[0]
    assert said in first
    assert first.startswith(f"review.yaml, line {line}: " if line else "review.yaml")


def test_aliases_of_aliases_do_not_fill_the_memory():
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20))
    assert "found too much" in mistakes(f"a0: &a0 [x, x]\n{levels}\n")[0]


def test_a_folder_without_a_protocol_says_how_to_start_one(tmp_path: Path):
    with pytest.raises(ProtocolError, match=r"no review\.yaml in .*, start one with `living-review init /"):
        load(tmp_path)


@settings(max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(
        [
            "id",
            "searches",
            "charting",
            "screening",
            "eligibility",
            "typology",
            "notify",
            "living",
            "schedule",
            "summary",
        ]
    ),
)
def test_whatever_a_key_holds_the_answer_is_a_protocol_or_lines(value, key):
    import io

    from ruamel.yaml import YAML

    tree = YAML(typ="safe").load(WHOLE)
    tree[key] = value
    out = io.BytesIO()
    YAML(typ="safe").dump(tree, out)
    try:
        parse(out.getvalue(), "review.yaml")
    except ProtocolError as error:
        assert error.mistakes
        for line in error.mistakes:
            assert line.startswith("review.yaml")
            assert len(line.splitlines()) == 1
