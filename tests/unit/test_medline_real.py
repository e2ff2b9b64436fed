"""PubMed XML as others recorded it, of every DTD since 2012: nothing is lost, and Bio.Entrez agrees."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from Bio import Entrez

from living_review.errors import InvalidFile
from living_review.records import Record
from living_review.sources.medline import parse_articles

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MANIFEST = DATA / "pubmed" / "MANIFEST.tsv"

FAULTY = {
    "jabref__MedlineImporterTestMalformedEntry.xml": "malformed.*line 4",
    "jabref__MedlineImporterTestMinimalEntry.xml": "a PubmedArticle has no PMID.*line 2",
}
COUNTED_OTHERWISE = {"jabref__MedlineImporterTestBookArticleSet.xml": 2}
"""The manifest counts the set's own tag, PubmedBookArticleSet, as a record."""
BUNDLED = re.compile(rb"\"https://\S+/pubmed_(?:1[0-9]|2[0-5])0[1-6]01\.dtd")

OURS = b"""<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">11</PMID>
<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><PubDate><Year>2020</Year><Month>May</Month></PubDate>
</JournalIssue><Title>J</Title></Journal><ArticleTitle>On <i>E. coli</i>.</ArticleTitle>
<Abstract><AbstractText Label="AIM">a &lt; b</AbstractText><AbstractText>c</AbstractText></Abstract>
<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>A</LastName><ForeName>B</ForeName></Author>
<Author ValidYN="N"><LastName>X</LastName></Author></AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><MedlineTA>J</MedlineTA></MedlineJournalInfo></MedlineCitation>
<PubmedData><PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">11</ArticleId>
<ArticleId IdType="doi">10.1000/ABC</ArticleId></ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>
"""


def _rows() -> list[Any]:
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as lines:
        return [
            (row["file"], int(row["records"]))
            for row in csv.DictReader(lines, delimiter="\t")
            if row["file"].startswith("pubmed/efetch/") and row["file"].endswith(".xml")
        ]


ROWS: list[Any] = _rows() or [
    pytest.param("", 0, marks=pytest.mark.skip(reason="the recorded PubMed files are not here"))
]


def _records(xml: bytes) -> list[Record]:
    return [entry for entry in parse_articles(xml) if isinstance(entry, Record)]


@pytest.mark.parametrize(("file", "count"), ROWS)
def test_every_recorded_file(file: str, count: int) -> None:
    path = DATA / file
    if path.name in FAULTY:
        with pytest.raises(InvalidFile, match=FAULTY[path.name]):
            list(parse_articles(path.read_bytes(), path.name))
        return
    with path.open("rb") as stream:
        records = [entry for entry in parse_articles(stream, path.name) if isinstance(entry, Record)]
    assert len(records) == COUNTED_OTHERWISE.get(path.name, count)
    for record in records:
        assert Record.from_dict(record.to_dict()) == record
        assert record.pmid in path.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"<(?:i|b|sup|sub|mml:\w+)>|&(?:lt|gt|amp);|\s\s", record.title)
        assert all(line and line == " ".join(line.split()) for line in record.abstract.split("\n") if record.abstract)


@pytest.mark.parametrize(("file", "count"), ROWS)
def test_bio_entrez_agrees(file: str, count: int) -> None:
    path = DATA / file
    xml = path.read_bytes()
    if not BUNDLED.search(xml[:1000]) or path.name in FAULTY:
        pytest.skip("Bio.Entrez has no DTD for this file")
    _compare(xml)


def test_bio_entrez_agrees_on_ours() -> None:
    _compare(OURS)
    (record,) = _records(OURS)
    assert (record.title, record.abstract, record.doi) == ("On E. coli.", "AIM: a < b\nc", "10.1000/abc")


def _compare(xml: bytes) -> None:
    """PMIDs, titles, by-lines, abstracts, MeSH, DOIs as Bio.Entrez reads them, and as we do."""
    read: Any = Entrez.read
    theirs = read(io.BytesIO(xml), validate=False)["PubmedArticle"]
    ours = [record for record in _records(xml) if record.kind not in {"book", "chapter"}]
    assert [record.pmid for record in ours] == [str(entry["MedlineCitation"]["PMID"]) for entry in theirs]
    for record, entry in zip(ours, theirs, strict=True):
        citation = entry["MedlineCitation"]
        article = citation["Article"]
        assert _bare(record.title) == _bare(article["ArticleTitle"])
        names = [str(author.get("LastName", author.get("CollectiveName", ""))) for author in _valid(article)]
        assert [_bare(author.family or author.collective) for author in record.authors] == [
            _bare(n) for n in names if n
        ]
        assert len(record.relations) == len(citation.get("CommentsCorrectionsList", ()))
        said = article.get("Abstract", {}).get("AbstractText", ())
        if not any("math" in text for text in said):
            assert _bare(record.abstract) == "".join(map(_labelled, said))
        headings = [str(heading["DescriptorName"]) for heading in citation.get("MeshHeadingList", ())]
        assert list(dict.fromkeys(term.split("/")[0].rstrip("*") for term in record.mesh)) == list(
            dict.fromkeys(name.split("/")[0] for name in headings)
        )
        dois = {str(i).lower() for i in entry["PubmedData"]["ArticleIdList"] if i.attributes.get("IdType") == "doi"}
        dois |= {str(i).lower() for i in article.get("ELocationID", ()) if i.attributes.get("EIdType") == "doi"}
        assert not dois or record.doi in dois


def _valid(article: Any) -> list[Any]:
    return [author for author in article.get("AuthorList", ()) if author.attributes.get("ValidYN", "Y") != "N"]


def _labelled(paragraph: Any) -> str:
    label = paragraph.attributes.get("Label", "")
    text = _bare(paragraph)
    return f"{_bare(label)}:{text}" if text and label.upper() not in {"", "UNASSIGNED", "UNLABELLED"} else text


def _bare(text: Any) -> str:
    """Without markup and white space."""
    return re.sub(r"</?(?:i|b|u|sup|sub)/?>|\s", "", str(text))
