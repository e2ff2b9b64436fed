"""Studies by year of publication and searches by date: the two time lines of ``summary.json``.

Promises: every included study is in one year or in none, retracted ones too; every run of a search is there, failed
ones too; the years between the first and the last are there also where they have no study.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from living_review.publication_state import PublicationState
from living_review.retraction import RetractionState

LONGEST_YEARS = 300
"""Years without studies are filled in up to this span; beyond it one of the years is a slip."""


def timelines(state: PublicationState) -> dict[str, list[dict[str, Any]]]:
    """The time lines as plain JSON values.

    Returns:
        ``studies``: by year, those without one last, with the ids of all, of the retracted and of those that are new
        in this version; ``searches``: a row for each run that ended, earliest first.
    """
    return {"studies": _studies(state), "searches": _searches(state)}


def retracted_studies(state: PublicationState) -> frozenset[str]:
    """Ids of included studies that are retracted."""
    return frozenset(one.study_id for one in state.studies if one.retraction is RetractionState.RETRACTED)


def new_studies(state: PublicationState) -> frozenset[str]:
    """Ids of studies that the version before did not have; all of them in a first version."""
    known = {one["study_id"] for one in (state.previous or {}).get("studies", [])}
    return frozenset(one.study_id for one in state.studies if one.study_id not in known)


def _studies(state: PublicationState) -> list[dict[str, Any]]:
    by_year: dict[int | None, list[str]] = {}
    for study in state.studies:
        by_year.setdefault(study.reports[0].record.year, []).append(study.study_id)
    years = sorted(year for year in by_year if year is not None)
    if years and years[-1] - years[0] <= LONGEST_YEARS:
        years = list(range(years[0], years[-1] + 1))
    retracted, new = retracted_studies(state), new_studies(state)
    return [
        {
            "year": year,
            "studies": ids,
            "retracted": [one for one in ids if one in retracted],
            "new": [one for one in ids if one in new],
        }
        for year in [*years, *([None] if None in by_year else [])]
        for ids in [sorted(by_year.get(year, ()))]
    ]


def _searches(state: PublicationState) -> list[dict[str, Any]]:
    return [
        {
            "source": run.source,
            "on": run.searched_at.astimezone(UTC).date().isoformat(),
            "state": run.state,
            "delivered": run.delivered,
            "new": run.new,
        }
        for run in sorted(state.searches, key=lambda one: (one.searched_at, one.number))
    ]
