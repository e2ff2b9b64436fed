"""A review of made-up records, a baseline and a week later, as its answer key says: the twin of the real one.

The reviewers follow the key with slips that are counted here; what must come out is worked out from the key alone.
The object store is the embedded one, started by each command that needs it, as for a user who has set nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.local import fictional
from infra.local.object_store import LocalObjectStore
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.server import LocalPubMed
from tests.acceptance.review_team import (
    Choice,
    Row,
    Team,
    check_pointer,
    check_versions,
    everything_in,
    flow_numbers,
    numbers_of,
    said,
    without_services,
)

pytestmark = [pytest.mark.server, pytest.mark.slow]

REVIEW = "social-media-health-services"
FOUND_1, FOUND_2 = 197, 208
"""What the template's search finds in PubMed; all 45 eligible records of the baseline are among them, and 4 + 7 new ones."""
KEY = fictional.truth()
BY_DOI, BY_TITLE = {one.doi: one for one in KEY}, {"".join(filter(str.isalnum, one.title.lower())): one for one in KEY}

EMBASE, SCOPUS, WEEK = 20, 15, 3
NOT_FOUND = {"90000082", "90000025", "90000064"}
"""Records of the exports that PubMed has and the search does not find: no duplicates of anything."""
EMBASE_DUPLICATES = 12 - 1
SCOPUS_DUPLICATES = 9 - 2 + 2
"""Nine in PubMed less two that the search misses, and two that the Embase file brought."""
RECORDS_1 = FOUND_1 + EMBASE + SCOPUS
REPORTS_1 = RECORDS_1 - EMBASE_DUPLICATES - SCOPUS_DUPLICATES
ELIGIBLE_1 = 45 + 3 + 2
STUDIES_1 = ELIGIBLE_1 - 1
"""A preprint and its article (F03) name each other in PubMed: two reports of one study."""
WEEK_DUPLICATES = 2
"""A study of the baseline under its own number, and a new record of PubMed."""
NEW_REPORTS = (FOUND_2 - FOUND_1) + WEEK - WEEK_DUPLICATES
ELIGIBLE_2 = 4
STUDIES_2 = ELIGIBLE_2 - 1
"""One is the article of a preprint that was included in the first week (F41): a new report of a known study."""

MAYBE, SLIPS = 15, 10
"""Every fifteenth report both are unsure of; ann lets every tenth pass that should not."""
UNCHARTED = 2
RETRACTED = next(one for one in KEY if one.study == "F09")


def truth_of(row: Row) -> fictional.Truth | None:
    """The key's answer; None for a near miss that only another database has."""
    return BY_DOI.get(row["doi"].lower()) or BY_TITLE.get("".join(filter(str.isalnum, row["title"].lower())))


def eligible(row: Row) -> bool:
    found = truth_of(row)
    return found is not None and found.eligible


@dataclass
class Told:
    """What the review said at each point of the story."""

    team: Team
    status: dict[str, dict[str, Any]] = field(default_factory=dict)
    prisma: dict[str, dict[str, Any]] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    titles: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    studies: dict[str, fictional.Truth] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    earlier: dict[str, bytes] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def summary(self, version: int) -> Any:
        return json.loads(self.files[f"{REVIEW}/versions/{version:06d}/summary.json"])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    desk = tmp_path_factory.mktemp("made-up")
    story = Told(Team(desk / "review", desk))
    corpus = Corpus()
    corpus.add(fictional.as_set(fictional.baseline()))
    with pytest.MonkeyPatch.context() as patch, LocalPubMed(corpus) as pubmed:
        for name in without_services():
            patch.delenv(name)
        patch.setenv("LIVING_REVIEW_RATE_FOLDER", str(desk))
        patch.setenv("ENTREZ_URL", pubmed.url)
        _first_week(story)
        week = fictional.week_later()
        corpus.add(fictional.as_set(week.added))
        corpus.replace(fictional.as_set(week.replaced))
        _week_later(story)
        story.files = _in_embedded_store(story.team)
        yield story


def _in_embedded_store(team: Team) -> dict[str, bytes]:
    with LocalObjectStore(team.folder / ".living-review" / "store") as store:
        return everything_in(store)


