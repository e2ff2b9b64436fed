"""A result larger than PubMed hands out at once, taken range by range: each id exactly once, or an error."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.errors import IncompleteSearch
from living_review.sources.esearch import SearchPage
from living_review.sources.pubmed import HIGHEST_PMID, collect_ids

PMIDS = st.lists(st.integers(1, HIGHEST_PMID), unique=True, max_size=60) | st.integers(1, 90_000_000).flatmap(
    lambda start: st.sets(st.integers(start, start + 80), max_size=60).map(list)
)


class Pages:
    """Answers for ranges of a fixed result, as PubMed does: the count, and at most ``window`` ids."""

    def __init__(self, pmids: list[int], window: int) -> None:
        self.pmids, self.window = sorted(pmids), window
        self.asked: list[tuple[int, int]] = []

    def __call__(self, low: int, high: int) -> SearchPage:
        self.asked.append((low, high))
        found = self.pmids[bisect_left(self.pmids, low) : bisect_right(self.pmids, high)]
        return page(len(found), found[::-1][: self.window])


def page(count: int, pmids: list[int]) -> SearchPage:
    return SearchPage(count, tuple(map(str, pmids)), "", (), True)


@given(PMIDS, st.integers(1, 20), st.integers(0, HIGHEST_PMID + 5))
def test_each_id_exactly_once(pmids: list[int], window: int, newest: int) -> None:
    pages = Pages(pmids, window)
    ids = collect_ids(pages, newest=newest, window=window)
    assert sorted(map(int, ids)) == sorted(pmids)
    kept = sorted((low, high) for low, high in list(pages.asked) if len(pages(low, high).ids) == pages(low, high).count)
    assert kept[0][0] == 1
    assert kept[-1][1] == HIGHEST_PMID
    assert all(earlier[1] + 1 == later[0] for earlier, later in pairwise(kept))


def test_requests_stay_few() -> None:
    pages = Pages(list(range(20_000_000, 20_500_000, 2)), 9_999)
    assert len(collect_ids(pages, newest=20_499_998)) == 250_000
    assert len(pages.asked) < 150


@pytest.mark.parametrize(
    "wrong",
    [page(3, [5, 6]), page(1, [5, 6]), page(1, [HIGHEST_PMID + 1]), page(1, [0])],
    ids=["too few", "too many", "above its range", "below its range"],
)
def test_a_page_that_is_not_what_it_counts(wrong: SearchPage) -> None:
    with pytest.raises(IncompleteSearch, match="between PMID 1 and 9"):
        collect_ids(lambda low, high: wrong if low == 1 else page(0, []), newest=9)


def test_more_for_one_pmid_than_a_page_ends() -> None:
    with pytest.raises(IncompleteSearch):
        collect_ids(lambda low, high: page(50, list(range(10))), newest=9, window=10)
