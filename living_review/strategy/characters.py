"""Signs that word processors, web pages and PDF documents put in the place of those that PubMed reads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from living_review.strategy.reading import Finding, shortened

_LIKE = {
    "∗": "*", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "´": "'",
}  # fmt: skip
_SINGLE_QUOTED = re.compile(r"(?<!\w)[‘‚‛]([^‘’‚‛\n]*)[’‘](?!\w)")
"""A pair of them is quotation marks; one alone is an apostrophe."""
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-fA-F]+);")
_MARKUP = re.compile(r"</?(?:a|b|br|div|em|i|p|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE)
_LIGATURES = range(0xFB00, 0xFB07)
_WIDE = range(0xFF01, 0xFF5F)
_WORD = re.compile(r"\w+")
_BLANKS = "\n\r\t "
_TWINS = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАаВЕеЗКМНОоРрСсТУуХхІіЈјЅѕԛԝһ"
"""Letters of Greek and Cyrillic that look Latin. Within a Latin word they are a slip; β and γ are not among them."""


def mended(query: str) -> str:
    """``query`` with the signs that were meant, its lines as they were: for reading on."""
    return "".join(_meant(sign) for sign in _SINGLE_QUOTED.sub(r'"\1"', query))


def about_characters(query: str) -> Iterator[Finding]:
    """What stands in ``query`` that was not typed on a keyboard for PubMed."""
    for number, line in enumerate(query.split("\n"), 1):
        pairs = {place for found in _SINGLE_QUOTED.finditer(line) for place in (found.start(), found.end() - 1)}
        for place, sign in enumerate(line):
            right = '"' if place in pairs else _meant(sign)
            if right == sign:
                continue
            code = f"U+{ord(sign):04X}"
            if not right:
                yield Finding(number, True, f"found an invisible sign ({code}) in {_around(line, place)}; delete it")
            elif right == " ":
                yield Finding(number, False, f"found a blank of another kind ({code}); write a blank")
            else:
                yield Finding(number, True, f"found {sign} ({code}), which PubMed may not read; write {right}")
        for entity in dict.fromkeys(_ENTITY.findall(line)):
            yield Finding(number, True, f"found {entity}, a sign as a web page writes it; write the sign itself")
        for tag in dict.fromkeys(_MARKUP.findall(line)):
            yield Finding(number, True, f"found {shortened(tag)}, the markup of a web page; delete it")
        for word in _WORD.findall(line):
            if re.search("[A-Za-z]", word):
                for twin in sorted(set(word) & set(_TWINS)):
                    script = unicodedata.name(twin).split()[0].capitalize()
                    said = f"{shortened(word)}: {twin} (U+{ord(twin):04X}) is a {script} letter; write the Latin one"
                    yield Finding(number, True, said)


def _meant(sign: str) -> str:
    """What was meant by ``sign``: itself, another sign, or nothing."""
    if sign.isascii():
        return sign if sign.isprintable() or sign in _BLANKS else ""
    if ord(sign) in _LIGATURES or ord(sign) in _WIDE:
        return unicodedata.normalize("NFKC", sign)
    kind = unicodedata.category(sign)
    if kind in {"Cf", "Cc"}:
        return ""
    return " " if kind in {"Zs", "Zl", "Zp"} else _LIKE.get(sign, sign)


def _around(line: str, place: int) -> str:
    """The word at ``place``, without what cannot be seen."""
    before, after = line[:place].split(" ")[-1], line[place + 1 :].split(" ")[0]
    return shortened("".join(sign for sign in before + after if sign.isprintable())) or "a blank"
