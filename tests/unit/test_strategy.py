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
        ("a[tiab] AND OR b[tiab]", 1, "AND OR are two operators side by side; write one"),
        ("a[tiab] b[tiab]", 1, "no operator before b[tiab], where PubMed takes AND; write it"),
        ('(a[tiab] OR b[tiab]) "c d"[mh]', 1, 'no operator before "c d"[mh], where PubMed takes AND; write it'),
        ("(a OR b)[tiab]", 1, "found [tiab] behind a bracket, which PubMed ignores; put it behind each term"),
        ("[tiab] a", 1, "found [tiab] behind no term, which PubMed ignores; put it behind each term"),
        ("asthma[tiabb]", 1, "asthma[tiabb]: PubMed has no tag [tiabb] and ignores it; did you mean [tiab]?"),
        ("asthma[foo bar]", 1, "asthma[foo bar]: PubMed has no tag [foo bar] and ignores it"),
        ("a or b[tiab]", 1, "a or b[tiab]: or in small letters is a word and no operator; write OR"),
        ("#1 AND #2", 1, "#1 is a line of another search; write the search out"),
        ("intervent∗[ti]", 1, "found ∗ (U+2217), which PubMed may not read; write *"),
        ("“b c”[tiab]", 1, 'found “ (U+201C), which PubMed may not read; write "'),
        ('"a &amp; b"[ta]', 1, "found &amp;, a sign as a web page writes it; write the sign itself"),
        ("ab*[tiab]", 1, "ab*[tiab]: PubMed truncates words of 4 letters or more only"),
        ("*asthma[tiab]", 1, "*asthma[tiab]: PubMed truncates at the end of a word only"),
        ("as*thma[tiab]", 1, "as*thma[tiab]: PubMed truncates at the end of a word only"),
        ("a[tiab] AND NOT b[tiab]", 1, "AND NOT are two operators side by side; write NOT"),
        ("a[] OR b[tiab]", 1, "the tag behind a is empty; write [tiab] or another"),
        ('"a[tiab]"', 1, '"a[tiab]": [tiab] stands within the quotation marks, where it is text; write it behind them'),
        ("a[tiab]:b[tiab]", 1, "a[tiab] :b[tiab]: a colon joins dates and numbers only; write OR or AND"),
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
        (
            '(a[tiab] OR "A"[mh]) AND free full text[filter]',
            "limited by filter: what is described late, or not yet, is lost",
        ),
        (
            "a OR b[tiab] OR c[pt] NOT animals[mh]",
            "NOT animals[mh] takes away studies of humans and animals too; write NOT (animals[mh] NOT humans[mh])",
        ),
        (
            'a[tiab] NOT ("Rats"[Mesh] OR "Mice"[Mesh])',
            'NOT "Rats"[Mesh] takes away studies of humans and animals too; write NOT (animals[mh] NOT humans[mh])',
        ),
        (
            "a[tiab] NOT (child*[tiab] NOT adult*[tiab])",
            "NOT child*[tiab] takes away records that are about both; see that none of them belongs to the review",
        ),
        ('wom#n[tiab] OR "Women"[mh]', "wom#n[tiab]: PubMed knows no wildcard but * and takes this sign for a blank"),
        ('"bone* mass"[tiab]', '"bone* mass"[tiab]: PubMed truncates the last word of a phrase only'),
        ('"bone ma*"[tiab]', '"bone ma*"[tiab]: PubMed asks for 4 letters or more before *'),
        (
            '"Neoplasm*"[mh] OR a[tiab]',
            '"Neoplasm*"[mh]: a heading that is truncated is not found by its narrower headings; write each out',
        ),
        ('"bones"[tiab:~3]', '"bones"[tiab:~3]: nearness is between two words or more, and this is one'),
        ("bone and mass[tiab]", "bone and mass[tiab]: and in small letters is a word and no operator; write AND"),
        ("12 OR a[tiab]", "12 alone is a PMID to PubMed; if a line is meant, write it out"),
        ('wom?n[tiab] OR "Women"[mh]', "wom?n[tiab]: PubMed knows no wildcard but * and takes this sign for a blank"),
    ],
)
def test_what_deserves_a_look_is_told(query, said):
    assert said in hints(query)


# Signs that are not those of a keyboard


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "‘b c’[tiab]",
            ['found ‘ (U+2018), which PubMed may not read; write "', '’ (U+2019), which PubMed may not read; write "'],
        ),
        ("crohn’s[tiab]", ["found ’ (U+2019), which PubMed may not read; write '"]),
        ("patients’ rights[tiab]", ["found ’ (U+2019), which PubMed may not read; write '"]),
        ('"covid–19"[tiab]', ["found – (U+2013), which PubMed may not read; write -"]),
        ("（a［tiab］）", ["（ (U+FF08)", "） (U+FF09)", "［ (U+FF3B)", "］ (U+FF3D)"]),
        ("ﬁbrosis[tiab]", ["found ﬁ (U+FB01), which PubMed may not read; write fi"]),
        ("can\u200bcer[tiab]", ["found an invisible sign (U+200B) in cancer[tiab]; delete it"]),
        ("can\u00adcer[tiab]", ["found an invisible sign (U+00AD) in cancer[tiab]; delete it"]),
        ("\ufeffcancer[tiab]", ["found an invisible sign (U+FEFF) in cancer[tiab]; delete it"]),
        ("c\u0430ncer[tiab]", ["c\u0430ncer: \u0430 (U+0430) is a Cyrillic letter; write the Latin one"]),
        ("TNF\u0391[tiab]", ["TNF\u0391: \u0391 (U+0391) is a Greek letter; write the Latin one"]),
        ("<b>a</b>[tiab]", ["found </b>, the markup of a web page; delete it", "found <b>, the markup"]),
    ],
)
def test_a_sign_of_another_kind_is_named_and_nothing_else(query, said):
    found = wrong(query)
    assert [line for line, _text in found] == [1] * len(said)
    assert all(part in text for part, (_line, text) in zip(said, found, strict=True))


