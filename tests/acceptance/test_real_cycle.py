"""A review of real records, from the first search to its third version: every number counted by hand.

The PubMed records are served from loopback, the other databases' exports are as their users downloaded them. The
numbers in capitals are those of the manifests and of the script below; nothing that is checked is asked how it counts.
The story: a first search, three imports and an inbox; two reviewers and somebody who settles their conflicts;
charting with mistakes; version 1; a search that finds nothing new; a week later new records, a record that shows two
reports to be one, and a retraction: version 2; the new ones screened and charted: version 3.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.local.object_store import LocalObjectStore
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.server import LocalPubMed
from tests.acceptance.review_team import (
    BUCKET,
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

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
EFETCH, EXPORTS = DATA / "pubmed" / "efetch", DATA / "exports"

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.skipif(not EFETCH.is_dir() or not EXPORTS.is_dir(), reason="the recorded records are not here"),
]

# What PubMed has. The manifest's sum of 424 counts one file's own set tag as a record (MedlineImporterTestBookArticleSet),
# one file that is not well formed and one whose article has no PMID; 15370989 is in two files and 21413195 in four.
IN_MANIFEST, SET_TAG_COUNTED, UNREADABLE, REPEATED = 424, 1, 2, 1 + 3
IN_PUBMED = IN_MANIFEST - SET_TAG_COUNTED - UNREADABLE - REPEATED
LATER_FOLDER = "zotero"
LATER = 2 + 2 + 1 + 1 + 1 + 1 + 1 + 1
"""The records of that folder's eight files: they are in PubMed from the second week on."""
FIRST_SEARCH = IN_PUBMED - LATER
NOTICE = 1

CRIMJUST = "ris/citesource/CiteSource__20221207_gambling-harms_crimjust_41.ris"
EMBASE_CSV = "csv/asreview/asreview__embase_newpage.csv"
EMBASE_RIS = "ris/asreview/asreview__embase.ris"
MEDLINE = "nbib/nbib__pubmed-balloongui-set.nbib"
LENS = "ris/citesource/CiteSource__20221207_gambling-harms_lens_49.ris"
SIZES = {CRIMJUST: 41, EMBASE_CSV: 6, EMBASE_RIS: 6, MEDLINE: 75, LENS: 49}
"""As the manifest has them."""

SET_ASIDE = {"21413195", "42371203", "42507066"}
"""Neither title nor abstract: a book whose parts are missing, and a retraction with its notice, both abridged."""
NOT_DUPLICATES = [("25267608", "25059253"), ("19294535", "19277906")]
"""One title, two PMIDs and two DOIs each: printed again in another issue, with a record of its own in PubMed."""

EMBASE_TWICE = 6
"""One search downloaded as RIS and as CSV; the CSV has no accession numbers, its DOIs and titles are the same."""
CRIMJUST_TWICE = [("103853234", "101069178")]
"""One DOI, title, year and pages: the database has the article under two numbers."""
CRIMJUST_FOR_PEOPLE = [("121412472", "119520603")]
"""One DOI: ahead of print in 2016 without pages, and in its issue in 2017. Years apart, so a person says so."""
CRIMJUST_IN_LENS = {
    "150471920": "002-369-373-685-368",
    "97579969": "005-712-609-540-785",
    "121412476": "010-609-774-311-770",
    "115529162": "017-403-600-773-28X",
    "124727993": "022-759-459-581-50X",
    "150471918": "026-303-928-308-830",
    "103853234": "031-800-435-806-899",
    "129491840": "056-547-793-989-972",
    "121412466": "088-422-906-910-557",
}
"""One DOI and one title each; years differ by one where one database has the day online and one that of the issue."""
JOINED_BY_LENS = ("97579969", "107872497")
"""One DOI, but the years 2014 and 2007 (a mistake of the database): two reports until Lens' record of 2013 links both."""
LENS_FOR_PEOPLE = [("017-728-644-766-124", "154-612-520-773-608"), ("005-320-067-862-946", "196-759-315-376-312")]
"""An article and the copy in a repository, without DOI and journal: title, year and author are the same."""
LENS_APART = ("001-257-578-706-377", "104-640-475-348-067")
"""A preprint and its article: two reports."""

WEEK_1 = FIRST_SEARCH + SIZES[EMBASE_RIS] + SIZES[CRIMJUST] + SIZES[EMBASE_CSV] + SIZES[MEDLINE]
DUPLICATES_1 = EMBASE_TWICE + len(CRIMJUST_TWICE) + len(CRIMJUST_FOR_PEOPLE)
REPORTS_1 = WEEK_1 - len(SET_ASIDE) - DUPLICATES_1
WEEK_2 = LATER + NOTICE + SIZES[LENS]
DUPLICATES_2 = len(CRIMJUST_IN_LENS) + len(LENS_FOR_PEOPLE)
NEW_REPORTS = WEEK_2 - DUPLICATES_2
REPORTS_2 = REPORTS_1 + NEW_REPORTS - 1
"""One less: Lens joined two that were there."""

