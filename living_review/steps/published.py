"""What this ledger knows of the versions that were published: which readers see, which had to go, which were looked at."""

from __future__ import annotations

from typing import Any

from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.store_layout import MANIFEST, File, version_folder
from living_review.store_reuse import Kept, reusable

BEGUN = "publish begun"
"""Step under which the ledger notes what is about to be published, with what it will say of it."""
ROLLBACK_BEGUN = "rollback begun"
"""Step under which the ledger notes to what readers are about to be pointed back, with the notice they will see."""
ROLLED_BACK = "rollback"
"""Step under which the ledger notes that readers were pointed back: from ``version`` ``to`` another, ``by``, ``reason``."""
WITHDRAWN = "withdraw"
"""Step under which the ledger notes that a ``version`` had to go, ``by`` whom, for which ``reason``."""
PREVIEWED = "preview"
"""Step under which the ledger notes what somebody could look at before it was published."""


def done_to(tx: Transaction, step: str) -> dict[int, dict[str, Any]]:
    """Version -> what was noted when a person last did something to it, with ``on``, the day, and ``at``, the moment.

    Args:
        tx: The ledger.
        step: :data:`WITHDRAWN` or :data:`ROLLED_BACK`.
    """
    return {
        run["account"]["version"]: {
            "on": run["finished_at"].date().isoformat(),
            "at": run["finished_at"],
            **run["account"],
        }
        for run in Runs(tx).of(step)
    }


def withdrawn(tx: Transaction) -> dict[int, dict[str, Any]]:
    """What was noted of the versions that were withdrawn."""
    return done_to(tx, WITHDRAWN)


def shown(tx: Transaction) -> int | None:
    """The version that readers see, as far as this ledger knows; None before the first."""
    versions = Decisions(tx).publications()
    if not versions:
        return None
    number: int = versions[-1]["version"]
    for run in Runs(tx).of(ROLLED_BACK):
        # A number is published once, so what points back from it came after it.
        if run["account"]["version"] == number:
            number = run["account"]["to"]
    return number


def standing(tx: Transaction) -> list[dict[str, Any]]:
    """Every version that was not withdrawn, earliest first."""
    gone = withdrawn(tx)
    return [row for row in Decisions(tx).publications() if row["version"] not in gone]


def manifest_of(tx: Transaction, row: dict[str, Any]) -> bytes | None:
    """The manifest of a version; None of one that was published before ledgers kept them."""
    try:
        return Searches(tx).response(row["manifest_sha256"])
    except KeyError:
        return None


def kept_by(tx: Transaction, files: dict[str, File]) -> Kept:
    """Which of ``files`` the latest version that still stands has as well."""
    versions = standing(tx)
    manifest = manifest_of(tx, versions[-1]) if versions else None
    if manifest is None:
        return Kept()
    return Kept(
        reusable(manifest, files, withdrawn(tx)),
        f"{version_folder(versions[-1]['version'])}/{MANIFEST}",
        versions[-1]["manifest_sha256"],
    )
