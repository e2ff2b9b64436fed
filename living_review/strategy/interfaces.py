"""What other interfaces than PubMed's read: Ovid, Embase, EBSCO, Web of Science. PubMed takes it for words."""

from __future__ import annotations

import re

from living_review.strategy.reading import Term

_OVID = "ab|af|au|dt|fs|hw|jn|jw|kf|kw|mp|nm|ot|pt|px|rn|rx|sh|so|ti|tw|tx|ui"
_EMBASE = "ab|ad|au|de|dn|it|jt|kw|la|lnk|py|ta|ti|tn|tt"
_RULES = tuple(
    (re.compile(pattern), where, instead)
    for pattern, where, instead in (
        (rf"(?<![^\w*$?#'])\.(?:{_OVID})(?:,(?:{_OVID}))*\.(?!\w)", "Ovid", "a tag, as [tiab]"),
        (rf"^\.(?:{_OVID})(?:,(?:{_OVID}))*(?=\s|$)", "Ovid", "a tag, as [tiab]"),
        (r"^exp\s.*/$|\w/$", "Ovid", '"Heading"[mh]'),
        (r"(?i)(?<!\S)adj\d+(?!\S)|(?<=\S )adj(?= \S)", "Ovid", '"two words"[tiab:~3]'),
        (r"(?i)^(?:and|or|not)/\d+(?:[-,]\d+)+$", "Ovid", "the search out"),
        (rf"(?<=[\w*'])(?::(?:{_EMBASE})(?:,(?:{_EMBASE}))*)(?=\s|$)|^:(?:{_EMBASE})\b", "Embase", "a tag, as [tiab]"),
        (r"(?<=[\w'])/(?:exp|de|mj)(?:/mj)?(?=\s|$)|^/(?:exp|de|mj)\b", "Embase", '"Heading"[mh]'),
        (
            r"(?<!\S)(?:(?i:near|onear|next|pre|w|n|p)/\d+|O?NEAR\d+|NEXT\d+)(?!\S)",
            "another interface",
            '"two words"[tiab:~3]',
        ),
        (
            r"^(?:TS|TI|AB|AK|KP|SO|WC|TITLE-ABS(?:-KEY)?|title|abstract|tiab|ti|ab)\s*[=:]",
            "another interface",
            "[tiab]",
        ),
    )
)
_IN_FRONT = re.compile(r"TITLE-ABS(?:-KEY)?|TI|AB|MH|MM|MJ|SU|TX|KW|XB|ti|ab|tiab|mh|noft")
"""Names of fields that stand in front of what is sought, where PubMed has its tags behind."""
_SIGNS = {"&": "AND", "&&": "AND", "+": "AND", "|": "OR", "||": "OR"}
_BETWEEN = re.compile(r"(?:[NW]\d{1,2}|O?NEAR|NEXT|WITH|SAME)(?=\s|$)")
"""Operators of nearness, which are words where they stand within a term."""


def foreign(term: Term, is_unjoined: bool) -> str | None:
    """What of ``term`` another interface would read; ``None`` if nothing.

    Args:
        term: As written; in quotation marks it is text.
        is_unjoined: Whether no operator stands between it and a neighbour.
    """
    if term.is_quoted:
        return None
    for pattern, where, instead in _RULES:
        found = pattern.search(term.text)
        if found and not (found[0] == term.text and term.tag):
            sign = found[0].strip()
            place = f"{term.shown}: " if sign != term.text else ""
            return f"{place}{sign} is syntax of {where}; in PubMed write {instead}"
    words = term.text.split()
    sign = words[0] if words[0] in _SIGNS else next((one for one in words if one in {"|", "||"}), "")
    if sign and not (len(words) == 1 and term.tag):
        return f"{term.shown}: {sign} is no operator in PubMed; write {_SIGNS[sign]}"
    if is_unjoined and _BETWEEN.match(term.text):
        return f'{term.shown}: {words[0]} is syntax of another interface; in PubMed write "two words"[tiab:~3]'
    if is_unjoined and not term.field and _IN_FRONT.fullmatch(term.text):
        return f"{term.shown} in front is syntax of another interface; in PubMed write the tag behind each term"
    return None
