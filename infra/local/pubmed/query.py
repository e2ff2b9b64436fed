"""PubMed's query language: text into a tree.

What PubMed does, this does, also where it surprises: operators are read from left to right without precedence, a tag
after a closing bracket is ignored, an unknown tag is ignored and the words are searched everywhere, a quote without
its partner is ignored. Nothing here is an error but a query that PubMed itself refuses (``((``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from infra.local.pubmed.tags import DATES, field_of

_PROXIMITY = re.compile(r"(ti|tiab|ad|title|title/abstract|affiliation):~(\d+)")
_TOKEN = re.compile(r'\s+|(?P<bracket>[()])|"(?P<quoted>[^"]*)"|\[(?P<tag>[^\]]*)\]|(?P<word>[^\s()"\[\]]+)|.')
_DEEPEST = 150
"""Levels of parentheses that are read."""
_UNMATCHED = "Unmatched right parenthesis ignored."
_OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class Term:
    """Words to look for, with the field they were tagged with (``""`` for none)."""

    text: str
    field: str = ""
    quoted: bool = False
    near: int | None = None
    """For ``[tiab:~N]``: how many other words may stand between."""
    written: str = ""
    """As it stood in the query, for warnings."""
    exploded: bool = True
    """Whether narrower headings count too; not with ``[mh:noexp]``."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of UIDs or of days, both ends included."""

    first: str
    last: str
    field: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """The result of an earlier search of the same session, ``#3``."""

    number: int


@dataclass(frozen=True, slots=True)
class Combined:
    """Two parts and the operator between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Grouped:
    """A part that was in brackets."""

    inner: Node


Node = Term | Span | Earlier | Combined | Grouped


@dataclass(slots=True)
class Query:
    """A query as read: its tree (``None`` when nothing is left of it) and what had to be said while reading it."""

    tree: Node | None
    messages: list[str] = field(default_factory=list)
    """For WarningList's OutputMessage."""
    tag_ignored: bool = False
    """A tag was unknown or stood after a bracket; PubMed tells by an ErrorList with nothing in it."""


class RefusedQueryError(Exception):
    """A query that PubMed does not run at all; the text is the backend's."""


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    tag: str | None = None


def read_query(text: str) -> Query:
    """Read ``text``, for example ``"social media"[tiab] AND (hospital* OR clinic)``.

    Raises:
        RefusedQueryError: If only opening brackets are there, as ``((``.
    """
    query = Query(None)
    if text.strip() and not text.strip("( \t\r\n"):
        raise RefusedQueryError("Search Backend failed: unbalanced parenthesis")
    if _depth(text) > _DEEPEST:
        raise RefusedQueryError("Search Backend failed: parentheses are nested too deeply")
    query.tree = _Reader(_paired(_tokens(text, query), query), query).expression()
    return query


def _paired(tokens: list[_Token], query: Query) -> list[_Token]:
    """``tokens`` without closing brackets that nothing opens: PubMed reads on."""
    kept, depth = [], 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if depth < 0:
            depth = 0
            if _UNMATCHED not in query.messages:
                query.messages.append(_UNMATCHED)
        else:
            kept.append(token)
    return kept


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in re.finditer(r"[()]", text):
        depth = depth + 1 if found[0] == "(" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _tokens(text: str, query: Query) -> list[_Token]:
    tokens: list[_Token] = []
    for found in _TOKEN.finditer(text):
        if found["bracket"]:
            tokens.append(_Token(found["bracket"], found["bracket"]))
        elif found["quoted"] is not None:
            tokens.append(_Token("quoted", found["quoted"]))
        elif found["tag"] is not None:
            if tokens and tokens[-1].kind in {"words", "quoted"} and tokens[-1].tag is None:
                tokens[-1].tag = found["tag"]
            else:
                query.tag_ignored = True
        elif found["word"]:
            _add_word(tokens, found["word"])
        elif found[0] == '"':
            query.messages.append("Unmatched double quote ignored.")
    return [token for token in tokens if token.kind != "quoted" or token.text.strip()]


def _add_word(tokens: list[_Token], word: str) -> None:
    before = tokens[-1] if tokens else None
    if word in _OPERATORS:
        tokens.append(_Token("operator", word))
    elif re.fullmatch(r"#\d+", word):
        tokens.append(_Token("earlier", word[1:]))
    elif word == ":" and before is not None and before.kind == "quoted":
        tokens.append(_Token("colon", word))
    elif before is not None and before.kind == "words" and before.tag is None:
        before.text += f" {word}"
    else:
        tokens.append(_Token("words", word))


class _Reader:
    """Reads the tokens from left to right; ``at`` is the next one."""

    def __init__(self, tokens: list[_Token], query: Query) -> None:
        self.tokens, self.query, self.at = tokens, query, 0

    def say(self, message: str) -> None:
        if message not in self.query.messages:
            self.query.messages.append(message)

    def expression(self) -> Node | None:
        left: Node | None = None
        operator = "AND"
        while self.at < len(self.tokens) and self.tokens[self.at].kind != ")":
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "operator":
                operator = token.text
                continue
            part = self._part(token)
            if part is not None:
                left = part if left is None else Combined(operator, left, part)
                operator = "AND"  # parts side by side are ANDed
        return left

    def _part(self, token: _Token) -> Node | None:
        if token.kind == "(":
            inner = self.expression()
            if self.at < len(self.tokens):
                self.at += 1
            else:
                self.say("Unmatched left parenthesis ignored.")
            return Grouped(inner) if isinstance(inner, Combined) else inner
        if token.kind == "earlier":
            return Earlier(int(token.text))
        if token.kind == "colon":
            return None
        following = self.tokens[self.at : self.at + 2]
        if [other.kind for other in following] == ["colon", "quoted"]:
            self.at += 2
            tag = following[1].tag or token.tag or ""
            return self._term(_Token("words", f"{token.text}:{following[1].text}", tag))
        return self._term(token)

    def _term(self, token: _Token) -> Node:
        written = f'"{token.text}"' if token.kind == "quoted" else token.text
        if token.tag is None:
            return Term(token.text, quoted=token.kind == "quoted", written=written)
        written += f"[{token.tag}]"
        near = _PROXIMITY.fullmatch(token.tag.strip().lower())
        if near:
            return Term(token.text, field_of(near[1]) or "", True, int(near[2]), written)
        tag, _, modifier = token.tag.partition(":")  # [mh:~3]: the modifier is dropped without a word
        name = field_of(tag)
        if name is None:
            self.query.tag_ignored = True
            return Term(token.text, quoted=token.kind == "quoted", written=written)
        first, colon, last = (part.strip().strip('"') for part in token.text.partition(":"))
        if name in DATES or (name == "uid" and colon):
            return Span(first, last if colon else first, name)
        exploded = modifier.strip().lower() != "noexp"
        return Term(token.text, name, token.kind == "quoted", None, written, exploded)
