"""The columns of databases' and tools' spreadsheets -> the fields of a record.

Knows PubMed (current and legacy), Embase (Ovid and embase.com), PsycInfo (Ovid), CINAHL (EBSCO), Scopus, Web of
Science, IEEE Xplore, Springer, Lens, OpenAlex, Dimensions, SciELO, BVS/LILACS, BASE, Covidence, Rayyan, ASReview,
synthesisr/EviAtlas and plain English names. Promises: case, blanks and punctuation in a column's name do not matter; a
column that is not known is kept in the notes of every record, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from living_review.sources.draft import Draft
from living_review.sources.entries import Entry
from living_review.sources.names import split_byline
from living_review.sources.ovid import draft_from_ovid
from living_review.sources.ris import ACCESSION, draft_from_ris
from living_review.sources.summary_text import add_place
from living_review.sources.tagged import draft_from_wos
from living_review.sources.values import clean, dois, pmid_in

_NAMES = {
    "title": "title primarytitle articletitle documenttitle itemtitle papertitle publicationtitle2 displayname reftitle",
    "vernacular_title": "originaltitle vernaculartitle",
    "abstract": "abstract abstracttext abstractnote notesabstract abstracts",
    "authors": "authors author authornames authorfullnames firstauthors authorshipsauthordisplayname "
    "contributors primaryauthors authorlist byline",
    "date": "year publicationyear publishedyear pubyear yearpublished datepublished publicationdate coverdate date "
    "publisheddate dateofpublication dt publishedmonth issuedate",
    "journal": "journal journaltitle sourcetitle publicationtitle publicationname publication journalbook journalname "
    "primarylocationsourcedisplayname secondarytitle containertitle alternatetitle3 hostvenuedisplayname venue",
    "journal_abbreviation": "journalabbreviation abbreviatedsourcetitle alternatename alternatetitle1 alternatetitle2 "
    "isoabbreviation abbrevsourcetitle journalabbrev",
    "volume": "volume volumenumber vol journalvolume bibliovolume",
    "issue": "issue issuenumber number journalissue biblioissue",
    "first_page": "startpage firstpage pagestart bibliofirstpage beginpage beginningpage",
    "last_page": "endpage lastpage pageend bibliolastpage endingpage",
    "pages": "pages pagination pagerange page",
    "article_number": "artno articlenumber articleno",
    "publisher": "publisher",
    "doi": "doi itemdoi doinumber digitalobjectidentifier doilink",
    "pmid": "pmid pubmedid medlinepmid idspmid entrezuid",
    "pmcid": "pmcid pmc idspmcid",
    "serial": "issn issns eissn isbn isbns electronicissn printissn issnisbn isbnissn",
    "url": "url urls link links externalurl fulltexturl fulltextlink plink pdflink dimensionsurl articleurl sourceurls "
    "openurllink primarylocationlandingpageurl",
    "language": "language languages languageofarticle languageoforiginaldocument",
    "publication_type": "type publicationtype documenttype itemtype contenttype doctype doctypes entrytype "
    "typeofreference referencetype category documentidentifier typeofwork",
    "keyword": "keywords keyword authorkeywords indexkeywords ieeeterms indexterms descriptors subjects "
    "emtreedrugindextermsmajorfocus emtreedrugindexterms emtreemedicalindextermsmajorfocus emtreemedicalindexterms",
    "mesh": "meshterms meshheadings mesh",
    "accession": "accessionnumber an eid lensid utuniquewosid ut pui embaseaccessionid publicationid covidence "
    "accessionno arnumber lilacsid",
    "id": "id key",
}
_FIELD_OF = {alias: field for field, aliases in _NAMES.items() for alias in aliases.split()}
# An EBSCO spreadsheet flattens JSON: the path tells the field, a number in it counts.
_EBSCO = {
    **{"artinfo/tig/atl": "title", "jinfo/jtl": "journal", "jinfo/issn": "serial", "pubinfo/vid": "volume"},
    **{"pubinfo/iid": "issue", "artinfo/ppf": "first_page", "artinfo/ab": "abstract", "artinfo/aug/au": "authors"},
    **{"artinfo/doctype": "publication_type", "language": "language", "header/_uiterm": "accession"},
    **{"header/displayinfo/plink/url": "url", "artinfo/sug/subj/__text": "keyword", "bkinfo/btl": "title"},
}
_TAGS = re.compile(r"[A-Z][A-Z0-9]")
_KNOWN_ID = re.compile(
    r"(?:https://openalex\.org/)?W\d{6,}|S\d{4}-\d{3}[\dX]\w{10,}(?:-\w+)?|[a-z]{2,8}-\d{4,}|[0-9a-f]{32,64}|pub\.\d+"
)
_NOTHING = {"na", "nan", "null", "n/a"}


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name without case, blanks and punctuation: ``Author(s)`` -> ``authors``."""
    return re.sub(r"[^a-z0-9]+", "", name.casefold())


