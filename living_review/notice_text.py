"""How the items of a notice look, as text and as HTML.

Promises: what comes from sources cannot break out of its place (everything is escaped, nothing starts a new line or a
header, only http and https addresses become links); every value of an item's payload is shown; an item that is too
large is shortened with a mark, never left out.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from living_review.plain_text import SHORTENED, is_web_address, one_line, shortened
from living_review.protocol import Event

REVIEW_TITLE_CHARACTERS = 100
ID_CHARACTERS = 200
_VALUE_CHARACTERS = (2000, 500, 200, 80)
"""Values of a payload are cut to the first of these lengths that makes the item fit."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the items of one event are told."""

    one: str
    """What one item is, for the title: ``new study``."""
    many: str
    intro: str
    heading: tuple[str, ...] = ("title",)
    """Payload keys whose values make the first line."""
    lines: tuple[tuple[str, ...], ...] = ()
    """Payload keys whose values, joined, make each further line."""
    labels: Mapping[str, str] = field(default_factory=dict)


_CITATION = ("authors", "journal", "year")
LAYOUTS: dict[str, Layout] = {
    Event.NEW_STUDIES: Layout(
        "new study",
        "new studies",
        "The search found these; they wait to be screened.",
        lines=(_CITATION, ("why",)),
        labels={"why": "Why: "},
    ),
    Event.POSSIBLE_DUPLICATES: Layout(
        "set of possible duplicates",
        "sets of possible duplicates",
        "Two reports that are one are screened twice and counted twice.",
    ),
    Event.WAITING: Layout(
        "screening queue waits",
        "screening queues wait",
        "Decisions are awaited.",
        heading=("reviewer", "stage"),
        lines=(("awaiting",), ("conflicts",)),
        labels={"awaiting": "Awaiting a decision: ", "conflicts": "Conflicts: "},
    ),
    Event.CONFLICTS: Layout(
        "conflict to resolve",
        "conflicts to resolve",
        "Reviewers decided differently; a consensus decision is needed.",
        lines=(_CITATION, ("stage",)),
        labels={"stage": "Stage: "},
    ),
    Event.RETURNED_ROWS: Layout(
        "charted row returned",
        "charted rows returned",
        "These rows did not pass validation. They are kept, but not published until they are corrected.",
        lines=(("row",), ("charter",), ("reasons",)),
        labels={"row": "Row: ", "charter": "Charted by: ", "reasons": "Reasons: "},
    ),
    Event.NEW_VERSION: Layout(
        "new version",
        "new versions",
        "Readers now see this.",
        heading=("version", "date"),
        lines=(("changes",),),
        labels={"version": "Version ", "changes": "Changes: "},
    ),
    Event.RETRACTION: Layout(
        "retraction or expression of concern",
        "retractions or expressions of concern",
        "Among what the review holds.",
        lines=(_CITATION, ("status",), ("notice",)),
        labels={"status": "Status: ", "notice": "Notice: "},
    ),
    Event.CHANGED_RECORD: Layout(
        "changed record",
        "changed records",
        "The source changed these records after the review took them up, or no longer delivers them.",
        lines=(_CITATION, ("changed",)),
        labels={"changed": "Changed: "},
    ),
    Event.SEARCH_WARNING: Layout(
        "search warning",
        "search warnings",
        "A person has to look at these searches before anything is published on top of them.",
        heading=("source", "date"),
        lines=(("warnings",),),
        labels={"warnings": "Warnings: "},
    ),
    Event.FAILURE: Layout(
        "failure",
        "failures",
        "What was there before is untouched.",
        heading=("step", "at"),
        lines=(("what",), ("where",), ("remedy",)),
        labels={"where": "Where: ", "remedy": "What to do: "},
    ),
}
_OTHER = Layout("notice", "notices", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it stands in a notice."""

    text: str
    html: str

    @property
    def size_bytes(self) -> int:
        """Bytes it adds to a notice."""
        return len(self.text.encode()) + len(self.html.encode()) + 1


def entry(event: str, item_id: str, payload: Mapping[str, Any], budget_bytes: int) -> Entry:
    """The item in at most ``budget_bytes``, shortened with a mark if need be.

    Args:
        event: What the notice is about; one without a layout shows its payload as it is.
        item_id: The item's own id, shown so that everything told can be found again.
        payload: What there is to tell; ``review`` is the notice's, not the item's.
        budget_bytes: 2,000 or more.
    """
    values = {key: text for key, value in payload.items() if key != "review" and (text := one_line(value))}
    whole = _entry(event, item_id, values)
    for characters in _VALUE_CHARACTERS:
        if whole.size_bytes <= budget_bytes:
            return whole
        whole = _entry(event, item_id, {key: shortened(text, characters) for key, text in values.items()})
    if whole.size_bytes <= budget_bytes:
        return whole
    # Very many values: the beginning of the first line alone.
    return _composed(_heading(_layout(event), values)[:80] + SHORTENED, [], "", item_id)


def frame(event: str, review: str, part: int, parts: int, entries: Sequence[Entry], items: int) -> tuple[str, str, str]:
    """Title, text and HTML of a notice around its entries.

    Args:
        event: What it is about.
        review: The review's title.
        part: Number of this part, from 1.
        parts: How many parts the whole has.
        entries: What this part tells.
        items: How many items all parts tell.
    """
    layout = _layout(event)
    name = shortened(one_line(review), REVIEW_TITLE_CHARACTERS)
    subject = f"{items:,} {layout.one if items == 1 else layout.many}"
    title = f"[{name}] {subject}" if name else subject
    intro = layout.intro
    if parts > 1:
        title += f" (part {part} of {parts})"
        intro += f" Part {part} of {parts}, with {len(entries):,} of {items:,} items."
    text = "\n".join([title, "", intro, "", *(one.text for one in entries)])
    body = (
        f"<h2>{html.escape(title)}</h2>\n<p>{html.escape(intro)}</p>\n<ul>\n"
        + "".join(f"{one.html}\n" for one in entries)
        + "</ul>\n"
    )
    return title, text, body


def _layout(event: str) -> Layout:
    return LAYOUTS.get(event, _OTHER)


def _heading(layout: Layout, values: Mapping[str, str]) -> str:
    return ", ".join(_labelled(layout, key, values[key]) for key in layout.heading if key in values)


def _entry(event: str, item_id: str, values: Mapping[str, str]) -> Entry:
    layout = _layout(event)
    placed = {*layout.heading, *(key for line in layout.lines for key in line), "link"}
    lines = [
        ". ".join(_labelled(layout, key, values[key]) for key in line if key in values)
        for line in layout.lines
        if any(key in values for key in line)
    ]
    lines += [f"{one_line(key)}: {text}" for key, text in values.items() if key not in placed]
    return _composed(_heading(layout, values), lines, values.get("link", ""), item_id)


def _composed(first: str, lines: Sequence[str], link: str, item_id: str) -> Entry:
    shown_id = shortened(one_line(item_id), ID_CHARACTERS)
    first = first or shown_id
    text_lines = [f"* {first}", *(f"  {line}" for line in [*lines, link] if line), f"  [{shown_id}]", ""]
    html_lines = [f"<strong>{html.escape(first)}</strong>", *map(html.escape, lines)]
    if is_web_address(link):
        html_lines.append(f'<a href="{html.escape(link)}">{html.escape(link)}</a>')
    elif link:
        html_lines.append(html.escape(link))
    html_lines.append(f"<small>[{html.escape(shown_id)}]</small>")
    return Entry("\n".join(text_lines), f"<li>{'<br>'.join(html_lines)}</li>")


def _labelled(layout: Layout, key: str, text: str) -> str:
    return layout.labels.get(key, "") + text
