"""The entry point: puts the commands together, and turns every error into one line and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from living_review import __version__
from living_review.errors import LivingReviewError

USAGE = 2
FAILED = 1
INTERRUPTED = 130

app = typer.Typer(
    name="living-review",
    help="Keeps a literature review alive: re-runs its search, screens in pairs, checks charted data, publishes versions.",
    epilog="Start with: living-review init my-review",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"living-review {__version__}")
        raise typer.Exit


@app.callback()
def _always(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options before the command."""


_GROUPS = {
    "cli.review": ("init", "check", "status", "prisma"),
    "cli.flows_commands": ("refresh", "watch", "publish", "cycle", "serve"),
    "cli.records": ("import", "dedupe", "unlink", "link", "release"),
    "cli.screen": ("screen",),
    "cli.chart": ("chart",),
    "cli.demo": ("demo",),
}
"""Module -> its commands. Only the module of the command asked for is imported: all of them take seconds."""


def _add_groups(given: Sequence[str]) -> None:
    asked = next((one for one in given if not one.startswith("-")), "")
    wanted = [module for module, commands in _GROUPS.items() if asked in commands] or list(_GROUPS)
    for module in wanted:
        importlib.import_module(module).add_to(app)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the run failed, 2 usage or protocol error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    # The option is taken before or after the command.
    given = [one for one in given if one != "--debug"]
    sys.exit(_exit_code(given, debug))


def _exit_code(given: list[str], debug: bool) -> int:
    try:
        _add_groups(given)
        result = app(args=given, standalone_mode=False, prog_name="living-review")
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except LivingReviewError as error:
        return _tell(str(error), error.exit_code, debug)
    except TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        return _tell(f"{' '.join(message.split())}, see `living-review --help`", USAGE, debug)
    except (KeyboardInterrupt, typer.Abort):
        return _tell("interrupted, what was not finished was not taken over, run it again", INTERRUPTED, debug)
    except BrokenPipeError:
        # Whoever read our output has stopped; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _tell(
                f"the disk is full, {error.filename or 'a file'} was not written, make room and run it again",
                FAILED,
                debug,
            )
        return _tell(
            f"{error.strerror or error}, {error.filename or 'system'}, check the file or folder", FAILED, debug
        )
    except Exception as error:  # noqa: BLE001 - the last line of defence says what happened and where to report it
        return _tell(
            f"something unexpected happened ({type(error).__name__}: {' '.join(str(error).split())[:200]}), "
            "nothing half-done was kept, run it again with --debug and report what it prints",
            FAILED,
            debug,
        )


def _tell(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    for line in message.splitlines():
        print(f"error: {line}", file=sys.stderr)
    return code
