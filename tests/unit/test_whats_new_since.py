"""What is new since any earlier version follows from what each version changed, without the old summaries."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from living_review.records import canonical_json
from living_review.retraction import RetractionState
from living_review.site import assets
from living_review.whats_new import since, whats_new

LISTS = ("new_studies", "changed_studies", "removed_studies", "numbers", "methods", "authors", "status")
DIGEST = st.sampled_from(["a" * 16, "b" * 16])
SMALL = st.integers(0, 2)
WORD = st.sampled_from(["", "one", "two"])


@st.composite
def study(draw: st.DrawFn, study_id: str) -> dict[str, Any]:
    reports = draw(DIGEST)
    return {
        "study_id": study_id,
        # What a citation is made of is part of the digest of the reports.
        "citation": f"{study_id} of {reports}",
        "retraction": {"state": draw(st.sampled_from([str(state) for state in RetractionState]))},
        "digests": {"charting": draw(DIGEST), "reports": reports},
    }


@st.composite
def summary(draw: st.DrawFn) -> dict[str, Any]:
    ids = sorted(draw(st.sets(st.sampled_from(["S1", "S2", "S3"]))))
    rows = draw(st.dictionaries(st.sampled_from(["sms", "mail"]), SMALL))
    return {
        "studies": [draw(study(one)) for one in ids],
        "counts": {"included_studies": len(ids), "retracted_studies": draw(SMALL)},
        "tables": draw(
            st.sampled_from(
                [
                    [],
                    [
                        {
                            "field": "platform",
                            "title": "Platform",
                            "missing": {"title": "No answer", "count": draw(SMALL)},
                            "rows": [{"value": name, "title": name, "count": n} for name, n in rows.items()],
                            "numbers": draw(st.none() | st.fixed_dictionaries({"maximum": st.none() | SMALL})),
                        }
                    ],
                ]
            )
        ),
        "typology": draw(
            st.none()
            | st.fixed_dictionaries(
                {
                    "title": st.just("Model"),
                    "models": st.lists(
                        st.fixed_dictionaries({"id": st.just("M1"), "title": st.just("M1"), "count": SMALL}), max_size=1
                    ),
                }
            )
        ),
        "methods": {
            "criteria_version": draw(WORD),
            "fields": [{"name": name, "unit": draw(WORD)} for name in draw(st.permutations(["a", "b", "c"]))[:2]],
            "stages": draw(st.lists(WORD, max_size=2)),
        },
        "authors": [{"name": name, "role": draw(WORD)} for name in draw(st.sets(st.sampled_from(["Ada", "Ben"])))],
        "living": {"status": draw(WORD), "schedule": draw(st.none() | st.fixed_dictionaries({"refresh": WORD}))},
        "searches": [{"source": "pubmed", "last_searched": draw(st.none() | st.sampled_from(["2026-01", "2026-02"]))}],
        "not_yet_incorporated": {"reports": draw(SMALL)},
    }


CHAIN = st.lists(summary(), min_size=2, max_size=6)


def deltas(chain: list[dict[str, Any]]) -> list[dict[str, Any]]:
    numbered = [{**one, "version": number} for number, one in enumerate(chain, start=1)]
    return [whats_new(before, now) for before, now in itertools.pairwise(numbered)]


def said(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes but for the wording of studies that are gone, which may be called as they were called last."""
    gone = [{name: value for name, value in one.items() if name != "citation"} for one in changes["removed_studies"]]
    return {**changes, "removed_studies": gone}


@settings(deadline=None)
@given(CHAIN)
def test_the_changes_of_several_versions_together_are_those_between_the_first_and_the_last(chain: Any) -> None:
    for first in range(len(chain) - 1):
        composed = since(deltas(chain)[first:])
        direct = whats_new({**chain[first], "version": first + 1}, chain[-1])
        for name in (*LISTS, "since_version", "text"):
            assert said(composed)[name] == said(direct)[name], name


@settings(deadline=None)
@given(CHAIN)
def test_composing_in_steps_is_composing_at_once(chain: Any) -> None:
    changes = deltas(chain)
    for cut in range(1, len(changes)):
        assert said(since([since(changes[:cut]), since(changes[cut:])])) == said(since(changes))
    assert since(changes[:1]) == changes[0]


@pytest.fixture(scope="module")
def composed() -> Iterator[Callable[[Any], Any]]:
    """The site's own composition, in V8."""
    engine = MiniRacer()
    engine.eval(assets()["changes.js"].body.decode().replace("export ", ""))
    yield lambda changes: json.loads(str(engine.eval(f"JSON.stringify(composed({canonical_json(changes).decode()}))")))
    engine.close()


@settings(deadline=None)
@given(CHAIN)
def test_the_site_composes_in_the_same_way(composed: Any, chain: Any) -> None:
    changes = deltas(chain)
    for first in range(len(changes)):
        told = since(changes[first:])
        assert composed(changes[first:]) == {name: told[name] for name in LISTS}


def test_what_came_and_went_is_not_told() -> None:
    bare: dict[str, Any] = {
        "studies": [],
        "methods": {},
        "searches": [],
        "not_yet_incorporated": {"reports": 0},
        "counts": {"included_studies": 0},
    }
    one = {"study_id": "S1", "citation": "Gray J.", "retraction": {"state": "none"}, "digests": {}}
    chain = [bare, {**bare, "studies": [one], "counts": {"included_studies": 1}}, bare]
    told = since(deltas(chain))
    assert [told[name] for name in LISTS] == [[]] * len(LISTS)
    assert told["text"] == "Nothing changed in studies, methods, authors or status."


def test_a_first_publication_changes_nothing_that_was_before() -> None:
    for wrong in ([], [{"kind": "first"}]):
        with pytest.raises(ValueError, match="from the second version on"):
            since(wrong)