# Title and abstract, by place in the list of 524: both include every eighth, but ben not every eightieth, and ben alone
# each first of a hundred. cho takes the first three of ann's and the first two of ben's.
BOTH_PASS, ANN_ALONE, BEN_ALONE = 65 - 6, 6, 6
CONSENSUS_PASS = 3 + 2
PASS_1 = BOTH_PASS + CONSENSUS_PASS
REASONS = ("not_health_service", "not_social_media", "no_change")
BOTH_OUT = REPORTS_1 - BOTH_PASS - ANN_ALONE - BEN_ALONE
OUT_BY_REASON = {
    "no_reason": 42,  # ben names another reason than ann at every eleventh: excluded, but without a common reason
    "not_health_service": 137,
    "not_social_media": 137,
    "no_change": 137,
    "wrong_publication": ANN_ALONE + BEN_ALONE - CONSENSUS_PASS,
}
# Full text, by place in the list of 64.
NOT_RETRIEVED = {5, 25, 45}
BOTH_EXCLUDE = {7, 14, 21, 28, 35, 42}
ANN_FOR, REASON_DIFFERS = {10, 20}, {30, 40}
INCLUDED_1 = PASS_1 - len(NOT_RETRIEVED) - len(BOTH_EXCLUDE) - 1 - len(REASON_DIFFERS)
FULL_TEXT_REASONS = {"not_empirical": 3 + 1, "no_change": 3 + 1, "not_health_service": 1}

# Charting, by number of the study.
WRONG = {
    4: ("sample_size", -5),
    11: ("country", "Atlantis"),
    17: ("design", None),
    23: ("communication_model", "telepathic"),
}
STAYS_WRONG, NOT_BEGUN = 23, {51, 52}
CHARTED_1 = [s for s in range(1, 53) if s != STAYS_WRONG and s not in NOT_BEGUN]
RETRACTED = 8
CHARTED_2 = [s for s in CHARTED_1 if s != RETRACTED]
FOUND_LATER, NEW_STUDIES = 57, {53, 54, 55, 56}
CHARTED_3 = sorted({*CHARTED_2, STAYS_WRONG, 51, 53, 54, 55})


def answers(s: int) -> dict[str, Any]:
    """What is charted of study number ``s``."""
    activities = [name for name, asked in (("Gathering feedback", s % 2), ("Co-design", s % 3 == 0)) if asked]
    return {
        "country": ("Australia", "Brazil", "Japan", "New Zealand")[s % 4],
        "design": ("qualitative", "quantitative", "mixed methods", "case report", "other")[s % 5],
        "sample_size": 10 * s,
        "communication_model": ("One-way", "Two-way", "Multi-way")[s % 3],
        "population": "; ".join(["General public", *(["Young people"] if s % 2 == 0 else []),
                                 *(["Clinical providers"] if s % 7 == 0 else [])]),
        "qi_activity": "; ".join(activities or ["Education and training"]),
        "platform": "; ".join(["Twitter" if s % 4 else "Facebook", *(["YouTube"] if s % 10 == 0 else [])]),
        "qi_stage": None if s % 6 == 0 else ("plan", "do", "study", "act")[s % 4],
        "model": None if s % 13 == 0 else "; ".join([f"M{s % 8 + 1}", *(["M9"] if s % 9 == 0 else [])]),
        "charted_by": "cho",
    }  # fmt: skip


def label(s: int) -> str:
    return f"S{s:04d}"


@dataclass
class Told:
    """What the review said at each point of the story."""

    team: Team
    status: dict[str, dict[str, Any]] = field(default_factory=dict)
    prisma: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: dict[str, dict[str, bytes]] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    places: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    screened: dict[str, list[Row]] = field(default_factory=dict)

    def json_of(self, when: str, name: str) -> Any:
        return json.loads(self.published[when][f"real-records/{name}"])

    def summary(self, version: int) -> Any:
        return self.json_of(f"version {version}", f"versions/{version:06d}/summary.json")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    desk = tmp_path_factory.mktemp("real")
    story = Told(Team(desk / "review", desk))
    corpus = Corpus(path for path in sorted(EFETCH.rglob("*.xml")) if path.parent.name != LATER_FOLDER)
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalPubMed(corpus) as pubmed,
        LocalObjectStore(desk / "store") as store,
    ):
        for name in without_services():
            patch.delenv(name)
        store.create_bucket(BUCKET)
        for name, value in {
            **store.environment,
            "LIVING_REVIEW_STORE_URL": f"s3://{BUCKET}",
            "LIVING_REVIEW_RATE_FOLDER": str(desk),
            "ENTREZ_URL": pubmed.url,
        }.items():
            patch.setenv(name, value)
        _search_and_import(story)
        _screen(story)
        _chart(story)
        _first_version(story, store)
        _week_later(story, corpus, store)
        _third_version(story, store)
        yield story


def _search_and_import(story: Told) -> None:
    team = story.team
    team.installed("init", str(team.folder))

    def ours(told: Any) -> None:
        told["id"], told["title"] = "real-records", "Real records: a living review"
        told["searches"][0]["query"] = "1:99999999[uid]"
        told["notify"] = []

    team.protocol(ours)
    inbox = team.folder / "inbox" / "embase"
    inbox.mkdir(parents=True)
    (inbox / "week-1.ris").write_bytes((EXPORTS / EMBASE_RIS).read_bytes())
    story.printed["refresh 1"] = team.installed("refresh", "--review", str(team.folder))
    for name, source in ((CRIMJUST, "crimjust"), (EMBASE_CSV, "embase"), (MEDLINE, "medline")):
        story.printed[source] = team.run("import", str(EXPORTS / name), "--source", source)
    _link(team, "crimjust", CRIMJUST_FOR_PEOPLE)
    story.status["searched"], story.places["week 1"] = team.status(), team.places()


