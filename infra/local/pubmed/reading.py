"""MEDLINE XML taken apart: each article of a document with its own bytes, and where in the file they stand.

A file is read as a stream, so that a large one costs no memory. Promises: an article's bytes leave as they came in
(in UTF-8); a document that is not whole is refused as a whole; no entity is resolved and nothing is fetched.
"""

from __future__ import annotations

import gzip
import mmap
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lxml import etree

from infra.local.pubmed.article import ARTICLE_TAGS, Article, parse, read_article
from living_review.errors import InvalidFile

SUFFIXES = (".xml", ".xml.gz")
"""Names of files that are looked at in a folder."""

_ARTICLE = re.compile(rb"<(PubmedArticle|PubmedBookArticle)(?=[\s>]).*?</\1\s*>", re.DOTALL)
_ENTITY = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;)[A-Za-z_][\w.-]*;")
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_RESULT_ROOTS = {"eFetchResult", "eSearchResult", "ERROR"}
_PLAIN = {"UTF-8", "ASCII", "US-ASCII"}


@dataclass(frozen=True, slots=True)
class Found:
    """One article of a document; ``article`` is ``None`` when it has no PMID."""

    number: int
    """Which article of the document, from 1."""
    article: Article | None
    element: etree._Element | None
    """Its tree, good until the next one is asked for."""
    start: int = -1
    """Where its bytes begin in the file; -1 when they do not stand there as they are."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A PMID that a DeleteCitation of an update file names."""

    pmid: str


class _NotAsTheyAre(Exception):
    """The articles' bytes cannot be cut out of the file; the document has to be read whole."""


def read_file(file: Path) -> Iterator[Found | Deletion]:
    """The articles of a file, plain or gzipped, one after another.

    Only when the last one was given is it certain that the file is whole: take nothing over before. A second pass
    over the same file may be needed, which begins again with number 1.

    Raises:
        InvalidFile: If the document is not well formed, or holds no PubMed article; an empty set is allowed.
        OSError: If it cannot be read.
    """
    with ExitStack() as stack:
        source: IO[bytes] = stack.enter_context(file.open("rb"))
        zipped = file.name.endswith(".gz")
        if zipped:
            plain = stack.enter_context(tempfile.TemporaryFile())
            try:
                with gzip.open(source) as packed:
                    shutil.copyfileobj(packed, plain, 1 << 20)
            except (EOFError, gzip.BadGzipFile) as error:
                raise InvalidFile(f"not a whole gzip file ({error})", str(file), "fetch it again") from error
            source = plain
        try:
            yield from _stream(source, str(file), zipped)
        except _NotAsTheyAre:
            source.seek(0)
            yield from read_document(source.read(), str(file))


def read_document(xml: bytes, file: str) -> Iterator[Found | Deletion]:
    """The same for a document in memory, with or without DOCTYPE, a set or a single article."""
    try:
        root = parse(xml)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidFile(f"not well-formed XML ({error})", file, "mend or leave out the file") from error
    elements = [root] if root.tag in ARTICLE_TAGS else list(root.iter(*ARTICLE_TAGS))
    _refuse_other(root.tag, bool(elements), file)
    for number, (element, own) in enumerate(zip(elements, _bytes_of(root, elements, xml), strict=True), start=1):
        _refuse_entities(own, file)
        yield Found(number, read_article(element, own, file), element)
    for gone in root.iterfind("DeleteCitation/PMID"):
        yield Deletion((gone.text or "").strip())


def _stream(source: IO[bytes], file: str, zipped: bool) -> Iterator[Found | Deletion]:
    """Articles cut out of the file while a parser walks beside: both have to agree on every one."""
    source.seek(0, 2)
    if not source.tell():
        raise InvalidFile("not well-formed XML (it is empty)", file, "mend or leave out the file")
    source.seek(0)
    tags = (*ARTICLE_TAGS, "DeleteCitation")
    walk: Any = etree.iterparse(
        source, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    number = at = 0
    with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if _encoding(view[:200]) not in _PLAIN:
            raise _NotAsTheyAre
        try:
            for _, element in walk:
                root = element.getroottree().getroot()
                if element.tag == "DeleteCitation":
                    yield from (Deletion((gone.text or "").strip()) for gone in element.iterfind("PMID"))
                    continue
                number += 1
                own = _ARTICLE.search(view, at)
                # A comment or CDATA may hold what looks like an article; a prefix declared on the root is not in it.
                if own is None or root.nsmap or not _holds_pmid(own[0], element):
                    raise _NotAsTheyAre
                at = own.end()
                _refuse_entities(own[0], file)
                yield Found(number, read_article(element, own[0], file), element, -1 if zipped else own.start())
                _forget(element, root)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise InvalidFile(f"not well-formed XML ({error})", file, "mend or leave out the file") from error
        if _ARTICLE.search(view, at):
            raise _NotAsTheyAre
    _refuse_other(walk.root.tag, number > 0, file)


def _encoding(head: bytes) -> str:
    # A parser that is fed in pieces does not tell before the end.
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)", head)
    return declared[1].decode().upper() if declared else "UTF-8"


def _forget(element: etree._Element, root: etree._Element) -> None:
    if element is root:
        return
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_other(tag: object, holds_articles: bool, file: str) -> None:
    if not holds_articles and (tag in _RESULT_ROOTS or "Pubmed" not in str(tag)):
        raise InvalidFile(f"no PubMed article in it, its root is {tag}", file, "give MEDLINE XML of EFetch")


def _bytes_of(root: etree._Element, elements: list[etree._Element], xml: bytes) -> list[bytes]:
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() not in _PLAIN:
        xml = xml.decode(encoding).encode()
    slices = [found[0] for found in _ARTICLE.finditer(xml)]
    if root.nsmap or len(slices) != len(elements) or not all(map(_holds_pmid, slices, elements)):
        return [
            etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False) for element in elements
        ]
    return slices


def _refuse_entities(own: bytes, file: str) -> None:
    # Outside the document that declared them they are an error; the five of XML and numbers are not.
    for found in _ENTITY.finditer(_CDATA.sub(b"", own) if b"CDATA" in own else own):
        name = found[0].decode(errors="replace")
        raise InvalidFile(f"it uses the entity {name}, which is not part of XML", file, "write the character itself")


def _holds_pmid(own: bytes, element: etree._Element) -> bool:
    pmid = element.findtext("*/PMID") or ""
    return pmid.strip().encode() in own
