"""Commands about published versions: point readers back to an earlier one, and withdraw one that must go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import Here, ReviewFolder, object_store, opened
from cli.output import tell

if TYPE_CHECKING:
    from living_review.review import Review
    from living_review.steps.account import Account

Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, max=999_999, help="Number of the version.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides so.")]
Note = Annotated[str, typer.Option("--note", metavar="WHY", help="Why; readers see it.")]


def rollback(version: Version, by: By, note: Note, review: ReviewFolder = Here) -> None:
    """Point readers back to an earlier version; nothing is deleted, and publishing then waits for a person.

    Example: living-review rollback 11 --by ann --note "version 12 counted a study twice"
    """
    from living_review.steps.rollback import rollback as step

    _do(review, lambda one: step(one, version, by, note))


def withdraw(version: Version, by: By, note: Note, review: ReviewFolder = Here) -> None:
    """Delete a version that must go, for ever; a notice takes its place.

    Not the version that readers are shown: publish or roll back first.

    Example: living-review withdraw 9 --by ann --note "the publisher of a quote asked for it"
    """
    from living_review.steps.withdraw import withdraw as step

    _do(review, lambda one: step(one, version, by, note))


def _do(folder: Path, step: Callable[[Review], Account]) -> None:
    with object_store(folder), opened(folder) as one, one.ledger.exclusively(one.id):
        tell([step(one).to_dict()])


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (rollback, withdraw):
        app.command()(command)
