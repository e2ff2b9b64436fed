"""How PubMed's own record of an article changes when the article is retracted."""

from __future__ import annotations

from datetime import date

from lxml import etree

from infra.local.pubmed.article import parse

RETRACTED = ("Retracted Publication", "D016441")
"""Publication type of a retracted article, and its MeSH identifier."""

_BEFORE_LINKS = (
    "SupplMeshList", "ChemicalList", "MedlineJournalInfo", "CitationSubset",
)  # fmt: skip
"""What the DTD (250101) puts before CommentsCorrectionsList in a MedlineCitation."""


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
        after = max(citation.index(found) for tag in _BEFORE_LINKS for found in citation.findall(tag))
        citation.insert(after + 1, links)
    link = etree.SubElement(links, "CommentsCorrections", RefType="RetractionIn")
    etree.SubElement(link, "RefSource").text = _citation(notice) if notice else "Notice of the publisher."
    if notice:
        etree.SubElement(link, "PMID", Version="1").text = parse(notice).findtext("MedlineCitation/PMID")
    _set_revised(citation, on)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


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
    revised = citation.find("DateRevised")
    if revised is None:
        revised = etree.Element("DateRevised")
        completed = citation.find("DateCompleted")
        pmid = citation.find("PMID")
        before = completed if completed is not None else pmid
        citation.insert(citation.index(before) + 1 if before is not None else 0, revised)
    for child in list(revised):
        revised.remove(child)
    for tag, text in (("Year", f"{on.year}"), ("Month", f"{on.month:02d}"), ("Day", f"{on.day:02d}")):
        etree.SubElement(revised, tag).text = text
