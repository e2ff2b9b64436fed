"""Coefficients against published worked examples, and which decisions they may rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_review.agreement import (
    agreement,
    cohen_kappa,
    fleiss_kappa,
    independent,
    krippendorff_alpha,
    raw_agreement,
)
from living_review.protocol import Stage
from living_review.screening import Choice, Decision

START = datetime(2026, 1, 5, tzinfo=UTC)


def test_cohen_two_readers_of_fifty_proposals() -> None:
    """20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: 0.7 observed, 0.5 by chance, kappa 0.4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs).value == pytest.approx(0.4)
    assert cohen_kappa(pairs).n == 50


def test_cohen_three_categories() -> None:
    """200 cases by hand: observed 140/200 = 0.70, chance (120*100 + 60*60 + 20*40)/200² = 0.41, kappa 0.492."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    pairs = [(row, column) for row in range(3) for column in range(3) for _ in range(table[row][column])]
    assert cohen_kappa(pairs).value == pytest.approx((0.70 - 0.41) / 0.59, abs=1e-9)


def test_fleiss_fourteen_raters_of_ten_subjects() -> None:
    """The worked example with five categories: 0.378 observed, 0.213 by chance, kappa 0.210."""
    table = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    units = [[category for category, count in enumerate(row) for _ in range(count)] for row in table]
    assert fleiss_kappa(units).value == pytest.approx(0.210, abs=5e-4)
    assert raw_agreement(units).value == pytest.approx(0.378, abs=5e-4)


def test_krippendorff_binary_data_two_observers() -> None:
    """Krippendorff 2011, example A: ten units, 14 zeros and 6 ones, alpha 0.095."""
    one, other = "0100000010", "1110010000"
    assert krippendorff_alpha(list(zip(one, other, strict=True))).value == pytest.approx(0.095, abs=5e-4)


def test_krippendorff_nominal_data_four_observers_with_missing_values() -> None:
    """Krippendorff 2011, example C: twelve units, the last with one value only, alpha 0.743."""
    observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    units = [[value for value in unit if value != "."] for unit in zip(*observers, strict=True)]
    alpha = krippendorff_alpha(units)
    assert alpha.value == pytest.approx(0.743, abs=5e-4)
    assert alpha.n == 11


@pytest.mark.parametrize("of", [cohen_kappa, fleiss_kappa, krippendorff_alpha])
def test_one_category_only_has_no_coefficient(of: object) -> None:
    found = of([("include", "include")] * 9)  # type: ignore[operator]
    assert found.value is None
    assert found.n == 9
    assert "same" in found.why


@pytest.mark.parametrize("of", [cohen_kappa, fleiss_kappa, krippendorff_alpha, raw_agreement])
def test_nothing_to_compare_has_no_coefficient(of: object) -> None:
    found = of([])  # type: ignore[operator]
    assert (found.value, found.n) == (None, 0)
    assert found.why


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=1, max_size=40))
def test_with_two_reviewers_fleiss_alpha_and_raw_hang_together(pairs: list[tuple[str, str]]) -> None:
    fleiss, alpha = fleiss_kappa(pairs), krippendorff_alpha(pairs)
    assert (fleiss.value is None) == (alpha.value is None)
    if fleiss.value is not None and alpha.value is not None:
        # Alpha is Fleiss' kappa corrected for small samples: 1 - (1 - kappa)(1 - 1/N) with N values.
        assert alpha.value == pytest.approx(1 - (1 - fleiss.value) * (1 - 1 / (2 * len(pairs))))
    assert raw_agreement(pairs).value == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))


def votes(*lines: str, stage: Stage = Stage.TITLE_ABSTRACT) -> list[Decision]:
    """``"report who choice [version]"`` in the order of time; ``!`` before the name marks a consensus."""
    made = []
    for number, line in enumerate(lines, start=1):
        report, who, choice, *version = line.split()
        made.append(
            Decision(
                decision_id=number,
                record_id=1,
                report_id=report,
                stage=stage,
                reviewer=who.removeprefix("!"),
                choice=Choice(choice),
                criteria_version=version[0] if version else "1",
                consensus=who.startswith("!"),
                at=START + timedelta(hours=number),
            )
        )
    return made


def test_only_reports_with_two_independent_decisions_count() -> None:
    found = agreement(votes("R1 ann include", "R1 ben include", "R2 ann exclude"), Stage.TITLE_ABSTRACT)
    assert (found.reports, found.reviewers, found.raw.value) == (1, ("ann", "ben"), 1.0)
    assert agreement(votes("R1 ann include", "R1 ben include"), Stage.FULL_TEXT).reports == 0


def test_decisions_after_a_consensus_do_not_count() -> None:
    late = votes("R1 ann include", "R1 !cat include", "R1 ben include")
    assert independent(late, Stage.TITLE_ABSTRACT) == []


def test_a_change_after_the_other_decided_is_not_independent() -> None:
    changed = votes("R1 ann include", "R1 ben exclude", "R1 ann exclude")
    assert independent(changed, Stage.TITLE_ABSTRACT) == [{"ann": "include", "ben": "exclude"}]


def test_a_slip_put_right_before_anybody_else_decided_is() -> None:
    changed = votes("R1 ann include", "R1 ann exclude", "R1 ben exclude")
    assert independent(changed, Stage.TITLE_ABSTRACT) == [{"ann": "exclude", "ben": "exclude"}]


def test_maybe_passes_at_title_and_abstract_and_is_its_own_category_at_full_text() -> None:
    pair = votes("R1 ann maybe", "R1 ben include")
    assert agreement(pair, Stage.TITLE_ABSTRACT).raw.value == 1.0
    read = [replace(decision, stage=Stage.FULL_TEXT) for decision in pair]
    assert agreement(read, Stage.FULL_TEXT).raw.value == 0.0


def test_decisions_under_different_criteria_are_not_compared() -> None:
    assert independent(votes("R1 ann include 1", "R1 ben exclude 2"), Stage.TITLE_ABSTRACT) == []
    twice = votes("R1 ann include 1", "R1 ben exclude 1", "R1 ann exclude 2", "R1 ben exclude 2", "R1 cat include 3")
    assert independent(twice, Stage.TITLE_ABSTRACT) == [{"ann": "exclude", "ben": "exclude"}]


def test_the_order_of_the_input_does_not_matter() -> None:
    given_votes = votes("R1 ann include", "R1 ann exclude", "R1 ben exclude", "R2 ben include", "R2 ann exclude")
    assert agreement(given_votes[::-1], Stage.TITLE_ABSTRACT) == agreement(given_votes, Stage.TITLE_ABSTRACT)


def test_three_reviewers_in_turns_get_alpha_and_pairs_but_no_single_cohen() -> None:
    shared = votes(
        "R1 ann include", "R1 ben include", "R2 ben exclude", "R2 cat include", "R3 ann exclude", "R3 cat exclude",
        "R4 ann include", "R4 ben exclude", "R4 cat include",
    )  # fmt: skip
    found = agreement(shared, Stage.TITLE_ABSTRACT)
    assert found.cohen.value is None
    assert found.cohen.why == "defined for two reviewers, there are 3"
    assert found.fleiss.value is None
    assert "vary" in found.fleiss.why
    assert found.krippendorff.value is not None
    assert {pair: coefficient.n for pair, coefficient in found.pairs.items()} == {
        ("ann", "ben"): 2,
        ("ann", "cat"): 2,
        ("ben", "cat"): 2,
    }


def test_two_reviewers_get_cohen() -> None:
    lines = ["R1 ann include", "R1 ben include", "R2 ann exclude", "R2 ben exclude", "R3 ann include", "R3 ben exclude"]
    found = agreement(votes(*lines), Stage.TITLE_ABSTRACT)
    assert found.cohen.value == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
