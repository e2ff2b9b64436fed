"""Commands about a review as a whole: init, check, status, prisma. Each imports what it alone needs: status is fast."""

from __future__ import annotations

import json
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.opening import Here, ReviewFolder, object_store, opened
from cli.output import write_file
from living_review.errors import LivingReviewError, ServiceRefused, SourceUnavailable, UsageError
from living_review.protocol import PubMedSearch
from living_review.protocol_file import FILE_NAME, load
from living_review.review import Review
from living_review.settings import STATE_FOLDER


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")]) -> None:
    """Start a new review from a template.

    Example: living-review init my-review
    """
    target = folder / FILE_NAME
    if target.exists():
        raise UsageError(f"there is a {FILE_NAME} already", str(target), "name another folder")
    try:
        (folder / "inbox").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder cannot be made ({error.strerror})", str(folder), "name a folder that you may write to"
        ) from error
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_file(ignore, f"{STATE_FOLDER}/\n".encode())
    write_file(target, (files("living_review") / "template" / FILE_NAME).read_bytes())
    typer.echo(f"{target} is a whole protocol to change: question, eligibility, search, form, typology.")
    typer.echo(f"Then: living-review check --review {folder}")


def check(
    review: ReviewFolder = Here,
    lines: Annotated[bool, typer.Option("--lines", help="Also count what each line of each search finds.")] = False,
) -> None:
    """Check protocol, query and services: every problem at once.

    Example: living-review check --review my-review
    """
    problems = []
    protocol = load(review)
    from expectations.entries import check_entries  # Great Expectations takes seconds to import
    from living_review.steps.services import check_services

    problems += check_entries(protocol)
    typer.echo(f"protocol: {review / FILE_NAME} ok" if not problems else f"protocol: {len(problems)} problems")
    with ExitStack() as stack:
        try:
            stack.enter_context(object_store(review))
        except (ServiceRefused, SourceUnavailable) as error:
            # An embedded store that does not start hides no other problem.
            problems.append(f"store: {error}")
        one = stack.enter_context(opened(review))
        for found in check_services(one):
            if found.ok:
                typer.echo(f"{found.service}: {found.text}")
            else:
                problems.append(f"{found.service}: {found.text}")
        if lines:
            problems += _count_lines(one)
    if problems:
        raise _Problems(problems)


def _count_lines(review: Review) -> list[str]:
    """Print how many records each line of each strategy finds; gives what went wrong."""
    from living_review.steps.services import line_counts

    problems = []
    for search in review.protocol.searches:
        if not isinstance(search, PubMedSearch):
            continue
        typer.echo(f"lines of {search.name}:")
        try:
            for found in line_counts(review, search):
                typer.echo(f"{found.line.number:>5}  {found.count:>11,}  {found.line.shown}")
                for warning in found.warnings:
                    typer.echo(f"{'':>18}! {warning}")
        except LivingReviewError as error:
            typer.echo(f"{'':>18}! {error.what}")
            problems.append(f"lines of {search.name}: {error}")
    return problems


class _Problems(LivingReviewError):
    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))

    def __str__(self) -> str:
        return "\n".join(self.problems)


_SET_ASIDE_SHOWN = 10


def status(
    review: ReviewFolder = Here,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show where the review stands.

    Example: living-review status --json
    """
    from living_review.steps.status import status as where_it_stands

    with opened(review) as one:
        found = where_it_stands(one)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for line in status_lines(found):
        typer.echo(line)


def status_lines(found: dict[str, Any]) -> list[str]:
    """The status as people read it."""
    lines = [found["title"], ""]
    for source, search in found["searches"].items():
        when = (search["last"] or "never")[:16].replace("T", " ")
        lines.append(f"  search {source}: {when}, {search['state'].replace('_', ' ')}")
        lines += [f"    ! {warning}" for warning in search["warnings"]]
        earlier = search["unaccepted"]
        lines += [f"    ! {told}, and nobody accepted it" for told in earlier[-_SET_ASIDE_SHOWN:]]
        if len(earlier) > _SET_ASIDE_SHOWN:
            lines.append(f"    ! {len(earlier) - _SET_ASIDE_SHOWN:,} more before them: see `living-review searches`")
        if search["accepted"]:
            lines.append(f"      accepted by {search['accepted']['by']}, {search['accepted']['at'][:10]}")
    lines += [
        "",
        f"  records            {found['records']:>7,}",
        f"  duplicates         {found['duplicates']:>7,}",
        f"  reports            {found['reports']:>7,}",
    ]
    if found["possible_duplicates"] or found["likely_duplicates"]:
        possible, likely = found["possible_duplicates"], found["likely_duplicates"]
        lines.append(f"  ! duplicates to look at: {possible:,} possible, {likely:,} linked without certainty")
    for stage, number in found["awaiting"].items():
        lines.append(f"  {stage.replace('_', ' ')}: {number:,} awaiting, {found['conflicts'][stage]:,} in conflict")
    lines += [
        f"  included           {found['included_reports']:>7,} reports of {found['included_studies']:,} studies",
        f"  charted            {found['charted']:>7,}, {found['to_chart']:,} to chart",
        f"  quarantined        {found['quarantined']:>7,} ({found['quarantined_records']} records, {found['quarantined_rows']} charted rows)",
        f"  published version  {found['published_version'] or 'none':>7}",
    ]
    shown = list(found["set_aside"].items())[:_SET_ASIDE_SHOWN]
    lines += [f"  ! record {record} is set aside: {'; '.join(why)}" for record, why in shown]
    if len(found["set_aside"]) > len(shown):
        lines.append(f"  ! {len(found['set_aside']) - len(shown):,} more records are set aside: see status --json")
    if found["changed_since_decided"]:
        changed = found["changed_since_decided"]
        more = f" and {len(changed) - _SET_ASIDE_SHOWN:,} more" if len(changed) > _SET_ASIDE_SHOWN else ""
        lines.append(f"  ! title or abstract changed after a decision: {', '.join(changed[:_SET_ASIDE_SHOWN])}{more}")
    if found["retracted"]:
        lines.append(f"  retracted          {', '.join(found['retracted'])}")
    if found["open_tasks"]:
        lines.append(f"  ! {found['open_tasks']} things wait to be looked into: `living-review todo`")
    if found["failed_notices"]:
        lines.append(f"  ! {found['failed_notices']} notices could not be sent and will be tried again")
    return lines


def prisma(
    review: ReviewFolder = Here,
    as_json: Annotated[bool, typer.Option("--json", help="Every variant of a living review's flow.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The template of the PRISMA2020 R package.")] = False,
    as_svg: Annotated[bool, typer.Option("--svg", help="The flow diagram.")] = False,
) -> None:
    """Show the PRISMA flow counts, checked against their identities.

    Example: living-review prisma --csv > PRISMA.csv
    """
    from living_review.flow_export import to_csv, to_json
    from living_review.flow_svg import draw
    from living_review.steps.prisma import prisma as prisma_counts

    if as_json + as_csv + as_svg > 1:
        raise UsageError("--json, --csv and --svg are three outputs", "prisma", "choose one")
    with opened(review) as one:
        counts, variants = prisma_counts(one)
        title = one.protocol.title
    if as_csv:
        typer.echo(to_csv(counts).decode(), nl=False)
    elif as_svg:
        typer.echo(draw([counts], title).decode(), nl=False)
    else:
        told = {name: [to_json(part) for part in parts] for name, parts in variants.items()}
        typer.echo(json.dumps(told if as_json else to_json(counts), indent=2, ensure_ascii=False))


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (init, check, status, prisma):
        app.command()(command)
