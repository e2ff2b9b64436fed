"""S3-compatible object storage: immutable versions, one pointer, compare-and-swap.

Promises, on top of those of :mod:`living_review.store_objects`:

- Of several publishers at once exactly one wins; the others get :class:`~living_review.errors.Conflict`.
- No reader ever sees a pointer to an incomplete version: content first, then the manifest, which is read back, then
  the pointer. Who dies on the way leaves files nobody points to.
- A store that does not honour conditional writes is refused unless there is one publisher only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from living_review.errors import Conflict, ServiceRefused
from living_review.store_layout import (
    JSON_TYPE,
    MANIFEST,
    POINTER,
    File,
    Pointer,
    Published,
    StoreAddress,
    VersionTaken,
    build_manifest,
    check_fields,
    version_folder,
    version_of,
)
from living_review.store_objects import MissingObject, Objects
from living_review.store_probe import ProbeResult

__all__ = [
    "File",
    "MissingObject",
    "ObjectStore",
    "Pointer",
    "ProbeResult",
    "Published",
    "StoreAddress",
    "VersionTaken",
    "build_manifest",
]

_WRITERS = 4
"""Files written at once: enough to hide latency, few enough for a small store."""
_CLAIM = "manifest-sha256"
"""Metadata of a version's first file; see :meth:`ObjectStore.publish`."""


class ObjectStore(Objects):
    """Publications of many reviews below one prefix of one bucket; see :class:`Objects` for its arguments."""

    def read_pointer(self, review_id: str) -> Pointer | None:
        """What readers of a review are shown now; None before the first publication.

        Raises:
            InvalidFile: If ``latest.json`` is no pointer.
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        key = f"{review_id}/{POINTER}"
        found = self._find(key)
        return Pointer.from_bytes(*found, where=f"{self.address}/{key}") if found else None

    def next_version(self, review_id: str) -> int:
        """The lowest number above every version that is published or was begun; 1 for a new review."""
        keys = self.list(f"{review_id}/versions/")
        begun = [version_of(key.removeprefix(f"{review_id}/")) or 0 for key in keys]
        current = self.read_pointer(review_id)
        return max([*begun, current.version if current else 0]) + 1

    def publish(
        self,
        review_id: str,
        version: int,
        files: Mapping[str, File],
        pointer: Mapping[str, Any],
        expected_pointer_etag: str | None,
    ) -> Published:
        """Writes a version and switches readers to it.

        The first file (``summary.json``, which every publication has) is written alone and carries the SHA-256 of the
        manifest, that is of the whole version, as metadata: it decides who owns the number. A publisher that finds
        its own number claimed for the same content goes on where the other one stopped; for other content it gets
        :class:`VersionTaken` before it has written anything.

        Args:
            review_id: Folder of the review.
            version: Number of the version, above the published one.
            files: Path below the version's folder -> file; without ``manifest.json``.
            pointer: Further fields of ``latest.json``: last search dates, status.
            expected_pointer_etag: Etag of the pointer this version was built upon; None for the first publication.

        Raises:
            VersionTaken: If the number holds other content; readers see what they saw before.
            Conflict: If somebody else published first; readers see theirs.
            ServiceRefused: If the store does not honour conditional writes, or will not.
            SourceUnavailable: If it does not answer; the same call again continues.
            UsageError: If a name or number cannot be used.
        """
        check_fields(pointer)
        manifest = build_manifest(review_id, version, files)
        digest = hashlib.sha256(manifest).hexdigest()
        self.require_conditions()
        current = self.read_pointer(review_id)
        if (current.etag if current else None) != expected_pointer_etag:
            raise self._lost(review_id)
        if current and version <= current.version:
            raise VersionTaken(review_id, version, self.next_version(review_id))
        folder = f"{review_id}/{version_folder(version)}"
        try:
            self._write_content(folder, files, digest)
            self.create(f"{folder}/{MANIFEST}", manifest, JSON_TYPE)
        except Conflict:
            raise VersionTaken(review_id, version, self.next_version(review_id)) from None
        if self.read(f"{folder}/{MANIFEST}")[0] != manifest:
            raise ServiceRefused("the store gave back another manifest than was written", str(self.address), "see it")
        new = Pointer(
            review_id=review_id,
            version=version,
            manifest_key=f"{version_folder(version)}/{MANIFEST}",
            manifest_sha256=digest,
            fields=pointer,
        )
        return Published(
            review_id=review_id,
            version=version,
            manifest_key=new.manifest_key,
            manifest_sha256=digest,
            pointer_etag=self._point(new, expected_pointer_etag),
        )

    def touch_pointer(self, review_id: str, fields: Mapping[str, Any], expected_etag: str) -> str:
        """Changes fields of the pointer (last search dates, status) without a new version; returns its etag.

        Fields not named stay as they are. The version stays the one the pointer with ``expected_etag`` names.

        Raises:
            Conflict: If the pointer changed meanwhile.
            MissingObject: If nothing was published yet.
            SourceUnavailable, ServiceRefused, UsageError: As :meth:`publish`.
        """
        check_fields(fields)
        self.require_conditions()
        current = self.read_pointer(review_id)
        if current is None:
            raise MissingObject("nothing is published yet", f"{self.address}/{review_id}", "publish a version first")
        if current.etag != expected_etag:
            raise self._lost(review_id)
        return self._point(replace(current, fields={**current.fields, **fields}), expected_etag)

    def _point(self, pointer: Pointer, expected_etag: str | None) -> str:
        try:
            return self.swap(f"{pointer.review_id}/{POINTER}", pointer.to_bytes(), expected_etag)
        except Conflict:
            raise self._lost(pointer.review_id) from None

    def _lost(self, review_id: str) -> Conflict:
        return Conflict(
            "somebody else published this review first",
            f"{self.address}/{review_id}/{POINTER}",
            "theirs stands; look at it, then publish again",
        )

    def _write_content(self, folder: str, files: Mapping[str, File], digest: str) -> None:
        first = "summary.json" if "summary.json" in files else min(files)
        claim = files[first]
        self.create(f"{folder}/{first}", claim.body, claim.content_type, metadata={_CLAIM: digest})
        with ThreadPoolExecutor(_WRITERS) as pool:
            rest = [
                pool.submit(self.create, f"{folder}/{name}", file.body, file.content_type)
                for name, file in sorted(files.items())
                if name != first
            ]
        for written in rest:
            written.result()
