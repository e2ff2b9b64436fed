"""The time lines: every study in one year, every run of a search at its date, and what is marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.chart_parts import Chart
from living_review.chart_searches import MOST_LANES, searches
from living_review.chart_study_years import study_years
from living_review.publication_state import PublicationState, StudyView
from living_review.svg import width
from living_review.time_lines import LONGEST_YEARS, timelines
from tests.unit.chart_states import SVG, assert_apart, charts_of, description, picture, review, texts, weekly
from tests.unit.publication_states import HOSTILE, NONE_FOUND, RETRACTED, record, search, view


def study(name: str, year: int | None, *, retracted: bool = False) -> StudyView:
    report = view(f"R-{name}", record(name, year=year), RETRACTED if retracted else NONE_FOUND)
    return StudyView(study_id=name, reports=(report,), values={}, included_on="2026-01-09")


STUDIES = (
    study("S1", 2015),
    study("S2", 2018),
    study("S3", 2018, retracted=True),
    study("S4", None),
    study("S5", 2018),
)
UPDATE = review(STUDIES, 2)


def of_years(*years: int | None, known: int | None = None) -> PublicationState:
    return review(tuple(study(f"S{place}", year) for place, year in enumerate(years)), known)


def drawn(entries: list[dict[str, Any]], first_version: bool = False) -> Chart:
    chart = study_years(entries, first_version)
    assert chart is not None
    return chart


def test_every_year_from_the_first_to_the_last_is_there_and_none_comes_last() -> None:
    assert timelines(UPDATE)["studies"] == [
        {"year": 2015, "studies": ["S1"], "retracted": [], "new": []},
        {"year": 2016, "studies": [], "retracted": [], "new": []},
        {"year": 2017, "studies": [], "retracted": [], "new": []},
        {"year": 2018, "studies": ["S2", "S3", "S5"], "retracted": ["S3"], "new": ["S3", "S5"]},
        {"year": None, "studies": ["S4"], "retracted": [], "new": ["S4"]},
    ]


def test_a_year_that_is_a_slip_does_not_bring_thousands_of_empty_ones() -> None:
    told = timelines(of_years(2020, 202, 2021 + LONGEST_YEARS))["studies"]
    assert [entry["year"] for entry in told] == [202, 2020, 2021 + LONGEST_YEARS]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.none() | st.integers(1990, 2030) | st.integers(0, 10**9), max_size=30),
    st.none() | st.integers(0, 30),
)
def test_every_study_is_in_one_part_of_one_column(years: list[int | None], known: int | None) -> None:
    made = of_years(*years, known=known)
    told = timelines(made)["studies"]
    assert sorted(one for entry in told for one in entry["studies"]) == sorted(one.study_id for one in made.studies)
    chart = charts_of(made).get("timeline-studies")
    if not years:
        assert chart is None
        return
    assert chart is not None
    assert sum(row["count"] for row in chart.rows) == len(years)
    assert all(row["count"] == row["earlier"] + row["new"] + row["retracted"] for row in chart.rows)
    assert_apart(chart)


def test_a_retracted_study_is_not_called_new_in_the_chart() -> None:
    row = drawn(timelines(UPDATE)["studies"]).rows[3]
    assert (row["count"], row["earlier"], row["new"], row["retracted"]) == (3, 1, 1, 1)


def looks(chart: Chart) -> list[str]:
    """Fills of what is drawn below the legend."""
    bars = [item for item in picture(chart).findall(f"{SVG}rect") if float(item.get("y") or 0) > 110]
    return [item.get("fill") or "" for item in bars]


def test_marks_are_patterns_and_words() -> None:
    chart = drawn(timelines(UPDATE)["studies"])
    assert {"New in this version (2)", "Retracted (1: 2018)", "Known before"} <= set(texts(chart))
    stripes, crosses = "url(#timeline-studies-stripes)", "url(#timeline-studies-crosses)"
    assert [look for look in looks(chart) if look.startswith("url")] == [stripes, crosses, stripes]
    assert "2018: 3 (1 new, 1 retracted); No year: 1 (1 new)." in description(chart)
    assert "5 studies; 2 new in this version; 1 without a year" in description(chart)


def test_years_without_studies_are_drawn_as_zero() -> None:
    assert texts(drawn(timelines(UPDATE)["studies"])).count("0") == 2


def test_a_first_version_marks_nothing_as_new() -> None:
    chart = drawn(timelines(review(STUDIES))["studies"], first_version=True)
    assert "all new, this is the first version" in description(chart)
    assert not [look for look in looks(chart) if "stripes" in look]
    assert "Known before" not in texts(chart)
    assert sum(row["new"] for row in chart.rows) == 4


def test_columns_of_a_long_time_hold_several_years_and_say_so() -> None:
    chart = drawn(timelines(of_years(1900, 1904, 1955, 2024, known=0))["studies"])
    assert "each column is 5 years" in description(chart)
    assert len(chart.rows) == 125
    assert [float(text) for text in texts(chart) if text in {"1", "2"}].count(2.0) == 1


def test_numbers_of_narrow_columns_lie_on_no_other_number_and_no_column() -> None:
    ids = [f"S{place}" for place in range(2000)]
    entries = [
        {"year": year, "studies": ids[: 100 + (year // 2 * 37) % 90], "retracted": [], "new": []}
        for year in range(1987, 2027)
    ]
    chart = drawn(entries)
    assert_apart(chart)
    bars = [bar for bar in picture(chart).findall(f"{SVG}rect") if float(bar.get("y") or 0) > 60]
    columns = [[float(bar.get(name) or 0) for name in ("x", "width", "y")] for bar in bars]
    assert len(columns) == 40
    numbers = [item for item in picture(chart).findall(f"{SVG}text") if len(item.text or "") == 3]
    assert 10 < len(numbers) < 40
    for item in numbers:
        x, y, half = float(item.get("x") or 0), float(item.get("y") or 0), width(item.text or "", 12) / 2
        assert not [left for left, wide, top in columns if left < x + half and x - half < left + wide and top < y]


# Searches


def test_every_run_is_told_with_its_day_in_utc() -> None:
    late = datetime(2026, 1, 6, 1, tzinfo=timezone(timedelta(hours=5)))
    runs = (
        search(number=2, searched_at=datetime(2026, 2, 1, tzinfo=UTC), state="failed", delivered=0, new=0),
        search(number=1, searched_at=late, delivered=7, new=6),
    )
    assert timelines(review((), searches=runs))["searches"] == [
        {"source": "pubmed", "on": "2026-01-05", "state": "complete", "delivered": 7, "new": 6},
        {"source": "pubmed", "on": "2026-02-01", "state": "failed", "delivered": 0, "new": 0},
    ]


def chart_of(*runs: Any) -> Chart:
    chart = searches(timelines(review((), searches=runs))["searches"])
    assert chart is not None
    return chart


def test_failed_runs_are_crosses_and_told() -> None:
    chart = chart_of(search(day=1), search(day=20, state="failed", delivered=0, new=0))
    assert {"Failed", "failed", "7 new of 7"} <= set(texts(chart))
    assert "2 searches of 1 source; 1 failed. 2026-01-20 pubmed: failed; 2026-01-01 pubmed: 7 records, 7 new." in (
        description(chart)
    )


@pytest.mark.parametrize("days", [0, 3, 45, 100, 800, 9000])
def test_the_axis_has_days_months_or_years_that_stand_apart(days: int) -> None:
    last = search(number=9_999, searched_at=datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=days))
    chart = chart_of(search(), last)
    labels = [text for text in texts(chart) if text[:2] == "20" and len(text) in {4, 7, 10}]
    assert 1 <= len(labels) <= 8
    assert_apart(chart)


def test_lanes_that_find_no_room_are_counted() -> None:
    chart = chart_of(*(search(number=place, source=f"source {place}") for place in range(MOST_LANES + 3)))
    assert f"{MOST_LANES + 3} searches of {MOST_LANES + 3} sources; 3 more sources in the data" in description(chart)
    assert len(chart.rows) == MOST_LANES + 3


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["PubMed", HOSTILE, "W" * 300, "日本語" * 60, "שלום"]),
            st.integers(0, 5000),
            st.sampled_from(["complete", "complete_with_warnings", "failed"]),
            st.integers(0, 10**7),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_no_runs_make_text_lie_on_text(runs: list[tuple[str, int, str, int]]) -> None:
    start = datetime(2015, 1, 1, tzinfo=UTC)
    entries = [
        search(
            number=number,
            source=source,
            state=state,
            searched_at=start + timedelta(days=day),
            new=0 if state == "failed" else new,
            delivered=0 if state == "failed" else new * 3,
        )
        for number, (source, day, state, new) in enumerate(runs)
    ]
    chart = chart_of(*entries)
    assert len(chart.rows) == len(runs)
    assert_apart(chart)


def test_the_latest_run_of_a_lane_always_says_what_it_brought() -> None:
    runs = weekly(160)
    chart = chart_of(*runs[:-1], replace(runs[-1], state="complete", new=4, delivered=5555))
    assert "4 new of 5555" in texts(chart)
