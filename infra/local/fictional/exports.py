"""Made-up papers in the export formats of other databases: embase.com RIS and Scopus CSV.

They differ from PubMed's as the real ones do: names as initials, titles in other capitals, a DOI here and there
missing, other keywords; so that finding the duplicates takes some work.
"""

from __future__ import annotations

import csv
import io
import re
from xml.sax.saxutils import unescape

from infra.local.fictional.collection import journal_names
from infra.local.fictional.paper import MARK, Paper

_SCOPUS_COLUMNS = (
    "Authors", "Author full names", "Author(s) ID", "Title", "Year", "Source title", "Volume", "Issue", "Art. No.",
    "Page start", "Page end", "Cited by", "DOI", "Link", "Abstract", "Author Keywords", "Index Keywords",
    "Document Type", "Publication Stage", "Open Access", "Source", "EID",
)  # fmt: skip


def plain(text: str) -> str:
    """``text`` without markup and escapes."""
    return unescape(re.sub(r"</?(?:i|b|u|sup|sub)>", "", text))


def embase_ris(papers: list[Paper]) -> str:
    """The papers as embase.com exports them; one in four has no DOI, and titles are in sentence case."""
    return "\r\n".join(_embase(paper, at) for at, paper in enumerate(papers)) + "\r\n"


def embase_id(paper: Paper) -> str:
    """The database's own number of a paper."""
    return "L9" + f"{sum(map(ord, paper.doi)) * 7919 + len(paper.title) * 104_729:09d}"[-9:]


def scopus_csv(papers: list[Paper]) -> str:
    """The papers as Scopus exports them, with its byte order mark; one in five has no DOI."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _SCOPUS_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for at, paper in enumerate(papers):
        writer.writerow(_scopus(paper, at))
    return "\ufeff" + out.getvalue()


def scopus_id(paper: Paper) -> str:
    """The database's own number (EID) of a paper."""
    return f"2-s2.0-9{sum(map(ord, paper.doi)) * 6101 + len(paper.title) * 15_485_863:010d}"


def _embase(paper: Paper, at: int) -> str:
    title = plain(paper.title).strip("[]")
    journal, _ = journal_names(paper)
    lines = [
        ("TY", "JOUR"),
        ("M3", "Article in Press" if paper.published.year == 2026 else "Article"),
        ("Y1", f"{paper.published.year}"),
        ("VL", f"{paper.volume}"),
        ("IS", f"{paper.issue}"),
        ("SP", f"{paper.first_page}"),
        ("EP", f"{paper.first_page + 8}"),
        ("JF", journal),
        ("JO", journal),
        ("U2", embase_id(paper)),
        ("DB", "Embase"),
        ("N1", MARK),
        *([("DO", paper.doi)] if at % 4 else []),
        *(("A1", f"{person.family} {'.'.join(person.initials)}.") for person in paper.people),
        ("T1", title[0] + re.sub(r"\b([A-Z])(?=[a-z]{4})", lambda found: found[1].lower(), title[1:])),
        ("LA", "English"),
        *(("KW", word) for word in dict.fromkeys(("article", "human", *paper.keywords))),
        ("N2", " ".join(plain(text) for _, text in paper.abstract)),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


def _scopus(paper: Paper, at: int) -> dict[str, str]:
    journal, _ = journal_names(paper)
    abstract = " ".join(
        f"{label.capitalize()}: {plain(text)}" if label else plain(text) for label, text in paper.abstract
    )
    return {
        "Authors": "; ".join(f"{person.family} {'.'.join(person.initials)}." for person in paper.people),
        "Author full names": "; ".join(
            f"{p.family}, {p.given} ({57_200_000_000 + at * 100 + n})" for n, p in enumerate(paper.people)
        ),
        "Author(s) ID": "; ".join(f"{57_200_000_000 + at * 100 + n}" for n, _ in enumerate(paper.people)),
        "Title": plain(paper.title).strip("[]"),
        "Year": f"{paper.published.year}",
        "Source title": journal,
        "Volume": f"{paper.volume}",
        "Issue": f"{paper.issue}",
        "Page start": f"{paper.first_page}",
        "Page end": f"{paper.first_page + 8}",
        "Cited by": f"{(at * 7) % 31}",
        "DOI": "" if at % 5 == 0 else paper.doi.upper(),
        "Abstract": f"{abstract} © {paper.published.year} {MARK}.",
        "Author Keywords": "; ".join(paper.keywords),
        "Index Keywords": "article; human; social media",
        "Document Type": "Article",
        "Publication Stage": "Final",
        "Source": "Scopus",
        "EID": scopus_id(paper),
    }
