"""What `check` says of a strategy, against a PubMed on loopback: mistakes of form, and counts line by line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local.pubmed import LocalPubMed
from living_review.errors import SourceUnavailable, UsageError
from living_review.ledger import tables as t
from living_review.protocol import PubMedSearch
from living_review.review import Review
from living_review.steps.search import search
from living_review.steps.services import check_services, line_counts
from tests.integration.small_world import article, make_review, pubmed_of, rows

pytestmark = pytest.mark.server

QUERY = '(asthma[tiab] OR "Asthma"[Mesh] OR "No Such Thing"[mh]) AND (subject[tiab] NOT trial[ti])'


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    articles = [
        article(1),
        article(2, "Wheeze in subject 2", abstract="Nothing.", mesh=("Asthma",)),
        article(3, "A trial of asthma"),
    ]
    with pubmed_of(*articles) as server:
        yield server


def review_of(query: str, ledger, clock, tmp_path, url: str) -> Review:
    return make_review(tmp_path, ledger, clock, entrez_url=url, searches=[{"source": "pubmed", "query": query}])


def the_search(review: Review) -> PubMedSearch:
    [one] = review.protocol.searches
    assert isinstance(one, PubMedSearch)
    return one


def test_each_line_is_counted_and_the_last_is_the_search(ledger, clock, tmp_path, pubmed):
    review = review_of(QUERY, ledger, clock, tmp_path, pubmed.url)
    found = list(line_counts(review, the_search(review)))
    assert [one.line.shown for one in found] == [
        "asthma[tiab]",
        '"Asthma"[Mesh]',
        '"No Such Thing"[mh]',
        "#1 OR #2 OR #3",
        "subject[tiab]",
        "trial[ti]",
        "#5 NOT #6",
        "#4 AND #7",
    ]
    assert [one.warnings for one in found if one.warnings] == [("PubMed has no such heading",)]
    counts = [one.count for one in found]
    assert counts[2] == 0 < counts[0] < counts[3]
    search(review)
    assert counts[-1] == len(rows(review, t.record))


def test_a_term_that_finds_nothing_is_marked(ledger, clock, tmp_path, pubmed):
    query = "asthmma[tiab] OR nosuchfilter[filter] OR wheeze[tiab] OR the[tiab]"
    review = review_of(query, ledger, clock, tmp_path, pubmed.url)
    nothing = "PubMed finds nothing: check the spelling"
    assert [one.warnings for one in line_counts(review, the_search(review))] == [
        (nothing,),
        (f"{nothing}, or PubMed has no such filter",),
        (),
        ("phrase not found: the",),
        (),
    ]


def test_one_record_in_one_request(ledger, clock, tmp_path, pubmed):
    review = review_of("wheeze[tiab]", ledger, clock, tmp_path, pubmed.url)
    found = next(one for one in check_services(review) if one.service == "search pubmed")
    assert found.text.startswith("PubMed finds 1 record in 1 request;")


@pytest.mark.parametrize(
    ("query", "url", "ends"),
    [
        ("#1 AND #2", "", "mend the strategy, then try again"),
        ("asthma[tiab]", "http://127.0.0.1:9/", "try again later"),
    ],
)
def test_who_must_act_when_pubmed_does_not_answer(ledger, clock, tmp_path, pubmed, query, url, ends):
    review = review_of(query, ledger, clock, tmp_path, url or pubmed.url)
    found = next(one for one in check_services(review) if one.service == "search pubmed")
    assert not found.ok
    assert found.text.endswith(ends)


def test_a_strategy_that_cannot_be_read_has_no_lines(ledger, clock, tmp_path, pubmed):
    review = review_of("(asthma[tiab]", ledger, clock, tmp_path, pubmed.url)
    with pytest.raises(UsageError, match="cannot be taken apart into lines, search pubmed"):
        list(line_counts(review, the_search(review)))


def test_lines_of_a_pubmed_that_does_not_answer(ledger, clock, tmp_path):
    review = review_of("asthma[tiab]", ledger, clock, tmp_path, "http://127.0.0.1:9/")
    with pytest.raises(SourceUnavailable):
        list(line_counts(review, the_search(review)))


@pytest.mark.parametrize(
    ("query", "ok", "said"),
    [
        ('asthma[tiab] OR "Asthma"[mh]', [True], ["nothing to mend in brackets, tags, operators and truncation"]),
        (
            "asthma[tiab]\nOR wheeze[tiabb]",
            [False],
            ["line 2: wheeze[tiabb]: PubMed has no tag [tiabb] and ignores it; did you mean [tiab]?"],
        ),
        ("asthma[tiab]", [True], ["the concept that begins with asthma[tiab] has no MeSH heading"]),
    ],
)
def test_the_form_of_a_strategy_is_checked_before_it_runs(ledger, clock, tmp_path, pubmed, query, ok, said):
    review = review_of(query, ledger, clock, tmp_path, pubmed.url)
    found = [one for one in check_services(review) if one.service == "strategy pubmed"]
    assert ([one.ok for one in found], [one.text for one in found]) == (ok, said)
