"""A strategy read before it runs: mistakes that PubMed would pass over in silence, and the strategy line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.strategy import Finding, lines, lint

GOOD = """("social media"[tiab] OR "Social Media"[mh] OR twitter[tiab])
  AND ("quality improvement"[tiab] OR "Quality Improvement"[mh:noexp])"""


def wrong(query: str) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in lint(query) if one.is_wrong]


def hints(query: str) -> list[str]:
    found = lint(query)
    assert not any(one.is_wrong for one in found), found
    return [one.text for one in found]


def test_a_good_strategy_has_nothing_to_mend():
    assert lint(GOOD) == []


@pytest.mark.parametrize(
    ("query", "line", "said"),
    [
        ("(a[tiab]\n OR (b[tiab]", 2, "a bracket is opened that is not closed"),
        ("a[tiab]\n OR b[tiab])", 2, "a bracket is closed that was not opened"),
        ("a[tiab] OR ()", 1, "there is nothing in the brackets"),
        ('a[tiab] OR\n"b c[tiab]', 2, "a quotation mark has no partner"),
        ("a[tiab]\nOR", 1, "nothing stands behind OR"),
        ("AND a[tiab]", 1, "nothing stands before AND"),
        ("a[tiab] AND OR b[tiab]", 1, "nothing stands before OR"),
        ("a[tiab] b[tiab]", 1, "no operator before b[tiab], where PubMed takes AND; write it"),
        ('(a[tiab] OR b[tiab]) "c d"[mh]', 1, 'no operator before "c d"[mh], where PubMed takes AND; write it'),
        ("(a OR b)[tiab]", 1, "found [tiab] behind a bracket, which PubMed ignores; put it behind each term"),
        ("[tiab] a", 1, "found [tiab] behind no term, which PubMed ignores; put it behind each term"),
        ("asthma[tiabb]", 1, "asthma[tiabb]: PubMed has no tag [tiabb] and ignores it; did you mean [tiab]?"),
        ("asthma[foo bar]", 1, "asthma[foo bar]: PubMed has no tag [foo bar] and ignores it"),
        ("a or b[tiab]", 1, "a or b[tiab]: or in small letters is a word and no operator; write OR"),
        ("#1 AND #2", 1, "#1 is a line of another search; write the search out"),
        ("intervent∗[ti]", 1, "found ∗ (U+2217), which PubMed does not read; write *"),
        ("“b c”[tiab]", 1, 'found “ (U+201C), which PubMed does not read; write "'),
        ('"a &amp; b"[ta]', 1, "found &amp;, a sign as a web page writes it; write the sign itself"),
        ("ab*[tiab]", 1, "ab*[tiab]: PubMed truncates words of 4 letters or more only"),
        ("*asthma[tiab]", 1, "*asthma[tiab]: PubMed truncates at the end of a word only"),
        ("as*thma[tiab]", 1, "as*thma[tiab]: PubMed truncates at the end of a word only"),
        ("", 0, "there is no term in it"),
        ("a]", 1, "found ] alone; write [tag] behind a term"),
    ],
)
def test_what_pubmed_would_pass_over_is_told_with_its_line(query, line, said):
    assert (line, said) in wrong(query)


@pytest.mark.parametrize(
    "query",
    [
        '"18F"[tiab] OR "[18F]FDG"[tiab] OR "FDG"[mh]',
        '"hospital staff"[tiab:~3] OR "Personnel, Hospital"[mh]',
        '(a[tiab] OR "A"[mh]) AND 2019/01/01:2024[dp]',
        '(a[tiab] OR "A"[mh]) AND "2019/01/01"[Date - Publication] : "3000"[Date - Publication]',
        '(a[tiab] OR "A"[mh]) AND 1:9999[uid]',
        '(wheeze[Title/Abstract] OR "Asthma"[MeSH Terms]) AND medline[sb] AND hasabstract',
        '("online communit*"[tiab] OR "Social Media"[Majr:noexp]) NOT (animals[mh] NOT humans[mh])',
        'co-design*[tiab] OR "Social Media/ethics"[Mesh]',
    ],
)
def test_what_pubmed_reads_is_not_called_wrong(query):
    assert wrong(query) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            'a[tiab] OR "A"[mh] AND b[tiab]',
            "operators of two kinds stand side by side, and PubMed reads from left to right; write the brackets",
        ),
        ('asthma OR "Asthma"[mh]', "without a tag, so that PubMed may read it otherwise one day: asthma"),
        ('a[tiab] OR A[tiab] OR "A"[mh]', "there more than once: a[tiab]"),
        ('(a[tiab] OR "A"[mh]) AND english[la]', "limited by language: what is described late, or not yet, is lost"),
        ('(a[tiab] OR "A"[mh]) AND (b[tiab] OR c[ti])', "the concept that begins with b[tiab] has no MeSH heading"),
        (
            '"A"[mh] AND (b[tiab] OR "B"[mh])',
            'the concept that begins with "A"[mh] has headings only, and new records have none yet',
        ),
        ('wom?n[tiab] OR "Women"[mh]', "wom?n[tiab]: PubMed knows no wildcard but * and takes this sign for a blank"),
    ],
)
def test_what_deserves_a_look_is_told(query, said):
    assert said in hints(query)


def test_findings_are_in_the_order_of_the_lines():
    found = lint("ab*[tiab]\nOR b[foo]\nOR c[tiab] OR c[tiab]")
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert isinstance(found[0], Finding)


# Line by line


def test_each_term_has_a_line_and_what_is_joined_names_the_lines():
    assert [(one.number, one.shown) for one in lines(GOOD + " NOT twitter[tiab]")] == [
        (1, '"social media"[tiab]'),
        (2, '"Social Media"[mh]'),
        (3, "twitter[tiab]"),
        (4, "#1 OR #2 OR #3"),
        (5, '"quality improvement"[tiab]'),
        (6, '"Quality Improvement"[mh:noexp]'),
        (7, "#5 OR #6"),
        (8, "#4 AND #7"),
        (9, "#8 NOT #3"),
    ]
    last = lines(GOOD)[-1]
    assert last.query == (
        '("social media"[tiab] OR "Social Media"[mh] OR twitter[tiab])'
        ' AND ("quality improvement"[tiab] OR "Quality Improvement"[mh:noexp])'
    )


def test_operators_are_read_from_left_to_right():
    assert lines("a[ti] OR b[ti] AND c[ti] OR d[ti]")[-1].query == "((a[ti] OR b[ti]) AND c[ti]) OR d[ti]"
    assert lines("a[ti] OR (b[ti] OR c[ti])")[-1].query == "a[ti] OR (b[ti] OR c[ti])"


@pytest.mark.parametrize("query", ["(a", "", "a OR", '"a', "(" * 200 + "a" + ")" * 200])
def test_what_is_wrong_has_no_lines(query):
    with pytest.raises(ValueError, match="cannot be taken apart"):
        lines(query)


PIECES = st.sampled_from(
    [
        *'()":*#',
        "[tiab]",
        "[mh]",
        " AND ",
        " OR ",
        " NOT ",
        "asthma",
        "ab*",
        "2020",
        "[dp]",
        " ",
        "\n",
        "é",
        "[",
        "]",
        '"x y"',
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_nothing_makes_it_fail(query):
    if any(one.is_wrong for one in lint(query)):
        return
    parts = lines(query)
    # Taken apart and put together again, it says the same.
    assert lines(parts[-1].query)[-1].query == parts[-1].query


def test_a_long_strategy_is_read_at_once():
    many = " OR ".join(f'"term {number}"[tiab]' for number in range(5_000))
    assert len(lines(f'({many}) AND "A"[mh]')) == 5_003
