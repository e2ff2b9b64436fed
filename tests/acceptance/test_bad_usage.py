"""Commands written wrongly, broken off, or with nobody left to read them; and the help that says how they are written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

from cli.main import _add_groups, app
from infra.local.pubmed import LocalPubMed
from tests.acceptance.small_review import COMMAND, CommandLine, State, installed

HERE = ("living-review", "--help`")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["publsh"], ("No such command 'publsh'", *HERE)),
        (["screen", "exprot"], ("No such command 'exprot'", "living-review screen", *HERE)),
        (["status", "--jsn"], ("No such option: --jsn", "living-review status --help`")),
        (["--colour", "status"], ("No such option: --colour", *HERE)),
        (["status", "more"], ("unexpected extra argument", "living-review status --help`")),
        (["import"], ("Missing argument 'FILE'", "living-review import --help`")),
        (["import", "x.ris"], ("Missing option '--source'", "living-review import --help`")),
        (
            ["screen", "export", "--reviewer", "ann"],
            ("Missing option '--stage'", "living-review screen export --help`"),
        ),
        (["screen", "import", "x.csv", "--stage", "full_text"], ("Missing option '--reviewer'", *HERE)),
        (["chart", "export"], ("Missing option '-o' / '--out'", "living-review chart export --help`")),
        (["unlink", "17"], ("Missing option '--by'", "living-review unlink --help`")),
        (["unlink", "R000017", "--by", "ann"], ("'RECORD'", "a valid integer", "living-review unlink --help`")),
        (["refresh", "--engine", "steam"], ("found --engine steam", "refresh", "use auto, prefect or direct")),
        (["publish", "--engine", "steam"], ("found --engine steam", "publish", "use auto, prefect or direct")),
        (["publish", "--approve"], ("an approval is signed", "publish", "--by NAME")),
        (["publish", "--by", "ann"], ("an approval is signed", "publish", "--by NAME")),
        (["publish", "--approve", "--by", " "], ("nobody signs", "publish", "--by NAME")),
        (["publish", "--preview", "--approve", "--by", "ann"], ("two things", "publish", "look first, then approve")),
        (["publish", "--unseen"], ("--unseen goes with --approve", "publish", "--help")),
        (["publish", "--no-serve"], ("--no-serve with --preview", "publish", "--help")),
        (["rollback", "--by", "ann", "--note", "x"], ("Missing argument 'VERSION'", "living-review rollback --help`")),
        (["rollback", "1", "--by", "ann"], ("Missing option '--note'", "living-review rollback --help`")),
        (["withdraw", "0", "--by", "ann", "--note", "x"], ("'VERSION'", "living-review withdraw --help`")),
        (["store", "setup", "--policy-only"], ("no object store is named", "LIVING_REVIEW_STORE_URL", "s3://")),
        (["prisma", "--csv", "--svg"], ("are three outputs", "prisma", "choose one")),
        (["serve", "--port", "high"], ("'--port'", "a valid integer", "living-review serve --help`")),
        (["serve", "--port", "99999"], ("'--port'", "65535", "living-review serve --help`")),
        (
            ["screen", "import", "x", "--stage", "full_text", "--reviewer", "ann", "--means", "yes"],
            ("found --means yes", "allowed: include, exclude"),
        ),
    ],
)
def test_a_command_written_wrongly(review: CommandLine, given: list[str], said: Sequence[str]):
    before = review.state
    review(*given).refused(2, said)
    assert review.state == before


def test_init_leaves_a_review_that_is_there_alone(review: CommandLine):
    before = review.state
    told = review("init", review.folder, bare=True)
    told.refused(2, ("there is a review.yaml already", str(review.folder / "review.yaml"), "name another folder"))
    assert review.state == before


def test_init_where_a_file_is(review: CommandLine):
    file = review.write("taken", "what was there")
    for folder in (file, file / "below"):
        review("init", folder, bare=True).refused(2, ("the folder cannot be made", str(folder), "name a folder"))
    assert file.read_text() == "what was there"


def test_what_init_writes_is_a_protocol_that_works(review: CommandLine, pubmed: LocalPubMed, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    review.folder = review.folder.parent / "new"
    review("init", review.folder, bare=True).done()
    assert sorted(path.name for path in review.folder.iterdir()) == [".gitignore", "inbox", "review.yaml"]
    review("refresh").done()


# Broken off


def running(*given: object, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [str(COMMAND), *map(str, given)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options},
    )


@pytest.mark.server
def test_ctrl_c_during_a_search_takes_nothing_over(review: CommandLine, pubmed: LocalPubMed, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_ENTREZ_URL", pubmed.url)
    pubmed.faults.always("slow:20", "efetch")
    before = review.state
    command = running("refresh", "--review", review.folder)
    while not any(one.utility == "efetch" for one in pubmed.requests):
        assert command.poll() is None, command.communicate()
        time.sleep(0.02)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=15)
    assert (command.returncode, out) == (130, "")
    assert err == "error: interrupted, what was not finished was not taken over, run it again\n"
    # What PubMed answered is kept; nothing was made of it.
    assert before.grown(State(review.state.tables, before.files)).keys() == {"raw_response", "search_answer"}
    pubmed.faults.clear()
    assert "5 ids found: 1 new, 4 known" in review("refresh").done().out


@pytest.mark.parametrize(
    "given",
    [["status", "--json"], ["prisma", "--json"], ["screen", "export", "--stage", "full_text", "--reviewer", "ann"]],
)
def test_output_that_nobody_reads_is_no_error(review: CommandLine, given: list[str]):
    reading, writing = os.pipe()
    os.close(reading)
    command = running(*given, "--review", review.folder, stdout=writing)
    os.close(writing)
    _, err = command.communicate(timeout=60)
    assert (command.returncode, err) == (0, "")


def test_output_cut_by_head(review: CommandLine):
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$0" prisma --json --review "$1" | head -1', str(COMMAND), str(review.folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


def test_an_error_that_nobody_reads_still_ends_with_its_code(review: CommandLine):
    reading, writing = os.pipe()
    os.close(reading)
    command = running("status", "--review", review.folder / "none", stdout=writing, stderr=writing)
    os.close(writing)
    assert command.wait(timeout=60) == 2


@pytest.mark.parametrize(
    "given", [["status", "--json"], ["--help"], ["screen", "export", "--stage", "full_text", "--reviewer", "ann"]]
)
def test_a_full_disk_behind_standard_output(review: CommandLine, given: list[str]):
    more = [] if given == ["--help"] else ["--review", review.folder]
    with Path("/dev/full").open("w") as full:
        command = running(*given, *more, stdout=full)
        _, err = command.communicate(timeout=60)
    told = "error: the disk is full, standard output or a file, make room and run it again\n"
    assert (command.returncode, err) == (1, told)


def test_the_installed_command_refuses_as_the_one_in_this_process(review: CommandLine):
    done = installed("status", "--review", review.folder / "none")
    there = review("status", "--review", review.folder / "none", bare=True)
    assert (done.returncode, done.stdout, done.stderr) == (there.code, there.out, there.err)


def test_debug_shows_where_an_error_comes_from_before_and_after_the_command(review: CommandLine):
    (review.folder / "review.yaml").unlink()
    for given in (["--debug", "status"], ["status", "--debug"]):
        told = review(*given)
        assert told.code == 2
        assert told.err.startswith("Traceback (most recent call last):\n")
        assert told.err.splitlines()[-1].startswith("error: no review.yaml")


def test_something_unexpected_is_one_line_too(review: CommandLine, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("several\nlines and the k3y-of-ncbi")

    monkeypatch.setenv("NCBI_API_KEY", "k3y-of-ncbi")
    monkeypatch.setattr("living_review.steps.status.status", fail)
    review("status").refused(1, ("something unexpected happened (RuntimeError: several lines and the ***)", "--debug"))


# Help


def commands() -> list[tuple[str, typer.core.TyperCommand]]:
    """Every command with the words it is called by."""
    _add_groups([])
    found = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [(f"{name} {one}", sub) for one, sub in below.items()] if below else [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), commands())
def test_the_help_of_a_command_has_an_example_that_fits_it_and_explains_every_option(
    review: CommandLine, name: str, command: typer.core.TyperCommand
):
    told = review(*name.split(), "--help", bare=True).done().out
    folded = " ".join(told.split())
    example = re.search(r"Example: living-review (.*?)(?= Arguments: | Options: )", folded)
    assert example is not None
    assert example[1].startswith(name)
    for parameter in command.params:
        assert getattr(parameter, "help", ""), f"{name} {parameter.name}"
        assert all(
            option in folded for option in (*parameter.opts, *parameter.secondary_opts) if option.startswith("-")
        )
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", example[1])) <= known


def test_the_help_of_all_lists_every_command(review: CommandLine):
    told = review("--help", bare=True).done().out
    for name, _ in commands():
        assert re.search(rf"^  {name.split()[0]} ", told, re.MULTILINE), name


def test_no_command_at_all_shows_the_help(review: CommandLine):
    told = review(bare=True)
    assert told.code == 2
    assert told.out.startswith("Usage: living-review")
    assert told.err == ""