def _link(team: Team, source: str, pairs: list[tuple[str, str]]) -> None:
    """A person says that records are one report; records go by the numbers that people see."""
    numbers = {key: int(report[1:]) for key, report in team.places().items()}
    for one, other in pairs:
        if numbers[source, one] != numbers[source, other]:
            team.run("link", str(numbers[source, one]), str(numbers[source, other]), "--by", "ann")


def _screen(story: Told) -> None:
    team = story.team
    rows = team.to_screen("title_abstract", "ann")
    story.screened["title_abstract"] = rows
    ann: dict[str, Choice] = {}
    ben: dict[str, Choice] = {}
    for n, row in enumerate(rows, start=1):
        out = ("exclude", REASONS[n % 3])
        ann[row["report_id"]] = ("include", "") if n % 8 == 0 else out
        ben[row["report_id"]] = out if n % 11 else ("exclude", "not_empirical")
        if n % 8 == 0 and n % 80:
            ben[row["report_id"]] = ("maybe" if n % 24 == 0 else "include", "")
        if n % 100 == 1:
            ben[row["report_id"]] = ("include", "")
    team.decide("title_abstract", "ann", rows, ann)
    story.status["ann has screened"] = team.status()
    team.decide("title_abstract", "ben", team.to_screen("title_abstract", "ben"), ben)
    story.status["both have screened"] = team.status()
    apart = team.conflicts("title_abstract")
    of_ann = [one["report_id"] for one in apart if ann[one["report_id"]][0] == "include"]
    of_ben = [one["report_id"] for one in apart if ann[one["report_id"]][0] == "exclude"]
    passing = {*of_ann[:3], *of_ben[:2]}
    settled = {one: ("include", "") if one in passing else ("exclude", "wrong_publication") for one in of_ann + of_ben}
    team.settle("title_abstract", "cho", settled)
    story.status["titles settled"] = team.status()

    rows = team.to_screen("full_text", "ann")
    story.screened["full_text"] = rows
    reports = {k: row["report_id"] for k, row in enumerate(rows, start=1)}
    team.run(
        "screen", "retrieval", *(reports[k] for k in sorted(NOT_RETRIEVED)), "--by", "ann", "--note", "asked twice"
    )
    for reviewer in ("ann", "ben"):
        choose: dict[str, Choice] = {reports[k]: ("include", "") for k in reports}
        choose |= {reports[k]: ("exclude", "not_empirical" if k <= 21 else "no_change") for k in BOTH_EXCLUDE}
        if reviewer == "ben":
            choose |= {reports[k]: ("exclude", "not_health_service") for k in ANN_FOR}
        reason = {"ann": "not_empirical", "ben": "no_change"}[reviewer]
        choose |= {reports[k]: ("exclude", reason) for k in REASON_DIFFERS}
        waiting = team.to_screen("full_text", reviewer)
        assert len(waiting) == PASS_1 - len(NOT_RETRIEVED)
        team.decide("full_text", reviewer, waiting, choose)
    story.status["full texts read"] = team.status()
    story.printed["reason conflicts"] = json.dumps(
        [one["report_id"] for one in team.conflicts("full_text") if one["about_reason"]]
    )
    settle = {10: ("include", ""), 20: ("exclude", "not_health_service"),
              30: ("exclude", "no_change"), 40: ("exclude", "not_empirical")}  # fmt: skip
    team.settle("full_text", "cho", {reports[k]: choice for k, choice in settle.items()})
    story.printed["agreement"] = team.run("screen", "agreement")
    story.status["screened"] = team.status()


def _chart(story: Told) -> None:
    team = story.team
    form = team.blank_form()
    filled = {label(s): answers(s) for s in range(1, INCLUDED_1 + 1) if s not in NOT_BEGUN}
    for s, (name, value) in WRONG.items():
        filled[label(s)][name] = value
    assert team.fill_in(form, filled) == [label(s) for s in range(1, INCLUDED_1 + 1)]
    story.printed["chart 1"] = team.give_back(form)
    back = team.desk / "form-returned.xlsx"
    right = {label(s): answers(s) for s in WRONG if s != STAYS_WRONG}
    assert set(team.fill_in(back, right)) == {label(s) for s in WRONG}
    story.printed["chart 2"] = team.give_back(back)
    story.printed["chart 2 again"] = team.give_back(back)
    story.status["charted"] = team.status()


def _first_version(story: Told, store: LocalObjectStore) -> None:
    team = story.team
    story.prisma["week 1"] = team.prisma()
    story.printed["publish 1"] = team.installed("publish", "--review", str(team.folder))
    story.published["version 1"] = everything_in(store)
    story.printed["publish again"] = team.run("publish")
    story.published["version 1 again"] = everything_in(store)
    story.printed["refresh 2"] = team.run("refresh")
    story.printed["publish after nothing new"] = team.run("publish")
    story.published["version 1 searched again"] = everything_in(store)


NOTICE_XML = b"""<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">42999999</PMID>
<DateRevised><Year>2026</Year><Month>08</Month><Day>06</Day></DateRevised><Article PubModel="Electronic"><Journal><JournalIssue
CitedMedium="Internet"><PubDate><Year>2026</Year><Month>Aug</Month></PubDate></JournalIssue><Title>A journal</Title>
</Journal><ArticleTitle>Retraction notice: a study of this review.</ArticleTitle><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016440">Retraction Notice</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><MedlineTA>A J</MedlineTA></MedlineJournalInfo></MedlineCitation><PubmedData><History/>
<PublicationStatus>epublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">42999999</ArticleId></ArticleIdList>
</PubmedData></PubmedArticle>"""


