"""Text in pictures: what charts and flow diagrams share to write SVG that is the same everywhere.

Promises: equal input gives equal bytes on every machine, because widths are estimated from the characters and never
measured with a font; a line never needs more room than it was given; nobody's text can end up as markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from xml.sax.saxutils import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Arial, sans-serif"
INK = "#1b1f24"
PAPER = "#ffffff"
LINE = "#767676"
"""Contrast 4.5 to 1 on white and 4.6 to 1 on black: visible on light and on dark pages."""

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Overrides, embeddings and isolates would reorder the text around them.
_REORDERING = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")

_SPACES = re.compile(r"[^\S\u00a0]+")


def plain(text: str) -> str:
    """``text`` on one line, without characters that XML forbids or that reorder their neighbours.

    A no-break space stays, so that a number is not parted from what it belongs to.
    """
    return _SPACES.sub(" ", _REORDERING.sub("", _NOT_XML.sub(" ", text))).strip(" ")


def xml(text: str) -> str:
    """``text`` as XML text or as an attribute in double quotes."""
    return escape(plain(text), {'"': "&quot;", "'": "&#39;"})


def width(text: str, size: float) -> float:
    """Room in pixels that ``text`` needs at most at a font size of ``size`` pixels, for usual sans-serif fonts."""
    return sum(_advance(character) for character in text) * size


def wrap(text: str, room: float, size: float, most: int = 0) -> list[str]:
    """``text`` in lines of at most ``room`` pixels; words longer than that are broken.

    Args:
        text: Any text.
        room: Pixels.
        size: Font size in pixels.
        most: Lines at most, the last then ends in an ellipsis; 0: as many as needed.
    """
    lines = [""]
    for word in plain(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines = [*(line for line in lines if line), *_broken(word, room, size)]
    if most and len(lines) > most:
        last = lines[most - 1]
        while last and width(f"{last}…", size) > room:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last}…"]
    return lines


def picture(*, name: str, wide: float, high: float, title: str, description: str, parts: Iterable[str]) -> bytes:
    """An SVG file that a screen reader can announce.

    Args:
        name: Prefix of the ids inside, so that several pictures can stand on one page.
        wide: Width in pixels.
        high: Height in pixels.
        title: What the picture is.
        description: What it says, in words.
        parts: SVG elements, already escaped.
    """
    w, h = number(wide), number(high)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="{xml(FONT)}" fill="{INK}">'
    )
    body = [
        head,
        f'<title id="{name}-title">{xml(title)}</title>',
        f'<desc id="{name}-desc">{xml(description)}</desc>',
        *parts,
        "</svg>",
    ]
    return "\n".join(body).encode() + b"\n"


def number(value: float) -> str:
    """``value`` with at most two decimals, the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _broken(word: str, room: float, size: float) -> list[str]:
    pieces = [""]
    for character in word:
        joins = unicodedata.combining(character) or character in "\u200d\ufe0f"
        if pieces[-1] and not joins and width(pieces[-1] + character, size) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _advance(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in " .,;:|!ijl'()[]":
        return 0.38
    if character in "mwMW@%—…":
        return 1.0
    if character.isascii():
        return 0.74 if character.isupper() else 0.62
    return 0.8
