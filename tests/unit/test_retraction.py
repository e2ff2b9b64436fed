"""Retraction state: either mark is enough, the gravest holds, and unknown is never none."""

from __future__ import annotations

import pytest

from living_review.records import Record, Relation
from living_review.retraction import RetractionState, RetractionStatus, status_of, status_of_report

DAY = "2026-11-16"
NOTICE = Relation(kind="RetractionIn", pmid="9", citation="J Nothing. 2026")


def record(**changes: object) -> Record:
    return Record(**{"source": "pubmed", "source_id": "1", "pmid": "1", "status": "MEDLINE", **changes})  # type: ignore[arg-type]


def relation(kind: str) -> Relation:
    return Relation(kind=kind, pmid="9")


@pytest.mark.parametrize(
    ("changes", "state", "notices"),
    [
        ({"publication_types": ("Journal Article", "Retracted Publication")}, "retracted", ()),
        ({"relations": (NOTICE,)}, "retracted", (NOTICE,)),
        ({"publication_types": ("Retracted Publication",), "relations": (NOTICE,)}, "retracted", (NOTICE,)),
        (
            {"relations": (relation("RetractedandRepublishedIn"),)},
            "retracted",
            (relation("RetractedandRepublishedIn"),),
        ),
        ({"relations": (relation("ExpressionOfConcernIn"),)}, "expression_of_concern", None),
        ({"relations": (relation("ErratumIn"),)}, "corrected", None),
        ({"relations": (relation("ErratumIn"), relation("ExpressionOfConcernIn"))}, "expression_of_concern", None),
        ({"relations": (relation("ErratumIn"), NOTICE)}, "retracted", (NOTICE,)),
        # The notice is not what it is about, and neither a later version nor a comment corrects.
        ({"publication_types": ("Retraction of Publication",)}, "none", ()),
        ({"relations": (relation("RetractionOf"), relation("ErratumFor"))}, "none", ()),
        ({"relations": (relation("UpdateIn"), relation("CommentIn"))}, "none", ()),
        ({}, "none", ()),
    ],
)
def test_the_state_of_a_record_of_pubmed(changes, state, notices):
    found = status_of(record(**changes), DAY)
    assert found.state == state
    assert found.checked_on == DAY
    if notices is not None:
        assert found.notices == notices


@pytest.mark.parametrize(
    ("changes", "checked_on"),
    [
        ({}, ""),
        ({"source": "embase", "status": ""}, DAY),
        ({"source": "embase", "status": "", "pmid": ""}, DAY),
    ],
)
def test_who_was_not_asked_does_not_say_none(changes, checked_on):
    assert status_of(record(**changes), checked_on).state is RetractionState.UNKNOWN


def test_a_retraction_is_believed_from_any_source():
    embase = record(source="embase", status="", publication_types=("Retracted Publication",))
    assert status_of(embase, "").state is RetractionState.RETRACTED


def status(state: RetractionState, day: str = DAY, notices: tuple[Relation, ...] = ()) -> RetractionStatus:
    return RetractionStatus(state=state, checked_on=day, notices=notices)


def test_a_report_has_the_gravest_state_of_its_records():
    states = list(RetractionState)
    for place, gravest in enumerate(states):
        assert status_of_report(map(status, reversed(states[place:]))).state is gravest
    assert status_of_report([]).state is RetractionState.UNKNOWN


def test_a_report_was_checked_when_the_first_of_its_records_was():
    found = status_of_report([status(RetractionState.NONE, "2026-11-16"), status(RetractionState.NONE, "2026-10-01")])
    assert found.checked_on == "2026-10-01"


def test_the_record_that_cites_the_notice_speaks_for_the_report():
    bare = status(RetractionState.RETRACTED, "2026-01-01")
    assert status_of_report([bare, status(RetractionState.RETRACTED, DAY, (NOTICE,))]).notices == (NOTICE,)
