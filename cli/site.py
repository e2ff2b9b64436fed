"""The command that writes a static site for any host."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import write_file
from living_review.errors import UsageError


def site(
    addresses: Annotated[
        list[str],
        typer.Argument(metavar="ADDRESS...", help="Where readers reach each review: the folder of latest.json."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write; new, empty, or a site.")],
) -> None:
    """Write a static site that shows published reviews, for any web host.

    It pulls each review's newest version from where it lies; nothing has to be done here when a new one comes out.

    Example: living-review site https://data.example.org/reviews/my-review -o public
    """
    from living_review.steps.site import own_site

    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "reviews.json").is_file())):
        raise UsageError("something else is there already", str(out), "name a new folder, or one with a site of ours")
    files = own_site(addresses)
    for name, file in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, file.body)
    size = sum(len(file.body) for file in files.values())
    typer.echo(
        f"{out}: {len(files)} files, {size:,} bytes, for {len(addresses)} review{'s' if len(addresses) > 1 else ''}"
    )
    typer.echo("Serve the folder as it is; the stores must allow other origins (`living-review store setup`).")


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(site)
