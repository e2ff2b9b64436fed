"""PubMed XML: T01..T25 are the kinds of element that other parsers of it are known to have got wrong."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.errors import InvalidFile
from living_review.records import Record, Relation
from living_review.sources.identifiers import normal_doi, normal_orcid, normal_pmcid
from living_review.sources.medline import Deleted, parse_articles
from living_review.sources.medline_dates import iso_date, publication_date

DOCTYPE = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
)


def document(*entries: str, doctype: str = DOCTYPE) -> bytes:
    return f'<?xml version="1.0" ?>\n{doctype}\n<PubmedArticleSet>{"".join(entries)}</PubmedArticleSet>'.encode()


def article(
    pmid: str = "101",
    *,
    title: str = "A title.",
    abstract: str = "",
    issue: str = "<PubDate><Year>2021</Year></PubDate>",
    inside: str = "",
    citation: str = "",
    data: str = "",
    status: str = "MEDLINE",
    pmid_version: str = "1",
    outside: str = "",
) -> str:
    """One PubmedArticle with the elements a test is about."""
    return f"""<PubmedArticle><MedlineCitation Status="{status}" Owner="NLM">
      <PMID Version="{pmid_version}">{pmid}</PMID>
      <Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">2055-2076</ISSN>
      <JournalIssue CitedMedium="Internet"><Volume>7</Volume>{issue}</JournalIssue>
      <Title>Digital health</Title><ISOAbbreviation>Digit Health</ISOAbbreviation></Journal>
      <ArticleTitle>{title}</ArticleTitle>{abstract}{inside}</Article>
      <MedlineJournalInfo><MedlineTA>Digit Health</MedlineTA><ISSNLinking>2055-2076</ISSNLinking></MedlineJournalInfo>
      {citation}</MedlineCitation><PubmedData>{data}</PubmedData>{outside}</PubmedArticle>"""


def one(xml: bytes) -> Record:
    (record,) = parse_articles(xml)
    assert isinstance(record, Record)
    return record


def read(**parts: Any) -> Record:
    return one(document(article(**parts)))


def test_the_plain_fields() -> None:
    record = read(
        inside="<Language>eng</Language><PublicationTypeList><PublicationType UI='D016428'>Journal Article"
        "</PublicationType></PublicationTypeList>",
        issue="<Issue>2</Issue><PubDate><Year>2021</Year><Month>Jan</Month><Day>5</Day></PubDate>",
    )
    assert (record.source, record.source_id, record.pmid) == ("pubmed", "101", "101")
    assert (record.title, record.journal, record.journal_abbreviation) == ("A title.", "Digital health", "Digit Health")
    assert (record.volume, record.issue, record.status, record.kind) == ("7", "2", "MEDLINE", "article")
    assert record.issn == ("2055-2076",)
    assert record.publication_types == ("Journal Article",)
    assert record.authors == ()
    assert record.authors_complete
    assert Record.from_dict(record.to_dict()) == record


# T01 structured abstracts


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        ('<AbstractText Label="AIM" NlmCategory="OBJECTIVE">Why.</AbstractText>', "AIM: Why."),
        ('<AbstractText NlmCategory="METHODS">How.</AbstractText>', "How."),
        ('<AbstractText Label="UNASSIGNED" NlmCategory="UNASSIGNED">Text.</AbstractText>', "Text."),
        ('<AbstractText Label="Unlabelled">Text.</AbstractText>', "Text."),
        (
            '<AbstractText Label="RESULTS">One.</AbstractText><AbstractText Label="RESULTS">Two.</AbstractText>',
            "RESULTS: One.\nRESULTS: Two.",
        ),
        ('<AbstractText>First.</AbstractText><AbstractText Label="END:">Last.</AbstractText>', "First.\nEND: Last."),
    ],
)
def test_t01_labelled_paragraphs(paragraphs: str, expected: str) -> None:
    assert read(abstract=f"<Abstract>{paragraphs}</Abstract>").abstract == expected


# T02 inline markup


def test_t02_markup_never_cuts_text() -> None:
    record = read(
        title="<i>In vitro</i> effects of H<sub>2</sub>O<sub>2</sub> at 10<sup>-3</sup> <b><u>mol</u></b>.",
        abstract="<Abstract><AbstractText>Before <i>P</i> &lt; 0.001, P&lt;0.05 and a&lt;b&gt;c after.</AbstractText></Abstract>",
        inside="<AuthorList><Author><LastName>Li</LastName><AffiliationInfo><Affiliation>Univ <sup>1</sup>X"
        "</Affiliation></AffiliationInfo></Author></AuthorList><VernacularTitle>Der <i>Titel</i>.</VernacularTitle>",
        citation="<KeywordList Owner='NOTNLM'><Keyword><i>E. coli</i> K12</Keyword></KeywordList>",
    )
    assert record.title == "In vitro effects of H2O2 at 10-3 mol."
    assert record.abstract == "Before P < 0.001, P<0.05 and a<b>c after."
    assert record.authors[0].affiliations == ("Univ 1X",)
    assert record.vernacular_title == "Der Titel."
    assert record.keywords == ("E. coli K12",)


def test_t02_comments_and_instructions_inside_text_are_no_text() -> None:
    assert read(title="One<!-- hidden --> two<?x y?> three.").title == "One two three."


# T03 MathML

MATHML = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("<mml:msup><mml:mi> x </mml:mi>\n <mml:mn>2</mml:mn></mml:msup>", "x^2"),
        ("<mml:msup><mml:mi>e</mml:mi><mml:mrow><mml:mo>-</mml:mo><mml:mi>k</mml:mi></mml:mrow></mml:msup>", "e^(-k)"),
        (
            "<mml:mfrac><mml:mrow><mml:mi>a</mml:mi><mml:mo>+</mml:mo><mml:mn>1</mml:mn></mml:mrow>"
            "<mml:mi>b</mml:mi></mml:mfrac>",
            "(a+1)/b",
        ),
        ("<mml:msqrt><mml:mi>n</mml:mi></mml:msqrt>", "√n"),
        ("<mml:mi>x</mml:mi><mml:mtext> if </mml:mtext><mml:mi>y</mml:mi>", "x if y"),
        ("<mml:mi>a</mml:mi><mml:mspace/><mml:mi>b</mml:mi>", "a b"),
        (
            "<mml:mi>f</mml:mi><mml:mo>&#x2061;</mml:mo><mml:mfenced><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfenced>",
            "f(a, b)",
        ),
        (
            "<mml:semantics><mml:msub><mml:mi>CO</mml:mi><mml:mn>2</mml:mn></mml:msub>"
            '<mml:annotation encoding="application/x-tex">CO_{2}</mml:annotation></mml:semantics>',
            "CO2",
        ),
        (
            "<mml:mmultiscripts><mml:mi>He</mml:mi><mml:mprescripts/><mml:none/><mml:mn>3</mml:mn></mml:mmultiscripts>",
            "3He",
        ),
        (
            "<mml:mtable><mml:mtr><mml:mtd><mml:mn>1</mml:mn></mml:mtd><mml:mtd><mml:mn>0</mml:mn></mml:mtd></mml:mtr>"
            "<mml:mtr><mml:mtd><mml:mn>0</mml:mn></mml:mtd><mml:mtd><mml:mn>1</mml:mn></mml:mtd></mml:mtr></mml:mtable>",
            "1 0; 0 1",
        ),
    ],
)
def test_t03_formulas_are_legible_and_said_once(formula: str, expected: str) -> None:
    text = f"of <DispFormula><mml:math {MATHML}>\n{formula}\n</mml:math></DispFormula> here"
    assert read(abstract=f"<Abstract><AbstractText>{text}</AbstractText></Abstract>").abstract == f"of {expected} here"


def test_t03_formulas_without_namespace_and_beside_latex() -> None:
    record = read(title="At <math><mi>x</mi><mo>=</mo><mn>1</mn></math><tex-math>x=1</tex-math> exactly.")
    assert record.title == "At x=1 exactly."


# T04, T05 titles


def test_t04_translated_title_keeps_its_brackets() -> None:
    record = read(title="[Social media].", inside="<VernacularTitle>Soziale Medien.</VernacularTitle>")
    assert (record.title, record.vernacular_title) == ("[Social media].", "Soziale Medien.")


@pytest.mark.parametrize("title", ["", "   ", "[Not Available].", "[Not available]"])
def test_t05_no_title_is_empty_and_keeps_the_record(title: str) -> None:
    record = read(title=title, inside="<VernacularTitle>Lettre.</VernacularTitle>")
    assert (record.title, record.vernacular_title, record.pmid) == ("", "Lettre.", "101")


# T06, T07 what is and is not the abstract


def test_t06_no_and_empty_abstract() -> None:
    assert read().abstract == ""
    assert (
        read(abstract="<Abstract><AbstractText/><AbstractText Label='AIM'> </AbstractText></Abstract>").abstract == ""
    )


def test_t06_copyright_is_not_the_abstract() -> None:
    record = read(
        abstract="<Abstract><AbstractText>All. (ABSTRACT TRUNCATED AT 250 WORDS)</AbstractText>"
        "<CopyrightInformation>© 2021 The Authors.</CopyrightInformation></Abstract>"
    )
    assert record.abstract == "All. (ABSTRACT TRUNCATED AT 250 WORDS)"
    assert record.notes["CopyrightInformation"] == "© 2021 The Authors."


def test_t07_other_abstracts_are_not_the_abstract() -> None:
    other = (
        '<OtherAbstract Type="plain-language-summary" Language="eng"><AbstractText>Simply put.</AbstractText>'
        "<CopyrightInformation>Ours.</CopyrightInformation></OtherAbstract>"
    )
    record = read(abstract="<Abstract><AbstractText>Main.</AbstractText></Abstract>", citation=other)
    assert record.abstract == "Main."
    assert record.notes["OtherAbstract"] == "[plain-language-summary, eng] Simply put."
    assert "CopyrightInformation" not in record.notes
    assert read(citation=other).abstract == ""


# T08 authors


def test_t08_authors() -> None:
    record = read(
        inside="""<AuthorList CompleteYN="N">
        <Author ValidYN="Y" EqualContrib="Y"><LastName>Walsh</LastName><ForeName>Louisa M</ForeName><Initials>LM</Initials>
          <Suffix>Jr</Suffix><Identifier Source="ORCID">https://orcid.org/0000-0002-1825-009X </Identifier>
          <AffiliationInfo><Affiliation>One.</Affiliation></AffiliationInfo>
          <AffiliationInfo><Affiliation>Two.</Affiliation></AffiliationInfo></Author>
        <Author><LastName>Madonna</LastName></Author>
        <Author ValidYN="N"><LastName>Wrong</LastName><ForeName>Spelt</ForeName></Author>
        <Author><LastName>Hill</LastName><Initials>S</Initials><Identifier Source="ORCID">0000 0002 1694 233X</Identifier>
          <Affiliation>Old place.</Affiliation></Author>
        <Author><ForeName>Plato</ForeName></Author>
        <Author><LastName>Old</LastName><FirstName>Ann</FirstName><MiddleName>B</MiddleName></Author>
        <Author><CollectiveName>The <i>QI</i> Group</CollectiveName></Author>
        <Author/>
        </AuthorList>""",
        citation="<InvestigatorList><Investigator ValidYN='Y'><LastName>Helper</LastName><ForeName>A</ForeName>"
        "</Investigator></InvestigatorList>",
    )
    assert [author.name for author in record.authors] == [
        "Walsh, Louisa M, Jr",
        "Madonna",
        "Hill, S",
        "Plato",
        "Old, Ann B",
        "The QI Group",
    ]
    assert record.authors[0].orcid == "0000-0002-1825-009X"
    assert record.authors[0].affiliations == ("One.", "Two.")
    assert record.authors[2].orcid == "0000-0002-1694-233X"
    assert record.authors[2].affiliations == ("Old place.",)
    assert record.authors[5].collective == "The QI Group"
    assert not record.authors_complete
    assert record.notes["Investigator"] == "Helper, A"


def test_t08_editors_are_no_authors() -> None:
    lists = (
        "<AuthorList Type='editors'><Author><LastName>Ed</LastName></Author></AuthorList>"
        "<AuthorList Type='authors'><Author><LastName>Au</LastName></Author></AuthorList>"
    )
    record = read(inside=lists)
    assert [author.name for author in record.authors] == ["Au"]
    assert record.notes["Editor"] == "Ed"


@pytest.mark.parametrize("orcid", ["0000-0002-1825", "none", "", "0000-0002-1825-00977"])
def test_t08_what_is_no_orcid_is_none(orcid: str) -> None:
    assert normal_orcid(orcid) == ""


# T09 dates


@pytest.mark.parametrize(
    ("pub_date", "year", "published", "text"),
    [
        ("<Year>2021</Year>", 2021, "2021", ""),
        ("<Year>2021</Year><Month>Jun</Month>", 2021, "2021-06", ""),
        ("<Year>2021</Year><Month>6</Month><Day>7</Day>", 2021, "2021-06-07", ""),
        ("<Year>2021</Year><Month>06</Month><Day>07</Day>", 2021, "2021-06-07", ""),
        ("<Year>2021</Year><Month>February</Month><Day>30</Day>", 2021, "2021-02", "2021 February 30"),
        ("<Year>2021</Year><Month>13</Month>", 2021, "2021", "2021 13"),
        ("<Year>2004</Year><Season>Winter-Spring</Season>", 2004, "2004", "Winter-Spring 2004"),
        ("<Year>2004</Year><Season>Apr-Jun</Season>", 2004, "2004", "Apr-Jun 2004"),
        ("<MedlineDate>2004 Jul-Aug</MedlineDate>", 2004, "2004", "2004 Jul-Aug"),
        ("<MedlineDate>2019 Jan - Feb</MedlineDate>", 2019, "2019", "2019 Jan - Feb"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998, "1998", "1998 Dec-1999 Jan"),
        ("<MedlineDate>2000 Spring</MedlineDate>", 2000, "2000", "2000 Spring"),
        ("<MedlineDate>1975-1976</MedlineDate>", 1975, "1975", "1975-1976"),
        ("<MedlineDate>1976 Dec 23-30</MedlineDate>", 1976, "1976-12", "1976 Dec 23-30"),
        ("<MedlineDate>Forthcoming</MedlineDate>", None, "", "Forthcoming"),
        ("<Year>20x1</Year><Month>May</Month>", None, "", "May 20x1"),
        ("", None, "", ""),
    ],
)
def test_t09_dates_of_publication(pub_date: str, year: int | None, published: str, text: str) -> None:
    record = read(issue=f"<PubDate>{pub_date}</PubDate>")
    assert (record.year, record.published, record.published_text) == (year, published, text)


def test_t09_issue_date_before_electronic_date() -> None:
    electronic = '<ArticleDate DateType="Electronic"><Year>2020</Year><Month>12</Month><Day>31</Day></ArticleDate>'
    record = read(inside=electronic)
    assert (record.year, record.published, record.dates["electronic"]) == (2021, "2021", "2020-12-31")
    assert (record.volume, record.issue) == ("7", "")
    without = read(issue="<PubDate/>", inside=electronic)
    assert (without.year, without.published) == (2020, "2020-12-31")


@given(st.text(max_size=12), st.text(max_size=9), st.text(max_size=4), st.text(max_size=9), st.text(max_size=24))
def test_t09_no_date_ever_raises(year: str, month: str, day: str, season: str, medline: str) -> None:
    found = publication_date(year, month, day, season, medline)
    assert (found.year is None) == (found.published == "")
    if found.published:
        assert iso_date(*found.published.split("-")) == found.published
        assert found.published.startswith(str(found.year))
    if any(part.strip() for part in (year, month, day, medline)) and not found.published:
        assert found.text


@given(st.dates(min_value=date(1500, 1, 1), max_value=date(2099, 12, 31)))
def test_t09_every_true_date_is_read_in_every_spelling(day: date) -> None:
    for month in (f"{day:%m}", str(day.month), f"{day:%b}", f"{day:%B}", f"{day:%b}."):
        assert publication_date(str(day.year), month, str(day.day)).published == day.isoformat()


# T10 pages


@pytest.mark.parametrize(
    ("pagination", "pages"),
    [
        ("<Pagination><MedlinePgn>1123-9</MedlinePgn></Pagination>", "1123-9"),
        (
            "<Pagination><StartPage>94</StartPage><EndPage>104</EndPage><MedlinePgn>94-104</MedlinePgn></Pagination>",
            "94-104",
        ),
        ("<Pagination><StartPage>e1</StartPage><EndPage>e12</EndPage></Pagination>", "e1-e12"),
        ("<Pagination><StartPage>S12</StartPage></Pagination>", "S12"),
        ("<Pagination><StartPage>5</StartPage><EndPage>5</EndPage></Pagination>", "5"),
        ('<ELocationID EIdType="pii" ValidYN="Y">e2026GH001834</ELocationID>', "e2026GH001834"),
        ('<ELocationID EIdType="pii" ValidYN="N">e1</ELocationID>', ""),
        ("", ""),
    ],
)
def test_t10_pages(pagination: str, pages: str) -> None:
    assert read(inside=pagination).pages == pages


# T11, T12 identifiers

REFERENCES = """<ReferenceList><Reference><Citation>Other.</Citation><ArticleIdList>
  <ArticleId IdType="doi">10.9999/other</ArticleId><ArticleId IdType="pmc">PMC999</ArticleId>
  <ArticleId IdType="pubmed">999</ArticleId></ArticleIdList></Reference></ReferenceList>"""


@pytest.mark.parametrize(
    ("inside", "ids", "doi"),
    [
        ('<ELocationID EIdType="doi" ValidYN="Y">10.1177/20552076219</ELocationID>', "", "10.1177/20552076219"),
        ('<ELocationID EIdType="doi" ValidYN="N">10.1000/wrong</ELocationID>', "", ""),
        (
            '<ELocationID EIdType="doi" ValidYN="N">10.1000/wrong</ELocationID>',
            '<ArticleId IdType="doi">10.1000/right</ArticleId>',
            "10.1000/right",
        ),
        ("", '<ArticleId IdType="doi"> 10.1000/ABC.Def. </ArticleId>', "10.1000/abc.def"),
        ("", '<ArticleId IdType="doi">https://doi.org/10.1000/x</ArticleId>', "10.1000/x"),
        (
            "",
            '<ArticleId IdType="doi">10.1002/(SICI)1097-0258(19980815)17:15&lt;1661::AID-SIM968&gt;3.0.CO;2-2</ArticleId>',
            "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
        ),
        ("", '<ArticleId IdType="doi">not a doi</ArticleId>', ""),
        ("", "", ""),
    ],
)
def test_t11_doi_is_the_articles_own(inside: str, ids: str, doi: str) -> None:
    record = read(inside=inside, data=f"{REFERENCES}<ArticleIdList>{ids}</ArticleIdList>{REFERENCES}")
    assert (record.doi, record.pmcid) == (doi, "")
    assert "999" not in str(record.other_ids)


def test_t11_a_second_doi_is_kept() -> None:
    record = read(
        inside='<ELocationID EIdType="doi" ValidYN="Y">10.1000/One</ELocationID>',
        data='<ArticleIdList><ArticleId IdType="doi">10.1000/one</ArticleId>'
        '<ArticleId IdType="doi">10.1000/two</ArticleId></ArticleIdList>',
    )
    assert (record.doi, record.other_ids) == ("10.1000/one", {"doi": "10.1000/two"})


@pytest.mark.parametrize(
    ("kind", "text", "pmcid"),
    [
        ("pmc", "PMC7890", "PMC7890"),
        ("pmc", "7890", "PMC7890"),
        ("pmcid", "pmc-id: PMC7890;", "PMC7890"),
        ("pmc", "x", ""),
    ],
)
def test_t12_pmcid(kind: str, text: str, pmcid: str) -> None:
    assert read(data=f"<ArticleIdList><ArticleId IdType='{kind}'>{text}</ArticleId></ArticleIdList>").pmcid == pmcid


def test_t12_other_identifiers() -> None:
    ids = "".join(
        f"<ArticleId IdType='{kind}'>{text}</ArticleId>"
        for kind, text in (("pubmed", "101"), ("mid", "NIHMS1"), ("pii", "GH270132"), ("pii", "e2026"))
    )
    record = read(
        inside='<ELocationID EIdType="pii" ValidYN="Y">e2026</ELocationID>',
        data=f"<ArticleIdList>{ids}</ArticleIdList>",
    )
    assert record.other_ids == {"pii": "e2026; GH270132", "mid": "NIHMS1"}


# T13, T14


def test_t13_versions_are_two_records() -> None:
    records = list(parse_articles(document(article("7"), article("7", pmid_version="2"))))
    assert [record.pmid for record in records] == ["7", "7"]
    assert [record.notes.get("Version") for record in records if isinstance(record, Record)] == [None, "2"]


def test_t14_languages() -> None:
    inside = "<Language>ENG</Language><Language>eng</Language><Language>Fre</Language><Language>und</Language>"
    assert read(inside=inside).languages == ("eng", "fre", "und")


# T15, T16 retractions and other links


def corrections(*links: str) -> str:
    return f"<CommentsCorrectionsList>{''.join(links)}</CommentsCorrectionsList>"


def types(*names: str) -> str:
    listed = "".join(f"<PublicationType UI='D0'>{name}</PublicationType>" for name in names)
    return f"<PublicationTypeList>{listed}</PublicationTypeList>"


def test_t15_retraction_and_its_notice() -> None:
    retracted = read(
        inside=types("Journal Article", "Retracted Publication"),
        citation=corrections(
            "<CommentsCorrections RefType='RetractionIn'><RefSource>J. 2026;5(5):4. doi: 10.1007/s1.</RefSource>"
            "<PMID Version='1'>42507066</PMID><Note>see</Note></CommentsCorrections>"
        ),
    )
    assert retracted.publication_types == ("Journal Article", "Retracted Publication")
    assert retracted.relations == (
        Relation(kind="RetractionIn", pmid="42507066", citation="J. 2026;5(5):4. doi: 10.1007/s1.", note="see"),
    )
    for name in ("Retraction Notice", "Retraction of Publication"):
        notice = read(
            inside=types(name),
            citation=corrections(
                "<CommentsCorrections RefType='RetractionOf'><RefSource>J.</RefSource></CommentsCorrections>"
            ),
        )
        assert notice.publication_types == (name,)
        assert notice.relations == (Relation(kind="RetractionOf", citation="J."),)


def test_t15_preprint() -> None:
    assert read(inside=types("Preprint", "Journal Article")).kind == "preprint"


@pytest.mark.parametrize("pmid", ["", "<PMID/>", "<PMID>0</PMID>", "<PMID>n/a</PMID>"])
def test_t16_link_without_usable_pmid_stays(pmid: str) -> None:
    link = f"<CommentsCorrections RefType='ExpressionOfConcernIn'><RefSource>J.</RefSource>{pmid}</CommentsCorrections>"
    assert read(citation=corrections(link)).relations == (Relation(kind="ExpressionOfConcernIn", citation="J."),)


def test_t16_every_kind_keeps_its_word_and_order() -> None:
    kinds = [
        "CommentIn",
        "ErratumFor",
        "UpdateOf",
        "RetractedandRepublishedIn",
        "SummaryForPatientsIn",
        "Cites",
        "NewIn2027",
    ]
    links = [
        f"<CommentsCorrections RefType='{kind}'><PMID>{n}</PMID></CommentsCorrections>"
        for n, kind in enumerate(kinds, 1)
    ]
    relations = read(citation=corrections(*links)).relations
    assert [(relation.kind, relation.pmid) for relation in relations] == [(k, str(n)) for n, k in enumerate(kinds, 1)]


# T17, T18


def test_t17_mesh_and_its_stars() -> None:
    def heading(name: str, major: str, *qualifiers: tuple[str, str]) -> str:
        listed = "".join(f"<QualifierName MajorTopicYN='{m}'>{q}</QualifierName>" for q, m in qualifiers)
        return f"<MeshHeading><DescriptorName MajorTopicYN='{major}'>{name}</DescriptorName>{listed}</MeshHeading>"

    record = read(
        citation="<MeshHeadingList>"
        + heading("Social Media", "Y")
        + heading("Humans", "N")
        + heading("Asthma", "N", ("therapy", "Y"), ("drug therapy", "N"))
        + heading("Twitter", "Y", ("trends", "N"))
        + "</MeshHeadingList><SupplMeshList><SupplMeshName Type='Disease'>COVID-19 stress</SupplMeshName></SupplMeshList>"
    )
    assert record.mesh == ("Social Media*", "Humans", "Asthma/therapy*", "Asthma/drug therapy", "Twitter/trends*")
    assert record.notes["SupplMeshName"] == "COVID-19 stress"


def test_t18_keywords_of_all_owners() -> None:
    record = read(
        citation="<KeywordList Owner='NOTNLM'><Keyword MajorTopicYN='Y'>Twitter</Keyword><Keyword>QI</Keyword></KeywordList>"
        "<KeywordList Owner='KIE'><Keyword>Twitter</Keyword><Keyword/><Keyword>Ethics</Keyword></KeywordList>"
    )
    assert record.keywords == ("Twitter", "QI", "Ethics")


# T19 history


def test_t19_history() -> None:
    def event(status: str, day: str) -> str:
        year, month, number = day.split("-")
        return (
            f"<PubMedPubDate PubStatus='{status}'><Year>{year}</Year><Month>{month}</Month><Day>{number}</Day>"
            "<Hour>6</Hour></PubMedPubDate>"
        )

    record = read(
        citation="<DateCompleted><Year>2021</Year><Month>05</Month><Day>06</Day></DateCompleted>"
        "<DateRevised><Year>2023</Year><Month>1</Month><Day>2</Day></DateRevised>",
        data="<History>"
        + event("received", "2020-1-2")
        + event("revised", "2020-3-4")
        + event("entrez", "2021-3-15")
        + event("pmc-release", "2021-03-16")
        + "<PubMedPubDate PubStatus='medline'><Year>x</Year></PubMedPubDate></History>",
    )
    assert dict(record.dates) == {
        "received": "2020-01-02",
        "manuscript_revised": "2020-03-04",
        "entrez": "2021-03-15",
        "pmc-release": "2021-03-16",
        "completed": "2021-05-06",
        "revised": "2023-01-02",
    }


@pytest.mark.parametrize("status", ["Publisher", "In-Process", "PubMed-not-MEDLINE"])
def test_t19_status(status: str) -> None:
    assert read(status=status).status == status


# T20 books

BOOK = """<Book><Publisher><PublisherName>UW</PublisherName><PublisherLocation>Seattle</PublisherLocation></Publisher>
  <BookTitle book="gene">Gene<sup>®</sup> Reviews</BookTitle><PubDate><Year>1993</Year></PubDate>
  <AuthorList Type="{type}"><Author><LastName>Adam</LastName><ForeName>M</ForeName></Author></AuthorList>
  <Isbn>9781860163593</Isbn><ELocationID EIdType="doi">10.3275/8949</ELocationID></Book>"""


def book(pmid: str = "20301577", *, inside: str = "", type_: str = "editors") -> str:
    return f"""<PubmedBookArticle><BookDocument><PMID Version="1">{pmid}</PMID>
      <ArticleIdList><ArticleId IdType="bookaccession">NBK1403</ArticleId></ArticleIdList>
      {BOOK.format(type=type_)}<Language>ENG</Language>{inside}
      <PublicationType UI="D016454">Review</PublicationType>
      <Sections><Section><SectionTitle>Not an abstract</SectionTitle></Section></Sections></BookDocument>
      <PubmedBookData><History><PubMedPubDate PubStatus="entrez"><Year>2011</Year><Month>3</Month><Day>8</Day>
      </PubMedPubDate></History><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList>
      </PubmedBookData></PubmedBookArticle>"""


def test_t20_chapter() -> None:
    record = one(
        document(
            book(
                inside="""<ArticleTitle><i>CACNA1C</i>-Related</ArticleTitle>
            <AuthorList Type="authors"><Author><LastName>Napolitano</LastName></Author></AuthorList>
            <Abstract><AbstractText Label="DIAGNOSIS">So.</AbstractText></Abstract>
            <ContributionDate><Year>2006</Year><Month>2</Month><Day>15</Day></ContributionDate>"""
            )
        )
    )
    assert (record.kind, record.title, record.journal) == ("chapter", "CACNA1C-Related", "Gene® Reviews")
    assert (record.year, record.published) == (2006, "2006-02-15")
    assert [author.name for author in record.authors] == ["Napolitano"]
    assert (record.abstract, record.doi, record.isbn) == ("DIAGNOSIS: So.", "10.3275/8949", ("9781860163593",))
    assert record.other_ids == {"bookaccession": "NBK1403"}
    assert (record.publisher, record.languages, record.dates["entrez"]) == ("UW", ("eng",), "2011-03-08")
    assert record.notes["Editor"] == "Adam, M"


def test_t20_whole_book_beside_articles() -> None:
    records = list(parse_articles(document(article("1"), book("2", type_="authors"), article("3"))))
    assert [record.pmid for record in records] == ["1", "2", "3"]
    found = records[1]
    assert isinstance(found, Record)
    assert (found.kind, found.title, found.journal, found.year) == ("book", "Gene® Reviews", "", 1993)
    assert [author.name for author in found.authors] == ["Adam, M"]


def test_t20_sparse_book_is_not_lost() -> None:
    xml = b"<PubmedBookArticleSet><PubmedBookArticle><BookDocument><PMID>5</PMID></BookDocument></PubmedBookArticle></PubmedBookArticleSet>"
    assert one(xml).pmid == "5"


# T21 deletions


def test_t21_deleted_ids() -> None:
    xml = document(article("1"), "<DeleteCitation><PMID Version='1'>8</PMID><PMID> 9 </PMID></DeleteCitation>")
    assert list(parse_articles(xml))[1:] == [Deleted("8"), Deleted("9")]


# T22 entities, white space, encodings


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("A &amp;lt; B", "A < B"),
        ("AT&amp;amp;T", "AT&T"),
        ("&amp;#8804; 5 &amp;#x2265; 4 &amp;alpha;", "≤ 5 ≥ 4 α"),
        ("R&amp;D; AT&amp;T; &amp;lt", "R&D; AT&T; &lt"),
        ("P&lt;0.001 &amp; Q&gt;2", "P<0.001 & Q>2"),
        ("a&#x2009;b&#xa0;c\n   d", "a b c d"),
        ("−5 Å 日本語 Ёж β e&#x301;", "−5 Å 日本語 Ёж β e\u0301"),
        ("caf&eacute; &unknown; end", "café &unknown; end"),
    ],
)
def test_t22_entities_and_characters(written: str, text: str) -> None:
    assert read(title=written).title == text


def test_t22_byte_order_mark_crlf_and_missing_encoding() -> None:
    xml = document(article(title="One\ntwo é."))
    for variant in (b"\xef\xbb\xbf" + xml, b"\n" + xml, xml.replace(b"\n", b"\r\n"), xml.partition(b"?>")[2]):
        assert one(variant).title == "One two é."
    utf16 = xml.decode().replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")
    assert one(utf16).title == "One two é."


def test_t22_declared_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    subset = f'<!ENTITY f SYSTEM "{secret.as_uri()}"><!ENTITY g "boom">'
    record = one(document(article(title="x &f; &g; y"), doctype=f"<!DOCTYPE PubmedArticleSet [{subset}]>"))
    assert record.title == "x &f; &g; y"


def test_t22_an_entity_bomb_is_refused() -> None:
    subset = '<!ENTITY a0 "boom">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    with pytest.raises(InvalidFile, match="malformed"):
        list(parse_articles(document(article(title="&a11;"), doctype=f"<!DOCTYPE PubmedArticleSet [{subset}]>")))


# T23 grants, registers


def test_t23_registers_and_repeated_grants() -> None:
    grant = "<Grant><GrantID>R01</GrantID><Agency>NIH</Agency></Grant>"
    record = read(
        inside=f"""<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
        <AccessionNumber>NCT00000001</AccessionNumber><AccessionNumber>NCT00000002</AccessionNumber>
        </AccessionNumberList></DataBank><DataBank><DataBankName>ISRCTN</DataBankName><AccessionNumberList>
        <AccessionNumber>ISRCTN1</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
        <GrantList>{grant}{grant}</GrantList>"""
    )
    assert record.other_ids == {"nct": "NCT00000001; NCT00000002", "isrctn": "ISRCTN1"}
    assert record.notes["Grant"] == "R01 NIH"


# T24 what is not whole, well-formed PubMed XML

WHOLE = document(article("1"), article("2"))


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (WHOLE[: len(WHOLE) // 2], "before it is complete|malformed"),
        (WHOLE[: -len("</PubmedArticleSet>")], "before it is complete"),
        (WHOLE + WHOLE, "two files joined"),
        (WHOLE + b"<html><body>500</body></html>", "error page appended"),
        (WHOLE + b"Server Error", "error page appended"),
        (b"<!DOCTYPE html><html><head><meta></head></html>", "HTML page"),
        (b'<?xml version="1.0"?><html><body><br></body></html>', "first element is <html>"),
        (b'{"error":"API rate limit exceeded"}', "not XML"),
        (b"Supplied+id+parameter+is+empty.", "not XML"),
        (b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", "Unable to obtain query #1"),
        (b"<eSearchResult><Count>0</Count></eSearchResult>", "first element is <eSearchResult>"),
        (document("<PubmedArticle></PubmedArticle>"), "no PMID, line 3"),
        (document(article("one")), "'one' for a PMID"),
        (
            document(article("1"), "<PubmedBookArticle><BookDocument/></PubmedBookArticle>"),
            "PubmedBookArticle has no PMID",
        ),
        (b"<PubmedArticleSet><PubmedArticle> wrong </PubmedArticleSet>", "malformed"),
        (document(article(title="bad \x01 character")), "malformed"),
        (WHOLE.replace(b"A title", b"\xff\xfe"), "malformed"),
    ],
)
def test_t24_faulty_documents_are_errors(xml: bytes, message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        list(parse_articles(xml))


def test_t24_the_error_names_file_and_line() -> None:
    with pytest.raises(InvalidFile, match=r"export\.xml: line 9"):
        list(parse_articles(b"\n".join([b"<PubmedArticleSet>", *[b"<PubmedArticle>"] * 7, b"</x>"]), "export.xml"))


def test_t24_empty_sets_hold_nothing() -> None:
    assert list(parse_articles(document("\n"))) == []
    assert list(parse_articles(b"<PubmedArticleSet/>")) == []


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_t24_no_cut_document_is_ever_taken_for_whole(length: int) -> None:
    with pytest.raises(InvalidFile):
        list(parse_articles(WHOLE[:length]))


# T25 other DTDs and unknown elements


@pytest.mark.parametrize("doctype", ["", DOCTYPE.replace("250101", "120101"), DOCTYPE.replace("250101", "290101")])
def test_t25_any_dtd_or_none(doctype: str) -> None:
    assert one(document(article(), doctype=doctype)).pmid == "101"


def test_t25_unknown_elements_lose_nothing() -> None:
    record = read(
        title="Known <new>and new</new> text.",
        inside="<Novelty><AuthorList><Author><LastName>X</LastName></Author></AuthorList></Novelty><AuthorList><Robot/>"
        "<Author><LastName>Y</LastName><Mood>fine</Mood></Author></AuthorList>",
        citation="<MeshHeadingList><MeshHeading/><Other/></MeshHeadingList><FutureList><Future/></FutureList>",
        outside="<Unheard Of='it'/>",
    )
    assert record.title == "Known and new text."
    assert [author.name for author in record.authors] == ["Y"]
    assert (
        one(
            b"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>4</PMID></MedlineCitation></PubmedArticle></PubmedArticleSet>"
        ).pmid
        == "4"
    )


# streaming


class Endless(io.RawIOBase):
    """Articles without end; counts what was read."""

    def __init__(self, entry: str) -> None:
        self.position = 0
        self._entry = entry
        self._pending = b"<PubmedArticleSet>"
        self._number = 0

    def read(self, size: int = -1) -> bytes:
        while len(self._pending) < size:
            self._number += 1
            self._pending += self._entry.format(self._number).encode()
        piece, self._pending = self._pending[:size], self._pending[size:]
        self.position += len(piece)
        return piece


def test_records_come_while_the_file_is_read() -> None:
    source = Endless(article("{}", title="t" * 500))
    records = parse_articles(source)  # type: ignore[arg-type]
    assert [next(records).pmid for _ in range(300)] == [str(number) for number in range(1, 301)]
    assert source.position < 1_000_000


@pytest.mark.parametrize("piece", [1, 7, 100, 1 << 16])
def test_a_record_is_whole_however_the_file_is_cut(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    within = article("2", status="Publisher")
    after = '<ArticleIdList><ArticleId IdType="doi">10.1000/one</ArticleId></ArticleIdList>'
    xml = document(article("1", data=f"<Unknown>{within}</Unknown>{after}"), article("3"), article("4"))
    monkeypatch.setattr("living_review.sources.medline._CHUNK", piece)
    monkeypatch.setattr("living_review.sources.medline._check_root", lambda *_: None)
    records = [record for record in parse_articles(io.BytesIO(xml)) if isinstance(record, Record)]
    assert [(record.pmid, record.title, record.status, record.doi) for record in records] == [
        ("2", "A title.", "Publisher", ""),
        ("1", "A title.", "MEDLINE", "10.1000/one"),
        ("3", "A title.", "MEDLINE", ""),
        ("4", "A title.", "MEDLINE", ""),
    ]


def test_memory_does_not_grow_with_the_file() -> None:
    process = pytest.importorskip("psutil").Process()
    small = "<PubmedArticle><MedlineCitation><PMID>{}</PMID></MedlineCitation></PubmedArticle>"
    records = parse_articles(Endless(small))  # type: ignore[arg-type]
    for _ in range(2_000):
        next(records)
    before = process.memory_info().rss
    for _ in range(30_000):
        next(records)
    assert process.memory_info().rss - before < 2_000_000


@given(st.text(max_size=40))
def test_identifiers_never_raise_and_are_stable(text: str) -> None:
    for normal in (normal_doi, normal_orcid, normal_pmcid):
        assert normal(normal(text)) == normal(text)
