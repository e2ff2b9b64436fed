"""Ovid's own two text exports: tagged (``VN  - Ovid Technologies``) and "citation" (labels, values indented below).

Promises: one record for every ``<n. >`` line; tags or labels without a field are kept in notes; text that stands
outside a record is an error with its line.
"""

from __future__ import annotations

import re

from living_review.errors import InvalidFile
from living_review.sources.decoding import split_lines
from living_review.sources.draft import Draft
from living_review.sources.entries import Entry, Lines
from living_review.sources.values import clean, dois, pmid_in

_NUMBER = re.compile(r"^\ufeff*[ \t]*<\s*(\d+)\s*\.?\s*>[ \t]*$")
_TAG = re.compile(r"^[ ]?([A-Z][A-Z0-9]|SCORE)[ ]{1,2}-(?:[ ](.*)|[ ]*)$")
# "[References]", "[Article]" end a title to say what Ovid has of it; they are no part of the title.
_MARKER = re.compile(r"\.?\s*\[(References|Article|Review|Miscellaneous|Editorial|Letter|Report|Erratum)\]\.?\s*$")
_DEGREES = re.compile(
    r"(?:[\s,;]+(?:MD|M\.D\.|PhD|Ph\.D\.|MPH|MSc|BSc|MBA|RN|DO|DPhil|FACSM|FAAN|FRCS|MS|MA|BA|DSc|EdD|PsyD))+(?=[\s,;]|$)"
)
_MARKS = re.compile(r"(?:\s+[\d,+*()]+|\s*\[[^\]]*\])+\s*$")


