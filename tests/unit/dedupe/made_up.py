"""Made-up records: one work as several databases would give it, and strategies that draw look-alikes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from living_review.dedupe.decide import Match, decide
from living_review.dedupe.fields import Fields, of_columns, of_record
from living_review.records import Author, Record

TITLE = "Telephones in the care of wheezing subjects"
ABSTRACT = (
    "We asked forty wheezing subjects whether a telephone was of any use to them and found that it was, and we tell how "
    "we found it out in the course of two years of asking again and again, until nobody answered or all had said it twice."
)
ROW = {
    "title_": TITLE,
    "author": "Gray, Jo and Brown, Al and Ng, Chi",
    "year": "2020",
    "journal": "Journal of Nothing and Medicine",
    "volume": "12",
    "number": "3",
    "pages": "1123-1129",
}


def row(**changes: str) -> Fields:
    """The work as a spreadsheet has it, without identifiers; fields as ``of_columns`` names them."""
    return of_columns(**{**ROW, **changes})


def record(number: int = 1, *, source: str = "pubmed", **changes: Any) -> Record:
    """A work of one author without volume, pages or identifiers."""
    values: dict[str, Any] = {
        "source": source,
        "source_id": str(number),
        "title": TITLE,
        "authors": (Author(family="Gray", given="J"),),
        "year": 2020,
        "journal": "J Nothing",
        **changes,
    }
    return Record(**values)


def both_ways(one: Fields | Record, other: Fields | Record) -> Match | None:
    """What is decided, which must not depend on which came first."""
    left, right = (of_record(item) if isinstance(item, Record) else item for item in (one, other))
    there, back = decide(left, right), decide(right, left)
    assert there == back
    return there


def said(match: Match | None) -> str:
    """``linked``, ``possible`` or ``apart``."""
    return "apart" if match is None else "linked" if match.linked else "possible"


TITLES = [
    "",
    TITLE,
    f"[{TITLE}.]",
    f"{TITLE}: a trial",
    f"{TITLE}. Part II",
    "Telephones in the care of whee",
    "Telefone in der Versorgung von Menschen und in der Familie",
    f"Correction: {TITLE}",
    "Bees and the pollination of the alpine meadows in their last summer before the snow",
    "Bees and the polination of the alpine meadows in their last summer before the snow",
    "Asthma",
    "Editorial",
    "Journal of Nothing in the Alps",
    "Gray, J and Brown, A",
]
fields = st.builds(
    of_columns,
    title_=st.sampled_from(TITLES),
    author=st.sampled_from(["", "Gray, Jo", "Gray, J and Brown, A", "Brown, A and Gray, J", "Müller, K", "Mueller, K", TITLE]),
    year=st.sampled_from(["", "2020", "2021", "2014"]),
    journal=st.sampled_from(["", "Journal of Nothing", "J Noth", "medRxiv", "Bee World", "Journal of Nothing in the Alps", TITLE]),
    volume=st.sampled_from(["", "12", "3"]),
    number=st.sampled_from(["", "3"]),
    pages=st.sampled_from(["", "1123-1129", "1123-9", "1", "e12"]),
    doi=st.sampled_from(["", "", "10.5555/a", "10.5555/b"]),
    abstract=st.sampled_from(["", ABSTRACT, "Background: " + ABSTRACT]),
    pmid=st.sampled_from(["", "", "1", "2"]),
)  # fmt: skip
"""Records of which many look like one another: cut, translated, swapped, lacking, wrong."""

records = st.builds(
    record,
    number=st.integers(1, 5),
    source=st.sampled_from(["pubmed", "embase", "scopus"]),
    title=st.sampled_from(TITLES),
    pmid=st.sampled_from(["", "1", "2"]),
    doi=st.sampled_from(["", "10.5555/a", "10.5555/B", "10.5555/b"]),
    year=st.sampled_from([None, 2020, 2021]),
    kind=st.sampled_from(["article", "conference", "preprint"]),
    authors=st.sampled_from([(), (Author(family="Gray"),), (Author(family="Brown"),), (Author(collective="A Group"),)]),
    pages=st.sampled_from(["", "1-9", "11"]),
    abstract=st.sampled_from(["", ABSTRACT]),
)