def _first_week(story: Told) -> None:
    team = story.team
    team.installed("init", str(team.folder))
    story.printed["refresh 1"] = team.installed("refresh", "--review", str(team.folder))
    for name, text, source in (
        ("embase.ris", fictional.embase_export(), "embase"),
        ("scopus.csv", fictional.scopus_export(), "scopus"),
    ):
        (team.desk / name).write_bytes(text.encode())
        story.printed[source] = team.run("import", str(team.desk / name), "--source", source)
    story.places = team.places()
    story.titles = team.to_screen("title_abstract", "ann")
    ann: dict[str, Choice] = {}
    ben: dict[str, Choice] = {}
    for n, row in enumerate(story.titles, start=1):
        right: Choice = ("include", "") if eligible(row) else ("exclude", "not_social_media")
        unsure = right[0] == "exclude" and n % MAYBE == 0
        ann[row["report_id"]] = ("maybe", "") if unsure else ("include", "") if n % SLIPS == 0 else right
        ben[row["report_id"]] = ("maybe", "") if unsure else right
    for reviewer, choose in (("ann", ann), ("ben", ben)):
        team.decide("title_abstract", reviewer, team.to_screen("title_abstract", reviewer), choose)
    apart = [one["report_id"] for one in team.conflicts("title_abstract")]
    story.status["titles"] = team.status()
    team.settle("title_abstract", "cho", dict.fromkeys(apart, ("exclude", "not_social_media")))
    story.texts = team.to_screen("full_text", "ann")
    choose = {row["report_id"]: _at_full_text(row) for row in story.texts}
    for reviewer in ("ann", "ben"):
        team.decide("full_text", reviewer, story.texts, choose)
    story.printed["agreement"] = team.run("screen", "agreement")
    _chart(story, story.texts, UNCHARTED)
    story.status["week 1"], story.prisma["week 1"] = team.status(), team.prisma()
    story.printed["publish 1"] = team.run("publish")
    story.printed["publish again"] = team.run("publish")
    story.earlier = _in_embedded_store(team)


def _at_full_text(row: Row) -> Choice:
    if eligible(row):
        return ("include", "")
    found = truth_of(row)
    return ("exclude", found.reason if found else "no_change")


def _chart(story: Told, texts: list[Row], but_last: int) -> None:
    """Chart the included studies that are new, but the last ones; studies are numbered as their reports are."""
    team, form = story.team, story.team.blank_form()
    known = {one.study for one in story.studies.values()}
    found = [truth for row in texts if (truth := truth_of(row)) is not None and truth.eligible]
    fresh = list({one.study: one for one in reversed(found) if one.study not in known}.values())[::-1]
    start = len(story.studies)
    story.studies |= {f"S{start + at:04d}": truth for at, truth in enumerate(fresh, start=1)}
    charted = list(story.studies)[start : len(story.studies) - but_last]
    answers = {}
    for study in charted:
        charting = story.studies[study].charting
        assert charting is not None
        given = charting.to_dict()
        answers[study] = {k: "; ".join(v) if isinstance(v, list) else v for k, v in given.items()} | {
            "charted_by": "cho"
        }
    team.fill_in(form, answers)
    story.printed[f"chart {start}"] = team.give_back(form)


def _week_later(story: Told) -> None:
    team = story.team
    inbox = team.folder / "inbox" / "embase"
    inbox.mkdir(parents=True)
    (inbox / "week-2.ris").write_text(fictional.week_later_ris(), encoding="utf-8", newline="")
    story.printed["cycle"] = team.installed("cycle", "--review", str(team.folder))
    story.status["week 2"] = team.status()
    rows = team.to_screen("title_abstract", "ann")
    story.titles += rows
    choose: dict[str, Choice] = {
        row["report_id"]: ("include", "") if eligible(row) else ("exclude", "no_change") for row in rows
    }
    for reviewer in ("ann", "ben"):
        team.decide("title_abstract", reviewer, rows, choose)
    texts = team.to_screen("full_text", "ann")
    for reviewer in ("ann", "ben"):
        team.decide("full_text", reviewer, texts, {row["report_id"]: ("include", "") for row in texts})
    _chart(story, texts, 0)
    story.prisma["week 2"] = team.prisma()
    story.printed["publish 3"] = team.run("publish")
    story.status["done"] = team.status()


def _pending_pass(told: Told) -> int:
    """Reports that are not eligible and that both were unsure of: they pass to the full text."""
    return sum(1 for n, row in enumerate(told.titles[:REPORTS_1], start=1) if n % MAYBE == 0 and not eligible(row))


