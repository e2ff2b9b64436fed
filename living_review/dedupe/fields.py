"""What is compared of a record: its fields made comparable, once."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from urllib.parse import unquote

from living_review.dedupe import people, place, title
from living_review.dedupe.text import folded, squeezed, unmarked
from living_review.records import Author, Record
from living_review.sources.values import serials

ABSTRACT = 240
"""Letters, digits and blanks of an abstract that are compared; it differs early or not at all."""

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_NONE: frozenset[str] = frozenset()
_PREPRINT_SERVERS = re.compile(
    r"\b(?:bio ?rxiv|med ?rxiv|arxiv|chem ?rxiv|psyarxiv|socarxiv|ssrn|research square|preprints?|authorea|f1000research "
    r"version|osf)\b"
)
_PREPRINT_DOI = re.compile(
    r"^10\.(?:1101/(?:\d{4}\.|\d{6})|48550/|21203/rs|31234/|2139/ssrn|20944/preprints|31219/|22541/|36227/|26434/)"
)
"""bioRxiv and medRxiv, arXiv, Research Square, PsyArXiv, SSRN, Preprints.org, OSF, Authorea, TechRxiv, ChemRxiv."""
_NOTICE_TYPES = {
    "published erratum": "erratum",
    "retraction of publication": "retraction",
    "retraction notice": "retraction",
    "expression of concern": "concern",
}
"""PubMed's publication types of notices (the second and third name the notice, never the article it is about)."""


_UNTITLED = title.Title()
_NOBODY = people.Byline(())


class Fields(NamedTuple):
    """One record as it is compared; what it does not give is empty."""

    title: title.Title = _UNTITLED
    byline: people.Byline = _NOBODY
    year: int = 0
    journal: tuple[str, ...] = ()
    volume: tuple[str, str] = ("", "")
    """Volume and issue."""
    pages: place.Pages = ()
    doi: str = ""
    pmid: str = ""
    abstract: str = ""
    serials: frozenset[str] = frozenset()
    """ISSN and ISBN without hyphens."""
    kind: str = ""
    """``conference``, ``preprint``, or empty where it is another kind or not known."""
    notice: str = ""
    """Which kind of notice it is; see :attr:`living_review.dedupe.title.Title.notice`."""
    source: str = ""
    """The database; two ids of one database are rarely one report."""
    is_of_pubmed: bool = False
    """Whether PubMed itself gave it: two PMIDs of PubMed are two reports."""

    @property
    def people(self) -> tuple[people.Person, ...]:
        """The people of the by-line in their order."""
        return self.byline.people

    @property
    def is_whole(self) -> bool:
        """Whether title, author and year are there; one that lacks any of them joins no two clusters."""
        return bool(self.title.forms and self.byline.first and self.year)


def of_columns(
    title_: str,
    author: str = "",
    year: str = "",
    journal: str = "",
    volume: str = "",
    number: str = "",
    pages: str = "",
    doi: str = "",
    isbn: str = "",
    abstract: str = "",
    pmid: str = "",
) -> Fields:
    """The fields of one row of text columns, as exports write them."""
    return _fields(
        title.read(title_), people.read(author), _year(year), journal, volume, number, pages, doi, isbn, abstract, pmid
    )


def of_record(record: Record) -> Fields:
    """The fields of a record."""
    types = [kind.lower() for kind in record.publication_types]
    read = title.read(record.title, record.vernacular_title)
    named = [kind for kind in map(_NOTICE_TYPES.get, types) if kind]
    return _fields(
        read,
        people.Byline(map(_name, record.authors)),
        record.year or 0,
        record.journal,
        record.volume,
        record.issue,
        record.pages,
        record.doi,
        " ".join((*record.issn, *record.isbn)),
        record.abstract,
        record.pmid,
        kind="preprint" if "preprint" in types else record.kind,
        notice=named[0] if named else "",
        source=record.source,
        is_of_pubmed=is_of_pubmed(record),
    )


def is_of_pubmed(record: Record) -> bool:
    """Whether PubMed itself gave the record, whatever its search is called: only there a record has a status."""
    return record.source == "pubmed" or bool(record.status)


def _fields(
    read: title.Title,
    byline: people.Byline,
    year: int,
    journal: str,
    volume: str,
    issue: str,
    pages: str,
    doi: str,
    numbers: str,
    abstract: str,
    pmid: str,
    *,
    kind: str = "",
    notice: str = "",
    source: str = "",
    is_of_pubmed: bool = False,
) -> Fields:
    journals = place.read_journal(journal)
    identifier = read_doi(doi)
    if _is_preprint_server(journals[0]) if journals else _PREPRINT_DOI.match(identifier):
        # A journal's article may carry the DOI of its preprint.
        kind = "preprint"
    return Fields(
        title=read,
        byline=byline,
        year=year,
        journal=journals,
        volume=place.read_volume(volume, issue, year),
        pages=place.read_pages(pages),
        doi=identifier,
        pmid=pmid.strip(),
        abstract=_abstract(abstract[: ABSTRACT * 2]) if abstract else "",
        serials=_serials(numbers) if numbers else _NONE,
        kind=kind if kind in {"conference", "preprint"} else "",
        notice=notice or read.notice,
        source=source,
        is_of_pubmed=is_of_pubmed,
    )


@lru_cache(maxsize=20_000)
def _is_preprint_server(journal: str) -> bool:
    return _PREPRINT_SERVERS.search(journal) is not None


def _name(author: Author) -> str:
    if author.collective:
        return squeezed(author.collective)
    return f"{author.family}, {author.given}" if author.given else author.family


@lru_cache(maxsize=5_000)
def _year(text: str) -> int:
    found = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)
    return int(found.group()) if found else 0


@lru_cache(maxsize=20_000)
def _serials(text: str) -> frozenset[str]:
    return frozenset(one.replace("-", "") for one in chain(*serials(text)))


@lru_cache(maxsize=20_000)
def _abstract(text: str) -> str:
    return folded(unmarked(text))[:ABSTRACT]


def read_doi(text: str) -> str:
    """The DOI in ``text`` in lower case, without resolver address; empty where there is none."""
    if not text:
        return ""
    found = _DOI.search(unquote(text).lower() if "%" in text else text.lower())
    return found.group().rstrip(".,;)]}") if found else ""
