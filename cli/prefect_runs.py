"""Running a flow from the command line: what Prefect prints is kept for its server, an error comes back as it was."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from cli.opening import environment
from infra.local.prefect_server import LocalPrefectServer
from living_review.errors import SourceUnavailable
from living_review.protocol_file import load
from living_review.settings import STATE_FOLDER

QUIET = {"DO_NOT_TRACK": "1", "PREFECT_LOGGING_EXTRA_LOGGERS": "living_review"}
"""Prefect calls nobody, and what the steps log is in the log of their run."""
_SILENT_CONSOLE = {**QUIET, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
"""The console gets our own lines; the server still gets every log record."""
_PATIENCE_S = 10.0


def run_flow(flow: str, folder: Path) -> list[dict[str, Any]]:
    """Run one of our flows for the review in ``folder``; the accounts of its steps.

    The Prefect server is the one that ``PREFECT_API_URL`` names, or one of the review's own meanwhile.

    Raises:
        LivingReviewError: As the step that failed raised it.
        SourceUnavailable: If the Prefect server does not answer.
    """
    load(folder)  # a protocol with mistakes is told before anything is started
    with ExitStack() as stack:
        # In place before Prefect is imported: it reads its settings then.
        stack.enter_context(environment(_SILENT_CONSOLE))
        if os.environ.get("PREFECT_API_URL"):
            check_prefect_answers()
        else:
            server = stack.enter_context(LocalPrefectServer(folder / STATE_FOLDER / "prefect"))
            stack.enter_context(environment(server.environment))
        from prefect.logging.handlers import APILogHandler

        from flows.flows import FLOWS

        try:
            accounts: list[dict[str, Any]] = FLOWS[flow](str(folder))
        finally:
            # What the run logged is sent in the background; a server that stops first would lose it.
            APILogHandler().flush()
        return accounts


def check_prefect_answers() -> None:
    """Ask the server that ``PREFECT_API_URL`` names whether it is there.

    Raises:
        SourceUnavailable: If nothing answers.
    """
    address = os.environ["PREFECT_API_URL"].rstrip("/")
    try:
        httpx.get(f"{address}/health", timeout=_PATIENCE_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailable(
            f"the Prefect server does not answer ({error})",
            urlsplit(address).netloc.rpartition("@")[2] or "PREFECT_API_URL",
            "start it, or correct or unset PREFECT_API_URL",
        ) from error
