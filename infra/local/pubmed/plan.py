"""What a query looks for, as a tree that an index can answer: FTS5 expressions as far as they reach, SQL above.

Boolean operations on words, headings and days become one FTS5 expression, which SQLite runs without giving a row to
Python. Ranges of PMIDs and earlier results, which FTS5 does not know, are joined with it in SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infra.local.pubmed.fields import GROUPS, WHOLE
from infra.local.pubmed.index import COLUMNS, SLOTS, Index

_DEEPEST = 40
"""Levels of AND and OR in one expression; FTS5 stops at 256 and SQLite's parser at 100."""
_WIDEST = 32
"""Parts of one OR: FTS5 looks at each of them again for every article that any of them finds."""
_MOST_VARIATIONS = 5_000
_HIGHEST = 2**40
"""Above every PMID."""
_FEW = 1_000
_COLUMNS_OF = {
    "tw": ("ti", "ab", "oab", "ot", "cv"),
    "all": tuple(column for column in COLUMNS if column != "tag"),
    **{name: parts for name, parts in GROUPS.items() if name in {"tiab", "ab"}},
}


class TooManyVariationsError(Exception):
    """An asterisk inside a word stands for more words than are looked at."""


@dataclass(frozen=True, slots=True)
class Words:
    """Folded words in a field, as a phrase; each may have asterisks for any letters.

    In fields of whole segments (headings, names) the words are the whole segment.
    """

    text: str
    field: str


@dataclass(frozen=True, slots=True)
class Near:
    """Words in any order in one segment of a field, so that all stand within ``span`` words."""

    words: tuple[str, ...]
    field: str
    span: int


@dataclass(frozen=True, slots=True)
class Days:
    """Dates of a field between two ISO days, both included."""

    field: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Between:
    """PMIDs between two, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """These PMIDs."""

    pmids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts with one operator between them: AND or OR of any number, NOT of two."""

    operator: str
    parts: tuple[Plan, ...]


Plan = Words | Near | Days | Between | Numbers | Joined
NOTHING = Numbers(())


def join(operator: str, left: Plan, right: Plan) -> Plan:
    """``left operator right``; a chain of the same operator stays one level."""
    if operator != "NOT" and isinstance(left, Joined) and left.operator == operator:
        return Joined(operator, (*left.parts, right))
    return Joined(operator, (left, right))


def either(parts: Sequence[Plan]) -> Plan:
    """Any of ``parts``."""
    return parts[0] if len(parts) == 1 else Joined("OR", tuple(parts)) if parts else NOTHING


