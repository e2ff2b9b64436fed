"""Authors: the names of a by-line however it was written, and how far two by-lines agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from sys import intern

from rapidfuzz import fuzz, process

from living_review.dedupe.text import folded, unmarked
from living_review.sources.names import split_byline

Person = tuple[str, str]
"""Family name and given name or initials, both folded; the family name squeezed and without particles."""

LEVELS = ("same", "first", "only", "clash", "some", "few", "differ", "missing")

_PARTICLES = frozenset(
    "van von vom de den der des la las le los di da dos das do del della du el al bin ben ibn ter ten te st saint af av zu zur und y e jr sr ii iii iv phd md and et".split()
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd"})
_SUFFIX = 8
"""Letters, dots and blanks of the longest of them: ``Ph. D.``."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,4}")
_INITIALS = re.compile(r"^(?:[A-Z]\.?-?){1,4}$")
_NOBODY = frozenset({"unknown", "anonymous", "anon", "nan", "noauthorslisted", "noauthor", "authorunknown", "none"})
_NO_AUTHOR = frozenset(
    {"user", "admin", "administrator", "owner", "author", "authors", "microsoftofficeuser", "etal", "others"}
)
"""What files and programs say in the place of a name; each may be a family name beside a given one."""
_MARK = "[0-9¹²³⁰⁴-⁹]"
_FOOTNOTES = re.compile(
    rf"[*†‡§¶‖#]+|(?<=[^\W\d_]|\.|\s){_MARK}{{1,2}}(?:\s?,\s?{_MARK}{{1,2}})*(?=\s*(?:[;|&\n,]|$|and\b))"
)
"""The marks that a paper has behind the names of its authors; a name holds none."""
_HAS_FOOTNOTES = re.compile(r"[0-9¹²³⁰⁴-⁹*†‡§¶‖#]")
_OTHERS = re.compile(r"[\s,;&]*\b(?:et\.?\s?al|and\s+others)$", re.IGNORECASE)
_UNNAMED = ("", "")
_TELLING = 4
"""Letters from which a family name may be spelt otherwise; shorter ones are too much alike."""


class Byline:
    """The people of a by-line; but for the first they are read when they are asked for, which is of few records."""

    __slots__ = ("_names", "_people", "first")

    def __init__(self, names: Iterable[str]) -> None:
        self._names: Iterable[str] = tuple(names)
        self._people: tuple[Person, ...] | None = None
        self.first = next((one for one in map(person, self._names) if one is not _UNNAMED), _UNNAMED)[0]
        """The family name of the first; empty where there is nobody."""

    @property
    def people(self) -> tuple[Person, ...]:
        """All in their order, nobody twice."""
        # Taken first: another thread may be done with them.
        names = self._names
        if self._people is None:
            found = dict.fromkeys(map(person, names))
            found.pop(_UNNAMED, None)
            self._people, self._names = tuple(found), ()
        return self._people

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Byline) and self.people == other.people

    def __hash__(self) -> int:
        return hash(self.people)

    def __repr__(self) -> str:
        return f"Byline of {self.people!r}"


@lru_cache(maxsize=20_000)
def read(text: str) -> Byline:
    """The by-line that ``text`` holds."""
    if not text:
        return Byline(())
    text = unmarked(text)
    if _HAS_FOOTNOTES.search(text):
        text = _FOOTNOTES.sub("", text)
    text = text.rstrip(" .,;\n")
    if text[-2:].lower() == "al" or text[-6:].lower() == "others":
        text = _OTHERS.sub("", text)
    return Byline(split_byline(text))


@lru_cache(maxsize=200_000)
def person(name: str) -> Person:
    """One name taken apart; two empty texts where it names nobody."""
    name = name.strip(" .,")
    before, comma, behind = name.partition(",")
    family, given = folded(before), folded(behind)
    if (whole := (family + given).replace(" ", "")) in _NOBODY or whole in _NO_AUTHOR:
        return _UNNAMED
    if given in _SUFFIXES and len(behind) <= _SUFFIX:
        name, comma = before, ""
    if not comma:
        family, given = map(folded, _parted(name))
    if " " in family:
        parts = family.split()
        family = "".join([one for one in parts if one not in _PARTICLES] or parts)
    # Millions of names are of some thousands of words.
    return (intern(family), intern(given)) if family and family not in _NOBODY else _UNNAMED


def _parted(name: str) -> tuple[str, str]:
    """Family and given name of a name without comma."""
    if _CHINESE.fullmatch(name):
        return name[0], name[1:]
    words = name.split()
    place = len(words)
    while place > 1 and _INITIALS.match(words[place - 1]):
        place -= 1
    if place < len(words):
        return " ".join(words[:place]), " ".join(words[place:])
    return (words[-1], " ".join(words[:-1])) if words else ("", "")


def agreement(one: tuple[Person, ...], other: tuple[Person, ...]) -> str:
    """How far two by-lines agree; one of :data:`LEVELS`.

    ``same``: the first author and most of the others. ``first``: the first and most of those that both give, where
    one gives a single name, or the names stand in another order. ``only``: both give one name, and it is the same.
    ``clash``: the same family name with another initial, or all the others differ. ``some``, ``few``: others than the
    first in common. ``differ``: nobody. ``missing``.
    """
    if not one or not other:
        return "missing"
    if one == other:
        return "same" if len(one) > 1 else "only"
    short, long = (one, other) if (len(one), one) < (len(other), other) else (other, one)
    shared = _shared(short, long)
    if not same_name(one[0][0], other[0][0]):
        if _swapped(one[0], other[0]) or (len(short) > 1 and shared == 1):
            return "first"
        return "some" if shared >= 0.5 else "few" if shared else "differ"
    if len(short) > 1:
        return "same" if shared >= 0.6 else "clash"
    if _other_initial(one[0], other[0]):
        return "clash"
    return "only" if len(long) == 1 else "first"


@lru_cache(maxsize=20_000)
def _shared(short: tuple[Person, ...], long: tuple[Person, ...]) -> float:
    families = {family for family, _ in long}
    others = [family for family, _ in short if family not in families]
    spelt = tuple(family for family in families if len(family) >= _TELLING) if others else ()
    missing = sum(not _is_spelling(family, spelt) for family in others)
    return (len(short) - missing) / len(short)


@lru_cache(maxsize=100_000)
def same_name(one: str, other: str) -> bool:
    """Whether two folded family names are spellings of one."""
    return one == other or (len(other) >= _TELLING and _is_spelling(one, (other,)))


def _is_spelling(name: str, families: tuple[str, ...]) -> bool:
    """Whether ``name`` is a spelling of any of the families, or either is how the other begins or ends."""
    if len(name) < _TELLING or not families:
        return False
    if name.startswith(families) or name.endswith(families):
        return True
    parted = f" {' '.join(families)} "
    return (
        f" {name}" in parted
        or f"{name} " in parted
        or process.extractOne(name, families, scorer=fuzz.ratio, score_cutoff=85) is not None
    )


def _swapped(one: Person, other: Person) -> bool:
    """Whether family and given name changed places between the two."""
    for left, right in ((one, other), (other, one)):
        given = right[1].replace(" ", "")
        if len(given) > 1 and given == left[0] and (not left[1] or left[1][0] == right[0][0]):
            return True
    return False


def _other_initial(one: Person, other: Person) -> bool:
    return bool(one[1] and other[1] and one[1][0] != other[1][0])
