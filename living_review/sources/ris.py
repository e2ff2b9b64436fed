"""RIS in and out: the format every reference manager, database and screening tool shares.

The lines are split here and not by rispy, which was tried on 77 real exports first: it gives one record for eleven
``TY`` lines without ``ER``, none for a file with one blank before the hyphen (``TY - JOUR``), passes over what stands
between records, and knows no line numbers. Promises: one record for every ``TY`` line; a title, author or other
main tag outside a record is an error with its line; lines between records are named in a remark; every tag without a
field of its own is kept in notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from living_review.errors import InvalidFile
from living_review.records import Author, Record
from living_review.sources.decoding import split_lines
from living_review.sources.draft import Draft
from living_review.sources.entries import Entry, Lines, line_numbers, passed_over
from living_review.sources.names import parse_name
from living_review.sources.values import dois, pmcid_in, pmid_in

# A tag at the very start of a line. Two blanks (or a tab) before the hyphen, unless the record's own TY has one:
# an abstract line that begins "T1 - weighted images" is text.
_TAG = re.compile(r"^\ufeff*([A-Z][A-Z0-9]|PMID|PMCID|DOI|ISSN)(?:  |[ ]?\t[ \t]?)-(?:[ \t]+(.*)|)$")
_TAG_LOOSE = re.compile(r"^\ufeff*([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]+(.*)|)$")
_TY = re.compile(r"^\ufeff*[ \t]?TY([ \t]{0,3})-(?:[ \t]*(.*))$")
_ER = re.compile(r"^\ufeff*[ \t]?ER[ \t]{0,3}-(?:[ \t]*(.*))$")


# None of these can be an afterthought to the record above.
_STARTING = {"TI", "T1", "AU", "A1", "PY", "Y1", "DO", "JF", "JO", "T2", "AB", "N2"}


def split_ris(name: str, text: str) -> tuple[list[Entry], list[str]]:
    """The entries of a RIS file and remarks about lines that belong to none.

    Raises:
        InvalidFile: If a tag stands outside a record, that is without the ``TY`` line every record starts with.
    """
    entries: list[Entry] = []
    remarks: list[str] = []
    passed: list[tuple[int, str]] = []
    unclosed: list[int] = []
    likely: list[int] = []
    late: list[int] = []
    fields: Lines | None = None
    start, tag_line = 0, _TAG
    for number, line in enumerate(split_lines(text), 1):
        if opening := _TY.match(line):
            if fields is not None:
                entries.append(Entry.of(start, fields))
                unclosed.append(start)
            start, fields = number, [("TY", [opening.group(2).strip()])]
            tag_line = _TAG if len(opening.group(1)) >= 2 or "\t" in opening.group(1) else _TAG_LOOSE
        elif closing := _ER.match(line):
            if fields is None:
                passed.append((number, line))
                continue
            entries.append(Entry.of(start, fields))
            fields = None
            if closing.group(1).strip():
                passed.append((number, closing.group(1)))
        elif fields is None:
            if found := _TAG.match(line):
                if not entries or found.group(1) in _STARTING:
                    what = f"a record without TY: {line.strip()[:40]!r} stands outside any record"
                    remedy = "every record starts with 'TY  - ' and ends with 'ER  - '"
                    raise InvalidFile(what, f"{name}, line {number}", remedy)
                # Ovid's PsycInfo writes "NL  - " below the ER of the record it belongs to.
                entries[-1] = Entry(entries[-1].line, (*entries[-1].fields, (found.group(1), found.group(2) or "")))
                late.append(number)
                continue
            if line.strip(" \t\ufeff"):
                passed.append((number, line))
        elif found := tag_line.match(line):
            fields.append((found.group(1), [found.group(2) or ""]))
        elif line.strip():
            if _TAG_LOOSE.match(line):
                likely.append(number)
            fields[-1][1].append(line.strip())
    if fields is not None:
        entries.append(Entry.of(start, fields))
        remarks.append(f"the last record (line {start}) has no ER line: the file may have been cut short")
    if unclosed:
        remarks.append(f"records without ER, ended by the next TY: {line_numbers(unclosed)}")
    if late:
        remarks.append(f"tags below ER, read as part of the record above: {line_numbers(late)}")
    remarks += passed_over(passed)
    if likely:
        remarks.append(f"read as text of the line above though they look like tags: {line_numbers(likely)}")
    return entries, remarks


_FIELDS = {
    **{"TY": "kind", "TI": "title", "T1": "title", "AB": "abstract", "N2": "abstract", "LA": "language"},
    **{"JF": "journal", "JA": "journal_abbreviation", "J1": "journal_abbreviation", "J2": "journal_abbreviation"},
    **{"VL": "volume", "IS": "issue", "SP": "first_page", "EP": "last_page", "C7": "article_number"},
    **{
        "PB": "publisher",
        "DO": "doi",
        "DOI": "doi",
        "SN": "serial",
        "ISSN": "serial",
        "PMID": "pmid",
        "PMCID": "pmcid",
    },
}
_MANY = {"AU": "authors", "A1": "authors", "KW": "keyword", "UR": "url"}

# What the tag ID holds is a database's own number only where it looks like one; EndNote and Rayyan count from 1 there,
# and a count would give two files' unrelated records the same id.
ACCESSION = re.compile(r"\d{7,12}|\d{4}-\d{4,5}-\d{3}|CN-\d{6,}|(?:biblio|lil|mdl|ibc|ses)-\d{4,}|L\d{6,}|E[JD]\d{5,}")
_NOTED_ACCESSION = re.compile(r"\bAccession Number:\s*([\w-]*\d[\w-]*)")


def read_ris(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The records of a RIS file as drafts, and remarks.

    Raises:
        InvalidFile: If a tag stands outside a record.
    """
    entries, remarks = split_ris(name, text)
    return [draft_from_ris(entry) for entry in entries], remarks


