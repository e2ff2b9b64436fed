"""Language tags (BCP 47), as a protocol names the languages it is written and translated in."""

from __future__ import annotations

import re

DEFAULT = "en"
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<rest>(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)"
)
_TWO_LETTERS = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
"""ISO 639-1. Codes of countries are often taken for those of languages (``cn``, ``jp``); these two letters tell."""
ALLOWED = 'a language tag (BCP 47) such as "en", "pt-BR" or "zh-Hans"'


def canonical(text: str) -> str | None:
    """``text`` in the usual case (``zh-Hans-CN``), or None if it is no language tag (RFC 5646, section 2.1).

    A language of two letters must be one of ISO 639-1; of three letters only the form is looked at.
    """
    found = _TAG.fullmatch(text.lower())
    if found is None or (len(found["language"]) == 2 and found["language"] not in _TWO_LETTERS):
        return None
    parts = [found["language"], (found["script"] or "").title(), (found["region"] or "").upper()]
    return "-".join(part for part in parts if part) + found["rest"]


def refusal(text: str) -> str:
    """Why ``text`` cannot name a language, as what is allowed in its place; empty if it can."""
    usual = canonical(text)
    if usual == text:
        return ""
    return ALLOWED if usual is None else f"the same as {usual!r}"
