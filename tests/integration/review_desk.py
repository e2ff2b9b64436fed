"""A review whose people work through files: records come by export, decisions by CSV, charting by workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from openpyxl import load_workbook

from infra.local.object_store import LocalObjectStore
from living_review.ledger.database import Ledger
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches, SearchRun
from living_review.protocol import Protocol, Stage
from living_review.records import Author, Record, Relation
from living_review.review import Clock, Review
from living_review.screening_export import ExportRow, export_csv
from living_review.settings import Settings
from living_review.steps.account import Account
from living_review.steps.chart import ChartedCheck, import_workbook, to_chart
from living_review.steps.dedupe import dedupe
from living_review.steps.import_files import import_files
from living_review.steps.object_store import remember
from living_review.steps.publish import publish
from living_review.steps.queue import queue
from living_review.steps.screen import import_file, to_screen
from living_review.steps.screening_state import screening_state
from living_review.store_probe import ProbeResult
from living_review.validation import ValidationReport

TITLE, FULL = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
FIELDS = [
    {"name": "country", "type": "country", "required": True},
    {"name": "design", "type": "choice", "options": ["survey", "trial"], "required": True},
    {"name": "size", "label": "Sample size", "type": "integer"},
    {"name": "finding", "type": "text"},
]
PROTOCOL: dict[str, Any] = {
    "id": "desk",
    "title": "Telephones: a living review",
    "question": "How are telephones used?",
    "authors": [{"name": "Jo Gray"}],
    "eligibility": {"exclude": [{"id": "other", "text": "Another subject"}, {"id": "no_data", "text": "No data"}]},
    "searches": [{"source": "files", "inbox": "inbox"}],
    "screening": {"reviewers_per_report": 2, "reviewers": ["ann", "ben", "cho"]},
    "charting": {"form_version": "1", "fields": FIELDS},
    "summary": {"tables": ["country", "design", "size"], "crosstabs": [["design", "country"]]},
}
GOOD = {"country": "Australia", "design": "survey", "size": 40, "finding": "It rang.", "charted_by": "ann"}
Given = Mapping[str, str | tuple[str, ...]]
"""Report -> choice, or (choice, reason, note)."""


def fine(frame: Any) -> ValidationReport:
    """A check that finds nothing wrong with any row."""
    return ValidationReport("made up", "0" * 64, len(frame), 1)


def fine_rows(_protocol: Any, _today: Any) -> Any:
    return fine


def fine_summary(_synthesis: Any, state: Any, _protocol: Any) -> ValidationReport:
    return ValidationReport("made-up summary", "1" * 64, 1, 1)


@dataclass
class Desk:
    """A review, and a folder for the files that pass between it and its people."""

    review: Review
    files: Path
    passed: int = 0

    def path(self, name: str) -> Path:
        self.passed += 1
        return self.files / f"{self.passed:03d}-{name}"

    def change(self, **parts: Any) -> None:
        """Change parts of the protocol, as a person would in review.yaml."""
        plain = self.review.protocol.model_dump(mode="json") | parts
        self.review = replace(self.review, protocol=Protocol.model_validate(plain))

    def arrive(self, *numbers: int, source: str = "embase") -> None:
        """An export of ``source`` comes with made-up records; equal numbers are one report in every database."""
        path = self.path(f"{source}.ris")
        path.write_text("".join(map(ris, numbers)), encoding="utf-8")
        import_files(self.review, [path], source)
        self.place()

    def found(self, *records: Record) -> None:
        """A search of PubMed brings ``records``."""
        with self.review.write() as tx:
            run = SearchRun(
                source="pubmed",
                kind="pubmed",
                platform="PubMed",
                query="telephone",
                translation="telephone",
                promised=len(records),
                delivered=len(records),
                state="complete",
                started_at=tx.at,
                finished_at=tx.at,
                counts={"new": len(records)},
                ids=[one.source_id for one in records],
            )
            search = Searches(tx).add(run, protocol_digest="p", tool_version="0")
            known = Records(tx).known_ids("pubmed")
            Records(tx).add([one for one in records if one.source_id not in known], search)
        self.place()

    def place(self) -> None:
        dedupe(self.review)
        queue(self.review)

    def rows(self, stage: Stage, reviewer: str, *, every: bool = False) -> dict[str, ExportRow]:
        return {row.report_id: row for row in to_screen(self.review, stage, reviewer, every=every)}

    def decisions(self, reviewer: str, stage: Stage, given: Given) -> Path:
        """A file of decisions, filled in on an export of everything."""
        shown = self.rows(stage, reviewer, every=True)
        filled = []
        for report, one in given.items():
            choice, reason, note = (*((one,) if isinstance(one, str) else one), "", "")[:3]
            row = shown.get(report) or ExportRow(report_id=report, record_id=int(report[1:]))
            filled.append(replace(row, decision=choice, reason=reason, note=note))
        path = self.path(f"{stage}-{reviewer}.csv")
        path.write_bytes(export_csv(filled))
        return path

    def decide(self, reviewer: str, stage: Stage, given: Given, *, consensus: bool = False) -> Account:
        return import_file(self.review, self.decisions(reviewer, stage, given), stage, reviewer, consensus=consensus)

    def include(self, *reports: str) -> None:
        """Ann and ben include ``reports`` at both stages."""
        for stage in self.review.protocol.screening.stages:
            for reviewer in ("ann", "ben"):
                self.decide(reviewer, stage, dict.fromkeys(reports, "include"))

    def form(self, *, every: bool = False) -> Path:
        path = self.path("form.xlsx")
        path.write_bytes(to_chart(self.review, every=every)[0])
        return path

    def chart(
        self, answers: Mapping[str, Mapping[str, object]], check: ChartedCheck = fine_rows, *, every: bool = True
    ) -> tuple[Account, Path | None]:
        """Chart studies on the form; the account, and the workbook that came back."""
        path = fill(self.form(every=every), answers)
        return self.give_back(path, check)

    def give_back(self, path: Path, check: ChartedCheck = fine_rows) -> tuple[Account, Path | None]:
        account, returned = import_workbook(self.review, path, check)
        if returned is None:
            return account, None
        back = self.path("returned.xlsx")
        back.write_bytes(returned)
        return account, back

    def publish(
        self, *, by: str = "", unseen: bool = False, summary: Any = fine_summary, rows: ChartedCheck = fine_rows
    ) -> Account:
        return publish(self.review, rows, summary, approved_by=by, unseen=unseen)

    @property
    def state(self) -> Any:
        with self.review.read() as tx:
            return screening_state(tx, self.review.protocol)

    def table(self, table: sa.Table) -> list[dict[str, Any]]:
        """Every row of ``table``, earliest first."""
        with self.review.read() as tx:
            return tx.rows(sa.select(table).where(table.c.review == self.review.id).order_by(table.c.id))


SAFE = ProbeResult(second_creation_refused=True, stale_swap_refused=True, creation_winners=1, swap_winners=1)
"""What the probe of the embedded store finds, which takes seconds; ``test_store.py`` probes it."""


def desk_on(ledger: Ledger, clock: Clock, folder: Path, *, store_url: str = "", **protocol: Any) -> Desk:
    """A new review in ``ledger``, whose store was probed."""
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    made = Protocol.model_validate({**PROTOCOL, **protocol})
    review = Review(folder, made, Settings(store_url=store_url), ledger, clock)
    if store_url:
        remember(review, SAFE)
    return Desk(review, files)


def ris(number: int) -> str:
    """An entry of an export; made up."""
    return (
        f"TY  - JOUR\nTI  - {title(number)}\nAU  - Gray, Jo\nPY  - 2020\nJF  - Journal of Nothing\n"
        f"DO  - 10.5555/{number}\nAB  - Nothing is known of it.\nER  - \n\n"
    )


_WORDS = ("alder", "birch", "cedar", "durian", "elder", "fir", "gorse", "hazel", "ivy", "juniper")


def title(number: int) -> str:
    """A title unlike every other one."""
    return f"The telephone among {' '.join(_WORDS[int(digit)] * 2 for digit in str(number))} trees"


def pubmed_record(number: int, *, relations: Iterable[Relation] = (), status: str = "MEDLINE") -> Record:
    """A record as PubMed has it; the same report as :func:`ris` of that number."""
    return Record(
        source="pubmed",
        source_id=str(number),
        pmid=str(number),
        title=title(number),
        authors=(Author(family="Gray", given="Jo"),),
        year=2020,
        doi=f"10.5555/{number}",
        status=status,
        relations=tuple(relations),
    )


def fill(path: Path, answers: Mapping[str, Mapping[str, object]], sheet: str = "Studies") -> Path:
    """Fill in rows of a workbook, by study and the column's name."""
    book = load_workbook(path)
    columns = {str(cell.value): cell.column for cell in book[sheet][1]}
    at = {str(book[sheet].cell(row, 1).value): row for row in range(3, book[sheet].max_row + 1)}
    for study, cells in answers.items():
        for name, value in cells.items():
            book[sheet].cell(at[study], columns[name]).value = value  # type: ignore[assignment]
    book.save(path)
    return path


