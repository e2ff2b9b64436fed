"""PRISMA 2020 flow counts of a living review, from facts of the ledger.

Promises: every record that was identified is counted in exactly one place; records and reports still undecided are
counted as pending, never as screened or left out; the identities of PRISMA 2020 hold with those pending counts and
are checked before any number leaves this module. Counts add up over search runs, so every variant of a living
review's flow diagram (10.12688/f1000research.51723.3) can be drawn from the same facts.

A record belongs to the search run that first delivered it. A report belongs to the run and the source of its first
record; its other records are duplicates. A study is new in the run of its first included report.
*Screened* and *assessed* mean decided: a report awaiting decisions, or whose reviewers disagree, is pending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from living_review.errors import LivingReviewError
from living_review.flow_counts import Counts, Flow, ReasonCount, SourceCount, Via, check_identities
from living_review.protocol import Stage
from living_review.screening import Retrieval, Verdict

NO_REASON = "no_reason"
"""Id under which an exclusion without a reason is counted, so that the reasons still add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One refresh: every source searched once. The lowest number is the base, all others are updates."""

    number: int
    searched_on: str = ""
    """ISO date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFact:
    """One record as the ledger knows it."""

    record_id: str
    source: str
    """Name to show, for example ``PubMed``."""
    run: int
    """The run that first delivered it."""
    via: Via = Via.DATABASE
    report_id: str | None = None
    """None until dedupe has placed it."""
    removed: str = ""
    """Why it was set aside before screening (for example a record that failed validation); empty: it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFact:
    """Where one report stands; a report without a fact awaits everything."""

    report_id: str
    title_abstract: Verdict = Verdict.AWAITING
    title_abstract_reason: str = ""
    full_text: Verdict = Verdict.AWAITING
    full_text_reason: str = ""
    retrieval: Retrieval = Retrieval.SOUGHT
    """``not_retrieved`` counts only until somebody decides on the full text, which shows that it was found."""
    study_id: str | None = None
    """None: a study of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the flow counts rest on."""

    runs: Sequence[Run]
    records: Sequence[RecordFact]
    reports: Sequence[ReportFact] = ()
    stages: tuple[Stage, ...] = (Stage.TITLE_ABSTRACT, Stage.FULL_TEXT)
    """Stages of the protocol; one that is left out lets everything pass."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Exclusion reason id -> text, in the protocol's order."""
    previous_studies: int = 0
    """Studies of an earlier review that this one updates and that are not in this ledger."""
    previous_reports: int = 0


VARIANTS = ("together", "each_apart", "earlier_and_latest", "base_and_updates", "latest")
"""Ways to draw a living review's flow: all runs in one; base and every update apart; all earlier together and the
latest apart; base apart and all updates together; the latest only (10.12688/f1000research.51723.3)."""


def count(facts: Facts, runs: Iterable[int] | None = None) -> Counts:
    """The flow counts of some search runs, or of all; their identities have been checked.

    Args:
        facts: What the ledger knows.
        runs: Numbers of runs; None: all of them.

    Raises:
        LivingReviewError: If the facts contradict each other, a run is unknown, or the counts do not add up.
    """
    ledger = _Tallies(facts)
    return ledger.counts(ledger.numbers if runs is None else runs)


def variants(facts: Facts) -> dict[str, tuple[Counts, ...]]:
    """Every variant of :data:`VARIANTS` by name, each as one or more flows in the order of the runs.

    Raises:
        LivingReviewError: If the facts contradict each other or counts do not add up.
    """
    ledger = _Tallies(facts)
    base, updates, latest = ledger.numbers[:1], ledger.numbers[1:], ledger.numbers[-1:]
    parts: dict[str, list[Sequence[int]]] = {
        "together": [ledger.numbers],
        "each_apart": [[number] for number in ledger.numbers],
        "earlier_and_latest": [ledger.numbers[:-1], latest],
        "base_and_updates": [base, updates],
        "latest": [latest],
    }
    return {name: tuple(ledger.counts(numbers) for numbers in chosen if numbers) for name, chosen in parts.items()}


