"""What is to run when: every scheduled flow of every review. No Prefect here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from living_review.errors import UsageError
from living_review.protocol import Protocol, Schedule

SCHEDULED_FLOWS = ("refresh", "watch", "publish")


@dataclass(frozen=True)
class ScheduledFlow:
    """One flow of one review, and when it is due."""

    flow: str
    folder: Path
    protocol: Protocol
    schedule: Schedule

    @property
    def name(self) -> str:
        """The deployment's name, as ``<review id>-<flow>``."""
        return deployment_name(self.protocol, self.flow)


def deployment_name(protocol: Protocol, flow: str) -> str:
    """What the deployment of a review's flow is called."""
    return f"{protocol.id}-{flow}"


def scheduled_flows(reviews: Mapping[Path, Protocol]) -> list[ScheduledFlow]:
    """Each flow that the protocol of a living review schedules; a paused or retired review has none.

    Raises:
        UsageError: If two reviews have one id, or no review that is living has a schedule.
    """
    ids = [protocol.id for protocol in reviews.values()]
    if len(set(ids)) != len(ids):
        raise UsageError("two of the reviews have one id", ", ".join(ids), "give each its own id in review.yaml")
    found = [
        ScheduledFlow(flow, folder, protocol, schedule)
        for folder, protocol in reviews.items()
        if protocol.living.status == "living"
        for flow in SCHEDULED_FLOWS
        if (schedule := getattr(protocol.schedule, flow)) is not None
    ]
    if not found:
        stands = "; ".join(
            f"{protocol.id} is {protocol.living.status}"
            + ("" if protocol.living.status != "living" else " without a schedule")
            for protocol in reviews.values()
        )
        raise UsageError(
            f"there is nothing to schedule ({stands})", "review.yaml", "set schedule, and living.status to living"
        )
    return found
