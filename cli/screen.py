"""Commands of screening: export, import, conflicts, retrieval, agreement."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.opening import Here, ReviewFolder, opened
from cli.output import tell, write_file
from living_review.errors import UsageError
from living_review.protocol import Stage
from living_review.screening import Choice, Retrieval
from living_review.screening_export import export_csv, export_ris
from living_review.steps import screen as steps

AtStage = Annotated[str, typer.Option("--stage", metavar="S", help="title_abstract or full_text.")]
Reviewer = Annotated[str, typer.Option("--reviewer", metavar="R", help="Who screens.")]
screen = typer.Typer(help="Screening: hand out, take back, settle.", no_args_is_help=True, rich_markup_mode=None)


def _stage(name: str) -> Stage:
    try:
        return Stage(name)
    except ValueError:
        raise UsageError(f"found stage {name!r}", "--stage", f"allowed: {', '.join(Stage)}") from None


@screen.command("export")
def export(
    stage: AtStage,
    reviewer: Reviewer,
    review: ReviewFolder = Here,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help=".csv or .ris; default: CSV on standard output.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every report of the stage, not only what awaits the reviewer.")
    ] = False,
) -> None:
    """Write what awaits a reviewer, for Excel, Rayyan, Covidence or ASReview.

    Example: living-review screen export --stage title_abstract --reviewer ann -o ann.csv
    """
    if out is not None and out.suffix.lower() not in {".csv", ".ris"}:
        raise UsageError(f"found {out.name}", "--out", "name a .csv or a .ris file")
    with opened(review) as one:
        rows = steps.to_screen(one, _stage(stage), reviewer, every=every)
    if out is None:
        sys.stdout.buffer.write(export_csv(rows))
        return
    write_file(out, export_ris(rows) if out.suffix.lower() == ".ris" else export_csv(rows))
    print(f"{len(rows):,} reports for {reviewer}: {out}", file=sys.stderr)


@screen.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or RIS, filled in here or by another tool.")],
    stage: AtStage,
    reviewer: Reviewer,
    review: ReviewFolder = Here,
    name_in_file: Annotated[
        str, typer.Option("--name-in-file", metavar="NAME", help="What the other tool calls the reviewer.")
    ] = "",
    means: Annotated[
        str,
        typer.Option(
            "--means",
            metavar="include|exclude",
            help="What being in the file means (Covidence lists): include, exclude.",
        ),
    ] = "",
    consensus: Annotated[
        bool, typer.Option("--consensus", help="These are consensus decisions, signed by the reviewer.")
    ] = False,
) -> None:
    """Take over a reviewer's decisions: all of the file or none.

    Example: living-review screen import ann.csv --stage title_abstract --reviewer ann
    """
    if means and means not in {"include", "exclude"}:
        raise UsageError(f"found --means {means}", "screen import", "allowed: include, exclude")
    with opened(review) as one:
        account = steps.import_file(
            one,
            file,
            _stage(stage),
            reviewer,
            name_in_file=name_in_file,
            list_means=Choice(means) if means else None,
            consensus=consensus,
        )
    tell([account.to_dict()])


@screen.command("conflicts")
def conflicts(stage: AtStage, review: ReviewFolder = Here) -> None:
    """Show the conflicts of a stage with every reviewer's decision, for whoever settles them.

    Example: living-review screen conflicts --stage title_abstract
    """
    with opened(review) as one:
        typer.echo(json.dumps(steps.in_conflict(one, _stage(stage)), indent=2, ensure_ascii=False))


@screen.command("retrieval")
def retrieval(
    reports: Annotated[list[str], typer.Argument(metavar="REPORT", help="Report ids, for example R000012.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    review: ReviewFolder = Here,
    retrieved: Annotated[bool, typer.Option("--retrieved", help="The full text was found after all.")] = False,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was tried.")] = "",
) -> None:
    """Note that the full text of reports could not be retrieved.

    Example: living-review screen retrieval R000012 --by ann --note "library asked twice"
    """
    state = Retrieval.RETRIEVED if retrieved else Retrieval.NOT_RETRIEVED
    with opened(review) as one:
        tell([steps.note_retrieval(one, reports, state, by, note).to_dict()])


@screen.command("agreement")
def agreement(review: ReviewFolder = Here) -> None:
    """Show the reviewers' agreement before consensus, by stage.

    Example: living-review screen agreement
    """
    with opened(review) as one:
        for stage, found in steps.agreement_of(one).items():
            typer.echo(f"{stage}: {found.reports:,} reports with two or more independent decisions")
            for name, value in (
                ("raw", found.raw),
                ("Cohen's kappa", found.cohen),
                ("Fleiss' kappa", found.fleiss),
                ("Krippendorff's alpha", found.krippendorff),
            ):
                typer.echo(
                    f"  {name:<21} {value.value:.3f}"
                    if value.value is not None
                    else f"  {name:<21} undefined: {value.why}"
                )


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.add_typer(screen, name="screen")
