r"""BibTeX files, read with bibtexparser 2.

Promises: every ``@entry`` becomes one record, also where two have the same key; a block that cannot be parsed, or that
the parser would have taken for a comment, is an error with its line; LaTeX is decoded (``{\"u}`` -> ``ü``).
"""

from __future__ import annotations

import logging
import re

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares import (
    LatexDecodingMiddleware,
    RemoveEnclosingMiddleware,
    ResolveStringReferencesMiddleware,
)
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import DuplicateBlockKeyBlock, Entry, Field

from living_review.errors import InvalidFile
from living_review.records import Author
from living_review.sources.draft import Draft
from living_review.sources.values import pmcid_in, pmid_in

# Its warnings about a broken block would stand on the terminal beside the error raised here.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

_FIELDS = {
    **{"title": "title", "abstract": "abstract", "volume": "volume", "number": "issue", "issue": "issue"},
    **{"journal": "journal", "journaltitle": "journal", "booktitle": "journal", "shortjournal": "journal_abbreviation"},
    **{"pages": "pages", "publisher": "publisher", "doi": "doi", "issn": "serial", "eissn": "serial", "isbn": "serial"},
    **{"url": "url", "language": "language", "langid": "language", "type": "publication_type", "pmid": "pmid"},
    **{
        "pmcid": "pmcid",
        "article-number": "article_number",
        "eid": "article_number",
        "document_type": "publication_type",
    },
    **{"abbrev_source_title": "journal_abbreviation", "school": "publisher", "institution": "publisher"},
}
_START = re.compile(r"^[ \t]*@(?!comment\b|string\b|preamble\b)\w+\s*[{(]", re.IGNORECASE | re.MULTILINE)
_LATEX = re.compile(r"[\\{}$~]|--|``|''")
_LATEX_DECODER = LatexDecodingMiddleware(keep_math_mode=False)


def read_bibtex(name: str, text: str) -> tuple[list[Draft], list[str]]:
    """The records of a BibTeX file as drafts, and remarks.

    Raises:
        InvalidFile: If an entry cannot be parsed or decoded; all others are refused with it.
    """
    raw = parse_string(text, parse_stack=[])
    entries: list[Entry] = []
    for block in raw.blocks:
        if isinstance(block, Entry):
            entries.append(block)
        elif isinstance(block, DuplicateBlockKeyBlock) and isinstance(block.ignore_error_block, Entry):
            entries.append(block.ignore_error_block)
        elif block in raw.failed_blocks:
            reason = str(getattr(block, "error", "")).split(". Note:")[0] or "an entry that does not end"
            where = f"{name}, line {(block.start_line or 0) + 1}"
            raise InvalidFile(f"broken BibTeX: {reason}", where, "correct this entry or export the file again")
    _refuse_lost(name, text, entries)
    drafts = []
    for entry in entries:
        # One at a time: a Library keeps only the first of two entries with the same key.
        alone = Library([*raw.strings, entry])
        alone = RemoveEnclosingMiddleware().transform(ResolveStringReferencesMiddleware().transform(alone))
        drafts.append(_draft(name, alone.entries[0], (entry.start_line or 0) + 1))
    return drafts, []


def _refuse_lost(name: str, text: str, entries: list[Entry]) -> None:
    """Refuse a file where the parser took the start of an entry for a comment or for text of another entry."""
    known = {entry.start_line for entry in entries}
    for match in _START.finditer(text):
        at = match.start() + len(match.group()) - len(match.group().lstrip())
        line = text.count("\n", 0, at)
        inside = any(
            (entry.start_line or 0) < line <= (entry.start_line or 0) + (entry.raw or "").count("\n")
            for entry in entries
        )
        if line not in known and not inside:
            raise InvalidFile(
                "an entry that cannot be read", f"{name}, line {line + 1}", "correct it or export the file again"
            )


