"""Where a review's publications lie in the store, and what its manifest and its pointer say.

``<prefix>/<review id>/latest.json`` is the pointer; ``<prefix>/<review id>/versions/000012/`` holds one version and
its ``manifest.json``. Keys inside manifest and pointer are relative to ``<prefix>/<review id>/``: a reader resolves
them against the address of ``latest.json``, so a copy of the folder elsewhere works unchanged. A file that is byte for
byte one of an earlier version lies where that one put it: the manifest gives its ``name`` and its ``key``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from living_review.errors import Conflict, InvalidFile, UsageError
from living_review.records import canonical_json

VERSION_CACHE_CONTROL = "public, max-age=31536000, immutable"
"""A version never changes: one year, the longest RFC 2616 section 14.21 thought useful."""
POINTER_CACHE_CONTROL = "public, max-age=60"
"""Readers see a new version after a minute at most."""
_IMMUTABLE = ("versions/", "site/")
MANIFEST = "manifest.json"
POINTER = "latest.json"
JSON_TYPE = "application/json"
CSV_TYPE = "text/csv; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
RIS_TYPE = "application/x-research-info-systems; charset=utf-8"
SVG_TYPE = "image/svg+xml"
_RESERVED = ("review", "version", "manifest")
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """A bucket and the prefix below which everything of ours lies; the prefix may be empty."""

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, text: str) -> StoreAddress:
        """The address written as ``s3://bucket/prefix``.

        Raises:
            UsageError: If ``text`` is not of that form.
        """
        found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", text.strip())
        prefix = (found[2] or "").strip("/") if found else ""
        if not found or (prefix and not _is_key(prefix)):
            raise UsageError(
                "the store's address is not of the form s3://bucket/prefix",
                "LIVING_REVIEW_STORE_URL",
                "a bucket name has 3 to 63 of a-z, 0-9, dot and hyphen; a prefix has no empty or dotted part",
            )
        return cls(found[1], prefix)

    def key(self, relative: str) -> str:
        """The full key of ``relative``."""
        return f"{self.prefix}/{relative}" if self.prefix else relative

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a publication."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What ``latest.json`` says."""

    review_id: str
    version: int
    manifest_key: str
    """Relative to the review's folder."""
    manifest_sha256: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What the publisher added: last search dates, status."""
    etag: str = ""
    """Of the object it was read from; expected by the next change."""

    def to_bytes(self) -> bytes:
        """The pointer as JSON; equal pointers give equal bytes."""
        reserved = {
            "review": self.review_id,
            "version": self.version,
            "manifest": {"key": self.manifest_key, "sha256": self.manifest_sha256},
        }
        return canonical_json({**self.fields, **reserved})

    @classmethod
    def from_bytes(cls, body: bytes, etag: str, where: str) -> Pointer:
        """The pointer that :meth:`to_bytes` wrote.

        Raises:
            InvalidFile: If ``body`` is no pointer.
        """
        try:
            plain = json.loads(body)
            return cls(
                review_id=str(plain["review"]),
                version=int(plain["version"]),
                manifest_key=str(plain["manifest"]["key"]),
                manifest_sha256=str(plain["manifest"]["sha256"]),
                fields={key: value for key, value in plain.items() if key not in _RESERVED},
                etag=etag,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidFile(
                "the pointer is not one of ours", where, "restore it from a backup, or remove it and publish again"
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version that readers can now see."""

    review_id: str
    version: int
    manifest_key: str
    manifest_sha256: str
    pointer_etag: str


class VersionTaken(Conflict):
    """The version number holds other content; publish again as :attr:`next_version`.

    A publisher that died half-way leaves files which may not be overwritten, because somebody may have read them. Its
    number is given up and stays without a manifest or without a pointer to it: gaps in the numbers are harmless.

    Args:
        review_id: Whose version.
        version: The number that is taken.
        next_version: The lowest number nobody has begun.
    """

    def __init__(self, review_id: str, version: int, next_version: int) -> None:
        self.next_version = next_version
        super().__init__(
            f"version {version} already holds other content", review_id, f"publish as version {next_version}"
        )


def version_folder(version: int) -> str:
    """``versions/000012``.

    Raises:
        UsageError: If ``version`` is not in 1 to 999999.
    """
    if not 1 <= version <= 999_999:
        raise UsageError(f"{version} is no version number", "publication", "use 1 to 999999")
    return f"versions/{version:06d}"


def cache_control(key: str) -> str:
    """The ``Cache-Control`` of what lies at ``key`` below the review's folder: a year where it never changes."""
    return VERSION_CACHE_CONTROL if key.startswith(_IMMUTABLE) else POINTER_CACHE_CONTROL


def version_of(key: str) -> int | None:
    """The version a key relative to the review's folder belongs to, or None."""
    found = re.match(r"versions/(\d{6})/", key)
    return int(found[1]) if found else None


def build_manifest(
    review_id: str, version: int, files: Mapping[str, File], kept: Mapping[str, str] = _NOTHING
) -> bytes:
    """``manifest.json``: every file of the version with ``name``, ``key``, ``sha256``, ``bytes`` and ``content_type``.

    Equal files give equal bytes: comparing its SHA-256 to a pointer's tells whether just this was published.

    Args:
        review_id: Folder of the review.
        version: Number of the version.
        files: Path below a version's folder -> file.
        kept: Name -> key, of files whose bytes lie in an earlier version's folder; see
            :func:`living_review.store_reuse.reusable`.

    Raises:
        UsageError: If there is no file, or a name is not a plain relative path, or is ``manifest.json``.
    """
    folder = version_folder(version)
    wrong = sorted(name for name in files if not _is_key(name) or name == MANIFEST)
    if wrong or not files or not is_review_id(review_id):
        raise UsageError(
            f"not a publishable set of files: {', '.join(map(repr, wrong[:5])) or repr(review_id)}",
            review_id,
            "a review id has letters, digits, dot, hyphen and underscore; a name is a relative path without dot parts",
        )
    entries = [
        {
            "name": name,
            "key": kept.get(name, f"{folder}/{name}"),
            "sha256": hashlib.sha256(file.body).hexdigest(),
            "bytes": len(file.body),
            "content_type": file.content_type,
        }
        for name, file in sorted(files.items())
    ]
    return canonical_json({"review": review_id, "version": version, "files": entries})


def check_fields(fields: Mapping[str, Any]) -> None:
    """Refuses pointer fields whose names the pointer needs itself.

    Raises:
        UsageError: If there are any.
    """
    taken = sorted(set(fields) & set(_RESERVED))
    if taken:
        raise UsageError(f"{', '.join(taken)} cannot be set", POINTER, "choose other names for the pointer's fields")


def is_review_id(text: str) -> bool:
    """Whether ``text`` can name a review's folder."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", text) is not None


def _is_key(text: str) -> bool:
    """Whether ``text`` is a relative path of printable characters that no store or browser would rewrite."""
    parts = text.split("/")
    return (
        len(text.encode("utf-8", "replace")) <= 700
        and all(part not in ("", ".", "..") for part in parts)
        and text.isprintable()
        and not any(character in text for character in "\\?#%")
    )
