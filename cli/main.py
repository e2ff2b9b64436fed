"""The entry point: puts the commands together, and turns every error into one line and an exit code."""

from __future__ import annotations

import errno
import importlib
import logging
import os
import select
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer
from typer.exceptions import TyperException

from living_review import __version__
from living_review.errors import LivingReviewError

USAGE = 2
FAILED = 1
INTERRUPTED = 130
STANDARD_OUTPUT = 1

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
    "cli.versions": ("rollback", "withdraw"),
    "cli.store": ("store",),
    "cli.records": ("import", "dedupe", "duplicates", "unlink", "link", "release", "same-study"),
    "cli.searches": ("searches", "accept"),
    "cli.todo": ("todo", "settle"),
    "cli.screen": ("screen",),
    "cli.chart": ("chart",),
    "cli.site": ("site",),
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
    # A request that is sent again is no news to a person; without a handler Python would print the library's word.
    logging.getLogger("stamina").addHandler(logging.NullHandler())
    debug = "--debug" in given
    # The option is taken before or after the command.
    given = [one for one in given if one != "--debug"]
    sys.exit(_exit_code(given, debug))


def _exit_code(given: list[str], debug: bool) -> int:
    try:
        _add_groups(given)
        command = typer.main.get_command(app)
        # Not by calling the app, which would end the process by itself on Ctrl-C and on a closed pipe.
        with command.make_context("living-review", given) as context:
            command.invoke(context)
        sys.stdout.flush()
        return 0
    except typer.Exit as stop:
        return stop.exit_code
    except LivingReviewError as error:
        return _tell(str(error), error.exit_code, debug)
    except TyperException as error:
        return _tell_usage(error, debug)
    except (KeyboardInterrupt, typer.Abort):
        return _tell("interrupted, what was not finished was not taken over, run it again", INTERRUPTED, debug)
    except OSError as error:
        return _tell_system(error, debug)
    except Exception as error:  # noqa: BLE001 - the last line of defence says what happened and where to report it
        return _tell(
            f"something unexpected happened ({type(error).__name__}: {' '.join(str(error).split())[:200]}), "
            "nothing half-done was kept, run it again with --debug and report what it prints",
            FAILED,
            debug,
        )


def _tell_usage(error: TyperException, debug: bool) -> int:
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "living-review"
    message = " ".join(error.format_message().split())
    if type(error).__name__ == "NoArgsIsHelpError":
        # Whoever names no command asks which there are.
        typer.echo(error.format_message())
        return USAGE
    return _tell(f"{message.rstrip('.')}, {where}, see `{where} --help`", USAGE, debug)


def _tell_system(error: OSError, debug: bool) -> int:
    if isinstance(error, BrokenPipeError) and _output_is_closed():
        # Whoever read our output has stopped; nobody is left to tell.
        _drop_output()
        return 0
    # A failed write does not say of which file; opening one does.
    place = error.filename or "standard output or a file"
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    if error.errno == errno.ENOSPC:
        return _tell(f"the disk is full, {place}, make room and run it again", FAILED, debug)
    return _tell(f"{error.strerror or error}, {place}, check the file or folder", FAILED, debug)


def _output_is_closed() -> bool:
    poll = select.poll()
    poll.register(STANDARD_OUTPUT, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _drop_output() -> None:
    """Let what is still to be written go nowhere: Python would try again at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), STANDARD_OUTPUT)


def _tell(message: str, code: int, debug: bool) -> int:
    from living_review.settings import without_secrets

    with suppress(BrokenPipeError):
        if debug:
            print(without_secrets(traceback.format_exc()), end="", file=sys.stderr)
        for line in without_secrets(message).splitlines():
            print(f"error: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    run()
