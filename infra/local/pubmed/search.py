"""Runs a query over a corpus: which articles, how PubMed says it understood the query, and what it warns of.

The rules are those of recorded answers: a phrase or MeSH heading that the index does not know finds nothing, is named
in a warning and is left out of the translation where something else remains; when nothing at all is found because of
it, the translation repeats the query as it was sent. A single word that no article has is a plain zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.days import read_days
from infra.local.pubmed.fields import WHOLE, fold
from infra.local.pubmed.mapping import acting, mapped, without_apostrophes
from infra.local.pubmed.plan import (
    NOTHING,
    Between,
    Days,
    Joined,
    Near,
    Numbers,
    Plan,
    TooManyVariationsError,
    Words,
    either,
    join,
)
from infra.local.pubmed.qualifiers import qualifiers
from infra.local.pubmed.query import Combined, Earlier, Grouped, Node, RefusedQueryError, Span, Term, read_query
from infra.local.pubmed.tags import DATES, FIELDS

_STOPWORDS = """
a about again all almost also although always among an and another any are as at be because been before
being between both but by can could did do does done due during each either enough especially etc for found
from further had has have having here how however i if in into is it its itself just made mainly make may
might most mostly must nearly neither no nor obtained of often on or our overall perhaps pmid quite rather
really regarding seem seen several should show showed shown shows significantly since so some such than that
the their theirs them then there therefore these they this those through thus to upon use used using various
very was we were what when which while with within without would
"""
STOPWORDS = frozenset(_STOPWORDS.split())
"""Words PubMed does not index, after the table in PubMed's help."""

_HAS = {"hasabstract", "hasretractionin", "hasretractionof", "hasstructuredabstract"}
_NAMES = {"au", "1au", "lastau", "ir", "ed", "ps"}
_CONTROLLED = {"mh", "majr", "sh", "nm", "pa"}
"""Fields of a vocabulary: a word that is not in it is told, also when it is only one."""
_FEWEST_LETTERS = 4
"""Letters that a truncated term must have (PubMed's user guide, "Truncation")."""


@dataclass
class Result:
    """What a search found and said."""

    corpus: Corpus
    plan: Plan = NOTHING
    translation: str = ""
    translations: list[tuple[str, str]] = field(default_factory=list)
    """Of untagged words: what was typed and what it became."""
    phrases_not_found: list[str] = field(default_factory=list)
    phrases_ignored: list[str] = field(default_factory=list)
    quoted_phrases_not_found: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    tag_ignored: bool = False

    @cached_property
    def count(self) -> int:
        """How many articles it found."""
        return self.corpus.count(self.plan)

    @cached_property
    def pmids(self) -> list[str]:
        """Their PMIDs, the newest first."""
        return self.corpus.find(self.plan)


class UnknownHistoryError(Exception):
    """The query names an earlier search that the session does not have."""


@dataclass(frozen=True, slots=True)
class _Found:
    plan: Plan
    translation: str


def search(
    corpus: Corpus,
    text: str,
    earlier: Callable[[str], Sequence[int] | None] = lambda number: None,
    default_field: str = "",
) -> Result:
    """Run ``text`` over the articles that exist on the corpus' day.

    Args:
        corpus: The articles.
        text: The query.
        earlier: The result of an earlier search of the session by its number, or ``None``.
        default_field: Field for terms without a tag (``esearch``'s ``field=``); empty for PubMed's own mapping.

    Raises:
        RefusedQueryError: If PubMed would not run it.
        UnknownHistoryError: If it names an earlier search that is not there.
    """
    query = read_query(text)
    run = _Run(corpus, earlier, default_field)
    found = run.evaluate(query.tree) if query.tree is not None else None
    listed = {f"({without_apostrophes(to)})" for _, to in run.result.translations}
    if found and isinstance(query.tree, Term) and found.translation in listed:
        found = _Found(found.plan, found.translation[1:-1])  # alone it needs no brackets
    result = run.result
    result.messages += query.messages
    result.tag_ignored = query.tag_ignored
    result.plan = found.plan if found else NOTHING
    unknown = result.quoted_phrases_not_found or result.phrases_not_found
    try:
        nothing = not result.count
    except TooManyVariationsError as error:
        raise RefusedQueryError(f"Search Backend failed: {error}") from error
    result.translation = found.translation if found and not (nothing and unknown) else text
    if nothing:
        result.messages.append("No items found.")
    return result


