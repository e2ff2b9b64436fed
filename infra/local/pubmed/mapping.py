"""Automatic term mapping: what PubMed makes of words without a tag, as far as it is documented.

The longest run of words, from the left, that is a heading or an entry term of MeSH becomes that heading with all that is
narrower; else a journal's name becomes the journal, else a name with initials the author; what is none of these is
looked for as a word anywhere. The parts are ANDed ("Automatic Term Mapping" in PubMed's user guide). The plurals and
spellings that PubMed adds to a word from tables of its own are not added here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.pubmed.mesh import Thesaurus
from infra.local.pubmed.plan import Joined, Plan, Words, either

_LONGEST = 10
"""Words of a phrase that is looked up."""
_AUTHOR = re.compile(r"[^\W\d]{2,} [a-z]{1,2}")

Knows = Callable[[str, Plan], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words and what it was mapped to."""

    words: str
    kind: str
    """``heading``, ``journal``, ``author`` or ``word``."""
    plan: Plan
    translation: str
    """Without brackets around it."""


def mapped(text: str, thesaurus: Thesaurus, knows: Knows) -> list[Part]:
    """The parts of folded ``text`` in order; a truncated word turns all mapping off.

    Args:
        text: Folded words.
        thesaurus: MeSH.
        knows: Whether the index has a phrase (or it was said that PubMed has), given it and its plan.
    """
    words = text.split()
    parts: list[Part] = []
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + _LONGEST), at, -1) if "*" not in text else ()
        runs = ((end, _mapped_run(words[at:end], thesaurus, knows)) for end in ends)
        end, part = next(((end, part) for end, part in runs if part), (at + 1, None))
        parts.append(part or Part(words[at], "word", Words(words[at], "all"), f'"{words[at]}"[All Fields]'))
        at = end
    return parts


def _mapped_run(words: list[str], thesaurus: Thesaurus, knows: Knows) -> Part | None:
    text = " ".join(words)
    heading = thesaurus.heading(text) or (text if knows(text, Words(text, "mh")) else "")
    anywhere: list[Plan] = [Words(text, "all")]
    if len(words) > 1:
        anywhere.insert(0, Joined("AND", tuple(Words(word, "all") for word in words)))
    grouped = " AND ".join(f'"{word}"[All Fields]' for word in words)
    said = f'({grouped}) OR "{text}"[All Fields]' if len(words) > 1 else f'"{text}"[All Fields]'
    if heading:
        plans = [Words(name, "mh") for name in thesaurus.narrower(heading)]
        said = f'"{thesaurus.shown(heading)}"[MeSH Terms] OR {_named(heading, text)}{said}'
        named: list[Plan] = [Words(heading, "all")] if heading != text else []
        return Part(text, "heading", either([*plans, *named, *anywhere]), said)
    if len(words) > 1 and knows(text, Words(text, "ta")):
        return Part(text, "journal", either([Words(text, "ta"), *anywhere]), f'"{text}"[Journal] OR {said}')
    if _AUTHOR.fullmatch(text) and knows(text, Words(f"{text}*", "au")):
        return Part(text, "author", Words(f"{text}*", "au"), f'"{text}"[Author]')
    return None


def _named(heading: str, text: str) -> str:
    return "" if heading == text else f'"{heading}"[All Fields] OR '
