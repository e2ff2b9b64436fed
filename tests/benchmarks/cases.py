"""What is measured, each in a process of its own: ``python -m tests.benchmarks.cases NAME KEY=VALUE...`` prints JSON.

A case gives ``parts`` (name -> wall and CPU seconds) and ``facts`` (name -> number or text).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.made_up import add_found, change_charted, fill_charting, fill_screening, record, reviewing
from tests.benchmarks.stopwatch import Stopwatch

Result = dict[str, Any]


def search_step(folder: str, pubmed: str) -> int:
    """The search step alone; how many new records it brought."""
    from living_review.steps.search import search

    with reviewing(Path(folder), pubmed) as review:
        review.ledger.migrate()
        return search(review).parts["new"]


def refresh_direct(folder: str, pubmed: str) -> Result:
    """A refresh without Prefect, part by part."""
    watch = Stopwatch()
    with watch.part("imports"):
        from flows.order import run_in_order
        from living_review.sources import entrez
        from living_review.sources import pubmed as client
        from living_review.steps import check_incoming, search
        from tasks.steps import STEPS
    watch.inside(entrez.Entrez, "_once", "fetch (HTTP)")
    watch.inside(client, "parse_articles", "parse", list)
    watch.inside(client, "_read_page", "read search result")
    watch.inside(search.Keeper, "__call__", "keep raw responses")
    plain = check_incoming.check_incoming

    def check(review: Any, validate: Any) -> Any:
        def timed(frame: Any) -> Any:
            with watch.part("imports of Great Expectations"):
                from expectations.run import load

                load()
            with watch.part("check: Great Expectations"):
                return validate(frame)

        return plain(review, timed)

    check_incoming.check_incoming = check

    def step(name: str) -> dict[str, Any]:
        with watch.part({"search": "ledger: search and records"}.get(name, name)):
            return STEPS[name](review).to_dict()

    whole = Stopwatch()
    with reviewing(Path(folder), pubmed) as review:
        review.ledger.migrate()
        with whole.part("whole refresh"):
            accounts = run_in_order(review, "refresh", step)
    return {"parts": {**watch.parts(), **whole.parts()}, "facts": _found(accounts)}


def refresh_prefect(folder: str) -> Result:
    """A refresh as a Prefect flow; the server and PubMed are named by the environment."""
    watch = Stopwatch()
    with watch.part("imports"):
        from cli.prefect_runs import run_flow
        from flows.flows import FLOWS
    assert FLOWS
    with watch.part("whole refresh"):
        accounts = run_flow("refresh", Path(folder))
    return {"parts": watch.parts(), "facts": _found(accounts)}


def fill(folder: str, known: str) -> Result:
    """Nothing measured: a review that has found, placed and queued ``known`` records."""
    with reviewing(Path(folder)) as review:
        fill_screening(review, int(known))
    return {"parts": {}, "facts": {}}


def _found(accounts: list[dict[str, Any]]) -> dict[str, int]:
    found = accounts[0]["details"]["pubmed"]
    return {"records new": found["new"], "records known": found["known"]}


def screening(folder: str, known: str, new: str) -> Result:
    """Dedupe and queue of a few new records among many known ones, and what status and PRISMA cost then."""
    from living_review.steps.dedupe import dedupe
    from living_review.steps.prisma import prisma
    from living_review.steps.queue import queue
    from living_review.steps.status import status

    watch = Stopwatch()
    with reviewing(Path(folder)) as review:
        fill_screening(review, int(known))
        with review.write() as tx:
            add_found(tx, [record(int(known) + number) for number in range(int(new))])
        for name, step in (("dedupe", dedupe), ("queue", queue), ("status", status), ("prisma", prisma)):
            with watch.part(name):
                done = step(review)
            if name == "dedupe":
                assert done.received == int(new)
    return {"parts": watch.parts(), "facts": {}}


def first_dedupe(folder: str, records: str) -> Result:
    """Dedupe and queue of a whole first delivery."""
    from living_review.steps.dedupe import dedupe
    from living_review.steps.queue import queue

    watch = Stopwatch()
    made = list(map(record, range(int(records))))
    with reviewing(Path(folder)) as review:
        with watch.part("ledger: records"), review.write() as tx:
            add_found(tx, made)
        for name, step in (("dedupe", dedupe), ("queue", queue)):
            with watch.part(name):
                step(review)
    return {"parts": watch.parts(), "facts": {}}


def dedupe_rows(records: str, found: str) -> Result:
    """The records of a file on their own: from rows in memory to reports, which are written beside, in folder ``found``.

    A column ``work`` is the truth and not shown to the engine; where there is one the errors are counted.
    """
    from living_review.dedupe import candidates, engine, frame
    from tests.benchmarks.duplicate_scores import removable
    from tests.benchmarks.labelled import read
    from tests.benchmarks.parsing import _peak_mb

    facts: dict[str, Any] = {}
    parts, whole = Stopwatch(), Stopwatch()
    rows = read(Path(records))
    truth = rows.pop("work").tolist() if "work" in rows else []
    facts["memory MB with the rows alone"] = round(_peak_mb())
    parts.inside(frame, "fields_of", "fields")
    parts.inside(candidates, "pairs", "candidates")
    parts.inside(engine, "reports", "reports")
    with whole.part("dedupe"):
        done = frame.dedupe(rows)
    facts["peak memory MB with rows and result"] = round(_peak_mb())
    place = {one: number for number, one in enumerate(done["id"])}
    reports = [place[one] for one in done["report_id"]]
    (Path(found) / "reports.json").write_text(json.dumps(reports), encoding="utf-8")
    wall, cpu = whole.parts()["dedupe"]
    facts |= {
        "records": len(reports),
        "records/s": round(len(reports) / wall),
        "records/s of CPU": round(len(reports) / cpu),
    }
    if truth:
        facts["removable TP / FP / FN"] = str(removable(truth, reports))
    return {"parts": {**parts.parts(), **whole.parts()}, "facts": facts}


def make_up_duplicates(path: str, number: str) -> Result:
    """A file of made-up records with known duplicates, by a process that is gone when they are looked for."""
    from tests.benchmarks.made_up_duplicates import Corpus

    Corpus(1).write(Path(path), int(number))
    return {"parts": {}, "facts": {"bytes": Path(path).stat().st_size}}


def dedupe_step(folder: str, known: str, new: str) -> Result:
    """The dedupe step: new records come into a ledger that holds many."""
    from living_review.steps.dedupe import dedupe
    from tests.benchmarks.made_up import add_found_of_several, fill_duplicated

    watch = Stopwatch()
    with reviewing(Path(folder)) as review:
        records = fill_duplicated(review, int(known), int(new))
        with review.write() as tx:
            add_found_of_several(tx, records)
        with watch.part("dedupe"):
            done = dedupe(review)
    assert done.received == int(new)
    ledger = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return {"parts": watch.parts(), "facts": {**done.parts, "ledger MB": round(ledger / 1e6)}}


def _publish_parts(step: Any, state: Any, store: Any) -> list[tuple[Any, str, str]]:
    return [
        (step, "return_rows", "check charted rows"),
        (state, "build", "build"),
        (store, "__init__", "make the client"),
        (store, "absent", "look for files of the version before"),
        *((store, one, "store") for one in ("read_pointer", "probe", "publish", "touch_pointer", "replace")),
    ]


def publish(folder: str, studies: str, store: str, endpoint: str) -> Result:
    """The first publication of charted studies, the second with nothing new, the third with one study changed."""
    from botocore.httpsession import URLLib3Session

    from expectations.charted import charted_validator
    from expectations.publication import check_publication
    from expectations.run import load
    from living_review.steps import publish as step
    from living_review.steps import publish_state
    from living_review.store import ObjectStore

    asked: list[tuple[str, int]] = []
    send = URLLib3Session.send

    def counted(self: Any, request: Any) -> Any:
        body = request.body if isinstance(request.body, bytes) else b""
        asked.append((request.method, len(body) or int(request.headers.get("Content-Length") or 0)))
        return send(self, request)

    URLLib3Session.send = counted
    imports = Stopwatch()
    turns = {name: Stopwatch() for name in ("first", "nothing new", "one study changed")}
    with imports.part("imports of Great Expectations"):
        load()
    facts: dict[str, Any] = {}
    parts = _publish_parts(step, publish_state, ObjectStore)
    plain = [(holder, name, getattr(holder, name)) for holder, name, _ in parts]
    with reviewing(Path(folder), store=store, endpoint=endpoint) as review:
        fill_charting(review, int(studies))
        for name, watch in turns.items():
            if name == "one study changed":
                change_charted(review)
            asked.clear()
            for holder, function, original in plain:
                setattr(holder, function, original)
            for holder, function, part in parts:
                watch.inside(holder, function, part)

            def check(*given: Any, watch: Stopwatch = watch) -> Any:
                with watch.part("check summary"):
                    return check_publication(*given)

            with watch.part("read and synthesis"):
                account = step.publish(review, charted_validator, check)
            assert account.changed is (name != "nothing new"), account
            assert account.parts["counted"] == int(studies), account
            facts[f"{name}: PUTs"] = sum(method == "PUT" for method, _ in asked)
            facts[f"{name}: bytes put"] = sum(size for method, size in asked if method == "PUT")
            facts[f"{name}: other requests"] = sum(method != "PUT" for method, _ in asked)
            facts[f"{name}: files"] = account.details["files"]
    measured = {f"{name}: {part}": times for name, watch in turns.items() for part, times in watch.parts().items()}
    return {"parts": {**imports.parts(), **measured}, "facts": facts}


CASES: dict[str, Callable[..., Result]] = {
    case.__name__: case
    for case in (
        search_step,
        fill,
        refresh_direct,
        refresh_prefect,
        screening,
        first_dedupe,
        dedupe_rows,
        make_up_duplicates,
        dedupe_step,
        publish,
    )
}


def main() -> None:
    """Runs the case named on the command line."""
    name, *given = sys.argv[1:]
    result = CASES[name](**dict(one.split("=", 1) for one in given))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
