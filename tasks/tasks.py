"""The Prefect tasks. A task takes the review's folder and gives back the step's account: plain data both ways.

Nothing is cached between runs: a search must ask again, and the other steps know from the ledger what is done.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff

from living_review.errors import SourceUnavailable
from living_review.review import open_review
from tasks.steps import STEPS

RETRIES = 3
FIRST_PAUSE_S = 60
"""Seconds before the first repeat; the client has by then repeated each request for about a minute itself."""
TIME_LIMIT = timedelta(hours=6)
"""A first search of 100,000 records at three requests a second takes some ten minutes; more is a hang."""


def _worth_repeating(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Only what may pass by itself is tried again: a source, store or database that did not answer."""
    failure = state.result(raise_on_failure=False)
    return isinstance(failure, SourceUnavailable)


def _run_step(name: str, folder: str) -> dict[str, Any]:
    logger = get_run_logger()

    def progress(what: str, done: int, total: int) -> None:
        logger.info("%s: %s of %s", what, f"{done:,}", f"{total:,}")

    with open_review(Path(folder), progress=progress) as review:
        account = STEPS[name](review)
        logger.info(account.line)
        for remark in account.remarks:
            logger.warning(remark)
        create_markdown_artifact(
            key=f"{review.id}-{name}",
            markdown=_as_markdown(account.to_dict()),
            description=f"{review.id}: {account.line}",
        )
        return account.to_dict()


def _as_markdown(account: dict[str, Any]) -> str:
    lines = [
        f"## {account['step']}: {account['received']:,} {account['of']}",
        "",
        "| part | number |",
        "| --- | ---: |",
    ]
    lines += [f"| {name.replace('_', ' ')} | {number:,} |" for name, number in account["parts"].items()]
    if account["remarks"]:
        lines += ["", "### What a person should read", "", *(f"- {_escaped(remark)}" for remark in account["remarks"])]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    for character in "\\`*_{}[]<>|#":
        text = text.replace(character, f"\\{character}")
    return text


def _as_task(name: str) -> Task[[str], dict[str, Any]]:
    def run(folder: str) -> dict[str, Any]:
        return _run_step(name, folder)

    run.__name__ = name
    run.__doc__ = STEPS[name].__doc__
    return task(
        name=name,
        description=STEPS[name].__doc__,
        retries=RETRIES,
        retry_delay_seconds=exponential_backoff(FIRST_PAUSE_S),
        retry_jitter_factor=0.5,
        retry_condition_fn=_worth_repeating,
        timeout_seconds=TIME_LIMIT.total_seconds(),
        cache_policy=NO_CACHE,
        persist_result=False,
    )(run)


TASKS: dict[str, Task[[str], dict[str, Any]]] = {name: _as_task(name) for name in STEPS}
"""Name of a step -> its task."""
