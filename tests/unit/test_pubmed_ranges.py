"""A result larger than PubMed hands out at once, taken range by range: each id exactly once, or an error."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from random import Random

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


@given(PMIDS, st.integers(1, 20), st.randoms(use_true_random=False), st.data())
def test_what_is_known_saves_requests_and_changes_nothing(
    pmids: list[int], window: int, chance: Random, data: st.DataObject
) -> None:
    """Whatever the first page shows of the result, and whatever is known of it or of other results."""
    pages = Pages(pmids, window)
    shown = sorted(pmids, reverse=True) if data.draw(st.booleans()) else chance.sample(pmids, len(pmids))
    whole = page(len(pmids), shown[:window])
    if not whole.ids:
        return
    known = chance.sample(pmids, chance.randint(0, len(pmids))) + data.draw(PMIDS)
    ids = collect_ids(pages, max(map(int, whole.ids)), window, whole, list(map(str, known)))
    assert sorted(map(int, ids)) == sorted(pmids)


@pytest.mark.parametrize(
    ("number", "known", "requests"),
    [
        (10_000, 10_000, 1),
        (19_998, 19_998, 1),
        (19_999, 19_999, 2),
        (10_400, 10_000, 2),
        (100_000, 100_000, 10),
        (199_980, 199_980, 19),
        (100_500, 100_000, 11),
        (10_000, 0, 1),
    ],
    ids=[
        "one over a window",
        "two full windows",
        "one over two",
        "new ones",
        "many",
        "twenty full windows",
        "many and new ones",
        "nothing known",
    ],
)
def test_one_request_for_each_window_of_known_ids(number: int, known: int, requests: int) -> None:
    """Beside the one for the whole search, whose ids are used too."""
    pmids = list(range(20_000_000, 20_000_000 + 150 * number, 150))
    pages = Pages(pmids, 9_999)
    whole = page(number, pmids[::-1][:9_999])
    ids = collect_ids(pages, pmids[-1], whole=whole, known=list(map(str, pmids[:known])))
    assert sorted(map(int, ids)) == pmids
    assert len(pages.asked) <= requests


def test_a_count_that_moved_is_not_taken_from_the_first_page() -> None:
    """The first page stands for the last range only while all numbers agree."""
    pmids = list(range(1, 31))
    whole = page(30, pmids[::-1][:20])
    pages = Pages([*range(1, 31), 31], 20)
    ids = collect_ids(pages, 30, 20, page(31, list(whole.ids)), list(map(str, pmids)))
    assert sorted(map(int, ids)) == list(range(1, 32))
    assert pages.asked[-1][1] == HIGHEST_PMID


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
