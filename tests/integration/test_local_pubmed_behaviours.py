"""The twenty behaviours of PubMed's E-utilities that clients get hurt by, each by its number, over HTTP.

They were gathered from recorded answers, NCBI's documentation (NBK25499) and maintainers' threads. Where a recorded
answer is at hand, ours is held against its bytes.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from lxml import etree

from infra.local.pubmed import Corpus, Habits, LocalPubMed
from tests.integration.test_local_pubmed import BOOK, article, as_set

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ROOT.parent / "shared" / "data" / "pubmed" / "other" / "live-captures"
TOO_FAR = "'retstart' cannot be larger than 9998. For PubMed, ESearch can only retrieve the first 9,999 records"


@pytest.fixture(scope="module")
def pubmed():
    """Ten thousand and fifty articles on asthma, and a book."""
    corpus = Corpus()
    corpus.add(
        as_set(
            *(article(n, f"Asthma {'copd' if n % 2 else 'hay'}") for n in range(1, 10_051)),
            BOOK.replace("500", "20000"),
        )
    )
    with LocalPubMed(corpus) as server:
        yield server


@pytest.fixture(scope="module")
def sorted_pubmed():
    """Three articles whose orders differ by date, author and journal."""
    corpus = Corpus()
    for pmid, year, author, journal, title in ((1, 2022, "Brown", "Nature", "wheeze wheeze"), (2, 2020, "Adams", "Zoo", "wheeze and more and more words"),
                                               (3, 2021, "Clark", "Lancet", "wheeze among other words")):  # fmt: skip
        made = article(pmid, title).replace("<PubDate><Year>2020", f"<PubDate><Year>{year}").replace("Gray", author)
        corpus.add(made.replace("Journal of Nothing", journal).encode())
    with LocalPubMed(corpus) as server:
        yield server


def ask(server, utility, method="GET", **parameters):
    how = {"params": parameters} if method == "GET" else {"data": parameters}
    return httpx.request(method, f"{server.url}{utility}.fcgi", **how, timeout=30, trust_env=False)


def search(server, term, **parameters):
    answer = ask(server, "esearch", db="pubmed", term=term, retmode="json", **parameters)
    assert answer.status_code == 200
    return json.loads(answer.text, strict=False)["esearchresult"]


def pmids(answer):
    return etree.fromstring(answer.content).xpath("//MedlineCitation/PMID[1]/text() | //BookDocument/PMID[1]/text()")


def error(answer):
    return etree.fromstring(answer.content).findtext("ERROR")


def kept(server, term):
    session = search(server, term, usehistory="y", retmax="0")
    return {"db": "pubmed", "WebEnv": session["webenv"], "query_key": session["querykey"]}


@pytest.mark.parametrize("utility", ["einfo", "esearch", "epost", "esummary", "efetch", "elink"])
def test_01_get_and_post_say_the_same_and_unknown_or_empty_parameters_are_ignored(pubmed, utility):
    asked = {"db": "pubmed", "id": "3,4", "term": "asthma[ti] AND 1:3[uid]", "nonsense": "x", "sort": "", "retmax": "2"}
    got, posted = ask(pubmed, utility, **asked), ask(pubmed, utility, "POST", **asked)
    webenv = etree.fromstring(got.content).findtext("WebEnv") if utility == "epost" else None
    assert (got.status_code, posted.status_code) == (200, 200)
    if webenv is None:
        assert got.content == posted.content
    plain = ask(pubmed, utility, **{name: asked[name] for name in ("db", "id", "term", "retmax")})
    assert len(plain.content) == len(got.content)


def test_01_webenv_in_any_case_and_an_empty_key_breaks_every_call(pubmed):
    session = kept(pubmed, "1:2[uid]")
    assert pmids(ask(pubmed, "efetch", db="pubmed", webenv=session["WebEnv"], query_key=session["query_key"])) == [
        "2",
        "1",
    ]
    refused = ask(pubmed, "esearch", db="pubmed", term="asthma", api_key="")
    assert (refused.status_code, refused.json()) == (400, {"error": "API key invalid", "api-key": ""})


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "321"),
        ("relevance", "132"),
        ("pub_date", "132"),
        ("pub+date", "132"),
        ("Author", "213"),
        ("JournalName", "312"),
        ("nonsense", "321"),
    ],
)
def test_02_twenty_ids_the_newest_first_unless_sorted(pubmed, sorted_pubmed, sort, order):
    assert "".join(search(sorted_pubmed, "wheeze[ti]", sort=sort)["idlist"]) == order
    first = search(pubmed, "asthma[ti]")
    assert (first["count"], first["retmax"], first["retstart"]) == ("10050", "20", "0")
    assert first["idlist"] == [str(n) for n in range(10_050, 10_030, -1)]


def test_03_retmax_is_clamped_and_a_start_beyond_the_window_is_an_error_with_status_200(pubmed):
    clamped = search(pubmed, "asthma[ti]", retmax="50000")
    assert (len(clamped["idlist"]), clamped["retmax"]) == (9_999, "9999")
    assert clamped["warninglist"]["outputmessages"] == ["Restrictions achieved. start and count adjusted to 0, 9999"]
    beyond = ask(pubmed, "esearch", db="pubmed", term="asthma[ti]", retstart="9999", retmode="json")
    assert beyond.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        beyond.json()
    assert TOO_FAR in json.loads(beyond.text, strict=False)["esearchresult"]["ERROR"]
    in_xml = ask(pubmed, "esearch", db="pubmed", term="asthma[ti]", retstart="9999")
    assert in_xml.status_code == 200
    assert error(in_xml).startswith("Search Backend failed: Exception:\n" + TOO_FAR)


def test_04_a_page_that_straddles_the_window_is_cut(pubmed):
    page = search(pubmed, "asthma[ti]", retstart="9990", retmax="10")
    assert (page["retmax"], len(page["idlist"])) == ("9", 9)
    assert page["warninglist"]["outputmessages"] == ["Restrictions achieved. start and count adjusted to 9990, 9"]
    fetched = ask(pubmed, "efetch", **kept(pubmed, "asthma[ti]"), retstart="9500", retmax="500")
    assert (fetched.status_code, len(pmids(fetched))) == (200, 499)
    assert b"ERROR" not in fetched.content


def test_05_fetching_from_the_history_beyond_the_window_is_status_400(pubmed):
    refused = ask(pubmed, "efetch", **kept(pubmed, "asthma[ti]"), retstart="9999", retmax="1")
    assert refused.status_code == 400
    assert error(refused).startswith(f"Search backend cannot retrieve history data. Reason: Exception:\n{TOO_FAR}")


def test_06_history_is_given_for_no_hits_too(pubmed):
    nothing = search(pubmed, "nothing[ti]", usehistory="y")
    assert (nothing["count"], nothing["querykey"], nothing["webenv"][:5]) == ("0", "1", "MCID_")
    answer = ask(pubmed, "esearch", db="pubmed", term="nothing[ti]", usehistory="y")
    tags = [child.tag for child in etree.fromstring(answer.content)]
    assert tags[:6] == ["Count", "RetMax", "RetStart", "QueryKey", "WebEnv", "IdList"]


def test_07_an_unknown_history_is_status_200(pubmed):
    lost = {"db": "pubmed", "WebEnv": "MCID_0123456789abcdef01234567", "query_key": "1"}
    said = "Unable to obtain query #1"
    assert search(pubmed, "", WebEnv=lost["WebEnv"], query_key="1") == {"ERROR": said}
    assert ask(pubmed, "esummary", **lost, retmode="json").json() == {"esummaryresult": [said]}
    fetched = ask(pubmed, "efetch", **lost)
    assert (fetched.status_code, error(fetched)) == (200, said)
    session = kept(pubmed, "1[uid]")
    assert error(ask(pubmed, "efetch", **session | {"query_key": "7"})) == "Unable to obtain query #7"


def test_08_unknown_pmids_are_left_out_and_nothing_says_so(pubmed):
    assert pmids(ask(pubmed, "efetch", db="pubmed", id="5,999999999,7")) == ["5", "7"]
    nothing = ask(pubmed, "efetch", db="pubmed", id="999999999")
    assert (nothing.status_code, nothing.text.splitlines()[2:]) == (200, ["<PubmedArticleSet>", "</PubmedArticleSet>"])


def test_09_no_id_is_plain_text_and_garbage_is_status_400(pubmed):
    for asked in ({}, {"id": ""}):
        empty = ask(pubmed, "efetch", db="pubmed", **asked)
        assert empty.headers["content-type"].startswith("text/plain")
        assert empty.text.strip() == "Supplied+id+parameter+is+empty."
    garbage = ask(pubmed, "efetch", db="pubmed", id="0")
    assert (garbage.status_code, error(garbage)) == (400, "ID list is empty! Possibly it has no correct IDs.")


def test_10_the_order_is_the_one_asked_for_and_what_becomes_of_repeated_ids_is_an_option(pubmed):
    asked = {"db": "pubmed", "id": "9,4,9,7"}
    assert pmids(ask(pubmed, "efetch", **asked)) == ["9", "4", "7"]
    assert pmids(ask(pubmed, "efetch", **kept(pubmed, "1:9[uid]"), retstart="2", retmax="3")) == ["7", "6", "5"]
    with LocalPubMed(pubmed.corpus, habits=Habits(repeats_ids=True)) as repeating:
        assert pmids(ask(repeating, "efetch", **asked)) == ["9", "4", "9", "7"]


def test_11_books_come_in_the_same_set(pubmed):
    root = etree.fromstring(ask(pubmed, "efetch", db="pubmed", id="1,20000,2").content)
    assert [child.tag for child in root] == ["PubmedArticle", "PubmedBookArticle", "PubmedArticle"]


@pytest.mark.parametrize(("key", "allowed"), [({}, 3), ({"api_key": "k"}, 10)])
@pytest.mark.parametrize("status", [429, 200])
def test_12_more_requests_a_second_than_allowed(pubmed, key, allowed, status):
    with LocalPubMed(pubmed.corpus, rate_limit=True, habits=Habits(limited_status=status)) as strict:
        answers = [ask(strict, "einfo", **key)]
        while "error" not in answers[-1].text and len(answers) < 500:  # however slow the machine is
            answers.append(ask(strict, "einfo", **key))
    assert (answers[0].status_code, answers[-1].status_code) == (200, status)
    assert len(answers) > allowed
    who = key.get("api_key", "127.0.0.1")
    assert answers[-1].json() == {
        "error": "API rate limit exceeded",
        "api-key": who,
        "count": str(allowed + 1),
        "limit": str(allowed),
    }
    assert answers[-1].headers.get("retry-after") == ("2" if status == 429 else None)


def test_13_a_bad_key_comes_back_in_the_refusal(pubmed):
    with LocalPubMed(pubmed.corpus, api_keys={"good"}) as strict:
        refused = ask(strict, "efetch", db="pubmed", id="1", api_key="0123456789abcdef")
    assert refused.status_code == 400
    assert refused.json() == {
        "error": "API key invalid",
        "api-key": "0123456789abcdef",
        "type": "invalid",
        "status": "unknown",
    }


@pytest.mark.parametrize(
    ("term", "count", "errors", "warnings"),
    [
        ('"Made Up Heading"[Mesh]', "0", None, {"quotedphrasesnotfound": ['"Made Up Heading"[Mesh]'], "outputmessages": ["No items found."]}),
        ('asthma[ti] OR "body battery"[tiab]', "10050", None, {"quotedphrasesnotfound": ['"body battery"[tiab]']}),
        ("the[tiab] AND asthma[tiab]", "0", {"phrasesnotfound": ["the"], "fieldsnotfound": []}, {"outputmessages": ["No items found."]}),
        ("asthma[ti] AND 1804[dp]", "0", None, {"outputmessages": ["No items found."]}),
        ('asthma[ti] "copd', "5025", None, {"outputmessages": ["Unmatched double quote ignored."]}),
        ("asthma[ti] AND a copd", "5025", None, {"phrasesignored": ["a"]}),
        ('"A &amp; B"[jour]', "0", None, {"quotedphrasesnotfound": ['"A &amp;amp; B"[jour]'], "outputmessages": ["No items found."]}),
    ],
)  # fmt: skip
def test_14_trouble_with_a_term_is_told_beside_a_count_or_the_clause_is_dropped(pubmed, term, count, errors, warnings):
    said = search(pubmed, term)
    assert (said["count"], said.get("errorlist")) == (count, errors)
    assert said["warninglist"] == {"phrasesignored": [], "quotedphrasesnotfound": [], "outputmessages": []} | warnings
    assert "body battery" not in said["querytranslation"]
    assert search(pubmed, "((")["ERROR"].startswith("Search Backend failed: ")


@pytest.mark.parametrize("term", ["copd[foo]", "copd [tiabb]", "(copd OR absent)[tiab]"])
def test_15_an_unknown_tag_is_ignored_with_an_empty_error_list(pubmed, term):
    said = search(pubmed, term)
    assert (said["count"], said["errorlist"]) == ("5025", {"phrasesnotfound": [], "fieldsnotfound": []})
    assert '"copd"[All Fields]' in said["querytranslation"]


def test_16_a_count_alone_drops_the_warnings(pubmed):
    assert search(pubmed, '"Made Up Heading"[Mesh]', rettype="count") == {"count": "0"}
    in_xml = ask(pubmed, "esearch", db="pubmed", term='"Made Up Heading"[Mesh]', rettype="count")
    assert in_xml.text.splitlines()[2] == "<eSearchResult><Count>0</Count></eSearchResult>"


@pytest.mark.parametrize(
    ("dates", "translation"),
    [
        ({"mindate": "2021"}, ""),
        ({"maxdate": "2019"}, ""),
        ({"datetype": "crdt"}, ""),
        ({"mindate": "2020", "maxdate": "2021"}, " AND 2020/01/01:2021/12/31[Date - Entry]"),
        ({"mindate": "2020/02", "maxdate": "2021", "datetype": "crdt"}, " AND 2020/02/01:2021/12/31[Date - Create]"),
        ({"mindate": "2020/02/03", "maxdate": "2021/12/05", "datetype": "mdat"}, " AND 2020/02/03:2021/12/05[Date - Modification]"),
    ],
)  # fmt: skip
def test_17_one_date_alone_is_ignored_and_so_is_a_date_type_without_dates(pubmed, dates, translation):
    assert search(pubmed, "asthma[ti]", **dates)["querytranslation"] == f'"asthma"[Title]{translation}'


@pytest.mark.parametrize(
    ("fault", "status", "starts"),
    [
        ("500html", 500, b'<?xml version="1.0" encoding="iso-8859-1"'), ("502html", 502, b'<?xml version="1.0" encoding="iso-8859-1"'),
        ("503", 503, b'<?xml version="1.0" encoding="iso-8859-1"'), ("timeout400", 400, b'<?xml version="1.0" encoding="UTF-8" ?>'),
        ("html_tail", 200, b'<?xml version="1.0" ?>'), ("reset", None, b""), ("short_cl", None, b""), ("chunk_cut", None, b""),
    ],
)  # fmt: skip
def test_18_the_ways_it_breaks(pubmed, fault, status, starts):
    pubmed.faults.next(fault, on="efetch")
    if status is None:
        with pytest.raises(httpx.TransportError):
            ask(pubmed, "efetch", db="pubmed", id="1,2")
    else:
        broken = ask(pubmed, "efetch", db="pubmed", id="1,2")
        assert (broken.status_code, broken.content.startswith(starts)) == (status, True)
        assert fault != "html_tail" or broken.text.rstrip().endswith("</html>")
    assert pmids(ask(pubmed, "efetch", db="pubmed", id="1,2")) == ["1", "2"]


def test_19_rettype_full_may_get_an_empty_body(pubmed):
    asked = {"db": "pubmed", "id": "1", "rettype": "full", "retmode": "xml"}
    assert pmids(ask(pubmed, "efetch", **asked)) == ["1"]
    with LocalPubMed(pubmed.corpus, habits=Habits(full_is_empty=True)) as changed:
        answer = ask(changed, "efetch", **asked)
        assert (answer.status_code, answer.content) == (200, b"")
        assert pmids(ask(changed, "efetch", db="pubmed", id="1", retmode="xml")) == ["1"]


def test_20_the_version_of_the_dtd_can_be_set(pubmed):
    assert "1st January 2025//EN" in ask(pubmed, "efetch", db="pubmed", id="1").text
    with LocalPubMed(pubmed.corpus, habits=Habits(dtd="260101")) as newer:
        head = ask(newer, "efetch", db="pubmed", id="1").text.splitlines()[1]
    assert head == (
        '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2026//EN" '
        '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">'
    )


EVICTED = "MCID_0123456789abcdef01234567"


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the recorded answers are not beside this checkout")
@pytest.mark.parametrize(
    ("capture", "utility", "asked"),
    [
        ("api_key_blank.400.json", "esearch", {"term": "asthma", "api_key": ""}),
        ("api_key_invalid.400.json", "esearch", {"term": "asthma", "api_key": "0123456789abcdef0123456789abcdef0123"}),
        ("efetch_all_invalid_ids.400.xml", "efetch", {"id": "0"}),
        ("efetch_empty_id.txt", "efetch", {"id": ""}),
        ("efetch_unknown_pmid.200.xml", "efetch", {"id": "999999999"}),
        ("efetch_unable_to_obtain_query.200.xml", "efetch", {"WebEnv": EVICTED, "query_key": "1"}),
        ("esearch_expired_webenv.200.json", "esearch", {"WebEnv": EVICTED, "query_key": "1", "retmode": "json"}),
        ("esearch_retstart_9999.200.json", "esearch", {"term": "asthma[ti]", "retstart": "9999", "retmode": "json"}),
        ("esearch_nonexistent_mesh_rettype_count.json", "esearch",
         {"term": '"Atherosclerotic Cardiovascular Disease"[Mesh]', "rettype": "count", "retmode": "json"}),
        ("esummary_expired_webenv.json", "esummary", {"WebEnv": EVICTED, "query_key": "1", "retmode": "json"}),
        ("esummary_invalid_uid.json", "esummary", {"id": "abc", "retmode": "json"}),
        ("esummary_missing_uid.json", "esummary", {"id": "999999999", "retmode": "json"}),
        ("esummary_too_many_json.json", "esummary", {"id": ",".join(map(str, range(1, 502))), "retmode": "json"}),
        ("esearch_stopword_field.json", "esearch", {"term": "the[tiab] AND asthma[tiab]", "retmax": "0", "retmode": "json"}),
        ("esearch_entity_in_term.json", "esearch",
         {"term": '"BMJ Simulation &amp; Technology Enhanced Learning"[jour]', "retmax": "0", "retmode": "json"}),
    ],
)  # fmt: skip
def test_recorded_answers_byte_for_byte(pubmed, capture, utility, asked):
    with LocalPubMed(pubmed.corpus, api_keys={"good"}) as strict:
        answer = ask(strict, utility, "POST", db="pubmed", **asked)
    assert answer.content.strip() == (CAPTURES / capture).read_bytes().strip()
    status = capture.split(".")[1]
    assert not status.isdigit() or answer.status_code == int(status)
