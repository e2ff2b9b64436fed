"""Asks an E-utility: paced, with time-outs, retried, kept, and read only once it is an answer.

Everything goes by POST, so that neither the length of a query nor the API key meets a URL; redirects are not
followed, as the key would follow them.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import stamina
from pydantic import SecretStr

from living_review.errors import InvalidFile, ServiceRefused, SourceUnavailable
from living_review.sources.entrez_answers import Throttled, check_answer, seconds_to_wait, without_secrets
from living_review.sources.rate_limit import RateLimiter

EUTILITIES = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
_LARGEST_BODY = 256 * 1024 * 1024
_LONGEST_ANSWER = 600.0
"""Seconds for one whole answer: a server that sends a byte now and then meets no other time-out."""
_LONGEST_RETRY_AFTER = 120.0
"""Seconds. Who asks for more is out of service; waiting in silence would look like a hang."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class RawResponse:
    """One answer as it came, for the ledger: any change of a parser can be replayed on it."""

    request: str
    """The utility and its parameters, without key, e-mail address and tool."""
    media_type: str
    body: bytes
    at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


Store = Callable[[RawResponse], None]
Recall = Callable[[str], RawResponse | None]
"""Gives the next answer kept of a request by a run that did not end; none where the service must be asked."""


def _nothing(_request: str) -> RawResponse | None:
    return None


def _now() -> datetime:
    return datetime.now(UTC)


class Entrez:
    """A connection to one set of E-utilities; use as a context manager.

    Args:
        base_url: Where they are (setting ``ENTREZ_URL``).
        email: Whom NCBI may write to; left out when empty.
        api_key: Left out when empty: NCBI refuses an empty one.
        tool: The name of this software, as registered with NCBI.
        limiter: Paces the requests of the whole installation.
        recall: Gives answers of a run that was killed, so that they are not asked for again.
        transport: Replaces the network, for tests.
        clock: The time of an answer.
        attempts: How often one request is sent at most.
        wait_initial: Seconds before the first repeat; doubles each time, up to 30, plus jitter.
        timeout: Seconds without any progress.

    Raises:
        ServiceRefused: If ``base_url`` is no HTTP address.
    """

    def __init__(
        self,
        *,
        base_url: str = EUTILITIES,
        email: str = "",
        api_key: SecretStr | None = None,
        tool: str = "living-review",
        limiter: RateLimiter,
        recall: Recall = _nothing,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = _now,
        attempts: int = 6,
        wait_initial: float = 1.0,
        timeout: float = 60.0,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ServiceRefused("this is no address of a service", "ENTREZ_URL", f"for example {EUTILITIES}")
        self._base_url = base_url.rstrip("/") + "/"
        self._place = parts.hostname + (f":{parts.port}" if parts.port else "")
        self._secret = api_key.get_secret_value().strip() if api_key else ""
        known = {"tool": tool, "email": email, "api_key": self._secret}
        self._always = {name: value for name, value in known.items() if value}
        self._limiter, self._recall = limiter, recall
        self.clock = clock
        self._attempts, self._wait_initial = attempts, wait_initial
        self._http = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 20.0)),
            follow_redirects=False,
            headers={"User-Agent": tool, "Accept": "text/xml"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(
        self,
        utility: str,
        parameters: Mapping[str, str],
        roots: frozenset[str],
        read: Callable[[bytes], Read],
        store: Store,
    ) -> tuple[Read, RawResponse]:
        """What ``read`` makes of the answer, and the answer; ``store`` gets every complete answer before ``read``.

        Args:
            utility: ``esearch``, ``efetch``.
            parameters: Form fields; tool, e-mail address and key are added.
            roots: Root elements of a proper answer.
            read: Turns the body into something; its InvalidFile and SourceUnavailable mean "ask again".
            store: Keeps the raw answer.

        Raises:
            SourceUnavailable: If no attempt was answered properly.
            ServiceRefused: If the service will never answer this.
        """
        where = f"{utility} at {self._place}"
        while (kept := self._recall(_request(utility, parameters))) is not None:
            try:
                return read(kept.body), kept
            except (InvalidFile, SourceUnavailable):
                continue  # it was asked again then, too
        for attempt in stamina.retry_context(
            on=_repeat,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._wait_initial,
            wait_max=30.0,
            wait_jitter=self._wait_initial,
        ):
            with attempt:
                raw = self._once(utility, parameters, roots, where)
                store(raw)
                try:
                    return read(raw.body), raw
                except InvalidFile as error:
                    raise SourceUnavailable(
                        without_secrets(error.what, self._secret), where, "try again later"
                    ) from error
        raise AssertionError("stamina returns or raises")  # pragma: no cover

    def _once(self, utility: str, parameters: Mapping[str, str], roots: frozenset[str], where: str) -> RawResponse:
        self._limiter.wait()
        try:
            status, headers, body = self._post(f"{self._base_url}{utility}.fcgi", {**parameters, **self._always}, where)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = without_secrets(str(error), self._secret) or type(error).__name__
            raise SourceUnavailable(f"no complete answer ({reason})", where, "try again later") from error
        retry_after = seconds_to_wait(headers.get("retry-after"), self.clock())
        try:
            check_answer(status, body, roots, where, self._secret, retry_after)
        except Throttled as error:
            self._limiter.pause(error.retry_after or 1.0)
            raise
        return RawResponse(
            request=_request(utility, parameters),
            media_type=headers.get("content-type", ""),
            body=body,
            at=self.clock(),
        )

    def _post(self, url: str, form: Mapping[str, str], where: str) -> tuple[int, httpx.Headers, bytes]:
        started = time.monotonic()
        body = bytearray()
        with self._http.stream("POST", url, data=form) as response:
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _LARGEST_BODY or time.monotonic() - started > _LONGEST_ANSWER:
                    raise SourceUnavailable("the answer does not end", where, "try again later")
            return response.status_code, response.headers, bytes(body)


def _request(utility: str, parameters: Mapping[str, str]) -> str:
    return f"{utility}.fcgi?{urlencode(parameters)}"


def _repeat(error: Exception) -> bool | float:
    """Whether to ask again, or after how many seconds."""
    if isinstance(error, Throttled) and error.retry_after is not None:
        if error.retry_after > _LONGEST_RETRY_AFTER:
            return False
        # Those who were told the same second must not come back in the same second.
        return error.retry_after + random.uniform(0, 0.25)  # noqa: S311 - spreads load, guards nothing
    return isinstance(error, SourceUnavailable)
