"""A strategy as a tree of terms, brackets and operators, and what is wrong with its form.

It is read from left to right, as PubMed reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from living_review.strategy.fields import field_of

_DEEPEST = 100
"""Brackets within brackets; no person reads ten."""
_LONGEST_SHOWN = 60


@dataclass(frozen=True, order=True)
class Finding:
    """One thing about a strategy."""

    line: int
    """Of the strategy as written, from 1; 0: of all of it."""
    is_wrong: bool
    """Whether PubMed would search something else than is written; else a person should have a look."""
    text: str


@dataclass(frozen=True)
class Term:
    """What stands between two operators."""

    written: str
    """With its tag."""
    text: str
    tag: str = ""
    """As written, without brackets; empty where there is none."""
    line: int = 0
    is_quoted: bool = False

    @cached_property
    def field(self) -> str:
        """The short tag; empty where none is written, or none that PubMed has."""
        return field_of(self.text, self.tag)

    @cached_property
    def shown(self) -> str:
        """As written, not too long to read."""
        return shortened(self.written)


@dataclass(frozen=True)
class Joined:
    """What one operator joins."""

    operator: str
    parts: tuple[Node, ...]


Node = Term | Joined


@dataclass
class Reading:
    """A strategy as it was read."""

    tree: Node | None = None
    """``None`` if there is no term."""
    terms: list[Term] = field(default_factory=list)
    unjoined: list[tuple[Node, Node]] = field(default_factory=list)
    """Neighbours without an operator between them."""
    found: list[Finding] = field(default_factory=list)

    def wrong(self, line: int, text: str) -> None:
        """Keep what is wrong with the form."""
        self.found.append(Finding(line, True, text))


@dataclass
class _Open:
    """A bracket that is being read: what stands in it so far."""

    line: int
    parts: list[Node] = field(default_factory=list)
    joined_by: str = ""
    """The operator between the parts."""
    operator: str = ""
    """The one that was read last and has nothing behind it yet."""
    is_mixed: bool = False
    """Whether operators of two kinds stand in it side by side, and their order matters."""
    changes: int = 0
    """How often another operator follows."""

    def node(self) -> Node:
        """What stands in it, joined."""
        return self.parts[0] if len(self.parts) == 1 else Joined(self.joined_by, tuple(self.parts))


_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*")|(?P<quote>")|(?P<sign>[()])|\[(?P<tag>[^\[\]"]*)\]|(?P<word>[^\s()"\[\]]+)|\S"""
)
_RANGE_GOES_ON = re.compile(r"\s*:")


def read(query: str) -> Reading:
    """The strategy as a tree, and what is wrong with its form. In one pass: no input makes it slow or deep."""
    reading = Reading()
    levels = [_Open(1)]
    pending: list[tuple[str, bool, int]] = []
    """Pieces of the term that is being read: text, whether quoted, line."""

    def finish(tag: str | None = None) -> None:
        if not pending:
            return
        text = " ".join(one for one, _quoted, _line in pending).replace(" [", "[")
        written = text if tag is None else f"{text}[{tag}]"
        term = Term(written, text, tag or "", pending[0][2], pending[0][1])
        pending.clear()
        reading.terms.append(term)
        put(term)

    def put(node: Node) -> None:
        level = levels[-1]
        if level.parts and not level.operator:
            reading.unjoined.append((level.parts[-1], node))
        operator = level.operator or "AND"
        if len(level.parts) > 1 and operator != level.joined_by:
            # (a AND b) NOT c is a AND (b NOT c): nothing depends on how it is read.
            level.is_mixed |= (level.joined_by, operator) != ("AND", "NOT")
            level.changes += 1
            level.parts = [level.node()]
        level.parts.append(node)
        level.joined_by, level.operator = operator, ""

    def close(level: _Open) -> None:
        if level.operator:
            reading.wrong(level.line, f"nothing stands behind {level.operator}")
        if level.is_mixed:
            said = "operators of two kinds stand side by side, and PubMed reads from left to right; write the brackets"
            reading.found.append(Finding(level.line, level.changes >= _DEEPEST, said))

    line, place = 1, 0
    for found in _TOKEN.finditer(query):
        line, place = line + query.count("\n", place, found.start()), found.start()
        if found["quoted"] is not None:
            is_range = bool(pending) and (pending[-1][0] == ":" or pending[-1][0].endswith(":"))
            if pending and not is_range:
                finish()
            pending.append((" ".join(found["quoted"].split()), True, line))
        elif found["tag"] is not None:
            is_first = _RANGE_GOES_ON.match(query, found.end()) is not None
            if not pending:
                after = "a bracket" if levels[-1].parts else "no term"
                reading.wrong(
                    line, f"found [{found['tag']}] behind {after}, which PubMed ignores; put it behind each term"
                )
            elif not found["tag"].strip():
                reading.wrong(line, f"the tag behind {shortened(pending[-1][0])} is empty; write [tiab] or another")
            elif is_first:
                # The first value of a range has a tag of its own.
                pending.append((f"[{found['tag']}]", False, line))
            else:
                finish(found["tag"])
        elif found["sign"] == "(":
            finish()
            levels.append(_Open(line))
            if len(levels) == _DEEPEST:
                reading.wrong(line, f"brackets are nested {_DEEPEST} deep; take away those that join one term")
        elif found["sign"] == ")":
            finish()
            if len(levels) == 1:
                reading.wrong(line, "a bracket is closed that was not opened")
                continue
            level = levels.pop()
            close(level)
            if level.parts:
                put(level.node())
            else:
                reading.wrong(line, "there is nothing in the brackets")
        elif found["word"] in {"AND", "OR", "NOT"}:
            finish()
            level, word = levels[-1], found["word"]
            if not level.parts:
                reading.wrong(line, f"nothing stands before {word}")
                continue
            if level.operator:
                right = "NOT" if (level.operator, word) == ("AND", "NOT") else "one"
                reading.wrong(line, f"{level.operator} {word} are two operators side by side; write {right}")
            level.operator = word
        elif found["word"] is not None:
            if pending and pending[-1][1] and found["word"] != ":" and not found["word"].startswith(":"):
                finish()
            pending.append((found["word"], False, line))
        elif found["quote"] is not None:
            reading.wrong(line, "a quotation mark has no partner")
        else:
            reading.wrong(line, f"found {found[0]} alone; write [tag] behind a term")
    finish()
    while len(levels) > 1:
        level = levels.pop()
        reading.wrong(level.line, "a bracket is opened that is not closed")
        close(level)
        if level.parts:
            put(level.node())
    close(levels[0])
    if not levels[0].parts and not reading.found:
        reading.wrong(0, "there is no term in it")
    if levels[0].parts:
        reading.tree = levels[0].node()
    return reading


def first_of(node: Node) -> Term:
    """The term that stands first."""
    while isinstance(node, Joined):
        node = node.parts[0]
    return node


def last_of(node: Node) -> Term:
    """The term that stands last."""
    while isinstance(node, Joined):
        node = node.parts[-1]
    return node


def terms_of(node: Node) -> Iterator[Term]:
    """The terms in their order."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Term):
            yield one
        else:
            stack += reversed(one.parts)


def shortened(text: str) -> str:
    """``text`` in one line, not too long to read."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
