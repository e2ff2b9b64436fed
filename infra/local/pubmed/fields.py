"""What a search looks at in one article: folded segments of text by search field.

Words are folded as PubMed folds them: lower case, accents off, everything else than letters and digits is a space. A
segment is one title, one abstract, one keyword, one heading, one name: a phrase never reaches over two. Which elements
belong to which field follows "Search field descriptions and tags" of PubMed's user guide; an abstract's sections are
one running text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from lxml import etree

LANGUAGES = {
    "ara": "arabic", "chi": "chinese", "cze": "czech", "dan": "danish", "dut": "dutch", "eng": "english",
    "fre": "french", "ger": "german", "gre": "greek", "heb": "hebrew", "hun": "hungarian", "ita": "italian",
    "jpn": "japanese", "kor": "korean", "nor": "norwegian", "per": "persian", "pol": "polish", "por": "portuguese",
    "rus": "russian", "spa": "spanish", "swe": "swedish", "tur": "turkish", "ukr": "ukrainian",
}  # fmt: skip
"""MARC language codes of MEDLINE with the names that ``[la]`` takes too."""

WORDS = ("ti", "tt", "ab", "oab", "ot", "ad", "cois")
"""Fields that are searched by words, phrases and nearness."""

WHOLE = ("mh", "majr", "sh", "pt", "la", "au", "1au", "lastau", "fau", "cn", "ir", "ed", "ps", "auid", "ta", "jid", "aid",
         "nm", "rn", "pa", "gr", "si", "vi", "ip", "pg", "pl", "pubn", "isbn", "book", "sb", "uid")  # fmt: skip
"""Fields whose segments are searched from their beginning: headings, names, numbers."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "tiab": ("ti", "ab", "oab", "ot"),
    "ab": ("ab", "oab"),
    "tw": ("ti", "ab", "oab", "ot", "mh", "sh", "pt", "nm", "ps", "cn", "si"),
    "all": ("ti", "tt", "ab", "oab", "ot", "ad", "cois", "mh", "sh", "pt", "nm", "rn", "ps", "cn", "si", "au", "fau",
            "ir", "ed", "ta", "aid", "la", "gr", "pubn", "pl", "uid"),
}  # fmt: skip
"""Fields that are made of others; searched by words."""

_NOT_A_WORD = re.compile(r"[\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_FILTERED_HEADINGS = ("humans", "animals", "male", "female")


def fold(text: str) -> str:
    """``text`` as the index holds it: lower-case words of letters and digits, one space between, no accents."""
    text = text.lower()
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).lower()
    return _NOT_A_WORD.sub(" ", text).strip()


def all_text(element: etree._Element) -> str:
    """All text inside ``element``, through its markup; comments are no text."""
    return str(element.xpath("string()"))


def top_of(element: etree._Element) -> etree._Element | None:
    """The part of an article that has its PMID."""
    return element.find("BookDocument" if element.tag == "PubmedBookArticle" else "MedlineCitation")


def read_segments(element: etree._Element, pmid: str) -> dict[str, list[str]]:
    """The folded segments of a ``PubmedArticle`` or ``PubmedBookArticle`` by field, fields without any left out.

    Headings (``mh``) come as ``asthma`` and, for each qualifier, ``asthma drug therapy``; ``majr`` holds those that are a
    major topic.
    """
    top = top_of(element)
    if top is None:
        return {}
    article = top if element.tag == "PubmedBookArticle" else top.find("Article")
    if article is None:
        article = top
    raw: dict[str, Iterable[str]] = {
        "ti": _all_text(article, "ArticleTitle") + _all_text(article, "Book/BookTitle"),
        "tt": _all_text(article, "VernacularTitle"),
        "ab": [" ".join(_all_text(article, "Abstract/AbstractText"))],
        "oab": [" ".join(_all_text(one, "AbstractText")) for one in top.iterfind("OtherAbstract")],
        "ot": _all_text(top, "KeywordList/Keyword"),
        "cois": _all_text(top, "CoiStatement"),
        "uid": [pmid],
        **_headings(top),
        **_people(top, article),
        **_journal(top, article),
        **_numbers(element, top, article),
    }
    raw["sb"] = _filters(element, top, article, raw)
    folded = {name: [word for value in values if (word := fold(value))] for name, values in raw.items()}
    return {name: list(dict.fromkeys(values)) for name, values in folded.items() if values}


def of_field(segments: Mapping[str, list[str]], name: str) -> list[str]:
    """The segments of a field, also of one that is made of others."""
    return [value for part in GROUPS.get(name, (name,)) for value in segments.get(part, ())]


def _headings(top: etree._Element) -> dict[str, Iterable[str]]:
    headings: list[str] = []
    major: list[str] = []
    qualifiers: list[str] = []
    for heading in top.iterfind("MeshHeadingList/MeshHeading"):
        name = heading.find("DescriptorName")
        if name is None:
            continue
        label = all_text(name)
        subs = list(heading.iterfind("QualifierName"))
        headings += [label, *(f"{label}/{all_text(sub)}" for sub in subs)]
        qualifiers += [all_text(sub) for sub in subs]
        # The star may sit on a qualifier alone.
        if any(part.get("MajorTopicYN") == "Y" for part in (name, *subs)):
            major.append(label)
        major += [f"{label}/{all_text(sub)}" for sub in subs if sub.get("MajorTopicYN") == "Y"]
    substances = list(top.iterfind("ChemicalList/Chemical"))
    return {
        "mh": headings,
        "majr": major,
        "sh": qualifiers,
        "nm": [*_all_text(top, "SupplMeshList/SupplMeshName"), *_all_text(top, "ChemicalList/Chemical/NameOfSubstance")],
        "rn": [found.findtext("RegistryNumber") or "" for found in substances],
    }  # fmt: skip