def quote(path: Path, study: str, **cells: object) -> Path:
    """Add a row to the sheet of quotes."""
    book = load_workbook(path)
    sheet = book["Quotes"]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    row = max(3, sheet.max_row + 1)
    for name, value in {"study_id": study, **cells}.items():
        sheet.cell(row, columns[name]).value = value  # type: ignore[assignment]
    book.save(path)
    return path


def cells(path: Path, sheet: str = "Studies") -> list[dict[str, Any]]:
    """The rows of a workbook by the columns' names; empty cells are left out."""
    page = load_workbook(path)[sheet]
    names = [str(cell.value) for cell in page[1]]
    return [
        {name: value for name, value in zip(names, row, strict=False) if value is not None}
        for row in page.iter_rows(min_row=3, values_only=True)
        if any(value is not None for value in row)
    ]


def objects(store: LocalObjectStore, store_url: str) -> dict[str, bytes]:
    """Key below the place -> bytes, of everything there but what the probe left."""
    bucket, _, prefix = store_url.removeprefix("s3://").partition("/")
    client = store.client()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    keys = [str(one["Key"]) for page in pages for one in page.get("Contents", [])]
    return {
        key.removeprefix(f"{prefix}/"): client.get_object(Bucket=bucket, Key=key)["Body"].read()
        for key in keys
        if ".probe/" not in key
    }
