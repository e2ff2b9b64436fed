"""What the benchmark of dedupe counts is right, and the whole of it runs."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from living_review.dedupe import candidates, decide, engine, frame
from living_review.dedupe.frame import fields_of
from tests.benchmarks import noise, oracle
from tests.benchmarks.cases import dedupe_rows, dedupe_step, make_up_duplicates
from tests.benchmarks.dedupe_points import BY_HAND, learnt, leave_one_out, pairs_of, scored
from tests.benchmarks.duplicate_scores import Counts, joined, pairwise, parted, precision_and_recall, removable
from tests.benchmarks.growth_chart import draw
from tests.benchmarks.labelled import SETS, errors, labelled
from tests.benchmarks.made_up_duplicates import Corpus


def test_removable_duplicates_are_counted_by_what_is_kept():
    truth = ["a", "a", "a", "b", "c", "c"]
    assert removable(truth, [0, 0, 0, 3, 4, 4]) == Counts(3, 0, 0)
    assert removable(truth, [0, 0, 2, 3, 4, 5]) == Counts(1, 0, 2)
    # b goes away as a duplicate of a, and of c nothing is kept.
    assert removable(truth, [0, 0, 0, 0, 0, 0]) == Counts(3, 2, 0)


def test_pairs_are_counted_over_whole_reports():
    truth = ["a", "a", "a", "b", "c", "c"]
    assert pairwise(truth, [0, 0, 0, 3, 4, 4]) == Counts(4, 0, 0)
    assert pairwise(truth, [0, 0, 2, 2, 4, 5]) == Counts(1, 1, 3)
    assert list(parted(truth, [0, 0, 2, 2, 4, 5])) == [([0, 1], [2]), ([4], [5])]
    assert list(joined(truth, [0, 0, 2, 2, 4, 5])) == [[2, 3]]


def test_intervals_hold_the_share_and_show_doubt_where_nothing_is_wrong():
    truth = [f"c{number // 2}" for number in range(200)]
    right = [place - place % 2 for place in range(200)]
    precision, recall = precision_and_recall(truth, right)
    assert precision == recall
    assert (precision.value, precision.high) == (1, 1)
    assert precision.low == pytest.approx(0.025 ** (1 / 100))
    some_missed = [place if place < 20 else right[place] for place in range(200)]
    _, recall = precision_and_recall(truth, some_missed)
    assert recall.value == 0.9
    assert 0.8 < recall.low < 0.88 < 0.92 < recall.high < 1


def write_sets(folder, number=60):
    """Made-up records as the labelled sets are laid out."""
    for seed, name in enumerate(SETS[:3]):
        (folder / name).mkdir()
        rows = Corpus(seed, vocabulary=300, families=200, journals=20).records(number, duplicated=0.5)
        rows.rename(columns={"work": "cluster_id"})[["id", "cluster_id"]].to_csv(
            folder / name / "clusters.csv", index=False
        )
        rows.drop(columns="work").to_csv(folder / name / "records.csv", index=False)


def test_points_are_learnt_without_the_set_they_are_tried_on(tmp_path):
    write_sets(tmp_path)
    sets = list(labelled(tmp_path))
    rows = list(leave_one_out(tmp_path))
    assert [row["measurement"] for row in rows] == [f"{name}: left out" for name in SETS[:3]]
    by_hand = decide.POINTS
    one = sets[0]
    fields = fields_of(one.records)
    pairs = pairs_of(fields, one.truth)
    points = learnt([pairs])
    assert decide.POINTS is by_hand
    assert np.abs(points - BY_HAND).max() > 0.1
    # What was learnt fits what it was learnt from better than what was set by hand.
    wrong = [((pairs.levels @ told > 0) != pairs.same).sum() for told in (BY_HAND, points)]
    assert wrong[1] <= wrong[0]
    nothing = scored(fields, one.truth, np.full(len(BY_HAND), -9.0))
    assert nothing.tp == 0
    assert nothing.fn == len(one.truth) - len(set(one.truth))


def test_every_error_is_told_with_both_records(tmp_path):
    write_sets(tmp_path)
    one = next(labelled(tmp_path))
    alone = list(range(len(one.truth)))
    lines = errors(one, alone)
    assert len(lines) == len(one.truth) - len(set(one.truth))
    assert all(line.startswith("missed: ") and line.count(" — [r") == 2 and "|" not in line for line in lines)
    assert errors(one, [0] * len(one.truth))[0].startswith("wrong: ")


def test_growth_is_measured_and_drawn(tmp_path, monkeypatch):
    for holder, name in ((frame, "fields_of"), (candidates, "pairs"), (engine, "reports")):
        # The stopwatch takes their places.
        monkeypatch.setattr(holder, name, getattr(holder, name))
    made = tmp_path / "made.csv"
    make_up_duplicates(str(made), "300")
    row = dedupe_rows(str(made), str(tmp_path))
    assert row["facts"]["records"] == len(json.loads((tmp_path / "reports.json").read_text())) == 300
    tp, fp, fn = map(int, row["facts"]["removable TP / FP / FN"].split(" / "))
    assert tp > 50 > 5 > fp
    assert fn < tp / 5
    draw([row], tmp_path / "growth.svg")
    assert "seconds" in (tmp_path / "growth.svg").read_text()


def test_new_records_come_into_a_ledger(tmp_path):
    row = dedupe_step(str(tmp_path / "review"), known="200", new="50")
    assert row["facts"]["new_reports"] + row["facts"]["duplicates"] == 50
    assert row["facts"]["duplicates"] > 5


def test_what_keys_lose_is_found_by_every_pair(tmp_path, monkeypatch):
    write_sets(tmp_path, 40)
    rows = list(oracle.oracle(tmp_path, tmp_path))
    assert [row["facts"]["pairs"] for row in rows] == [40 * 39 // 2] * 3
    assert all(row["facts"]["one report or may be"] > 5 and row["facts"]["lost: links, right"] == 0 for row in rows)
    fields = fields_of(next(labelled(tmp_path)).records)
    monkeypatch.setattr(candidates, "pairs", lambda records: np.empty((0, 2), dtype=np.int64))
    found, lost = oracle.lost(fields)
    assert found == len(lost) == rows[0]["facts"]["one report or may be"]


def test_spoilt_sets_are_spoilt_the_same_each_time_and_lose_no_record(tmp_path, monkeypatch):
    write_sets(tmp_path, 40)
    monkeypatch.setattr(noise, "peer_python", lambda folder: "")
    sets = list(labelled(tmp_path))
    for kind in noise.SPOILT:
        rows = kind(sets[0].records.to_dict("records"), sets[0].truth, random.Random(1))
        assert [row["id"] for row in rows] == sets[0].ids
        assert rows != sets[0].records.to_dict("records")
        assert rows == kind(sets[0].records.to_dict("records"), sets[0].truth, random.Random(1))
    (row, *_) = list(noise.noise(tmp_path, tmp_path, [noise.untitled]))
    assert row["measurement"] == "untitled: cytology"
    tp, _, fn = map(int, row["facts"]["removable TP / FP / FN"].split(" (")[0].split(" / "))
    assert tp + fn == 40 - len(set(sets[0].truth))
