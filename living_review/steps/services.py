"""Services: whether what a review needs answers as it should; every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from living_review.errors import LivingReviewError, SourceUnavailable, UsageError
from living_review.notices import is_address
from living_review.protocol import FileSearch, PubMedSearch
from living_review.review import Review
from living_review.settings import secret
from living_review.sources.entrez import RawResponse
from living_review.sources.entries import counted
from living_review.sources.esearch import NOTHING_FOUND, SearchWarning
from living_review.steps.asking import pubmed_client
from living_review.steps.import_files import from_folder
from living_review.steps.object_store import open_store
from living_review.steps.status import status
from living_review.strategy import Finding, StrategyLine, lint
from living_review.strategy import lines as strategy_lines


@dataclass(frozen=True)
class ServiceCheck:
    """What one service answered."""

    service: str
    ok: bool
    text: str


def check_services(review: Review) -> Iterator[ServiceCheck]:
    """Ask the database, PubMed, the object store and the settings of notices, one after another."""
    yield _ledger(review)
    for search in review.protocol.searches:
        if isinstance(search, PubMedSearch):
            found = lint(search.query)
            yield from _strategy(search, found)
            yield _pubmed(review, search, any(one.is_wrong for one in found))
        else:
            yield _inbox(review, search)
    yield _store(review)
    yield from _notices(review)


def _ledger(review: Review) -> ServiceCheck:
    try:
        found = status(review)
    except LivingReviewError as error:
        return ServiceCheck("ledger", False, str(error))
    return ServiceCheck("ledger", True, f"{review.ledger.where} ok, {counted(found['records'], 'record')}")


def _strategy(search: PubMedSearch, found: list[Finding]) -> Iterator[ServiceCheck]:
    name = f"strategy {search.name}"
    for one in found:
        yield ServiceCheck(name, not one.is_wrong, f"line {one.line}: {one.text}" if one.line else one.text)
    if not found:
        yield ServiceCheck(name, True, "nothing to mend in brackets, tags, operators and truncation")


@dataclass(frozen=True)
class LineCount:
    """What PubMed finds for one line of a strategy."""

    line: StrategyLine
    count: int
    warnings: tuple[str, ...]


def line_counts(review: Review, search: PubMedSearch) -> Iterator[LineCount]:
    """Ask PubMed for each line of a strategy, one after another; the last is the whole.

    Raises:
        UsageError: If the strategy cannot be taken apart.
        SourceUnavailable, ServiceRefused: If PubMed does not answer or will not.
    """
    try:
        lines = strategy_lines(search.query)
    except ValueError as error:
        raise UsageError(str(error), f"search {search.name}", "mend what is told of the strategy") from error
    with pubmed_client(review) as client:
        for line in lines:
            page = client.look(line.query, lambda _response: None)
            yield LineCount(line, page.count, tuple(_said_of(line, page.count, page.warnings)))


def _said_of(line: StrategyLine, count: int, warnings: Iterable[SearchWarning]) -> Iterator[str]:
    """What PubMed says of a term, and a zero; of lines that are joined it has been said at their terms."""
    if line.is_joined:
        return
    is_told = False
    for one in warnings:
        if line.is_heading and one.kind == "quoted_phrase_not_found":
            yield "PubMed has no such heading"
        elif one.text != NOTHING_FOUND:
            yield f"{one.kind.replace('_', ' ')}: {one.text}"
        is_told |= one.text != NOTHING_FOUND
    if not count and not is_told:
        yield "PubMed finds nothing: check the spelling" + (", or PubMed has no such filter" if line.is_filter else "")


def _pubmed(review: Review, search: PubMedSearch, is_wrong: bool) -> ServiceCheck:
    name = f"search {search.name}"
    asked = 0

    def count(_response: RawResponse) -> None:
        nonlocal asked
        asked += 1

    try:
        with pubmed_client(review) as client:
            result = client.search(search.query, count)
    except LivingReviewError as error:
        is_passing = isinstance(error, SourceUnavailable)
        # Of some mistakes PubMed says what it says of an outage.
        mend = (
            f"{error.what}, {error.where}, mend the strategy, then try again" if is_wrong and is_passing else str(error)
        )
        return ServiceCheck(name, False, mend)
    if result.warnings:
        said = "; ".join(f"{one.kind.replace('_', ' ')}: {one.text}" for one in result.warnings)
        return ServiceCheck(name, False, f"PubMed finds {result.count:,} and warns: {said}")
    if not result.count:
        return ServiceCheck(name, False, "PubMed finds nothing: check the query's terms and tags")
    unknown = "" if review.settings.ncbi_email else "; NCBI asks for an address: set NCBI_EMAIL"
    return ServiceCheck(
        name, True, f"PubMed finds {counted(result.count, 'record')} in {counted(asked, 'request')}{unknown}"
    )


def _inbox(review: Review, search: FileSearch) -> ServiceCheck:
    name = f"search {search.name}"
    if search.inbox.startswith("s3://"):
        try:
            keys = open_store(review.settings, search.inbox).list("")
        except LivingReviewError as error:
            return ServiceCheck(name, False, str(error))
        return ServiceCheck(name, True, f"{search.inbox} holds {counted(len(keys), 'file')}")
    folder = review.folder / search.inbox
    if not folder.is_dir():
        return ServiceCheck(name, True, f"the inbox {folder} does not exist yet; files put there will be taken over")
    try:
        number = len(from_folder(review, search))
    except LivingReviewError as error:
        return ServiceCheck(name, False, str(error))
    return ServiceCheck(name, True, f"the inbox {folder} holds {counted(number, 'file')}")


def _store(review: Review) -> ServiceCheck:
    try:
        store = open_store(review.settings)
        found = store.probe()
    except LivingReviewError as error:
        return ServiceCheck("store", False, str(error))
    return ServiceCheck("store", found.safe or review.settings.sole_publisher, f"{store.address}: {found.sentence}")


def _notices(review: Review) -> Iterator[ServiceCheck]:
    for entry in review.protocol.notify:
        for to in entry.to:
            if is_address(to):
                yield ServiceCheck(
                    "notices", True, "an address is written in review.yaml; a named secret would hide it"
                )
            elif secret(to) is None:
                variable = f"LIVING_REVIEW_SECRET_{to.upper()}"
                yield ServiceCheck(
                    "notices", False, f"the recipient {to} has no address, set {variable} to an Apprise URL"
                )
            else:
                yield ServiceCheck("notices", True, f"{to} has an address")
