"""The keys by which duplicates of a record are looked up, so that a new record costs look-ups and no comparisons.

Two records that share no key are never compared. Each key joins what two records of one report have in common by
habit: an identifier; a piece of the title with the first author or the year; the first page with the first author or
the volume; the beginning of the abstract. A piece of a title or the pages alone would be common to thousands in a
million, so they count alone only where one of the two records lacks the author or the year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b

from living_review.dedupe import title
from living_review.dedupe.fields import Fields
from living_review.dedupe.place import bare

_COMMON = frozenset(
    "about activity adults affected after against among analyses analysis application applications approach approaches assessment associated association based before between cancer care case cases characteristics children chronic clinical cohort comparative comparing comparison compared controlled countries cross current data design determinants development diagnosis different disease diseases disorder disorders double during early effect effective effectiveness effects efficacy evaluation evidence experience experimental factors following from function future group health hospital human impact implementation improve improvement incidence influence information international intervention interventions into investigation learning levels literature long longitudinal management measurement medical meta method methods model models multicenter multicentre national network patient patients performance perspective phase pilot population potential predictors prevalence prevention primary process program programs prospective protocol quality randomised randomized rate relationship report research response results retrospective review risk role sectional severe social some strategies studies study surgery survey survival syndrome system systematic systems technology term testing their therapy through treatment trial trials under united university used using validation versus with within without women working years young".split()
)
"""Words of so many titles that they tell nothing."""
_LEAST = 4
_WHOLE = 30
"""Letters and digits from which a whole title is a key alone: no more works have it than a series has years."""
_BEGINNING = 5
_UMLAUT = re.compile("([aou])e")
"""Mueller is Müller."""
_ABSTRACT = 60


def of(one: Fields) -> tuple[list[int], list[int]]:
    """The keys under which a record can be found, and those under which its duplicates are looked for.

    Each is a signed 64-bit number. Whichever of two records comes first, one asks for what the other has stored.
    """
    both, stored, asked = ([_number(key) for key in found] for found in texts(one))
    return both + stored, both + asked


def texts(one: Fields) -> tuple[list[str], list[str], list[str]]:
    """The same as text, each once: keys that are stored and asked for, those only stored, those only asked for."""
    pieces = list(dict.fromkeys(_pieces(one)))
    shared = list(dict.fromkeys(_shared(one, pieces)))
    pieces += [f"#{bare(page)}|{last}" for page, last in one.pages[:2] if last]
    alone, lacking = ["t" + piece for piece in pieces], ["u" + piece for piece in pieces]
    return (shared, alone, lacking) if one.is_whole else (shared + alone, lacking, [])


def _shared(one: Fields, pieces: list[str]) -> Iterator[str]:
    first = _UMLAUT.sub(r"\1", one.people[0][0])[:5] if one.people else ""
    if one.pmid:
        yield f"p{one.pmid}"
    if one.doi:
        yield f"d{one.doi}"
    for piece in pieces:
        if first:
            yield f"a{piece}|{first}"
        if one.year:
            yield f"y{piece}|{one.year}"
    for form in _telling(one):
        letters = form.replace(" ", "")
        if len(letters) >= _WHOLE:
            yield "l" + letters
        if first and len(letters) >= title.SHORT:
            # A title may be cut before its third telling word.
            yield f"h{letters[: title.SHORT]}|{first}"
        # Slips in several words leave the beginning.
        if first and one.year:
            yield f"k{letters[:_BEGINNING]}|{first}|{one.year}"
        for page, last in one.pages[:2]:
            if last:
                yield f"z{bare(page)}|{last}|{letters[:_BEGINNING]}"
    for page, last in one.pages[:2]:
        number = bare(page)
        if first:
            yield f"f{number}|{first}|{one.volume[0]}"
            yield f"g{number}|{first}|{one.year}"
        if last and one.year:
            yield f"v{number}|{last}|{one.year}"
        if last and one.volume[0]:
            yield f"i{number}|{last}|{one.volume[0]}"
    if len(one.abstract) > 2 * _ABSTRACT:
        yield "b" + one.abstract[:_ABSTRACT]
        yield "c" + one.abstract[-_ABSTRACT:]


def _pieces(one: Fields) -> Iterator[str]:
    """Pieces of the title that survive cutting, another subtitle and a slip of the pen."""
    for form in _telling(one):
        telling = [word for word in form.split() if len(word) > 3 and word not in _COMMON]
        if len(telling) < 3:
            yield "s" + form.replace(" ", "")
            continue
        yield "s" + " ".join(telling[:3])
        yield "e" + " ".join(telling[-3:])
        longest = sorted(set(telling), key=lambda word: (-len(word), word))
        yield "w" + " ".join(longest[:3])
        if len(longest) > 3:
            yield "x" + " ".join(longest[1:4])


def _telling(one: Fields) -> list[str]:
    """The forms of the title that name a work."""
    journal = one.journal[0] if one.journal else ""
    return [form for form in one.title.forms if len(form) >= _LEAST and not title.is_generic(form, journal)]


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
