"""What people see of a run on the Prefect page: a step's account as Markdown, the flow counts as a table.

Promise: a title, a warning or a name from outside is shown as the text it is, never read as Markdown or HTML. No
Prefect here.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from living_review.flow_counts import Counts
from living_review.flow_export import to_json
from living_review.plain_text import one_line
from living_review.steps.account import Account

REMARKS_SHOWN = 200
"""A run that sets ten thousand records aside has ten thousand remarks; the number of the rest is told."""

_PLAIN = str.maketrans({character: f"\\{character}" for character in string.punctuation if character not in ".,;'\"%"})
"""CommonMark 0.31 section 2.4: any ASCII punctuation character may be escaped; ``:`` and ``@`` so that no address
becomes a link. Those left out mean nothing inside a line."""


def step_markdown(account: Account) -> str:
    """The account of a step: what it was given, what became of it, and what a person should read."""
    lines = [
        f"## {as_text(account.step)}: {account.received:,} {as_text(account.of)}",
        "",
        "| what became of them | number |",
        "| --- | ---: |",
        *(f"| {as_text(name.replace('_', ' '))} | {number:,} |" for name, number in account.parts.items()),
    ]
    if account.remarks:
        lines += ["", "### What a person should read", ""]
        lines += [f"- {as_text(remark)}" for remark in account.remarks[:REMARKS_SHOWN]]
        rest = len(account.remarks) - REMARKS_SHOWN
        if rest > 0:
            lines.append(f"- and {rest:,} more, see `living-review status`")
    return "\n".join(lines) + "\n"


def as_text(value: str) -> str:
    """``value`` on one line, as Markdown that shows just it."""
    # An address without a scheme becomes a link too (GitHub Flavored Markdown, section 6.9).
    return one_line(value).translate(_PLAIN).replace("www.", "www\\.")


def prisma_rows(counts: Counts) -> list[dict[str, str | int]]:
    """The flow counts in reading order, with the columns ``phase``, ``what`` and ``number``.

    Steps that the protocol leaves out have no row, nor has anything pending that nothing waits in.
    """
    flow = to_json(counts)
    pending, included = flow["pending"], flow["included"]
    rows = [("identification", f"records from {one['source']}", one["n"]) for one in flow["identified"]["sources"]]
    rows += [
        ("identification", "records identified", flow["identified"]["n"]),
        ("identification", "duplicate records", flow["duplicates"]),
        *_with_reasons("identification", "records removed before screening", flow["removed"]),
        *_if_any("identification", "records that wait for dedupe", pending["dedupe"]),
    ]
    if flow["screened"] is not None:
        rows += [
            ("screening", "records screened", flow["screened"]),
            *_with_reasons("screening", "records excluded", flow["excluded_screening"]),
            *_if_any("screening", "records that wait for decisions", pending["screening"]),
            *_if_any("screening", "records in conflict", pending["conflicts_screening"]),
        ]
    if flow["sought"] is not None:
        rows += [
            ("screening", "reports sought for retrieval", flow["sought"]),
            ("screening", "reports not retrieved", flow["not_retrieved"]),
            *_if_any("screening", "reports that wait for retrieval", pending["retrieval"]),
            ("screening", "reports assessed for eligibility", flow["assessed"]),
            *_with_reasons("screening", "reports excluded", flow["excluded_full_text"]),
            *_if_any("screening", "reports that wait for decisions", pending["full_text"]),
            *_if_any("screening", "reports in conflict", pending["conflicts_full_text"]),
        ]
    rows += [
        ("included", "studies included", included["total_studies"]),
        ("included", "reports of included studies", included["total_reports"]),
    ]
    return [{"phase": phase, "what": one_line(what), "number": number} for phase, what, number in rows]


def _with_reasons(phase: str, what: str, box: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return [(phase, what, box["n"]), *((phase, f"{what}: {one['text']}", one["n"]) for one in box["reasons"])]


def _if_any(phase: str, what: str, number: int) -> list[tuple[str, str, int]]:
    return [(phase, what, number)] if number else []
