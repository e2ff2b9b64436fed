"""What the summary says of five studies, calculated by hand."""

import json

import pandas as pd
import pytest

from living_review.errors import InvalidData, UsageError
from living_review.protocol import Protocol
from living_review.synthesis import coded_quotes, crosstab, descriptive, synthesise, typology


def table_of(frame, protocol, name, **more):
    return next(table for table in descriptive(frame, protocol, **more) if table.field == name)


def counts(table):
    return {row.value: (row.count, row.share) for row in table.rows}


def test_a_single_choice_is_counted_over_all_studies_and_missing_stays_in_the_denominator(frame, protocol):
    table = table_of(frame, protocol, "communication")

    assert table.asked == 5
    assert counts(table) == {"one-way": (1, 0.2), "two-way": (3, 0.6), "network": (0, 0.0)}
    assert [row.title for row in table.rows] == ["one-way", "Two-way talk", "network"]
    assert table.rows[1].studies == ("S1", "S3", "S4")
    assert (table.missing.studies, table.missing.share) == (("S5",), 0.2)
    assert sum(row.count for row in table.rows) + table.missing.count == table.asked


def test_several_values_of_one_study_are_shares_over_studies_not_over_codes(frame, protocol):
    table = table_of(frame, protocol, "populations")

    assert counts(table) == {"young": (3, 0.6), "staff": (2, 0.4), "chronic": (1, 0.2)}
    assert table.missing.studies == ("S4", "S5"), "an empty list is no answer"
    assert table.many


def test_a_value_given_twice_by_one_study_counts_once(frame, protocol):
    frame["populations"] = [["young"], ["young", "young"], ["young"], [], None]

    assert counts(table_of(frame, protocol, "populations"))["young"] == (3, 0.6)


def test_a_conditional_field_has_its_own_denominator(frame, protocol):
    table = table_of(frame, protocol, "who_led")

    assert table.asked == 2
    assert table.asked_where == {"codesign": ("true",)}
    assert counts(table) == {"patients": (1, 0.5), "staff": (0, 0.0)}, "S4 answered but was not asked"
    assert table.missing.studies == ("S1",)
    assert table.not_asked == ("S2", "S4", "S5")


def test_booleans_countries_and_dates(frame, protocol):
    assert counts(table_of(frame, protocol, "codesign")) == {"true": (2, 0.4), "false": (2, 0.4)}
    assert [row.title for row in table_of(frame, protocol, "codesign").rows] == ["Yes", "No"]
    assert list(counts(table_of(frame, protocol, "country"))) == ["AU", "GB", "US"], "most studies first"
    assert table_of(frame, protocol, "country").rows[0].title == "Australia"
    assert counts(table_of(frame, protocol, "begun")) == {"2019": (2, 0.4), "2020": (2, 0.4)}
    frame["begun"] = pd.to_datetime(frame["begun"]).astype("datetime64[s]")
    assert counts(table_of(frame, protocol, "begun")) == {"2019": (2, 0.4), "2020": (2, 0.4)}


def test_numbers(frame, protocol):
    table = table_of(frame, protocol, "participants")

    assert table.numbers.to_dict() == {
        "count": 4,
        "minimum": 10.0,
        "lower_quartile": 17.5,
        "median": 25.0,
        "upper_quartile": 37.5,
        "maximum": 60.0,
    }
    assert table.unit == "people"
    assert table.missing.studies == ("S4",)
    assert table.rows == ()


def test_numbers_of_nothing_are_none(frame, protocol):
    frame["participants"] = pd.array([pd.NA] * 5, dtype="Int64")

    assert table_of(frame, protocol, "participants").numbers is None


def test_text_in_a_numeric_field_is_named_not_counted(frame, protocol):
    frame["participants"] = pd.Series([1, 2, "about 30", None, 4], dtype=object)

    with pytest.raises(InvalidData, match="found 'about 30'; allowed: a number, study S2"):
        descriptive(frame, protocol)


def test_a_value_that_is_no_option_is_shown_and_not_dropped(frame, protocol):
    frame.loc[0, "communication"] = "telepathy"

    table = table_of(frame, protocol, "communication")

    assert counts(table)["telepathy"] == (1, 0.2)
    assert sum(row.count for row in table.rows) + table.missing.count == table.asked


