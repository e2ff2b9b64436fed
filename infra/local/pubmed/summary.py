"""The short description of an article that ESummary gives, and its three forms: JSON, XML version 1 and version 2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from infra.local.pubmed.article import Article
from infra.local.pubmed.fields import LANGUAGES, all_text, top_of

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATUS = {
    "MEDLINE": "PubMed - indexed for MEDLINE", "Publisher": "PubMed - as supplied by publisher",
    "In-Process": "PubMed - in process", "In-Data-Review": "PubMed - in process", "PubMed-not-MEDLINE": "PubMed",
}  # fmt: skip
_ID_NUMBERS = {"pubmed": 1, "doi": 3, "pii": 4, "pmcid": 5, "pmc": 8}
_CANNOT = "cannot get document summary"


def summary_of(article: Article) -> dict[str, Any]:
    """What ESummary says of ``article``, in its JSON form (version 2), as far as the record tells."""
    element = article.element()
    top = top_of(element)
    body = top if article.book else element.find("MedlineCitation/Article")
    if top is None or body is None:
        return {"uid": article.pmid, "error": _CANNOT}
    authors = [_author(found) for found in body.iterfind("AuthorList/Author")]
    ids = [
        {"idtype": kind, "idtypen": _ID_NUMBERS.get(kind, 0), "value": (found.text or "").strip()}
        for found in element.iterfind("*/ArticleIdList/ArticleId")
        if (kind := found.get("IdType", ""))
    ]
    published = max(article.dates["pdat"], default="").replace("-", "/")
    doi = next((f"doi: {one['value']}" for one in ids if one["idtype"] == "doi"), "")
    issns = {found.get("IssnType", "Print"): found.text or "" for found in body.iterfind("Journal/ISSN")}
    where = "Book/PubDate" if article.book else "Journal/JournalIssue/PubDate"
    return {
        "uid": article.pmid,
        "pubdate": _day(body.find(where)),
        "epubdate": _day(body.find("ArticleDate")),
        "source": top.findtext("MedlineJournalInfo/MedlineTA") or _text(body, "Book/BookTitle"),
        "authors": authors,
        "lastauthor": authors[-1]["name"] if authors else "",
        "title": _text(body, "ArticleTitle") or _text(body, "Book/BookTitle"),
        "sorttitle": (_text(body, "ArticleTitle") or _text(body, "Book/BookTitle")).lower().strip("[]. "),
        "volume": _text(body, "Journal/JournalIssue/Volume"),
        "issue": _text(body, "Journal/JournalIssue/Issue"),
        "pages": _text(body, "Pagination/MedlinePgn"),
        "lang": [found.text or "" for found in body.iterfind("Language")],
        "nlmuniqueid": top.findtext("MedlineJournalInfo/NlmUniqueID") or "",
        "issn": issns.get("Print", ""),
        "essn": issns.get("Electronic", ""),
        "pubtype": [found.text or "" for found in body.iter("PublicationType")],
        "recordstatus": _STATUS.get(top.get("Status", ""), "PubMed"),
        "pubstatus": element.findtext("*/PublicationStatus") or "",
        "articleids": ids,
        "history": [_stamp(found) for found in element.iterfind("*/History/PubMedPubDate")],
        "references": [],
        "attributes": ["Has Abstract"] if body.find("Abstract") is not None else [],
        "pmcrefcount": "",
        "fulljournalname": _text(body, "Journal/Title"),
        "elocationid": doi,
        "doctype": "book" if article.book else "citation",
        "srccontriblist": [],
        "booktitle": _text(body, "Book/BookTitle"),
        "medium": "",
        "edition": "",
        "publisherlocation": "",
        "publishername": _text(body, "Book/Publisher/PublisherName"),
        "srcdate": "",
        "reportnumber": "",
        "availablefromurl": "",
        "locationlabel": "",
        "doccontriblist": [],
        "docdate": "",
        "bookname": "",
        "chapter": "",
        "sortpubdate": f"{published} 00:00" if published else "",
        "sortfirstauthor": authors[0]["name"] if authors else "",
        "vernaculartitle": _text(body, "VernacularTitle"),
    }


def version_1(summaries: Mapping[str, dict[str, Any] | None]) -> str:
    """DocSum elements, by PMID; ``None`` for an article that does not exist."""
    parts = []
    for pmid, one in summaries.items():
        if one is None:
            parts.append(f"\t<ERROR>UID={pmid}: {_CANNOT}</ERROR>\n")
            continue
        languages = [LANGUAGES.get(code.lower(), code).capitalize() for code in one["lang"]]
        so = f"{one['pubdate']};{one['volume']}{'(' + one['issue'] + ')' if one['issue'] else ''}:{one['pages']}"
        items = [
            _item("PubDate", one["pubdate"], "Date"), _item("EPubDate", one["epubdate"], "Date"), _item("Source", one["source"]),
            _list("AuthorList", (("Author", author["name"], "String") for author in one["authors"])),
            _item("LastAuthor", one["lastauthor"]), _item("Title", one["title"]), _item("Volume", one["volume"]),
            _item("Issue", one["issue"]), _item("Pages", one["pages"]),
            _list("LangList", (("Lang", language, "String") for language in languages)),
            _item("NlmUniqueID", one["nlmuniqueid"]), _item("ISSN", one["issn"]), _item("ESSN", one["essn"]),
            _list("PubTypeList", (("PubType", kind, "String") for kind in one["pubtype"])),
            _item("RecordStatus", one["recordstatus"]), _item("PubStatus", one["pubstatus"]),
            _list("ArticleIds", ((found["idtype"], found["value"], "String") for found in one["articleids"])),
            *(_item("DOI", found["value"]) for found in one["articleids"] if found["idtype"] == "doi"),
            _list("History", ((found["pubstatus"], found["date"], "Date") for found in one["history"])),
            _list("References", ()), _item("HasAbstract", str(int(bool(one["attributes"]))), "Integer"),
            _item("PmcRefCount", "0", "Integer"), _item("FullJournalName", one["fulljournalname"]),
            _item("ELocationID", one["elocationid"]), _item("SO", so),
        ]  # fmt: skip
        parts.append(f"<DocSum>\n\t<Id>{pmid}</Id>\n{''.join(items)}</DocSum>\n\n")
    return "\n" + "".join(parts)


_V2 = {
    "pubdate": "PubDate", "epubdate": "EPubDate", "source": "Source", "authors": "Authors", "lastauthor": "LastAuthor",
    "title": "Title", "sorttitle": "SortTitle", "volume": "Volume", "issue": "Issue", "pages": "Pages", "lang": "Lang",
    "nlmuniqueid": "NlmUniqueID", "issn": "ISSN", "essn": "ESSN", "pubtype": "PubType", "recordstatus": "RecordStatus",
    "pubstatus": "PubStatus", "articleids": "ArticleIds", "history": "History", "references": "References",
    "attributes": "Attributes", "pmcrefcount": "PmcRefCount", "fulljournalname": "FullJournalName",
    "elocationid": "ELocationID", "doctype": "DocType", "booktitle": "BookTitle", "publishername": "PublisherName",
    "sortpubdate": "SortPubDate", "sortfirstauthor": "SortFirstAuthor", "vernaculartitle": "VernacularTitle",
}  # fmt: skip
_V2_INSIDE = {
    "authors": ("Author", {"name": "Name", "authtype": "AuthType", "clusterid": "ClusterID"}),
    "articleids": ("ArticleId", {"idtype": "IdType", "idtypen": "IdTypeN", "value": "Value"}),
    "history": ("PubMedPubDate", {"pubstatus": "PubStatus", "date": "Date"}),
}
_V2_ITEM = {"lang": "string", "pubtype": "flag", "attributes": "flag"}


def version_2(summaries: Mapping[str, dict[str, Any] | None]) -> str:
    """A DocumentSummarySet."""
    parts = []
    for pmid, one in summaries.items():
        inside = f"<error>{_CANNOT}</error>" if one is None else "\n".join(["", *_v2_lines(one), ""])
        parts.append(f'<DocumentSummary uid="{pmid}">{inside}</DocumentSummary>\n')
    return f'\n<DocumentSummarySet status="OK">\n<DbBuild>Build-local</DbBuild>\n\n{"".join(parts)}\n</DocumentSummarySet>\n'


def _v2_lines(one: Mapping[str, Any]) -> Iterable[str]:
    for key, name in _V2.items():
        value = one[key]
        if key in _V2_INSIDE:
            tag, names = _V2_INSIDE[key]
            value = "".join(
                f"<{tag}>" + "".join(f"<{to}>{escape(str(part[at]))}</{to}>" for at, to in names.items()) + f"</{tag}>"
                for part in value
            )
        elif isinstance(value, list):
            tag = _V2_ITEM.get(key, "string")
            value = "".join(f"<{tag}>{escape(part)}</{tag}>" for part in value)
        else:
            value = escape(value)
        yield f"\t<{name}>{value}</{name}>"


def _item(name: str, value: str, kind: str = "String", depth: int = 1) -> str:
    indent = "\t" * depth
    return f'{indent}<Item Name={quoteattr(name)} Type="{kind}">{escape(value)}</Item>\n'


def _list(name: str, items: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(_item(one, value, kind, 2) for one, value, kind in items)
    inside = f"\n{inside}\t" if inside else ""
    return f'\t<Item Name="{name}" Type="List">{inside}</Item>\n'


def _author(author: etree._Element) -> dict[str, str]:
    collective = author.findtext("CollectiveName")
    names = (author.findtext(tag) or "" for tag in ("LastName", "Initials", "Suffix"))
    kind = "CollectiveName" if collective else "Author"
    return {"name": collective or " ".join(filter(None, names)), "authtype": kind, "clusterid": ""}


def _stamp(found: etree._Element) -> dict[str, str]:
    year, month, day, hour, minute = (
        (found.findtext(tag) or "0").zfill(2) for tag in ("Year", "Month", "Day", "Hour", "Minute")
    )
    return {"pubstatus": found.get("PubStatus", ""), "date": f"{year}/{month}/{day} {hour}:{minute}"}


def _day(found: etree._Element | None) -> str:
    if found is None:
        return ""
    parts = []
    for part in found:
        text = (part.text or "").strip()
        if part.tag == "Month" and text.isdigit() and 1 <= int(text) <= 12:
            text = _MONTHS[int(text) - 1]
        parts.append(text.lstrip("0") if part.tag == "Day" else text)
    return " ".join(filter(None, parts))


def _text(body: etree._Element, path: str) -> str:
    found = body.find(path)
    return "" if found is None else " ".join(all_text(found).split())
