"""Which two records are one report, and which only look so: the cases that cost a review a study, or a reader an hour."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from living_review.dedupe.decide import (
    BEFORE,
    CERTAIN,
    LINKED,
    POINTS,
    POSSIBLE,
    decide,
    is_another_work,
    levels,
    points_of,
)
from living_review.dedupe.fields import Fields, of_columns
from living_review.records import Author, Record
from tests.unit.dedupe.made_up import ABSTRACT, ROW, TITLE, both_ways, fields, record, records, row, said

# What decide promises whatever the records


@given(fields, fields)
def test_what_is_decided_does_not_depend_on_which_row_came_first(one: Fields, other: Fields):
    assert decide(one, other) == decide(other, one)


@given(records, records)
def test_a_match_is_the_sum_of_what_its_evidence_says(one: Record, other: Record):
    match = both_ways(one, other)
    if match is None:
        return
    assert match.points == match.evidence["points"] == points_of(match.evidence["levels"])
    assert match.certainty in {"certain", "likely", "possible"}
    assert match.linked is (match.certainty != "possible")
    if match.linked:
        assert match.points >= LINKED
    elif match.rule != "versions":
        assert match.points >= POSSIBLE
    assert len(match.said.splitlines()) == 1


@given(fields)
def test_a_record_is_never_apart_from_its_copy_if_it_says_enough(one: Fields):
    match = decide(one, one)
    names_a_work = len("".join(one.title.forms[:1])) > 20 and levels(one, one)["title"] != "generic"
    if names_a_work and one.people and one.year and one.journal:
        assert match is not None and match.linked


def test_better_agreement_never_has_fewer_points():
    for points in ([*levels_.values()] for levels_ in POINTS.values()):
        assert points == sorted(points, reverse=True)
    assert BEFORE < POSSIBLE < LINKED < CERTAIN


def test_evidence_is_told_in_one_line():
    match = both_ways(row(doi="10.5555/a"), row(doi="10.5555/b", year="2021"))
    assert match is not None
    assert match.said.startswith("title same, author same, year one, journal same")
    assert match.said.endswith("; doi: 10.5555/a / 10.5555/b")


# Two records of two databases


@pytest.mark.parametrize(
    ("one", "other", "rule", "expected"),
    [
        ({"pmid": "1"}, {"pmid": "1", "title": "Another title than before"}, "pmid", "linked"),
        ({"doi": "10.5555/A"}, {"doi": "10.5555/a"}, "doi", "linked"),
        ({"volume": "1"}, {"volume": "1"}, "title_author_year", "linked"),
        ({"volume": "1", "title": f"[{TITLE}.]"}, {"volume": "1"}, "title_author_year", "linked"),
        ({"volume": "1", "title": TITLE.upper()}, {"volume": "1", "authors": (Author(family="GRAY"),)}, "title_author_year", "linked"),
        # Nothing but title, author, year and journal: enough.
        ({}, {}, "title_author_year", "linked"),
        # A shared DOI with another title: a supplement, a book's chapter.
        ({"doi": "10.5555/a"}, {"doi": "10.5555/a", "title": "Nothing of the kind at all"}, None, "apart"),
        ({"doi": "10.5555/a"}, {"doi": "10.5555/b"}, None, "apart"),
        ({}, {"year": 2021}, "title_author", "possible"),
        ({}, {"year": 2025}, None, "apart"),
        ({}, {"authors": (Author(family="Brown"),)}, None, "apart"),
        ({}, {"authors": ()}, "title_year", "possible"),
        # Little, but the same throughout; with another volume it is not.
        ({"year": None}, {"year": None}, "title_author", "linked"),
        ({"year": None}, {"year": None, "volume": "7"}, "title_author", "possible"),
        ({"title": "Editorial"}, {"title": "Editorial"}, None, "apart"),
        ({"kind": "preprint"}, {}, "versions", "possible"),
        ({"title": f"Correction: {TITLE}"}, {}, None, "apart"),
    ],
)  # fmt: skip
def test_two_records_of_two_databases(one, other, rule, expected):
    match = both_ways(record(1, **one), record(1, source="embase", **other))
    assert (match and match.rule, said(match)) == (rule, expected)


# Records of PubMed, whatever its search is called


def test_two_pubmed_searches_give_one_report_by_pmid_and_two_by_different_pmids():
    wide = record(1, source="wide", pmid="1", status="MEDLINE", doi="10.5555/a")
    match = both_ways(record(1, pmid="1", status="MEDLINE", doi="10.5555/a"), wide)
    assert match is not None and (match.rule, match.certainty) == ("pmid", "certain")
    assert both_ways(record(2, pmid="2", status="MEDLINE", doi="10.5555/a"), wide) is None


def test_another_database_may_give_another_pmid_and_the_doi_still_tells():
    match = both_ways(record(1, pmid="1", doi="10.5555/a"), record(1, source="embase", pmid="2", doi="10.5555/a"))
    assert match is not None and (match.rule, match.linked) == ("doi", True)
    assert said(both_ways(record(1, pmid="1", volume="1", pages="2-9"), record(1, source="embase", pmid="2", volume="1", pages="2-9"))) == "possible"  # fmt: skip


def test_one_pmid_is_one_report_also_where_only_pubmed_calls_it_a_preprint():
    match = both_ways(record(1, pmid="1", publication_types=("Preprint",)), record(1, source="embase", pmid="1"))
    assert match is not None and (match.rule, match.linked) == ("pmid", True)


@pytest.mark.parametrize(
    ("changes", "against"),
    [
        ({"pmid": "1", "doi": "10.5555/a"}, None),
        ({"pmid": "1", "doi": "10.5555/B"}, {"doi": ["10.5555/a", "10.5555/b"]}),
        ({"pmid": "2", "doi": "10.5555/a"}, {"pmid": ["1", "2"]}),
        ({"pmid": "1", "title": "Bees of alpine meadows"}, {"title": ["bees of alpine meadows", TITLE.lower()]}),
        ({"pmid": "1"}, None),
    ],
)
def test_what_speaks_against_a_match_is_part_of_its_evidence(changes, against):
    match = both_ways(record(1, pmid="1", doi="10.5555/a"), record(1, source="embase", **changes))
    assert match is not None
    assert match.evidence.get("contradicts") == against


# Notices, preprints, abstracts of conferences


@pytest.mark.parametrize(
    "kind", ["Published Erratum", "Retraction of Publication", "Retraction Notice", "Expression of Concern"]
)
def test_a_notice_under_the_title_of_its_article_is_a_report_of_its_own(kind: str):
    notice = record(1, pmid="1", doi="10.5555/a", publication_types=(kind,))
    assert both_ways(notice, record(1, source="embase", doi="10.5555/a")) is None


@pytest.mark.parametrize(
    "start",
    [
        "Correction: ",
        "Author Correction: ",
        "Authors' correction: ",
        "Publisher Correction: ",
        "Retraction: ",
        "Retraction Note: ",
        "Retraction notice to ",
        "Response to: ",
        "Commentary on: ",
        "[Erratum to: ",
        "Corrigendum to ",
        "Expression of concern: ",
        "Reply to ",
    ],
)
def test_a_notice_is_no_copy_of_the_article_whose_doi_it_shares(start: str):
    title = "Asking patients on social media before a clinic is built: a long title that hides its first words"
    article = Record(source="pubmed", source_id="1", pmid="1", doi="10.5555/x", title=title, year=2020)
    notice = Record(source="embase", source_id="e", doi="10.5555/x", title=start + title, year=2020)
    assert both_ways(article, notice) is None
    copy = Record(source="embase", source_id="e", doi="10.5555/x", title=title, year=2020)
    assert said(both_ways(article, copy)) == "linked"


def test_two_databases_that_hold_one_notice_hold_one_report():
    notice = {"title": f"Correction: {TITLE}", "volume": "1", "pages": "9"}
    assert said(both_ways(record(1, **notice), record(1, source="embase", **notice))) == "linked"


def test_the_reply_to_a_comment_is_not_the_comment():
    comment, reply = row(title_=f"Comment on: {TITLE}", pages="9"), row(title_=f"{TITLE}: authors' reply", pages="9")
    assert both_ways(comment, reply) is None


def test_a_retracted_article_is_the_article():
    marked = record(1, title=f"RETRACTED: {TITLE}", doi="10.5555/a")
    assert said(both_ways(marked, record(1, source="embase", doi="10.5555/a"))) == "linked"


def test_an_article_that_begins_like_a_reply_is_linked_to_its_copy():
    title = "Response to treatment as patients tell it on social media"
    assert said(both_ways(row(title_=title), row(title_=f"[{title}]"))) == "linked"
    assert said(both_ways(row(title_=title), row(title_=f"The {title}"))) == "linked"


@pytest.mark.parametrize(
    "preprint",
    [
        {"kind": "preprint"},
        {"publication_types": ("Journal Article", "Preprint")},
        {"journal": "medRxiv : the preprint server for health sciences", "doi": "10.1101/2020.01.02.20001234"},
        {"journal": "", "doi": "10.21203/rs.3.rs-1234/v1"},
        {"kind": "preprint", "year": 2018, "doi": "10.5555/b"},
        {"kind": "preprint", "doi": "10.5555/a"},
    ],
)
def test_preprint_and_article_are_two_reports_and_told_as_versions(preprint):
    article = record(1, source="embase", doi="10.5555/a", volume="1", pages="2-9")
    match = both_ways(record(1, source="europepmc", **preprint), article)
    assert match is not None and (match.certainty, match.rule) == ("possible", "versions")


def test_a_preprint_is_no_version_of_an_article_of_others_or_of_another_decade():
    article = record(1, source="embase", year=2020)
    preprint = {"source": "x", "kind": "preprint"}
    assert both_ways(record(1, **preprint, authors=(Author(family="Brown"),)), article) is None
    assert both_ways(record(1, **preprint, year=2014), article) is None


def test_two_copies_of_one_preprint_are_one_report():
    given_ = {"kind": "preprint", "doi": "10.1101/2020.01.02.20001234", "journal": "medRxiv"}
    assert said(both_ways(record(1, **given_), record(1, source="embase", **given_))) == "linked"


def test_a_conference_abstract_is_not_the_article_of_the_same_title():
    assert said(both_ways(record(1), record(1, source="embase", kind="conference"))) == "possible"
    abroad = {"kind": "conference", "journal": "Proceedings of the Society of Bees", "pages": "S12", "volume": "4"}
    assert said(both_ways(record(1, pages="100-9", volume="7"), record(1, source="embase", **abroad))) == "apart"


# One source, two ids: only strong evidence


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"doi": "10.5555/a"}, "linked"),
        ({"doi": "10.5555/a", "title": TITLE + "."}, "linked"),
        ({"doi": "10.5555/a", "year": 2021}, "possible"),
        ({"doi": "10.5555/a", "title": TITLE + " again"}, "possible"),
        ({}, "linked"),
        ({"journal": "Another J"}, "possible"),
    ],
)
def test_two_ids_of_one_source(changes, expected):
    given_ = {"doi": "10.5555/a"} if "doi" in changes else {}
    match = both_ways(record(1, source="embase", **given_), record(2, source="embase", **changes))
    assert said(match) == expected


def test_pages_that_differ_part_two_records_of_one_source():
    one, other = record(1, source="embase", pages="1-9"), record(2, source="embase", pages="10-19")
    assert said(both_ways(one, other)) != "linked"


# Hard cases as spreadsheets give them; their twins among real records are in test_real_sets.py


@pytest.mark.parametrize(
    "changes",
    [
        {"title_": f"[{TITLE}.]"},
        {"title_": f"Telefone in der Versorgung keuchender Menschen [{TITLE}]"},
        {"title_": "Telefone in der Versorgung von Menschen und in der Familie"},
        {"title_": TITLE.upper(), "author": "GRAY J; BROWN A; NG C"},
        {"author": "Грей, Дж and Браун, Ал and Нг, Чи", "title_": TITLE},
        {"author": "Jo, Gray and Al, Brown and Chi, Ng"},
        {"author": "Gray J"},
        {"author": ""},
        {"author": "", "year": ""},
        {"year": ""},
        {"title_": ""},
        {"title_": "Microsoft Word - bees.doc"},
        {"title_": ROW["journal"]},
        {"author": "Gray J et al."},
        {"author": "user"},
        {"year": "2021"},
        {"journal": "J Noth Med"},
        {"journal": ""},
        {"journal": "Annals of Other Things"},
        {"volume": "3", "number": "12"},
        {"title_": ROW["journal"], "journal": TITLE},
        {"title_": ROW["author"], "author": TITLE},
        {"volume": "12 (3 Supplement 1)", "number": ""},
        {"volume": "3)", "number": ""},
        {"volume": "", "number": "", "pages": ""},
        {"pages": "1123-9"},
        {"pages": "e1123"},
        {"title_": "Telephones in the care of whee..."},
        {"title_": "<i>Telephones</i> in the care of&nbsp;wheezing subjects"},
        {"title_": "{T}elephones in the \\textit{care} of wheezing subj\\'ects"},
        {"title_": "Te1ephones in the care of wheez- \ning subjects"},
        {"title_": "Telephones in the care of wheezing snbjects", "author": "Grav, Jo and Brown, Al"},
        {"title_": f"{TITLE}: a trial [Review] [43 refs]"},
    ],
)
def test_another_form_of_a_record_is_the_same_report(changes):
    assert said(both_ways(row(), row(**changes))) == "linked"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Notices and replies.
        ({}, {"title_": f"Erratum: {TITLE}", "pages": "1300"}, "apart"),
        ({}, {"title_": f"{TITLE}: authors' reply", "pages": "1300"}, "apart"),
        # Parts of a work and years of a series.
        ({"title_": f"{TITLE}. Part I", "pages": "1-9"}, {"title_": f"{TITLE}. Part II", "pages": "10-19"}, "apart"),
        ({"title_": f"{TITLE}. Part I", "pages": ""}, {"title_": f"{TITLE}. Part II", "pages": ""}, "possible"),
        ({"title_": f"{TITLE}. Part I", "pages": "1-9", "doi": "10.5555/a"}, {"title_": f"{TITLE}. Part II", "pages": "10-19", "doi": "10.5555/a"}, "possible"),
        ({}, {"title_": f"{TITLE}. Part 2", "pages": "1130-1139"}, "apart"),
        ({"year": "2019", "volume": "11", "pages": "S1-9"}, {"pages": "S1-12"}, "possible"),
        ({"year": "2019", "volume": "", "pages": "", "author": "Society of Bees"}, {"volume": "", "pages": "", "author": "Society of Bees"}, "possible"),
        ({"title_": f"{TITLE} 2019", "year": "2019", "volume": "11", "pages": "1-9"}, {"title_": f"{TITLE} 2020"}, "apart"),
        # The same of another group, side by side in one issue.
        ({"title_": f"{TITLE}: men"}, {"title_": f"{TITLE}: women", "pages": "1130-1139"}, "apart"),
        ({"title_": "Hepatitis B in wheezing subjects"}, {"title_": "Hepatitis C in wheezing subjects", "pages": "1130-1139"}, "apart"),
        ({"title_": f"{TITLE}s"}, {"pages": "1130-1139"}, "possible"),
        # Abstract of a conference and paper.
        ({"journal": "Proceedings of the Society of Bees", "volume": "8", "pages": "S12-7"}, {}, "apart"),
        # Fields that changed places, and nothing that says where it stands, or another place.
        ({"title_": ROW["journal"], "journal": TITLE, "pages": "", "doi": "10.5555/a"}, {"pages": "", "doi": "10.5555/a"}, "linked"),
        ({"title_": ROW["journal"], "journal": TITLE, "pages": ""}, {"pages": ""}, "apart"),
        ({"title_": ROW["journal"], "journal": TITLE, "pages": "7-9"}, {}, "apart"),
        ({"title_": ROW["author"], "author": TITLE, "pages": ""}, {"pages": ""}, "apart"),
        # A translated title where one of them gives no pages.
        ({"title_": "Telefone in der Versorgung von Menschen und in der Familie", "pages": ""}, {}, "apart"),
        ({"title_": "Telefone in der Versorgung von Menschen und in der Familie", "pages": "", "abstract": ABSTRACT}, {"abstract": ABSTRACT}, "possible"),
        ({"title_": "Telefone in der Versorgung von Menschen und in der Familie", "pages": "", "doi": "10.5555/a"}, {"doi": "10.5555/a"}, "linked"),
        ({"title_": f"Telefone in der Versorgung von Menschen [{TITLE}]", "pages": ""}, {}, "linked"),
        ({"title_": f"[{TITLE}.]", "pages": ""}, {}, "linked"),
        # Chapters of one book.
        ({"title_": "The wheezing of bees", "doi": "10.5555/a", "author": "White, B", "pages": "1-12"}, {"doi": "10.5555/a"}, "apart"),
        ({"title_": "The wheezing of bees", "isbn": "978-3-16-148410-0", "pages": "1-12"}, {"isbn": "9783161484100"}, "apart"),
        ({"title_": "Introduction", "doi": "10.5555/a", "pages": "1-12"}, {"title_": "Introduction", "doi": "10.5555/a", "pages": "13-40"}, "possible"),
        ({"title_": "The book of bees", "pages": "", "journal": ""}, {"title_": "On meadows", "journal": "The book of bees"}, "apart"),
        # Each paper of a conference begins on its page 1.
        ({"title_": "", "volume": "", "number": "", "pages": "1-16"}, {"year": "2021", "volume": "", "number": "", "pages": "1-16"}, "possible"),
        ({"title_": "", "volume": "", "number": "", "pages": "1-16"}, {"volume": "", "number": "", "pages": "1-16"}, "linked"),
        # One DOI for all abstracts of a supplement, or for an issue.
        ({"title_": "", "doi": "10.5555/a", "number": "", "pages": "S373"}, {"title_": "", "doi": "10.5555/a", "number": "", "pages": "S354", "author": "Gray, Jo and Ng, Chi and White, Bo"}, "possible"),
        ({"title_": "", "doi": "10.5555/a", "pages": "S373", "abstract": ABSTRACT}, {"doi": "10.5555/a", "pages": "373-9", "abstract": ABSTRACT}, "linked"),
        ({"title_": "", "doi": "10.5555/a", "pages": "i428", "abstract": ABSTRACT}, {"doi": "10.5555/a", "pages": "1428", "abstract": ABSTRACT}, "linked"),
        ({"title_": "", "doi": "10.5555/a", "pages": "S373"}, {"doi": "10.5555/a", "pages": "S354"}, "possible"),
        ({"title_": f"{TITLE} of the old: an inquiry", "doi": "10.5555/a", "pages": "207-214"}, {"title_": f"{TITLE} of the very young: inquiries", "doi": "10.5555/a", "pages": "311-319"}, "possible"),
        # The title of a part of the journal tells nothing, and the place everything, if it is of the same people.
        ({"title_": "Editorial"}, {}, "linked"),
        ({"title_": "Editorial", "author": "White, B"}, {}, "apart"),
        ({"title_": "Editorial", "pages": "7-9"}, {}, "apart"),
        # DOI: wrong, and the only thing there is.
        ({"doi": "10.5555/a"}, {"doi": "10.5555/b"}, "linked"),
        ({"doi": "10.5555/a", "pages": "", "volume": ""}, {"doi": "10.5555/b", "pages": "", "volume": ""}, "possible"),
        # Other authors, other years.
        ({"pages": "7-9"}, {"pages": "7-9", "number": "4", "author": "White, B"}, "possible"),
        ({"author": "White, B and Black, C"}, {"volume": "13", "year": "2021", "pages": "7-9"}, "apart"),
        ({"author": "White, B", "pages": ""}, {"author": "Gray, Jo", "pages": ""}, "apart"),
        ({"title_": "Letter to the editor", "author": "White, B", "pages": "3"}, {"title_": "Letter to the editor", "pages": "3"}, "apart"),
        ({"title_": "Letter to the editor", "pages": "3"}, {"title_": "Letter to the editor", "pages": "7"}, "apart"),
    ],
)  # fmt: skip
def test_two_records_that_look_like_one_report(one, other, expected):
    assert said(both_ways(row(**one), row(**other))) == expected


def test_a_title_in_another_alphabet_is_the_same_title():
    one = row(title_="Телефоны в помощи больным", author="Иванов, Иван")
    assert said(both_ways(one, row(title_="Telefony v pomoshchi bolnym", author="Ivanov I"))) == "linked"
    chinese = {"title_": "社交媒体对青少年哮喘患者的影响", "journal": "中国医学", "pages": ""}
    assert said(both_ways(row(**chinese, author="王小明; 李明"), row(**chinese, author="Wang, Xiaoming; Li, Ming"))) == "linked"  # fmt: skip


def test_abstracts_tell_two_reports_of_one_title_apart_or_together():
    bare = {"volume": "", "number": "", "pages": "", "year": "2020"}
    later = {**bare, "journal": ""}
    assert said(both_ways(row(**bare, abstract=ABSTRACT), row(**later, abstract="Background: " + ABSTRACT))) == "linked"
    other = (
        "Bees were watched in the meadows of the alps for one summer, and what they did all day is told here at length."
    )
    assert said(both_ways(row(**bare, abstract=ABSTRACT), row(**later, abstract=other))) == "possible"


def test_an_abstract_may_begin_later():
    match = both_ways(
        row(abstract=ABSTRACT), row(abstract="Copyright of the Society of Bees, all rights kept. Aims: " * 2 + ABSTRACT)
    )
    assert match is not None and match.evidence["levels"]["abstract"] == "same"


def test_the_abstract_stands_in_for_a_title_that_is_not_there():
    bare = {"volume": "", "number": "", "pages": ""}
    assert said(both_ways(row(**bare, title_="", abstract=ABSTRACT), row(**bare, abstract=ABSTRACT))) == "linked"
    assert said(both_ways(row(**bare, title_="", abstract=ABSTRACT), row(**bare, abstract=ABSTRACT[::-1]))) != "linked"


def test_which_pages_run_on_through_a_volume_is_asked_of_both_records():
    one, other = row(pages="1-8, 200-210", number="3"), row(pages="200-210", number="4")
    match = both_ways(one, other)
    assert match is not None and match.evidence["levels"]["place"] == "same"
    # Pages 1 to 8 there are in every issue.
    match = both_ways(row(pages="1-8, 200-210", number="3"), row(pages="1-8", number="4"))
    assert match is not None and "place" not in match.evidence["levels"]


def test_two_titles_that_differ_or_two_journals_without_a_place_are_left_to_people():
    assert said(both_ways(row(title_="Bees of the alps"), row())) == "possible"
    bare = {"volume": "", "number": "", "pages": "", "abstract": ABSTRACT}
    assert said(both_ways(row(**bare), row(**bare, journal="Bee World"))) == "possible"
    assert (
        said(both_ways(row(**{**bare, "volume": "12"}), row(**{**bare, "volume": "12"}, journal="Bee World")))
        == "linked"
    )


def test_nothing_is_said_of_records_that_say_nothing():
    assert both_ways(of_columns(""), of_columns("")) is None
    assert both_ways(of_columns("", doi="10.5555/a"), of_columns("", doi="10.5555/a", year="2020")) is not None


# The same id, another work


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "Bees and the pollination of alpine meadows", "authors": (Author(family="Brown"),)}, True),
        ({"title": "Bees and the pollination of alpine meadows", "year": 1999}, True),
        # The same author in the same year: a title given in another language.
        ({"title": "Bees and the pollination of alpine meadows"}, False),
        ({"title": "Bees and the pollination of alpine meadows", "year": 1999, "doi": "10.5555/A"}, False),
        ({"title": "Bees and the pollination of alpine meadows", "year": 1999, "other_ids": {"embase": "L1"}}, False),
        ({"title": TITLE + ": a trial", "authors": (Author(family="Brown"),)}, False),
        ({"title": "", "authors": (Author(family="Brown"),)}, False),
    ],
)
def test_a_record_under_the_id_of_another_work_is_told(changes, expected):
    known = record(1, source="embase", doi="10.5555/a", other_ids={"embase": "L1"})
    assert is_another_work(known, record(1, source="embase", **changes)) is expected


# A word that differs is a slip or another work


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iran", "Iraq"),
        ("Niger", "Nigeria"),
        ("fetal", "fatal"),
        ("prednisone", "prednisolone"),
        ("maternal", "paternal"),
    ],
)
def test_another_word_makes_a_possible_duplicate_unless_the_place_is_the_same(one: str, other: str):
    def at(word: str, **more: str) -> Fields:
        return of_columns(
            f"The burden of {word} asthma: a national survey", "Gray, J and Brown, A", "2020", "J Nothing", **more
        )

    assert said(decide(at(one), at(other))) == "possible"
    assert said(decide(at(one, abstract=ABSTRACT), at(other, abstract=ABSTRACT[::-1], volume="7"))) == "possible"
    place = {"volume": "7", "pages": "11-19"}
    assert said(decide(at(one, **place), at(other, **place))) == "linked"
    assert said(decide(at(one, doi="10.5555/x"), at(other, doi="10.5555/x"))) == "linked"


def test_one_text_that_databases_call_article_and_conference_is_one_report_at_one_place():
    there = {"volume": "7", "pages": "11-19"}
    assert (
        said(both_ways(record(1, source="a", kind="conference", **there), record(2, source="b", **there))) == "linked"
    )
    assert said(both_ways(record(1, source="a", kind="conference"), record(2, source="b", volume="7"))) != "linked"


def test_the_document_tells_the_points_of_every_level():
    text = (Path(__file__).resolve().parents[3] / "docs" / "duplicates.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip().lower(): line for line in text.splitlines() if line.startswith("| ")}
    names = {"people": "author", "volume": "volume, issue", "issue": "volume, issue"}
    for field in POINTS.keys() - {"place", "copy"}:
        row = rows[names.get(field, field)].replace("−", "-")
        missing = [
            level for level, points in POINTS[field].items() if f"`{level}`" not in row or f"{points:g}" not in row
        ]
        assert missing == [], field
