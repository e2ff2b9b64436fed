"""Text made comparable: the same letters whatever script, mark-up or accents a database left."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.text import folded, language_of, squeezed, unmarked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Élan — vital!", "elan vital"),
        ("  Straße,\tnaïve  ", "strasse naive"),
        ("Efﬁcacy", "efficacy"),
        ("Alzheimer’s", "alzheimers"),
        ("Alzheimer's", "alzheimers"),
        ("TGF-β1", "tgf beta 1"),
        ("µg of ∆9-THC", "mu g of delta 9 thc"),
        ("H₂O and ½", "h2o and 1 2"),
        ("１２３ Ⅳ", "123 iv"),
        ("Юлия", "yuliya"),
        ("社交媒体 2", "shejiaomeiti 2"),
        ("", ""),
        ("…—!", ""),
    ],
)
def test_text_is_folded(text: str, expected: str):
    assert folded(text) == expected
    assert squeezed(text) == expected.replace(" ", "")


def test_greek_letters_are_letters_within_a_text_in_greek():
    assert folded("Μελέτη β") == "meleti v"


@given(st.text(max_size=30))
def test_folded_text_is_plain_and_stays_as_it_is(text: str):
    once = folded(text)
    assert once.isascii() and once == once.lower() == " ".join(once.split())
    assert folded(once) == once


@given(st.text(alphabet="aeiounc áéíóúñç", max_size=20))
def test_an_accent_counts_the_same_within_the_letter_and_behind_it(text: str):
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A &amp; B <i>in vivo</i>", "A & B in vivo"),
        ("x<sub>2</sub>", "x2"),
        ("p < 0.05 and b > 3", "p < 0.05 and b > 3"),
        (r"M{\"u}ller \c{c}a \v s \'{\i}", "Muller ca s i"),
        (r"\textit{E. coli} and \emph{others}", "E. coli and others"),
        (r"TGF-$\beta$ and {$\alpha$}-blockers", "TGF-beta and alpha-blockers"),
        (r"S{\o}rensen {\ss}", "Sorensen ss"),
        ("wheez-\n  ing subjects", "wheezing subjects"),
        ("well-\nBeing", "well-\nBeing"),
        ("plain", "plain"),
    ],
)
def test_remains_of_mark_up_are_taken_out(text: str, expected: str):
    assert unmarked(text) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("telephones in the care of wheezing subjects", "en"),
        ("telefone in der versorgung von menschen und familien", "de"),
        ("le telephone chez les patients et dans la famille", "fr"),
        ("wheezing telephones", ""),
        ("wheezing der telephones", ""),
        ("", ""),
    ],
)
def test_small_words_tell_a_language(words: str, expected: str):
    assert language_of(words) == expected
