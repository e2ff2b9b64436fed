"""A search strategy for PubMed, read before it is run: what is wrong with it, what deserves a look, and its lines.

PubMed never refuses a query: what it cannot read it drops, so mistakes must be found before. Which points a machine can
check is taken from PRESS (McGowan et al., 10.1016/j.jclinepi.2016.01.021), how PubMed reads from its help pages: operators
from left to right, parts side by side as if AND stood between them.
"""

from __future__ import annotations

from dataclasses import dataclass

from living_review.strategy.characters import about_characters, mended
from living_review.strategy.fields import HEADINGS
from living_review.strategy.interfaces import foreign
from living_review.strategy.press import press
from living_review.strategy.reading import Finding, Node, Reading, Term, first_of, last_of, read
from living_review.strategy.terms import about_term, begins_with_operator

_MOST_SHOWN = 9
"""References to lines that a person reads one by one."""
__all__ = ["Finding", "StrategyLine", "lines", "lint"]


@dataclass(frozen=True)
class StrategyLine:
    """One line of a strategy as librarians write it: a term, or lines joined by an operator."""

    number: int
    shown: str
    """``asthma[tiab]`` or ``#1 OR #2``."""
    query: str
    """What PubMed is to be asked, without references to lines."""
    is_joined: bool = False
    """Whether it joins lines; else it is a term."""
    is_heading: bool = False
    """Whether it is a subject heading."""
    is_filter: bool = False
    """Whether it is one of PubMed's filters."""


def lint(query: str) -> list[Finding]:
    """What is wrong with ``query``, and what deserves a look, in the order of its lines."""
    # A sign that is told as such is no reason for more to be told.
    reading = read(mended(query))
    found = [*about_characters(query), *reading.found]
    is_explained = set()
    beside = {id(term) for pair in _unjoined(reading) for term in pair}
    for term in reading.terms:
        said = foreign(term, id(term) in beside)
        if said:
            found.append(Finding(term.line, True, said))
        else:
            found += about_term(term)
        if said or begins_with_operator(term):
            is_explained.add(id(term))
    for left, right in _unjoined(reading):
        if not is_explained & {id(left), id(right)}:
            said = f"no operator before {right.shown}, where PubMed takes AND; write it"
            found.append(Finding(right.line, True, said))
    if reading.tree is not None and not any(one.is_wrong for one in found):
        found += press(reading.tree)
    return sorted(set(found))


def _unjoined(reading: Reading) -> list[tuple[Term, Term]]:
    return [(last_of(left), first_of(right)) for left, right in reading.unjoined]


def lines(query: str) -> list[StrategyLine]:
    """The strategy line by line: each term once, then what is joined of them, the whole strategy last.

    Raises:
        ValueError: If its brackets, quotes or operators are wrong; :func:`lint` says where.
    """
    reading = read(query)
    if reading.tree is None or reading.unjoined or any(one.is_wrong for one in reading.found):
        raise ValueError("the strategy cannot be taken apart into lines")
    numbered: dict[str, StrategyLine] = {}

    def add(node: Node) -> StrategyLine:
        if isinstance(node, Term):
            kinds = (node.field in HEADINGS, node.field == "sb")
            line = StrategyLine(len(numbered) + 1, node.written, node.written, False, *kinds)
            return numbered.setdefault(node.written, line)
        parts = [add(part) for part in node.parts]
        shown = _shown(node.operator, [part.number for part in parts])
        text = f" {node.operator} ".join(f"({part.query})" if part.is_joined else part.query for part in parts)
        return numbered.setdefault(text, StrategyLine(len(numbered) + 1, shown, text, True))

    add(reading.tree)
    return list(numbered.values())


def _shown(operator: str, numbers: list[int]) -> str:
    """``#1 OR #2 OR #3``; of many in a row the first and the last."""
    if len(numbers) > _MOST_SHOWN and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"#{numbers[0]} {operator} … {operator} #{numbers[-1]}"
    return f" {operator} ".join(f"#{one}" for one in numbers)
