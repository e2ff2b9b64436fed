"""How to cite one version: ``citation.cff``, ``citation.ris`` and ``citation.bib``.

Promises: no part of an author's name is lost, however it was written; no text leaves its place, as YAML, RIS or LaTeX;
no e-mail address is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from living_review.plain_text import one_line
from living_review.records import Author, Record
from living_review.sources.names import parse_name
from living_review.sources.ris import write_ris

SPDX = frozenset(
    "CC0-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-BY-ND-4.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 "
    "CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 ODbL-1.0 ODC-By-1.0 PDDL-1.0 OGL-UK-3.0 MIT Apache-2.0".split()
)
"""Licences of texts and data by their SPDX ids; CFF 1.2.0 takes no other words for a licence."""
_DEGREE = re.compile(
    r"(?:Ph\.?\s?D|[BDM]\.?\s?(?:A|D|S|N|O|Sc|Ed|Phil|Eng|Med|BA|BS|PH|HSc|Pharm|OT|PT|Stat)|Pharm\.?\s?D|Dr[PS]H"
    r"|MB\s?BS|MB\s?ChB|RN|Esq|[JS]r|III?|IV|Dr\. ?(?:med|phil|rer)\b.*)\.?(?:\s?\(.*\))?"
)
"""A degree or a *Jr.* behind a name; ``Jo Gray, PhD`` is nobody of a family Jo Gray."""
_GROUP = re.compile(r"^The |&| [a-z]+$")
"""No person: *The review team*, *Gray & sons*. Particles of names stand before a capital."""
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
}


def split_name(text: str) -> Author:
    """A name as one text -> its parts; where they would not make up the text again, a name that is not split.

    Read are ``Given Family``, ``Family, Given``, ``Family GH``, groups, and degrees behind a comma, which become the
    suffix.
    """
    whole = one_line(text)
    if _GROUP.search(whole) and "," not in whole:
        return Author(collective=whole)
    name, *after = [part.strip() for part in whole.split(",")]
    # Behind one word capitals may be initials as well: Gray, MD.
    if after and name[:1].isupper() and " " in name and all(_DEGREE.fullmatch(part) for part in after):
        bare = parse_name(name)
        found = Author(family=bare.family, given=bare.given, suffix=", ".join(filter(None, [bare.suffix, *after])))
    else:
        found = parse_name(whole)
    kept = " ".join((found.given, found.family, found.suffix))
    return found if sorted(_words(kept)) == sorted(_words(whole)) else Author(collective=whole)


def citation_cff(told: Mapping[str, Any]) -> bytes:
    """The version in the Citation File Format 1.2.0 (10.5281/zenodo.5171937), as a data set.

    Args:
        told: Its ``summary.json``.
    """
    authors = [_cff_author(one) for one in told["authors"]] or [{"name": one_line(told["review"]["title"])}]
    licence = one_line(told["review"]["licence"])
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted('If you use this living review, please cite the version you used.')}",
        "type: dataset",
        f"title: {_quoted(told['display_title'])}",
        f"version: {_quoted(told['version'])}",
        f"date-released: {_quoted(told['published_at'][:10])}",
        f"abstract: {_quoted(told['review']['question'])}",
        *([f"license: {licence}"] if licence in SPDX else []),
        "authors:",
    ]
    for author in authors:
        pairs = [f"{key}: {_quoted(value)}" for key, value in author.items()]
        lines += [f"  {'- ' if place == 0 else '  '}{pair}" for place, pair in enumerate(pairs)]
    return "\n".join([*lines, ""]).encode()


def citation_ris(told: Mapping[str, Any]) -> bytes:
    """The version as one entry of RIS."""
    record = Record(
        source="living-review",
        source_id=_key(told),
        kind="other",
        title=told["display_title"],
        authors=tuple(split_name(one["name"]) for one in told["authors"]),
        year=int(told["published_at"][:4]),
        published=told["published_at"][:10],
        languages=(told["review"]["language"],),
    )
    return write_ris([record], lambda _: {"ET": [str(told["version"])], "N1": [_state(told)]}).encode()


def citation_bib(told: Mapping[str, Any]) -> bytes:
    """The version as one BibTeX entry, UTF-8; what LaTeX would take for commands is escaped."""
    year, month, day = told["published_at"][:10].split("-")
    fields = {
        "author": " and ".join(_bib_author(one["name"]) for one in told["authors"]),
        "title": f"{{{_latex(told['display_title'])}}}",
        "year": year,
        "month": str(int(month)),
        "date": f"{year}-{month}-{day}",
        "version": str(told["version"]),
        "language": _latex(told["review"]["language"]),
        "note": _latex(_state(told)),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{_key(told)},\n{body}}}\n".encode()


def _key(told: Mapping[str, Any]) -> str:
    return f"{told['review']['id']}-v{told['version']}"


def _state(told: Mapping[str, Any]) -> str:
    return f"Version {told['version']} of {told['published_at'][:10]}; the review is {told['living']['status']}."


def _cff_author(author: Mapping[str, str]) -> dict[str, str]:
    name = split_name(author["name"])
    orcid = f"https://orcid.org/{author['orcid']}" if author["orcid"] else ""
    if name.collective:
        parts = {"name": name.collective, "orcid": orcid}
    else:
        parts = {
            "family-names": name.family,
            "given-names": name.given,
            "name-suffix": name.suffix,
            "affiliation": one_line(author["affiliation"]),
            "orcid": orcid,
        }
    return {key: value for key, value in parts.items() if value}


def _bib_author(text: str) -> str:
    name = split_name(text)
    if name.collective:
        return f"{{{_latex(name.collective)}}}"
    # BibTeX has the suffix in the middle: family, suffix, given.
    parts = [name.family, *([name.suffix] if name.suffix else []), name.given]
    return ", ".join(_part(part) for part in parts if part)


def _part(text: str) -> str:
    # A comma, or a bare "and", would part one name into two.
    plain = _latex(text)
    return f"{{{plain}}}" if "," in text or re.search(r"\band\b", text, re.IGNORECASE) or " " in text else plain


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in one_line(text))


def _quoted(value: object) -> str:
    # What JSON writes between quotation marks, YAML reads the same.
    return json.dumps(one_line(value), ensure_ascii=False)


def _words(text: str) -> Iterable[str]:
    return re.split(r"[\s,]+", text.strip(" ,"))
