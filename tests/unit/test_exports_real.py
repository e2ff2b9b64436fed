"""Every real export that is at hand either gives all its records or an error with the line and the reason.

The expected number is the manifest's, which counts start tags; where that is no count of records (``-1``), or a person
would expect another number, ``OUTCOMES`` says which and why. The twins on data of our own are in ``test_files.py``.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from living_review.errors import InvalidFile
from living_review.sources.decoding import decode
from living_review.sources.files import read_bytes, read_file
from living_review.sources.nbib import split_nbib
from living_review.sources.ris import split_ris

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MANIFEST = DATA / "exports" / "MANIFEST.tsv"

if not MANIFEST.exists():
    pytest.skip("the collection of real exports is not on this machine", allow_module_level=True)


@dataclass(frozen=True)
class Outcome:
    records: int | None
    """``None``: the file is refused."""
    why: str
    error: str = ""


def refused(error: str, why: str) -> Outcome:
    return Outcome(None, why, error)


OUTCOMES = {
    "nbib/colrev__eric_nbib.nbib": Outcome(1, "ERIC has no PMID line, which the manifest counts"),
    "nbib/colrev__nbib_data.nbib": Outcome(1, "ERIC has no PMID line"),
    "nbib/zotero/zotero__MEDLINEnbib_04.nbib": Outcome(3, "ERIC: three blocks start with OWN"),
    "nbib/zotero/zotero__MEDLINEnbib_06.nbib": Outcome(4, "ERIC: four blocks start with OWN"),
    "nbib/zotero/zotero__MEDLINEnbib_07.nbib": Outcome(2, "ERIC: two blocks start with OWN"),
    "nbib/jabref/jabref__MedlinePlainImporterTestDOI.txt": Outcome(1, "PMID-22664220 without a blank is a PMID"),
    "nbib/jabref/jabref__MedlinePlainImporterTestInproceeding.txt": Outcome(1, "PMID-22664238 without a blank"),
    "nbib/jabref/jabref__MedlinePlainImporterTestMultiAbstract.txt": Outcome(1, "a fragment that starts with PMC"),
    "nbib/jabref/jabref__MedlinePlainImporterTestMultiTitle.txt": Outcome(1, "a fragment that starts with PMCR"),
    "nbib/jabref/jabref__MedlinePlainImporterTestMultipleEntries.txt": Outcome(
        7, "seven blocks; 'This line should be omitted' is named in a remark"
    ),
    "other/colrev/colrev__enl_data.enl": Outcome(3, "the third block has no %0, which the manifest counts"),
    "other/zotero/zotero__ReferBibIX_02.enw": Outcome(1, "one block without %0"),
    "other/jabref/jabref__Endnote.book.example.enw": Outcome(1, "one book"),
    "other/jabref/jabref__Endnote.entries.enw": Outcome(13, "thirteen %0 lines"),
    "other/jabref/jabref__Endnote.pattern.A.enw": Outcome(1, "an author and nothing else is a record"),
    "other/jabref/jabref__Endnote.pattern.E.enw": Outcome(1, "an editor and nothing else is a record"),
    "other/jabref/jabref__Endnote.pattern.no_enw": refused("line 1", "'%0' alone says nothing"),
    "other/jabref/jabref__IsiImporterTest1.isi": Outcome(1, "one PT"),
    "other/jabref/jabref__IsiImporterTest2.isi": Outcome(3, "three PT with one and the same UT: all kept"),
    "other/jabref/jabref__IsiImporterTestEmpty.isi": refused("not a format known here", "it holds ' ## ' only"),
    "other/jabref/jabref__IsiImporterTestInspec.isi": Outcome(2, "two PT"),
    "other/jabref/jabref__IsiImporterTestMedline.isi": Outcome(2, "two PT"),
    "other/jabref/jabref__IsiImporterTestWOS.isi": Outcome(2, "two PT"),
    "other/jabref/jabref__OvidImporterTest1.txt": Outcome(5, "five <n> lines"),
    "other/jabref/jabref__OvidImporterTest2Invalid.txt": refused("line 2", "no <n> line parts its records"),
    **{f"other/jabref/jabref__OvidImporterTest{n}.txt": Outcome(1, "one <n> line") for n in (3, 4, 5, 6, 7)},
    **{f"other/jabref/jabref__OvidImporterTestBib{n}.bib": Outcome(1, "one entry") for n in (3, 4, 5, 6, 7)},
    "other/zotero/zotero__OVID_Tagged_00.txt": Outcome(4, "<1>, <241>, <7807>, <7808>"),
    "other/zotero/zotero__OVID_Tagged_02.txt": Outcome(4, "<3>, <5>, <8>, <94>"),
    "other/zotero/zotero__OVID_Tagged_04.txt": Outcome(1, "one <n> line"),
    "other/zotero/zotero__OVID_Tagged_05.txt": Outcome(2, "two <n> lines, every line indented by one"),
    "other/zotero/zotero__OVID_Tagged_06.txt": Outcome(2, "two <n> lines, one blank before the hyphen"),
    "other/zotero/zotero__OVID_Tagged_07.txt": Outcome(1, "one <n> line"),
    "other/zotero/zotero__OVID_Tagged_09.txt": Outcome(2, "two books"),
    "other/zotero/zotero__RefWorks_Tagged_01.txt": Outcome(1, "one RT"),
    "other/zotero/zotero__RefWorks_Tagged_03.txt": Outcome(1, "one RT below a long legend"),
    "ris/jabref/jabref__RisImporterCorrupted.ris": refused("line 2", "a record without TY"),
    "pubmed-summary/zheln_social_media_subset.tsv": refused(
        "columns found: pmid, first_seen_in, citation", "a derived list without a title column"
    ),
}


def _rows() -> list[tuple[str, int]]:
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["file"].removeprefix("exports/"), int(row["records"])) for row in rows]


def _expected(name: str, counted: int) -> Outcome:
    if name in OUTCOMES:
        return OUTCOMES[name]
    if match := re.search(r"summary-systematic-set_.*_(\d+)\.txt$", name):
        return Outcome(int(match.group(1)), "the last number of the name is the count")
    return Outcome(counted, "as the manifest counts")


ROWS = _rows()


@pytest.mark.parametrize(("name", "counted"), ROWS, ids=[name for name, _ in ROWS])
def test_a_real_export_is_read_whole_or_refused_with_its_line(name: str, counted: int) -> None:
    path = DATA / "exports" / name
    expected = _expected(name, counted)
    if expected.records is None:
        with pytest.raises(InvalidFile) as caught:
            read_file(path, "test")
        assert expected.error in str(caught.value)
        assert re.search(r", line \d+", str(caught.value)), "an error names the line"
        return
    first, again = read_file(path, "test"), read_file(path, "test")
    assert len(first.records) == len(first.positions) == expected.records, expected.why
    assert first == again, "the same file gives the same records and ids"
    assert len({record.source_id for record in first.records}) == expected.records, "ids are unique"
    assert list(first.positions) == sorted(first.positions)


def test_the_table_of_outcomes_names_files_that_exist() -> None:
    assert set(OUTCOMES) <= {name for name, _ in ROWS}
    assert all(name in OUTCOMES or "summary" in name for name, counted in ROWS if counted < 0)


SPOT_CHECKS = [
    # file, number of the record, what it must say
    (
        "ris/asreview/asreview__ovid_psycinfo.ris",
        0,
        {"source_id": "2019-65183-001", "doi": "10.1002/cpp.2398", "year": 2019, "issn": ("1063-3995",)},
    ),
    (
        "ris/jabref/jabref__RisImporterTestDOI.ris",
        0,
        {"pmid": "26957754", "pmcid": "PMC4756000", "published": "2016-01", "pages": "186-189"},
    ),
    ("ris/jabref/jabref__RisImporterTest4c.ris", 0, {"volume": "50", "issue": "2", "journal": "Food Technology"}),
    ("ris/zotero/zotero__RIS_07.ris", 0, {"year": 1950, "published": "1950-01-01"}),
    (
        "csv/asreview/asreview__embase_newpage.csv",
        0,
        {"journal": "Endoscopic Ultrasound", "volume": "3", "issue": "3", "pages": "152-160", "year": 2014},
    ),
    (
        "csv/snhl-sr/Dimitrov-Systematic-SNHL-Phenotyping__medline.csv",
        0,
        {"pmid": "28685503", "volume": "7", "issue": "7", "pages": "CD006396", "published": "2017-07-07"},
    ),
    (
        "csv/snhl-sr/Dimitrov-Systematic-SNHL-Phenotyping__psychinfo.csv",
        0,
        {"source_id": "2024-54571-035", "doi": "10.1007/s10072-023-07116-w", "pages": "1209-1216"},
    ),
    (
        "endnote/jabref/jabref__EndnoteXmlImporterTestArticle.xml",
        0,
        {"pmid": "25647015", "doi": "10.1038/bjc.2014.606", "published": "2015-03-03", "kind": "article"},
    ),
    ("other/zotero/zotero__Web_of_Science_Tagged_02.ciw", 0, {"issue": "247", "pages": "82", "year": 2011}),
]


@pytest.mark.parametrize(("name", "number", "expected"), SPOT_CHECKS, ids=[name for name, _, _ in SPOT_CHECKS])
def test_what_a_real_record_says_arrives(name: str, number: int, expected: dict[str, object]) -> None:
    record = read_file(DATA / "exports" / name, "test").records[number]
    assert {field: getattr(record, field) for field in expected} == expected


def test_a_summary_names_authors_journal_and_year_for_nearly_every_citation() -> None:
    folder = DATA / "exports" / "pubmed-summary"
    records = [record for path in sorted(folder.glob("*.txt")) for record in read_file(path, "pubmed").records]
    whole = [record for record in records if record.authors and record.journal and record.year]
    assert len(records) == 4481
    assert all(record.pmid and record.title for record in records)
    assert len(whole) >= 0.98 * len(records)


# Words that become something else on purpose: types, qualifiers of ISSN and ISBN, resolvers, months, registries.
BECOME = {
    "jour",
    "rprt",
    "print",
    "electronic",
    "linking",
    "issn",
    "isbn",
    "eissn",
    "inst",
    "pmid",
    "online",
    "http",
    "https",
    "clinicaltrials",
}
BECOME |= {
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
}


def _words(text: str) -> set[str]:
    plain = re.sub(r"<[^>]+>|&#?\w+;|%[0-9a-fA-F]{2}", " ", text)
    return {word.casefold() for word in re.findall(r"[^\W\d_]{4,}", plain)} - BECOME


@pytest.mark.parametrize("name", [name for name, _ in ROWS if name.startswith(("ris/", "nbib/"))])
def test_every_word_of_a_record_is_found_again_in_a_field_or_in_the_notes(name: str) -> None:
    body = (DATA / "exports" / name).read_bytes()
    if name in OUTCOMES and OUTCOMES[name].records is None:
        pytest.skip("refused as a whole")
    text = decode(name, body).text
    entries = split_ris(name, text)[0] if name.startswith("ris/") else split_nbib(text)[0]
    records = read_bytes(name, body, "test").records
    lost = []
    for entry, record in zip(entries, records, strict=True):
        said = re.sub(r"[\W_]", "", repr(record.to_dict())).casefold()
        lost += [
            (entry.line, tag, word)
            for tag, value in entry.fields
            for word in _words(value)
            if word not in said and not (tag in {"AU", "PHST", "EDAT"} and name.startswith("nbib/"))
        ]
    assert not lost
