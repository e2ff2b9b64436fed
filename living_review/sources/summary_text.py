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
_CITED = re.compile(
    rf"^(?P<head>.+?)[ ](?P<journal>(?:[^.?]|\.(?=[,:)]|\s*\())+)\.[ ](?P<date>{_DATE})(?P<rest>[.;:].*)$", re.DOTALL
)
_VOLUME = re.compile(r"^;\s*(?P<volume>[^:;.()]*)(?:\((?P<issue>[^)]*)\))?(?::\s*(?P<pages>[^.]+))?\.")
_AUTHOR = r"[^.,;]+?\s[^\W\d_a-z]{1,4}(?:\s(?:Jr|Sr|2nd|3rd|4th|II|III))?"
_BYLINE = re.compile(
    rf"^(?P<authors>(?:[^.,;]+, )?{_AUTHOR}(?:, {_AUTHOR})*(?:, et al)?(?:; [^.]+)?)\.\s+(?P<title>.+)$", re.DOTALL
)


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
    cited = _CITED.match(citation)
    head = cited.group("head") if cited else re.split(r"\. (?=(?:1[89]|20)\d\d\b)|\bdoi: |\bPMID: ", citation)[0]
    byline = _BYLINE.match(head)
    draft.add("title", "title", byline.group("title") if byline else head)
    if byline:
        names, _, group = byline.group("authors").partition("; ")
        draft.add_author(";".join(names.split(", ")))
        if group:
            draft.add_author(f"{group},")
    if cited:
        draft.add("journal", "journal", cited.group("journal"))
        _place(draft, cited.group("date"), cited.group("rest"))


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
