"""PRISMA counts of a review, from its ledger."""

from __future__ import annotations

from typing import Any

from living_review.flow_counts import Counts
from living_review.flow_diagram import Facts, RecordFact, ReportFact, Run, count, variants
from living_review.ledger.database import Transaction
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports, report_label
from living_review.ledger.searches import Searches
from living_review.protocol import Protocol, Stage
from living_review.review import Review
from living_review.screening import Retrieval, Verdict
from living_review.steps.screening_state import ScreeningState, screening_state

SOURCE_TITLES = {"pubmed": "PubMed"}
"""Sources whose short name is not what readers know them by."""


def prisma(review: Review) -> tuple[Counts, dict[str, tuple[Counts, ...]]]:
    """The counts of everything, and of every way to draw a living review's flow.

    Raises:
        LivingReviewError: If the identities of PRISMA 2020 do not hold; nothing may then be shown.
    """
    with review.read() as tx:
        facts = flow_facts(tx, review.protocol, screening_state(tx, review.protocol))
    return count(facts), variants(facts)


def flow_facts(tx: Transaction, protocol: Protocol, state: ScreeningState) -> Facts:
    """What the flow counts rest on."""
    runs, number_of = update_rounds(Searches(tx).runs())
    placed = Reports(tx).of_records()
    records = [
        RecordFact(
            record_id=str(row["id"]),
            source=SOURCE_TITLES.get(row["source"], row["source"]),
            run=number_of[row["search_id"]],
            report_id=report_label(placed[row["id"]]) if row["id"] in placed and row["id"] not in state.held else None,
            removed="failed the check of incoming records" if row["id"] in state.held else "",
        )
        for row in Records(tx).origins()
    ]
    reports = []
    for report in state.reports:
        first = state.verdicts.get((report, Stage.TITLE_ABSTRACT))
        second = state.verdicts.get((report, Stage.FULL_TEXT))
        reports.append(
            ReportFact(
                report_id=report,
                title_abstract=first.verdict if first else Verdict.AWAITING,
                title_abstract_reason=first.reason if first else "",
                full_text=second.verdict if second else Verdict.AWAITING,
                full_text_reason=second.reason if second else "",
                retrieval=state.retrieval.get(report, Retrieval.SOUGHT),
                study_id=state.studies.get(report),
            )
        )
    return Facts(
        runs=runs or [Run(number=1)],
        records=records,
        reports=reports,
        stages=protocol.screening.stages,
        reasons={reason.id: reason.text for reason in protocol.eligibility.exclude},
    )


def update_rounds(searches: list[dict[str, Any]]) -> tuple[list[Run], dict[int, int]]:
    """The rounds of a living review, and search id -> round.

    A round is every source searched once: it begins when a strategy runs again. In a review without strategies it
    begins with the first file of another day. Failed searches brought nothing and begin nothing, and where a round
    still owes the result of one, its other strategies that are run again the same day belong to it as well.
    """
    runs: list[Run] = []
    number_of: dict[int, int] = {}
    done: set[str] = set()
    owed: set[str] = set()
    has_strategies = any(row["kind"] == "pubmed" for row in searches)
    for row in searches:
        is_strategy = row["kind"] == "pubmed"
        if row["state"] == "failed":
            if is_strategy and row["source"] not in done:
                owed.add(row["source"])
            continue
        day = row["finished_at"].date().isoformat()
        another_day = bool(runs) and day != runs[-1].searched_on
        again = is_strategy and row["source"] in done and (another_day or not owed)
        if not runs or again or (another_day and not has_strategies):
            runs.append(Run(number=len(runs) + 1, searched_on=day))
            done, owed = set(), set()
        if is_strategy:
            done.add(row["source"])
            owed.discard(row["source"])
        number_of[row["id"]] = runs[-1].number
    return runs, number_of
