"""ESummary: short descriptions of articles, by number or from the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.local.pubmed.answer import Answer, json_document, xml_document, xml_error
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.esearch import read_ids, whole_number
from infra.local.pubmed.history import History
from infra.local.pubmed.summary import summary_of, version_1, version_2

_LIMIT = {"json": 500, "xml": 10_000}
"""UIDs a request, as NCBI documents them."""
_HEADER = {"type": "esummary", "version": "0.3"}


def esummary(corpus: Corpus, history: History, asked: Mapping[str, str]) -> Answer:
    """Answer one ESummary: the only utility that says of each number whether it exists."""
    as_json = asked.get("retmode", "").lower() == "json"
    if asked.get("webenv") and asked.get("query_key"):
        kept = history.result(asked["webenv"], asked["query_key"])
        if kept is None:
            said = f"Unable to obtain query #{asked['query_key']}"
            return json_document({"esummaryresult": [said]}) if as_json else xml_error("eSummaryResult", said)
        first = max(0, whole_number(asked.get("retstart", ""), 0))
        limit = _LIMIT["json" if as_json else "xml"]
        pmids = [str(pmid) for pmid in kept[first : first + max(0, whole_number(asked.get("retmax", ""), limit))]]
    else:
        pmids, invalid = read_ids(asked.get("id", ""))
        if invalid and as_json:
            where = asked["id"].replace(",", " ").split().index(invalid[0])
            error = f"Invalid uid {invalid[0]} at position= {where}"
            return json_document({"header": _HEADER, "error": error, "result": {"uids": []}})
        if not pmids:
            said = "Empty id list - nothing todo" if "id" in asked else "Neither query_key nor id specified"
            return json_document({"esummaryresult": [said]}) if as_json else xml_error("eSummaryResult", said)
    if as_json and len(pmids) > _LIMIT["json"]:
        error = "Too many UIDs in request. Maximum number of UIDs is 500 for JSON format output."
        return json_document({"header": _HEADER, "error": error})
    found = {pmid: summary_of(article) if (article := corpus.article(pmid)) else None for pmid in pmids}
    if as_json:
        result: dict[str, Any] = {"uids": pmids}
        result |= {pmid: one or {"uid": pmid, "error": "cannot get document summary"} for pmid, one in found.items()}
        return json_document({"header": _HEADER, "result": result})
    if asked.get("version") == "2.0":
        return xml_document("eSummaryResult", version_2(found), kind="DocumentSummarySet")
    return xml_document("eSummaryResult", version_1(found))
