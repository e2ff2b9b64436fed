"""Real clients against the local PubMed: NCBI's own EDirect, and Bio.Entrez."""

from __future__ import annotations

import subprocess
from collections import Counter

import pytest
from Bio import Entrez, Medline

from infra.local.pubmed import Corpus, LocalPubMed
from tests.integration.edirect import edirect_at, is_installed
from tests.integration.test_local_pubmed import BOOK, article, as_set

pytestmark = [pytest.mark.server, pytest.mark.slow]

MANY = 12_000

with_edirect = pytest.mark.skipif(
    not is_installed(),
    reason="EDirect is not installed (Debian: apt-get install ncbi-entrez-direct)",
)


@pytest.fixture(scope="module")
def pubmed():
    corpus = Corpus()
    corpus.add(as_set(*(article(n, f"Asthma {n}") for n in range(1, MANY + 1)), BOOK.replace("500", "20000")))
    with LocalPubMed(corpus) as server:
        yield server


@pytest.fixture
def edirect(pubmed, tmp_path):
    """Runs a shell line whose EDirect programs go to the local PubMed, and gives what it prints."""
    environment = edirect_at(pubmed.url, tmp_path)

    def run(line):
        del pubmed.requests[:]
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=300, env=environment)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        return done.stdout

    return run


def asked(server):
    return Counter(one.utility for one in server.requests)


@with_edirect
def test_edirect_fetches_more_than_the_window_holds(edirect, pubmed):
    found = edirect("esearch -db pubmed -query 'asthma[ti]' | efetch -format uid").split()
    assert sorted(map(int, found)) == list(range(1, MANY + 1))
    ranges = [one.parameters["term"] for one in pubmed.requests if "[UID]" in one.parameters["term"]]
    assert "( asthma[ti] AND 1:6500 [UID])" in ranges
    fetched = edirect(
        "esearch -db pubmed -query 'asthma[ti]' | efetch -format xml"
        " | xtract -pattern PubmedArticle -element MedlineCitation/PMID ArticleTitle"
    )
    lines = sorted((line.split("\t") for line in fetched.splitlines()), key=lambda pair: int(pair[0]))
    assert lines == [[str(n), f"Asthma {n}"] for n in range(1, MANY + 1)]
    assert asked(pubmed)["efetch"] == 12


@with_edirect
def test_edirect_posts_summarises_and_reads_medline(edirect, pubmed):
    assert edirect("epost -db pubmed -id 3,4 | esummary | xtract -pattern DocumentSummary -element Id Title") == (
        "4\tAsthma 4\n3\tAsthma 3\n"
    )
    assert asked(pubmed) == {"epost": 1, "esearch": 1, "esummary": 1}
    text = edirect("esearch -db pubmed -query 'asthma[ti] AND 7:8[uid]' | efetch -format medline")
    assert [one["TI"] for one in Medline.parse(text.splitlines(keepends=True))] == ["Asthma 7", "Asthma 8"]
    assert "PMID: 9" in edirect("efetch -db pubmed -id 9 -format abstract")
    summary = edirect("esummary -db pubmed -id 1,999999999 -mode json")
    assert '"error":"cannot get document summary"' in summary


@with_edirect
def test_edirect_reads_the_fields_and_a_count_of_nothing(edirect):
    fields = dict(line.split("\t", 1) for line in edirect("einfo -db pubmed -fields").splitlines())
    assert (len(fields), fields["CRDT"]) == (50, "Date - Create")
    assert edirect("esearch -db pubmed -query 'absent[ti]' | xtract -pattern ENTREZ_DIRECT -element Count") == "0\n"
    book = edirect("efetch -db pubmed -id 20000 -format xml | xtract -pattern PubmedBookArticle -element ArticleTitle")
    assert book == "A chapter\n"


@with_edirect
def test_edirect_refines_an_earlier_search(edirect):
    line = "esearch -db pubmed -query 'asthma[ti] AND 1:50[uid]' | efilter -query '11:13[uid]' | efetch -format uid"
    assert sorted(edirect(line).split()) == ["11", "12", "13"]


@pytest.fixture
def entrez(pubmed, monkeypatch):
    monkeypatch.setattr(Entrez, "email", "someone@example.org")
    monkeypatch.setattr(Entrez, "api_key", "k")  # ten requests a second
    real = Entrez.urlopen

    def redirected(request):
        request.full_url = request.full_url.replace("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", pubmed.url)
        return real(request)

    monkeypatch.setattr(Entrez, "urlopen", redirected)

    def ask(utility, **parameters):
        with getattr(Entrez, utility)(**parameters) as handle:
            return Entrez.read(handle)

    return ask


def test_bio_entrez_walks_more_than_the_window_holds(entrez):
    whole = entrez("esearch", db="pubmed", term="asthma[ti]", retmax=20_000)
    assert (whole["Count"], len(whole["IdList"])) == (str(MANY), 9_999)
    assert whole["WarningList"]["OutputMessage"] == ["Restrictions achieved. start and count adjusted to 0, 9999"]
    parts = [
        entrez("esearch", db="pubmed", term=f"(asthma[ti]) AND {low}:{low + 5_999}[uid]", retmax=9_999)
        for low in (1, 6_001)
    ]
    assert sorted(int(pmid) for part in parts for pmid in part["IdList"]) == list(range(1, MANY + 1))
    with pytest.raises(RuntimeError, match="'retstart' cannot be larger than 9998"):
        entrez("esearch", db="pubmed", term="asthma[ti]", retstart=9_999)


def test_bio_entrez_posts_and_summarises_and_fetches(entrez):
    posted = entrez("epost", db="pubmed", id="5,6")
    session = {"db": "pubmed", "webenv": posted["WebEnv"], "query_key": posted["QueryKey"]}
    assert [one["Title"] for one in entrez("esummary", **session)] == ["Asthma 5", "Asthma 6"]
    fetched = entrez("efetch", **session, retmode="xml")
    assert [str(one["MedlineCitation"]["PMID"]) for one in fetched["PubmedArticle"]] == ["5", "6"]
    assert len(entrez("efetch", db="pubmed", id="20000", retmode="xml")["PubmedBookArticle"]) == 1
    with Entrez.efetch(db="pubmed", id="5", rettype="medline", retmode="text") as handle:
        assert [one["TI"] for one in Medline.parse(handle)] == ["Asthma 5"]


def test_bio_entrez_reads_the_fields_and_the_links(entrez):
    (info,) = entrez("einfo", db="pubmed")["DbInfo"]
    assert (info["Count"], len(info["FieldList"])) == (str(MANY + 1), 50)
    assert entrez("einfo")["DbList"] == ["pubmed"]
    (links,) = entrez("elink", dbfrom="pubmed", db="pubmed", id="5")
    assert (links["IdList"], links["LinkSetDb"]) == (["5"], [])
