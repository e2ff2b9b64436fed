"""Chart: the form out as a workbook, charted rows back in; a row that fails a rule is returned with the reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from living_review.charting import ChartedRow, StudyToChart, to_frame
from living_review.charting_reading import CellError, ReturnedRow, read_workbook, returned_workbook
from living_review.charting_values import shown_value
from living_review.charting_workbook import STUDIES, write_workbook
from living_review.errors import InvalidFile, LivingReviewError
from living_review.ledger.database import Transaction
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.protocol import Protocol
from living_review.records import Record, canonical_json
from living_review.review import Review
from living_review.steps.account import Account
from living_review.steps.charting_state import charted_row, charting_state
from living_review.steps.screening_state import ScreeningState, screening_state
from living_review.validation import ValidationReport, Validator

ChartedCheck = Callable[[Protocol, date], Validator]
"""Makes the check of charted rows for a protocol and a day."""
CHECKER = "expectations"


def to_chart(review: Review, *, every: bool = False) -> tuple[bytes, int]:
    """The form as a workbook for the studies to chart (or ``every`` included one), and their number."""
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        charting = charting_state(tx, review.protocol, state)
        titles = _cited(tx, state)
    wanted = state.included_studies if every else {*charting.uncharted, *charting.returned}
    studies = []
    for study in sorted(wanted):
        title, citation = titles[study]
        row = charted_row(study, charting.accepted[study]) if study in charting.accepted else None
        studies.append(
            StudyToChart(
                study_id=study,
                title=title,
                citation=citation,
                current=row.values if row else None,
                quotes=row.quotes if row else (),
                charted_by=row.charted_by if row else "",
                checked_by=row.checked_by if row else "",
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
        titles = {study: title for study, (title, _) in _cited(tx, state).items()}
        today = review.now().date()
        read = read_workbook(path.name, body, review.protocol, studies=titles, today=today)
        report = _checked(to_frame(read.rows, review.protocol), check(review.protocol, today))
        reasons = _reasons(report)
        returned = [
            *read.returned,
            *(
                _as_returned(row, reasons[row.study_id], review.protocol)
                for row in read.rows
                if row.study_id in reasons
            ),
        ]
        good = [row for row in read.rows if row.study_id not in reasons]
        fresh = [row for row in good if _differs(row, charting.accepted.get(row.study_id))]
        back = [row for row in returned if row.sheet == STUDIES and row.study_id in state.study_ids]
        origin = f"{path.name}, sheet {STUDIES}, row {{row}}"
        rows = [_accepted(row, state, origin) for row in fresh]
        rows += [
            row
            for row in (_returned(one, state, origin, review.protocol) for one in back)
            if not _returned_before(row, charting.returned.get(_label(state, row["study_id"])))
        ]
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
    """Check the accepted rows again under the present rules; those that fail now go back to their charters.

    The report is about the rows that passed too: what a publication shows of its checks.
    """
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        charting = charting_state(tx, review.protocol, state)
    rows = [charted_row(study, row) for study, row in charting.accepted.items()]
    report = _checked(to_frame(rows, review.protocol), check(review.protocol, review.now().date()))
    reasons = _reasons(report)
    failing = [row for row in rows if row.study_id in reasons]
    if failing:
        with review.write() as tx:
            Decisions(tx).chart(
                [
                    {
                        **_accepted(row, state, charting.accepted[row.study_id]["origin"]),
                        "state": "withdrawn",
                        "reasons": reasons[row.study_id],
                    }
                    for row in failing
                ]
            )
            Runs(tx).note_protocol(review.protocol)
        passing = [row for row in rows if row.study_id not in reasons]
        report = _checked(to_frame(passing, review.protocol), check(review.protocol, review.now().date()))
    account = Account(
        step="check charted",
        received=len(rows),
        of="charted rows",
        parts={"passed": len(rows) - len(failing), "returned": len(failing)},
        remarks=tuple(f"study {row.study_id} was returned: {'; '.join(reasons[row.study_id])}" for row in failing),
        changed=bool(failing),
    )
    return account, report


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


def _reasons(report: ValidationReport) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for failure in report.failures:
        found.setdefault(failure.row_key, []).append(failure.message)
    return found


def _as_returned(row: ChartedRow, reasons: Sequence[str], protocol: Protocol) -> ReturnedRow:
    cells = {
        item.name: shown_value(protocol, item, row.values[item.name])
        for item in protocol.charting.fields
        if item.name in row.values
    }
    errors = tuple(
        CellError(
            sheet=row.sheet, row=row.row, column="all", name="study_id", found=reason, allowed="see the form's rules"
        )
        for reason in reasons
    )
    return ReturnedRow(
        sheet=row.sheet,
        row=row.row,
        study_id=row.study_id,
        cells={"study_id": row.study_id, **cells, "charted_by": row.charted_by, "checked_by": row.checked_by},
        errors=errors,
    )


def _differs(row: ChartedRow, before: Mapping[str, Any] | None) -> bool:
    return before is None or before["content_sha256"] != _digest(row.to_dict())


def _returned_before(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    return before is not None and before["content_sha256"] == row["content_sha256"]


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


def _label(state: ScreeningState, study_id: int) -> str:
    return next(label for label, one in state.study_ids.items() if one == study_id)


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
