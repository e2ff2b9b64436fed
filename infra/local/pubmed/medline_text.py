"""An article as MEDLINE text (``rettype=medline``) and as plain abstract, after the record's XML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from lxml import etree

from infra.local.pubmed.fields import all_text, top_of


def as_medline(element: etree._Element) -> str:
    """MEDLINE text: a tag of four characters, ``- ``, the value; lines that go on begin with six blanks."""
    lines = []
    for tag, value in _fields(element):
        wrapped = textwrap.wrap(value, 80, break_long_words=False, break_on_hyphens=False) or [""]
        lines.append(f"{tag:<4}- " + "\n      ".join(wrapped))
    return "\n".join(["", *lines, ""])


def as_abstract(number: int, element: etree._Element) -> str:
    """The plain text of ``rettype=abstract``: citation, title, authors, abstract, PMID."""
    fields = list(_fields(element))
    authors = ", ".join(value for tag, value in fields if tag == "AU")
    said = dict(reversed(fields))
    parts = [
        f"{number}. {said.get('TA', '')}. {said.get('DP', '')}.",
        said.get("TI", ""),
        f"{authors}." if authors else "",
    ]
    parts += [said.get("AB", ""), f"PMID: {said.get('PMID', '')}"]
    return "\n\n".join("\n".join(textwrap.wrap(part, 78)) for part in parts if part) + "\n"


def _fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    book = element.tag == "PubmedBookArticle"
    top = top_of(element)
    if top is None:
        return
    article = top if book else top.find("Article")
    if article is None:
        article = top
    yield "PMID", _text(top.find("PMID"))
    yield "OWN", top.get("Owner", "NLM")
    yield "STAT", top.get("Status", "Publisher")
    for tag, path in (("DCOM", "DateCompleted"), ("LR", "DateRevised")):
        yield from ((tag, "".join(_text(part).zfill(2) for part in found)) for found in top.iterfind(path))
    for found in article.iterfind("Journal/ISSN"):
        yield "IS", f"{_text(found)} ({found.get('IssnType', 'Print')})"
    yield from (("IS", f"{_text(found)} (Linking)") for found in top.iterfind("MedlineJournalInfo/ISSNLinking"))
    yield from _each(
        article, ("ISBN", "Book/Isbn"), ("VI", "Journal/JournalIssue/Volume"), ("IP", "Journal/JournalIssue/Issue")
    )
    date_of = article.find("Book/PubDate" if book else "Journal/JournalIssue/PubDate")
    yield "DP", " ".join(_text(part) for part in date_of) if date_of is not None else ""
    yield "TI", _text(article.find("ArticleTitle"))
    yield from _each(article, ("BTI", "Book/BookTitle"), ("PG", "Pagination/MedlinePgn"))
    for found in article.iterfind("ELocationID"):
        yield "LID", f"{_text(found)} [{found.get('EIdType', '')}]"
    yield from _abstract("AB", "CI", article.find("Abstract"))
    for author in article.iterfind("AuthorList/Author"):
        yield from _person(author, "AU")
    yield from _each(article, ("LA", "Language"))
    for bank in article.iterfind("DataBankList/DataBank"):
        for number in bank.iterfind("AccessionNumberList/AccessionNumber"):
            yield "SI", f"{_text(bank.find('DataBankName'))}/{_text(number)}"
    for grant in article.iterfind("GrantList/Grant"):
        yield (
            "GR",
            "/".join(
                _text(grant.find(tag))
                for tag in ("GrantID", "Acronym", "Agency", "Country")
                if grant.find(tag) is not None
            ),
        )
    yield from _each(
        article, ("PT", "PublicationTypeList/PublicationType"), ("PT", "PublicationType"), ("TT", "VernacularTitle")
    )
    yield from (("DEP", "".join(_text(part).zfill(2) for part in found)) for found in article.iterfind("ArticleDate"))
    yield from _each(top, ("PL", "MedlineJournalInfo/Country"), ("TA", "MedlineJournalInfo/MedlineTA"))
    yield from _each(article, ("JT", "Journal/Title"))
    yield from _each(top, ("JID", "MedlineJournalInfo/NlmUniqueID"))
    for chemical in top.iterfind("ChemicalList/Chemical"):
        yield "RN", f"{_text(chemical.find('RegistryNumber'))} ({_text(chemical.find('NameOfSubstance'))})"
    yield from _each(top, ("NM", "SupplMeshList/SupplMeshName"), ("SB", "CitationSubset"))
    for link in top.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        if kind := _LINKS.get(link.get("RefType", "")):
            other_pmid = _text(link.find("PMID"))
            yield kind, _text(link.find("RefSource")) + (f" PMID: {other_pmid}" if other_pmid else "")
    for heading in top.iterfind("MeshHeadingList/MeshHeading"):
        yield "MH", "/".join(("*" if part.get("MajorTopicYN") == "Y" else "") + _text(part) for part in heading)
    for subject in top.iterfind("PersonalNameSubjectList/PersonalNameSubject"):
        yield from _person(subject, "PS")
    ids = [(found.get("IdType", ""), _text(found)) for found in element.iterfind("*/ArticleIdList/ArticleId")]
    yield from ((tag, value) for named, tag in (("pmc", "PMC"), ("mid", "MID")) for one, value in ids if one == named)
    for other in top.iterfind("OtherAbstract"):
        yield from _abstract("OAB", "OCI", other)
        yield "OABL", other.get("Language", "eng")
    for keywords in top.iterfind("KeywordList"):
        yield "OTO", keywords.get("Owner", "NLM")
        yield from (
            ("OT", ("*" if one.get("MajorTopicYN") == "Y" else "") + _text(one)) for one in keywords.iterfind("Keyword")
        )
    yield from _each(top, ("COIS", "CoiStatement"))
    for investigator in top.iterfind("InvestigatorList/Investigator"):
        yield from _person(investigator, "IR")
    stamps = [(found.get("PubStatus", ""), _stamp(found)) for found in element.iterfind("*/History/PubMedPubDate")]
    yield from ((tag, value) for kind, tag in (("pubmed", "EDAT"), ("medline", "MHDA"), ("entrez", "CRDT"))
                for one, value in stamps if one == kind)  # fmt: skip
    yield from (("PHST", f"{value} [{kind}]") for kind, value in stamps)
    yield from (("AID", f"{value} [{kind}]") for kind, value in ids if kind not in {"pubmed", "pmc", "mid"})
    yield from _each(element, ("PST", "*/PublicationStatus"))
    if not book:
        yield "SO", _source(top, article)


_LINKS = {
    "CommentIn": "CIN", "CommentOn": "CON", "ErratumIn": "EIN", "ErratumFor": "EFR", "RetractionIn": "RIN", "RetractionOf": "ROF",
    "ExpressionOfConcernIn": "ECI", "ExpressionOfConcernFor": "ECF", "UpdateIn": "UIN", "UpdateOf": "UOF",
    "RepublishedIn": "RPI", "RepublishedFrom": "RPF", "CorrectedandRepublishedIn": "CRI", "CorrectedandRepublishedFrom": "CRF",
    "SummaryForPatientsIn": "SPIN", "OriginalReportIn": "ORI", "AssociatedDataset": "DDIN", "AssociatedPublication": "DRIN",
}  # fmt: skip


def _each(parent: etree._Element, *where: tuple[str, str]) -> Iterator[tuple[str, str]]:
    return ((tag, _text(found)) for tag, path in where for found in parent.iterfind(path))


def _abstract(tag: str, copyright_tag: str, abstract: etree._Element | None) -> Iterator[tuple[str, str]]:
    if abstract is None:
        return
    parts = [
        f"{one.get('Label')}: {_text(one)}" if one.get("Label") else _text(one)
        for one in abstract.iterfind("AbstractText")
    ]
    yield tag, " ".join(parts)
    yield from _each(abstract, (copyright_tag, "CopyrightInformation"))


def _person(person: etree._Element, tag: str) -> Iterator[tuple[str, str]]:
    if collective := _text(person.find("CollectiveName")):
        yield "CN", collective
    else:
        parent = person.getparent()
        if tag == "AU" and parent is not None and parent.get("Type") == "editors":
            tag = "ED"
        family, suffix = _text(person.find("LastName")), _text(person.find("Suffix"))
        yield f"F{tag}", ", ".join(filter(None, (family, _text(person.find("ForeName")), suffix)))
        yield tag, " ".join(filter(None, (family, _text(person.find("Initials")), suffix)))
    for found in person.iterfind("Identifier"):
        yield "AUID", f"{found.get('Source', '')}: {_text(found)}"
    yield from _each(person, ("IRAD" if tag == "IR" else "AD", "AffiliationInfo/Affiliation"))


def _stamp(found: etree._Element) -> str:
    parts = {tag: _text(found.find(tag)).zfill(2) for tag in ("Year", "Month", "Day", "Hour", "Minute")}
    return "{Year}/{Month}/{Day} {Hour}:{Minute}".format(**parts)


def _source(top: etree._Element, article: etree._Element) -> str:
    issue = article.find("Journal/JournalIssue")
    volume, number = ("", "") if issue is None else (_text(issue.find("Volume")), _text(issue.find("Issue")))
    day = issue.find("PubDate") if issue is not None else None
    said = f"{_text(top.find('MedlineJournalInfo/MedlineTA'))}. {' '.join(_text(part) for part in day) if day is not None else ''}"
    pages = _text(article.find("Pagination/MedlinePgn"))
    said += f";{volume}{f'({number})' if number else ''}" if volume or number else ""
    said += f":{pages}." if pages else "."
    doi = next((_text(one) for one in article.iterfind("ELocationID") if one.get("EIdType") == "doi"), "")
    return said + (f" doi: {doi}." if doi else "")


def _text(element: etree._Element | None) -> str:
    return "" if element is None else re.sub(r"\s+", " ", all_text(element)).strip()
