"""In which order the steps of each flow run. No Prefect here: the command line runs the same order without a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from living_review.errors import LivingReviewError
from living_review.review import Review
from living_review.steps.notify import tell_failure

REFRESH = ("search", "inbox", "check", "dedupe", "queue", "notify")
WATCH = ("watch", "notify")
PUBLISH = ("publish", "notify")
CYCLE = ("search", "inbox", "check", "dedupe", "queue", "watch", "publish", "notify")

ORDERS: dict[str, tuple[str, ...]] = {"refresh": REFRESH, "watch": WATCH, "publish": PUBLISH, "cycle": CYCLE}


def run_in_order(review: Review, flow: str, run: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the steps of ``flow`` one after another, alone on this review; the accounts in order.

    Args:
        review: The review.
        flow: A key of :data:`ORDERS`.
        run: Runs the step of that name and gives back its account as plain values.

    Raises:
        Conflict: If another flow of this review is running.
        LivingReviewError: If a step failed; the operators have been told, and later steps did not run.
    """
    with review.ledger.exclusively(review.id):
        try:
            return [run(name) for name in ORDERS[flow]]
        except LivingReviewError as error:
            tell_failure(review, flow, error)
            raise