def draft_from_ris(entry: Entry) -> Draft:
    """One RIS entry (also a table row whose columns are RIS tags) as a draft."""
    draft = Draft(entry.line)
    by_tag: dict[str, list[str]] = {}
    for tag, value in entry.fields:
        by_tag.setdefault(tag, []).append(value)
        if tag in {"AU", "A1"}:
            draft.add_author(value)
        elif tag in {"KW", "UR"}:
            for part in re.split(r"\n|;(?=\s*https?:)", value) if tag == "UR" else value.split("\n"):
                draft.add(_MANY[tag], tag, part)
        elif tag in _FIELDS:
            draft.add(_FIELDS[tag], tag, value)
    kind = "".join(by_tag.get("TY", [""])).upper()
    _journal(draft, by_tag, kind)
    for tag in ("PY", "DA", "Y1"):  # Y1 is the deprecated one of the three and yields to the others
        for value in by_tag.get(tag, []):
            draft.add("date", tag, value)
    _identifiers(draft, by_tag)
    _type_of_work(draft, by_tag)
    done = {*_FIELDS, *_MANY, "PY", "DA", "Y1", "M3", "ER"}
    for tag, value in entry.fields:
        if tag not in done and not (
            tag in {"T2", "JO", "BT"} and value in {t for _, t in draft.values.get("journal", [])}
        ):
            draft.note(tag, value)
    return draft


def _journal(draft: Draft, by_tag: Mapping[str, list[str]], kind: str) -> None:
    if draft.get("journal") and by_tag.get("JO"):
        draft.add("journal_abbreviation", "JO", by_tag["JO"][0])
    if kind in {"BOOK", "EBOOK", "THES", "WHOLE"}:
        # There T2 is a series, and BT the book itself.
        for value in by_tag.get("BT", []):
            draft.add("title", "BT", value)
        return
    for tag in ("T2", "JO", "BT"):
        if not draft.get("journal"):
            for value in by_tag.get(tag, []):
                draft.add("journal", tag, value)
    if not draft.get("journal") and draft.get("journal_abbreviation"):
        draft.add("journal", "JA", draft.get("journal_abbreviation"))


def _identifiers(draft: Draft, by_tag: Mapping[str, list[str]]) -> None:
    databases = " ".join(by_tag.get("DB", [])).casefold()
    for tag, values in by_tag.items():
        for value in values:
            if tag in {"U1", "N1", "C2", "M1", "M2"} and re.search(r"pmid", value, re.IGNORECASE):
                draft.add("pmid", tag, pmid_in(value))
            if tag in {"U2", "C2", "AN"} and re.match(r"PMC\d+", value.strip()):
                draft.add("pmcid", tag, pmcid_in(value))
            if tag in {"N1", "M3", "L3"} and re.match(r"(?:doi:|https?://(?:dx\.)?doi\.org/|10\.\d{4,}/\S+$)", value):
                draft.add("doi", tag, value) if dois(value) else None
            if tag in {"UR", "U2", "L2", "LK"}:
                _from_address(draft, tag, value, databases)
    for value in by_tag.get("AN", []):
        number = value.split(";")[0].strip()
        if re.match(r"(?:WOS|ISI|MEDLINE|CCC|BIOSIS|KJD|CABI|FSTA|INSPEC):", number):
            draft.identify("wos", number)
        if re.search(r"pubmed|medline", databases) or number.upper().startswith("MEDLINE:"):
            draft.add("pmid", "AN", pmid_in(number))
        draft.add("accession", "AN", number)
    for value in by_tag.get("ID", []):
        if not by_tag.get("AN") and ACCESSION.fullmatch(value.strip()):
            draft.add("accession", "ID", value)
            if re.search(r"pubmed|medline", databases):
                draft.add("pmid", "ID", value)
    for value in by_tag.get("N1", []):
        if match := _NOTED_ACCESSION.search(value):
            draft.add("accession", "N1", match.group(1))