def _week_later(story: Told, corpus: Corpus, store: LocalObjectStore) -> None:
    team = story.team
    for path in sorted((EFETCH / LATER_FOLDER).glob("*.xml")):
        corpus.add(path.read_bytes())
    corpus.retract(_retracted(story)["pmid"], NOTICE_XML, date(2026, 8, 6))
    lens = team.folder / "inbox" / "lens"
    lens.mkdir()
    (lens / "week-2.ris").write_bytes((EXPORTS / LENS).read_bytes())
    story.places["before week 2"] = team.places()
    story.printed["refresh 3"] = team.run("refresh")
    _link(team, "lens", LENS_FOR_PEOPLE)
    story.printed["watch"] = team.run("watch")
    story.printed["watch again"] = team.run("watch")
    story.status["week 2"], story.prisma["week 2"], story.places["week 2"] = team.status(), team.prisma(), team.places()
    story.printed["publish 2"] = team.run("publish")
    story.published["version 2"] = everything_in(store)


def _retracted(story: Told) -> Any:
    return next(one for one in story.summary(1)["studies"] if one["study_id"] == label(RETRACTED))


def _third_version(story: Told, store: LocalObjectStore) -> None:
    team = story.team
    rows = team.to_screen("title_abstract", "ann")
    story.screened["new"] = rows
    choose: dict[str, Choice] = {
        row["report_id"]: ("exclude", "not_health_service") if n % 10 else ("include", "")
        for n, row in enumerate(rows, start=1)
    }
    for reviewer in ("ann", "ben"):
        team.decide("title_abstract", reviewer, team.to_screen("title_abstract", reviewer), choose)
    for reviewer in ("ann", "ben"):
        rows = team.to_screen("full_text", reviewer)
        team.decide("full_text", reviewer, rows, {row["report_id"]: ("include", "") for row in rows})
    late = story.screened["full_text"][45 - 1]["report_id"]
    team.run("screen", "retrieval", late, "--by", "ann", "--retrieved")
    for reviewer in ("ann", "ben"):
        rows = team.to_screen("full_text", reviewer)
        assert [row["report_id"] for row in rows] == [late]
        team.decide("full_text", reviewer, rows, {late: ("include", "")})
    form = team.blank_form()
    assert team.fill_in(form, {label(s): answers(s) for s in CHARTED_3}) == [
        label(s) for s in (23, 51, 52, 53, 54, 55, 56, 57)
    ]
    story.printed["chart 3"] = team.give_back(form)
    story.status["week 2 done"], story.prisma["week 2 done"] = team.status(), team.prisma()
    story.printed["prisma csv"] = team.run("prisma", "--csv")
    story.printed["publish 3"] = team.run("publish")
    story.published["version 3"] = everything_in(store)


def test_the_manifests_say_what_is_served() -> None:
    rows = []
    for place in (DATA / "pubmed" / "MANIFEST.tsv", EXPORTS / "MANIFEST.tsv"):
        with place.open(encoding="utf-8", newline="") as lines:
            rows += list(csv.DictReader(lines, delimiter="\t"))
    size = {row["file"]: int(row["records"]) for row in rows}
    efetch = {name: n for name, n in size.items() if name.startswith("pubmed/efetch/") and name.endswith(".xml")}
    assert sum(efetch.values()) == IN_MANIFEST
    assert sum(n for name, n in efetch.items() if f"/{LATER_FOLDER}/" in name) == LATER
    assert {name: size[f"exports/{name}"] for name in SIZES} == SIZES
    assert (IN_PUBMED, FIRST_SEARCH, WEEK_1, REPORTS_1, WEEK_2, NEW_REPORTS, REPORTS_2) == (
        417,
        407,
        535,
        524,
        60,
        49,
        572,
    )


def test_search_delivers_what_it_promised_and_takes_over_what_is_new(told: Told) -> None:
    assert said(told.printed["refresh 1"], "search") == {"received": FIRST_SEARCH, "new": FIRST_SEARCH}
    assert said(told.printed["refresh 2"], "search") == {"received": FIRST_SEARCH, "known": FIRST_SEARCH}
    assert said(told.printed["refresh 3"], "search") == {
        "received": FIRST_SEARCH + LATER + NOTICE, "new": LATER + NOTICE, "known": FIRST_SEARCH}  # fmt: skip
    assert said(told.printed["refresh 1"], "inbox") == {"received": 6, "new": 6}
    assert said(told.printed["refresh 2"], "inbox") == {"received": 6, "known": 6}
    assert said(told.printed["refresh 3"], "inbox") == {"received": 6 + 49, "new": 49, "known": 6}
    for source, size, duplicates in (("crimjust", 41, 1), ("embase", 6, 6), ("medline", 75, 0)):
        assert said(told.printed[source], "import") == {"received": size, "new": size}
        assert said(told.printed[source], "dedupe").get("duplicates", 0) == duplicates


