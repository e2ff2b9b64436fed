"""Author names as exports write them -> Author, one or many to a value.

RIS and EndNote say ``Family, Given, Suffix`` one to a line; PubMed ``Family GH``; IEEE ``G. H. Family``; Lens
``Given Family``; spreadsheets put a whole by-line into one cell. Promises: no name is dropped; what is no personal
name (a group, a trial number) becomes a collective name.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable

from living_review.records import Author
from living_review.sources.values import clean

_GROUP = re.compile(
    r"\b(?:group|consortium|collaborat\w+|committee|network|investigators|organi[sz]ation|universit\w+|institut\w*"
    r"|cent(?:er|re)|department|ministry|association|society|agency|council|foundation|college|hospital|team"
    r"|initiative|federation|office|bureau|commission|company|force|panel|inc|ltd|gmbh|llc)\b",
    re.IGNORECASE,
)
_TRIAL = re.compile(
    r"^(?:NCT\d{8}|ISRCTN\d+|EU?CTR[\w-]+|ACTRN\w+|ChiCTR[\w-]+|CTRI\S+|DRKS\d+|jRCT\w+)$", re.IGNORECASE
)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|2nd|3rd|4th)\.?$", re.IGNORECASE)
_INITIALS = re.compile(r"^(?:[^\W\d_a-zß-öø-ÿ][.-]?){1,4}$")
_PARTICLES = frozenset(
    re.findall(r"\w+", "van von de da der den del della di du la le dos das do ten ter te el al bin ibn zu zum zur af")
)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_AND = re.compile(r"\s+(?:and|AND|&)\s+")
_RUN_TOGETHER = re.compile(r"(?<=[A-Z]\.)(?=(?:[Dd]e |[Vv]an |[Vv]on |[Dd]er )*[A-Z](?:[A-Z][a-z]|['’]|[^\W\d_A-Z]))")
"""``Adeli K.Lewis G. F.``: an export that lost what stood between the names."""
_ET_AL = re.compile(r"^(?:et\.? al\.?|and others|others|\.\.\.|…)$", re.IGNORECASE)
_AND_ET_AL = re.compile(r"[\s,;]+(?:et\.? al\.?|and others)$", re.IGNORECASE)


def parse_name(text: str) -> Author:
    """The one name in ``text``; a trailing comma marks a group, as EndNote writes it."""
    text = clean(text)
    parts = [part.strip() for part in text.split(",")]
    if text.endswith(",") and (len(parts) == 2 or _GROUP.search(text)):
        return Author(collective=text.rstrip(", "))
    parts = [part for part in parts if part]
    if len(parts) > 2:
        return Author(family=parts[0], given=", ".join(parts[1:-1]), suffix=parts[-1])
    if len(parts) == 2:
        return Author(family=parts[0], given=parts[1])
    words = (parts[0] if parts else "").split()
    if len(words) < 2:
        name = "".join(words)
        return Author(collective=name) if _TRIAL.match(name) else Author(family=name)
    if _GROUP.search(text):
        return Author(collective=text)
    suffix = words.pop() if _SUFFIX.match(words[-1]) and len(words) > 2 else ""
    family, given = _divide(words)
    return Author(family=family, given=given, suffix=suffix)


def _divide(words: list[str]) -> tuple[str, str]:
    if _INITIALS.match(words[-1]) and (not _INITIALS.match(words[0]) or len(words[-1]) < len(words[0])):
        cut = len(words) - 1
        while cut > 1 and _INITIALS.match(words[cut - 1]):
            cut -= 1
        return " ".join(words[:cut]), " ".join(words[cut:])
    if _IDEOGRAPH.search(words[0]):
        return words[0], " ".join(words[1:])
    start = next((i for i, word in enumerate(words[:-1]) if i and _is_particle(word)), len(words) - 1)
    return " ".join(words[start:]), " ".join(words[:start])


def _is_particle(word: str) -> bool:
    return word in _PARTICLES or word in {"Van", "Von", "De", "Den", "Der", "Del", "Della", "Di", "La", "Le"}


def parse_names(parts: Iterable[str]) -> tuple[tuple[Author, ...], bool]:
    """The names in ``parts``, one each, and whether the list is complete (false after ``et al.``)."""
    names: list[str] = []
    complete = True
    for part in parts:
        name = clean(part)
        if _ET_AL.match(name):
            complete = False
            continue
        if _AND_ET_AL.search(name):
            name, complete = _AND_ET_AL.sub("", name), False
        if name.strip(",;"):
            names.append(name)
    return tuple(map(parse_name, names)), complete


def split_byline(text: str, *, pairs: bool = False) -> list[str]:
    """The names of a by-line written into one cell, still as text.

    Args:
        text: Parted by line feeds, semicolons, bars, ``and``, or commas; or a JSON or Python list.
        pairs: Whether a list parted by commas alone goes ``Family, Given, Family, Given`` (SciELO does).
    """
    text = text.strip()
    if text.startswith("[") and text.endswith("]") and (listed := _literal(text)) is not None:
        return listed
    for mark in ("\n", ";", "|"):
        if mark in text:
            return [part.strip() for part in text.split(mark)]
    sides = _AND.split(text)
    if len(sides) > 1 and "," in text:
        # "Family, Given and Family, Given" (BibTeX) against "A. One, B. Two, and C. Three" (a sentence).
        if all(side.count(",") <= 2 for side in sides):
            before_and = sides[0].rstrip(",")
            if _is_list(before_and):
                return [*_commas(before_and, pairs), *(name for side in sides[1:] for name in _commas(side, pairs))]
            return [side.strip().rstrip(",") for side in sides]
        return [name for side in sides for name in _commas(side.rstrip(", "), pairs)]
    if len(sides) > 1 and (not _GROUP.search(text) or _are_people(sides)):
        return sides
    if len(names := _RUN_TOGETHER.split(text)) > 1:
        return names
    return _commas(text, pairs)


def _are_people(sides: list[str]) -> bool:
    """Whether a group has people beside it: the Ministry of Health and Labour and Welfare has none."""
    people = [side for side in sides if not _GROUP.search(side)]
    return len(people) > 1 and all(len(side.split()) > 1 for side in people)


def _is_list(text: str) -> bool:
    """Whether ``text`` is several names, each with a given name of its own (``Smith J, Doe A``; ``Joe Rott, Al Roe``)."""
    pieces = [piece.split() for piece in text.rstrip(".").split(",")]
    if len(pieces) < 2 or any(len(piece) < 2 for piece in pieces):
        return False
    return all(_INITIALS.match(piece[-1]) for piece in pieces) or len(pieces) > 2 or not pieces[1][0].endswith(".")


def _commas(text: str, pairs: bool) -> list[str]:
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if len(pieces) < 2:
        return [text]
    even = len(pieces) % 2 == 0
    if pairs and even:
        return [f"{a}, {b}" for a, b in zip(pieces[::2], pieces[1::2], strict=True)]
    initials = [bool(_INITIALS.match(piece.replace(" ", ""))) for piece in pieces]
    if even and all(initials[1::2]) and not any(initials[::2]):
        return [f"{a}, {b}" for a, b in zip(pieces[::2], pieces[1::2], strict=True)]
    if _is_list(text):
        return [
            *pieces[:-1],
            re.sub(r"(?<![.\W])(?<=\w\w)\.$", "", pieces[-1]) if "." not in pieces[-1][:-1] else pieces[-1],
        ]
    if len(pieces) <= 3:
        return [text] if len(pieces) == 2 or _SUFFIX.match(pieces[2]) else pieces
    mixed = sum(len(piece.split()) > 1 for piece in pieces) * 2 >= len(pieces)
    if even and not mixed:
        return [f"{a}, {b}" for a, b in zip(pieces[::2], pieces[1::2], strict=True)]
    return pieces


def _literal(text: str) -> list[str] | None:
    if text.count("[") > 1:  # a list of names is flat, and depth could exhaust the parser
        return None
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None
