"""Files of every format, small and our own: what is read, what is kept, and what is refused with its line."""

from __future__ import annotations

import codecs
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.errors import InvalidFile
from living_review.records import Record
from living_review.sources.files import FileRecords, read_bytes, read_file

RIS = """TY  - JOUR
AU  - Smith, J.
AU  - Doe, Anna Maria, Jr.
TI  - A first
 title
T2  - Journal of Things
PY  - 2020/05/12/
DO  - https://doi.org/10.1000/ABC.
SN  - 1234-5678 (Print), 978-0-8243-2732-3
SP  - 10
EP  - 15
AB  - First.
Second paragraph.
KW  - one
two
AN  - WOS:0001
XX  - odd
ER  -

TY  - THES
TI  - Two
ER  -
"""

NBIB = """
PMID- 11111111
OWN - NLM
STAT- MEDLINE
IS  - 1234-5678 (Electronic)
VI  - 12
IP  - 3
DP  - 2019 Jul-Aug
TI  - A long title that goes on
      over two lines: AU  - not a tag.
PG  - 1-9
LID - 10.1000/nb [doi]
AB  - Text.
FAU - de Vries, Jan
AU  - de Vries J
AUID- ORCID: 0000000218250097
AD  - A place.
AD  - Another.
AU  - et al.
CN  - The Group
LA  - eng
PT  - Journal Article
PT  - Retracted Publication
RIN - J Things. 2020;1:2. PMID: 22222222
TA  - J Things
JT  - Journal of things
MH  - Women, Working/*history/psychology
MH  - *Humans
PMC - PMC555
CRDT- 2019/08/01 10:00
PHST- 2019/08/02 06:00 [received]
SO  - J Things. 2019;12(3):1-9.

PMID- 11111112
TI  - Second
SO  - x
"""

ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?>
<xml><records><record>
<database name="x.enl">x.enl</database><rec-number>1</rec-number>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Smith, </style><style face="bold">John</style></author>
<author>World Health Organization</author></authors>
<secondary-authors><author>Ed, Itor</author></secondary-authors></contributors>
<titles><title><style>The </style><style face="italic">E. coli</style><style> story</style></title>
<secondary-title>J Things</secondary-title></titles>
<pages>1-2</pages><volume>3</volume><number>4</number><keywords><keyword>a; b</keyword><keyword>c</keyword></keywords>
<dates><year>2011</year><pub-dates><date>Mar 3</date></pub-dates></dates><isbn>1234-567X</isbn>
<accession-num>33333333</accession-num><electronic-resource-num>https://doi.org/10.1000/En and 10.1000/second</electronic-resource-num>
<abstract>One.\rTwo &lt; three.</abstract><custom2>PMC77</custom2><remote-database-name>MEDLINE</remote-database-name>
<urls><related-urls><url>https://example.org</url></related-urls></urls><research-notes>mine</research-notes>
</record></records></xml>
"""

BIBTEX = r"""@string{jt = "Journal of Things"}
@comment{ignored}
@article{key1,
  title = {50\% of {\"u}bermen: {DNA} \& P$<$0.05 in 12% of cases},
  author = {M{\"u}ller, J{\"o}rg and {World Health Organization} and van der Berg, Jr, Anna and others},
  journal = jt, year = 2020, month = jan, pages = {10--15}, doi = {10.1000/b_x}, keywords = {a, b},
  url = {https://example.org/a_b%20c}, abstract = {It cost $5 million.}
}
@phdthesis{key1, title = {Same key}, author = {Ann Other}, year = {1999}, school = {Uni}}
@misc{, title = {No key}}
"""

WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Smith, J
   Doe, A
AF Smith, John
   Doe, Anna
TI A wrapped
   title
SO JOURNAL OF THINGS
DT Article; Proceedings Paper
DE one; two
PD JUN 14
PY 2006
VL 1
BP 2
EP 3
DI 10.1000/wos
SN 1234-5678
UT WOS:000111
ER

EF
"""

REFER = """%0 Journal Article
%A Smith, John
%A Doe, Anna
%T A refer title
%J J Things
%D 2009
%8 September 1, 2009
%R 10.1000/ref
%@ 1234-5678

%T Second without type
%A Solo
"""

REFWORKS = """Refworks Export Tagged Format
BEGIN EXPORTED REFERENCES

RT Journal Article
ID 7
A1 Brennan,Timothy
T1 A title
JF Critical Things
YR 2003
FD 02/01
VO 29
IS 2
SP 337
OP 367
NO doi: 10.1000/rw
"""

OVID = """<1. >
VN  - Ovid Technologies
DB  - Ovid MEDLINE(R)
AN  - 44444444
AU  - Walsdorf, Neill B. [Inventor]
AU  - Zhang, Weijia 1,2,+
TI  - A title. [References].
SO  - Journal of Things. Vol.43(5), Sep 2015, pp. 623-634.
AB  - Text
LG  - English
YR  - 2015
"""

SUMMARY = """1: Kendrick D, van der Kai J. Evidence from the anterior-
to-psoas approach. Diabet Med. 2020 Sep 1;12(3):45-50. doi: 10.1000/dme.1. Epub ahead
of print. PMID: 32871624.

2: A title without authors: a review. JAMA. 2020 Aug;1:2. PMID: 32871602; PMCID: PMC12.
"""

CSV = (
    "\ufeffTITLE ,Abstract,Author(s),Publication Year,DOI,Odd column\n"
    '"A <i>title</i>, quoted","Two\nlines &amp; more","Smith, J.; Doe, A.",2020.0,https://doi.org/10.1000/Csv,x\n'
    "Second,,Smith J; Doe A,2021,,\n"
)

TWINS = {
    "ris": ("a.ris", RIS, 2),
    "nbib": ("a.txt", NBIB, 2),
    "endnote xml": ("a.xml", ENDNOTE, 1),
    "bibtex": ("a.bib", BIBTEX, 3),
    "wos": ("a.txt", WOS, 1),
    "refer": ("a.enw", REFER, 2),
    "refworks": ("a.txt", REFWORKS, 1),
    "ovid": ("a.txt", OVID, 1),
    "pubmed summary": ("a.txt", SUMMARY, 2),
    "csv": ("a.csv", CSV, 2),
}


def read(text: str | bytes, name: str = "export.txt") -> FileRecords:
    return read_bytes(name, text.encode() if isinstance(text, str) else text, "test")


def one(text: str, name: str = "export.txt") -> Record:
    return read(text, name).records[0]


def refusal(text: str | bytes, name: str = "export.txt") -> str:
    with pytest.raises(InvalidFile) as caught:
        read(text, name)
    message = str(caught.value)
    assert "\n" not in message
    assert name in message
    return message


@pytest.mark.parametrize(("kind", "twin"), TWINS.items(), ids=TWINS)
def test_content_decides_the_format_whatever_the_name(kind: str, twin: tuple[str, str, int], tmp_path: Path) -> None:
    name, text, count = twin
    for other in (name, "export", "export.dat", "export.ris"):
        path = tmp_path / other
        path.write_text(text, encoding="utf-8", newline="")
        found = read_file(path, "test")
        assert (found.format, len(found.records), len(found.positions)) == (kind, count, count)
        assert all(record.source == "test" and record.title for record in found.records)
        assert found == read_file(path, "test"), "the same ids every time"


@pytest.mark.parametrize(("kind", "twin"), TWINS.items(), ids=TWINS)
def test_windows_line_ends_and_marks_change_nothing(kind: str, twin: tuple[str, str, int]) -> None:
    name, text, _ = twin
    plain = read(text, name).records
    for body in (text.replace("\n", "\r\n").encode(), codecs.BOM_UTF8 + text.lstrip("\ufeff").encode()):
        assert read(body, name).records == plain
    if kind != "endnote xml":
        assert read(text.lstrip("\ufeff").encode("utf-16"), name).records == plain


def test_ris_fields() -> None:
    found = read(RIS)
    first, second = found.records
    assert first.source_id == "WOS:0001"
    assert (first.title, first.kind, first.journal) == ("A first title", "article", "Journal of Things")
    assert [author.name for author in first.authors] == ["Smith, J.", "Doe, Anna Maria, Jr."]
    assert (first.year, first.published, first.doi, first.pages) == (2020, "2020-05-12", "10.1000/abc", "10-15")
    assert (first.issn, first.isbn) == (("1234-5678",), ("9780824327323",))
    assert (first.abstract, first.keywords) == ("First.\nSecond paragraph.", ("one", "two"))
    assert first.notes["XX"] == "odd"
    assert second.kind == "thesis"
    assert second.source_id.startswith("sha256:")
    assert len(second.source_id) == 23
    assert found.positions == (1, 20)


def test_nbib_fields() -> None:
    record = one(NBIB)
    assert (record.source_id, record.pmid, record.pmcid, record.doi) == ("11111111", "11111111", "PMC555", "10.1000/nb")
    assert record.title == "A long title that goes on over two lines: AU - not a tag."
    assert [author.name for author in record.authors] == ["de Vries, Jan", "The Group"]
    assert record.authors[0].orcid == "0000-0002-1825-0097"
    assert record.authors[0].affiliations == ("A place.", "Another.")
    assert not record.authors_complete
    assert (record.year, record.published, record.published_text) == (2019, "2019", "2019 Jul-Aug")
    assert record.mesh == ("Women, Working/history*", "Women, Working/psychology", "Humans*")
    assert [(link.kind, link.pmid) for link in record.relations] == [("RetractionIn", "22222222")]
    assert record.dates == {"entrez": "2019-08-01", "received": "2019-08-02"}
    assert "Retracted Publication" in record.publication_types


def test_endnote_fields() -> None:
    record = one(ENDNOTE)
    assert (record.title, record.authors[0].name) == ("The E. coli story", "Smith, John")
    assert record.authors[1].collective == "World Health Organization"
    assert (record.pmid, record.pmcid, record.source_id) == ("33333333", "PMC77", "33333333")
    assert (record.doi, record.notes["doi"]) == ("10.1000/en", "10.1000/second")
    assert (record.published, record.pages, record.volume, record.issue) == ("2011-03-03", "1-2", "3", "4")
    assert (record.abstract, record.keywords) == ("One.\nTwo < three.", ("a", "b", "c"))
    assert (record.notes["secondary-authors"], record.notes["research-notes"]) == ("Ed, Itor", "mine")


def test_bibtex_fields_and_two_entries_with_one_key() -> None:
    found = read(BIBTEX)
    record = found.records[0]
    assert record.title == "50% of übermen: DNA & P<0.05 in 12% of cases"
    assert [author.name for author in record.authors] == [
        "Müller, Jörg",
        "World Health Organization",
        "van der Berg, Anna, Jr",
    ]
    assert record.authors[1].collective
    assert not record.authors_complete
    assert (record.journal, record.published, record.pages) == ("Journal of Things", "2020-01", "10-15")
    assert (record.doi, record.url) == ("10.1000/b_x", "https://example.org/a_b%20c")
    assert record.abstract == "It cost $5 million."
    assert [entry.title for entry in found.records[1:]] == ["Same key", "No key"]
    assert found.records[1].kind == "thesis"


def test_wos_refer_refworks_ovid_and_summary_fields() -> None:
    wos = one(WOS)
    assert (wos.title, wos.source_id, wos.published, wos.pages) == (
        "A wrapped title",
        "WOS:000111",
        "2006-06-14",
        "2-3",
    )
    assert [author.name for author in wos.authors] == ["Smith, John", "Doe, Anna"]
    assert wos.kind == "conference"
    refer = one(REFER)
    assert (refer.published, refer.doi, refer.issn) == ("2009-09-01", "10.1000/ref", ("1234-5678",))
    refworks = one(REFWORKS)
    assert (refworks.published, refworks.pages, refworks.doi) == ("2003-02-01", "337-367", "10.1000/rw")
    ovid = one(OVID)
    assert (ovid.title, ovid.pmid, ovid.volume, ovid.issue, ovid.pages) == ("A title", "44444444", "43", "5", "623-634")
    assert [author.name for author in ovid.authors] == ["Walsdorf, Neill B.", "Zhang, Weijia"]
    summary, second = read(SUMMARY).records
    assert summary.title == "Evidence from the anterior-to-psoas approach."
    assert [author.name for author in summary.authors] == ["Kendrick, D", "van der Kai, J"]
    assert (summary.journal, summary.volume, summary.pages, summary.doi) == (
        "Diabet Med",
        "12",
        "45-50",
        "10.1000/dme.1",
    )
    assert (second.pmid, second.pmcid, second.authors) == ("32871602", "PMC12", ())


def test_csv_fields() -> None:
    found = read(CSV, "a.csv")
    record = found.records[0]
    assert (record.title, record.abstract) == ("A title, quoted", "Two\nlines & more")
    assert [author.name for author in record.authors] == ["Smith, J.", "Doe, A."]
    assert (record.year, record.doi, record.notes["Odd column"]) == (2020, "10.1000/csv", "x")
    assert [author.name for author in found.records[1].authors] == ["Smith, J", "Doe, A"]
    assert found.positions == (2, 4)


HEADERS = {
    "pubmed": (
        "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI",
        '12,T,"Smith A, Doe B.","Nature. 2021 Dec 21;1(2):10-11. doi: 10.1/x.",Smith A,Nature,2021,2021/12/21,PMC1,,10.1000/x',
        {"source_id": "12", "pmid": "12", "volume": "1", "issue": "2", "pages": "10-11", "published": "2021-12-21"},
    ),
    "pubmed legacy": (
        "Title,URL,Description,Details,ShortDetails,Resource,Type,Identifiers,Db,EntrezUID,Properties",
        'T,/pubmed/12,"Smith A, Doe B.",J X. 2019 Jul 16;2:3. doi: 10.1000/x. Review.,J X. 2019,PubMed,citation,PMID:12,pubmed,12,p,',
        {"pmid": "12", "doi": "10.1000/x", "journal": "J X", "published": "2019-07-16"},
    ),
    "scopus": (
        "Authors,Author full names,Author(s) ID,Title,Year,Source title,Volume,Issue,Art. No.,Page start,Page end,DOI,"
        "PubMed ID,Document Type,Source,EID",
        'Smith J.,"Smith, John (57); Doe, Ann (58)",57; 58,T,2023,J X,13,11,1606,,,10.1000/x,12,Conference paper,Scopus,2-s2.0-9',
        {"source_id": "2-s2.0-9", "pages": "1606", "pmid": "12", "kind": "conference", "journal": "J X"},
    ),
    "embase ovid": (
        "ORN,VN,DB,UI,TI,SO,AU,AB,FTURL,PM",
        '1,Ovid Technologies,Embase,2023147024,T,"medRxiv. (no pagination), 2023. Date of Publication: 15 Feb 2023.",'
        '"Smith J.\n\nDoe A.",A,https://example.org/x?D=e&DO=10.1000%2f2023.02,12',
        {"source_id": "2023147024", "published": "2023-02-15", "doi": "10.1000/2023.02", "journal": "medRxiv"},
    ),
    "cinahl": (
        "jinfo/jtl,jinfo/issn,pubinfo/dt/_year,pubinfo/dt/_month,pubinfo/dt/_day,artinfo/ui/0/_type,artinfo/ui/0/__text,"
        "artinfo/tig/atl,artinfo/aug/au/0,artinfo/aug/au/1,artinfo/ab/0,header/_uiTerm,pubinfo/vid",
        'J X,16634365,2023,9,29,doi,10.1000/x,T,"Smith, John",Ann Doe,A,172746624,5',
        {"source_id": "172746624", "doi": "10.1000/x", "published": "2023-09-29", "issn": ("1663-4365",)},
    ),
    "ieee": (
        '"Document Title",Authors,"Publication Title","Publication Year","Start Page","End Page",DOI,"PDF Link","Document Identifier"',
        "T,W. Smith; A. B. Doe,Proc X,2018,725,729,10.1000/x,https://example.org/stamp.jsp?arnumber=8615021,IEEE Conferences",
        {"source_id": "8615021", "kind": "conference", "pages": "725-729"},
    ),
    "springer": (
        "Item Title,Publication Title,Journal Volume,Journal Issue,Item DOI,Authors,Publication Year,URL,Content Type",
        "T,J X,17,3,10.1000/x,Andy SmithTom McDoe,2000,https://example.org,Article",
        {"volume": "17", "issue": "3", "doi": "10.1000/x"},
    ),
    "lens": (
        "Lens ID,Title,Date Published,Publication Year,Publication Type,Source Title,Author/s,Volume,Issue Number,"
        "Start Page,End Page,PMID,DOI",
        "000-1,T,2020-11-22,2020,journal article,J X,John Smith; Max Van Doe,41,2,1,12,12,10.1000/x",
        {"source_id": "000-1", "published": "2020-11-22", "pages": "1-12"},
    ),
    "openalex": (
        "id,doi,title,publication_year,type,authorships.author.display_name,primary_location.source.display_name,"
        "biblio.volume,biblio.first_page,biblio.last_page",
        "https://openalex.org/W2741809807,https://doi.org/10.1000/X,T,2018,article,John Smith|Ann Doe,J X,6,1,9",
        {"source_id": "https://openalex.org/W2741809807", "doi": "10.1000/x", "pages": "1-9", "journal": "J X"},
    ),
    "covidence": (
        "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,Accession Number,DOI,Covidence #,Tags",
        '"T","Smith, J.; Doe, A.",A,2015,March,J X,1,2,3-4,,10.1000/x,#45,tag',
        {"source_id": "#45", "published": "2015-03", "pages": "3-4"},
    ),
    "dimensions": (
        "About the data: exported on a day\nRank,Publication ID,DOI,PMID,Title,Source title,PubYear,Volume,Issue,Pagination,Authors",
        '1,pub.1017,10.1000/x,12,T,J X,2015,1,2,3-4,"Smith, John; Doe, Ann"',
        {"source_id": "pub.1017", "pmid": "12", "pages": "3-4"},
    ),
    "scielo": (
        "ID,Title,Author(s),Source,Journal,Language(s),Publication year,Fulltext URL ",
        'S2550-65872023000100132-ecu,T,"Smith Roe, John Paul, Doe, Ann",J X; 8(1); 132-145,J X,es,2023,https://example.org',
        {"source_id": "S2550-65872023000100132-ecu", "volume": "8", "issue": "1", "pages": "132-145"},
    ),
    "web of science": (
        "PT\tAU\tTI\tSO\tPY\tVL\tBP\tEP\tDI\tUT",
        'J\tSmith, J; Doe, A\t"Quoted" start\tJ X\t2015\t1\t2\t3\t10.1000/x\tWOS:1',
        {"source_id": "WOS:1", "title": '"Quoted" start', "pages": "2-3"},
    ),
    "rayyan": (
        "key,title,authors,journal,issn,volume,issue,pages,year,month,day,abstract,url,pubmed_id",
        "rayyan-1234567,T,Smith J and Doe A,J X,1234-5678,1,2,3-4,2015,5,6,A,https://example.org,12",
        {"source_id": "rayyan-1234567", "pmid": "12", "year": 2015},
    ),
    "embase.com": (
        "Title,Author Names,Source,Abstract,Embase Accession ID",
        '"T","Smith J., Doe A.",J X (2014) 3:3 (152-160). Date of Publication: 2014,A,L37',
        {"source_id": "L37", "journal": "J X", "volume": "3", "issue": "3", "pages": "152-160"},
    ),
    "bvs": (
        "ID,Title,Authors,Source,Journal,Database,Publication year,Volume number,DOI",
        '"mdl-34082220","T","Smith, J; Doe, A","J X;139: 179-184, 2021 07. ",J X,MEDLINE,2021,139,10.1000/x',
        {"source_id": "mdl-34082220", "pmid": "34082220", "pages": "179-184"},
    ),
    "eviatlas": (
        "TY\tAU\tyear\tTI\tJO\tSP\tVL\tDO",
        "JOUR\tSmith, John and Doe, Ann\t2019\tT\tJ X\t22\t8\t10.1000/x",
        {"kind": "article", "pages": "22", "year": 2019},
    ),
    "asreview": (
        "record_id,title,abstract,authors,publication_year,asreview_label",
        "1,T,A,\"['Smith, John', 'Doe, Ann']\",2014//,1",
        {"year": 2014, "abstract": "A"},
    ),
}


@pytest.mark.parametrize(("header", "row", "expected"), HEADERS.values(), ids=HEADERS)
def test_the_columns_of_a_database_are_known(header: str, row: str, expected: dict[str, object]) -> None:
    record = one(f"{header}\n{row}\n", "a.csv")
    assert {name: getattr(record, name) for name in expected} == expected
    assert record.title
    families = [author.family for author in record.authors]
    assert families in (["Smith", "Doe"], ["Smith", "McDoe"], ["Smith", "Van Doe"], ["Smith Roe", "Doe"]), families


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_delimiters_are_seen(mark: str) -> None:
    found = read(f"title{mark}abstract{mark}year\nOne, two{mark}x{mark}2020\n", "a.csv")
    assert (found.records[0].title, found.records[0].year) == ("One, two", 2020)


def test_names_of_any_style() -> None:
    def names(cell: str) -> list[str]:
        return [author.name for author in one(f'title;authors\nT;"{cell}"\n', "a.csv").authors]

    assert names("Smith J, Doe A") == ["Smith, J", "Doe, A"]
    assert names("Smith, J., Doe, A.") == ["Smith, J.", "Doe, A."]
    assert names("Smith, John and Doe, Ann") == ["Smith, John", "Doe, Ann"]
    assert names("Smith, John") == ["Smith, John"]
    assert names("Joe Roe, Al van Poe, Mary Doe") == ["Roe, Joe", "van Poe, Al", "Doe, Mary"]
    assert names("Liu R., Adler D.G.") == ["Liu, R.", "Adler, D.G."]
    assert names("World Health Organization") == ["World Health Organization"]
    assert names("Smith J, Doe A, et al.") == ["Smith, J", "Doe, A"]
    assert names("余敏; 朱江") == ["余敏", "朱江"]


def test_two_copies_and_two_rows_with_one_id_are_all_kept() -> None:
    found = read("title,pmid\nOne,12\nOne,12\nOther,12\nNo id,\nNo id,\n", "a.csv")
    ids = [record.source_id for record in found.records]
    assert ids[:3] == ["12", "12#2", "12#3"]
    assert ids[4] == f"{ids[3]}#2"
    assert ids[3].startswith("sha256:")
    assert any("given again" in remark and "lines 3, 6" in remark for remark in found.remarks)
    assert any("other content" in remark and "12#3 (line 4)" in remark for remark in found.remarks)


def test_the_id_made_from_content_ignores_counts_of_citations() -> None:
    with_count = one("title,authors,cited by\nT,Smith J,1\n", "a.csv")
    later = one("title,authors,cited by\nT,Smith J,99\n", "a.csv")
    other = one("title,authors,cited by\nU,Smith J,1\n", "a.csv")
    assert with_count.source_id == later.source_id != other.source_id


def test_a_running_number_is_no_id() -> None:
    """EndNote and Rayyan count from 1 in ``ID``: two files' first records are not one record."""
    assert (
        one("TY  - JOUR\nTI  - A\nID  - 1\nER  - \n").source_id
        != one("TY  - JOUR\nTI  - B\nID  - 1\nER  - \n").source_id
    )


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_encodings_are_told_apart(encoding: str) -> None:
    text = RIS.replace("Smith, J.", "Müller, Jörg").replace("A first", "Größere Übersicht über Ärzte in Österreich")
    found = read(text.encode(encoding))
    assert found.records[0].authors[0].family == "Müller"
    assert found.records[0].title.startswith("Größere Übersicht")
    if encoding in {"cp1252", "latin-1", "utf-16-le"}:
        assert any("read as" in remark for remark in found.remarks), "a guess is mentioned"


BAD = [
    ("empty", b"", "empty", ""),
    ("blank", b" \r\n\n", "empty", ""),
    ("pdf", b"%PDF-1.7\n\x00\xff", "PDF", ""),
    ("old excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls", ""),
    ("gzip", b"\x1f\x8b\x08\x00", "gzip", ""),
    ("nul", b"TY  - JOUR\nTI  - a\x00b\nER  - \n", "NUL", "line 2"),
    ("control", b"TY  - JOUR\nTI  - a\x01b\nER  - \n", "U+0001", "line 2"),
    ("two encodings", "TY  - JOUR\nTI  - Müller\nAU  - ".encode() + b"M\xfcller\nER  - \n", "two encodings", "line 3"),
    ("cut utf-16", b"\xff\xfe" + "TY".encode("utf-16-le") + b"x", "UTF-16", "line 1"),
    ("unknown", b"Dear all,\n\nplease find attached\n", "not a format known here", "line 1"),
    ("web page", b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page", "line 1"),
    ("broken xml", ENDNOTE[:900].encode(), "broken XML", "line 1"),
    ("other xml", b"<?xml version='1.0'?><PubmedArticleSet><a/></PubmedArticleSet>", "PubmedArticleSet", "line 1"),
    ("no ty first", b"TI  - a\nER  - \n", "without TY", "line 1"),
    ("no ty later", b"TY  - JOUR\nTI  - a\nER  - \n\nT1  - b\nER  - \n", "without TY", "line 5"),
    ("no title column", b"pmid,first seen,citation\n1,2,3\n", "pmid, first seen, citation", "line 1"),
    ("long row", b"title,year\nA,2020\nB, c,2021\n", "3 cells where the header has 2", "line 3"),
    ("open quote", b'title,year\nA,2020\n"B,2021\nC,2022\n', "cannot be read", "line 3"),
    ("header only", b"title,year\n", "no record", ""),
    (
        "by row",
        b"TITLE,A\nAUTHOR NAMES,Smith J.\nABSTRACT,x\n\nTITLE,B\nAUTHOR NAMES,D\nABSTRACT,y\n",
        "in rows",
        "line 1",
    ),
    (
        "broken bibtex",
        b"@article{a,\n title={x},\n}\n@article{b, title={open\n@article{c, title={y}}\n",
        "BibTeX",
        "line 4",
    ),
    ("field twice", b"@article{a, title={x}, title={y}}\n", "Duplicate field", "line 1"),
    ("gap", b"1: A. T. J. 2020. PMID: 1.\n\n3: B. T. J. 2020. PMID: 2.\n", "citation 3 where 2", "line 3"),
    ("no pmid", b"1: A. T. J. 2020. PMID: 1.\n\n2: B. T. J. 2020.\n", "without PMID", "line 3"),
    ("wos stray", b"FN Clarivate\nVR 1.0\nAU Smith\nPT J\nER\n", "without PT", "line 3"),
]


@pytest.mark.parametrize(("body", "what", "where"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_what_cannot_be_read_is_refused_with_its_line(body: bytes, what: str, where: str) -> None:
    message = refusal(body, "export.csv" if body.startswith((b"pmid", b"TITLE")) else "export.txt")
    assert what in message
    assert where in message


def test_a_workbook_is_called_by_its_name() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert "Excel workbook" in refusal(buffer.getvalue(), "a.csv")


def test_a_missing_file_or_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="no such file"):
        read_file(tmp_path / "none.ris", "test")
    with pytest.raises(InvalidFile, match="folder"):
        read_file(tmp_path, "test")


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    text = ENDNOTE.replace("?>", f'?><!DOCTYPE xml [<!ENTITY e SYSTEM "{secret.as_uri()}">]>', 1).replace("mine", "&e;")
    message = refusal(text)
    assert "entities" in message
    assert "secret words" not in message


@pytest.mark.parametrize(
    ("text", "count", "remark"),
    [
        ("TY  - JOUR\nTI  - a\n", 1, "cut short"),
        ("TY  - JOUR\nTI  - a\nTY  - JOUR\nTI  - b\nER  - \n", 2, "records without ER, ended by the next TY: line 1"),
        ("TY  - JOUR\nTI  - a\nAB  - x\nT1 - weighted\nER  - \n", 1, "look like tags: line 4"),
        ("TY  - JOUR\nER  - \n", 1, "1 record without a title: line 1"),
        ("title,year\nA,n.d.\nB,2021\n", 2, "1 record with a year that cannot be read ('n.d.'): line 2"),
        (
            "title,year\nA,3021\nB,\nC,20210\n",
            3,
            "2 records with a year that cannot be read ('3021', '20210'): lines 2, 4",
        ),
        ("title,year\nA,2020\n,\nB,2021\n", 2, "blank rows passed over: line 3"),
        ("title,year\nA,2020\ntitle,year\nB,2021\n", 2, "the header again, passed over: line 3"),
        ("title,year,doi\nA,2020\n", 1, "fewer cells than the header, read as far as they go: line 2"),
        ("PMID- 1\nTI  - a\nb c\n", 1, "not indented: line 3"),
        ("PMID- 1\nTI  - a\nSO  - x\n\nHello.\n\nPMID- 2\nTI  - b\n", 2, "passed over: line 5 ('Hello.')"),
        ("PMID- 1\nTI  - a\nSO  - x\n\nPMID- 2\nTI  - b\n", 2, "cut short"),
        (WOS.replace("EF\n", ""), 1, "cut short"),
    ],
)
def test_what_a_person_should_know_is_a_remark(text: str, count: int, remark: str) -> None:
    found = read(text)
    assert len(found.records) == count
    assert any(remark in one_remark for one_remark in found.remarks), found.remarks


def test_a_pmid_without_a_blank_keeps_its_first_digit() -> None:
    assert one("PMID-22664220\nTI  - a\n").pmid == "22664220"


def test_one_blank_before_the_hyphen_is_ris_too() -> None:
    assert one("TY - JOUR\nTI - a\nAU - Smith, J\nER - \n").authors[0].family == "Smith"


def test_separators_inside_a_text_end_no_line() -> None:
    record = one("TY  - JOUR\nTI  - a\u2028b\x85c\nAU  - Smith, J\nER  - \n")
    assert (record.title, record.authors[0].family) == ("a b c", "Smith")


def test_comparisons_are_no_markup() -> None:
    record = one("TY  - JOUR\nTI  - P<0.05 and n>3 in H<sub>2</sub>O &lt;i&gt;x&lt;/i&gt; AT&T\nER  - \n")
    assert record.title == "P<0.05 and n>3 in H2O x AT&T"


def test_a_doi_with_brackets_and_semicolons_stays_whole() -> None:
    doi = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"
    assert one(f"TY  - JOUR\nTI  - a\nDO  - {doi}\nER  - \n").doi == doi.lower()
    assert one("TY  - JOUR\nTI  - a\nDO  - DOI 1\nER  - \n").notes["DO"] == "DOI 1"


BODIES = [text.encode() for _, text, _ in TWINS.values()]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(BODIES))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(body))] * 2)))
    middle = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"\n", b'"', b"{", b"}", b"<", b"\n\n", b";", b"\t", b"%"])
    )
    damaged = body[:start] + middle + (body[start:] if data.draw(st.booleans()) else body[end:])
    try:
        found = read_bytes("export.csv", damaged, "test")
    except InvalidFile as refused:
        assert "\n" not in str(refused)
    else:
        assert len({record.source_id for record in found.records}) == len(found.records) > 0


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_anything_is_read_or_refused(text: str | bytes) -> None:
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        assert read_bytes("export.tsv", body, "test").records
    except InvalidFile as refused:
        assert str(refused)
