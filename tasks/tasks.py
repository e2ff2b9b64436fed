"""The Prefect tasks. A task takes the review's folder and gives back the step's account: plain data both ways.

Nothing is cached between runs: a search must ask again, and the other steps know from the ledger what is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff

from living_review.errors import SourceUnavailable
from living_review.plain_text import one_line
from living_review.review import open_review
from tasks.artifact_text import REMARKS_SHOWN, step_markdown
from tasks.steps import STEPS

RETRIES = 3
TIME_LIMIT = timedelta(hours=6)
"""A first search of 100,000 records at three requests a second takes some ten minutes; more is a hang."""
PROGRESS_EVERY_S = 3.0
"""Progress comes with every batch of records, and telling it is a request to the Prefect server."""


def task_for(step: str, first_pause_s: float) -> Task[[str], dict[str, Any]]:
    """The task of a step, repeated :data:`RETRIES` times if its source does not answer.

    Args:
        step: A key of :data:`tasks.steps.STEPS`.
        first_pause_s: Seconds before the first repeat, doubled before each further one, each up to half longer or
            shorter. The PubMed client has by then repeated the request itself.
    """
    return TASKS[step].with_options(retry_delay_seconds=exponential_backoff(first_pause_s))


def _worth_repeating(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Only what may pass by itself is tried again: a source, store or database that did not answer."""
    return isinstance(state.result(raise_on_failure=False), SourceUnavailable)


def _run_step(name: str, folder: str) -> dict[str, Any]:
    logger = get_run_logger()
    progress = _progress(logger.info)
    with open_review(Path(folder), progress=progress) as review:
        account = STEPS[name](review)
        logger.info(account.line)
        for remark in account.remarks[:REMARKS_SHOWN]:
            logger.warning("%s", one_line(remark))
        create_markdown_artifact(
            key=f"{review.id}-{name}",
            markdown=step_markdown(account),
            description=f"{review.id}: {account.line}",
        )
        return account.to_dict()


def _progress(log: Callable[..., None]) -> Callable[[str, int, int], None]:
    """Tells progress as log lines and as a bar on the page of the run, now and then and at the end."""
    bars: dict[str, UUID] = {}
    told_at = float("-inf")

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told_at
        if done < total and time.monotonic() - told_at < PROGRESS_EVERY_S:
            return
        told_at = time.monotonic()
        log("%s: %s of %s", what, f"{done:,}", f"{total:,}")
        percent = 100 * done / total if total else 100.0
        if what in bars:
            update_progress_artifact(bars[what], progress=percent)
        else:
            # Without a key: it belongs to this run, not to the history that the artifacts page shows.
            bars[what] = cast(UUID, create_progress_artifact(percent, description=what))

    return tell


def _as_task(name: str) -> Task[[str], dict[str, Any]]:
    def run(folder: str) -> dict[str, Any]:
        return _run_step(name, folder)

    run.__name__ = name
    run.__doc__ = STEPS[name].__doc__
    return task(
        name=name,
        description=STEPS[name].__doc__,
        retries=RETRIES,
        retry_jitter_factor=0.5,
        retry_condition_fn=_worth_repeating,
        timeout_seconds=TIME_LIMIT.total_seconds(),
        cache_policy=NO_CACHE,
        persist_result=False,
    )(run)


TASKS: dict[str, Task[[str], dict[str, Any]]] = {name: _as_task(name) for name in STEPS}
"""Name of a step -> its task."""
