"""Titles: what a database put around one, and how far two agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from living_review.dedupe.text import folded, language_of, unmarked

SHORT = 16
"""Letters and digits below which equal titles tell little: *Letter to the editor*, *Breast cancer*."""
LONG = 50
"""Letters and digits from which equal titles tell more than shorter ones."""

_NOTE = re.compile(
    r"^(?:(?:published |authors? |author s )?(?:errat|corrig|correct|retract)|comment|reply|see comment|summary|republish"
    r"|review|article|abstract|poster|letter|editorial|electronic|note|in |proceedings|conference|meeting|\d+ ref"
    r"|lecture|reprint|oral|translat|original|english|chinese|german|french|spanish|italian|russian|japanese"
    r"|portuguese|polish|dutch|turkish|korean|danish|swedish|norwegian|hungarian|czech|slovak|croatian|serbian|hebrew"
    r"|arabic|persian|ukrainian|romanian|greek|finnish|bulgarian|clinical trial|case report|meta analysis)"
)
"""How the notes in square brackets begin which databases put behind a title; others hold the title in another
language."""
_BRACKETED = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)(?:\]|$)")
_ORIGINAL = re.compile(r"\s*<original>\s*|\]\s*to:\s+", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"""\W*(?:
        unknown | nan | untitled(?:[ -]document)?(?:[ -]?\d+)? | (?:no\ title|title\ not)(?:\ (?:available|given|listed|provided))?
        | no\ job\ name | layout\ \d+ | microsoft\ (?:word|powerpoint)\b.* | powerpoint\ presentation | \S+\.(?:docx?|pdf|dvi|tex|qxd|indd|rtf)
        | (?:doi:?\s*)?10\.\d{4,}/\S+ | pii:?\s*[\w()-]+ | \S+\s\d+\.\.\d+
    )\W*""",
    re.IGNORECASE | re.VERBOSE,
)
"""What databases, and the programs that made a PDF, say in the place of a title."""
_LEADING_ARTICLE = re.compile(r"^(?:the|a|an) (?=\S+ \S)")
_RETRACTED = re.compile(r"^\W*(?:retracted(?: article)?|withdrawn|temporary removal)\s*[:.\-–—]+\s*", re.IGNORECASE)
_NOTICE = re.compile(
    r"^\W*(?:the |notice of )?(?:(?:authors?|publisher|editor)(?:['’]?s?)? )?(?:(?P<retraction>retraction|withdrawal)"
    r"|(?P<erratum>errat(?:um|a)|corrections?|corrigend(?:um|a)|addend(?:um|a))|(?P<concern>expression of concern)"
    r"|(?P<comment>comments?|commentary|letter|re(?=:))|(?P<reply>(?:in )?reply|response|rejoinder|rebuttal))"
    r"(?: note| notice)?(?: in)?\s*(?::|\.\s|[-–—](?:\s|[-–—])|\b(?:to|on|for|of)\b)",
    re.IGNORECASE,
)
"""How the titles of notices and replies begin. An article may begin so too (*Response to treatment …*): only two
records of which one does and the other does not are kept apart by it."""
_NOTICE_BEHIND = re.compile(
    r"[:.\-–—]\s*(?:(?P<erratum>errat(?:um|a)|correction|corrigend(?:um|a))|(?P<reply>(?:authors?['’]?s? )?(?:reply|response)"
    r"|in reply)|(?:an? )?(?P<comment>comment(?:ary)?|invited commentary|discussion)|(?P<retraction>retraction))\W*$",
    re.IGNORECASE,
)

_GENERIC = frozenset(
    "a about abstract abstracts acknowledgement acknowledgements acknowledgment address an and annual announcement announcements answer answers article articles at author authors back book books by calendar call chair chairman column comment commentary comments conclusion conclusions conference congress contents contributors correspondence cover current departments discussion editor editorial editorials editors epilogue errata erratum essay events findings first for foreword forum forward from front full general guest highlights i ii iii in index information instructions interview introducing introduction introductory invited issue issues journal keynote last letter letters list literature matter meeting meetings member members memoriam message minutes miscellaneous news newsletter no note notes notice obituaries obituary of on online opening opinion our overview page panel papers part perspective perspectives plenary poster posters preface president presidential presidents chairs proceedings program programme prologue questions quarterly reader readers remarks reply report reports research response reviewer reviewers review reviews s section selected session short special supplement symposium table thanks the this to track untitled unknown update vol volume welcome with word workshop year".split()
)
"""Words that say which part of an issue a text is; a title of these and the journal's own names no work."""
_NUMBERED = re.compile(
    r"\b(?:part|pt|study|studies|section|chapter|volume|vol|phase|stage|paper|report|book|lesson|case|trial|type|no|"
    r"number|grade|class|group|level|year|round|wave|version|experiment)s? (?P<number>\d+|[ivx]+|one|two|three|four|five|[a-f])\b"
)
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
}  # fmt: skip
_ALWAYS_ROMAN = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii"})
_CONTRARY = (
    ("hyper", "hypo"), ("intra", "inter"), ("pre", "post"), ("macro", "micro"), ("in", "de"), ("", "wo"), ("", "fe"),
    ("", "un"), ("", "in"), ("", "non"), ("", "a"),
)  # fmt: skip
"""Beginnings by which one word says another thing: hyperglycaemia, decrease, women, female, unstable, asymptomatic."""
_INSTEAD: dict[str, tuple[str, ...]] = {}
for _one, _other in _CONTRARY:
    _INSTEAD[_one] = (*_INSTEAD.get(_one, ()), _other)
    _INSTEAD[_other] = (*_INSTEAD.get(_other, ()), _one)
