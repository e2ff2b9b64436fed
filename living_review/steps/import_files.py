"""Import: records from exports of other databases, given by hand or found in the review's inbox."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from living_review import __version__
from living_review.dedupe.decide import is_another_work
from living_review.errors import InvalidFile, LivingReviewError, UsageError
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches, SearchRun
from living_review.protocol import FileSearch
from living_review.records import Record
from living_review.review import Review
from living_review.sources.draft import content_id
from living_review.steps.account import Account
from living_review.steps.dedupe import relink
from living_review.steps.object_store import open_store

if TYPE_CHECKING:
    from living_review.sources.files import FileRecords

_SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class _GivenFile:
    name: str
    body: bytes
    source: str
    read: FileRecords


_Given = tuple[str, Path | bytes, str]
"""A file's name, where it is or what is in it, and the database it is an export of."""


class InvalidFiles(InvalidFile):
    """Files that cannot be read as records; holds every one, a line each. Nothing of these files was used.

    Args:
        problems: What is wrong with each.
    """

    def __init__(self, problems: list[LivingReviewError]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} files cannot be read", ", ".join(one.where for one in problems))

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def import_files(review: Review, paths: Iterable[Path], source: str) -> Account:
    """Take over the records of ``paths``, exports of the database called ``source``; all files or none.

    Raises:
        InvalidFiles: If files cannot be read as records; names every one, with the line.
        UsageError: If ``source`` is no name or is one that PubMed searches of this review use.
    """
    _check_name(review, source, "--source", "give the import another name")
    return _take_over(review, [(path.name, path, source) for path in paths], "import")


def inbox(review: Review) -> Account:
    """Take over every file of the review's inboxes that was not imported before.

    A file that cannot be read keeps no other one back; it is tried again each time until it is mended or taken away.

    An inbox is a folder (as seen from the review's) or ``s3://bucket/prefix``. Files of a sub-folder come from the
    database it is named after; others from the search's own name.

    Raises:
        InvalidFiles: If files cannot be read as records; names every one, with the line. All others were taken over.
        UsageError: If a sub-folder's name cannot be a database's, or is that of a PubMed search.
    """
    given: list[_Given] = []
    for place in review.protocol.searches:
        if isinstance(place, FileSearch):
            given += _from_store(review, place) if place.inbox.startswith("s3://") else from_folder(review, place)
    return _take_over(review, given, "inbox")


def from_folder(review: Review, place: FileSearch) -> list[_Given]:
    """The files of an inbox that is a folder, each with its name there and its database.

    Raises:
        InvalidFile: If a folder cannot be read.
        UsageError: If a sub-folder's name cannot be a database's, or is that of a PubMed search.
    """
    folder = review.folder / place.inbox
    if not folder.is_dir():
        return []
    given: list[_Given] = []
    for path in sorted(_files_in(folder)):
        parts = path.relative_to(folder).parts
        given.append(("/".join(parts), path, parts[0] if len(parts) > 1 else place.name))
    for name, _, source in given:
        _check_name(review, source, f"{place.inbox}/{name}", "rename the folder")
    return given


def _files_in(folder: Path) -> Iterator[Path]:
    """Everything below ``folder`` that is no folder, that of linked folders too.

    Raises:
        InvalidFile: If a folder cannot be read; passing it over would lose what is in it without a word.
    """

    def refuse(error: OSError) -> None:
        raise InvalidFile(
            f"the folder cannot be read ({error.strerror})", str(error.filename), "check its permissions"
        ) from error

    seen = set()
    for place, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        seen.add(os.path.realpath(place))
        folders[:] = [one for one in folders if not _is_hidden(one) and os.path.realpath(Path(place) / one) not in seen]
        yield from (Path(place) / one for one in names if not _is_hidden(one))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold() in {"thumbs.db", "desktop.ini"}


def _from_store(review: Review, place: FileSearch) -> list[_Given]:
    store = open_store(review.settings, place.inbox)
    given: list[_Given] = []
    for key in store.list(""):
        parts = [part for part in key.split("/") if part]
        if parts and not key.endswith("/") and not any(map(_is_hidden, parts)):
            body, _etag = store.read(key)
            given.append(("/".join(parts), body, parts[0] if len(parts) > 1 else place.name))
    for name, _, source in given:
        _check_name(review, source, f"{place.inbox}/{name}", "rename the folder")
    return given


def _check_name(review: Review, source: str, where: str, remedy: str) -> None:
    if not _SOURCE_NAME.fullmatch(source):
        raise UsageError(
            f"{source!r} cannot name a database", where, "use letters, digits, _ . or -, for example embase"
        )
    if any(one.name.casefold() == source.casefold() and one.source == "pubmed" for one in review.protocol.searches):
        raise UsageError(f"{source!r} is the name of a PubMed search of this review", where, remedy)


