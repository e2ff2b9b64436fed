"""The check of a whole publication before it is built: the summary's numbers, tables, facts and retraction statuses.

Readers never see an invalid summary: where this report does not pass, nothing is published and the version before
stays. Every number is recomputed from the studies listed behind it, not from how it was made.
"""

from __future__ import annotations

from expectations.run import validate
from expectations.summary import FACTS, NUMBERS, STATUSES, TABLES
from expectations.summary_frames import charted_studies, facts_frame, numbers_frame, statuses_frame, tables_frame
from living_review.protocol import Protocol
from living_review.publication_state import PublicationState
from living_review.synthesis import Synthesis
from living_review.validation import ValidationReport, combined


def check_publication(synthesis: Synthesis, state: PublicationState, protocol: Protocol) -> ValidationReport:
    """Check what would be published.

    Args:
        synthesis: Everything the summary counts.
        state: The publication it is to be part of.
        protocol: Says which options there are and which searches there must be.

    Returns:
        One report over all parts; keys say which number, table, fact or study. It passes only if every part does.
    """
    numbers, tables = numbers_frame(synthesis, charted_studies(state), protocol), tables_frame(synthesis)
    facts, statuses = facts_frame(synthesis, state, protocol), statuses_frame(state)
    return combined(
        "summary to be published",
        [
            validate(numbers, NUMBERS, "key", len(numbers)),
            validate(tables, TABLES, "key", len(tables)),
            validate(facts, FACTS, "fact", len(facts)),
            validate(statuses, STATUSES, "study_id", len(state.studies)),
        ],
    )