def test_retracted_studies_are_listed_and_not_counted(frame, protocol):
    table = table_of(frame, protocol, "communication", left_out=frozenset({"S3", "S99"}))

    assert table.left_out == ("S3",)
    assert table.asked == 4
    assert counts(table)["two-way"] == (2, 0.5)


def test_crosstab_margins_are_studies_and_not_sums_of_cells(frame, protocol):
    table = crosstab(frame, ("model", "populations"), protocol)

    assert {cell.combination: cell.studies for cell in table.cells} == {
        ("M1", "young"): ("S1", "S3"),
        ("M1", "staff"): ("S3",),
        ("M2", "young"): ("S2",),
        ("M2", "staff"): ("S2",),
        ("M2", "chronic"): ("S2",),
    }
    models = {level.value: level.count for level in table.axes[0].levels}
    assert models == {"M1": 2, "M2": 1} | {f"M{n}": 0 for n in range(3, 10)}, (
        "three cells of M1 and M2, two and one study"
    )
    assert {level.value: level.count for level in table.axes[1].levels} == {"young": 3, "staff": 2, "chronic": 1}
    assert table.axes[1].levels[0].share == 1.0
    assert table.studies == ("S1", "S2", "S3")
    assert table.missing == ("S4", "S5")
    assert table.studies_in("M1", "staff") == ("S3",)
    assert table.studies_in("M9", "staff") == ()


def test_crosstab_of_three_fields(frame, protocol):
    table = crosstab(frame, ("communication", "populations", "country"), protocol)

    assert [(cell.combination, cell.count) for cell in table.cells] == [
        (("one-way", "young", "GB"), 1),
        (("one-way", "staff", "GB"), 1),
        (("one-way", "chronic", "GB"), 1),
        (("two-way", "young", "AU"), 2),
        (("two-way", "staff", "AU"), 1),
    ]


def test_crosstab_tells_studies_not_asked_from_studies_without_an_answer(frame, protocol):
    table = crosstab(frame, ("who_led", "country"), protocol)

    assert (table.studies, table.missing, table.not_asked) == (("S3",), ("S1",), ("S2", "S4", "S5"))


@pytest.mark.parametrize("fields", [("model",), ("model", "model"), ("model", "country", "aim", "begun")])
def test_crosstab_needs_two_or_three_different_fields(frame, protocol, fields):
    with pytest.raises(UsageError, match="allowed: two or three different fields"):
        crosstab(frame, fields, protocol)


def test_typology_shows_every_slot_and_the_studies_without_a_model(frame, protocol):
    result = typology(frame, protocol)

    assert [model.id for model in result.models] == [f"M{n}" for n in range(1, 10)]
    assert {model.id: model.studies for model in result.models if model.studies} == {
        "M1": ("S1", "S3"),
        "M2": ("S2",),
        "M9": ("S4",),
    }
    assert result.models[0].share == 0.4
    assert (result.models[8].name, result.models[8].title) == ("", "M9")
    assert result.without_model == ("S5",)


def test_distributions_of_a_model_are_over_its_own_studies(frame, protocol):
    first = typology(frame, protocol).models[0]

    assert [table.field for table in first.distributions] == ["communication", "populations", "who_led"]
    populations = first.distributions[1]
    assert populations.asked == 2
    assert counts(populations) == {"young": (2, 1.0), "staff": (1, 0.5), "chronic": (0, 0.0)}


def test_a_model_without_studies_has_no_shares(frame, protocol):
    empty = typology(frame, protocol).models[4]

    assert (empty.count, empty.share) == (0, 0.0)
    assert all(row.share is None for table in empty.distributions for row in table.rows)


def test_an_option_that_is_no_model_leaves_the_study_without_a_model(frame, protocol):
    frame.loc[0, "model"] = "other"

    assert typology(frame, protocol).without_model == ("S3", "S5")


def test_a_protocol_without_typology(frame, protocol):
    plain = protocol.model_copy(update={"typology": None})

    with pytest.raises(UsageError, match="no typology"):
        typology(frame, plain)
    assert synthesise(frame, plain.model_copy(update={"summary": type(plain.summary)()})).typology is None


