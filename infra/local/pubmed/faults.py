"""The ways in which PubMed fails its clients, to be switched on one by one.

``faults.next("429")`` plays a fault on the next request, ``faults.always("slow:0.2")`` on every one until
``faults.clear()``. Bodies and status codes are those of recorded answers.

| fault | the client gets |
| --- | --- |
| ``429`` / ``429as200`` | the rate limit's JSON, with Retry-After; or the same with status 200 |
| ``400key`` | the JSON that repeats an invalid API key |
| ``500html`` ``502html`` ``503`` | an HTML page; ``503`` with Retry-After |
| ``timeout400`` | a time-out of the backend dressed up as status 400 (transient) |
| ``not_ready`` ``webenv_expired`` | the history server's ERROR with status 200 |
| ``unroutable`` | the text of an outage |
| ``empty`` | status 200 and no body |
| ``empty_set`` | an empty PubmedArticleSet |
| ``html_tail`` | half the body, then an HTML page, status 200 |
| ``reset`` | the connection is reset before any answer |
| ``short_cl`` | a Content-Length that the body does not reach |
| ``chunk_cut`` | a chunked body that ends in the middle |
| ``slow:S`` | the right answer after S seconds |
| ``missing:P,P`` | EFetch without these PMIDs |
| ``dup`` | EFetch with the first article twice |
| ``shrink`` | ESearch with one id less than it counts |
| ``dtd:YYMMDD`` | EFetch with another DTD in its DOCTYPE |
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.pubmed.answer import HTML, JSON, TEXT, Answer, xml_error
from living_review.errors import UsageError

TRANSPORT = ("reset", "short_cl", "chunk_cut", "slow")
"""Faults of the connection rather than of the answer."""

_PAGE = (
    '<?xml version="1.0" encoding="iso-8859-1" standalone="yes"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\n'
    ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html>\n<head><title>NCBI/eutils211 - WWW Error {code} Diagnostic'
    '</title></head>\n<body><h1>{title}</h1>\n<div class="diags">Error: {code}</div>\n</body></html>\n'
)


def _page(code: int, title: str, **headers: str) -> Answer:
    return Answer(_PAGE.format(code=code, title=title).encode(), HTML, code, dict(headers))


def server_error() -> Answer:
    """The page that NCBI shows when something broke inside."""
    return _page(500, "Server Error")


def rate_limited(who: str, count: int, limit: int, status: int = 429) -> Answer:
    """The answer to the ``count``-th request of a second that allows ``limit``; ``who`` is the key or the address."""
    said = {"error": "API rate limit exceeded", "api-key": who, "count": str(count), "limit": str(limit)}
    body = json.dumps(said, separators=(",", ":")).encode() + b"\n"
    return Answer(body, JSON, status, {"Retry-After": "2"} if status == 429 else {})


def bad_key(key: str) -> Answer:
    """The answer to an API key that is not one; the key is in it."""
    if not key:
        return Answer(b'{"error":"API key invalid","api-key":""}\n', JSON, 400)
    body = f'{{"error":"API key invalid","api-key":{json.dumps(key)},"type":"invalid",\n"status":"unknown"}}\n'
    return Answer(body.encode(), JSON, 400)


_WHOLE: dict[str, Callable[[], Answer]] = {
    "429": lambda: rate_limited("127.0.0.1", 4, 3),
    "429as200": lambda: rate_limited("127.0.0.1", 4, 3, status=200),
    "400key": lambda: bad_key("0123456789abcdef0123456789abcdef0123"),
    "500html": server_error,
    "502html": lambda: _page(502, "Bad Gateway"),
    "503": lambda: _page(503, "Service unavailable", **{"Retry-After": "1"}),
    "timeout400": lambda: xml_error(
        "eFetchResult", " Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout", status=400
    ),
    "not_ready": lambda: xml_error("eFetchResult", "Can't fetch uids from history because of: Result not ready"),
    "webenv_expired": lambda: xml_error("eFetchResult", "Unable to obtain query #1"),
    "unroutable": lambda: Answer(
        b"Unable to route request!\n\nservice name: /http/service/ratecontrol\ndtab:\n\n", TEXT, 400
    ),
    "empty": lambda: Answer(b""),
}
_CHANGING = ("html_tail", "empty_set", "missing", "dup", "shrink", "dtd")
_ARTICLE = re.compile(rb"<(PubmedArticle|PubmedBookArticle)(?=[\s>]).*?</\1\s*>\n?", re.DOTALL)


@dataclass(slots=True)
class _Switched:
    fault: str
    on: str
    times: int | None
    after: int = 0


class Faults:
    """The faults that are switched on; safe to change while the server runs."""

    def __init__(self) -> None:
        self._switched: list[_Switched] = []
        self._lock = threading.Lock()

    def next(self, fault: str, on: str = "", times: int = 1, after: int = 0) -> None:
        """Play ``fault`` on the next ``times`` requests (to the utility ``on``, such as ``efetch``; else to any).

        Args:
            fault: Its name, with a value as may be.
            on: A utility.
            times: How often.
            after: Requests (to ``on``) that are answered rightly before.

        Raises:
            UsageError: If there is no such fault.
        """
        self._add(fault, on, times, after)

    def always(self, fault: str, on: str = "", after: int = 0) -> None:
        """Play ``fault`` on every request (to ``on``) but the first ``after``, until :meth:`clear`; the others come first.

        Raises:
            UsageError: If there is no such fault.
        """
        self._add(fault, on, None, after)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._switched.clear()

    def take(self, utility: str) -> str:
        """The fault to play on a request to ``utility`` now, or empty; counts as played."""
        with self._lock:
            fitting = [one for one in self._switched if one.on in {"", utility}]
            for one in [one for one in fitting if one.after]:
                one.after -= 1
                fitting.remove(one)
            if not fitting:
                return ""
            chosen = next((one for one in fitting if one.times is not None), fitting[0])
            if chosen.times is not None:
                chosen.times -= 1
                if chosen.times <= 0:
                    self._switched.remove(chosen)
            return chosen.fault

    def _add(self, fault: str, on: str, times: int | None, after: int = 0) -> None:
        name = fault.partition(":")[0]
        if name not in {*_WHOLE, *_CHANGING, *TRANSPORT}:
            known = ", ".join(sorted({*_WHOLE, *_CHANGING, *TRANSPORT}))
            raise UsageError(f"there is no fault {name!r}", "the local PubMed", f"choose one of {known}")
        with self._lock:
            self._switched.append(_Switched(fault, on, times, after))


def instead(fault: str) -> Answer | None:
    """The answer that takes the place of the right one, or ``None`` for a fault that only changes it."""
    make = _WHOLE.get(fault)
    return make() if make else None


def spoiled(answer: Answer, fault: str) -> Answer:
    """The right ``answer`` as ``fault`` leaves it; unchanged where the fault is none of its kind."""
    name, _, value = fault.partition(":")
    if name == "html_tail":
        half = answer.body[: len(answer.body) // 2]
        answer.body = half + _PAGE.format(code=502, title="Bad Gateway").encode()
    elif name == "shrink":
        answer.body = re.sub(rb"<Id>\d+</Id>\n(?=</IdList>)|,\"\d+\"(?=\],\"translationset)", b"", answer.body, count=1)
    elif name == "dtd":
        answer.body = re.sub(rb"pubmed_\d{6}\.dtd", f"pubmed_{value}.dtd".encode(), answer.body, count=1)
    elif name in {"missing", "dup", "empty_set"}:
        gone = {number.strip().encode() for number in value.split(",")}
        seen = 0

        def keep(found: re.Match[bytes]) -> bytes:
            nonlocal seen
            seen += 1
            if name == "dup":
                return found[0] * 2 if seen == 1 else found[0]
            pmid = re.search(rb"<PMID[^>]*>\s*(\d+)", found[0])
            return b"" if name == "empty_set" or (pmid and pmid[1] in gone) else found[0]

        answer.body = _ARTICLE.sub(keep, answer.body)
    return answer
