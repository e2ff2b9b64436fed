"""Tagged text of Web of Science (.ciw, .isi), EndNote/Refer (.enw, .enl) and RefWorks.

Promises: one record for every ``PT`` (Web of Science), ``%``-block (Refer) or ``RT`` (RefWorks); wrapped values are
joined; a line that belongs to no record is an error or named in a remark; tags without a field are kept in notes.
"""

from __future__ import annotations

import re

from living_review.errors import InvalidFile
from living_review.sources.decoding import split_lines
from living_review.sources.draft import Draft
from living_review.sources.entries import Entry, Lines, passed_over
from living_review.sources.values import dois, pmcid_in, pmid_in

_WOS_TAG = re.compile(r"^\ufeff*([A-Z][A-Z0-9])(?: (.*)|)$")
_REFER_TAG = re.compile(r"^\ufeff*%(\S)(?:[ \t](.*)|)$")
_REFWORKS_TAG = re.compile(r"^\ufeff*([A-Z][A-Z0-9]|U\d\d|PMID|PMCID)(?: (.*)|)$")


def read_wos(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The records of a Web of Science (ISI) tagged file as drafts, and remarks.

    Raises:
        InvalidFile: If a tag stands before the ``PT`` line every record starts with, or a line fits no rule.
    """
    entries: list[Entry] = []
    passed: list[tuple[int, str]] = []
    remarks: list[str] = []
    fields: Lines | None = None
    start, ended = 0, False
    for number, line in enumerate(split_lines(text), 1):
        found = _WOS_TAG.match(line)
        tag, value = (found.group(1), (found.group(2) or "").strip()) if found else ("", line.strip())
        if not line.strip(" \t\ufeff"):
            continue
        if tag == "PT":
            if fields is not None:
                remarks.append(f"the record at line {start} has no ER line; it ends where the next starts")
                entries.append(Entry.of(start, fields))
            start, fields = number, [(tag, [value])]
        elif tag == "ER" and fields is not None:
            entries.append(Entry.of(start, fields))
            fields = None
        elif fields is None:
            if tag == "EF":
                ended = True
            elif tag not in {"FN", "VR"}:
                if tag:
                    what = f"a record without PT: {line.strip()[:40]!r} stands outside any record"
                    raise InvalidFile(what, f"{name}, line {number}", "export the file again")
                passed.append((number, line))
        elif tag:
            fields.append((tag, [value]))
        elif line[0].isspace():
            fields[-1][1].append(value)
        else:
            raise InvalidFile(
                f"neither tag nor indented text: {value[:40]!r}", f"{name}, line {number}", "export again"
            )
    if fields is not None:
        entries.append(Entry.of(start, fields))
    if fields is not None or (not ended and any(line.startswith("FN ") for line in split_lines(text)[:3])):
        remarks.append("the file does not end with EF: it may have been cut short")
    return [draft_from_wos(entry) for entry in entries], [*remarks, *passed_over(passed)]


WOS_FIELDS = {
    **{"PT": "kind", "TI": "title", "FT": "vernacular_title", "SO": "journal", "JI": "journal_abbreviation"},
    **{
        "J9": "journal_abbreviation",
        "VL": "volume",
        "IS": "issue",
        "BP": "first_page",
        "EP": "last_page",
        "AR": "article_number",
    },
    **{"PS": "pages", "DI": "doi", "D2": "doi", "SN": "serial", "EI": "serial", "BN": "serial", "PU": "publisher"},
    **{"LA": "language", "PM": "pmid", "AB": "abstract"},
}
"""Web of Science field tags (also the columns of its tab-delimited file) -> field of a draft."""


def draft_from_wos(entry: Entry) -> Draft:
    """One Web of Science entry (also a row of its tab-delimited export) as a draft."""
    draft = Draft(entry.line)
    full = bool(entry.first("AF"))
    for tag, raw in entry.fields:
        value = raw if tag in {"AU", "AF", "AB"} else " ".join(raw.split())
        if tag in {"AU", "AF", "CA", "GP"}:
            if tag == "AU" and full:
                draft.note(tag, "; ".join(value.split("\n")))
            elif tag in {"AU", "AF"}:
                draft.add_author(value)
            else:
                draft.note(tag, value)
        elif tag == "PT":
            draft.add(
                "kind", tag, {"J": "journal", "B": "book", "S": "", "P": "patent", "C": "conference"}.get(value, value)
            )
        elif tag == "AB":
            draft.add("abstract", tag, " ".join(value.split()))
        elif tag in WOS_FIELDS:
            draft.add(WOS_FIELDS[tag], tag, value)
        elif tag == "DT":
            for part in value.split(";"):
                draft.add("publication_type", tag, part)
        elif tag in {"DE", "ID"}:
            for part in value.split(";"):
                draft.add("keyword", tag, part)
        elif tag == "UT":
            draft.add("accession", tag, value)
            draft.identify("wos", value)
            if value.startswith("MEDLINE:"):
                draft.add("pmid", tag, pmid_in(value))
        elif tag not in {"PD", "PY"}:
            draft.note(tag, value)
    if draft.get("kind") in {"book", ""} and re.search(r"proceedings", entry.first("DT"), re.IGNORECASE):
        draft.values["kind"] = [("DT", "conference")]
    year, day = entry.first("PY").strip(), " ".join(entry.first("PD").split())
    draft.add("date", "PY", year)
    draft.add("date", "PD", day if re.search(r"\d{4}", day) or not year else f"{year} {day}")
    return draft


_REFER_FIELDS = {
    **{"0": "kind", "T": "title", "J": "journal", "B": "journal", "V": "volume", "N": "issue", "P": "pages"},
    **{
        "I": "publisher",
        "X": "abstract",
        "U": "url",
        "R": "doi",
        "@": "serial",
        "G": "language",
        "9": "publication_type",
    },
}


def read_refer(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The records of an EndNote/Refer file as drafts, and remarks.

    A blank line or a further ``%0`` starts the next record.

    Raises:
        InvalidFile: If text stands before the first tag of a record.
    """
    entries: list[Entry] = []
    fields: Lines = []
    start, blank = 0, True
    for number, line in enumerate(split_lines(text), 1):
        if not line.strip(" \t\ufeff"):
            blank = True
            continue
        if found := _REFER_TAG.match(line):
            tag, value = found.group(1), (found.group(2) or "").strip()
            if (blank and fields) or (tag == "0" and any(known == "0" for known, _ in fields)):
                entries.append(Entry.of(start, fields))
                fields = []
            start = start if fields else number
            fields.append((tag, [value]))
        elif fields:
            fields[-1][1].append(line.strip())
        else:
            raise InvalidFile(
                f"text before the first tag: {line.strip()[:40]!r}", f"{name}, line {number}", "export again"
            )
        blank = False
    if fields:
        entries.append(Entry.of(start, fields))
    return [_refer(entry) for entry in entries], []


def _refer(entry: Entry) -> Draft:
    draft = Draft(entry.line)
    book = "book" in entry.first("0").casefold() and "section" not in entry.first("0").casefold()
    for tag, value in entry.fields:
        if tag == "A":
            draft.add_author(value)
        elif tag == "B" and book:
            draft.note("%B", value)
        elif tag == "K":
            for part in re.split(r"[\n;]", value):
                draft.add("keyword", "%K", part)
        elif tag == "D":
            draft.add("date", "%D", value)
        elif tag == "8":
            year = entry.first("D").strip()
            draft.add("date", "%8", value if not year or year in value else f"{year} {value}")
        elif tag == "M":
            draft.add("accession", "%M", value)
        elif tag in _REFER_FIELDS:
            draft.add(_REFER_FIELDS[tag], f"%{tag}", value)
        else:
            draft.note(f"%{tag}", value)
    return draft


_REFWORKS_FIELDS = {
    **{"RT": "kind", "T1": "title", "JF": "journal", "JO": "journal_abbreviation", "VO": "volume", "IS": "issue"},
    **{"SP": "first_page", "OP": "last_page", "AB": "abstract", "PB": "publisher", "SN": "serial", "LA": "language"},
    **{"DO": "doi", "UL": "url", "LK": "url", "AN": "accession", "PMID": "pmid", "PMCID": "pmcid"},
}


def read_refworks(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The records of a RefWorks tagged file as drafts, and remarks; its legend is passed over."""
    entries: list[Entry] = []
    passed: list[tuple[int, str]] = []
    fields: Lines = []
    start = 0
    for number, line in enumerate(split_lines(text), 1):
        if not line.strip(" \t\ufeff"):
            continue
        found = _REFWORKS_TAG.match(line)
        if found and found.group(1) == "RT":
            if fields:
                entries.append(Entry.of(start, fields))
            start, fields = number, []
        elif not fields:
            passed.append((number, line))
            continue
        if found:
            fields.append((found.group(1), [(found.group(2) or "").strip()]))
        else:
            fields[-1][1].append(line.strip())
    if fields:
        entries.append(Entry.of(start, fields))
    return [_refworks(entry) for entry in entries], passed_over(passed)


def _refworks(entry: Entry) -> Draft:
    draft = Draft(entry.line)
    for tag, value in entry.fields:
        if tag == "A1":
            draft.add_author(value)
        elif tag == "K1":
            for part in value.split("\n"):
                draft.add("keyword", tag, part)
        elif tag == "YR":
            draft.add("date", tag, value)
        elif tag == "FD":
            year = entry.first("YR").strip()
            draft.add("date", tag, value if not year or year in value else f"{year}/{value}")
        elif tag == "NO" and re.match(r"\s*doi:\s*10\.", value) and dois(value):
            draft.add("doi", tag, value)
        elif tag == "T2" and not entry.first("JF"):
            draft.add("journal", tag, value)
        elif tag == "PMCID":
            draft.add("pmcid", tag, pmcid_in(value))
        elif tag in _REFWORKS_FIELDS:
            draft.add(_REFWORKS_FIELDS[tag], tag, value)
        else:
            draft.note(tag, value)
    return draft
