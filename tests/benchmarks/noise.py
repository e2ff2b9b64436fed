"""The labelled sets once more, each spoilt as other sources spoil records: ours and BibDedupe on the same rows.

The points were set with the sets as they are in sight; nothing was set by these copies, though the rules on untitled
records, shared DOIs and by-lines came of looking at what they showed.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks.duplicate_scores import pairwise, removable
from tests.benchmarks.labelled import DATA, PEER, Labelled, errors, labelled, ours, peer_python, peers

Cells = dict[str, str]
Spoil = Callable[[list[Cells], Sequence[str], random.Random], list[Cells]]
SEED = 5
_LOOKS_LIKE = {"l": "1", "o": "0", "m": "rn", "i": "l", "e": "c", "s": "5", "h": "b"}
_OF_PROGRAMS = ("Microsoft Word - paper.doc", "untitled", "PII: S0140-6736(99)", "Layout 1", "No Job Name")
_SHARED_TEXTS = (
    "Copyright of this journal is the property of its publisher; its content may not be copied or sent to anybody. "
    * 3,
    "No abstract is available for this record. Please see the full text of the article for more than its title. " * 3,
)
_LOST = {"journal": 0.5, "volume": 0.5, "number": 0.6, "pages": 0.5, "doi": 0.4, "abstract": 0.5}


def from_pdf(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """Half of the records as they are extracted from PDFs: untitled, cut, misread, without year or author."""
    return [_extracted(row, chance) if chance.random() < 0.5 else row for row in rows]


def untitled(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """40 % have no title."""
    return [{**row, "title": ""} if chance.random() < 0.4 else row for row in rows]


def sparse(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """30 % have two or three fields, or a place without title, or a DOI and nothing else."""
    kept = (
        ("title", "author"), ("title", "year"), ("title", "author", "year"), ("title", "journal"), ("doi",),
        ("author", "year", "journal", "volume", "pages"),
    )  # fmt: skip
    found = []
    for row in rows:
        if chance.random() < 0.3:
            names = {"id", *chance.choice(kept)}
            row = {name: cell if name in names else "" for name, cell in row.items()}
        found.append(row)
    return found


def shared_doi(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """In 40 % of the journals all papers of a volume have one DOI."""
    chosen: dict[str, bool] = {}
    found = []
    for row in rows:
        journal = re.sub("[^a-z]", "", row["journal"].lower())[:12]
        if journal and chosen.setdefault(journal, chance.random() < 0.4):
            row = {**row, "doi": f"10.5555/{journal}.{row['year']}.{row['volume']}"}
        found.append(row)
    return found


def shared_abstract(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """40 % have one of two notes of a database for their abstract."""
    return [{**row, "abstract": chance.choice(_SHARED_TEXTS)} if chance.random() < 0.4 else row for row in rows]


def shared_errors(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """Of six works of eight, half of the copies have one and the same wrong page, year, volume, DOI, by-line or journal."""
    wrong: dict[str, tuple[str, int, Cells]] = {}
    kinds = ("pages", "year", "volume", "doi", "author", "journal", "", "")
    found = []
    for row, work in zip(rows, truth, strict=True):
        if work not in wrong:
            wrong[work] = chance.choice(kinds), chance.randint(1, 99), chance.choice(rows)
        kind, number, other = wrong[work]
        if chance.random() < 0.5 and kind:
            instead = {"pages": f"{number}-{number + 7}", "volume": str(number)}.get(kind, other[kind])
            if kind == "year":
                instead = str(int(row["year"]) + 1 + number % 5) if row["year"].isdigit() else ""
            row = {**row, kind: instead}
        found.append(row)
    return found


def by_lines(rows: list[Cells], truth: Sequence[str], chance: random.Random) -> list[Cells]:
    """Half of the by-lines otherwise: *et al.*, given name first, semicolons, capitals, turned round."""
    styles: tuple[Callable[[list[str]], str], ...] = (
        lambda names: f"{names[0]} et al.",
        lambda names: " and ".join(" ".join(reversed([part.strip() for part in name.split(",")])) for name in names),
        "; ".join,
        lambda names: " and ".join(names).upper(),
        lambda names: " and ".join(reversed(names)),
    )
    found = []
    for row in rows:
        if chance.random() < 0.5 and row["author"]:
            row = {**row, "author": chance.choice(styles)(row["author"].split(" and "))}
        found.append(row)
    return found


SPOILT: tuple[Spoil, ...] = (from_pdf, untitled, sparse, shared_doi, shared_abstract, shared_errors, by_lines)


def noise(folder: Path, data: Path = DATA, kinds: Sequence[Spoil] = SPOILT) -> Iterator[dict[str, Any]]:
    """A row for each way of spoiling and each set that is there: what both engines found, and every wrong link of ours.

    Args:
        folder: For what is spoilt.
        data: Where the labelled sets are.
        kinds: The ways of spoiling.
    """
    sets = list(labelled(data))
    python, reason = "", "" if sets else "the labelled sets are not there"
    try:
        python = peer_python(folder) if sets else ""
    except (OSError, subprocess.CalledProcessError) as error:
        reason = f"{PEER} cannot be installed: {error}"
    if reason:
        yield {"measurement": "spoilt sets", "parts": {}, "facts": {"skipped": reason}}
    for kind in kinds:
        for one in sets:
            spoilt = _spoilt(one, kind, folder)
            mine = ours(spoilt.path, folder).reports
            facts = {"removable TP / FP / FN": _told(spoilt, mine)}
            if python:
                theirs = peers(python, spoilt.path, spoilt.ids, folder).reports
                facts[f"{PEER}: removable TP / FP / FN"] = _told(spoilt, theirs)
            wrong = [line for line in errors(spoilt, mine) if line.startswith("wrong")]
            facts |= {f"wrong {number}": line for number, line in enumerate(wrong, start=1)}
            yield {"measurement": f"{kind.__name__.replace('_', ' ')}: {one.name}", "parts": {}, "facts": facts}


def _told(one: Labelled, reports: list[int]) -> str:
    return f"{removable(one.truth, reports)} (pairs {pairwise(one.truth, reports)})"


def _spoilt(one: Labelled, kind: Spoil, folder: Path) -> Labelled:
    chance = random.Random(f"{SEED}{kind.__name__}{one.name}")
    rows = kind(one.records.to_dict("records"), one.truth, chance)
    path = folder / "spoilt.csv"
    records = pd.DataFrame(rows, columns=one.records.columns)
    records.to_csv(path, index=False)
    return replace(one, path=path, records=records)


def _extracted(row: Cells, chance: random.Random) -> Cells:
    title, author = row["title"], row["author"]
    row = {name: "" if chance.random() < _LOST.get(name, 0) else cell for name, cell in row.items()}
    row["title"] = chance.choices(
        ["", chance.choice((*_OF_PROGRAMS, row["journal"])), title[: len(title) // 2], f"RESEARCH ARTICLE {title}",
         f"{title} {author[:60]}", _misread(title, chance), title],
        [30, 10, 10, 10, 10, 20, 10],
    )[0]  # fmt: skip
    marked = re.sub(r"(?= and |$)", lambda _: chance.choice("12ab*†"), author)
    row["author"] = chance.choices(
        ["", author.split(" and ")[0], marked, _misread(author, chance), chance.choice(["user", "Administrator"]), author],
        [25, 10, 10, 10, 5, 40],
    )[0]  # fmt: skip
    year = row["year"]
    wrong = str(int(year) + chance.choice([1, 5, 8])) if year.isdigit() else ""
    row["year"] = chance.choices(["", wrong, year], [30, 7, 63])[0]
    return row


def _misread(text: str, chance: random.Random) -> str:
    """What character recognition makes of a text: some letters look like others, some are lost, words fall apart."""
    found = []
    for letter in text:
        luck = chance.random()
        if luck < 0.03:
            letter = _LOOKS_LIKE.get(letter, letter)
        elif luck < 0.04:
            letter = ""
        elif luck < 0.05:
            letter += " "
        found.append(letter)
    return "".join(found)
