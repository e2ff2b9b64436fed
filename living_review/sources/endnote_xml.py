"""EndNote XML: what EndNote, Bookends and Covidence write.

Promises: every ``<record>`` becomes one record; the text of all ``<style>`` runs of a value is joined; broken XML, or
XML of another kind, is an error with its line. Entities a document declares for itself are refused, not expanded.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from living_review.errors import InvalidFile
from living_review.sources.draft import Draft
from living_review.sources.entries import counted
from living_review.sources.values import dois, pmcid_in, pmid_in

_FIELDS = {
    "titles/title": "title",
    "periodical/full-title": "journal",
    "titles/secondary-title": "journal",
    "periodical/abbr-1": "journal_abbreviation",
    "alt-periodical/abbr-1": "journal_abbreviation",
    "titles/alt-title": "journal_abbreviation",
    "titles/translated-title": "translated title",
    "pages": "pages",
    "volume": "volume",
    "number": "issue",
    "electronic-resource-num": "doi",
    "abstract": "abstract",
    "publisher": "publisher",
    "isbn": "serial",
    "work-type": "publication_type",
}
_MANY = {
    "keywords/keyword": "keyword",
    "urls/related-urls/url": "url",
    "urls/web-urls/url": "url",
    "urls/text-urls/url": "url",
}
_SILENT = {
    "accession-num",
    "database",
    "source-app",
    "rec-number",
    "foreign-keys",
    "ref-type",
    "contributors/authors",
    "dates",
    "language",
}


def read_endnote_xml(name: str, body: bytes) -> tuple[list[Draft], list[str], str]:
    """The records of an EndNote XML file as drafts, remarks, and the encoding it declares.

    Raises:
        InvalidFile: If it is no well-formed XML, no EndNote XML, has no record, or declares entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        where = f"{name}, line {error.lineno or 1}"
        reason = (error.msg or "not well-formed").split(", line")[0]
        raise InvalidFile(f"broken XML: {reason}", where, "export the file again") from None
    tree: Any = root.getroottree()
    if tree.docinfo.internalDTD is not None and list(tree.docinfo.internalDTD.iterentities()):
        raise InvalidFile("the XML declares entities, which EndNote never does", name, "export from EndNote again")
    found: Any = root.xpath("/xml/records/record | /records/record")
    if not found:
        what = f"XML with root <{etree.QName(root).localname}> and no EndNote record in it"
        raise InvalidFile(what, f"{name}, line {root.sourceline}", "export as EndNote XML, RIS or nbib")
    encoding = (tree.docinfo.encoding or "utf-8").lower()
    return [_draft(element) for element in found], _remarks(root), encoding


def _remarks(root: Any) -> list[str]:
    # EndNote users park duplicates by writing so into the caption.
    marked = [element for element in root.xpath("//record/caption") if "duplicate" in _text(element).casefold()]
    return (
        [f"{counted(len(marked), 'record')} marked as duplicate in the caption, read like all others"] if marked else []
    )


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _draft(record: Any) -> Draft:
    draft = Draft(record.sourceline or 1)
    draft.add("kind", "ref-type", "".join(record.xpath("ref-type/@name")) or _joined(record, "ref-type"))
    for author in record.xpath("contributors/authors/author"):
        draft.add_author(" ".join(_text(author).split()))
    for path, name in _FIELDS.items():
        for element in record.xpath(path):
            draft.add(name, path, _text(element).replace("\r", "\n"))
    for path, name in _MANY.items():
        for element in record.xpath(path):
            for part in re.split(r"[\r\n]+|;\s" if name == "keyword" else r"[\r\n]+", _text(element).strip()):
                draft.add(name, path, " ".join(part.split()))
    _date(draft, record)
    for part in re.split(r"[;/]", _joined(record, "language")):
        draft.add("language", "language", part)
    _identifiers(draft, record)
    _notes(draft, record)
    return draft


def _joined(record: Any, path: str) -> str:
    return " ".join(" ".join(_text(element).split()) for element in record.xpath(path)).strip()


def _date(draft: Draft, record: Any) -> None:
    year, day = _joined(record, "dates/year"), _joined(record, "dates/pub-dates/date")
    if day and year and year not in day:
        draft.add("date", "dates/pub-dates/date", f"{year} {day}")
    else:
        draft.add("date", "dates/pub-dates/date", day)
    draft.values.get("date", []).insert(0, ("dates/year", year)) if day and year else draft.add(
        "date", "dates/year", year
    )


def _identifiers(draft: Draft, record: Any) -> None:
    database = " ".join(_joined(record, f"remote-database-{part}") for part in ("name", "provider")).casefold()
    number = _joined(record, "accession-num")
    if re.search(r"pubmed|medline|nlm", database) or re.search(r"pmid|medline:", number, re.IGNORECASE):
        draft.add("pmid", "accession-num", pmid_in(number))
    if re.match(r"(?:WOS|ISI|MEDLINE|CCC|BIOSIS|KJD|CABI|FSTA|INSPEC):", number):
        draft.identify("wos", number)
    if re.fullmatch(r"L\d{6,}", number):
        draft.identify("embase", number)
    draft.add("accession", "accession-num", number)
    for path in ("custom2", "accession-num"):
        draft.add("pmcid", path, pmcid_in(_joined(record, path)))
    for _, url in draft.values.get("url", []):
        if "ncbi.nlm.nih.gov" in url and "/pmc" not in url.casefold():
            draft.add("pmid", "url", pmid_in(url))
    if (
        not draft.get("doi")
        and re.match(r"(?:doi:|10\.\d{4,}/\S+$)", notes := _joined(record, "notes"))
        and dois(notes)
    ):
        draft.add("doi", "notes", notes)


def _notes(draft: Draft, record: Any) -> None:
    """Keep every element that no field took, under its own name."""
    taken = {path.split("/")[0] for path in (*_FIELDS, *_MANY)} - {"titles", "urls", "periodical", "alt-periodical"}
    for element in record.iterchildren(tag=etree.Element):
        tag = str(element.tag)
        if tag in taken or tag in _SILENT:
            continue
        if tag == "contributors":
            for group in element.iterchildren(tag=etree.Element):
                if group.tag != "authors":
                    for author in group.iterchildren(tag=etree.Element):
                        draft.note(str(group.tag), _text(author))
        elif tag in {"titles", "urls", "periodical", "alt-periodical"}:
            for child in element.iterchildren(tag=etree.Element):
                path = f"{tag}/{child.tag}"
                if path not in _FIELDS and not any(key.startswith(path) for key in _MANY):
                    draft.note(str(child.tag), _text(child))
        else:
            draft.note(tag, _text(element))
