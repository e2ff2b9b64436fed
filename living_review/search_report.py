"""The searches of a review as PRISMA-S wants them reported (10.1186/s13643-020-01542-z): as JSON values and as text.

Promises: every run is there, failed ones too, with the query as sent and what the source made of it; so anybody can run
it again and compare.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from living_review.flow_counts import Flow
from living_review.plain_text import one_line
from living_review.protocol import FileSearch, Protocol, PubMedSearch
from living_review.publication_state import SearchLogEntry, moment_text

DEDUPLICATION = (
    "Records of one report are linked, never deleted: by shared identifiers and by likeness of titles, authors, "
    "dates and pages; people can undo or add links, and theirs outlive every re-run."
)


def search_report(
    protocol: Protocol,
    searches: Sequence[SearchLogEntry],
    flow: Flow,
    planned: Mapping[str, datetime],
    version: int | None,
) -> dict[str, Any]:
    """``search.json``: strategies, how they are run again, totals before and after dedupe, and every run by source.

    Args:
        protocol: The review's protocol.
        searches: Every run, in any order.
        flow: The PRISMA counts of all runs together.
        planned: Source -> its next planned search.
        version: The published version this is part of; None where it is of none.
    """
    entries: dict[str, list[SearchLogEntry]] = {}
    for entry in sorted(searches, key=lambda one: (one.searched_at, one.number)):
        entries.setdefault(entry.source, []).append(entry)
    return {
        "schema": "search-1",
        "review": protocol.id,
        "version": version,
        "strategies": strategies(protocol),
        "update_method": "The full strategy is run again each time; what was never seen before is taken over.",
        "limits_and_filters": _limits(protocol.reporting),
        "prisma_s": _items(protocol),
        "planned": {source: moment_text(moment) for source, moment in sorted(planned.items())},
        "deduplication": DEDUPLICATION,
        "totals": {
            "identified": flow.identified,
            "duplicates": flow.duplicates,
            "removed": flow.removed,
            "after_deduplication": flow.identified - flow.duplicates - flow.removed,
        },
        "sources": [
            {
                "source": source,
                "platform": runs[-1].platform,
                "last_searched": last_complete(runs),
                "runs": [_run(run) for run in runs],
            }
            for source, runs in sorted(entries.items())
        ],
    }


_TOLD = {
    3: ("Study registries", "registries"),
    4: ("Online resources and browsing", "online_sources"),
    5: ("Citation searching", "citation_searching"),
    6: ("Contacts", "contacts"),
    7: ("Other methods", "other_methods"),
    9: ("Limits and restrictions", "limits"),
    10: ("Search filters", "filters"),
    11: ("Prior work", "prior_work"),
    14: ("Peer review", "peer_review"),
}
"""Item of PRISMA-S -> what it is called and the key of the protocol's ``reporting`` that answers it."""
_SHOWN = {
    1: ("Database name", "see platform of each source"),
    2: ("Multi-database searching", "each source is searched alone, on its own platform"),
    8: ("Full search strategies", "see strategies, and each run as sent"),
    12: ("Updates", "see update method and planned searches"),
    13: ("Dates of searches", "see each run"),
    15: ("Total records", "see totals, and each run"),
    16: ("Deduplication", "see deduplication"),
}
"""Items that the report itself answers, and where."""
NOT_STATED = "not stated"


def _items(protocol: Protocol) -> list[dict[str, Any]]:
    """All sixteen items of PRISMA-S in their order: ``item``, ``name`` and ``told``."""
    stated: Mapping[str, str] = {str(key): text for key, text in protocol.reporting.items()}
    told = {number: (name, stated.get(key, NOT_STATED)) for number, (name, key) in _TOLD.items()}
    return [{"item": number, "name": name, "told": text} for number, (name, text) in sorted({**told, **_SHOWN}.items())]


def _limits(reporting: Mapping[Any, str]) -> str:
    said = [reporting[key] for key in ("limits", "filters") if key in reporting]
    return "; ".join(said) or "Not stated; what the strategy itself limits is written in it."