@dataclass(frozen=True, slots=True)
class _Match:
    """An FTS5 expression, and the rows between which it is looked for."""

    text: str
    depth: int = 0
    between: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows between two."""

    first: int
    last: int


_Held = frozenset[int]
"""Rows that were looked up."""

_Made = _Match | _Rows | _Held
_NONE: _Held = frozenset()


def find(index: Index, plan: Plan, day: int, limit: int = -1) -> list[int]:
    """PMIDs that ``plan`` finds on ``day``, the newest first."""
    with index.lock:
        sql, values = _visible(index, _compiled(index, plan), day)
        found = index.db.execute(f"SELECT id FROM ({sql}) ORDER BY id DESC LIMIT ?", (*values, limit))
        return [row // SLOTS for (row,) in found]


def find_sorted(index: Index, plan: Plan, day: int, key: str) -> list[tuple[float | int | str, int]]:
    """The same with each PMID's sort key: ``published`` (``YYYYMMDD``), ``author``, ``journal``, or ``relevance``.

    Relevance is BM25 (the smaller the better) where the whole plan is words, else the same for all.
    """
    with index.lock:
        made = _compiled(index, plan)
        sql, values = _visible(index, made, day)
        if key != "relevance":
            sql = f"SELECT {key}, f.id FROM ({sql}) f JOIN doc USING(id)"
        elif isinstance(made, _Match):
            sql = sql.replace("SELECT rowid AS id", "SELECT rank, rowid", 1)
        else:
            sql = f"SELECT 0, id FROM ({sql})"
        return [(one, row // SLOTS) for one, row in index.db.execute(sql, values)]


def count(index: Index, plan: Plan, day: int) -> int:
    """How many articles ``plan`` finds on ``day``."""
    with index.lock:
        sql, values = _visible(index, _compiled(index, plan), day)
        return int(index.db.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()[0])


def exists(index: Index, plan: Plan) -> bool:
    """Whether any version of any article fits, those of days to come too."""
    with index.lock:
        sql, values = _sql(_compiled(index, plan))
        return bool(index.db.execute(f"SELECT 1 FROM ({sql}) WHERE id NOT IN gone LIMIT 1", values).fetchone())


def _visible(index: Index, made: _Made, day: int) -> tuple[str, tuple[object, ...]]:
    sql, given = _sql(made)
    if isinstance(made, _Match):
        more, values = index.conditions("words.rowid", day)
        return f"{sql}{more}", (*given, *values)
    more, values = index.conditions("f.id", day)
    return f"SELECT id FROM ({sql}) f WHERE 1{more}", (*given, *values)


def _sql(made: _Made) -> tuple[str, tuple[object, ...]]:
    match made:
        case _Match(text, _, between):
            sql = "SELECT rowid AS id FROM words WHERE words MATCH ?"
            return (sql, (text,)) if between is None else (f"{sql} AND rowid BETWEEN ? AND ?", (text, *between))
        case _Rows(first, last):
            return "SELECT id FROM doc WHERE live = 1 AND id BETWEEN ? AND ?", (first, last)
        case _:
            return "SELECT value AS id FROM json_each(?)", (json.dumps(sorted(made)),)


def _compiled(index: Index, plan: Plan) -> _Made:
    """``plan`` for one index. Chains of operators are walked, not climbed, as they may be thousands long."""
    chain: list[Joined] = []
    while isinstance(plan, Joined):
        chain.append(plan)
        plan = plan.parts[0]
    made = _single(index, plan)
    for joined in reversed(chain):
        made = _joined(index, joined.operator, [made, *(_compiled(index, part) for part in joined.parts[1:])])
    return made


def _single(index: Index, plan: Words | Near | Days | Between | Numbers) -> _Made:
    match plan:
        case Words(text, field):
            return _words(index, text, field)
        case Near():
            return _near(index, plan)
        case Days(field, first, last):
            tokens = _day_tokens(index, field, first, last)
            return _Match("tag : (" + " OR ".join(f'"{token}"' for token in tokens) + ")") if tokens else _NONE
        case Between(first, last):
            return _Rows(max(0, min(first, _HIGHEST)) * SLOTS, max(-1, min(last, _HIGHEST)) * SLOTS + SLOTS - 1)
        case Numbers(pmids):
            sql = f"SELECT id FROM doc WHERE live = 1 AND id / {SLOTS} IN (SELECT value FROM json_each(?))"
            if len(pmids) < _FEW:  # few are looked up, many are scanned for
                sql = (
                    f"SELECT d.id FROM json_each(?) n JOIN doc d ON d.id BETWEEN n.value * {SLOTS} AND "
                    f"n.value * {SLOTS} + {SLOTS - 1} WHERE live = 1"
                )
            given = json.dumps([pmid for pmid in pmids if pmid < _HIGHEST])
            return frozenset(row for (row,) in index.db.execute(sql, (given,)))


def _joined(index: Index, operator: str, parts: Sequence[_Made]) -> _Made:
    words = [part for part in parts if isinstance(part, _Match) and part.between is None]
    ranges = [part for part in parts if isinstance(part, _Rows)] if operator == "AND" else []
    at_hand = len(words) + len(ranges) == len(parts)
    if at_hand and operator == "OR" and len(words) > _WIDEST:
        words = _grouped(words)
    depth = 1 + max((part.depth for part in words), default=0)
    if at_hand and depth <= _DEEPEST:
        text = (
            f" {operator} ".join(f"({part.text})" for part in words)
            if len(words) > 1
            else words[0].text
            if words
            else ""
        )
        if not ranges:
            return _Match(text, depth)
        # A range of PMIDs bounds the rows that the rest is looked for in: what clients ask to get past the window.
        first, last = max(one.first for one in ranges), min(one.last for one in ranges)
        return _Match(text, depth, (first, last)) if words else _Rows(first, last)
    rows: _Held | None = None
    for part in parts:
        found = part if isinstance(part, frozenset) else _looked_up(index, part)
        rows = found if rows is None else _SETS[operator](rows, found)
    return rows or _NONE


def _grouped(words: list[_Match]) -> list[_Match]:
    """An OR of few parts that finds the same. FTS5 would make one OR of one inside another, but for the NOT between."""
    while len(words) > _WIDEST:
        groups = [words[at : at + _WIDEST] for at in range(0, len(words), _WIDEST)]
        words = [
            _Match(
                f'({" OR ".join(f"({one.text})" for one in group)}) NOT tag : "_"', 2 + max(one.depth for one in group)
            )
            for group in groups
        ]
    return words


def _looked_up(index: Index, made: _Made) -> _Held:
    sql, values = _sql(made)
    return frozenset(row for (row,) in index.db.execute(sql, values))


_SETS: dict[str, Callable[[_Held, _Held], _Held]] = {
    "AND": frozenset.intersection, "OR": frozenset.union, "NOT": frozenset.difference,
}  # fmt: skip


def _words(index: Index, text: str, field: str) -> _Match | _Held:
    if field in WHOLE:
        return _any_of(index, [f"_{field}_{text.replace(' ', '_')}"], "tag")
    columns = " ".join(_COLUMNS_OF.get(field, (field,)))
    return _any_of(index, text.split(), f"{{{columns}}}" if field != "all" else "")


def _any_of(index: Index, words: list[str], columns: str) -> _Match | _Held:
    """A phrase. An asterisk at its very end is FTS5's own; others stand for the words that there are."""
    *before, last = words
    truncated = last.endswith("*") and "*" not in last[:-1]
    fixed = [*before, last[:-1]] if truncated else words
    phrases: list[list[str]] = [[]]
    for word in fixed:
        variations = _variations(index, word) if "*" in word else [word]
        if len(phrases) * len(variations) > _MOST_VARIATIONS:
            raise TooManyVariationsError(f"more than {_MOST_VARIATIONS} words fit {word}")
        phrases = [[*phrase, variation] for phrase in phrases for variation in variations]
    if not phrases:
        return _NONE
    said = " OR ".join(f'"{" ".join(phrase)}"{" *" if truncated else ""}' for phrase in phrases)
    return _Match(f"{columns} : ({said})" if columns else said)


