"""What is scheduled, the file for workers, and the order in which flows of one review take turns."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows import order
from flows.deployments_file import HEADER, prefect_yaml
from flows.order import ORDERS, run_in_order
from flows.schedules import scheduled_flows
from living_review.errors import Conflict, LivingReviewError, SourceUnavailable, UsageError
from living_review.protocol import Protocol
from living_review.protocol_file import load, parse
from living_review.review import Review, open_review
from living_review.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = Path("/srv/reviews/social-media-health-services")
"""Where the review of the committed file lives: a place that any machine can have."""


def protocol(name: str = "a", schedule: str = "", status: str = "living") -> Protocol:
    return parse(
        f"id: {name}\ntitle: {name}\nquestion: what\nsearches: [{{source: pubmed, query: x}}]\n"
        f"{schedule}\nliving: {{status: {status}}}\n".encode()
    )


WEEKLY = "schedule: {refresh: {cron: '0 6 * * 1', timezone: Australia/Melbourne}, watch: {cron: '0 7 1 * *'}}"


def test_each_schedule_of_each_living_review_is_one_deployment() -> None:
    found = scheduled_flows(
        {
            Path("/a"): protocol("a", WEEKLY),
            Path("/b"): protocol("b", WEEKLY, status="paused"),
            Path("/c"): protocol("c", WEEKLY, status="retired"),
            Path("/d"): protocol("d", "schedule: {publish: {cron: '0 8 * * 1'}}"),
            Path("/e"): protocol("e"),
        }
    )
    assert [(one.name, one.flow, one.folder, one.schedule.cron, one.schedule.timezone) for one in found] == [
        ("a-refresh", "refresh", Path("/a"), "0 6 * * 1", "Australia/Melbourne"),
        ("a-watch", "watch", Path("/a"), "0 7 1 * *", "UTC"),
        ("d-publish", "publish", Path("/d"), "0 8 * * 1", "UTC"),
    ]


def test_nothing_to_schedule_says_why() -> None:
    with pytest.raises(UsageError, match=r"a is living without a schedule; b is paused.*set schedule"):
        scheduled_flows({Path("/a"): protocol("a"), Path("/b"): protocol("b", WEEKLY, status="paused")})


def test_two_reviews_with_one_id_would_be_one_deployment() -> None:
    with pytest.raises(UsageError, match="one id"):
        scheduled_flows({Path("/a"): protocol("a", WEEKLY), Path("/b"): protocol("a", WEEKLY)})


def test_the_committed_file_is_what_the_template_review_gives() -> None:
    text = prefect_yaml(scheduled_flows({EXAMPLE: load(ROOT / "living_review" / "template")}))
    assert (ROOT / "infra" / "prefect.yaml").read_text(encoding="utf-8") == text
    assert text.startswith(HEADER)


def test_a_worker_runs_one_flow_of_a_deployment_at_a_time_and_cancels_the_next() -> None:
    text = prefect_yaml(scheduled_flows({Path("/reviews/a: b #c"): protocol("a", WEEKLY)}))
    refresh, watch = YAML(typ="safe").load(text)["deployments"]
    assert refresh["parameters"] == {"review": "/reviews/a: b #c"}
    assert refresh["entrypoint"] == "flows/flows.py:refresh"
    assert watch["entrypoint"] == "flows/flows.py:watch"
    assert refresh["schedules"] == [
        {"slug": "refresh", "cron": "0 6 * * 1", "timezone": "Australia/Melbourne", "active": True}
    ]
    assert refresh["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


class Told:
    """Stands for the notices to operators."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.errors: list[LivingReviewError] = []
        monkeypatch.setattr(order, "tell_failure", lambda _review, _flow, error: self.errors.append(error))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    (tmp_path / "review.yaml").write_text(
        "id: a\ntitle: a\nquestion: what\nsearches: [{source: pubmed, query: x}]\n", encoding="utf-8"
    )
    with open_review(tmp_path, settings=Settings()) as review:
        yield review


def _account(step: str) -> dict[str, Any]:
    return {"step": step}


def _failing(at: str, error: Exception, ran: list[str]) -> Callable[[str], dict[str, Any]]:
    def run(step: str) -> dict[str, Any]:
        ran.append(step)
        if step == at:
            raise error
        return _account(step)

    return run


@pytest.mark.parametrize("flow", ORDERS)
def test_steps_run_in_order(flow: str, opened: Review, told: Told) -> None:
    assert [one["step"] for one in run_in_order(opened, flow, _account)] == list(ORDERS[flow])
    assert told.errors == []


def test_a_failed_step_is_told_once_and_ends_the_flow(opened: Review, told: Told) -> None:
    ran: list[str] = []
    error = SourceUnavailable("no answer", "PubMed", "later")
    with pytest.raises(SourceUnavailable):
        run_in_order(opened, "refresh", _failing("check", error, ran))
    assert ran == ["search", "inbox", "check"]
    assert told.errors == [error]


def test_what_nobody_expected_is_told_without_its_text(opened: Review, told: Told) -> None:
    with pytest.raises(RuntimeError):
        run_in_order(opened, "refresh", _failing("search", RuntimeError("password=hunter2"), []))
    assert [str(error) for error in told.errors] == [
        "something unexpected happened (RuntimeError), refresh, see its log"
    ]


def test_a_second_flow_of_a_review_is_refused_at_once(opened: Review, told: Told) -> None:
    ran: list[str] = []
    with opened.ledger.exclusively("a"), pytest.raises(Conflict, match="another run of the review a is under way"):
        run_in_order(opened, "refresh", _failing("", RuntimeError(), ran))
    assert ran == []
    assert told.errors == []


def test_a_scheduled_flow_waits_for_its_turn(opened: Review, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as other:
        other.enter_context(opened.ledger.exclusively("a"))
        monkeypatch.setattr(order, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _s: other.close()))
        assert len(run_in_order(opened, "watch", _account, patience_s=60)) == 2
    assert told.errors == []


def test_a_scheduled_flow_that_never_gets_its_turn_is_told(
    opened: Review, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 1.0, 61.0])
    monkeypatch.setattr(order, "time", SimpleNamespace(monotonic=lambda: next(moments), sleep=lambda _s: None))
    with opened.ledger.exclusively("a"), pytest.raises(Conflict):
        run_in_order(opened, "watch", _account, patience_s=60)
    assert len(told.errors) == 1
