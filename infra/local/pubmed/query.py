"""PubMed's query language: text into a tree.

What PubMed does, this does, also where it surprises: operators are read from left to right without precedence, a tag
after a closing bracket is ignored, an unknown tag is ignored and the words are searched everywhere, a quote without
its partner is ignored. Nothing here is an error but a query that PubMed itself refuses (``((``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FIELDS = {
    "tiab": "Title/Abstract", "ti": "Title", "ab": "Abstract", "mh": "MeSH Terms", "majr": "MeSH Major Topic",
    "sh": "MeSH Subheading", "pt": "Publication Type", "la": "Language", "uid": "UID", "au": "Author",
    "ta": "Journal", "tw": "Text Word", "all": "All Fields", "sb": "Filter", "ad": "Affiliation",
    "ot": "Other Term", "nm": "Supplementary Concept", "aid": "Article Identifier", "vi": "Volume", "ip": "Issue",
    "pg": "Pagination", "pdat": "Date - Publication", "crdt": "Date - Create", "edat": "Date - Entry",
    "mhda": "Date - MeSH", "mdat": "Date - Modification", "cdat": "Date - Completion",
}  # fmt: skip
"""Search fields by the name this package uses, with the name that a query translation shows."""

DATES = ("pdat", "crdt", "edat", "mhda", "mdat", "cdat")

_OTHER_NAMES = {
    "title": "ti", "abstract": "ab", "mesh": "mh", "mesh terms": "mh", "mh:noexp": "mh", "mesh:noexp": "mh",
    "mesh terms:noexp": "mh", "mesh major topic": "majr", "majr:noexp": "majr", "publication type": "pt", "ptyp": "pt",
    "language": "la", "lang": "la", "pmid": "uid", "author": "au", "fau": "au", "1au": "au", "journal": "ta", "jour": "ta",
    "text word": "tw", "text": "tw", "all fields": "all", "filter": "sb", "subset": "sb", "affiliation": "ad",
    "affl": "ad", "other term": "ot", "keyword": "ot", "aid": "aid", "doi": "aid", "lid": "aid",
    "article identifier": "aid", "volume": "vi", "issue": "ip", "page": "pg", "pagination": "pg", "subh": "sh",
    "dp": "pdat", "date - publication": "pdat", "publication date": "pdat", "date - create": "crdt",
    "create date": "crdt", "date - entry": "edat", "entrez date": "edat", "entry date": "edat", "edat": "edat",
    "date - mesh": "mhda", "mesh date": "mhda", "date - modification": "mdat", "modification date": "mdat", "lr": "mdat",
    "date - completion": "cdat", "completion date": "cdat", "dcom": "cdat", "title/abstract": "tiab",
    "substance": "nm", "rn": "nm",
}  # fmt: skip
_PROXIMITY = re.compile(r"(ti|tiab|ad|title|title/abstract|affiliation):~(\d+)")
_TOKEN = re.compile(r'\s+|(?P<bracket>[()])|"(?P<quoted>[^"]*)"|\[(?P<tag>[^\]]*)\]|(?P<word>[^\s()"\[\]]+)|.')
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


def field_of(tag: str) -> str | None:
    """The field that a tag (without brackets, any case) names, or ``None`` if it names none."""
    name = " ".join(tag.lower().split())
    return _OTHER_NAMES.get(name, name if name in FIELDS else None)


def read_query(text: str) -> Query:
    """Read ``text``, for example ``"social media"[tiab] AND (hospital* OR clinic)``.

    Raises:
        RefusedQueryError: If only opening brackets are there, as ``((``.
    """
    query = Query(None)
    if text.strip() and not text.strip("( \t\r\n"):
        raise RefusedQueryError("Search Backend failed: unbalanced parenthesis")
    tokens = _tokens(text, query)
    reader = _Reader(tokens, query)
    query.tree = reader.expression()
    while reader.at < len(tokens):  # a closing bracket too many: PubMed reads on
        reader.say("Unmatched right parenthesis ignored.")
        reader.at += 1
        rest = reader.expression()
        query.tree = Combined("AND", query.tree, rest) if query.tree and rest else query.tree or rest
    return query


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
        name = field_of(token.tag.split(":~")[0])  # [mh:~3]: the modifier is dropped without a word
        if name is None:
            self.query.tag_ignored = True
            return Term(token.text, quoted=token.kind == "quoted", written=written)
        first, colon, last = (part.strip().strip('"') for part in token.text.partition(":"))
        if name in DATES or (name == "uid" and colon):
            return Span(first, last if colon else first, name)
        return Term(token.text, name, token.kind == "quoted", None, written)