def search_markdown(report: Mapping[str, Any], title: str) -> str:
    """The report as a Markdown appendix: strategies line for line, then every run of every source."""
    totals = report["totals"]
    lines = [
        f"# Searches of {_escaped(title)}",
        "",
        f"Review `{report['review']}`. {report['update_method']} Limits and filters: {_escaped(report['limits_and_filters'])}",
        f"Deduplication: {report['deduplication']}",
        "",
        f"Records identified: {totals['identified']:,}; duplicates: {totals['duplicates']:,}; removed before screening: "
        f"{totals['removed']:,}; left for screening: {totals['after_deduplication']:,}.",
        "",
        "## PRISMA-S",
        "",
        *(f"{one['item']}. {one['name']}: {_escaped(one['told'])}" for one in report["prisma_s"]),
        "",
        "## Strategies",
    ]
    for one in report["strategies"]:
        lines += ["", f"### {_escaped(one['name'])} ({one['source']})", ""]
        lines += _quoted(one["query"]) if one["query"] else ["Exports of databases, put into the inbox by people."]
    for source in report["sources"]:
        planned = report["planned"].get(source["source"])
        lines += [
            "",
            f"## {_escaped(source['source'])}",
            "",
            f"Platform: {_escaped(source['platform'])}. Last searched: {source['last_searched'] or 'never'}."
            + (f" Next search: {planned}." if planned else ""),
            "",
            "| run | searched at | state | found | new | duplicates among the new | tool |",
            "| ---: | --- | --- | ---: | ---: | ---: | --- |",
        ]
        for run in source["runs"]:
            numbers = " | ".join(
                "" if run["state"] == "failed" or run[name] is None else f"{run[name]:,}"
                for name in ("delivered", "new", "duplicates")
            )
            state = run["state"].replace("_", " ")
            lines.append(f"| {run['run']} | {run['searched_at']} | {state} | {numbers} | {_escaped(run['tool'])} |")
        lines += _said_of(source["runs"])
    return "\n".join([*lines, ""])


def _said_of(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Queries as sent and as understood, where a run has another than the run before; and warnings of every run."""
    lines: list[str] = []
    said = ("", "")
    for run in runs:
        if run["translation"] and (run["query"], run["translation"]) != said:
            said = run["query"], run["translation"]
            lines += ["", f"Sent from run {run['run']} on:", "", *_quoted(run["query"])]
            lines += ["", "Understood by the source as:", "", *_quoted(run["translation"])]
        lines += [""] if run["warnings"] else []
        lines += [f"- run {run['run']}: {_escaped(one)}" for one in run["warnings"]]
        if run["accepted"]:
            why = f": {_escaped(run['accepted']['note'])}" if run["accepted"]["note"] else ""
            lines.append(
                f"- run {run['run']}: accepted by {_escaped(run['accepted']['by'])}, {run['accepted']['at'][:10]}{why}"
            )
    return lines


def _quoted(text: str) -> list[str]:
    """A block that shows ``text`` as it is, whatever is in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [f"{fence}text", *text.rstrip().splitlines(), fence]


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", one_line(text))


def strategies(protocol: Protocol) -> list[dict[str, str]]:
    """The searches of the protocol as written: ``name``, ``source`` and ``query``."""
    found = []
    for search in protocol.searches:
        match search:
            case PubMedSearch():
                found.append({"name": search.name, "source": "pubmed", "query": search.query})
            case FileSearch():
                # The inbox is a folder of the team; its exports are reported one by one in search.json.
                found.append({"name": search.name, "source": "files", "query": ""})
    return found


def last_complete(runs: Iterable[SearchLogEntry]) -> str | None:
    """When a search last ended well, or None."""
    complete = [run.searched_at for run in runs if run.state != "failed"]
    return moment_text(max(complete)) if complete else None


def _run(run: SearchLogEntry) -> dict[str, Any]:
    return {
        "run": run.number,
        "searched_at": moment_text(run.searched_at),
        "state": run.state,
        "query": run.query,
        "query_sha256": hashlib.sha256(run.query.encode()).hexdigest(),
        "translation": run.translation,
        "promised": run.promised,
        "delivered": run.delivered,
        "new": run.new,
        "duplicates": run.duplicates,
        "requests": run.requests,
        "tool": run.tool,
        "warnings": list(run.warnings),
        "accepted": run.accepted,
    }
