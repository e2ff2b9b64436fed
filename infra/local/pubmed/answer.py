"""What an E-utility answers: status, content type, body; and the bodies that say no, as recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

XML, JSON, TEXT, HTML = (
    "text/xml; charset=UTF-8",
    "application/json; charset=UTF-8",
    "text/plain; charset=UTF-8",
    "text/html; charset=UTF-8",
)

_DOCTYPES = {
    "eSearchResult": ("eSearchResult", "esearch", "20060628"),
    "ePostResult": ("ePostResult", "epost", "20090526"),
    "eSummaryResult": ("eSummaryResult", "esummary-v1", "20041029"),
    "DocumentSummarySet": ("eSummaryResult", "esummary_pubmed", "20180226"),
    "eLinkResult": ("eLinkResult", "elink", "20101123"),
    "eInfoResult": ("eInfoResult", "einfo", "20190110"),
    # Sic: the real answer names another root in its DOCTYPE than it has.
    "eFetchResult": ("eEfetchResult", "efetch", "20131226"),
}

WINDOW = 9_999
"""How many records of one result PubMed lets through, since November 2022."""

TOO_FAR = (
    "'retstart' cannot be larger than 9998. For PubMed, ESearch can only retrieve the first 9,999 records matching the "
    "query. To obtain more than 9,999 PubMed records, consider using EDirect that contains additional logic to batch "
    "PubMed search results automatically so that an arbitrary number can be retrieved. For details see "
    "https://www.ncbi.nlm.nih.gov/books/NBK25499/"
)


@dataclass(slots=True)
class Answer:
    """One HTTP answer, before any fault is played on it."""

    body: bytes
    content_type: str = XML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def xml_document(root: str, inside: str, status: int = 200, kind: str = "") -> Answer:
    """An answer in XML: prolog and DOCTYPE of ``kind`` (else of ``root``), then ``inside`` (escaped already) in it."""
    name, kind, day = _DOCTYPES[kind or root]
    title = re.sub("[-_]", " ", kind)
    doctype = f'<!DOCTYPE {name} PUBLIC "-//NLM//DTD {title} {day}//EN" "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/{day}/{kind}.dtd">'
    text = f'<?xml version="1.0" encoding="UTF-8" ?>\n{doctype}\n<{root}>{inside}</{root}>\n'
    return Answer(text.encode(), XML, status)


def xml_error(root: str, *errors: str, status: int = 200) -> Answer:
    """An answer in XML that holds nothing but ERROR elements."""
    lines = "".join(f"\t<ERROR>{escape(error)}</ERROR>\n" for error in errors)
    return xml_document(root, f"\n{lines}", status)


def json_document(value: Mapping[str, Any], status: int = 200) -> Answer:
    """An answer in JSON, on one line."""
    return Answer(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n", JSON, status)


def page_error(text: str) -> Answer:
    """A request that is refused before any database is asked (HTTP 400, plain text)."""
    return Answer(f"Bad Request (400): {text}\n".encode(), TEXT, 400)
