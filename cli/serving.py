"""serve: one Prefect deployment a review and flow, from the cron line and time zone of its protocol."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import typer

from cli.opening import environment, object_store
from infra.local.prefect_server import LocalPrefectServer
from living_review.errors import UsageError
from living_review.protocol_file import load
from living_review.settings import STATE_FOLDER


def serve_reviews(folders: list[Path], port: int) -> None:
    """Serve the scheduled flows of every review until interrupted.

    Raises:
        ProtocolError: If a protocol has mistakes.
        UsageError: If two reviews have one id, or none has a schedule.
    """
    protocols = {folder: load(folder) for folder in folders}
    ids = [protocol.id for protocol in protocols.values()]
    if len(set(ids)) != len(ids):
        raise UsageError("two of the reviews have one id", ", ".join(ids), "give each its own id in review.yaml")
    with ExitStack() as stack:
        if not os.environ.get("PREFECT_API_URL"):
            typer.echo("starting a Prefect server …")
            server = stack.enter_context(LocalPrefectServer(folders[0] / STATE_FOLDER / "prefect", port))
            stack.enter_context(environment(server.environment))
            typer.echo(f"watch the runs at {server.page}")
        embedded = stack.enter_context(object_store(folders[0]))
        if embedded:
            typer.echo(f"readers pull from {embedded}")
        from flows.deployments import deployments, serve

        scheduled = deployments(protocols)
        for one in scheduled:
            typer.echo(f"scheduled: {one.name}")
        serve(scheduled)
