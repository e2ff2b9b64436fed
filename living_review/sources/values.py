"""One value of an export -> the plain value a Record holds: text, DOI, date, serial number, pages, kind.

Every format module uses these, so that a DOI or a year means the same whatever file it came from. Promises: pure
functions; what cannot be understood comes back as it was (or in the rest a function returns), never dropped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote

from living_review.sources.identifiers import normal_doi

# Only markup that databases put in titles and abstracts: "P <0.05 and n>3" must survive.
_INLINE = r"i|b|u|em|strong|sub|sup|span|font|tt|small|a|jats:[a-z-]+|inf|style|italic|bold|sc|mml:[a-z]+"
_BLOCK = r"p|br|div|li|ul|ol|h[1-6]|tr|td|table|sec|title"
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})(?:\s[^<>]*)?/?>", re.IGNORECASE)
# html.unescape alone also turns "&copy2" and "&lt" without a semicolon; those are text.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]")

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d{1,9}){0,4}/\S+")
_DOI_GAP = re.compile(r"[\s;,|]+(?=(?:https?://|doi:\s*|\(?doi\)?\s*)?[\w./:-]*10\.\d{4,9}/)", re.IGNORECASE)
_DOI_PREFIX = re.compile(r"^(?:https?://)?(?:[\w.-]*doi[\w.-]*/|doi:|doi\s+)\s*", re.IGNORECASE)
_DOI_QUERY = re.compile(r"(?:[?&](?:DO|doi)=|id=doi:|[?&]rft_id=info:doi/)(10\.\d{4,9}[^&\s]+)", re.IGNORECASE)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_DATE_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^{_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?P<rest>)$",
        rf"^{_YEAR}[-/., ]+{_MONTH}(?:[-/., ]+(?P<day>\d{{1,2}})\b)?(?P<rest>.*)$",
        rf"^{_YEAR}(?:[-/. ]+(?P<month>\d{{1,2}})?(?:[-/. ]+(?P<day>\d{{1,2}})?)?)?(?:T[\d:.Z+-]*)?(?P<rest>\D.*)?$",
        rf"^{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+{_YEAR}(?P<rest>.*)$",
        rf"^(?P<day>\d{{1,2}})[-. ]+{_MONTH}[-., ]+{_YEAR}(?P<rest>.*)$",
        rf"^{_MONTH}[-/., ]+{_YEAR}(?P<rest>.*)$",
        rf"^(?P<month>\d{{1,2}})[-/. ]{_YEAR}(?P<rest>)$",
        rf"^(?P<rest>.*?)\b{_YEAR}(?:\.0)?\b.*$",
        rf"^(?P<rest>\D*){_YEAR}\d{{4}}\b.*$",
    )
)

_ISSN = re.compile(r"(?<![\dXx-])(\d{4})-?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<![\d-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\d-])")

_KINDS = (
    ("preprint", ("preprint", "medrxiv", "biorxiv", "posted content", "posted-content")),
    ("thesis", ("thesis", "theses", "dissertation", "phdthesis", "mastersthesis", "thes")),
    ("chapter", ("chapter", "book section", "chap", "echap", "inbook", "incollection", "entry")),
    (
        "conference",
        (
            *("conference", "proceeding", "meeting", "inproceedings", "conf", "cpaper", "congress"),
            *("symposium", "abstract of"),
        ),
    ),
    ("report", ("report", "rprt", "techreport", "govdoc", "government document", "working paper")),
    ("book", ("book", "ebook", "edbook", "booklet", "whole", "monograph", "collection")),
    (
        "article",
        (
            *("article", "journal", "jour", "ejour", "jfull", "mgzn", "magazine", "news", "editorial", "letter"),
            *("review", "note", "erratum", "comment", "abst", "inpr", "early access", "in press", "short survey"),
        ),
    ),
)


def clean(text: str) -> str:
    """``text`` on one line: entities and inline markup resolved, control characters and white space folded."""
    text = _ENTITY.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text
    if "<" in text:
        text = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text))
    return " ".join(_CONTROL.sub(" ", text).split())


def paragraphs(text: str) -> str:
    """``text`` cleaned line by line, paragraphs parted by one line feed (also where markup says ``<p>``, ``<br>``)."""
    if "<" in text or "&lt;" in text:
        text = _BLOCK_TAG.sub("\n", _ENTITY.sub(lambda found: html.unescape(found.group()), text))
    return "\n".join(line for line in map(clean, text.split("\n")) if line)


def dois(text: str) -> tuple[str, ...]:
    """The DOIs ``text`` names, lower case and bare, in order and without repeats; empty if it names none.

    A resolver address, ``doi:`` and a final full stop are taken off. Semicolons and brackets inside a DOI
    (``10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2``) stay.
    """
    found: dict[str, None] = {}
    for part in _DOI_GAP.split(re.sub(r"[\s;,|]{2,}", " ", clean(text))):
        bare = _DOI_PREFIX.sub("", part.strip().strip("[]"))
        if "%2f" in bare.lower():
            bare = unquote(bare)
        match = _DOI.search(bare)
        if match:
            doi = re.sub(r"\s*\[doi\]?$", "", match.group()).rstrip(".,;")
            while doi.endswith((")", "]")) and doi.count("(") + doi.count("[") < doi.count(")") + doi.count("]"):
                doi = doi[:-1].rstrip(".,;")
            found[normal_doi(doi)] = None
    found.pop("", None)
    return tuple(found)


def doi_in_url(url: str) -> str:
    """The DOI an address stands for (a doi.org address, or a link resolver's ``doi`` parameter); else empty."""
    if re.search(r"^https?://(?:dx\.)?doi\.org/10\.", url, re.IGNORECASE):
        return next(iter(dois(unquote(url))), "")
    if match := _DOI_QUERY.search(url):
        return next(iter(dois(unquote(match.group(1)))), "")
    return ""


def parse_date(text: str) -> tuple[int | None, str, str]:
    """Year, ISO date as far as known, and ``text`` itself where it says more or other than that date.

    ``2019//`` -> ``(2019, "2019", "")``; ``2005/07/15`` and ``June 28, 2011`` -> the day; ``2004 Jul-Aug`` ->
    ``(2004, "2004", "2004 Jul-Aug")``; no year between 1500 and 2099 -> ``(None, "", text)``.
    """
    text = " ".join(text.split())
    for form in _DATE_FORMS:
        if match := form.match(text):
            parts = match.groupdict()
            rest = (parts.get("rest") or "").strip(" /-.,;:")
            iso, whole = _iso(parts["year"], parts.get("month") or "", parts.get("day") or "", rest)
            return int(parts["year"]), iso, "" if whole else text
    return None, "", text


def _iso(year: str, month: str, day: str, rest: str) -> tuple[str, bool]:
    """The ISO date, and whether it says all there was."""
    number = _MONTHS.index(month.lower()[:3]) + 1 if month.isalpha() else int(month or 0)
    # "Jul-Aug", "1998 Dec-1999 Jan": a span is not a date, the year is all that is certain.
    if not 1 <= number <= 12 or rest[:1].isalnum():
        return year, not rest and number <= 12
    if day and 1 <= int(day) <= 31:
        return f"{year}-{number:02d}-{int(day):02d}", not rest
    return f"{year}-{number:02d}", not rest


def serials(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ISSNs (``1234-567X``) and ISBNs (digits only) that ``text`` holds, without repeats."""
    isbn = tuple(dict.fromkeys(re.sub(r"[ -]", "", found).upper() for found in _ISBN.findall(text)))
    rest = _ISBN.sub(" ", text)
    issn = tuple(dict.fromkeys(f"{a}-{b.upper()}" for a, b in _ISSN.findall(rest)))
    return issn, isbn


def join_pages(first: str, last: str) -> str:
    """``271`` and ``278`` -> ``271-278``; a first page that is a range already stays as it is."""
    first, last = (re.sub(r"^(?:pp?\.?\s+|pages?\s+)", "", part.strip(), flags=re.IGNORECASE) for part in (first, last))
    first, last = first.rstrip("."), last.rstrip(".")
    if not first or not last or first == last or "-" in first.strip("-"):
        return first or last
    return f"{first}-{last}"


def volume_and_issue(volume: str, issue: str) -> tuple[str, str]:
    """``50(2)`` without an issue -> ``50`` and ``2``; ``v. 40`` -> ``40``."""
    volume = re.sub(r"^(?:v|vol)(?:\.\s*|\s+|ume\s+)(?=\S)", "", volume.strip(), flags=re.IGNORECASE)
    if not issue and (match := re.fullmatch(r"(\w+)\s*\((.+)\)", volume)):
        return match.group(1), match.group(2)
    return volume, issue.strip()


def kind_of(words: Iterable[str], default: str = "other") -> str:
    """The Record kind the first telling word stands for (``JOUR``, ``Conference Abstract``, ``@phdthesis``)."""
    known = [word.strip().casefold() for word in words if word.strip()]
    for word in known:
        for kind, names in _KINDS:
            if word in names:
                return kind
    for word in known:
        for kind, names in _KINDS:
            if any(re.search(rf"\b{re.escape(name)}", word) for name in names if len(name) > 4):
                return kind
    return default


def pmid_in(text: str) -> str:
    """The PMID that ``text`` states as one (``PMID: 1``, ``1[pmid]``, a PubMed address, digits alone); else empty."""
    patterns = (
        r"^\s*(\d{1,8})\s*$",
        r"\bPMID\s*:?\s*(\d{1,8})\b",
        r"\b(\d{1,8})\s*\[pmid\]",
        r"ncbi\.nlm\.nih\.gov/(?:pubmed/|m/pubmed/)?(\d{1,8})\b",
        r"^(?:MEDLINE:|NLM)(\d{1,8})$",
    )
    for pattern in patterns:
        if match := re.search(pattern, text, re.IGNORECASE):
            return match.group(1).lstrip("0")
    return ""


def pmcid_in(text: str) -> str:
    """The PMC identifier in ``text``, with its prefix; else empty."""
    match = re.search(r"\bPMC\s?(\d{1,9})\b", text, re.IGNORECASE)
    return f"PMC{match.group(1)}" if match else ""
