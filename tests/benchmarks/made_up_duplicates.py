"""A made-up corpus with known duplicates, as large as wanted: words and names as skewed as real ones, errors as databases make them.

Words, family names and journals follow Zipf's law, the most frequent of them being those of real life, so that some
titles, names and years are shared by thousands. Each work is one or more records; every record is one database's copy:
initials or given names, abbreviated journal, short page form, missing DOI, a title in capitals, brackets, with a slip
or cut, a year of print or of the first appearance. Beside them stand works that look like duplicates and are none:
parts and years of series, notices, letters and editorials under one title, an abstract and the article it became, and
supplements whose abstracts share journal, volume, pages and sometimes one DOI.
"""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

import pandas as pd

COLUMNS = ("title", "author", "year", "journal", "volume", "number", "pages", "doi", "isbn", "abstract")
Row = dict[str, str]

_SYLLABLES = re.findall(
    r"\w+",
    """ba be bi bo ca ce ci co da de di do fa fe ga ge ha he hi la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se
si so ta te ti to va ve vi vo za zo tra pro con per ster cor dor men tin lar gan fer mil ver""",
)
_FREQUENT_WORDS = re.findall(
    r"\w+",
    """patients treatment study effects disease clinical care cancer risk health children analysis cells therapy factors
human women cell acute blood effect association chronic heart surgery response activity management role brain
evaluation development infection outcomes pain adults age expression function growth model population protein rats
school social syndrome training virus wound exercise diabetes stroke depression quality life nursing education
hospital cohort mortality survival community digital learning work online""",
)
_FREQUENT_FAMILIES = re.findall(
    r"\w+",
    """Wang Li Zhang Chen Liu Yang Huang Kim Lee Wu Zhou Zhao Xu Sun Lin Park Singh Kumar Smith Khan Nguyen Tanaka
García Müller Silva Johnson Brown Jones Williams Martin Suzuki Patel Rossi López Jørgensen Nielsen Novák""",
)
_FREQUENT_GIVEN = re.findall(
    r"\w+", "Wei Jing Min Yan Lei Hui Yu Xin Jun Li Hong Ping Jian Ying Xiaoming Yifan David Maria John Anna"
)
_SMALL = ("of", "in", "the", "and", "for", "with", "a", "on", "by", "among", "after", "during")
_KINDS = (
    "",
    ": a randomised controlled trial",
    ": a cohort study",
    ": a systematic review",
    ": protocol for a trial",
    " in children",
)
_PARTS_OF_AN_ISSUE = (
    "Editorial", "Editorial", "Introduction", "Book review", "Letter to the editor", "Foreword", "Guest editorial",
    "Editor's note", "Commentary", "Obituary", "From the editor", "In this issue",
)  # fmt: skip
_STOP = frozenset(("of", "the", "and", "for", "in"))


