"""Deployments: every scheduled flow of every review, never two runs of one at a time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType

from flows.flows import FLOWS
from flows.schedules import SCHEDULED_FLOWS, ScheduledFlow, deployment_name
from living_review.errors import Conflict
from living_review.protocol import Protocol
from living_review.review import open_review

_ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)

_UNENDED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


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


def close_dead_runs(reviews: Mapping[Path, Protocol]) -> list[str]:
    """Call crashed what a killed process left as running: each would keep its deployment's only place; their names.

    A review on which a flow is working just now is left alone.
    """
    closed = []
    with get_client(sync_client=True) as client:
        for folder, protocol in reviews.items():
            names = [deployment_name(protocol, flow) for flow in SCHEDULED_FLOWS]
            with suppress(Conflict), open_review(folder) as review, review.ledger.exclusively(review.id):
                for run in client.read_flow_runs(
                    flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNENDED))),
                    deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=names)),
                ):
                    client.set_flow_run_state(run.id, Crashed(message="its process ended before its time"))
                    closed.append(run.name)
    return closed


class _Runner(Runner):
    """Prefect's runner, whose own handler of SIGTERM leaves by an exit from the middle of its loop."""

    def handle_sigterm(self, *_: Any, **__: Any) -> None:
        signal.raise_signal(signal.SIGINT)


def serve(found: Iterable[RunnerDeployment]) -> None:
    """Run what is due, until SIGINT or SIGTERM; the schedules stay on, so that the next start catches up."""
    runner = _Runner(pause_on_shutdown=False)
    for one in found:
        runner.add_deployment(one)
    # A shell starts what it runs in the background with SIGINT ignored; then nothing would ever end this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(runner.start())
