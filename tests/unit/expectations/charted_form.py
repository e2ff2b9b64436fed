"""A charting form with a field of every kind, and rows that meet it."""

import pandas as pd

from living_review.protocol import Protocol


def protocol_with(*entries, fields=None):
    return Protocol.model_validate(
        {
            "id": "r",
            "title": "T",
            "question": "Q",
            "searches": [{"source": "pubmed", "query": "x"}],
            "charting": {
                "form_version": "2",
                "fields": fields
                or [
                    {"name": "country", "label": "Country of the service", "type": "country", "required": True},
                    {
                        "name": "communication",
                        "type": "choice",
                        "options": ["one-way", {"value": "two-way", "label": "Two-way"}],
                    },
                    {
                        "name": "populations",
                        "label": "User populations",
                        "type": "multi_choice",
                        "options": ["young", "staff", "chronic"],
                        "required": True,
                    },
                    {"name": "codesign", "type": "boolean"},
                    {
                        "name": "who_led",
                        "label": "Who led it",
                        "type": "choice",
                        "options": ["patients", "staff"],
                        "required": True,
                        "only_if": {"codesign": True, "populations": ["young", "staff"]},
                    },
                    {"name": "participants", "type": "integer"},
                    {"name": "effect", "type": "number"},
                    {"name": "begun", "type": "date"},
                    {"name": "aim", "type": "text"},
                ],
                "expectations": list(entries),
            },
        }
    )


GOOD = {
    "study_id": "S0001",
    "charted_by": "ana",
    "checked_by": "bo",
    "form_version": "2",
    "country": "AU",
    "communication": "two-way",
    "populations": ["young", "chronic"],
    "codesign": True,
    "who_led": "patients",
    "participants": 20,
    "effect": -0.5,
    "begun": "2020-02-29",
    "aim": "to listen",
}


def frame_of(*changes, typed=True):
    rows = [{**GOOD, "study_id": f"S{n + 1:04}", **change} for n, change in enumerate(changes)]
    frame = pd.DataFrame(rows, columns=list(GOOD), dtype=object)
    if typed:
        frame = frame.astype({"codesign": "boolean", "participants": "Int64", "effect": "Float64"})
    return frame