class _Tallies:
    """One counter of outcomes and one set of included reports a run; flows of several runs are their sums."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._runs = {run.number: run for run in facts.runs}
        self.numbers = sorted(self._runs)
        if not facts.runs or len(self._runs) != len(facts.runs):
            raise _contradiction("search runs are missing or not numbered once each", "")
        self._outcomes: dict[int, Counter[_Outcome]] = {number: Counter() for number in self.numbers}
        self._included: dict[int, list[str]] = {number: [] for number in self.numbers}
        self._tally()

    def _tally(self) -> None:
        facts = {fact.report_id: fact for fact in self._facts.reports}
        if len(facts) != len(self._facts.reports):
            raise _contradiction("a report has two facts", "")
        seen: set[str] = set()
        met: set[str] = set()
        for record in sorted(self._facts.records, key=_first_come):
            if record.record_id in seen:
                raise _contradiction("a record is given twice", record.record_id)
            seen.add(record.record_id)
            if record.run not in self._runs:
                raise _contradiction(f"its search run {record.run} is unknown", record.record_id)
            outcomes = self._outcomes[record.run]
            other = record.via.other
            outcomes[other, "sources", record.via, record.source] += 1
            if record.removed:
                outcomes[other, "removed", record.removed] += 1
            elif record.report_id is None:
                outcomes[other, "awaiting_dedupe"] += 1
            elif record.report_id in met:
                outcomes[other, "duplicates"] += 1
            else:
                met.add(record.report_id)
                fact = facts.get(record.report_id) or ReportFact(report_id=record.report_id)
                for outcome in self._path(fact):
                    outcomes[(other, *outcome)] += 1
                    if outcome == ("included_reports",):
                        study = f"study {fact.study_id}" if fact.study_id else f"report {fact.report_id}"
                        self._included[record.run].append(study)
        without_record = sorted(facts.keys() - met)
        if without_record:
            raise _contradiction("a report has verdicts but no record", without_record[0])

    def _path(self, fact: ReportFact) -> list[tuple[str, ...]]:
        """Every box of the diagram that a report has passed, the last one being where it stands."""
        passed: list[tuple[str, ...]] = []
        if Stage.TITLE_ABSTRACT in self._facts.stages:
            match fact.title_abstract:
                case Verdict.AWAITING:
                    return [("awaiting_screening",)]
                case Verdict.CONFLICT:
                    return [("conflicts_screening",)]
                case Verdict.EXCLUDE:
                    return [("screened",), ("excluded_screening", fact.title_abstract_reason or NO_REASON)]
                case Verdict.INCLUDE:
                    pass
                case unknown:
                    raise _contradiction(f"title_abstract is {unknown!r}", fact.report_id)
        passed += [("screened",), ("sought",)]
        if Stage.FULL_TEXT in self._facts.stages:
            match fact.full_text:
                case Verdict.AWAITING if fact.retrieval in _WAITING:
                    return [*passed, (_WAITING[fact.retrieval],)]
                case Verdict.CONFLICT:
                    return [*passed, ("conflicts_full_text",)]
                case Verdict.EXCLUDE:
                    reason = fact.full_text_reason or NO_REASON
                    return [*passed, ("assessed",), ("excluded_full_text", reason)]
                case Verdict.INCLUDE:
                    pass
                case unknown:
                    states = f"full_text is {unknown!r}, retrieval {fact.retrieval!r}"
                    raise _contradiction(states, fact.report_id)
        return [*passed, ("assessed",), ("included_reports",)]

    def counts(self, chosen: Iterable[int]) -> Counts:
        """The flow of the chosen runs, checked."""
        numbers = sorted(set(chosen))
        unknown = [number for number in numbers if number not in self._runs]
        if unknown or not numbers:
            raise LivingReviewError(
                f"no such search run: {unknown or 'none given'}", "flow diagram", f"known runs: {self.numbers}"
            )
        outcomes: Counter[_Outcome] = Counter()
        for number in numbers:
            outcomes.update(self._outcomes[number])
        earlier = [study for number in self.numbers if number < numbers[0] for study in self._included[number]]
        new = [study for number in numbers for study in self._included[number]]
        known = set(earlier)
        previous_studies = self._facts.previous_studies + len(known)
        previous_reports = self._facts.previous_reports + len(earlier)
        new_studies = len(set(new) - known)
        counts = Counts(
            label=self._label(numbers),
            runs=tuple(numbers),
            stages=self._facts.stages,
            total=self._flow(outcomes, (False, True)),
            databases=self._flow(outcomes, (False,)),
            others=self._flow(outcomes, (True,)),
            previous_studies=previous_studies,
            previous_reports=previous_reports,
            new_studies=new_studies,
            new_reports=len(new),
            new_reports_of_previous_studies=sum(study in known for study in new),
            total_studies=previous_studies + new_studies,
            total_reports=previous_reports + len(new),
        )
        check_identities(counts)
        return counts

    def _flow(self, outcomes: Counter[_Outcome], sides: tuple[bool, ...]) -> Flow:
        plain: Counter[str] = Counter()
        by_reason: dict[str, Counter[str]] = {name: Counter() for name in _REASONED}
        sources: Counter[tuple[str, str]] = Counter()
        for (other, name, *detail), n in outcomes.items():
            if other not in sides:
                continue
            if name == "sources":
                sources[str(detail[0]), str(detail[1])] += n
                plain["identified"] += n
                continue
            plain[str(name)] += n
            if detail:
                by_reason[str(name)][str(detail[0])] += n
        return Flow(
            sources=tuple(
                SourceCount(source=source, via=Via(via), n=n)
                for (via, source), n in sorted(sources.items(), key=lambda item: (_ORDER[item[0][0]], item[0][1]))
            ),
            removed_reasons=self._reasons(by_reason["removed"]),
            excluded_screening_reasons=self._reasons(by_reason["excluded_screening"]),
            excluded_full_text_reasons=self._reasons(by_reason["excluded_full_text"]),
            **plain,
        )

    def _reasons(self, counted: Counter[str]) -> tuple[ReasonCount, ...]:
        texts = {**self._facts.reasons, NO_REASON: self._facts.reasons.get(NO_REASON, "No reason given")}
        place = {reason: position for position, reason in enumerate(self._facts.reasons)}
        in_order = sorted(counted, key=lambda reason: (place.get(reason, len(place)), reason))
        return tuple(
            ReasonCount(reason=reason, text=texts.get(reason, reason), n=counted[reason]) for reason in in_order
        )

    def _label(self, numbers: Sequence[int]) -> str:
        names = [_name(self.numbers.index(number)) for number in numbers]
        dates = [self._runs[number].searched_on for number in numbers if self._runs[number].searched_on]
        period = " to ".join(sorted({min(dates), max(dates)})) if dates else ""
        title = names[0] if len(names) == 1 else f"{names[0]} to {names[-1].lower()}"
        if len(names) > 1 and numbers != [n for n in self.numbers if numbers[0] <= n <= numbers[-1]]:
            title = ", ".join([names[0], *(name.lower() for name in names[1:])])
        return f"{title} ({period})" if period else title


_Outcome = tuple[bool | str, ...]

_WAITING = {
    Retrieval.SOUGHT: "awaiting_retrieval",
    Retrieval.RETRIEVED: "awaiting_full_text",
    Retrieval.NOT_RETRIEVED: "not_retrieved",
}
_REASONED = ("removed", "excluded_screening", "excluded_full_text")
_ORDER = {str(via): place for place, via in enumerate(Via)}


def _first_come(record: RecordFact) -> tuple[int, int, str, str]:
    # The first record of a report must not depend on the order in which the ledger lists records.
    return record.run, _ORDER[record.via], record.source, record.record_id


def _name(position: int) -> str:
    return "Base search" if position == 0 else f"Update {position}"


def _contradiction(what: str, where: str) -> LivingReviewError:
    return LivingReviewError(
        f"flow counts cannot be made: {what}", where, "please report this with the review's ledger"
    )
