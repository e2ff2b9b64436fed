"""Files that people export from databases and tools -> records: the front door of every format.

Promises: the content decides what a file is, not its name; a file is read whole or refused whole, with the line and
the reason; every record has a source id that is unique in the file and the same whenever the same file is read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from living_review.errors import InvalidFile
from living_review.records import Record
from living_review.sources.bibtex import read_bibtex
from living_review.sources.decoding import FORMATS, decode
from living_review.sources.draft import Draft
from living_review.sources.endnote_xml import read_endnote_xml
from living_review.sources.entries import counted, line_numbers
from living_review.sources.nbib import read_nbib
from living_review.sources.ovid import read_ovid
from living_review.sources.ris import read_ris
from living_review.sources.summary_text import read_summary
from living_review.sources.tables import find_layout, read_table
from living_review.sources.tagged import read_refer, read_refworks, read_wos


@dataclass(frozen=True, slots=True)
class FileRecords:
    """Everything one file says."""

    records: tuple[Record, ...]
    format: str
    """``ris``, ``nbib``, ``pubmed summary``, ``endnote xml``, ``bibtex``, ``refer``, ``wos``, ``ovid``, ``refworks``, ``csv``, ``tsv``."""
    encoding: str
    sha256: str
    """Of the file's bytes, hexadecimal."""
    remarks: tuple[str, ...]
    """One line each: what a person should know about how the file was read."""
    positions: tuple[int, ...]
    """The line each record starts at, counted from one; as many as records."""


def read_file(path: Path, source: str) -> FileRecords:
    """The records of the file at ``path``.

    Args:
        path: An export in any format this package knows.
        source: The short name of the database, which becomes every record's ``source``.

    Raises:
        InvalidFile: If the file is missing, cannot be read, or is not wholly what its format says.
    """
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise InvalidFile("there is no such file", str(path), "check the name") from None
    except IsADirectoryError:
        raise InvalidFile("this is a folder", str(path), "name the files in it") from None
    except OSError as error:
        raise InvalidFile(f"the file cannot be read ({error.strerror})", str(path), "check its permissions") from None
    return read_bytes(path.name, body, source)


def read_bytes(name: str, body: bytes, source: str) -> FileRecords:
    """The records of a file given as its name and bytes (see :func:`read_file`).

    Raises:
        InvalidFile: If the bytes are not wholly what their format says.
    """
    digest = hashlib.sha256(body).hexdigest()
    if _is_xml(body):
        drafts, remarks, encoding = read_endnote_xml(name, body)
        return _finish(drafts, remarks, source, "endnote xml", encoding, digest)
    decoded = decode(name, body)
    kind = detect(name, decoded.text)
    if kind == "table":
        drafts, remarks, kind = read_table(name, decoded.text)
    else:
        drafts, remarks = _READERS[kind](name, decoded.text)
    if not drafts:
        raise InvalidFile("the file holds no record", name, "export it again")
    return _finish(drafts, [*decoded.remarks, *remarks], source, kind, decoded.encoding, digest)


_READERS: dict[str, Callable[[str, str], tuple[list[Draft], list[str]]]] = {
    "ris": read_ris,
    "nbib": lambda name, text: read_nbib(text),
    "pubmed summary": read_summary,
    "bibtex": read_bibtex,
    "refer": read_refer,
    "wos": read_wos,
    "ovid": read_ovid,
    "refworks": read_refworks,
}

# What the first telling line of each format looks like; the format whose line comes first is the file's.
_SIGNS = (
    ("ovid", r"[ \t]*<[ ]?\d+[ ]?\.?[ ]?>[ \t]*$|[ ]?VN  ?- Ovid "),
    ("ris", r"[ \t]?TY[ \t]{0,3}-"),
    ("nbib", r"PMID ?- ?\d|PMCR? ?- ?(?:PMC)?\d|OWN ?- \w"),
    ("wos", r"FN (?:ISI|Thomson|Clarivate)|VR 1\.0$|PT [JSBPCK]$"),
    ("refworks", r"RT [A-Z][a-z]|Refworks Export"),
    ("refer", r"%[0-9A-Z@] ?\S"),
    ("bibtex", r"[ \t]*@(?!comment)[A-Za-z]+[ \t]*[{(]"),
    ("pubmed summary", r"1: \S.*"),
    # Tags of a record whose TY line is missing: RIS, so that the error can say so.
    ("ris", r"(?:JF|T1|TI|AU|A1|ER|PY|Y1)  -"),
)
_SIGN = tuple((kind, re.compile(rf"^\ufeff*(?:{pattern})", re.MULTILINE)) for kind, pattern in _SIGNS)


