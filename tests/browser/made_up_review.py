"""A made-up review in three versions with everything a page must be able to show, and one of many studies."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from living_review.flow_diagram import Facts, RecordFact, ReportFact, Run, variants
from living_review.protocol import Protocol
from living_review.publication_state import Pending, PublicationState, StudyView
from living_review.records import Author, Relation
from living_review.retraction import RetractionState, RetractionStatus
from living_review.screening import Verdict
from living_review.validation import ValidationReport
from tests.unit.publication_states import NONE_FOUND, RETRACTED, protocol, record, search, synthesis_of, view

ARABIC = "استخدام وسائل التواصل الاجتماعي في تحسين جودة الخدمات الصحية: دراسة نوعية"
HEBREW = "שימוש ברשתות חברתיות לשיפור שירותי בריאות"
CHINESE = "社交媒体在医疗服务质量改进中的应用：一项混合方法研究，以及对患者反馈的分析与讨论"
JAPANESE = "ソーシャルメディアの利用と医療サービスの質の向上に関する質的研究"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
TITLES = {5: ARABIC, 6: HEBREW, 7: CHINESE, 8: JAPANESE, 9: LONG_WORD, 10: f"Messages ({ARABIC}) in clinics, 2019–2021"}
NAMES = {
    5: ("الخطيب", "ليلى"),
    6: ("כהן", "נועה"),
    7: ("王", "小明"),
    8: ("山田", "太郎"),
    9: ("Ødegård-Świątkowski", "Þór"),
}
STATES = {
    2: RETRACTED,
    3: RetractionStatus(
        state=RetractionState.CONCERN,
        notices=(Relation(kind="ExpressionOfConcernIn", pmid="998", citation="J Mess. 2022;9:4"),),
        checked_on="2026-10-01",
    ),
    4: RetractionStatus(state=RetractionState.CORRECTED, checked_on="2026-10-01"),
    11: RetractionStatus(state=RetractionState.UNKNOWN),
}
UNCHARTED = 12
SMALL = (10, 14, 16)
"""Studies of the three versions."""
TRANSLATIONS = {
    "zh-Hans": {
        "title": "诊所中的短信：一项动态综述",
        "question": "诊所如何使用短信？",
        "fields": {
            "direction": {"label": "方向", "options": {"one": "单向", "two": "双向"}},
            "platform": {"label": "平台"},
        },
        "models": {"M1": {"name": "广播", "definition": "机构向公众发布信息"}},
    }
}
COUNTRIES = ("AU", "CN", "EG", "IL", "JP", "DE", "US")
PLATFORMS = ("sms", "mail", "letter", "رسالة", "微信")


def plan(**changes: Any) -> Protocol:
    """The protocol: every type of field, options in three scripts."""
    plain: dict[str, Any] = {
        "id": "messages",
        "title": "Messages in clinics: a living review",
        "question": "How do clinics use messages to talk with those they care for, and what does it change?",
        "authors": [
            {
                "name": "Ada One",
                "role": "Screening",
                "orcid": "0000-0002-1825-0097",
                "affiliation": "Made-up University",
            },
            {"name": "王小明", "affiliation": "虚构大学"},
            {"name": "ليلى الخطيب", "role": "Charting"},
        ],
        "eligibility": {
            "include": ["Clinics of any kind"],
            "exclude": [{"id": "design", "text": "Wrong design"}, {"id": "other", "text": "Another subject"}],
        },
        "charting": {
            "fields": [
                {"name": "country", "label": "Country", "type": "country"},
                {
                    "name": "direction",
                    "label": "Direction",
                    "type": "choice",
                    "options": ["one", {"value": "two", "label": "Both ways"}],
                },
                {"name": "platform", "label": "Platform", "type": "multi_choice", "options": list(PLATFORMS)},
                {"name": "people", "label": "People", "type": "integer", "unit": "people"},
                {"name": "randomised", "label": "Randomised", "type": "boolean"},
                {"name": "model", "label": "Model of use", "type": "multi_choice"},
                {"name": "checked_on", "label": "Checked on", "type": "date"},
                {"name": "finding", "label": "Finding", "type": "text", "help": "In the authors' own words"},
            ]
        },
        "typology": {
            "field": "model",
            "models": [
                {"id": "M1", "name": "Broadcasting", "definition": "A clinic informs its public"},
                {"id": "M2", "name": "Listening", "definition": "A clinic reads what people say of it"},
                {"id": "M3"},
            ],
        },
        "summary": {
            "tables": ["country", "direction", "platform", "people", "randomised"],
            "crosstabs": [["direction", "platform"]],
        },
        "publish": {"licence": "CC-BY-4.0"},
    }
    return protocol(**{**plain, **changes})


def study(number: int, **values: Any) -> StudyView:
    """Made-up study ``number``; the same at every call."""
    chance = random.Random(number)
    family, given = NAMES.get(number, (f"Family{number % 97}", "Given"))
    name = f"S{number:04d}"
    first = record(
        str(10_000 + number),
        title=TITLES.get(number, f"Messages to people of clinic {number}: what they said and did"),
        authors=(
            Author(family=family, given=given),
            *(Author(family=f"Other{place}", given="A") for place in range(number % 9)),
        ),
        year=2010 + number % 16,
        journal="مجلة الرسائل" if number == 5 else "Journal of Messages",
        journal_abbreviation="",
    )
    reports = [view(f"R{number}a", first, STATES.get(number, NONE_FOUND))]
    if number % 5 == 1:
        reports.append(view(f"R{number}b", record(str(50_000 + number), kind="preprint")))
    charted = {
        "country": chance.choice(COUNTRIES),
        "direction": chance.choice(["one", "two"]),
        "platform": chance.sample(PLATFORMS, k=2),
        "people": None if number % 7 == 0 else chance.randrange(5, 900),
        "randomised": number % 3 == 0,
        "model": [chance.choice(["M1", "M2"])] if number % 11 else [],
        "checked_on": "2026-02-02",
        "finding": f"In clinic {number} people answered more than before; {TITLES.get(number, 'nothing else changed')}.",
        **values,
    }
    is_charted = number != UNCHARTED
    return StudyView(
        study_id=name,
        reports=tuple(reports),
        values=charted if is_charted else None,
        charted_by="ann" if is_charted else "",
        checked_by="ben" if is_charted else "",
        form_version="1" if is_charted else "",
        included_on=f"2026-{number % 9 + 1:02d}-{number % 28 + 1:02d}",
    )


def flows_of(studies: Sequence[StudyView], reasons: dict[str, str], runs: int) -> dict[str, Any]:
    """Flows in which these studies came in ``runs`` searches, each with a few records that were left out."""
    reports = [
        (one.study_id, report.report_id, place % runs + 1)
        for place, one in enumerate(studies)
        for report in one.reports
    ]
    others = [(f"out{place}", place % runs + 1) for place in range(9 * runs)]
    records = [RecordFact(record_id=f"r{name}", source="PubMed", run=run, report_id=name) for _, name, run in reports]
    records += [
        RecordFact(record_id=f"d{name}", source="Embase", run=run, report_id=name) for _, name, run in reports[::3]
    ]
    records += [RecordFact(record_id=f"r{name}", source="PubMed", run=run, report_id=name) for name, run in others]
    facts = [
        ReportFact(report_id=name, title_abstract=Verdict.INCLUDE, full_text=Verdict.INCLUDE, study_id=one)
        for one, name, _ in reports
    ]
    facts += [
        ReportFact(report_id=name, title_abstract=Verdict.EXCLUDE, title_abstract_reason="design")
        for name, _ in others[::2]
    ]
    days = [Run(number=run, searched_on=f"2026-0{run}-05") for run in range(1, runs + 1)]
    return variants(Facts(runs=days, records=records, reports=facts, reasons=reasons))


def state(studies: Sequence[StudyView], runs: int = 1, **more: Any) -> PublicationState:
    """What a version of these studies says."""
    protocol_ = more.pop("protocol", None) or plan()
    reasons = {one.id: one.text for one in protocol_.eligibility.exclude}
    flows = flows_of(studies, reasons, runs)
    values = {
        "protocol": protocol_,
        "version": 1,
        "published_at": datetime(2026, 3 + runs, 1, 8, tzinfo=UTC),
        "trigger": f"Search {runs} was screened",
        "studies": tuple(studies),
        "synthesis": synthesis_of(tuple(studies), protocol_),
        "flows": flows,
        "searches": tuple(search(month=month, day=5) for month in range(1, runs + 1)),
        "pending": Pending(
            awaiting={"title_abstract": flows["together"][0].total.pending_screening, "full_text": 0},
            conflicts={"title_abstract": 0, "full_text": 0},
            to_chart=tuple(one.study_id for one in studies if one.values is None),
        ),
        "validation": (ValidationReport(suite="charted", suite_sha256="0" * 64, rows=3, evaluated=5),),
        "next_searches": {"pubmed": datetime(2026, 10, 9, 6, tzinfo=UTC)},
        **more,
    }
    return PublicationState(**values)


@cache
def three_versions() -> tuple[PublicationState, ...]:
    """A first version; an update that also charts one study anew; and one in which another methods text holds."""
    made = []
    for runs, size in enumerate(SMALL, start=1):
        studies = [study(number) for number in range(1, size + 1)]
        if runs > 1:
            studies[0] = replace(studies[0], values={**(studies[0].values or {}), "people": 77})
        changes = {"question": "How do clinics use messages, and what does it change?"} if runs == 3 else {}
        made.append(state(studies, runs, protocol=plan(**changes)))
    return tuple(made)