def test_records_without_title_and_abstract_are_set_aside_andsaid(told: Told) -> None:
    assert said(told.printed["refresh 1"], "check incoming") == {
        "received": FIRST_SEARCH + 6, "passed": FIRST_SEARCH + 6 - 3, "held": 3}  # fmt: skip
    assert set(re.findall(r"pubmed (\d+) was set aside", told.printed["refresh 1"])) == SET_ASIDE
    assert told.status["searched"]["quarantined"] == told.status["searched"]["quarantined_records"] == 3
    assert told.status["week 2 done"]["quarantined_records"] == 3


def test_duplicates_are_those_known_by_hand(told: Told) -> None:
    first, second = told.places["week 1"], told.places["week 2"]
    for one, other in NOT_DUPLICATES:
        assert first["pubmed", one] != first["pubmed", other]
    for one, other in CRIMJUST_TWICE + CRIMJUST_FOR_PEOPLE:
        assert first["crimjust", one] == first["crimjust", other]
    assert first["crimjust", JOINED_BY_LENS[0]] != first["crimjust", JOINED_BY_LENS[1]]
    assert second["crimjust", JOINED_BY_LENS[0]] == second["crimjust", JOINED_BY_LENS[1]]
    for one, other in CRIMJUST_IN_LENS.items():
        assert first["crimjust", one] == second["crimjust", one] == second["lens", other]
    for one, other in LENS_FOR_PEOPLE:
        assert second["lens", one] == second["lens", other]
    assert second["lens", LENS_APART[0]] != second["lens", LENS_APART[1]]
    embase = [report for (source, _), report in first.items() if source == "embase"]
    assert len(embase) == 12 and len(set(embase)) == 6
    # and no others: every other record is a report of its own
    assert len(set(first.values())) == REPORTS_1 and len(set(second.values())) == REPORTS_2
    for when, records, reports, duplicates in (
        ("searched", WEEK_1, REPORTS_1, DUPLICATES_1),
        ("week 2", WEEK_1 + WEEK_2, REPORTS_2, DUPLICATES_1 + DUPLICATES_2 + 1),
    ):
        found = told.status[when]
        assert (found["records"], found["reports"], found["duplicates"]) == (records, reports, duplicates)


def test_reports_are_numbered_by_their_first_record_and_keep_their_numbers(told: Told) -> None:
    places = told.places["week 1"]
    numbers = [int(report[1:]) for report in places.values()]
    assert min(numbers) == 1 and max(numbers) <= WEEK_1
    # PubMed's records came first, then the inbox, then the imports in their order.
    of = {
        source: sorted(int(r[1:]) for (s, _), r in places.items() if s == source) for source in ("pubmed", "crimjust")
    }
    assert of["pubmed"][-1] <= FIRST_SEARCH < FIRST_SEARCH + 6 < of["crimjust"][0]
    kept = {key: report for key, report in told.places["week 2"].items() if key in places}
    assert {key for key, report in kept.items() if report != places[key]} == {("crimjust", JOINED_BY_LENS[1])} or {
        key for key, report in kept.items() if report != places[key]
    } == {("crimjust", JOINED_BY_LENS[0])}


def test_titles_and_abstracts_awaiting_conflicts_and_verdicts(told: Told) -> None:
    assert len(told.screened["title_abstract"]) == REPORTS_1
    stages = [(found["awaiting"], found["conflicts"]) for found in (
        told.status[when] for when in ("searched", "ann has screened", "both have screened", "titles settled"))]  # fmt: skip
    assert stages == [
        ({"title_abstract": REPORTS_1, "full_text": 0}, {"title_abstract": 0, "full_text": 0}),
        ({"title_abstract": REPORTS_1, "full_text": 0}, {"title_abstract": 0, "full_text": 0}),
        ({"title_abstract": 0, "full_text": BOTH_PASS}, {"title_abstract": 12, "full_text": 0}),
        ({"title_abstract": 0, "full_text": PASS_1}, {"title_abstract": 0, "full_text": 0}),
    ]


def test_full_texts_conflicts_and_inclusions(told: Told) -> None:
    assert len(told.screened["full_text"]) == PASS_1 == 64
    read, done = told.status["full texts read"], told.status["screened"]
    assert (read["awaiting"]["full_text"], read["conflicts"]["full_text"], read["not_retrieved"]) == (0, 4, 3)
    assert len(json.loads(told.printed["reason conflicts"])) == len(REASON_DIFFERS)
    assert (read["included_reports"], done["included_reports"], done["included_studies"]) == (51, INCLUDED_1, 52)
    assert done["conflicts"]["full_text"] == 0 and done["to_chart"] == 52 and done["charted"] == 0


def test_agreement_is_what_two_by_two_tables_say(told: Told) -> None:
    titles, _, texts = told.printed["agreement"].partition("full_text:")
    # ann and ben include 65 of 524 each, 59 of them together (maybe passes); full texts: 53 and 51 of 61, 51 together
    for text, n, ann, ben, both in ((titles, 524, 65, 65, 59), (texts, 61, 53, 51, 51)):
        alike = both + (n - ann - ben + both)
        chance = ann * ben + (n - ann) * (n - ben)
        kappa = (alike * n - chance) / (n * n - chance)
        together = ((ann + ben) / (2 * n)) ** 2 + ((2 * n - ann - ben) / (2 * n)) ** 2
        fleiss = (alike / n - together) / (1 - together)
        ones, zeros = ann + ben, 2 * n - ann - ben
        alpha = 1 - (2 * (n - alike)) / (2 * ones * zeros / (2 * n - 1))
        assert f"{n} reports" in (text if n == 524 else f"full_text:{text}")
        for name, value in (
            ("raw", alike / n),
            ("Cohen's kappa", kappa),
            ("Fleiss' kappa", fleiss),
            ("Krippendorff's alpha", alpha),
        ):
            assert re.search(rf"{name} +{value:.3f}\b", text), (name, value)


