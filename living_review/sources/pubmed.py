"""PubMed through its E-utilities: the whole result of a search, and the records of given ids.

It promises that what is delivered is what was promised: as many ids as PubMed counts, each once, however many
(PubMed hands out 9,999 a query, so larger results are asked for by ranges of PMID, which tile the result exactly); and
for every id a record, or the id named as missing. Anything else is IncompleteSearch, never a smaller result.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from living_review.errors import IncompleteSearch, SourceUnavailable, UsageError
from living_review.records import Record
from living_review.sources.entrez import Entrez, RawResponse, Store
from living_review.sources.esearch import NOTHING_FOUND, SearchPage, SearchWarning, read_search
from living_review.sources.medline import Deleted, parse_articles

__all__ = ["FetchedBatch", "PubMedClient", "RawResponse", "SearchPage", "SearchResult", "SearchWarning", "collect_ids"]

WINDOW = 9_999
"""Ids PubMed hands out for one query (since November 2022; a page that straddles it is cut without notice)."""
HIGHEST_PMID = 99_999_999
"""A PMID has one to eight digits (NLM, MEDLINE/PubMed data element descriptions)."""
_FILLED = 0.95
"""Share of a window that is planned for where ids came or went among the known ones, so that some more cost no further
request. Where as many are known as there are, windows are planned full."""
_SEARCHES = 3
"""How often a search is repeated from the start when its counts move under it."""
_SEARCH_ROOT = frozenset({"eSearchResult"})
_FETCH_ROOTS = frozenset({"PubmedArticleSet", "PubmedBookArticleSet"})


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One complete run of one search."""

    query: str
    """As sent."""
    query_translation: str
    """What PubMed made of it; a change between two runs means the search itself changed."""
    count: int
    """What PubMed promised; equal to the number of ids."""
    ids: tuple[str, ...]
    """Ascending by number, each once."""
    warnings: tuple[SearchWarning, ...]
    started_at: datetime
    finished_at: datetime
    requests: int
    """Answers used, those of repeated runs too."""
    responses: tuple[str, ...]
    """Digests of the raw answers, in order."""


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """What became of one batch of ids; ``records``, ``missing`` and ``deleted`` together are ``asked``."""

    asked: tuple[str, ...]
    records: tuple[Record, ...]
    """In the order asked for."""
    missing: tuple[str, ...]
    """Left out by PubMed, also when asked for again: deleted, merged into another record, or never there."""
    deleted: tuple[str, ...]
    """Named by PubMed as deleted."""
    responses: tuple[str, ...]
    """Digests of the raw answers."""


@dataclass
class _Run:
    """The answers of one search so far."""

    store: Store
    responses: list[str] = field(default_factory=list)
    warnings: dict[SearchWarning, None] = field(default_factory=dict)


