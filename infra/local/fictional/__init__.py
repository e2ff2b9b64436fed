"""Some 300 made-up records about social media in health services, with the answers a review team would give.

They are for the demonstration and for tests: plausible, never to be taken for real (PMIDs from 90000001, DOI prefix
10.5555, journals that do not exist, a mark in every record). The same seed gives the same bytes.

``baseline()`` is what PubMed has on the first day, ``week_later()`` what is new and changed seven days after;
``truth()`` says of every record whether it is eligible, why not, and how it is charted.
"""

from infra.local.fictional.collection import BASELINE, WEEK_LATER
from infra.local.fictional.paper import MARK, Charting, Truth
from infra.local.fictional.records import (
    FIRST_PMID,
    Week,
    as_set,
    baseline,
    duplicates,
    embase_export,
    records,
    scopus_export,
    truth,
    week_later,
    week_later_ris,
    write_baseline,
)

__all__ = [
    "BASELINE",
    "FIRST_PMID",
    "MARK",
    "WEEK_LATER",
    "Charting",
    "Truth",
    "Week",
    "as_set",
    "baseline",
    "duplicates",
    "embase_export",
    "records",
    "scopus_export",
    "truth",
    "week_later",
    "week_later_ris",
    "write_baseline",
]
