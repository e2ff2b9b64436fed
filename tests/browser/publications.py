"""Publications laid out as they lie in a bucket: every version, pointer, pages and the site's scripts, for a browser.

:func:`folder` is the one place that knows what `publish` puts where; what a version does not hold yet is made here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from living_review import site
from living_review.publication import build
from living_review.publication_overview import overview
from living_review.publication_state import PublicationState
from living_review.records import canonical_json
from living_review.store_layout import JSON_TYPE, File, version_folder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Files = dict[str, File]
LISTED_TYPES = {"choice", "multi_choice", "boolean", "country", "integer", "number", "date"}


@dataclass(frozen=True)
class Fate:
    """What became of a version after it was published."""

    withdrawn: Mapping[str, str] | None = None
    rolled_back: Mapping[str, Any] | None = None


def versions_of(states: Sequence[PublicationState], **more: Any) -> list[Files]:
    """The files of each version, oldest first, each told of the one before."""
    made: list[Files] = []
    for place, state in enumerate(states):
        previous = json.loads(made[-1]["summary.json"].body) if made else None
        files = build(replace(state, version=place + 1, previous=previous))
        made.append(told_in(files, **more))
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
    entries: list[dict[str, Any]] = []
    manifests: dict[int, tuple[str, str]] = {}
    pages: dict[int, Files] = {}
    for number, given in enumerate(versions, start=1):
        fate = fates.get(number, Fate())
        files = {**_wanting(given), **given}
        told = json.loads(files["summary.json"].body)
        entries.append({**_entry(told), "withdrawn": fate.withdrawn, "rolled_back": fate.rolled_back})
        files["history.json"] = _json(
            {"schema": "history-1", "review": told["review"]["id"], "retracted": [], "versions": entries}
        )
        about = overview(told)
        files["overview.json"] = _json(about)
        at = version_folder(number)
        keys = {name: f"{at}/{name}" for name in files}
        studies = json.loads(files["list.json"].body)["studies"]
        files |= site.pages(about, studies, keys, is_pinned=True)
        pages[number] = site.pages(about, studies, keys, is_pinned=False)
        manifest = _manifest(told, at, files) if not fate.withdrawn else _withdrawn(told, fate.withdrawn)
        manifests[number] = (f"{at}/manifest.json", hashlib.sha256(manifest).hexdigest())
        entries[-1] = {**entries[-1], "manifest": dict(zip(("key", "sha256"), manifests[number], strict=True))}
        objects |= {f"{at}/{name}": file for name, file in files.items()} if not fate.withdrawn else {}
        objects[f"{at}/manifest.json"] = File(manifest, JSON_TYPE)
    newest = shown or len(versions)
    objects |= pages[newest]
    objects["latest.json"] = _pointer(versions[newest - 1], newest, manifests[newest], pointer or {})
    objects["feed.xml"] = File(
        b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>', "application/atom+xml"
    )
    return objects


def own_site(addresses: Sequence[str]) -> Files:
    """A site for any host that shows the reviews at ``addresses``, named as their pointers name them."""
    pointers = [httpx.get(f"{address}latest.json").raise_for_status().json() for address in addresses]
    reviews = [
        {"id": one["review"], "title": one["title"], "address": address}
        for one, address in zip(pointers, addresses, strict=True)
    ]
    origins = sorted({"{0.scheme}://{0.netloc}".format(urlsplit(address)) for address in addresses})
    return {
        **site.assets(),
        "index.html": File(site.shell(origins), "text/html; charset=utf-8"),
        "reviews.json": _json({"reviews": reviews}),
    }


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


def told_in(files: Files, language: str = "en", translations: Mapping[str, Any] | None = None) -> Files:
    """The files with what the protocol cannot say yet: the review's language, its words in others, ids of charts."""
    told = json.loads(files["summary.json"].body)
    told["review"].setdefault("language", language)
    told.setdefault("translations", dict(translations or {}))
    for chart in told["charts"]:
        if "field" in chart:
            chart.update(id=chart["field"], kind="field", fields=[chart["field"]], csv=None, vega_lite=None)
    return {**files, "summary.json": _json(told)}


def _wanting(files: Files) -> Files:
    """What `build` does not make yet of what the site reads."""
    told = json.loads(files["summary.json"].body)
    whole = json.loads(files["studies.json"].body)["studies"]
    short = {one["study_id"]: one for one in told["studies"]}
    listed = {one["name"] for one in told["methods"]["fields"] if one["type"] in LISTED_TYPES}
    quotes: dict[str, list[dict[str, Any]]] = {}
    for field in told.get("quotes", []):
        for code in field["codes"]:
            for quote in code["quotes"]:
                quotes.setdefault(quote["study_id"], []).append({**quote, "field": field["field"]})
    lines = [
        {
            **{name: short[one["study_id"]][name] for name in ("study_id", "citation", "first_version")},
            **{name: one["reports"][0][name] for name in ("title", "year", "journal", "doi", "pmid", "url")},
            "authors": ", ".join(one["reports"][0]["authors"]),
            **{name: one[name] for name in ("retraction", "counted", "included_on")},
            "charted": one["values"] is not None,
            "values": one["values"] and {name: value for name, value in one["values"].items() if name in listed},
        }
        for one in whole
    ]
    common = {"review": told["review"]["id"], "version": told["version"]}
    parts = {
        f"studies/{start // 100 + 1:04d}.json": _json(
            {
                "schema": "studies-part-1",
                "part": start // 100 + 1,
                "studies": [{**one, "quotes": quotes.get(one["study_id"], [])} for one in whole[start : start + 100]],
            }
        )
        for start in range(0, len(whole), 100)
    }
    return {
        "list.json": _json({"schema": "list-1", **common, "part_size": 100, "studies": lines}),
        **parts,
        "prisma.json": _json({"schema": "prisma-1", **common, "variants": told["prisma"]["variants"]}),
    }


def _entry(told: Mapping[str, Any]) -> dict[str, Any]:
    taken = ("version", "published_at", "trigger", "display_title", "citation", "counts", "whats_new")
    return {**{name: told[name] for name in taken}, "status": told["living"]["status"], "manifest": None}


def _manifest(told: Mapping[str, Any], at: str, files: Files) -> bytes:
    entries = [
        {
            "name": name,
            "key": f"{at}/{name}",
            "sha256": hashlib.sha256(file.body).hexdigest(),
            "bytes": len(file.body),
            "content_type": file.content_type,
        }
        for name, file in sorted(files.items())
    ]
    return canonical_json({"review": told["review"]["id"], "version": told["version"], "files": entries})


def _withdrawn(told: Mapping[str, Any], why: Mapping[str, str]) -> bytes:
    return canonical_json(
        {"review": told["review"]["id"], "version": told["version"], "withdrawn": dict(why), "files": []}
    )


def _pointer(files: Files, version: int, manifest: tuple[str, str], more: Mapping[str, Any]) -> File:
    told = json.loads(files["summary.json"].body)
    return _json(
        {
            "review": told["review"]["id"],
            "version": version,
            "manifest": {"key": manifest[0], "sha256": manifest[1]},
            "title": told["review"]["title"],
            "status": told["living"]["status"],
            "published_at": told["published_at"],
            "last_searched": {one["source"]: one["last_searched"] for one in told["searches"]},
            "next_search": told["living"]["next_searches"],
            **more,
        }
    )
