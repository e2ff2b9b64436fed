"""Deployments: every scheduled flow of every review, never two runs of one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from prefect import serve as prefect_serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron

from flows.flows import FLOWS
from living_review.errors import UsageError
from living_review.protocol import Protocol

_ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def deployments(reviews: Mapping[Path, Protocol]) -> list[RunnerDeployment]:
    """One deployment for each flow that a review's protocol schedules.

    Raises:
        UsageError: If no review has a schedule.
    """
    found = []
    for folder, protocol in reviews.items():
        if protocol.living.status != "living":
            continue
        for name in ("refresh", "watch", "publish"):
            schedule = getattr(protocol.schedule, name)
            if schedule is not None:
                deployment = FLOWS[name].to_deployment(
                    name=f"{protocol.id}-{name}",
                    parameters={"review": str(folder)},
                    schedule=Cron(schedule.cron, timezone=schedule.timezone),
                    concurrency_limit=_ONE_AT_A_TIME,
                    tags=[protocol.id],
                    description=protocol.title,
                )
                # Outside an event loop the call is synchronous, whatever its type says.
                found.append(cast(RunnerDeployment, deployment))
    if not found:
        raise UsageError("no review that is living has a schedule", "serve", "add schedule to review.yaml")
    return found


def serve(found: list[RunnerDeployment]) -> None:
    """Run what is due, until interrupted."""
    prefect_serve(*found, pause_on_shutdown=False)
