"""Pairs of records that a person should look at: what the engine is not sure of, and what it linked without being certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from living_review.dedupe.cluster import ENGINE
from living_review.ledger.database import Transaction
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports, report_label
from living_review.review import Review


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two records that nobody has spoken on yet."""

    kind: str
    """``possible``: two reports that may be one; ``version``: two reports, preprint and article; ``likely``: one report, linked
    without certainty."""
    a: int
    b: int
    points: float
    why: str
    """Which fields agree and which do not, in one line."""
    at: int
    """The ledger's number of the statement; later ones are larger."""


def doubts(tx: Transaction) -> list[Doubt]:
    """Every pair that waits for a person, the likeliest first.

    A pair is settled once a person linked or parted it or any records of the two reports, or once other links made one
    report of it.
    """
    reports = Reports(tx)
    rows = reports.uncertain()
    ends = {row[end] for row in rows for end in ("record_a", "record_b")}
    placed = reports.of_some(ends)
    answers = [row for row in reports.links_of(_members(reports, placed)) if row["by"] != ENGINE]
    of_answers = reports.of_some({row[end] for row in answers for end in ("record_a", "record_b")})
    settled = {(row["record_a"], row["record_b"]) for row in answers}
    parted = {
        frozenset((of_answers[row["record_a"]], of_answers[row["record_b"]]))
        for row in answers
        if row["kind"] == "unlink" and row["record_a"] in of_answers and row["record_b"] in of_answers
    }
    found: dict[object, Doubt] = {}
    for row in rows:
        pair = (row["record_a"], row["record_b"])
        ends_in = frozenset(placed.get(one, one) for one in pair)
        if pair in settled or ends_in in parted or (len(ends_in) == 1) != (row["kind"] == "link"):
            continue
        evidence = row["evidence"]
        kind = "likely" if row["kind"] == "link" else row["kind"]
        doubt = Doubt(kind, *pair, evidence.get("points", 0.0), evidence.get("said", row["rule"]), row["id"])
        # Of two reports is asked once, however many records they have; each likely link is a question of its own.
        key = pair if kind == "likely" else ends_in
        if key not in found or (found[key].points, -found[key].a, -found[key].b) < (doubt.points, -doubt.a, -doubt.b):
            found[key] = doubt
    return sorted(found.values(), key=lambda one: (-one.points, one.a, one.b))


def _members(reports: Reports, placed: Mapping[int, int]) -> set[int]:
    """All records of the reports that are asked about: an answer may have been given on any of them."""
    return {*placed, *reports.members(set(placed.values()))}


def to_look_at(review: Review) -> list[dict[str, Any]]:
    """The same with what the records say, as plain JSON values.

    Each has ``kind``, ``points``, ``why``, and under ``records`` the two: ``record`` (id), ``report``, ``source``, ``source_id``,
    ``title``, ``authors`` (the first three), ``year``, ``journal``, ``doi``.
    """
    with review.read() as tx:
        found = doubts(tx)
        ends = {end for one in found for end in (one.a, one.b)}
        records, placed = Records(tx).latest(ends), Reports(tx).of_some(ends)

    def told(record_id: int) -> dict[str, Any]:
        record = records[record_id]
        return {
            "record": record_id,
            "report": report_label(placed[record_id]),
            "source": record.source,
            "source_id": record.source_id,
            "title": record.title or record.vernacular_title,
            "authors": "; ".join(author.short for author in record.authors[:3]),
            "year": record.year,
            "journal": record.journal,
            "doi": record.doi,
        }

    return [
        {"kind": one.kind, "points": one.points, "why": one.why, "records": [told(one.a), told(one.b)]} for one in found
    ]