class _Run:
    def __init__(self, corpus: Corpus, earlier: Callable[[str], Sequence[int] | None], default_field: str) -> None:
        self.corpus, self.earlier, self.default_field = corpus, earlier, default_field
        self.result = Result(corpus)

    def evaluate(self, node: Node) -> _Found | None:
        """What ``node`` finds; ``None`` when PubMed leaves it out of the query."""
        chain: list[tuple[str, Node]] = []
        while isinstance(node, Combined):  # as long as its operators, not as deep
            chain.append((node.operator, node.right))
            node = node.left
        found = self._part(node)
        for operator, right in reversed(chain):
            found = _combined(operator, found, self.evaluate(right))
        return found

    def _part(self, node: Node) -> _Found | None:
        match node:
            case Grouped(inner):
                found = self.evaluate(inner)
                return found and _Found(found.plan, f"({found.translation})")
            case Earlier(number):
                pmids = self.earlier(str(number))
                if pmids is None:
                    raise UnknownHistoryError(f"Unable to obtain query #{number}")
                return _Found(Numbers(tuple(pmids)), f"#{number}")
            case Span():
                return self._span(node)
            case Term():
                return self._term(node)
        return self.evaluate(node)

    def _span(self, span: Span) -> _Found | None:
        if span.field == "uid":
            first, last = (int(end) if end.isascii() and end.isdigit() else -1 for end in (span.first, span.last))
            return _Found(Between(first, last), f"{span.first}:{span.last}[UID]")
        days = read_days(span.first, span.last, self.corpus.today())
        if days is None:
            self.result.quoted_phrases_not_found.append(f'"{span.first}"[{FIELDS[span.field]}]')
            return None
        shown = ":".join(day.replace("-", "/") for day in days)
        return _Found(Days(span.field, *days), f"{shown}[{FIELDS[span.field]}]")

    def _term(self, term: Term) -> _Found | None:
        name = term.field or self.default_field
        if term.near is not None:
            return self._near(term)
        words = _folded(term.text)
        if name in DATES:
            return self._span(Span(term.text, term.text, name))
        if name == "uid":
            return _numbers(words) if words else None
        if not words:
            return None
        if _is_cut_too_short(words):
            self.result.phrases_not_found.append(term.text)
            return None
        if not name:
            return self._untagged(term, words)
        single = " " not in words
        if single and name not in WHOLE and words in STOPWORDS:
            self.result.phrases_not_found.append(term.text)
            return None
        looked_up = {
            "mh": self._heading,
            "majr": self._heading,
            "pt": self._heading,
            "sh": self._subheading,
            "pa": self._action,
        }
        if name in looked_up and "*" not in words:  # truncation turns explosion off
            found = looked_up[name](term, words, name)
            if found:
                return found
        plan = _plan(words, name, term.quoted)
        if self._knows(words, plan) or (single and name not in _CONTROLLED):
            return _Found(plan, f'"{_shown(term.text)}"[{FIELDS[name]}]')
        if term.quoted or single or name in WHOLE or "-" in term.text:
            self.result.quoted_phrases_not_found.append(
                term.written if term.quoted else f'"{term.text}"[{FIELDS[name]}]'
            )
            return None
        return _each_word(words, name)

    def _heading(self, term: Term, words: str, name: str) -> _Found | None:
        """A heading with all that is narrower, ``None`` where the index and MeSH know none of that name.

        With a subheading, ``asthma/drug therapy`` or ``asthma/dt``, that one too is taken with all that is narrower.
        """
        typed, slash, sub = term.text.partition("/")
        if not slash or name == "pt" or self.corpus.thesaurus.heading(words):
            typed, slash, sub = term.text, "", ""
        asked, qualifier = fold(typed), self._qualifier(fold(sub))
        heading = self.corpus.thesaurus.heading(asked)
        field = "mh" if name == "majr" else name
        if (slash and not qualifier) or not (heading or self._knows(asked, Words(asked, field))):
            return None
        names = self.corpus.thesaurus.narrower(heading or asked) if term.exploded else [heading or asked]
        subs = qualifiers().narrower(qualifier) if term.exploded else [qualifier]
        plan = either([Words(f"{one} {sub}".strip(), name) for one in names for sub in subs])
        shown = self.corpus.thesaurus.shown(heading) if heading and heading != asked else _shown(typed)
        shown += f"/{qualifiers().shown(qualifier)}" if qualifier else ""
        translation = f'"{shown}"[{FIELDS[name]}{"" if term.exploded else ":noexp"}]'
        if not term.quoted and name != "pt":
            self.result.translations.append((term.written, translation))
        return _Found(plan, translation)

    def _subheading(self, term: Term, words: str, name: str) -> _Found | None:
        qualifier = self._qualifier(words)
        if not qualifier:
            return None
        subs = qualifiers().narrower(qualifier) if term.exploded else [qualifier]
        shown = f'"{qualifiers().shown(qualifier)}"[{FIELDS[name]}{"" if term.exploded else ":noexp"}]'
        return _Found(either([Words(sub, name) for sub in subs]), shown)

    def _action(self, term: Term, words: str, name: str) -> _Found | None:
        """The substances of a pharmacological action and of those below it, their headings not exploded."""
        heading = self.corpus.thesaurus.heading(words) or words
        plan = acting(heading, self.corpus.thesaurus, self.corpus.actions)
        return _Found(plan, f'"{_shown(term.text)}"[{FIELDS[name]}]') if plan else None

    def _qualifier(self, words: str) -> str:
        """The folded qualifier that ``words`` name, also one that is only in the records; empty for none."""
        return qualifiers().named(words) or (words if words and self._knows(words, Words(words, "sh")) else "")

    def _untagged(self, term: Term, words: str) -> _Found | None:
        """Words without a tag: numbers, a filter's name, a quoted phrase, or what PubMed's term mapping makes of them."""
        if words.replace(" ", "").isdigit() and not term.quoted and len(words) > 4:
            return _numbers(words)
        if (re.fullmatch(r"has[a-z]+", words) and self._knows(words, Words(words, "sb"))) or words in _HAS:
            return _Found(Words(words, "sb"), f'"{words}"[Filter]')
        anywhere = Words(words, "all")
        if term.quoted and self._knows(words, anywhere):
            return _Found(anywhere, f'"{_shown(term.text)}"[All Fields]')
        if term.quoted and " " in words:
            self.result.quoted_phrases_not_found.append(term.written)
        parts = mapped(words, self.corpus.thesaurus, self.corpus.actions, self._knows)
        self.result.phrases_ignored += [part.words for part in parts if part.words in STOPWORDS]
        heard = [part for part in parts if part.words not in STOPWORDS]
        if not heard:
            return None
        if (
            len(heard) == 1
            and heard[0].kind == "word"
            and not self._knows(heard[0].words, Words(heard[0].words, "all"))
        ):
            self.result.quoted_phrases_not_found.append(f'"{term.text}"')
        found = []
        for part in heard:
            if part.kind != "word":
                typed = term.written if len(parts) == 1 else part.words
                self.result.translations.append((typed, part.listed))
            found.append(_Found(part.plan, part.translation if part.kind == "word" else f"({part.translation})"))
        plans = tuple(one.plan for one in found)
        return _Found(
            plans[0] if len(plans) == 1 else Joined("AND", plans), " AND ".join(one.translation for one in found)
        )

    def _near(self, term: Term) -> _Found | None:
        wanted = _folded(term.text).replace("*", "").split()
        if not wanted:
            return None
        plan = Near(tuple(wanted), term.field, len(wanted) + (term.near or 0))
        return _Found(plan, f'"{_shown(term.text)}"[{FIELDS[term.field]}:~{term.near}]')

    def _knows(self, words: str, plan: Plan) -> bool:
        return words in self.corpus.known_phrases or self.corpus.knows(plan)


