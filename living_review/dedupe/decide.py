"""Whether two records are one report, how sure that is, and why.

Each field that both records give speaks for or against it with points: the logarithm (base e) of how much more often
that much agreement is seen between two records of one report than between two of different ones (Fellegi and Sunter
1969, doi 10.1080/01621459.1969.10501049). Their sum decides. The points are set by hand, in halves; what is learnt
from labelled sets, each time without the one it is tried on, is measured beside them in ``tests/benchmarks``.
Rules stand above the sum where no sum may decide: a notice is not its article, nor a preprint the article.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from living_review.dedupe import people, place, title
from living_review.dedupe.fields import Fields, of_record
from living_review.records import Record

POINTS: Mapping[str, Mapping[str, float]] = {
    "title": {
        "long": 6, "same": 5, "near": 4.5, "slip": 4, "begins": 2.5, "close": 1.5, "crossed": 1, "short": 1, "generic": -1, "alike": -1.5, "foreign": -3, "differ": -5,
    },
    "people": {"same": 3, "first": 1.5, "only": 1, "clash": -1, "some": -1, "few": -2, "differ": -4},
    "year": {"same": 1.5, "one": 0, "few": -2.5, "differ": -3},
    "journal": {"same": 1.5, "alike": 0.5, "differ": -1.5},
    "volume": {"same": 1, "differ": -1.5},
    "issue": {"same": 0.5, "differ": -0.5},
    "pages": {"range": 4, "same": 2.5, "start": 1, "one": 0.5, "differ": -2},
    "place": {"same": 2, "differ": -1.5},
    "doi": {"same": 6, "differ": -4},
    "pmid": {"same": 12, "differ": -4},
    "copy": {"same": 4},
    "abstract": {"instead": 5, "same": 1.5, "alike": 0.5, "differ": -1.5, "another": -5},
}  # fmt: skip
"""Points of each level of agreement of each field; a field that one record lacks has none."""
BEFORE = -8.5
"""Points before any field is looked at: two records of a search are rarely one report."""
LINKED = 0.0
"""Points from which two records are linked."""
CERTAIN = 3.0
"""Points from which a link is certain: some twenty times likelier than not."""
POSSIBLE = -2.5
"""Points from which a pair that is not linked is offered to a person."""

_NAMES = {"people": "author", "copy": "everything"}
_RUNS_ON = 100
"""Page from which pages are counted through the volume and not from 1 in every issue."""
_NO_LETTER = 4
"""Pages from which a text is no letter."""
_TELLING = 3
"""Words from which a title is not taken for another field by chance."""
_TITLES_AGREE = frozenset({"long", "same", "near", "slip", "begins", "close"})


class Match(NamedTuple):
    """Two records are one report, or may be: how sure, by which fields, and what speaks against it."""

    certainty: str
    """``certain`` and ``likely`` are linked, ``possible`` is offered to a person."""
    rule: str
    """What decided: the fields that agree, joined by ``_``; or ``versions`` for preprint and article."""
    evidence: dict[str, Any]
    """``points``, ``levels`` (field -> level of agreement), and under ``contradicts``, where there is such, the
    identifiers and titles that speak against it with both values."""

    @property
    def points(self) -> float:
        """The sum of all points for and against."""
        points: float = self.evidence["points"]
        return points

    @property
    def linked(self) -> bool:
        """Whether the two are one report."""
        return self.certainty != "possible"

    @property
    def said(self) -> str:
        """The evidence in one line: ``title same, author same, year one apart; doi differ: 10.1/a, 10.1/b``."""
        found: dict[str, str] = self.evidence["levels"]
        told = [f"{_NAMES.get(name, name)} {level}" for name, level in found.items() if name != "place"]
        against = [f"{name}: {' / '.join(pair)}" for name, pair in self.evidence.get("contradicts", {}).items()]
        return "; ".join([", ".join(told), *against])


def levels(one: Fields, other: Fields) -> dict[str, str]:
    """Field -> level of agreement, for the fields that both records give."""
    return _levels(one, other, _titles(one, other))


def _levels(one: Fields, other: Fields, titles: str) -> dict[str, str]:
    volume, issue = place.volume_agreement(one.volume, other.volume)
    found = {
        "title": titles,
        "people": people.agreement(one.people, other.people),
        "year": _years(one.year, other.year),
        "journal": _journals(one, other),
        "volume": volume,
        "issue": issue,
        "pages": place.pages_agreement(one.pages, other.pages),
        "doi": place.equal(one.doi, other.doi),
        "pmid": place.equal(one.pmid, other.pmid),
        "abstract": _abstracts(one.abstract, other.abstract),
    }
    if (
        found["pages"] == "range"
        and found["volume"] == "same"
        and (issue != "differ" or place.first_shared(one.pages, other.pages) >= _RUNS_ON)
        and (found["people"] not in {"differ", "few"} or place.shared_pages(one.pages, other.pages) >= _NO_LETTER)
    ):
        # No two works of one author fill the same pages of one volume; of several authors only letters and replies do.
        found["place"] = "same"
    elif found["volume"] == "differ" and (found["pages"] == "differ" or found["year"] in {"one", "few", "differ"}):
        # Neither is a slip in one field.
        found["place"] = "differ"
    if titles == "crossed":
        for name in ("people", "journal"):
            found[name] = "missing" if found[name] == "differ" else found[name]
    if titles == "missing":
        # The abstract tells as much as the title that is not there.
        found["abstract"] = {"same": "instead", "differ": "another"}.get(found["abstract"], found["abstract"])
    return {name: level for name, level in found.items() if level != "missing"}


def compared(one: Fields, other: Fields) -> dict[str, str] | None:
    """The same as :func:`levels`; None where a rule or two different titles part the two whatever else agrees."""
    titles = _titles(one, other)
    return _levels(one, other, titles) if _may_match(one, other, titles) else None


def _may_match(one: Fields, other: Fields, titles: str) -> bool:
    """Whether more than the titles, which agree as far as ``titles`` says, need be looked at.

    A notice is not its article. Of two different titles only an identifier or the same pages may tell otherwise.
    """
    if one.notice != other.notice:
        return False
    if one.pmid and other.pmid and one.pmid != other.pmid and one.is_of_pubmed and other.is_of_pubmed:
        return False
    if (one.pmid and one.pmid == other.pmid) or (one.doi and one.doi == other.doi):
        return True
    return titles != "differ" or place.pages_agreement(one.pages, other.pages) == "range"


def points_of(found: Mapping[str, str]) -> float:
    """The sum of the points of ``found`` and of :data:`BEFORE`."""
    return BEFORE + sum([POINTS[name][level] for name, level in found.items()])


def decide(one: Fields, other: Fields) -> Match | None:
    """Whether the two are one report; None where nothing suggests it. Their order does not matter."""
    found = compared(one, other)
    if found is None:
        return None
    points = points_of(found)
    if (one.kind == "preprint") != (other.kind == "preprint") and found.get("pmid") != "same":
        # Another DOI, journal and year are what is expected of the two.
        return _match("possible", "versions", points, found, one, other) if _same_work(found) else None
    if points < LINKED and _are_copies(one, other, found):
        found["copy"] = "same"
        points = points_of(found)
    if points < POSSIBLE:
        return None
    certainty = _certainty(points, found, one, other)
    return _match(certainty, _rule(found), points, found, one, other)


def _certainty(points: float, found: Mapping[str, str], one: Fields, other: Fields) -> str:
    if points < LINKED:
        return "possible"
    if found.get("pmid") == "same":
        return "certain"
    if found.get("title") == "differ":
        return "possible"
    if found.get("journal") == "differ" and not _is_at_one_place(found):
        return "possible"
    if found.get("people") == "differ" and "same" not in {found.get("doi"), found.get("abstract"), found.get("place")}:
        return "possible"
    if found.get("pmid") == "differ" and found.get("doi") != "same":
        return "possible"
    if _elsewhere(found) or _is_reworded(found) or _is_of_another_year(found):
        return "possible"
    if "conference" in {one.kind, other.kind} and one.kind != other.kind and not _is_at_one_place(found):
        # An abstract and the paper that came of it; but databases call one text both.
        return "possible"
    if one.source and one.source == other.source and not _strong(found):
        return "possible"
    sure = (
        points >= CERTAIN
        and found.get("title") in {"long", "same", "near"}
        and "differ" not in {found.get("doi"), found.get("people")}
    )
    return "certain" if sure else "likely"


def _is_at_one_place(found: Mapping[str, str]) -> bool:
    """Whether more than title and people say that it is one publication: guidelines appear in several journals."""
    return "same" in {found.get("doi"), found.get("volume")} or found.get("pages") in {"range", "same"}


def _elsewhere(found: Mapping[str, str]) -> bool:
    """Whether other pages hold what has only nearly the same title: the next part, the same of another group."""
    if found.get("pages") != "differ" or found.get("abstract") in {"same", "instead"}:
        return False
    kind = found.get("title", "missing")
    # All abstracts of a supplement, or papers of an issue, may go by one DOI.
    return kind in {"crossed", "alike", "generic", "differ", "foreign", "missing", "begins", "close"} or (
        kind in {"near", "slip"} and found.get("doi") != "same"
    )


def _is_reworded(found: Mapping[str, str]) -> bool:
    """Whether the titles differ in a word, and nothing tells that it is a slip: *in Iran*, *in Iraq*; *fetal*, *fatal*."""
    if found.get("title") not in {"slip", "close"}:
        return False
    if "same" in {found.get("doi"), found.get("abstract")} or found.get("pages") in {"range", "same"}:
        return False
    one_issue = found.get("volume") == found.get("issue") == "same" or found.get("pages") == "start"
    return found.get("abstract") in {"differ", "alike"} or not one_issue


def _is_of_another_year(found: Mapping[str, str]) -> bool:
    """Whether, of two records of which one is untitled, the year speaks against what little there is."""
    if "title" in found or found.get("year", "same") == "same":
        return False
    return found.get("abstract") != "instead" and "same" not in {found.get("doi"), found.get("place")}


def _are_copies(one: Fields, other: Fields, found: Mapping[str, str]) -> bool:
    """Whether two records say the same in every field, which is little, but a title that tells the work."""
    return found.get("title") in {"long", "same"} and _unsourced(one) == _unsourced(other)


def _unsourced(one: Fields) -> Fields:
    return one._replace(source="", is_of_pubmed=False)


def _strong(found: Mapping[str, str]) -> bool:
    """Whether the evidence may join two ids of one database, which mostly knows its own duplicates."""
    return (
        found.get("title") in {"long", "same"}
        and found.get("year") == "same"
        and not any(
            found.get(name) in {"differ", "start", "alike"} for name in ("doi", "pages", "journal", "volume", "people")
        )
    )


def _same_work(found: Mapping[str, str]) -> bool:
    return (
        found.get("title") in {"long", "same", "near", "slip"}
        and found.get("people") in {"same", "first", "only"}
        and found.get("year") != "differ"
    )


def _rule(found: Mapping[str, str]) -> str:
    if found.get("pmid") == "same":
        return "pmid"
    if found.get("doi") == "same" and found.get("title", "missing") in {*_TITLES_AGREE, "missing", "short"}:
        return "doi"
    agreed = [name for name, level in found.items() if POINTS[name][level] > 0 and name != "place"]
    return "_".join(
        "author" if name == "people" else name
        for name in agreed
        if name in {"title", "year", "people", "doi", "pages", "abstract"}
    )


def _match(certainty: str, rule: str, points: float, found: Mapping[str, str], one: Fields, other: Fields) -> Match:
    against = {
        name: sorted(pair)
        for name, pair in {"pmid": (one.pmid, other.pmid), "doi": (one.doi, other.doi)}.items()
        if found.get(name) == "differ"
    }
    if found.get("title") in {"differ", "foreign"}:
        against["title"] = sorted(there.title.forms[0] for there in (one, other))
    evidence: dict[str, Any] = {"points": points, "levels": dict(found)}
    return Match(certainty, rule, {**evidence, "contradicts": against} if against else evidence)


def _titles(one: Fields, other: Fields) -> str:
    journals = (one.journal[0] if one.journal else "", other.journal[0] if other.journal else "")
    found = title.agreement(one.title, other.title, *journals)
    if found not in {"alike", "foreign", "differ"}:
        return found
    # Many pairs come as far as this; fields that changed places are looked for where something else is the same.
    known = place.equal(one.doi, other.doi) == "same" or place.pages_agreement(one.pages, other.pages) == "range"
    if not known:
        return found
    if _are_crossed(one, other) or _are_crossed(other, one):
        return "crossed"
    # The name of a part of the journal, or its own, stands for a title that is not told.
    of_part = title.is_generic(one.title.forms[0], journals[0]) != title.is_generic(other.title.forms[0], journals[1])
    return "missing" if of_part and people.same_name(one.byline.first, other.byline.first) else found


def _are_crossed(one: Fields, other: Fields) -> bool:
    """Whether the other has the title of one for its journal or its authors, and the other way round.

    One way is not enough: chapters give as their journal what is the title of their book.
    """
    words, instead = place.telling_words(one.title.forms[0]), place.telling_words(other.title.forms[0])
    if len(words) < _TELLING:
        return False
    if one.journal and other.journal and words == place.telling_words(other.journal[0]):
        return instead == place.telling_words(one.journal[0])
    if one.byline.first in instead and words == place.telling_words(" ".join(chain.from_iterable(other.people))):
        return all(family in instead for family, _ in one.people)
    return False


def _years(one: int, other: int) -> str:
    if not one or not other:
        return "missing"
    apart = abs(one - other)
    return ("same", "one", "few", "few")[apart] if apart <= 3 else "differ"


def _journals(one: Fields, other: Fields) -> str:
    if one.serials & other.serials:
        return "same"
    return place.journal_agreement(*sorted((one.journal, other.journal)))


@lru_cache(maxsize=20_000)
def _abstracts(one: str, other: str) -> str:
    length = min(len(one), len(other))
    if length < 60:
        return "missing"
    share = fuzz.ratio(one[:length], other[:length], score_cutoff=45)
    if 45 < share < 80:
        # One begins later: with a label, a copyright line, another first sentence.
        share = max(
            share,
            fuzz.partial_ratio(one[:120], other, score_cutoff=75),
            fuzz.partial_ratio(other[:120], one, score_cutoff=75),
        )
    return "same" if share >= 90 else "alike" if share >= 75 else "differ"


def is_another_work(known: Record, given: Record) -> bool:
    """Whether ``given`` is plainly no later version of ``known``, although its source gave both the same id.

    Only what cannot be the same is: another title, no identifier in common, and not the same author and year.
    """
    before, now = of_record(known), of_record(given)
    if title.agreement(before.title, now.title) not in {"differ", "foreign"}:
        return False
    if (now.pmid and before.pmid == now.pmid) or (now.doi and before.doi == now.doi):
        return False
    if known.other_ids.items() & given.other_ids.items():
        return False
    first = before.byline.first and now.byline.first and people.same_name(before.byline.first, now.byline.first)
    return not (first and known.year == given.year)