class PubMedClient(Entrez):
    """PubMed; see :class:`~living_review.sources.entrez.Entrez` for how it is made."""

    def search(self, query: str, store: Store, known: Collection[str] = ()) -> SearchResult:
        """Runs the whole search and returns every id.

        Args:
            query: A PubMed search, sent as it is.
            store: Gets every raw answer before it is read.
            known: PMIDs that the run before found. They save requests where the result is larger than PubMed hands out
                at once (one for 9,999 ids in all if none of them came or went) and have no part in what the result is.

        Raises:
            UsageError: If the query is blank.
            IncompleteSearch: If the ids are not what PubMed promised, three times over.
            SourceUnavailable: If PubMed does not answer.
            ServiceRefused: If PubMed will not answer this.
        """
        if not query.strip():
            raise UsageError("the search is empty", "PubMed", "write a query in review.yaml")
        run = _Run(store)
        started = self.clock()
        for left in reversed(range(_SEARCHES)):
            run.warnings.clear()
            try:
                page, ids = self._search_once(query, run, known)
            except IncompleteSearch:
                if not left:
                    raise
            else:
                break
        return SearchResult(
            query=query,
            query_translation=page.query_translation,
            count=page.count,
            ids=ids,
            warnings=tuple(run.warnings),
            started_at=started,
            finished_at=self.clock(),
            requests=len(run.responses),
            responses=tuple(run.responses),
        )

    def look(self, query: str, store: Store) -> SearchPage:
        """How many records a query finds, what PubMed made of it and what it warns of; the newest id at most.

        Raises:
            SourceUnavailable: If PubMed does not answer.
            ServiceRefused: If PubMed will not answer this.
        """
        parameters = {"db": "pubmed", "term": query, "retmax": "1", "usehistory": "y"}
        page, _raw = self.ask("esearch", parameters, _SEARCH_ROOT, _read_page, store)
        return page

    def finds_anything(self, store: Store) -> bool:
        """Whether a search of all of PubMed finds records: a service that finds none of them proves nothing by a zero.

        Raises:
            SourceUnavailable: If PubMed does not answer.
            ServiceRefused: If PubMed will not answer this.
        """
        return self.look("all[sb]", store).count > 0

    def fetch(self, ids: Sequence[str], store: Store, batch_size: int = 200) -> Iterator[FetchedBatch]:
        """The records of ``ids``, batch by batch, matched by PMID. An id given twice is asked for once.

        Args:
            ids: PMIDs.
            store: Gets every raw answer before it is read.
            batch_size: Ids a request.

        Raises:
            UsageError: If an id is no PMID; before anything is asked.
            IncompleteSearch: If PubMed delivers what was not asked for, or two different records for one id.
            SourceUnavailable: If PubMed does not answer.
            ServiceRefused: If PubMed will not answer this.
        """
        for pmid in ids:
            if not re.fullmatch("[1-9][0-9]{0,9}", pmid):
                raise UsageError(f"{pmid[:40]!r} is no PMID", "PubMed", "give numbers such as 33717499")
        wanted = tuple(dict.fromkeys(ids))
        return (
            self._fetch_batch(wanted[start : start + batch_size], store) for start in range(0, len(wanted), batch_size)
        )

    def _search_once(self, query: str, run: _Run, known: Collection[str]) -> tuple[SearchPage, tuple[str, ...]]:
        whole = self._page(query, run)
        if whole.count <= WINDOW:
            ids = list(whole.ids)
        else:
            ids = collect_ids(
                lambda low, high: self._page(f"( {query} ) AND {low}:{high}[UID]", run, part=True),
                newest=max(map(int, whole.ids)),
                window=WINDOW,
                whole=whole,
                known=known,
            )
        if len(ids) != whole.count or len(set(ids)) != whole.count:
            raise IncompleteSearch(
                f"{whole.count} records were promised and {len(set(ids))} different ids delivered",
                "PubMed",
                "run the search again later; nothing of this run is used",
            )
        return whole, tuple(sorted(ids, key=int))

    def _page(self, term: str, run: _Run, part: bool = False) -> SearchPage:
        parameters = {"db": "pubmed", "term": term, "retmax": str(WINDOW), "usehistory": "y"}
        page, raw = self.ask("esearch", parameters, _SEARCH_ROOT, _read_page, run.store)
        run.responses.append(raw.digest)
        for warning in page.warnings:
            # That one range of ids holds nothing says nothing about the search.
            if not (part and warning.text == NOTHING_FOUND):
                run.warnings[warning] = None
        return page

    def _fetch_batch(self, asked: tuple[str, ...], store: Store) -> FetchedBatch:
        records, deleted, responses = self._fetch_once(asked, store)
        if missing := tuple(pmid for pmid in asked if pmid not in records and pmid not in deleted):
            # Once more and by themselves: a server in trouble leaves out records that exist.
            more, more_deleted, more_responses = self._fetch_once(missing, store)
            records |= more
            deleted |= more_deleted
            responses += more_responses
        deleted -= records.keys()
        return FetchedBatch(
            asked=asked,
            records=tuple(records[pmid] for pmid in asked if pmid in records),
            missing=tuple(pmid for pmid in asked if pmid not in records and pmid not in deleted),
            deleted=tuple(pmid for pmid in asked if pmid in deleted),
            responses=responses,
        )

    def _fetch_once(self, asked: tuple[str, ...], store: Store) -> tuple[dict[str, Record], set[str], tuple[str, ...]]:
        parameters = {"db": "pubmed", "id": ",".join(asked), "retmode": "xml"}
        entries, raw = self.ask("efetch", parameters, _FETCH_ROOTS, lambda body: list(parse_articles(body)), store)
        records: dict[str, Record] = {}
        for entry in entries:
            if entry.pmid not in asked:
                if isinstance(entry, Deleted):
                    continue  # PubMed deleted something this review never asked about
                raise IncompleteSearch(
                    f"PubMed delivered {entry.pmid}, which was not asked for", "efetch", "run the search again later"
                )
            if isinstance(entry, Record):
                records[entry.pmid] = _newer(records.get(entry.pmid), entry)
        return records, {entry.pmid for entry in entries if isinstance(entry, Deleted)} & set(asked), (raw.digest,)


