"""Flows on a real Prefect server against a real HTTP PubMed: the command line as people run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from infra.local.prefect_server import LocalPrefectServer
from infra.local.pubmed import LocalPubMed
from living_review.ledger.database import Ledger
from tests.integration.prefect_api import (
    API_KEY,
    LIMIT_S,
    ROOT,
    Api,
    Mailbox,
    article,
    environment,
    run,
    started,
    until,
    write_records,
    write_review,
)

pytestmark = [pytest.mark.server, pytest.mark.prefect]

STEPS = {"search", "inbox", "check", "dedupe", "queue", "notify"}
HOSTILE = "Facebook &lt;img src=x onerror=alert(1)&gt; [here](javascript:alert(1))"


@pytest.fixture
def pubmed(tmp_path: Path) -> Iterator[LocalPubMed]:
    records = [article(101, "Facebook one"), article(102, HOSTILE), article(103, "Facebook three")]
    with LocalPubMed(write_records(tmp_path / "records", records)) as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def env(pubmed: LocalPubMed, prefect_server: LocalPrefectServer, tmp_path: Path) -> dict[str, str]:
    return environment(pubmed, prefect_server, tmp_path)


@pytest.fixture
def api(prefect_server: LocalPrefectServer, request: pytest.FixtureRequest) -> Iterator[Api]:
    """The API, for a review named after the test: the server is shared."""
    client = Api(prefect_server, request.node.name.removeprefix("test_").replace("_", "-")[:60])
    yield client
    client.close()


@pytest.fixture
def review(tmp_path: Path, api: Api, mailbox: Mailbox) -> Path:
    return write_review(tmp_path / "review", api.review, f"notify: {{to: '{mailbox.address}', on: [failure]}}")


def rows(review: Path, table: str) -> list[dict[str, Any]]:
    engine = sa.create_engine(f"sqlite:///{review / '.living-review' / 'ledger.sqlite'}")
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()]
    engine.dispose()
    return found


def refresh(review: Path, env: dict[str, str], engine: str = "prefect") -> subprocess.CompletedProcess[str]:
    return run("refresh", "--review", str(review), "--engine", engine, env=env)


def test_a_flow_shows_what_its_steps_did(
    review: Path, env: dict[str, str], api: Api, pubmed: LocalPubMed, prefect_server: LocalPrefectServer, tmp_path: Path
) -> None:
    direct = refresh(write_review(tmp_path / "direct", "direct"), env, "direct")
    flow = refresh(review, env)
    assert (flow.returncode, flow.stderr) == (0, "")
    assert flow.stdout == direct.stdout
    assert "3 new" in flow.stdout

    (made,) = api.runs()
    assert made["name"] == f"refresh of {api.review}"
    assert made["state"]["type"] == "COMPLETED"
    tasks = api.task_runs(made)
    assert tasks.keys() == STEPS
    assert {one["run_count"] for one in tasks.values()} == {1}

    # Logs travel in batches and may come after the run's end.
    until(lambda: "search: 3 ids found = 3 new, 0 known" in api.logs(made), "the log of the search")
    assert "records fetched: 3 of 3" in api.logs(made)
    artifacts = {one["key"] or one["type"]: one for one in api.artifacts(made)}
    assert artifacts.keys() == {f"{api.review}-{step}" for step in STEPS} | {f"{api.review}-prisma", "progress"}
    assert artifacts["progress"]["data"] == 100
    assert "| new | 3 |" in artifacts[f"{api.review}-search"]["data"]
    table = json.loads(artifacts[f"{api.review}-prisma"]["data"])
    assert {"phase": "identification", "what": "records from PubMed", "number": 3} in table
    assert {"phase": "screening", "what": "records that wait for decisions", "number": 3} in table

    # A second run asks PubMed again: nothing comes from a cache.
    asked = len(pubmed.requests)
    again = refresh(review, env)
    assert "3 ids found: 3 known" in again.stdout
    assert len(pubmed.requests) > asked
    second = api.runs()[-1]
    assert {one["state"]["name"] for one in api.task_runs(second).values()} == {"Completed"}


def test_a_source_that_answers_again_costs_one_repeat(
    review: Path, env: dict[str, str], api: Api, pubmed: LocalPubMed, mailbox: Mailbox
) -> None:
    pubmed.faults.next("503")
    done = refresh(review, env)
    assert (done.returncode, done.stderr) == (0, "")
    (made,) = api.runs()
    assert api.task_runs(made)["search"]["run_count"] == 2
    assert mailbox.messages == []
    assert [row["state"] for row in rows(review, "search")] == ["failed", "complete"]


def test_a_source_that_stays_away_fails_the_run_and_nothing_else(
    review: Path,
    env: dict[str, str],
    api: Api,
    pubmed: LocalPubMed,
    mailbox: Mailbox,
    prefect_server: LocalPrefectServer,
) -> None:
    assert refresh(review, env).returncode == 0
    before = rows(review, "record_version"), rows(review, "membership"), rows(review, "queue_entry")
    pubmed.faults.always("500html")
    failed = refresh(review, env)
    assert failed.returncode == 1
    assert failed.stdout == ""
    (line,) = failed.stderr.splitlines()
    assert line.startswith("error: ")

    made = api.runs()[-1]
    assert made["state"]["type"] == "FAILED"
    message = line.removeprefix("error: ")
    assert made["state"]["message"] == f"Flow run encountered an exception: SourceUnavailable: {message}"
    tasks = api.task_runs(made)
    assert {name: one["run_count"] for name, one in tasks.items()} == {"search": 4}
    until(lambda: any("Retries are exhausted" in one for one in api.logs(made)), "the log of the failure")

    (told,) = mailbox.messages
    assert message.partition(",")[0] in json.loads(told)["message"]
    assert (rows(review, "record_version"), rows(review, "membership"), rows(review, "queue_entry")) == before

    kept = b"".join(path.read_bytes() for path in prefect_server.home.rglob("*") if path.is_file())
    assert api.review.encode() in kept
    for secret in (API_KEY, "hunter2secret"):
        assert secret.encode() not in kept


def test_what_will_not_pass_by_itself_is_not_repeated(
    review: Path, env: dict[str, str], api: Api, pubmed: LocalPubMed, mailbox: Mailbox
) -> None:
    pubmed.faults.always("missing:102", on="efetch")
    failed = refresh(review, env)
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1
    assert "102" in failed.stderr
    (made,) = api.runs()
    assert {name: one["run_count"] for name, one in api.task_runs(made).items()} == {"search": 1}
    assert len(mailbox.messages) == 1
    assert rows(review, "record_version") == []


def test_a_step_that_hangs_is_ended(review: Path, env: dict[str, str], api: Api, mailbox: Mailbox) -> None:
    program = (
        "import sys, time; from tasks import tasks; from cli.main import run\n"
        "tasks.STEPS['search'] = lambda review: time.sleep(60)\n"
        "tasks.TASKS['search'] = tasks.TASKS['search'].with_options(timeout_seconds=0.5)\n"
        "run(['refresh', '--engine', 'prefect', '--review', sys.argv[1]])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(review)], env=env, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("error: the step search did not end within ")
    (made,) = api.runs()
    assert api.task_runs(made)["search"]["state"]["name"] == "TimedOut"
    assert len(mailbox.messages) == 1


def test_two_flows_of_a_review_never_run_at_once(
    review: Path, env: dict[str, str], api: Api, pubmed: LocalPubMed, mailbox: Mailbox
) -> None:
    ledger = Ledger(f"sqlite:///{review / '.living-review' / 'ledger.sqlite'}")
    with ledger.exclusively(api.review):
        refused = refresh(review, env)
    ledger.close()
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert f"another run of the review {api.review} is under way" in line
    assert pubmed.requests == []
    assert mailbox.messages == []
    (made,) = api.runs()
    assert api.task_runs(made) == {}


def test_a_killed_run_leaves_the_review_free(
    review: Path, env: dict[str, str], api: Api, pubmed: LocalPubMed, tmp_path: Path
) -> None:
    pubmed.faults.always("slow:60")
    with started("refresh", "--review", str(review), "--engine", "prefect", env=env, log=tmp_path / "log") as first:
        until(lambda: api.runs() and api.task_runs(api.runs()[0]), "the first step")
        busy = refresh(review, env, "direct")
        assert "is under way" in busy.stderr
        os.kill(first.pid, signal.SIGKILL)
        first.wait(LIMIT_S)
    pubmed.faults.clear()
    again = refresh(review, env)
    assert (again.returncode, again.stderr) == (0, "")
    assert "3 ids found: 3 new" in again.stdout


def test_mistakes_are_told_before_anything_runs(tmp_path: Path, env: dict[str, str], api: Api) -> None:
    (tmp_path / "review.yaml").write_text("id: Bad Id\ntitle: x\n", encoding="utf-8")
    wrong = refresh(tmp_path, env)
    assert wrong.returncode == 2
    assert all(line.startswith("error: ") and "review.yaml" in line for line in wrong.stderr.splitlines())
    nowhere = refresh(
        write_review(tmp_path / "b", api.review), {**env, "PREFECT_API_URL": "http://me:pw@127.0.0.1:9/api"}
    )
    assert nowhere.returncode == 1
    (line,) = nowhere.stderr.splitlines()
    assert line.startswith("error: the Prefect server does not answer")
    assert "127.0.0.1:9" in line
    assert "pw@" not in line
    assert api.runs() == []
