"""Dedupe: give every record its report, and let people link and unlink."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from living_review.dedupe import keys
from living_review.dedupe.cluster import ENGINE, Edge, cluster
from living_review.dedupe.decide import CERTAIN, decide
from living_review.dedupe.fields import Fields, of_record
from living_review.errors import UsageError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records, in_parts
from living_review.ledger.reports import OFFERED, Reports
from living_review.protocol import Protocol
from living_review.records import Record
from living_review.review import Review
from living_review.sources.entries import counted
from living_review.steps.account import Account
from living_review.steps.moved_records import about_moved
from living_review.steps.screening_state import screening_state
from living_review.steps.signature import signed

_AT_ONCE = 20_000
"""Records held in memory at a time, whatever number came."""
_SHOWN = 20
"""Contradicted links named in an account; the evidence of every one is in the ledger."""


def dedupe(review: Review) -> Account:
    """Place every record that has no report yet: as a duplicate of an earlier one or as a report of its own."""
    with review.write() as tx:
        records, reports = Records(tx), Reports(tx)
        held = records.held()
        waiting = [one for one in reports.unplaced() if one not in held]
        # Keys that an earlier version made are not those by which this one looks: what is there is looked at anew.
        has_keys = reports.has_key(keys.made_by())
        anew = [] if has_keys else list(reports.of_records())
        links = []
        for part in in_parts([*anew, *waiting], _AT_ONCE):
            fresh = {one: of_record(record) for one, record in records.latest(part).items()}
            found = _said_of(records, reports, fresh)
            reports.add_links(found)
            links += found
        if not has_keys and (anew or waiting):
            reports.add_keys([(min([*anew, *waiting]), keys.made_by())])
        touched = set(waiting) | {link[end] for link in links for end in ("record_a", "record_b")}
        now, moved = _recluster(tx, review.protocol, touched)
        duplicates = [one for one in waiting if now[one] != one]
    return Account(
        step="dedupe",
        received=len(waiting),
        parts={"new_reports": len(waiting) - len(duplicates), "duplicates": len(duplicates)},
        remarks=(*_looked_at_anew(anew), *_contradicted(links), *_to_look_at(links), *moved),
        details={"links": [{"rule": rule, "number": number} for rule, number in _by_rule(links)]},
        changed=bool(waiting or links or anew),
    )


def relink(tx: Transaction, protocol: Protocol, changed: Mapping[int, Record]) -> list[str]:
    """Look again for duplicates of records that say something else than before; returns what a person should know of it.

    A record often enters without DOI, or with another title, and gets it later: without this look neither would it be
    linked to what is there, nor be found by what comes. Records without a place yet wait for :func:`dedupe`.
    """
    records, reports = Records(tx), Reports(tx)
    placed = reports.of_some(changed)
    fresh = {one: of_record(record) for one, record in changed.items() if one in placed}
    links = _said_of(records, reports, fresh)
    reports.add_links(links)
    _, moved = _recluster(tx, protocol, {link[end] for link in links for end in ("record_a", "record_b")})
    return [*_contradicted(links), *_to_look_at(links), *moved]


def unlink(review: Review, record_ids: Sequence[int], by: str) -> Account:
    """Part each record from the others of its report, for good; signed by ``by``.

    Raises:
        UsageError: If a record is unknown or shares its report with none, or nobody signs.
    """
    return _state(review, record_ids, by, linked=False)


def link(review: Review, record_ids: Sequence[int], by: str) -> Account:
    """Join the records into one report, for good; signed by ``by``.

    Raises:
        UsageError: If a record is unknown, or nobody signs.
    """
    return _state(review, record_ids, by, linked=True)


def _state(review: Review, record_ids: Sequence[int], by: str, *, linked: bool) -> Account:
    kind = "link" if linked else "unlink"
    name = signed(by, kind)
    with review.write() as tx:
        reports = Reports(tx)
        placed = reports.of_records()
        unknown = [one for one in record_ids if one not in placed]
        if unknown:
            raise UsageError(
                f"no record {', '.join(map(str, unknown))} in this review", kind, "see the ids in `screen export`"
            )
        pairs = _pairs_to_link(record_ids) if linked else _pairs_to_part(placed, record_ids)
        reports.add_links([_statement(a, b, kind, "person", {}, name) for a, b in sorted(pairs)])
        touched = {one for pair in pairs for one in pair}
        _, moved = _recluster(tx, review.protocol, touched)
    return Account(
        step=kind,
        received=len(record_ids),
        parts={f"{kind}ed": len(record_ids)},
        remarks=tuple(moved),
        changed=True,
    )


def _pairs_to_link(record_ids: Sequence[int]) -> set[tuple[int, int]]:
    named = sorted(set(record_ids))
    if len(named) < 2:
        raise UsageError("one record alone cannot be linked", "link", "name two records or more")
    # Every pair: what is said of two of them holds when a third is parted from both.
    return set(itertools.combinations(named, 2))


def _pairs_to_part(placed: Mapping[int, int], record_ids: Sequence[int]) -> set[tuple[int, int]]:
    """One record, or several of one report: each and the others of it. Records of several reports: every two of these.

    So ``unlink A B`` says that A and B are two, whether they are linked or only look like one.
    """
    named = sorted(set(record_ids))
    if len({placed[one] for one in named}) > 1:
        return {(a, b) for a, b in itertools.combinations(named, 2) if placed[a] != placed[b]}
    pairs = set()
    for one in named:
        others = [other for other, report in placed.items() if report == placed[one] and other != one]
        if not others:
            raise UsageError(f"record {one} is linked to no other", "unlink", "nothing has to be undone")
        pairs |= {(min(one, other), max(one, other)) for other in others}
    return pairs


def _said_of(records: Records, reports: Reports, fresh: Mapping[int, Fields]) -> list[dict[str, Any]]:
    """What the engine says anew of the fresh records and all others; their keys are kept.

    Of a pair that was linked or parted nothing is said again, nor a second time that it is in doubt.
    """
    before = {(row["record_a"], row["record_b"], row["kind"]) for row in reports.links_of(fresh)}
    settled = {(a, b) for a, b, kind in before if kind not in OFFERED}
    stored: set[tuple[int, int]] = set()
    asked: dict[int, list[int]] = {}
    for one, fields in fresh.items():
        kept, wanted = keys.of(fields)
        stored.update((one, key) for key in kept)
        for key in wanted:
            asked.setdefault(key, []).append(one)
    there = set(reports.sharing({*asked, *(key for _, key in stored)}))
    reports.add_keys(stored - there)
    pairs = {
        (min(one, other), max(one, other))
        for other, key in stored | there
        for one in asked.get(key, ())
        if one != other
    } - settled
    others = records.latest({one for pair in pairs for one in pair} - fresh.keys())
    known = {**fresh, **{one: of_record(record) for one, record in others.items()}}
    said = []
    for a, b in sorted(pairs):
        match = decide(known[a], known[b])
        if match is not None:
            kind = "link" if match.linked else "version" if match.rule == "versions" else "possible"
            if (a, b, kind) in before:
                continue
            lacks = [one for one in (a, b) if not known[one].is_whole]
            evidence = {
                **match.evidence,
                "certainty": match.certainty,
                "said": match.said,
                **({"lacks": lacks} if lacks else {}),
            }
            said.append(_statement(a, b, kind, match.rule, evidence, ENGINE))
    return said


def _recluster(tx: Transaction, protocol: Protocol, touched: Iterable[int]) -> tuple[dict[int, int], list[str]]:
    """Work out anew the reports of all records that a chain of links or unlinks joins to the touched ones.

    Returns the report of each, and what became of decisions on records that left one report for another. A report is what links joined, so no other report can change; the cost is that of what is touched.
    """
    reports = Reports(tx)
    statements: dict[int, dict[str, Any]] = {}
    affected: set[int] = set()
    fresh = set(touched)
    while fresh:
        affected |= fresh
        found = {row["id"]: row for row in reports.links_of(fresh) if row["kind"] not in OFFERED}
        statements |= found
        fresh = {row[end] for row in found.values() for end in ("record_a", "record_b")} - affected
    edges = [
        Edge(
            row["record_a"],
            row["record_b"],
            row["kind"] == "link",
            row["by"] != ENGINE,
            row["id"],
            row["evidence"].get("points", CERTAIN),
        )
        for row in statements.values()
    ]
    lacking = {one for row in statements.values() for one in row["evidence"].get("lacks", ())}
    now, placed = cluster(affected, edges, lacking), reports.of_some(affected)
    moved = {one for one, report in now.items() if placed.get(one, report) != report}
    # Of what nobody decided on nothing can be turned over: then where the reports stand need not be worked out.
    before = screening_state(tx, protocol) if moved and Decisions(tx).touch(affected) else None
    reports.place({one: report for one, report in now.items() if placed.get(one) != report})
    return now, about_moved(before, screening_state(tx, protocol), moved) if before else []


def _statement(a: int, b: int, kind: str, rule: str, evidence: dict[str, Any], by: str) -> dict[str, Any]:
    return {"record_a": a, "record_b": b, "kind": kind, "rule": rule, "evidence": evidence, "by": by}


def _contradicted(links: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each link that something speaks against: a person may part what should not be one."""
    lines = []
    for link in links:
        against = link["evidence"].get("contradicts", {}) if link["kind"] == "link" else {}
        if against:
            said = "; ".join(f"{name} {one!r} and {other!r}" for name, (one, other) in against.items())
            a, b, rule = link["record_a"], link["record_b"], link["rule"].replace("_", ", ")
            lines.append(f"records {a} and {b} are one report by {rule}, but have {said}: `unlink {b}` parts them")
    left = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"{left} more links that something speaks against"] if left > 0 else [])]