def collect_ids(
    ask: Callable[[int, int], SearchPage],
    newest: int,
    window: int = WINDOW,
    whole: SearchPage | None = None,
    known: Collection[str] = (),
) -> list[str]:
    """Every id of a search, asked for by ranges of PMID that tile 1 to ``HIGHEST_PMID``, each at most ``window`` ids.

    Args:
        ask: The page of the search between two PMIDs, both included.
        newest: The highest PMID seen so far: where the ids end, as a first guess; what is above is asked for too.
        window: Ids a page can hold.
        whole: The page of the whole search. The last range is not asked for where this page must hold all of it: as
            many ids as the whole counts beyond those of all other ranges.
        known: PMIDs that an earlier run found; with ``whole`` they tell where to part the ranges.

    Raises:
        IncompleteSearch: If a page holds other than it counts, ids outside its range, or more for one PMID than a page.
    """
    newest = min(max(newest, 1), HIGHEST_PMID - 1)
    ends = _ends(whole, known, window) if whole else []
    ends = [*(ends or [newest]), HIGHEST_PMID]
    ids: list[str] = []
    ranges = [(low + 1, high) for low, high in zip([0, *ends], ends, strict=False)][::-1]
    while ranges:
        low, high = ranges.pop()
        if whole and not ranges:
            inside = [pmid for pmid in whole.ids if low <= int(pmid) <= high]
            if len(inside) == whole.count - len(ids):
                return ids + inside
        page = ask(low, high)
        if page.count > window and low < high:
            middle = (low + high) // 2
            ranges += [(middle + 1, high), (low, middle)]
        elif page.count != len(page.ids) or not all(low <= int(pmid) <= high for pmid in page.ids):
            raise IncompleteSearch(
                f"between PMID {low} and {high} {page.count} records were promised and other ids delivered",
                "PubMed",
                "run the search again later; nothing of this run is used",
            )
        else:
            ids += page.ids
    return ids


def _ends(whole: SearchPage, known: Collection[str], window: int) -> list[int]:
    """Where all ranges but the last end, ascending: each holds nearly a window of ids, the last only ids of the page.

    What was never seen is taken to be older than all that was, as PubMed shows the newest first. A wrong guess costs
    requests, never ids.
    """
    shown = set(map(int, whole.ids))
    likely = sorted(shown | {int(pmid) for pmid in known if pmid.isdecimal() and 0 < int(pmid) < HIGHEST_PMID})
    hidden = [pmid for pmid in likely if pmid not in shown]
    step = window if len(likely) == whole.count else max(1, int(window * _FILLED))
    below = bisect_right(likely, hidden[-1]) if hidden else 0
    places = [max(0, step - max(0, whole.count - len(likely)))]
    while places[-1] < below:
        places.append(places[-1] + step)
    ends = {likely[min(place, len(likely)) - 1] if place else likely[0] - 1 for place in places}
    return sorted(end for end in ends if 0 < end < HIGHEST_PMID)


def _read_page(body: bytes) -> SearchPage:
    page = read_search(body)
    if not page.has_history:
        raise SourceUnavailable("the search result has no history that was asked for", "esearch", "try again later")
    if page.count and not page.ids:
        raise SourceUnavailable(f"the search result counts {page.count} and lists none", "esearch", "try again later")
    return page


def _newer(one: Record | None, other: Record) -> Record:
    """Of two versions of a record the later; the same twice is one."""
    if one is None or one == other:
        return other
    versions = [
        int(version) if version.isdecimal() else 1 for version in (r.notes.get("Version", "1") for r in (one, other))
    ]
    if versions[0] == versions[1]:
        raise IncompleteSearch(
            f"PubMed delivered two different records for {other.pmid}", "efetch", "run the search again later"
        )
    return one if versions[0] > versions[1] else other
