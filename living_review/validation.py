"""What checking a frame of rows found, in plain Python: the result that steps and the ledger use.

How the checks are made is not said here (the ``expectations`` package makes them); a step takes any
:data:`Validator`. A report keeps three things apart: a *failure* (a row breaks a rule and goes back to a person), a
*table failure* (the whole breaks a rule) and an *error* (a rule could not be evaluated, which is never a verdict).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from living_review.errors import LivingReviewError
from living_review.records import Record

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Failure:
    """One row that breaks one rule."""

    row_key: str
    column: str
    """The column, or several joined by ``, ``."""
    rule: str
    found: str
    message: str
    """One line for the person who can mend it: what it is about, what was found, what is allowed."""

    def to_dict(self) -> dict[str, str]:
        """The failure as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What one suite found in one frame."""

    suite: str
    suite_sha256: str
    rows: int
    evaluated: int
    """Number of rules that were evaluated on at least one value."""
    failures: tuple[Failure, ...] = ()
    table_failures: tuple[str, ...] = ()
    """Failures of the whole, not of a row."""
    errors: tuple[str, ...] = ()
    """Rules that ended in an exception: neither passed nor failed."""
    nothing_to_check: tuple[str, ...] = ()
    """Rules that found no value to look at (an empty frame, an empty column), so that they hold for nothing."""

    @property
    def passed(self) -> bool:
        """Whether every rule was evaluated and holds; a frame with rows of which nothing was evaluated has not."""
        if self.failures or self.table_failures or self.errors:
            return False
        return self.evaluated > 0 or self.rows == 0

    @property
    def failing_keys(self) -> frozenset[str]:
        """The keys of the rows that break a rule."""
        return frozenset(failure.row_key for failure in self.failures)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values, in the order of the rows and rules."""
        return {
            "suite": self.suite,
            "suite_sha256": self.suite_sha256,
            "passed": self.passed,
            "rows": self.rows,
            "evaluated": self.evaluated,
            "failures": [failure.to_dict() for failure in self.failures],
            "table_failures": list(self.table_failures),
            "errors": list(self.errors),
            "nothing_to_check": list(self.nothing_to_check),
        }

    def raise_on_error(self) -> None:
        """Stop where a rule could not be evaluated.

        Raises:
            LivingReviewError: If there is an error; it names the first and counts the others.
        """
        if self.errors:
            more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
            raise LivingReviewError(
                f"a check could not be carried out: {self.errors[0]}{more}",
                f"validation suite {self.suite}",
                "correct the entry in charting.expectations if it is one of yours; nothing was accepted or rejected",
            )


Validator = Callable[["pd.DataFrame"], ValidationReport]
"""Checks a frame; each caller states which frame it gives."""


def combined(suite: str, reports: Sequence[ValidationReport]) -> ValidationReport:
    """One report over several frames of one subject; it passes only if each of them does.

    A part that has rows of which nothing was evaluated becomes a table failure, so that the others cannot hide it.
    """
    digest = hashlib.sha256("\n".join(report.suite_sha256 for report in reports).encode()).hexdigest()
    unevaluated = tuple(
        f"{report.suite}: nothing was evaluated" for report in reports if report.rows and not report.evaluated
    )
    return ValidationReport(
        suite=suite,
        suite_sha256=digest,
        rows=sum(report.rows for report in reports),
        evaluated=sum(report.evaluated for report in reports),
        failures=tuple(failure for report in reports for failure in report.failures),
        table_failures=tuple(text for report in reports for text in report.table_failures) + unevaluated,
        errors=tuple(text for report in reports for text in report.errors),
        nothing_to_check=tuple(text for report in reports for text in report.nothing_to_check),
    )


INCOMING_COLUMNS = (
    "record_key",
    "source",
    "source_id",
    "occurrence",
    "title",
    "abstract",
    "year",
    "doi",
    "pmid",
    "longest_field",
    "longest_length",
)
"""Columns of the frame of incoming records."""


def incoming_frame(records: Sequence[Record]) -> pd.DataFrame:
    """The records of one delivery as the frame that the suite for incoming records checks.

    Args:
        records: The records in the order in which they arrived.

    Returns:
        One row a record, in the same order: ``record_key`` (``source:source_id``; a later record with the same
        identity gets ``#2``, ``#3`` …, so that every row has a key of its own), ``source``, ``source_id``,
        ``occurrence`` (1 for the first with this identity), ``title`` (else the vernacular title), ``abstract``,
        ``year`` (Int64), ``doi``, ``pmid``, ``longest_field`` and ``longest_length`` (characters) of the record's
        longest text but its abstract. Empty text is missing.
    """
    import pandas as pd  # here, as a run that finds nothing new needs no frame and pandas takes long to import

    seen: Counter[tuple[str, str]] = Counter()
    keys: set[str] = set()
    rows = []
    for record in records:
        identity = (record.source, record.source_id)
        seen[identity] += 1
        key = ":".join(identity) + (f"#{seen[identity]}" if seen[identity] > 1 else "")
        while key in keys:
            key += "'"
        keys.add(key)
        texts = {
            "title": record.title,
            "vernacular title": record.vernacular_title,
            "source id": record.source_id,
            "journal": record.journal,
            "publisher": record.publisher,
            "address": record.url,
            "DOI": record.doi,
        }
        longest = max(texts, key=lambda name: len(texts[name]))
        rows.append(
            {
                "record_key": key,
                "source": record.source,
                "source_id": record.source_id,
                "occurrence": seen[identity],
                "title": record.title or record.vernacular_title,
                "abstract": record.abstract,
                "year": record.year,
                "doi": record.doi,
                "pmid": record.pmid,
                "longest_field": longest,
                "longest_length": len(texts[longest]),
            }
        )
    frame = pd.DataFrame(rows, columns=list(INCOMING_COLUMNS))
    for name in ("record_key", "source", "source_id", "title", "abstract", "doi", "pmid", "longest_field"):
        text = frame[name].astype("string").str.strip()
        frame[name] = text.mask(text == "")
    for name in ("occurrence", "year", "longest_length"):
        frame[name] = frame[name].astype("Int64")
    return frame
