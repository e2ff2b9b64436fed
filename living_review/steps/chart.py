"""Chart: the form out as a workbook, charted rows back in; a row that fails a rule is returned with the reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from living_review.charting import ChartedRow, StudyToChart, check_values, to_frame
from living_review.charting_reading import CellError, ReturnedRow, read_workbook, returned_workbook
from living_review.charting_values import shown_value
from living_review.charting_workbook import QUOTES, STUDIES, study_cells, write_workbook
from living_review.errors import InvalidFile, LivingReviewError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.protocol import Protocol
from living_review.records import Record, canonical_json
from living_review.review import Review
from living_review.steps.account import Account
from living_review.steps.charting_state import ChartingState, charted_row, charting_state
from living_review.steps.screening_state import ScreeningState, screening_state
from living_review.validation import Failure, ValidationReport, Validator

ChartedCheck = Callable[[Protocol, date], Validator]
"""Makes the check of charted rows for a protocol and a day."""


def to_chart(review: Review, *, every: bool = False) -> tuple[bytes, int]:
    """The form as a workbook for the studies to chart (or ``every`` included one), and their number.

    A row that was accepted once and does not meet the rules any more is filled in, with the reasons.
    """
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        charting = charting_state(tx, review.protocol, state)
        titles = _cited(tx, state)
    wanted = state.included_studies if every else {*charting.uncharted, *charting.returned}
    studies = []
    for study in sorted(wanted):
        title, citation = titles[study]
        kept = charting.accepted.get(study) or charting.returned.get(study, {"state": ""})
        row = charted_row(study, kept) if kept["state"] in {"accepted", "withdrawn"} else None
        studies.append(
            StudyToChart(
                study_id=study,
                title=title,
                citation=citation,
                current=row.values if row else None,
                quotes=row.quotes if row else (),
                charted_by=row.charted_by if row else "",
                checked_by=row.checked_by if row else "",
                returned_because="\n".join(kept["reasons"]) if kept["state"] == "withdrawn" else "",
            )
        )
    return write_workbook(review.protocol, studies), len(studies)


def import_workbook(review: Review, path: Path, check: ChartedCheck) -> tuple[Account, bytes | None]:
    """Take over the charted rows of a workbook, and give back those that must be corrected as a workbook.

    Raises:
        InvalidFile: If the file is no workbook of this review's present form.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InvalidFile(f"the file cannot be read ({error.strerror})", str(path), "check its name") from error
    started = review.now()
    with review.write() as tx:
        state = screening_state(tx, review.protocol)
        charting = charting_state(tx, review.protocol, state)
        cited = _cited(tx, state)
        titles = {study: title for study, (title, _) in cited.items()}
        today = review.now().date()
        read = read_workbook(path.name, body, review.protocol, studies=titles, today=today)
        report = _checked(to_frame(read.rows, review.protocol), check(review.protocol, today))
        failures = _by_study(report)
        returned = [*read.returned]
        for row in read.rows:
            if row.study_id in failures:
                returned += _as_returned(row, failures[row.study_id], review.protocol, *cited[row.study_id])
        good = [row for row in read.rows if row.study_id not in failures]
        # A row like the accepted one takes back a later one that was returned.
        fresh = [
            row
            for row in good
            if row.study_id in charting.returned or _differs(row, charting.accepted.get(row.study_id))
        ]
        back = {row.study_id: row for row in returned if row.sheet == STUDIES and row.study_id in state.study_ids}
        origin = f"{path.name}, sheet {STUDIES}, row {{row}}"
        rows = [_accepted(row, state, origin) for row in fresh]
        for study, one in back.items():
            kept = _returned(one, state, origin, review.protocol)
            if kept["content_sha256"] != charting.returned.get(study, {}).get("content_sha256"):
                rows.append(kept)
        Decisions(tx).chart(rows)
        account = Account(
            step="chart import",
            received=len(good) + len(returned) + read.blank,
            of="rows",
            parts={
                "accepted": len(fresh),
                "accepted_before": len(good) - len(fresh),
                "returned": sum(1 for row in returned if row.sheet == STUDIES),
                "returned_quotes": sum(1 for row in returned if row.sheet != STUDIES),
                "not_charted_yet": read.blank,
            },
            remarks=tuple(str(error) for row in returned for error in row.errors),
            details={"file": path.name, "evaluated": report.evaluated, "suite_sha256": report.suite_sha256},
            changed=bool(rows),
        )
        if rows:
            Runs(tx).note("chart import", "done", account.to_dict(), review.protocol, started)
    return account, returned_workbook(returned, review.protocol) if returned else None


