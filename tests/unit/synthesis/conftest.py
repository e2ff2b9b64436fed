"""A small review in the manner of the one this project starts from: nine slots of models, several values a study."""

import pandas as pd
import pytest

from living_review.protocol import Protocol


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    return Protocol.model_validate(
        {
            "id": "small",
            "title": "Small",
            "question": "How?",
            "searches": [{"source": "pubmed", "query": "x"}],
            "charting": {
                "fields": [
                    {"name": "model", "type": "choice", "required": True},
                    {
                        "name": "communication",
                        "type": "choice",
                        "options": ["one-way", {"value": "two-way", "label": "Two-way talk"}, "network"],
                    },
                    {"name": "populations", "type": "multi_choice", "options": ["young", "staff", "chronic"]},
                    {"name": "country", "type": "country"},
                    {"name": "codesign", "type": "boolean"},
                    {
                        "name": "who_led",
                        "type": "choice",
                        "options": ["patients", "staff"],
                        "only_if": {"codesign": True},
                    },
                    {"name": "participants", "type": "integer", "unit": "people"},
                    {"name": "aim", "type": "text"},
                    {"name": "begun", "type": "date"},
                ]
            },
            "typology": {
                "field": "model",
                "models": [
                    {"id": f"M{n}", "name": "" if n == 9 else f"Model {n}", "definition": f"d{n}"} for n in range(1, 10)
                ],
            },
            "summary": {
                "tables": [
                    "communication",
                    "populations",
                    "country",
                    "codesign",
                    "who_led",
                    "participants",
                    "begun",
                ],
                "crosstabs": [["model", "populations"], ["communication", "populations", "country"]],
            },
        }
    )


@pytest.fixture
def frame() -> pd.DataFrame:
    columns = [
        "study_id",
        "model",
        "communication",
        "populations",
        "country",
        "codesign",
        "who_led",
        "participants",
        "aim",
        "begun",
    ]
    rows = [
        ("S3", "M1", "two-way", ["young", "staff"], "AU", True, "patients", 10, "a", "2019-03-01"),
        ("S1", "M1", "two-way", ["young"], "AU", True, None, 20, None, "2019-11-30"),
        ("S2", "M2", "one-way", ["staff", "chronic", "young"], "GB", False, None, 30, "b", "2020-01-01"),
        ("S4", "M9", "two-way", [], "US", False, "staff", None, "c", None),
        ("S5", None, None, None, None, None, None, 60, "", "2020-06-01"),
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame["codesign"] = frame["codesign"].astype("boolean")
    frame["participants"] = frame["participants"].astype("Int64")
    return frame
