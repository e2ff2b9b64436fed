"""One article of the corpus: its exact XML bytes and the dates that a search looks at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from infra.local.pubmed.fields import read_segments, top_of

ARTICLE_TAGS = ("PubmedArticle", "PubmedBookArticle")


_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_SEASONS = {"winter": 1, "spring": 3, "summer": 6, "fall": 9, "autumn": 9}
_HISTORY = {"entrez": "crdt", "pubmed": "edat", "medline": "mhda"}


@dataclass(frozen=True)
class Article:
    """An article or book as PubMed holds it.

    ``dates`` has ISO days by search field (``crdt``, ``edat``, ``mhda``, ``mdat``, ``cdat``, ``ppdt``, ``epdt`` and
    ``pdat``, which has both the print and the electronic date).
    """

    pmid: str
    xml: bytes
    file: str
    book: bool
    version: int
    dates: Mapping[str, tuple[str, ...]]

    @cached_property
    def segments(self) -> Mapping[str, list[str]]:
        """The folded segments by search field, see :func:`~infra.local.pubmed.fields.read_segments`."""
        return read_segments(self.element(), self.pmid)

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


def parse(xml: bytes) -> etree._Element:
    """``xml`` as a tree; no entity is resolved, no DTD loaded, nothing fetched, nothing huge allowed.

    Raises:
        lxml.etree.XMLSyntaxError: If it is not well formed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


def read_article(element: etree._Element, xml: bytes, file: str) -> Article | None:
    """The article that ``element`` is, or ``None`` when it has no PMID.

    Args:
        element: A ``PubmedArticle`` or ``PubmedBookArticle``.
        xml: Its bytes in UTF-8, kept as they are.
        file: Where it comes from, for messages.
    """
    top = top_of(element)
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
    for name, path in zip(("ppdt", "epdt"), where, strict=True):
        dates[name] = tuple(dict.fromkeys(day for found in top.iterfind(path) if (day := read_date(found))))
    dates["pdat"] = tuple(dict.fromkeys(dates["ppdt"] + dates["epdt"]))
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
