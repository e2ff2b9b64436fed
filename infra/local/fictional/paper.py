"""What a made-up paper is: bibliography, text, and what a review team would decide and chart about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

MARK = "Made-up record for demonstration"
"""Stands in every record, so that none is ever taken for a real one."""


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up author with an affiliation."""

    family: str
    given: str
    affiliation: str
    orcid: str = ""

    @property
    def initials(self) -> str:
        """First letters of the given names, ``AB``."""
        return "".join(part[0] for part in self.given.replace("-", " ").split()).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charting:
    """The answers that the template's charting form (version 1) gets for an eligible study."""

    country: str
    """ISO 3166-1 alpha-2 code."""
    aim: str
    design: str
    sample_size: int
    communication_model: str
    population: tuple[str, ...]
    qi_activity: tuple[str, ...]
    platform: tuple[str, ...]
    qi_stage: tuple[str, ...]
    model: tuple[str, ...]
    key_finding: str
    """Word for word in the abstract: the quote that the coding rests on."""

    def to_dict(self) -> dict[str, Any]:
        """The answers by the field names of the template; answers of several choices are lists."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A CommentsCorrections entry: RefType and the DOI of the other record."""

    kind: str
    doi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One made-up paper. ``title`` and abstract texts may hold inline markup as XML (``<i>``), ``&amp;`` escaped."""

    title: str
    abstract: tuple[tuple[str, str], ...] = ()
    """(label, text); an empty label for an abstract in one piece."""
    people: tuple[Person, ...] = ()
    collective: str = ""
    journal: int = 0
    published: date
    entered: date
    """First day in PubMed (Create Date)."""
    doi: str
    types: tuple[str, ...] = ("Journal Article",)
    mesh: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    language: str = "eng"
    vernacular: str = ""
    links: tuple[Link, ...] = ()
    book: bool = False
    volume: int = 1
    issue: int = 1
    first_page: int = 1
    reason: str = ""
    """Why a review leaves it out (an exclusion reason of the template); empty for an eligible one."""
    charting: Charting | None = None
    study: str = ""
    """Reports of one study share it."""
    source: str = "pubmed"
    """The only database that has it; ``pubmed`` records may be in the others too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of a record because it was made up: the answer key of the demonstration."""

    pmid: str
    """Empty for a record that PubMed does not have."""
    doi: str
    title: str
    source: str
    eligible: bool
    reason: str
    study: str
    year: int
    charting: Charting | None
    new: bool
    """Whether it only appears a week later."""
