"""Decisions from screening tools back in: whose they are, on which report, and what they say.

Promises: what :mod:`living_review.screening_export` wrote comes back exactly; a row is matched to a report by our own number where the other tool kept it,
else only where DOI, PMID or title and year name one report; a file is taken whole or not at all, with every problem
named at once; and every row is accounted for as a decision, as undecided or as repeating another row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from living_review.errors import InvalidFile, UsageError
from living_review.protocol import Protocol, Stage
from living_review.screening import Choice, problems, reason_problems
from living_review.screening_export import ExportRow
from living_review.screening_formats import (
    DecisionFile,
    FileRow,
    Tool,
    covidence_list,
    plain_doi,
    read,
)
from living_review.titles import differ, folded

LONGEST_MESSAGE = 50
"""Problems shown of one file; all are in ``InvalidDecisions.problems``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDecision:
    """One decision that a file holds about one report of the review."""

    report_id: str
    record_id: int
    """The record the row is about; of a report matched otherwise, its first in ``known``."""
    choice: Choice
    reason: str
    note: str
    place: str
    """Where it stands in the file: ``row 7``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDecisions:
    """Everything a file says; ``rows`` = decisions + undecided + repeated."""

    tool: Tool
    name_in_file: str
    """Whose decisions they are in the other tool's words; empty where the file does not say."""
    decisions: tuple[ImportedDecision, ...]
    undecided: int
    """Rows without a decision."""
    repeated: int
    """Rows that say again what another row on the same report says."""
    rows: int
    remarks: tuple[str, ...] = ()
    """What a person should know of how the file was read."""


class InvalidDecisions(InvalidFile):
    """A file of decisions that was not used; holds every problem found, one line each."""

    def __init__(self, name: str, wrong: list[str]) -> None:
        self.problems = [f"{name} {line}" for line in wrong]
        super().__init__(f"{len(wrong)} rows cannot be used", name, "put them right and import the file again")

    def __str__(self) -> str:
        shown = self.problems[:LONGEST_MESSAGE]
        left = len(self.problems) - len(shown)
        return "\n".join([*shown, *([f"{self.where}: {left} more like these"] if left else [])])


def import_decisions(
    name: str,
    body: bytes,
    *,
    known: Sequence[ExportRow],
    protocol: Protocol,
    stage: Stage,
    reviewer: str,
    name_in_file: str = "",
    list_means: Choice | None = None,
    consensus: bool = False,
) -> ImportedDecisions:
    """The decisions of one reviewer at one stage that a file holds.

    Of several reasons (Rayyan) the first in the protocol's order counts and the others go into the note. A reason that the
    protocol does not know is a problem at full text; at title and abstract, where none is needed, another tool's reason
    goes into the note.

    Args:
        name: The file's name, for messages and, of a Covidence list, for what it means.
        body: The file.
        known: Every record ever shown to reviewers with the report it belongs to now.
        protocol: The review's protocol.
        stage: The stage the decisions are of.
        reviewer: Whose decisions they become.
        name_in_file: What the other tool calls the reviewer, where a file holds several.
        list_means: What belonging to the file means, where rows have no decision of their own.
        consensus: Whether the decisions settle those of others, so that the rows may have been written for anyone.

    Raises:
        UsageError: If ``reviewer`` may not decide at ``stage``.
        InvalidFile: If the file as a whole cannot be used, or was exported for another reviewer or stage.
        InvalidDecisions: With every row that cannot be used; nothing of the file is used then.
    """
    may_not = problems(protocol, stage=stage, reviewer=reviewer, choice=Choice.INCLUDE)
    if may_not:
        raise UsageError("; ".join(may_not), name, "nothing was written")
    file = read(name, body)
    _refuse_another_desk(name, file, stage, "" if consensus else reviewer)
    meant = _meaning_of_list(name, file, stage, list_means)
    whose = _whose(name, file, protocol, reviewer, name_in_file)
    find = _finder(known, file.tool)
    wrong: list[str] = []
    found: dict[str, ImportedDecision] = {}
    undecided = repeated = 0
    for row in file.rows:
        try:
            choice = meant if file.is_list else _choice(row.votes.get(whose, ""), file.tool)
            match = find(row)
            if choice is None:
                undecided += 1
                continue
            decision = _decision(row, match, choice, whose, file, protocol, stage)
        except ValueError as error:
            wrong.append(f"{row.place}: {error}")
            continue
        held = found.setdefault(decision.report_id, decision)
        if held is decision:
            continue
        repeated += 1
        if (held.choice, held.reason, held.note) != (decision.choice, decision.reason, decision.note):
            wrong.append(
                f"{row.place}: found another decision on report {decision.report_id} than in {held.place}; "
                "allowed: one decision a report"
            )
    if wrong:
        raise InvalidDecisions(name, wrong)
    return ImportedDecisions(
        tool=file.tool,
        name_in_file=whose,
        decisions=tuple(found.values()),
        undecided=undecided,
        repeated=repeated,
        rows=len(file.rows),
        remarks=file.remarks,
    )


