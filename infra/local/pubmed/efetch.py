"""EFetch: articles by number or from the history, as XML, MEDLINE text, abstracts or a list of numbers.

It works by omission, as PubMed does: a number that does not exist is left out, and nothing says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.local.pubmed.answer import TEXT, TOO_FAR, WINDOW, XML, Answer, page_error, xml_document, xml_error
from infra.local.pubmed.article import Article
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.esearch import read_ids, whole_number
from infra.local.pubmed.habits import USUAL, Habits
from infra.local.pubmed.history import History
from infra.local.pubmed.medline_text import as_abstract, as_medline
from infra.local.pubmed.summary import summary_of, version_1

_ISSUED = {"240101": "1st January 2024", "250101": "1st January 2025", "260101": "1st January 2026"}
_FORMATS = {"", "xml", "full", "native", "null"}


def efetch(corpus: Corpus, history: History, asked: Mapping[str, str], habits: Habits = USUAL) -> Answer:
    """Answer one EFetch."""
    database = asked.get("db")
    if not database:
        return page_error("Mandatory parameter: db - is omitted")
    if database != "pubmed":
        return xml_error("eFetchResult", f"Invalid db name specified: {database}", status=400)
    pmids = _numbers(history, asked, habits.repeats_ids)
    if isinstance(pmids, Answer):
        return pmids
    if asked.get("rettype", "").lower() == "full" and habits.full_is_empty:
        return Answer(b"", XML)
    articles = [article for pmid in pmids if (article := corpus.article(pmid))]
    rettype, retmode = asked.get("rettype", "").lower(), asked.get("retmode", "").lower()
    if rettype == "docsum":
        return xml_document("eSummaryResult", version_1({one.pmid: summary_of(one) for one in articles}))
    if rettype == "uilist" and retmode != "xml":
        return Answer("".join(f"{article.pmid}\n" for article in articles).encode(), TEXT)
    if rettype == "uilist":
        ids = "".join(f"<Id>{article.pmid}</Id>\n" for article in articles)
        return Answer(f'<?xml version="1.0" ?>\n<IdList>\n{ids}</IdList>\n'.encode(), XML)
    if rettype == "medline" and retmode != "xml":
        return Answer("\n".join(as_medline(article.element()) for article in articles).encode(), TEXT)
    if rettype in {"abstract", "medline"} and retmode != "xml":
        return Answer(
            "\n\n".join(as_abstract(n, article.element()) for n, article in enumerate(articles, 1)).encode(), TEXT
        )
    if rettype not in _FORMATS | {"abstract", "medline"} or retmode not in {"", "xml", "text", "null"}:
        return page_error(f"unsupported combination of rettype={rettype[:20]} and retmode={retmode[:20]}")
    return Answer(article_set(articles, habits.dtd), XML)


def article_set(articles: list[Article], dtd: str = USUAL.dtd) -> bytes:
    """A PubmedArticleSet of the articles' own bytes; an empty set is what PubMed sends when none exists."""
    issued = _ISSUED.get(dtd, f"version {dtd}")
    prolog = (
        f'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, {issued}//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{dtd}.dtd">\n<PubmedArticleSet>\n'
    )
    return b"".join([prolog.encode(), *(article.xml + b"\n" for article in articles), b"</PubmedArticleSet>\n"])


def _numbers(history: History, asked: Mapping[str, str], repeats: bool) -> list[str] | Answer:
    """The page of PMIDs that is asked for, or the answer that refuses it."""
    first = max(0, whole_number(asked.get("retstart", ""), 0))
    wanted = max(0, whole_number(asked.get("retmax", ""), WINDOW + 1))
    if asked.get("webenv") and asked.get("query_key"):
        kept = history.result(asked["webenv"], asked["query_key"])
        if kept is None:
            return xml_error("eFetchResult", f"Unable to obtain query #{asked['query_key']}")
        if first >= WINDOW:
            reason = f"Search backend cannot retrieve history data. Reason: Exception:\n{TOO_FAR}"
            return xml_error("eFetchResult", reason, status=400)
        if first >= len(kept) > 0:
            return xml_error("eFetchResult", _out_of_range(first, len(kept)), status=400)
        # A page that reaches over the window is cut without a word.
        return [str(pmid) for pmid in kept[first : min(first + wanted, WINDOW)]]
    if not asked.get("id", "").strip():
        return Answer(b"Supplied+id+parameter+is+empty.\n", TEXT)
    valid, _ = read_ids(asked["id"], repeats)
    if not valid:
        return xml_error("eFetchResult", "ID list is empty! Possibly it has no correct IDs.", status=400)
    return valid[first : first + wanted]


def _out_of_range(first: int, held: int) -> str:
    return (
        f"Cannot retrieve history data: OUT OF RANGE. Parameter retstart={first} + 1 is greater than number of records "
        f"available in history. History includes {held} IDs."
    )
