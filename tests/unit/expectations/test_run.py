"""How a suite is run: the ways in which Great Expectations is silent, and what is said instead."""

import json
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pandas as pd
import pytest

from expectations.run import load, validate
from expectations.suite import Suite, rule, suite_from_json, suite_json
from living_review.errors import InvalidFile, LivingReviewError

ROOT = Path(__file__).resolve().parents[3]


def between(column, least, most, **more):
    return {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": column, "min_value": least, "max_value": most, **more},
        "meta": {},
    }


def not_null(column):
    return {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": column}, "meta": {}}


def frame(**columns):
    length = max(len(cells) for cells in columns.values())
    return pd.DataFrame({"id": [f"r{n}" for n in range(length)], **columns})


def test_each_failing_row_is_named_in_the_order_of_rows_then_rules():
    rows = frame(n=pd.array([50, 5, None, 70], dtype="Int64"), m=[1, 1, 1, 99])
    suite = Suite("s", (not_null("n"), between("n", 0, 10), between("m", 0, 10)))

    report = validate(rows, suite, "id", 4)

    assert [(f.row_key, f.column, f.rule, f.found) for f in report.failures] == [
        ("r0", "n", "expect_column_values_to_be_between", "50"),
        ("r2", "n", "expect_column_values_to_not_be_null", "nothing"),
        ("r3", "n", "expect_column_values_to_be_between", "70"),
        ("r3", "m", "expect_column_values_to_be_between", "99"),
    ]
    assert report.failing_keys == {"r0", "r2", "r3"}
    assert (report.rows, report.evaluated, report.passed) == (4, 3, False)


def test_a_frame_that_meets_the_rules_passes():
    report = validate(frame(n=[1, 2]), Suite("s", (between("n", 0, 10),)), "id", 2)

    assert report.passed
    assert (report.evaluated, report.nothing_to_check) == (1, ())


def test_a_message_has_the_words_of_the_rule():
    words = rule(
        "expect_column_values_to_be_between",
        name="size",
        label="Sample size",
        allowed="up to 10",
        column="n",
        max_value=10,
    )

    (failure,) = validate(frame(n=[50]), Suite("s", (words,)), "id", 1).failures

    assert failure.message == "Sample size: found 50; allowed: up to 10"
    assert failure.rule == "size"


def test_an_exception_in_a_rule_is_an_error_and_no_failure():
    rows = frame(a=pd.array([1, None], dtype="Int64"), b=pd.array([2, 3], dtype="Int64"))
    pair = {
        "type": "expect_column_pair_values_a_to_be_greater_than_b",
        "kwargs": {"column_A": "a", "column_B": "b", "ignore_row_if": "neither"},
    }
    absent = not_null("zz")

    report = validate(rows, Suite("s", (pair, absent, not_null("b"))), "id", 2)

    assert len(report.errors) == 2
    assert "zz" in report.errors[1]
    assert report.failures == ()
    assert report.evaluated == 1
    assert not report.passed
    with pytest.raises(LivingReviewError, match=r"could not be carried out: .*\(and 1 more\), validation suite s"):
        report.raise_on_error()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"type": "expect_magic", "kwargs": {}}, "expect_magic not found"),
        ({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "n"}}, "value_set field required"),
    ],
)
def test_a_rule_that_cannot_be_built_is_an_error_and_is_not_dropped(entry, said):
    report = validate(frame(n=[1]), Suite("s", (entry, not_null("n"))), "id", 1)

    assert len(report.errors) == 1
    assert said in report.errors[0]
    assert (report.evaluated, report.passed) == (1, False)


def test_a_suite_without_rules_does_not_pass():
    report = validate(frame(n=[1]), Suite("s", ()), "id", 1)

    assert not report.passed
    assert report.table_failures == ("the suite has no rules, so nothing was checked",)


def test_a_column_without_values_is_said_to_have_nothing_to_check():
    rows = frame(n=pd.array([None, None], dtype="Int64"), m=[1, 2])
    values = {
        "type": "expect_column_distinct_values_to_be_in_set",
        "kwargs": {"column": "n", "value_set": [3]},
        "meta": {},
    }
    suite = Suite("s", (between("n", 0, 10, mostly=0.5), values, between("m", 0, 10)))

    report = validate(rows, suite, "id", 2)

    assert report.evaluated == 1
    assert report.nothing_to_check == (
        "n: expect_column_values_to_be_between",
        "n: expect_column_distinct_values_to_be_in_set",
    )


def test_rows_of_which_nothing_was_evaluated_do_not_pass():
    rows = frame(n=pd.array([None, None], dtype="Int64"))

    report = validate(rows, Suite("s", (between("n", 0, 10),)), "id", 2)

    assert (report.evaluated, report.failures, report.errors) == (0, (), ())
    assert not report.passed


def test_an_empty_frame_passes_only_where_none_was_expected_and_says_so():
    suite = Suite("s", (not_null("n"),))
    empty = frame(n=[1]).iloc[:0]

    nothing = validate(empty, suite, "id", 0)
    lost = validate(empty, suite, "id", 3)

    assert nothing.passed
    assert (nothing.evaluated, nothing.nothing_to_check) == (0, ("n: expect_column_values_to_not_be_null",))
    assert not lost.passed
    assert lost.table_failures == ("expected 3 rows, found 0",)


