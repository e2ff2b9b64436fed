"""Deployments: every scheduled flow of every review, never two runs of one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from prefect import serve as prefect_serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.flows import FLOWS
from flows.schedules import SCHEDULED_FLOWS, ScheduledFlow, deployment_name
from living_review.protocol import Protocol

_ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def deployments(scheduled: Iterable[ScheduledFlow]) -> list[RunnerDeployment]:
    """One deployment for each scheduled flow."""
    # Outside an event loop the call is synchronous, whatever its type says.
    return [
        cast(
            RunnerDeployment,
            FLOWS[one.flow].to_deployment(
                name=one.name,
                parameters={"review": str(one.folder)},
                schedule=Cron(one.schedule.cron, timezone=one.schedule.timezone, slug=one.flow),
                paused=False,
                concurrency_limit=_ONE_AT_A_TIME,
                tags=[one.protocol.id],
                description=one.protocol.title,
                # Found by import, wherever the package is installed and whatever the working directory is.
                entrypoint_type=EntrypointType.MODULE_PATH,
            ),
        )
        for one in scheduled
    ]


def pause_others(reviews: Mapping[Path, Protocol], scheduled: Iterable[ScheduledFlow]) -> list[str]:
    """Pause what an earlier start scheduled for these reviews and their protocols no longer do; the names."""
    due = {one.name for one in scheduled}
    paused = []
    with get_client(sync_client=True) as client:
        for protocol in reviews.values():
            for flow in SCHEDULED_FLOWS:
                name = deployment_name(protocol, flow)
                if name in due:
                    continue
                try:
                    found = client.read_deployment_by_name(f"{flow}/{name}")
                except ObjectNotFound:
                    continue
                client.update_deployment(found.id, DeploymentUpdate(paused=True))
                paused.append(name)
    return paused


def serve(found: list[RunnerDeployment]) -> None:
    """Run what is due, until interrupted; the schedules stay on, so that the next start catches up."""
    prefect_serve(*found, pause_on_shutdown=False, print_starting_message=False)
