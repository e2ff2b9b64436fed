"""``overview.json``: what the first page of a review shows, and what every page needs of the summary.

Promise: it says nothing that ``summary.json`` does not, and its size follows the protocol, not the number of studies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMA = "overview-1"
NAMED = 10
"""New studies that are named on the first page; the history names all."""
_TAKEN = (
    "review",
    "translations",
    "display_title",
    "citation",
    "version",
    "published_at",
    "living",
    "authors",
    "searches",
    "counts",
    "retracted",
    "not_yet_incorporated",
    "charts",
    "disclaimer",
)
_CHANGES = ("new_studies", "changed_studies", "removed_studies", "numbers", "methods", "authors", "status")


def overview(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The overview of a version.

    Args:
        summary: ``summary.json`` of the version, with ``charts`` and ``whats_new``.

    Returns:
        Parts of the summary as they are; ``fields`` of the form; ``typology`` and ``tables`` with counts instead of
        lists of studies; ``crosstabs`` as lists of fields; ``whats_new`` with the number of changes of each kind in
        ``counts`` and the first :data:`NAMED` new studies.
    """
    told = summary["whats_new"]
    return {
        "schema": SCHEMA,
        **{name: summary[name] for name in _TAKEN},
        "fields": [
            {name: field[name] for name in ("name", "title", "type", "options", "unit")}
            for field in summary["methods"]["fields"]
        ],
        "typology": _typology(summary["typology"]),
        "tables": [_table(table) for table in summary["tables"]],
        "crosstabs": [table["fields"] for table in summary["crosstabs"]],
        "whats_new": {
            "kind": told["kind"],
            "since_version": told["since_version"],
            "counts": {name: len(told[name]) for name in _CHANGES},
            "new_studies": told["new_studies"][:NAMED],
        },
    }


def _typology(typology: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if typology is None:
        return None
    return {
        **{name: typology[name] for name in ("field", "title", "many", "asked")},
        "models": [
            {name: model[name] for name in ("id", "name", "title", "definition", "count", "share")}
            for model in typology["models"]
        ],
        "without_model": len(typology["without_model"]),
    }


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: table[name] for name in ("field", "title", "type", "unit", "many", "asked", "numbers")},
        "rows": [_row(row) for row in table["rows"]],
        "missing": _row(table["missing"]),
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("value", "title", "count", "share")}