def detect(name: str, text: str) -> str:
    """The format of decoded text by its content; the name only breaks a tie: ``table``, or a key of the readers.

    Raises:
        InvalidFile: If it is no format we know.
    """
    layout = find_layout(text)
    if layout is not None and layout.has_title and layout.line == 0 and layout.known >= 2:
        return "table"
    found = [(match.start(), kind) for kind, sign in _SIGN if (match := sign.search(text))]
    if found:
        kind = min(found, key=lambda item: item[0])[1]
        if kind != "pubmed summary" or re.search(r"\bPMID: \d", text):
            return kind
    if layout is not None or name.casefold().endswith((".csv", ".tsv", ".tab")):
        return "table"
    start = text.lstrip("\ufeff \t\n")[:60]
    if re.match(r"<(?:!doctype html|html)", start, re.IGNORECASE):
        raise InvalidFile("this is a web page, not an export", f"{name}, line 1", f"export as one of: {FORMATS}")
    line = text[: len(text) - len(text.lstrip("\ufeff \t\n"))].count("\n") + 1
    first = start.split("\n")[0][:40]
    raise InvalidFile(
        f"not a format known here: it starts {first!r}", f"{name}, line {line}", f"export as one of: {FORMATS}"
    )


def _is_xml(body: bytes) -> bool:
    head = body[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return head.startswith((b"<?xml", b"<xml", b"<records", b"<pubmedarticleset", b"<!doctype pubmed"))


def _finish(drafts: list[Draft], remarks: list[str], source: str, kind: str, encoding: str, digest: str) -> FileRecords:
    records = [draft.record(source) for draft in drafts]
    untitled = [draft.position for draft, record in zip(drafts, records, strict=True) if not record.title]
    if untitled:
        remarks = [*remarks, f"{counted(len(untitled), 'record')} without a title: {line_numbers(untitled)}"]
    undated = [draft for draft in drafts if draft.undated]
    if undated:
        # Three tell what is wrong with the export; the lines tell where.
        found = ", ".join(repr(text[:30]) for text in dict.fromkeys(draft.undated for draft in undated[:3]))
        where = line_numbers([draft.position for draft in undated])
        remarks = [*remarks, f"{counted(len(undated), 'record')} with a year that cannot be read ({found}): {where}"]
    records, repeated = _unique(records, drafts)
    return FileRecords(
        records=tuple(records),
        format=kind,
        encoding=encoding,
        sha256=digest,
        remarks=(*remarks, *repeated),
        positions=tuple(draft.position for draft in drafts),
    )


def _unique(records: list[Record], drafts: list[Draft]) -> tuple[list[Record], list[str]]:
    """Number the second and further records that carry an id already given: ``123``, ``123#2``, ``123#3``."""
    given: dict[str, Record] = {}
    counts: dict[str, int] = {}
    unique: list[Record] = []
    same: list[int] = []
    other: list[str] = []
    for record, draft in zip(records, drafts, strict=True):
        plain = record.source_id
        counts[plain] = counts.get(plain, 0) + 1
        numbered = plain if counts[plain] == 1 else f"{plain}#{counts[plain]}"
        while numbered in given:
            counts[plain] += 1
            numbered = f"{plain}#{counts[plain]}"
        if counts[plain] > 1:
            if record == given[plain]:
                same.append(draft.position)
            else:
                other.append(f"{numbered} (line {draft.position})")
        given[numbered] = record
        unique.append(replace(record, source_id=numbered))
    remarks = (
        [f"{counted(len(same), 'record')} given again in this file, all kept: {line_numbers(same)}"] if same else []
    )
    if other:
        shown = ", ".join(other[:10]) + (f" and {len(other) - 10} more" if len(other) > 10 else "")
        remarks.append(
            f"{counted(len(other), 'record')} with the id of another one but other content, all kept: {shown}"
        )
    return unique, remarks
