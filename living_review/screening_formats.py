"""Files of decisions as screening tools write them -> rows that say the same in one form.

Reads CSV and RIS of Living Review, Rayyan, Covidence and ASReview. Promises to keep every row, to say what a row says
and to guess nothing; which report a row is about is for :mod:`living_review.screening_files` to find.

What tells the tools apart, as seen in their exports:

* Living Review: a column ``decision``.
* Rayyan: decisions of all reviewers in one cell of notes,
  ``RAYYAN-INCLUSION: {"Ann"=>"Included"} | RAYYAN-EXCLUSION-REASONS: a,b | USER-NOTES: {"Ann"=>["x"]}``.
* Covidence: a column ``Covidence #``; a file is a list (``..._irrelevant_csv_...``) and its name says what it means;
  a reason stands in ``Notes`` as ``Exclusion reason: x;``.
* ASReview: a column ``asreview_label``, before version 2 ``included``, with 1, 0 or nothing; in RIS a note
  ``ASReview_relevant``, ``ASReview_irrelevant`` or ``ASReview_not_seen``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from enum import StrEnum

from living_review.errors import InvalidFile
from living_review.protocol import Stage
from living_review.screening import Choice
from living_review.sources.entries import Entry
from living_review.sources.ris import split_ris

LARGEST_BYTES = 200_000_000
"""30,000 records with abstracts make some 60 MB."""

TOKEN = "living-review-record-"  # noqa: S105 - a word in front of a number, no secret
"""Stands before our record number in fields that other tools carry along."""

DECISION_NOTE = "living-review-decision: "
REASON_NOTE = "living-review-reason: "
NOTE_NOTE = "living-review-note: "
STAGE_NOTE = "living-review-stage: "
REVIEWER_NOTE = "living-review-reviewer: "
"""How RIS carries what CSV has columns for."""

_RISKY = "=+-@\t\r\n＝＋－＠"
"""First characters that make a spreadsheet run a cell as a formula (OWASP, CSV injection)."""
_SHIELDED = re.compile(rf"^'+(?=[{re.escape(_RISKY)}])")


class Tool(StrEnum):
    """Who wrote a file."""

    LIVING_REVIEW = "Living Review"
    RAYYAN = "Rayyan"
    COVIDENCE = "Covidence"
    ASREVIEW = "ASReview"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """What one row (or RIS entry) says."""

    place: str
    """``row 7``, counted as a spreadsheet counts, or ``entry 3``."""
    record_id: str = ""
    report_id: str = ""
    tokens: tuple[int, ...] = ()
    """Our record numbers found anywhere in the row."""
    title: str = ""
    year: str = ""
    doi: str = ""
    pmid: str = ""
    votes: dict[str, str] = field(default_factory=dict)
    """Name of a reviewer in the file -> the tool's word; the name is empty where a file is of one reviewer."""
    reasons: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
    """By the same names as ``votes``."""
    stage: str = ""
    reviewer: str = ""
    """At which stage and for whom Living Review wrote the row; empty where the file does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFile:
    """A file of decisions in one form."""

    tool: Tool
    rows: tuple[FileRow, ...]
    old_encoding: bool
    """Whether letters beyond ASCII are not to be trusted: the file was not saved as Unicode."""
    is_list: bool
    """Whether belonging to the file is the decision; the rows have no votes then."""
    remarks: tuple[str, ...] = ()
    """What a person should know of how the file was read."""


def shielded(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula; :func:`unshielded` gives it back exactly."""
    return f"'{text}" if text.lstrip("'").startswith(tuple(_RISKY)) else text


def unshielded(text: str) -> str:
    """The text that :func:`shielded` was given."""
    return text[1:] if _SHIELDED.match(text) else text


