"""ESummary and EInfo: short descriptions of articles, and of the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from infra.local.pubmed.answer import Answer, json_document, xml_document, xml_error
from infra.local.pubmed.article import Article
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.esearch import read_ids, whole_number
from infra.local.pubmed.fields import all_text
from infra.local.pubmed.history import History
from infra.local.pubmed.tags import LISTED, Listed

_LIMIT = {"json": 500, "xml": 10_000}
"""UIDs a request, as NCBI documents them."""
_HEADER = {"type": "esummary", "version": "0.3"}
_XML_FLAGS = {"IsDate": "d", "IsNumerical": "n", "SingleToken": "s", "Hierarchy": "t", "IsHidden": "h"}
_FLAGS = {name.lower(): flag for name, flag in _XML_FLAGS.items()}
_APOSTROPHE = {"'": "&apos;"}


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
    found = {pmid: corpus.article(pmid) for pmid in pmids}
    if as_json:
        result: dict[str, Any] = {"uids": pmids}
        for pmid, article in found.items():
            result[pmid] = _summary(article) if article else {"uid": pmid, "error": "cannot get document summary"}
        return json_document({"header": _HEADER, "result": result})
    return _as_xml(found)


def einfo(corpus: Corpus, asked: Mapping[str, str]) -> Answer:
    """Answer one EInfo: the databases, or PubMed's search fields (with empty term counts, as the real one has)."""
    as_json = asked.get("retmode", "").lower() == "json"
    database = asked.get("db")
    if not database:
        if as_json:
            return json_document({"header": {"type": "einfo", "version": "0.3"}, "einforesult": {"dblist": ["pubmed"]}})
        return xml_document("eInfoResult", "\n<DbList>\n\t<DbName>pubmed</DbName>\n</DbList>\n")
    if database != "pubmed":
        return xml_error("eInfoResult", f"Can not retrieve DbInfo for db={database}")
    updated = f"{corpus.today():%Y/%m/%d} 00:00"
    about = {"dbname": "pubmed", "menuname": "PubMed", "description": "PubMed bibliographic record", "dbbuild": "Build-local",
             "count": str(corpus.shown_count()), "lastupdate": updated}  # fmt: skip
    if as_json:
        fields = [
            {"name": one.name, "fullname": one.full_name, "description": one.description, "termcount": "",
             **{key: "Y" if flag in one.flags else "N" for key, flag in _FLAGS.items()}}
            for one in LISTED
        ]  # fmt: skip
        info = {**about, "fieldlist": fields, "linklist": []}
        return json_document({"header": {"type": "einfo", "version": "0.3"}, "einforesult": {"dbinfo": [info]}})
    names = ("DbName", "MenuName", "Description", "DbBuild", "Count", "LastUpdate")
    head = "".join(f"\t\t<{name}>{escape(value)}</{name}>\n" for name, value in zip(names, about.values(), strict=True))
    listed = "".join(_listed(one) for one in LISTED)
    inside = f"{head}\t\t<FieldList>\n{listed}\t\t</FieldList>\n"
    return xml_document("eInfoResult", f"\n\t<DbInfo>\n{inside}\t</DbInfo>\n")


def _listed(one: Listed) -> str:
    texts = {"Name": one.name, "FullName": one.full_name, "Description": one.description}
    lines = [f"<{name}>{escape(text, _APOSTROPHE)}</{name}>" for name, text in texts.items()]
    lines.append("<TermCount/>")
    lines += [f"<{name}>{'Y' if flag in one.flags else 'N'}</{name}>" for name, flag in _XML_FLAGS.items()]
    return "\t\t\t<Field>\n" + "".join(f"\t\t\t\t{line}\n" for line in lines) + "\t\t\t</Field>\n"


def _summary(article: Article) -> dict[str, Any]:
    element = article.element()
    top = element.find("BookDocument" if article.book else "MedlineCitation")
    body = element.find("BookDocument" if article.book else "MedlineCitation/Article")

    def text(path: str) -> str:
        found = None if body is None else body.find(path)
        return "" if found is None else " ".join(all_text(found).split())

    authors = []
    for author in body.iterfind("AuthorList/Author") if body is not None else ():
        collective = author.findtext("CollectiveName")
        name = collective or f"{author.findtext('LastName') or ''} {author.findtext('Initials') or ''}".strip()
        authors.append({"name": name, "authtype": "CollectiveName" if collective else "Author", "clusterid": ""})
    ids = [{"idtype": found.get("IdType", ""), "value": (found.text or "").strip()}
           for found in element.iterfind("*/ArticleIdList/ArticleId")]  # fmt: skip
    dates = article.dates
    published = max(dates["pdat"], default="")
    date_of = None if body is None else body.find("Book/PubDate" if article.book else "Journal/JournalIssue/PubDate")
    return {
        "uid": article.pmid,
        "pubdate": " ".join(part.text or "" for part in date_of) if date_of is not None else "",
        "epubdate": "",
        "source": "" if top is None else top.findtext("MedlineJournalInfo/MedlineTA") or text("Book/BookTitle"),
        "authors": authors,
        "lastauthor": authors[-1]["name"] if authors else "",
        "title": text("ArticleTitle") or text("Book/BookTitle"),
        "volume": text("Journal/JournalIssue/Volume"),
        "issue": text("Journal/JournalIssue/Issue"),
        "pages": text("Pagination/MedlinePgn"),
        "lang": [found.text or "" for found in body.iterfind("Language")] if body is not None else [],
        "issn": text("Journal/ISSN"),
        "pubtype": [found.text or "" for found in body.iter("PublicationType")] if body is not None else [],
        "recordstatus": f"PubMed - {'' if top is None else top.get('Status', '')}",
        "articleids": ids,
        "history": [{"pubstatus": name, "date": f"{dates[key][0].replace('-', '/')} 00:00"}
                    for name, key in (("entrez", "crdt"), ("pubmed", "edat"), ("medline", "mhda")) if key in dates],
        "fulljournalname": text("Journal/Title"),
        "elocationid": next((f"{one['idtype']}: {one['value']}" for one in ids if one["idtype"] == "doi"), ""),
        "doctype": "book" if article.book else "citation",
        "sortpubdate": f"{published.replace('-', '/')} 00:00" if published else "",
        "sortfirstauthor": authors[0]["name"] if authors else "",
        "vernaculartitle": text("VernacularTitle"),
    }  # fmt: skip


def _as_xml(found: Mapping[str, Article | None]) -> Answer:
    documents = []
    for pmid, article in found.items():
        if article is None:
            documents.append(f"\t<ERROR>UID={pmid}: cannot get document summary</ERROR>\n")
            continue
        summary = _summary(article)
        items = {"PubDate": summary["pubdate"], "Source": summary["source"], "Title": summary["title"],
                 "Volume": summary["volume"], "Issue": summary["issue"], "Pages": summary["pages"],
                 "FullJournalName": summary["fulljournalname"], "DOI": summary["elocationid"].removeprefix("doi: ")}  # fmt: skip
        listed = "".join(
            f'\t\t<Item Name="Author" Type="String">{escape(one["name"])}</Item>\n' for one in summary["authors"]
        )
        body = "".join(
            f'\t<Item Name={quoteattr(name)} Type="String">{escape(value)}</Item>\n' for name, value in items.items()
        )
        documents.append(
            f'<DocSum>\n\t<Id>{pmid}</Id>\n{body}\t<Item Name="AuthorList" Type="List">\n{listed}\t</Item>\n</DocSum>\n'
        )
    return xml_document("eSummaryResult", "\n" + "".join(documents))
