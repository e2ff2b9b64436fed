"""Whether a report is retracted, under concern or corrected, as far as its records tell; unknown is never none.

PubMed marks a retraction in two places that may come one without the other: the publication type *Retracted
Publication* (D016441) and a RetractionIn link to the notice. Either is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from living_review.records import Record, Relation


class RetractionState(StrEnum):
    """From the gravest to the least known."""

    RETRACTED = "retracted"
    CONCERN = "expression_of_concern"
    CORRECTED = "corrected"
    NONE = "none"
    UNKNOWN = "unknown"


GRAVE = frozenset({RetractionState.RETRACTED, RetractionState.CONCERN})
"""States that are told wherever a study is named."""


@dataclass(frozen=True, kw_only=True)
class RetractionStatus:
    """The state of one report and what it rests on."""

    state: RetractionState
    notices: tuple[Relation, ...] = ()
    checked_on: str = ""
    """ISO date on which the source last said so; a state of none always has one."""


_LINKS = {
    RetractionState.RETRACTED: {"RetractionIn", "RetractedandRepublishedIn"},
    RetractionState.CONCERN: {"ExpressionOfConcernIn"},
    RetractionState.CORRECTED: {"ErratumIn", "CorrectedandRepublishedIn"},
}
_TYPES = {"retracted publication": RetractionState.RETRACTED}


def status_of(record: Record, checked_on: str) -> RetractionStatus:
    """The state of one record; only PubMed says ``none``, other sources do not tell.

    Args:
        record: The record as its source last gave it.
        checked_on: ISO date on which the source was last asked for it; empty where that is not known.
    """
    states: dict[RetractionState, tuple[Relation, ...]] = {
        _TYPES[kind.lower()]: () for kind in record.publication_types if kind.lower() in _TYPES
    }
    for state, kinds in _LINKS.items():
        notices = tuple(relation for relation in record.relations if relation.kind in kinds)
        if notices:
            states[state] = notices
    for state in RetractionState:
        if state in states:
            return RetractionStatus(state=state, notices=states[state], checked_on=checked_on)
    told = bool(record.pmid and record.status and checked_on)
    return RetractionStatus(state=RetractionState.NONE if told else RetractionState.UNKNOWN, checked_on=checked_on)


def status_of_report(statuses: Iterable[RetractionStatus]) -> RetractionStatus:
    """The gravest state among a report's records; none only if a source that tells said so."""
    order = {state: place for place, state in enumerate(RetractionState)}
    found = sorted(statuses, key=lambda one: (order[one.state], not one.notices, one.checked_on))
    return found[0] if found else RetractionStatus(state=RetractionState.UNKNOWN)
