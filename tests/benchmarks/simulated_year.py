"""A year of weekly searches of a made-up PubMed whose matches are known: what a full search finds, and what windows lose.

``python -m tests.benchmarks.simulated_year [RECORDS]`` prints a table; the suite runs a small one.

Every week records arrive. Some were published more than a year ago, so that PubMed sets their Entrez date (EDAT) back to
that day (NLM Tech Bull 2008 Nov-Dec); some gain the MeSH heading that makes them match only later, half of them after ten
weeks or more; some are deleted, merged into another or retracted. Beside the review's own search two that ask only for
what is dated since the last one are run: by EDAT, and by the day the record was made (CRDT).
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from infra.local.pubmed import LocalPubMed
from infra.local.pubmed.corpus import Corpus
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.ledger.searches import Searches
from living_review.steps.asking import pubmed_client
from living_review.steps.search import search
from tests.conftest import MovableClock
from tests.integration.small_world import article, make_review

QUERY = 'asthma[tiab] OR "Asthma"[mh]'
WEEKS = 52
DATES = ("edat", "crdt")
FIRST_DAY = date(2025, 1, 6)
LATE = "published long before they entered PubMed"
HEADING = "matched by a MeSH heading that came later"


@dataclass
class Year:
    """What the year brought, and who found how much of it."""

    records: int = 0
    """Records there ever were."""
    true: set[str] = field(default_factory=set)
    """PMIDs that matched on a day on which it was searched."""
    why: dict[str, str] = field(default_factory=dict)
    """PMID -> how it came to match, for what is no plain case."""
    found: dict[str, set[str]] = field(default_factory=dict)
    """``full``, ``edat`` and ``crdt`` -> PMIDs found."""
    in_review: set[str] = field(default_factory=set)
    """PMIDs of the records that the review holds."""
    vanished: int = 0
    """Times that a record that had been found was no longer there."""
    seconds: float = 0.0

    def recall(self, which: str) -> float:
        """Share of the true matches that a search found."""
        return len(self.found[which] & self.true) / len(self.true)

    def lost(self, which: str) -> Counter[str]:
        """How the matches that a search did not find came to match -> how many."""
        return Counter(self.why.get(one, "plain") for one in self.true - self.found[which])


class _World:
    """The made-up PubMed: which records there are, and which of them match."""

    def __init__(self, corpus: Corpus, seed: int, year: Year) -> None:
        self.corpus, self.year = corpus, year
        self.chance = random.Random(seed)
        self.last = 0
        self.matching: set[str] = set()
        self.given: dict[str, tuple[str, date, date, tuple[str, ...]]] = {}
        """PMID -> title, day of entry, Entrez date and headings."""
        self.waiting: list[tuple[int, int, date]] = []
        """(week, PMID, day of entry) of records that will gain their heading."""

    def arrive(self, week: int, today: date, number: int) -> None:
        batch = []
        for _one in range(number):
            self.last += 1
            pmid, kind = self.last, self.chance.random()
            dated, title = today, f"Wheeze in subject {pmid}"
            if kind < 0.10:
                title = f"Asthma in subject {pmid}"
                self.matching.add(str(pmid))
                if self.chance.random() < 0.1:
                    dated = today - timedelta(days=self.chance.randrange(366, 2_000))
                    self.year.why[str(pmid)] = LATE
            elif kind < 0.12:
                self.year.why[str(pmid)] = HEADING
                self.waiting.append((week + round(self.chance.triangular(2, 40, 6)), pmid, today))
            batch.append(self._given(pmid, title, today, dated))
        self.corpus.add(b"<PubmedArticleSet>" + b"".join(batch) + b"</PubmedArticleSet>")
        self.year.records += number

    def change(self, week: int) -> None:
        due = [one for one in self.waiting if one[0] <= week]
        self.waiting = [one for one in self.waiting if one[0] > week]
        for _week, pmid, entered in due:
            given = article(
                pmid,
                f"Wheeze in subject {pmid}",
                abstract="Nothing of it.",
                mesh=("Asthma",),
                entered=entered.isoformat(),
            )
            self.corpus.replace(given)
            self.matching.add(str(pmid))
        for pmid in self.chance.sample(sorted(self.matching), min(2, len(self.matching))):
            if self.chance.random() < 0.5:
                # Deleted, or merged into another: either way this PMID is gone.
                self.corpus.remove(pmid)
                self.matching.remove(pmid)
        for pmid in self.chance.sample(sorted(self.matching), min(1, len(self.matching))):
            # Only what is included would be shown as retracted; to the search it is a record as before.
            types = ("Journal Article", "Retracted Publication")
            title, entered, dated, mesh = self.given[pmid]
            self.corpus.replace(_article(int(pmid), title, entered, dated, mesh=mesh, types=types))

    def _given(self, pmid: int, title: str, entered: date, dated: date, mesh: tuple[str, ...] = ()) -> bytes:
        self.given[str(pmid)] = title, entered, dated, mesh
        return _article(pmid, title, entered, dated, mesh=mesh)


def _article(pmid: int, title: str, entered: date, dated: date, **more: Any) -> bytes:
    return article(pmid, title, abstract="Nothing of it.", entered=entered.isoformat(), dated=dated.isoformat(), **more)


def simulate(folder: Path, records: int, seed: int = 1, weeks: int = WEEKS) -> Year:
    """A year with some ``records`` in all, half of them there at the baseline."""
    began = time.monotonic()
    year = Year(found={"full": set(), **{name: set() for name in DATES}})
    corpus = Corpus()
    world = _World(corpus, seed, year)
    clock = MovableClock()
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}")
    searches = [{"source": "pubmed", "query": QUERY}]
    with LocalPubMed(corpus) as pubmed:
        review = make_review(folder, ledger, clock, entrez_url=pubmed.url, searches=searches)
        before = FIRST_DAY
        for week in range(weeks + 1):
            today = FIRST_DAY + timedelta(weeks=week)
            world.arrive(week, today, records // 2 if week == 0 else records // 2 // weeks)
            world.change(week)
            account = search(review)
            year.vanished += account.details["pubmed"]["vanished"]
            with pubmed_client(review) as client:
                for name in DATES:
                    window = f"({QUERY}) AND {before:%Y/%m/%d}:{today:%Y/%m/%d}[{name}]"
                    given = QUERY if week == 0 else window
                    year.found[name] |= set(client.search(given, lambda _answer: None).ids)
            year.true |= world.matching
            before = today
            clock.forward(days=7)
        with review.read() as tx:
            rows = tx.rows(sa.select(t.search).order_by(t.search.c.id))
            for row in rows:
                year.found["full"] |= Searches(tx).ids_of(row)
            year.in_review = {row["source_id"] for row in tx.rows(sa.select(t.record))}
    ledger.close()
    year.seconds = time.monotonic() - began
    return year


def table(year: Year) -> str:
    """The outcome as Markdown."""
    lines = [
        "| search | true matches found | recall | lost, and how they came to match |",
        "| --- | ---: | ---: | --- |",
    ]
    for name in ("full", *DATES):
        lost = "; ".join(f"{number:,} {why}" for why, number in year.lost(name).most_common()) or "none"
        found = len(year.found[name] & year.true)
        lines.append(f"| {name} | {found:,} of {len(year.true):,} | {100 * year.recall(name):.2f} % | {lost} |")
    return "\n".join([*lines, f"{year.records:,} records, {year.vanished} vanished, {year.seconds:.0f} s"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(table(simulate(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
