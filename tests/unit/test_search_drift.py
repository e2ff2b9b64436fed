"""What a complete search still makes people look at."""

from __future__ import annotations

from typing import Any

import pytest

from living_review.search_drift import Before, drift, lost_reports

QUERY = 'asthma[tiab] AND "Social Media"[mh:noexp]'
READ = '"asthma"[Title/Abstract] AND "social media"[MeSH Terms:noexp]'


def before(*counts: int, query: str = QUERY, translation: str = READ) -> list[Before]:
    return [Before(query=query, translation=translation, count=count) for count in counts]


def kinds(**changes: Any) -> list[str]:
    values: dict[str, Any] = {
        "query": QUERY,
        "translation": READ,
        "count": 100,
        "before": before(100),
        "vanished": (),
        "gone": (),
        "lost": (),
    }
    return [warning["kind"] for warning in drift(**{**values, **changes})]


def test_a_search_like_the_one_before_is_without_warnings():
    assert kinds() == []
    assert kinds(before=[]) == []


@pytest.mark.parametrize(
    ("query", "translation", "expected"),
    [
        ("asthma[tiab]", '"asthma"[Title/Abstract]', []),
        ("asthma[TIAB:~3]", '"asthma"[Title/Abstract:~3]', []),
        ("asthma[tiab] OR (x OR y)[ti]", '"asthma"[Title/Abstract]', ["tag_ignored"]),
        ("asthma[Mesh]", '"asthma"[All Fields]', ["tag_ignored"]),
        ('"a [ti] in quotes"[tiab]', '"a ti in quotes"[Title/Abstract]', []),
        # Tags that PubMed shows under other names are not judged.
        ("humans[filter] AND 2020:2021[dp]", '"humans"[MeSH Terms] AND 2020:2021[Date - Publication]', []),
    ],
)
def test_a_tag_without_a_part_in_the_translation(query, translation, expected):
    assert kinds(query=query, translation=translation, before=[]) == expected


def test_the_translation_is_compared_for_the_same_query_only():
    other = '"asthma"[MeSH Terms] OR ' + READ
    assert kinds(translation=other) == ["translation_changed"]
    assert kinds(translation=other, before=before(100, query="asthma")) == []
    assert kinds(before=[*before(100), *before(100, translation=other)]) == ["translation_changed"]


@pytest.mark.parametrize(
    ("history", "count", "expected"),
    [
        ((100,), 201, ["count_out_of_band"]),
        ((100,), 200, []),
        ((100,), 49, ["count_out_of_band"]),
        ((10,), 25, []),
        ((10,), 31, ["count_out_of_band"]),
        # The usual count is that of the last five runs.
        ((5, 1000, 1000, 1000, 1000, 1010), 900, []),
        ((1000, 10, 10, 10, 10, 10), 12, []),
    ],
)
def test_a_count_out_of_band(history, count, expected):
    assert kinds(before=before(*history), count=count) == expected
    assert kinds(before=before(*history, query="another"), count=count) == []


def test_nothing_found_and_records_that_went_away():
    assert kinds(count=0, before=[]) == ["zero"]
    assert kinds(vanished={"1"}, gone={"2"}, lost={"1"}) == ["vanished", "gone", "sentinel"]


def test_all_lost_reports_are_named_although_the_text_is_short():
    lost = {str(number) for number in range(1, 31)}
    (warning,) = drift(query=QUERY, translation=READ, count=100, before=before(100), vanished=(), gone=(), lost=lost)
    assert lost_reports([warning]) == lost
    assert warning["text"] == "included reports are no longer found: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 …"
    assert lost_reports([{"kind": "remark", "text": "included reports"}]) == set()
