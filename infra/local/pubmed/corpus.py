"""The articles a local PubMed holds, and the day it is there.

Promises: an article's bytes leave as they came in; a file that cannot be read is named with the reason and nothing of
it is served; an article given twice is served once and the other is told of. With a clock set, an article exists
from its Create Date on.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from lxml import etree

from infra.local.pubmed.article import ARTICLE_TAGS, Article, fold, parse, read_article
from infra.local.pubmed.changes import as_retracted
from living_review.errors import InvalidFile, UsageError

_ARTICLE = re.compile(rb"<(PubmedArticle|PubmedBookArticle)(?=[\s>]).*?</\1\s*>", re.DOTALL)
_ENTITY = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;)[A-Za-z_][\w.-]*;")
_RESULT_ROOTS = {"eFetchResult", "eSearchResult", "ERROR"}


class Corpus:
    """Articles by PMID; safe to change while a server reads it.

    Args:
        places: Folders (every ``*.xml`` below them) or single files of MEDLINE XML.
        clock: The day it is; ``None`` shows every article.
        known_phrases: Phrases and MeSH headings that PubMed's index knows beyond those in the articles: a search
            for one of them finds nothing here, and warns of nothing.

    Raises:
        UsageError: If a place does not exist, or ``places`` were given and hold no readable article at all.
    """

    def __init__(
        self, places: Iterable[Path] = (), clock: date | None = None, known_phrases: Iterable[str] = ()
    ) -> None:
        self.broken: list[tuple[str, str]] = []
        """Files, or single articles of a file, that are not served: (file, reason)."""
        self.repeated: list[tuple[str, str]] = []
        """Articles that another file has in a newer or equal revision: (PMID, file that is not served)."""
        self.clock = clock
        self.known_phrases = {fold(phrase) for phrase in known_phrases}
        self._articles: dict[str, Article] = {}
        self._shown: list[Article] | None = None
        self._lock = threading.RLock()
        given = [Path(place) for place in places]
        for place in given:
            self.read(place)
        if given and not self._articles:
            reason = "; ".join(f"{Path(file).name}: {why}" for file, why in self.broken[:3]) or "no XML file there"
            raise UsageError(
                f"no PubMed article could be read ({reason})", ", ".join(map(str, given)), "check the folder"
            )

    def __len__(self) -> int:
        return len(self._articles)

    def read(self, place: Path) -> int:
        """Take in a file, or every ``*.xml`` below a folder in the order of their names.

        Returns:
            How many articles are new here. What could not be read is in :attr:`broken`, what was there before in
            :attr:`repeated`.

        Raises:
            UsageError: If ``place`` does not exist.
        """
        if not place.exists():
            raise UsageError("there is no such file or folder", str(place), "check --records")
        files = sorted(place.rglob("*.xml")) if place.is_dir() else [place]
        before = len(self._articles)
        for file in files:
            try:
                articles, nameless = read_articles(file.read_bytes(), str(file))
            except (InvalidFile, OSError) as error:
                reason = error.what if isinstance(error, InvalidFile) else str(error)
                self.broken.append((str(file), reason))
                continue
            self.broken += [(str(file), f"article {number} has no PMID") for number in nameless]
            for article in articles:
                self._take_newer(article)
        return len(self._articles) - before

    def add(self, xml: bytes) -> list[str]:
        """Take in new articles, given as one article or a whole set.

        Returns:
            Their PMIDs in order.

        Raises:
            InvalidFile: If the XML cannot be read or a PMID is there already; then nothing was added.
        """
        articles = self._readable(xml)
        with self._lock:
            if there := [article.pmid for article in articles if article.pmid in self._articles]:
                raise InvalidFile(f"PMID {there[0]} is there already", "added articles", "use replace()")
            self._put(articles)
        return [article.pmid for article in articles]

    def replace(self, xml: bytes) -> list[str]:
        """Exchange articles for newer versions; the same form as :meth:`add`.

        Returns:
            Their PMIDs in order.

        Raises:
            InvalidFile: If the XML cannot be read or a PMID is not there; then nothing was changed.
        """
        articles = self._readable(xml)
        with self._lock:
            if missing := [article.pmid for article in articles if article.pmid not in self._articles]:
                raise InvalidFile(f"PMID {missing[0]} is not there", "replacing articles", "use add()")
            self._put(articles)
        return [article.pmid for article in articles]

    def remove(self, pmid: str) -> None:
        """Delete an article, as PubMed does with a duplicate: it is left out everywhere from now on.

        Raises:
            UsageError: If there is no such article.
        """
        with self._lock:
            if self._articles.pop(pmid, None) is None:
                raise UsageError(f"PMID {pmid} is not there", "the local PubMed", "check the number")
            self._shown = None

    def retract(self, pmid: str, notice: bytes | str, on: date | None = None) -> None:
        """Retract an article: publication type, link to the notice, revision date; other bytes keep their meaning.

        Args:
            pmid: The article.
            notice: The notice as XML of its own record, which is added; or the PMID of a notice that is there; or
                empty for a retraction without one.
            on: Day of the retraction; the clock's day, else today.

        Raises:
            UsageError: If there is no such article or notice.
            InvalidFile: If the notice's XML cannot be read.
        """
        with self._lock:
            notices = self._readable(notice) if isinstance(notice, bytes) else []
            known = {article.pmid for article in notices} | self._articles.keys()
            notice_pmid = notices[0].pmid if notices else str(notice)
            for wanted in (pmid, notice_pmid):
                if wanted and wanted not in known:
                    raise UsageError(f"PMID {wanted} is not there", "the local PubMed", "check the number")
            citation = notices[0] if notices else self._articles.get(notice_pmid)
            self._put(notices)
            changed = as_retracted(self._articles[pmid].xml, citation.xml if citation else None, on or self.today())
            self._put(self._readable(changed))

    def advance(self, day: date) -> list[str]:
        """Set the clock.

        Returns:
            PMIDs that were not to be seen before and are now.
        """
        with self._lock:
            before = {article.pmid for article in self.shown()}
            self.clock, self._shown = day, None
            return [article.pmid for article in self.shown() if article.pmid not in before]

    def today(self) -> date:
        """The clock's day, or today where no clock is set."""
        return self.clock or date.today()

    def shown(self) -> list[Article]:
        """The articles that exist on the clock's day, newest PMID first."""
        with self._lock:
            if self._shown is None:
                day = self.clock.isoformat() if self.clock else ""
                seen = [article for article in self._articles.values() if not day or article.appears <= day]
                self._shown = sorted(seen, key=lambda article: -int(article.pmid))
            return self._shown

    def every(self) -> list[Article]:
        """All articles, also those of days to come."""
        with self._lock:
            return list(self._articles.values())

    def article(self, pmid: str) -> Article | None:
        """The article, or ``None`` when it does not exist on the clock's day."""
        found = self._articles.get(pmid)
        if found is None or (self.clock and found.appears > self.clock.isoformat()):
            return None
        return found

    def _readable(self, xml: bytes) -> list[Article]:
        articles, nameless = read_articles(xml, "given at run time")
        if nameless:
            raise InvalidFile(f"article {nameless[0]} has no PMID", "given at run time", "add one")
        return articles

    def _put(self, articles: list[Article]) -> None:
        self._articles.update({article.pmid: article for article in articles})
        self._shown = None

    def _take_newer(self, article: Article) -> None:
        with self._lock:
            there = self._articles.get(article.pmid)
            if there is None:
                self._put([article])
                return
            newer, older = article, there
            if (article.revised, article.version) <= (there.revised, there.version):
                newer, older = there, article
            self.repeated.append((older.pmid, older.file))
            self._put([newer])


