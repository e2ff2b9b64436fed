"""``history.json``: every version of a review, what each changed, and where it lies for good.

Promises: oldest version first, the newest is the one this history is a file of; what a version changed is told as that
version told it, so that what is new since any earlier one follows from it (:func:`living_review.whats_new.since`); what
was withdrawn or rolled back stays in the list and says so, and no other version tells what it changed against one that
is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from living_review.retraction import GRAVE

SCHEMA = "history-1"


def history_json(told: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``history.json`` of a version.

    Args:
        told: Its ``summary.json``.
        earlier: The entries of the versions before it, oldest first, as :func:`settled` gives them.
    """
    return {
        "schema": SCHEMA,
        "review": told["review"]["id"],
        "retracted": [
            {"study_id": one["study_id"], "state": one["retraction"]["state"]}
            for one in told["studies"]
            if one["retraction"]["state"] in GRAVE
        ],
        "versions": [*earlier, entry(told)],
    }


def entry(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the history says of a version, from its ``summary.json``, while it is the newest."""
    return {
        **{name: told[name] for name in ("version", "published_at", "trigger", "display_title", "citation")},
        "status": told["living"]["status"],
        "counts": told["counts"],
        "whats_new": told["whats_new"],
        "manifest": None,
        "withdrawn": None,
        "rolled_back": None,
    }


def settled(
    entries: Iterable[Mapping[str, Any]],
    manifests: Mapping[int, Mapping[str, str]],
    withdrawn: Mapping[int, Mapping[str, str]],
    rolled_back: Mapping[int, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The entries of earlier versions with what came to be known of them after they were published.

    A version that was withdrawn tells no more what it changed.

    Args:
        entries: As :func:`entry` made them.
        manifests: Version -> ``key`` and ``sha256`` of its manifest.
        withdrawn: Version -> ``on`` (ISO date) and ``reason``.
        rolled_back: Version -> ``on``, ``reason`` and ``to``, the version that readers were shown again.
    """
    return [
        {
            **one,
            "whats_new": _untold(one["whats_new"]) if one["version"] in withdrawn else one["whats_new"],
            "manifest": manifests[one["version"]],
            "withdrawn": withdrawn.get(one["version"]),
            "rolled_back": rolled_back.get(one["version"]),
        }
        for one in entries
    ]


def _untold(whats_new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [] if isinstance(value, list) else value for name, value in whats_new.items()} | {
        "text": "Withdrawn."
    }