def test_fewer_rows_than_expected_fail():
    report = validate(frame(n=[1, 2]), Suite("s", (not_null("n"),)), "id", 3)

    assert report.table_failures == ("expected 3 rows, found 2",)
    assert not report.passed


def test_a_failure_of_the_whole_is_not_a_failure_of_a_row():
    mean = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "n", "max_value": 3}, "meta": {}}

    report = validate(frame(n=[1, 20]), Suite("s", (mean,)), "id", 2)

    assert report.failures == ()
    assert report.table_failures == ("n: found 10.5; allowed: column mean to be between (max_value 3)",)
    assert report.failing_keys == frozenset()


def test_repeated_and_missing_keys_still_lead_to_the_right_rows():
    rows = frame(n=[50, 1, 60])
    rows["id"] = ["x", "x", None]

    report = validate(rows, Suite("s", (between("n", 0, 10),)), "id", 3)

    assert [(failure.row_key, failure.found) for failure in report.failures] == [("x", "50"), ("row 3", "60")]
    assert report.table_failures == ("row 3: the row has no id",)


def test_the_index_of_the_frame_does_not_matter_and_the_frame_stays_as_it_was():
    rows = frame(n=[1, 50, 2]).set_index(pd.Index([7, 7, 9]))
    before = rows.copy()

    report = validate(rows, Suite("s", (between("n", 0, 10),)), "id", 3)

    assert [failure.row_key for failure in report.failures] == ["r1"]
    pd.testing.assert_frame_equal(rows, before)


def test_a_frame_without_its_key_is_an_error():
    assert validate(frame(n=[1]), Suite("s", (not_null("n"),)), "key", 1).errors == ("the frame has no column key",)


def test_a_parameter_is_filled_in_when_the_suite_is_run():
    suite = Suite("s", (between("n", 0, {"$PARAMETER": "most"}),))

    assert validate(frame(n=[5]), suite, "id", 1, {"most": 5}).passed
    assert not validate(frame(n=[5]), suite, "id", 1, {"most": 4}).passed


def test_a_parameter_that_nobody_gave_is_an_error():
    suite = Suite("s", (between("n", 0, {"$PARAMETER": "most"}), not_null("n")))

    report = validate(frame(n=[5]), suite, "id", 1)

    assert report.errors
    assert not report.passed


def test_the_same_rule_twice_is_evaluated_twice():
    report = validate(frame(n=[50]), Suite("s", (between("n", 0, 10), between("n", 0, 10))), "id", 1)

    assert (len(report.failures), report.errors, report.evaluated) == (2, (), 2)


def test_threads_do_not_mix_their_verdicts():
    suite = Suite("s", (between("n", 0, 10), not_null("n")))
    wrong = []

    def many(place):
        for turn in range(3):
            bad = (place + turn) % 2 == 0
            report = validate(frame(n=[99 if bad else 1] * (place + 2)), suite, "id", place + 2)
            if len(report.failures) != (place + 2 if bad else 0) or report.errors:
                wrong.append((place, turn, report))

    threads = [threading.Thread(target=many, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_suite_is_stored_without_the_version_of_great_expectations_and_comes_back():
    gx = load()
    suite = Suite("s", (between("n", 0, 10), not_null("n")))
    theirs = gx.ExpectationSuite(**json.loads(suite_json(suite)))
    written = json.dumps(theirs.to_json_dict()).encode()

    assert b"great_expectations_version" in written
    assert b"great_expectations_version" not in suite_json(suite)
    assert suite_from_json(suite_json(suite)) == suite
    assert suite_from_json(written) == suite
    assert suite_from_json(written).sha256 == suite.sha256


def test_what_is_stored_does_not_depend_on_the_order_of_keys():
    one = Suite("s", ({"type": "t", "kwargs": {"a": 1, "b": 2}, "meta": {}},))
    other = Suite("s", ({"meta": {}, "kwargs": {"b": 2, "a": 1}, "type": "t"},))

    assert suite_json(one) == suite_json(other)
    assert one.sha256 != Suite("s", ({"type": "t", "kwargs": {"a": 1, "b": 3}, "meta": {}},)).sha256


@pytest.mark.parametrize("stored", [b"{}", b"nonsense", b"[]", b'{"name": "s", "expectations": [{"type": 1}]}'])
def test_what_is_no_suite_is_refused(stored):
    with pytest.raises(InvalidFile, match="not a suite"):
        suite_from_json(stored)


def test_nothing_is_loaded_sent_written_or_printed(tmp_path):
    program = textwrap.dedent(
        """
        import socket, sys
        def refuse(self, address):
            raise SystemExit(f"connects to {address}")
        socket.socket.connect = refuse
        import expectations.charted, expectations.entries, expectations.incoming, expectations.summary
        import expectations.run, pandas
        assert "great_expectations" not in sys.modules, "loaded before it is needed"
        from expectations.suite import Suite
        rule = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}}
        report = expectations.run.validate(pandas.DataFrame({"id": ["a"]}), Suite("s", (rule,)), "id", 1)
        assert report.passed, report
        """
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GX_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment
        | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
