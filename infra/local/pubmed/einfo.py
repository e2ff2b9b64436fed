"""EInfo: the databases, and PubMed's search fields."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from infra.local.pubmed.answer import Answer, json_document, xml_document, xml_error
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.tags import LISTED, Listed

_XML_FLAGS = {"IsDate": "d", "IsNumerical": "n", "SingleToken": "s", "Hierarchy": "t", "IsHidden": "h"}
_FLAGS = {name.lower(): flag for name, flag in _XML_FLAGS.items()}
_APOSTROPHE = {"'": "&apos;"}


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
