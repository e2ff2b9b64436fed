"""The check of a whole publication before it is built: the summary's numbers, facts and retraction states."""

from __future__ import annotations

import pandas as pd

from expectations.summary import SummaryFacts, validate_summary
from living_review.protocol import Protocol, PubMedSearch
from living_review.publication_state import PublicationState
from living_review.retraction import status_of_report
from living_review.steps.prisma import SOURCE_TITLES
from living_review.synthesis import Synthesis
from living_review.validation import ValidationReport


def check_publication(synthesis: Synthesis, state: PublicationState, protocol: Protocol) -> ValidationReport:
    """Check what would be published; the flow counts of ``state`` exist only if their identities hold."""
    complete = {entry.source: entry.searched_at.date() for entry in state.searches if entry.state != "failed"}
    names = [SOURCE_TITLES.get(one.name, one.name) for one in protocol.searches if isinstance(one, PubMedSearch)]
    facts = SummaryFacts(
        version=state.version,
        published_on=state.published_at.date(),
        search_dates=tuple((name, complete.get(name)) for name in names),
        prisma_identities_hold=bool(state.flows["together"]),
        charted_studies=tuple(study.study_id for study in state.studies if study.values is not None),
    )
    rows = []
    for study in state.studies:
        known = status_of_report(report.retraction for report in study.reports)
        rows.append(
            {
                "study_id": study.study_id,
                "known": str(known.state),
                "shown": str(study.retraction),
                "checked_on": known.checked_on or None,
            }
        )
    statuses = pd.DataFrame(rows, columns=["study_id", "known", "shown", "checked_on"])
    return validate_summary(synthesis, facts, statuses, protocol)
