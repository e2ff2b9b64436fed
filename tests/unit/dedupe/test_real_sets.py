"""Real labelled sets: no worse than measured, nothing lost by looking up, and the hard cases that they hold.

``digital_work`` and the others are read as their users would have them: columns of text, errors and all. The made-up
twins of the cases are in ``test_decide.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import pandas as pd
import pytest

from living_review.dedupe import candidates, engine
from living_review.dedupe.decide import decide
from living_review.dedupe.engine import Pair
from living_review.dedupe.fields import Fields
from living_review.dedupe.files import dedupe_files
from living_review.dedupe.frame import fields_of
from tests.conftest import SHARED_DATA
from tests.unit.dedupe.made_up import both_ways, said

SETS = SHARED_DATA / "dedupe"
RETRACTIONS = SHARED_DATA / "exports" / "nbib" / "retractions"

if not SETS.is_dir():
    pytest.skip("the labelled sets of real duplicates are not on this machine", allow_module_level=True)

COUNTS = {
    "cytology": (772, 0, 0),
    "respiratory": (433, 0, 3),
    "stroke": (312, 0, 2),
    "diabetes": (1261, 0, 0),
    "digital_work": (365, 1, 4),
}
"""Of the records that could be left out for duplicates: rightly left out, wrongly left out, left in."""


@dataclass(frozen=True)
class Labelled:
    ids: list[str]
    fields: list[Fields]
    clusters: list[list[int]]
    """The places of the records of each true report."""
    pairs: list[Pair]

    def place(self, number: str) -> int:
        return self.ids.index(f"id_{number}")


@lru_cache
def labelled(name: str) -> Labelled:
    rows = pd.read_csv(SETS / name / "records.csv", dtype=str, keep_default_na=False)
    truth = pd.read_csv(SETS / name / "clusters.csv").set_index("id").cluster_id
    clusters: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(rows.id):
        clusters[truth[one]].append(place)
    found = fields_of(rows)
    return Labelled(rows.id.tolist(), found, list(clusters.values()), list(engine.compare(found)))


@pytest.mark.parametrize("name", COUNTS)
def test_no_worse_than_measured(name: str):
    real = labelled(name)
    reports = engine.reports(real.fields, real.pairs)
    right = wrong = left = 0
    for members in real.clusters:
        kept = sum(reports[place] == place for place in members)
        right += len(members) - max(kept, 1)
        left += max(kept - 1, 0)
        wrong += kept == 0
    least, most_wrong, most_left = COUNTS[name]
    assert (right >= least, wrong <= most_wrong, left <= most_left) == (True,) * 3, (right, wrong, left)


@pytest.mark.parametrize("name", COUNTS)
def test_a_link_joins_no_two_true_reports(name: str):
    """But for one: the set tells two spellings of one title apart."""
    real = labelled(name)
    report = {place: number for number, members in enumerate(real.clusters) for place in members}
    wrong = [pair for pair in real.pairs if pair.match.linked and report[pair.a] != report[pair.b]]
    assert len(wrong) <= (name == "digital_work")


@pytest.mark.parametrize("name", COUNTS)
def test_people_are_asked_about_few_pairs(name: str):
    asked = [pair for pair in labelled(name).pairs if not pair.match.linked]
    assert len(asked) <= len(labelled(name).ids) / 50


@pytest.mark.parametrize("name", COUNTS)
def test_looking_up_loses_no_pair_of_one_report(name: str):
    """Every two records of a true report that the comparison would link have a key in common."""
    real = labelled(name)
    found = {(pair.a, pair.b) for pair in real.pairs}
    for members in real.clusters:
        for pair in combinations(members, 2):
            match = decide(real.fields[pair[0]], real.fields[pair[1]])
            assert match is None or pair in found


@pytest.mark.parametrize("name", COUNTS)
def test_looking_up_loses_no_pair_of_a_sample(name: str):
    """Neighbours by title, everything with everything."""
    real = labelled(name)
    titled = sorted(range(len(real.ids)), key=lambda place: real.fields[place].title.forms)
    part = [real.fields[place] for place in titled[len(titled) // 3 :][:80]]
    found = set(map(tuple, candidates.pairs(part).tolist()))
    for pair in combinations(range(len(part)), 2):
        assert pair in found or decide(part[pair[0]], part[pair[1]]) is None


def cases() -> Iterator[tuple[str, str, str, str, str]]:
    """What, set, two records, and what is said of them."""
    yield "a subtitle is left out", "cytology", "0000053", "0000054", "linked"
    yield "notes of the database behind the title", "cytology", "0000381", "0001509", "linked"
    yield "the first page is lost", "cytology", "0000124", "0000125", "linked"
    yield "a number of an article and page numbers", "cytology", "0000230", "0000231", "linked"
    yield "family and given name swapped, Chinese", "cytology", "0000165", "0001667", "linked"
    yield "family and given name swapped, Spanish", "cytology", "0000357", "0001591", "linked"
    yield "a group for an author", "cytology", "0000248", "0000912", "linked"
    yield "an author, another year and no pages", "cytology", "0000942", "0000944", "linked"
    yield "a slip in a short word", "cytology", "0000908", "0000909", "linked"
    yield "one guideline in three journals", "cytology", "0000338", "0000339", "apart"
    yield "a paper and the abstract of another", "cytology", "0001064", "0001800", "apart"
    yield "question marks for accents, in two languages", "respiratory", "0000279", "0000280", "linked"
    yield "translated, in brackets", "respiratory", "0000611", "0000612", "linked"
    yield "translated twice", "respiratory", "0000229", "0000230", "linked"
    yield "a journal's name contracted, no author", "respiratory", "0000091", "0000799", "linked"
    yield "pages that a spreadsheet took for a date", "respiratory", "0000157", "0000158", "linked"
    yield "a date of appearance for pages", "respiratory", "0000414", "0000415", "linked"
    yield "two letters under one title on the same pages", "respiratory", "0000213", "0000709", "possible"
    yield "family and given name swapped, Korean", "stroke", "0000091", "0000282", "linked"
    yield "volume and issue swapped", "stroke", "0000408", "0000409", "linked"
    yield "corrigendum and article", "stroke", "0000615", "0000616", "apart"
    yield "abstracts of two conferences", "stroke", "0000428", "0000429", "apart"
    yield "the rest of a bracket for a volume", "diabetes", "0001523", "0000571", "linked"
    yield "a wrong DOI", "diabetes", "0001610", "0000599", "linked"
    yield "many abstracts under the DOI of their supplement", "diabetes", "0000344", "0000343", "apart"
    yield "two languages, one without DOI", "digital_work", "2002199", "3006789", "linked"
    yield "response and article", "digital_work", "1001359", "1001363", "apart"
    yield "erratum and article", "digital_work", "1003374", "1003373", "apart"
    yield "volumes of proceedings", "digital_work", "2000225", "2000227", "apart"


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"), [pytest.param(*case[1:], id=case[0]) for case in cases()]
)
def test_a_hard_case(name: str, one: str, other: str, expected: str):
    real = labelled(name)
    match = both_ways(real.fields[real.place(one)], real.fields[real.place(other)])
    assert said(match) == expected, match and match.said


def test_files_say_the_same_as_columns():
    found = dedupe_files([SETS / "stroke" / "records.csv"])
    real = labelled("stroke")
    assert list(found.ids) == real.ids
    assert list(found.reports) == engine.reports(real.fields, real.pairs)


@pytest.mark.skipif(not RETRACTIONS.is_dir(), reason="the real retraction notices are not on this machine")
def test_a_real_retraction_notice_is_a_report_of_its_own():
    notice, retracted = (
        "bibaudit__compare_pubmed_wakefield_notice.txt",
        "bibaudit__compare_pubmed_wakefield_retracted.txt",
    )
    found = dedupe_files(
        [RETRACTIONS / notice, RETRACTIONS / retracted, RETRACTIONS / "bibaudit__pubmed_retracted.txt"]
    )
    assert found.reports[0] == 0
    assert [pair for pair in found.pairs if 0 in (pair.a, pair.b)] == []
