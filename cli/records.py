"""Commands about records and reports: import, dedupe, link, unlink, release. Each imports what it alone needs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.opening import Here, ReviewFolder, opened
from cli.output import tell
from living_review.plain_text import one_line
from living_review.steps.queue import same_study as same_study_step

Signed = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]
Records = Annotated[list[int], typer.Argument(metavar="RECORD", help="Record ids, as in `screen export`.")]


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="RIS, nbib, EndNote XML, BibTeX, CSV, …")],
    source: Annotated[str, typer.Option("--source", metavar="S", help="The database they come from, e.g. embase.")],
    review: ReviewFolder = Here,
) -> None:
    """Take over records from exports of other databases, check them, dedupe and queue.

    Example: living-review import embase.ris --source embase
    """
    from living_review.steps.import_files import import_files
    from tasks.steps import check_step, dedupe_step, queue_step

    with opened(review) as one, one.ledger.exclusively(one.id):
        account = import_files(one, files, source)
        tell([account.to_dict(), *(step(one).to_dict() for step in (check_step, dedupe_step, queue_step))])


def dedupe(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Exports of any database.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="CSV: id,report_id,evidence.")],
    possible: Annotated[
        Path | None,
        typer.Option("--possible", metavar="FILE", help="CSV of the pairs to look at, the likeliest first."),
    ] = None,
    cleaned: Annotated[
        Path | None, typer.Option("--cleaned", metavar="FILE", help="RIS with one record a report, for other tools.")
    ] = None,
) -> None:
    """Dedupe files alone, without a review.

    Example: living-review dedupe pubmed.nbib embase.ris -o duplicates.csv --cleaned unique.ris
    """
    from cli.dedupe_files import run

    run(files, out, possible, cleaned)


def duplicates(
    review: ReviewFolder = Here,
    likely: Annotated[
        bool, typer.Option("--likely", help="Those that were linked without certainty, to be checked.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All of both kinds, as JSON.")] = False,
) -> None:
    """Show the pairs of records that a person should look at, the likeliest first.

    `living-review link A B` makes one report of them, `living-review unlink A B` says that they are two.

    Example: living-review duplicates
    """
    from living_review.steps.duplicates import to_look_at

    with opened(review) as one:
        found = to_look_at(one)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    shown = [pair for pair in found if (pair["kind"] == "likely") == likely]
    for pair in shown:
        typer.echo(_told(pair))
    other = len(found) - len(shown)
    kinds = ("links to check", "pairs to look at")
    what, others = kinds if likely else kinds[::-1]
    more = f"; {others}: {other:,}{'' if likely else ' (--likely)'}" if other else ""
    print(f"{what}: {len(shown):,}{more}", file=sys.stderr)


def _told(pair: dict[str, Any]) -> str:
    a, b = (one["record"] for one in pair["records"])
    kind = {"possible": "may be one report", "version": "preprint and article", "likely": "linked"}[pair["kind"]]
    lines = [f"{a} {b}  {kind} ({pair['points']:+.1f}): {one_line(pair['why'])}"]
    for one in pair["records"]:
        cited = [one["authors"], one["year"], one["title"], one["journal"], one["doi"]]
        lines.append(
            f"  {one['record']:>6} {one['report']} {one['source']}: {one_line([part for part in cited if part])}"
        )
    if pair["kind"] == "version":
        return "\n".join(lines)
    answers = [f"`unlink {a} {b}`: two reports", f"`link {a} {b}`: one report"]
    return "\n".join([*lines, f"         {', '.join(answers)}"])


def unlink(records: Records, by: Signed, review: ReviewFolder = Here) -> None:
    """Part records from the report they were linked to, for good.

    Example: living-review unlink 17 --by ann
    """
    from living_review.steps import dedupe as dedupe_steps
    from tasks.steps import queue_step

    with opened(review) as one:
        tell([dedupe_steps.unlink(one, records, by).to_dict(), queue_step(one).to_dict()])


def link(records: Records, by: Signed, review: ReviewFolder = Here) -> None:
    """Join records into one report, for good.

    Example: living-review link 17 42 --by ann
    """
    from living_review.steps import dedupe as dedupe_steps
    from tasks.steps import queue_step

    with opened(review) as one:
        tell([dedupe_steps.link(one, records, by).to_dict(), queue_step(one).to_dict()])


def release(records: Records, by: Signed, review: ReviewFolder = Here) -> None:
    """Let records go on that the check of incoming records had set aside.

    Example: living-review release 17 --by ann
    """
    from living_review.steps.check_incoming import release as release_step
    from tasks.steps import dedupe_step, queue_step

    with opened(review) as one:
        tell([release_step(one, records, by).to_dict(), dedupe_step(one).to_dict(), queue_step(one).to_dict()])


def same_study(
    reports: Annotated[list[str], typer.Argument(metavar="REPORT", help="Report ids, for example R000012.")],
    by: Signed,
    review: ReviewFolder = Here,
) -> None:
    """Say that reports are of one study (a protocol and its results, say): that of the first.

    Example: living-review same-study R000012 R000040 --by ann
    """
    with opened(review) as one:
        tell([same_study_step(one, reports, by).to_dict()])


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command(name="import")(import_)
    for command in (dedupe, duplicates, unlink, link, release):
        app.command()(command)
    app.command(name="same-study")(same_study)