def _bytes_of(given: Path | bytes) -> bytes:
    if isinstance(given, bytes):
        return given
    if given.is_dir():
        raise InvalidFile("this is a folder", str(given), "name the files in it")
    if given.exists() and not given.is_file():
        raise InvalidFile("this is no file", str(given), "take it away")
    try:
        return given.read_bytes()
    except OSError as error:
        raise InvalidFile(f"the file cannot be read ({error.strerror})", str(given), "check its name") from error


def _told_apart(records: Records, source: str, found: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """``found``, where a record under the id of another work gets an id of its own; and those ids.

    Numbers that a tool gives the records of one export come again in the next export: taken for ids of the database,
    the second file's records would replace the first file's.
    """
    known = records.ids_for(source, [record.source_id for record in found])
    before = records.latest(known.values())
    kept: list[Record] = []
    apart: list[str] = []
    for record in found:
        if record.source_id in known and is_another_work(before[known[record.source_id]], record):
            own = f"{record.source_id}#{content_id(record).removeprefix('sha256:')}"
            apart.append(own)
            kept.append(replace(record, source_id=own))
        else:
            kept.append(record)
    return kept, apart


def _take_over(review: Review, given: list[_Given], step: str) -> Account:
    started = review.now()
    files: list[_GivenFile] = []
    with review.read() as tx:
        imported = Searches(tx).imported()
    sources_of: dict[str, set[str]] = {}
    for database, digest in imported:
        sources_of.setdefault(digest, set()).add(database)
    parts = {"new": 0, "changed": 0, "known": 0}
    remarks: list[str] = []
    details: dict[str, dict[str, object]] = {}
    wrong: list[LivingReviewError] = []
    for place, (name, held, source) in enumerate(given, 1):
        review.progress("files read", place, len(given))
        try:
            body = _bytes_of(held)
            digest = hashlib.sha256(body).hexdigest()
            known_file = imported.get((source, digest))
            if known_file is not None:
                parts["known"] += known_file
                continue
            from living_review.sources.files import read_bytes  # readers of every format; most refreshes have no file

            read = read_bytes(name, body, source)
        except InvalidFile as error:
            wrong.append(error)
            continue
        files.append(_GivenFile(name, body, source, read))
        remarks += [f"{name}: {remark}" for remark in read.remarks]
        others = sources_of.setdefault(digest, set()) - {source}
        if others:
            was = ", ".join(sorted(others))
            remarks.append(f"{name}: this very file was imported as {was} before; is it of {source} too?")
        sources_of[digest].add(source)
        details[f"{source}/{name}"] = {"format": read.format, "records": len(read.records)}
    if wrong and step == "import":
        raise InvalidFiles(wrong)
    if files:
        with review.write() as tx:
            records = Records(tx)
            for one in files:
                name, source, read = one.name, one.source, one.read
                given_records, apart = _told_apart(records, source, read.records)
                if apart:
                    read_remarks = (
                        *read.remarks,
                        f"{len(apart)} records carry the id of another work and are kept apart: {', '.join(apart[:10])}",
                    )
                    remarks.append(f"{name}: {read_remarks[-1]}")
                else:
                    read_remarks = read.remarks
                known = records.ids_for(source, [record.source_id for record in given_records])
                fresh = [record for record in given_records if record.source_id not in known]
                before = records.latest(known.values())
                changed = [
                    (known[record.source_id], record)
                    for record in given_records
                    if record.source_id in known and before[known[record.source_id]].content_hash != record.content_hash
                ]
                counts = {
                    "new": len(fresh),
                    "changed": len(changed),
                    "known": len(read.records) - len(fresh) - len(changed),
                }
                run = Searches(tx).next_run(source, "files")
                Searches(tx).keep_answer(source, "files", run, name, one.body, f"file; {read.format}")
                search_id = Searches(tx).add(
                    SearchRun(
                        source=source,
                        kind="files",
                        platform=read.format,
                        query=name,
                        translation="",
                        promised=len(read.records),
                        delivered=len(read.records),
                        state="complete",
                        started_at=started,
                        finished_at=tx.at,
                        warnings=[{"kind": "remark", "text": remark} for remark in read_remarks],
                        counts=counts,
                        ids=[record.source_id for record in given_records],
                        run=run,
                        changes=[(record.source_id, "appeared") for record in fresh],
                    ),
                    protocol_digest=review.protocol.digest,
                    tool_version=__version__,
                )
                records.add(fresh, search_id)
                records.add_versions(changed, search_id)
                remarks += relink(tx, review.protocol, dict(changed))
                for part, number in counts.items():
                    parts[part] += number
            Runs(tx).note_protocol(review.protocol)
    if wrong:
        raise InvalidFiles(wrong)
    return Account(
        step=step,
        received=sum(parts.values()),
        parts=parts,
        remarks=tuple(remarks),
        details=details,
        changed=bool(parts["new"] or parts["changed"]),
    )
