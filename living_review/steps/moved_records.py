"""What links and unlinks did to what people decided: reports whose outcome or study is another than before.

Decisions follow the record they were made on. Where two reports become one, or one becomes two, each reviewer's latest
decision on any record of a report counts, so an outcome may change although nobody decided anew.
"""

from __future__ import annotations

from collections.abc import Collection

from living_review.screening import Verdict
from living_review.steps.screening_state import ScreeningState


def about_moved(before: ScreeningState, after: ScreeningState, moved: Collection[int]) -> list[str]:
    """A line for each report with one of the ``moved`` records in it that stands elsewhere than the report it was in.

    Reports that nobody had settled or disputed before are not named: nothing that people said is changed.

    Args:
        before: Where the reports stood before the records moved.
        after: Where they stand now.
        moved: Records that came from one report into another.
    """
    report_before, report_after = _report_of(before), _report_of(after)
    touched = {report_before[one] for one in moved if one in report_before}
    touched |= {report_after[one] for one in moved if one in report_after}
    lines = []
    for report in sorted(touched & after.reports.keys()):
        was = sorted({report_before[one] for one in after.reports[report] if one in report_before})
        now = _outcome(after, report)
        other = [f"{one} was {said}" for one in was if (said := _outcome(before, one)) not in {"", now}]
        if other:
            lines.append(f"report {report}: {', '.join(other)}; now {now or 'waits for decisions'}")
    return lines + _lost_studies(before, after, report_after)


def _report_of(state: ScreeningState) -> dict[int, str]:
    return {record: report for report, records in state.reports.items() for record in records}


def _outcome(state: ScreeningState, report: str) -> str:
    """What people made of a report at the last stage it reached; empty while they made nothing of it."""
    reached = [value for stage in state.stages if (value := state.verdicts.get((report, stage))) is not None]
    settled = [value for value in reached if value.verdict is not Verdict.AWAITING]
    if not settled:
        return ""
    last = settled[-1]
    words = {Verdict.INCLUDE: "included", Verdict.EXCLUDE: "excluded", Verdict.CONFLICT: "in conflict"}
    return f"{words[last.verdict]} at {last.stage}" + (f" ({last.reason})" if last.reason else "")


def _lost_studies(before: ScreeningState, after: ScreeningState, report_after: dict[int, str]) -> list[str]:
    """Studies whose reports all became part of a report of another study: what was charted on them counts no more."""
    left = set(before.studies.values()) - set(after.studies.values())
    lines = []
    for report, study in sorted(before.studies.items()):
        into = {report_after[one] for one in before.reports[report] if one in report_after}
        taken = sorted({after.studies[one] for one in into if one in after.studies})
        if study in left and taken:
            lines.append(
                f"study {study}: its report {report} is now part of study {', '.join(taken)}; "
                f"what was charted on {study} counts no more"
            )
    return lines
