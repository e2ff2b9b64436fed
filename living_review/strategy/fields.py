"""PubMed's fields: what a tag may be called, and which fields are headings, words, dates or limits."""

from __future__ import annotations

import difflib
import re

_TAGS = {
    "ad": "affiliation", "aid": "article identifier", "all": "all fields", "au": "author",
    "auid": "author - identifier", "book": "book", "cn": "author - corporate", "cois": "conflict of interest statements",
    "crdt": "date - create", "dcom": "date - completion", "dp": "date - publication", "ed": "editor",
    "edat": "date - entry", "fau": "author - full", "fir": "investigator - full", "1au": "author - first",
    "gr": "grants and funding", "ip": "issue", "ir": "investigator", "isbn": "isbn", "jid": "nlm unique id",
    "la": "language", "lastau": "author - last", "lid": "location id", "lr": "date - modification",
    "majr": "mesh major topic", "mh": "mesh terms", "mhda": "date - mesh", "nm": "supplementary concept",
    "ot": "other term", "ow": "owner", "pa": "pharmacological action", "pg": "pagination", "pl": "place of publication",
    "pmid": "pmid", "ps": "subject - personal name", "pt": "publication type", "pubn": "publisher", "rn": "ec/rn number",
    "sb": "subset", "sh": "mesh subheading", "si": "secondary source id", "ta": "journal", "ti": "title",
    "tiab": "title/abstract", "tt": "transliterated title", "tw": "text words", "vi": "volume",
}  # fmt: skip
"""PubMed's field tags and their long names (PubMed help, "Search field tags", read in 2025)."""
_OTHER_NAMES = {
    "mesh": "mh", "mesh major": "majr", "mesh subheadings": "sh", "filter": "sb", "text word": "tw", "uid": "pmid",
    "date - entrez": "edat", "entry date": "edat", "pdat": "dp", "publication date": "dp", "lang": "la", "jour": "ta",
    "doi": "aid", "ab": "ab", "abstract": "ab", "mesh date": "mhda", "create date": "crdt", "text": "tw",
    "first author": "1au", "last author": "lastau", "corporate author": "cn", "subheading": "sh",
    "substance name": "nm", "affl": "ad", "auth": "au", "cdat": "dcom", "cnty": "pl", "coln": "cn", "ecno": "rn",
    "epdt": "dp", "faut": "1au", "filt": "sb", "finv": "fir", "full": "fau", "grnt": "gr", "iss": "ip", "laut": "lastau",
    "mdat": "lr", "otrm": "ot", "page": "pg", "papx": "pa", "ppdt": "dp", "ptyp": "pt", "subh": "sh", "subs": "nm",
    "titl": "ti", "vol": "vi", "word": "tw",
}  # fmt: skip
"""What else the help names, and the names of EInfo's list (November 2025)."""
_NAMES = {**{one: one for one in _TAGS}, **{name: one for one, name in _TAGS.items()}, **_OTHER_NAMES}

HEADINGS, WORDS = {"mh", "majr", "sh", "nm"}, {"tiab", "ti", "ab", "tw", "all", "ot", ""}
DATES = {"dp", "crdt", "edat", "mhda", "dcom", "lr"}
LIMITS = dict.fromkeys(DATES, "date") | {
    "la": "language", "dp": "date of publication", "pt": "publication type", "sb": "filter",
}  # fmt: skip
"""What narrows a result without being about anything, and what it is called."""
PROXIMITY = ("ti", "tiab", "ad")
"""Fields in which words may be asked for near each other (PubMed help, "Proximity searching")."""

_PROPERTY = re.compile(
    r"has(?:abstract|structuredabstract|nonenglishabstract|(?:partial)?retraction|erratum|comment|update|associated"
    r"|expression|republish|corrected)\w*|pubstatus\w+"
)
"""What PubMed reads as a filter without a tag, or as ``hasabstract[text]``."""


def plain(tag: str) -> str:
    """A tag without what stands behind its colon, in small letters: ``Mesh:NoExp`` is ``mesh``."""
    return " ".join(tag.partition(":")[0].casefold().split())


def field_of(text: str, tag: str) -> str:
    """The short tag of a term; empty where none is written, or none that PubMed has."""
    if _PROPERTY.fullmatch(text.casefold()) and plain(tag) in {"", "text", "all fields"}:
        return "sb"
    return _NAMES.get(plain(tag), "")


def nearest(tag: str) -> str:
    """The tag of PubMed that looks most like ``tag``; empty where none does."""
    return next(iter(difflib.get_close_matches(plain(tag), _NAMES, n=1)), "")
