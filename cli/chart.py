"""Commands of charting: the form as a workbook out, filled in back in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.opening import Here, ReviewFolder, opened
from cli.output import tell, write_file
from living_review.errors import UsageError

chart = typer.Typer(help="Charting: the form as a workbook.", no_args_is_help=True, rich_markup_mode=None)


@chart.command("export")
def export(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.xlsx", help="The workbook to write.")],
    review: ReviewFolder = Here,
    every: Annotated[bool, typer.Option("--all", help="Charted studies too, with their values.")] = False,
) -> None:
    """Write the data charting form as a workbook, a row for each study to chart.

    Example: living-review chart export -o to-chart.xlsx
    """
    from living_review.steps import chart as steps

    with opened(review) as one:
        body, number = steps.to_chart(one, every=every)
    write_file(out, body)
    print(f"{number:,} {'studies' if every else 'studies to chart'}: {out}", file=sys.stderr)


@chart.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The workbook, filled in.")],
    review: ReviewFolder = Here,
    returned: Annotated[
        Path | None,
        typer.Option("--returned", metavar="FILE.xlsx", help="Where to write the rows that must be corrected."),
    ] = None,
) -> None:
    """Take over charted rows; a row with a mistake is returned with the reasons, the others are accepted.

    Example: living-review chart import to-chart.xlsx --returned correct-me.xlsx
    """
    from expectations.charted import charted_validator
    from living_review.steps import chart as steps

    if returned is not None and returned.resolve() == file.resolve():
        raise UsageError(f"{returned} is the workbook itself", "chart import --returned", "name another file")
    with opened(review) as one:
        account, workbook = steps.import_workbook(one, file, charted_validator)
    tell([account.to_dict()])
    if workbook is not None:
        target = returned or file.with_name(f"{file.stem}-returned.xlsx")
        write_file(target, workbook)
        typer.echo(f"{'':>17}! correct and import again: {target}")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.add_typer(chart, name="chart")
