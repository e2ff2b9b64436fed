"""The made-up records as others get them: PubMed XML of one day, other databases' files, and the answer key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from infra.local.fictional.collection import BASELINE, NOTICE_DOI, RETRACTED_STUDY, WEEK_LATER, papers
from infra.local.fictional.exports import embase_id, embase_ris, plain, scopus_csv, scopus_id
from infra.local.fictional.paper import Paper, Truth
from infra.local.fictional.pubmed_xml import article_xml
from infra.local.pubmed.changes import as_retracted

FIRST_PMID = 90_000_001
"""Real PMIDs were at some 42 million in 2026."""

_IN_EMBASE, _IN_SCOPUS = 12, 9
"""How many records of PubMed are in the export too."""


@dataclass(frozen=True, slots=True)
class Week:
    """What a week changes in PubMed: XML of new articles, and of articles that are there in a new version."""

    added: tuple[bytes, ...]
    replaced: tuple[bytes, ...]


def records(seed: int = 0) -> list[bytes]:
    """XML of every PubmedArticle (and the book chapter), those of the later week included, by PMID."""
    return [_xml(paper, seed, WEEK_LATER) for paper in _in_pubmed(seed)]


def baseline(on: date = BASELINE, seed: int = 0) -> list[bytes]:
    """XML of the articles PubMed has on the day ``on``, as they are that day (the youngest have no MeSH yet)."""
    return [_xml(paper, seed, on) for paper in _in_pubmed(seed) if paper.entered <= on]


def week_later(seed: int = 0) -> Week:
    """What is new and what has changed at :data:`WEEK_LATER` against :data:`BASELINE`.

    Among the new are the article of a preprint that was there, and the notice that retracts an included study. Changed
    are that study, that preprint, and what has got its MeSH headings. ``Corpus.add`` takes ``added``,
    ``Corpus.replace`` takes ``replaced``.
    """
    added, replaced = [], []
    for paper in _in_pubmed(seed):
        now = _xml(paper, seed, WEEK_LATER)
        if paper.entered > BASELINE:
            added.append(now)
        elif now != _xml(paper, seed, BASELINE):
            replaced.append(now)
    return Week(tuple(added), tuple(replaced))


def truth(seed: int = 0) -> tuple[Truth, ...]:
    """The answer key: every record of every source, in the order in which they become known."""
    numbers = _pmids(seed)
    return tuple(
        Truth(
            pmid=numbers.get(paper.doi, ""),
            doi=paper.doi,
            title=plain(paper.title),
            source=paper.source,
            eligible=paper.charting is not None,
            reason=paper.reason,
            study=paper.study,
            year=paper.published.year,
            charting=paper.charting,
            new=paper.entered > BASELINE,
        )
        for paper in papers(seed)
    )


def embase_export(seed: int = 0) -> str:
    """An embase.com RIS file of 20 records: 12 that PubMed has too, 3 eligible ones that it has not, 5 near misses."""
    return embase_ris(_in_embase(seed))


def scopus_export(seed: int = 0) -> str:
    """A Scopus CSV file of 15 records: 9 that PubMed has too, 2 that the Embase file has, 2 eligible ones, 2 near misses."""
    return scopus_csv(_in_scopus(seed))


def week_later_ris(seed: int = 0) -> str:
    """An embase.com RIS file of the later week, 3 records.

    One is the record of an included study under its own number of that database, one a new record of PubMed, one a
    near miss of its own.
    """
    return embase_ris(_in_week(seed))


def duplicates(seed: int = 0) -> list[tuple[str, str, str]]:
    """Records of the exports that PubMed has too: (source, source's number, PMID)."""
    numbers = _pmids(seed)
    found = [("embase", embase_id(paper), numbers[paper.doi])
             for paper in (*_in_embase(seed), *_in_week(seed)) if paper.doi in numbers]  # fmt: skip
    return found + [("scopus", scopus_id(p), numbers[p.doi]) for p in _in_scopus(seed) if p.doi in numbers]


def as_set(articles: Iterable[bytes]) -> bytes:
    """One XML document of the articles, as EFetch delivers them."""
    prolog = (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
    )
    return b"".join([prolog.encode(), *(article + b"\n" for article in articles), b"</PubmedArticleSet>\n"])


def write_baseline(folder: Path, seed: int = 0) -> Path:
    """Write the baseline as one file into ``folder``, for ``LocalPubMed`` to read; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "baseline.xml"
    file.write_bytes(as_set(baseline(seed=seed)))
    return file


@cache
def _in_pubmed(seed: int) -> tuple[Paper, ...]:
    return tuple(paper for paper in papers(seed) if paper.source == "pubmed")


@cache
def _pmids(seed: int) -> dict[str, str]:
    # In the order of entry, so that numbers do not depend on the day that is asked for.
    return {paper.doi: str(FIRST_PMID + at) for at, paper in enumerate(_in_pubmed(seed))}


@cache
def _linked(seed: int, seen: date) -> dict[str, tuple[str, date]]:
    return {p.doi: (_pmids(seed)[p.doi], p.entered) for p in _in_pubmed(seed) if p.entered <= seen}


@cache
def _xml(paper: Paper, seed: int, seen: date) -> bytes:
    known = _linked(seed, seen)
    xml = article_xml(paper, _pmids(seed)[paper.doi], known, seen)
    if paper.study == RETRACTED_STUDY and NOTICE_DOI in known:
        notice = next(other for other in _in_pubmed(seed) if other.doi == NOTICE_DOI)
        return as_retracted(xml, _xml(notice, seed, seen), notice.entered)
    return xml


def _own(source: str, seed: int) -> list[Paper]:
    return [paper for paper in papers(seed) if paper.source == source]


def _shared(seed: int, eligible: int, others: int, skip: int) -> list[Paper]:
    """Papers of the baseline that another database has too, with abstracts, so that they are ordinary ones."""
    ordinary = [p for p in _in_pubmed(seed) if p.entered <= BASELINE and p.abstract and not p.book and not p.links]
    return [p for p in ordinary if p.charting][skip::4][:eligible] + [p for p in ordinary if p.reason][skip::17][
        :others
    ]


def _only_there(seed: int, source: str, count: int) -> list[Paper]:
    """Near misses that only ``source`` has: retold from PubMed's with another place and another number."""
    chosen = [
        p for p in _in_pubmed(seed) if p.reason and p.abstract and not p.book and not p.links and not p.vernacular
    ]
    offset = {"embase": 5, "scopus": 9, "week": 13}[source]
    return [
        replace(
            paper,
            title=f"{paper.title.rstrip('?')}: a second look from {place}",
            doi=f"10.5555/{source}.{number:03d}",
            first_page=paper.first_page + 31,
            people=paper.people[::-1],
            source=source,
        )
        for number, (paper, place) in enumerate(
            zip(chosen[offset::23], ("Ireland", "two islands", "the coast", "a border town", "the north"), strict=False)
        )
    ][:count]


def _in_embase(seed: int) -> list[Paper]:
    return _shared(seed, 7, _IN_EMBASE - 7, 0) + _own("embase", seed) + _only_there(seed, "embase", 5)


def _in_scopus(seed: int) -> list[Paper]:
    return (
        _shared(seed, 5, _IN_SCOPUS - 5, 2)
        + _own("embase", seed)[:2]
        + _own("scopus", seed)
        + _only_there(seed, "scopus", 2)
    )


def _in_week(seed: int) -> list[Paper]:
    old = [p for p in _in_pubmed(seed) if p.charting and p.entered <= BASELINE and not p.links][7]
    new = next(p for p in _in_pubmed(seed) if p.charting and p.entered > BASELINE and not p.links)
    return [old, new, *_only_there(seed, "week", 1)]
