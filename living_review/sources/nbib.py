"""MEDLINE text: what PubMed's "Send to: Citation manager" (.nbib) and "Format: PubMed" give, and ERIC's like of it.

The lines are split here and not by Bio.Medline, which takes ``PMID-22664220`` for the number 2664220, makes one
record for a file that is none, and knows no line numbers. Promises: one record for every block that starts with a
tag; a broken line inside a value is joined to it and named in a remark; lines outside records are named in a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from living_review.records import Author, Relation
from living_review.sources.decoding import split_lines
from living_review.sources.draft import Draft
from living_review.sources.entries import Entry, Lines, line_numbers, passed_over
from living_review.sources.identifiers import normal_orcid
from living_review.sources.names import parse_name
from living_review.sources.values import clean, dois, parse_date, pmid_in

_KNOWN = frozenset(
    re.findall(
        r"\w+",
        "AB AD AID AU AUID BTI CDAT CI CIN CN COI COIS COL CON CP CRDT CRF CRI CTDT CTI DA DCOM DDIN DEP DP DRIN ECF ECI "
        "ED EDAT EFR EIN EN FAU FED FIR FPS GN GR GS IP IR IRAD IS ISBN ISSN JID JT LA LID LR MH MHDA MID OAB OABL OCI "
        "OID ORI OT OTO OWN PB PG PHST PL PMC PMCR PMID PRIN PROF PS PST PT PUBM RF RIN RN ROF RPF RPI RRF RRI SB SFM SI "
        "SO SPIN STAT TA TI TT UIN UOF USIN VI VTI",
    )
)
"""NLM's field tags (MEDLINE/PubMed Data Element Descriptions) and those ERIC adds."""
_LINE = re.compile(r"^\ufeff*([A-Z]{2,4})[ \t]*-[ \t]?(.*)$")
_CANONICAL = re.compile(r"^\ufeff*[A-Z]{1,3} *- |^\ufeff*[A-Z]{4}- ")


def split_nbib(text: str) -> tuple[list[Entry], list[str]]:
    """The entries of a MEDLINE text file and remarks about lines that fit no rule."""
    entries: list[Entry] = []
    passed: list[tuple[int, str]] = []
    odd: list[int] = []
    fields: Lines = []
    start, blank = 0, True
    for number, line in enumerate(split_lines(text), 1):
        if not line.strip():
            blank = True
            continue
        found = _LINE.match(line)
        is_tag = bool(found and (found.group(1) in _KNOWN or _CANONICAL.match(line)))
        if found and is_tag:
            # Records are parted by a blank line; a second PMID without one is a file glued together.
            if blank or (found.group(1) == "PMID" and any(tag == "PMID" for tag, _ in fields)):
                if fields:
                    entries.append(Entry.of(start, fields, " "))
                start, fields = number, []
            fields.append((found.group(1), [found.group(2).strip()]))
        elif fields and (line[0].isspace() or not blank):
            if not line[0].isspace():
                odd.append(number)
            fields[-1][1].append(line.strip())
        else:
            passed.append((number, line))
            continue
        blank = False
    if fields:
        entries.append(Entry.of(start, fields, " "))
    remarks = passed_over(passed)
    if odd:
        remarks.append(f"joined to the line above though they are not indented: {line_numbers(odd)}")
    if (
        len(entries) > 1
        and all(entry.has("SO") and entry.has("PMID") for entry in entries[:-1])
        and not entries[-1].has("SO")
    ):
        remarks.append(f"the last record (line {entries[-1].line}) ends without SO: the file may have been cut short")
    return entries, remarks


_RELATIONS = {
    **{"CIN": "CommentIn", "CON": "CommentOn", "EIN": "ErratumIn", "EFR": "ErratumFor"},
    **{"CRI": "CorrectedandRepublishedIn", "CRF": "CorrectedandRepublishedFrom"},
    **{"DDIN": "AssociatedDataset", "DRIN": "AssociatedPublication"},
    **{"ECI": "ExpressionOfConcernIn", "ECF": "ExpressionOfConcernFor"},
    **{"PRIN": "PartialRetractionIn", "PROF": "PartialRetractionOf", "RIN": "RetractionIn", "ROF": "RetractionOf"},
    **{"RPI": "RepublishedIn", "RPF": "RepublishedFrom"},
    **{"RRI": "RetractedandRepublishedIn", "RRF": "RetractedandRepublishedFrom"},
    **{"UIN": "UpdateIn", "UOF": "UpdateOf", "SPIN": "SummaryForPatientsIn", "ORI": "OriginalReportIn"},
}
"""MEDLINE text tag -> RefType of the XML (NLM, MEDLINE/PubMed Data Element Descriptions, CIN to UOF)."""

_FIELDS = {
    **{"TI": "title", "BTI": "title", "TT": "vernacular_title", "AB": "abstract", "JT": "journal", "LA": "language"},
    **{"TA": "journal_abbreviation", "VI": "volume", "IP": "issue", "PG": "pages", "PB": "publisher", "PMC": "pmcid"},
    **{"IS": "serial", "ISBN": "serial", "ISSN": "serial", "PT": "publication_type", "OT": "keyword", "DP": "date"},
    **{"STAT": "status", "PMID": "pmid"},
}
_HISTORY = {
    "CRDT": "entrez",
    "EDAT": "pubmed",
    "MHDA": "medline",
    "LR": "revised",
    "DCOM": "completed",
    "DEP": "epublish",
}


