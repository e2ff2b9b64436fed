"""A run that was killed goes on with what it was answered; the end is that of a run never killed."""

from __future__ import annotations

import os
import random
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from infra.local.pubmed import LocalPubMed
from living_review.errors import SourceUnavailable
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.review import Review
from living_review.steps import asking
from living_review.steps.dedupe import dedupe
from living_review.steps.queue import queue
from living_review.steps.search import search
from living_review.steps.search_log import log_of
from living_review.steps.watch import watch
from tests.integration import killed_run
from tests.integration.small_world import article, make_review, pubmed_of, rows

pytestmark = pytest.mark.server

RECORDS = 450


class Killed(BaseException):
    """The process ends here: nothing after it runs, not even what notes a failure."""


@pytest.fixture
def pubmed() -> Iterator[LocalPubMed]:
    with pubmed_of(*(article(number) for number in range(1, RECORDS + 1))) as server:
        yield server


@pytest.fixture
def review(ledger, clock, tmp_path: Path, pubmed) -> Review:
    return make_review(tmp_path, ledger, clock, entrez_url=pubmed.url)


def killed_after(answers: int, monkeypatch: pytest.MonkeyPatch, step: Any, review: Review) -> None:
    """Run ``step`` and end it once so many answers are kept."""
    kept = iter(range(1, answers + 1))
    right = asking.Keeper.__call__

    def keep(self: asking.Keeper, response: Any) -> None:
        right(self, response)
        if next(kept) == answers:
            raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(asking.Keeper, "__call__", keep)
        step(review)


def asked(pubmed: LocalPubMed) -> list[str]:
    return [request.utility for request in pubmed.requests]


@pytest.mark.parametrize("answers", [1, 2, 3, 4])
def test_what_is_kept_is_not_asked_for_again(review, pubmed, clock, monkeypatch, answers):
    killed_after(answers, monkeypatch, search, review)
    assert rows(review, t.search) == [] == rows(review, t.record)
    began = rows(review, t.search_answer)[0]["at"].replace(microsecond=0)
    clock.forward(hours=1)
    before = len(pubmed.requests)
    assert before == answers
    assert search(review).parts == {"new": RECORDS, "known": 0}
    assert asked(pubmed) == ["esearch", "efetch", "efetch", "efetch"]
    (run,) = rows(review, t.search)
    assert (run["run"], run["counts"]["requests"]) == (0, 4)
    assert run["started_at"].replace(microsecond=0) == began
    # Nothing that came after the earliest answer is sure to be found: that is the date of the search.
    [told] = log_of(review)["sources"][0]["runs"]
    assert told["searched_at"] == began.isoformat().replace("+00:00", "Z")
    assert len(rows(review, t.search_answer)) == 4
    # The next run asks PubMed itself.
    search(review)
    assert asked(pubmed)[4:] == ["esearch"]
    assert [row["run"] for row in rows(review, t.search_answer)] == [0, 0, 0, 0, 1]


def test_an_answer_of_yesterday_is_asked_for_again(review, pubmed, clock, monkeypatch):
    killed_after(2, monkeypatch, search, review)
    clock.forward(hours=asking.RESUMED_WITHIN / timedelta(hours=1) + 1)
    search(review)
    assert len(pubmed.requests) == 2 + 4


def test_after_an_outage_the_run_goes_on_where_it_was(review, pubmed):
    pubmed.faults.always("503", on="efetch", after=2)
    with pytest.raises(SourceUnavailable):
        search(review)
    pubmed.faults.clear()
    before = len(pubmed.requests)
    assert search(review).parts["new"] == RECORDS
    assert asked(pubmed)[before:] == ["efetch"]
    failed, run = rows(review, t.search)
    assert (failed["state"], run["state"], run["run"], run["counts"]["requests"]) == ("failed", "complete", 1, 4)