_LENGTHS = sorted({len(begin) for begin in _INSTEAD})
_DIGITS = re.compile(r"\d+")

LEVELS = (
    "long",
    "same",
    "near",
    "slip",
    "begins",
    "close",
    "short",
    "generic",
    "alike",
    "foreign",
    "differ",
    "missing",
)
"""From the best agreement to none; see :func:`agreement`."""


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart."""

    forms: tuple[str, ...] = ()
    """The title, then the same in another language where the record gives it, each folded."""
    notice: str = ""
    """``erratum``, ``retraction``, ``concern``, ``comment`` or ``reply`` where it begins like the title of one."""
    translated: bool = False
    """Whether it stood in square brackets, as databases write a title that they translated."""


@lru_cache(maxsize=20_000)
def read(text: str, vernacular: str = "") -> Title:
    """The title that ``text`` holds, without mark-up and notes of the database (``[Review] [43 refs]``)."""
    if not text.strip() or _NO_TITLE.fullmatch(text):
        return Title()
    parts = _ORIGINAL.split(text) if "<" in text or "TO:" in text else [text]
    forms: list[str] = []
    for part in [*parts, vernacular]:
        if part:
            forms += _forms(unmarked(_RETRACTED.sub("", part)))
    return Title(tuple(dict.fromkeys(forms)), _notice(text), text.lstrip(" \"'").startswith("["))


def _forms(text: str) -> list[str]:
    found: list[str] = []
    rest = text
    if "[" in text:
        inner = [folded(one) for one in _BRACKETED.findall(text)]
        rest = _BRACKETED.sub(" ", text)
        found = [one for one in inner if len(one) >= 10 and not _NOTE.match(one)]
    plain = _LEADING_ARTICLE.sub("", folded(rest))
    if len(plain) >= 4:
        return [plain, *(_LEADING_ARTICLE.sub("", one) for one in found)]
    return [_LEADING_ARTICLE.sub("", one) for one in found] or ([folded(text)] if folded(text) else [])


def _notice(text: str) -> str:
    found = _NOTICE.match(text) or _NOTICE_BEHIND.search(text)
    return "" if found is None else next(kind for kind, words in found.groupdict().items() if words)


def is_generic(title: str, journal: str = "") -> bool:
    """Whether a folded title names a part of an issue and no work: *Editorial*, *From the editors of the BMJ*."""
    if title.count(" ") > 7:
        return False
    own = journal.split()
    return all(word in _GENERIC or word.isdigit() or word in own for word in title.split())


def agreement(one: Title, other: Title, one_journal: str = "", other_journal: str = "") -> str:
    """How far two titles agree, the best of their forms; one of :data:`LEVELS`.

    ``long``, ``same``: the same letters and digits. ``near``: the same words, but for
    British and American spelling and plurals. ``slip``: but for a word or two that are spelt alike. ``begins``: one is the
    beginning or the end of the other, and what is left out numbers no part. ``close``: most of the words.
    ``short``, ``generic``: the same, but of a kind that many works have. ``alike``: much in common, or other
    numbers. ``foreign``: in two languages or translated, so that they cannot be compared. ``differ``; ``missing``.
    """
    if not one.forms or not other.forms:
        return "missing"
    found = [_agreement(a, b) if a < b else _agreement(b, a) for a in one.forms for b in other.forms]
    best = found[0] if len(found) == 1 else min(found, key=LEVELS.index)
    if (
        best in {"long", "same", "short", "near", "slip"}
        and is_generic(one.forms[0], one_journal)
        and is_generic(other.forms[0], other_journal)
    ):
        return "generic"
    if best in {"alike", "differ"}:
        said, there = language_of(one.forms[0]), language_of(other.forms[0])
        if one.translated or other.translated or (said and there and said != there):
            return "foreign"
    return best


@lru_cache(maxsize=100_000)
def _agreement(one: str, other: str) -> str:
    left, right = one.replace(" ", ""), other.replace(" ", "")
    if left == right:
        return "long" if len(left) >= LONG else "same" if len(left) >= SHORT else "short"
    if len(left) > len(right):
        one, other, left, right = other, one, right, left
    share = fuzz.ratio(left, right, score_cutoff=40) / 100
    if share < 0.4 and left not in right:
        return "differ"
    if ("protocol" in one.split()) != ("protocol" in other.split()):
        # The plan of a study and its results are two reports.
        return "alike" if share >= 0.6 or left in right else "differ"
    if len(left) >= SHORT and _begins(left, right):
        # What the longer one has more is a subtitle; but "part 2", or another year, is another work.
        return "begins" if _may_be_one(one, other) or not _numbers_a_part(one, other) else "alike"
    words = fuzz.token_set_ratio(one, other) / 100
    if (share >= 0.75 or (words >= 0.95 and len(left) >= 25)) and _may_be_one(one, other):
        if share < 0.9:
            return "close"
        if _as_spelt(one) == _as_spelt(other):
            return "near"
        return "slip" if share >= 0.97 or _spelt_otherwise(one, other) else "close"
    return "alike" if share >= 0.6 or words >= 0.8 else "differ"


def _may_be_one(one: str, other: str) -> bool:
    """Whether neither a number nor a word tells two works apart."""
    return numbers(one) == numbers(other) and not _say_the_contrary(one, other)


def _begins(short: str, long: str) -> bool:
    if long.startswith(short) or long.endswith(short):
        return True
    if len(short) < 20 or len(long) - len(short) < 4:
        return False
    beginning, end = long[: len(short)], long[-len(short) :]
    return any(fuzz.ratio(short, part, score_cutoff=95) >= 95 for part in (beginning, end))


@lru_cache(maxsize=20_000)
def numbers(title: str) -> str:
    """The digits of a folded title in their order, Roman numerals and numbered parts as digits."""
    words = title.split()
    if not _ALWAYS_ROMAN.isdisjoint(words):
        words = [_ROMAN[word] if word in _ALWAYS_ROMAN else word for word in words]
    found = _DIGITS.findall(" ".join(words))
    for part in _NUMBERED.finditer(title):
        number = part.group("number")
        if not number.isdigit() and number not in _ALWAYS_ROMAN:
            found.append(_ROMAN.get(number, number))
    return "".join(found)


def _numbers_a_part(short: str, long: str) -> bool:
    """Whether the longer title numbers what the shorter leaves open, or they number it otherwise."""
    fewer, more = numbers(short), numbers(long)
    if fewer and fewer not in more:
        return True
    rest = long[len(short) :] if long.startswith(short) else long[: len(long) - len(short)]
    return _NUMBERED.search(rest) is not None or re.fullmatch(r"\W*(?:\d{1,4}|[ivx]+)\W*", rest) is not None


def _say_the_contrary(one: str, other: str) -> bool:
    """Whether they differ in a word that tells two works apart: *in men* and *in women*, *hepatitis B* and *C*."""
    left, right = set(one.split()), set(other.split())
    only, others = left - right, right - left
    if not only or not others:
        return False
    if all(len(word) == 1 for word in only | others):
        return True
    return any(
        instead + word[length:] in others
        for word in only
        for length in _LENGTHS
        if len(word) - length > 2
        for instead in _INSTEAD.get(word[:length], ())
    )


_SPELLINGS = (
    (re.compile(r"(?<=\w\w)is(?=e|ing|ation)"), "iz"),
    (re.compile(r"(?<=\w)our(?=s?\b|ed|ing|al)"), "or"),
    (re.compile(r"[ao]e(?=\w)"), "e"),
    (re.compile(r"([b-df-hj-np-tv-z])\1"), r"\1"),
    (re.compile(r"(?<=\w\w\w)s\b"), ""),
    (re.compile(r"(?<=\w\w)re\b"), "er"),
)
"""British and American spellings, and plurals."""


def _as_spelt(title: str) -> str:
    for spelling, one in _SPELLINGS:
        title = spelling.sub(one, title)
    return "".join(sorted(title.split()))


def _spelt_otherwise(one: str, other: str) -> bool:
    """Whether each word that only one of the titles has is like one that only the other has."""
    left, right = set(one.split()), set(other.split())
    only, others = left - right, right - left
    return all(
        any(fuzz.ratio(word, there) >= 75 for there in against) or len(word) <= 3
        for words, against in ((only, others), (others, only))
        for word in words
    )
