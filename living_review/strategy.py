"""A search strategy for PubMed, read before it is run: what is wrong with it, what deserves a look, and its lines.

PubMed never refuses a query: what it cannot read it drops, so mistakes must be found before. Which points a machine can
check is taken from PRESS (McGowan et al., 10.1016/j.jclinepi.2016.01.021), how PubMed reads from its help pages: operators
from left to right, parts side by side as if AND stood between them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAGS = {
    "ad": "affiliation", "aid": "article identifier", "all": "all fields", "au": "author",
    "auid": "author - identifier", "book": "book", "cn": "author - corporate", "cois": "conflict of interest statements",
    "crdt": "date - create", "dcom": "date - completion", "dp": "date - publication", "ed": "editor",
    "edat": "date - entry", "fau": "author - full", "fir": "investigator - full", "1au": "author - first",
    "gr": "grants and funding", "ip": "issue", "ir": "investigator", "isbn": "isbn", "jid": "nlm unique id",
    "la": "language", "lastau": "author - last", "lid": "location id", "lr": "date - modification",
    "majr": "mesh major topic", "mh": "mesh terms", "mhda": "date - mesh", "nm": "supplementary concept",
    "ot": "other term", "ow": "owner", "pa": "pharmacological action", "pg": "pagination", "pl": "place of publication",
    "pmid": "pmid", "ps": "subject - personal name", "pt": "publication type", "pubn": "publisher", "rn": "ec/rn number",
    "sb": "subset", "sh": "mesh subheading", "si": "secondary source id", "ta": "journal", "ti": "title",
    "tiab": "title/abstract", "tt": "transliterated title", "tw": "text words", "vi": "volume",
}  # fmt: skip
"""PubMed's field tags and their long names (PubMed help, "Search field tags", read in 2025)."""
_OTHER_NAMES = {
    "mesh": "mh", "mesh major": "majr", "mesh subheadings": "sh", "filter": "sb", "text word": "tw", "uid": "pmid",
    "date - entrez": "edat", "entry date": "edat", "pdat": "dp", "publication date": "dp", "lang": "la", "jour": "ta",
    "doi": "aid", "title/abs": "", "ab": "ab", "abstract": "ab", "mesh date": "mhda", "create date": "crdt",
    "all": "all", "so": "", "first author": "1au", "last author": "lastau", "corporate author": "cn", "subheading": "sh",
}  # fmt: skip
_NAMES = {**{one: one for one in _TAGS}, **{name: one for one, name in _TAGS.items()}} | {
    name: tag for name, tag in _OTHER_NAMES.items() if tag
}
_HEADINGS, _WORDS = {"mh", "majr", "sh", "nm"}, {"tiab", "ti", "ab", "tw", "all", "ot", ""}
_LIMITS = {"la": "language", "dp": "date of publication", "pt": "publication type", "crdt": "date", "edat": "date"}
_LIKE = {
    "∗": "*", "＊": "*", "（": "(", "）": ")", "［": "[", "］": "]", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "＂": '"',
}  # fmt: skip
"""What word processors and web pages make of the signs that PubMed reads."""
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d+);")
_SHORTEST_STEM = 4
"""Letters that must stand before * (PubMed help, "Truncating search terms")."""
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


def lint(query: str) -> list[Finding]:
    """What is wrong with ``query``, and what deserves a look, in the order of its lines."""
    reading = _read(query)
    found = [*_characters(query), *reading.found]
    for term in reading.terms:
        found += _about_term(term)
    if reading.tree is not None and not any(one.is_wrong for one in found):
        found += _press(reading.tree)
    return sorted(set(found))


def lines(query: str) -> list[StrategyLine]:
    """The strategy line by line: each term once, then what is joined of them, the whole strategy last.

    Raises:
        ValueError: If its brackets, quotes or operators are wrong; :func:`lint` says where.
    """
    reading = _read(query)
    if reading.tree is None or any(one.is_wrong for one in reading.found):
        raise ValueError("the strategy cannot be taken apart into lines")
    numbered: dict[str, StrategyLine] = {}

    def add(node: _Node) -> StrategyLine:
        if isinstance(node, _Term):
            line = StrategyLine(len(numbered) + 1, node.written, node.written, False, _tag_of(node) in _HEADINGS)
            return numbered.setdefault(node.written, line)
        parts = [add(part) for part in node.parts]
        shown = f" {node.operator} ".join(f"#{part.number}" for part in parts)
        text = f" {node.operator} ".join(f"({part.query})" if part.is_joined else part.query for part in parts)
        return numbered.setdefault(text, StrategyLine(len(numbered) + 1, shown, text, True))

    add(reading.tree)
    return list(numbered.values())


