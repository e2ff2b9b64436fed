"""Text from sources made safe to put on one line of a mail, a header or an XML file."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters (C0, C1), line and paragraph separators, overrides of the writing direction (which can make a
text look like another one), and what neither UTF-8 nor XML 1.0 section 2.2 can hold."""

SHORTENED = " … [shortened]"


def one_line(value: object) -> str:
    """``value`` as one line of printable text: white space folded, unprintable characters become spaces.

    Lists and tuples are joined by ``; ``; None gives the empty text.
    """
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(filter(None, map(one_line, value)))
    return " ".join(_UNPRINTABLE.sub(" ", str(value)).split())


def shortened(text: str, characters: int) -> str:
    """``text``, or its beginning with a mark if it is longer than ``characters``."""
    if len(text) <= characters:
        return text
    return text[: max(characters - len(SHORTENED), 0)].rstrip() + SHORTENED


def is_web_address(text: str) -> bool:
    """Whether ``text`` is an http or https address that may become a link."""
    return re.fullmatch(r"https?://[^\s<>\"'\\]+", text) is not None