def _looked_at_anew(records: Sequence[int]) -> list[str]:
    if not records:
        return []
    return [
        f"{counted(len(records), 'record')} known before looked at anew: this version looks for duplicates otherwise"
    ]


def _to_look_at(links: Sequence[dict[str, Any]]) -> list[str]:
    """How many pairs wait for a person, and which are preprint and article."""
    possible = sum(link["kind"] == "possible" for link in links)
    likely = sum(link["kind"] == "link" and link["evidence"]["certainty"] == "likely" for link in links)
    versions = [link for link in links if link["kind"] == "version"]
    lines = []
    if possible:
        lines.append(f"{counted(possible, 'pair')} of reports may be duplicates, `living-review duplicates` shows them")
    if likely:
        are = "is" if likely == 1 else "are"
        lines.append(
            f"{counted(likely, 'link')} {are} likely, not certain: `living-review duplicates --likely` shows them"
        )
    lines += [
        f"records {one['record_a']} and {one['record_b']} are preprint and article of one study: two reports"
        for one in versions[:_SHOWN]
    ]
    left = len(versions) - _SHOWN
    return [*lines, *([f"{left} more preprints with their article"] if left > 0 else [])]


def _by_rule(links: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return sorted(Counter(one["rule"] for one in links if one["kind"] == "link").items())