def _people(top: etree._Element, article: etree._Element) -> dict[str, Iterable[str]]:
    names: list[str] = []
    full: list[str] = []
    each: list[str] = []
    groups, ids, affiliations, editors = [], [], [], []
    for author in article.iterfind("AuthorList/Author"):
        short, long = _name(author)
        collective = author.findtext("CollectiveName") or ""
        affiliations += [all_text(found) for found in author.iterfind("AffiliationInfo/Affiliation")]
        affiliations += [found.text or "" for found in author.iterfind("Affiliation")]
        ids += [re.sub(r"^https?://orcid\.org/", "", found.text or "") for found in author.iterfind("Identifier")]
        parent = author.getparent()
        if parent is not None and parent.get("Type") == "editors":
            editors += [short, long]
            continue
        names += [short, long, collective]
        full.append(long)
        groups.append(collective)
        each.append(short or collective)
    investigators = [name for found in top.iterfind("InvestigatorList/Investigator") for name in _name(found)]
    subjects = [name for found in top.iterfind("PersonalNameSubjectList/PersonalNameSubject") for name in _name(found)]
    return {"au": names, "1au": each[:1], "lastau": each[-1:], "fau": full, "cn": groups, "ir": investigators,
            "ed": editors, "ps": subjects, "auid": ids, "ad": affiliations}  # fmt: skip


def _name(person: etree._Element) -> tuple[str, str]:
    family, given = person.findtext("LastName") or "", person.findtext("ForeName") or ""
    initials = person.findtext("Initials") or "".join(word[0] for word in given.split())
    return f"{family} {initials}".strip(), f"{family} {given}".strip()


def _journal(top: etree._Element, article: etree._Element) -> dict[str, Iterable[str]]:
    book = _all_text(article, "Book/BookTitle")
    return {
        "ta": [
            *_all_text(article, "Journal/Title"), *_all_text(article, "Journal/ISOAbbreviation"),
            *_all_text(top, "MedlineJournalInfo/MedlineTA"), *_all_text(article, "Journal/ISSN"),
            *_all_text(top, "MedlineJournalInfo/ISSNLinking"), *book,
        ],
        "jid": _all_text(top, "MedlineJournalInfo/NlmUniqueID"),
        "pl": _all_text(top, "MedlineJournalInfo/Country"),
        "vi": _all_text(article, "Journal/JournalIssue/Volume"),
        "ip": _all_text(article, "Journal/JournalIssue/Issue"),
        "pg": _all_text(article, "Pagination/MedlinePgn"),
        "pubn": _all_text(article, "Book/Publisher/PublisherName"),
        "isbn": _all_text(article, "Book/Isbn"),
        "book": [found.get("book") or "" for found in article.iterfind("Book/BookTitle")] + book,
    }  # fmt: skip


def _numbers(element: etree._Element, top: etree._Element, article: etree._Element) -> dict[str, Iterable[str]]:
    codes = [code.strip().lower() for code in _all_text(article, "Language")]
    types = [*_all_text(article, "PublicationTypeList/PublicationType"), *_all_text(article, "PublicationType")]
    banks = []
    for bank in article.iterfind("DataBankList/DataBank"):
        name = bank.findtext("DataBankName") or ""
        numbers = _all_text(bank, "AccessionNumberList/AccessionNumber")
        banks += [name, *(f"{name}/{number}" for number in numbers), *numbers]
    return {
        "pt": types,
        "la": [*codes, *(LANGUAGES[code] for code in codes if code in LANGUAGES)],
        "aid": [*_all_text(element, "*/ArticleIdList/ArticleId"), *_all_text(article, "ELocationID")],
        "si": banks,
        "gr": [part for grant in article.iterfind("GrantList/Grant") for part in _all_text(grant, "*")],
    }


def _filters(
    element: etree._Element, top: etree._Element, article: etree._Element, raw: Mapping[str, Iterable[str]]
) -> list[str]:
    # Filters that PubMed computes for a record, as far as the record itself tells.
    book = element.tag == "PubmedBookArticle"
    status = (top.get("Status") or "").replace("-", " ")
    named = ["all", "pubmed books" if book else "", status, status.replace(" ", "")]
    if article.find("Abstract") is not None:
        named.append("hasabstract")
    if len(article.findall("Abstract/AbstractText")) > 1:
        named.append("hasstructuredabstract")
    if any(found.get("IdType") in {"pmc", "pmcid"} for found in element.iterfind("*/ArticleIdList/ArticleId")):
        named += ["free full text", "ffrft", "pubmed pmc"]
    named += [f"has{link.get('RefType', '').lower()}" for link in top.iterfind("CommentsCorrectionsList/*")]
    named += [name for name in _FILTERED_HEADINGS if name in {fold(heading) for heading in raw["mh"]}]
    named += list(raw["pt"]) + [re.sub(r"[\W_]+", "", kind) for kind in raw["pt"]]
    named += raw["la"]
    return [name for name in dict.fromkeys(named) if name]


def _all_text(parent: etree._Element, path: str) -> list[str]:
    return [all_text(found) for found in parent.iterfind(path)]
