"""Links -> reports: which records are one document, given every link, unlink and nothing else.

The result does not depend on the order in which records or links came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

ENGINE = "engine"
"""Who made a link that no person made."""


class Edge(NamedTuple):
    """A statement about two records; ``a < b``."""

    a: int
    b: int
    linked: bool
    by_person: bool
    position: int
    """The ledger's order: of two statements of people on one pair the later holds."""
    points: float = 0.0
    """How strong the engine's link is; see :mod:`living_review.dedupe.decide`."""


def cluster(records: Iterable[int], edges: Iterable[Edge], lacking: Collection[int] = ()) -> dict[int, int]:
    """Record id -> report id (the smallest record id of its cluster), for every record.

    Two records that a person parted never share a report: links of people are followed first, then those of the
    engine from the strongest to the weakest, and one that would join a parted pair is passed over.

    A record of ``lacking`` (no title, author or year: much may look like it) is a bridge between no two clusters of
    whole records: it goes to the one that it is linked to most strongly, and to none where two are equal.
    """
    statements: dict[tuple[int, int], Edge] = {}
    for edge in sorted(edges, key=lambda one: (one.by_person, one.position)):
        statements[edge.a, edge.b] = edge
    found = _Clusters(records, statements.values())
    people = sorted((edge.a, edge.b) for edge in statements.values() if edge.linked and edge.by_person)
    engine = [edge for edge in statements.values() if edge.linked and not edge.by_person]
    engine.sort(key=lambda one: (-one.points, one.a, one.b))
    lacks = frozenset(lacking)
    for a, b in people:
        found.join(a, b)
    for edge in engine:
        if edge.a not in lacks and edge.b not in lacks:
            found.join(edge.a, edge.b)
    if lacks:
        _place_lacking(found, [edge for edge in engine if edge.a in lacks or edge.b in lacks], lacks)
    return {record: found.root(record) for record in found.parent}


class _Clusters:
    """Clusters that grow by joining two, unless a person parted some of their members."""

    def __init__(self, records: Iterable[int], statements: Iterable[Edge]) -> None:
        self.parent = {record: record for record in records}
        self.members = {record: {record} for record in self.parent}
        self._parted: dict[int, set[int]] = {}
        for edge in statements:
            if not edge.linked:
                self._parted.setdefault(edge.a, set()).add(edge.b)
                self._parted.setdefault(edge.b, set()).add(edge.a)

    def root(self, record: int) -> int:
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record

    def join(self, one: int, other: int) -> None:
        if one not in self.parent or other not in self.parent:
            return
        first, second = sorted((self.root(one), self.root(other)))
        if first == second:
            return
        if self._parted and any(
            self._parted.get(member, set()) & self.members[first] for member in self.members[second]
        ):
            return
        self.parent[second] = first
        self.members[first] |= self.members.pop(second)


def _place_lacking(found: _Clusters, edges: list[Edge], lacks: frozenset[int]) -> None:
    """Records that lack something among themselves first, then each group of them to its one strongest cluster.

    One that a person put with whole records is where it belongs, and the engine puts it nowhere else.
    """
    loose = {one for one in lacks & found.parent.keys() if found.members[found.root(one)] <= lacks}
    groups = _Clusters(loose, ())
    for one in sorted(loose):
        groups.join(found.root(one), one)
    strongest: dict[int, dict[int, float]] = {}
    for edge in edges:
        if edge.a in loose and edge.b in loose:
            groups.join(edge.a, edge.b)
    for edge in edges:
        if (edge.a in loose) != (edge.b in loose) and edge.a in found.parent and edge.b in found.parent:
            weak, whole = (edge.a, edge.b) if edge.a in loose else (edge.b, edge.a)
            near = strongest.setdefault(groups.root(weak), {})
            near[found.root(whole)] = max(edge.points, near.get(found.root(whole), edge.points))
    for group, members in sorted(groups.members.items()):
        for one in sorted(members - {group}):
            found.join(group, one)
        ranked = sorted(strongest.get(group, {}).items(), key=lambda one: -one[1])
        if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
            found.join(group, ranked[0][0])
