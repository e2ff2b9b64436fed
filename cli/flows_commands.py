"""Commands that run a flow: refresh, watch, publish, cycle; and serve, which schedules them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.opening import Here, ReviewFolder, object_store, opened
from cli.output import tell
from living_review.errors import UsageError
from living_review.steps.signature import signed

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="auto|prefect|direct",
        help="Run as a Prefect flow, or the same steps directly; auto: Prefect where PREFECT_API_URL is set.",
    ),
]


def refresh(review: ReviewFolder = Here, engine: Engine = "auto") -> None:
    """Search, fetch, dedupe, queue and notify.

    Example: living-review refresh --review my-review
    """
    _run("refresh", review, engine)


def watch(review: ReviewFolder = Here, engine: Engine = "auto") -> None:
    """Look for retractions, corrections and changed records among what the review holds.

    Example: living-review watch --review my-review
    """
    _run("watch", review, engine)


def publish(
    review: ReviewFolder = Here,
    engine: Engine = "auto",
    approve: Annotated[bool, typer.Option("--approve", help="Approve this version, where one must.")] = False,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves.")] = "",
    unseen: Annotated[bool, typer.Option("--unseen", help="Approve although something else was previewed.")] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Build what would be published and show it on this machine alone.")
    ] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="With --preview: write its files, and stop.")] = False,
) -> None:
    """Validate, summarise, publish and notify.

    --preview writes what would be published to .living-review/preview and shows it at a secret address until Enter.

    Example: living-review publish --preview; living-review publish --approve --by ann
    """
    if approve != bool(by):
        raise UsageError("an approval is signed", "publish", "give --approve and --by NAME together")
    if preview and approve:
        raise UsageError("--preview and --approve are two things", "publish", "look first, then approve")
    if (unseen and not approve) or (no_serve and not preview):
        raise UsageError("--unseen goes with --approve, --no-serve with --preview", "publish", "see its --help")
    name = signed(by, "publish --approve") if approve else ""
    _check_engine("publish", engine)
    with object_store(review) as embedded:
        if preview:
            _preview(review, serve=not no_serve)
            return
        accounts = _approve(review, name, unseen=unseen) if approve else _run("publish", review, engine)
        if embedded and not any(remark.startswith("not published") for one in accounts for remark in one["remarks"]):
            typer.echo(f"published to the store in {review}; `living-review serve` keeps it up for readers")


def cycle(review: ReviewFolder = Here, engine: Engine = "auto") -> None:
    """Refresh, watch and publish in one run.

    Example: living-review cycle --review my-review
    """
    _check_engine("cycle", engine)
    with object_store(review):
        _run("cycle", review, engine)


def serve(
    review: Annotated[
        list[Path], typer.Option("--review", metavar="DIR", help="A review's folder; repeat for more.")
    ] = [Here],  # noqa: B006 - Typer reads the default
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="N", min=1, max=65535, help="Port of the Prefect server to start, where none is set."
        ),
    ] = 4200,
    prefect_yaml: Annotated[
        Path | None,
        typer.Option(
            "--prefect-yaml", metavar="FILE", help="Write the schedules for Prefect workers to FILE and stop."
        ),
    ] = None,
) -> None:
    """Schedule every review given, until interrupted.

    Starts a Prefect server on loopback unless PREFECT_API_URL names one.

    Example: living-review serve --review reviews/a --review reviews/b
    """
    from cli.serving import serve_reviews, write_prefect_yaml

    folders = [one.resolve() for one in review]
    if prefect_yaml:
        write_prefect_yaml(folders, prefect_yaml)
    else:
        serve_reviews(folders, port)


def _approve(folder: Path, by: str, *, unseen: bool) -> list[dict[str, Any]]:
    from expectations.charted import charted_validator
    from expectations.publication import check_publication
    from living_review.steps.notify import notify
    from living_review.steps.publish import publish as publish_step

    with opened(folder) as review, review.ledger.exclusively(review.id):
        account = publish_step(review, charted_validator, check_publication, approved_by=by, unseen=unseen)
        accounts = [account.to_dict(), notify(review).to_dict()]
    tell(accounts)
    return accounts


def _preview(folder: Path, *, serve: bool) -> None:
    from cli.preview import PreviewServer, wait_for_enter, write_preview
    from expectations.charted import charted_validator
    from expectations.publication import check_publication
    from living_review.steps.preview import preview

    with opened(folder) as review:
        with review.ledger.exclusively(review.id):
            account, files = preview(review, charted_validator, check_publication)
        tell([{**account.to_dict(), "step": "preview"}])
        if not files:
            typer.echo(f"{'':>17}nothing new: there is nothing to publish")
            return
        here = review.state_folder / "preview"
        write_preview(here, review.id, files)
        details = account.details
        typer.echo(f"{'':>17}version {details['version']} would be published: {details['trigger']}")
        typer.echo(f"{'':>17}{len(files)} files are in {here}")
        if serve:
            with PreviewServer(review.id, files) as server:
                typer.echo(f"look at it, on this machine: {server.address}")
                typer.echo("Press Enter to stop. Then `living-review publish --approve --by NAME`, if it is right.")
                wait_for_enter()


def _check_engine(flow: str, engine: str) -> None:
    if engine not in {"auto", "prefect", "direct"}:
        raise UsageError(f"found --engine {engine}", flow, "use auto, prefect or direct")


def _run(flow: str, folder: Path, engine: str) -> list[dict[str, Any]]:
    """Run a flow and tell what became of everything; gives the accounts of its steps."""
    _check_engine(flow, engine)
    if engine == "prefect" or (engine == "auto" and os.environ.get("PREFECT_API_URL")):
        from cli.prefect_runs import run_flow

        accounts = run_flow(flow, folder.resolve())
        tell(accounts)
        return accounts
    from flows.order import run_in_order
    from tasks.steps import STEPS

    with opened(folder) as review:
        accounts = run_in_order(review, flow, lambda step: STEPS[step](review).to_dict())
    tell(accounts)
    return accounts


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (refresh, watch, publish, cycle, serve):
        app.command()(command)
