"""ESummary, EInfo and ELink of the local PubMed in their forms, held against recorded answers where they are at hand."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import httpx
import pytest
from Bio import Entrez
from lxml import etree

from infra.local.pubmed import Corpus, LocalPubMed
from infra.local.pubmed.medline_text import as_medline
from living_review.sources.files import read_bytes
from living_review.sources.medline import parse_articles
from tests.integration.test_local_pubmed import BOOK, article, as_set
from tests.unit.test_local_query_fields import RECORDS

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT.parent / "shared" / "data" / "pubmed" / "other"


@pytest.fixture(scope="module")
def pubmed():
    references = (
        "<ReferenceList><Reference><Citation>x</Citation><ArticleIdList><ArticleId IdType='pubmed'>2</ArticleId></ArticleIdList></Reference>"
        "<Reference><Citation>y</Citation><ArticleIdList><ArticleId IdType='doi'>10.5555/9</ArticleId><ArticleId IdType='pubmed'>9</ArticleId>"
        "</ArticleIdList></Reference></ReferenceList></PubmedData>"
    )
    whole = (
        "<Abstract><AbstractText>Said &amp; done.</AbstractText></Abstract>"
        "<Pagination><MedlinePgn>94-104</MedlinePgn></Pagination><ArticleDate><Year>2019</Year><Month>12</Month><Day>03</Day></ArticleDate>"
    )
    corpus = Corpus()
    corpus.add(
        as_set(article(1, "One &amp; all", extra=whole).replace("</PubmedData>", references), article(2, "Two"), BOOK)
    )
    with LocalPubMed(corpus) as server:
        yield server


def ask(server, utility, **parameters):
    return httpx.get(f"{server.url}{utility}.fcgi", params=parameters, timeout=10, trust_env=False)


def test_summary_in_xml_of_version_1_can_be_read_by_bio_entrez(pubmed):
    answer = ask(pubmed, "esummary", db="pubmed", id="1,500")
    assert answer.text.splitlines()[1].endswith('"-//NLM//DTD esummary v1 20041029//EN" "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20041029/esummary-v1.dtd">')  # fmt: skip
    first, book = Entrez.read(BytesIO(answer.content))
    assert (first["Id"], first["Title"], first["EPubDate"], first["HasAbstract"]) == ("1", "One & all", "2019 Dec 3", 1)
    assert (first["AuthorList"], first["LastAuthor"], first["LangList"]) == (["Gray J"], "Gray J", ["English"])
    assert first["RecordStatus"] == "PubMed - indexed for MEDLINE"
    assert first["ArticleIds"]["doi"] == first["DOI"] == "10.5555/1"
    assert first["History"]["entrez"] == "2020/01/15 00:00"
    assert first["SO"] == "2020;:94-104"
    assert book["Title"] == "A chapter"


def test_summary_in_xml_of_version_2(pubmed):
    root = etree.fromstring(ask(pubmed, "esummary", db="pubmed", id="1,999999999", version="2.0").content)
    found, missing = root.iterfind("DocumentSummarySet/DocumentSummary")
    assert (found.get("uid"), found.findtext("Title"), found.findtext("Authors/Author/Name")) == (
        "1",
        "One & all",
        "Gray J",
    )
    assert [one.text for one in found.iterfind("PubType/flag")] == ["Journal Article"]
    assert found.xpath("string(ArticleIds/ArticleId[IdType='doi']/Value)") == "10.5555/1"
    assert (missing.get("uid"), missing.findtext("error")) == ("999999999", "cannot get document summary")


def test_summary_as_a_format_of_efetch(pubmed):
    fetched = ask(pubmed, "efetch", db="pubmed", id="2", rettype="docsum", retmode="xml")
    assert fetched.content == ask(pubmed, "esummary", db="pubmed", id="2").content


def test_references_are_the_only_links(pubmed):
    link = ask(pubmed, "elink", dbfrom="pubmed", db="pubmed", id="1", linkname="pubmed_pubmed_refs")
    root = etree.fromstring(link.content)
    assert root.xpath("LinkSet/IdList/Id/text()") == ["1"]
    assert root.xpath("LinkSet/LinkSetDb/Link/Id/text()") == ["9", "2"]
    assert root.findtext("LinkSet/LinkSetDb/LinkName") == "pubmed_pubmed_refs"
    none = etree.fromstring(
        ask(pubmed, "elink", dbfrom="pubmed", db="pubmed", id="1", linkname="pubmed_pubmed").content
    )
    assert [child.tag for child in none.find("LinkSet")] == ["DbFrom", "IdList"]


def test_ids_given_one_by_one_make_a_link_set_each(pubmed):
    each = httpx.get(
        f"{pubmed.url}elink.fcgi?dbfrom=pubmed&linkname=pubmed_pubmed_refs&id=1&id=2&id=500", trust_env=False
    )
    sets = etree.fromstring(each.content).findall("LinkSet")
    assert [one.xpath("IdList/Id/text()") for one in sets] == [["1"], ["2"], ["500"]]
    assert [len(one.findall("LinkSetDb")) for one in sets] == [1, 0, 0]
    joined = etree.fromstring(ask(pubmed, "elink", dbfrom="pubmed", id="1,2").content)
    assert joined.xpath("LinkSet/IdList/Id/text()") == ["1", "2"]


def test_links_can_go_to_the_history(pubmed):
    root = etree.fromstring(
        ask(pubmed, "elink", dbfrom="pubmed", id="1", cmd="neighbor_history", linkname="pubmed_pubmed_refs").content
    )
    webenv, key = root.findtext("LinkSet/WebEnv"), root.findtext("LinkSet/LinkSetDbHistory/QueryKey")
    fetched = ask(pubmed, "efetch", db="pubmed", WebEnv=webenv, query_key=key, rettype="uilist")
    assert fetched.text == "2\n"
    assert b"<ERROR>Empty list of ids - nothing todo</ERROR>" in ask(pubmed, "elink", dbfrom="pubmed", id="x").content
    assert (
        b"<ERROR>Invalid db parameter: gene</ERROR>" in ask(pubmed, "elink", dbfrom="pubmed", db="gene", id="1").content
    )


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside this checkout")
def test_fields_are_those_of_the_recorded_einfo(pubmed):
    ours = etree.fromstring(ask(pubmed, "einfo", db="pubmed").content)
    recorded = etree.parse(RECORDED / "biopython__einfo2.xml").getroot()

    def fields(root):
        return [{part.tag: part.text for part in one} for one in root.iter("Field")]

    assert fields(ours) == fields(recorded)
    assert [part.tag for part in ours.find("DbInfo")] == [part.tag for part in recorded.find("DbInfo")][:7]
    in_json = ask(pubmed, "einfo", db="pubmed", retmode="json").json()["einforesult"]["dbinfo"][0]
    assert [one["name"] for one in in_json["fieldlist"]] == [one["Name"] for one in fields(recorded)]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside this checkout")
def test_summary_of_a_real_article_is_the_recorded_one(tmp_path):
    """What our own record says of an article must be what PubMed said of it, but for what it counts elsewhere."""
    recorded = {one.findtext("Id"): one for one in etree.parse(RECORDED / "pubmedpy__esummary.xml").iter("DocSum")}
    served = Corpus([RECORDED.parent / "efetch" / "pubmedpy__efetch.xml"])
    both = [one.pmid for one in served.every() if one.pmid in recorded]
    assert both
    with LocalPubMed(served) as server:
        ours = etree.fromstring(ask(server, "esummary", db="pubmed", id=",".join(both)).content)
    for summary in ours.iter("DocSum"):
        theirs = recorded[summary.findtext("Id")]
        for name in ("Source", "Title", "Volume", "Issue", "LastAuthor", "FullJournalName", "NlmUniqueID", "DOI"):
            path = f"string(Item[@Name='{name}'])"
            assert summary.xpath(path) == theirs.xpath(path), (summary.findtext("Id"), name)


MEDLINE = """
PMID- 1
OWN - NLM
STAT- MEDLINE
DCOM- 20210304
LR  - 20210506
IS  - 1234-5678 (Print)
VI  - 12
IP  - 3
DP  - 2020 Feb
TI  - Gastric surgery in hospitals
PG  - 94-104
LID - 10.5555/abc.1 [doi]
AB  - AIM: Quality of life. METHODS: Tumor colour was seen.
FAU - Gray, Jo Ann
AU  - Gray JA
AUID- ORCID: https://orcid.org/0000-0001-2345-6789
AD  - Clinic of the North, Oslo
AD  - School of South, Rome
CN  - The Group of Ten
FAU - Last, Ann
AU  - Last A
LA  - eng
SI  - ClinicalTrials.gov/NCT00000001
GR  - R01 AB123456/NIH
PT  - Randomized Controlled Trial
DEP - 20191230
PL  - Norway
TA  - J Nothing
JT  - Journal of Nothing
JID - 9900001
RN  - 7439-89-6 (Iron)
MH  - Stomach Neoplasms/*drug therapy
MH  - Humans
FPS - Darwin
PS  - Darwin C
PMC - PMC77
OTO - NLM
OT  - surgery
OT  - wards
COIS- Nobody paid.
FIR - Helper
IR  - Helper H
CRDT- 2020/01/02 00:00
PHST- 2020/01/02 00:00 [entrez]
SO  - J Nothing. 2020 Feb;12(3):94-104. doi: 10.5555/abc.1.
"""


def test_an_article_in_medline_text():
    corpus = Corpus()
    corpus.add(RECORDS.encode())
    with LocalPubMed(corpus) as server:
        text = ask(server, "efetch", db="pubmed", id="1", rettype="medline", retmode="text").text
    assert text == MEDLINE


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the real records are not beside this checkout")
def test_medline_text_of_every_real_record_says_what_its_xml_says():
    compared = (
        "pmid",
        "pmcid",
        "doi",
        "authors",
        "volume",
        "issue",
        "issn",
        "mesh",
        "publication_types",
        "vernacular_title",
    )
    several = 0
    for one in Corpus([RECORDED.parent / "efetch"]).every():
        (in_xml,) = parse_articles(one.xml)
        (in_text,) = read_bytes("a.nbib", as_medline(one.element()).encode(), "pubmed").records
        for name in compared:
            assert getattr(in_text, name) == getattr(in_xml, name), (one.pmid, name)
        said = [word for word in in_text.abstract.split() if word != "UNLABELLED:"]  # our reader leaves that label out
        if b"mml:math" not in one.xml:  # formulas have blanks between their parts here and none there
            assert said == in_xml.abstract.split(), one.pmid
        several += 1
    assert several > 400
