"""Whether an answer of the E-utilities is one: its status, headers and body, before anybody believes it.

NCBI sends rate limits, outages and cut documents with status 200, and passing faults with status 400, so neither
decides alone. Promises: an answer that passes is a complete document of the kind asked for; any other is a
SourceUnavailable (asking again may help) or a ServiceRefused (it will not), and its text holds no key and no address.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from living_review.errors import LivingReviewError, ServiceRefused, SourceUnavailable

_ROOT = re.compile(
    rb"(?:<\?xml[^>]*\?>)?\s*(?:<!--(?:(?!-->).)*-->\s*)*(?:<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>)?\s*<([A-Za-z][\w.:-]*)",
    re.DOTALL,
)
_ERROR = re.compile(rb"<(ERROR|error)>(.*?)</\1>", re.DOTALL)
_PASSING = re.compile(
    r"time[d -]*out|proxy_stream|PubOne|temporarily|not ready|Unable to (?:route|obtain|open)|backend failed|Bad gateway"
    r"|Service unavailable|Server Error|ID list is empty|Cannot process ID list|Error reading from remote server",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"Empty term|Invalid db|Can ?not retrieve DbInfo|cannot be larger|out of acceptable range|Mandatory parameter"
    r"|API key invalid|api_key",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\b(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{0,4}", re.IGNORECASE)
_AGAIN = "try again later"


class Throttled(SourceUnavailable):
    """The service asks for fewer requests.

    Args:
        what: What it said.
        where: Which service.
        retry_after: Seconds until it wants to be asked again; ``None`` if it did not say.
    """

    def __init__(self, what: str, where: str, retry_after: float | None) -> None:
        self.retry_after = retry_after
        super().__init__(what, where, _AGAIN)


def check_answer(
    status: int, body: bytes, roots: frozenset[str], where: str, secret: str = "", retry_after: float | None = None
) -> None:
    """Returns only if the answer is a complete XML document whose root is one of ``roots``.

    Args:
        status: HTTP status.
        body: The whole body, decoded from any transfer coding.
        roots: Names of root elements that are an answer.
        where: The service, for the error.
        secret: Never to appear in an error.
        retry_after: Seconds, from the header (see :func:`seconds_to_wait`).

    Raises:
        Throttled: The rate limit, whatever the status it came with.
        SourceUnavailable: An outage, an error page, an empty or cut body.
        ServiceRefused: A wrong API key, a redirect, a request that can never work.
    """
    if status == 429:
        raise Throttled("too many requests a second (429)", where, retry_after)
    if 300 <= status < 400:
        raise ServiceRefused(
            f"it answers with a redirect ({status}), which is not followed as the request holds the API key",
            where,
            "set ENTREZ_URL to the address it really has",
        )
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if status != 200:
        raise _bad_status(status, _said(body, secret), where, retry_after)
    if not body:
        raise SourceUnavailable("the answer is empty", where, _AGAIN)
    if not body.startswith(b"<"):
        said = _said(body, secret)
        raise _fault(f"it answered {said!r} instead of XML", said, where, retry_after)
    root = _root(body)
    if root.lower() == "html" or re.match(rb"<!doctype\s+html", body, re.IGNORECASE):
        raise SourceUnavailable("it answered with a web page instead of XML", where, _AGAIN)
    if b"<ERROR>" in body or b"<error>" in body:
        said = _said(body, secret)
        raise _fault(f"it reports: {said}", said, where, retry_after)
    if root not in roots:
        raise SourceUnavailable(f"it answered with <{root}> instead of {' or '.join(sorted(roots))}", where, _AGAIN)
    if not body.endswith(f"</{root}>".encode()) and not re.search(rb"<" + root.encode() + rb"\s*/>$", body[-80:]):
        raise SourceUnavailable("the answer is cut off or something follows it", where, _AGAIN)


def seconds_to_wait(header: str | None, now: datetime) -> float | None:
    """The seconds a ``Retry-After`` header asks for (a number, or a date after ``now``); ``None`` without a usable one."""
    if not header:
        return None
    if re.fullmatch(r"\s*[0-9]{1,6}(?:\.[0-9]+)?\s*", header):
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):
        return None  # no date, or one without a zone


def without_secrets(text: str, secret: str = "") -> str:
    """``text`` on one line of at most 200 characters, without ``secret`` and without network addresses."""
    if secret:
        text = text.replace(secret, "***")
    return " ".join(_ADDRESS.sub("(address)", text).split())[:200]


def _bad_status(status: int, said: str, where: str, retry_after: float | None) -> LivingReviewError:
    what = f"status {status}" + (f": {said}" if said else "")
    if status in {408, 425} or status >= 500:
        return Throttled(what, where, retry_after) if retry_after else SourceUnavailable(what, where, _AGAIN)
    if status == 400:
        return _fault(what, said, where, retry_after, passing=bool(_PASSING.search(said)))
    if status in {413, 414}:
        return ServiceRefused(f"the request is too long ({status})", where, "shorten the search")
    return ServiceRefused(what, where, "check ENTREZ_URL, and whether this address is blocked there")


def _fault(what: str, said: str, where: str, retry_after: float | None, passing: bool = True) -> LivingReviewError:
    """The error for a message: the rate limit, a lasting refusal, or (what is not known counts as) an outage."""
    if "rate limit" in said.lower():
        return Throttled("too many requests a second (API rate limit exceeded)", where, retry_after)
    if "api key invalid" in said.lower():
        return ServiceRefused("the API key is not valid", where, "set NCBI_API_KEY to a valid key or leave it out")
    if _LASTING.search(said) or not passing:
        return ServiceRefused(what, where, "correct the search or the settings; asking again will not help")
    return SourceUnavailable(what, where, _AGAIN)


def _said(body: bytes, secret: str) -> str:
    """What an error body says, as far as it may be shown: never a page, and of JSON the message alone."""
    if errors := [match.group(2) for match in _ERROR.finditer(body)]:
        return without_secrets("; ".join(error.decode(errors="replace").strip() for error in errors), secret)
    if body.startswith((b"{", b"[")):
        try:
            return without_secrets(_message(json.loads(body, strict=False)), secret)
        except (ValueError, RecursionError):
            return "unreadable JSON"
    if body.startswith(b"<"):
        return ""
    return without_secrets(body[:2000].decode(errors="replace").replace("+", " "), secret)


def _message(value: object) -> str:
    if isinstance(value, dict):
        for key in ("error", "ERROR", "esearchresult"):
            if key in value:
                return _message(value[key])
    return value if isinstance(value, str) else "JSON"


def _root(body: bytes) -> str:
    match = _ROOT.match(body)
    return match.group(1).decode() if match else ""
