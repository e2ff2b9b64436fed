"""What a command prints of the steps it ran: a line a step, remarks, and that nothing was new."""

from __future__ import annotations

from typing import Any

import pytest

from cli.output import tell

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
