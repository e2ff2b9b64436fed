"""A publication: whole, valid, deterministic, and nothing anybody wrote leaves its place as text."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from lxml import etree

from living_review.errors import LivingReviewError
from living_review.flow_diagram import VARIANTS
from living_review.publication import build, content_digest
from living_review.publication_state import Pending, StudyView
from living_review.retraction import RetractionState, RetractionStatus
from living_review.sources.ris import read_ris
from living_review.store_layout import File, Pointer, build_manifest
from tests.published import NAMES, check_all, schema
from tests.unit.publication_states import (
    CJK,
    FORMULA,
    HOSTILE,
    NONE_FOUND,
    RETRACTED,
    SCRIPT,
    STUDIES,
    flows_of,
    protocol,
    record,
    search,
    state,
    synthesis_of,
    view,
    with_values,
)

SVG = "{http://www.w3.org/2000/svg}"


def summary_of(files: dict[str, File]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files["summary.json"].body)
    return told


FILES = build(state())
SUMMARY = summary_of(FILES)


def test_a_version_has_exactly_these_files() -> None:
    assert list(FILES) == sorted(
        [
            *("summary.json", "studies.csv", "studies.json", "included.ris", "search.json", "prisma.csv"),
            *("prisma.svg", "validation.json", "validation.html", "prisma.json", "list.json", "studies/0001.json"),
            "overview.json",
            *("history.json", "citation.cff", "citation.ris", "citation.bib"),
            *(f"prisma/{name}.{kind}" for name in VARIANTS for kind in ("csv", "svg")),
            *(
                f"charts/{name}.{kind}"
                for name in (
                    *("country", "direction", "platform", "people", "model"),
                    *("timeline-studies", "timeline-searches", "map-direction-platform"),
                )
                for kind in ("svg", "csv", "json", "vl.json")
            ),
        ]
    )
    kinds = {name.rsplit(".", 1)[1]: file.content_type.split(";")[0] for name, file in FILES.items()}
    assert kinds == {
        "json": "application/json",
        "csv": "text/csv",
        "svg": "image/svg+xml",
        "html": "text/html",
        "ris": "application/x-research-info-systems",
        "cff": "application/yaml",
        "bib": "application/x-bibtex",
    }


def test_manifest_and_pointer_meet_their_schemas() -> None:
    manifest = build_manifest("made-up", 1, FILES)
    jsonschema.validate(json.loads(manifest), schema("manifest"))
    pointer = Pointer(
        review_id="made-up",
        version=1,
        manifest_key="versions/000001/manifest.json",
        manifest_sha256="0" * 64,
        fields={"status": "living", "last_searched": {"pubmed": "2026-01-05T06:00:00Z"}},
    )
    jsonschema.validate(json.loads(pointer.to_bytes()), schema("pointer"))


def versions() -> list[Any]:
    update = state(
        STUDIES[:2],
        version=2,
        previous=SUMMARY,
        searches=(search(), search(month=4)),
        awaiting=0,
        protocol=protocol(living={"status": "retired", "reason": "Answered"}),
    )
    bare = protocol(typology=None, summary={}, authors=[], charting={}, schedule={}, translations={})
    empty = state((), protocol=bare, searches=(), validation=(), next_searches={}, pending=Pending())
    one_stage = state(protocol=protocol(screening={"stages": ["full_text"]}))
    return [state(), update, empty, one_stage]


@pytest.mark.parametrize("place", range(4))
def test_every_file_of_a_version_meets_its_schema(place: int) -> None:
    made = versions()[place]
    files = {name: file.body for name, file in build(made).items()}
    parts = {"studies-part"} if made.studies else set()
    assert check_all(files) == set(NAMES) - {"manifest", "pointer", "studies-part"} | parts


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told.pop("pending"),
        lambda told: told["studies"][0].update(retraction={}),
        lambda told: told["prisma"]["together"].update(screened=-1),
        lambda told: told.update(published_at="yesterday"),
        lambda told: told["tables"][0]["rows"][0].update(share=2),
    ],
)
def test_the_schema_refuses_what_is_not_a_summary(spoil: Any) -> None:
    told = json.loads(FILES["summary.json"].body)
    spoil(told)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, schema("summary"))


def test_the_same_state_gives_the_same_bytes() -> None:
    assert build(state()) == FILES


def test_times_of_one_moment_give_the_same_bytes_in_any_zone() -> None:
    melbourne = timezone(timedelta(hours=10))
    there = replace(state(), published_at=datetime(2026, 3, 1, 18, 0, tzinfo=melbourne))
    assert build(there) == FILES


def test_what_readers_must_be_told_is_there() -> None:
    assert SUMMARY["display_title"] == "Messages in clinics: a living review (version 1)"
    assert SUMMARY["living"]["next_searches"] == {"pubmed": "2026-03-09T06:00:00Z"}
    assert SUMMARY["pending"] == {
        "awaiting": {"title_abstract": 1, "full_text": 0},
        "conflicts": {"title_abstract": 0, "full_text": 0},
        "to_chart": ["S0004"],
        "returned_rows": 1,
        "held_records": 2,
    }
    assert SUMMARY["not_yet_incorporated"]["text"].endswith(
        "1 report without a verdict, 1 included study to be charted."
    )
    assert SUMMARY["counts"] == {
        "included_studies": 4,
        "included_reports": 5,
        "charted_studies": 3,
        "counted_studies": 2,
        "retracted_studies": 1,
    }
    assert SUMMARY["methods"]["screening"]["reviewers_per_report"] == 2
    assert SUMMARY["methods"]["strategies"][0]["query"] == "message*[tiab] AND clinic*[tiab]"
    assert "National Library of Medicine" in SUMMARY["disclaimer"]
    assert SUMMARY["whats_new"]["text"] == "First publication: 4 studies."
    assert [source["last_searched"] for source in SUMMARY["searches"]] == ["2026-01-05T06:00:00Z"] * 2


def test_what_the_protocol_says_in_other_languages_is_published_and_new_to_readers() -> None:
    assert SUMMARY["review"]["language"] == "en"
    told = SUMMARY["translations"]["zh-Hans"]
    assert (told["title"], told["question"]) == (CJK, "")
    assert told["fields"]["direction"]["options"] == {"one": HOSTILE}
    assert told["models"] == {"M1": {"name": "", "definition": SCRIPT}}
    for changes in ({"language": "fr"}, {"translations": {}}):
        assert content_digest(build(state(protocol=protocol(**changes)))) != content_digest(FILES)


def test_a_retracted_study_is_shown_with_its_notice_and_not_counted() -> None:
    (retracted,) = SUMMARY["retracted"]
    assert (retracted["study_id"], retracted["state"], retracted["counted"]) == ("S0003", "retracted", False)
    assert retracted["notices"][0]["citation"].startswith("J Mess. 2021;8:1")
    assert "S0003" not in json.dumps(SUMMARY["tables"][0]["rows"])
    ris = FILES["included.ris"].body.decode()
    assert "N1  - RETRACTED: J Mess. 2021;8:1" in ris


def test_unknown_is_never_shown_as_none() -> None:
    states = {study["study_id"]: study["retraction"]["state"] for study in SUMMARY["studies"]}
    assert states == {"S0001": "none", "S0002": "unknown", "S0003": "retracted", "S0004": "none"}
    rows = {row["study_id"]: row["retraction"] for row in table(FILES)}
    assert rows == {"S0001": "None found", "S0002": "Unknown", "S0003": "RETRACTED", "S0004": "None found"}


def test_a_study_is_known_to_be_free_of_retractions_only_if_all_its_reports_are() -> None:
    unknown = view("R9", record("19"), RetractionStatus(state=RetractionState.UNKNOWN))
    known = view("R8", record("18"))
    assert StudyView(study_id="S", reports=(known, unknown)).retraction is RetractionState.UNKNOWN
    assert StudyView(study_id="S", reports=(known, known)).retraction is RetractionState.NONE
    retracted = view("R7", record("17"), RETRACTED)
    assert StudyView(study_id="S", reports=(known, unknown, retracted)).retraction is RetractionState.RETRACTED


def test_nothing_that_is_not_for_readers_gets_out() -> None:
    everything = b"".join(file.body for file in FILES.values())
    for private in (b"ada@example.org", b"secret-bucket", b"password", b"stays with its publisher", b"internal"):
        assert private not in everything


def table(files: dict[str, File]) -> list[dict[str, str]]:
    text = files["studies.csv"].body.decode("utf-8-sig")
    assert files["studies.csv"].body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_studies_csv_has_a_row_a_study_and_no_formula() -> None:
    rows = table(FILES)
    assert [row["study_id"] for row in rows] == ["S0001", "S0002", "S0003", "S0004"]
    assert rows[0]["platform"] == "sms; mail"
    assert rows[0]["finding"] == "'-5 % of people"
    assert rows[0]["report_ids"] == "R1; R2"
    assert rows[0]["people"] == "12"
    assert rows[1]["finding"].startswith(f"'{FORMULA}")
    assert rows[1]["charted_by"] == f"'{FORMULA}"
    assert rows[3]["country"] == ""
    risky = [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@\t\r＝＋－＠"))]
    assert risky == []
    assert "\x00" not in FILES["studies.csv"].body.decode()
    assert CJK in rows[1]["title"]


def test_included_ris_holds_one_entry_a_report_and_none_is_forged() -> None:
    drafts, _ = read_ris("included.ris", FILES["included.ris"].body.decode())
    assert len(drafts) == 5
    lines = FILES["included.ris"].body.decode().split("\n")
    assert lines.count("ER  - ") == 5
    assert "TI  - forged" not in lines
    assert not [line for line in lines if line.startswith("AB")]
    assert lines.count("ID  - S0001") == 2


def test_only_web_addresses_become_links() -> None:
    urls = [study["url"] for study in SUMMARY["studies"]]
    assert urls == ["https://doi.org/10.1000/11", "", "https://doi.org/10.1000/14", "https://doi.org/10.1000/15"]
    assert b"javascript:" not in b"".join(FILES[name].body for name in ("studies.json", "studies.csv", "included.ris"))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_of_checks_holds_no_foreign_element() -> None:
    reader = _Elements()
    reader.feed(FILES["validation.html"].body.decode())
    assert "script" not in reader.found
    assert reader.addresses == []
    assert reader.found.count("tr") == 2
    told = json.loads(FILES["validation.json"].body)
    assert told["passed"] is False
    assert [suite["passed"] for suite in told["suites"]] == [True, False]


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".svg")])
def test_pictures_are_well_formed_and_hold_only_drawing(name: str) -> None:
    root = etree.fromstring(FILES[name].body)
    allowed = {"svg", "title", "desc", "rect", "text", "path", "circle", "g", "defs", "pattern"}
    assert {etree.QName(item).localname for item in root.iter()} <= allowed
    attributes = {str(key) for item in root.iter() for key in item.attrib}
    assert not [key for key in attributes if key.startswith("on") or "href" in key]
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")


def test_searches_are_reported_for_prisma_s() -> None:
    told = json.loads(FILES["search.json"].body)
    pubmed = next(source for source in told["sources"] if source["source"] == "pubmed")
    assert pubmed["platform"] == "PubMed (NCBI E-utilities)"
    assert pubmed["runs"][0]["query"] == "message*[tiab] AND clinic*[tiab]"
    assert pubmed["runs"][0]["promised"] == 7
    totals = told["totals"]
    assert totals["identified"] - totals["duplicates"] - totals["removed"] == totals["after_deduplication"] == 7
    assert next(source for source in told["sources"] if source["source"] == HOSTILE)["runs"][0]["query"] == HOSTILE


def test_a_failed_search_is_not_the_last_search() -> None:
    failed = search(month=2, state="failed", delivered=3)
    told = summary_of(build(state(searches=(search(), failed))))
    assert [(one["last_searched"], one["state"]) for one in told["searches"]] == [("2026-01-05T06:00:00Z", "failed")]


def test_numbers_that_are_no_numbers_become_null() -> None:
    odd = (with_values(STUDIES[0], people=float("nan")), *STUDIES[1:])
    body = build(state(odd))["studies.json"].body
    assert json.loads(body)["studies"][0]["values"]["people"] is None
    assert b"NaN" not in body


def test_one_study_has_one_summary_entry_with_every_field_of_the_form() -> None:
    studies = json.loads(FILES["studies.json"].body)["studies"]
    assert set(studies[0]["values"]) == {item.name for item in protocol().charting.fields}
    assert studies[3]["values"] is None
    assert studies[1]["values"]["finding"] == HOSTILE
    assert studies[0]["reports"][0]["citation"] == (
        "Family0 GN, Family1 GN, Family2 GN, Family3 GN, Family4 GN, Family5 GN, et al. Study 11. J Mess. "
        "2020;7(2):1-9. doi:10.1000/11"
    )


# Contradictions: nothing is built.


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"studies": (*STUDIES, STUDIES[0])}, "a study is given twice"),
        ({"studies": STUDIES[:3]}, "the flow has 4 studies in 5 reports, the list of studies 3 in 4"),
        ({"studies": (*STUDIES[:3], replace(STUDIES[3], reports=()))}, "S0004 has no report"),
        ({"synthesis": synthesis_of(STUDIES[:2], protocol())}, "differ in S0003"),
        ({"pending": Pending()}, "studies to chart are not those without values"),
        ({"flows": {}}, "there are no flow counts"),
        ({"published_at": datetime(2026, 1, 1)}, "has no time zone"),
        ({"previous": {"version": 1}}, "the version before is number 1"),
        (
            {
                "studies": (
                    replace(STUDIES[0], reports=(view("R1", record("11"), RETRACTED), STUDIES[0].reports[1])),
                    *STUDIES[1:],
                )
            },
            "retracted studies are counted: S0001",
        ),
    ],
)
def test_a_state_that_contradicts_itself_gives_nothing(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(LivingReviewError, match=said):
        build(replace(state(), **changes))


def test_retracted_studies_are_counted_where_the_protocol_says_so() -> None:
    plan = protocol(publish={"include_retracted": True})
    charted = [replace(one, reports=(replace(one.reports[0], retraction=NONE_FOUND),)) for one in STUDIES[2:3]]
    counted = synthesis_of((*STUDIES[:2], *charted, STUDIES[3]), plan)
    told = summary_of(build(state(protocol=plan, synthesis=counted)))
    assert [(one["study_id"], one["counted"]) for one in told["retracted"]] == [("S0003", True)]


def test_flow_counts_that_do_not_add_up_give_nothing() -> None:
    whole = state()
    counts = whole.flows["together"][0]
    broken = replace(counts, total=replace(counts.total, sought=99))
    with pytest.raises(LivingReviewError, match="do not add up"):
        build(replace(whole, flows={**whole.flows, "together": (broken,)}))


# Nothing new, no new version.


def test_another_search_that_finds_nothing_is_nothing_new() -> None:
    later = state(
        version=2,
        published_at=datetime(2026, 4, 1, tzinfo=UTC),
        trigger="A search without anything new",
        previous=SUMMARY,
        searches=(search(), search(month=4, new=0), search(source=HOSTILE, platform=HOSTILE, month=4)),
        next_searches={"pubmed": datetime(2026, 4, 6, 6, tzinfo=UTC)},
        validation=(),
    )
    checked = RetractionStatus(state=RetractionState.NONE, checked_on="2026-04-01")
    studies = tuple(
        replace(
            one,
            reports=tuple(
                replace(r, retraction=checked) if r.retraction.state is RetractionState.NONE else r for r in one.reports
            ),
        )
        for one in STUDIES
    )
    assert content_digest(build(replace(later, studies=studies))) == content_digest(FILES)


def test_a_form_field_that_is_called_like_one_of_ours_still_counts() -> None:
    changed = (with_values(STUDIES[0], checked_on="2026-05-05"), *STUDIES[1:])
    assert content_digest(build(state(changed))) != content_digest(FILES)


@pytest.mark.parametrize(
    "changes",
    [
        {"studies": (with_values(STUDIES[0], finding="other"), *STUDIES[1:])},
        {"studies": (replace(STUDIES[0], checked_by="cho"), *STUDIES[1:])},
        {"studies": STUDIES[1:]},
        {"awaiting": 2},
        {"protocol": protocol(criteria_version="2")},
        {"protocol": protocol(authors=[{"name": "Ada One"}])},
        {"protocol": protocol(living={"status": "paused"})},
        {
            "studies": (
                replace(
                    STUDIES[0],
                    reports=(
                        replace(STUDIES[0].reports[0], retraction=RetractionStatus(state=RetractionState.CORRECTED)),
                        STUDIES[0].reports[1],
                    ),
                ),
                *STUDIES[1:],
            )
        },
    ],
)
def test_what_readers_would_see_otherwise_is_something_new(changes: dict[str, Any]) -> None:
    assert content_digest(build(state(**changes))) != content_digest(FILES)


def test_a_foreign_version_cannot_be_compared() -> None:
    foreign = File(b"[]", "application/json")
    with pytest.raises(LivingReviewError, match="cannot be compared"):
        content_digest({"summary.json": foreign, "studies.json": foreign})


def test_a_study_keeps_the_version_in_which_it_first_appeared() -> None:
    second = summary_of(build(state(STUDIES[:2], version=2, previous=summary_of(build(state(STUDIES[:1]))))))
    assert [(one["study_id"], one["first_version"]) for one in second["studies"]] == [("S0001", 1), ("S0002", 2)]
    assert second["previous"]["citation"].endswith("Messages in clinics: a living review (version 1). 2026-03-01.")


def test_no_number_in_the_pictures_depends_on_the_machine() -> None:
    for name, file in FILES.items():
        if name.endswith(".svg"):
            assert not re.search(r"\d\.\d{3,}\"|e-\d+\"|nan", file.body.decode()), name


def test_the_flow_of_the_test_data_is_whole() -> None:
    flow = flows_of(STUDIES, protocol())["together"][0]
    assert (flow.new_studies, flow.new_reports, flow.total.awaiting_screening) == (4, 5, 1)
    assert SCRIPT in flow.total.excluded_full_text_reasons[0].text
