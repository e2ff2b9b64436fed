"""What waits for a person, and the signed word that settles what nothing else would settle.

Decisions, corrections and links settle themselves: who screens, corrects or links has done it. What only has to be
looked into (a warning of a search, a retraction, a record that changed or is gone) stays open, whatever later runs say, until a person signs that it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from living_review.errors import UsageError
from living_review.ledger.database import Transaction
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.review import Review
from living_review.screening import Verdict
from living_review.search_drift import ZERO
from living_review.steps.accept import acceptances, note_acceptance, unaccepted
from living_review.steps.account import Account
from living_review.steps.charting_state import charting_state
from living_review.steps.duplicates import doubts
from living_review.steps.screening_state import BACK, CHANGED, ScreeningState, screening_state
from living_review.steps.signature import signed

SETTLED = "task settled"
"""Step under which the ledger notes who looked into which events of records."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that a person should look into and sign."""

    id: str
    """``S7``: the warnings of run 7; ``E12``: event 12 of a record."""
    kind: str
    """``search_warning``, or the kind of the event: ``retracted``, ``changed``, ``not_delivered``, …"""
    about: str
    """The search, or the report and its title."""
    what: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Todo:
    """All that waits."""

    tasks: tuple[Task, ...]
    """To be settled by name, the earliest first."""
    others: tuple[str, ...]
    """What is done with other commands, a line each."""


def todo(review: Review) -> Todo:
    """What waits for people in this review."""
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        returned = len(charting_state(tx, review.protocol, state).returned)
        doubtful = doubts(tx)
        possible, likely = (sum(one.kind == kind for one in doubtful) for kind in ("possible", "likely"))
        tasks = open_tasks(tx, state)
    others = [
        f"conflicts at {stage}: {number:,}: `living-review screen conflicts --stage {stage}`"
        for stage in state.stages
        if (number := len(state.with_verdict(stage, Verdict.CONFLICT)))
    ]
    if possible:
        others.append(f"duplicates that are possible: {possible:,}: `living-review duplicates`")
    if likely:
        others.append(f"links that are likely, not certain: {likely:,}: `living-review duplicates --likely`")
    if returned:
        others.append(f"charted rows that came back: {returned:,}: `living-review chart export`")
    if state.held:
        others.append(f"records set aside: {len(state.held):,}: `living-review status`, then `living-review release`")
    return Todo(tuple(tasks), tuple(others))


def open_tasks(tx: Transaction, state: ScreeningState) -> list[Task]:
    """What nobody has settled yet, the earliest first."""
    return sorted([*_warnings(tx), *_events(tx, state)], key=lambda one: (one.since, one.id))


def settle(review: Review, ids: Sequence[str], by: str, note: str = "") -> Account:
    """Say that tasks were looked into; signed by ``by``. The warnings of a search are accepted by it.

    Raises:
        UsageError: If nobody signs, or a task is none that is open.
    """
    name = signed(by, "settle")
    with review.write() as tx:
        there = {task.id: task for task in open_tasks(tx, screening_state(tx, review.protocol))}
        asked = list(dict.fromkeys(one.strip().upper() for one in ids))
        unknown = [one for one in asked if one not in there]
        if unknown:
            raise UsageError(f"no open task {', '.join(unknown)}", "settle", "see `living-review todo`")
        events = [int(one[1:]) for one in asked if one.startswith("E")]
        if events:
            account: dict[str, Any] = {"by": name, "note": note.strip(), "events": events}
            Runs(tx).note(SETTLED, "done", account, review.protocol, tx.at)
        for run in _warned(tx):
            if f"S{run['id']}" in asked:
                note_acceptance(tx, review, run, name, note)
    return Account(
        step="settle",
        received=len(asked),
        of="tasks",
        parts={"settled": len(asked)},
        remarks=tuple(f"{one}: {there[one].what}" for one in asked),
        changed=True,
    )


def _warned(tx: Transaction) -> list[dict[str, Any]]:
    """The latest run of each search if it warns, and earlier ones with what only they could see; their ``warnings`` are those to sign."""
    known = acceptances(tx)
    latest = {row["source"]: row for row in Searches(tx).runs(("pubmed",))}
    found = []
    for row in latest.values():
        believable = row["state"] != "failed" or any(one["kind"] == ZERO for one in row["warnings"])
        found += unaccepted(tx, row)
        found += [row] if row["warnings"] and believable and row["id"] not in known else []
    return found


def _warnings(tx: Transaction) -> list[Task]:
    return [
        Task(
            f"S{run['id']}",
            "search_warning",
            f"search {run['source']}, run {run['id']}",
            "; ".join(warning["text"] for warning in run["warnings"]),
            run["finished_at"],
        )
        for run in _warned(tx)
    ]


def _events(tx: Transaction, state: ScreeningState) -> list[Task]:
    settled = {one for run in Runs(tx).of(SETTLED) for one in run["account"]["events"]}
    report_of = {record: report for report, members in state.reports.items() for record in members}
    rows = [
        row
        for row in Records(tx).events()
        if row["id"] not in settled and row["kind"] != BACK and _is_open(row, report_of, state)
    ]
    latest = Records(tx).latest({row["record_id"] for row in rows})
    tasks = []
    for row in rows:
        record = latest[row["record_id"]]
        title = record.title or record.vernacular_title or f"{record.source} {record.source_id}"
        report = report_of.get(row["record_id"], f"record {row['record_id']}")
        tasks.append(Task(f"E{row['id']}", row["kind"], f"{report} {title}", row["detail"]["text"], row["at"]))
    return tasks


def _is_open(row: dict[str, Any], report_of: dict[int, str], state: ScreeningState) -> bool:
    """A changed title or abstract wants a look only where people decided on the earlier one."""
    report = report_of.get(row["record_id"], "")
    return row["kind"] != CHANGED or report in state.changed_since_decided or report in state.included
