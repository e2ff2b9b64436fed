"""A simulated year whose true matches are known: the full search finds every one, and windows of dates do not."""

from __future__ import annotations

import pytest

from tests.benchmarks.simulated_year import HEADING, LATE, simulate


@pytest.mark.server
@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_of_full_searches_loses_nothing(tmp_path, seed):
    year = simulate(tmp_path, 1_500, seed=seed, weeks=20)
    assert len(year.true) > 100
    assert year.found["full"] == year.true == year.in_review
    assert year.vanished > 0
    # What makes this a test that can fail: what a window of dates loses is there to be lost, and nothing else is.
    assert set(year.lost("edat")) == {LATE, HEADING}
    assert set(year.lost("crdt")) == {HEADING}