@lru_cache(maxsize=4096)
def field_of(name: str) -> str:
    """The field a column of this name fills; empty if it is not known."""
    if "/" in name and (path := re.sub(r"/\d+(?=/|$)", "", name.strip().casefold())) in _EBSCO:
        return _EBSCO[path]
    return _FIELD_OF.get(plain(name), "")


def known_columns(header: Sequence[str]) -> tuple[int, bool]:
    """How many of the columns are known, and whether a title is among them."""
    if make_tagged := _tagged_dialect(header):
        del make_tagged
        return len(header), True
    fields = [field_of(name) for name in header]
    return sum(bool(field) for field in fields), "title" in fields


def _tagged_dialect(header: Sequence[str]) -> Callable[[Entry], Draft] | None:
    names = {name.strip() for name in header}
    if {"VN", "DB", "TI"} <= names:
        return draft_from_ovid
    if {"TI", "SO"} <= names and names & {"UT", "PT"}:
        return draft_from_wos
    if names & {"TI", "T1"} and names & {"TY", "AU", "A1"}:
        return _from_ris_columns
    return None


def _from_ris_columns(entry: Entry) -> Draft:
    spelled = {"year": "PY", "title": "TI", "abstract": "AB", "doi": "DO", "journal": "JO", "author": "AU"}
    fields = []
    for column, value in entry.fields:
        tag = column if _TAGS.fullmatch(column) else spelled.get(column.casefold(), column)
        fields.append((tag, "\n".join(split_byline(value)) if tag in {"AU", "A1"} and value else value))
    return draft_from_ris(Entry(entry.line, tuple(fields)))


def draft_from_row(line: int, header: Sequence[str], row: Sequence[str]) -> Draft:
    """One row of a table as a draft.

    Args:
        line: The line of the file the row starts at.
        header: The names of the columns.
        row: As many cells.
    """
    cells = [
        (name.strip(), "" if value.strip().casefold() in _NOTHING and field_of(name) != "authors" else _unbraced(value))
        for name, value in zip(header, row, strict=True)
    ]
    if make := _tagged_dialect(header):
        return make(Entry(line, tuple(cells)))
    draft = Draft(line)
    by_name = {plain(name): value for name, value in reversed(cells)}
    for name, value in cells:
        if not value.strip():
            continue
        field = field_of(name)
        match field:
            case "authors" | "date" | "id":
                continue
            case "keyword" | "mesh" | "language":
                for part in _listed(value, commas=field == "keyword" and "IEEE" not in name):
                    draft.add(field, name, part)
            case "url":
                for part in value.split() if "://" in value else []:
                    draft.add("url", name, part)
                if "://" not in value:
                    draft.note(name, value)
            case "accession":
                draft.add("accession", name, f"#{value.strip().lstrip('#')}" if plain(name) == "covidence" else value)
            case "publication_type":
                for part in re.split(r";\s*|\n", value):
                    draft.add(field, name, part)
            case "":
                draft.note(name, value)
            case _:
                draft.add(field, name, value)
    _authors(draft, cells, by_name)
    _dates(draft, cells, by_name)
    _identifiers(draft, cells, by_name)
    _citation(draft, by_name)
    return draft


def _unbraced(value: str) -> str:
    # BASE's spreadsheet keeps BibTeX's braces.
    inner = value.strip()[1:-1]
    return inner if value.strip().startswith("{") and value.strip().endswith("}") and "{" not in inner else value


def _listed(value: str, *, commas: bool) -> list[str]:
    if value.strip().startswith("["):
        return split_byline(value)
    mark = next((mark for mark in (";", "|", "\n") if mark in value), "," if commas else "\n")
    # Embase qualifies a term in brackets, with commas: "bronchogenic cyst (diagnosis, surgery)".
    return re.split(r",\s*(?![^(]*\))", value) if mark == "," else value.split(mark)


