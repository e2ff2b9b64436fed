"""What a stranger can do with the store, found out by trying: plain HTTP without keys, as a reader's browser asks.

Promises: whatever is written for the trial is removed again; nothing that is published is touched; each answer becomes
one line that says what was asked, what came back and, where it is not as it should be, what to do.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import httpx

from living_review.errors import SourceUnavailable
from living_review.store_layout import POINTER
from living_review.store_objects import Objects

_ORIGIN = "https://reader.example.org"
"""A page of somebody else, as browsers name it (RFC 2606)."""
_TIMEOUT_S = 10.0
_POLICY = "`living-review store setup` sets the policy, or its owner does by what --policy-only prints"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    is_right: bool
    line: str


def reader_address(store: Objects) -> str:
    """Where readers pull from when nothing stands before the store: the address of the store's prefix."""
    address = store.address
    if store.endpoint_url:
        return f"{store.endpoint_url.rstrip('/')}/{address.bucket}/{address.prefix}".rstrip("/")
    region = store.client.meta.region_name
    return f"https://{address.bucket}.s3.{region}.amazonaws.com/{address.prefix}".rstrip("/")


def check_from_outside(store: Objects, review_id: str, address: str = "") -> list[Finding]:
    """Tries what readers must be able to do, and what nobody without keys may.

    Args:
        store: The store, with keys.
        review_id: Folder of the review.
        address: Where readers pull from, if not from the store itself: that of the folder with all reviews.

    Raises:
        SourceUnavailable: If nobody answers at that address.
        ServiceRefused: If the store does not let these keys write.
    """
    base = (address or reader_address(store)).rstrip("/")
    bucket = base.removesuffix(f"/{store.address.prefix}") if store.address.prefix and not address else base
    token = secrets.token_hex(8)
    # All below .probe/, where keys may delete; the policy lets everybody get what is in a folder named site.
    shown, hidden, written = f".probe/site/{token}.txt", f".probe/{token}.txt", f".probe/site/{token}-written.txt"
    pointer = f"{review_id}/{POINTER}"
    made = [hidden]
    try:
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as stranger:
            store.create(hidden, token.encode(), "text/plain", "no-store")
            if store.size(pointer) is None:
                made.append(shown)
                store.create(shown, token.encode(), "text/plain", "no-store")
                readable = _can_read(stranger, base, shown, token)
            else:
                readable = _is_current(stranger, base, pointer, store)
            made.append(written)
            return [
                readable,
                _cannot_read(stranger, base, hidden, token),
                _cannot_list(stranger, bucket),
                _cannot_write(stranger, base, written, store),
            ]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailable(
            f"nobody answers there ({type(error).__name__})", base, "check the address, and that readers can reach it"
        ) from None
    finally:
        for key in made:
            store.remove(key)


def _can_read(stranger: httpx.Client, base: str, key: str, text: str) -> Finding:
    answer = stranger.get(f"{base}/{key}", headers={"Origin": _ORIGIN})
    if answer.status_code != 200 or answer.text != text:
        return _wrong(f"what is published cannot be read: {base}/{key} answers {answer.status_code}", _POLICY)
    return _cors(answer, "what is published can be read without keys, from pages on any host", f"{base}/{key}")


def _cors(answer: httpx.Response, fine: str, where: str) -> Finding:
    allowed = answer.headers.get("Access-Control-Allow-Origin", "")
    if allowed not in {"*", _ORIGIN}:
        return _wrong(
            f"pages on other hosts cannot read: {where} answers without Access-Control-Allow-Origin",
            "`living-review store setup` sets CORS, or its owner does; a server in front must pass the header on",
        )
    return Finding(True, fine)


def _is_current(stranger: httpx.Client, base: str, key: str, store: Objects) -> Finding:
    answer = stranger.get(f"{base}/{key}", headers={"Origin": _ORIGIN})
    body = store.read(key)[0]
    if answer.status_code != 200:
        return _wrong(f"the pointer cannot be read: {base}/{key} answers {answer.status_code}", _POLICY)
    if answer.content != body:
        return _wrong(
            f"the pointer that readers get is another than the store's: {base}/{key}",
            "wait a minute if one was just published; else let what stands in front keep it for a minute at most",
        )
    return _cors(answer, f"readers get the pointer: {base}/{key}", f"{base}/{key}")


def _cannot_read(stranger: httpx.Client, base: str, key: str, text: str) -> Finding:
    answer = stranger.get(f"{base}/{key}")
    if answer.status_code == 200 and text in answer.text:
        return _wrong(
            f"what is not published can be read as well: {base}/{key}",
            "take the policy, access list or setting away that makes the whole bucket public; then `living-review store setup`",
        )
    return _refused(answer, "what is not published is refused", f"{base}/{key}")


def _cannot_list(stranger: httpx.Client, bucket: str) -> Finding:
    answer = stranger.get(f"{bucket}/", params={"list-type": "2", "max-keys": "1"})
    if answer.status_code == 200 and "<ListBucketResult" in answer.text:
        return _wrong(f"anybody can list the bucket: {bucket}/", "take s3:ListBucket away from what everybody may do")
    return Finding(True, f"listing is refused ({answer.status_code})")


def _cannot_write(stranger: httpx.Client, base: str, key: str, store: Objects) -> Finding:
    answer = stranger.put(f"{base}/{key}", content=b"anybody")
    if store.size(key) is not None:
        return _wrong(f"anybody can write: {base}/{key}", "take s3:PutObject away from what everybody may do, at once")
    return _refused(answer, "writing is refused", f"{base}/{key}")


def _refused(answer: httpx.Response, what: str, where: str) -> Finding:
    if answer.status_code >= 500:
        return _wrong(f"no refusal but an error ({answer.status_code}): {where}", "check again later")
    return Finding(True, f"{what} ({answer.status_code})")


def _wrong(what: str, remedy: str) -> Finding:
    return Finding(False, f"{what}; {remedy}")
