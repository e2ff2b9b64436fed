"""Asking PubMed for a review: at the pace of the whole machine, every answer kept as it comes, none asked for twice.

A run that is killed leaves its answers behind. The next run of the same search goes on with them: it gets each from the
ledger, in the order it came, until they are used up, and asks PubMed for the rest. So a result is put together from
answers of one search within few hours, checked as a whole like any other.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from platformdirs import user_cache_dir

from living_review import __version__
from living_review.errors import LivingReviewError, SourceUnavailable
from living_review.ledger.searches import Searches, SearchRun
from living_review.review import Review
from living_review.sources.entrez import RawResponse
from living_review.sources.pubmed import PubMedClient
from living_review.sources.rate_limit import RATE_WITH_KEY, RATE_WITHOUT_KEY, RateLimiter

PLATFORM = "PubMed (NCBI E-utilities)"
UNAVAILABLE = "unavailable"
"""Kind of the warning of a run that failed as the source did not answer: what it had answered before is used again."""

RESUMED_WITHIN = timedelta(hours=6)
"""How long an answer may be kept for a run to go on with: a search that stretches over days has no date."""


class Keeper:
    """Keeps raw answers as they come, before anything is made of them, and gives those that an ended process left.

    Args:
        review: The review.
        source: Name of its search.
        kind: ``pubmed`` or ``watch``.
    """

    def __init__(self, review: Review, source: str, kind: str) -> None:
        self._review, self._source, self._kind = review, source, kind
        self.used = 0
        """Answers used by this run, those that an earlier process got among them."""
        self.began: datetime | None = None
        """When the earliest answer used came that an earlier process got; none where there is none."""
        with review.read() as tx:
            searches = Searches(tx)
            self.run = searches.next_run(source, kind)
            """The number of this run."""
            left = [one for number in self._open_runs(searches) for one in searches.answers(source, kind, number)]
        self._own = {one["id"] for one in left if one["run"] == self.run}
        self._left: dict[str, deque[dict[str, object]]] = defaultdict(deque)
        taken = {(one["request"], one["sha256"]): one["id"] for one in left}
        for one in left:
            # What an earlier process took over from a run before is there twice; the later copy counts.
            is_last = taken[one["request"], one["sha256"]] == one["id"]
            if is_last and review.now() - one["at"] <= RESUMED_WITHIN:
                self._left[one["request"]].append(one)

    def _open_runs(self, searches: Searches) -> list[int]:
        """This run, and those right before it that ended as PubMed was silent."""
        ended = [row for row in searches.runs((self._kind,)) if row["source"] == self._source]
        numbers = [self.run]
        for row in reversed(ended):
            if row["state"] != "failed" or row["warnings"][0]["kind"] != UNAVAILABLE:
                break
            numbers.append(row["run"])
        return numbers[::-1]

    def __call__(self, response: RawResponse) -> None:
        """Keep one answer."""
        self._keep(response)
        self.used += 1

    def recall(self, request: str) -> RawResponse | None:
        """The next answer to ``request`` that is left, once."""
        if not self._left.get(request):
            return None
        one = self._left[request].popleft()
        with self._review.read() as tx:
            body = Searches(tx).response(str(one["sha256"]))
        at = one["at"]
        assert isinstance(at, datetime)  # noqa: S101 - what the table's type says
        response = RawResponse(request=request, media_type="text/xml", body=body, at=at)
        if one["id"] not in self._own:
            self._keep(response)
        self.began = min(self.began or at, at)
        self.used += 1
        return response

    def note_failure(self, query: str, started: datetime, error: LivingReviewError, kind: str = "failed") -> None:
        """Keep the run as one that failed: its answers, and why.

        What was answered before a service fell silent is as good as ever; after any other failure all is asked anew.
        """
        if isinstance(error, SourceUnavailable):
            kind = UNAVAILABLE
        with self._review.write() as tx:
            Searches(tx).add(
                SearchRun(
                    source=self._source,
                    kind=self._kind,
                    run=self.run,
                    platform=PLATFORM,
                    query=query,
                    translation="",
                    promised=0,
                    delivered=0,
                    state="failed",
                    started_at=started,
                    finished_at=tx.at,
                    warnings=[{"kind": kind, "text": str(error)}],
                    counts={"new": 0, "known": 0, "gone": 0, "requests": self.used},
                ),
                protocol_digest=self._review.protocol.digest,
                tool_version=__version__,
            )

    def _keep(self, response: RawResponse) -> None:
        with self._review.write() as tx:
            Searches(tx).keep_answer(
                self._source, self._kind, self.run, response.request, response.body, response.media_type
            )


def pubmed_client(review: Review, recall: Callable[[str], RawResponse | None] | None = None) -> PubMedClient:
    """A client for the review's PubMed that keeps to NCBI's request rate with every other process of this machine."""
    settings = review.settings
    rate = None
    if settings.entrez_is_ncbi:
        rate = RATE_WITH_KEY if settings.ncbi_api_key.get_secret_value().strip() else RATE_WITHOUT_KEY
    folder = Path(settings.rate_folder) if settings.rate_folder else Path(user_cache_dir("living-review"))
    return PubMedClient(
        base_url=settings.entrez_url,
        email=settings.ncbi_email,
        api_key=settings.ncbi_api_key,
        limiter=RateLimiter(folder, rate),
        recall=recall or (lambda _request: None),
        clock=review.now,
        attempts=settings.entrez_attempts,
        wait_initial=settings.entrez_wait_s,
    )
