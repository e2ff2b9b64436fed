"""A small review with something to lose, made once and copied for each test; see :mod:`small_review`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import run
from infra.local.object_store import LocalObjectStore
from infra.local.pubmed import LocalPubMed
from tests.acceptance.small_review import (
    EMBASE,
    GOOD,
    PROTOCOL,
    CommandLine,
    clean_environment,
    decided,
    fill,
    pubmed_with,
)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review as the module says; to be copied, never to be changed."""
    folder = tmp_path_factory.mktemp("seeded") / "review"

    def command(*given: object) -> None:
        with pytest.raises(SystemExit) as ended:
            run([str(one) for one in (*given, "--review", folder)])
        assert not ended.value.code, given

    with pytest.MonkeyPatch.context() as patch, pubmed_with(101, 102, 103, 104) as pubmed:
        clean_environment(patch, pubmed.url, folder.parent)
        folder.mkdir()
        (folder / "review.yaml").write_text(PROTOCOL)
        (folder.parent / "embase.ris").write_text(EMBASE)
        command("refresh")
        command("import", folder.parent / "embase.ris", "--source", "embase")
        for stage, decisions in (
            ("title_abstract", {**dict.fromkeys(["R000001", "R000002", "R000003"], ("include", ""))}),
            ("title_abstract", {"R000004": ("exclude", "")}),
            ("full_text", dict.fromkeys(["R000001", "R000003"], ("include", ""))),
        ):
            file = folder.parent / "ann.csv"
            command("screen", "export", "--stage", stage, "--reviewer", "ann", "-o", file)
            file.write_text(decided(file.read_text(), decisions))
            command("screen", "import", file, "--stage", stage, "--reviewer", "ann")
        command("chart", "export", "-o", folder.parent / "form.xlsx")
        command("chart", "import", fill(folder.parent / "form.xlsx", GOOD))
    return folder


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    """PubMed as the seeded review knows it, and one article more."""
    with pubmed_with(101, 102, 103, 104, 105) as running:
        yield running


@pytest.fixture
def review(
    seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """A copy of the seeded review to work on; PubMed is out of reach unless a test sets it."""
    clean_environment(monkeypatch, "http://127.0.0.1:1/", tmp_path)
    return CommandLine(Path(shutil.copytree(seeded, tmp_path / "review")), capsys)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalObjectStore]:
    """An object store that is not ours, whose bucket nobody may read without keys."""
    with LocalObjectStore(tmp_path_factory.mktemp("store")) as running:
        running.create_bucket("reviews")
        yield running