def _slipped(told: Told) -> int:
    rows = enumerate(told.titles[:REPORTS_1], start=1)
    return sum(1 for n, row in rows if n % SLIPS == 0 and n % MAYBE and not eligible(row))


def test_searches_imports_and_duplicates(told: Told) -> None:
    assert said(told.printed["refresh 1"], "search") == {"received": FOUND_1, "new": FOUND_1}
    assert said(told.printed["embase"], "dedupe") == {
        "received": EMBASE, "new reports": EMBASE - EMBASE_DUPLICATES, "duplicates": EMBASE_DUPLICATES}  # fmt: skip
    assert said(told.printed["scopus"], "dedupe") == {
        "received": SCOPUS, "new reports": SCOPUS - SCOPUS_DUPLICATES, "duplicates": SCOPUS_DUPLICATES}  # fmt: skip
    assert said(told.printed["cycle"], "search") == {
        "received": FOUND_2, "new": FOUND_2 - FOUND_1, "known": FOUND_1}  # fmt: skip
    assert said(told.printed["cycle"], "inbox") == {"received": WEEK, "new": WEEK}
    assert said(told.printed["cycle"], "dedupe")["duplicates"] == WEEK_DUPLICATES
    found = told.status["week 1"]
    assert (found["records"], found["reports"], found["quarantined"]) == (RECORDS_1, REPORTS_1, 0)
    assert told.status["done"]["reports"] == REPORTS_1 + NEW_REPORTS


def test_every_duplicate_is_linked_to_its_own_article(told: Told) -> None:
    for source, number, pmid in fictional.duplicates():
        if (source, number) in told.places and pmid not in NOT_FOUND:
            assert told.places[source, number] == told.places["pubmed", pmid], (source, number, pmid)
    assert len(set(told.places.values())) == REPORTS_1


def test_screening_as_the_key_says(told: Told) -> None:
    first = told.titles[:REPORTS_1]
    assert sum(map(eligible, first)) == ELIGIBLE_1
    assert _pending_pass(told) > 0 and _slipped(told) > 0
    assert told.status["titles"]["conflicts"]["title_abstract"] == _slipped(told)
    assert len(told.texts) == ELIGIBLE_1 + _pending_pass(told)
    found = told.status["week 1"]
    assert (found["included_reports"], found["included_studies"]) == (ELIGIBLE_1, STUDIES_1)
    assert (found["charted"], found["to_chart"]) == (STUDIES_1 - UNCHARTED, UNCHARTED)
    done = told.status["done"]
    assert done["included_reports"] == ELIGIBLE_1 + ELIGIBLE_2
    assert (done["included_studies"], done["charted"]) == (STUDIES_1 + STUDIES_2, STUDIES_1 + STUDIES_2 - UNCHARTED)


def test_agreement(told: Told) -> None:
    n, both = REPORTS_1, ELIGIBLE_1 + _pending_pass(told)  # unsure passes
    ann, ben = both + _slipped(told), both
    alike = n - _slipped(told)
    chance = ann * ben + (n - ann) * (n - ben)
    kappa = (alike * n - chance) / (n * n - chance)
    assert f"Cohen's kappa         {kappa:.3f}" in told.printed["agreement"].partition("full_text")[0]


