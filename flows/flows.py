"""The Prefect flows: each runs its order, named after its review, and leaves the PRISMA table as an artifact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.runtime import deployment, flow_run

from flows.order import run_in_order
from living_review.errors import LivingReviewError, ProtocolError
from living_review.protocol_file import load
from living_review.review import Review, open_review
from living_review.steps.prisma import prisma
from tasks.artifact_text import prisma_rows
from tasks.tasks import TIME_LIMIT, task_for

PATIENCE_S = 3600.0
"""Seconds that a scheduled run waits for another flow of its review; people at a terminal are told at once."""


def _run_name() -> str:
    folder = Path(flow_run.parameters["review"])
    try:
        return f"{flow_run.flow_name} of {load(folder).id}"
    except ProtocolError:
        # The run itself will say what is wrong with it.
        return f"{flow_run.flow_name} of {folder.name}"


def _run(name: str, folder: str) -> list[dict[str, Any]]:
    with open_review(Path(folder)) as review:
        patience_s = PATIENCE_S if deployment.id else 0.0
        accounts = run_in_order(review, name, lambda step: _run_task(review, step), patience_s)
        _show_prisma(review)
    return accounts


def _run_task(review: Review, step: str) -> dict[str, Any]:
    try:
        return task_for(step, review.settings.retry_pause_s)(str(review.folder))
    except TimeoutError as error:
        raise LivingReviewError(
            f"the step {step} did not end within {TIME_LIMIT}", f"review {review.id}", "see its log, then run it again"
        ) from error


def _show_prisma(review: Review) -> None:
    counts, _variants = prisma(review)
    create_table_artifact(
        key=f"{review.id}-prisma",
        table=prisma_rows(counts),
        description=f"PRISMA 2020 flow counts of {review.id}",
    )


@flow(name="refresh", flow_run_name=_run_name, description="Search, fetch, check, dedupe, queue, tell.")
def refresh(review: str) -> list[dict[str, Any]]:
    """Refresh the review in the folder ``review``."""
    return _run("refresh", review)


@flow(name="watch", flow_run_name=_run_name, description="Fetch again what the review holds, tell what changed.")
def watch(review: str) -> list[dict[str, Any]]:
    """Watch the records of the review in the folder ``review``."""
    return _run("watch", review)


@flow(name="publish", flow_run_name=_run_name, description="Validate, summarise, publish, tell.")
def publish(review: str) -> list[dict[str, Any]]:
    """Publish the review in the folder ``review``."""
    return _run("publish", review)


@flow(name="living-cycle", flow_run_name=_run_name, description="Refresh, watch and publish in one run.")
def cycle(review: str) -> list[dict[str, Any]]:
    """Run the whole cycle for the review in the folder ``review``."""
    return _run("cycle", review)


FLOWS = {"refresh": refresh, "watch": watch, "publish": publish, "cycle": cycle}
