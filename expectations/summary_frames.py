"""The summary as frames that rules can be held against: one row a number, a table, a fact.

What is compared is computed here a second time, from the studies listed behind each number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from living_review.charted_frame import NUMERIC
from living_review.errors import LivingReviewError
from living_review.field_tables import SHARE_DIGITS
from living_review.flow_counts import check_identities
from living_review.protocol import FieldType, Protocol, PubMedSearch
from living_review.publication_state import PublicationState
from living_review.publication_summary import summary
from living_review.retraction import RetractionState
from living_review.steps.prisma import SOURCE_TITLES
from living_review.synthesis import Count, Crosstab, FieldTable, Synthesis


def numbers_frame(synthesis: Synthesis, charted: frozenset[str], protocol: Protocol) -> pd.DataFrame:
    """One row a number of the summary.

    Columns: ``key`` (where it stands), ``count``, ``listed`` (studies behind it, each once), ``charted``, ``share``,
    ``expected_share`` (recomputed), ``unknown``, ``counted_though_left_out`` and ``no_option`` (what is wrong, else
    missing). ``charted`` are all charted studies, counted or left out.
    """
    out = set(synthesis.left_out)
    rows = [
        (
            number.key,
            number.count,
            len(set(number.studies)),
            len(charted),
            number.share,
            round(number.count / number.denominator, SHARE_DIGITS) if number.denominator else None,
            "; ".join(sorted(set(number.studies).difference(charted))) or None,
            "; ".join(sorted(out.intersection(number.studies))) or None,
            "; ".join(_no_options(number.values, protocol)) or None,
        )
        for number in _numbers(synthesis)
    ]
    columns = ["key", "count", "listed", "charted", "share", "expected_share"]
    columns += ["unknown", "counted_though_left_out", "no_option"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    # Plain floats: a missing share beside an expected one must fail, where a nullable pair would raise.
    return frame.astype(
        {"count": "int64", "listed": "int64", "charted": "int64", "share": float, "expected_share": float}
    )


def tables_frame(synthesis: Synthesis) -> pd.DataFrame:
    """One row a table that accounts for every study: ``key``, ``accounted``, ``asked``, ``asked_or_not``, ``counted``.

    ``accounted`` is the sum of the rows and the missing answers where a study has one value, the number of different
    studies in them where it may have several.
    """
    counted = len(synthesis.studies)
    rows = [
        (key, _accounted(table), table.asked, table.asked + len(table.not_asked), of)
        for key, table, of in _tables(synthesis)
    ]
    for cross in synthesis.crosstabs:
        inside = len({study for cell in cross.cells for study in cell.studies})
        everyone = inside + len(cross.missing) + len(cross.not_asked)
        rows.append((_crosstab_key(cross), inside, len(cross.studies), everyone, counted))
    if synthesis.typology:
        plan = synthesis.typology
        inside = len({study for model in plan.models for study in model.studies} | set(plan.without_model))
        rows.append(("typology", inside, plan.asked, inside + len(plan.not_asked), counted))
    frame = pd.DataFrame(rows, columns=["key", "accounted", "asked", "asked_or_not", "counted"])
    return frame.astype(dict.fromkeys(("accounted", "asked", "asked_or_not", "counted"), "int64"))


def facts_frame(synthesis: Synthesis, state: PublicationState, protocol: Protocol) -> pd.DataFrame:
    """One row a fact that the summary states or rests on: ``fact``, ``value`` (text, missing if none), ``holds``.

    The date of a source's last search is that of its last search that did not fail. Every source that ever brought
    something must have one, and every strategy that the protocol has for PubMed: one that only failed and was taken out
    of the protocol brought nothing.
    """
    charted, counted, out = charted_studies(state), set(synthesis.studies), set(synthesis.left_out)
    retracted = {study.study_id for study in state.studies if study.retraction is RetractionState.RETRACTED}
    against_protocol = set() if protocol.publish.include_retracted else counted & retracted
    published_on = _day(state.published_at)
    broken = _broken_identity(state)
    rows: list[tuple[str, str | None, bool]] = [
        ("version from 1", str(state.version), state.version >= 1),
        ("publication date", published_on, True),
        ("PRISMA identities", broken or "hold", not broken),
        (
            "every charted study is either counted or left out",
            f"{len(counted | out)} of {len(charted)}",
            counted | out == charted and not counted & out,
        ),
        (
            "retracted studies that count against the protocol",
            "; ".join(sorted(against_protocol)) or "none",
            not against_protocol,
        ),
        ("searches", str(len(state.searches)), bool(state.searches)),
    ]
    planned = {SOURCE_TITLES.get(one.name, one.name) for one in protocol.searches if isinstance(one, PubMedSearch)}
    for source in sorted(planned.union(entry.source for entry in state.searches if entry.state != "failed")):
        runs = [entry for entry in state.searches if entry.source == source and entry.state != "failed"]
        last = max((_day(entry.searched_at) for entry in runs), default=None)
        rows.append((f"last search of {source}", last, last is not None and last <= published_on))
    return pd.DataFrame(rows, columns=["fact", "value", "holds"])


def statuses_frame(state: PublicationState) -> pd.DataFrame:
    """One row an included study: ``study_id``, ``known`` and ``shown`` (retraction states), ``checked_on``.

    ``known`` comes from the study's reports, ``shown`` and ``checked_on`` from what readers would get.
    """
    entries = {entry["study_id"]: entry["retraction"] for entry in summary(state)["studies"]}
    rows = [
        (
            study.study_id,
            str(study.retraction),
            entries.get(study.study_id, {}).get("state") or None,
            entries.get(study.study_id, {}).get("checked_on") or None,
        )
        for study in state.studies
    ]
    return pd.DataFrame(rows, columns=["study_id", "known", "shown", "checked_on"], dtype=object)


def charted_studies(state: PublicationState) -> frozenset[str]:
    """Ids of every study with charted values."""
    return frozenset(study.study_id for study in state.studies if study.values is not None)


def _broken_identity(state: PublicationState) -> str:
    try:
        for flows in state.flows.values():
            for counts in flows:
                check_identities(counts)
    except LivingReviewError as error:
        return str(error)
    return "" if state.flows else "there are no counts"


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class _Number:
    key: str
    count: int
    denominator: int
    """0: the number has no share."""
    share: float | None
    studies: Sequence[str]
    values: Mapping[str, str]
    """Field -> the value it is counted for."""


def _no_options(values: Mapping[str, str], protocol: Protocol) -> list[str]:
    choices = {
        item.name: protocol.options_of(item.name)
        for item in protocol.charting.fields
        if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}
    }
    return [f"{name} = {value}" for name, value in values.items() if name in choices and value not in choices[name]]


def _tables(synthesis: Synthesis) -> Iterator[tuple[str, FieldTable, int]]:
    """(key, table, studies that count in it): the summary's tables, then each model's."""
    for table in synthesis.tables:
        yield table.field, table, len(synthesis.studies)
    for model in synthesis.typology.models if synthesis.typology else ():
        for table in model.distributions:
            yield f"typology / {model.id} / {table.field}", table, model.count


def _numbers(synthesis: Synthesis) -> Iterator[_Number]:
    for key, table, _ in _tables(synthesis):
        for row in table.rows:
            yield _number(f"{key} = {row.value}", row, table.asked, {table.field: row.value})
        yield _number(f"{key} = (not reported)", table.missing, table.asked, {})
    for cross in synthesis.crosstabs:
        key = _crosstab_key(cross)
        for axis in cross.axes:
            for level in axis.levels:
                here = {axis.field: level.value}
                yield _number(f"{key}: {_in_words(here)}", level, len(cross.studies), here)
        for cell in cross.cells:
            here = dict(zip(cross.fields, cell.combination, strict=True))
            yield _Number(f"{key}: {_in_words(here)}", cell.count, 0, None, cell.studies, here)
    if synthesis.typology:
        plan = synthesis.typology
        for model in plan.models:
            here = {plan.field: model.id}
            yield _Number(f"typology / {model.id}", model.count, plan.asked, model.share, model.studies, here)


def _number(key: str, counted: Count, denominator: int, values: Mapping[str, str]) -> _Number:
    return _Number(key, counted.count, denominator, counted.share, counted.studies, values)


def _in_words(values: Mapping[str, str]) -> str:
    return ", ".join(f"{field} = {value}" for field, value in values.items())


def _crosstab_key(cross: Crosstab) -> str:
    return f"crosstab {' x '.join(cross.fields)}"


def _accounted(table: FieldTable) -> int:
    parts = (*table.rows, table.missing)
    if table.type == FieldType.TEXT:
        return table.asked
    if table.type in NUMERIC:
        return (table.numbers.count if table.numbers else 0) + table.missing.count
    if table.many:
        return len({study for row in parts for study in row.studies})
    return sum(row.count for row in parts)
