"""The steps with the checks they are given. No Prefect here, so that a command line without a server starts fast.

What only one step needs and takes long to import is imported by that step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from living_review.review import Review
from living_review.steps import (
    account,
    check_incoming,
    dedupe,
    import_files,
    notify,
    queue,
    search,
    watch,
)

if TYPE_CHECKING:
    from pandas import DataFrame

    from living_review.validation import ValidationReport

Account = account.Account
Step = Callable[[Review], Account]


def search_step(review: Review) -> Account:
    """Run every PubMed strategy in full."""
    return search.search(review)


def inbox_step(review: Review) -> Account:
    """Take over the files of the inboxes."""
    return import_files.inbox(review)


def check_step(review: Review) -> Account:
    """Hold back incoming records that nobody could screen."""

    def validate(frame: DataFrame) -> ValidationReport:
        from expectations.incoming import incoming_validator  # where nothing is new, nothing is imported

        return incoming_validator(review.now().date())(frame)

    return check_incoming.check_incoming(review, validate)


def dedupe_step(review: Review) -> Account:
    """Give every new record its report."""
    return dedupe.dedupe(review)


def queue_step(review: Review) -> Account:
    """Let reports wait for the stage they have reached."""
    return queue.queue(review)


def watch_step(review: Review) -> Account:
    """Fetch what the review holds again."""
    return watch.watch(review)


def publish_step(review: Review) -> Account:
    """Validate, summarise and publish, unless a person must approve."""
    from expectations.charted import charted_validator
    from expectations.publication import check_publication
    from living_review.steps import publish

    return publish.publish(review, charted_validator, check_publication)


def notify_step(review: Review) -> Account:
    """Tell people what is new and what waits."""
    return notify.notify(review)


STEPS: dict[str, Step] = {
    "search": search_step,
    "inbox": inbox_step,
    "check": check_step,
    "dedupe": dedupe_step,
    "queue": queue_step,
    "watch": watch_step,
    "publish": publish_step,
    "notify": notify_step,
}
"""Name of a step -> the step."""
