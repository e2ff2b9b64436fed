"""Journal, volume, issue and pages in the forms that databases and spreadsheets give them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.dedupe.place import (
    abbreviates,
    journal_agreement,
    pages_agreement,
    read_journal,
    read_pages,
    read_volume,
    shared_pages,
    volume_agreement,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1123-1129", (("1123", "1129"),)),
        ("1123-9", (("1123", "1129"),)),
        ("376 -- 383", (("376", "383"),)),
        ("1123–1129", (("1123", "1129"),)),
        ("0012-0018", (("12", "18"),)),
        ("pp. 12-19", (("12", "19"),)),
        ("p. 3", (("3", ""),)),
        ("S. 12-19", (("12", "19"),)),
        ("12-12", (("12", ""),)),
        ("e12", (("e12", ""),)),
        ("e12-e15", (("e12", "15"),)),
        ("S12-7", (("s12", "17"),)),
        ("S12-S17", (("s12", "17"),)),
        ("CD006828", (("cd6828", ""),)),
        ("12, 14-18", (("12", ""), ("14", "18"))),
        ("2243-5; author reply 2243-5", (("2243", "2245"), ("2243", "2245"))),
        ("xii-xv", (("xii", "xv"),)),
        # What spreadsheets make of 7-15 and 15-7, 3-15, 11-19, 4-21 and 21-4, 1-8.
        ("15-Jul", (("7", "15"), ("15", "17"))),
        ("15-Mar", (("3", "15"),)),
        ("Nov-19", (("11", "19"),)),
        ("21-Apr", (("4", "21"), ("21", "24"))),
        ("Aug-01", (("1", "8"),)),
        # No first page to be had.
        ("Suppl-25", ()),
        ("t-8", ()),
        ("215 p", ()),
        ("UNKNOWN", ()),
        ("", ()),
    ],
)
def test_pages_are_read(text: str, expected: tuple[tuple[str, str], ...]):
    assert read_pages(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1123-1129", "1123-9", "range"),
        ("15-Jul", "7-15", "range"),
        ("15-Jul", "15-7", "range"),
        ("15-Jul", "15-17", "range"),
        ("S12-7", "S12-S17", "range"),
        ("1123-1129", "1123", "same"),
        ("1123-1129", "1123-1140", "start"),
        ("S12-S17", "12-17", "start"),
        ("e12", "12", "start"),
        ("1", "1-9", "one"),
        ("1-6", "e12724", "differ"),
        ("1123", "", "missing"),
        ("12, 14-18", "14-18", "range"),
    ],
)
def test_how_far_pages_agree(one: str, other: str, expected: str):
    left, right = read_pages(one), read_pages(other)
    assert pages_agreement(left, right) == pages_agreement(right, left) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("1-8", "1-8", 8), ("5", "5", 0), ("1-8", "1-9", 0), ("xii-xv", "xii-xv", 0), ("s1-8", "s1-8", 0)],
)
def test_shared_pages_are_counted(one: str, other: str, expected: int):
    assert shared_pages(read_pages(one), read_pages(other)) == expected


@pytest.mark.parametrize(
    ("volume", "issue", "expected"),
    [
        ("44", "2", ("44", "2")),
        ("Vol. 7", "No. 3", ("7", "3")),
        ("012", "3-4", ("12", "3")),
        ("44 (2 Supplement 1)", "", ("44", "")),
        ("10 Suppl 2", "", ("10", "")),
        # The rest of "59 (Supplement 1)": the volume is lost.
        ("1)", "", ("", "1")),
        ("3)", "S3", ("", "3")),
        ("2020", "4", ("", "4")),
        ("UNKNOWN", "4", ("", "4")),
        ("", "", ("", "")),
    ],
)
def test_volume_and_issue_are_read(volume: str, issue: str, expected: tuple[str, str]):
    assert read_volume(volume, issue, 2020) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("12", "3"), ("12", "3"), ("same", "same")),
        (("12", "3"), ("12", "4"), ("same", "differ")),
        (("12", "3"), ("13", "3"), ("differ", "same")),
        # In each other's place, or one in the other's.
        (("12", "3"), ("3", "12"), ("same", "missing")),
        (("4", ""), ("", "4"), ("missing", "missing")),
        (("3", ""), ("12", "3"), ("missing", "missing")),
        (("", ""), ("12", "3"), ("missing", "missing")),
    ],
)
def test_how_far_volume_and_issue_agree(one: tuple[str, str], other: tuple[str, str], expected: tuple[str, str]):
    assert volume_agreement(one, other) == volume_agreement(other, one) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("N Engl J Med", "The New England Journal of Medicine", "same"),
        ("J Thorac Cardiovasc Surg", "Journal of Thoracic and Cardiovascular Surgery", "same"),
        ("Curr-Opin-Lipidol", "Current Opinion in Lipidology", "same"),
        ("JAMA", "Journal of the American Medical Association", "same"),
        ("JPEN: Journal of Parenteral &amp; Enteral Nutrition", "JPEN J Parenter Enteral Nutr", "same"),
        ("PLoS ONE [Electronic Resource]", "plos one", "same"),
        ("Lancet (London, England)", "The Lancet", "same"),
        ("Stroke; a journal of cerebral circulation", "Stroke", "same"),
        # No beginnings of words.
        ("Deutsche Medizinische Wochenschrift", "Dtsch-Med-Wochenschr", "same"),
        ("Deutsche medizinische Wochenschrift", "Dtsch med Wschr", "same"),
        ("Journal of the National Cancer Institute", "J Natl Cancer Inst", "same"),
        ("Japanese Journal of Clinical Oncology", "Jpn J Clin Oncol", "same"),
        ("Nederlands Tijdschrift voor Geneeskunde", "Ned Tijdschr Geneeskd", "same"),
        ("International Journal of Cancer", "Jpn J Cancer", "differ"),
        ("Lancet", "Lancet Oncology", "alike"),
        ("BMJ", "BMJ Open", "alike"),
        ("Cancer", "Cancer Research", "alike"),
        ("Annals of Surgery", "Archives of Surgery", "differ"),
        ("Bee World", "Lancet", "differ"),
        ("Bee World", "", "missing"),
        ("Bee World", "UNKNOWN", "missing"),
    ],
)
def test_how_far_journals_agree(one: str, other: str, expected: str):
    left, right = read_journal(one), read_journal(other)
    assert journal_agreement(left, right) == journal_agreement(right, left) == expected


@given(st.lists(st.tuples(st.from_regex("[a-z]{4,9}", fullmatch=True), st.integers(1, 4)), min_size=1, max_size=6))
def test_beginnings_of_all_words_are_an_abbreviation(words: list[tuple[str, int]]):
    long = " ".join(word for word, _ in words)
    assert abbreviates(" ".join(word[:taken] for word, taken in words), long)
    assert not abbreviates("0" + long, long)


page_texts = st.from_regex(r"[eS]?[1-9][0-9]{0,3}(-[eS]?[1-9][0-9]{0,3})?", fullmatch=True) | st.text(max_size=12)


@given(page_texts, page_texts)
def test_agreement_of_pages_does_not_depend_on_their_order(one: str, other: str):
    left, right = read_pages(one), read_pages(other)
    assert pages_agreement(left, right) == pages_agreement(right, left)
    assert pages_agreement(left, left) in {"range", "same", "one", "start", "missing"}


@given(st.integers(1, 9999), st.integers(0, 300))
def test_a_last_page_that_leaves_out_what_it_shares_is_the_same(first: int, more: int):
    whole, last = str(first), str(first + more)
    shared = next((n for n, (a, b) in enumerate(zip(whole, last, strict=False)) if a != b), len(whole) - 1)
    short = last[shared:] if len(whole) == len(last) else last
    assert read_pages(f"{whole}-{short}") == read_pages(f"{whole}-{last}")