def read_nbib(text: str) -> tuple[list[Draft], list[str]]:
    """The records of a MEDLINE text file as drafts, and remarks."""
    entries, remarks = split_nbib(text)
    return [_draft(entry) for entry in entries], remarks


def _draft(entry: Entry) -> Draft:
    draft = Draft(entry.line, default_kind="article")
    titles = [value for tag, value in entry.fields if tag == "TI"]
    draft.add("title", "TI", " ".join(titles))
    _authors(draft, entry)
    for tag, value in entry.fields:
        if tag in _FIELDS:
            if tag != "TI":
                draft.add(_FIELDS[tag], tag, value)
        elif tag in _RELATIONS:
            draft.relations.append(
                Relation(kind=_RELATIONS[tag], pmid=pmid_in(value) if "PMID" in value else "", citation=clean(value))
            )
        elif tag in _HISTORY:
            _history(draft, _HISTORY[tag], tag, value)
        else:
            _OTHER.get(tag, Draft.note)(draft, tag, value)
    if draft.get("pmid"):
        draft.add("accession", "PMID", pmid_in(draft.get("pmid")))
    elif entry.has("BTI") or entry.has("CTI"):
        draft.default_kind = "book"
    return draft


def _authors(draft: Draft, entry: Entry) -> None:
    """FAU, AU, AUID and AD of one author stand together; AU alone counts where there is no FAU."""
    full: Author | None = None
    for tag, value in entry.fields:
        value = clean(value)
        if not value:
            continue
        if tag == "FAU":
            full = parse_name(value)
            draft.authors.append(full)
        elif tag == "AU" and value.rstrip(".").casefold() == "et al":
            draft.authors_complete = False
        elif tag == "AU":
            if full is None:
                draft.authors.append(parse_name(value))
            full = None
        elif tag == "CN":
            draft.authors.append(Author(collective=value))
        elif tag in {"AD", "AUID"} and not draft.authors:
            draft.note(tag, value)  # records before 1988 or so give one address, above the authors
        elif tag in {"AD", "AUID"}:
            last = draft.authors[-1]
            orcid = normal_orcid(value) if tag == "AUID" else ""
            places = (*last.affiliations, value) if tag == "AD" else last.affiliations
            draft.authors[-1] = Author(
                family=last.family,
                given=last.given,
                suffix=last.suffix,
                collective=last.collective,
                orcid=last.orcid or orcid,
                affiliations=places,
            )
            if tag == "AUID" and not orcid:
                draft.note(tag, value)


def _history(draft: Draft, name: str, tag: str, value: str) -> None:
    _, iso, _ = parse_date(value.split()[0] if value else "")
    if len(iso) == 10:
        draft.dates.setdefault(name, iso)
    else:
        draft.note(tag, value)


def _status_date(draft: Draft, tag: str, value: str) -> None:
    match = re.fullmatch(r"(\S+)(?: [\d:]+)? \[(\w+)\]", value)
    if match:
        _history(draft, match.group(2), tag, match.group(1))
    else:
        draft.note(tag, value)


def _identifier(draft: Draft, tag: str, value: str) -> None:
    if value.endswith("[doi]") or dois(value):
        draft.add("doi", tag, value)
    elif value.endswith("[pii]"):
        draft.identify("pii", value.removesuffix("[pii]"))
    elif value.endswith("[bookaccession]"):
        draft.identify("bookaccession", value.removesuffix("[bookaccession]"))
    elif value.startswith("http"):
        draft.add("url", tag, value)
    else:
        draft.note(tag, value)


def _heading(draft: Draft, tag: str, value: str) -> None:
    """``Women, Working/*history/psychology`` -> ``Women, Working/history*`` and ``Women, Working/psychology``."""
    descriptor, *qualifiers = value.split("/")
    starred = "*" if descriptor.startswith("*") else ""
    descriptor = descriptor.lstrip("*")
    if not qualifiers:
        draft.add("mesh", tag, f"{descriptor}{starred}")
    for qualifier in qualifiers:
        major = "*" if qualifier.startswith("*") else starred
        draft.add("mesh", tag, f"{descriptor}/{qualifier.lstrip('*')}{major}")


def _other_id(draft: Draft, tag: str, value: str) -> None:
    if tag == "MID" and value:
        draft.identify("mid", value)
    elif tag == "OID" and re.fullmatch(r"E[JD]\d+", value):
        draft.identify("eric", value)
    elif tag == "SI" and (match := re.search(r"\bNCT\d{8}\b", value)):
        draft.identify("nct", match.group())
    else:
        draft.note(tag, value)


def _ignore(draft: Draft, tag: str, value: str) -> None:
    """Author tags are read by :func:`_authors`."""


_OTHER: dict[str, Callable[[Draft, str, str], None]] = {
    **dict.fromkeys(("LID", "AID"), _identifier),
    **dict.fromkeys(("MID", "OID", "SI"), _other_id),
    **dict.fromkeys(("FAU", "AU", "CN", "AD", "AUID"), _ignore),
    "MH": _heading,
    "PHST": _status_date,
}
