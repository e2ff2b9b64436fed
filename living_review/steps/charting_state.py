"""Which studies are charted, which rows were returned, and which still wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from living_review.charting import ChartedRow
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.protocol import Protocol
from living_review.steps.screening_state import ScreeningState


@dataclass(frozen=True)
class ChartingState:
    """The charting of the included studies at one moment, by study label."""

    accepted: dict[str, dict[str, Any]]
    """Study -> the row that counts: the last accepted one under the present form."""
    returned: dict[str, dict[str, Any]]
    """Study -> the row of the present form that was returned after that, with its reasons."""
    uncharted: tuple[str, ...]
    """Studies without an accepted row."""
    outdated: dict[str, str]
    """Of those, each that was charted under another form -> that form's version."""


def charted_row(study: str, row: dict[str, Any]) -> ChartedRow:
    """A row of the ledger as charting knows it."""
    names = ("values", "quotes", "charted_by", "checked_by", "form_version")
    return ChartedRow.from_dict({"study_id": study, **{name: row[name] for name in names}})


def charting_state(tx: Transaction, protocol: Protocol, state: ScreeningState) -> ChartingState:
    """The charting of the transaction's review."""
    names = {one: label for label, one in state.study_ids.items()}
    accepted: dict[str, dict[str, Any]] = {}
    returned: dict[str, dict[str, Any]] = {}
    earlier: dict[str, str] = {}
    for row in Decisions(tx).charted():
        study = names[row["study_id"]]
        if study not in state.included_studies:
            continue
        if row["form_version"] != protocol.charting.form_version:
            if row["state"] == "accepted":
                earlier[study] = row["form_version"]
        elif row["state"] == "accepted":
            accepted[study] = row
            returned.pop(study, None)
        else:
            returned[study] = row
            if row["state"] == "withdrawn":
                accepted.pop(study, None)
    return ChartingState(
        accepted=dict(sorted(accepted.items())),
        returned=dict(sorted(returned.items())),
        uncharted=tuple(study for study in state.included_studies if study not in accepted),
        outdated={study: version for study, version in sorted(earlier.items()) if study not in accepted},
    )
