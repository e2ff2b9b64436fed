"""A made-up paper as PubMed would hold it: PubmedArticle or PubmedBookArticle after DTD 250101."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from xml.sax.saxutils import escape

from infra.local.fictional.paper import MARK, Paper, Person
from infra.local.fictional.vocabulary import JOURNALS, MESH, PREPRINTS, TYPES

_CATEGORY = {"BACKGROUND": "BACKGROUND", "METHODS": "METHODS", "RESULTS": "RESULTS", "CONCLUSIONS": "CONCLUSIONS"}
_INDEXED_AFTER = timedelta(days=70)
"""Median time from entry to MeSH headings in real records."""


def article_xml(paper: Paper, pmid: str, linked: Mapping[str, tuple[str, date]], seen: date) -> bytes:
    """The record's XML as of the day ``seen``.

    Args:
        paper: The paper.
        pmid: Its number.
        linked: Number and first day of the other records that exist on that day, by DOI.
        seen: A record younger than some ten weeks has no MeSH headings yet.
    """
    if paper.book:
        return _book_xml(paper, pmid)
    indexed = paper.entered + _INDEXED_AFTER
    has_mesh = bool(paper.mesh) and indexed <= seen
    status = (
        "MEDLINE" if has_mesh else ("Publisher" if paper.entered + timedelta(days=21) > seen else "PubMed-not-MEDLINE")
    )
    days = [paper.entered, *(linked[link.doi][1] for link in paper.links if link.doi in linked)]
    revised = max([*days, indexed] if has_mesh else days)
    title, abbreviation = JOURNALS[paper.journal]
    languages = f"<Language>{paper.language}</Language>"
    types = "".join(f'<PublicationType UI="{TYPES[kind]}">{kind}</PublicationType>' for kind in paper.types)
    vernacular = f"<VernacularTitle>{escape(paper.vernacular)}</VernacularTitle>" if paper.vernacular else ""
    completed = f"<DateCompleted>{_ymd(indexed)}</DateCompleted>" if has_mesh else ""
    end = "" if paper.title.endswith(("?", "!", "]")) else "."
    xml = f"""<PubmedArticle>
  <MedlineCitation Status="{status}" Owner="NLM"{' IndexingMethod="Automated"' if has_mesh else ""}>
    <PMID Version="1">{pmid}</PMID>
    {completed}<DateRevised>{_ymd(revised)}</DateRevised>
    <Article PubModel="Print-Electronic">
      <Journal>
        <ISSN IssnType="Electronic">{_issn(paper.journal)}</ISSN>
        <JournalIssue CitedMedium="Internet">{_issue(paper)}<PubDate>{_published(paper)}</PubDate></JournalIssue>
        <Title>{title}</Title>
        <ISOAbbreviation>{abbreviation}</ISOAbbreviation>
      </Journal>
      <ArticleTitle>{paper.title}{end}</ArticleTitle>
      {_pages(paper)}<ELocationID EIdType="doi" ValidYN="Y">{paper.doi}</ELocationID>
      {_abstract(paper)}{_authors(paper)}{languages}
      <PublicationTypeList>{types}</PublicationTypeList>
      {vernacular}<ArticleDate DateType="Electronic">{_ymd(paper.published)}</ArticleDate>
    </Article>
    <MedlineJournalInfo><Country>Nowhere</Country><MedlineTA>{abbreviation}</MedlineTA><NlmUniqueID>9900{paper.journal:03d}</NlmUniqueID></MedlineJournalInfo>
    {_links(paper, linked)}{_mesh(paper) if has_mesh else ""}{_keywords(paper)}<GeneralNote Owner="NLM">{MARK}</GeneralNote>
  </MedlineCitation>
  <PubmedData>
    <History>
      {_stamp("received", paper.published - timedelta(days=150))}{_stamp("accepted", paper.published - timedelta(days=20))}
      {_stamp("entrez", paper.entered)}{_stamp("pubmed", _entry_date(paper))}{_stamp("medline", indexed if has_mesh else _entry_date(paper))}
    </History>
    <PublicationStatus>epublish</PublicationStatus>
    <ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="doi">{paper.doi}</ArticleId></ArticleIdList>
  </PubmedData>
</PubmedArticle>"""
    return xml.encode()


def _book_xml(paper: Paper, pmid: str) -> bytes:
    sections = "".join(f"<AbstractText>{escape(text)}</AbstractText>" for _, text in paper.abstract)
    xml = f"""<PubmedBookArticle>
  <BookDocument>
    <PMID Version="1">{pmid}</PMID>
    <ArticleIdList><ArticleId IdType="doi">{paper.doi}</ArticleId><ArticleId IdType="bookaccession">NBK0000007</ArticleId></ArticleIdList>
    <Book>
      <Publisher><PublisherName>Imaginary Press</PublisherName><PublisherLocation>Nowhere (Made-up)</PublisherLocation></Publisher>
      <BookTitle book="fictional">Handbook of Imaginary Health Services. {MARK}</BookTitle>
      <PubDate><Year>{paper.published.year}</Year></PubDate>
      <AuthorList Type="editors" CompleteYN="Y"><Author ValidYN="Y"><LastName>Penhallow</LastName><ForeName>Rhian</ForeName><Initials>R</Initials></Author></AuthorList>
      <Medium>Internet</Medium>
    </Book>
    <LocationLabel Type="chapter">Chapter 7</LocationLabel>
    <ArticleTitle book="fictional" part="ch07">{paper.title}</ArticleTitle>
    <Language>eng</Language>
    {_authors(paper, ' Type="authors"')}<PublicationType UI="{TYPES["Review"]}">Review</PublicationType>
    <Abstract>{sections}<CopyrightInformation>{MARK}.</CopyrightInformation></Abstract>
    <ContributionDate>{_ymd(paper.published)}</ContributionDate>
  </BookDocument>
  <PubmedBookData>
    <History>{_stamp("pubmed", paper.entered)}{_stamp("medline", paper.entered)}{_stamp("entrez", paper.entered)}</History>
    <PublicationStatus>ppublish</PublicationStatus>
    <ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList>
  </PubmedBookData>
