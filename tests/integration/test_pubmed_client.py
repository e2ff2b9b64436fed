"""The PubMed client against a server on loopback that fails in every way the real one is known to."""

from __future__ import annotations

import logging
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from living_review.errors import (
    IncompleteSearch,
    LivingReviewError,
    ServiceRefused,
    SourceUnavailable,
    UsageError,
)
from living_review.sources.entrez import RawResponse
from living_review.sources.pubmed import FetchedBatch, PubMedClient, SearchWarning
from living_review.sources.rate_limit import RateLimiter

pytestmark = pytest.mark.server

KEY = "0123456789abcdef-secret"
Form = dict[str, str]
Fault = Callable[["Handler", Form], None]


class Handler(BaseHTTPRequestHandler):
    """Answers like PubMed, after the faults that are waiting."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer waits for an acknowledgement
    server: FaultyPubMed

    def log_message(self, *_: Any) -> None:
        """Nothing: tests read the server's own list."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self.server.requests.append((self.path, form))
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault is not None:
            fault(self, form)
        elif self.path.endswith("/esearch.fcgi"):
            self.answer(self.server.search(form))
        else:
            self.answer(self.server.records(form["id"].split(",")))

    def answer(self, body: bytes, status: int = 200, media_type: str = "text/xml", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class FaultyPubMed(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ids: list[int] = [11, 22, 33]
        self.gone: set[int] = set()
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, Form]] = []
        self.notices = ""
        self.on_search: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/entrez/eutils/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""

    def search(self, form: Form) -> bytes:
        found = sorted(self.ids, reverse=True)
        if match := re.search(r" AND (\d+):(\d+)\[UID\]$", form["term"]):
            low, high = map(int, match.groups())
            found = [pmid for pmid in found if low <= pmid <= high]
        listed = found[: min(int(form["retmax"]), 9999)]
        self.on_search()
        return search_answer(len(found), listed, notices=self.notices)

    def records(self, ids: list[str]) -> bytes:
        return record_set(*(pmid for pmid in ids if int(pmid) in self.ids and int(pmid) not in self.gone))


def search_answer(
    count: object, ids: list[int], notices: str = "", history: bool = True, version: str = "20060628"
) -> bytes:
    kept = "<QueryKey>1</QueryKey><WebEnv>MCID_6927d6e7fee3e90f880ec190</WebEnv>" if history else ""
    listed = "".join(f"<Id>{pmid}</Id>\n" for pmid in ids)
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
        f'"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/{version}/esearch.dtd">\n'
        f"<eSearchResult><Count>{count}</Count><RetMax>{len(ids)}</RetMax><RetStart>0</RetStart>{kept}"
        f'<IdList>\n{listed}</IdList><TranslationSet/><QueryTranslation>"qi"[All Fields] &amp; é</QueryTranslation>'
        f"{notices}</eSearchResult>\n"
    ).encode()


def record_set(*ids: str, title: str = "Title", version: str = "1", tail: str = "") -> bytes:
    articles = "".join(
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="{version}">{pmid}</PMID><Article>'
        f"<ArticleTitle>{title} {pmid}</ArticleTitle></Article></MedlineCitation></PubmedArticle>\n"
        for pmid in ids
    )
    return f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n{articles}{tail}</PubmedArticleSet>\n'.encode()


# faults


def reply(body: bytes | str, status: int = 200, media_type: str = "text/xml", **headers: str) -> Fault:
    content = body.encode() if isinstance(body, str) else body
    return lambda handler, form: handler.answer(content, status, media_type, **headers)


def reset(handler: Handler, form: Form) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    os.close(handler.connection.detach())


def short_length(handler: Handler, form: Form) -> None:
    body = handler.server.records(["11", "22", "33"])
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def cut_chunks(handler: Handler, form: Form) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"9\r\n<PubmedAr\r\n")
    handler.close_connection = True


def slow(handler: Handler, form: Form) -> None:
    handler.server.wait_for_end.wait(10)  # type: ignore[attr-defined]


