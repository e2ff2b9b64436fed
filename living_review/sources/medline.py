"""PubMed's XML (DTD 250101 and every older one) as records, streamed.

It promises that an article or book in the file becomes exactly one record whatever else is in its element, that
memory does not grow with the file, and that a file which is not whole, well-formed PubMed XML is an error: a caller
that reads to the end has everything, and one that is stopped by an error must use none of what came before.
What an element means is read in ``medline_article`` and ``medline_book``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from lxml import etree

from living_review.errors import InvalidFile
from living_review.records import Record
from living_review.sources.medline_article import article_record
from living_review.sources.medline_book import book_record
from living_review.sources.medline_text import XmlElement, text_of

_PMID = re.compile("[0-9]+")
_CHUNK = 1 << 16
_ROOTS = {"PubmedArticleSet", "PubmedBookArticleSet", "PubmedArticle", "PubmedBookArticle"}
_ENTRIES = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation", "DeleteDocument")


@dataclass(frozen=True, slots=True)
class Deleted:
    """A PMID that PubMed says it has deleted (``DeleteCitation``)."""

    pmid: str


def parse_articles(source: BinaryIO | bytes, where: str = "") -> Iterator[Record | Deleted]:
    """Every article and book in ``source`` as a record, in order, and every PMID it declares deleted.

    Two versions of one article are two records with the same PMID; the later has ``notes["Version"]``.

    Args:
        source: PubMed XML: bytes, or a binary stream that is read once in small pieces.
        where: What to call the source in an error, for example the file's name.

    Raises:
        InvalidFile: If the source is not PubMed XML, is cut short, is several documents in one, is an error message
            of the E-utilities, or has a record without PMID. Records before the fault may have been yielded already.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(_CHUNK).removeprefix(b"\xef\xbb\xbf").lstrip()
    _check_root(head, where)
    try:
        for element in _finished(stream, head):
            yield from _entries(element, where)
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise InvalidFile(
            _fault(error.msg or ""), _place(where, error.lineno), "export or download the file again"
        ) from error


def _finished(stream: BinaryIO, head: bytes) -> Iterator[XmlElement]:
    """Every entry in the order of their ends, each as soon as another one starts outside it.

    lxml could report the ends themselves, but then calls Python for the end of every element in the file.
    """
    parser = _pull_parser(("start",), _ENTRIES)
    begun: list[XmlElement] = []
    chunk = head
    while chunk:
        parser.feed(chunk)
        for _, element in parser.read_events():
            while begun and begun[-1] not in element.iterancestors():
                yield begun.pop()
            begun.append(element)
        chunk = stream.read(_CHUNK)
    parser.close()
    yield from reversed(begun)


def _pull_parser(events: Any, tags: tuple[str, ...] | None = None) -> Any:
    """A parser that loads nothing from elsewhere and expands no entity the file declares."""
    return etree.XMLPullParser(
        events=events,
        tag=tags,
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _entries(element: XmlElement, where: str) -> Iterator[Record | Deleted]:
    if element.tag in {"DeleteCitation", "DeleteDocument"}:
        yield from (Deleted(pmid) for pmid in map(text_of, element.iterchildren("PMID")) if pmid)
        return
    record = article_record(element) if element.tag == "PubmedArticle" else book_record(element)
    if not _PMID.fullmatch(record.pmid):
        found = f"has {record.pmid!r} for a PMID" if record.pmid else "has no PMID"
        raise InvalidFile(f"a {element.tag} {found}", _place(where, element.sourceline), "export the file again")
    yield record


def _forget(element: XmlElement) -> None:
    """Frees a finished element and what stands before it, so that memory stays constant."""
    parent = element.getparent()
    element.clear()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _check_root(head: bytes, where: str) -> None:
    """Raises InvalidFile unless the document's first element is one of PubMed's.

    A parser of its own, because the main one reports no other element than those asked for, to be fast.
    """
    remedy = "give PubMed XML (PubmedArticleSet)"
    if not head:
        raise InvalidFile("the file is empty, not PubMed XML", where, remedy)
    if re.match(rb"<!doctype\s+html|<html", head, re.IGNORECASE):
        raise InvalidFile("this is an HTML page, not PubMed XML", where, remedy)
    if not head.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        raise InvalidFile("this is not XML", _place(where, 1), remedy)
    parser = _pull_parser(("start", "end"))
    root: XmlElement | None = None
    message = ""
    fault: InvalidFile | None = None
    for start in range(0, len(head), 1024):
        try:
            parser.feed(head[start : start + 1024])
        except etree.XMLSyntaxError as error:
            fault = InvalidFile(_fault(error.msg or ""), _place(where, error.lineno), remedy)
        for event, element in parser.read_events():
            root = element if root is None else root
            if root.tag in _ROOTS:
                return
            if event == "end" and element.tag == "ERROR" and not message:
                message = text_of(element)
        if fault is not None:
            break
    if root is None and fault is not None:
        raise fault
    if message:
        raise InvalidFile(f"PubMed answered with an error instead of records: {message[:200]}", where)
    found = f"its first element is <{root.tag}>" if root is not None else "it has no element"
    raise InvalidFile(f"this is not PubMed XML: {found}", where, remedy)


def _fault(message: str) -> str:
    if re.search(r"Extra content at the end|declaration (?:allowed only|not) at the start", message):
        return "something follows the end of the document (two files joined, or an error page appended)"
    if re.search(r"Premature end|no element found|Document is empty|EndTag: '</' not found|not closed", message):
        return f"the XML ends before it is complete ({message})"
    return f"the XML is malformed ({message})"


def _place(where: str, line: int | None) -> str:
    return ": ".join(part for part in (where, f"line {line}" if line else "") if part)
