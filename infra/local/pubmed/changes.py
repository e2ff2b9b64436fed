"""How PubMed's own record of an article changes when the article is retracted, and when it is indexed with MeSH."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from lxml import etree

from infra.local.pubmed.article import parse

RETRACTED = ("Retracted Publication", "D016441")
"""Publication type of a retracted article, and its MeSH identifier."""

_BEFORE_LINKS = (
    "SupplMeshList", "ChemicalList", "MedlineJournalInfo", "CitationSubset",
)  # fmt: skip
"""What the DTD (250101) puts before CommentsCorrectionsList in a MedlineCitation."""
_BEFORE_HEADINGS = (*_BEFORE_LINKS, "CommentsCorrectionsList", "GeneSymbolList")


def as_retracted(article: bytes, notice: bytes | None, on: date) -> bytes:
    """``article`` as PubMed shows it after its retraction.

    It gets the publication type, a CommentsCorrections ``RetractionIn`` with the notice's citation and PMID, and
    ``on`` as its revision date; PMID, Entry Date and Create Date stay (they do on PubMed).

    Args:
        article: XML of one PubmedArticle.
        notice: XML of the notice's own record; ``None`` for a retraction whose notice has no PMID.
        on: Day of the change.
    """
    root = parse(article)
    citation = root.find("MedlineCitation")
    types = root.find("MedlineCitation/Article/PublicationTypeList")
    if citation is None or types is None:
        return article
    if RETRACTED[0] not in {kind.text for kind in types}:
        etree.SubElement(types, "PublicationType", UI=RETRACTED[1]).text = RETRACTED[0]
    links = citation.find("CommentsCorrectionsList")
    if links is None:
        links = etree.Element("CommentsCorrectionsList")
        _insert_after(citation, _BEFORE_LINKS, links)
    link = etree.SubElement(links, "CommentsCorrections", RefType="RetractionIn")
    etree.SubElement(link, "RefSource").text = _citation(notice) if notice else "Notice of the publisher."
    if notice:
        etree.SubElement(link, "PMID", Version="1").text = parse(notice).findtext("MedlineCitation/PMID")
    _set_revised(citation, on)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def as_indexed(article: bytes, headings: Iterable[str], on: date) -> bytes:
    """``article`` as PubMed shows it once it is indexed for MEDLINE.

    It gets the status MEDLINE, ``on`` as its completion, revision and MeSH date, and the headings in place of those it
    had; Entry Date and Create Date stay.

    Args:
        article: XML of one PubmedArticle.
        headings: As MEDLINE text has them, ``Asthma/*drug therapy``; the star makes a major topic.
        on: Day of the change.
    """
    root = parse(article)
    citation = root.find("MedlineCitation")
    if citation is None:
        return article
    citation.set("Status", "MEDLINE")
    for old in citation.findall("MeshHeadingList"):
        citation.remove(old)
    listed = etree.Element("MeshHeadingList")
    for heading in headings:
        name, *qualifiers = heading.split("/")
        entry = etree.SubElement(listed, "MeshHeading")
        for tag, text in (("DescriptorName", name), *(("QualifierName", one) for one in qualifiers)):
            major = "Y" if text.startswith("*") else "N"
            identifier = f"{tag[0]}000000"
            etree.SubElement(entry, tag, UI=identifier, MajorTopicYN=major).text = text.removeprefix("*").strip()
    _insert_after(citation, _BEFORE_HEADINGS, listed)
    _set_day(citation, "DateCompleted", on, after="PMID")
    _set_day(citation, "DateRevised", on, after="DateCompleted")
    history = root.find("PubmedData/History")
    if history is not None:
        for stamp in history.findall("PubMedPubDate[@PubStatus='medline']"):
            history.remove(stamp)
        stamp = etree.SubElement(history, "PubMedPubDate", PubStatus="medline")
        for tag, value in (("Year", on.year), ("Month", on.month), ("Day", on.day)):
            etree.SubElement(stamp, tag).text = str(value)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def _insert_after(citation: etree._Element, before: Iterable[str], element: etree._Element) -> None:
    citation.insert(max(citation.index(found) for tag in before for found in citation.findall(tag)) + 1, element)


def _citation(notice: bytes) -> str:
    root = parse(notice)
    journal = root.findtext("MedlineCitation/MedlineJournalInfo/MedlineTA") or ""
    issue = root.find("MedlineCitation/Article/Journal/JournalIssue")
    date_of = " ".join(
        filter(None, (issue.findtext(f"PubDate/{part}") for part in ("Year", "Month", "Day")))
        if issue is not None
        else ()
    )
    doi = next((found.text for found in root.iterfind("PubmedData/ArticleIdList/ArticleId[@IdType='doi']")), "")
    return f"{journal}. {date_of}." + (f" doi: {doi}." if doi else "")


def _set_revised(citation: etree._Element, on: date) -> None:
    _set_day(citation, "DateRevised", on, after="DateCompleted")


def _set_day(citation: etree._Element, tag: str, on: date, after: str) -> None:
    element = citation.find(tag)
    if element is None:
        element = etree.Element(tag)
        before = next((found for name in (after, "PMID") if (found := citation.find(name)) is not None), None)
        citation.insert(citation.index(before) + 1 if before is not None else 0, element)
    for child in list(element):
        element.remove(child)
    for part, text in (("Year", f"{on.year}"), ("Month", f"{on.month:02d}"), ("Day", f"{on.day:02d}")):
        etree.SubElement(element, part).text = text
