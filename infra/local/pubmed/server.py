"""The HTTP side: E-utilities on loopback, several requests at once, GET and POST.

What clients meet at the real address is kept: chunked bodies without a length, gzip when it is accepted, a rate limit
(when switched on), 400 for an empty or unknown API key, parameters it does not know ignored.
"""

from __future__ import annotations

import gzip
import socket
import struct
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from infra.local.pubmed.answer import TEXT, Answer, json_document
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.efetch import efetch
from infra.local.pubmed.einfo import einfo
from infra.local.pubmed.elink import REPEATED_IDS, elink
from infra.local.pubmed.esearch import epost, esearch
from infra.local.pubmed.esummary import esummary
from infra.local.pubmed.faults import TRANSPORT, Faults, bad_key, instead, rate_limited, server_error, spoiled
from infra.local.pubmed.habits import USUAL, Habits
from infra.local.pubmed.history import History
from living_review.errors import LivingReviewError, UsageError

LOOPBACK = "127.0.0.1"
PATH = "/entrez/eutils/"
CLOCK = "/local/clock"
UTILITIES = ("einfo", "esearch", "epost", "esummary", "efetch", "elink")

_LONGEST_ADDRESS = 8_000
"""Characters of a GET address above which the answer is 414; terms of that length must be posted."""
_LARGEST_BODY = 20_000_000
_REQUESTS_KEPT = 10_000
_CHUNK = 65_536
_PER_SECOND = {"without key": 3, "with key": 10}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived: the utility, its parameters (lower-case names), the method, the answer's status."""

    utility: str
    parameters: Mapping[str, str]
    method: str
    status: int
    fault: str
    at: float
    """Seconds of a monotonic clock."""


