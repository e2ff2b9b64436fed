"""The documents say what is so: their commands are run, their tables compared with the code, their links followed.

A block whose fence says ``console run`` or ``bash run`` is run in the order of reading, in one folder for ``docs/`` and one
for the README. In a console block lines after ``$ `` are commands, the others what they print: ``…`` stands for anything, and
a line of it alone for any lines. ``<!-- people: … -->`` stands where people do something (see :data:`PEOPLE`), and
``<!-- file: NAME -->`` in front of a block that is a file.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer
from openpyxl import load_workbook
from pydantic import BaseModel

from flows.order import ORDERS
from infra.local.fictional import embase_export, write_baseline
from infra.local.object_store import LocalObjectStore
from infra.local.pubmed import Corpus, LocalPubMed
from living_review import errors
from living_review.ledger.tables import metadata
from living_review.protocol import Protocol
from living_review.protocol_file import parse
from living_review.screening import MOVES, RETRIEVAL_MOVES
from living_review.settings import Settings
from tests.published import check_all

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / name
    for name in (
        "README.md",
        "GLOSSARY.md",
        "CHANGELOG.md",
        *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    )
]
IN_ORDER = ("operators", "review-team", "publication", "status")
"""The documents whose commands go on where the one before stopped."""

_PIECE = re.compile(
    r"^```(?P<kind>console|bash) run\n(?P<block>.*?)^```$"
    r"|^<!-- people: (?P<people>[^\n]*?) -->$"
    r"|^<!-- file: (?P<file>[\w.-]+) -->\n```\w+\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


# What people do between commands


def _decide(path: Path, *decisions: str) -> None:
    """Fill in an exported file from its first row on, the last decision for all further rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for place, row in enumerate(rows):
        row["decision"], _, row["reason"] = decisions[min(place, len(decisions) - 1)].partition(":")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _chart(path: Path, **cells: str | int) -> None:
    book = load_workbook(path)
    columns = {cell.value: number for number, cell in enumerate(book["Studies"][1], start=1)}
    for name, value in cells.items():
        book["Studies"].cell(3, columns[name], value)
    book.save(path)


def _screen_titles(folder: Path) -> None:
    _decide(folder / "ann.csv", "include", "include", "include", "exclude:no_change", "exclude")
    _decide(folder / "ben.csv", "include", "maybe", "exclude")


def _screen_texts(folder: Path) -> None:
    for name in ("ann", "ben"):
        _decide(folder / f"{name}-full.csv", "include", "exclude:no_change")


def _chart_with_a_slip(folder: Path) -> None:
    _chart(
        folder / "to-chart.xlsx",
        country="Australia",
        design="qualitativ",
        communication_model="Two-way",
        population="General public",
        qi_activity="Co-design; Advocacy",
        platform="Twitter",
        sample_size=24,
        charted_by="ann",
    )


PEOPLE: dict[str, Callable[[Path], None]] = {
    "ann and ben screen titles and abstracts": _screen_titles,
    "ann and ben screen full texts": _screen_texts,
    "ann charts a study with a slip of the pen": _chart_with_a_slip,
    "ann corrects the returned row": lambda folder: _chart(folder / "to-chart-returned.xlsx", design="qualitative"),
}


# Running documents