def _authors(draft: Draft, cells: Sequence[tuple[str, str]], by_name: dict[str, str]) -> None:
    columns = [(name, value) for name, value in cells if field_of(name) == "authors" and value.strip()]
    if any("/" in name and plain(name).startswith("artinfo") for name, _ in columns):
        for _, value in columns:
            draft.add_author(value)
        return
    columns.sort(key=lambda column: plain(column[0]) != "authorfullnames")
    if not columns:
        if by_name.get("entrezuid"):  # the legacy PubMed file calls the by-line a description
            draft.add_byline(by_name.get("description", "").rstrip("."))
            draft.notes.pop("Description", None)
        return
    value = columns[0][1]
    if plain(columns[0][0]) == "authorfullnames":
        value = re.sub(r"\s*\(\d+\)", "", value)
    scielo = {"fulltexturl", "languages", "source"} <= by_name.keys() and "journal" in by_name
    springer = {"itemtitle", "itemdoi"} <= by_name.keys()
    draft.add_byline(
        _unglued(value) if springer else value.rstrip(". ") if by_name.get("citation") else value, pairs=scielo
    )
    for name, other in columns[1:]:
        draft.note(name, other)
    if springer:
        draft.note(columns[0][0], value)


def _unglued(value: str) -> str:
    """Springer's spreadsheet puts names together without a mark: ``Andy SmithTom Weber``."""
    return re.sub(r"(?<=[a-zß-öø-ÿ.])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bDi)(?<!\bLa)(?<!\bLe)(?=[A-ZÀ-Þ])", ";", value)


def _dates(draft: Draft, cells: Sequence[tuple[str, str]], by_name: dict[str, str]) -> None:
    columns = [(name, value) for name, value in cells if field_of(name) == "date" and value.strip()]
    columns.sort(key=lambda column: "year" not in plain(column[0]))
    year = next((value for name, value in columns if "year" in plain(name)), "")
    for name, value in columns:
        if plain(name) == "publishedmonth":
            value = f"{year} {value}" if year else value
        draft.add("date", name, value)
    flat = [by_name.get(f"pubinfodt{part}", "") for part in ("year", "month", "day")]
    if flat[0]:
        draft.add("date", "pubinfo/dt", "-".join(part for part in flat if part))


def _identifiers(draft: Draft, cells: Sequence[tuple[str, str]], by_name: dict[str, str]) -> None:
    for name, value in cells:
        text = value.strip()
        if field_of(name) == "id" and text:
            if _KNOWN_ID.fullmatch(text) or ACCESSION.fullmatch(text):
                draft.add("accession", name, text)
            else:
                draft.note(name, text)
        if plain(name) == "eid" and text.startswith("2-s2.0-"):
            draft.identify("eid", text)
        if plain(name) == "lensid":
            draft.identify("lens", text)
        if plain(name) == "pdflink" and (match := re.search(r"arnumber=(\d+)", text)):
            draft.add("accession", name, match.group(1))
        if "/" in name and re.fullmatch(r"artinfo/ui/\d+/_type", name) and text in {"doi", "pmid"}:
            number = dict(cells).get(name.removesuffix("_type") + "__text", "")
            draft.add(text, name, dois(number)[0] if text == "doi" and dois(number) else pmid_in(number) or number)
    if match := re.search(r"\bmdl-(\d+)$", by_name.get("id", "").strip()):
        draft.add("pmid", "ID", match.group(1))
    if match := re.search(r"eid=(2-s2\.0-\d+)", by_name.get("link", "")):
        draft.identify("eid", match.group(1))
    if by_name.get("pmid") and not draft.get("accession"):
        draft.add("accession", "PMID", pmid_in(by_name["pmid"]))


def _citation(draft: Draft, by_name: dict[str, str]) -> None:
    """What a spreadsheet without columns for volume and pages says in one cell."""
    for name in ("citation", "details"):
        if text := by_name.get(name, ""):
            add_place(draft, clean(text))
            if not draft.get("doi") and (found := re.search(r"\bdoi: (10\.\d{4,}\S+)", text)):
                draft.add("doi", name, found.group(1))
    source = clean(by_name.get("source", ""))
    embase = re.match(
        r"^(?P<journal>.+?) \((?P<date>\d{4})\) (?P<volume>[^:()]*)(?::(?P<issue>[^()]*?))?\s*(?:\((?P<pages>[^)]*)\))?\.",
        source,
    )
    scielo = re.match(r"^(?P<journal>.+); (?P<volume>[^;()]*)(?:\((?P<issue>[^)]*)\))?; (?P<pages>[^;]*)$", source)
    bvs = re.match(
        r"^(?P<journal>[^;]+); ?(?P<volume>[^:(]*)(?:\((?P<issue>[^)]*)\))?: (?P<pages>[^,]+), (?P<date>\d{4}.*)$",
        source,
    )
    for match in filter(None, (embase, bvs, scielo)):
        for field, value in match.groupdict().items():
            if value and value.strip(" -") and not draft.get(field):
                draft.add(field, "Source", value.strip())
        return
