"""Runs a query over a corpus: which articles, how PubMed says it understood the query, and what it warns of.

The rules are those of recorded answers: a phrase or MeSH heading that the index does not know finds nothing, is named
in a warning and is left out of the translation where something else remains; when nothing at all is found because of
it, the translation repeats the query as it was sent. A single word that no article has is a plain zero.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from infra.local.pubmed.article import Article, fold
from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.query import DATES, FIELDS, Combined, Earlier, Grouped, Node, Span, Term, read_query

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

_WHOLE = {"mh", "majr", "pt", "la", "au", "ta", "sh", "sb", "uid"}


@dataclass(slots=True)
class Result:
    """What a search found (newest PMID first) and said."""

    pmids: list[str] = field(default_factory=list)
    translation: str = ""
    translations: list[tuple[str, str]] = field(default_factory=list)
    """Of untagged words: what was typed and what it became."""
    phrases_not_found: list[str] = field(default_factory=list)
    phrases_ignored: list[str] = field(default_factory=list)
    quoted_phrases_not_found: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    tag_ignored: bool = False


class UnknownHistoryError(Exception):
    """The query names an earlier search that the session does not have."""


@dataclass(frozen=True, slots=True)
class _Found:
    pmids: frozenset[str]
    translation: str


def search(corpus: Corpus, text: str, earlier: Sequence[Sequence[str]] = (), default_field: str = "") -> Result:
    """Run ``text`` over the articles that exist on the corpus' day.

    Args:
        corpus: The articles.
        text: The query.
        earlier: Results of the session's earlier searches, ``#1`` first.
        default_field: Field for terms without a tag (``esearch``'s ``field=``); empty for PubMed's own mapping.

    Raises:
        RefusedQueryError: If PubMed would not run it.
        UnknownHistoryError: If it names an earlier search that is not there.
    """
    query = read_query(text)
    run = _Run(corpus, earlier, default_field)
    found = run.evaluate(query.tree) if query.tree is not None else None
    result = run.result
    result.messages += query.messages
    result.tag_ignored = query.tag_ignored
    pmids = found.pmids if found else frozenset()
    result.pmids = [article.pmid for article in corpus.shown() if article.pmid in pmids]
    unknown = result.quoted_phrases_not_found or result.phrases_not_found
    result.translation = found.translation if found and (pmids or not unknown) else text
    if not pmids:
        result.messages.append("No items found.")
    return result


class _Run:
    def __init__(self, corpus: Corpus, earlier: Sequence[Sequence[str]], default_field: str) -> None:
        self.corpus, self.earlier, self.default_field = corpus, earlier, default_field
        self.articles = corpus.shown()
        self.result = Result()

    def evaluate(self, node: Node) -> _Found | None:
        """What ``node`` finds; ``None`` when PubMed leaves it out of the query."""
        match node:
            case Combined():
                return self._combined(node)
            case Grouped(inner):
                found = self.evaluate(inner)
                return found and _Found(found.pmids, f"({found.translation})")
            case Earlier(number):
                if not 1 <= number <= len(self.earlier):
                    raise UnknownHistoryError(f"Unable to obtain query #{number}")
                return _Found(frozenset(self.earlier[number - 1]), f"#{number}")
            case Span():
                return self._span(node)
            case Term():
                return self._term(node)

    def _combined(self, node: Combined) -> _Found | None:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if left is None or right is None:
            rest = left or (right if node.operator != "NOT" else None)
            # What is not known adds nothing to an OR, takes nothing in a NOT, and leaves nothing of an AND.
            return _Found(frozenset(), rest.translation) if rest and node.operator == "AND" else rest
        pmids = {
            "AND": left.pmids & right.pmids,
            "OR": left.pmids | right.pmids,
            "NOT": left.pmids - right.pmids,
        }[node.operator]
        return _Found(pmids, f"{left.translation} {node.operator} {right.translation}")

    def _span(self, span: Span) -> _Found | None:
        if span.field == "uid":
            first, last = (int(end) if end.isdigit() else -1 for end in (span.first, span.last))
            pmids = self._where(lambda article: first <= int(article.pmid) <= last)
            return _Found(pmids, f"{span.first}:{span.last}[UID]")
        days = read_days(span.first, span.last, self.corpus.today())
        if days is None:
            self.result.quoted_phrases_not_found.append(f'"{span.first}"[{FIELDS[span.field]}]')
            return None
        first_day, last_day = days
        pmids = self._where(
            lambda article: any(first_day <= day <= last_day for day in article.dates.get(span.field, ()))
        )
        shown = ":".join(day.replace("-", "/") for day in days)
        return _Found(pmids, f"{shown}[{FIELDS[span.field]}]")

    def _term(self, term: Term) -> _Found | None:
        name = term.field or self.default_field
        if term.near is not None:
            return self._near(term)
        if not name:
            return self._untagged(term)
        if name in DATES:
            return self._span(Span(term.text, term.text, name))
        words = _folded(term.text)
        if not words:
            return None
        if name == "uid":
            return self._numbers(words)
        single = " " not in words
        if single and name not in _WHOLE and words in STOPWORDS:
            self.result.phrases_not_found.append(term.text)
            return None
        if self._is_known(words, name, term) or (single and name != "mh" and name != "majr"):
            return _Found(self._holding(words, name, term), f'"{_shown(term.text)}"[{FIELDS[name]}]')
        if term.quoted or single or name in _WHOLE or "-" in term.text:
            self.result.quoted_phrases_not_found.append(
                term.written if term.quoted else f'"{term.text}"[{FIELDS[name]}]'
            )
            return None
        return self._each_word(words, name)

    def _untagged(self, term: Term) -> _Found | None:
        """Words without a tag: as MeSH heading where it is one, and each word anywhere (PubMed's ATM)."""
        words = _folded(term.text)
        if words.replace(" ", "").isdigit() and not term.quoted and len(words) > 4:
            return self._numbers(words)
        if words in {"hasabstract", "hasretractionin", "hasretractionof"}:
            return _Found(self._holding(words, "sb", term), f'"{words}"[Filter]')
        if term.quoted and words and (self._is_known(words, "all", term) or " " not in words):
            found = self._holding(words, "all", term)
            if found or " " in words:
                return _Found(found, f'"{_shown(term.text)}"[All Fields]')
        if term.quoted and " " in words:
            self.result.quoted_phrases_not_found.append(term.written)
        heard = [word for word in words.split() if word not in STOPWORDS]
        self.result.phrases_ignored += [word for word in words.split() if word in STOPWORDS]
        if not heard:
            return None
        anywhere = self._each_word(" ".join(heard), "all")
        if len(heard) == 1 and not anywhere.pmids and not self._is_known(heard[0], "all", term):
            self.result.quoted_phrases_not_found.append(f'"{term.text}"')
        heading = " ".join(heard)
        if not self._is_known(heading, "mh", term) or heading.endswith("*"):
            return anywhere
        grouped = f"({anywhere.translation})" if len(heard) > 1 else anywhere.translation
        translation = f'"{heading}"[MeSH Terms] OR {grouped}'
        if len(heard) > 1:
            translation += f' OR "{heading}"[All Fields]'
        self.result.translations.append((term.written, translation))
        pmids = anywhere.pmids | self._holding(heading, "mh", term)
        return _Found(pmids, f"({translation})")

    def _numbers(self, words: str) -> _Found:
        wanted = set(words.split())
        translation = " OR ".join(f"{number}[UID]" for number in words.split())
        return _Found(self._where(lambda article: article.pmid in wanted), translation)

    def _each_word(self, words: str, name: str) -> _Found:
        each = [Term(word, name) for word in words.split()]
        sets = [self._holding(term.text, name, term) for term in each]
        pmids = frozenset.intersection(*sets)
        return _Found(pmids, " AND ".join(f'"{term.text}"[{FIELDS[name]}]' for term in each))

    def _near(self, term: Term) -> _Found | None:
        wanted = _folded(term.text).replace("*", "").split()
        if not wanted:
            return None
        limit = len(wanted) + (term.near or 0)
        pmids = self._where(
            lambda article: any(
                _stand_near(segment.split(), wanted, limit) for segment in article.text[term.field].split("|")
            )
        )
        return _Found(pmids, f'"{_shown(term.text)}"[{FIELDS[term.field]}:~{term.near}]')

    def _is_known(self, words: str, name: str, term: Term) -> bool:
        if words in self.corpus.known_phrases:
            return True
        matches = _matcher(words, name, term)
        return any(matches(article.text.get(name, "")) for article in self.corpus.every())

    def _holding(self, words: str, name: str, term: Term) -> frozenset[str]:
        matches = _matcher(words, name, term)
        return self._where(lambda article: matches(article.text.get(name, "")))

    def _where(self, holds: Callable[[Article], bool]) -> frozenset[str]:
        return frozenset(article.pmid for article in self.articles if holds(article))


def _matcher(words: str, name: str, term: Term) -> Callable[[str], bool]:
    if words.count("*") > 1 or ("*" in words and not words.endswith("*")):
        pattern = re.compile(f" {re.escape(words).replace(chr(92) + '*', '[^ |]*')} ")
        return lambda text: pattern.search(text) is not None
    start = "| " if name in _WHOLE else " "
    if words.endswith("*"):
        begins = start + words[:-1]
        return lambda text: begins in text
    if name == "au" and not term.quoted:
        # Initials are cut off at the end on their own: "smith j" finds Smith JA too.
        begins, whole = f"| {words}", f"| {words} "
        return lambda text: (begins if " " in words else whole) in text
    if name == "ad":
        start = " "
    held = f"{start}{words}{' |' if name in _WHOLE else ' '}"
    return lambda text: held in text


def _stand_near(words: list[str], wanted: list[str], limit: int) -> bool:
    places = [at for at, word in enumerate(words) if word in wanted]
    return any(set(wanted) <= set(words[at : at + limit]) for at in places)


def _folded(text: str) -> str:
    # The asterisk of truncation stays at the end of its word; others (U+2217) are not letters and go.
    return " ".join(f"{fold(part)}*" if star else fold(part) for part, star in _parts(text) if fold(part))


def _parts(text: str) -> list[tuple[str, bool]]:
    pieces = re.split(r"(?<=\w)\*", text)
    return [(piece, at < len(pieces) - 1) for at, piece in enumerate(pieces)]


def _shown(text: str) -> str:
    plain = re.sub(r"[^\w*]+", " ", text).strip()
    return plain if plain == " ".join(text.split()) else plain.lower()


def read_days(first: str, last: str, today: date) -> tuple[str, str] | None:
    """Both ends of a range of days, ISO; a year or a month alone means all of it. ``None`` if it is no date.

    ``last 30 days`` (also years) counts back from ``today``.
    """
    back = re.fullmatch(r"last\s+(\d{1,5})\s+(day|week|month|year)s?", first.strip().lower())
    if back:
        days = int(back[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[back[2]]
        return (today - timedelta(days=min(days, 700_000))).isoformat(), today.isoformat()
    begin, end = _day(first, last=False), _day(last, last=True)
    return (begin, end) if begin and end else None


def _day(text: str, last: bool) -> str:
    found = re.fullmatch(r"(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?", text.strip())
    if not found:
        return ""
    year = int(found[1])
    month = int(found[2]) if found[2] else (12 if last else 1)
    if not 1 <= month <= 12:
        return ""
    longest = calendar.monthrange(max(year, 1), month)[1]
    day = int(found[3]) if found[3] else (longest if last else 1)
    return f"{year:04d}-{month:02d}-{min(day, longest):02d}"
