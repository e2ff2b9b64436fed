"""Publications laid out as they lie in a bucket: every version, pointer, pages and the site's scripts, for a browser.

:func:`folder` is the one place that knows what `publish` puts where, but for a real one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from living_review import site
from living_review.history import entry, history_json, settled
from living_review.publication import build
from living_review.publication_state import PublicationState
from living_review.records import canonical_json
from living_review.store_layout import JSON_TYPE, File, build_manifest, version_folder
from tests.unit.publication_states import history_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Files = dict[str, File]


@dataclass(frozen=True)
class Fate:
    """What became of a version after it was published."""

    withdrawn: Mapping[str, str] | None = None
    rolled_back: Mapping[str, Any] | None = None


def versions_of(states: Sequence[PublicationState]) -> list[Files]:
    """The files of each version, oldest first, each told of those before."""
    made: list[Files] = []
    told: list[Any] = []
    for place, state in enumerate(states):
        previous = told[-1] if told else None
        made.append(build(replace(state, version=place + 1, previous=previous, history=tuple(history_of(*told)))))
        told.append(json.loads(made[-1]["summary.json"].body))
    return made


def folder(
    versions: Sequence[Files],
    *,
    shown: int | None = None,
    fates: Mapping[int, Fate] | None = None,
    pointer: Mapping[str, Any] | None = None,
) -> Files:
    """Key -> object of everything in a review's folder.

    Args:
        versions: Files of each version, oldest first; a later one is not written over an earlier one's.
        shown: The version that readers are pointed to; the last one if not given.
        fates: Of versions that were withdrawn or rolled back.
        pointer: More fields of ``latest.json``.
    """
    fates = fates or {}
    objects: Files = {f"{site.assets_key()}/{name}": file for name, file in site.assets().items()}
    summaries: list[Any] = []
    manifests: dict[int, dict[str, str]] = {}
    pages: dict[int, Files] = {}
    for number, given in enumerate(versions, start=1):
        told = json.loads(given["summary.json"].body)
        earlier = settled(
            map(entry, summaries),
            manifests,
            {one: fate.withdrawn for one, fate in fates.items() if fate.withdrawn},
            {one: fate.rolled_back for one, fate in fates.items() if fate.rolled_back},
        )
        summaries.append(told)
        files = {**given, "history.json": _json(history_json(told, earlier))}
        at = version_folder(number)
        keys = {name: f"{at}/{name}" for name in files}
        about, listed = (json.loads(files[name].body) for name in ("overview.json", "list.json"))
        files |= site.pages(about, listed["studies"], keys, is_pinned=True)
        pages[number] = site.pages(about, listed["studies"], keys, is_pinned=False)
        gone = fates.get(number, Fate()).withdrawn
        manifest = _withdrawn(told, gone) if gone else build_manifest(told["review"]["id"], number, files)
        manifests[number] = {"key": f"{at}/manifest.json", "sha256": hashlib.sha256(manifest).hexdigest()}
        objects |= {} if gone else {f"{at}/{name}": file for name, file in files.items()}
        objects[f"{at}/manifest.json"] = File(manifest, JSON_TYPE)
    newest = shown or len(versions)
    objects |= pages[newest]
    objects["latest.json"] = _pointer(versions[newest - 1], newest, manifests[newest], pointer or {})
    objects["feed.xml"] = File(
        b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>', "application/atom+xml"
    )
    return objects


def put(objects: Mapping[str, File], client: S3Client, bucket: str, prefix: str) -> None:
    """Writes the objects below ``prefix``, the pointer last."""
    for key in sorted(objects, key=lambda one: one == "latest.json"):
        client.put_object(
            Bucket=bucket, Key=f"{prefix}/{key}", Body=objects[key].body, ContentType=objects[key].content_type
        )


def write(objects: Mapping[str, File], here: Path) -> None:
    """Writes the objects into a folder."""
    for key, file in objects.items():
        (here / key).parent.mkdir(parents=True, exist_ok=True)
        (here / key).write_bytes(file.body)


def _json(value: Any) -> File:
    return File(canonical_json(value), JSON_TYPE)


def _withdrawn(told: Mapping[str, Any], why: Mapping[str, str]) -> bytes:
    return canonical_json(
        {"review": told["review"]["id"], "version": told["version"], "withdrawn": dict(why), "files": []}
    )


def _pointer(files: Files, version: int, manifest: Mapping[str, str], more: Mapping[str, Any]) -> File:
    told = json.loads(files["summary.json"].body)
    return _json(
        {
            "review": told["review"]["id"],
            "version": version,
            "manifest": dict(manifest),
            "title": told["review"]["title"],
            "status": told["living"]["status"],
            "published_at": told["published_at"],
            "last_searched": {one["source"]: one["last_searched"] for one in told["searches"]},
            "next_search": told["living"]["next_searches"],
            **more,
        }
    )
