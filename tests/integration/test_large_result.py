"""More than a hundred thousand hits over HTTP, where PubMed hands out 9,999 a query: each id comes exactly once."""

from __future__ import annotations

from collections import Counter

import pytest

from infra.local.pubmed import Corpus, LocalPubMed
from living_review.sources.pubmed import WINDOW, PubMedClient
from living_review.sources.rate_limit import RateLimiter
from tests.integration.bare_records import hold_bare

pytestmark = pytest.mark.server

FEWEST = 11
MANY = FEWEST * WINDOW
"""The most that so few answers can hold: 109,989."""
PMIDS = [*range(11, 600_011, 30), *range(20_000_000, 20_000_000 + MANY - 40_000), *range(38_000_000, 42_000_000, 200)]
"""Sparse, without a gap, and sparse again, as searches of all years are."""


@pytest.fixture(scope="module")
def pubmed():
    assert len(PMIDS) == MANY
    corpus = Corpus()
    hold_bare(corpus, PMIDS, "asthma")
    hold_bare(corpus, [one + 1 for one in PMIDS[:5_000]], "cough")
    with LocalPubMed(corpus) as server:
        yield server


@pytest.fixture
def client(pubmed, tmp_path):
    del pubmed.requests[:]
    with PubMedClient(base_url=pubmed.url, limiter=RateLimiter(tmp_path, None)) as one:
        yield one


def search(client, known=()):
    return client.search("asthma[ti]", lambda _answer: None, known)


def each_once(ids):
    return Counter(map(int, ids)) == Counter(PMIDS)


def test_each_id_of_a_first_search_comes_exactly_once(client, pubmed):
    found = search(client)
    assert (found.count, each_once(found.ids), found.warnings) == (MANY, True, ())
    assert {one.utility for one in pubmed.requests} == {"esearch"}
    assert len(pubmed.requests) == found.requests < 6 * FEWEST


def test_a_quiet_day_sends_the_fewest_requests_there_can_be(client, pubmed):
    found = search(client, known=[str(one) for one in PMIDS])
    assert each_once(found.ids)
    assert len(pubmed.requests) == found.requests == FEWEST


def test_ids_that_come_late_among_old_ones_are_found(client):
    late = set(PMIDS[::500])
    found = search(client, known=[str(one) for one in PMIDS if one not in late])
    assert each_once(found.ids)
    assert found.requests <= FEWEST + 1
