"""Account: what became of everything a step was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from living_review.errors import LivingReviewError


@dataclass(frozen=True, kw_only=True)
class Account:
    """What one step was given and what became of it; it does not exist unless the parts add up.

    Raises:
        LivingReviewError: If what was received is not the sum of the parts.
    """

    step: str
    received: int
    """Records, reports, rows or items given to the step."""
    of: str = "records"
    """What was counted."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """What became of them; adds up to ``received``."""
    remarks: tuple[str, ...] = ()
    """What a person should read, a line each."""
    details: Mapping[str, Any] = field(default_factory=dict)
    changed: bool = False
    """Whether the ledger, the store or a mailbox holds something it did not hold before."""

    def __post_init__(self) -> None:
        total = sum(self.parts.values())
        if total != self.received:
            raise LivingReviewError(
                f"the step {self.step} received {self.received} {self.of} and accounts for {total}",
                ", ".join(f"{name} {number}" for name, number in self.parts.items()),
                "nothing was written; please report this",
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "step": self.step,
            "received": self.received,
            "of": self.of,
            "parts": dict(self.parts),
            "remarks": list(self.remarks),
            "details": dict(self.details),
            "changed": self.changed,
        }

    @property
    def line(self) -> str:
        """One readable line."""
        parts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in self.parts.items())
        return f"{self.step}: {self.received:,} {self.of}" + (f" = {parts}" if parts else "")
