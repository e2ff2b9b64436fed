"""The included studies as readers get them: JSON, CSV, RIS and a citation.

Promises: a spreadsheet never runs a cell as a formula; abstracts, which may belong to publishers, are not
republished; a retracted report says so in every form.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from living_review.protocol import Protocol
from living_review.publication_state import ReportView, StudyView
from living_review.records import Record
from living_review.retraction import GRAVE, RetractionState
from living_review.screening_formats import shielded
from living_review.sources.ris import write_ris

MOST_AUTHORS = 6
"""Names in a citation before ``et al`` (ICMJE's recommendation for references)."""

RETRACTION_WORDS = {
    RetractionState.RETRACTED: "RETRACTED",
    RetractionState.CONCERN: "Expression of concern",
    RetractionState.CORRECTED: "Corrected",
    RetractionState.NONE: "None found",
    RetractionState.UNKNOWN: "Unknown",
}
CSV_COLUMNS = (
    "study_id",
    "report_ids",
    "citation",
    "title",
    "authors",
    "year",
    "journal",
    "doi",
    "pmid",
    "url",
    "retraction",
    "retraction_checked",
    "retraction_notice",
    "counted",
    "included_on",
    "charted_by",
    "checked_by",
    "form_version",
)
"""Columns of ``studies.csv`` before those of the form; the first report of a study gives the bibliographic ones."""


def citation(record: Record) -> str:
    """One line in the manner of PubMed: authors, title, journal, date, where, DOI."""
    volume = record.volume + (f"({record.issue})" if record.issue else "")
    place = ":".join(part for part in (volume, record.pages) if part)
    when = ";".join(part for part in (str(record.year or record.published_text), place) if part)
    parts = [author_line(record), record.title, record.journal_abbreviation or record.journal, when]
    line = " ".join(f"{part.rstrip('.')}." for part in parts if part)
    return " ".join(f"{line}{f' doi:{record.doi}' if record.doi else ''}".split())


def author_line(record: Record) -> str:
    """Names as a citation has them, ``et al`` where there are more."""
    names = [author.short for author in record.authors[:MOST_AUTHORS] if author.short]
    if len(record.authors) > MOST_AUTHORS or not record.authors_complete:
        names.append("et al")
    return ", ".join(names)


def marked(text: str, state: RetractionState) -> str:
    """``text``, which names a study or a report, with what must be known before it is read or cited."""
    return f"{RETRACTION_WORDS[state]}: {text}" if state in GRAVE else text


def study_citation(study: StudyView) -> str:
    """The study by its first report; marked where any of its reports is retracted or under concern."""
    return marked(citation(study.reports[0].record), study.retraction)


def address(record: Record) -> str:
    """Where a reader finds the report: its DOI, else PubMed, else the address its source gave if it is a web one."""
    if record.doi:
        return f"https://doi.org/{record.doi}"
    if record.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"
    return record.url if record.url.lower().startswith(("https://", "http://")) else ""


def plain_value(value: Any) -> Any:
    """A charted value as a JSON value: not-a-number is null, dates are ISO text, sets are sorted lists."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted((plain_value(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain_value(item) for item in value]
    return str(value)


def study_json(study: StudyView, protocol: Protocol, counted: bool) -> dict[str, Any]:
    """One study with all that was charted, as plain JSON values."""
    names = [item.name for item in protocol.charting.fields]
    return {
        "study_id": study.study_id,
        "included_on": study.included_on,
        "counted": counted,
        "retraction": str(study.retraction),
        "charting": {
            "state": "pending" if study.values is None else "charted",
            "form_version": study.form_version,
            "charted_by": study.charted_by,
            "checked_by": study.checked_by,
        },
        "values": None if study.values is None else {name: plain_value(study.values.get(name)) for name in names},
        "reports": [_report_json(report) for report in study.reports],
    }


def retraction_json(report: ReportView) -> dict[str, Any]:
    """The retraction state of a report with what it rests on."""
    return {
        "state": str(report.retraction.state),
        "checked_on": report.retraction.checked_on,
        "notices": [
            {"kind": notice.kind, "pmid": notice.pmid, "citation": notice.citation}
            for notice in report.retraction.notices
        ],
    }


def studies_csv(studies: Sequence[StudyView], protocol: Protocol, counted: Iterable[str]) -> bytes:
    """One row a study: UTF-8 with BOM (spreadsheets need it), CRLF, several values joined by ``; ``, no formulas."""
    counts = set(counted)
    names = [item.name for item in protocol.charting.fields]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*CSV_COLUMNS, *names])
    for study in studies:
        own = _csv_columns(study, study.study_id in counts)
        values = study.values or {}
        writer.writerow([csv_cell(own[name]) for name in CSV_COLUMNS] + [csv_cell(values.get(name)) for name in names])
    return out.getvalue().encode("utf-8-sig")


def included_ris(studies: Iterable[StudyView]) -> bytes:
    """One entry a report with its study id and, where there is one, its retraction; without abstracts."""
    entries = [(study, report) for study in studies for report in study.reports]
    notes: dict[tuple[str, str], Mapping[str, Sequence[str]]] = {}
    records = []
    for study, report in entries:
        # A record's own notes are internal to its source; the abstract may be the publisher's.
        records.append(replace(report.record, abstract="", url=address(report.record)))
        notes[report.record.source, report.record.source_id] = {"ID": [study.study_id], "N1": _warning(study, report)}
    return write_ris(records, lambda record: notes[record.source, record.source_id]).encode()


def _warning(study: StudyView, report: ReportView) -> list[str]:
    """What a reference manager is to note of a report; also where another report of its study is retracted."""
    said = []
    if report.retraction.state not in {RetractionState.NONE, RetractionState.UNKNOWN}:
        notices = "; ".join(notice.citation for notice in report.retraction.notices if notice.citation)
        said.append(": ".join(part for part in (RETRACTION_WORDS[report.retraction.state], notices) if part))
    if study.retraction in GRAVE and report.retraction.state not in GRAVE:
        others = [citation(one.record) for one in study.reports if one.retraction.state is study.retraction]
        said.append(marked(f"another report of this study ({'; '.join(others)})", study.retraction))
    return said


def _report_json(report: ReportView) -> dict[str, Any]:
    record = report.record
    return {
        "report_id": report.report_id,
        "citation": marked(citation(record), report.retraction.state),
        "kind": record.kind,
        "title": record.title,
        "authors": [author.name for author in record.authors],
        "year": record.year,
        "published": record.published,
        "journal": record.journal,
        "doi": record.doi,
        "pmid": record.pmid,
        "pmcid": record.pmcid,
        "url": address(record),
        "sources": [{"source": source, "source_id": source_id} for source, source_id in sorted(report.sources)],
        "retraction": retraction_json(report),
    }


def _csv_columns(study: StudyView, counted: bool) -> dict[str, Any]:
    first = study.reports[0].record
    gravest = [report.retraction for report in study.reports if report.retraction.state is study.retraction]
    notices = [notice.citation or notice.pmid for status in gravest for notice in status.notices]
    return {
        "study_id": study.study_id,
        "report_ids": [report.report_id for report in study.reports],
        "citation": study_citation(study),
        "title": first.title,
        "authors": [author.name for author in first.authors],
        "year": first.year,
        "journal": first.journal,
        "doi": first.doi,
        "pmid": first.pmid,
        "url": address(first),
        "retraction": RETRACTION_WORDS[study.retraction],
        "retraction_checked": min(status.checked_on for status in gravest),
        "retraction_notice": notices,
        "counted": counted,
        "included_on": study.included_on,
        "charted_by": study.charted_by,
        "checked_by": study.checked_by,
        "form_version": study.form_version,
    }


def csv_cell(value: Any) -> str:
    """A value as a cell of CSV: several joined by ``; ``, no formula, no control characters."""
    plain = plain_value(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list):
        return shielded("; ".join(_text(item) for item in plain))
    return str(plain) if isinstance(plain, (int, float)) else shielded(_text(plain))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A bare carriage return or a NUL ends a row in some readers.
    return "".join(c for c in str(value).replace("\r\n", "\n").replace("\r", "\n") if c >= " " or c in "\n\t")
