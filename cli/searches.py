"""Commands about searches: what was searched and found, and accepting what a search warns of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.opening import Here, ReviewFolder, opened
from cli.output import tell, write_file
from living_review.errors import UsageError


def searches(
    review: ReviewFolder = Here,
    as_json: Annotated[bool, typer.Option("--json", help="Every run, with all that PRISMA-S asks for.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The same as an appendix to read.")] = False,
    ris: Annotated[
        int | None, typer.Option("--ris", metavar="RUN", help="The records that this run retrieved, exactly, as RIS.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="OUT", help="File to write; else standard output.")
    ] = None,
) -> None:
    """Show every search that was run: when, how it was understood, what it found.

    Example: living-review searches --ris 3 -o retrieved.ris
    """
    from living_review.search_report import search_markdown
    from living_review.sources.ris import write_ris
    from living_review.steps.search_log import log_of, retrieved

    if as_json + as_markdown + (ris is not None) > 1:
        raise UsageError("--json, --markdown and --ris are three outputs", "searches", "choose one")
    with opened(review) as one:
        if ris is not None:
            found = retrieved(one, ris)
            text = write_ris(found.records)
            said = f"{len(found.records):,} records of run {ris}"
            if found.without_record:
                said += f"; {len(found.without_record)} ids of it had no record: {', '.join(found.without_record)}"
            typer.echo(said, err=output is None)
        else:
            log = log_of(one)
            if as_markdown:
                text = search_markdown(log, one.protocol.title)
            elif as_json:
                text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
            else:
                text = "".join(f"{line}\n" for line in log_lines(log))
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_file(output, text.encode())


def log_lines(log: dict[str, Any]) -> list[str]:
    """The log as people read it: a line a run, and what it warned of."""
    runs = [(run, source["source"]) for source in log["sources"] for run in source["runs"]]
    if not runs:
        return ["nothing was searched yet"]
    lines = [f"{'run':>5}  {'searched at':16}  {'found':>9}  {'new':>9}  source, state"]
    for run, source in sorted(runs, key=lambda one: int(one[0]["run"])):
        when = run["searched_at"][:16].replace("T", " ")
        state = run["state"].replace("_", " ")
        # A run that failed found neither nothing nor something.
        found, new = ("-", "-") if run["state"] == "failed" else (f"{run['delivered']:,}", f"{run['new']:,}")
        lines.append(f"{run['run']:>5}  {when}  {found:>9}  {new:>9}  {source}, {state}")
        lines += [f"{'':>7}! {warning}" for warning in run["warnings"]]
        if run["accepted"]:
            why = f": {run['accepted']['note']}" if run["accepted"]["note"] else ""
            lines.append(f"{'':>9}accepted by {run['accepted']['by']}, {run['accepted']['at'][:10]}{why}")
    return lines


def accept(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who accepts.")],
    review: ReviewFolder = Here,
    search: Annotated[str, typer.Option("--search", metavar="S", help="Of this search alone.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why it is right so.")] = "",
) -> None:
    """Accept what the latest searches warn of, having looked into it.

    Example: living-review accept --by ann --note "the lost report was merged into another"
    """
    from living_review.steps.accept import accept as accept_step

    with opened(review) as one:
        tell([accept_step(one, by, search, note).to_dict()])


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (searches, accept):
        app.command()(command)