def read(name: str, body: bytes) -> DecisionFile:
    """The rows of a CSV or RIS file.

    Raises:
        InvalidFile: If ``body`` is neither, or does not hold what its tool writes.
    """
    if len(body) > LARGEST_BYTES:
        raise InvalidFile(f"the file has {len(body)} bytes", name, f"at most {LARGEST_BYTES} are read: split it")
    if body.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InvalidFile("this is a workbook", name, 'save it as "CSV UTF-8" and import that')
    text, old_encoding = _decode(body)
    if "\0" in text:
        raise InvalidFile("this is not a text file", name, "give a CSV or RIS file")
    if re.search(r"^[ \t]?TY[ \t]{0,3}-", text, re.MULTILINE):
        return _read_ris(name, text, old_encoding)
    return _read_csv(name, text, old_encoding)


def _decode(body: bytes) -> tuple[str, bool]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace"), False
    try:
        return body.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        # Excel's plain "CSV": one of many code pages; ids and decisions are ASCII and can be read under any.
        return body.decode("cp1252", errors="replace"), True


def covidence_list(name: str, stage: Stage) -> tuple[bool, Choice | None]:
    """Whether a file name is that of a Covidence list that says something at ``stage``, and what (None: undecided).

    Covidence keeps a study in one of its lists: ``screen`` and ``irrelevant`` before, ``select``, ``included`` and
    ``excluded`` after it passed title and abstract.
    """
    found = re.search(r"(?:^|[_\-. ])(irrelevant|select|included|excluded|screen)(?=[_\-. ]|$)", name.lower())
    meanings = _LISTS[stage]
    return (True, meanings[found[1]]) if found and found[1] in meanings else (False, None)


_LISTS: dict[Stage, dict[str, Choice | None]] = {
    Stage.TITLE_ABSTRACT: {
        "screen": None,
        "irrelevant": Choice.EXCLUDE,
        "select": Choice.INCLUDE,
        "included": Choice.INCLUDE,
        "excluded": Choice.INCLUDE,
    },
    Stage.FULL_TEXT: {"select": None, "included": Choice.INCLUDE, "excluded": Choice.EXCLUDE},
}


# CSV


def _read_csv(name: str, text: str, old_encoding: bool) -> DecisionFile:
    header, lines = _table(name, text)
    tool, votes_in = _csv_tool(header, lines)
    rows = []
    for place, line in lines:
        cells = dict(zip(header, line, strict=True))
        rows.append(_csv_row(place, cells, tool, votes_in))
    is_list = not votes_in
    return DecisionFile(tool=tool, rows=tuple(rows), old_encoding=old_encoding, is_list=is_list)


def _table(name: str, text: str) -> tuple[list[str], list[tuple[str, list[str]]]]:
    named = re.match(r"sep=(.)\r?\n", text)
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else max(",;\t", key=text.partition("\n")[0].count)
    offset = 2 if named else 1
    # An abstract may be longer than what Python's reader takes by itself; no cell is longer than its file.
    allowed = csv.field_size_limit(max(len(text), 1))
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidFile(f"this cannot be read as CSV ({error})", name, "export it again") from error
    finally:
        csv.field_size_limit(allowed)
    if not any(cell.strip() for line in table for cell in line):
        raise InvalidFile("the file is empty", name, "export it again")
    header = [column.strip().lower() for column in table[0]]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise InvalidFile(f"found the columns {', '.join(twice)} twice", name, "keep one of each")
    lines = []
    for number, line in enumerate(table[1:], start=offset + 1):
        if not any(cell.strip() for cell in line):
            continue
        if any(cell.strip() for cell in line[len(header) :]):
            raise InvalidFile(
                f"found {len(line)} cells under {len(header)} columns", f"{name} row {number}", "export it again"
            )
        padded = [*line, *[""] * len(header)][: len(header)]
        lines.append((f"row {number}", padded))
    return header, lines