@dataclass
class Session:
    """One folder in which commands are run, one after another."""

    folder: Path
    environment: dict[str, str]
    commands: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.here = self.folder

    def read(self, document: Path) -> None:
        """Run what ``document`` says, up to the first command that does not do as it says."""
        text = document.read_text(encoding="utf-8")
        for piece in _PIECE.finditer(text):
            line = text.count("\n", 0, piece.start()) + 1
            if piece["people"]:
                PEOPLE[piece["people"]](self.here)
            elif piece["file"]:
                (self.here / piece["file"]).write_text(piece["body"], encoding="utf-8")
            else:
                for command, expected in commands_of(piece["kind"], piece["block"]):
                    problem = self.run(command, expected)
                    if problem:
                        self.problems.append(f"{document.name}, block at line {line}: $ {command}\n{problem}")
                        return

    def run(self, command: str, expected: str) -> str:
        """Run one command where the last one left off; what is wrong with it, or nothing."""
        place = self.folder.parent / "cwd"
        done = subprocess.run(
            ["/bin/bash", "-eu", "-o", "pipefail", "-c", f'{command}\npwd > "{place}"'],
            cwd=self.here,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        self.commands += 1
        if done.returncode:
            return f"exit {done.returncode}\n{done.stdout}"
        self.here = Path(place.read_text().strip())
        return "" if prints(done.stdout, expected) else f"printed\n{done.stdout}\nand the document says\n{expected}"


def commands_of(kind: str, block: str) -> list[tuple[str, str]]:
    """Each command with what it is said to print; nothing said, nothing compared."""
    if kind == "bash":
        return [(block, "")]
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> "):
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", found[-1][1])
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def prints(printed: str, expected: str) -> bool:
    """Whether ``printed`` is what ``expected`` says."""
    if not expected:
        return True
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == "…" else "[^\n]*".join(map(re.escape, line.rstrip().split("…"))) + "[ ]*\n"
        for line in expected.splitlines()
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


@dataclass(frozen=True)
class Place:
    """Servers on loopback, and the environment that leads to them."""

    environment: dict[str, str]
    store: LocalObjectStore


BUCKET = "sample"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A PubMed with the made-up records, and an object store."""
    base = tmp_path_factory.mktemp("docs-servers")
    corpus = Corpus()
    corpus.add(write_baseline(base).read_bytes())
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIVING_REVIEW_", "NCBI_", "AWS_", "PREFECT_", "ENTREZ_"))
    }
    with LocalPubMed(corpus) as pubmed, LocalObjectStore(base / "store") as store:
        store.create_bucket(BUCKET)
        yield Place(
            {
                **clean,
                **store.environment,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}",
                "LIVING_REVIEW_ENTREZ_URL": pubmed.url,
                "LIVING_REVIEW_RATE_FOLDER": str(base / "rate"),
                "LIVING_REVIEW_STORE_URL": f"s3://{BUCKET}",
                "PUBLIC_ADDRESS": f"{store.endpoint_url}/{BUCKET}",
                "DO_NOT_TRACK": "1",
            },
            store,
        )


@pytest.fixture(scope="module")
def docs(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The folder after everything in ``docs/`` was run."""
    folder = tmp_path_factory.mktemp("docs") / "run"
    folder.mkdir()
    (folder / "embase.ris").write_text(embase_export(), encoding="utf-8")
    session = Session(folder, place.environment)
    others = sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem not in IN_ORDER)
    for name in (*IN_ORDER, *others):
        if not session.problems:
            session.read(ROOT / "docs" / f"{name}.md")
    return session


@pytest.mark.server
def test_every_command_of_the_documents_does_what_they_say(docs: Session) -> None:
    assert docs.problems == [], "\n".join(docs.problems)
    assert docs.commands >= 20


