"""Made-up publications for tests: two studies that are plain, two with everything that can go wrong in text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from living_review.flow_diagram import Facts, RecordFact, ReportFact, Run, variants
from living_review.history import entry, settled
from living_review.protocol import Protocol
from living_review.publication_state import Pending, PublicationState, ReportView, SearchLogEntry, StudyView
from living_review.records import Author, Record, Relation
from living_review.retraction import RetractionState, RetractionStatus
from living_review.screening import Verdict
from living_review.synthesis import synthesise
from living_review.validation import Failure, ValidationReport

SCRIPT = "<script>alert('x')</script>"
FORMULA = '=HYPERLINK("http://example.org";"x")'
RTL = "\u202eمراجعة حية\u202c"
CJK = "ソーシャルメディアの利用"
LINES = "one\r\ntwo\x00\x1bthree\n\nER  - \nTY  - JOUR\nTI  - forged"
HOSTILE = f"{FORMULA} {SCRIPT} {RTL} {CJK} {LINES} ]]> --> \"quoted\" 'single' & &amp; \\u003c"


def protocol(**changes: Any) -> Protocol:
    plain = {
        "id": "made-up",
        "title": "Messages in clinics",
        "question": "How do clinics use messages?",
        "framework": {"name": "PCC", "population": "Clinics", "concept": "Messages", "context": "Anywhere"},
        "authors": [
            {"name": "Ada One", "role": "Screening", "email": "ada@example.org", "orcid": "0000-0002-1825-0097"},
            {"name": SCRIPT, "affiliation": CJK},
        ],
        "eligibility": {"include": ["Clinics"], "exclude": [{"id": "design", "text": f"Wrong design; {SCRIPT}"}]},
        "searches": [
            {"source": "pubmed", "query": "message*[tiab] AND clinic*[tiab]"},
            {"source": "files", "inbox": "s3://secret-bucket/inbox"},
        ],
        "schedule": {"refresh": {"cron": "0 6 * * 1", "timezone": "UTC"}},
        "notify": [{"to": "mailto://someone:password@example.org"}],
        "charting": {
            "fields": [
                {"name": "country", "type": "country"},
                {
                    "name": "direction",
                    "label": f"Direction {SCRIPT}",
                    "type": "choice",
                    "options": ["one", {"value": "two", "label": HOSTILE}],
                },
                {"name": "platform", "type": "multi_choice", "options": ["sms", "mail", "letter"]},
                {"name": "people", "type": "integer", "unit": "people"},
                {"name": "model", "type": "multi_choice"},
                {"name": "checked_on", "type": "date"},
                {"name": "finding", "type": "text"},
            ]
        },
        "typology": {"field": "model", "models": [{"id": "M1", "name": CJK, "definition": SCRIPT}, {"id": "M2"}]},
        "summary": {
            "tables": ["country", "direction", "platform", "people"],
            "crosstabs": [["direction", "platform"]],
        },
        "living": {"status": "living", "retire_when": "Nothing new for two years"},
        "translations": {
            "zh-Hans": {
                "title": CJK,
                "fields": {"direction": {"label": SCRIPT, "options": {"one": HOSTILE}}, "people": {"help": RTL}},
                "models": {"M1": {"definition": SCRIPT}},
            }
        },
    }
    return Protocol.model_validate({**plain, **changes})


def record(source_id: str, **more: Any) -> Record:
    values = {
        "title": f"Study {source_id}",
        "abstract": "An abstract that stays with its publisher.",
        "authors": tuple(Author(family=f"Family{place}", given="Given Name") for place in range(8)),
        "year": 2020,
        "published": "2020-03",
        "journal": "Journal of Messages",
        "journal_abbreviation": "J Mess",
        "volume": "7",
        "issue": "2",
        "pages": "1-9",
        "pmid": source_id,
        "doi": f"10.1000/{source_id}",
        "notes": {"OWN": "internal"},
        **more,
    }
    return Record(source="pubmed", source_id=source_id, **values)


NONE_FOUND = RetractionStatus(state=RetractionState.NONE, checked_on="2026-10-01")
RETRACTED = RetractionStatus(
    state=RetractionState.RETRACTED,
    notices=(Relation(kind="RetractionIn", pmid="999", citation=f"J Mess. 2021;8:1 {SCRIPT}"),),
    checked_on="2026-10-01",
)
HOSTILE_RECORD = record(
    "13",
    title=HOSTILE,
    authors=(Author(family=FORMULA, given=RTL), Author(collective=SCRIPT)),
    journal=LINES,
    journal_abbreviation=SCRIPT,
    doi="",
    pmid="",
    url="javascript:alert(1)",
    keywords=(HOSTILE,),
    publication_types=(HOSTILE,),
)


def view(report_id: str, of: Record, status: RetractionStatus = NONE_FOUND) -> ReportView:
    return ReportView(report_id=report_id, record=of, retraction=status, sources=((of.source, of.source_id),))


STUDIES = (
    StudyView(
        study_id="S0001",
        reports=(view("R1", record("11")), view("R2", record("12", kind="preprint"))),
        values={
            "country": "AU",
            "direction": "one",
            "platform": ["sms", "mail"],
            "people": 12,
            "model": ["M1"],
            "checked_on": "2026-02-02",
            "finding": "-5 % of people",
        },
        charted_by="ann",
        checked_by="ben",
        form_version="1",
        included_on="2026-01-09",
    ),
    StudyView(
        study_id="S0002",
        reports=(view("R3", HOSTILE_RECORD, RetractionStatus(state=RetractionState.UNKNOWN)),),
        values={
            "country": HOSTILE,
            "direction": "two",
            "platform": ["sms"],
            "people": 40,
            "model": ["M1", "M2"],
            "checked_on": None,
            "finding": HOSTILE,
        },
        charted_by=FORMULA,
        checked_by="",
        form_version="1",
        included_on="2026-01-10",
    ),
    StudyView(
        study_id="S0003",
        reports=(view("R4", record("14"), RETRACTED),),
        values={"country": "NZ", "direction": "one", "platform": [], "people": None, "model": [], "finding": ""},
        charted_by="ann",
        form_version="1",
        included_on="2026-01-11",
    ),
    StudyView(study_id="S0004", reports=(view("R5", record("15")),), included_on="2026-02-11"),
)
VALIDATION = (
    ValidationReport(suite="charted", suite_sha256="0" * 64, rows=3, evaluated=5),
    ValidationReport(
        suite=f"summary {SCRIPT}",
        suite_sha256="1" * 64,
        rows=4,
        evaluated=2,
        failures=(Failure(row_key="S0002", column="country", rule="country", found=HOSTILE, message=HOSTILE),),
        table_failures=(SCRIPT,),
        errors=(HOSTILE,),
        nothing_to_check=(SCRIPT,),
    ),
)


def synthesis_of(studies: tuple[StudyView, ...], plan: Protocol) -> dict[str, Any]:
    """What the summary counts of these studies; retracted ones are left out unless the protocol counts them."""
    rows = [{"study_id": one.study_id, **one.values} for one in studies if one.values is not None]
    columns = ["study_id", *(item.name for item in plan.charting.fields)]
    frame = pd.DataFrame(rows).reindex(columns=columns).astype(object)
    retracted = {one.study_id for one in studies if one.retraction is RetractionState.RETRACTED}
    left_out = frozenset() if plan.publish.include_retracted else frozenset(retracted)
    quotes = pd.DataFrame(
        [
            {"study_id": one.study_id, "field": "direction", "code": "two", "quote": HOSTILE, "location": "p. 3"}
            for one in studies
            if "direction" in (one.values or {})
        ]
    )
    return synthesise(frame, plan, left_out, quotes if len(quotes) else None).to_dict()


def flows_of(studies: tuple[StudyView, ...], plan: Protocol, awaiting: int = 1) -> dict[str, Any]:
    """A flow in which these studies are included, one report is excluded and some await a verdict."""
    reports = [(study.study_id, report.report_id) for study in studies for report in study.reports]
    records = [
        RecordFact(record_id=f"r-{name}", source="PubMed", run=1, report_id=name)
        for name in [*(name for _, name in reports), "out", *(f"open{place}" for place in range(awaiting))]
    ]
    facts = [
        ReportFact(report_id=name, title_abstract=Verdict.INCLUDE, full_text=Verdict.INCLUDE, study_id=study)
        for study, name in reports
    ]
    out = ReportFact(
        report_id="out", title_abstract=Verdict.INCLUDE, full_text=Verdict.EXCLUDE, full_text_reason="design"
    )
    reasons = {one.id: one.text for one in plan.eligibility.exclude}
    runs = [Run(number=1, searched_on="2026-01-05")]
    return variants(Facts(runs=runs, records=records, reports=[*facts, out], reasons=reasons))


def search(day: int = 5, month: int = 1, **more: Any) -> SearchLogEntry:
    values = {
        "number": 100 * month + day,
        "source": "pubmed",
        "platform": "PubMed (NCBI E-utilities)",
        "searched_at": datetime(2026, month, day, 6, tzinfo=UTC),
        "query": "message*[tiab] AND clinic*[tiab]",
        "translation": '"message"[Title/Abstract]',
        "promised": 7,
        "delivered": 7,
        "new": 7,
        **more,
    }
    return SearchLogEntry(**values)


def history_of(*summaries: Any) -> list[dict[str, Any]]:
    """The entries of these versions, all with made-up manifests."""
    manifests = {
        one["version"]: {"key": f"versions/{one['version']:06d}/manifest.json", "sha256": f"{one['version']:064d}"}
        for one in summaries
    }
    return settled((entry(one) for one in summaries), manifests, {}, {})


def state(studies: tuple[StudyView, ...] = STUDIES, **more: Any) -> PublicationState:
    """A whole state; ``more`` replaces parts of it."""
    plan = more.pop("protocol", protocol())
    awaiting = more.pop("awaiting", 1)
    previous = more.get("previous")
    values = {
        "protocol": plan,
        "version": 1,
        "published_at": datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
        "trigger": f"The first search was screened {SCRIPT}",
        "studies": studies,
        "synthesis": synthesis_of(studies, plan),
        "flows": flows_of(studies, plan, awaiting),
        "searches": (search(), search(source=HOSTILE, platform=HOSTILE, query=HOSTILE, warnings=(HOSTILE,))),
        "pending": Pending(
            awaiting={"title_abstract": awaiting, "full_text": 0},
            conflicts={"title_abstract": 0, "full_text": 0},
            to_chart=tuple(one.study_id for one in studies if one.values is None),
            returned_rows=1,
            held_records=2,
        ),
        "validation": VALIDATION,
        "next_searches": {"pubmed": datetime(2026, 3, 9, 6, tzinfo=UTC)},
        "history": tuple(history_of(previous)) if previous else (),
        **more,
    }
    return PublicationState(**values)


def with_values(study: StudyView, **values: Any) -> StudyView:
    """The study with other charted values."""
    return replace(study, values={**(study.values or {}), **values})