def _draft(name: str, entry: Entry, line: int) -> Draft:
    draft = Draft(line)
    raw = {field.key.casefold(): str(field.value) for field in entry.fields}
    people = [*_people(raw.get("author", "")), *_people(raw.get("editor", ""))]
    plain = {key: value for key, value in raw.items() if key not in {"author", "editor"}}
    texts = _decoded([*plain.values(), *(part for person in people for part in person)], f"{name}, line {line}")
    values = dict(zip(plain, texts, strict=False))
    parts = texts[len(plain) :]
    names = [Author(family=f, given=g, suffix=s, collective=c) for f, g, s, c in zip(*(iter(parts),) * 4, strict=True)]
    authors = len(_people(raw.get("author", "")))
    for author in names[:authors]:
        if author.family == "others" and not author.given:
            draft.authors_complete = False
        else:
            draft.authors.append(author)
    for author in names[authors:]:
        draft.note("editor", author.name)
    draft.add("kind", "type", entry.entry_type)
    for key, value in values.items():
        if key in _FIELDS:
            draft.add(_FIELDS[key], key, value.replace("--", "-").replace("\u2013", "-") if key == "pages" else value)
        elif key in {"keywords", "keyword"}:
            for word in re.split(r";" if ";" in value else r",", value):
                draft.add("keyword", key, word)
        elif key not in {"year", "month", "day", "date"}:
            draft.note(key, value)
    _dates_and_ids(draft, entry.key, values)
    return draft


def _dates_and_ids(draft: Draft, key: str, values: dict[str, str]) -> None:
    year, month, day = (values.get(part, "").strip() for part in ("year", "month", "day"))
    draft.add("date", "date", values.get("date", ""))
    draft.add("date", "year", year)
    if year and month:
        draft.add("date", "month", f"{year} {month} {day}".strip())
    draft.note("key", key)
    for tag in ("note", "annote", "eprint"):
        if re.search(r"pmid", values.get(tag, ""), re.IGNORECASE):
            draft.add("pmid", tag, pmid_in(values[tag]))
    draft.add("accession", "unique-id", values.get("unique-id", ""))
    draft.add("pmcid", "pmc", pmcid_in(values.get("pmc", "")))
    if match := re.search(r"eid=(2-s2\.0-\d+)", values.get("url", "")):
        draft.identify("eid", match.group(1))


def _people(text: str) -> list[tuple[str, str, str, str]]:
    """Family, given, suffix and group name, still as LaTeX, of every name between the ``and`` of BibTeX."""
    people = []
    for name in split_multiple_persons_names(" ".join(text.split())):
        if name.startswith("{") and name.endswith("}") and "}" not in name[1:-1]:
            people.append(("", "", "", name))
            continue
        parts = parse_single_name_into_parts(name, strict=False)
        family, given = " ".join([*parts.von, *parts.last]), " ".join(parts.first)
        people.append((family, given, " ".join(parts.jr), ""))
    return people


def _decoded(texts: list[str], where: str) -> list[str]:
    """``texts`` without LaTeX; those without any LaTeX, and addresses, as they were.

    Raises:
        InvalidFile: If a text cannot be decoded.
    """
    if not any(_LATEX.search(text) for text in texts):
        return texts
    fields = [Field(str(number), _escaped(text)) for number, text in enumerate(texts)]
    done = _LATEX_DECODER.transform(Library([Entry("x", "x", fields)]))
    if done.failed_blocks:
        raise InvalidFile(f"LaTeX that cannot be read: {done.failed_blocks[0].error}", where, "correct this entry")
    plain = [str(field.value) for field in done.entries[0].fields]
    return [_keep(before, after) for before, after in zip(texts, plain, strict=True)]


def _keep(before: str, after: str) -> str:
    if re.match(r"\s*(?:https?://|10\.\d{4,})\S+\s*$", before):
        return re.sub(r"\\([%_&#~{}])", r"\1", before)
    return after if _LATEX.search(before) else before


def _escaped(text: str) -> str:
    # To LaTeX a bare % starts a comment, and "50% of patients" would end at 50; "$5" starts no formula.
    text = re.sub(r"(?<!\\)%", r"\\%", text)
    text = re.sub(r"(?<![^\s(])\$(?=\d)", r"\\$", text)
    return re.sub(r"(?<!\\)\$", r"\\$", text) if len(re.findall(r"(?<!\\)\$", text)) % 2 else text
