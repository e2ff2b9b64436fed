"""In which order the steps of each flow run. No Prefect here: the command line runs the same order without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from living_review.errors import Conflict, LivingReviewError
from living_review.review import Review
from living_review.steps.notify import tell_failure

REFRESH = ("search", "inbox", "check", "dedupe", "queue", "notify")
WATCH = ("watch", "notify")
PUBLISH = ("publish", "notify")
CYCLE = ("search", "inbox", "check", "dedupe", "queue", "watch", "publish", "notify")

ORDERS: dict[str, tuple[str, ...]] = {"refresh": REFRESH, "watch": WATCH, "publish": PUBLISH, "cycle": CYCLE}

_KEEPS_NOTHING_BACK = "inbox"
"""A file that cannot be read holds up neither what the search brought nor the other files; the run fails at its end."""
_LOOK_AGAIN_S = 5.0


def run_in_order(
    review: Review, flow: str, run: Callable[[str], dict[str, Any]], patience_s: float = 0.0
) -> list[dict[str, Any]]:
    """Run the steps of ``flow`` one after another, alone on this review; the accounts in order.

    Args:
        review: The review.
        flow: A key of :data:`ORDERS`.
        run: Runs the step of that name and gives back its account as plain values.
        patience_s: Seconds to wait while another flow of this review is running.

    Raises:
        Conflict: If another flow of this review is running, and still is after that time.
        LivingReviewError: If a step failed; the operators have been told, and later steps did not run, but for those
            after the inbox.
    """
    with _turn(review, flow, patience_s):
        try:
            return _run_all(ORDERS[flow], run)
        except LivingReviewError as error:
            tell_failure(review, flow, error)
            raise
        except Exception as error:
            # Its text may hold anything; the operators get its kind, the log has the rest.
            kind = type(error).__name__
            tell_failure(
                review, flow, LivingReviewError(f"something unexpected happened ({kind})", flow, "see its log")
            )
            raise


def _run_all(steps: tuple[str, ...], run: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    accounts, failed = [], None
    for name in steps:
        try:
            accounts.append(run(name))
        except LivingReviewError as error:
            if name != _KEEPS_NOTHING_BACK:
                raise
            failed = error
    if failed is not None:
        raise failed
    return accounts


@contextmanager
def _turn(review: Review, flow: str, patience_s: float) -> Iterator[None]:
    deadline = time.monotonic() + patience_s
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(review.ledger.exclusively(review.id))
                break
            except Conflict as error:
                left = deadline - time.monotonic()
                if left <= 0:
                    if patience_s:
                        # Nobody sits before a run that waits: without this its absence would go unseen.
                        tell_failure(review, flow, error)
                    raise
                time.sleep(min(_LOOK_AGAIN_S, left))
        yield
