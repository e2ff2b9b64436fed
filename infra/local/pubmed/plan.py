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
_MOST_VARIATIONS = 5_000
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
    """An FTS5 expression."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Select:
    """SQL that gives a column ``id``."""

    sql: str
    values: tuple[object, ...]


_EMPTY = _Select("SELECT id FROM doc WHERE 0", ())


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


def _visible(index: Index, made: _Match | _Select, day: int) -> tuple[str, tuple[object, ...]]:
    if isinstance(made, _Match):
        more, values = index.conditions("words.rowid", day)
        return f"SELECT rowid AS id FROM words WHERE words MATCH ?{more}", (made.text, *values)
    more, values = index.conditions("f.id", day)
    return f"SELECT id FROM ({made.sql}) f WHERE 1{more}", (*made.values, *values)


def _sql(made: _Match | _Select) -> tuple[str, tuple[object, ...]]:
    if isinstance(made, _Match):
        return "SELECT rowid AS id FROM words WHERE words MATCH ?", (made.text,)
    return made.sql, made.values


def _compiled(index: Index, plan: Plan) -> _Match | _Select:
    match plan:
        case Words(text, field):
            return _words(index, text, field)
        case Near():
            return _near(index, plan)
        case Days(field, first, last):
            tokens = _day_tokens(index, field, first, last)
            return _Match("tag : (" + " OR ".join(f'"{token}"' for token in tokens) + ")") if tokens else _EMPTY
        case Between(first, last):
            sql = "SELECT id FROM doc WHERE live = 1 AND id BETWEEN ? AND ?"
            return _Select(sql, _row_range(first, last))
        case Numbers(pmids):
            sql = f"SELECT id FROM doc WHERE live = 1 AND id / {SLOTS} IN (SELECT value FROM json_each(?))"
            if len(pmids) < 1_000:  # few are looked up, many are scanned for
                sql = f"SELECT d.id FROM json_each(?) n JOIN doc d ON d.id BETWEEN n.value * {SLOTS} AND n.value * {SLOTS} + {SLOTS - 1} AND live = 1"
            return _Select(sql, (json.dumps([pmid for pmid in pmids if pmid < 2**40]),)) if pmids else _EMPTY
        case Joined():
            return _joined(index, plan)


def _joined(index: Index, plan: Joined) -> _Match | _Select:
    if plan.operator == "AND" and any(isinstance(part, Between) for part in plan.parts):
        return _in_ranges(index, plan)
    parts = [_compiled(index, part) for part in plan.parts]
    matches = [part for part in parts if isinstance(part, _Match)]
    depth = 1 + max((part.depth for part in matches), default=0)
    if len(matches) == len(parts) and depth <= _DEEPEST:
        return _Match(f" {plan.operator} ".join(f"({part.text})" for part in matches), depth)
    word = {"AND": "INTERSECT", "OR": "UNION", "NOT": "EXCEPT"}[plan.operator]
    rows: set[int] | None = None
    # Each part is run by itself: nested SQL would meet the limits of SQLite's parser.
    for part in parts:
        sql, values = _sql(part)
        found = {row for (row,) in index.db.execute(sql, values)}
        rows = found if rows is None else _SETS[word](rows, found)
    return _rows(sorted(rows or ()))


_SETS: dict[str, Callable[[set[int], set[int]], set[int]]] = {
    "INTERSECT": set.intersection, "UNION": set.union, "EXCEPT": set.difference,
}  # fmt: skip


def _rows(rows: Sequence[int]) -> _Select:
    return _Select("SELECT value AS id FROM json_each(?)", (json.dumps(rows),)) if rows else _EMPTY


def _in_ranges(index: Index, plan: Joined) -> _Match | _Select:
    """A range of PMIDs bounds the rows that the other parts are looked for in: what clients ask to get past the window."""
    ranges = [part for part in plan.parts if isinstance(part, Between)]
    first, last = max(one.first for one in ranges), min(one.last for one in ranges)
    rest = tuple(part for part in plan.parts if not isinstance(part, Between))
    if not rest:
        return _compiled(index, Between(first, last))
    made = _compiled(index, rest[0] if len(rest) == 1 else Joined("AND", rest))
    sql, values = _sql(made)
    column = "rowid" if isinstance(made, _Match) else "id"
    if isinstance(made, _Select):
        sql = f"SELECT id FROM ({sql}) WHERE 1"
    return _Select(f"{sql} AND {column} BETWEEN ? AND ?", (*values, *_row_range(first, last)))


def _row_range(first: int, last: int) -> tuple[int, int]:
    return max(0, min(first, 2**40)) * SLOTS, max(-1, min(last, 2**40)) * SLOTS + SLOTS - 1


def _words(index: Index, text: str, field: str) -> _Match | _Select:
    if field in WHOLE:
        return _any_of(index, [f"_{field}_{text.replace(' ', '_')}"], "tag")
    columns = " ".join(_COLUMNS_OF.get(field, (field,)))
    return _any_of(index, text.split(), f"{{{columns}}}" if field != "all" else "")


def _any_of(index: Index, words: list[str], columns: str) -> _Match | _Select:
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
        return _EMPTY
    said = " OR ".join(f'"{" ".join(phrase)}"{" *" if truncated else ""}' for phrase in phrases)
    return _Match(f"{columns} : ({said})" if columns else said)


def _variations(index: Index, word: str) -> list[str]:
    start = word.partition("*")[0]
    index.db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, row)")
    pattern = re.compile(re.escape(word).replace(r"\*", "[^_|]*"))
    found = index.db.execute("SELECT term FROM vocabulary WHERE term >= ? AND term < ?", (start, f"{start}\U0010ffff"))
    return [term for (term,) in found if pattern.fullmatch(term)]


def _near(index: Index, plan: Near) -> _Match | _Select:
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
    held = [row for (row,) in doubtful.fetchall() if _stands_near(index, row, plan, columns)]
    if not held:
        return made
    sql, values = _sql(made)
    sure_rows = {row for (row,) in index.db.execute(sql, values)}
    return _rows(sorted(sure_rows.union(held)))


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
