"""Commands about what waits for people: the list, and the signature that settles."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from cli.opening import Here, ReviewFolder, opened
from cli.output import tell
from living_review.plain_text import one_line, shortened

_ABOUT = 100
"""Characters of what a task is about; the rest is in ``--json``."""


def todo(
    review: ReviewFolder = Here,
    as_json: Annotated[bool, typer.Option("--json", help="The tasks, for scripts.")] = False,
) -> None:
    """Show what waits for people: warnings, retractions, changed records, conflicts, rows that came back.

    Example: living-review todo
    """
    from living_review.steps.todo import todo as todo_step

    with opened(review) as one:
        found = todo_step(one)
    if as_json:
        tasks = [{**asdict(task), "since": task.since.isoformat()} for task in found.tasks]
        typer.echo(json.dumps({"tasks": tasks, "others": found.others}, indent=2, ensure_ascii=False))
        return
    for task in found.tasks:
        kind = task.kind.replace("_", " ")
        typer.echo(f"{task.id:<6} {task.since:%Y-%m-%d}  {kind}: {shortened(one_line(task.about), _ABOUT)}")
        typer.echo(f"                   {one_line(task.what)}")
    for line in found.others:
        typer.echo(f"       {line}")
    if found.tasks:
        print("`living-review settle TASK... --by NAME --note WHY` says that you looked into them", file=sys.stderr)
    elif not found.others:
        print("nothing waits", file=sys.stderr)


def settle(
    tasks: Annotated[list[str], typer.Argument(metavar="TASK", help="As `todo` names them, e.g. S7 E12.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who looked into them.")],
    note: Annotated[str, typer.Option("--note", metavar="WHY", help="What was found; kept with the signature.")] = "",
    review: ReviewFolder = Here,
) -> None:
    """Say that tasks were looked into; the warnings of a search are accepted by it.

    Example: living-review settle E12 --by ann --note "retracted for plagiarism, left out"
    """
    from living_review.steps.todo import settle as settle_step

    with opened(review) as one:
        tell([settle_step(one, tasks, by, note).to_dict()])


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(todo)
    app.command()(settle)
