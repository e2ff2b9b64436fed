"""The local PubMed over HTTP, as clients meet it: answers, windows, history, faults, rate limit, Bio.Entrez."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from Bio import Entrez, Medline
from lxml import etree

from infra.local.pubmed import Corpus, LocalPubMed, schedule
from infra.local.pubmed.__main__ import make_parser
from infra.local.pubmed.schedule import read_schedule
from living_review.errors import InvalidFile, UsageError

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "pubmed" / "efetch"


def article(pmid, title="A title", entered="2020-01-15", extra="", revised="2020-02-01", types="Journal Article"):
    stamp = "<Year>{}</Year><Month>{}</Month><Day>{}</Day>"
    return (
        f'<PubmedArticle>\n  <MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        f"<DateRevised>{stamp.format(*revised.split('-'))}</DateRevised>"
        f"<Article PubModel='Print'><Journal><JournalIssue CitedMedium='Print'><PubDate><Year>2020</Year></PubDate></JournalIssue>"
        f"<Title>Journal of Nothing</Title></Journal><ArticleTitle>{title}</ArticleTitle>{extra}"
        f"<AuthorList><Author><LastName>Gray</LastName><ForeName>Jo</ForeName><Initials>J</Initials></Author></AuthorList>"
        f"<Language>eng</Language><PublicationTypeList><PublicationType UI='D016428'>{types}</PublicationType></PublicationTypeList></Article>"
        f"<MedlineJournalInfo><MedlineTA>J Nothing</MedlineTA></MedlineJournalInfo></MedlineCitation>"
        f"<PubmedData><History><PubMedPubDate PubStatus='entrez'>{stamp.format(*entered.split('-'))}</PubMedPubDate></History>"
        f"<ArticleIdList><ArticleId IdType='pubmed'>{pmid}</ArticleId><ArticleId IdType='doi'>10.5555/{pmid}</ArticleId></ArticleIdList>"
        f"</PubmedData></PubmedArticle>"
    )


BOOK = """<PubmedBookArticle><BookDocument><PMID Version="1">500</PMID><Book><Publisher><PublisherName>Nobody</PublisherName></Publisher>
<BookTitle book="nothing">A book of wheezing</BookTitle><PubDate><Year>2018</Year></PubDate></Book><ArticleTitle>A chapter</ArticleTitle>
<Language>eng</Language></BookDocument><PubmedBookData><History><PubMedPubDate PubStatus="entrez"><Year>2018</Year><Month>5</Month><Day>1</Day>
</PubMedPubDate></History><ArticleIdList><ArticleId IdType="pubmed">500</ArticleId></ArticleIdList></PubmedBookData></PubmedBookArticle>"""


def as_set(*articles):
    doctype = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
    return f'<?xml version="1.0" ?>\n{doctype}\n<PubmedArticleSet>\n{"".join(articles)}</PubmedArticleSet>'.encode()


@pytest.fixture
def folder(tmp_path):
    records = [article(n, f"Asthma, part {n}", f"20{10 + n}-01-01") for n in range(1, 8)]
    (tmp_path / "a.xml").write_bytes(as_set(*records, BOOK))
    return tmp_path


@pytest.fixture
def pubmed(folder):
    with LocalPubMed(folder) as server:
        yield server


def get(server, utility, **parameters):
    return httpx.get(f"{server.url}{utility}.fcgi", params={"db": "pubmed", **parameters}, timeout=10, trust_env=False)


def found(server, term, **parameters):
    answer = get(server, "esearch", term=term, retmode="json", **parameters)
    return json.loads(answer.text, strict=False)["esearchresult"]


def pmids(body):
    return etree.fromstring(body).xpath("//MedlineCitation/PMID[1]/text() | //BookDocument/PMID[1]/text()")


# Answers


def test_search_by_get_and_post_newest_first(pubmed):
    assert found(pubmed, "asthma[tiab]")["idlist"] == ["7", "6", "5", "4", "3", "2", "1"]
    posted = httpx.post(f"{pubmed.url}esearch.fcgi", data={"term": "asthma[tiab]", "retmode": "json", "retmax": "2", "retstart": "1"}, trust_env=False)  # fmt: skip
    assert posted.json()["esearchresult"] | {"translationset": 0} == {
        "count": "7",
        "retmax": "2",
        "retstart": "1",
        "idlist": ["6", "5"],
        "translationset": 0,
        "querytranslation": '"asthma"[Title/Abstract]',
    }
    assert [request.method for request in pubmed.requests] == ["GET", "POST"]
    assert pubmed.requests[1].parameters["term"] == "asthma[tiab]"


def test_search_in_xml(pubmed):
    answer = get(pubmed, "esearch", term='asthma[tiab] AND 7[uid] OR "body battery"[tiab]')
    assert answer.headers["content-type"] == "text/xml; charset=UTF-8"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.text.splitlines()[2:] == [
        "<eSearchResult><Count>1</Count><RetMax>1</RetMax><RetStart>0</RetStart><IdList>",
        "<Id>7</Id>",
        '</IdList><TranslationSet/><QueryTranslation>"asthma"[Title/Abstract] AND 7[UID]</QueryTranslation><WarningList>'
        '<QuotedPhraseNotFound>"body battery"[tiab]</QuotedPhraseNotFound></WarningList></eSearchResult>',
    ]


def test_count_alone_loses_the_warnings(pubmed):
    assert found(pubmed, '"body battery"[tiab]', rettype="count") == {"count": "0"}
    assert "warninglist" in found(pubmed, '"body battery"[tiab]')


def test_history_of_search_and_post(pubmed):
    first = found(pubmed, "asthma[tiab]", usehistory="y")
    second = found(pubmed, "#1 AND 1:3[uid]", usehistory="y", WebEnv=first["webenv"])
    assert (second["webenv"], second["querykey"], second["count"]) == (first["webenv"], "2", "3")
    page = get(pubmed, "efetch", webenv=first["webenv"], query_key="2", retstart="1", retmax="1")
    assert pmids(page.content) == ["2"]
    posted = etree.fromstring(get(pubmed, "epost", id="4,500,4,99").content)
    key, webenv = posted.findtext("QueryKey"), posted.findtext("WebEnv")
    assert webenv.startswith("MCID_") and len(webenv) == 29
    assert pmids(get(pubmed, "efetch", WebEnv=webenv, query_key=key).content) == ["4", "500"]
    pubmed.history.expire()
    expired = get(pubmed, "efetch", WebEnv=webenv, query_key=key)
    assert expired.status_code == 200
    assert etree.fromstring(expired.content).findtext("ERROR") == "Unable to obtain query #1"
    assert found(pubmed, "", WebEnv=webenv, query_key="1") == {"ERROR": "Unable to obtain query #1"}
    assert found(pubmed, "nothing[ti]", usehistory="y")["querykey"] == "1"


def test_fetch_gives_the_exact_bytes_in_the_order_asked_and_omits_what_is_not_there(pubmed, folder):
    answer = get(pubmed, "efetch", id="3,999999999,500,1,3", retmode="xml")
    assert pmids(answer.content) == ["3", "500", "1"]
    assert article(3, "Asthma, part 3", "2013-01-01").encode() in answer.content
    assert BOOK.encode() in answer.content
    nothing = get(pubmed, "efetch", id="999999999")
    assert (nothing.status_code, nothing.text.splitlines()[2:]) == (200, ["<PubmedArticleSet>", "</PubmedArticleSet>"])


def test_fetch_refuses_as_recorded(pubmed):
    assert get(pubmed, "efetch", id="").text.strip() == "Supplied+id+parameter+is+empty."
    garbage = get(pubmed, "efetch", id="0,abc")
    assert garbage.status_code == 400
    assert b"<ERROR>ID list is empty! Possibly it has no correct IDs.</ERROR>" in garbage.content
    assert b"<!DOCTYPE eEfetchResult PUBLIC" in garbage.content
    without = httpx.get(f"{pubmed.url}efetch.fcgi?id=1", trust_env=False)
    assert (without.status_code, without.text.strip()) == (
        400,
        "Bad Request (400): Mandatory parameter: db - is omitted",
    )


def test_other_formats(pubmed):
    assert get(pubmed, "efetch", id="2,1", rettype="uilist").text == "2\n1\n"
    text = get(pubmed, "efetch", id="2,1", rettype="medline", retmode="text").text
    read = list(Medline.parse(text.splitlines(keepends=True)))
    assert [record["PMID"] for record in read] == ["2", "1"]
    assert read[0]["TI"] == "Asthma, part 2" and read[0]["FAU"] == ["Gray, Jo"]
    assert "PMID: 2" in get(pubmed, "efetch", id="2", rettype="abstract", retmode="text").text


def test_summaries_and_info(pubmed):
    result = get(pubmed, "esummary", id="1,999999999", retmode="json").json()["result"]
    assert result["uids"] == ["1", "999999999"]
    assert (result["1"]["title"], result["1"]["source"]) == ("Asthma, part 1", "J Nothing")
    assert result["999999999"] == {"uid": "999999999", "error": "cannot get document summary"}
    assert get(pubmed, "esummary", id="1,abc", retmode="json").json()["error"] == "Invalid uid abc at position= 1"
    many = ",".join(map(str, range(1, 502)))
    assert get(pubmed, "esummary", id=many, retmode="json").json()["error"].startswith("Too many UIDs in request.")
    assert b'<Item Name="Title" Type="String">Asthma, part 1</Item>' in get(pubmed, "esummary", id="1").content
    info = etree.fromstring(get(pubmed, "einfo").content)
    assert info.findtext("DbInfo/Count") == "8"
    assert "CRDT" in info.xpath("//Field/Name/text()")
    assert (
        etree.fromstring(httpx.get(f"{pubmed.url}einfo.fcgi", trust_env=False).content).findtext("DbList/DbName")
        == "pubmed"
    )


def test_dates_restrict_a_search_only_in_pairs(pubmed):
    assert found(pubmed, "asthma[tiab]", datetype="crdt", mindate="2012", maxdate="2013/06/01")["idlist"] == ["3", "2"]
    assert found(pubmed, "asthma[tiab]", datetype="crdt", mindate="2012")["count"] == "7"
    dated = found(pubmed, "asthma[tiab]", mindate="2012", maxdate="2013")
    assert dated["querytranslation"] == '"asthma"[Title/Abstract] AND 2012/01/01:2013/12/31[Date - Entry]'


def test_an_empty_or_unknown_api_key_is_refused(folder):
    with LocalPubMed(folder, api_keys={"good"}) as server:
        for key in ("", "bad"):
            refused = get(server, "esearch", term="asthma", api_key=key)
            assert refused.status_code == 400
            assert refused.json()["api-key"] == key
        assert get(server, "esearch", term="asthma", api_key="good").status_code == 200


def test_answers_are_compressed_for_those_who_say_they_can(pubmed):
    with httpx.Client(trust_env=False) as client:
        answer = client.get(f"{pubmed.url}efetch.fcgi?db=pubmed&id=1")
        assert answer.headers["content-encoding"] == "gzip"
        plain = client.get(f"{pubmed.url}efetch.fcgi?db=pubmed&id=1", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content


# The window of 9,999


@pytest.fixture(scope="module")
def many():
    corpus = Corpus()
    corpus.add(as_set(*(article(n, "Asthma") for n in range(1, 10_051))))
    with LocalPubMed(corpus) as server:
        yield server


def test_window_of_search(many):
    clamped = found(many, "asthma[tiab]", retstart="9990", retmax="10")
    assert (clamped["count"], clamped["retmax"], len(clamped["idlist"])) == ("10050", "9", 9)
    assert clamped["warninglist"]["outputmessages"] == ["Restrictions achieved. start and count adjusted to 9990, 9"]
    assert len(found(many, "asthma[tiab]", retmax="100000")["idlist"]) == 9999
    beyond = get(many, "esearch", term="asthma[tiab]", retstart="9999", retmax="1", retmode="json")
    assert beyond.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        beyond.json()
    assert "'retstart' cannot be larger than 9998." in json.loads(beyond.text, strict=False)["esearchresult"]["ERROR"]
    assert found(many, "asthma[tiab] AND 1:51[uid]")["count"] == "51"


def test_window_of_fetch(many):
    session = found(many, "asthma[tiab]", usehistory="y")
    history = {"webenv": session["webenv"], "query_key": session["querykey"]}
    assert len(pmids(get(many, "efetch", **history, retstart="9500", retmax="500").content)) == 499
    refused = get(many, "efetch", **history, retstart="9999", retmax="1")
    assert refused.status_code == 400
    assert b"Search backend cannot retrieve history data. Reason: Exception:" in refused.content
    few = found(many, "1[uid]", usehistory="y")
    beyond = get(many, "efetch", webenv=few["webenv"], query_key="1", retstart="1")
    assert beyond.status_code == 400
    assert b"OUT OF RANGE. Parameter retstart=1 + 1 is greater" in beyond.content


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "start"),
    [
        ("429", 429, b'{"error":"API rate limit exceeded"'),
        ("429as200", 200, b'{"error":"API rate limit exceeded"'),
        ("400key", 400, b'{"error":"API key invalid"'),
        ("500html", 500, b'<?xml version="1.0" encoding="iso-8859-1"'),
        ("502html", 502, b'<?xml version="1.0" encoding="iso-8859-1"'),
        ("503", 503, b'<?xml version="1.0" encoding="iso-8859-1"'),
        ("timeout400", 400, b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult'),
        ("not_ready", 200, b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult'),
        ("webenv_expired", 200, b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult'),
        ("unroutable", 400, b"Unable to route request!"),
        ("empty", 200, b""),
    ],
)
def test_fault_of_the_answer_comes_once(pubmed, fault, status, start):
    pubmed.faults.next(fault, on="efetch")
    assert found(pubmed, "asthma[tiab]")["count"] == "7"
    failed = get(pubmed, "efetch", id="1")
    assert (failed.status_code, failed.content[: len(start)]) == (status, start)
    assert (fault != "empty") == bool(failed.content)
    assert failed.headers.get("retry-after") == {"429": "2", "503": "1"}.get(fault)
    assert pmids(get(pubmed, "efetch", id="1").content) == ["1"]
    assert [(r.utility, r.fault) for r in pubmed.requests] == [("esearch", ""), ("efetch", fault), ("efetch", "")]


@pytest.mark.parametrize("fault", ["reset", "short_cl", "chunk_cut"])
def test_fault_of_the_connection(pubmed, fault):
    pubmed.faults.next(fault)
    with pytest.raises(httpx.TransportError):
        get(pubmed, "efetch", id="1,2,3")
    assert pmids(get(pubmed, "efetch", id="1,2,3").content) == ["1", "2", "3"]


def test_a_cut_chunked_body_is_an_incomplete_read_to_the_standard_library(pubmed):
    pubmed.faults.next("chunk_cut")
    with (
        pytest.raises(http.client.IncompleteRead),
        urllib.request.urlopen(f"{pubmed.url}efetch.fcgi?db=pubmed&id=1", timeout=5) as answer,
    ):
        answer.read()


def test_faults_that_change_the_answer(pubmed):
    pubmed.faults.next("html_tail")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(get(pubmed, "efetch", id="1,2,3").content)
    pubmed.faults.next("missing:2,3")
    assert pmids(get(pubmed, "efetch", id="1,2,3").content) == ["1"]
    pubmed.faults.next("dup")
    assert pmids(get(pubmed, "efetch", id="1,2").content) == ["1", "1", "2"]
    pubmed.faults.next("empty_set")
    assert pmids(get(pubmed, "efetch", id="1,2").content) == []
    pubmed.faults.next("dtd:260101")
    assert b"pubmed_260101.dtd" in get(pubmed, "efetch", id="1").content
    pubmed.faults.next("shrink")
    shrunk = found(pubmed, "asthma[tiab]")
    assert (shrunk["count"], len(shrunk["idlist"])) == ("7", 6)
    pubmed.faults.next("shrink")
    assert get(pubmed, "esearch", term="asthma[tiab]").text.count("<Id>") == 6


def test_faults_queue_up_repeat_and_clear(pubmed):
    pubmed.faults.always("503")
    pubmed.faults.next("429", times=2)
    assert [get(pubmed, "einfo").status_code for _ in range(4)] == [429, 429, 503, 503]
    pubmed.faults.clear()
    assert get(pubmed, "einfo").status_code == 200
    with pytest.raises(UsageError, match=r"no fault 'nonsense'.*429as200"):
        pubmed.faults.next("nonsense")


def test_rate_limit(folder):
    with LocalPubMed(folder, rate_limit=True) as server:
        codes = [get(server, "einfo") for _ in range(5)]
        assert [answer.status_code for answer in codes][:4] == [200, 200, 200, 429]
        assert codes[3].json() == {
            "error": "API rate limit exceeded",
            "api-key": "127.0.0.1",
            "count": "4",
            "limit": "3",
        }
        assert codes[3].headers["retry-after"] == "2"
        assert [get(server, "einfo", api_key="k").status_code for _ in range(10)] == [200] * 10


def test_many_at_once(pubmed):
    counts = []

    def ask():
        counts.append(found(pubmed, "asthma[tiab]")["count"])

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == ["7"] * 30


# The corpus and its clock


def test_records_appear_on_their_create_date(folder):
    with LocalPubMed(folder, clock=date(2013, 1, 1)) as server:
        assert found(server, "asthma[tiab]")["idlist"] == ["3", "2", "1"]
        assert pmids(get(server, "efetch", id="3,4").content) == ["3"]
        assert server.corpus.advance(date(2014, 1, 1)) == ["4"]
        assert found(server, "asthma[tiab]")["count"] == "4"


def test_records_can_be_added_replaced_and_removed(pubmed):
    corpus = pubmed.corpus
    assert corpus.add(article(8, "New asthma").encode()) == ["8"]
    assert found(pubmed, "new[ti]")["idlist"] == ["8"]
    corpus.replace(as_set(article(8, "Newer asthma")))
    assert (found(pubmed, "new[ti]")["count"], found(pubmed, "newer[ti]")["count"]) == ("0", "1")
    corpus.remove("8")
    assert found(pubmed, "newer[ti]")["count"] == "0"
    assert pmids(get(pubmed, "efetch", id="8,1").content) == ["1"]
    with pytest.raises(InvalidFile, match="PMID 1 is there already"):
        corpus.add(as_set(article(9), article(1)))
    assert corpus.article("9") is None
    with pytest.raises(InvalidFile, match="PMID 9 is not there"):
        corpus.replace(article(9).encode())
    with pytest.raises(InvalidFile, match="not well-formed"):
        corpus.add(b"<PubmedArticle>")
    with pytest.raises(UsageError, match="PMID 9 is not there"):
        corpus.remove("9")


def test_a_retraction_shows_on_the_record_and_points_to_the_notice(pubmed):
    notice = article(20, "Retraction: Asthma, part 3", "2021-05-05", types="Retraction Notice").encode()
    pubmed.corpus.retract("3", notice, on=date(2021, 5, 6))
    record = etree.fromstring(get(pubmed, "efetch", id="3").content)
    assert "Retracted Publication" in record.xpath("//PublicationType/text()")
    (link,) = record.findall(".//CommentsCorrections")
    assert (link.get("RefType"), link.findtext("PMID")) == ("RetractionIn", "20")
    assert link.findtext("RefSource") == "J Nothing. 2020. doi: 10.5555/20."
    assert [part.text for part in record.find(".//DateRevised")] == ["2021", "05", "06"]
    assert [child.tag for child in record.find(".//MedlineCitation")] == [
        "PMID", "DateRevised", "Article", "MedlineJournalInfo", "CommentsCorrectionsList"]  # fmt: skip
    assert found(pubmed, "retracted publication[pt]")["idlist"] == ["3"]
    assert found(pubmed, "hasretractionin")["idlist"] == ["3"]
    assert found(pubmed, "2021/05/06[mdat]")["idlist"] == ["3"]
    pubmed.corpus.retract("4", "")
    assert etree.fromstring(get(pubmed, "efetch", id="4").content).find(".//CommentsCorrections/PMID") is None


def test_files_that_cannot_be_read_are_told_and_the_rest_is_served(folder):
    (folder / "b.xml").write_bytes(as_set(article(30)) + as_set(article(31)))
    (folder / "c.xml").write_text("<eFetchResult><ERROR>no</ERROR></eFetchResult>")
    (folder / "d.xml").write_bytes(as_set(article(32), article("").replace(">\n", ">", 1)))
    corpus = Corpus([folder])
    told = {Path(file).name: reason for file, reason in corpus.broken}
    assert told["b.xml"].startswith("not well-formed XML")
    assert told["c.xml"] == "no PubMed article in it, its root is eFetchResult"
    assert told["d.xml"] == "article 2 has no PMID"
    assert len(corpus) == 9
    with pytest.raises(UsageError, match="no such file or folder"):
        Corpus([folder / "nowhere"])
    with pytest.raises(UsageError, match=r"no PubMed article could be read \(c.xml: no PubMed"):
        Corpus([folder / "c.xml"])


def test_the_newest_revision_of_a_repeated_record_is_served(tmp_path):
    (tmp_path / "1.xml").write_bytes(
        as_set(article(1, "old", revised="2020-01-01"), article(2, "new", revised="2021-01-01"))
    )
    (tmp_path / "2.xml").write_bytes(
        as_set(article(1, "new", revised="2020-01-02"), article(2, "old", revised="2020-01-01"))
    )
    corpus = Corpus([tmp_path])
    assert [(pmid, Path(file).name) for pmid, file in corpus.repeated] == [("1", "1.xml"), ("2", "2.xml")]
    assert b">new<" in corpus.article("1").xml and b">new<" in corpus.article("2").xml


@pytest.mark.parametrize(
    "document",
    [
        article(1, "caf\u00e9").encode(),
        b"\xef\xbb\xbf" + article(1, "caf\u00e9").encode(),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + article(1, "caf\u00e9")).encode("latin-1"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + article(1, "caf\u00e9")).encode("utf-16"),
        f"<PubmedArticleSet xmlns:mml='urn:m'><!-- <PubmedArticle></PubmedArticle> -->{article(1, 'caf&#233;<mml:math/>')}</PubmedArticleSet>".encode(),
        as_set(article(1, "caf\u00e9").replace("\n", "\r\n")),
    ],
)
def test_every_kind_of_document_leaves_as_utf_8(tmp_path, document):
    (tmp_path / "a.xml").write_bytes(document)
    with LocalPubMed(tmp_path) as server:
        root = etree.fromstring(get(server, "efetch", id="1").content)
        assert root.findtext(".//ArticleTitle").startswith("caf\u00e9")
        assert found(server, "cafe[ti]")["count"] == "1"


def test_entities_are_never_resolved(tmp_path):
    (tmp_path / "secret").write_text("hidden")
    doctype = f'<!DOCTYPE PubmedArticle [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    (tmp_path / "a.xml").write_text(doctype + article(1, "&x;"))
    (tmp_path / "b.xml").write_bytes(as_set(article(2, "P &lt; 0.05 &#8211; <![CDATA[&x;]]>")))
    corpus = Corpus([tmp_path])
    assert [(Path(file).name, reason) for file, reason in corpus.broken] == [
        ("a.xml", "it uses the entity &x;, which is not part of XML")
    ]
    assert [one.pmid for one in corpus.every()] == ["2"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real records are not beside this checkout")
def test_every_real_record_is_served_as_it_is():
    corpus = Corpus([REAL])
    assert len(corpus) > 400
    assert {Path(file).name for file, _ in corpus.broken} == {
        "jabref__MedlineImporterTestMalformedEntry.xml",
        "jabref__MedlineImporterTestMinimalEntry.xml",
    }
    with LocalPubMed(corpus) as server:
        wanted = [one.pmid for one in corpus.every()]
        body = httpx.post(
            f"{server.url}efetch.fcgi", data={"db": "pubmed", "id": ",".join(wanted)}, trust_env=False
        ).content
        assert pmids(body) == wanted
        for one in corpus.every():
            source = Path(one.file).read_bytes()
            assert one.xml in source
        assert int(found(server, "all[sb]")["count"]) == len(wanted)
        assert int(found(server, "2000:2026[dp]")["count"]) > 300


# Clients


def test_bio_entrez_searches_and_fetches(pubmed, monkeypatch):
    monkeypatch.setattr(Entrez, "email", "someone@example.org")
    monkeypatch.setattr(Entrez, "max_tries", 1)
    real = Entrez.urlopen

    def redirected(request):
        request.full_url = request.full_url.replace("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", pubmed.url)
        return real(request)

    monkeypatch.setattr(Entrez, "urlopen", redirected)
    with Entrez.esearch(db="pubmed", term="asthma[tiab]", usehistory="y", retmax=3) as handle:
        searched = Entrez.read(handle)
    assert (searched["Count"], list(searched["IdList"])) == ("7", ["7", "6", "5"])
    with Entrez.efetch(db="pubmed", webenv=searched["WebEnv"], query_key=searched["QueryKey"], retmode="xml") as handle:
        fetched = Entrez.read(handle)
    assert [str(one["MedlineCitation"]["PMID"]) for one in fetched["PubmedArticle"]] == list("7654321")
    with Entrez.epost(db="pubmed", id="1,2") as handle:
        assert Entrez.read(handle)["QueryKey"] == "1"


def test_an_http_1_0_client_gets_a_length(pubmed):
    address = pubmed.url.split("/")[2]
    connection = http.client.HTTPConnection(address, timeout=5)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    connection.request("POST", "/entrez/eutils/efetch.fcgi", urlencode({"db": "pubmed", "id": "1"}))
    answer = connection.getresponse()
    assert "transfer-encoding" not in answer.headers
    assert pmids(answer.read()) == ["1"]
    connection.close()


def test_addresses_that_are_too_long_or_unknown(pubmed):
    assert get(pubmed, "esearch", term="asthma OR " * 900).status_code == 414
    assert get(pubmed, "elsewhere").status_code == 404


def test_the_command_serves_in_the_foreground(folder, tmp_path_factory):
    index = tmp_path_factory.mktemp("index")
    command = [sys.executable, "-m", "infra.local.pubmed", "--records", str(folder), "--index", str(index)]
    command += ["--clock", "2012-06-01"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            answer = httpx.get(f"{url}esearch.fcgi?term=asthma&retmode=json", trust_env=False)
            assert answer.json()["esearchresult"]["idlist"] == ["2", "1"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr.read() == (
            "MeSH is a small excerpt: [mh] looks for few narrower headings, give --mesh\n8 records, files read anew: 1\n"
        )
    assert len(list(index.glob("pubmed-*.sqlite"))) == 1


def test_the_command_says_what_is_wrong(tmp_path):
    command = [sys.executable, "-m", "infra.local.pubmed", "--records", str(tmp_path), "--index", str(tmp_path / "i")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no PubMed article could be read (no XML file there)")
    assert done.stderr.count("\n") == 1


def test_the_page_on_it_names_every_option_and_a_schedule_that_can_be_read(tmp_path):
    page = (ROOT / "docs" / "local-pubmed.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE))
    assert table == {one for action in make_parser()._actions for one in action.option_strings} - {"-h", "--help"}
    assert set(re.findall(r"(?<= )(--(?:records|port|index|mesh|clock|admin))\b", page)) <= table
    (body,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "changes.yaml").write_text(body)
    assert len(read_schedule(tmp_path / "changes.yaml")) == 5
    assert all(line in (schedule.__doc__ or "") for line in body.splitlines())


def test_an_article_can_be_changed_without_end(pubmed):
    for number in range(600):
        pubmed.corpus.replace(article(3, f"Asthma, version {number}").encode())
    assert found(pubmed, "version[ti]")["idlist"] == ["3"]
    assert [found(pubmed, f"{number}[ti]")["count"] for number in (0, 598, 599)] == ["0", "0", "1"]
    pubmed.corpus.remove("3")
    pubmed.corpus.add(article(3, "Asthma, again").encode())
    assert found(pubmed, "asthma[ti]")["count"] == "7"
