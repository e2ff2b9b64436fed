"""What a command prints of the steps it ran: a line a step, remarks, and that nothing was new."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest

from cli import flows_commands
from cli.output import tell
from cli.searches import log_lines

FOUND, KEPT = "nothing new was found", "nothing new: readers keep what they have"


def account(step: str, *, changed: bool = False, remarks: tuple[str, ...] = (), **parts: int) -> dict[str, Any]:
    details = {"version": 3, "trigger": "new studies", "files": 20} if step == "publish" else {}
    return {
        "step": step,
        "received": sum(parts.values()),
        "of": "records",
        "parts": parts,
        "remarks": list(remarks),
        "details": details,
        "changed": changed,
    }


def printed(capsys: pytest.CaptureFixture[str], *accounts: dict[str, Any]) -> list[str]:
    tell(list(accounts))
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_a_line_a_step_without_what_is_nought_and_the_remarks_under_it(capsys):
    lines = printed(capsys, account("dedupe", changed=True, remarks=("look at 3",), new_reports=1_204, duplicates=0))
    assert lines == ["dedupe    1,204 records: 1,204 new reports", "! look at 3"]


@pytest.mark.parametrize(
    ("search", "inbox", "said"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_a_refresh_that_found_nothing_new_says_so(capsys, search, inbox, said):
    steps = (account("search", changed=search), account("inbox", changed=inbox), account("queue", changed=True))
    assert (FOUND in printed(capsys, *steps)) is said


def test_a_publication_of_nothing_new_says_so(capsys):
    assert printed(capsys, account("publish"))[-1] == KEPT
    assert printed(capsys, account("publish", changed=True))[-1] == "version 3: new studies; 20 files"
    assert printed(capsys, account("publish", remarks=("not published: x",)))[-1] == "! not published: x"


def test_a_search_that_failed_found_neither_nothing_nor_something_and_the_note_is_told():
    run = {"run": 1, "searched_at": "2026-01-05T06:00:00Z", "delivered": 1_200, "new": 3, "warnings": ["w"]}
    accepted = {"by": "ann", "at": "2026-01-06T06:00:00", "note": "merged"}
    runs = [
        {**run, "state": "complete_with_warnings", "accepted": accepted},
        {**run, "run": 2, "state": "failed", "delivered": 0, "new": 0, "accepted": None},
    ]
    lines = [line.split() for line in log_lines({"sources": [{"source": "PubMed", "runs": runs}]})]
    assert lines[1][3:5] == ["1,200", "3"]
    assert lines[3] == ["accepted", "by", "ann,", "2026-01-06:", "merged"]
    assert lines[4][3:5] == ["-", "-"]


@pytest.mark.parametrize(("remarks", "is_published"), [((), True), (("not published: x",), False)])
def test_a_version_that_waits_for_a_person_is_not_called_published(
    monkeypatch, capsys, tmp_path, remarks, is_published
):
    @contextmanager
    def embedded(_folder):
        yield "http://127.0.0.1/living-review"

    monkeypatch.setattr(flows_commands, "object_store", embedded)
    monkeypatch.setattr(flows_commands, "_run", lambda *_given: [account("publish", remarks=remarks)])
    flows_commands.publish(tmp_path, "direct", approve=False, by="")
    assert ("published to the store" in capsys.readouterr().out) is is_published