def test_prisma(told: Told) -> None:
    out = _pending_pass(told)
    base = {
        "identified": RECORDS_1, "removed": 0, "duplicates": EMBASE_DUPLICATES + SCOPUS_DUPLICATES, "screened": REPORTS_1,
        "excluded_screening": REPORTS_1 - ELIGIBLE_1 - out, "sought": ELIGIBLE_1 + out, "not_retrieved": 0,
        "assessed": ELIGIBLE_1 + out, "excluded_full_text": out, "included_reports": ELIGIBLE_1, "pending": 0,
        "studies": (0, STUDIES_1, STUDIES_1)}  # fmt: skip
    update = {
        "identified": FOUND_2 - FOUND_1 + WEEK, "removed": 0, "duplicates": WEEK_DUPLICATES, "screened": NEW_REPORTS,
        "excluded_screening": NEW_REPORTS - ELIGIBLE_2, "sought": ELIGIBLE_2, "not_retrieved": 0, "assessed": ELIGIBLE_2,
        "excluded_full_text": 0, "included_reports": ELIGIBLE_2, "pending": 0,
        "studies": (STUDIES_1, STUDIES_2, STUDIES_1 + STUDIES_2)}  # fmt: skip
    assert [flow_numbers(flow) for flow in told.prisma["week 1"]["together"]] == [base]
    assert [flow_numbers(flow) for flow in told.prisma["week 2"]["each_apart"]] == [base, update]
    included = told.prisma["week 2"]["each_apart"][1]["included"]
    assert (included["new_reports"], included["new_reports_of_previous_studies"]) == (ELIGIBLE_2, 1)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_tables_typology_and_crosstabs(told: Told, version: int) -> None:
    summary = told.summary(version)
    charted = list(told.studies.items())[: STUDIES_1 - UNCHARTED]
    charted += list(told.studies.items())[STUDIES_1:] if version == 3 else []
    counted = {study: one.charting for study, one in charted if version == 1 or one is not RETRACTED}
    assert summary["counts"]["counted_studies"] == len(counted) == len(charted) - (version > 1)
    for table in summary["tables"]:
        given = Counter[str]()
        for charting in counted.values():
            assert charting is not None
            value = charting.to_dict()[table["field"]]
            given.update(value if isinstance(value, list) else [value])
        shown = {value: numbers for value, numbers in numbers_of(table).items() if numbers[0]}
        assert shown == {value: (n, round(n / len(counted), 4)) for value, n in given.items()}, table["field"]
    models = Counter(model for one in counted.values() if one for model in one.model)
    assert {model["id"]: model["count"] for model in summary["typology"]["models"]} == {
        f"M{i}": models[f"M{i}"] for i in range(1, 10)}  # fmt: skip
    three = next(one for one in summary["crosstabs"] if len(one["fields"]) == 3)
    assert three["fields"] == ["communication_model", "qi_activity", "population"]
    cells = Counter(
        (one.communication_model, activity, people)
        for one in counted.values() if one for activity in one.qi_activity for people in one.population)  # fmt: skip
    assert {tuple(cell["values"]): cell["count"] for cell in three["cells"]} == cells


def test_the_retracted_study_is_left_out_and_marked(told: Told) -> None:
    study = next(name for name, one in told.studies.items() if one is RETRACTED)
    assert f"{RETRACTED.pmid}: none -> retracted" in told.printed["cycle"]
    assert told.status["week 2"]["retracted"] == [study]
    for version in (2, 3):
        summary = told.summary(version)
        assert [(one["study_id"], one["counted"]) for one in summary["retracted"]] == [(study, False)]
        text = told.files[f"{REVIEW}/versions/{version:06d}/studies.csv"].decode("utf-8-sig")
        rows = {row["study_id"]: row for row in csv.DictReader(io.StringIO(text))}
        assert (rows[study]["retraction"], rows[study]["counted"]) == ("RETRACTED", "false")
        assert sum(row["counted"] == "true" for row in rows.values()) == summary["counts"]["counted_studies"]


def test_what_is_new(told: Told) -> None:
    first, second, third = (told.summary(version)["whats_new"] for version in (1, 2, 3))
    assert (first["kind"], second["kind"], third["kind"]) == ("first", "amendment", "update")
    assert len(first["new_studies"]) == STUDIES_1 and second["new_studies"] == []
    assert told.summary(2)["pending"]["awaiting"]["title_abstract"] == NEW_REPORTS
    retracted = next(name for name, one in told.studies.items() if one is RETRACTED)
    changed = {one["study_id"]: one["changed"] for one in second["changed_studies"]}
    assert changed[retracted] == ["retraction"]
    preprint = next(name for name, one in told.studies.items() if one.study == "F41")
    assert "reports" in {one["study_id"]: one["changed"] for one in third["changed_studies"]}[preprint]
    assert [one["study_id"] for one in third["new_studies"]] == [
        f"S{n:04d}" for n in range(STUDIES_1 + 1, STUDIES_1 + 4)
    ]


def test_versions(told: Told) -> None:
    check_versions(told.files, REVIEW, (1, 2, 3))
    check_pointer(told.earlier, REVIEW, 1)
    check_pointer(told.files, REVIEW, 3)
    of_first = {key: body for key, body in told.earlier.items() if "/versions/" in key}
    assert of_first.items() <= told.files.items()
    assert {key.split("/")[2] for key in of_first} == {"000001"}
    assert "version 1" in told.printed["publish 1"] and "version " not in told.printed["publish again"]