def test_charting_takes_good_rows_and_returns_wrong_ones_until_they_are_right(told: Told) -> None:
    assert said(told.printed["chart 1"], "chart import") == {
        "received": 52, "accepted": 46, "returned": 4, "not charted yet": 2}  # fmt: skip
    for word in ("-5", "Atlantis", "telepathic"):
        assert word in told.printed["chart 1"]
    assert said(told.printed["chart 2"], "chart import") == {"received": 4, "accepted": 3, "returned": 1}
    assert said(told.printed["chart 2 again"], "chart import") == {"received": 4, "accepted before": 3, "returned": 1}
    found = told.status["charted"]
    assert (found["charted"], found["to_chart"], found["quarantined_rows"]) == (len(CHARTED_1), 3, 1) == (49, 3, 1)
    assert said(told.printed["chart 3"], "chart import") == {"received": 8, "accepted": 5, "not charted yet": 3}
    done = told.status["week 2 done"]
    assert (done["included_studies"], done["charted"], done["to_chart"], done["quarantined_rows"]) == (57, 54, 3, 0)


BASE = {"identified": 535, "removed": 3, "duplicates": 8, "screened": 524, "excluded_screening": 460, "sought": 64,
        "not_retrieved": 3, "assessed": 61, "excluded_full_text": 9, "included_reports": 52, "pending": 0,
        "studies": (0, 52, 52)}  # fmt: skip
BASE_NOW = BASE | {"duplicates": 9, "screened": 523, "excluded_screening": 459, "not_retrieved": 2, "assessed": 62,
                   "included_reports": 53, "studies": (0, 53, 53)}  # fmt: skip
NOTHING = dict.fromkeys(BASE, 0) | {"studies": (53, 0, 53)}
UPDATE = NOTHING | {"identified": 60, "duplicates": 11, "screened": 49, "excluded_screening": 45, "sought": 4,
                    "assessed": 4, "included_reports": 4, "studies": (53, 4, 57)}  # fmt: skip


def test_prisma_counts_of_the_first_week(told: Told) -> None:
    (whole,) = told.prisma["week 1"]["together"]
    assert flow_numbers(whole) == BASE
    assert {item["source"]: item["n"] for item in whole["identified"]["sources"]} == {
        "PubMed": FIRST_SEARCH, "crimjust": 41, "embase": 12, "medline": 75}  # fmt: skip
    assert {item["reason"]: item["n"] for item in whole["excluded_screening"]["reasons"]} == OUT_BY_REASON
    assert sum(OUT_BY_REASON.values()) == 460 and BOTH_OUT == 453
    assert {item["reason"]: item["n"] for item in whole["excluded_full_text"]["reasons"]} == FULL_TEXT_REASONS


def test_prisma_counts_while_new_reports_wait(told: Told) -> None:
    whole, *_ = told.prisma["week 2"]["together"]
    assert whole["pending"]["screening"] == NEW_REPORTS and flow_numbers(whole)["pending"] == NEW_REPORTS
    assert flow_numbers(whole)["identified"] == WEEK_1 + WEEK_2
    assert flow_numbers(whole)["screened"] == 524 - 1  # two reports became one
    assert flow_numbers(told.prisma["week 2"]["latest"][0])["screened"] == 0


def test_prisma_counts_of_every_round(told: Told) -> None:
    rounds = told.prisma["week 2 done"]["each_apart"]
    assert [flow_numbers(one) for one in rounds] == [BASE_NOW, NOTHING, UPDATE]
    (whole,) = told.prisma["week 2 done"]["together"]
    sums = {name: sum(flow_numbers(one)[name] for one in rounds) for name in BASE if name != "studies"}
    assert {name: n for name, n in flow_numbers(whole).items() if name != "studies"} == sums
    assert flow_numbers(whole)["studies"] == (0, 57, 57)
    for flow in (whole, *rounds):
        n = flow_numbers(flow)
        assert n["identified"] == n["duplicates"] + n["removed"] + n["screened"]
        assert n["screened"] == n["excluded_screening"] + n["sought"]
        assert n["sought"] == n["not_retrieved"] + n["assessed"]
        assert n["assessed"] == n["excluded_full_text"] + n["included_reports"]
    assert {item["source"]: item["n"] for item in rounds[2]["identified"]["sources"]} == {"PubMed": 11, "lens": 49}


