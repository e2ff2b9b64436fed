"""Links -> reports: which records are one document, given every link, unlink and nothing else.

The result does not depend on the order in which records or links came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ENGINE = "engine"
"""Who made a link that no person made."""


@dataclass(frozen=True, order=True)
class Edge:
    """A statement about two records; ``a < b``."""

    a: int
    b: int
    linked: bool
    by_person: bool
    position: int
    """The ledger's order: of two statements of people on one pair the later holds."""


def cluster(records: Iterable[int], edges: Iterable[Edge]) -> dict[int, int]:
    """Record id -> report id (the smallest record id of its cluster), for every record.

    Two records that a person parted never share a report: links of people are followed first, then those of the
    engine, and one that would join a parted pair is passed over.
    """
    statements: dict[tuple[int, int], Edge] = {}
    for edge in sorted(edges, key=lambda one: (one.by_person, one.position)):
        statements[edge.a, edge.b] = edge
    parent = {record: record for record in records}
    members = {record: {record} for record in parent}
    parted: dict[int, set[int]] = {}
    for (a, b), edge in statements.items():
        if not edge.linked:
            parted.setdefault(a, set()).add(b)
            parted.setdefault(b, set()).add(a)

    def root(record: int) -> int:
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    followed = sorted(
        (edge for edge in statements.values() if edge.linked), key=lambda one: (not one.by_person, one.a, one.b)
    )
    for edge in followed:
        if edge.a not in parent or edge.b not in parent:
            continue
        first, second = sorted((root(edge.a), root(edge.b)))
        if first == second or any(parted.get(one, set()) & members[first] for one in members[second]):
            continue
        parent[second] = first
        members[first] |= members.pop(second)
    return {record: root(record) for record in parent}
