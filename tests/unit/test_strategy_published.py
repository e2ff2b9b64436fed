"""Strategies that people published for PubMed: none of them is called wrong, and what deserves a look is what does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from living_review.strategy import lines, lint

SUBSET = (
    Path(__file__).resolve().parents[2].parent / "shared/data/pubmed/other/zheln__Replicated_Systematic_Subset_Query.md"
)

TRIALS_2008 = """(randomized controlled trial [pt] OR controlled clinical trial [pt] OR randomized [tiab] OR placebo [tiab]
OR drug therapy [sh] OR randomly [tiab] OR trial [tiab] OR groups [tiab]) NOT (animals [mh] NOT humans [mh])"""
"""Cochrane Handbook 5.1, Box 6.4.a, sensitivity-maximizing, in one line."""
TRIALS_PRECISE = """(randomized controlled trial [pt] OR controlled clinical trial [pt] OR randomized [tiab] OR placebo [tiab]
OR clinical trials as topic [mesh: noexp] OR randomly [tiab] OR trial [ti]) NOT (animals [mh] NOT humans [mh])"""
"""The same, Box 6.4.b, sensitivity- and precision-maximizing."""
ASTHMA = f'("Asthma"[Mesh] OR asthma*[tiab] OR wheez*[tiab]) AND {TRIALS_2008}'
CLINICAL_QUERIES = (
    "(sensitiv*[Title/Abstract] OR sensitivity and specificity[MeSH Terms] OR diagnos*[Title/Abstract] OR"
    " diagnosis[MeSH:noexp] OR diagnostic * [MeSH:noexp] OR diagnosis,differential[MeSH:noexp] OR"
    " diagnosis[Subheading:noexp])",
    "((clinical[Title/Abstract] AND trial[Title/Abstract]) OR clinical trials as topic[MeSH Terms] OR"
    " clinical trial[Publication Type] OR random*[Title/Abstract] OR random allocation[MeSH Terms] OR"
    " therapeutic use[MeSH Subheading])",
    "(risk*[Title/Abstract] OR risk*[MeSH:noexp] OR risk *[MeSH:noexp] OR cohort studies[MeSH Terms] OR group[Text Word]"
    " OR groups[Text Word] OR grouped [Text Word])",
    "(incidence[MeSH:noexp] OR mortality[MeSH Terms] OR follow up studies[MeSH:noexp] OR prognos*[Text Word] OR"
    " predict*[Text Word] OR course*[Text Word])",
)
"""PubMed's own filters by category (PubMed help, "Clinical study category filters table")."""
PARTS = (
    '"TNFα"[tiab] OR β-blocker*[tiab] OR IFNγ[tiab] OR "5-HT2A"[tiab] OR μ-opioid[tiab] OR "Receptors, Opioid, mu"[mh]',
    '"x-ray*"[tiab] OR x-ray*[tiab] OR e-health*[tiab] OR "meta analy*"[ti] OR "X-Rays"[mh]',
    "\"Parkinson's disease\"[tiab] OR parkinson's[tiab] OR Parkinson Disease[mh]",
    '"Signs and Symptoms"[mh] OR signs and symptoms[mh] OR "signs and symptoms"[tiab]',
    '"Randomized Controlled Trial"[ptyp] OR random*[tiab] OR "Random Allocation"[Mesh]',
    '("coronavirus"[MeSH Terms] OR "coronavirus"[All Fields]) AND 2019/12[PDAT] : 2030[PDAT]',
    '("COVID-19"[tiab] OR "COVID-19"[mh]) AND ("2019/12/01"[Date - Create] : "3000"[Date - Create])',
    '("COVID-19"[tiab] OR "COVID-19"[mh]) AND "last 5 years"[dp] AND 2020/1/5:2021/06[edat]',
    '"N Engl J Med"[ta] OR science & technology[ta] OR exp brain res[ta] OR Smith AB[au] OR "Smith, Anna"[fau]',
    "10.1016/j.jclinepi.2016.01.021[aid] OR 12345678[uid] OR 1:99[pmid] OR 1469-493X[ta]",
    '"patient physician relationship"[Title/Abstract:~0] OR "hip pain"[ti:~2] OR "Royal Hospital"[ad:~1000]',
    "HIV/AIDS[tiab] OR 16:8[tiab] OR N3[tiab] OR NEAR[tiab] OR W/O[tiab] OR U.S.[ad] OR 'omics[tiab] OR HIV[mh]",
    "NEAR INFRARED[tiab] OR p<0.05[tiab] OR C++[tiab] OR A&E[tiab] OR Emergency Service, Hospital[mh]",
)


@pytest.mark.parametrize("query", [TRIALS_2008, TRIALS_PRECISE, ASTHMA, *CLINICAL_QUERIES, *PARTS])
def test_a_strategy_as_people_publish_them_is_not_called_wrong(query):
    assert [one for one in lint(query) if one.is_wrong] == []
    assert lines(query)[-1].query


@pytest.mark.parametrize("query", [TRIALS_2008, TRIALS_PRECISE, ASTHMA])
def test_nothing_at_all_is_said_of_the_cochrane_filter(query):
    assert lint(query) == []


def test_the_subset_of_systematic_reviews_is_read_whole():
    if not SUBSET.exists():
        pytest.skip("no recorded strategies here")
    query = max(re.findall(r"```\n(.+?)```", SUBSET.read_text("utf-8"), re.DOTALL), key=len)
    assert len(query) > 5_000
    found = lint(query)
    assert [one for one in found if one.is_wrong] == []
    assert len(lines(query)) > 100