def _csv_tool(header: list[str], lines: list[tuple[str, list[str]]]) -> tuple[Tool, str]:
    """The tool and the column that holds its decisions; no column where the file is a list."""
    if "covidence #" in header:
        return Tool.COVIDENCE, ""
    if "asreview_label" in header:
        return Tool.ASREVIEW, "asreview_label"
    if "notes" in header:
        place = header.index("notes")
        key = header.index("key") if "key" in header else place
        if any("RAYYAN-" in line[place] or line[key].startswith("rayyan-") for _, line in lines):
            return Tool.RAYYAN, "notes"
    if "decision" in header:
        return Tool.LIVING_REVIEW, "decision"
    for column in ("included", "label_included"):
        if column in header:
            return Tool.ASREVIEW, column
    return Tool.LIVING_REVIEW, ""


def _csv_row(place: str, cells: dict[str, str], tool: Tool, votes_in: str) -> FileRow:
    def first(*columns: str) -> str:
        return next((cells[column].strip() for column in columns if cells.get(column, "").strip()), "")

    votes: dict[str, str] = {}
    notes: dict[str, str] = {}
    reasons: tuple[str, ...] = ()
    if tool is Tool.RAYYAN:
        votes, reasons, notes = _rayyan(cells["notes"])
    elif tool is Tool.COVIDENCE:
        reasons, notes[""] = _covidence_notes(cells.get("notes", ""))
    else:
        votes[""] = cells.get(votes_in, "").strip()
        notes[""] = cells.get("asreview_note", "").strip() or unshielded(cells.get("note", ""))
        reason = unshielded(cells.get("reason", "")).strip()
        reasons = (reason,) if reason else ()
    return FileRow(
        place=place,
        record_id=whole(first("record_id")),
        report_id=first("report_id"),
        tokens=_tokens(" ".join(cells.values())),
        title=unshielded(first("title", "primary_title", "primary title")),
        year=whole(first("year", "published year", "publication_year"))[:4],
        doi=plain_doi(first("doi")),
        pmid=whole(first("pmid", "pubmed_id", "pubmed id")),
        votes={name: word for name, word in votes.items() if word},
        reasons=reasons,
        notes=notes,
        stage=first("stage") if "report_id" in cells else "",
        reviewer=unshielded(first("reviewer")) if "report_id" in cells else "",
    )


def whole(cell: str) -> str:
    """A number as a spreadsheet may have left it (``'45``, ``45.0``, ``45,0``) as its digits; other text as it is."""
    found = re.fullmatch(r"'?(\d+)(?:[.,]0+)?", cell.strip())
    return found[1].lstrip("0") or "0" if found else cell.strip()


def plain_doi(text: str) -> str:
    """A DOI in lower case without resolver address; empty if ``text`` holds none."""
    found = re.search(r"10\.\d{4,9}/\S+", text.lower())
    return found[0].rstrip(".,;") if found else ""


def _tokens(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(number) for number in re.findall(rf"\b{TOKEN}(\d{{1,18}})\b", text)}))


_RAYYAN_PART = re.compile(r"(RAYYAN-INCLUSION|RAYYAN-LABELS|RAYYAN-EXCLUSION-REASONS|USER-NOTES)\s*:\s*")
_QUOTED = r'"((?:[^"\\]|\\.)*)"'


