"""Record: one bibliographic record as one source gave it.

Every parser in ``living_review.sources`` makes these, and nothing else; dedupe, screening and the summary read
nothing else. A record says what its source said: text is unescaped and white space folded, nothing is guessed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_BETWEEN_NAMES = re.compile(r"[\s.\-]+")
_WITHOUT_INITIALS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Kana, Han and Hangul: a part of such a name is not an initial of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One name of the by-line.

    A person has ``family`` (and ``given`` in full or as initials); a group has ``collective`` only.
    """

    family: str = ""
    given: str = ""
    suffix: str = ""
    collective: str = ""
    orcid: str = ""
    """Sixteen characters in four groups, ``0000-0002-1825-0097``, never a URL."""
    affiliations: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``Family, Given, Suffix`` or the collective name, as exports write it."""
        if self.collective:
            return self.collective
        return ", ".join(part for part in (self.family, self.given, self.suffix) if part)

    @property
    def short(self) -> str:
        """``Family GH`` as PubMed writes a citation, or the collective name; names in Han, kana and Hangul in full."""
        if self.collective or not self.given:
            return self.collective or self.family
        if _WITHOUT_INITIALS.search(self.given):
            return f"{self.family}{self.given}"
        initials = "".join(word[0] for word in _BETWEEN_NAMES.split(self.given) if word)
        given = self.given if self.given.isupper() and len(self.given) <= 3 else initials.upper()
        return f"{self.family} {given}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A link from this record to another one, as PubMed's CommentsCorrections states it.

    ``kind`` keeps PubMed's RefType word, for example ``RetractionIn`` (this record is retracted, the link is the
    notice) or ``RetractionOf`` (this record is the notice); see DTD 250101, CommentsCorrections.
    """

    kind: str
    pmid: str = ""
    citation: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of one source; identified by ``(source, source_id)``."""

    source: str
    """The source's short name: ``pubmed``, or what the importer called the database (``embase``)."""
    source_id: str
    """The source's own identifier; for a file without identifiers one made from the record's content."""
    kind: str = "article"
    """``article``, ``book``, ``chapter``, ``conference``, ``thesis``, ``report``, ``preprint``, ``other``."""
    title: str = ""
    vernacular_title: str = ""
    abstract: str = ""
    """Paragraphs parted by a line feed; a labelled paragraph starts ``LABEL: ``."""
    authors: tuple[Author, ...] = ()
    authors_complete: bool = True
    year: int | None = None
    published: str = ""
    """Date of publication as far as known: ``2021``, ``2021-03`` or ``2021-03-15``."""
    published_text: str = ""
    """The source's own words where they are not a date (``Winter-Spring 2004``, ``1998 Dec-1999 Jan``)."""
    journal: str = ""
    journal_abbreviation: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    pmid: str = ""
    pmcid: str = ""
    """With its prefix, ``PMC1234567``."""
    doi: str = ""
    """Lower case, without resolver address, ``10.1177/2055207621996870``."""
    issn: tuple[str, ...] = ()
    isbn: tuple[str, ...] = ()
    url: str = ""
    languages: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    """``Descriptor`` or ``Descriptor/qualifier``; a star ends a major topic (``Social Media*``)."""
    relations: tuple[Relation, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    """The source's own history, ISO dates: ``entrez``, ``pubmed``, ``medline``, ``revised``, ``completed``."""
    status: str = ""
    """PubMed's MedlineCitation Status (``MEDLINE``, ``Publisher``); empty elsewhere."""
    other_ids: Mapping[str, str] = field(default_factory=dict)
    """Further identifiers by kind: ``pii``, ``mid``, ``bookaccession``, ``nct``, ``wos``, ``embase``."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What the source said that has no field here, by the source's own tag, joined by ``; ``."""

    def to_dict(self) -> dict[str, Any]:
        """The record as plain JSON values; fields at their default are left out."""
        found = {}
        for name, empty in _FIELDS:
            value = getattr(self, name)
            if value not in empty:
                found[name] = _plain(value)
        return found

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Record:
        """The record that :meth:`to_dict` wrote.

        Raises:
            TypeError: If ``plain`` has a key that is no field of a record.
        """
        values: dict[str, Any] = dict(plain)
        for name in _TUPLES & values.keys():
            values[name] = tuple(values[name])
        if "authors" in values:
            values["authors"] = tuple(
                Author(**{**author, "affiliations": tuple(author.get("affiliations", ()))})
                for author in values["authors"]
            )
        if "relations" in values:
            values["relations"] = tuple(Relation(**relation) for relation in values["relations"])
        return cls(**values)

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything the source said; equal hashes mean nothing changed."""
        return hash_of(self.to_dict())


def hash_of(plain: Mapping[str, Any]) -> str:
    """The :attr:`Record.content_hash` of the record that :meth:`Record.to_dict` wrote as ``plain``."""
    return hashlib.sha256(canonical_json(plain)).hexdigest()


def canonical_json(value: Any) -> bytes:
    """``value`` as UTF-8 JSON with sorted keys and no spare white space: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


_TUPLES = {"issn", "isbn", "languages", "publication_types", "keywords", "mesh"}
_EMPTY: dict[str, tuple[Any, ...]] = {
    "source": (),
    "source_id": (),
    "kind": ("article",),
    "authors_complete": (True,),
    "dates": ({},),
    "other_ids": ({},),
    "notes": ({},),
}
_FIELDS = tuple((item.name, _EMPTY.get(item.name, (None, "", ()))) for item in fields(Record))
"""Every field with the values that are left out."""
_PARTS = {kind: tuple(item.name for item in fields(kind)) for kind in (Author, Relation)}


def _plain(value: Any) -> Any:
    # By hand, for every record passes here: dataclasses.asdict copies each value deeply and takes several times as long.
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if names := _PARTS.get(type(value)):
        return {name: _plain(part) for name in names if (part := getattr(value, name)) not in ("", ())}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item not in ("", ())}
    return value