def read_articles(xml: bytes, file: str) -> tuple[list[Article], list[int]]:
    """The articles of one document, with or without DOCTYPE, a set or a single article.

    Returns:
        The articles in order, each with its own bytes in UTF-8, and the positions (from 1) of those without a PMID.

    Raises:
        InvalidFile: If the document is not well formed, or holds no PubMed article; an empty set is allowed.
    """
    try:
        root = parse(xml)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidFile(f"not well-formed XML ({error})", file, "mend or leave out the file") from error
    elements = [root] if root.tag in ARTICLE_TAGS else list(root.iter(*ARTICLE_TAGS))
    if not elements and (root.tag in _RESULT_ROOTS or "Pubmed" not in str(root.tag)):
        raise InvalidFile(f"no PubMed article in it, its root is {root.tag}", file, "give MEDLINE XML of EFetch")
    articles, nameless = [], []
    for number, (element, own) in enumerate(zip(elements, _bytes_of(root, elements, xml), strict=True), start=1):
        _refuse_entities(own, file)
        article = read_article(element, own, file)
        if article is None:
            nameless.append(number)
        else:
            articles.append(article)
    return articles, nameless


def _bytes_of(root: etree._Element, elements: list[etree._Element], xml: bytes) -> list[bytes]:
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() not in {"UTF-8", "ASCII", "US-ASCII"}:
        xml = xml.decode(encoding).encode()
    slices = [found[0] for found in _ARTICLE.finditer(xml)]
    # A comment or CDATA may hold what looks like an article, and a prefix declared on the root is missing in a slice.
    if root.nsmap or len(slices) != len(elements) or not all(map(_holds_pmid, slices, elements)):
        return [
            etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False) for element in elements
        ]
    return slices


def _refuse_entities(own: bytes, file: str) -> None:
    # Outside the document that declared them they are an error; the five of XML and numbers are not.
    for found in _ENTITY.finditer(re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", own, flags=re.DOTALL)):
        name = found[0].decode(errors="replace")
        raise InvalidFile(f"it uses the entity {name}, which is not part of XML", file, "write the character itself")


def _holds_pmid(own: bytes, element: etree._Element) -> bool:
    pmid = element.findtext("*/PMID") or ""
    return pmid.strip().encode() in own