def test_prisma_csv_has_the_rows_of_the_package(told: Told) -> None:
    found = list(csv.DictReader(io.StringIO(told.printed["prisma csv"])))
    template = list(csv.DictReader(io.StringIO((DATA / "prisma2020" / "PRISMA.csv").read_text(encoding="utf-8"))))
    assert list(found[0]) == list(template[0])
    for name in ("data", "node", "box", "url"):
        assert [row[name] for row in found] == [row[name] for row in template]
    n = {row["data"]: row["n"] for row in found}
    assert {name: n[name] for name in (
        "database_results", "duplicates", "excluded_automatic", "excluded_other", "records_screened", "records_excluded",
        "dbr_sought_reports", "dbr_notretrieved_reports", "dbr_assessed", "new_studies", "new_reports", "total_studies",
        "total_reports", "previous_studies", "register_results", "website_results", "other_assessed")} == {
        "database_results": "595", "duplicates": "20", "excluded_automatic": "0", "excluded_other": "3",
        "records_screened": "572", "records_excluded": "504", "dbr_sought_reports": "68", "dbr_notretrieved_reports": "2",
        "dbr_assessed": "66", "new_studies": "57", "new_reports": "57", "total_studies": "57", "total_reports": "57",
        "previous_studies": "0", "register_results": "0", "website_results": "0", "other_assessed": "0"}  # fmt: skip
    assert set(n["database_specific_results"].split("; ")) == {
        "PubMed, 418", "crimjust, 41", "embase, 12", "lens, 49", "medline, 75"}  # fmt: skip
    assert sorted(int(part.rsplit(", ", 1)[1]) for part in n["dbr_excluded"].split("; ")) == [1, 4, 4]


def _counted(studies: list[int], name: str) -> dict[str, tuple[int, float]]:
    """Title of an option -> (count, share of these studies), from what the script charted."""
    given = [option for s in studies for option in str(answers(s)[name] or "").split("; ") if option]
    return {option: (given.count(option), round(given.count(option) / len(studies), 4)) for option in set(given)}


def _titles(summary: Any, name: str) -> dict[str, tuple[int, float]]:
    table = next(one for one in summary["tables"] if one["field"] == name)
    return {row["title"]: (row["count"], row["share"]) for row in table["rows"] if row["count"]}


@pytest.mark.parametrize(("version", "studies"), [(1, CHARTED_1), (2, CHARTED_2), (3, CHARTED_3)])
def test_published_tables_count_what_was_charted(told: Told, version: int, studies: list[int]) -> None:
    summary = told.summary(version)
    for name in ("communication_model", "population", "qi_activity", "platform", "qi_stage", "design", "country"):
        assert _titles(summary, name) == _counted(studies, name), name
        table = next(one for one in summary["tables"] if one["field"] == name)
        assert table["asked"] == len(studies)
        assert table["missing"]["studies"] == [label(s) for s in studies if answers(s)[name] is None]
    models = {model["id"]: (model["count"], model["share"]) for model in summary["typology"]["models"]}
    assert models == {f"M{i}": (0, 0.0) for i in range(1, 10)} | _counted(studies, "model")
    assert summary["typology"]["without_model"] == [label(s) for s in studies if s % 13 == 0]
    cells = {
        tuple(cell["values"]): cell["studies"]
        for cell in next(one for one in summary["crosstabs"] if one["fields"] == ["platform", "qi_activity"])["cells"]
    }
    names = {"Gathering feedback": "feedback", "Co-design": "codesign", "Education and training": "education"}
    expected: dict[tuple[str, ...], list[str]] = {}
    for s in studies:
        for platform in answers(s)["platform"].split("; "):
            for activity in answers(s)["qi_activity"].split("; "):
                expected.setdefault((platform, names[activity]), []).append(label(s))
    assert cells == expected


def test_some_numbers_of_the_first_version_written_down(told: Told) -> None:
    summary = told.summary(1)
    tables = {table["field"]: numbers_of(table) for table in summary["tables"]}
    # of 1..52 without 23, 51, 52: 13 multiples of four less 52; 5 of ten; 26 even less 52; 7 of seven
    assert tables["platform"]["Facebook"] == (12, 0.2449)
    assert tables["platform"]["YouTube"] == (5, 0.102)
    assert tables["platform"]["Twitter"] == (37, 0.7551)
    assert tables["platform"]["WhatsApp"] == (0, 0.0)
    assert tables["population"]["public"] == (49, 1.0)
    assert tables["population"]["young_people"] == (25, 0.5102)
    assert tables["population"]["clinical_providers"] == (7, 0.1429)
    # 17 multiples of three less 51
    assert tables["communication_model"]["one_way"] == (16, 0.3265)
    assert tables["country"] == {"AU": (12, 0.2449), "BR": (13, 0.2653), "JP": (13, 0.2653), "NZ": (11, 0.2245)}
    models = {model["id"]: model["count"] for model in summary["typology"]["models"]}
    assert models["M9"] == 5  # 9, 18, 27, 36, 45
    assert models["M1"] == 6  # 8, 16, 24, 32, 40, 48
    assert summary["counts"] == {"included_studies": 52, "included_reports": 52, "charted_studies": 49,
                                 "counted_studies": 49, "retracted_studies": 0}  # fmt: skip


