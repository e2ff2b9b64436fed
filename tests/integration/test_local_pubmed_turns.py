"""Several processes at one kept index of the local PubMed: they wait for each other, and what a killed one left is finished."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from infra.local.pubmed import Corpus
from infra.local.pubmed.__main__ import main
from infra.local.pubmed.search import search
from living_review.errors import UsageError
from tests.integration.test_local_pubmed import article, as_set

ROOT = Path(__file__).resolve().parents[2]
BUILDER = """
import sys
from pathlib import Path
from infra.local.pubmed import Corpus, refresh

take_in = refresh._take_in

def slowly(index, file, *more):
    if file.name == "2.xml":
        print("half", flush=True)
        sys.stdin.readline()
    take_in(index, file, *more)

refresh._take_in, refresh._COMMIT_AFTER = slowly, int(sys.argv[3])
corpus = Corpus([Path(sys.argv[1])], cache=Path(sys.argv[2]))
print(corpus.read_files, flush=True)
sys.stdin.readline()
"""
"""A process that stops when it has read the first of three files, goes on when told to, and serves then."""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"{number}.xml").write_bytes(
            as_set(article(number, f"Asthma {number}"), article(number + 10, "Wheeze"))
        )
    return folder


@pytest.fixture
def half_built(folder, tmp_path):
    """Starts a builder and waits until it stands in the middle; ended with the test."""
    running = []

    def half_built(commit_after):
        command = [sys.executable, "-c", BUILDER, str(folder), str(tmp_path / "cache"), str(commit_after)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        builder = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
        running.append(builder)
        assert builder.stdout.readline() == "half\n"
        return builder

    yield half_built
    for builder in running:
        builder.kill()
        builder.communicate()


def pmids(corpus):
    return search(corpus, "all[sb]").pmids, search(corpus, "asthma[ti]").pmids, [one.pmid for one in corpus.every()]


def test_who_comes_while_an_index_is_built_waits_and_reads_nothing_again(folder, tmp_path, half_built, capfd):
    builder = half_built(0)
    came = []
    waiting = threading.Thread(target=lambda: came.append(Corpus([folder], cache=tmp_path / "cache")))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    told = capfd.readouterr().err
    assert told.startswith(f"waiting for process {builder.pid}, which reads records into the same index: ")
    assert told.count("\n") == 1
    builder.stdin.write("\n")
    builder.stdin.flush()
    waiting.join(30)
    assert builder.stdout.readline() == "3\n"
    assert came[0].read_files == 0  # and both serve
    assert pmids(came[0]) == pmids(Corpus([folder]))


@pytest.mark.parametrize(("commit_after", "left_to_read"), [(0, 2), (1_000_000, 3)])
def test_what_a_killed_builder_left_is_finished(folder, tmp_path, half_built, commit_after, left_to_read):
    builder = half_built(commit_after)
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    corpus = Corpus([folder], cache=tmp_path / "cache")
    assert corpus.read_files == left_to_read
    assert pmids(corpus) == pmids(Corpus([folder]))


def test_an_index_that_is_served_is_not_changed_beneath(folder, tmp_path, capsys):
    first = Corpus([folder], cache=tmp_path / "cache")
    before = pmids(first)
    second = Corpus([folder], cache=tmp_path / "cache")  # nothing has changed: both serve
    assert (second.read_files, pmids(second)) == (0, before)
    (folder / "1.xml").unlink()
    (folder / "4.xml").write_bytes(as_set(article(4, "Asthma 4")))
    assert main(["--records", str(folder), "--index", str(tmp_path / "cache")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: another local PubMed answers from this index, and the records have changed since ")
    assert told.endswith(", end that one first, or give another folder with --index\n")
    assert told.count("\n") == 1
    assert search(first, "all[sb]").pmids == before[0]
    second.close()
    with pytest.raises(UsageError, match="answers from this index"):
        Corpus([folder], cache=tmp_path / "cache")
    first.close()
    assert pmids(Corpus([folder], cache=tmp_path / "cache"))[1] == ["4", "3", "2"]


def test_reading_more_into_an_index_that_others_serve_is_refused(folder, tmp_path):
    first, second = (Corpus([folder], cache=tmp_path / "cache") for _ in range(2))
    (tmp_path / "more.xml").write_bytes(as_set(article(5, "Asthma 5")))
    with pytest.raises(UsageError, match="answers from this index"):
        first.read(tmp_path / "more.xml")
    assert pmids(first) == pmids(second)
    second.close()
    assert first.read(tmp_path / "more.xml") == 1
    with pytest.raises(UsageError, match="answers from this index"):
        Corpus([folder], cache=tmp_path / "cache")  # the first one still serves


def test_the_folder_cannot_be_written(folder, tmp_path):
    (tmp_path / "cache").mkdir()
    Corpus([folder], cache=tmp_path / "cache").close()
    (lock,) = (tmp_path / "cache").glob("*.starting")
    lock.unlink()
    lock.mkdir()
    with pytest.raises(UsageError, match="the index cannot be kept there"):
        Corpus([folder], cache=tmp_path / "cache")
