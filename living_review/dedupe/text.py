"""Text made comparable: one alphabet, one case, no accents, no mark-up, whatever a database made of it."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from anyascii import anyascii

_LETTERS = bytes(ord(chr(one).lower()) if one < 128 and chr(one).isalnum() else ord(" ") for one in range(256))
"""Each ASCII sign as what is compared of it: a small letter, a digit or a blank."""
_GREEK = {
    ord(letter): name
    for name, letters in {
        "alpha": "αΑ𝛼", "beta": "βΒ𝛽", "gamma": "γΓ𝛾", "delta": "δΔ𝛿∆", "epsilon": "εΕ", "zeta": "ζΖ", "eta": "ηΗ",
        "theta": "θΘ", "kappa": "κΚ", "lambda": "λΛ", "mu": "μΜµ", "pi": "πΠ", "rho": "ρΡ", "sigma": "σΣς",
        "tau": "τΤ", "phi": "φΦ", "chi": "χΧ", "psi": "ψΨ", "omega": "ωΩ\u2126",
    }.items()
    for letter in letters
}  # fmt: skip
"""Databases write Greek letters as letters or by name: TGF-β, TGF-beta."""


class _Latin(dict[int, str]):
    """Code of a sign -> the sign in ASCII, each looked up once."""

    def __missing__(self, code: int) -> str:
        self[code] = found = anyascii(chr(code))
        return found


_LATIN = _Latin()
_NAMED = _Latin({code: f" {name} " for code, name in _GREEK.items()})
_GREEK_WORD = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]{3}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,60}>")
_LATEX_ACCENT = re.compile(r"\\(?:[\"'`^~=.]\s*|[uvHckbdrt](?=\s*\{|\s+[a-zA-Z]\b)\s*)\{?\\?([a-zA-Z])\}?")
_LATEX_LETTER = re.compile(
    rf"\\({'|'.join(dict.fromkeys(_GREEK.values()))}|o|l|i|j|ss|aa|ae|oe|AE|OE|O|L|AA)(?![a-zA-Z])"
)
_LATEX = re.compile(r"\\[a-zA-Z]+\s?|[{}$\\]")
_BROKEN_LINE = re.compile(r"(?<=[a-z])-\s*\n\s*(?=[a-z])")


def folded(text: str) -> str:
    """``text`` as lower-case ASCII letters and digits parted by single blanks; other scripts are transliterated.

    A letter has one form: ``é`` is ``e``, ``β`` is ``beta``, ``Юлия`` is ``yuliya``, ``社`` is ``she``.
    """
    if not text.isascii():
        # In a text in Greek the letters are letters.
        text = text.translate(_LATIN if _GREEK_WORD.search(text) else _NAMED)
    # "Alzheimer's" has one form, also with the apostrophe that is no ASCII.
    return " ".join(text.encode().translate(_LETTERS, b"'").decode().split())


def squeezed(text: str) -> str:
    """``text`` folded, without the blanks."""
    return folded(text).replace(" ", "")


def unmarked(text: str) -> str:
    """``text`` without the remains of HTML, XML, LaTeX and of line breaks within words."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text or "$" in text or "{" in text:
        text = _LATEX.sub("", _LATEX_LETTER.sub(r"\1", _LATEX_ACCENT.sub(r"\1", text)))
    return _BROKEN_LINE.sub("", text) if "\n" in text else text


_WORDS_OF = {
    "en": "the of and in for with to on from by an is are at as its their among between after during",
    "de": "der die das und von fur mit bei zur zum des im den eine einer auf aus als nach uber",
    "fr": "le les des du et dans pour chez par une sur aux avec en au apres",
    "es": "el los las del y en para con una por al como entre",
    "pt": "o os da do das dos e em para com uma na no por ao entre",
    "it": "il gli della del dei nel nella con per una di e nei alla delle",
    "nl": "het een van voor bij met de en op te naar",
    "xx": "och av hos med til og i och for ved w na z do u przy oraz u kod i v pri na s po",
}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _language, _words in _WORDS_OF.items():
    for _word in _words.split():
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)


@lru_cache(maxsize=10_000)
def language_of(words: str) -> str:
    """The language that the small words of a folded text tell, ``en``, ``de`` …; empty where they tell none."""
    counts: dict[str, int] = {}
    for word in words.split():
        for language in _LANGUAGES.get(word, ()):
            counts[language] = counts.get(language, 0) + 1
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return ""
    return ranked[0][0]
