"""The command demo: the whole cycle on embedded services."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from living_review.errors import UsageError


def demo(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where to play it.")] = Path("demo-review"),
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep the services up until Enter or Ctrl-C, to look around.")
    ] = False,
) -> None:
    """Run the whole cycle on embedded services: a baseline, then a week later. All records in it are made up.

    Example: living-review demo --stay
    """
    from cli.rehearsal import Rehearsal, may_use, summary_page

    if not may_use(folder):
        raise UsageError(f"{folder} holds something else", "demo", "name another folder with --folder")
    began = time.monotonic()
    typer.echo("Living Review, the whole cycle. Every record in it is made up; the services are real and on loopback.")
    with ExitStack() as stack:
        rehearsal = Rehearsal(folder.resolve(), typer.echo)
        rehearsal.run(stack)
        told = rehearsal.summary()
        typer.echo("")
        for line in summary_page(told):
            typer.echo(line)
        base = f"{rehearsal.public_address}/{rehearsal.review_id}"
        files = rehearsal.addresses()
        typer.echo("")
        typer.echo(f"  site       {base}/index.html")
        typer.echo(f"  pointer    {base}/latest.json")
        typer.echo(f"  summary    {files['summary.json']}")
        typer.echo(f"  flow       {files['prisma.svg']}")
        typer.echo(f"  checks     {files['validation.html']}")
        typer.echo(f"  feed       {base}/feed.xml")
        typer.echo(f"  runs       {rehearsal.prefect.page}/runs")
        typer.echo(f"  files      {rehearsal.folder / 'files'} (what reviewers and charters filled in)")
        typer.echo("")
        typer.echo(f"played in {time.monotonic() - began:.0f} s")
        if stay:
            typer.echo("The addresses above are up. Press Enter to stop.")
            sys.stdin.readline()
    if not stay:
        typer.echo("The services are stopped; `living-review demo --stay` keeps them up to look at these addresses.")
    typer.echo(f"The review stays in {rehearsal.review_folder}.")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(demo)
