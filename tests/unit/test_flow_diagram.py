"""PRISMA flow counts: the specification by example, and a slow oracle that generated facts are held against."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.errors import LivingReviewError
from living_review.flow_counts import Counts, Flow, Via, check_identities
from living_review.flow_diagram import NO_REASON, VARIANTS, Facts, RecordFact, ReportFact, Run, count, variants
from living_review.protocol import Stage
from living_review.screening import Retrieval, Verdict

BOTH = (Stage.TITLE_ABSTRACT, Stage.FULL_TEXT)
REASONS = {"population": "Wrong population", "design": "Wrong design"}


def record(name: str, report: str | None, run: int = 1, source: str = "PubMed", **more: object) -> RecordFact:
    return RecordFact(record_id=name, report_id=report, run=run, source=source, **more)  # type: ignore[arg-type]


def report(name: str, screening: str = "include", full_text: str = "awaiting", **more: object) -> ReportFact:
    return ReportFact(
        report_id=name,
        title_abstract=Verdict(screening),
        full_text=Verdict(full_text),
        **more,  # type: ignore[arg-type]
    )


def facts(records: list[RecordFact], reports: list[ReportFact], **more: object) -> Facts:
    numbers = sorted({item.run for item in records} | {1})
    runs = [Run(number=number, searched_on=f"2026-{number:02}-01") for number in numbers]
    given_facts = {"runs": runs, "reasons": REASONS, **more}
    return Facts(records=records, reports=reports, **given_facts)  # type: ignore[arg-type]


EVERYWHERE = facts(
    [
        record("held", None, removed="invalid date"),
        record("new", None),
        record("a1", "A"),
        record("a2", "A", source="Embase"),
        record("b", "B"),
        record("c", "C"),
        record("d", "D"),
        record("e", "E"),
        record("f", "F", run=2),
        record("g", "G", run=2),
        record("h", "H", run=2, source="Embase"),
        record("i", "I", run=2),
        record("a3", "A", run=2, source="Embase"),
        record("j", "J", run=3, via=Via.CITATION, source="Citation searching"),
        record("k", "K", run=3),
    ],
    [
        report("B", "conflict"),
        report("C", "exclude", title_abstract_reason="design"),
        report("D", "include", retrieval=Retrieval.NOT_RETRIEVED),
        report("E", "include", retrieval=Retrieval.RETRIEVED),
        report("F", "include", "conflict"),
        report("G", "include", "exclude", full_text_reason="population"),
        report("H", "include", "include", study_id="S1"),
        report("I", "include"),
        report("J", "include", "include", study_id="S1"),
        report("K", "include", "include"),
    ],
)


def test_every_record_is_in_one_place_and_pending_is_apart() -> None:
    counts = count(EVERYWHERE)
    flow = counts.total
    assert [(item.source, item.via.value, item.n) for item in flow.sources] == [
        ("Embase", "database", 3),
        ("PubMed", "database", 11),
        ("Citation searching", "citation", 1),
    ]
    assert (flow.identified, flow.duplicates, flow.removed, flow.awaiting_dedupe) == (15, 2, 1, 1)
    assert (flow.awaiting_screening, flow.conflicts_screening, flow.screened) == (1, 1, 9)
    assert (flow.excluded_screening, flow.sought, flow.not_retrieved) == (1, 8, 1)
    assert (flow.awaiting_retrieval, flow.awaiting_full_text, flow.conflicts_full_text) == (1, 1, 1)
    assert (flow.assessed, flow.excluded_full_text, flow.included_reports) == (4, 1, 3)
    assert [(item.reason, item.text, item.n) for item in flow.removed_reasons] == [("invalid date", "invalid date", 1)]
    assert [(item.text, item.n) for item in flow.excluded_screening_reasons] == [("Wrong design", 1)]
    assert [(item.text, item.n) for item in flow.excluded_full_text_reasons] == [("Wrong population", 1)]
    assert counts.others.included_reports == counts.others.identified == 1
    assert (counts.total_studies, counts.total_reports) == (2, 3)


def test_a_study_known_before_is_not_a_new_one() -> None:
    counts = count(EVERYWHERE, {3})
    assert (counts.previous_studies, counts.previous_reports) == (1, 1)
    assert (counts.new_studies, counts.new_reports, counts.new_reports_of_previous_studies) == (1, 2, 1)
    assert (counts.total_studies, counts.total_reports) == (2, 3)
    assert counts.label == "Update 2 (2026-03-01)"


def test_studies_of_an_earlier_review_come_on_top() -> None:
    counts = count(replace(EVERYWHERE, previous_studies=40, previous_reports=43))
    assert (counts.previous_studies, counts.new_studies, counts.total_studies) == (40, 2, 42)
    assert (counts.previous_reports, counts.total_reports) == (43, 46)


def test_a_duplicate_counts_in_the_run_that_delivered_it() -> None:
    assert count(EVERYWHERE, {1}).total.duplicates == 1
    assert count(EVERYWHERE, {2}).total.duplicates == 1


def test_a_report_whose_first_record_is_held_back_is_counted_by_its_next_one() -> None:
    flow = count(facts([record("x", "A", removed="no title"), record("y", "A", run=2)], [report("A")]), {2}).total
    assert (flow.duplicates, flow.removed, flow.sought) == (0, 0, 1)


def test_who_decided_on_the_full_text_had_retrieved_it() -> None:
    decided = report("A", "include", "include", retrieval=Retrieval.NOT_RETRIEVED)
    flow = count(facts([record("x", "A")], [decided])).total
    assert (flow.not_retrieved, flow.assessed, flow.included_reports) == (0, 1, 1)


def test_screening_that_was_reopened_is_pending_whatever_the_full_text_said() -> None:
    flow = count(facts([record("x", "A")], [report("A", "conflict", "include")])).total
    assert (flow.conflicts_screening, flow.screened, flow.included_reports) == (1, 0, 0)


def test_an_exclusion_without_a_reason_still_adds_up() -> None:
    flow = count(facts([record("x", "A")], [report("A", "include", "exclude")])).total
    assert [(item.reason, item.text, item.n) for item in flow.excluded_full_text_reasons] == [
        (NO_REASON, "No reason given", 1)
    ]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ((Stage.TITLE_ABSTRACT,), (2, 1, 1, 1, 0)),
        ((Stage.FULL_TEXT,), (2, 0, 2, 2, 1)),
    ],
)
def test_a_stage_that_the_protocol_leaves_out_lets_everything_pass(
    stages: tuple[Stage, ...], expected: tuple[int, ...]
) -> None:
    reports = [report("A", "include", "exclude"), report("B", "exclude", "include")]
    flow = count(facts([record("x", "A"), record("y", "B")], reports, stages=stages)).total
    assert (
        flow.screened,
        flow.excluded_screening,
        flow.sought,
        flow.assessed,
        flow.excluded_full_text,
    ) == expected


def test_variants_cut_the_same_flow_differently() -> None:
    found = variants(EVERYWHERE)
    assert tuple(found) == VARIANTS
    runs = {name: [counts.runs for counts in flows] for name, flows in found.items()}
    assert runs == {
        "together": [(1, 2, 3)],
        "each_apart": [(1,), (2,), (3,)],
        "earlier_and_latest": [(1, 2), (3,)],
        "base_and_updates": [(1,), (2, 3)],
        "latest": [(3,)],
    }
    assert found["base_and_updates"][1].label == "Update 1 to update 2 (2026-02-01 to 2026-03-01)"


def test_with_a_base_only_every_variant_is_the_base() -> None:
    found = variants(facts([record("x", "A")], []))
    assert {counts.runs for flows in found.values() for counts in flows} == {(1,)}
    assert {len(flows) for flows in found.values()} == {1}


def test_a_run_that_found_nothing_is_a_run() -> None:
    empty = Facts(runs=[Run(number=1), Run(number=2)], records=[record("x", "A")])
    latest = variants(empty)["latest"][0]
    assert (latest.runs, latest.total.identified, latest.label) == ((2,), 0, "Update 1")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (facts([record("x", "A"), record("x", "B")], []), "a record is given twice, x"),
        (facts([record("x", "A")], [report("B")]), "verdicts but no record, B"),
        (facts([record("x", "A")], [report("A"), report("A")]), "two facts"),
        (facts([record("x", "A", run=2)], [], runs=[Run(number=1)]), "search run 2 is unknown, x"),
        (facts([], [], runs=[]), "search runs are missing"),
        (
            facts([record("x", "A")], [replace(report("A"), title_abstract="maybe")]),  # type: ignore[arg-type]
            "'maybe'",
        ),
        (
            facts([record("x", "A")], [replace(report("A"), retrieval="lost")]),  # type: ignore[arg-type]
            "'lost'",
        ),
    ],
)
def test_facts_that_contradict_each_other_are_refused(wrong: Facts, said: str) -> None:
    with pytest.raises(LivingReviewError, match=said):
        count(wrong)


def test_an_unknown_run_is_refused() -> None:
    with pytest.raises(LivingReviewError, match=r"no such search run: \[9\]"):
        count(EVERYWHERE, {9})


@pytest.mark.parametrize(
    "name", [item.name for item in fields(Flow) if isinstance(item.default, int) and item.name != "identified"]
)
def test_a_number_that_is_off_by_one_is_never_shown(name: str) -> None:
    counts = count(EVERYWHERE)
    doctored = replace(counts, total=replace(counts.total, **{name: getattr(counts.total, name) + 1}))
    with pytest.raises(LivingReviewError, match=r"do not add up: .* is not .*\+"):
        check_identities(doctored)


@pytest.mark.parametrize(
    "name", ["previous_studies", "total_studies", "total_reports", "previous_reports", "new_reports", "new_studies"]
)
def test_studies_and_reports_that_do_not_add_up_are_never_shown(name: str) -> None:
    counts = count(EVERYWHERE)
    with pytest.raises(LivingReviewError, match="do not add up"):
        check_identities(replace(counts, **{name: getattr(counts, name) + 1}))


def test_the_error_names_both_sides() -> None:
    counts = count(EVERYWHERE)
    with pytest.raises(LivingReviewError, match="screened 9 is not excluded 1 \\+ sought 9, Base search to"):
        check_identities(replace(counts, total=replace(counts.total, sought=9)))


# The oracle: every record is put into one place by rules as short as they can be; numbers are lengths of lists.


def oracle(given_facts: Facts, runs: set[int]) -> dict[str, int]:
    ordered = sorted(
        given_facts.records, key=lambda item: (item.run, list(Via).index(item.via), item.source, item.record_id)
    )
    known = {item.report_id: item for item in given_facts.reports}
    place: dict[str, str] = {}
    for item in ordered:
        first = next((r for r in ordered if r.report_id == item.report_id and not r.removed), None)
        if item.removed:
            place[item.record_id] = "removed"
        elif item.report_id is None:
            place[item.record_id] = "awaiting_dedupe"
        elif first is not None and first.record_id != item.record_id:
            place[item.record_id] = "duplicates"
        else:
            place[item.record_id] = standing(
                known.get(item.report_id, ReportFact(report_id=item.report_id)), given_facts.stages
            )
    chosen = [place[item.record_id] for item in ordered if item.run in runs]
    included = [
        (item.run, known[item.report_id].study_id or ("report", item.report_id))
        for item in ordered
        if item.report_id is not None and place[item.record_id] == "included_reports"
    ]
    after_sought = [
        "not_retrieved",
        "awaiting_retrieval",
        "awaiting_full_text",
        "conflicts_full_text",
        "excluded_full_text",
        "included_reports",
    ]
    before = {study for run, study in included if run < min(runs)}
    return {
        **{name: chosen.count(name) for name in [*FINAL, *after_sought]},
        "identified": len(chosen),
        "screened": sum(chosen.count(name) for name in [*after_sought, "excluded_screening"]),
        "sought": sum(chosen.count(name) for name in after_sought),
        "assessed": sum(chosen.count(name) for name in after_sought[-2:]),
        "previous_studies": len(before),
        "new_studies": len({study for run, study in included if run in runs} - before),
    }


FINAL = ["duplicates", "removed", "awaiting_dedupe", "awaiting_screening", "conflicts_screening", "excluded_screening"]


def standing(fact: ReportFact, stages: tuple[Stage, ...]) -> str:
    if Stage.TITLE_ABSTRACT in stages and fact.title_abstract != "include":
        return {
            "awaiting": "awaiting_screening",
            "conflict": "conflicts_screening",
            "exclude": "excluded_screening",
        }[fact.title_abstract]
    if Stage.FULL_TEXT in stages and fact.full_text != "include":
        if fact.full_text == "awaiting":
            return {
                "sought": "awaiting_retrieval",
                "retrieved": "awaiting_full_text",
                "not_retrieved": "not_retrieved",
            }[fact.retrieval]
        return {"conflict": "conflicts_full_text", "exclude": "excluded_full_text"}[fact.full_text]
    return "included_reports"


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    runs = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True))
    names = [f"R{number}" for number in range(draw(st.integers(1, 8)))]
    records = [
        RecordFact(
            record_id=f"r{number}",
            source=draw(st.sampled_from(["PubMed", "Embase", "שלום; 日本,語", "=1+1"])),
            via=draw(st.sampled_from(Via)),
            run=draw(st.sampled_from(runs)),
            report_id=draw(st.sampled_from([None, *names])),
            removed=draw(st.sampled_from(["", "", "", "no title", "no id"])),
        )
        for number in range(draw(st.integers(0, 25)))
    ]
    counted = sorted({item.report_id for item in records if item.report_id and not item.removed})
    with_fact = [name for name in counted if draw(st.booleans())]
    reports = [
        ReportFact(
            report_id=name,
            title_abstract=draw(st.sampled_from(Verdict)),
            title_abstract_reason=draw(st.sampled_from(["", "design"])),
            full_text=draw(st.sampled_from(Verdict)),
            full_text_reason=draw(st.sampled_from(["", "design", "unheard of", NO_REASON])),
            retrieval=draw(st.sampled_from(Retrieval)),
            study_id=draw(st.sampled_from([None, "S1", "S2"])),
        )
        for name in with_fact
    ]
    return Facts(
        runs=[Run(number=number) for number in runs],
        records=draw(st.permutations(records)),
        reports=reports,
        stages=draw(st.sampled_from([BOTH, BOTH[:1], BOTH[1:]])),
        reasons=REASONS,
    )


@settings(max_examples=300, deadline=None)
@given(any_facts(), st.randoms(use_true_random=False))
def test_any_facts_agree_with_the_oracle(generated: Facts, chance: object) -> None:
    numbers = [run.number for run in generated.runs]
    runs = {number for number in numbers if chance.random() < 0.6} or {numbers[0]}  # type: ignore[attr-defined]
    counts = count(generated, runs)
    check_identities(counts)
    expected = oracle(generated, runs)
    found = {name: getattr(counts.total, name, None) for name in expected}
    found |= {"previous_studies": counts.previous_studies, "new_studies": counts.new_studies}
    assert found == expected


@settings(max_examples=100, deadline=None)
@given(any_facts())
def test_the_parts_of_every_variant_sum_up_to_the_whole(generated: Facts) -> None:
    found = variants(generated)
    whole = found["together"][0]
    for name in ("each_apart", "earlier_and_latest", "base_and_updates"):
        parts = found[name]
        for item in fields(Flow):
            if isinstance(item.default, int):
                assert sum(getattr(part.total, item.name) for part in parts) == getattr(whole.total, item.name)
        assert sum(part.new_studies for part in parts) == whole.new_studies
        assert parts[-1].total_studies == whole.total_studies


@settings(max_examples=100, deadline=None)
@given(any_facts(), st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_of_the_facts(generated: Facts, chance: object) -> None:
    shuffled = [*generated.records]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    again: Counts = count(replace(generated, records=shuffled, reports=generated.reports[::-1]))
    assert again == count(generated)
