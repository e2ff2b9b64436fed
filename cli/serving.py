"""serve: one Prefect deployment a review and flow, from the cron line and time zone of its protocol."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import typer

from cli.opening import environment, object_store
from cli.prefect_runs import QUIET, check_prefect_answers
from flows.deployments_file import prefect_yaml
from flows.schedules import scheduled_flows
from infra.local.prefect_server import LocalPrefectServer
from living_review.protocol_file import load
from living_review.settings import STATE_FOLDER


def serve_reviews(folders: list[Path], port: int) -> None:
    """Serve the scheduled flows of every review until interrupted.

    Raises:
        ProtocolError: If a protocol has mistakes.
        UsageError: If two reviews have one id, nothing is scheduled, or the port is taken.
        SourceUnavailable: If the Prefect server does not answer.
    """
    protocols = {folder: load(folder) for folder in folders}
    scheduled = scheduled_flows(protocols)
    # Whoever stops a service sends SIGTERM: the servers below are then stopped as after an interrupt.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        stack.enter_context(environment(QUIET))
        if os.environ.get("PREFECT_API_URL"):
            check_prefect_answers()
        else:
            typer.echo("starting a Prefect server …")
            server = stack.enter_context(LocalPrefectServer(folders[0] / STATE_FOLDER / "prefect", port))
            stack.enter_context(environment(server.environment))
            typer.echo(f"watch the runs at {server.page}")
        embedded = stack.enter_context(object_store(folders[0]))
        if embedded:
            typer.echo(f"readers pull from {embedded}")
        from flows.deployments import close_dead_runs, deployments, pause_others, serve

        for name in pause_others(protocols, scheduled):
            typer.echo(f"no longer scheduled: {name}")
        for name in close_dead_runs(protocols):
            typer.echo(f"ended before its time: {name}")
        for one in scheduled:
            typer.echo(f"scheduled: {one.name}: {one.schedule.cron}, {one.schedule.timezone}")
        serve(deployments(scheduled))
        for name in close_dead_runs(protocols):
            typer.echo(f"interrupted: {name}")


def write_prefect_yaml(folders: list[Path], target: Path) -> None:
    """Write the deployments of every review as a file for ``prefect deploy``.

    Raises:
        ProtocolError: If a protocol has mistakes.
        UsageError: If two reviews have one id, or nothing is scheduled.
    """
    text = prefect_yaml(scheduled_flows({folder: load(folder) for folder in folders}))
    target.write_text(text, encoding="utf-8")
    typer.echo(f"{target} is ready for `prefect --no-prompt deploy --all --prefect-file {target}`")
