"""What a report of a validation says, and when it passes."""

import json

import pytest

from living_review.errors import LivingReviewError
from living_review.validation import Failure, ValidationReport, combined

FAILURE = Failure("S0001", "country", "required", "nothing", "Country: found nothing; allowed: an answer")


def report(**changes):
    return ValidationReport(**{"suite": "s", "suite_sha256": "0" * 64, "rows": 2, "evaluated": 3, **changes})


def test_a_report_passes_only_if_something_was_evaluated_and_nothing_is_wrong():
    assert report().passed
    assert not report(failures=(FAILURE,)).passed
    assert not report(table_failures=("expected 3 rows, found 2",)).passed
    assert not report(errors=("it raised",)).passed
    assert not report(evaluated=0).passed
    assert report(rows=0, evaluated=0, nothing_to_check=("a rule",)).passed


def test_an_error_is_raised_as_one_line():
    with pytest.raises(LivingReviewError) as caught:
        report(suite="charted data", errors=("aim: it\nraised", "b")).raise_on_error()

    assert str(caught.value) == (
        "a check could not be carried out: aim: it raised (and 1 more), validation suite charted data, "
        "correct the entry in charting.expectations if it is one of yours; nothing was accepted or rejected"
    )
    report(failures=(FAILURE,)).raise_on_error()


def test_a_report_is_plain_json():
    plain = report(failures=(FAILURE,), nothing_to_check=("year",)).to_dict()

    assert json.loads(json.dumps(plain)) == plain
    assert plain["failures"] == [
        {
            "row_key": "S0001",
            "column": "country",
            "rule": "required",
            "found": "nothing",
            "message": "Country: found nothing; allowed: an answer",
        }
    ]
    assert plain["passed"] is False


def test_parts_pass_together_only_if_each_passes():
    good = report()
    whole = combined("whole", [good, report(failures=(FAILURE,), nothing_to_check=("year",))])

    assert (whole.rows, whole.evaluated, whole.failing_keys) == (4, 6, {"S0001"})
    assert whole.nothing_to_check == ("year",)
    assert combined("whole", [good, good]).passed
    assert combined("whole", [good, report(rows=0, evaluated=0)]).passed
    assert combined("whole", [good]).suite_sha256 != combined("whole", [good, good]).suite_sha256


def test_a_part_of_which_nothing_was_evaluated_is_not_hidden_by_the_others():
    whole = combined("whole", [report(), report(suite="part", evaluated=0)])

    assert whole.table_failures == ("part: nothing was evaluated",)
    assert not whole.passed
