"""What commands print, and the files they write: a line a step, and files that are whole or not there."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import typer

from living_review.errors import LivingReviewError, UsageError

_NO_PLACE = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ELOOP,
    errno.ENAMETOOLONG,
}
"""Failures that mean another place must be named; the others happen while writing."""


def tell(accounts: list[dict[str, Any]]) -> None:
    """Print what became of everything, a line a step, and what a person should read."""
    for account in accounts:
        parts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in account["parts"].items() if number)
        typer.echo(
            f"{account['step']:>15}  {account['received']:>7,} {account['of']}" + (f": {parts}" if parts else "")
        )
        for remark in account["remarks"]:
            typer.echo(f"{'':>17}! {remark}")
        if account["step"] == "publish" and account["changed"]:
            details = account["details"]
            typer.echo(f"{'':>17}version {details['version']}: {details['trigger']}; {details['files']} files")
            if details.get("readers"):
                typer.echo(f"{'':>17}readers: {details['readers']}")
        elif account["step"] == "publish" and not any(
            remark.startswith("not published") for remark in account["remarks"]
        ):
            typer.echo(f"{'':>17}nothing new: readers keep what they have")
    sought = [account for account in accounts if account["step"] in {"search", "inbox"}]
    if sought and not any(account["changed"] for account in sought):
        typer.echo(f"{'':>17}nothing new was found")


def write_file(path: Path, body: bytes) -> None:
    """Put ``body`` at ``path``, whole or not at all: what was there stays until all of it is on the disk.

    Raises:
        UsageError: If no file can be written there: no such folder, no permission.
        LivingReviewError: If writing failed half-way, as on a full disk.
    """
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device has nothing to keep and cannot be replaced.
            path.write_bytes(body)
            return
        # What a link points to is replaced, not the link.
        target = path.resolve()
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        part = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with part.open("xb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in _NO_PLACE:
            raise UsageError(
                f"no file can be written there ({error.strerror})",
                str(path),
                "name a file in a folder you may write to",
            ) from error
        raise LivingReviewError(
            f"the file was not written ({error.strerror})", str(path), "make room and run it again"
        ) from error