def _refuse_another_desk(name: str, file: DecisionFile, stage: Stage, reviewer: str) -> None:
    """One person's decisions under another's name, or at another stage, would be believed ever after."""

    def fits(row: FileRow) -> bool:
        other_stage = row.stage and row.stage.casefold() != stage
        other_person = reviewer and row.reviewer and row.reviewer.casefold() != reviewer.casefold()
        return not (other_stage or other_person)

    wrong = [row for row in file.rows if not fits(row)]
    if wrong:
        desks = sorted({" at ".join(part for part in (row.reviewer, row.stage) if part) for row in wrong})
        raise InvalidFile(
            f"found rows exported for {', '.join(desks)}",
            f"{name} {wrong[0].place}",
            f"name that reviewer and stage, or export for {reviewer or 'the stage'} anew; "
            "a row whose columns stage and reviewer are empty is taken as it is",
        )


def _meaning_of_list(name: str, file: DecisionFile, stage: Stage, list_means: Choice | None) -> Choice | None:
    if not file.is_list:
        return None
    if list_means is not None:
        return list_means
    named, meant = covidence_list(name, stage) if file.tool is Tool.COVIDENCE else (False, None)
    if not named:
        raise InvalidFile(
            f"found no decisions for {stage}",
            name,
            "give a file with a column decision, or say what belonging to this list means (include or exclude)",
        )
    return meant


def _whose(name: str, file: DecisionFile, protocol: Protocol, reviewer: str, asked: str) -> str:
    names = sorted({who for row in file.rows for who in row.votes if who})
    if asked and asked not in names:
        raise InvalidFile(f"found no decisions of {asked!r}", name, f"found: {', '.join(names) or 'no names'}")
    if asked or not names:
        return asked
    same = [who for who in names if who.casefold() == reviewer.casefold()]
    if same:
        return same[0]
    others = {person.casefold() for person in protocol.screening.reviewers}
    if len(names) > 1 or names[0].casefold() in others:
        raise InvalidFile(f"found decisions of {', '.join(names)}", name, f"say which of these names is {reviewer}")
    return names[0]


_WORDS: dict[Tool, dict[str, Choice | None]] = {
    Tool.LIVING_REVIEW: {
        "": None,
        "none": None,
        "include": Choice.INCLUDE,
        "included": Choice.INCLUDE,
        "yes": Choice.INCLUDE,
        "exclude": Choice.EXCLUDE,
        "excluded": Choice.EXCLUDE,
        "no": Choice.EXCLUDE,
        "maybe": Choice.MAYBE,
    },
    Tool.RAYYAN: {
        "": None,
        "undecided": None,
        "included": Choice.INCLUDE,
        "excluded": Choice.EXCLUDE,
        "maybe": Choice.MAYBE,
    },
    Tool.COVIDENCE: {},
    Tool.ASREVIEW: {
        "": None,
        "-1": None,
        "not_seen": None,
        "1": Choice.INCLUDE,
        "relevant": Choice.INCLUDE,
        "0": Choice.EXCLUDE,
        "irrelevant": Choice.EXCLUDE,
    },
}


def _choice(word: str, tool: Tool) -> Choice | None:
    words = _WORDS[tool]
    plain = re.sub(r"(?<=\d)[.,]0+$", "", word.strip().casefold())
    if plain not in words:
        raise ValueError(f"found decision {word!r}; allowed: {', '.join(key for key in words if key)} or nothing")
    return words[plain]


def _decision(
    row: FileRow,
    match: ExportRow,
    choice: Choice,
    whose: str,
    file: DecisionFile,
    protocol: Protocol,
    stage: Stage,
) -> ImportedDecision:
    reason, rest = _reason(row, choice, file.tool, protocol, stage)
    wrong = reason_problems(protocol, stage=stage, choice=choice, reason=reason)
    note = row.notes.get(whose, "")
    if file.old_encoding and not f"{note}{reason}{rest}".isascii():
        wrong.append('found letters whose code page is not known; allowed: a file saved as "CSV UTF-8"')
    if wrong:
        raise ValueError("; ".join(wrong))
    return ImportedDecision(
        report_id=match.report_id,
        record_id=match.record_id,
        choice=choice,
        reason=reason,
        note="\n".join(part for part in (note, rest) if part),
        place=row.place,
    )


