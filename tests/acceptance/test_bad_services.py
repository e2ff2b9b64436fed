"""What a review needs and does not get: one line each, no secret, and the review as it was before."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.object_store import LocalObjectStore
from infra.local.pubmed import LocalPubMed
from tests.acceptance.small_review import CommandLine, State, pubmed_with, ris

pytestmark = pytest.mark.server

SECRET = "gEheim-0123456789abcdef"
DEAD = "http://127.0.0.1:1"


def failed_search_only(before: State, now: State) -> None:
    """A search that failed is kept with what was answered, and nothing else."""
    grown = before.grown(now)
    assert grown.keys() <= {"search", "search_answer", "raw_response"}
    assert grown["search"] == 1
    assert "failed" in now.tables["search"][-1]


# PubMed


def test_pubmed_out_of_reach(review: CommandLine):
    before = review.state
    review("refresh").refused(1, ("no complete answer", "esearch at 127.0.0.1:1", "try again later"))
    failed_search_only(before, review.state)


def test_pubmed_out_of_reach_of_a_watch(review: CommandLine):
    before = review.state
    review("watch").refused(1, ("no complete answer", "efetch at 127.0.0.1:1", "try again later"))
    failed_search_only(before, review.state)


@pytest.mark.parametrize(
    ("fault", "on", "said"),
    [
        ("500html", "esearch", "status 500"),
        ("502html", "efetch", "status 502"),
        ("empty", "esearch", "the answer is empty"),
        ("html_tail", "esearch", "the answer is cut off"),
        ("html_tail", "efetch", "the answer is cut off"),
        ("chunk_cut", "esearch", "no complete answer"),
        ("chunk_cut", "efetch", "no complete answer"),
        ("short_cl", "efetch", "no complete answer"),
        ("reset", "efetch", "no complete answer"),
        ("unroutable", "esearch", "Unable to route request"),
        ("timeout400", "efetch", "Timeout"),
        ("empty_set", "efetch", "105"),
        ("missing:105", "efetch", "105"),
        ("shrink", "esearch", "PubMed"),
    ],
)
def test_pubmed_that_fails(review: CommandLine, pubmed: LocalPubMed, monkeypatch, fault: str, on: str, said: str):
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    pubmed.faults.always(fault, on)
    before = review.state
    review("refresh").refused(1, (said,))
    failed_search_only(before, review.state)
    pubmed.faults.clear()
    told = review("refresh").done()
    assert "5 ids found: 1 new, 4 known" in told.out


def test_an_api_key_that_pubmed_refuses_is_not_shown_anywhere(review: CommandLine, monkeypatch):
    monkeypatch.setenv("NCBI_API_KEY", SECRET)
    before = review.state
    with pubmed_with(101, 102, 103, 104) as pubmed:
        strict = LocalPubMed(pubmed.corpus, api_keys=["another"])
        with strict:
            monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", strict.url)
            refused = review("refresh")
            debug = review("refresh", "--debug")
            check = review("check")
    refused.refused(1, ("the API key is not valid", "esearch at ", "set NCBI_API_KEY to a valid key or leave it out"))
    assert "Traceback" in debug.err
    assert "the API key is not valid" in check.err
    for told in (refused, debug, check):
        assert SECRET not in told.out + told.err
    assert SECRET not in str(review.state.tables)
    assert SECRET.encode() not in (review.folder / ".living-review" / "ledger.sqlite").read_bytes()
    assert before.grown(State(review.state.tables, before.files)).keys() == {"search"}


# The database


@pytest.mark.parametrize(
    ("address", "what"),
    [
        (f"postgresql://somebody:{SECRET}@127.0.0.1:1/reviews", "the database cannot be reached"),
        (f"postgresql://somebody:{SECRET}@127.0.0.1:1/reviews?x=1", 'invalid connection option "x"'),
    ],
)
@pytest.mark.parametrize("command", ["status", "refresh", "check"])
def test_a_database_out_of_reach(review: CommandLine, monkeypatch, command: str, address: str, what: str):
    monkeypatch.setenv("LIVING_REVIEW_DATABASE_URL", address)
    before = review.state
    told = review(command)
    assert told.code == 1
    lines = [line for line in told.err.splitlines() if what in line]
    assert len(lines) == 1
    assert "postgresql+psycopg://somebody:***@127.0.0.1:1/reviews" in lines[0]
    assert "LIVING_REVIEW_DATABASE_URL" in lines[0]
    if command == "status":
        told.refused(1, (what,))
        assert review.state == before
    debug = review("status", "--debug")
    assert "Traceback" in debug.err
    assert SECRET not in told.out + told.err + debug.out + debug.err


@pytest.mark.parametrize("wrong", ["user", "database"])
def test_a_database_that_refuses(review: CommandLine, monkeypatch, postgresql: str, wrong: str):
    address = postgresql.replace("postgresql://postgres:@", f"postgresql://postgres:{SECRET}@")
    assert SECRET in address
    changed = {
        "user": address.replace("//postgres:", "//nobody-here:"),
        "database": address.replace("/postgres?", "/nothing-here?"),
    }[wrong]
    assert changed != address
    monkeypatch.setenv("LIVING_REVIEW_DATABASE_URL", changed)
    before = review.state
    told = review("status")
    told.refused(1, ("the database refused the connection", "LIVING_REVIEW_DATABASE_URL"))
    assert SECRET not in told.err
    assert review.state == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LIVING_REVIEW_DATABASE_URL", "nonsense", "the database address cannot be understood"),
        ("LIVING_REVIEW_DATABASE_URL", f"mysql://u:{SECRET}@h/d", "the ledger does not run on mysql"),
        ("LIVING_REVIEW_STORE_URL", "bucket", "s3://BUCKET"),
        ("LIVING_REVIEW_S3_ENDPOINT_URL", "localhost:8333", "http://"),
        ("ENTREZ_URL", "eutils", "http://"),
        ("LIVING_REVIEW_ENTREZ_ATTEMPTS", "often", "a valid integer"),
    ],
)
@pytest.mark.parametrize("command", ["status", "check", "refresh", "publish"])
def test_a_setting_that_cannot_be_used(
    review: CommandLine, monkeypatch, command: str, name: str, value: str, said: str
):
    monkeypatch.delenv("LIVING_REVIEW_ENTREZ_URL")
    monkeypatch.setenv("LIVING_REVIEW_STORE_URL", "s3://reviews")
    monkeypatch.setenv(name, value)
    before = review.state
    told = review(command)
    told.refused(2, (said, name))
    assert SECRET not in told.err
    assert review.state == before


def test_every_setting_that_cannot_be_used_is_a_line(review: CommandLine, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_STORE_URL", "bucket")
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_ATTEMPTS", "often")
    review("status").refused(2, ("LIVING_REVIEW_STORE_URL",), ("LIVING_REVIEW_ENTREZ_ATTEMPTS",))


@pytest.mark.parametrize("body", [b"this is a text of some length, and no database\n" * 40, None])
def test_a_ledger_that_is_damaged(review: CommandLine, body: bytes | None):
    path = review.folder / ".living-review" / "ledger.sqlite"
    for beside in path.parent.glob("ledger.sqlite-*"):
        beside.unlink()
    whole = path.read_bytes()
    path.write_bytes(body or whole[:4096] + b"\xff" * 4096 + whole[8192:20480])
    before = path.read_bytes()
    told = review("status")
    told.refused(1, ("the ledger cannot be used", str(path), "check the file and its permissions"))
    assert path.read_bytes() == before


def test_a_ledger_of_a_newer_version(review: CommandLine):
    connection = sqlite3.connect(review.folder / ".living-review" / "ledger.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = review.state
    review("status").refused(2, ("written by a newer version (revision 9999)", "update this package"))
    assert review.state == before


def test_another_run_under_way(review: CommandLine, pubmed: LocalPubMed, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    before = review.state
    (lock,) = (review.folder / ".living-review").glob("ledger.sqlite.*.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for given in (["refresh"], ["watch"], ["import", review.write("x.ris", ris(9)), "--source", "scopus"]):
            review(*given).refused(1, ("another run of the review small-review is under way", "nothing was changed"))
    assert review.state == before


# The object store


@pytest.fixture
def stored(review: CommandLine, store: LocalObjectStore, monkeypatch) -> CommandLine:
    """The review with a store that is set as it should be."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LIVING_REVIEW_STORE_URL", "s3://reviews/here")
    return review


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"LIVING_REVIEW_S3_ENDPOINT_URL": DEAD}, ("the object store cannot be reached", "check the address")),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, ("the store does not know the access key", "check AWS_ACCESS_KEY_ID")),
        ({"AWS_SECRET_ACCESS_KEY": SECRET}, ("secret key does not match", "check AWS_ACCESS_KEY_ID")),
        ({"LIVING_REVIEW_STORE_URL": "s3://nothing-here"}, ("the bucket does not exist", "LIVING_REVIEW_STORE_URL")),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ("no credentials", "set the access key")),
        (
            {"LIVING_REVIEW_S3_ENDPOINT_URL": f"http://somebody:{SECRET}@127.0.0.1:1"},
            ("is not of the form http(s)://host:port", "LIVING_REVIEW_S3_ENDPOINT_URL"),
        ),
    ],
)
def test_a_store_that_does_not_take_the_publication(stored: CommandLine, store, monkeypatch, tmp_path, changes, said):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    before = stored.state
    told = stored("publish")
    told.refused(1, said)
    assert SECRET not in told.out + told.err
    assert store.secret_key not in told.out + told.err
    assert stored.state == before
    assert store.client().list_objects_v2(Bucket="reviews").get("KeyCount") == 0