def _from_address(draft: Draft, tag: str, value: str, databases: str) -> None:
    if "ncbi.nlm.nih.gov" in value and not re.search(r"/pmc/|articles/PMC", value, re.IGNORECASE):
        draft.add("pmid", tag, pmid_in(value))
    if match := re.search(r"eid=(2-s2\.0-\d+)", value):
        draft.identify("eid", match.group(1))
    if match := re.search(r"\b(\d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX])\b", value) if "lens.org/" in value else None:
        draft.identify("lens", match.group(1))
    embase = r"\bid=(L\d+)" if "embase.com" in value else r"^\s*(L\d{6,})\s*$" if "embase" in databases else ""
    if embase and (match := re.search(embase, value)):
        draft.identify("embase", match.group(1))


def _type_of_work(draft: Draft, by_tag: Mapping[str, list[str]]) -> None:
    for value in by_tag.get("M3", []):
        if not dois(value):
            draft.add("publication_type", "M3", value)
        elif not re.match(r"(?:doi:|https?://|10\.\d{4,}/\S+$)", value):
            draft.note("M3", value)


_TYPES = {
    **{"article": "JOUR", "book": "BOOK", "chapter": "CHAP", "conference": "CONF", "thesis": "THES"},
    **{"report": "RPRT", "preprint": "UNPB", "other": "GEN"},
}


def write_ris(records: Iterable[Record], extra: Callable[[Record], Mapping[str, Sequence[str]]] | None = None) -> str:
    """The records as RIS, ready for Rayyan, Covidence, EndNote or :func:`read_ris`.

    One line a value (a line break inside one becomes a blank, as every database exports abstracts), each record closed
    by ``ER  - `` and a blank line. Equal records give equal text.

    Args:
        records: In the order they are to be written.
        extra: Gives further tags for a record (``{"N1": ["…"], "ID": ["…"]}``); they come last, in the order given.

    Raises:
        ValueError: If ``extra`` gives a tag that is no RIS tag, or ``TY`` or ``ER``.
    """
    blocks = []
    for record in records:
        lines = [*_tags(record)]
        for tag, values in (extra(record) if extra else {}).items():
            if not re.fullmatch(r"[A-Z][A-Z0-9]", tag) or tag in {"TY", "ER"}:
                raise ValueError(f"{tag!r} is no RIS tag a record can be given")
            lines += [(tag, value) for value in values]
        body = [f"{tag}  - {text}" for tag, value in lines if (text := _one_line(value)) or tag == "TY"]
        blocks.append("\n".join([*body, "ER  - ", "", ""]))
    return "".join(blocks)


def _one_line(value: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ufeff]", " ", value).split())


def _tags(record: Record) -> Iterable[tuple[str, str]]:
    yield "TY", _TYPES.get(record.kind, "GEN")
    yield "TI", record.title
    yield from (("AU", _author(author)) for author in record.authors)
    if record.year:
        yield "PY", str(record.year)
        if len(record.published) > 4:
            yield "DA", record.published.replace("-", "/") + "/" * (2 - record.published.count("-"))
    yield "T2", record.journal
    yield "J2", record.journal_abbreviation
    yield "VL", record.volume
    yield "IS", record.issue
    first, dash, last = record.pages.partition("-")
    if dash and last and "-" not in last and "," not in record.pages:
        yield from (("SP", first), ("EP", last))
    else:
        yield "SP", record.pages
    yield "PB", record.publisher
    yield from (("SN", number) for number in (*record.issn, *record.isbn))
    yield "DO", record.doi
    yield "UR", record.url
    yield "AN", record.source_id if not record.source_id.startswith("sha256:") else ""
    yield "C2", record.pmcid
    yield from (("LA", language) for language in record.languages)
    yield from (("M3", kind) for kind in record.publication_types)
    yield from (("KW", keyword) for keyword in dict.fromkeys((*record.keywords, *record.mesh)))
    yield "AB", record.abstract
    if record.pmid:
        yield "U1", f"{record.pmid}[pmid]"


def _author(author: Author) -> str:
    # A trailing comma keeps a group, or a family name of several words alone, from being read as given and family name.
    name = _one_line(author.name)
    return name if parse_name(name).name == name else f"{name},"