def read_ovid(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The records of either Ovid text export as drafts, and remarks.

    Raises:
        InvalidFile: If text stands before the first ``<n. >`` line or a line fits no rule.
    """
    lines = split_lines(text)
    starts = [number for number, line in enumerate(lines) if _NUMBER.match(line)]
    if not starts:
        raise InvalidFile("Ovid text without the line '<1. >' that starts a record", f"{name}, line 1", "export again")
    for number, line in enumerate(lines[: starts[0]], 1):
        if line.strip(" \t\ufeff"):
            raise InvalidFile(
                f"text before the first record: {line.strip()[:40]!r}", f"{name}, line {number}", "export again"
            )
    drafts = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[start + 1 : end]
        tagged = any(_TAG.match(line) for line in body)
        split = _tagged if tagged else _labelled
        drafts.append(draft_from_ovid(split(name, start + 1, body)))
    return drafts, []


def _tagged(name: str, start: int, body: list[str]) -> Entry:
    fields: Lines = []
    for number, line in enumerate(body, start + 1):
        if found := _TAG.match(line):
            fields.append((found.group(1), [(found.group(2) or "").strip()]))
        elif line.strip():
            if not fields:
                raise InvalidFile(
                    f"text before the first tag: {line.strip()[:40]!r}", f"{name}, line {number}", "export again"
                )
            fields[-1][1].append(line.strip())
    return Entry.of(start, fields)


def _labelled(name: str, start: int, body: list[str]) -> Entry:
    fields: Lines = []
    for number, line in enumerate(body, start + 1):
        if not line.strip():
            continue
        if not line[0].isspace():
            fields.append((_LABELS.get(line.strip(), line.strip()), []))
        elif fields:
            fields[-1][1].append(line.strip())
        else:
            raise InvalidFile(f"text without a label: {line.strip()[:40]!r}", f"{name}, line {number}", "export again")
    return Entry.of(start, fields)


_LABELS = {
    **{"Accession Number": "AN", "Author": "AU", "Authors": "AU", "Title": "TI", "Source": "SO", "Abstract": "AB"},
    **{"Author Keywords": "KW", "Language": "LG", "Document Type": "DT", "Publication Type": "PT", "ISSN": "IS"},
    **{"DOI Number": "DO", "Digital Object Identifier": "DO", "Unique Identifier": "UI", "Year of Publication": "YR"},
    **{"ISBN": "IB", "Publisher": "PB", "Subject Headings": "MH", "PMID": "PM"},
    "Link to the Ovid Full Text or citation": "XL",
}

OVID_FIELDS = {
    **{
        "AB": "abstract",
        "JN": "journal",
        "JT": "journal",
        "VO": "volume",
        "IP": "issue",
        "PG": "pages",
        "PU": "publisher",
    },
    **{"PB": "publisher", "IS": "serial", "IT": "serial", "IB": "serial", "DO": "doi", "DI": "doi", "PM": "pmid"},
    **{
        "PT": "publication_type",
        "DT": "publication_type",
        "JA": "journal_abbreviation",
        "URL": "url",
        "XL": "url",
        "FTURL": "url",
    },
}
"""Ovid field tags (also the columns of its spreadsheet) -> field of a draft."""


def draft_from_ovid(entry: Entry) -> Draft:
    """One Ovid entry (also a row of its spreadsheet export) as a draft."""
    draft = Draft(entry.line)
    for tag, raw in entry.fields:
        if tag == "TI":
            marker = _MARKER.search(clean(raw))
            draft.add("title", tag, _MARKER.sub("", clean(raw)))
            if marker and marker.group(1) != "References":
                draft.add("publication_type", tag, marker.group(1))
            elif marker:
                draft.note(tag, marker.group())
        elif tag == "AU":
            names = _names(raw)
            draft.add_author("\n".join(names))
            if any(part.strip() not in names for part in re.split(r"[;\n]", raw) if part.strip()):
                draft.note(tag, raw)  # degrees, roles and marks of affiliation
        elif tag in {"KW", "ID", "MH", "SH", "HW", "DE"}:
            for part in re.split(r"[;\n]|,(?= )" if tag == "ID" else r"[;\n]", raw):
                draft.add("mesh" if tag == "MH" else "keyword", tag, part.strip().rstrip("."))
        elif tag in {"LG", "LA"}:
            draft.add("language", tag, raw.strip().rstrip("."))
        elif tag in {"XL", "URL", "FTURL"} and not raw.strip().startswith("http"):
            draft.note(tag, raw)
        elif tag in OVID_FIELDS:
            draft.add(
                OVID_FIELDS[tag], tag, raw if tag == "AB" else re.sub(r"\s*\([^)]*\)$", "", raw) if tag == "IS" else raw
            )
        elif tag not in {"AN", "UI", "SO", "DP", "YR"}:
            draft.note(tag, raw)
    _identifiers(draft, entry)
    _source(draft, entry.first("SO"), entry.first("YR"), entry.first("DP"))
    return draft


def _names(raw: str) -> list[str]:
    found: list[str] = []
    for part in re.split(r"[;\n]", raw):
        if len(part) > 300:
            found.append(part)
            continue
        plain = _MARKS.sub("", _DEGREES.sub("", _MARKS.sub("", part.strip()))).strip(" ,;")
        if plain and not (found and re.fullmatch(r"(?:RN|PhD|MD|FAAN|MPH|MSc|BSc)[\s\d]*", plain)):
            found.append(plain)
    return found


def _identifiers(draft: Draft, entry: Entry) -> None:
    database = entry.first("DB").casefold()
    for tag in ("AN", "UI"):
        number = clean(entry.first(tag)).rstrip(".")
        # "Peer Reviewed Journal: 2015-33942-012" (PsycINFO)
        number = re.sub(r"^[A-Z][\w ]+: ", "", number)
        if number:
            draft.add("accession", tag, number)
            if "medline" in database:
                draft.add("pmid", tag, pmid_in(number))


_SOURCE = (
    # "Neurological Sciences. Vol.45,(3), 2024, pp. 1209-1216."
    re.compile(
        r"^(?P<journal>.+?)\.\s+Vol\.?\s*(?P<volume>[\w-]+),?\s*\(?(?P<issue>[^(),]*(?:\([^)]*\))?[^(),]*)\)?,\s.*?(?:pp\.?\s+(?P<pages>[\w-]+))?\.?\s*$"
    ),
    # "Ecohydrology.   8(6):1048-1064, September 2015." and "Official Gazette. 1288(3), Nov. 16, 2004."
    re.compile(
        r"^(?P<journal>.+?)\.\s+(?P<volume>\d+)\s*(?:\((?P<issue>[^)]*)\))?(?:\s*:\s*(?P<pages>[\w-]+)|\s*\((?P<bracket>[\w-]+)\))?[,;.]\s*(?P<date>.*)$"
    ),
    # "ACSM'S Health & Fitness Journal January/February 2010;14(1):56"
    re.compile(
        r"^(?P<journal>.+?)\s+(?P<date>[A-Z][\w/]+ \d{4});(?P<volume>\w+)(?:\((?P<issue>[^)]*)\))?:(?P<pages>[\w-]+)\.?$"
    ),
    # "medRxiv. (no pagination), 2023. Date of Publication: 15 Feb 2023."
    re.compile(r"^(?P<journal>[^.]+)\.\s+\(no pagination\)(?P<date>.*)$"),
)


def _source(draft: Draft, source: str, year: str, day: str) -> None:
    """Journal, volume, issue, pages and date out of the citation Ovid calls the source, where no tag says them."""
    source = clean(source)
    draft.note("SO", source)
    # A citation is short; on a very long text the forms would try for minutes.
    match = next((found for form in _SOURCE if len(source) < 2000 and (found := form.match(source))), None)
    parts = match.groupdict() if match else {}
    published = re.search(r"Date of Publication: ([^.]+)\.", source)
    for date in (day, published.group(1) if published else "", parts.get("date") or "", year):
        if re.search(r"\d{4}", date):
            draft.add("date", "DP" if date is day else "SO", date.strip(" .,"))
    for field in ("journal", "volume", "issue", "pages"):
        if not draft.get(field):
            draft.add(field, "SO", parts.get(field) or (parts.get("bracket") if field == "pages" else "") or "")
    if not draft.get("journal") and (first := re.match(r"^([^.()\d]+)\.\s*$", source)):
        draft.add("journal", "SO", first.group(1))
    if not draft.get("doi") and (named := dois(source)):
        draft.add("doi", "SO", named[0])