def test_pending_and_what_is_new_in_each_version(told: Told) -> None:
    one, two, three = (told.summary(version) for version in (1, 2, 3))
    assert one["pending"] == {
        "awaiting": {"title_abstract": 0, "full_text": 0}, "conflicts": {"title_abstract": 0, "full_text": 0},
        "to_chart": [label(s) for s in (23, 51, 52)], "returned_rows": 1, "held_records": 3}  # fmt: skip
    assert two["pending"]["awaiting"]["title_abstract"] == NEW_REPORTS and three["pending"]["to_chart"] == [
        label(s) for s in (52, 56, 57)
    ]
    assert one["whats_new"]["kind"] == "first" and len(one["whats_new"]["new_studies"]) == 52
    assert (two["whats_new"]["kind"], two["whats_new"]["since_version"]) == ("amendment", 1)
    assert two["whats_new"]["new_studies"] == two["whats_new"]["removed_studies"] == []
    changed = {item["study_id"]: item["changed"] for item in two["whats_new"]["changed_studies"]}
    assert changed.pop(label(RETRACTED)) == ["retraction"]
    # Included reports of crimjust that Lens has too: their sources are more now.
    lens = {told.places["week 2"]["crimjust", one] for one in CRIMJUST_IN_LENS}
    detailed = told.json_of("version 1", "versions/000001/studies.json")["studies"]
    assert changed == {study["study_id"]: ["reports"] for study in detailed if study["reports"][0]["report_id"] in lens}
    assert (three["whats_new"]["kind"], three["whats_new"]["since_version"]) == ("update", 2)
    assert [item["study_id"] for item in three["whats_new"]["new_studies"]] == [
        label(s) for s in sorted({*NEW_STUDIES, FOUND_LATER})
    ]
    assert {item["study_id"]: item["changed"] for item in three["whats_new"]["changed_studies"]} == {
        label(23): ["charting"], label(51): ["charting"]}  # fmt: skip
    numbers = {item["item"]: (item["before"], item["after"]) for item in three["whats_new"]["numbers"]}
    assert numbers["counts.included_studies"] == (52, 57) and numbers["counts.counted_studies"] == (48, 53)


def test_the_retracted_study_is_found_left_out_and_marked_everywhere(told: Told) -> None:
    asked = said(told.printed["watch"], "watch")
    assert asked["changed"] == 1 and asked["received"] == asked["unchanged"] + 1
    pmid = _retracted(told)["pmid"]
    assert f"{pmid}: none -> retracted" in told.printed["watch"]
    assert "changed" not in said(told.printed["watch again"], "watch")
    assert told.status["week 2"]["retracted"] == [label(RETRACTED)]
    assert "1 left out as retracted" in told.printed["publish 2"]
    for version in (2, 3):
        summary = told.summary(version)
        assert summary["counts"]["retracted_studies"] == 1
        (marked,) = [one for one in summary["retracted"] if one["study_id"] == label(RETRACTED)]
        assert (marked["state"], marked["counted"], marked["notices"][0]["pmid"]) == ("retracted", False, "42999999")
        assert label(RETRACTED) not in json.dumps([table["rows"] for table in summary["tables"]])
        assert all(label(RETRACTED) in table["left_out"] for table in summary["tables"])
        files = told.published[f"version {version}"]
        ris = files[f"real-records/versions/{version:06d}/included.ris"].decode()
        (entry,) = [one for one in ris.split("ER  -") if f"ID  - {label(RETRACTED)}" in one]
        assert "RETRACTED" in entry and ris.count("RETRACTED") == 1
        rows = csv.DictReader(
            io.StringIO(files[f"real-records/versions/{version:06d}/studies.csv"].decode("utf-8-sig"))
        )
        (row,) = [row for row in rows if row["study_id"] == label(RETRACTED)]
        assert (row["retraction"], row["counted"]) == ("RETRACTED", "false")


def test_the_search_log(told: Told) -> None:
    log = told.json_of("version 3", "versions/000003/search.json")
    runs = {item["source"]: [(run["promised"], run["delivered"], run["new"], run["duplicates"]) for run in item["runs"]]
            for item in log["sources"]}  # fmt: skip
    assert runs == {
        "PubMed": [(407, 407, 407, 0), (407, 407, 0, 0), (418, 418, 11, 0)],
        "embase": [(6, 6, 6, 0), (6, 6, 6, 6)],
        "crimjust": [(41, 41, 41, 3)],
        "medline": [(75, 75, 75, 0)],
        "lens": [(49, 49, 49, 11)],
    }
    assert log["totals"] == {"identified": 595, "duplicates": 20, "removed": 3, "after_deduplication": 572}
    pubmed = next(item for item in log["sources"] if item["source"] == "PubMed")
    assert all(run["query"] == "1:99999999[uid]" for run in pubmed["runs"])
    # Records without a title are told by the run that first brings them.
    assert ["title" in " ".join(run["warnings"]) for run in pubmed["runs"]] == [True, False, True]
    assert [run["state"] for run in pubmed["runs"]] == ["complete_with_warnings", "complete", "complete_with_warnings"]


def test_versions_are_whole_unchanged_and_have_the_hashes_of_their_manifests(told: Told) -> None:
    assert told.printed["publish 1"].count("version 1: first publication") == 1
    last = told.published["version 3"]
    check_versions(last, "real-records", (1, 2, 3))
    for when in ("version 1", "version 2"):
        assert {key: body for key, body in told.published[when].items() if "/versions/" in key}.items() <= last.items()
    for number in (1, 2, 3):
        check_pointer(told.published[f"version {number}"], "real-records", number)
        assert told.summary(number)["version"] == number


def test_the_same_state_gives_the_same_bytes_and_no_new_version(told: Told) -> None:
    assert told.published["version 1 again"] == told.published["version 1"]
    before, after = told.published["version 1"], told.published["version 1 searched again"]
    assert {key for key in after if after[key] != before.get(key)} == {"real-records/latest.json"}
    old, new = (json.loads(one["real-records/latest.json"]) for one in (before, after))
    assert new["last_searched"]["PubMed"] > old["last_searched"]["PubMed"]
    for text in (told.printed["publish again"], told.printed["publish after nothing new"]):
        assert "version" not in text
    assert told.status["week 2 done"]["published_version"] == 2
