"""PubMed's "Summary (text)": numbered citations, one a paragraph, each ending with its PMID.

Promises: one record for every number, which must run 1, 2, 3 … without a gap; the whole citation is kept in the notes,
because a citation does not say for certain where its title ends.
"""

from __future__ import annotations

import re

from living_review.errors import InvalidFile
from living_review.sources.decoding import split_lines
from living_review.sources.draft import Draft
from living_review.sources.values import clean, dois

_NUMBERED = re.compile(r"^(\d+): (\S.*)$")
_DATE = r"(?:1[89]|20)\d\d(?:[ ][A-Z][a-z]{2}(?:[-/][A-Z][a-z]{2})?(?:[ ]\d{1,2}(?:-\d{1,2})?)?|[ ][A-Z][a-z]+)?"
_PUBLISHED = re.compile(rf"\.[ ](?P<date>{_DATE})(?=[.;:])")
# "J Chem. (Lond)", "J. Foo, Bar": a full stop before a bracket or comma ends no sentence.
_SENTENCE_END = re.compile(r"[.?!] (?!\()")
_VOLUME = re.compile(r"^;\s*(?P<volume>[^:;.()]*)(?:\((?P<issue>[^)]*)\))?(?::\s*(?P<pages>[^.]+))?\.")
_AUTHOR = re.compile(r"[^.,;]+\s[^\W\d_a-z]{1,5}(?:\s(?:Jr|Sr|2nd|3rd|4th|II|III))?")


def read_summary(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The citations of a PubMed summary as drafts, and remarks.

    Raises:
        InvalidFile: If a number is missing in the sequence, a citation has no PMID, or text stands before the first.
    """
    citations: list[tuple[int, list[str]]] = []
    blank = True
    for number, line in enumerate(split_lines(text), 1):
        found = _NUMBERED.match(line) if blank else None
        if found:
            if int(found.group(1)) != len(citations) + 1:
                what = f"citation {found.group(1)} where {len(citations) + 1} was expected"
                raise InvalidFile(what, f"{name}, line {number}", "export the list again, unedited")
            citations.append((number, [found.group(2)]))
        elif line.strip():
            if not citations:
                raise InvalidFile("text before citation 1", f"{name}, line {number}", "export the list again, unedited")
            citations[-1][1].append(line)
        blank = not line.strip()
    return [_draft(name, line, lines) for line, lines in citations], []


def _draft(name: str, line: int, lines: list[str]) -> Draft:
    # PubMed breaks lines at hyphens too: "the anterior-/to-psoas" is one word.
    citation = clean(re.sub(r"(?<=\w-)\n(?=\w)", "", "\n".join(part.strip() for part in lines)))
    pmids = re.findall(r"\bPMID: (\d+)", citation)
    if not pmids:
        raise InvalidFile("a citation without PMID", f"{name}, line {line}", "export the list again, unedited")
    draft = Draft(line, default_kind="article")
    draft.add("pmid", "PMID", pmids[-1])
    draft.add("accession", "PMID", pmids[-1])
    if match := re.search(r"\bPMCID: (PMC\d+)", citation):
        draft.add("pmcid", "PMCID", match.group(1))
    if match := re.search(r"\bdoi: (10\.\d{4,}\S+)", citation):
        draft.add("doi", "doi", next(iter(dois(match.group(1))), ""))
    draft.note("citation", citation)
    add_citation(draft, citation)
    return draft


def add_citation(draft: Draft, citation: str) -> None:
    """Add authors, title, journal, date, volume, issue and pages of one citation in PubMed's style to ``draft``."""
    head, journal, date, rest = _divide(citation)
    byline, stop, title = head.partition(". ")
    names, _, group = byline.partition("; ")
    people = names.split(", ")
    # "US Preventive Services Task Force, Krist AH, …, Shalimar, Berckel BNM van": most names end in initials, not all.
    if stop and sum(1 for name in people if _AUTHOR.fullmatch(name)) >= 0.6 * len(people):
        draft.add_author(";".join(people))
        if group:
            draft.add_author(f"{group},")
    else:
        title = head
    draft.add("title", "title", title)
    if journal:
        draft.add("journal", "journal", journal)
        _place(draft, date, rest)


def _divide(citation: str) -> tuple[str, str, str, str]:
    """Authors and title, journal, date, and what follows it; only the first part if no date is found."""
    for published in _PUBLISHED.finditer(citation):
        ends = list(_SENTENCE_END.finditer(citation, 0, published.start()))
        if ends:
            head, journal = citation[: ends[-1].start() + 1], citation[ends[-1].end() : published.start()]
            return head, journal, published.group("date"), citation[published.end() :]
    return re.split(r"\. (?=(?:1[89]|20)\d\d\b)|\bdoi: |\bPMID: ", citation)[0], "", "", ""


def add_place(draft: Draft, place: str) -> None:
    """Add what a citation without authors and title says (``Nature. 2021 Dec 21;1(2):10-11.``), as spreadsheets have it."""
    if match := re.match(rf"^(?P<journal>[^;]*?)\.\s+(?P<date>{_DATE})(?P<rest>[.;:].*)$", place):
        if not draft.get("journal"):
            draft.add("journal", "journal", match.group("journal"))
        _place(draft, match.group("date"), match.group("rest"))


def _place(draft: Draft, date: str, rest: str) -> None:
    draft.add("date", "date", date)
    if place := _VOLUME.match(rest):
        for field in ("volume", "issue", "pages"):
            draft.add(field, field, place.group(field) or "")
