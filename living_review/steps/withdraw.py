"""Withdraw: a version that must go, as a court or a licence says so, is deleted, and a notice takes its place.

Promises: what readers are shown is never touched, nor a file that a version uses which stays; the order of deeds is
such that a run that was ended anywhere is finished by running it again; nothing of the version is used by a later one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from living_review.errors import ServiceRefused, UsageError
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.records import canonical_json
from living_review.review import Review
from living_review.site import FIRST_PAGE, is_page
from living_review.stand_in_page import stand_in_page
from living_review.steps.account import Account
from living_review.steps.object_store import open_probed_store
from living_review.steps.pointer import known_pointer
from living_review.steps.publish_state import some
from living_review.steps.published import WITHDRAWN, withdrawn
from living_review.steps.signature import signed, with_reason
from living_review.store import ObjectStore
from living_review.store_access import keeps_old_objects
from living_review.store_layout import HTML_TYPE, JSON_TYPE, MANIFEST, POINTER, version_folder, version_of
from living_review.store_objects import AT_ONCE
from living_review.store_reuse import Entry, entries_of

_MAY_NOT = "let the access key delete objects under this prefix, then run it again"


@dataclass(frozen=True)
class _Manifests:
    """What the store's versions use."""

    by_version: Mapping[int, Sequence[Entry]]
    """Of every version that has a manifest."""
    keys: tuple[str, ...]
    """Of everything below versions/."""

    def users(self, without: Iterable[int]) -> dict[str, set[int]]:
        """Key or SHA-256 -> the versions that use it, but those that go."""
        gone, found = set(without), defaultdict[str, set[int]](set)
        for version, entries in self.by_version.items():
            for one in entries if version not in gone else ():
                found[one.key].add(version)
                found[one.sha256].add(version)
        return found


def withdraw(review: Review, version: int, by: str, reason: str) -> Account:
    """Delete what ``version`` alone consists of and put a notice in its place; the account is over files of its folder.

    Args:
        review: The review.
        version: Number of the version.
        by: The person who decides so.
        reason: Why; readers see it.

    Raises:
        UsageError: If nobody signs, no reason is given, there is no such version, or it is the one readers are shown.
        SourceUnavailable, ServiceRefused: If the store does not answer or will not; running it again goes on.
    """
    by, reason = signed(by, "withdraw"), with_reason(reason, "withdraw")
    store = open_probed_store(review)
    pointer, remarks = known_pointer(review, store)
    if pointer is not None and pointer.version == version:
        raise UsageError(
            f"version {version} is what readers are shown", "withdraw", "publish a newer version or roll back first"
        )
    found = _manifests(review, store)
    account = _note(review, found, version, by, reason)
    with review.read() as tx:
        gone = withdrawn(tx)
    # Of all that had to go: a run may have been killed, and what it was about never asked for again.
    for number, noted in gone.items():
        _put_stand_ins(review, store, number, noted, found, found.users(gone))
    # Looked at again, for somebody may have published meanwhile; see living_review.store.
    found = _manifests(review, store)
    users = found.users(gone)
    doomed = [key for key in found.keys if version_of(key) in gone and key not in users and not _stands_in(key)]
    for key in doomed:
        _remove(review, store, key)
    kept = [key for key in found.keys if version_of(key) == version and key in users]
    deleted = [key for key in account["deleted"] if key not in kept]
    if doomed:
        remarks.append(f"deleted: {some(doomed)}")
    else:
        remarks.append("nothing was left to delete")
    remarks += _about_copies(store, found, account, gone, version)
    return Account(
        step="withdraw",
        received=len(deleted) + len(kept),
        of=f"files of version {version}",
        parts={"deleted": len(deleted), "used_by_other_versions": len(kept)},
        remarks=tuple(remarks),
        details={"version": version, "deleted": deleted, "kept": kept, **gone[version]},
        changed=bool(doomed),
    )


