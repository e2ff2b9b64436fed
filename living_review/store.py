"""S3-compatible object storage: immutable versions, one pointer, compare-and-swap.

Promises, on top of those of :mod:`living_review.store_objects`:

- Of several publishers at once exactly one wins; the others get :class:`~living_review.errors.Conflict`.
- No reader ever sees a pointer to an incomplete version: content first, then the manifest, which is read back, then
  the pointer. Who dies on the way leaves files nobody points to. A file that an earlier version has is not written
  again; that this version was not withdrawn meanwhile is looked at after the new manifest was written, and who
  withdraws looks for new manifests after the old one is gone, so that one of the two sees the other.
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
from living_review.store_reuse import SUMMARY, Kept

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

_AT_ONCE = 4
"""Files written or looked for at once: enough to hide latency, few enough for a small store."""
_NOTHING_KEPT = Kept()
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

    def claim_of(self, review_id: str, version: int) -> str | None:
        """SHA-256 of the manifest that a version number was begun for; None if nobody began it.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        try:
            claimed = self._read(f"{review_id}/{version_folder(version)}/{SUMMARY}")[2]
        except MissingObject:
            return None
        return claimed.get(_CLAIM, "")

    def publish(
        self,
        review_id: str,
        version: int,
        files: Mapping[str, File],
        pointer: Mapping[str, Any],
        expected_pointer_etag: str | None,
        kept: Kept = _NOTHING_KEPT,
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
            kept: Files that an earlier version has as well, of which :meth:`absent` says that they are there.

        Raises:
            VersionTaken: If the number holds other content; readers see what they saw before.
            Conflict: If somebody else published first, or withdrew the version whose files are used; readers see what
                stands.
            ServiceRefused: If the store does not honour conditional writes, or will not.
            SourceUnavailable: If it does not answer; the same call again continues.
            UsageError: If a name or number cannot be used.
        """
        check_fields(pointer)
        manifest = build_manifest(review_id, version, files, kept.keys)
        digest = hashlib.sha256(manifest).hexdigest()
        self.require_conditions()
        current = self.read_pointer(review_id)
        if (current.etag if current else None) != expected_pointer_etag:
            raise self._lost(review_id)
        if current and version <= current.version:
            raise VersionTaken(review_id, version, self.next_version(review_id))
        folder = f"{review_id}/{version_folder(version)}"
        try:
            self._write_content(folder, {name: one for name, one in files.items() if name not in kept.keys}, digest)
            self.create(f"{folder}/{MANIFEST}", manifest, JSON_TYPE)
        except Conflict:
            raise VersionTaken(review_id, version, self.next_version(review_id)) from None
        if self.read(f"{folder}/{MANIFEST}")[0] != manifest:
            raise ServiceRefused("the store gave back another manifest than was written", str(self.address), "see it")
        if kept.keys and not self.has(f"{review_id}/{kept.manifest_key}", kept.manifest_sha256):
            raise Conflict(
                "the version whose files this one would use was withdrawn meanwhile",
                f"{self.address}/{review_id}/{kept.manifest_key}",
                "publish again",
            )
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
            pointer_etag=self._swap_pointer(new, expected_pointer_etag),
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
        current = self.read_pointer(review_id)
        if current is None:
            raise MissingObject("nothing is published yet", f"{self.address}/{review_id}", "publish a version first")
        if current.etag != expected_etag:
            raise self._lost(review_id)
        return self.point(replace(current, fields={**current.fields, **fields}), expected_etag)

    def point(self, pointer: Pointer, expected_etag: str) -> str:
        """Shows readers what ``pointer`` says, if they are still shown what ``expected_etag`` names; returns its etag.

        Raises:
            Conflict: If the pointer changed meanwhile.
            SourceUnavailable, ServiceRefused, UsageError: As :meth:`publish`.
        """
        check_fields(pointer.fields)
        self.require_conditions()
        return self._swap_pointer(pointer, expected_etag)

    def absent(self, review_id: str, sizes: Mapping[str, int]) -> set[str]:
        """Which of these keys, relative to the review's folder, are not there with as many bytes.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        keys = sorted(sizes)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(lambda key: self.size(f"{review_id}/{key}"), keys))
        return {key for key, size in zip(keys, found, strict=True) if size != sizes[key]}

    def _swap_pointer(self, pointer: Pointer, expected_etag: str | None) -> str:
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
        first = SUMMARY if SUMMARY in files else min(files)
        claim = files[first]
        self.create(f"{folder}/{first}", claim.body, claim.content_type, metadata={_CLAIM: digest})
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            rest = [
                pool.submit(self.create, f"{folder}/{name}", file.body, file.content_type)
                for name, file in sorted(files.items())
                if name != first
            ]
        for written in rest:
            written.result()
