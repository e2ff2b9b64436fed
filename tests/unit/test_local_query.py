"""How the local PubMed reads a query: the cases recorded from the real one, and its language."""

from __future__ import annotations

from datetime import date

import pytest

from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.days import read_days
from infra.local.pubmed.query import RefusedQueryError
from infra.local.pubmed.search import UnknownHistoryError, search


def article(pmid, title, abstract="", mesh=(), crdt="2020-01-15", year="2020", author="Gray Jo", **more):
    headings = "".join(
        f'<MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">{name}</DescriptorName>'
        f'<QualifierName UI="Q1" MajorTopicYN="{"Y" if name in more.get("major", ()) else "N"}">methods</QualifierName></MeshHeading>'
        for name in mesh
    )
    family, given = author.split()
    y, m, d = crdt.split("-")
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>
    <Article><Journal><ISSN>0000-0000</ISSN><JournalIssue><PubDate>{more.get("pubdate", f"<Year>{year}</Year>")}</PubDate></JournalIssue>
    <Title>{more.get("journal", "Journal of Nothing")}</Title></Journal><ArticleTitle>{title}</ArticleTitle>
    <Abstract><AbstractText>{abstract}</AbstractText></Abstract>
    <AuthorList><Author><LastName>{family}</LastName><ForeName>{given}</ForeName><Initials>{given[0]}</Initials></Author></AuthorList>
    <Language>{more.get("language", "eng")}</Language><PublicationTypeList><PublicationType UI="D016428">{more.get("pt", "Journal Article")}</PublicationType></PublicationTypeList>
    {more.get("electronic", "")}</Article><MeshHeadingList>{headings}</MeshHeadingList></MedlineCitation>
    <PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>{y}</Year><Month>{m}</Month><Day>{d}</Day></PubMedPubDate>
    <PubMedPubDate PubStatus="pubmed"><Year>2019</Year><Month>3</Month><Day>4</Day></PubMedPubDate></History></PubmedData></PubmedArticle>"""


@pytest.fixture
def corpus():
    records = [
        article(1, "Asthma and the clinic", "Twitter was used. Social workers met the media.", mesh=["Asthma"]),
        article(2, "Social media in hospitals", "COPD and 18F-FDG, <i>in</i> vivo<sup>2</sup>.", mesh=["Social Media", "Hospitals"], major=["Hospitals"]),
        article(3, "A hospital's wearables", "Body sensors; the battery fails after one day.", crdt="2021-06-01", year="2021", author="Müller Ana"),
        article(4, "Übergewicht", "Nothing.", language="ger", pt="Review", author="Gray Kim", crdt="2022-02-02", year="2022",
                electronic="<ArticleDate><Year>2021</Year><Month>12</Month><Day>30</Day></ArticleDate>"),
        article(5, "Quality improvement", "Design of health services in rural areas.", pubdate="<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", crdt="1999-01-02"),
    ]  # fmt: skip
    corpus = Corpus(known_phrases=["Telemedicine"])
    corpus.add(f"<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>".encode())
    return corpus


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("asthma[tiab]", "1"),
        ("asthma", "1"),
        ("ASTHMA[TIAB]", "1"),
        ("asthma[ti] OR copd[tiab]", "21"),
        ("social[tiab] AND media[tiab]", "21"),
        ('"social media"[tiab]', "2"),
        ("social media[tiab]", "2"),
        ("media social[tiab]", "21"),  # no such phrase: each word
        ("social media", "21"),
        ('"Social Media"[Mesh]', "2"),
        ("social media[mh]", "2"),
        ("Hospitals[majr]", "2"),
        ("Social Media[majr]", ""),
        ("hospital*[tiab]", "32"),
        ('"social med*"[tiab]', "2"),
        ("wearable[ti]", ""),
        ("wearable*[ti]", "3"),
        ("asthma[tiab] OR copd[tiab] AND vivo2[tiab]", "2"),  # from left to right
        ("asthma[tiab] OR (copd[tiab] AND vivo2[tiab])", "21"),
        ("(social[tiab] OR nothing[tiab]) NOT asthma[tiab]", "42"),
        ("gray[au]", "5421"),
        ("gray j[au]", "521"),
        ("gray jo[au]", "521"),
        ("muller a[au]", "3"),
        ("übergewicht[ti] AND german[la]", "4"),
        ("ubergewicht", "4"),
        ("ger[la]", "4"),
        ("review[pt]", "4"),
        ("2:4[uid]", "432"),
        ("3[pmid]", "3"),
        ("3 5[uid]", "53"),
        ("2021[dp]", "43"),  # print or electronic
        ("2021:2022[dp]", "43"),
        ("2021/12:2021/12[dp]", "4"),
        ("1998/12[dp]", "5"),
        ("2020/01/15:2021/06/01[crdt]", "321"),
        ('"2021/01/01"[Date - Create] : "2021/12/31"[Date - Create]', "3"),
        ("2019/03/04[edat]", "54321"),
        ('"last 2 years"[crdt]', "43"),
        ('"health sensors rural"[tiab:~9]', ""),
        ('"services design"[tiab:~2]', "5"),
        ('"services design"[tiab:~0]', ""),
        ("journal of nothing[ta]", "54321"),
        ("all[sb] NOT pubmed books[sb]", "54321"),
        ("hasabstract", "54321"),
        ('"18F-FDG"[tiab]', "2"),
        ('"[18F]FDG"[tiab]', "2"),
        ("methods[sh] AND asthma[mh]", "1"),
        ("asthma and clinic", "1"),  # lower-case: a stop word
        ("asthma hospital*", ""),
        ("telemedicine[mh]", ""),
    ],
)
def test_it_finds(corpus, query, expected):
    corpus.advance(date(2022, 12, 31))
    assert "".join(search(corpus, query).pmids) == expected


def test_phrase_that_is_not_known_is_dropped_from_an_or_and_told(corpus):
    result = search(corpus, '(wearable*[tiab] OR "body battery"[tiab] OR asthma[tiab])')
    assert result.pmids == ["3", "1"]
    assert result.quoted_phrases_not_found == ['"body battery"[tiab]']
    assert result.messages == []
    assert result.translation == '("wearable*"[Title/Abstract] OR "asthma"[Title/Abstract])'


def test_heading_that_does_not_exist_is_a_zero_whose_translation_repeats_the_query(corpus):
    result = search(corpus, '"Atherosclerotic Cardiovascular Disease"[Mesh]')
    assert (result.pmids, result.translation) == ([], '"Atherosclerotic Cardiovascular Disease"[Mesh]')
    assert result.quoted_phrases_not_found == ['"Atherosclerotic Cardiovascular Disease"[Mesh]']
    assert result.messages == ["No items found."]


def test_true_zero_warns_of_nothing_but_the_zero(corpus):
    result = search(corpus, '"Asthma"[Mesh] AND 1804[dp]')
    assert result.messages == ["No items found."]
    assert result.quoted_phrases_not_found == []
    assert result.translation == '"Asthma"[MeSH Terms] AND 1804/01/01:1804/12/31[Date - Publication]'


def test_phrases_the_index_knows_warn_of_nothing(corpus):
    assert search(corpus, '"Telemedicine"[Mesh]').quoted_phrases_not_found == []


@pytest.mark.parametrize("query", ["asthma[foo]", "asthma [tiabb]", "(asthma OR copd)[tiab]"])
def test_tags_that_mean_nothing_are_ignored_with_an_empty_error_list(corpus, query):
    result = search(corpus, query)
    assert result.tag_ignored
    assert '"asthma"[All Fields]' in result.translation
    assert "1" in result.pmids


def test_modifier_is_dropped_without_a_word(corpus):
    result = search(corpus, "asthma[mh:~3]")
    assert (result.pmids, result.translation, result.tag_ignored) == (["1"], '"asthma"[MeSH Terms]', False)


def test_stop_word_with_a_tag_makes_a_zero(corpus):
    result = search(corpus, "the[tiab] AND asthma[tiab]")
    assert (result.pmids, result.phrases_not_found) == ([], ["the"])
    assert result.translation == "the[tiab] AND asthma[tiab]"


def test_typographic_asterisk_truncates_nothing(corpus):
    assert search(corpus, "wearabl∗[ti]").translation == '"wearabl"[Title]'


def test_untagged_word_that_nothing_has(corpus):
    result = search(corpus, "qzxwvunonsenseterm")
    assert result.quoted_phrases_not_found == ['"qzxwvunonsenseterm"']
    assert result.messages == ["No items found."]


def test_untagged_words_are_mapped_to_a_heading(corpus):
    result = search(corpus, "social media")
    expected = (
        '"social media"[MeSH Terms] OR ("social"[All Fields] AND "media"[All Fields]) OR "social media"[All Fields]'
    )
    assert result.translations == [("social media", expected)]


def test_quotes_and_brackets_without_partner(corpus):
    assert search(corpus, 'asthma "clinic').messages == ["Unmatched double quote ignored."]
    assert search(corpus, "(asthma AND clinic").pmids == ["1"]
    assert search(corpus, "asthma) AND clinic").pmids == ["1"]
    with pytest.raises(RefusedQueryError, match=r"^Search Backend failed: "):
        search(corpus, "((")


@pytest.mark.parametrize(
    "query", ["", "AND", "()", '""', "[tiab]", ":", "*", "NOT", "((a)", "a:b[uid]", "x[dp]", "#", "| |[ti]"]
)
def test_nothing_breaks_it(corpus, query):
    assert isinstance(search(corpus, query).pmids, list)


def test_earlier_results(corpus):
    assert search(corpus, "#1 AND asthma[tiab]", {"1": [1, 2]}.get).pmids == ["1"]
    with pytest.raises(UnknownHistoryError, match="Unable to obtain query #2"):
        search(corpus, "#2", {"1": [1]}.get)


def test_the_clock_hides_what_is_not_there_yet(corpus):
    corpus.advance(date(2021, 5, 31))
    assert search(corpus, "all[sb]").pmids == ["5", "2", "1"]
    assert corpus.advance(date(2021, 6, 1)) == ["3"]
    assert search(corpus, "all[sb]").pmids == ["5", "3", "2", "1"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024", "2024", ("2024-01-01", "2024-12-31")),
        ("2024/2", "2024/02", ("2024-02-01", "2024-02-29")),
        ("2024/2/31", "3000", ("2024-02-29", "3000-12-31")),
        ("last 10 days", "", ("2023-12-22", "2024-01-01")),
        ("soon", "2024", None),
        ("2024/13", "2024", None),
    ],
)
def test_ranges_of_days(first, last, expected):
    assert read_days(first, last, date(2024, 1, 1)) == expected
