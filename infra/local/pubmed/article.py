"""One article of the corpus: its exact XML bytes, and the words and dates that a search looks at.

Words are folded as PubMed folds them: lower case, accents off, everything else than letters and digits is a space.
A field's text is its segments between bars, ``| social media | quality improvement |``, so that a phrase never
reaches over two segments, and a whole segment (a MeSH heading) can be asked for as well as a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

ARTICLE_TAGS = ("PubmedArticle", "PubmedBookArticle")

LANGUAGES = {
    "ara": "arabic", "chi": "chinese", "cze": "czech", "dan": "danish", "dut": "dutch", "eng": "english",
    "fre": "french", "ger": "german", "gre": "greek", "heb": "hebrew", "hun": "hungarian", "ita": "italian",
    "jpn": "japanese", "kor": "korean", "nor": "norwegian", "per": "persian", "pol": "polish", "por": "portuguese",
    "rus": "russian", "spa": "spanish", "swe": "swedish", "tur": "turkish", "ukr": "ukrainian",
}  # fmt: skip
"""MARC language codes of MEDLINE with the names that ``[la]`` takes too."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_SEASONS = {"winter": 1, "spring": 3, "summer": 6, "fall": 9, "autumn": 9}
_HISTORY = {"entrez": "crdt", "pubmed": "edat", "medline": "mhda"}
_NOT_A_WORD = re.compile(r"[\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Article:
    """An article or book as PubMed holds it.

    ``dates`` has ISO days by search field (``crdt``, ``edat``, ``mhda``, ``mdat``, ``cdat``, ``pdat``; ``pdat`` may
    have two, print and electronic).
    """

    pmid: str
    xml: bytes
    file: str
    book: bool
    version: int
    dates: Mapping[str, tuple[str, ...]]

    @cached_property
    def text(self) -> Mapping[str, str]:
        """The folded segments by search field; made at the first search, so that a large corpus starts fast."""
        element = self.element()
        top = _top(element)
        return {} if top is None else _texts(element, top, self.pmid)

    def element(self) -> etree._Element:
        """The article as a tree of its own."""
        return parse(self.xml)

    @property
    def revised(self) -> str:
        """Date of the last revision as the record states it (``YYYY-MM-DD``), or empty."""
        return self.dates["revised"][0] if "revised" in self.dates else ""

    @property
    def appears(self) -> str:
        """First day on which a search finds it: Create Date, else Entry Date; empty when it states neither."""
        for name in ("crdt", "edat"):
            if self.dates.get(name):
                return self.dates[name][0]
        return ""


def fold(text: str) -> str:
    """``text`` as the index holds it: lower-case words of letters and digits, one space between, no accents."""
    text = text.lower()
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return _NOT_A_WORD.sub(" ", text).strip()


def parse(xml: bytes) -> etree._Element:
    """``xml`` as a tree; no entity is resolved, no DTD loaded, nothing fetched, nothing huge allowed.

    Raises:
        lxml.etree.XMLSyntaxError: If it is not well formed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


def all_text(element: etree._Element) -> str:
    """All text inside ``element``, through its markup; comments are no text."""
    return str(element.xpath("string()"))


def read_article(element: etree._Element, xml: bytes, file: str) -> Article | None:
    """The article that ``element`` is, or ``None`` when it has no PMID.

    Args:
        element: A ``PubmedArticle`` or ``PubmedBookArticle``.
        xml: Its bytes in UTF-8, kept as they are.
        file: Where it comes from, for messages.
    """
    top = _top(element)
    pmid = None if top is None else top.find("PMID")
    if top is None or pmid is None or not (pmid.text or "").strip().isdigit():
        return None
    number = str(int((pmid.text or "").strip()))
    version = pmid.get("Version", "1")
    return Article(
        pmid=number,
        xml=xml,
        file=file,
        book=element.tag == "PubmedBookArticle",
        version=int(version) if version.isdigit() else 1,
        dates=_dates(element, top),
    )


def _top(element: etree._Element) -> etree._Element | None:
    return element.find("BookDocument" if element.tag == "PubmedBookArticle" else "MedlineCitation")


def _dates(element: etree._Element, top: etree._Element) -> dict[str, tuple[str, ...]]:
    dates: dict[str, tuple[str, ...]] = {}
    for stamp in element.iterfind("*/History/PubMedPubDate"):
        name = _HISTORY.get(stamp.get("PubStatus", ""))
        day = read_date(stamp)
        if name and day:
            dates[name] = (day,)
    for tag, name in (("DateRevised", "revised"), ("DateCompleted", "cdat")):
        stated = top.find(tag)
        if stated is not None and (day := read_date(stated)):
            dates[name] = (day,)
    # PubMed gives every record a Modification and a MeSH date; until it has its own it is an earlier one.
    for name, stand_in in (("mdat", dates.get("revised") or dates.get("crdt")), ("mhda", dates.get("edat"))):
        if name not in dates and stand_in:
            dates[name] = stand_in
    where = ("Book/PubDate", "ContributionDate") if element.tag == "PubmedBookArticle" else (
        "Article/Journal/JournalIssue/PubDate", "Article/ArticleDate")  # fmt: skip
    published = [read_date(found) for path in where for found in top.iterfind(path)]
    dates["pdat"] = tuple(dict.fromkeys(day for day in published if day))
    return dates


def read_date(element: etree._Element) -> str:
    """The first day that a date element names (``YYYY-MM-DD``), or empty.

    Year alone counts as 1 January and year with month as its first day, as ``[dp]`` indexes them. ``MedlineDate``
    ("1998 Dec-1999 Jan") counts from its first part; a season from its first month.
    """
    year, month, day = (element.findtext(tag) or "" for tag in ("Year", "Month", "Day"))
    month = month or element.findtext("Season") or ""
    if not year:
        found = re.match(r"\D*(\d{4})\s*([A-Za-z]*)\s*(\d{1,2}\b)?", element.findtext("MedlineDate") or "")
        if not found:
            return ""
        year, month, day = found[1], found[2], found[3] or ""
    if not year.strip().isdigit():
        return ""
    return f"{int(year):04d}-{_month(month):02d}-{max(1, min(31, int(day))) if day.strip().isdigit() else 1:02d}"


def _month(text: str) -> int:
    text = text.strip().lower()
    if text.isdigit():
        return min(12, max(1, int(text)))
    season = re.split(r"[^a-z]", text)[0]
    return _MONTHS.get(text[:3]) or _SEASONS.get(season) or 1


def _texts(element: etree._Element, top: etree._Element, pmid: str) -> dict[str, str]:
    article = top if element.tag == "PubmedBookArticle" else top.find("Article")
    if article is None:
        article = top
    headings, major, qualifiers = _mesh(top)
    types = (
        _all_text(article, ".//PublicationType")
        if element.tag == "PubmedArticle"
        else _all_text(article, "PublicationType")
    )
    languages = [code.strip().lower() for code in _all_text(article, "Language")]
    abstract = [*_all_text(article, "Abstract/AbstractText"), *_all_text(top, "OtherAbstract/AbstractText")]
    keywords = _all_text(top, "KeywordList/Keyword")
    authors, affiliations = _authors(article)
    titles = _all_text(article, "ArticleTitle") + _all_text(article, "Book/BookTitle")
    journal = [
        *_all_text(article, "Journal/Title"),
        *_all_text(article, "Journal/ISOAbbreviation"),
        *_all_text(top, "MedlineJournalInfo/MedlineTA"),
        *_all_text(article, "Journal/ISSN"),
        *_all_text(article, "Book/BookTitle"),
    ]
    ids = [*_all_text(element, "*/ArticleIdList/ArticleId"), *_all_text(article, "ELocationID")]
    supplementary = _all_text(top, "SupplMeshList/SupplMeshName") + _all_text(
        top, "ChemicalList/Chemical/NameOfSubstance"
    )
    vernacular = _all_text(article, "VernacularTitle")
    parts: dict[str, Iterable[str]] = {
        "ti": [*titles, *vernacular],
        "ab": abstract,
        "ot": keywords,
        "mh": headings,
        "majr": major,
        "sh": qualifiers,
        "pt": types,
        "la": [*languages, *(LANGUAGES[code] for code in languages if code in LANGUAGES)],
        "au": authors,
        "ad": affiliations,
        "ta": journal,
        "aid": ids,
        "nm": supplementary,
        "vi": _all_text(article, "Journal/JournalIssue/Volume"),
        "ip": _all_text(article, "Journal/JournalIssue/Issue"),
        "pg": _all_text(article, "Pagination/MedlinePgn"),
        "sb": _subsets(element, top, article),
        "uid": [pmid],
    }
    text = {name: _segments(values) for name, values in parts.items()}
    text["tiab"] = text["ti"] + text["ab"] + text["ot"]
    text["tw"] = text["tiab"] + text["mh"] + text["sh"] + text["pt"] + text["nm"]
    text["all"] = text["tw"] + text["au"] + text["ad"] + text["ta"] + text["aid"] + text["la"] + text["uid"]
    return text


def _mesh(top: etree._Element) -> tuple[list[str], list[str], list[str]]:
    headings, major, qualifiers = [], [], []
    for heading in top.iterfind("MeshHeadingList/MeshHeading"):
        name = heading.find("DescriptorName")
        if name is None:
            continue
        label = all_text(name)
        subs = list(heading.iterfind("QualifierName"))
        headings += [label, *(f"{label}/{all_text(sub)}" for sub in subs)]
        qualifiers += [all_text(sub) for sub in subs]
        # The star may sit on the qualifier alone.
        if any(part.get("MajorTopicYN") == "Y" for part in (name, *subs)):
            major.append(label)
    return headings, major, qualifiers


def _authors(article: etree._Element) -> tuple[list[str], list[str]]:
    names, affiliations = [], []
    for author in article.iterfind("AuthorList/Author"):
        family, given = author.findtext("LastName") or "", author.findtext("ForeName") or ""
        initials = author.findtext("Initials") or "".join(word[0] for word in given.split())
        names += [f"{family} {initials}", f"{family} {given}", author.findtext("CollectiveName") or ""]
        affiliations += [all_text(found) for found in author.iterfind("AffiliationInfo/Affiliation")]
        affiliations += [found.text or "" for found in author.iterfind("Affiliation")]
    return list(dict.fromkeys(name for name in names if name.strip())), affiliations


def _subsets(element: etree._Element, top: etree._Element, article: etree._Element) -> list[str]:
    # Filters that PubMed computes for a record, as far as the record itself tells.
    book = element.tag == "PubmedBookArticle"
    named = ["all", "pubmed books" if book else "", (top.get("Status") or "").replace("-", " ")]
    if article.find("Abstract") is not None:
        named.append("hasabstract")
    if any(found.get("IdType") in {"pmc", "pmcid"} for found in element.iterfind("*/ArticleIdList/ArticleId")):
        named += ["free full text", "ffrft"]
    for link in top.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        named.append(f"has{link.get('RefType', '').lower()}")
    return [name for name in dict.fromkeys(named) if name]


def _all_text(parent: etree._Element, path: str) -> list[str]:
    return [all_text(found) for found in parent.iterfind(path)]


def _segments(values: Iterable[str]) -> str:
    folded = [word for value in values if (word := fold(value))]
    return f"| {' | '.join(folded)} |" if folded else ""
