"""The command demo: the whole cycle on embedded services."""

from __future__ import annotations

import typer


def demo() -> None:
    """Run the whole cycle on embedded services: a baseline, then a week later. All data in it is made up.

    Example: living-review demo
    """
    typer.echo("to come")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(demo)
