"""A summary that contradicts itself is not published: each rule is seen to fail."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest
from publication_states import NONE_FOUND, protocol, record, state, view
from publication_states import search as search_of

from expectations import summary_frames
from expectations.publication import check_publication
from living_review.publication_state import StudyView
from living_review.retraction import RetractionState, RetractionStatus
from living_review.synthesis import synthesise

PROTOCOL = protocol()


def search(**more):
    return search_of(**{"source": "PubMed", **more})


def study(number, status=NONE_FOUND, **values):
    plain = {
        "country": "AU",
        "direction": "one",
        "platform": ["sms", "mail"],
        "people": 12,
        "model": ["M1"],
        "checked_on": None,
        "finding": "x",
    }
    return StudyView(
        study_id=f"S{number:04}",
        reports=(view(f"R{number}", record(str(number)), status),),
        values={**plain, **values},
        charted_by="ann",
        form_version="1",
        included_on="2026-01-09",
    )


RETRACTED = RetractionStatus(state=RetractionState.RETRACTED, checked_on="2026-02-01")
STUDIES = (
    study(1),
    study(2, direction="two", platform=["sms"], people=None),
    study(3, direction=None, platform=[], model=[], country="NZ"),
    study(4, RETRACTED),
    study(5, RetractionStatus(state=RetractionState.UNKNOWN)),
)


def synthesis_of(studies=STUDIES, left_out=frozenset({"S0004"})):
    frame = pd.DataFrame([{"study_id": one.study_id, **one.values} for one in studies], dtype=object)
    return synthesise(frame, PROTOCOL, left_out)


def report_on(synthesis, **changes):
    publication = state(
        changes.pop("studies", STUDIES),
        synthesis=synthesis.to_dict(),
        searches=changes.pop("searches", (search(),)),
        **changes,
    )
    report = check_publication(synthesis, publication, publication.protocol)
    assert report.errors == ()
    return report


def failing(report):
    return {(failure.row_key, failure.rule) for failure in report.failures}


def with_table(synthesis, place, **changes):
    tables = list(synthesis.tables)
    tables[place] = replace(tables[place], **changes)
    return replace(synthesis, tables=tuple(tables))


def with_row(synthesis, table, row, **changes):
    rows = list(synthesis.tables[table].rows)
    rows[row] = replace(rows[row], **changes)
    return with_table(synthesis, table, rows=tuple(rows))


def test_a_summary_as_it_is_made_passes():
    report = report_on(synthesis_of())

    assert report.passed, report
    assert report.evaluated > 10


def test_the_same_summary_has_the_same_report():
    assert report_on(synthesis_of()) == report_on(synthesis_of(tuple(reversed(STUDIES))))


def test_nothing_charted_yet_passes():
    waiting = tuple(replace(one, values=None) for one in STUDIES)
    empty = synthesis_of().__class__((), (), (), (), None, ())

    assert report_on(empty, studies=waiting).passed


def test_a_share_that_is_not_count_over_denominator():
    report = report_on(with_row(synthesis_of(), 1, 0, share=0.9))

    assert failing(report) == {("direction = one", "share of studies")}


@pytest.mark.parametrize("share", [1.5, -0.1])
def test_a_share_outside_zero_and_one(share):
    report = report_on(with_row(synthesis_of(), 1, 0, share=share))

    assert ("direction = one", "share") in failing(report)


def test_a_share_that_is_missing():
    report = report_on(with_row(synthesis_of(), 1, 0, share=None))

    assert failing(report) == {("direction = one", "share of studies")}


def test_a_study_that_nobody_charted():
    report = report_on(with_row(synthesis_of(), 1, 0, studies=("S0001", "S0099")))

    assert ("direction = one", "known studies") in failing(report)
    assert any("found S0099" in failure.message for failure in report.failures)


def test_a_study_listed_twice():
    report = report_on(with_row(synthesis_of(), 1, 0, studies=("S0001", "S0001")))

    assert ("direction = one", "studies behind it") in failing(report)


def test_a_retracted_study_that_is_left_out_and_still_counted():
    report = report_on(with_row(synthesis_of(), 1, 0, studies=("S0001", "S0004")))

    assert ("direction = one", "left out") in failing(report)


def test_a_count_above_the_number_of_charted_studies():
    many = tuple(f"S{number:04}" for number in range(1, 9))

    report = report_on(with_row(synthesis_of(), 1, 0, studies=many))

    assert ("direction = one", "at most all") in failing(report)


def test_rows_that_do_not_add_up_to_the_studies_asked():
    report = report_on(with_row(synthesis_of(), 1, 0, studies=("S0001",), share=0.25))

    assert failing(report) == {("direction", "sum")}


def test_a_table_that_forgets_studies():
    report = report_on(with_table(synthesis_of(), 1, not_asked=("S0002",)))

    assert failing(report) == {("direction", "every study")}


def test_a_value_that_is_no_option():
    report = report_on(synthesis_of((study(1, direction="sideways"), *STUDIES[1:])))

    assert failing(report) == {
        ("direction = sideways", "options"),
        ("crosstab direction x platform: direction = sideways", "options"),
        ("crosstab direction x platform: direction = sideways, platform = sms", "options"),
        ("crosstab direction x platform: direction = sideways, platform = mail", "options"),
        ("typology / M1 / direction = sideways", "options"),
    }


def test_a_crosstab_whose_cells_lost_a_study():
    whole = synthesis_of()
    lost = replace(whole.crosstabs[0], cells=whole.crosstabs[0].cells[:1])

    report = report_on(replace(whole, crosstabs=(lost,)))

    assert ("crosstab direction x platform", "sum") in failing(report)


def test_a_typology_that_lost_a_study():
    whole = synthesis_of()

    report = report_on(replace(whole, typology=replace(whole.typology, without_model=())))

    assert failing(report) == {("typology", "sum"), ("typology", "every study")}


def test_a_charted_study_that_is_nowhere():
    report = report_on(synthesis_of(STUDIES[:4]))

    assert ("every charted study is either counted or left out", "holds") in failing(report)


def test_a_retracted_study_that_counts_needs_the_protocol_to_say_so():
    counted = synthesis_of(left_out=frozenset())
    told = protocol(publish={"include_retracted": True})

    report = report_on(counted)

    assert failing(report) == {("retracted studies that count against the protocol", "holds")}
    assert report_on(counted, protocol=told).passed


def test_counts_that_break_an_identity():
    whole = state(STUDIES)
    flow = whole.flows["together"][0]
    broken = {"together": (replace(flow, total=replace(flow.total, identified=99)),)}

    report = report_on(synthesis_of(), flows=broken)

    assert failing(report) == {("PRISMA identities", "holds")}


def test_a_version_must_have_a_number():
    assert failing(report_on(synthesis_of(), version=0)) == {("version from 1", "holds")}


def test_every_source_must_have_been_searched():
    failed = (search(state="failed"), search(source="embase"))
    assert failing(report_on(synthesis_of(), searches=failed)) == {
        ("last search of PubMed", "present"),
        ("last search of PubMed", "holds"),
    }
    assert failing(report_on(synthesis_of(), searches=(search(source="embase"),))) == {
        ("last search of PubMed", "present"),
        ("last search of PubMed", "holds"),
    }
    assert ("searches", "holds") in failing(report_on(synthesis_of(), searches=()))


def test_a_search_that_only_failed_and_was_taken_out_of_the_protocol_holds_up_nothing():
    assert report_on(synthesis_of(), searches=(search(), search(source="skin", state="failed"))).passed


def test_a_search_after_the_publication():
    later = search(month=4)

    report = report_on(synthesis_of(), searches=(later,), published_at=datetime(2026, 3, 1, tzinfo=UTC))

    assert failing(report) == {("last search of PubMed", "holds")}


def test_unknown_is_never_shown_as_none(monkeypatch):
    def lying(publication):
        return {
            "studies": [
                {"study_id": one.study_id, "retraction": {"state": "none", "checked_on": "2026-01-01"}}
                for one in publication.studies
            ]
        }

    monkeypatch.setattr(summary_frames, "summary", lying)

    assert failing(report_on(synthesis_of())) == {("S0004", "as known"), ("S0005", "as known")}


def test_none_without_a_date_is_not_shown():
    undated = study(1, RetractionStatus(state=RetractionState.NONE))

    report = report_on(synthesis_of(), studies=(undated, *STUDIES[1:]))

    assert failing(report) == {("S0001", "checked on")}


def test_a_study_without_a_status(monkeypatch):
    monkeypatch.setattr(summary_frames, "summary", lambda publication: {"studies": []})

    assert ("S0001", "status") in failing(report_on(synthesis_of()))