def test_quotes_by_field_and_code(frame, protocol):
    quotes = pd.DataFrame(
        [
            ("S3", "populations", "young", "young people wrote", "p. 4"),
            ("S2", "populations", "young", "teens", "p. 2"),
            ("S2", "populations", "", "all of them", "p. 9"),
            ("S1", "populations", "staff", "nurses", "p. 1"),
            ("S77", "populations", "young", "of a study never charted", ""),
        ],
        columns=["study_id", "field", "code", "quote", "location"],
    )

    (field,) = coded_quotes(quotes, frame, protocol)

    by_code = {code.value: code for code in field.codes}
    assert [(quote.study_id, quote.text, quote.location) for quote in by_code["young"].quotes] == [
        ("S2", "teens", "p. 2"),
        ("S3", "young people wrote", "p. 4"),
    ]
    assert by_code["young"].without_quote == ("S1",)
    assert by_code["staff"].without_quote == ("S3",), "S2 quoted for the field as a whole"
    assert [(code, quote.study_id) for code, quote in field.contradicting] == [("staff", "S1")]
    assert [quote.study_id for quote in field.not_counted] == ["S77"]
    kept = sum(len(code.quotes) for code in field.codes) + len(field.whole_field)
    assert kept + len(field.contradicting) + len(field.not_counted) == len(quotes), "every quote is somewhere"


def test_quotes_for_a_field_the_form_does_not_have(frame, protocol):
    quotes = pd.DataFrame([("S1", "colour", "red")], columns=["study_id", "field", "quote"])

    with pytest.raises(InvalidData, match="found quotes for colour"):
        coded_quotes(quotes, frame, protocol)


def test_the_order_of_the_rows_changes_nothing_and_all_of_it_is_json(frame, protocol):
    one = json.dumps(synthesise(frame, protocol).to_dict())
    other = json.dumps(synthesise(frame.iloc[::-1], protocol).to_dict())

    assert one == other
    assert set(json.loads(one)) == {"studies", "left_out", "tables", "crosstabs", "typology", "quotes"}


def test_frames_have_a_row_for_every_number(frame, protocol):
    assert table_of(frame, protocol, "communication").to_frame()["count"].tolist() == [1, 3, 0, 1]
    assert len(crosstab(frame, ("model", "populations"), protocol).to_frame()) == 5
    assert typology(frame, protocol).to_frame()["id"].tolist() == [f"M{n}" for n in range(1, 10)]


def test_nothing_charted_yet(frame, protocol):
    result = synthesise(frame.iloc[:0], protocol)

    assert result.studies == ()
    assert {row.share for table in result.tables for row in table.rows} == {None}
    assert [model.count for model in result.typology.models] == [0] * 9


def test_two_rows_for_one_study_are_refused(frame, protocol):
    frame.loc[1, "study_id"] = "S3"

    with pytest.raises(InvalidData, match="more than one charted row for study S3"):
        synthesise(frame, protocol)


def test_a_frame_of_another_form_is_refused(frame, protocol):
    with pytest.raises(InvalidData, match="lacks country, codesign"):
        synthesise(frame.drop(columns=["country", "codesign"]), protocol)


def test_a_row_without_a_study_is_refused(frame, protocol):
    frame.loc[2, "study_id"] = None

    with pytest.raises(InvalidData, match="no study id, row 3"):
        synthesise(frame, protocol)


def test_a_condition_on_a_field_that_is_itself_not_asked():
    chained = Protocol.model_validate(
        {
            "id": "chained",
            "title": "T",
            "question": "Q",
            "searches": [{"source": "pubmed", "query": "x"}],
            "charting": {
                "fields": [
                    {"name": "n", "type": "integer"},
                    {"name": "a", "type": "choice", "options": ["x", "y"], "only_if": {"n": [5]}},
                    {"name": "b", "type": "choice", "options": ["p"], "only_if": {"a": ["x"]}},
                ]
            },
        }
    )
    frame = pd.DataFrame({"study_id": ["1", "2", "3"], "n": [5, 4, 5], "a": ["x", "x", "y"], "b": ["p", "p", "p"]})

    tables = {table.field: table for table in descriptive(frame, chained)}

    assert tables["a"].not_asked == ("2",)
    assert tables["b"].not_asked == ("2", "3"), "study 2 wrote a = x where a was not asked"
    assert tables["b"].rows[0].studies == ("1",)
