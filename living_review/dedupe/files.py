"""Dedupe files alone: the same keys, comparison and clustering as in a review, without a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from living_review.dedupe.cluster import Edge, cluster
from living_review.dedupe.keys import keys_of
from living_review.dedupe.match import decide
from living_review.records import Record
from living_review.sources.files import read_file


def dedupe_records(records: Sequence[Record]) -> list[int]:
    """For each record the place of the first record of its report."""
    sharing: dict[tuple[str, str], list[int]] = {}
    for place, record in enumerate(records):
        for key in keys_of(record):
            sharing.setdefault(key, []).append(place)
    pairs = sorted({(a, b) for places in sharing.values() for a in places for b in places if a < b})
    edges = [
        Edge(a, b, True, False, number)
        for number, (a, b) in enumerate(pairs)
        if decide(records[a], records[b]) is not None
    ]
    found = cluster(range(len(records)), edges)
    return [found[place] for place in range(len(records))]


def dedupe_files(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """(id, report id) for every record of the files, in their order; an id is ``FILE:source id``.

    Raises:
        InvalidFile: If a file cannot be read as records.
    """
    records: list[Record] = []
    ids: list[str] = []
    for path in paths:
        found = read_file(path, path.name)
        records += found.records
        ids += [f"{path.name}:{record.source_id}" if len(paths) > 1 else record.source_id for record in found.records]
    return [(ids[place], ids[report]) for place, report in enumerate(dedupe_records(records))]