def cut_xml(handler: Handler, form: Form) -> None:
    whole = handler.server.search(form) if "term" in form else handler.server.records(form["id"].split(","))
    handler.answer(whole[: len(whole) * 2 // 3])


def html_tail(handler: Handler, form: Form) -> None:
    whole = handler.server.search(form) if "term" in form else handler.server.records(form["id"].split(","))
    handler.answer(whole[: len(whole) * 2 // 3] + b"<html><body><h1>Server Error</h1></body></html>")


LIMIT = '{"error":"API rate limit exceeded","api-key":"192.0.2.1","count":"4","limit":"3"}\n'
BAD_KEY = f'{{"error":"API key invalid","api-key":"{KEY}","type":"invalid",\n"status":"unknown"}}'
PASSING: dict[str, Fault] = {
    "429 with Retry-After": reply(LIMIT, 429, "application/json", Retry_After="1"),
    "429 without Retry-After": reply(LIMIT, 429, "application/json"),
    "429 as 200": reply(LIMIT, 200, "application/json"),
    "500 page": reply("<!DOCTYPE html><html><body><h1>Server Error</h1></body></html>", 500, "text/html"),
    "502 page": reply("<html><body>Bad gateway</body></html>", 502, "text/html"),
    "503 with Retry-After": reply("", 503, Retry_After="0"),
    "html as 200": reply("<html><head><title>Error</title></head></html>"),
    "empty": reply(""),
    "blank": reply(" \n"),
    "plain text": reply("Unable to route request!\n\nservice name: /http/service", media_type="text/plain"),
    "expired history": reply("<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"),
    "400 that passes": reply(
        "<eFetchResult><ERROR> Error: External viewer error: Empty Response. Status: Timeout</ERROR></eFetchResult>",
        400,
    ),
    "backend down": reply("<eSearchResult><ERROR>Search Backend failed: Unable to open</ERROR></eSearchResult>"),
    "the other utility's answer": reply("<ePostResult><QueryKey>1</QueryKey></ePostResult>"),
    "reset": reset,
    "short length": short_length,
    "cut chunks": cut_chunks,
    "cut xml": cut_xml,
    "html tail": html_tail,
}
LASTING: dict[str, tuple[Fault, str]] = {
    "bad key": (reply(BAD_KEY, 400, "application/json"), "API key is not valid.*NCBI_API_KEY"),
    "bad key as 200": (reply(BAD_KEY, 200), "API key is not valid"),
    "blank key": (reply('{"error":"API key invalid","api-key":""}', 400), "API key is not valid"),
    "redirect": (reply("", 301, Location=f"https://elsewhere.example/?api_key={KEY}"), "redirect.*ENTREZ_URL"),
    "not there": (reply("<html>no</html>", 404), "404.*ENTREZ_URL"),
    "blocked": (reply(f"Blocked: {KEY} at 192.0.2.1", 403), "403"),
    "too long": (reply("", 414), "too long.*shorten"),
    "bad request": (reply("Bad Request (400): Mandatory parameter: db - is omitted", 400), "Mandatory parameter"),
    "empty term": (reply("<eSearchResult><ERROR>Empty term and query_key</ERROR></eSearchResult>"), "Empty term"),
}


@pytest.fixture
def pubmed() -> Iterator[FaultyPubMed]:
    server = FaultyPubMed()
    server.wait_for_end = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.wait_for_end.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def kept() -> list[RawResponse]:
    return []


@pytest.fixture
def client(pubmed: FaultyPubMed, tmp_path: Path) -> Iterator[PubMedClient]:
    with make_client(pubmed, tmp_path) as made:
        yield made


def make_client(pubmed: FaultyPubMed, folder: Path, **options: Any) -> PubMedClient:
    given = {
        "transport": httpx.HTTPTransport(verify=False),  # loading certificates takes longer than a test
        "email": "team@example.org",
        "api_key": SecretStr(KEY),
        "attempts": 3,
        "wait_initial": 0.01,
        "timeout": 10,
        **options,
    }
    return PubMedClient(base_url=pubmed.url, limiter=RateLimiter(folder, None), **given)


def fetched(batches: Iterator[FetchedBatch]) -> tuple[list[str], list[str], list[str]]:
    done = list(batches)
    return (
        [record.pmid for batch in done for record in batch.records],
        [pmid for batch in done for pmid in batch.missing],
        [pmid for batch in done for pmid in batch.deleted],
    )


# searches


def test_a_search_is_stored_and_told_whole(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    pubmed.notices = (
        "<ErrorList><PhraseNotFound>abc</PhraseNotFound><FieldNotFound>foo</FieldNotFound></ErrorList><WarningList>"
        '<PhraseIgnored>the</PhraseIgnored><QuotedPhraseNotFound>"x &amp;amp; y"</QuotedPhraseNotFound>'
        "<OutputMessage>Unmatched double quote ignored.</OutputMessage></WarningList>"
    )
    query = 'social media[tiab] AND "quality improvement"[Mesh] AND naïve+100%'
    result = client.search(query, kept.append)
    assert (result.query, result.count, result.ids) == (query, 3, ("11", "22", "33"))
    assert result.query_translation == '"qi"[All Fields] & é'
    assert result.warnings == (
        SearchWarning("phrase_not_found", "abc"),
        SearchWarning("field_not_found", "foo"),
        SearchWarning("phrase_ignored", "the"),
        SearchWarning("quoted_phrase_not_found", '"x &amp; y"'),
        SearchWarning("output_message", "Unmatched double quote ignored."),
    )
    assert result.started_at <= kept[0].at <= result.finished_at
    assert result.requests == 1
    assert result.responses == (kept[0].digest,)
    path, form = pubmed.requests[0]
    assert path == "/entrez/eutils/esearch.fcgi"
    assert form == {
        "db": "pubmed",
        "term": query,
        "retmax": "9999",
        "usehistory": "y",
        "tool": "living-review",
        "email": "team@example.org",
        "api_key": KEY,
    }
    assert kept[0].body == search_answer(3, [33, 22, 11], pubmed.notices)
    assert kept[0].media_type == "text/xml"
    assert "term=social+media" in kept[0].request
    assert KEY not in kept[0].request
    assert "example.org" not in kept[0].request


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("  ")])
def test_an_empty_key_or_address_is_never_sent(
    pubmed: FaultyPubMed, tmp_path: Path, kept: list[RawResponse], key: SecretStr | None
) -> None:
    with make_client(pubmed, tmp_path, api_key=key, email="") as client:
        client.search("x", kept.append)
    assert not {"api_key", "email"} & pubmed.requests[0][1].keys()


def test_nothing_found_is_a_result(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    pubmed.ids = []
    pubmed.notices = "<WarningList><OutputMessage>No items found.</OutputMessage></WarningList>"
    result = client.search("x", kept.append)
    assert (result.count, result.ids) == (0, ())
    assert result.warnings == (SearchWarning("output_message", "No items found."),)


@pytest.mark.parametrize("count", [9_998, 9_999, 10_000, 25_000])
def test_any_number_of_ids_each_once(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], count: int
) -> None:
    # Crowded at one end, as PMIDs are, with one far above the rest.
    pubmed.ids = [*range(30_000_000, 30_000_000 + count - 2), 7, 41_000_000]
    result = client.search("a OR b", kept.append)
    assert result.count == count
    assert result.ids == tuple(str(pmid) for pmid in sorted(pubmed.ids))
    assert result.requests == len(pubmed.requests) == len(kept) == len(result.responses)
    if count <= 9_999:
        assert result.requests == 1
    else:
        assert all(re.fullmatch(r"\( a OR b \) AND \d+:\d+\[UID\]", form["term"]) for _, form in pubmed.requests[1:])
        assert result.requests < 100
    assert result.warnings == ()


def test_an_id_above_those_listed_first_is_not_lost(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.ids = [*range(1, 10_500), 99_999_999, 50_000_000]
    pubmed.faults = [reply(search_answer(len(pubmed.ids), list(range(1, 9_999))))]
    assert len(client.search("x", kept.append).ids) == len(pubmed.ids)


@pytest.mark.parametrize("change", ["shrinks", "grows"])
def test_counts_that_move_once_start_the_search_again(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], change: str
) -> None:
    pubmed.ids = list(range(2, 15_002))
    moves = [2] if change == "shrinks" else [-1]

    def move() -> None:
        if len(pubmed.requests) == 1 and moves:
            pmid = moves.pop()
            pubmed.ids = [*pubmed.ids, 1] if pmid < 0 else [i for i in pubmed.ids if i != pmid]

    pubmed.on_search = move
    result = client.search("x", kept.append)
    assert result.ids == tuple(str(pmid) for pmid in sorted(pubmed.ids))
    assert result.count == len(pubmed.ids)
    assert sum("UID" not in form["term"] for _, form in pubmed.requests) == 2


def test_counts_that_never_rest_are_an_incomplete_search(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.ids = list(range(1, 15_001))
    pubmed.on_search = lambda: pubmed.ids.__delitem__(0)
    with pytest.raises(IncompleteSearch, match="promised"):
        client.search("x", kept.append)
    assert sum("UID" not in form["term"] for _, form in pubmed.requests) == 3


def test_what_comes_after_the_first_answer_is_for_the_next_search(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    """As with a result of one page: the ids are those of the moment the count is from."""
    pubmed.ids = list(range(1, 15_001))
    pubmed.on_search = lambda: pubmed.ids.append(20_000)
    result = client.search("x", kept.append, known=list(map(str, range(1, 15_001))))
    assert result.ids == tuple(map(str, range(1, 15_001)))
    assert result.requests == 2


@pytest.mark.parametrize(
    "answer",
    [
        search_answer(4, [33, 22, 11]),
        search_answer(2, [33, 22, 11]),
        search_answer(3, [33, 22, 22]),
    ],
)
def test_ids_that_are_not_what_was_promised(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], answer: bytes
) -> None:
    pubmed.faults = [reply(answer)] * 3
    with pytest.raises(IncompleteSearch, match="promised"):
        client.search("x", kept.append)
    assert len(pubmed.requests) == 3
    assert client.search("x", kept.append).ids == ("11", "22", "33")


@pytest.mark.parametrize(
    "answer",
    [
        search_answer("many", [11]),
        search_answer("", []),
        search_answer(1, []),
        search_answer(3, [33, 22, 11], history=False),
        search_answer(1, [11]).replace(b"<Id>11", b"<Id>1x"),
        search_answer(1, [11]).replace(b"<Count>1</Count>", b""),
    ],
)
def test_an_answer_that_makes_no_sense_is_asked_for_again(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], answer: bytes
) -> None:
    pubmed.faults = [reply(answer)]
    assert client.search("x", kept.append).ids == ("11", "22", "33")
    pubmed.faults = [reply(answer)] * 3
    with pytest.raises(SourceUnavailable):
        client.search("x", kept.append)


def test_no_document_type_makes_the_reader_look_elsewhere(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("urllib.request.urlopen", lambda *a, **k: pytest.fail("downloads a DTD"))
    newer = search_answer(3, [33, 22, 11]).replace(b"esearch.dtd", b"esearch_270101.dtd")
    bare = newer[newer.index(b"<eSearchResult") :]
    unknown = newer.replace(b"<TranslationSet/>", b"<New><Thing>1</Thing></New><TranslationSet/>")
    for answer in (newer, bare, unknown):
        pubmed.faults = [reply(answer)]
        assert client.search("x", kept.append).ids == ("11", "22", "33")
    assert len(pubmed.requests) == 3
    assert not (tmp_path / "home").exists()


def test_an_empty_query_is_not_sent(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    with pytest.raises(UsageError, match="the search is empty"):
        client.search(" \n", kept.append)
    assert pubmed.requests == []


# faults of either utility


@pytest.mark.parametrize("utility", ["search", "fetch"])
@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_outlived(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], fault: str, utility: str
) -> None:
    pubmed.faults = [PASSING[fault]]
    if utility == "search":
        result = client.search("x", kept.append)
        assert result.ids == ("11", "22", "33")
        assert result.responses == (kept[-1].digest,)
    else:
        assert fetched(client.fetch(["11", "22", "33"], kept.append)) == (["11", "22", "33"], [], [])
    assert len(pubmed.requests) == 2
    assert len(kept) == 1, "only an answer is kept"


@pytest.mark.parametrize("fault", sorted(PASSING.keys() - {"429 with Retry-After"}))
def test_a_fault_that_stays_is_one_line_without_secrets(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], fault: str
) -> None:
    pubmed.faults = [PASSING[fault]] * 3
    with pytest.raises(SourceUnavailable) as caught:
        list(client.fetch(["11"], kept.append))
    assert len(pubmed.requests) == 3
    assert kept == []
    assert_no_secret(caught.value)
    assert "efetch at 127.0.0.1" in str(caught.value)


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_refusal_is_not_asked_again(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer, message = LASTING[fault]
    pubmed.faults = [answer]
    with pytest.raises(ServiceRefused, match=message) as caught:
        client.search("x", kept.append)
    assert len(pubmed.requests) == 1
    assert kept == []
    assert_no_secret(caught.value)
    assert KEY not in caplog.text


def assert_no_secret(error: BaseException) -> None:
    seen: BaseException | None = error
    while seen is not None:
        for text in (str(seen), repr(seen)):
            assert KEY not in text
            assert "192.0.2.1" not in text
            assert "\n" not in text or not isinstance(seen, LivingReviewError)
        seen = seen.__cause__ or seen.__context__


def test_retry_after_is_honoured(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    pubmed.faults = [reply(LIMIT, 429, Retry_After="1")]
    started = time.monotonic()
    client.search("x", kept.append)
    assert time.monotonic() - started >= 1.0


def test_retry_after_holds_the_whole_installation_back(
    pubmed: FaultyPubMed, tmp_path: Path, kept: list[RawResponse]
) -> None:
    limiter = RateLimiter(tmp_path, 1000.0)
    with PubMedClient(base_url=pubmed.url, limiter=limiter, attempts=1) as client:
        pubmed.faults = [reply(LIMIT, 429, Retry_After="60")]
        before = time.monotonic()
        with pytest.raises(SourceUnavailable, match="too many requests"):
            client.search("x", kept.append)
    assert RateLimiter(tmp_path, 1000.0).reserve() >= before + 60


def test_a_service_away_for_long_is_not_waited_for(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.faults = [reply("", 503, Retry_After="86400")]
    with pytest.raises(SourceUnavailable):
        client.search("x", kept.append)
    assert len(pubmed.requests) == 1


def test_silence_times_out(pubmed: FaultyPubMed, tmp_path: Path, kept: list[RawResponse]) -> None:
    pubmed.faults = [slow]
    with make_client(pubmed, tmp_path, timeout=0.2) as client:
        assert client.search("x", kept.append).count == 3
    assert len(pubmed.requests) == 2


def test_nobody_there(tmp_path: Path, kept: list[RawResponse]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with (
            PubMedClient(base_url=url, limiter=RateLimiter(tmp_path, None), attempts=2, wait_initial=0.01) as client,
            pytest.raises(SourceUnavailable, match="no complete answer"),
        ):
            client.search("x", kept.append)


@pytest.mark.parametrize("url", ["", "eutils.example", "ftp://eutils.example/", "http://"])
def test_an_address_that_is_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(ServiceRefused, match="ENTREZ_URL"):
        PubMedClient(base_url=url, limiter=RateLimiter(tmp_path, None))


# fetching


def test_records_in_batches_in_the_order_asked(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.ids = list(range(1, 451))
    asked = [str(pmid) for pmid in reversed(pubmed.ids)]
    batches = list(client.fetch([*asked, "7", "450"], kept.append))
    assert [len(batch.records) for batch in batches] == [200, 200, 50]
    assert [record.pmid for batch in batches for record in batch.records] == asked
    assert [batch.responses for batch in batches] == [(raw.digest,) for raw in kept]
    assert all(form["db"] == "pubmed" and form["retmode"] == "xml" for _, form in pubmed.requests)


def test_batches_are_fetched_one_by_one(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    batches = client.fetch(["11", "22", "33"], kept.append, batch_size=1)
    next(batches)
    assert len(pubmed.requests) == 1


def test_a_server_that_delivers_in_another_order(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.faults = [reply(record_set("33", "11", "22", "11"))]
    (batch,) = client.fetch(["11", "22", "33"], kept.append)
    assert [(record.pmid, record.title) for record in batch.records] == [
        ("11", "Title 11"),
        ("22", "Title 22"),
        ("33", "Title 33"),
    ]


def test_ids_left_out_are_asked_for_again_and_then_named(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.gone = {22}
    (batch,) = client.fetch(["11", "22", "33", "44"], kept.append)
    assert ([record.pmid for record in batch.records], batch.missing) == (["11", "33"], ("22", "44"))
    assert [form["id"] for _, form in pubmed.requests] == ["11,22,33,44", "22,44"]
    assert batch.responses == tuple(raw.digest for raw in kept)


def test_ids_left_out_by_mistake_are_found(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    pubmed.faults = [reply(record_set("33"))]
    assert fetched(client.fetch(["11", "22", "33"], kept.append)) == (["11", "22", "33"], [], [])


def test_all_unknown_is_all_missing(client: PubMedClient, kept: list[RawResponse]) -> None:
    assert fetched(client.fetch(["98", "99"], kept.append)) == ([], ["98", "99"], [])


def test_ids_named_as_deleted(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    tail = "<DeleteCitation><PMID>22</PMID><PMID>777</PMID></DeleteCitation>"
    pubmed.faults = [reply(record_set("11", tail=tail))]
    assert fetched(client.fetch(["11", "22"], kept.append)) == (["11"], [], ["22"])
    assert len(pubmed.requests) == 1


def test_what_was_not_asked_for_is_not_taken(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    pubmed.faults = [reply(record_set("11", "55"))]
    with pytest.raises(IncompleteSearch, match="delivered 55, which was not asked for"):
        list(client.fetch(["11"], kept.append))


def test_two_versions_of_a_record(client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]) -> None:
    def both(first: bytes, second: bytes) -> Fault:
        return reply(first.replace(b"</PubmedArticleSet>\n", b"") + second.partition(b"<PubmedArticleSet>")[2])

    old, new = record_set("11", title="Old"), record_set("11", title="New", version="2")
    for pair in ((old, new), (new, old)):
        pubmed.faults = [both(*pair)]
        (batch,) = client.fetch(["11"], kept.append)
        assert [record.title for record in batch.records] == ["New 11"]
    pubmed.faults = [both(old, record_set("11", title="Other"))]
    with pytest.raises(IncompleteSearch, match="two different records for 11"):
        list(client.fetch(["11"], kept.append))


def test_the_raw_answer_is_kept_before_it_is_read(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse]
) -> None:
    broken = record_set("11").replace(b"<ArticleTitle>", b"<ArticleTitle>&")
    pubmed.faults = [reply(broken)] * 3
    with pytest.raises(SourceUnavailable, match="malformed"):
        list(client.fetch(["11"], kept.append))
    assert [raw.body for raw in kept] == [broken] * 3


def test_a_store_that_fails_stops_the_fetch(client: PubMedClient, pubmed: FaultyPubMed) -> None:
    def full(raw: RawResponse) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        list(client.fetch(["11"], full))
    assert len(pubmed.requests) == 1


@pytest.mark.parametrize("bad", ["", "0", "12a", "1,2", "PMC1", "-1", "1 ", "１２", "12345678901"])
def test_what_is_no_pmid_is_not_asked_for(
    client: PubMedClient, pubmed: FaultyPubMed, kept: list[RawResponse], bad: str
) -> None:
    with pytest.raises(UsageError, match="no PMID"):
        client.fetch(["11", bad], kept.append)
    assert pubmed.requests == []


def test_a_closed_client_closes_its_connections(pubmed: FaultyPubMed, tmp_path: Path, kept: list[RawResponse]) -> None:
    with make_client(pubmed, tmp_path) as client:
        client.search("x", kept.append)
    with suppress(RuntimeError), pytest.raises(RuntimeError):
        client.search("x", kept.append)
