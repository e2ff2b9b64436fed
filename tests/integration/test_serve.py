"""Serving reviews: what their protocols schedule is on a real Prefect server, runs there, and stops without a trace."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.local.prefect_server import LocalPrefectServer
from infra.local.pubmed import LocalPubMed
from living_review.errors import UsageError
from tests.integration.prefect_api import (
    LIMIT_S,
    ROOT,
    Api,
    article,
    environment,
    run,
    started,
    until,
    write_records,
    write_review,
)

pytestmark = [pytest.mark.server, pytest.mark.prefect]

WEEKLY = "schedule: {refresh: {cron: '0 6 * * 1', timezone: Australia/Melbourne}}"
TWO = "schedule: {refresh: {cron: '0 6 * * 1', timezone: Asia/Tokyo}, watch: {cron: '0 7 1 * *'}}"


@pytest.fixture
def pubmed(tmp_path: Path) -> Iterator[LocalPubMed]:
    with LocalPubMed(write_records(tmp_path / "records", [article(101, "Facebook one")])) as server:
        yield server


@pytest.fixture
def env(pubmed: LocalPubMed, prefect_server: LocalPrefectServer, tmp_path: Path) -> dict[str, str]:
    return environment(pubmed, prefect_server, tmp_path)


@pytest.fixture
def apis(prefect_server: LocalPrefectServer) -> Iterator[dict[str, Api]]:
    made = {name: Api(prefect_server, f"served-{name}") for name in ("one", "two", "three")}
    yield made
    for one in made.values():
        one.close()


def schedules(deployment: dict[str, Any] | None) -> list[tuple[str, str, bool]]:
    assert deployment is not None
    return [(one["schedule"]["cron"], one["schedule"]["timezone"], one["active"]) for one in deployment["schedules"]]


def arguments(*reviews: Path) -> list[str]:
    return ["serve", *(part for review in reviews for part in ("--review", str(review)))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(log: Path, text: str, child: subprocess.Popen[bytes]) -> None:
    def there() -> bool:
        assert child.poll() is None or text in log.read_text(), log.read_text()
        return text in log.read_text()

    until(there, repr(text))


def all_gone(processes: list[psutil.Process]) -> bool:
    _gone, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


@pytest.mark.slow
def test_serving_without_a_server_starts_one_and_takes_it_away_again(pubmed: LocalPubMed, tmp_path: Path) -> None:
    review = write_review(tmp_path / "alone", "served-alone", WEEKLY)
    env, port, log = environment(pubmed, None, tmp_path), free_port(), tmp_path / "log"
    env["HOME"] = str(tmp_path / "home")
    with ExitStack() as stack:
        # As a shell starts it in the background: Ctrl-C is not for it, and a child inherits that.
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            child = stack.enter_context(started(*arguments(review), "--port", str(port), env=env, log=log))
        finally:
            signal.signal(signal.SIGINT, heard)
        wait_for(log, "scheduled: served-alone-refresh: 0 6 * * 1, Australia/Melbourne", child)
        assert f"watch the runs at http://127.0.0.1:{port}" in log.read_text()
        server = LocalPrefectServer(review / ".living-review" / "prefect", port)
        api = Api(server, "served-alone")
        until(lambda: api.deployment("refresh"), "the deployment")

        with pytest.raises(UsageError, match=f"running already at {server.url}"):
            server.start()
        other = write_review(tmp_path / "other", "served-other", WEEKLY)
        taken = run(*arguments(other), "--port", str(port), env=env)
        assert taken.returncode == 2
        assert f"port {port} is taken" in taken.stderr.splitlines()[-1]

        made = api.trigger("refresh")
        assert api.ended(made)["type"] == "COMPLETED"
        assert api.get(f"/flow_runs/{made['id']}")["name"] == "refresh of served-alone"

        # A service is stopped by SIGTERM, and it may be in the middle of a run.
        pubmed.faults.always("slow:60")
        interrupted = api.trigger("refresh")
        until(lambda: api.task_runs(interrupted), "the first step of the run to interrupt")
        family = psutil.Process(child.pid).children(recursive=True)
        assert len(family) >= 2
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(LIMIT_S) == 0
        assert all_gone(family)
        assert "interrupted: refresh of served-alone" in log.read_text()
        assert "Traceback" not in log.read_text()
        api.close()
    # Nothing of Prefect's was put where people keep theirs.
    assert not (tmp_path / "home" / ".prefect").exists()


@pytest.mark.slow
def test_protocols_decide_what_a_server_has_scheduled(
    env: dict[str, str], apis: dict[str, Api], pubmed: LocalPubMed, tmp_path: Path
) -> None:
    one = write_review(tmp_path / "one", "served-one", WEEKLY)
    two = write_review(tmp_path / "two", "served-two", TWO)
    three = write_review(tmp_path / "three", "served-three", f"{WEEKLY}\nliving: {{status: retired}}")
    log = tmp_path / "log"
    with started(*arguments(one, two, three), env=env, log=log) as child:
        wait_for(log, "scheduled: served-two-watch: 0 7 1 * *, UTC", child)
        until(lambda: apis["two"].deployment("watch"), "the last deployment")
        assert schedules(apis["one"].deployment("refresh")) == [("0 6 * * 1", "Australia/Melbourne", True)]
        assert schedules(apis["two"].deployment("refresh")) == [("0 6 * * 1", "Asia/Tokyo", True)]
        assert schedules(apis["two"].deployment("watch")) == [("0 7 1 * *", "UTC", True)]
        assert apis["one"].deployment("watch") is None
        assert apis["three"].deployment("refresh") is None
        deployment = apis["one"].deployment("refresh")
        assert deployment is not None
        assert deployment["parameters"] == {"review": str(one)}
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"

        # While one run of a deployment works, the next one is cancelled, not queued.
        pubmed.faults.always("slow:60")
        first = apis["one"].trigger("refresh")
        until(lambda: apis["one"].task_runs(first), "the first step")
        assert apis["one"].ended(apis["one"].trigger("refresh"))["type"] == "CANCELLED"
        family = psutil.Process(child.pid).children(recursive=True)
        os.killpg(child.pid, signal.SIGINT)
        assert child.wait(LIMIT_S) == 0
        assert all_gone(family)
    assert apis["one"].ended(first)["type"] == "CRASHED"
    pubmed.faults.clear()

    # A run whose process was killed with all that could have told the server.
    dead = apis["one"].trigger("refresh")
    apis["one"].post(f"/flow_runs/{dead['id']}/set_state", state={"type": "PENDING"})
    apis["one"].post(f"/flow_runs/{dead['id']}/set_state", state={"type": "RUNNING"})
    write_review(two, "served-two", f"{TWO}\nliving: {{status: paused, reason: no hands}}")
    with started(*arguments(one, two, three), env=env, log=log) as child:
        wait_for(log, "scheduled: served-one-refresh", child)
        said = log.read_text()
        assert "no longer scheduled: served-two-refresh\nno longer scheduled: served-two-watch\n" in said
        assert "ended before its time: " in said
        assert "scheduled: served-two-refresh: " not in said
        for flow in ("refresh", "watch"):
            assert (apis["two"].deployment(flow) or {})["paused"] is True
        assert apis["one"].ended(dead)["type"] == "CRASHED"
        # Its place is free again.
        assert apis["one"].ended(apis["one"].trigger("refresh"))["type"] == "COMPLETED"
        os.kill(child.pid, signal.SIGINT)
        assert child.wait(LIMIT_S) == 0


def test_what_cannot_be_served_is_told_in_one_line(env: dict[str, str], apis: dict[str, Api], tmp_path: Path) -> None:
    paused = write_review(tmp_path / "one", "served-one", f"{WEEKLY}\nliving: {{status: paused}}")
    same = write_review(tmp_path / "two", "served-one", WEEKLY)
    for given, why in (
        ([paused], "error: there is nothing to schedule (served-one is paused)"),
        ([paused, same], "error: two of the reviews have one id"),
        ([tmp_path / "nowhere"], "error: no review.yaml in"),
    ):
        refused = run(*arguments(*given), env=env)
        assert refused.returncode == 2
        assert refused.stdout == ""
        (line,) = refused.stderr.splitlines()
        assert line.startswith(why)


def test_the_file_for_workers_is_accepted_as_it_is(
    env: dict[str, str], prefect_server: LocalPrefectServer, tmp_path: Path
) -> None:
    prefect = [sys.executable, "-W", "ignore", "-m", "prefect", "--no-prompt"]
    for command in (
        ["work-pool", "create", "living-review", "--type", "process"],
        ["deploy", "--all", "--prefect-file", "infra/prefect.yaml"],
    ):
        done = subprocess.run([*prefect, *command], env=env, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stdout + done.stderr
    api = Api(prefect_server, "social-media-health-services")
    for flow, cron in (("refresh", "0 6 * * 1"), ("watch", "0 7 1 * *"), ("publish", "0 8 * * 1")):
        deployment = api.deployment(flow)
        assert schedules(deployment) == [(cron, "Australia/Melbourne", True)]
        assert deployment is not None
        assert deployment["work_pool_name"] == "living-review"
        assert deployment["entrypoint"] == f"flows/flows.py:{flow}"
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        assert deployment["parameters"] == {"review": "/srv/reviews/social-media-health-services"}
    api.close()


def test_a_file_for_workers_is_written_and_a_worker_runs_it(
    env: dict[str, str], prefect_server: LocalPrefectServer, tmp_path: Path
) -> None:
    review = write_review(tmp_path / "worked", "served-by-worker", WEEKLY)
    target = tmp_path / "prefect.yaml"
    written = run(*arguments(review), "--prefect-yaml", str(target), env=env)
    assert (written.returncode, written.stderr) == (0, "")
    prefect = [sys.executable, "-W", "ignore", "-m", "prefect", "--no-prompt"]
    for command in (
        ["work-pool", "create", "living-review", "--type", "process", "--overwrite"],
        ["deploy", "--all", "--prefect-file", str(target)],
    ):
        done = subprocess.run([*prefect, *command], env=env, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stdout + done.stderr
    api = Api(prefect_server, "served-by-worker")
    made = api.trigger("refresh")
    worker = subprocess.run(
        [*prefect, "worker", "start", "--pool", "living-review", "--run-once"],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S,
    )  # fmt: skip
    assert worker.returncode == 0, worker.stderr
    assert api.ended(made)["type"] == "COMPLETED"
    api.close()
