"""The earlier versions of a review, from its ledger, for ``history.json``."""

from __future__ import annotations

import json
from typing import Any

from living_review.history import entry, settled
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.records import canonical_json
from living_review.store_layout import JSON_TYPE, MANIFEST, version_folder
from living_review.whats_new import whats_new

BEGUN = "publish begun"
"""Step under which the ledger notes what is about to be published, with what it will say of it."""
WITHDRAWN = "withdraw"
"""Step under which the ledger notes that a version was withdrawn: ``version``, ``by``, ``reason``."""
ROLLED_BACK = "rollback"
"""Step under which it notes that readers were taken from a version to an earlier one: the same, and ``to``."""
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

    A version's line was kept when it was published. For one that was published before lines were kept it is made of
    its summary and of that before it.
    """
    versions = Decisions(tx).publications()
    lines = {run["account"]["manifest_sha256"]: run["account"].get(_ENTRY) for run in Runs(tx).of(BEGUN)}
    entries = []
    for place, row in enumerate(versions):
        kept = lines.get(row["manifest_sha256"])
        if kept:
            entries.append(json.loads(Searches(tx).response(kept)))
            continue
        told = _summary(tx, row)
        before = _summary(tx, versions[place - 1]) if place else None
        entries.append(entry({**told, "whats_new": whats_new(before, told)}))
    manifests = {
        row["version"]: {"key": f"{version_folder(row['version'])}/{MANIFEST}", "sha256": row["manifest_sha256"]}
        for row in versions
    }
    return tuple(settled(entries, manifests, _of(tx, WITHDRAWN), _of(tx, ROLLED_BACK)))


def _summary(tx: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Searches(tx).response(row["summary_sha256"]))
    return told


def _of(tx: Transaction, step: str) -> dict[int, dict[str, Any]]:
    """Version -> what a person last did to it, without who; the name is the ledger's."""
    return {
        run["account"]["version"]: {
            "on": run["finished_at"].date().isoformat(),
            **{name: run["account"][name] for name in ("reason", "to") if name in run["account"]},
        }
        for run in Runs(tx).of(step)
    }
