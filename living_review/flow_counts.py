"""The numbers of a PRISMA 2020 flow diagram, and the identities they must meet.

Promise: :func:`check_identities` accepts counts only if every record and report is in exactly one place, with what
is undecided stated as pending. A living review always has undecided reports, so PRISMA's identities are checked
with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from living_review.errors import LivingReviewError
from living_review.protocol import Stage


class Via(StrEnum):
    """How records were found, as the PRISMA 2020 template tells them apart; an export file is a database."""

    DATABASE = "database"
    REGISTER = "register"
    WEBSITE = "website"
    ORGANISATION = "organisation"
    CITATION = "citation"

    @property
    def other(self) -> bool:
        """Whether PRISMA 2020 draws it under "other methods"."""
        return self not in {Via.DATABASE, Via.REGISTER}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """Records of one source."""

    source: str
    via: Via
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """Records or reports that left for one reason."""

    reason: str
    text: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What became of the records of some sources. Up to ``screened`` records count, from ``sought`` on reports."""

    identified: int = 0
    sources: tuple[SourceCount, ...] = ()
    duplicates: int = 0
    removed: int = 0
    removed_reasons: tuple[ReasonCount, ...] = ()
    awaiting_dedupe: int = 0
    awaiting_screening: int = 0
    conflicts_screening: int = 0
    screened: int = 0
    excluded_screening: int = 0
    excluded_screening_reasons: tuple[ReasonCount, ...] = ()
    sought: int = 0
    not_retrieved: int = 0
    awaiting_retrieval: int = 0
    awaiting_full_text: int = 0
    """Retrieved, not decided on."""
    conflicts_full_text: int = 0
    assessed: int = 0
    excluded_full_text: int = 0
    excluded_full_text_reasons: tuple[ReasonCount, ...] = ()
    included_reports: int = 0

    @property
    def pending_screening(self) -> int:
        """Records identified that nobody can call screened yet."""
        return self.awaiting_dedupe + self.awaiting_screening + self.conflicts_screening

    @property
    def pending_full_text(self) -> int:
        """Reports sought whose fate is open."""
        return self.awaiting_retrieval + self.awaiting_full_text + self.conflicts_full_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One flow diagram's numbers, for some search runs."""

    label: str
    runs: tuple[int, ...]
    stages: tuple[Stage, ...]
    total: Flow
    """All sources together."""
    databases: Flow
    """Databases and registers."""
    others: Flow
    """Websites, organisations and citation searching."""
    previous_studies: int
    """Included before the first of these runs."""
    previous_reports: int
    new_studies: int
    new_reports: int
    """Included reports of these runs, those of studies known before among them."""
    new_reports_of_previous_studies: int
    """The part of ``new_reports`` whose study was included before the first of these runs."""
    total_studies: int
    total_reports: int


def check_identities(counts: Counts) -> None:
    """Check that the numbers of one flow add up (PRISMA 2020, with what is pending stated).

    identified = duplicates + removed + pending + screened; screened = excluded + sought;
    sought = not retrieved + pending + assessed; assessed = excluded (by reason) + included;
    databases and registers + other methods = all sources; previous + new = total.

    Raises:
        LivingReviewError: Naming both sides of the first identity that fails.
    """
    for name, flow in (
        ("all sources", counts.total),
        ("databases and registers", counts.databases),
        ("other methods", counts.others),
    ):
        _check_flow(flow, f"{counts.label}, {name}")
    for item in fields(Flow):
        if isinstance(item.default, int):
            both = [
                ("databases and registers", getattr(counts.databases, item.name)),
                ("other methods", getattr(counts.others, item.name)),
            ]
            _equal(item.name.replace("_", " "), getattr(counts.total, item.name), both, counts.label)
    _equal("new reports", counts.new_reports, [("included", counts.total.included_reports)], counts.label)
    previous, new = ("previous", counts.previous_studies), ("new", counts.new_studies)
    _equal("total studies", counts.total_studies, [previous, new], counts.label)
    previous, new = ("previous", counts.previous_reports), ("new", counts.new_reports)
    _equal("total reports", counts.total_reports, [previous, new], counts.label)
    of_new = counts.new_reports - counts.new_reports_of_previous_studies
    if counts.new_studies > of_new or (counts.new_studies == 0 and of_new > 0):
        raise _broken(f"new studies {counts.new_studies} cannot have {of_new} reports", counts.label)


def _check_flow(flow: Flow, where: str) -> None:
    _equal("identified", flow.identified, [(source.source, source.n) for source in flow.sources], where)
    removed_before = [("duplicates", flow.duplicates), ("removed", flow.removed)]
    open_records = [
        ("awaiting dedupe", flow.awaiting_dedupe),
        ("awaiting screening", flow.awaiting_screening),
        ("conflicts", flow.conflicts_screening),
    ]
    screened = ("screened", flow.screened)
    _equal("identified", flow.identified, [*removed_before, *open_records, screened], where)
    _equal("removed", flow.removed, _by_reason(flow.removed_reasons), where)
    excluded, sought = ("excluded", flow.excluded_screening), ("sought", flow.sought)
    _equal("screened", flow.screened, [excluded, sought], where)
    _equal("excluded", flow.excluded_screening, _by_reason(flow.excluded_screening_reasons), where)
    open_reports = [
        ("awaiting retrieval", flow.awaiting_retrieval),
        ("awaiting full text", flow.awaiting_full_text),
        ("conflicts", flow.conflicts_full_text),
    ]
    not_retrieved, assessed = ("not retrieved", flow.not_retrieved), ("assessed", flow.assessed)
    _equal("sought", flow.sought, [not_retrieved, *open_reports, assessed], where)
    excluded, included = ("excluded", flow.excluded_full_text), ("included", flow.included_reports)
    _equal("assessed", flow.assessed, [excluded, included], where)
    by_reason = _by_reason(flow.excluded_full_text_reasons)
    _equal("excluded at full text", flow.excluded_full_text, by_reason, where)


def _by_reason(reasons: Iterable[ReasonCount]) -> list[tuple[str, int]]:
    return [(reason.text, reason.n) for reason in reasons]


def _equal(name: str, total: int, parts: Sequence[tuple[str, int]], where: str) -> None:
    negative = [f"{part} {n}" for part, n in parts if n < 0]
    if negative or total != sum(n for _, n in parts):
        right = " + ".join(f"{part} {n}" for part, n in parts) or "0"
        raise _broken(f"{name} {total} is not {right}", where)


def _broken(what: str, where: str) -> LivingReviewError:
    return LivingReviewError(
        f"flow counts do not add up: {what}", where, "nothing is shown; please report this with the review's ledger"
    )