def return_rows(review: Review, check: ChartedCheck) -> tuple[Account, ValidationReport]:
    """Check the accepted rows again under the present form and rules; those that fail now go back to their charters.

    Rows that went back this way and pass again count again: an edit of the form that is taken back costs nobody any
    work. The report is about the rows that passed: what a publication shows of its checks.
    """
    started = review.now()
    with review.read() as tx:
        kept = _checkable(charting_state(tx, review.protocol, screening_state(tx, review.protocol)))
    rows = [charted_row(study, row) for study, row in kept.items()]
    reasons = _unfit(rows, review.protocol, started.date())
    fit = [row for row in rows if row.study_id not in reasons]
    validate = check(review.protocol, started.date())
    report = _checked(to_frame(fit, review.protocol), validate)
    reasons |= {study: [one.message for one in failures] for study, failures in _by_study(report).items()}
    passing = [row for row in fit if row.study_id not in reasons]
    if len(passing) < len(fit):
        report = _checked(to_frame(passing, review.protocol), validate)
    verdicts = {study: reasons.get(study, []) for study in kept}
    news = {study: why for study, why in verdicts.items() if why != kept[study]["reasons"]}
    account = Account(
        step="check charted",
        received=len(rows),
        of="charted rows",
        parts={
            "passed": sum(1 for study, why in verdicts.items() if not why and study not in news),
            "passed_again": sum(1 for why in news.values() if not why),
            "returned": sum(1 for why in news.values() if why),
            "returned_before": sum(1 for study, why in verdicts.items() if why and study not in news),
        },
        remarks=tuple(
            f"study {study} was returned: {'; '.join(why)}" if why else f"study {study} passes again and counts"
            for study, why in sorted(news.items())
        ),
        changed=bool(news),
    )
    if news:
        with review.write() as tx:
            _settle(tx, review, {kept[study]["id"]: why for study, why in news.items()})
            Runs(tx).note("check charted", "done", account.to_dict(), review.protocol, started)
    return account, report


def _checkable(charting: ChartingState) -> dict[str, dict[str, Any]]:
    """Study -> the accepted row, or the one that was accepted once and withdrawn since."""
    withdrawn = {study: row for study, row in charting.returned.items() if row["state"] == "withdrawn"}
    return dict(sorted({**charting.accepted, **withdrawn}.items()))


def _settle(tx: Transaction, review: Review, reasons: Mapping[int, list[str]]) -> None:
    """Let rows (by their ids) count that have no reason against them, and withdraw those that have."""
    state = screening_state(tx, review.protocol)
    # A row that was mended since it was read is another one, and has been checked by itself.
    still = _checkable(charting_state(tx, review.protocol, state))
    Decisions(tx).chart(
        [
            {
                **_accepted(charted_row(study, row), state, ""),
                "state": "withdrawn" if reasons[row["id"]] else "accepted",
                "reasons": reasons[row["id"]],
                "origin": row["origin"],
            }
            for study, row in still.items()
            if row["id"] in reasons
        ]
    )


def _unfit(rows: Sequence[ChartedRow], protocol: Protocol, today: date) -> dict[str, list[str]]:
    """Study -> why its row does not fit the form as it is now; the form may have changed under one version."""
    reasons = {}
    for row in rows:
        charted = [(item, row.values[item.name]) for item in protocol.charting.fields if item.name in row.values]
        cells = {item.name: shown_value(protocol, item, value) for item, value in charted}
        values, problems = check_values(protocol, cells, today)
        read = ChartedRow(study_id="", values=values, charted_by="", form_version="").to_dict()["values"]
        why = [str(problem) for problem in problems] or [
            f"{item.name}: found {value!r}; allowed: an answer that the form still reads as it was charted"
            for item, value in charted
            if read.get(item.name) != value
        ]
        if why:
            reasons[row.study_id] = why
    return reasons


