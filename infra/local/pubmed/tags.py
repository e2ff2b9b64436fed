"""PubMed's search fields: what EInfo lists, what a tag may call them, what a query translation shows.

EInfo's list is that of a recorded answer (November 2025); other names are those of "Search field descriptions and tags"
in PubMed's user guide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listed:
    """A field as EInfo lists it."""

    name: str
    full_name: str
    description: str
    flags: str
    """Of ``date``, ``number``, ``single`` token, ``tree``, ``hidden``: their first letters."""


LISTED = tuple(Listed(*line.split("|")) for line in """
ALL|All Fields|All terms from all searchable fields|
UID|UID|Unique number assigned to publication|nsh
FILT|Filter|Limits the records|s
TITL|Title|Words in title of publication|
MESH|MeSH Terms|Medical Subject Headings assigned to publication|st
MAJR|MeSH Major Topic|MeSH terms of major importance to publication|st
JOUR|Journal|Journal abbreviation of publication|s
AFFL|Affiliation|Author's institutional affiliation and address|
ECNO|EC/RN Number|EC number for enzyme or CAS registry number|s
SUBS|Supplementary Concept|CAS chemical name or MEDLINE Substance Name|s
PDAT|Date - Publication|Date of publication|ds
EDAT|Date - Entry|Date publication first accessible through Entrez|ds
VOL|Volume|Volume number of publication|s
PAGE|Pagination|Page number(s) of publication|s
PTYP|Publication Type|Type of publication (e.g., review)|st
LANG|Language|Language of publication|s
ISS|Issue|Issue number of publication|s
SUBH|MeSH Subheading|Additional specificity for MeSH term|st
SI|Secondary Source ID|Cross-reference from publication to other databases|s
MHDA|Date - MeSH|Date publication was indexed with MeSH terms|ds
TIAB|Title/Abstract|Free text associated with Abstract/Title|
OTRM|Other Term|Other terms associated with publication|
COLN|Author - Corporate|Corporate Author of publication|
CNTY|Place of Publication|Country of publication|h
PAPX|Pharmacological Action|MeSH pharmacological action pre-explosions|s
GRNT|Grants and Funding|NIH Grant Numbers|s
MDAT|Date - Modification|Date of last modification|ds
CDAT|Date - Completion|Date of completion|ds
PID|Publisher ID|Publisher ID|sh
FAUT|Author - First|First Author of publication|s
FULL|Author|Full Author Name(s) of publication|s
FINV|Investigator|Full name of investigator|s
TT|Transliterated Title|Words in transliterated title of publication|
LAUT|Author - Last|Last Author of publication|s
PPDT|Print Publication Date|Date of print publication|dsh
EPDT|Electronic Publication Date|Date of Electronic publication|dsh
LID|Location ID|ELocation ID|s
CRDT|Date - Create|Date publication first accessible through Entrez|ds
BOOK|Book|ID of the book that contains the document|s
ED|Editor|Section's Editor|s
ISBN|ISBN|ISBN|s
PUBN|Publisher|Publisher's name|s
AUCL|Author Cluster ID|Author Cluster ID|sh
EID|Extended PMID|Extended PMID|sh
DSO|DSO|Additional text from the summary|h
AUID|Author - Identifier|Author Identifier|s
PS|Subject - Personal Name|Personal Name as Subject|s
COIS|Conflict of Interest Statements|Conflict of Interest Statements|
WORD|Text Word|Free text associated with publication|
P1DAT|P1DAT|Date publication first accessible through Solr|dsh
""".strip().splitlines())  # fmt: skip

FIELDS = {
    "tiab": "Title/Abstract", "ti": "Title", "ab": "Abstract", "tt": "Transliterated Title", "mh": "MeSH Terms",
    "majr": "MeSH Major Topic", "sh": "MeSH Subheading", "pt": "Publication Type", "la": "Language", "uid": "UID",
    "au": "Author", "1au": "Author - First", "lastau": "Author - Last", "fau": "Author", "cn": "Author - Corporate",
    "ir": "Investigator", "ed": "Editor", "ps": "Subject - Personal Name", "auid": "Author - Identifier",
    "ta": "Journal", "jid": "Journal", "tw": "Text Word", "all": "All Fields", "sb": "Filter", "ad": "Affiliation",
    "ot": "Other Term", "nm": "Supplementary Concept", "rn": "EC/RN Number", "pa": "Pharmacological Action",
    "aid": "Article Identifier", "lid": "Location ID", "gr": "Grants and Funding", "si": "Secondary Source ID",
    "vi": "Volume", "ip": "Issue", "pg": "Pagination", "pl": "Place of Publication", "pubn": "Publisher",
    "isbn": "ISBN", "book": "Book", "cois": "Conflict of Interest Statements",
    "pdat": "Date - Publication", "ppdt": "Print Publication Date", "epdt": "Electronic Publication Date",
    "crdt": "Date - Create", "edat": "Date - Entry", "mhda": "Date - MeSH", "mdat": "Date - Modification",
    "cdat": "Date - Completion",
}  # fmt: skip
"""Search fields by the name this package uses, with the name that a query translation shows."""

DATES = ("pdat", "crdt", "edat", "mhda", "mdat", "cdat", "ppdt", "epdt")

_OTHER_NAMES = {
    "mesh": "mh", "mesh terms": "mh", "mesh major topic": "majr", "mesh subheadings": "sh", "subheading": "sh",
    "publication type": "pt", "ptyp": "pt", "language": "la", "lang": "la", "pmid": "uid", "author": "au",
    "first author": "1au", "first author name": "1au", "last author": "lastau", "last author name": "lastau",
    "full author name": "fau", "corporate author": "cn", "full investigator name": "ir", "fir": "ir", "investigator": "ir",
    "author identifier": "auid", "personal name as subject": "ps", "personal name": "ps", "journal": "ta", "so": "ta",
    "nlm unique id": "jid", "text word": "tw", "text words": "tw", "text": "tw", "filter": "sb", "subset": "sb",
    "affiliation": "ad", "other term": "ot", "keyword": "ot", "doi": "aid", "pii": "aid", "pmc": "aid", "pmcid": "aid",
    "mid": "aid", "lid": "aid", "location id": "aid", "pid": "aid", "substance": "nm", "supplementary concept": "nm",
    "secondary source id": "si", "grant number": "gr", "page": "pg", "subh": "sh", "conflict of interest statement": "cois",
    "dp": "pdat", "publication date": "pdat", "create date": "crdt", "entrez date": "edat", "entry date": "edat",
    "mesh date": "mhda", "modification date": "mdat", "lr": "mdat", "completion date": "cdat", "dcom": "cdat",
    "ppdat": "ppdt", "epdat": "epdt",
    # EInfo's names
    "titl": "ti", "jour": "ta", "affl": "ad", "ecno": "rn", "subs": "nm", "vol": "vi", "iss": "ip", "otrm": "ot",
    "coln": "cn", "cnty": "pl", "papx": "pa", "grnt": "gr", "faut": "1au", "full": "fau", "auth": "au", "finv": "ir",
    "invr": "ir", "laut": "lastau", "word": "tw", "filt": "sb",
}  # fmt: skip
_BY_FULL_NAME = {full.lower(): name for name, full in reversed(FIELDS.items())}


def field_of(tag: str) -> str | None:
    """The field that a tag (without brackets, any case) names, or ``None`` if it names none."""
    name = " ".join(tag.lower().split())
    return _OTHER_NAMES.get(name) or (name if name in FIELDS else _BY_FULL_NAME.get(name))
