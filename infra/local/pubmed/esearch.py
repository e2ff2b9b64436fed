"""ESearch and EPost: a query or a list of numbers becomes a result, with PubMed's window and warnings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from infra.local.pubmed.answer import JSON, TOO_FAR, WINDOW, Answer, json_document, xml_document, xml_error
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.days import read_days
from infra.local.pubmed.history import History
from infra.local.pubmed.query import RefusedQueryError
from infra.local.pubmed.search import Result, UnknownHistoryError, search
from infra.local.pubmed.tags import FIELDS, field_of

_DEFAULT_RETMAX = 20
_ORDERS = {
    "pub date": "published", "publication date": "published", "author": "author", "first author": "author",
    "journalname": "journal", "journal": "journal", "relevance": "relevance",
}  # fmt: skip
_DATE_TYPES = {"pdat": "pdat", "edat": "edat", "mdat": "mdat", "crdt": "crdt", "mhda": "mhda", "cdat": "cdat"}


def esearch(corpus: Corpus, history: History, asked: Mapping[str, str]) -> Answer:
    """Answer one ESearch; ``asked`` are its parameters."""
    with corpus.steady():
        return _esearch(corpus, history, asked)


def _esearch(corpus: Corpus, history: History, asked: Mapping[str, str]) -> Answer:
    as_json = asked.get("retmode", "").lower() == "json"
    database = asked.get("db", "pubmed")
    if database != "pubmed":
        return _refusal(f"Invalid db name specified: {database}", as_json)
    try:
        term = _whole_term(corpus, history, asked)
        if not term:
            return _refusal("Empty term and query_key - nothing todo", as_json)
        earlier = partial(history.result, asked.get("webenv", ""))
        result = search(corpus, term, earlier, field_of(asked.get("field", "")) or "")
    except (RefusedQueryError, UnknownHistoryError) as refusal:
        return _refusal(str(refusal), as_json)
    first = max(0, whole_number(asked.get("retstart", ""), 0))
    wanted = max(0, whole_number(asked.get("retmax", ""), _DEFAULT_RETMAX))
    if first >= WINDOW:
        return _refusal(f"Search Backend failed: Exception:\n{TOO_FAR}", as_json)
    if first + wanted > WINDOW:
        wanted = WINDOW - first
        result.messages.insert(0, f"Restrictions achieved. start and count adjusted to {first}, {wanted}")
    order, session = _ORDERS.get(asked.get("sort", "").lower().replace("+", " ").replace("_", " "), ""), None
    with_history = asked.get("usehistory") == "y"
    pmids = corpus.find(result.plan, order, -1 if with_history else first + wanted)
    if with_history:
        session = history.store(pmids, asked.get("webenv", ""))
    if asked.get("rettype", "").lower() == "count":  # which loses every warning
        if as_json:
            return json_document(_enveloped({"count": str(result.count)}))
        return xml_document("eSearchResult", f"<Count>{result.count}</Count>")
    page = pmids[first : first + wanted]
    write = _as_json if as_json else _as_xml
    return write(result, result.count, first, page, session)


def epost(corpus: Corpus, history: History, asked: Mapping[str, str]) -> Answer:
    """Answer one EPost: keep a list of numbers as a result. Whether they exist is not looked at (it is not there either)."""
    if asked.get("db", "pubmed") != "pubmed":
        return xml_error("ePostResult", f"Invalid db name specified: {asked['db']}")
    pmids, invalid = read_ids(asked.get("id", ""))
    errors = []
    if invalid:
        errors.append("Some IDs have invalid value and were omitted. Maximum ID value 18446744073709551615")
    if not pmids:
        return xml_error("ePostResult", "Empty ID list; Nothing to store", *errors)
    webenv, key = history.store(pmids, asked.get("webenv", ""))
    return xml_document("ePostResult", f"\n\t<QueryKey>{key}</QueryKey>\n\t<WebEnv>{webenv}</WebEnv>\n")


def read_ids(text: str, repeats: bool = False) -> tuple[list[str], list[str]]:
    """PMIDs of a list parted by commas or spaces, in order, each once unless ``repeats``; and what is no PMID."""
    parts = [part for part in re.split(r"[\s,]+", text) if part]
    valid = [part for part in parts if part.isdigit() and 0 < int(part) < 2**64]
    numbers = [str(int(part)) for part in valid]
    return numbers if repeats else list(dict.fromkeys(numbers)), [part for part in parts if part not in valid]


def whole_number(text: str, default: int) -> int:
    """``text`` as a whole number; ``default`` where it is none, as parameters that mean nothing are ignored."""
    return int(text) if re.fullmatch(r"-?\d{1,12}", text) else default


def _whole_term(corpus: Corpus, history: History, asked: Mapping[str, str]) -> str:
    term, key = asked.get("term", "").strip(), asked.get("query_key", "")
    if key:
        if history.result(asked.get("webenv", ""), key) is None:
            raise UnknownHistoryError(f"Unable to obtain query #{key}")
        term = f"#{key} AND ({term})" if term else f"#{key}"
    dated = _dates(corpus, asked)
    if not (term and dated):
        return term
    # Operators are read from left to right, so that brackets are needed only where something else might follow.
    return f"{term} AND {dated}"


def _dates(corpus: Corpus, asked: Mapping[str, str]) -> str:
    # One of mindate and maxdate alone is ignored, and so is datetype without any date; the default is EDAT.
    kind = FIELDS[_DATE_TYPES.get(asked.get("datetype", "").lower(), "edat")]
    today = corpus.today()
    if asked.get("reldate", "").isdigit():
        days = read_days(f"last {asked['reldate'][:5]} days", "", today)
    elif asked.get("mindate") and asked.get("maxdate"):
        days = read_days(asked["mindate"], asked["maxdate"], today)
    else:
        days = None
    return f"{':'.join(day.replace('-', '/') for day in days)}[{kind}]" if days else ""


def _refusal(text: str, as_json: bool) -> Answer:
    if not as_json:
        return xml_error("eSearchResult", text)
    # Sic: the line feed in the text goes out raw, so that this is no valid JSON.
    body = json.dumps(_enveloped({"ERROR": text}), separators=(",", ":")).replace("\\n", "\n")
    return Answer(body.encode() + b"\n", JSON)


def _enveloped(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"header": {"type": "esearch", "version": "0.3"}, "esearchresult": dict(result)}


def _as_json(result: Result, count: int, first: int, page: list[str], session: tuple[str, int] | None) -> Answer:
    said: dict[str, Any] = {"count": str(count), "retmax": str(len(page)), "retstart": str(first)}
    if session:
        said |= {"querykey": str(session[1]), "webenv": session[0]}
    said["idlist"] = page
    said["translationset"] = [{"from": typed, "to": became} for typed, became in result.translations]
    said["querytranslation"] = result.translation
    if result.phrases_not_found or result.tag_ignored:
        said["errorlist"] = {"phrasesnotfound": result.phrases_not_found, "fieldsnotfound": []}
    if result.phrases_ignored or result.quoted_phrases_not_found or result.messages:
        said["warninglist"] = {
            "phrasesignored": result.phrases_ignored,
            "quotedphrasesnotfound": [escape(phrase) for phrase in result.quoted_phrases_not_found],
            "outputmessages": result.messages,
        }
    return json_document(_enveloped(said))


def _as_xml(result: Result, count: int, first: int, page: list[str], session: tuple[str, int] | None) -> Answer:
    parts = [f"<Count>{count}</Count><RetMax>{len(page)}</RetMax><RetStart>{first}</RetStart>"]
    if session:
        parts.append(f"<QueryKey>{session[1]}</QueryKey><WebEnv>{session[0]}</WebEnv>")
    ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in page)
    parts.append(f"<IdList>\n{ids}</IdList>" if page else "<IdList/>")
    sets = "".join(
        f"<Translation>     <From>{escape(typed)}</From>     <To>{escape(became)}</To>    </Translation>"
        for typed, became in result.translations
    )
    parts.append(f"<TranslationSet>{sets}</TranslationSet>" if sets else "<TranslationSet/>")
    parts.append(f"<QueryTranslation>{escape(result.translation)}</QueryTranslation>")
    errors = _elements("PhraseNotFound", result.phrases_not_found)
    if errors:
        parts.append(f"<ErrorList>{errors}</ErrorList>")
    warnings = (
        _elements("PhraseIgnored", result.phrases_ignored)
        + _elements("QuotedPhraseNotFound", result.quoted_phrases_not_found)
        + _elements("OutputMessage", result.messages)
    )
    if warnings:
        parts.append(f"<WarningList>{warnings}</WarningList>")
    return xml_document("eSearchResult", "".join(parts))


def _elements(name: str, texts: list[str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for text in texts)
