"""What a publication is made from: everything one version says, gathered by a step, as frozen values.

Promise: a state that :func:`check` lets pass is whole. Its parts agree with each other, so that no reader sees a
flow diagram with one number of studies and a table with another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from living_review.errors import LivingReviewError
from living_review.flow_counts import Counts
from living_review.protocol import Protocol
from living_review.records import Record
from living_review.retraction import RetractionState, RetractionStatus
from living_review.validation import ValidationReport


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """One report of an included study."""

    report_id: str
    record: Record
    """The record it is cited by."""
    retraction: RetractionStatus
    sources: tuple[tuple[str, str], ...] = ()
    """(source, source id) of every record of this report."""


@dataclass(frozen=True, kw_only=True)
class StudyView:
    """One included study."""

    study_id: str
    reports: tuple[ReportView, ...]
    values: Mapping[str, Any] | None = None
    """Charted values by field; None while charting is pending."""
    charted_by: str = ""
    checked_by: str = ""
    form_version: str = ""
    included_on: str = ""
    """ISO date."""

    @property
    def retraction(self) -> RetractionState:
        """The gravest state among its reports; none only if that is known of each of them."""
        states = {report.retraction.state for report in self.reports}
        return next(state for state in _GRAVEST_FIRST if state in states)


_GRAVEST_FIRST = (
    RetractionState.RETRACTED,
    RetractionState.CONCERN,
    RetractionState.CORRECTED,
    RetractionState.UNKNOWN,
    RetractionState.NONE,
)


@dataclass(frozen=True, kw_only=True)
class SearchLogEntry:
    """One run of one source's strategy, with the items PRISMA-S asks for."""

    number: int
    """Of the run among all runs of the review, as commands name it."""
    source: str
    platform: str
    searched_at: datetime
    query: str
    """As sent."""
    translation: str = ""
    """How the source says it understood the query."""
    promised: int
    delivered: int
    new: int
    """Records that this review had never seen."""
    duplicates: int | None = None
    """New records that were linked to earlier ones; None where dedupe has not seen them yet."""
    state: str = "complete"
    """``complete``, ``complete_with_warnings`` or ``failed``."""
    warnings: tuple[str, ...] = ()
    requests: int = 0
    """Answers of the source that the result was made from."""
    tool: str = ""
    """Which version of which program searched."""
    accepted: Mapping[str, str] | None = None
    """Who accepted the warnings (``by``), when (``at``) and why (``note``), where somebody did."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """What was found and is not part of the summary yet."""

    awaiting: Mapping[str, int] = field(default_factory=dict)
    """Stage -> reports."""
    conflicts: Mapping[str, int] = field(default_factory=dict)
    """Stage -> reports."""
    to_chart: tuple[str, ...] = ()
    """Included studies without an accepted row."""
    returned_rows: int = 0
    """Charted rows that broke a rule and went back to their charters."""
    held_records: int = 0
    """Incoming records that broke a rule and wait for a person."""

    @property
    def undecided(self) -> int:
        """Reports that await a verdict or whose reviewers disagree."""
        return sum(self.awaiting.values()) + sum(self.conflicts.values())


@dataclass(frozen=True, kw_only=True)
class PublicationState:
    """Everything one version says."""

    protocol: Protocol
    version: int
    published_at: datetime
    """With a time zone."""
    trigger: str
    """What brought this version about, in a sentence."""
    studies: tuple[StudyView, ...]
    """Every included study, also retracted and uncharted ones."""
    synthesis: Mapping[str, Any]
    """What :meth:`living_review.synthesis.Synthesis.to_dict` gives."""
    flows: Mapping[str, tuple[Counts, ...]]
    """What :func:`living_review.flow_diagram.variants` gives."""
    searches: tuple[SearchLogEntry, ...] = ()
    pending: Pending = Pending()
    validation: tuple[ValidationReport, ...] = ()
    previous: Mapping[str, Any] | None = None
    """``summary.json`` of the version before; None for the first."""
    next_searches: Mapping[str, datetime] = field(default_factory=dict)
    """Source -> the next planned search, with a time zone."""
    history: tuple[Mapping[str, Any], ...] = ()
    """The earlier versions, oldest first, as :func:`living_review.history.settled` gives them."""


def check(state: PublicationState) -> None:
    """Refuse a state whose parts contradict each other.

    Raises:
        LivingReviewError: Naming both sides of the first contradiction.
    """
    where = f"version {state.version} of {state.protocol.id}"
    ids = [study.study_id for study in state.studies]
    if len(set(ids)) != len(ids):
        raise _contradiction("a study is given twice", where)
    bare = [study.study_id for study in state.studies if not study.reports]
    if bare:
        raise _contradiction(f"study {bare[0]} has no report", where)
    if not state.flows.get("together"):
        raise _contradiction("there are no flow counts", where)
    for moment in (
        state.published_at,
        *state.next_searches.values(),
        *(entry.searched_at for entry in state.searches),
    ):
        if moment.tzinfo is None:
            raise _contradiction(f"the time {moment.isoformat()} has no time zone", where)
    flow = state.flows["together"][0]
    reports = sum(len(study.reports) for study in state.studies)
    if (flow.new_studies, flow.new_reports) != (len(ids), reports):
        raise _contradiction(
            f"the flow has {flow.new_studies} studies in {flow.new_reports} reports, "
            f"the list of studies {len(ids)} in {reports}",
            where,
        )
    charted = {study.study_id for study in state.studies if study.values is not None}
    counted, left_out = set(state.synthesis["studies"]), set(state.synthesis["left_out"])
    if counted & left_out or counted | left_out != charted:
        odd = sorted((counted | left_out) ^ charted) or sorted(counted & left_out)
        raise _contradiction(f"the tables and the list of charted studies differ in {', '.join(odd[:5])}", where)
    if set(state.pending.to_chart) != set(ids) - charted:
        raise _contradiction("the studies to chart are not those without values", where)
    retracted = {study.study_id for study in state.studies if study.retraction is RetractionState.RETRACTED}
    if counted & retracted and not state.protocol.publish.include_retracted:
        raise _contradiction(f"retracted studies are counted: {', '.join(sorted(counted & retracted))}", where)
    before = state.previous.get("version") if state.previous else None
    if before is not None and before >= state.version:
        raise _contradiction(f"the version before is number {before}", where)
    numbers = [one["version"] for one in state.history if not one["withdrawn"]]
    if before is not None and numbers[-1:] != [before]:
        raise _contradiction(f"the history ends before version {before}", where)


def moment_text(moment: datetime) -> str:
    """``moment`` as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _contradiction(what: str, where: str) -> LivingReviewError:
    return LivingReviewError(f"nothing is published: {what}", where, "please report this with the review's ledger")
