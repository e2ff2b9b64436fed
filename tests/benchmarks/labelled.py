"""Sets of records with known duplicates: ours and BibDedupe on the same rows in the same run, and every error of ours.

What is timed: from the rows in memory to the clusters, each run in a process of its own, imports not counted; the best
of :data:`TIMES` for both. BibDedupe uses every core, ours one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from living_review.dedupe.decide import decide, levels, points_of
from living_review.dedupe.fields import Fields
from living_review.dedupe.frame import fields_of
from tests.benchmarks.duplicate_scores import joined, pairwise, parted, precision_and_recall, removable

Row = dict[str, Any]
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dedupe"
SETS = ("cytology", "respiratory", "stroke", "diabetes", "digital_work")
PEER = "bib-dedupe==0.11.0"
TIMES = 3
_TOLD = ("title", "author", "year", "journal", "volume", "number", "pages", "doi")


@dataclass(frozen=True)
class Labelled:
    """Records and their true clusters."""

    name: str
    path: Path
    records: pd.DataFrame
    truth: list[str]

    @property
    def ids(self) -> list[str]:
        return self.records["id"].tolist()


@dataclass(frozen=True)
class Found:
    """What one engine made of one set."""

    reports: list[int]
    """For each record the place of the first record of its report."""
    wall: float
    cpu: float
    """Seconds, of all processes."""


def read(path: Path) -> pd.DataFrame:
    """A file of records, all text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def labelled(data: Path = DATA) -> Iterator[Labelled]:
    """The sets that are there."""
    for name in SETS:
        path = data / name / "records.csv"
        if path.exists():
            records = read(path)
            truth = read(path.with_name("clusters.csv")).set_index("id")["cluster_id"]
            yield Labelled(name, path, records, truth[records["id"]].tolist())


def peer_python(folder: Path) -> str:
    """A Python that has BibDedupe: the one of ``BIB_DEDUPE_PYTHON``, or of a new environment in ``folder``.

    Raises:
        subprocess.CalledProcessError: If it cannot be installed.
    """
    given = os.environ.get("BIB_DEDUPE_PYTHON", "")
    if given:
        return given
    home = folder / "bib-dedupe"
    if not home.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEER]
        subprocess.run(install, check=True)
    return str(home / "bin" / "python")


def ours(path: Path, folder: Path) -> Found:
    """Our engine on a file, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.cases", "dedupe_rows", f"records={path}", f"found={folder}"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    wall, cpu = found["parts"]["dedupe"]
    return Found(json.loads((folder / "reports.json").read_text()), wall, cpu)


def peers(python: str, path: Path, ids: list[str], folder: Path) -> Found:
    """BibDedupe on a file, in a process of its own."""
    target = folder / "peer.json"
    script = Path(__file__).with_name("peer_of_dedupe.py")
    subprocess.run([python, "-I", str(script), str(path), str(target)], check=True, capture_output=True, cwd=folder)
    found = json.loads(target.read_text())
    place = {one: number for number, one in enumerate(ids)}
    reports = list(range(len(ids)))
    for cluster in found["clusters"]:
        members = [place[one] for one in cluster]
        for member in members:
            reports[member] = min(members)
    return Found(reports, found["wall"], found["cpu"])


def best(runs: list[Found]) -> Found:
    """The quickest of several runs, which must have found the same.

    Raises:
        RuntimeError: If two runs found different duplicates.
    """
    if any(one.reports != runs[0].reports for one in runs):
        raise RuntimeError("two runs on the same records found different duplicates")
    return min(runs, key=lambda one: one.wall)


def compare(folder: Path, data: Path = DATA, times: int = TIMES) -> Iterator[Row]:
    """A row for each engine and set, and the errors of ours; one row with the reason where something is missing."""
    sets = list(labelled(data))
    if len(sets) < len(SETS):
        missing = ", ".join(name for name in SETS if name not in {one.name for one in sets})
        yield _row("labelled sets", {"skipped": f"not there: {missing}"})
    python, reason = "", ""
    try:
        python = peer_python(folder) if sets else ""
    except (OSError, subprocess.CalledProcessError) as error:
        reason = f"{PEER} cannot be installed: {error}"
    for one in sets:
        mine = best([ours(one.path, folder) for _ in range(times)])
        yield _scored(one, "Living Review", mine)
        if not python:
            yield _row(f"{one.name}: {PEER}", {"skipped": reason})
            continue
        try:
            theirs = best([peers(python, one.path, one.ids, folder) for _ in range(times)])
        except (OSError, subprocess.CalledProcessError) as error:
            yield _row(f"{one.name}: {PEER}", {"failed": str(error)})
            continue
        row = _scored(one, PEER, theirs)
        row["facts"] |= {
            "times ours, wall": round(mine.wall / theirs.wall, 4),
            "ours is so many times as fast, wall": round(theirs.wall / mine.wall, 1),
            "ours is so many times as fast, CPU": round(theirs.cpu / mine.cpu, 1),
        }
        yield row
        yield _row(f"{one.name}: errors of ours", _numbered(errors(one, mine.reports)))


def _scored(one: Labelled, engine: str, found: Found) -> Row:
    precision, recall = precision_and_recall(one.truth, found.reports)
    facts = {
        "removable TP / FP / FN": str(removable(one.truth, found.reports)),
        "pairs TP / FP / FN": str(pairwise(one.truth, found.reports)),
        "precision of pairs": str(precision),
        "recall of pairs": str(recall),
        "records/s": round(len(one.truth) / found.wall),
    }
    row = _row(f"{one.name}: {engine}, {len(one.truth):,} records", facts)
    return {**row, "parts": {"dedupe": (round(found.wall, 3), round(found.cpu, 3))}}


def _row(label: str, facts: Row) -> Row:
    return {"measurement": label, "parts": {}, "facts": facts, "load": round(os.getloadavg()[0], 1)}


def _numbered(lines: list[str]) -> Row:
    return {str(number): line for number, line in enumerate(lines, start=1)} or {"none": ""}


def errors(one: Labelled, reports: list[int]) -> list[str]:
    """Every error in one line: two records that were parted or joined wrongly, and why."""
    fields = fields_of(one.records)
    lines = []
    for first, other in parted(one.truth, reports):
        a, b = max(
            ((left, right) for left in first for right in other),
            key=lambda pair: points_of(levels(fields[pair[0]], fields[pair[1]])),
        )
        lines.append(_line("missed", one, fields, a, b))
    for members in joined(one.truth, reports):
        pairs = [(a, b) for a in members for b in members if a < b and one.truth[a] != one.truth[b]]
        a, b = max(pairs, key=lambda pair: points_of(levels(fields[pair[0]], fields[pair[1]])))
        lines.append(_line("wrong", one, fields, a, b))
    return lines


def _line(kind: str, one: Labelled, fields: list[Fields], a: int, b: int) -> str:
    match = decide(fields[a], fields[b])
    found = levels(fields[a], fields[b])
    decided = f"{match.certainty} by {match.rule}" if match else "nothing suggests it"
    why = f"{points_of(found):+.1f} points, {decided}: {', '.join(f'{name} {level}' for name, level in found.items())}"
    return f"{kind}: {why} — {_told(one, a)} — {_told(one, b)}"


def _told(one: Labelled, place: int) -> str:
    row = one.records.iloc[place]
    said = "; ".join(f"{name} {row[name][:160]}" for name in _TOLD if row[name])
    return f"[{row['id']}] {said}".replace("|", "/").replace("\n", " ")
