"""The earlier versions of a review, from its ledger, for ``history.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from living_review.history import entry, settled
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.records import canonical_json
from living_review.steps.published import BEGUN, ROLLED_BACK, WITHDRAWN, done_to
from living_review.store_layout import JSON_TYPE, MANIFEST, version_folder
from living_review.whats_new import whats_new

_ENTRY = "entry_sha256"


def note_begun(tx: Transaction, summary_body: bytes, noted: dict[str, Any]) -> dict[str, Any]:
    """Keep a version's ``summary.json`` and its line of the history; gives ``noted`` with where the line is kept."""
    responses = Searches(tx)
    responses.keep_response(summary_body, JSON_TYPE)
    line = canonical_json(entry(json.loads(summary_body)))
    return {**noted, _ENTRY: responses.keep_response(line, JSON_TYPE)}


def noted_versions(tx: Transaction) -> dict[str, dict[str, Any]]:
    """SHA-256 of the manifest -> what the ledger is to say of that version, for all that were ever begun."""
    return {
        run["account"]["manifest_sha256"]: {name: value for name, value in run["account"].items() if name != _ENTRY}
        for run in Runs(tx).of(BEGUN)
    }


def earlier_versions(tx: Transaction) -> tuple[dict[str, Any], ...]:
    """The line of every published version, oldest first.

    A version's line was kept when it was published. It is made anew, of the summary and of that of the version before, for
    one that was published before lines were kept, and for one that told what it changed against a version that is
    withdrawn now.
    """
    versions = Decisions(tx).publications()
    lines = {run["account"]["manifest_sha256"]: run["account"].get(_ENTRY) for run in Runs(tx).of(BEGUN)}
    gone = done_to(tx, WITHDRAWN)
    entries = []
    before: dict[str, Any] | None = None
    for row in versions:
        kept = lines.get(row["manifest_sha256"])
        line = json.loads(Searches(tx).response(kept)) if kept else None
        if line is None or line["whats_new"]["since_version"] in gone:
            told = _summary(tx, row)
            line = entry({**told, "whats_new": whats_new(_summary(tx, before) if before else None, told)})
        entries.append(line)
        if row["version"] not in gone:
            before = row
    manifests = {
        row["version"]: {"key": f"{version_folder(row['version'])}/{MANIFEST}", "sha256": row["manifest_sha256"]}
        for row in versions
    }
    return tuple(settled(entries, manifests, _told(gone), _told(done_to(tx, ROLLED_BACK))))


def _summary(tx: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Searches(tx).response(row["summary_sha256"]))
    return told


def _told(noted: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """What readers are told of what a person did to a version: not who, the name is the ledger's."""
    return {
        version: {name: one[name] for name in ("on", "reason", "to") if name in one} for version, one in noted.items()
    }
