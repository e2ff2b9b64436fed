"""Dedupe files alone: the same keys, comparison and clustering as in a review, without a ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from living_review.dedupe import engine
from living_review.dedupe.engine import Pair
from living_review.dedupe.fields import of_record
from living_review.errors import InvalidFile
from living_review.records import Record
from living_review.sources.files import FileRecords, read_file


@dataclass(frozen=True, slots=True)
class Deduped:
    """Records, and which of them are one report."""

    records: tuple[Record, ...]
    ids: tuple[str, ...]
    """One a record; ``FILE:source id`` where there are several files."""
    reports: tuple[int, ...]
    """For each record the place of the first record of its report."""
    pairs: tuple[Pair, ...]
    """What was linked and what a person should look at."""

    def evidence(self) -> list[str]:
        """For each record its strongest link to another of its report, in one line; empty where it is the only one."""
        best = engine.strongest(self.pairs, self.reports)
        return [
            f"{best[place].certainty}: {best[place].said}" if place in best else "" for place in range(len(self.ids))
        ]

    @property
    def possible(self) -> list[Pair]:
        """Pairs of two reports that a person should look at, the likeliest first."""
        return engine.to_look_at(self.pairs, self.reports)

    def clusters(self) -> list[list[int]]:
        """The places of the records of each report, in the order of the first."""
        found: dict[int, list[int]] = {}
        for place, report in enumerate(self.reports):
            found.setdefault(report, []).append(place)
        return [found[report] for report in sorted(found)]


@engine.much_to_keep()
def dedupe_records(
    records: Sequence[Record], ids: Sequence[str] = (), progress: Callable[[int, int], None] = lambda done, of: None
) -> Deduped:
    """Which of the records are one report."""
    fields = [of_record(record) for record in records]
    pairs = tuple(engine.compare(fields, progress))
    named = tuple(ids) or tuple(record.source_id for record in records)
    return Deduped(tuple(records), named, tuple(engine.reports(fields, pairs)), pairs)


def dedupe_files(paths: Sequence[Path], progress: Callable[[int, int], None] = lambda done, of: None) -> Deduped:
    """The records of the files in their order, and which are one report.

    A file counts as no source here: a library that was gathered from many databases holds their duplicates.

    Raises:
        InvalidFile: If a file cannot be read as records.
    """
    records: list[Record] = []
    ids: list[str] = []
    for path, name in zip(paths, _names(paths), strict=True):
        found = read_file(path, "")
        records += found.records
        ids += [f"{name}:{one}" if name else one for one in _own_ids(found)]
    return dedupe_records(records, ids, progress)


def _names(paths: Sequence[Path]) -> list[str]:
    """What each file is called in ids: nothing where there is one, else its name, or its path where two have one name.

    Raises:
        InvalidFile: If a file is named twice.
    """
    if len(paths) == 1:
        return [""]
    where = [path.resolve() for path in paths]
    for path in where:
        if where.count(path) > 1:
            raise InvalidFile("the file is named twice", str(path), "name each file once")
    names = [path.name for path in paths]
    return [path.name if names.count(path.name) == 1 else str(path) for path in paths]


def _own_ids(found: FileRecords) -> list[str]:
    """What a field ``id`` says, if it tells the records apart; else the database's ids, or the lines of those without."""
    given = [next((text for tag, text in one.notes.items() if tag.casefold() == "id"), "") for one in found.records]
    if all(given) and len(set(given)) == len(given):
        return given
    return [
        f"line {line}" if one.source_id.startswith("sha256:") else one.source_id
        for one, line in zip(found.records, found.positions, strict=True)
    ]
