"""prefect.yaml for process workers: the schedules of the protocols in the form that ``prefect deploy --all`` reads."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML

from flows.schedules import ScheduledFlow

WORK_POOL = "living-review"
HEADER = f"""\
# Deployments for process workers, made from the protocols by
#   living-review serve --review DIR ... --prefect-yaml FILE
# Run that again when a schedule has changed. Then, from the folder that holds flows/:
#   prefect work-pool create {WORK_POOL} --type process
#   prefect --no-prompt deploy --all --prefect-file FILE
#   prefect worker start --pool {WORK_POOL}
# Workers need the reviews' folders at these paths, and the settings of `living-review check` in their environment.
"""


def prefect_yaml(scheduled: Iterable[ScheduledFlow]) -> str:
    """The whole file: one deployment for each scheduled flow, one run of it at a time."""
    out = io.StringIO()
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 120
    yaml.dump({"deployments": [_deployment(one) for one in scheduled]}, out)
    return HEADER + out.getvalue()


def _deployment(one: ScheduledFlow) -> dict[str, Any]:
    return {
        "name": one.name,
        "description": one.protocol.title,
        "tags": [one.protocol.id],
        "entrypoint": f"flows/flows.py:{one.flow}",
        "parameters": {"review": str(one.folder)},
        "schedules": [{"slug": one.flow, "cron": one.schedule.cron, "timezone": one.schedule.timezone, "active": True}],
        "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "work_pool": {"name": WORK_POOL},
    }