def test_check_tells_every_service_that_fails_and_shows_those_that_work(stored: CommandLine, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_S3_ENDPOINT_URL", DEAD)
    before = stored.state
    told = stored("check")
    told.refused(
        1, ("search pubmed: no complete answer", "try again later"), ("store: the object store cannot be reached",)
    )
    assert f"protocol: {stored.folder / 'review.yaml'} ok" in told.out
    assert "ledger: " in told.out
    assert stored.state == before


def test_check_says_each_problem_once_and_why_a_strategy_has_no_lines(stored: CommandLine, pubmed, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    stored.protocol(('query: "wheeze[tiab]"', 'query: "#1 AND (wheeze[tiab]"'))
    told = stored("check", "--lines")
    assert told.code == 1
    errors = told.err.splitlines()
    assert [line.split(": ")[1] for line in errors] == ["strategy pubmed"] * 2 + ["search pubmed", "lines of pubmed"]
    assert "mend the strategy, then try again" in errors[2]
    assert not {line.removeprefix("error: ") for line in errors} & set(told.out.splitlines())
    lines = told.out.splitlines()
    assert "! the strategy cannot be taken apart into lines" in lines[lines.index("lines of pubmed:") + 1]


# The disk


@pytest.fixture
def small_disk(review: CommandLine, tmp_path: Path) -> Iterator[CommandLine]:
    """The review on a file system of a few megabytes of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], check=True, capture_output=True, timeout=10
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("file systems cannot be mounted here")
    try:
        shutil.copytree(review.folder, place / "review")
        review.folder = place / "review"
        yield review
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, timeout=10)


def fill_up(folder: Path, leaving: int) -> Path:
    """A file beside ``folder`` that leaves some bytes of the disk."""
    filler = folder.parent / "filler"
    with filler.open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(folder).free - leaving))
    return filler


@pytest.mark.parametrize("leaving", [0, 16_384, 131_072])
def test_a_disk_that_fills_up_during_an_import(small_disk: CommandLine, tmp_path: Path, leaving: int):
    review = small_disk
    file = tmp_path / "many.ris"
    file.write_text("".join(ris(number) for number in range(100, 2100)))
    before = review.state
    filler = fill_up(review.folder, leaving)
    told = review("import", file, "--source", "scopus")
    told.refused(1, ("the disk is full", "make room and run it again"))
    filler.unlink()
    assert review.state.tables == before.tables
    told = review("import", file, "--source", "scopus").done()
    assert "2,000 records: 2,000 new" in told.out


def test_a_disk_that_fills_up_during_a_search(small_disk: CommandLine, pubmed: LocalPubMed, monkeypatch):
    review = small_disk
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    before = review.state
    filler = fill_up(review.folder, 0)
    review("refresh").refused(1, ("the disk is full", "make room and run it again"))
    filler.unlink()
    assert set(before.grown(State(review.state.tables, before.files))) <= {"raw_response", "search", "search_answer"}
    assert "5 ids found: 1 new, 4 known" in review("refresh").done().out


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (["screen", "export", "--stage", "title_abstract", "--reviewer", "ann"], "x.csv"),
        (["chart", "export"], "x.xlsx"),
    ],
)
def test_a_disk_that_is_full_leaves_the_file_that_was_there(
    small_disk: CommandLine, tmp_path: Path, given: list[str], name: str
):
    review, disk = small_disk, small_disk.folder.parent
    # Only the file is on the full disk; the review, copied before, is not.
    review.folder = tmp_path / "review"
    (disk / name).write_text("what was there")
    filler = fill_up(disk / "review", 0)
    told = review(*given, "-o", disk / name)
    filler.unlink()
    told.refused(1, ("the file was not written (No space left on device)", str(disk / name), "make room"))
    assert (disk / name).read_text() == "what was there"
    assert sorted(path.name for path in disk.iterdir()) == sorted(["review", name])


def test_a_folder_that_cannot_be_written(small_disk: CommandLine, pubmed: LocalPubMed, monkeypatch):
    review = small_disk
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    before = review.state
    file = review.write("x.ris", ris(9))
    subprocess.run(["mount", "-o", "remount,ro", str(review.folder.parent)], check=True, timeout=10)
    try:
        for given in (["refresh"], ["import", file, "--source", "scopus"], ["status"]):
            told = review(*given)
            assert told.code == 1
            assert told.err.startswith("error: ")
            assert len(told.err.splitlines()) == 1
            assert ".living-review" in told.err
        told = review("init", review.folder.parent / "new", bare=True)
        told.refused(
            2, ("the folder cannot be made (Read-only file system)", str(review.folder.parent / "new"), "name a folder")
        )
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(review.folder.parent)], check=True, timeout=10)
    assert review.state == before
