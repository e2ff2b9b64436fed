"""An article as MEDLINE text (``rettype=medline``) and as plain abstract, after the record's XML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from lxml import etree

from infra.local.pubmed.fields import all_text


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
    top = element.find("BookDocument" if book else "MedlineCitation")
    if top is None:
        return
    article = top if book else top.find("Article")
    if article is None:
        article = top
    yield "PMID", _text(top.find("PMID"))
    yield "OWN", top.get("Owner", "NLM")
    yield "STAT", top.get("Status", "Publisher")
    revised = top.find("DateRevised")
    if revised is not None:
        yield "LR", "".join(_text(part) for part in revised)
    for tag, path in (("VI", "Journal/JournalIssue/Volume"), ("IP", "Journal/JournalIssue/Issue")):
        yield from ((tag, _text(found)) for found in article.iterfind(path))
    date_of = article.find("Book/PubDate" if book else "Journal/JournalIssue/PubDate")
    yield "DP", " ".join(_text(part) for part in date_of) if date_of is not None else ""
    yield "TI", _text(article.find("ArticleTitle"))
    yield from (("BTI", _text(found)) for found in article.iterfind("Book/BookTitle"))
    yield from (("PG", _text(found)) for found in article.iterfind("Pagination/MedlinePgn"))
    for found in article.iterfind("ELocationID"):
        yield "LID", f"{_text(found)} [{found.get('EIdType', '')}]"
    parts = list(article.iterfind("Abstract/AbstractText"))
    if parts:
        yield (
            "AB",
            " ".join(f"{part.get('Label')}: {_text(part)}" if part.get("Label") else _text(part) for part in parts),
        )
    for author in article.iterfind("AuthorList/Author"):
        if collective := _text(author.find("CollectiveName")):
            yield "CN", collective
            continue
        family = _text(author.find("LastName"))
        yield "FAU", ", ".join(filter(None, (family, _text(author.find("ForeName")))))
        yield "AU", f"{family} {_text(author.find('Initials'))}".strip()
        yield from (("AD", _text(found)) for found in author.iterfind("AffiliationInfo/Affiliation"))
    for tag, where, path in (
        ("LA", article, "Language"),
        ("PT", article, "PublicationTypeList/PublicationType"),
        ("TT", article, "VernacularTitle"),
        ("TA", top, "MedlineJournalInfo/MedlineTA"),
        ("JT", article, "Journal/Title"),
        ("OT", top, "KeywordList/Keyword"),
    ):
        yield from ((tag, _text(found)) for found in where.iterfind(path))
    for heading in top.iterfind("MeshHeadingList/MeshHeading"):
        yield "MH", "/".join(("*" if part.get("MajorTopicYN") == "Y" else "") + _text(part) for part in heading)
    for found in element.iterfind("*/ArticleIdList/ArticleId"):
        if found.get("IdType") != "pubmed":
            yield "AID", f"{_text(found)} [{found.get('IdType', '')}]"


def _text(element: etree._Element | None) -> str:
    return "" if element is None else re.sub(r"\s+", " ", all_text(element)).strip()
