"""Which files of a new version are already in the store, as an earlier version has the same bytes.

Promises: the answer follows from the earlier manifest and the new files alone, so that equal ledgers give equal
manifests; nothing of a withdrawn version is used again; ``summary.json`` is never taken from elsewhere, as it claims
the number of its version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from living_review.errors import InvalidFile
from living_review.store_layout import File, version_of

SUMMARY = "summary.json"
"""The file every version has; it is written first and claims the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file as a manifest lists it."""

    name: str
    key: str
    """Where its bytes are, relative to the review's folder."""
    sha256: str
    bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Files of a new version that are not written again."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Name -> where its bytes are."""
    manifest_key: str = ""
    """Of the version that lists all these keys."""
    manifest_sha256: str = ""


def entries_of(manifest: bytes, where: str) -> list[Entry]:
    """What a manifest lists; nothing for that of a withdrawn version.

    Raises:
        InvalidFile: If it is no manifest.
    """
    try:
        return [
            Entry(
                # Manifests were once without names: a file then always lay in its own version's folder.
                name=str(one.get("name") or one["key"].split("/", 2)[2]),
                key=str(one["key"]),
                sha256=str(one["sha256"]),
                bytes=int(one["bytes"]),
                content_type=str(one["content_type"]),
            )
            for one in json.loads(manifest)["files"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise InvalidFile("a manifest is not one of ours", where, "restore it from a backup") from None


def reusable(manifest: bytes, files: Mapping[str, File], withdrawn: Collection[int] = ()) -> dict[str, str]:
    """Name -> key of the files that an earlier version has as well, with the same bytes and content type.

    Args:
        manifest: Of the earlier version.
        files: Of the new version.
        withdrawn: Versions in whose folders nothing may be used.

    Raises:
        InvalidFile: If ``manifest`` is none.
    """
    listed = [one for one in entries_of(manifest, "an earlier version") if version_of(one.key) not in withdrawn]
    # Of several with the same bytes the one of the same name, else the first.
    by_content: dict[tuple[str, str], str] = {}
    for one in listed:
        by_content.setdefault((one.sha256, one.content_type), one.key)
    by_name = {(one.name, one.sha256, one.content_type): one.key for one in listed}
    found = {}
    for name, file in sorted(files.items()):
        content = (hashlib.sha256(file.body).hexdigest(), file.content_type)
        key = by_name.get((name, *content)) or by_content.get(content)
        if key and name != SUMMARY:
            found[name] = key
    return found
