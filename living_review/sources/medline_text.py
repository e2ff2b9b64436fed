"""The text of a PubMed XML element as a reader sees it: inline markup gone, formulas legible, white space folded.

It promises that no words are lost (``element.text`` alone stops at the first ``<i>``) and none are said twice (a
formula carries its LaTeX source beside its MathML).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import name2codepoint
from typing import Any, TypeAlias

XmlElement: TypeAlias = Any
"""An lxml element; lxml's stubs know too few of its methods to be of use."""

_ESCAPED = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,8})|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_SAID_BESIDE = {"annotation", "annotation-xml", "tex-math"}
"""The same formula in another notation."""
_LONG = 80
"""Characters; from here on it is faster to see that a text needs no folding than to fold it."""
_INVISIBLE = str.maketrans(dict.fromkeys("\u2061\u2062\u2063\u2064\u200b\ufeff"))


def text_of(element: XmlElement | None) -> str:
    """All text inside ``element``, on one line; empty for no element.

    An entity that the file escaped twice (``&amp;lt;``) is unescaped once more, but only where it is one by its
    looks (a name of HTML 4 or a number, with its semicolon), so ``P<0.001`` and ``AT&T`` stay whole.
    """
    if element is None:
        return ""
    text = "".join(_pieces(element)) if len(element) else element.text or ""
    if text.isalnum():
        return text  # one word, as most are: nothing to unescape or to fold
    if "&" in text and ";" in text:
        text = _ESCAPED.sub(_unescaped, text)
    if len(text) > _LONG and "  " not in text and text.isprintable():
        return text.strip(" ")  # no white space but single blanks, for no other is printable
    return " ".join(text.split())


def _unescaped(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is not None and name != "apos" and name not in name2codepoint:
        return match.group()
    return unescape(match.group())


def _pieces(element: XmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = _local_name(child)
        if not name:
            yield child.text or ""  # an entity that was not resolved: keep it as written
        elif name == "math":
            yield _formula(child)
        elif name not in _SAID_BESIDE:
            yield from _pieces(child)
        yield child.tail or ""


def _formula(element: XmlElement) -> str:
    """MathML on one line: ``a/b``, ``x^2``, ``CO2``; the white space between its tags means nothing."""
    name = _local_name(element)
    parts = [part for part in (_formula(child) for child in _in_reading_order(element)) if part]
    if name == "mspace":
        return " "
    if not parts:
        text = (element.text or "").translate(_INVISIBLE)
        # Only mtext means its blanks: "x if y" needs them, an indented <mi> does not.
        return re.sub(r"\s+", " ", text) if name == "mtext" else text.strip()
    if name == "mfrac" and len(parts) == 2:
        return "/".join(_grouped(part) for part in parts)
    if name == "msup" and len(parts) == 2:
        return f"{parts[0]}^{_grouped(parts[1])}"
    if name == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if name == "mfenced":
        return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
    if name in {"mtr", "mtable"}:
        return (" " if name == "mtr" else "; ").join(parts)
    return "".join(parts)


def _in_reading_order(element: XmlElement) -> list[XmlElement]:
    """The children without other notations; what stands before the base of ``mmultiscripts`` first (3He)."""
    shown = [child for child in element if _local_name(child) not in _SAID_BESIDE]
    for place, child in enumerate(shown):
        if _local_name(child) == "mprescripts":
            return shown[place + 1 :] + shown[:place]
    return shown


def _grouped(part: str) -> str:
    return part if len(part) == 1 or part.isalnum() else f"({part})"


def _local_name(element: XmlElement) -> str:
    """The tag without its namespace; empty for an unresolved entity."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
