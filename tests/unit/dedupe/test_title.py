"""Titles: what databases put around them, and which titles are of one work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.title import LEVELS, agreement, is_generic, numbers, read
from tests.unit.dedupe.made_up import TITLE, TITLES

PLAIN = "telephones in the care of wheezing subjects"


@pytest.mark.parametrize(
    "text",
    [
        TITLE,
        f"[{TITLE}.]",
        f"[{TITLE}",
        f"The {TITLE}",
        TITLE.upper(),
        f"{TITLE}. [Review] [43 refs]",
        f"{TITLE}. [Chinese]",
        f"{TITLE} [Erratum appears in J Nothing. 2021;13(1):2]",
        f"{TITLE} [Retracted]",
        f"RETRACTED ARTICLE: {TITLE}",
        f"WITHDRAWN: {TITLE}",
        "<i>Telephones</i> in the care of&nbsp;wheezing subjects",
    ],
)
def test_what_a_database_puts_around_a_title_is_taken_off(text: str):
    assert read(text).forms == (PLAIN,)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "...", "UNKNOWN", "nan", "Untitled", "untitled document", "Untitled-3", "[No title available]", "Title not available",
        "Microsoft Word - final version.doc", "paper_final2.pdf", "No Job Name", "Layout 1", "PII: S0140-6736(99)01234-5", "doi:10.5555/12.34",
        "10.5555/jrn.12", "jrn123456 1..8",
    ],
)  # fmt: skip
def test_no_title_is_none(text: str):
    assert read(text).forms == ()


@pytest.mark.parametrize(
    "text", ["Layout 1 of the wheezing bee", "Untitled works of a painter", "Node.js in the clinic"]
)
def test_a_title_that_begins_like_none_is_one(text: str):
    assert len(read(text).forms) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"Telefone in der Pflege [{TITLE}]",
        f"Telefone in der Pflege <original> {TITLE}",
        f"[Telefone in der Pflege] TO: {TITLE}",
    ],
)
def test_a_title_in_two_languages_has_two_forms(text: str):
    assert set(read(text).forms) == {"telefone in der pflege", PLAIN}


def test_the_title_in_the_language_of_the_paper_is_a_form_too():
    found = read(f"[{TITLE}]", "Telefone in der Pflege")
    assert found.forms == (PLAIN, "telefone in der pflege")
    assert found.translated


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((f"{start}{TITLE}", kind) for start, kind in {
            "Erratum: ": "erratum", "Erratum. ": "erratum", "Erratum to: ": "erratum", "[Erratum to: ": "erratum",
            "Erratum in: ": "erratum", "Author Correction: ": "erratum", "Authors' correction: ": "erratum",
            "Publisher Correction: ": "erratum", "Corrigendum to ": "erratum", "Correction to: ": "erratum",
            "Retraction: ": "retraction", "Retraction--": "retraction", "Retraction Note: ": "retraction",
            "Retraction notice to ": "retraction", "Notice of retraction: ": "retraction",
            "Expression of concern: ": "concern", "Commentary on: ": "comment", "Letter: ": "comment", "Re: ": "comment",
            "Reply to ": "reply", "Response to: ": "reply", "In reply: ": "reply", "RETRACTED: ": "", "Replying ": "",
            "Recorrection: ": "",
        }.items()),
        (f"{TITLE}: authors' reply", "reply"),
        (f"{TITLE} - Reply", "reply"),
        (f"{TITLE}: a comment", "comment"),
        (f"{TITLE}. Erratum", "erratum"),
        (TITLE, ""),
    ],
)  # fmt: skip
def test_a_notice_is_known_by_its_title(text: str, kind: str):
    assert read(text).notice == kind


def test_an_article_that_begins_like_a_notice_does_so_with_and_without_its_article():
    assert read("The correction of anemia").notice == read("Correction of anemia").notice


@pytest.mark.parametrize(
    ("title", "journal", "expected"),
    [
        ("editorial", "", True),
        ("letter to the editor", "", True),
        ("from the editors of the bee world", "bee world", True),
        ("from the editors of the bee world", "", False),
        ("editorial 12", "", True),
        ("editorial on bees", "", False),
        (PLAIN, "", False),
    ],
)
def test_titles_that_name_no_work(title: str, journal: str, expected: bool):
    assert is_generic(title, journal) is expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("wheezing part ii", "2"),
        ("wheezing part two", "2"),
        ("wheezing part i", "1"),
        ("phase iii trial of 20 bees", "320"),
        ("group b and vitamin d", "b"),
        ("civil mix", ""),
    ],
)
def test_numbers_of_a_title(title: str, expected: str):
    assert numbers(title) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (f"{TITLE} in the alpine meadows", f"{TITLE}: in the alpine meadows?", "long"),
        (TITLE, f"[{TITLE}.]", "same"),
        ("Tumour behaviour in the oesophagus of children", "Tumor behavior in the esophagus of children", "near"),
        (TITLE, "Telephones in the care of wheezing snbjects", "slip"),
        (f"{TITLE} in Iran and its neighbours", f"{TITLE} in Iraq and its neighbours", "slip"),
        ("Behaviour and tumours in randomised trials", "Behavior and tumor in randomized trial", "near"),
        (f"{TITLE} and of bees", "Care of wheezing subjects: telephones and bees ring in the care of bees", "close"),
        (TITLE, f"{TITLE}: a trial", "begins"),
        (TITLE, "Telephones in the care of whee...", "begins"),
        ("A history of bees: telephones in the care of wheezing subjects", TITLE, "begins"),
        (f"{TITLE}: a protocol", TITLE, "alike"),
        (f"{TITLE}: study protocol for a trial", f"{TITLE}: a trial", "alike"),
        (f"{TITLE} and bees", "Bees and what subjects of the telephone care for, wheezing", "alike"),
        ("Breast cancer", "Breast cancer", "short"),
        ("Letter to the editor", "Letter to the editor", "generic"),
        (TITLE, "Telefone in der Versorgung von Menschen und in der Familie", "foreign"),
        (TITLE, "[On bees of the alpine meadows]", "foreign"),
        (TITLE, "Bees of the alpine meadows", "differ"),
        (TITLE, "", "missing"),
        # Not one work, however alike.
        (f"{TITLE}. Part I", f"{TITLE}. Part II", "alike"),
        (f"{TITLE}. Part 1", f"{TITLE}. Part 2", "alike"),
        (TITLE, f"{TITLE}. Part 2", "alike"),
        (TITLE, f"{TITLE} II", "alike"),
        (f"{TITLE} 2019", f"{TITLE} 2020", "alike"),
        ("Type 1 diabetes in wheezing people", "Type 2 diabetes in wheezing people", "alike"),
        ("Treatment of chronic hepatitis B in adults", "Treatment of chronic hepatitis C in adults", "alike"),
        ("Effects of the telephone in wheezing men", "Effects of the telephone in wheezing women", "alike"),
        ("Increased wheezing after the telephone", "Decreased wheezing after the telephone", "alike"),
        ("Hyperglycaemia in wheezing subjects", "Hypoglycaemia in wheezing subjects", "alike"),
    ],
)
def test_how_far_two_titles_agree(one: str, other: str, expected: str):
    assert agreement(read(one), read(other)) == agreement(read(other), read(one)) == expected


@given(st.sampled_from(TITLES) | st.text(max_size=40), st.sampled_from(TITLES) | st.text(max_size=40))
def test_agreement_of_titles_does_not_depend_on_their_order(one: str, other: str):
    there = agreement(read(one), read(other))
    assert there == agreement(read(other), read(one))
    assert there in LEVELS