class Corpus:
    """Draws records; the same seed draws the same."""

    def __init__(self, seed: int, vocabulary: int = 60_000, families: int = 80_000, journals: int = 6_000) -> None:
        self.chance = random.Random(seed)
        self._words = _Skewed(self.chance, [*_FREQUENT_WORDS, *self._names(vocabulary, 2, 5)], 0.9)
        frequent = dict.fromkeys(_FREQUENT_FAMILIES)
        made = [one.title() for one in self._names(families, 1, 3)]
        self._families = _Skewed(self.chance, list(frequent | dict.fromkeys(made)), 0.9)
        self._given = [one.title() for one in self._names(3_000, 2, 3)]
        self._journals = _Skewed(self.chance, self._journal_names(journals), 0.9)

    def records(self, number: int, duplicated: float = 0.3) -> pd.DataFrame:
        """``number`` rows in no order: ``id``, the columns of ``living_review.dedupe.frame`` and ``work``, the truth."""
        frame = pd.DataFrame(self.draw(number, duplicated), columns=[*COLUMNS, "work"])
        frame.insert(0, "id", [f"r{place}" for place in range(number)])
        return frame

    def write(self, path: Path, number: int, duplicated: float = 0.3, at_once: int = 100_000) -> None:
        """The same as a CSV file, ``at_once`` rows at a time: rows are in no order among those."""
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(("id", *COLUMNS, "work"))
            for start in range(0, number, at_once):
                made = self.draw(min(at_once, number - start), duplicated, prefix=f"{start}-")
                rows.writerows(
                    (f"r{place}", *(row[name] for name in (*COLUMNS, "work"))) for place, row in enumerate(made, start)
                )

    def draw(self, number: int, duplicated: float = 0.3, prefix: str = "") -> list[Row]:
        """``number`` records in no order: column -> text, and ``work``, which begins with ``prefix``."""
        rows: list[Row] = []
        for work, made in enumerate(self._works()):
            copies = self.chance.choice((1, 1, 1, 2, 2, 3)) if self.chance.random() < duplicated else 0
            one = {**made, "work": f"w{prefix}{work}"}
            rows += [one, *(self._copy(one) for _ in range(copies))]
            if len(rows) >= number:
                break
        del rows[number:]
        self.chance.shuffle(rows)
        return rows

    def _works(self) -> Iterator[Row]:
        while True:
            made = self._work()
            yield made
            yield from self._neighbours(made)

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

    def _author(self) -> str:
        family = self._families.one()
        # Few given names go with the most frequent family names, so that whole names are shared as well.
        given = self.chance.choice(_FREQUENT_GIVEN if family in _FREQUENT_FAMILIES[:16] else self._given)
        return f"{family}, {given}"

    def _work(self) -> Row:
        chance = self.chance
        kind = chance.random()
        if kind < 0.015:
            return self._part_of_an_issue()
        words = self._words.some(chance.randint(4, 11))
        for place in range(1, len(words), 3):
            words.insert(place, chance.choice(_SMALL))
        year = min(2026, int(2027 - chance.expovariate(0.09)))
        first = chance.randint(1, 2500)
        made = {
            "title": " ".join(words).capitalize() + chance.choice(_KINDS),
            "author": " and ".join(self._author() for _ in range(min(1 + int(chance.expovariate(0.25)), 30))),
            "year": str(year),
            "journal": self._journals.one(),
            "volume": str(chance.randint(1, 90)),
            "number": str(chance.randint(1, 12)),
            "pages": f"{first}-{first + chance.randint(0, 14)}"
            if chance.random() < 0.85
            else f"e{chance.randint(1000, 99999)}",
            "doi": self._doi() if year > 2001 else "",
            "isbn": "",
            "abstract": self._abstract() if chance.random() < 0.8 else "",
        }
        return {**made, **self._supplement(made)} if kind < 0.035 else made

    def _doi(self) -> str:
        return f"10.{self.chance.randint(1000, 1200)}/{self.chance.randint(1, 10**9):x}"

    def _abstract(self) -> str:
        return " ".join(self._words.some(40)).capitalize()

    def _part_of_an_issue(self) -> Row:
        """An editorial or the like: the same title by the same editor, issue after issue."""
        chance, page = self.chance, self.chance.randint(1, 400)
        journal, year = self._journals.one(), chance.randint(1990, 2026)
        editor = random.Random(f"{journal}{year // 5}").choice(self._families.items)
        return {
            "title": chance.choice(_PARTS_OF_AN_ISSUE),
            "author": f"{editor}, {editor[0]}.",
            "year": str(year),
            "journal": journal,
            "volume": str(year - 1980),
            "number": str(chance.randint(1, 12)),
            "pages": f"{page}-{page + chance.randint(0, 2)}",
            "doi": self._doi() if year > 2001 else "",
            "isbn": "",
            "abstract": "",
        }

    def _supplement(self, made: Row) -> Row:
        """Where an abstract of a conference stands: many on a page, and some journals give all of them one DOI."""
        year = int(made["year"])
        place = {"volume": str(max(year - 1960, 1)), "number": "Suppl 1", "pages": f"S{self.chance.randint(1, 300)}"}
        shared = sum(map(ord, made["journal"])) % 10 == 0 and year > 2001
        return {**place, "doi": f"10.1900/supplement.{len(made['journal'])}.{year}" if shared else made["doi"]}

    def _neighbours(self, made: Row) -> list[Row]:
        """Works that share much with ``made`` and are none of its copies."""
        chance = self.chance
        if chance.random() > 0.05:
            return []
        kind = chance.randrange(5)
        page = chance.randint(1, 2500)
        own = {
            "pages": f"{page}-{page + 6}",
            "doi": made["doi"] and f"{made['doi']}{page:x}",
            "abstract": self._abstract(),
        }
        if kind == 0:
            return [{**made, **own, "title": f"{made['title']}. Part 2"}]
        if kind == 1:
            later = {"year": str(int(made["year"]) + 1), "volume": str(int(made["volume"]) + 1)}
            return [{**made, **own, **later}]
        if kind == 2:
            return [{**made, **own, "title": f"Erratum to: {made['title']}", "pages": str(page), "abstract": ""}]
        if kind == 3:
            earlier = {"year": str(int(made["year"]) - chance.randint(0, 2)), "journal": self._journals.one()}
            return [{**made, **own, **earlier, **self._supplement({**made, **own, **earlier})}]
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

    def _copy(self, made: Row) -> Row:
        """The record of another database."""
        chance = self.chance
        copy = dict(made)
        for share, change in self._errors():
            if chance.random() < share:
                change(copy)
        return copy

    def _errors(self) -> list[tuple[float, Callable[[Row], None]]]:
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
            (0.05, _without_accents),
            (0.02, lambda one: one.update(title=f"[{one['title']}]. [Article in Chinese]")),
            (0.01, lambda one: one.update(volume=one["number"], number=one["volume"])),
        ]

    def _slip(self, one: Row) -> None:
        place = self.chance.randrange(2, max(len(one["title"]) - 2, 3))
        one["title"] = one["title"][:place] + self.chance.choice("aeiourstn") + one["title"][place + 1 :]


class _Skewed:
    """Items of which the first are the most frequent."""

    def __init__(self, chance: random.Random, items: list[str], power: float) -> None:
        self._chance, self.items = chance, items
        self._sums = list(accumulate(1 / (rank + 5) ** power for rank in range(len(items))))

    def one(self) -> str:
        return self.items[bisect(self._sums, self._chance.random() * self._sums[-1])]

    def some(self, number: int) -> list[str]:
        return self._chance.choices(self.items, cum_weights=self._sums, k=number)


def _initials(one: Row) -> None:
    names = (name.partition(", ") for name in one["author"].split(" and ") if name)
    one["author"] = " and ".join(f"{family}, {given[:1]}." for family, _, given in names)


def _abbreviated(one: Row) -> None:
    one["journal"] = " ".join(word[:5] for word in one["journal"].split() if word.lower() not in _STOP)


def _without_accents(one: Row) -> None:
    apart = unicodedata.normalize("NFKD", one["author"].replace("ø", "o"))
    one["author"] = "".join(letter for letter in apart if not unicodedata.combining(letter))


def _short_pages(one: Row) -> None:
    first, _, last = one["pages"].partition("-")
    same = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    if last and len(first) == len(last) and same:
        one["pages"] = f"{first}-{last[same:]}"
