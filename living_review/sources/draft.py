"""A record being put together from the lines or cells of one entry of a file, whatever the format.

Format modules say what a value is (``title``, ``date``, ``doi``); this module makes it a Record, the same way for every
format. Promises: a value that fits no field of a Record goes to its notes under the source's own tag, so nothing an
export says is lost; the same entry always gives the same record and the same source id.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from living_review.records import Author, Record, Relation, canonical_json
from living_review.sources.names import parse_names, split_byline
from living_review.sources.values import (
    clean,
    doi_in_url,
    dois,
    join_pages,
    kind_of,
    paragraphs,
    parse_date,
    pmcid_in,
    pmid_in,
    serials,
    volume_and_issue,
)

# Types that say no more than the kind they become.
_USUAL_KINDS = {
    *("jour", "journal", "journal article", "article", "book", "chap", "book section", "conf", "thes", "thesis"),
    *("rprt", "report", "gen", "generic", "dissertation", "phdthesis", "inproceedings", "incollection"),
}

# What databases and R or Python write where there is no abstract; kept in the notes.
_NO_ABSTRACT = {"na", "nan", "null", "n/a", "[no abstract available]", "no abstract available", "no abstract"}


@dataclass(slots=True)
class Draft:
    """What one entry of a file says, by the field of a record it belongs to.

    Single-valued fields take the first value that says anything; the others go to the notes.
    """

    position: int
    """Line (or row) of the file the entry starts at, counted from one."""
    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By field: pairs of the source's own tag and the text."""
    authors: list[Author] = field(default_factory=list)
    authors_complete: bool = True
    relations: list[Relation] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)
    other_ids: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    undated: str = ""
    """What stands where its year should, of a record made without a year."""
    default_kind: str = ""
    """What it is where the source does not say: if empty, an article if it has a journal, else ``other``."""

    def add(self, name: str, tag: str, text: str) -> None:
        """Add ``text``, which the source gave under ``tag``, to the field ``name``; blank text is nothing."""
        if text.strip():
            self.values.setdefault(name, []).append((tag, text))

    def note(self, tag: str, text: str) -> None:
        """Keep ``text`` under the source's own ``tag``, once."""
        text = clean(text)
        if text and text not in self.notes.get(tag, []):
            self.notes.setdefault(tag, []).append(text)

    def add_author(self, text: str) -> None:
        """Add the name in ``text``, or the names where semicolons or line feeds part them."""
        self._add_names(re.split(r"[;\n]", text))

    def add_byline(self, text: str, *, pairs: bool = False) -> None:
        """Add the names of a whole by-line (see :func:`living_review.sources.names.split_byline`)."""
        self._add_names(split_byline(text, pairs=pairs))

    def _add_names(self, parts: Iterable[str]) -> None:
        authors, complete = parse_names(parts)
        self.authors.extend(authors)
        self.authors_complete &= complete

    def get(self, name: str) -> str:
        """The first text of a field, raw; empty if there is none."""
        return self.values[name][0][1] if self.values.get(name) else ""

    def identify(self, kind: str, value: str) -> None:
        """Keep a further identifier; the first of its kind stands."""
        if value.strip():
            self.other_ids.setdefault(kind, clean(value))

    def record(self, source: str) -> Record:
        """The Record; its source id is the database's own identifier, or made from the content."""
        doi, url = self._doi(), self._first("url")
        year, published, published_text = self._dates()
        volume, issue = volume_and_issue(self._first("volume"), self._first("issue"))
        issn, isbn = self._serials()
        types = tuple(dict.fromkeys(clean(text) for _, text in self.values.pop("publication_type", [])))
        kind_words = [text for _, text in self.values.get("kind", [])]
        for tag, text in self.values.pop("kind", []):
            if clean(text).casefold() not in _USUAL_KINDS:
                self.note(tag, text)
        values = {
            "kind": _kind(kind_words, types, self.default_kind or ("article" if self.get("journal") else "other")),
            "title": self._first("title"),
            "vernacular_title": self._first("vernacular_title"),
            "abstract": self._abstract(),
            "authors": tuple(self.authors),
            "authors_complete": self.authors_complete,
            "year": year,
            "published": published,
            "published_text": published_text,
            "journal": self._first("journal"),
            "journal_abbreviation": self._first("journal_abbreviation"),
            "volume": volume,
            "issue": issue,
            "pages": self._pages(),
            "publisher": self._first("publisher"),
            "pmid": self._identifier("pmid", pmid_in),
            "pmcid": self._identifier("pmcid", pmcid_in),
            "doi": doi,
            "issn": issn,
            "isbn": isbn,
            "url": url,
            "languages": self._all("language"),
            "publication_types": tuple(text for text in types if text),
            "keywords": self._all("keyword"),
            "mesh": self._all("mesh"),
            "relations": tuple(self.relations),
            "dates": dict(self.dates),
            "status": self._first("status"),
        }
        accession = self._first("accession")
        for name in list(self.values):
            for tag, text in self.values.pop(name):
                self.note(tag, text)
        record = Record(
            source=source,
            source_id="",
            other_ids=dict(self.other_ids),
            notes={tag: "; ".join(texts) for tag, texts in self.notes.items()},
            **values,  # type: ignore[arg-type]
        )
        return _with_id(record, accession)

    def _first(self, name: str) -> str:
        """The first value of a field; further ones that say something else become notes."""
        found = [(tag, clean(text)) for tag, text in self.values.pop(name, [])]
        found = [(tag, text) for tag, text in found if text]
        for tag, text in found[1:]:
            if text.casefold() != found[0][1].casefold():
                self.note(tag, text)
        return found[0][1] if found else ""

    def _all(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for _, raw in self.values.pop(name, []) if (text := clean(raw))))

    def _abstract(self) -> str:
        kept: list[str] = []
        for tag, raw in self.values.pop("abstract", []):
            text = paragraphs(raw)
            if text.casefold() in _NO_ABSTRACT:
                self.note(tag, text)
            elif text and not any(text in other for other in kept):
                kept = [other for other in kept if other not in text] + [text]
        return "\n".join(kept)

    def _identifier(self, name: str, find: object) -> str:
        """The first value that is an identifier of its kind; what is none becomes a note."""
        kept = ""
        for tag, raw in self.values.pop(name, []):
            found = find(raw)  # type: ignore[operator]
            if not found or (kept and found != kept):
                self.note(tag, raw)
            kept = kept or found
        return kept

    def _serials(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        given = self.values.pop("serial", [])
        for tag, text in given:
            if not any(serials(text)):
                self.note(tag, text)
        return serials(" ; ".join(text for _, text in given))

    def _doi(self) -> str:
        found: dict[str, None] = {}
        for tag, raw in self.values.pop("doi", []):
            named = dois(raw)
            found.update(dict.fromkeys(named))
            if not named:
                self.note(tag, raw)
        if not found:
            found.update(
                dict.fromkeys(doi for _, raw in self.values.get("url", []) if (doi := doi_in_url(raw.strip())))
            )
        elif len(found) > 1:
            for doi in list(found)[1:]:
                self.note("doi", doi)
        return next(iter(found), "")

    def _dates(self) -> tuple[int | None, str, str]:
        """Year, the most precise date of that year, and the source's words where they are no date."""
        entries = [(tag, clean(raw), *parse_date(raw)) for tag, raw in self.values.pop("date", [])]
        dated = [entry for entry in entries if entry[2] is not None]
        for tag, text, year, _, _ in entries:
            if year is None:
                self.note(tag, text)
        if not dated:
            self.undated = ", ".join(dict.fromkeys(text for _, text, *_ in entries if text))
            return None, "", ""
        year = dated[0][2]
        # "2013/02/15/received" dates the manuscript, not the publication.
        same = [entry for entry in dated if entry[2] == year and not re.search(r"receiv|accept|revis", entry[1])]
        best = max(same or dated[:1], key=lambda entry: len(entry[3]))
        words = next((entry[4] for entry in same if entry[4]), "")
        for tag, text, other, iso, _ in dated:
            if other != year or not best[3].startswith(iso) or re.search(r"receiv|accept|revis", text):
                self.note(tag, text)
        return year, best[3], words if len(best[3]) == 4 else ""

    def _pages(self) -> str:
        first, last = self._first("first_page"), self._first("last_page")
        pages, article = self._first("pages"), self._first("article_number")
        for tag, text in (("pages", pages), ("pages", first)):
            if re.match(r"no[ -].*specified", text, re.IGNORECASE):  # PsycInfo's way to say there are none
                self.note(tag, text)
                pages, first = ("", first) if text == pages else (pages, "")
        joined = join_pages(first, last) or join_pages(pages, "") or article
        if article and article != joined:
            self.note("article number", article)
        return joined


def _kind(words: Iterable[str], types: Sequence[str], default: str) -> str:
    """A journal's type of work may say more: EMBASE files a conference abstract or a preprint as ``JOUR``."""
    kind = kind_of(words, "")
    by_type = [kind_of([text], "") for text in types]
    telling = next((found for found in by_type if found in {"conference", "preprint"}), next(filter(None, by_type), ""))
    if not kind or (kind == "article" and telling in {"conference", "preprint"}):
        return telling or default
    return kind


_DATABASE_IDS = ("wos", "embase", "eid", "lens", "openalex", "eric", "dimensions")
"""Identifiers a database gives its own records, kept in ``other_ids``; any of them may stand as the source id."""


def _with_id(record: Record, accession: str) -> Record:
    own = next((record.other_ids[kind] for kind in _DATABASE_IDS if record.other_ids.get(kind)), "")
    return replace(record, source_id=accession or own or record.pmid or content_id(record))


def content_id(record: Record) -> str:
    """``sha256:`` and sixteen hex digits over what identifies a work, for a file without identifiers.

    Letters and digits of title, names, year, journal, volume, issue, pages and DOI; the abstract only without a
    title; everything if there is none of these. Counts of citations and export dates in the notes do not change it.
    """
    core = [record.title, *(author.name for author in record.authors), str(record.year or ""), record.journal]
    core += [record.volume, record.issue, record.pages, record.doi]
    if not record.title:
        core.append(record.abstract)
    words = ["".join(filter(str.isalnum, part.casefold())) for part in core]
    if not any(words):
        words = [canonical_json({**record.to_dict(), "source": "", "source_id": ""}).decode()]
    return "sha256:" + hashlib.sha256(canonical_json(words)).hexdigest()[:16]
