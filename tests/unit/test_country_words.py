"""Countries as people write them."""

from __future__ import annotations

import pytest

from living_review.countries import country_names
from living_review.country_words import ALPHA_3, OTHER_NAMES, country_code, like


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("AU", "AU"),
        ("AUS", "AU"),
        ("Australia", "AU"),
        (" australia ", "AU"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("the United States", "US"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("Scotland", "GB"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Cote d'Ivoire", "CI"),
        ("South Korea", "KR"),
        ("Korea (South)", "KR"),
        ("Saint Lucia", "LC"),
        ("Trinidad and Tobago", "TT"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("NO", "NO"),
        ("no", None),
        ("Korea", None),
        ("Virgin Islands", None),
        ("Austrialia", None),
        ("", None),
    ],
)
def test_what_people_write(written: str, code: str | None) -> None:
    assert country_code(written) == code


def test_every_country_has_both_codes_and_is_found_by_its_usual_name() -> None:
    words = ALPHA_3.split()
    assert words[::2] == sorted(country_names())
    assert len({*words[1::2]}) == len(country_names()) == 249
    assert all(country_code(name) == code for code, name in country_names().items())
    assert all(country_code(words[place + 1]) == words[place] for place in range(0, len(words), 2))


def test_no_other_name_takes_a_country_from_another() -> None:
    given = [(line[:2], name) for line in OTHER_NAMES.strip().splitlines() for name in line[3:].split("|")]
    assert all(country_code(name) == code for code, name in given)
    assert {code for code, _ in given} <= country_names().keys()


def test_a_slip_is_answered_with_the_nearest_country() -> None:
    assert like("Austrialia") == "Australia"
    assert like("Untied Kingdom") == "Britain (UK)"
    assert like("Middle-earth") is None
