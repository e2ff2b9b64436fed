"""Commands about records and reports: import, dedupe, link, unlink, release. Each imports what it alone needs."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.opening import Here, ReviewFolder, opened
from cli.output import tell, write_file
from living_review.screening_formats import shielded
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
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="CSV with the columns id,report_id.")],
) -> None:
    """Dedupe files alone, without a review.

    Example: living-review dedupe pubmed.nbib embase.ris -o duplicates.csv
    """
    from living_review.dedupe.files import dedupe_files

    rows = dedupe_files(files)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["id", "report_id"])
    writer.writerows([shielded(one), shielded(report)] for one, report in rows)
    write_file(out, text.getvalue().encode())
    reports = len({report for _, report in rows})
    print(f"{len(rows):,} records, {reports:,} reports, {len(rows) - reports:,} duplicates: {out}", file=sys.stderr)


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
    for command in (dedupe, unlink, link, release):
        app.command()(command)
    app.command(name="same-study")(same_study)
