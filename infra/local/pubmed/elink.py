"""ELink from PubMed to PubMed, as far as the records themselves tell: what an article refers to.

``pubmed_pubmed_refs`` lists the PMIDs of an article's reference list. Other links (similar articles, cited by) need
NCBI's own data: they are answered as PubMed answers an article that has none.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.local.pubmed.answer import Answer, xml_document, xml_error
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.esearch import read_ids
from infra.local.pubmed.history import History

REPEATED_IDS = "#ids"
"""Under this name come the values of ``id`` when it was given several times, parted by blanks between bars."""

_REFERENCES = "pubmed_pubmed_refs"


def elink(corpus: Corpus, history: History, asked: Mapping[str, str]) -> Answer:
    """Answer one ELink; ``id`` given several times makes a LinkSet each, one list of ids makes one."""
    for parameter in ("dbfrom", "db"):
        if asked.get(parameter, "pubmed") != "pubmed":
            return xml_error("eLinkResult", f"Invalid {parameter} parameter: {asked[parameter]}")
    if asked.get("webenv") and asked.get("query_key"):
        kept = history.result(asked["webenv"], asked["query_key"])
        if kept is None:
            return xml_error("eLinkResult", f"Unable to obtain query #{asked['query_key']}")
        lists = [[str(pmid) for pmid in kept]]
    else:
        lists = [read_ids(one)[0] for one in asked.get(REPEATED_IDS, asked.get("id", "")).split("|")]
    if not any(lists):
        return xml_error("eLinkResult", "Empty list of ids - nothing todo")
    wanted = asked.get("linkname", "")
    return xml_document(
        "eLinkResult", "\n" + "".join(_link_set(corpus, history, pmids, asked, wanted) for pmids in lists)
    )


def _link_set(corpus: Corpus, history: History, pmids: list[str], asked: Mapping[str, str], wanted: str) -> str:
    ids = "".join(f"\t\t\t<Id>{pmid}</Id>\n" for pmid in pmids)
    links = _references(corpus, pmids) if wanted == _REFERENCES else []
    body, closing = "", ""
    if asked.get("cmd", "neighbor") == "neighbor_history" and links:
        webenv, key = history.store(links, asked.get("webenv", ""))
        named = f"\t\t\t<DbTo>pubmed</DbTo>\n\t\t\t<LinkName>{wanted}</LinkName>\n\t\t\t<QueryKey>{key}</QueryKey>\n"
        body = f"\t\t<LinkSetDbHistory>\n{named}\t\t</LinkSetDbHistory>\n"
        closing = f"\t\t<WebEnv>{webenv}</WebEnv>\n"
    elif asked.get("cmd", "neighbor") == "neighbor" and links:
        each = "".join(f"\t\t\t<Link>\n\t\t\t\t<Id>{pmid}</Id>\n\t\t\t</Link>\n" for pmid in links)
        named = f"\t\t\t<DbTo>pubmed</DbTo>\n\t\t\t<LinkName>{wanted}</LinkName>\n"
        body = f"\t\t<LinkSetDb>\n{named}{each}\t\t</LinkSetDb>\n"
    return f"\t<LinkSet>\n\t\t<DbFrom>pubmed</DbFrom>\n\t\t<IdList>\n{ids}\t\t</IdList>\n{body}{closing}\t</LinkSet>\n"


def _references(corpus: Corpus, pmids: list[str]) -> list[str]:
    found: dict[str, None] = {}
    for pmid in pmids:
        article = corpus.article(pmid)
        if article is None:
            continue
        listed = article.element().iterfind(".//ReferenceList//ArticleId[@IdType='pubmed']")
        found |= dict.fromkeys(number for one in listed for number in read_ids(one.text or "")[0])
    return sorted(found, key=int, reverse=True)
