"""A review team at work through the command line: what people do between two runs, and what readers then get."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from ruamel.yaml import YAML

from cli import main
from infra.local.object_store import LocalObjectStore
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports
from living_review.review import open_review
from tests.published_versions import check_whole

PROJECT = Path(__file__).resolve().parents[2]
BUCKET = "living-review"
Row = dict[str, str]
Choice = tuple[str, str]
"""Decision and reason."""


@dataclass
class Team:
    """The people of one review, who know nothing but the command line."""

    folder: Path
    desk: Path
    """Where their files lie."""
    printed: list[str] = field(default_factory=list)

    def run(self, *arguments: str, code: int = 0) -> str:
        """What a command prints, run in this process; it must end with ``code``."""
        out, err = io.BytesIO(), io.StringIO()
        text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
        with redirect_stdout(text), redirect_stderr(err):
            try:
                main.run([*arguments, "--review", str(self.folder)])
            except SystemExit as end:
                ended = end.code
        assert ended == code, f"{' '.join(arguments)} ended with {ended}: {err.getvalue()}"
        self.printed.append(out.getvalue().decode())
        return self.printed[-1] if code == 0 else err.getvalue()

    def installed(self, *arguments: str) -> str:
        """What a command prints, run as users run it: a process of its own."""
        ended = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments], cwd=PROJECT, capture_output=True, timeout=120, check=False
        )
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout.decode()

    def protocol(self, change: Callable[[Any], None]) -> None:
        """Change review.yaml as a person would, keeping the rest."""
        yaml = YAML()
        file = self.folder / "review.yaml"
        told = yaml.load(file.read_text(encoding="utf-8"))
        change(told)
        with file.open("w", encoding="utf-8") as out:
            yaml.dump(told, out)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", "--json"))
        return found

    def prisma(self) -> dict[str, Any]:
        """Every way to draw the flow, by name."""
        found: dict[str, Any] = json.loads(self.run("prisma", "--json"))
        return found

    def conflicts(self, stage: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("screen", "conflicts", "--stage", stage))
        return found

    def to_screen(self, stage: str, reviewer: str, *more: str) -> list[Row]:
        """What awaits a reviewer, as the CSV says it."""
        file = self.desk / f"{stage}-{reviewer}.csv"
        self.run("screen", "export", "--stage", stage, "--reviewer", reviewer, "-o", str(file), *more)
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    def decide(self, stage: str, reviewer: str, rows: Iterable[Row], choose: Mapping[str, Choice], *more: str) -> str:
        """Fill in ``rows`` by report id and give them back; what the command says."""
        file = self.desk / f"{stage}-{reviewer}-decided.csv"
        given = []
        for row in rows:
            decision, reason = choose.get(row["report_id"], ("", ""))
            given.append(row | {"decision": decision, "reason": reason, "reviewer": reviewer})
        with file.open("w", encoding="utf-8-sig", newline="") as lines:
            writer = csv.DictWriter(lines, given[0].keys())
            writer.writeheader()
            writer.writerows(given)
        return self.run("screen", "import", str(file), "--stage", stage, "--reviewer", reviewer, *more)

    def settle(self, stage: str, by: str, choose: Mapping[str, Choice]) -> str:
        """A signed consensus on each report of ``choose``."""
        rows = [row for row in self.to_screen(stage, by, "--all") if row["report_id"] in choose]
        assert len(rows) == len(choose)
        return self.decide(stage, by, rows, choose, "--consensus")

    def blank_form(self) -> Path:
        file = self.desk / "form.xlsx"
        self.run("chart", "export", "-o", str(file))
        return file

    def fill_in(self, file: Path, answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Write answers into the workbook by study and field; the studies it has rows for, in its order."""
        book = openpyxl.load_workbook(file)
        sheet = book["Studies"]
        columns = {str(cell.value): at for at, cell in enumerate(sheet[1], start=1)}
        studies = []
        for row in range(3, sheet.max_row + 1):
            study = str(sheet.cell(row, columns["study_id"]).value)
            studies.append(study)
            for name, value in answers.get(study, {}).items():
                sheet.cell(row, columns[name]).value = value
        book.save(file)
        book.close()
        return studies

    def give_back(self, file: Path) -> str:
        """Import a workbook; what is returned lies beside it, ``-returned`` added to its name."""
        return self.run("chart", "import", str(file))

    def places(self) -> dict[tuple[str, str], str]:
        """(source, source id) -> the report's number, for every record that has a place."""
        with open_review(self.folder) as review, review.read() as tx:
            of = Reports(tx).of_records()
            return {(row["source"], row["source_id"]): f"R{of[row['id']]:06d}" for row in Records(tx).origins()
                    if row["id"] in of}  # fmt: skip


def said(text: str, step: str) -> dict[str, int]:
    """The numbers of a step's line: ``search 407 ids found: 407 new`` -> received 407, new 407."""
    line = next(line.strip() for line in text.splitlines() if line.strip().startswith(f"{step}  "))
    total, _, parts = line.removeprefix(step).partition(":")
    numbers = {"received": int(total.split()[0].replace(",", ""))}
    return numbers | {name: int(n.replace(",", "")) for n, name in re.findall(r"([\d,]+) ([a-z ]+)", parts)}


def flow_numbers(flow: dict[str, Any]) -> dict[str, Any]:
    """A flow's numbers without the names of things."""
    boxes = ("duplicates", "screened", "sought", "not_retrieved", "assessed", "included_reports")
    return {
        "identified": flow["identified"]["n"],
        **{name: flow[name] for name in boxes},
        **{name: flow[name]["n"] for name in ("removed", "excluded_screening", "excluded_full_text")},
        "pending": sum(flow["pending"].values()),
        "studies": (flow["previous"]["studies"], flow["included"]["new_studies"], flow["included"]["total_studies"]),
    }


def check_versions(files: Mapping[str, bytes], review: str, versions: Iterable[int]) -> None:
    """Every version there is has the files its manifest names, with their hashes, and there is nothing else."""
    below = {key.removeprefix(f"{review}/"): body for key, body in files.items()}
    check_whole(below)
    there = {key for key in below if key.startswith("versions/")}
    manifests = {f"versions/{number:06d}/manifest.json" for number in versions}
    named = {entry["key"] for key in manifests for entry in json.loads(below[key])["files"]}
    assert there == manifests | named


def check_pointer(files: Mapping[str, bytes], review: str, version: int) -> None:
    """``latest.json`` names this version and the hash of its manifest."""
    pointer = json.loads(files[f"{review}/latest.json"])
    manifest = files[f"{review}/versions/{version:06d}/manifest.json"]
    assert (pointer["version"], pointer["manifest"]["sha256"]) == (version, hashlib.sha256(manifest).hexdigest())


def everything_in(store: LocalObjectStore) -> dict[str, bytes]:
    """Every object that readers can get, by key."""
    client = store.client()
    try:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
    finally:
        client.close()


def without_services() -> list[str]:
    """Variables that would send a test to services of the person who runs it."""
    names = ("LIVING_REVIEW_", "AWS_", "NCBI_", "PREFECT_", "ENTREZ_")
    return [name for name in os.environ if name.startswith(names)]


def numbers_of(table: Mapping[str, Any]) -> dict[str, tuple[int, float]]:
    """Value -> (count, share) of a published table."""
    return {row["value"]: (row["count"], row["share"]) for row in table["rows"]}