def _reason(row: FileRow, choice: Choice, tool: Tool, protocol: Protocol, stage: Stage) -> tuple[str, str]:
    """The id of the reason that counts, and what is left to say about reasons."""
    ids = {folded(text): item.id for item in reversed(protocol.exclusion_reasons) for text in (item.text, item.id)}
    known = [ids[folded(text)] for text in row.reasons if folded(text) in ids]
    unknown = [text for text in row.reasons if folded(text) not in ids]
    if tool is Tool.LIVING_REVIEW:
        return (known or unknown or [""])[0], ""
    if choice is not Choice.EXCLUDE:
        # Rayyan shows the reasons of all reviewers on a report; those of one who includes are somebody else's.
        return "", ""
    ordered = [item.id for item in protocol.exclusion_reasons if item.id in known]
    if not ordered and unknown and stage is Stage.FULL_TEXT:
        return unknown[0], ""
    rest = [*ordered[1:], *unknown]
    return (ordered or [""])[0], f"Other reasons given: {'; '.join(rest)}" if rest else ""


def _finder(known: Sequence[ExportRow], tool: Tool) -> Callable[[FileRow], ExportRow]:
    """What finds the one record a row is about, or raises ValueError with what is wrong."""
    by_record = {str(row.record_id): row for row in known}
    by_report: dict[str, list[ExportRow]] = defaultdict(list)
    by_doi: dict[str, list[ExportRow]] = defaultdict(list)
    by_pmid: dict[str, list[ExportRow]] = defaultdict(list)
    by_title: dict[str, list[ExportRow]] = defaultdict(list)
    for row in known:
        by_report[row.report_id].append(row)
        by_doi[plain_doi(row.doi)].append(row)
        by_pmid[row.pmid].append(row)
        by_title[folded(row.title)].append(row)

    def by_number(row: FileRow) -> ExportRow | None:
        # ASReview numbers records itself, in a column that may have taken the place of ours.
        if tool is not Tool.ASREVIEW and row.record_id:
            if row.record_id not in by_record:
                raise ValueError(f"found record {row.record_id}, which this review never showed to reviewers")
            return by_record[row.record_id]
        if row.report_id in by_report:
            return by_report[row.report_id][0]
        if row.report_id and tool is Tool.LIVING_REVIEW:
            raise ValueError(f"found report {row.report_id}, which this review does not have")
        carried = [by_record[str(number)] for number in row.tokens if str(number) in by_record]
        if row.tokens and not carried:
            raise ValueError(f"found record {row.tokens[0]}, which this review never showed to reviewers")
        return _only(carried, "our numbers") if carried else None

    def by_content(row: FileRow) -> ExportRow:
        same_year = [
            other
            for other in by_title.get(folded(row.title), [])
            if not row.year or other.year is None or row.year == str(other.year)
        ]
        several = ""
        for what, value, candidates in (
            ("DOI", row.doi, by_doi.get(row.doi, [])),
            ("PMID", row.pmid, by_pmid.get(row.pmid, [])),
            ("title and year", folded(row.title), same_year),
        ):
            if not value or not candidates:
                continue
            try:
                return _only(candidates, what)
            except ValueError as error:
                several = several or str(error)
        raise ValueError(several or f"found no report for {row.title or row.doi or 'this row'!r}")

    def find(row: FileRow) -> ExportRow:
        match = by_number(row) or by_content(row)
        own = [other.title for other in by_report[match.report_id]]
        elsewhere = by_title.get(folded(row.title), []) if row.title else []
        of_another = elsewhere and all(other.report_id != match.report_id for other in elsewhere)
        if of_another or (own and all(differ(row.title, title) for title in own)):
            raise ValueError(
                f"found the title {row.title!r} where record {match.record_id} has {match.title!r}; "
                "allowed: rows as this review exported them, sorted as a whole"
            )
        return match

    return find


def _only(candidates: list[ExportRow], what: str) -> ExportRow:
    reports = sorted({row.report_id for row in candidates})
    if len(reports) > 1:
        raise ValueError(f"{what} fits the reports {', '.join(reports)}; allowed: rows that fit one report")
    return candidates[0]
