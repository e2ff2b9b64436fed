"""The summary held against plain loops that are slow and obviously right, for generated reviews."""

import itertools
import random

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from living_review.protocol import Protocol
from living_review.synthesis import crosstab, descriptive, synthesise, typology

COMMUNICATION = ["one-way", "two-way", "network"]
POPULATIONS = ["young", "staff", "chronic"]
MODELS = [f"M{n}" for n in range(1, 10)]

study = st.fixed_dictionaries(
    {
        "model": st.lists(st.sampled_from([*MODELS, "other"]), max_size=3),
        "communication": st.sampled_from([None, *COMMUNICATION]),
        "populations": st.lists(st.sampled_from(POPULATIONS), max_size=4),
        "codesign": st.sampled_from([None, True, False]),
        "who_led": st.sampled_from([None, "patients", "staff"]),
        "participants": st.one_of(st.none(), st.integers(0, 50)),
    }
)
studies = st.lists(study, max_size=12)

PROTOCOL = Protocol.model_validate(
    {
        "id": "generated",
        "title": "T",
        "question": "Q",
        "searches": [{"source": "pubmed", "query": "x"}],
        "charting": {
            "fields": [
                {"name": "model", "type": "multi_choice", "options": [*MODELS, "other"]},
                {"name": "communication", "type": "choice", "options": COMMUNICATION},
                {"name": "populations", "type": "multi_choice", "options": POPULATIONS},
                {"name": "codesign", "type": "boolean"},
                {
                    "name": "who_led",
                    "type": "choice",
                    "options": ["patients", "staff"],
                    "only_if": {"codesign": [True], "populations": ["young", "staff"]},
                },
                {"name": "participants", "type": "integer"},
            ]
        },
        "typology": {"field": "model", "models": [{"id": name} for name in MODELS]},
    }
)


def frame_of(rows):
    columns = ["study_id", *(item.name for item in PROTOCOL.charting.fields)]
    frame = pd.DataFrame([{"study_id": f"S{n:04}", **row} for n, row in enumerate(rows)], columns=columns, dtype=object)
    return frame.astype({"codesign": "boolean", "participants": "Int64"})


def slow_values(row, name):
    """The values of one study as a set; None where the field is not asked."""
    if name == "who_led" and not (row["codesign"] is True and {"young", "staff"} & set(row["populations"])):
        return None
    cell = row[name]
    if cell is None:
        return set()
    if isinstance(cell, list):
        return set(cell)
    return {"true" if cell else "false"} if isinstance(cell, bool) else {str(cell)}


def slow_table(rows, name, out):
    behind, missing, not_asked = {}, [], []
    for n, row in enumerate(rows):
        key = f"S{n:04}"
        if key in out:
            continue
        values = slow_values(row, name)
        if values is None:
            not_asked.append(key)
        elif not values:
            missing.append(key)
        else:
            for value in values:
                behind.setdefault(value, []).append(key)
    return behind, missing, not_asked


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies, st.sets(st.integers(0, 12), max_size=3), st.randoms(use_true_random=False))
def test_tables_are_what_loops_count(rows, left_out, shuffler):
    out = frozenset(f"S{n:04}" for n in left_out)
    order = list(range(len(rows)))
    shuffler.shuffle(order)
    frame = frame_of(rows).iloc[order]

    for table in descriptive(frame, PROTOCOL, out):
        behind, missing, not_asked = slow_table(rows, table.field, out)
        counted = len([n for n in range(len(rows)) if f"S{n:04}" not in out])
        assert {row.value: list(row.studies) for row in table.rows if row.count} == behind
        assert list(table.missing.studies) == missing
        assert list(table.not_asked) == not_asked
        assert table.asked + len(table.not_asked) == counted
        for row in table.rows:
            assert row.share == (round(row.count / table.asked, 4) if table.asked else None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    studies,
    st.permutations(["model", "communication", "populations", "codesign", "who_led"]),
    st.sampled_from([2, 3]),
)
def test_crosstabs_are_what_loops_count(rows, order, width):
    fields = tuple(order[:width])

    table = crosstab(frame_of(rows), fields, PROTOCOL)

    cells, margins, inside = {}, [{} for _ in fields], []
    missing, not_asked = [], []
    for n, row in enumerate(rows):
        key = f"S{n:04}"
        values = [slow_values(row, name) for name in fields]
        if any(value is None for value in values):
            not_asked.append(key)
        elif not all(values):
            missing.append(key)
        else:
            inside.append(key)
            for combination in itertools.product(*values):
                cells.setdefault(combination, []).append(key)
            for margin, found in zip(margins, values, strict=True):
                for value in found:
                    margin.setdefault(value, []).append(key)
    assert {cell.combination: list(cell.studies) for cell in table.cells} == cells
    for axis, margin in zip(table.axes, margins, strict=True):
        assert {level.value: list(level.studies) for level in axis.levels if level.count} == margin
    assert (list(table.studies), list(table.missing), list(table.not_asked)) == (inside, missing, not_asked)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies)
def test_the_typology_is_what_loops_count(rows):
    result = typology(frame_of(rows), PROTOCOL)

    keys = [f"S{n:04}" for n in range(len(rows))]
    for model in result.models:
        mine = [key for key, row in zip(keys, rows, strict=True) if model.id in row["model"]]
        assert list(model.studies) == mine
        assert model.share == (round(len(mine) / len(rows), 4) if rows else None)
        among = [row if key in mine else None for key, row in zip(keys, rows, strict=True)]
        for table in model.distributions:
            own = {}
            for key, row in zip(keys, among, strict=True):
                for value in (slow_values(row, table.field) or ()) if row else ():
                    own.setdefault(value, []).append(key)
            assert {row.value: list(row.studies) for row in table.rows if row.count} == own
    assert list(result.without_model) == [
        key for key, row in zip(keys, rows, strict=True) if not set(row["model"]) & set(MODELS)
    ]


def test_two_thousand_studies():
    chance = random.Random(7)
    rows = [
        {
            "model": chance.sample(MODELS, chance.randrange(3)),
            "communication": chance.choice([None, *COMMUNICATION]),
            "populations": chance.sample(POPULATIONS, chance.randrange(4)),
            "codesign": chance.choice([None, True, False]),
            "who_led": chance.choice([None, "patients", "staff"]),
            "participants": chance.choice([None, 3, 400]),
        }
        for _ in range(2000)
    ]

    result = synthesise(frame_of(rows), PROTOCOL)

    assert len(result.studies) == 2000
    for table in result.tables:
        assert {row.value: list(row.studies) for row in table.rows if row.count} == slow_table(rows, table.field, ())[0]