def _rayyan(notes: str) -> tuple[dict[str, str], tuple[str, ...], dict[str, str]]:
    pieces = _RAYYAN_PART.split(notes)
    parts = {key: value.strip().rstrip("|").strip() for key, value in zip(pieces[1::2], pieces[2::2], strict=True)}
    votes = {
        _unquoted(who): _unquoted(word)
        for who, word in re.findall(rf"{_QUOTED}\s*=>\s*{_QUOTED}", parts.get("RAYYAN-INCLUSION", ""))
    }
    reasons = tuple(
        reason.strip().removeprefix("__EXR__").strip()
        for reason in parts.get("RAYYAN-EXCLUSION-REASONS", "").split(",")
        if reason.strip()
    )
    said = {
        _unquoted(who): "\n".join(_unquoted(note) for note in re.findall(_QUOTED, listed))
        for who, listed in re.findall(
            rf"{_QUOTED}\s*=>\s*\[((?:{_QUOTED.replace('(', '(?:', 1)}|[^\]\"])*)\]", parts.get("USER-NOTES", "")
        )
    }
    return votes, reasons, said


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _covidence_notes(notes: str) -> tuple[tuple[str, ...], str]:
    pattern = r"exclusion reason:\s*([^;]+);?\s*"
    reasons = tuple(dict.fromkeys(reason.strip() for reason in re.findall(pattern, notes, re.IGNORECASE)))
    return reasons, re.sub(pattern, "", notes, flags=re.IGNORECASE).strip()


# RIS


def _read_ris(name: str, text: str, old_encoding: bool) -> DecisionFile:
    entries, remarks = split_ris(name, re.sub(r"\r\n?", "\n", text))
    said = [" ".join(_values(entry, "N1", "N2")) for entry in entries]
    if any(_ASREVIEW.search(notes) for notes in said):
        tool, is_list = Tool.ASREVIEW, False
    elif any("RAYYAN-" in notes for notes in said):
        tool, is_list = Tool.RAYYAN, False
    elif any(DECISION_NOTE in notes for notes in said):
        tool, is_list = Tool.LIVING_REVIEW, False
    else:
        tool, is_list = Tool.COVIDENCE, True
    rows = tuple(
        _ris_row(f"entry {number}", entry, notes, tool)
        for number, (entry, notes) in enumerate(zip(entries, said, strict=True), start=1)
    )
    return DecisionFile(tool=tool, rows=rows, old_encoding=old_encoding, is_list=is_list, remarks=tuple(remarks))


def _values(entry: Entry, *tags: str) -> list[str]:
    return [" ".join(value.split()) for name, value in entry.fields if name in tags]


_ASREVIEW = re.compile(r"\bASReview_(relevant|irrelevant|not_seen)\b")


def _ris_row(place: str, entry: Entry, said: str, tool: Tool) -> FileRow:
    votes: dict[str, str] = {}
    notes: dict[str, str] = {}
    reasons: tuple[str, ...] = ()
    if tool is Tool.ASREVIEW:
        votes[""] = " and ".join(sorted(set(_ASREVIEW.findall(said))))
    elif tool is Tool.RAYYAN:
        votes, reasons, notes = _rayyan(said)
    elif tool is Tool.COVIDENCE:
        reasons, notes[""] = _covidence_notes("; ".join(_values(entry, "N1")))
    else:
        votes[""] = _noted(entry, DECISION_NOTE)
        reason = _noted(entry, REASON_NOTE)
        reasons = (reason,) if reason else ()
        notes[""] = _json_text(_noted(entry, NOTE_NOTE))
    everything = " ".join(value for _, value in entry.fields)
    pmid = re.search(r"\b(\d{1,9})\[pmid\]|\bPMID:\s*(\d{1,9})\b", everything)
    return FileRow(
        place=place,
        tokens=_tokens(everything),
        title=entry.first("TI") or entry.first("T1"),
        year=(entry.first("PY") or entry.first("Y1"))[:4],
        doi=plain_doi(entry.first("DO")),
        pmid=(pmid[1] or pmid[2]) if pmid else "",
        votes={name: word for name, word in votes.items() if word},
        reasons=reasons,
        notes=notes,
        stage=_noted(entry, STAGE_NOTE),
        reviewer=_json_text(_noted(entry, REVIEWER_NOTE)),
    )


def _noted(entry: Entry, start: str) -> str:
    return next((note.removeprefix(start) for note in _values(entry, "N1") if note.startswith(start)), "")


def _json_text(text: str) -> str:
    try:
        value = json.loads(text) if text else ""
    except ValueError:
        return text
    return value if isinstance(value, str) else text
