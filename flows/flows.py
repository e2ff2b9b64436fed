"""The Prefect flows: each runs its order, named after its review, and leaves the PRISMA table as an artifact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run

from flows.order import run_in_order
from living_review.flow_export import to_csv
from living_review.protocol_file import load
from living_review.review import Review, open_review
from living_review.steps.prisma import prisma
from tasks.tasks import TASKS


def _run_name() -> str:
    folder = flow_run.parameters.get("review", ".")
    return f"{flow_run.flow_name} of {load(Path(folder)).id}"


def _run(name: str, folder: str) -> list[dict[str, Any]]:
    with open_review(Path(folder)) as review:
        accounts = run_in_order(review, name, lambda step: TASKS[step](folder))
        _show_prisma(review)
    return accounts


def _show_prisma(review: Review) -> None:
    counts, _variants = prisma(review)
    rows = [line.split(",", 1) for line in to_csv(counts).decode().splitlines()[1:]]
    create_table_artifact(
        key=f"{review.id}-prisma",
        table=[{"data": name, "row": rest} for name, rest in rows],
        description=f"PRISMA 2020 counts of {review.id}",
    )


@flow(
    name="refresh", flow_run_name=_run_name, description="Search, fetch, check, dedupe, queue, tell.", log_prints=False
)
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
