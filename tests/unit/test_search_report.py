"""The search log as text, and the difference between two translations of a query."""

from __future__ import annotations

import pytest

from living_review.search_drift import translation_diff
from living_review.search_report import search_markdown, search_report
from tests.unit.publication_states import STUDIES, flows_of, protocol, search

PROTOCOL = protocol()
FLOW = flows_of(STUDIES, PROTOCOL)["together"][0].total


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            '"asthma"[MeSH Terms] OR "asthma"[All Fields]',
            '"asthma"[MeSH Terms] OR "asthmas"[All Fields]',
            'without "asthma"[All Fields]; now with "asthmas"[All Fields]',
        ),
        (
            '("a b"[tiab] AND c[tiab]) OR d[tiab]',
            '"a b"[tiab] AND (c[tiab] OR d[tiab])',
            "the same terms, joined otherwise",
        ),
        ('"a"[tiab] AND "b"[tiab]', '"a"[tiab]', 'without "b"[tiab]'),
        ("", "wheeze[All Fields]", "now with wheeze[All Fields]"),
        (
            '"asthma"[tiab] AND 2025/01/01:2025/12/31[Date - Entry]',
            '"asthma"[tiab] AND 2025/01/01:2026/12/31[Date - Entry]',
            "without 2025/01/01:2025/12/31[Date - Entry]; now with 2025/01/01:2026/12/31[Date - Entry]",
        ),
    ],
)
def test_two_translations_differ_in_their_terms(before, now, said):
    assert translation_diff(before, now) == said


def test_of_many_terms_some_are_shown():
    now = " OR ".join(f'"t{number}"[tiab]' for number in range(30))
    assert translation_diff("", now).endswith('"t9"[tiab] and 20 more')


def test_the_log_is_an_appendix_with_strategies_and_every_run():
    hostile = "<b>x</b> | *y*"
    runs = [
        search(day=5, number=1, query="a\n```\nAND b", translation='"a"[tiab]', tool="living-review 1", requests=2),
        search(
            day=6,
            number=2,
            query="a",
            translation='"a"[tiab]',
            state="failed",
            warnings=(hostile,),
            new=0,
            duplicates=None,
        ),
        search(day=7, number=3, accepted={"by": "ann", "at": "2026-01-08T10:00:00", "note": hostile}, warnings=("w",)),
    ]
    text = search_markdown(search_report(PROTOCOL, runs, FLOW, {}, None), f"A title {hostile}")
    lines = text.splitlines()
    assert "| 1 | 2026-01-05T06:00:00Z | complete | 7 | 7 |  | living-review 1 |" in lines
    assert "| 2 | 2026-01-06T06:00:00Z | failed |  |  |  |  |" in lines
    start = lines.index("````text", lines.index("Sent from run 1 on:"))
    assert lines[start : start + 5] == ["````text", "a", "```", "AND b", "````"]
    assert r"- run 2: \<b\>x\</b\> \| \*y\*" in lines
    assert r"- run 3: accepted by ann, 2026-01-08: \<b\>x\</b\> \| \*y\*" in lines
    assert lines.count("Understood by the source as:") == 3
    assert "<b>" not in text


def test_the_order_of_runs_is_that_of_their_moments():
    report = search_report(PROTOCOL, [search(day=9), search(day=5)], FLOW, {}, 4)
    assert [run["searched_at"][:10] for run in report["sources"][0]["runs"]] == ["2026-01-05", "2026-01-09"]
    assert report["version"] == 4


def test_the_items_of_prisma_s_are_all_there_and_what_nobody_stated_is_said_to_be_so():
    report = search_report(PROTOCOL, [search(day=5)], FLOW, {}, None)
    assert [one["item"] for one in report["prisma_s"]] == list(range(1, 17))
    told = {one["item"]: one["told"] for one in report["prisma_s"]}
    assert {told[number] for number in (3, 4, 5, 6, 7, 9, 10, 11, 14)} == {"not stated"}
    stated = PROTOCOL.model_copy(update={"reporting": {"peer_review": "After *PRESS*.", "limits": "None."}})
    report = search_report(stated, [search(day=5)], FLOW, {}, None)
    assert {one["item"]: one["told"] for one in report["prisma_s"]} == {**told, 9: "None.", 14: "After *PRESS*."}
    assert report["limits_and_filters"] == "None."
    assert "14. Peer review: After \\*PRESS\\*." in search_markdown(report, "A title")
