"""A made-up corpus with known duplicates, as large as wanted: words and names as skewed as real ones, errors as databases make them.

Words, family names and journals follow Zipf's law, so that some titles, names and years are shared by thousands. Each
work is one or more records; every record is one database's copy: initials or given names, abbreviated journal, short
page form, missing DOI, a title in capitals, brackets, with a slip or cut, a year of print or of the first appearance.
Beside them stand works that look like duplicates and are none: parts and years of series, notices, abstracts of a
conference, letters under one title.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable
from itertools import accumulate

import pandas as pd

_SYLLABLES = (
    "ba be bi bo ca ce ci co da de di do fa fe ga ge ha he hi la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se "
    "si so ta te ti to va ve vi vo za zo tra pro con per ster cor dor men tin lar gan fer mil ver"
).split()
_SMALL = ("of", "in", "the", "and", "for", "with", "a", "on", "by", "among", "after", "during")
_KINDS = (
    "",
    ": a randomised controlled trial",
    ": a cohort study",
    ": a systematic review",
    ": protocol for a trial",
    " in children",
)
_STOP = frozenset("of the and for in".split())


class Corpus:
    """Draws records; the same seed draws the same."""

    def __init__(self, seed: int, vocabulary: int = 60_000, families: int = 80_000, journals: int = 6_000) -> None:
        self.chance = random.Random(seed)
        self._words = _Skewed(self.chance, self._names(vocabulary, 2, 5), 0.9)
        self._families = _Skewed(self.chance, [one.title() for one in self._names(families, 1, 3)], 0.8)
        self._given = self._names(3_000, 2, 3)
        self._journals = _Skewed(self.chance, self._journal_names(journals), 0.9)

    def records(self, number: int, duplicated: float = 0.3) -> pd.DataFrame:
        """``number`` rows in no order: ``id``, the columns of ``living_review.dedupe.frame`` and ``work``, the truth."""
        rows: list[dict[str, str]] = []
        work = 0
        while len(rows) < number:
            work += 1
            made = self._work(work)
            rows.append({**made, "work": f"w{work}"})
            for other in self._neighbours(made):
                work += 1
                rows.append({**other, "work": f"w{work}"})
            if self.chance.random() < duplicated:
                for _ in range(self.chance.choice((1, 1, 1, 2, 2, 3))):
                    rows.append({**self._copy(made), "work": f"w{made['_work']}"})
        rows = rows[:number]
        self.chance.shuffle(rows)
        frame = pd.DataFrame(rows).drop(columns="_work")
        frame.insert(0, "id", [f"r{place}" for place in range(number)])
        return frame

    def _names(self, number: int, least: int, most: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < number:
            found["".join(self.chance.choices(_SYLLABLES, k=self.chance.randint(least, most)))] = None
        return list(found)

    def _journal_names(self, number: int) -> list[str]:
        starts = ("Journal of", "Annals of", "Archives of", "International Journal of", "Acta", "European Journal of")
        return [
            f"{self.chance.choice(starts)} {' and '.join(self._words.some(self.chance.randint(1, 2))).title()}"
            for _ in range(number)
        ]

    def _work(self, work: int) -> dict[str, str]:
        chance = self.chance
        words = self._words.some(chance.randint(4, 11))
        for place in range(1, len(words), 3):
            words.insert(place, chance.choice(_SMALL))
        authors = [
            (self._families.one(), chance.choice(self._given).title())
            for _ in range(min(1 + int(chance.expovariate(0.25)), 30))
        ]
        year = min(2026, int(2027 - chance.expovariate(0.09)))
        first = chance.randint(1, 2500)
        return {
            "_work": str(work),
            "title": " ".join(words).capitalize() + chance.choice(_KINDS),
            "author": " and ".join(f"{family}, {given}" for family, given in authors),
            "year": str(year),
            "journal": self._journals.one(),
            "volume": str(chance.randint(1, 90)),
            "number": str(chance.randint(1, 12)),
            "pages": f"{first}-{first + chance.randint(0, 14)}"
            if chance.random() < 0.85
            else f"e{chance.randint(1000, 99999)}",
            "doi": f"10.{chance.randint(1000, 1200)}/{chance.randint(1, 10**9):x}" if year > 2001 else "",
            "isbn": "",
            "abstract": " ".join(self._words.some(40)).capitalize() if chance.random() < 0.8 else "",
        }

    def _neighbours(self, made: dict[str, str]) -> list[dict[str, str]]:
        """Works that share much with ``made`` and are none of its copies."""
        chance = self.chance
        if chance.random() > 0.04:
            return []
        kind = chance.randrange(4)
        page = chance.randint(1, 2500)
        own = {
            "pages": f"{page}-{page + 6}",
            "doi": made["doi"] and f"{made['doi']}{page:x}",
            "abstract": " ".join(self._words.some(40)),
        }
        if kind == 0:
            return [{**made, **own, "title": f"{made['title']}. Part 2"}]
        if kind == 1:
            later = {"year": str(int(made["year"]) + 1), "volume": str(int(made["volume"]) + 1)}
            return [{**made, **own, **later}]
        if kind == 2:
            return [{**made, **own, "title": f"Erratum to: {made['title']}", "pages": str(page), "abstract": ""}]
        return [
            {
                **made,
                **own,
                "title": "Letter to the editor",
                "author": made["author"].split(" and ")[0],
                "pages": str(page),
                "abstract": "",
            }
        ]

    def _copy(self, made: dict[str, str]) -> dict[str, str]:
        """The record of another database."""
        chance = self.chance
        copy = dict(made)
        for share, change in self._errors():
            if chance.random() < share:
                change(copy)
        return copy

    def _errors(self) -> list[tuple[float, Callable[[dict[str, str]], None]]]:
        return [
            (0.6, _initials),
            (0.4, _abbreviated),
            (0.35, _short_pages),
            (0.4, lambda one: one.update(doi="")),
            (0.3, lambda one: one.update(abstract="")),
            (0.15, lambda one: one.update(number="")),
            (0.1, lambda one: one.update(title=one["title"].upper())),
            (0.08, lambda one: one.update(title=f"{one['title']}. [Review] [{self.chance.randint(3, 90)} refs]")),
            (0.06, self._slip),
            (0.05, lambda one: one.update(title=one["title"].partition(":")[0])),
            (0.05, lambda one: one.update(author=" and ".join(one["author"].split(" and ")[:3]))),
            (0.06, lambda one: one.update(year=str(int(one["year"]) - 1), volume="", number="", pages="")),
            (0.03, lambda one: one.update(pages="")),
            (0.02, lambda one: one.update(author="")),
            (0.01, lambda one: one.update(year="")),
            (0.01, lambda one: one.update(volume=one["number"], number=one["volume"])),
        ]

    def _slip(self, one: dict[str, str]) -> None:
        place = self.chance.randrange(2, max(len(one["title"]) - 2, 3))
        one["title"] = one["title"][:place] + self.chance.choice("aeiourstn") + one["title"][place + 1 :]


class _Skewed:
    """Items of which the first are the most frequent."""

    def __init__(self, chance: random.Random, items: list[str], power: float) -> None:
        self._chance, self._items = chance, items
        self._sums = list(accumulate(1 / (rank + 5) ** power for rank in range(len(items))))

    def one(self) -> str:
        return self._items[bisect(self._sums, self._chance.random() * self._sums[-1])]

    def some(self, number: int) -> list[str]:
        return [self.one() for _ in range(number)]


def _initials(one: dict[str, str]) -> None:
    names = (name.partition(", ") for name in one["author"].split(" and ") if name)
    one["author"] = " and ".join(f"{family}, {given[:1]}." for family, _, given in names)


def _abbreviated(one: dict[str, str]) -> None:
    one["journal"] = " ".join(word[:5] for word in one["journal"].split() if word.lower() not in _STOP)


def _short_pages(one: dict[str, str]) -> None:
    first, _, last = one["pages"].partition("-")
    same = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    if last and len(first) == len(last) and same:
        one["pages"] = f"{first}-{last[same:]}"
