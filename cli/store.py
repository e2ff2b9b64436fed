"""Commands about the object store: let readers in, and look from outside whether just that is so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.opening import Here, ReviewFolder, object_store
from living_review.errors import LivingReviewError, UsageError
from living_review.protocol_file import load
from living_review.settings import read_settings

store = typer.Typer(no_args_is_help=True, help="Let readers into the object store, and check it from outside.")
Address = Annotated[
    str,
    typer.Option(
        "--address",
        metavar="URL",
        help="Where readers pull from, if a server stands in front: the folder of the reviews.",
    ),
]


@store.command("setup")
def setup(
    review: ReviewFolder = Here,
    policy_only: Annotated[
        bool, typer.Option("--policy-only", help="Print the policy for somebody who may set it, and change nothing.")
    ] = False,
    address: Address = "",
) -> None:
    """Let anybody read what is published, and nothing else; then check it from outside.

    Example: living-review store setup --review my-review
    """
    from living_review.steps.object_store import open_store
    from living_review.store_access import open_to_readers, with_statement
    from living_review.store_layout import StoreAddress

    if policy_only:
        named = read_settings().store_url
        if not named:
            raise UsageError("no object store is named", "LIVING_REVIEW_STORE_URL", "set it to s3://BUCKET/PREFIX")
        typer.echo(json.dumps(with_statement(None, StoreAddress.parse(named)), indent=2))
        return
    with object_store(review):
        opened = open_store(read_settings())
        for line in open_to_readers(opened.client, opened.address, opened.endpoint_url):
            typer.echo(line)
        _check(review, address)


@store.command("check")
def check(review: ReviewFolder = Here, address: Address = "") -> None:
    """See from outside, without keys, what anybody can read, list and write.

    Example: living-review store check --address https://reviews.example.org
    """
    with object_store(review):
        _check(review, address)


def _check(folder: Path, address: str) -> None:
    from living_review.steps.object_store import open_store
    from living_review.store_outside import check_from_outside, reader_address

    opened = open_store(read_settings())
    found = check_from_outside(opened, load(folder).id, address)
    for one in found:
        typer.echo(f"{'ok' if one.is_right else 'WRONG':>5}  {one.line}")
    wrong = sum(not one.is_right for one in found)
    if wrong:
        raise LivingReviewError(
            f"{wrong} of {len(found)} checks from outside failed",
            address or reader_address(opened),
            "do what their lines say, then run `living-review store check`",
        )


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.add_typer(store, name="store")
