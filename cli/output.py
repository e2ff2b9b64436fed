"""What commands print: a line a step, and what a person should read."""

from __future__ import annotations

from typing import Any

import typer


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
