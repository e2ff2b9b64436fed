"""The installed command on a small review that has something to lose: searched, imported, screened, charted.

What is in the review: reports R000001 to R000006 (four of PubMed, two of Embase, whose third record is a duplicate).
Ann included 1, 2 and 3 and excluded 4 at title and abstract, 5 and 6 await her; at full text she included 1 and 3,
2 awaits her. Study S0001 is charted, S0002 is not.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cli.main import run
from infra.local.pubmed import Corpus, LocalPubMed

COMMAND = Path(sys.executable).with_name("living-review")

PROTOCOL = """\
id: small-review
title: A small living review
question: Does a refused command keep what there was?
criteria_version: 1
eligibility:
  exclude:
    - {id: not_health, text: Not about health}
    - {id: no_data, text: No data}
searches:
  - {source: pubmed, query: "wheeze[tiab]"}
  - {source: files, inbox: inbox}
screening:
  reviewers_per_report: 1
  reviewers: [ann, ben]
  stages: [title_abstract, full_text]
charting:
  form_version: 1
  fields:
    - {name: country, label: Country, type: country, required: true}
    - {name: design, label: Design, type: choice, required: true, options: [survey, trial]}
    - {name: sample_size, label: Sample size, type: integer}
    - {name: started, label: Started, type: date}
    - {name: topics, label: Topics, type: multi_choice, options: [app, phone]}
"""

_DAY = "<Year>2020</Year><Month>01</Month><Day>15</Day>"


def article(pmid: int) -> str:
    """One article as PubMed has it."""
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        f"<DateRevised>{_DAY}</DateRevised><Article PubModel='Print'><Journal><JournalIssue CitedMedium='Print'>"
        f"<PubDate><Year>2020</Year></PubDate></JournalIssue><Title>Journal of Nothing</Title></Journal>"
        f"<ArticleTitle>The wheeze of subject number {pmid} and its telephone</ArticleTitle>"
        f"<Abstract><AbstractText>Nobody was asked about {pmid}.</AbstractText></Abstract>"
        f"<AuthorList><Author><LastName>Gray</LastName><ForeName>Jo</ForeName><Initials>J</Initials></Author></AuthorList>"
        f"<Language>eng</Language><PublicationTypeList><PublicationType UI='D016428'>Journal Article</PublicationType>"
        f"</PublicationTypeList></Article><MedlineJournalInfo><MedlineTA>J Nothing</MedlineTA></MedlineJournalInfo>"
        f"</MedlineCitation><PubmedData><History><PubMedPubDate PubStatus='entrez'>{_DAY}</PubMedPubDate></History>"
        f"<ArticleIdList><ArticleId IdType='pubmed'>{pmid}</ArticleId><ArticleId IdType='doi'>10.5555/{pmid}</ArticleId>"
        f"</ArticleIdList></PubmedData></PubmedArticle>"
    )


def articles(*pmids: int) -> bytes:
    """Articles as one set."""
    return f'<?xml version="1.0"?><PubmedArticleSet>{"".join(map(article, pmids))}</PubmedArticleSet>'.encode()


def ris(number: int, doi: str = "", title: str = "") -> str:
    """One record as Embase exports it."""
    return (
        f"TY  - JOUR\nAN  - L{number}\nT1  - {title or f'A telephone for patient number {number}'}\nA1  - Brown, Al\n"
        f"PY  - 2021\nJF  - Journal of Elsewhere\nDO  - {doi or f'10.5555/embase.{number}'}\nER  - \n\n"
    )


EMBASE = ris(1) + ris(2) + ris(3, doi="10.5555/101", title="The wheeze of subject number 101 and its telephone")


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def done(self) -> Outcome:
        """Itself, if the command did what it was asked."""
        assert (self.code, self.err.count("error:")) == (0, 0), self.err
        return self

    def refused(self, code: int, *lines: Sequence[str]) -> None:
        """One error line for each of ``lines``, which says all that its item names; no traceback, nothing else."""
        told = self.err.splitlines()
        assert self.code == code, (self.code, self.err)
        assert "Traceback" not in self.out + self.err
        assert len(told) == len(lines), self.err
        for line, parts in zip(told, lines, strict=True):
            assert line.startswith("error: ")
            # What, where and what to do; a mistake in a file says what is allowed instead.
            assert line.count(",") >= 2 or "; allowed: " in line, line
            assert [part for part in parts if part not in line] == [], line


class CommandLine:
    """`living-review` in this process, on one review."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *given: object, bare: bool = False) -> Outcome:
        """Run a command on the review (``bare``: without naming it)."""
        self._capsys.readouterr()
        arguments = [str(one) for one in given]
        with pytest.raises(SystemExit) as ended:
            run(arguments if bare else [*arguments, "--review", str(self.folder)])
        out, err = self._capsys.readouterr()
        return Outcome(int(str(ended.value.code)), out, err)

    def write(self, name: str, body: str | bytes) -> Path:
        """A file beside the review."""
        path = self.folder.parent / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        return path

    def protocol(self, *changes: tuple[str, str]) -> None:
        """Change the protocol: each (text, what it becomes) must be there once."""
        path = self.folder / "review.yaml"
        text = path.read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text)

    @property
    def state(self) -> State:
        """Everything the review has now."""
        return State.of(self.folder)