def test_a_blank_of_another_kind_deserves_a_look():
    assert "found a blank of another kind (U+00A0); write a blank" in hints("a[tiab]\u00a0OR b[tiab]")


# What other interfaces read


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a.mp.", ["a.mp.: .mp. is syntax of Ovid; in PubMed write a tag, as [tiab]"]),
        ("(a adj3 b*).ti,ab.", [".ti,ab. is syntax of Ovid; in PubMed write a tag", "adj3 is syntax of Ovid"]),
        ("exp neoplasms/", ['exp neoplasms/ is syntax of Ovid; in PubMed write "Heading"[mh]']),
        ("or/1-3", ["or/1-3 is syntax of Ovid; in PubMed write the search out"]),
        ("a:ti,ab", ["a:ti,ab: :ti,ab is syntax of Embase; in PubMed write a tag"]),
        ("'brain'/exp", ["'brain'/exp: /exp is syntax of Embase; in PubMed write \"Heading\"[mh]"]),
        ("(a[tiab]) NEAR/3 (b[tiab])", ['NEAR/3 is syntax of another interface; in PubMed write "two words"[tiab:~3]']),
        ("(a[tiab]) N3 (b[tiab])", ["N3: N3 is syntax of another interface"]),
        ("TS=(a OR b)", ["TS= is syntax of another interface"]),
        ("TITLE-ABS-KEY(a OR b)", ["TITLE-ABS-KEY in front is syntax of another interface"]),
        ('MH "Neoplasms"', ["MH in front is syntax of another interface"]),
        ("a[tiab] & b[tiab]", ["& b[tiab]: & is no operator in PubMed; write AND"]),
        ("a[tiab] | b[tiab]", ["| b[tiab]: | is no operator in PubMed; write OR"]),
        ("a[tiab] or b[tiab]", ["or b[tiab]: or in small letters is a word and no operator; write OR"]),
    ],
)
def test_the_syntax_of_another_interface_is_named_and_nothing_else(query, said):
    found = wrong(query)
    assert len(found) == len(said)
    assert all(part in text for part, (_line, text) in zip(said, found, strict=True))


# Nearness and dates


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('"a b"[tiab:3]', '"a b"[tiab:3]: PubMed ignores [tiab:3]; write [tiab:~3]'),
        ('"a b"[tiab~3]', '"a b"[tiab~3]: PubMed ignores [tiab~3]; write [tiab:~3]'),
        ('"a b"[tw:~3]', '"a b"[tw:~3]: PubMed knows nearness in [ti], [tiab], [ad] only and ignores it here'),
        (
            '"bone* b"[tiab:~3]',
            '"bone* b"[tiab:~3]: where a word is truncated PubMed ignores nearness; write the words out',
        ),
        ("a b[tiab:~3]", 'a b[tiab:~3]: nearness needs quotation marks; write "a b"[tiab:~3]'),
        ("a[mh:explode]", "a[mh:explode]: PubMed does not know :explode behind a tag and ignores it; leave it out"),
        ("2020:2010[dp]", "2020:2010[dp]: the range ends before it begins; write the earlier date first"),
        (
            '"2020/02/01"[dp] : "2020/01/31"[dp]',
            '"2020/02/01"[dp] : "2020/01/31"[dp]: the range ends before it begins; write the earlier date first',
        ),
        (
            "2010-2020[dp]",
            "2010-2020[dp]: PubMed reads a date as 2010/12/31 and a range as 2010:2020[dp]; write it so",
        ),
        (
            "2020/13/01:2021[edat]",
            "2020/13/01:2021[edat]: PubMed reads a date as 2010/12/31 and a range as 2010:2020[edat]; write it so",
        ),
    ],
)
def test_nearness_and_dates_that_pubmed_does_not_read(query, said):
    assert wrong(query) == [(1, said)]


def test_a_range_within_one_year_is_no_reversed_one():
    assert wrong("(a[tiab]) AND 2020/05:2020[dp]") == []


# Order


def test_a_bracket_without_its_partner_is_all_that_is_told():
    assert wrong("a[tiab] AND (b[tiab]") == [(1, "a bracket is opened that is not closed")]
    assert wrong("a[tiab] AND b[tiab])") == [(1, "a bracket is closed that was not opened")]


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


def test_many_lines_in_a_row_are_named_by_the_first_and_the_last():
    terms = [f"t{number}[ti]" for number in range(1_500)]
    assert lines(" OR ".join(terms))[-1].shown == "#1 OR … OR #1500"
    assert lines(" AND ".join(terms[:9]))[-1].shown.count("#") == 9
    assert lines(" OR ".join([*terms[:20], terms[3], "x[ti]"]))[-1].shown.count("#") == 22


def test_operators_are_read_from_left_to_right():
    assert lines("a[ti] OR b[ti] AND c[ti] OR d[ti]")[-1].query == "((a[ti] OR b[ti]) AND c[ti]) OR d[ti]"
    assert lines("a[ti] OR (b[ti] OR c[ti])")[-1].query == "a[ti] OR (b[ti] OR c[ti])"


@pytest.mark.parametrize("query", ["(a", "", "a OR", '"a', "(" * 200 + "a" + ")" * 200, "a OR b AND " * 5_000 + "c"])
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