def _variations(index: Index, word: str) -> list[str]:
    start = word.partition("*")[0]
    index.db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, row)")
    pattern = re.compile(re.escape(word).replace(r"\*", "[^_|]*"))
    found = index.db.execute("SELECT term FROM vocabulary WHERE term >= ? AND term < ?", (start, f"{start}\U0010ffff"))
    return [term for (term,) in found if pattern.fullmatch(term)]


def _near(index: Index, plan: Near) -> _Match | _Held:
    """FTS5's NEAR does not see where a segment ends, so that articles with several segments are read to be sure."""
    wanted = list(dict.fromkeys(plan.words))
    said = " ".join(f'"{word}"' for word in wanted)
    near = f"NEAR({said}, {max(0, plan.span - 2)})" if len(wanted) > 1 else said
    columns = _COLUMNS_OF.get(plan.field, (plan.field,))
    sure = [f'({column} : {near}) NOT (tag : "_many_{column}")' for column in columns]
    unsure = [f'({column} : {near}) AND (tag : "_many_{column}")' for column in columns]
    made = _Match(" OR ".join(f"({one})" for one in sure), 2)
    doubtful = index.db.execute(
        "SELECT rowid FROM words WHERE words MATCH ?", (" OR ".join(f"({one})" for one in unsure),)
    )
    held = {row for (row,) in doubtful.fetchall() if _stands_near(index, row, plan, columns)}
    return _looked_up(index, made) | held if held else made


def _stands_near(index: Index, row: int, plan: Near, columns: Sequence[str]) -> bool:
    place = index.row(row)
    if place is None:
        return False
    segments = index.article(place).segments
    return any(within(value.split(), plan) for column in columns for value in segments.get(column, ()))


def within(words: Sequence[str], plan: Near) -> bool:
    """Whether one segment has all words of ``plan`` near enough."""
    places = [at for at, word in enumerate(words) if word in plan.words]
    return any(set(plan.words) <= set(words[at : at + plan.span]) for at in places)


def _day_tokens(index: Index, field: str, first: str, last: str) -> list[str]:
    """Whole years where they are whole, then whole months, then days; only of years that the index has."""
    years = sorted(year for (year,) in index.db.execute("SELECT year FROM year WHERE field = ?", (field,)))
    tokens: list[str] = []
    for year in years:
        low, high = max(first, f"{year:04d}-01-01"), min(last, f"{year:04d}-12-31")
        if low > high:
            continue
        if (low[5:], high[5:]) == ("01-01", "12-31"):
            tokens.append(f"_{field}_{year:04d}")
        else:
            tokens += [token for month in range(int(low[5:7]), int(high[5:7]) + 1)
                       for token in _in_month(field, year, month, low, high)]  # fmt: skip
    return tokens


def _in_month(field: str, year: int, month: int, low: str, high: str) -> list[str]:
    # A record may name a day that its month does not have (30 February), which counts as it stands.
    begin = int(low[8:]) if low[5:7] == f"{month:02d}" else 1
    end = int(high[8:]) if high[5:7] == f"{month:02d}" else 31
    if (begin, end) == (1, 31):
        return [f"_{field}_{year:04d}{month:02d}"]
    return [f"_{field}_{year:04d}{month:02d}{day:02d}" for day in range(begin, end + 1)]
