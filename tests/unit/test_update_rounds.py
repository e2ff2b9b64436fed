"""Which searches are one round of a living review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from living_review.steps.prisma import update_rounds


def rounds(*rows: str) -> list[int | None]:
    """The round of each search, written ``kind source day`` with ``!`` for a failed one."""
    made: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        kind, source, day = row.rstrip("!").split()
        made.append(
            {
                "id": number,
                "kind": kind,
                "source": source,
                "state": "failed" if row.endswith("!") else "complete",
                "finished_at": datetime.fromisoformat(f"2026-03-{day}T09:00:00+00:00"),
            }
        )
    runs, number_of = update_rounds(made)
    assert [run.number for run in runs] == list(range(1, len(runs) + 1))
    return [number_of.get(number) for number in range(1, len(made) + 1)]


@pytest.mark.parametrize(
    ("searches", "expected"),
    [
        ((), []),
        (("pubmed p 02", "files embase 02", "pubmed p 09"), [1, 1, 2]),
        # Files given on any day belong to the round that runs.
        (("pubmed p 02", "files embase 05", "files embase 05", "pubmed p 09", "files embase 20"), [1, 1, 1, 2, 2]),
        (("files embase 01", "pubmed p 02", "pubmed p 09"), [1, 1, 2]),
        (("pubmed p 02", "pubmed q 02", "pubmed p 09", "pubmed q 09"), [1, 1, 2, 2]),
        # Without strategies: a round a day.
        (("files embase 02", "files scopus 02", "files embase 03"), [1, 1, 2]),
        # Failed searches begin nothing.
        (("pubmed p 02!", "pubmed p 02", "pubmed p 09!", "pubmed p 10"), [None, 1, None, 2]),
        (("pubmed p 02!",), [None]),
        # The first refresh failed half-way and was run again: still the baseline.
        (("pubmed p 02", "pubmed q 02!", "pubmed p 02", "pubmed q 02", "pubmed p 09"), [1, None, 1, 1, 2]),
        # Run again another day it is a round of its own, as what it found may be new since.
        (("pubmed p 02", "pubmed q 02!", "pubmed p 03", "pubmed q 03"), [1, None, 2, 2]),
        # A second refresh of one day after a complete one is a round.
        (("pubmed p 02", "pubmed q 02", "pubmed p 02", "pubmed q 02"), [1, 1, 2, 2]),
    ],
)
def test_rounds(searches, expected):
    assert rounds(*searches) == expected