</PubmedBookArticle>"""
    return xml.encode()


def _issue(paper: Paper) -> str:
    return "" if paper.journal == PREPRINTS else f"<Volume>{paper.volume}</Volume><Issue>{paper.issue}</Issue>"


def _published(paper: Paper) -> str:
    month = calendar.month_abbr[paper.published.month]
    # Some journals give a season or no day, as real ones do.
    if paper.journal == 6:
        return f"<MedlineDate>{paper.published.year} {month}-{calendar.month_abbr[paper.published.month % 12 + 1]}</MedlineDate>" \
            if paper.published.month < 12 else f"<Year>{paper.published.year}</Year><Month>Dec</Month>"  # fmt: skip
    if paper.journal % 2:
        return f"<Year>{paper.published.year}</Year><Month>{month}</Month>"
    return f"<Year>{paper.published.year}</Year><Month>{month}</Month><Day>{paper.published.day}</Day>"


def _pages(paper: Paper) -> str:
    if paper.journal == PREPRINTS:
        return ""
    last = paper.first_page + 8
    return (
        f"<Pagination><StartPage>{paper.first_page}</StartPage><EndPage>{last}</EndPage>"
        f"<MedlinePgn>{paper.first_page}-{last}</MedlinePgn></Pagination>"
    )


def _abstract(paper: Paper) -> str:
    if not paper.abstract:
        return ""
    parts = "".join(
        f'<AbstractText Label="{label}" NlmCategory="{_CATEGORY[label]}">{text}</AbstractText>'
        if label
        else f"<AbstractText>{text}</AbstractText>"
        for label, text in paper.abstract
    )
    return f"<Abstract>{parts}<CopyrightInformation>{MARK}.</CopyrightInformation></Abstract>"


def _authors(paper: Paper, kind: str = "") -> str:
    written = "".join(_author(person) for person in paper.people)
    if paper.collective:
        written += f'<Author ValidYN="Y"><CollectiveName>{escape(paper.collective)}</CollectiveName></Author>'
    return f'<AuthorList{kind} CompleteYN="Y">{written}</AuthorList>' if written else ""


def _author(person: Person) -> str:
    orcid = f'<Identifier Source="ORCID">{person.orcid}</Identifier>' if person.orcid else ""
    return (
        f'<Author ValidYN="Y"><LastName>{escape(person.family)}</LastName><ForeName>{escape(person.given)}</ForeName>'
        f"<Initials>{escape(person.initials)}</Initials>{orcid}<AffiliationInfo><Affiliation>{escape(person.affiliation)}"
        "</Affiliation></AffiliationInfo></Author>"
    )


def _links(paper: Paper, linked: Mapping[str, tuple[str, date]]) -> str:
    links = "".join(
        f'<CommentsCorrections RefType="{link.kind}"><RefSource>doi: {link.doi}.</RefSource>'
        f'<PMID Version="1">{linked[link.doi][0]}</PMID></CommentsCorrections>'
        for link in paper.links
        if link.doi in linked
    )
    return f"<CommentsCorrectionsList>{links}</CommentsCorrectionsList>" if links else ""


def _mesh(paper: Paper) -> str:
    headings = "".join(
        f'<MeshHeading><DescriptorName UI="{MESH[name]}" MajorTopicYN="{"Y" if at < 2 else "N"}">{escape(name)}</DescriptorName></MeshHeading>'
        for at, name in enumerate(paper.mesh)
    )
    return f"<MeshHeadingList>{headings}</MeshHeadingList>"


def _keywords(paper: Paper) -> str:
    words = "".join(f'<Keyword MajorTopicYN="N">{escape(word)}</Keyword>' for word in paper.keywords)
    return f'<KeywordList Owner="NOTNLM">{words}</KeywordList>' if words else ""


def _entry_date(paper: Paper) -> date:
    # The Entry Date of a record that enters more than a year late is set back to its publication.
    late = paper.entered - paper.published > timedelta(days=365)
    return paper.published if late else paper.entered


def _stamp(status: str, day: date) -> str:
    return f'<PubMedPubDate PubStatus="{status}"><Year>{day.year}</Year><Month>{day.month}</Month><Day>{day.day}</Day></PubMedPubDate>'


def _ymd(day: date) -> str:
    return f"<Year>{day.year}</Year><Month>{day.month:02d}</Month><Day>{day.day:02d}</Day>"


def _issn(journal: int) -> str:
    digits = f"{journal + 1:07d}"
    check = -sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11
    return f"{digits[:4]}-{digits[4:]}{'X' if check == 10 else check}"