def _checked(frame: Any, validate: Validator) -> ValidationReport:
    report = validate(frame)
    report.raise_on_error()
    if report.rows != len(frame):
        raise LivingReviewError(f"the check saw {report.rows} rows of {len(frame)}", f"suite {report.suite}")
    if report.table_failures:
        raise LivingReviewError(
            f"the charted rows as a whole fail a check: {report.table_failures[0]}",
            f"suite {report.suite}",
            "correct the entry in charting.expectations, or the rows",
        )
    return report


def _by_study(report: ValidationReport) -> dict[str, list[Failure]]:
    found: dict[str, list[Failure]] = {}
    for failure in report.failures:
        found.setdefault(failure.row_key, []).append(failure)
    return found


def _as_returned(
    row: ChartedRow, failures: Sequence[Failure], protocol: Protocol, title: str, citation: str
) -> list[ReturnedRow]:
    """The row with its quotes as the workbook has them, so that nothing has to be typed again."""
    study = StudyToChart(
        study_id=row.study_id,
        title=title,
        citation=citation,
        current=row.values,
        quotes=row.quotes,
        charted_by=row.charted_by,
        checked_by=row.checked_by,
    )
    cells, quotes = study_cells(protocol, study)
    errors = tuple(_as_error(failure, row) for failure in failures)
    return [
        ReturnedRow(sheet=row.sheet, row=row.row, study_id=row.study_id, cells=cells, errors=errors),
        *(ReturnedRow(sheet=QUOTES, row=0, study_id=row.study_id, cells=one, errors=()) for one in quotes),
    ]


def _as_error(failure: Failure, row: ChartedRow) -> CellError:
    name = failure.column.partition(", ")[0]
    before, _, allowed = failure.message.rpartition("; allowed: ")
    return CellError(
        sheet=row.sheet,
        row=row.row,
        column=f"{name} ({before.partition(': found ')[0] or failure.column})",
        name=name,
        found=failure.found,
        allowed=allowed or failure.message,
    )


def _differs(row: ChartedRow, before: Mapping[str, Any] | None) -> bool:
    return before is None or before["content_sha256"] != _digest(row.to_dict())


def _accepted(row: ChartedRow, state: ScreeningState, origin: str) -> dict[str, Any]:
    plain = row.to_dict()
    study = plain.pop("study_id")
    return {
        "study_id": state.study_ids[study],
        "state": "accepted",
        **plain,
        "reasons": [],
        "origin": origin.format(row=row.row),
        "content_sha256": _digest(row.to_dict()),
    }


def _returned(row: ReturnedRow, state: ScreeningState, origin: str, protocol: Protocol) -> dict[str, Any]:
    values = {name: str(cell) for name, cell in row.cells.items() if cell is not None}
    reasons = [str(error) for error in row.errors]
    return {
        "study_id": state.study_ids[row.study_id],
        "state": "returned",
        "form_version": protocol.charting.form_version,
        "charted_by": row.charted_by,
        "checked_by": "",
        "values": values,
        "quotes": [],
        "reasons": reasons,
        "origin": origin.format(row=row.row),
        "content_sha256": _digest({"values": values, "reasons": reasons}),
    }


def _digest(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(dict(plain))).hexdigest()


def _cited(tx: Transaction, state: ScreeningState) -> dict[str, tuple[str, str]]:
    first = {study: state.reports[reports[0]][0] for study, reports in state.included_studies.items()}
    latest = Records(tx).latest(first.values())
    return {study: (_title(latest[one]), _citation(latest[one])) for study, one in first.items()}


def _title(record: Record) -> str:
    return record.title or record.vernacular_title


def _citation(record: Record) -> str:
    names = ", ".join(author.short for author in record.authors[:3]) + (" et al." if len(record.authors) > 3 else "")
    return ". ".join(part for part in (names, record.journal, str(record.year or "")) if part)