@pytest.mark.server
def test_the_commands_of_the_readme_do_what_it_says(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    session = Session(folder, place.environment)
    session.read(ROOT / "README.md")
    assert session.problems == [], "\n".join(session.problems)


@pytest.mark.parametrize(
    ("printed", "expected", "fits"),
    [
        ("a\nb\n", "a\nb", True),
        ("a\nb\n", "a", False),
        ("a\n", "a\n…", True),
        ("a\nb\nc\n", "a\n…\nc", True),
        ("a\nb\n", "…\nc", False),
        ("at 10:00, complete\n", "at …, complete", True),
        ("at 10:00, failed\n", "at …, complete", False),
        ("anything\n", "", True),
    ],
)
def test_what_a_command_prints_is_compared(printed: str, expected: str, fits: bool) -> None:
    assert prints(printed, expected) is fits


def test_a_command_that_fails_or_prints_something_else_is_found(tmp_path: Path) -> None:
    document = tmp_path / "doc.md"
    folder = tmp_path / "run"
    (folder / "sub").mkdir(parents=True)
    good = "```console run\n$ cd sub\n$ echo one; echo two >&2\none\ntwo\n$ basename $PWD\nsub\n```\n"
    for bad in ("```console run\n$ echo one\ntwo\n```\n", "```bash run\nfalse\necho done\n```\n"):
        session = Session(folder, dict(os.environ))
        document.write_text(f"{good}\n```console\n$ not run\n```\n\n{bad}", encoding="utf-8")
        session.read(document)
        assert session.commands == 4
        assert len(session.problems) == 1
        assert "block at line 14" in session.problems[0]


# Tables against the code


def table_keys(text: str) -> list[str]:
    """The names in backquotes in the first column of every table, in order."""
    cells = re.findall(r"^\| (`[^|]*?) \|", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def table_rows(text: str) -> dict[str, list[str]]:
    """First name of a row -> its other cells."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    return {re.findall(r"`([^`]+)`", cells[0])[0]: cells[1:] for cells in rows}


def section(name: str, heading: str) -> str:
    """What a document says under a heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", document(name), re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def document(name: str) -> str:
    """The text of a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def _models_in(annotation: Any) -> tuple[list[type[BaseModel]], bool]:
    """The models an annotation may hold, and whether it holds several of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation], False
    found = [_models_in(one) for one in typing.get_args(annotation)]
    models = [model for some, _ in found for model in some]
    return models, typing.get_origin(annotation) is tuple or any(many for _, many in found)


def protocol_keys(model: type[BaseModel] = Protocol, prefix: str = "") -> dict[str, set[str]]:
    """Every key of the protocol -> its defaults as the document writes them; empty: nothing to compare."""
    keys: dict[str, set[str]] = {}
    for name, item in model.model_fields.items():
        models, many = _models_in(item.annotation)
        default = item.get_default(call_default_factory=True)
        said = ""
        if item.is_required():
            said = "required"
        elif isinstance(default, bool):
            said = f"`{str(default).lower()}`"
        elif isinstance(default, (int, StrEnum)) or (isinstance(default, str) and default):
            said = f"`{default}`"
        elif default == "":
            said = "empty"
        elif default in ((), None, {}):
            said = "none"
        keys.setdefault(prefix + name, set()).add(said)
        named = typing.get_args(item.annotation)[:1] if typing.get_origin(item.annotation) is dict else ()
        if named and typing.get_origin(named[0]) is typing.Literal:
            for key in typing.get_args(named[0]):
                keys.setdefault(f"{prefix}{name}.{key}", set()).add(said)
        below = "[]" if many else ".*" if typing.get_origin(item.annotation) is dict else ""
        for one in models:
            for key, defaults in protocol_keys(one, f"{prefix}{name}{below}.").items():
                keys.setdefault(key, set()).update(defaults)
    return keys


def test_the_protocol_document_has_every_key_with_its_default() -> None:
    text = document("docs/protocol.md")
    found, expected = table_rows(text), protocol_keys()
    assert sorted(table_keys(text)) == sorted(expected)
    wrong = {
        key: (found[key][1], defaults)
        for key, defaults in expected.items()
        if not all(default in found[key][1] for default in defaults)
    }
    assert wrong == {}


def test_the_protocol_document_names_every_allowed_word() -> None:
    from living_review.protocol import Event, FieldType, Living, Publish, Stage

    rows = table_rows(document("docs/protocol.md"))
    for key, words in (
        ("charting.fields[].type", list(FieldType)),
        ("notify[].on", list(Event)),
        ("living.status", typing.get_args(Living.model_fields["status"].annotation)),
        ("publish.approval", typing.get_args(Publish.model_fields["approval"].annotation)),
    ):
        assert re.findall(r"`(\w+)`", rows[key][2])[: len(words)] == [str(word) for word in words], key
    assert rows["screening.stages"][1] == f"`[{', '.join(Stage)}]`"


def test_the_example_of_the_protocol_document_is_one_and_has_every_key() -> None:
    from ruamel.yaml import YAML

    (body,) = re.findall(r"^```yaml\n(.*?)^```$", document("docs/protocol.md"), re.MULTILINE | re.DOTALL)
    assert parse(body.encode()).id == "telephone-and-wheeze"
    used: set[str] = set()

    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                used.add(f"{path}{name}")
                walk(value, f"{path}{name}.")
                walk(value, f"{path}*.")
        elif isinstance(node, list):
            for value in node:
                walk(value, f"{path.removesuffix('.')}[].")

    walk(YAML(typ="safe").load(body), "")
    assert set(protocol_keys()) - used == set()


def test_the_settings_document_has_every_variable_with_its_default() -> None:
    text = document("docs/settings.md")
    expected: dict[str, str] = {}
    for name, item in Settings.model_fields.items():
        choices = getattr(item.validation_alias, "choices", [f"LIVING_REVIEW_{name.upper()}"])
        default = item.default
        plain = default if isinstance(default, (str, int, float)) else default.get_secret_value()
        said = f"`{str(plain).lower() if isinstance(plain, bool) else plain}`" if plain != "" else "empty"
        for variable in choices:
            if variable.isupper():
                expected[variable] = said
    named = set(table_keys(text))
    assert set(expected) <= named
    assert {name for name in named if name.startswith(("LIVING_REVIEW_", "NCBI_"))} == {
        *(name for name in expected if name != "ENTREZ_URL"),
        "LIVING_REVIEW_SECRET_<NAME>",
    }
    rows = table_rows(text)
    assert {name: rows[name][1] for name in expected if name in rows} == {
        name: said for name, said in expected.items() if name in rows
    }


def test_every_variable_that_the_code_reads_is_documented() -> None:
    named = set(table_keys(document("docs/settings.md")))
    read: set[str] = set()
    for room in ("living_review", "cli", "flows", "tasks", "expectations"):
        for path in (ROOT / room).rglob("*.py"):
            read |= set(
                re.findall(r"environ(?:\.get\(|\[)[\"']([A-Z_]+)[\"'][,)\]](?! =)", path.read_text(encoding="utf-8"))
            )
    assert read, "no variable was found: the pattern no longer fits the code"
    assert read <= named


@pytest.mark.server
def test_the_status_document_has_every_key_of_a_real_run(docs: Session) -> None:
    done = subprocess.run(
        ["living-review", "status", "--json"],
        cwd=docs.here,
        env=docs.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["published_version"] == 1
    keys: set[str] = set()
    for name, value in found.items():
        if name in {"awaiting", "conflicts"}:
            assert list(value) == ["title_abstract", "full_text"]
            keys.add(f"{name}.<stage>")
        elif name == "searches":
            keys |= {f"searches.<source>.{key}" for search in value.values() for key in search}
        else:
            keys.add(name)
    assert sorted(table_keys(document("docs/status.md"))) == sorted(keys)


@pytest.mark.server
def test_the_publication_document_has_every_file_and_key_of_a_real_version(docs: Session, place: Place) -> None:
    client = place.store.client()
    review = "social-media-health-services"

    def read(key: str) -> Any:
        return json.loads(client.get_object(Bucket=BUCKET, Key=f"{review}/{key}")["Body"].read())

    pointer = read("latest.json")
    assert sorted(table_keys(section("docs/publication.md", "The pointer, `latest.json`"))) == sorted(pointer)
    manifest = read(pointer["manifest"]["key"])
    names = {re.sub(r"charts/[\w-]+\.", "charts/<id>.", file["name"]) for file in manifest["files"]}
    names = {
        re.sub(r"prisma/\w+\.", "prisma/<variant>.", re.sub(r"^studies/\d+", "studies/<part>", name)) for name in names
    }
    assert sorted(table_keys(section("docs/publication.md", "The files of a version"))) == sorted(
        {*names, "manifest.json"}
    )
    summary = read(f"versions/{pointer['version']:06d}/summary.json")
    assert sorted(table_keys(section("docs/publication.md", "The summary, `summary.json`"))) == sorted(summary)
    for file in ("latest.json", *(file["key"] for file in manifest["files"])):
        check_all({file: client.get_object(Bucket=BUCKET, Key=f"{review}/{file}")["Body"].read()})
    check_all({"manifest.json": json.dumps(manifest).encode()})
    headers = {
        key: client.head_object(Bucket=BUCKET, Key=f"{review}/{key}")["CacheControl"]
        for key in ("latest.json", "feed.xml", "feed.json", pointer["manifest"]["key"])
    }
    caching = section("docs/publication.md", "Caching")
    assert [value for value in headers.values() if f"`{value}`" not in caching] == []


def test_the_operators_document_has_every_class_of_error() -> None:
    classes = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.LivingReviewError)
    ]
    rows = table_rows(section("docs/operators.md", "When something fails"))
    assert {one.__name__: str(one.exit_code) for one in classes} == {name: cells[0] for name, cells in rows.items()}


