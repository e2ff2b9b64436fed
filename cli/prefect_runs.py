"""Running a flow from the command line: what Prefect prints is kept for its server, an error comes back as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# The console gets our own lines; the server still gets every log record.
os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def run_flow(flow: str, folder: Path) -> list[dict[str, Any]]:
    """Run one of our flows for the review in ``folder``; the accounts of its steps.

    Raises:
        LivingReviewError: As the step that failed raised it.
    """
    from flows.flows import FLOWS

    accounts: list[dict[str, Any]] = FLOWS[flow](str(folder))
    return accounts