def _manifests(review: Review, store: ObjectStore) -> _Manifests:
    keys = tuple(key.removeprefix(f"{review.id}/") for key in store.list(f"{review.id}/versions/"))
    found = [key for key in keys if re.fullmatch(rf"versions/\d{{6}}/{MANIFEST}", key)]

    def entries(key: str) -> list[Entry]:
        return entries_of(store.read(f"{review.id}/{key}")[0], f"{store.address}/{review.id}/{key}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        read = list(pool.map(entries, found))
    return _Manifests({version_of(key) or 0: listed for key, listed in zip(found, read, strict=True)}, keys)


def _note(review: Review, found: _Manifests, version: int, by: str, reason: str) -> dict[str, Any]:
    """What the ledger says of it, noted once: before anything is deleted, so that no later version uses its files."""
    folder = [key for key in found.keys if version_of(key) == version]
    with review.write() as tx:
        gone = withdrawn(tx)
        if version in gone:
            return gone[version]
        numbers = {row["version"] for row in Decisions(tx).publications()}
        if version not in numbers and not folder:
            there = sorted(numbers | set(found.by_version))
            raise UsageError(
                f"there is no version {version}",
                "withdraw",
                f"there are {', '.join(map(str, there[-10:]))}" if there else "nothing is published yet",
            )
        users = found.users([*gone, version])
        account = {
            "version": version,
            "by": by,
            "reason": reason,
            "deleted": [key for key in folder if key not in users and not _stands_in(key)],
            "shared": [
                {"name": one.name, "versions": sorted(users[one.sha256])}
                for one in found.by_version.get(version, ())
                if one.sha256 in users
            ],
        }
        Runs(tx).note(WITHDRAWN, "done", account, review.protocol, tx.at)
        return account


def _stands_in(key: str) -> bool:
    """Whether a notice lies here once the version is gone: in place of its manifest and of its pages."""
    name = key.split("/", 2)[2]
    return name == MANIFEST or is_page(name)


def _put_stand_ins(
    review: Review,
    store: ObjectStore,
    version: int,
    noted: dict[str, Any],
    found: _Manifests,
    users: Mapping[str, set[int]],
) -> None:
    """The manifest first: from then on no publication that is under way may use the version's files."""
    folder = f"{review.id}/{version_folder(version)}"
    told = {"on": noted["on"], "reason": noted["reason"]}
    manifest = canonical_json({"review": review.id, "version": version, "withdrawn": told, "files": []})
    store.replace(f"{folder}/{MANIFEST}", manifest, JSON_TYPE)
    has_site = store.size(f"{review.id}/{FIRST_PAGE}") is not None
    page = stand_in_page(
        f"{review.protocol.title}: version {version} was withdrawn",
        [f"It was withdrawn on {noted['on']}.", noted["reason"]],
        f"../../{FIRST_PAGE if has_site else POINTER}",
        "The version that is shown now",
    )
    pages = {key for key in found.keys if version_of(key) == version and is_page(key.split("/", 2)[2])}
    for key in sorted(pages | {f"{version_folder(version)}/{FIRST_PAGE}"}):
        if key not in users:
            store.replace(f"{review.id}/{key}", page, HTML_TYPE)


def _remove(review: Review, store: ObjectStore, key: str) -> None:
    try:
        store.remove(f"{review.id}/{key}")
    except ServiceRefused as error:
        raise ServiceRefused(error.what, error.where, _MAY_NOT) from None


def _about_copies(
    store: ObjectStore, found: _Manifests, account: dict[str, Any], gone: Iterable[int], version: int
) -> list[str]:
    """Where the same content may still be."""
    said = []
    shared, gone = [one for one in account["shared"] if set(one["versions"]) - set(gone)], set(gone)
    if shared:
        versions = sorted({number for one in shared for number in one["versions"]} - gone)
        said.append(
            f"{len(shared)} of its files have the same content in version{'s' * (len(versions) > 1)} "
            f"{', '.join(map(str, versions))}, which go on using them ({some([one['name'] for one in shared])}): "
            "withdraw these versions as well if it is this content that must go"
        )
    begun = sorted({version_of(key) or 0 for key in found.keys} - set(found.by_version) - gone)
    if begun:
        said.append(
            f"a publication was begun and not finished as version{'s' * (len(begun) > 1)} "
            f"{', '.join(map(str, begun))}: withdraw it as well if it may hold the same"
        )
    keeps = keeps_old_objects(store)
    if keeps is not False:
        said.append(
            "the bucket keeps deleted objects (versioning): remove their old versions there"
            if keeps
            else "whether the bucket keeps deleted objects (versioning) could not be found out: look there"
        )
    said.append(f"caches, and whoever fetched version {version}, may hold copies; caches were told to keep them a year")
    return said
