"""What is compared of a record, whether it came as a row of columns or from a source of its own."""

from __future__ import annotations

import pytest

from living_review.dedupe.fields import of_columns, of_record
from tests.unit.dedupe.made_up import ABSTRACT, TITLE, record


def test_a_record_and_its_row_are_compared_as_the_same():
    given_ = record(1, volume="12", issue="3", pages="1-9", doi="10.5555/a", abstract=ABSTRACT, issn=("1234-567X",))
    plain = of_columns(TITLE, "Gray, J", "2020", "J Nothing", "12", "3", "1-9", "10.5555/a", "1234567X", ABSTRACT)
    found = of_record(given_)
    for name in ("title", "people", "year", "journal", "volume", "pages", "doi", "serials", "abstract", "kind"):
        assert getattr(found, name) == getattr(plain, name), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.5555/ABC", "10.5555/abc"),
        ("https://doi.org/10.5555/abc.", "10.5555/abc"),
        ("http://dx.doi.org/10.1016/S0735-1097%2813%2962048-3", "10.1016/s0735-1097(13)62048-3"),
        ("doi: 10.5555/abc (Print)", "10.5555/abc"),
        ("none", ""),
    ],
)
def test_a_doi_is_read(text: str, expected: str):
    assert of_columns("", doi=text).doi == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("c2020", 2020), ("2020/03/01", 2020), ("Mar 1999", 1999), ("12345", 0)]
)
def test_a_year_is_read(text: str, expected: int):
    assert of_columns("", year=text).year == expected