@dataclass(frozen=True)
class _Term:
    written: str
    """With its tag."""
    text: str
    tag: str
    """As written, without brackets; empty where there is none."""
    line: int
    is_quoted: bool


@dataclass(frozen=True)
class _Joined:
    operator: str
    parts: tuple[_Node, ...]
    line: int


_Node = _Term | _Joined


@dataclass
class _Reading:
    tree: _Node | None = None
    terms: list[_Term] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)

    def wrong(self, line: int, text: str) -> None:
        self.found.append(Finding(line, True, text))


@dataclass
class _Open:
    """A bracket that is being read: what stands in it so far."""

    line: int
    left: _Node | None = None
    operator: str = ""
    is_mixed: bool = False
    """Whether operators of two kinds stand in it side by side."""


_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*")|(?P<quote>")|(?P<sign>[()])|\[(?P<tag>[^\[\]"]*)\]|(?P<word>[^\s()"\[\]]+)|\S"""
)


def _read(query: str) -> _Reading:
    """The strategy as a tree, and what is wrong with its form. In one pass: no input makes it slow or deep."""
    reading = _Reading()
    levels = [_Open(1)]
    pending: list[tuple[str, bool, int]] = []
    """Pieces of the term that is being read: text, whether quoted, line."""

    def finish(tag: str | None = None) -> None:
        if not pending:
            return
        text = " ".join(one for one, _quoted, _line in pending).replace(" [", "[")
        written = text if tag is None else f"{text}[{tag}]"
        term = _Term(written, text, tag or "", pending[0][2], pending[0][1])
        pending.clear()
        reading.terms.append(term)
        put(term)

    def put(node: _Node) -> None:
        level = levels[-1]
        if level.left is None:
            level.left = node
            return
        if not level.operator:
            reading.wrong(node.line, f"no operator before {_start_of(node)}, where PubMed takes AND; write it")
        operator, left = level.operator or "AND", level.left
        if isinstance(left, _Joined) and left.line == -len(levels):
            # Joined on this level: not one that came in brackets.
            if left.operator == operator:
                level.left, level.operator = _Joined(operator, (*left.parts, node), left.line), ""
                return
            level.is_mixed = True
            left = _Joined(left.operator, left.parts, left.parts[0].line)
        level.left, level.operator = _Joined(operator, (left, node), -len(levels)), ""

    def close(level: _Open) -> None:
        if level.operator:
            reading.wrong(level.line, f"nothing stands behind {level.operator}")
        if level.is_mixed:
            said = "operators of two kinds stand side by side, and PubMed reads from left to right; write the brackets"
            reading.found.append(Finding(level.line, False, said))

    for found in _TOKEN.finditer(query):
        line = query.count("\n", 0, found.start()) + 1
        if found["quoted"] is not None:
            is_range = bool(pending) and (pending[-1][0] == ":" or pending[-1][0].endswith(":"))
            if pending and not is_range:
                finish()
            pending.append((" ".join(found["quoted"].split()), True, line))
        elif found["tag"] is not None:
            following = query[found.end() :].lstrip()
            if not pending:
                after = "a bracket" if levels[-1].left is not None else "no term"
                reading.wrong(
                    line, f"found [{found['tag']}] behind {after}, which PubMed ignores; put it behind each term"
                )
            elif following.startswith(":"):
                # The first value of a range has a tag of its own.
                pending.append((f"[{found['tag']}]", False, line))
            else:
                finish(found["tag"])
        elif found["sign"] == "(":
            finish()
            levels.append(_Open(line))
            if len(levels) == _DEEPEST:
                reading.wrong(line, f"brackets are nested {_DEEPEST} deep")
        elif found["sign"] == ")":
            finish()
            if len(levels) == 1:
                reading.wrong(line, "a bracket is closed that was not opened")
                continue
            level = levels.pop()
            close(level)
            if level.left is None:
                reading.wrong(line, "there is nothing in the brackets")
                continue
            inner = level.left
            put(_Joined(inner.operator, inner.parts, level.line) if isinstance(inner, _Joined) else inner)
        elif found["word"] in {"AND", "OR", "NOT"}:
            finish()
            if levels[-1].left is None or levels[-1].operator:
                reading.wrong(line, f"nothing stands before {found['word']}")
            levels[-1].operator = found["word"]
        elif found["word"] is not None:
            if pending and pending[-1][1] and found["word"] != ":" and not found["word"].startswith(":"):
                finish()
            pending.append((found["word"], False, line))
        elif found["quote"] is not None:
            reading.wrong(line, "a quotation mark has no partner")
        else:
            reading.wrong(line, f"found {found[0]} alone; write [tag] behind a term")
    finish()
    for level in levels[:0:-1]:
        reading.wrong(level.line, "a bracket is opened that is not closed")
    close(levels[0])
    tree = levels[0].left
    if tree is None and not reading.found:
        reading.wrong(0, "there is no term in it")
    reading.tree = tree if len(levels) == 1 else None
    return reading


def _start_of(node: _Node) -> str:
    while isinstance(node, _Joined):
        node = node.parts[0]
    return _shortened(node.written)


def _characters(query: str) -> Iterator[Finding]:
    for number, line in enumerate(query.splitlines(), 1):
        for sign, right in _LIKE.items():
            if sign in line:
                yield Finding(
                    number, True, f"found {sign} (U+{ord(sign):04X}), which PubMed does not read; write {right}"
                )
        for entity in dict.fromkeys(_ENTITY.findall(line)):
            yield Finding(number, True, f"found {entity}, a sign as a web page writes it; write the sign itself")


def _about_term(term: _Term) -> Iterator[Finding]:
    shown = _shortened(term.written)
    if term.tag and not _tag_of(term):
        near = difflib.get_close_matches(_plain(term.tag), _NAMES, n=1)
        hint = f"; did you mean [{near[0]}]?" if near else ""
        yield Finding(term.line, True, f"{shown}: PubMed has no tag [{term.tag}] and ignores it{hint}")
    if not term.is_quoted:
        for word in re.findall(r"(?<!\S)(?:and|or|not)(?!\S)", term.text):
            yield Finding(
                term.line, True, f"{shown}: {word} in small letters is a word and no operator; write {word.upper()}"
            )
        for reference in re.findall(r"(?<!\S)#\d+(?!\S)", term.text):
            yield Finding(term.line, True, f"{reference} is a line of another search; write the search out")
    for word in re.findall(r"[^\s\"\-]*\*[^\s\"\-]*", term.text):
        stem = word.partition("*")[0]
        if not word.endswith("*") or word.count("*") > 1 or not stem:
            yield Finding(term.line, True, f"{shown}: PubMed truncates at the end of a word only")
        elif len(stem) < _SHORTEST_STEM:
            yield Finding(term.line, True, f"{shown}: PubMed truncates words of {_SHORTEST_STEM} letters or more only")
    if re.search(r"\w[?$#](?!\w)|\w[?$]\w", term.text) and _tag_of(term) in _WORDS:
        yield Finding(term.line, False, f"{shown}: PubMed knows no wildcard but * and takes this sign for a blank")


def _press(tree: _Node) -> Iterator[Finding]:
    """Points of PRESS: headings and words for each concept, repeated terms, untagged terms, limits."""
    leaves = list(_terms_of(tree))
    untagged = [_shortened(term.written) for term in leaves if not _tag_of(term)]
    if untagged:
        yield Finding(0, False, f"without a tag, so that PubMed may read it otherwise one day: {', '.join(untagged)}")
    texts = [term.written.casefold() for term in leaves]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    if twice:
        yield Finding(0, False, f"there more than once: {', '.join(map(_shortened, twice))}")
    limits = sorted({_LIMITS[_tag_of(term)] for term in leaves if _tag_of(term) in _LIMITS})
    if limits:
        yield Finding(0, False, f"limited by {', '.join(limits)}: what is described late, or not yet, is lost")
    while isinstance(tree, _Joined) and tree.operator == "NOT":
        tree = tree.parts[0]
    concepts = tree.parts if isinstance(tree, _Joined) and tree.operator == "AND" else (tree,)
    for concept in concepts:
        kinds = {_tag_of(term) for term in _terms_of(concept)}
        if kinds <= {*_LIMITS, "sb", "ta", "pmid"}:
            continue
        first = _start_of(concept)
        if not kinds & _HEADINGS:
            yield Finding(0, False, f"the concept that begins with {first} has no MeSH heading")
        if not kinds & _WORDS:
            yield Finding(
                0, False, f"the concept that begins with {first} has headings only, and new records have none yet"
            )


def _terms_of(node: _Node) -> Iterator[_Term]:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, _Term):
            yield one
        else:
            stack += reversed(one.parts)


def _plain(tag: str) -> str:
    return " ".join(tag.partition(":")[0].casefold().split())


def _tag_of(term: _Term) -> str:
    """The short tag; empty where none is written, or none that PubMed has."""
    if not term.tag and term.text.casefold() == "hasabstract":
        return "sb"
    return _NAMES.get(_plain(term.tag), "")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