def test_the_table_of_tables_is_the_ledger() -> None:
    assert sorted(table_keys(section("docs/how-it-works.md", "The ledger"))) == sorted(metadata.tables)


def test_the_flows_are_in_their_order() -> None:
    rows = table_rows(section("docs/how-it-works.md", "Flows"))
    assert {name: tuple(re.findall(r"`(\w+)`", cells[0])) for name, cells in rows.items()} == ORDERS


def test_the_diagrams_of_states_are_the_moves_of_the_code() -> None:
    verdicts, texts = re.findall(r"stateDiagram-v2\n(.*?)```", section("docs/how-it-works.md", "Screening"), re.DOTALL)
    drawn = re.findall(r"^ +(\w+) --> (\w+): (\w+)$", verdicts, re.MULTILINE)
    assert sorted(drawn) == sorted(
        (str(before), str(after), str(act)) for (before, act), found in MOVES.items() for after in found
    )
    drawn_texts = re.findall(r"^ +(\w+) --> (\w+)$", texts, re.MULTILINE)
    assert sorted(drawn_texts) == sorted(
        (str(before), str(after)) for before, found in RETRIEVAL_MOVES.items() for after in found
    )


def test_the_glossary_is_in_order_and_says_something_of_each_word() -> None:
    words = re.findall(r"^\*\*([^*]+)\*\*.* (\S.*)$", document("GLOSSARY.md"), re.MULTILINE)
    names = [word.casefold() for word, _ in words]
    assert names == sorted(names)
    assert {
        *("record", "report", "study", "search", "decision", "verdict", "charting", "publication", "stage"),
        *("protocol", "ledger", "consensus", "conflict", "kappa", "pointer", "manifest", "identified", "screened"),
        *("sought", "assessed", "not retrieved", "included", "duplicate", "quarantine", "sentinel", "drift"),
    } - set(names) == set()