def _combined(operator: str, left: _Found | None, right: _Found | None) -> _Found | None:
    if left is None or right is None:
        rest = left or (right if operator != "NOT" else None)
        # What is not known adds nothing to an OR, takes nothing in a NOT, and leaves nothing of an AND.
        return _Found(NOTHING, rest.translation) if rest and operator == "AND" else rest
    return _Found(join(operator, left.plan, right.plan), f"{left.translation} {operator} {right.translation}")


def _plan(words: str, name: str, quoted: bool) -> Plan:
    if name in _NAMES and not quoted and "*" not in words:
        # Initials are cut off at the end on their own: "smith j" finds Smith JA too.
        return Words(f"{words}*", name) if " " in words else either([Words(words, name), Words(f"{words} *", name)])
    return Words(words, name)


def _numbers(words: str) -> _Found:
    numbers = [number for number in words.split() if number.isascii() and number.isdigit()]
    translation = " OR ".join(f"{number}[UID]" for number in words.split())
    return _Found(Numbers(tuple(map(int, numbers))), translation)


def _each_word(words: str, name: str) -> _Found:
    parts = tuple(Words(word, name) for word in words.split())
    translation = " AND ".join(f'"{part.text}"[{FIELDS[name]}]' for part in parts)
    return _Found(parts[0] if len(parts) == 1 else Joined("AND", parts), translation)


def _is_cut_too_short(words: str) -> bool:
    return "*" in words and len(words.partition("*")[0].replace(" ", "")) < _FEWEST_LETTERS


def _folded(text: str) -> str:
    # An asterisk after a letter stays where it is; others (U+2217) are not letters and go.
    pieces = re.split(r"(?<=\w)\*", text)
    words = fold(pieces[0])
    for piece in pieces[1:]:
        words += "*" if words and words[-1] != "*" else ""
        words += fold(piece) if re.match(r"\w", piece) else f" {fold(piece)}".rstrip()
    return words.strip()


def _shown(text: str) -> str:
    plain = re.sub(r"[^\w*]+", " ", text).strip()
    return plain if plain == " ".join(text.split()) else plain.lower()