class LocalPubMed:
    """A PubMed on loopback, between :meth:`start` and :meth:`stop` or inside a ``with``.

    Args:
        records: A folder or file of MEDLINE XML, or several, or a corpus that is read already.
        port: Port; 0 for a free one.
        clock: The day it is there; ``None`` shows every record. Not with a corpus, which has its own.
        known_phrases: See :class:`~infra.local.pubmed.corpus.Corpus`.
        rate_limit: Whether the fourth request of a second (the eleventh with a key) is answered 429.
        api_keys: The keys that are valid; ``None`` for any.
        habits: What PubMed does now one way and now another.
        admin: Whether ``/local/clock`` answers: GET tells the clock's day, POST with ``day`` sets it (empty: no clock).

    Raises:
        UsageError: If the records cannot be read.
    """

    def __init__(
        self,
        records: Path | Iterable[Path] | Corpus,
        port: int = 0,
        clock: date | None = None,
        known_phrases: Iterable[str] = (),
        rate_limit: bool = False,
        api_keys: Iterable[str] | None = None,
        habits: Habits = USUAL,
        admin: bool = False,
    ) -> None:
        if isinstance(records, Corpus):
            self.corpus = records
        else:
            places = [records] if isinstance(records, Path) else records
            self.corpus = Corpus(places, clock, known_phrases)
        self.faults = Faults()
        self.history = History()
        self.rate_limit = rate_limit
        self.habits = habits
        self.admin = admin
        self.requests: list[Request] = []
        self._keys = None if api_keys is None else set(api_keys)
        self._port = port
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._http: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Base address with a slash at its end, ``http://127.0.0.1:PORT/entrez/eutils/``.

        Raises:
            UsageError: If the server is not started.
        """
        if self._http is None:
            raise UsageError("the local PubMed is not started", "infra.local.pubmed", "call start() first")
        return f"http://{LOOPBACK}:{self._http.server_address[1]}{PATH}"

    def start(self) -> Self:
        """Answer requests from now on, in threads of this process.

        Raises:
            UsageError: If the port is taken.
        """
        if self._http is None:
            try:
                self._http = _Server(self, self._port)
            except OSError as error:
                raise UsageError(f"port {self._port} is taken", LOOPBACK, "choose another port or 0") from error
            self._thread = threading.Thread(
                target=self._http.serve_forever, args=(0.05,), daemon=True, name="local-pubmed"
            )
            self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering; the corpus and the request log stay. Calling it twice does no harm."""
        if self._http is not None and self._thread is not None:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()
            self._http = self._thread = None

    def answer(self, utility: str, asked: Mapping[str, str], client: str, method: str = "GET") -> tuple[Answer, str]:
        """The answer to a request, and the fault to play on its way out (empty for none).

        Args:
            utility: ``esearch`` and so on, without ``.fcgi``.
            asked: Parameters by lower-case name.
            client: Whom the rate limit counts when there is no key.
            method: For the log.
        """
        fault = self.faults.take(utility)
        answer = self._refusal(asked, client) or instead(fault) or self._tried(utility, asked)
        answer = spoiled(answer, fault)
        entry = Request(utility, dict(asked), method, answer.status, fault, time.monotonic())
        with self._lock:
            self.requests.append(entry)
            del self.requests[:-_REQUESTS_KEPT]
        return answer, fault if fault.partition(":")[0] in TRANSPORT else ""

    def clock(self, asked: Mapping[str, str], method: str) -> Answer:
        """Answer ``/local/clock``, which the real PubMed has not."""
        if not self.admin:
            return Answer(b"Not found\n", TEXT, 404)
        appeared: list[str] = []
        if method == "POST":
            try:
                day = date.fromisoformat(asked["day"]) if asked.get("day") else None
            except ValueError:
                return Answer(f"{asked['day'][:40]!r} is no day, give YYYY-MM-DD\n".encode(), TEXT, 400)
            appeared = self.corpus.advance(day)
        now = self.corpus.clock
        return json_document({"day": now.isoformat() if now else None, "appeared": appeared})

    def _tried(self, utility: str, asked: Mapping[str, str]) -> Answer:
        try:
            return self._right(utility, asked)
        except LivingReviewError as error:  # a file that changed under the server: never a smaller answer
            print(f"error: {error}", file=sys.stderr, flush=True)
            return server_error()

    def _right(self, utility: str, asked: Mapping[str, str]) -> Answer:
        match utility:
            case "esearch":
                return esearch(self.corpus, self.history, asked)
            case "epost":
                return epost(self.corpus, self.history, asked)
            case "efetch":
                return efetch(self.corpus, self.history, asked, self.habits)
            case "esummary":
                return esummary(self.corpus, self.history, asked)
            case "einfo":
                return einfo(self.corpus, asked)
            case "elink":
                return elink(self.corpus, self.history, asked)
        return Answer(b"Not found\n", TEXT, 404)

    def _refusal(self, asked: Mapping[str, str], client: str) -> Answer | None:
        key = asked.get("api_key")
        if key is not None and (not key or (self._keys is not None and key not in self._keys)):
            return bad_key(key)
        if not self.rate_limit:
            return None
        limit = _PER_SECOND["with key" if key else "without key"]
        now = time.monotonic()
        with self._lock:
            recent = self._recent[key or client]
            while recent and now - recent[0] > 1:
                recent.popleft()
            recent.append(now)
            if len(recent) <= limit:
                return None
            return rate_limited(key or client, len(recent), limit, self.habits.limited_status)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, pubmed: LocalPubMed, port: int) -> None:
        self.pubmed = pubmed
        super().__init__((LOOPBACK, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no matter of ours; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "LocalPubMed"
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        if len(self.path) > _LONGEST_ADDRESS:
            self._send(Answer(b"Request-URI Too Long\n", TEXT, 414), "")
            return
        self._handle(urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._send(Answer(b"Length Required\n", TEXT, 411), "")
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        self._handle("&".join(filter(None, (urlsplit(self.path).query, body))))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests are in the server's own log, and addresses may hold a key."""

    def _handle(self, encoded: str) -> None:
        utility = urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".fcgi")
        asked: dict[str, str] = {}
        for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=10_000):
            name = name.lower()
            if name == "id" and asked.get("id"):  # many times: one list, but for ELink
                asked[REPEATED_IDS] = f"{asked.get(REPEATED_IDS, asked['id'])}|{value}"
                value = f"{asked['id']},{value}"
            asked[name] = value
        asked = {name: value for name, value in asked.items() if value or name in {"api_key", "id"}}
        if urlsplit(self.path).path == CLOCK:
            self._send(self.server.pubmed.clock(asked, self.command), "")
            return
        answer, fault = self.server.pubmed.answer(utility, asked, self.client_address[0], self.command)
        self._send(answer, fault)

    def _send(self, answer: Answer, fault: str) -> None:
        name, _, seconds = fault.partition(":")
        if name == "slow":
            time.sleep(float(seconds or 1))
        if name == "reset":
            # Zero seconds of lingering turn the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        body = answer.body
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Cache-Control", "private")
        for header, value in answer.headers.items():
            self.send_header(header, value)
        if "gzip" in self.headers.get("Accept-Encoding", "") and body and not name.startswith(("short", "chunk")):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        if name == "short_cl" or (self.request_version == "HTTP/1.0" and name != "chunk_cut"):
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if name == "short_cl" else body)
            self.close_connection = True
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent = body[: len(body) // 2] if name == "chunk_cut" else body
        for at in range(0, len(sent), _CHUNK):
            piece = sent[at : at + _CHUNK]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if name == "chunk_cut":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")