# All documents


def _commands() -> set[str]:
    from cli.main import _GROUPS, _add_groups, app

    _add_groups(())
    group: Any = typer.main.get_command(app)
    names = {name for commands in _GROUPS.values() for name in commands}
    assert names == set(group.commands)
    return names


def test_commands_that_are_named_exist() -> None:
    names = _commands()
    found = {
        (path.name, command)
        for path in DOCUMENTS
        for command in re.findall(r"living-review ([a-z][a-z-]*)", " ".join(re.findall(r"`[^`]+`", path.read_text())))
    }
    assert found
    assert {one for one in found if one[1] not in names} == set()


def test_links_lead_somewhere() -> None:
    dead = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"https?://", target):
                continue
            name, _, anchor = target.partition("#")
            there = (path.parent / name).resolve() if name else path
            if not there.exists():
                dead.append(f"{path.name}: {target}")
            elif anchor and anchor not in _anchors(there):
                dead.append(f"{path.name}: {target} has no such heading")
    assert dead == []


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_paths_of_the_project_that_are_named_exist() -> None:
    rooms = "living_review|expectations|tasks|flows|cli|infra|site|tests|docs"
    missing = {
        (path.name, name)
        for path in DOCUMENTS
        for name in re.findall(rf"`((?:{rooms})/[\w./*-]*)`", path.read_text(encoding="utf-8"))
        if not list(ROOT.glob(name.rstrip("/")))
    }
    assert missing == set()


def test_no_document_is_alone() -> None:
    linked = {
        (path.parent / target.partition("#")[0]).resolve()
        for path in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
        if not target.startswith("http")
    }
    assert {path.name for path in DOCUMENTS if path.name != "README.md" and path not in linked} == set()


FORBIDDEN = (
    "/wo" + "rk",
    "sha" + "red/",
    "pypi" + ".org",
    "docker" + ".io",
    "ghcr" + ".io",
    "npmjs" + ".org",
    "/home/",
)
"""Machine paths and hosts of registries, written so that this file does not hold them."""


def test_no_document_names_a_machine_or_a_registry() -> None:
    found = [(path.name, word) for path in DOCUMENTS for word in FORBIDDEN if word in path.read_text(encoding="utf-8")]
    assert found == []


def test_the_licence_is_the_one_that_the_package_states() -> None:
    text = document("LICENSE")
    assert text.split() and "Apache License Version 2.0, January 2004" in " ".join(text.split())
    assert 'license = "Apache-2.0"' in document("pyproject.toml")
    assert f"## [{re.findall('^version = .(.+).$', document('pyproject.toml'), re.MULTILINE)[0]}]" in document(
        "CHANGELOG.md"
    )