@dataclass(frozen=True)
class State:
    """Every row of every table, and every file beside the ledger."""

    tables: dict[str, list[tuple[Any, ...]]]
    files: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> State:
        """The state of the review in ``folder``."""
        files = {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            # The database is compared by its rows; a lock file says nothing.
            if path.is_file() and ".sqlite" not in path.name
        }
        return cls(tables_of(folder / ".living-review" / "ledger.sqlite"), files)

    def grown(self, now: State) -> dict[str, int]:
        """Table -> rows that were added since; nothing may have been changed or removed."""
        assert now.files == self.files
        for name, rows in self.tables.items():
            # Keys of duplicates stand in the order of the keys, all others in that of their writing.
            assert set(rows) <= set(now.tables[name]) if name == "match_key" else now.tables[name][: len(rows)] == rows
        return {
            name: len(rows) - len(self.tables[name])
            for name, rows in now.tables.items()
            if len(rows) != len(self.tables[name])
        }


def tables_of(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order they were written."""
    if not database.exists():
        return {}
    connection = sqlite3.connect(database)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: list(connection.execute(f'SELECT * FROM "{name}"')) for name in sorted(names)}
    finally:
        connection.close()


def decided(exported: str, decisions: dict[str, tuple[str, str]]) -> str:
    """An exported screening file with decisions (report -> decision, reason) filled in; the other rows are left out."""
    rows = [row for row in csv.DictReader(io.StringIO(exported.lstrip("\ufeff"))) if row["report_id"] in decisions]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    for row in rows:
        decision, reason = decisions[row["report_id"]]
        writer.writerow({**row, "decision": decision, "reason": reason})
    return out.getvalue()


def fill(path: Path, cells: dict[str, object], row: int = 3, sheet: str = "Studies") -> Path:
    """Fill cells of a charting workbook, by the column's name."""
    book = load_workbook(path)
    columns = {cell.value: cell.column for cell in book[sheet][1]}
    for name, value in cells.items():
        book[sheet].cell(row, columns[name], value)
    book.save(path)
    return path


GOOD = {"country": "Australia", "design": "survey", "charted_by": "ann"}


def clean_environment(monkeypatch: pytest.MonkeyPatch, pubmed: str, rates: Path) -> None:
    """Only what these tests set: no setting of the machine they run on."""
    for name in [*os.environ]:
        if name.startswith(("LIVING_REVIEW_", "NCBI_", "AWS_", "PREFECT_", "ENTREZ_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed)
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_ATTEMPTS", "2")
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_WAIT_S", "0.01")
    monkeypatch.setenv("LIVING_REVIEW_RATE_FOLDER", str(rates))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def pubmed_with(*pmids: int) -> LocalPubMed:
    """A PubMed on loopback that holds these articles."""
    corpus = Corpus()
    corpus.add(articles(*pmids))
    return LocalPubMed(corpus)


def installed(*given: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own, with this process's environment."""
    return subprocess.run(
        [str(COMMAND), *map(str, given)], capture_output=True, text=True, timeout=120, check=False, **options
    )
