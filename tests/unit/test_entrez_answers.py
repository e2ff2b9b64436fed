"""What counts as an answer of the E-utilities, and what PubMed said about a query."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.errors import LivingReviewError, ServiceRefused, SourceUnavailable
from living_review.sources.entrez_answers import Throttled, check_answer, seconds_to_wait, without_secrets
from living_review.sources.esearch import SearchWarning, read_search

CAPTURES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pubmed"
SEARCH = frozenset({"eSearchResult"})
FETCH = frozenset({"PubmedArticleSet", "PubmedBookArticleSet"})
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

EXPECTED: dict[str, type[LivingReviewError] | None] = {
    "api_key_blank.400.json": ServiceRefused,
    "api_key_invalid.400.json": ServiceRefused,
    "efetch_all_invalid_ids.400.xml": SourceUnavailable,
    "efetch_backend_timeout.400.xml": SourceUnavailable,
    "efetch_cannot_retrieve_history.200.xml": SourceUnavailable,
    "efetch_empty_id.txt": SourceUnavailable,
    "efetch_history_out_of_range.400.xml": ServiceRefused,
    "efetch_history_retstart_9999.400.xml": ServiceRefused,
    "efetch_unable_to_obtain_query.200.xml": SourceUnavailable,
    "efetch_unknown_pmid.200.xml": None,
    "esearch_backend_down.xml": SourceUnavailable,
    "esearch_expired_webenv.200.json": SourceUnavailable,
    "esearch_retstart_9999.200.json": ServiceRefused,
    "rate_limit.429.json": Throttled,
    "rate_limit_documented.json": Throttled,
    "server_error_500.html": SourceUnavailable,
    "unable_to_route_request.txt": SourceUnavailable,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_recorded_answers(name: str) -> None:
    path = CAPTURES / "other" / "live-captures" / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    numbers = [int(part) for part in name.replace("_", ".").split(".") if part in {"200", "400", "429", "500"}]
    status, expected = (numbers or [200])[0], EXPECTED[name]
    if expected is None:
        check_answer(status, path.read_bytes(), FETCH, "PubMed")
        return
    with pytest.raises(expected) as caught:
        check_answer(status, path.read_bytes(), FETCH | SEARCH, "PubMed")
    assert type(caught.value) is expected
    assert "192.0.2.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"<PubmedArticleSet>", "cut off"),
        (b"<PubmedArticleSet></PubmedArticleSet><html></html>", "cut off or something follows"),
        (b"<!DOCTYPE html>\n<html></html>", "web page"),
        (b"<?xml version='1.0'?><html></html>", "web page"),
        (b"<PubmedArticleSet><ERROR>half way</ERROR></PubmedArticleSet>", "half way"),
        (b"<other></other>", "<other> instead of PubmedArticleSet"),
        (b"<>", "<> instead of"),
        (b'{"error": [1]}', "'JSON' instead of XML"),
        (b"{broken", "unreadable JSON"),
        (b"[" * 100_000, "unreadable JSON"),
        (b"Bad+gateway", "'Bad gateway'"),
    ],
)
def test_what_is_no_answer(body: bytes, message: str) -> None:
    with pytest.raises(SourceUnavailable, match=message):
        check_answer(200, body, FETCH, "PubMed")


@pytest.mark.parametrize(
    "body",
    [
        b"<PubmedArticleSet/>",
        b"<PubmedArticleSet />\n",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > b --><!DOCTYPE PubmedArticleSet [<!ENTITY a 'b'>]>\n"
        b"<PubmedArticleSet>x</PubmedArticleSet>  \n",
    ],
)
def test_what_is_an_answer(body: bytes) -> None:
    check_answer(200, body, FETCH, "PubMed")


@given(st.integers(100, 599), st.binary(max_size=200))
def test_every_answer_is_taken_or_explained_on_one_line(status: int, body: bytes) -> None:
    try:
        check_answer(status, body, FETCH, "PubMed")
    except LivingReviewError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 500
    else:
        assert status == 200
        assert b"PubmedArticleSet" in body or b"PubmedBookArticleSet" in body


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=4), st.text(), st.text())
def test_a_secret_is_never_shown(secret: str, before: str, after: str) -> None:
    assert secret not in without_secrets(f"{before}{secret}{after}", secret).replace("(address)", "")


def test_network_addresses_are_not_shown() -> None:
    assert without_secrets("from 192.0.2.17 and 2001:db8:0:0:0:0:0:1 at 5:33") == "from (address) and (address) at 5:33"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        (" 0.5 ", 0.5),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", None),
        ("soon", None),
        ("-1", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOW) == seconds


@given(st.text(max_size=30))
def test_no_retry_after_raises(header: str) -> None:
    seconds_to_wait(header, NOW)


RECORDED_SEARCHES: list[Any] = [
    ("biopython__esearch1.xml", 63, 20, ()),
    ("biopython__esearch2.xml", 42249, 100, ()),
    (
        "biopython__esearch8.xml",
        0,
        0,
        (SearchWarning("phrase_not_found", "abcXYZ"), SearchWarning("output_message", "No items found.")),
    ),
]


@pytest.mark.parametrize(("name", "count", "listed", "warnings"), RECORDED_SEARCHES)
def test_recorded_searches(name: str, count: int, listed: int, warnings: tuple[SearchWarning, ...]) -> None:
    path = CAPTURES / "esearch" / name
    if not path.exists():
        pytest.skip("the recorded searches are not here")
    page = read_search(path.read_bytes())
    assert (page.count, len(page.ids), page.warnings) == (count, listed, warnings)
    assert page.query_translation


def test_a_search_of_ours() -> None:
    page = read_search(
        b"<eSearchResult><Count>2</Count><RetMax>2</RetMax><RetStart>0</RetStart><QueryKey>1</QueryKey><WebEnv>M</WebEnv>"
        b"<IdList><Id>7</Id><Id>8</Id></IdList><TranslationSet/><QueryTranslation>a &lt; b</QueryTranslation>"
        b"<ErrorList><PhraseNotFound>x</PhraseNotFound><PhraseNotFound>y</PhraseNotFound></ErrorList></eSearchResult>"
    )
    assert (page.count, page.ids, page.query_translation, page.has_history) == (2, ("7", "8"), "a < b", True)
    assert page.warnings == (SearchWarning("phrase_not_found", "x"), SearchWarning("phrase_not_found", "y"))


@given(st.binary(max_size=120))
def test_a_search_result_is_read_or_refused(inside: bytes) -> None:
    try:
        page = read_search(b"<eSearchResult><Count>1</Count>" + inside + b"</eSearchResult>")
    except SourceUnavailable as error:
        assert "\n" not in str(error)
    else:
        assert page.count == 1
