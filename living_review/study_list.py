"""The included studies for readers who search, filter and open them: one short line each, and all of each in parts.

Promises: list and parts have the studies in the order of ``studies.json``; a part says nothing of the version it is in,
so that a changed study changes its own part and no other; no abstract and no address of a person is in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from living_review.protocol import FieldType
from living_review.publication_state import PublicationState, StudyView
from living_review.publication_studies import author_line, plain_value

PART_SIZE = 100
"""Studies a part: one holds about 100 kB, of which a reader who opens a study loads no other."""
_AS_IN_SUMMARY = (
    *("study_id", "citation", "title", "year", "doi", "pmid", "url"),
    *("charted", "counted", "included_on", "first_version"),
)


def list_json(state: PublicationState, told: Mapping[str, Any]) -> dict[str, Any]:
    """``list.json``: of each study what a list shows and is filtered by.

    Args:
        state: What is published.
        told: Its ``summary.json``.
    """
    lines = {one["study_id"]: one for one in told["studies"]}
    return {
        "schema": "list-1",
        "review": state.protocol.id,
        "version": state.version,
        "part_size": PART_SIZE,
        "studies": [_line(study, lines[study.study_id], state) for study in state.studies],
    }


def part_name(number: int) -> str:
    """Name of the part with this number, counted from 1: ``studies/0001.json``."""
    return f"studies/{number:04d}.json"


def study_parts(studies: Iterable[Mapping[str, Any]], coded: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Name -> ``studies/0001.json`` and those after it, :data:`PART_SIZE` studies each.

    Args:
        studies: Those of ``studies.json``.
        coded: ``quotes`` of the synthesis.
    """
    quotes = _quotes(coded)
    whole = [{**one, "quotes": quotes.get(one["study_id"], [])} for one in studies]
    starts = range(0, len(whole), PART_SIZE)
    return {
        part_name(number): {
            "schema": "studies-part-1",
            "part": number,
            "studies": whole[start : start + PART_SIZE],
        }
        for number, start in enumerate(starts, start=1)
    }


def _line(study: StudyView, told: Mapping[str, Any], state: PublicationState) -> dict[str, Any]:
    record = study.reports[0].record
    # Free text is in the parts alone.
    names = [item.name for item in state.protocol.charting.fields if item.type is not FieldType.TEXT]
    values = study.values
    return {
        **{key: told[key] for key in _AS_IN_SUMMARY},
        "authors": author_line(record),
        "journal": record.journal,
        "retraction": str(study.retraction),
        "values": None if values is None else {name: plain_value(values.get(name)) for name in names},
    }


def _quotes(fields: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Study -> its quotes, in the form's order and the order of the codes."""
    found: dict[str, list[dict[str, Any]]] = {}
    for field in fields:
        given = [(code["value"], False, quote) for code in field["codes"] for quote in code["quotes"]]
        given += [("", False, quote) for quote in [*field["whole_field"], *field["not_counted"]]]
        given += [(quote["code"], True, quote) for quote in field["contradicting"]]
        for code, contradicting, quote in given:
            found.setdefault(quote["study_id"], []).append(
                {
                    "field": field["field"],
                    "code": code,
                    "text": quote["text"],
                    "location": quote["location"],
                    "contradicting": contradicting,
                }
            )
    return found