def test_after_a_run_that_delivered_less_everything_is_asked_anew(review, pubmed):
    pubmed.faults.always("missing:7", on="efetch")
    with pytest.raises(Exception, match="has none for 1"):
        search(review)
    pubmed.faults.clear()
    before = len(pubmed.requests)
    assert search(review).parts["new"] == RECORDS
    assert asked(pubmed)[before:] == ["esearch", "efetch", "efetch", "efetch"]


def test_a_watch_goes_on_too(review, pubmed, monkeypatch):
    search(review)
    dedupe(review)
    queue(review)
    before = len(pubmed.requests)
    killed_after(2, monkeypatch, watch, review)
    assert watch(review).parts == {"unchanged": RECORDS, "changed": 0, "not_delivered": 0}
    assert asked(pubmed)[before:] == ["efetch", "efetch", "efetch"]


# Killed from outside, at any moment

SEEDS = range(int(os.environ.get("LIVING_REVIEW_KILL_SEEDS", "3")))


def state_of(address: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but of searches only the first: a refresh that was killed behind its search searches anew.

    What PubMed answered to a search holds a number of its own each time, and is left out.
    """
    ledger = Ledger(address)
    with ledger.read("r1", datetime.now(UTC)) as tx:
        tables = t.metadata.sorted_tables
        found = {one.name: tx.rows(sa.select(one).order_by(*one.primary_key.columns)) for one in tables}
    ledger.close()
    _renumber(found)
    for later in found["search"][1:]:
        assert (later["state"], later["counts"]["new"], later["warnings"]) == ("complete", 0, [])
    # A server may end the transaction of a client that is dead, so that the next one finds itself behind it.
    del found["search"][1:]
    found["search_answer"] = [row for row in found["search_answer"] if row["run"] == 0]
    for row in found["search_answer"]:
        row["sha256"] = "" if row["request"].startswith("esearch") else row["sha256"]
    found["raw_response"] = sorted(
        (row for row in found["raw_response"] if b"eSearchResult" not in zlib.decompress(row["body"])),
        key=itemgetter("sha256"),
    )
    return found


def _renumber(found: dict[str, list[dict[str, Any]]]) -> None:
    """Count ids from 1: PostgreSQL does not give a number twice, not even one of a transaction that never was."""
    rank = {
        table: {one: place for place, one in enumerate(sorted(row["id"] for row in rows), 1)}
        for table, rows in found.items()
        if rows and "id" in rows[0]
    }
    for name, table in t.metadata.tables.items():
        names = {key.parent.name: key.column.table.name for key in table.foreign_keys if key.column.name == "id"}
        names |= {"id": name} if name in rank else {}
        for row in found[name]:
            row.update({column: rank[of][row[column]] for column, of in names.items() if row[column] is not None})


@pytest.fixture(scope="module")
def never_killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalPubMed, dict[str, Any], float]]:
    """A PubMed, what a refresh from it leaves in a ledger, and how many seconds it takes."""
    folder = tmp_path_factory.mktemp("never-killed")
    address = f"sqlite:///{folder / 'ledger.sqlite'}"
    with pubmed_of(*(article(number) for number in range(1, RECORDS + 1))) as pubmed:
        began = time.monotonic()
        process = killed_run.started(address, folder, pubmed.url)
        process.join(60)
        assert process.exitcode == 0
        yield pubmed, state_of(address), time.monotonic() - began


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_that_is_killed_again_and_again_ends_as_one_that_never_was(never_killed, ledger_address, tmp_path, seed):
    pubmed, expected, seconds = never_killed
    chance = random.Random(seed)
    for _kill in range(3):
        process = killed_run.started(ledger_address, tmp_path, pubmed.url)
        time.sleep(chance.uniform(0, seconds))
        process.kill()
        process.join(30)
    process = killed_run.started(ledger_address, tmp_path, pubmed.url)
    process.join(60)
    assert process.exitcode == 0
    assert state_of(ledger_address) == expected
