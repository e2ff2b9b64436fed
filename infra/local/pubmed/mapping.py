"""Automatic term mapping: what PubMed makes of words without a tag, as far as it is documented or was seen.

The longest run of words, from the left, that is a heading or an entry term of MeSH becomes that heading with all that is
narrower; else a journal's name becomes the journal, else a name with initials the author; what is none of these is
looked for as a word anywhere. The parts are ANDed ("Automatic Term Mapping" in PubMed's user guide). Plurals and
spellings are added to those words alone of which PubMed's answer is recorded, see ``word_variants.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra.local.pubmed.fields import fold
from infra.local.pubmed.mesh import Actions, Thesaurus
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
    listed: str
    """What it became as the TranslationSet has it, without brackets around it: ``"asthma's"[All Fields]``."""

    @property
    def translation(self) -> str:
        """The same as the QueryTranslation has it: ``"asthma s"[All Fields]``."""
        return without_apostrophes(self.listed)


def mapped(text: str, thesaurus: Thesaurus, actions: Actions, knows: Knows) -> list[Part]:
    """The parts of folded ``text`` in order; a truncated word turns all mapping off.

    Args:
        text: Folded words.
        thesaurus: MeSH.
        actions: Pharmacological actions, which are looked for besides the heading of their name.
        knows: Whether the index has a phrase (or it was said that PubMed has), given it and its plan.
    """
    words = text.split()
    parts: list[Part] = []
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + _LONGEST), at, -1) if "*" not in text else ()
        runs = ((end, _mapped_run(words[at:end], thesaurus, actions, knows)) for end in ends)
        end, part = next(((end, part) for end, part in runs if part), (at + 1, None))
        parts.append(part or Part(words[at], "word", Words(words[at], "all"), f'"{words[at]}"[All Fields]'))
        at = end
    return parts


def without_apostrophes(translation: str) -> str:
    """A translation of the TranslationSet as it stands in the QueryTranslation."""
    return translation.replace("'", " ")


@cache
def word_variants() -> Mapping[str, tuple[list[str], list[str]]]:
    """Words with the variants that stand before and after what the word itself is mapped to."""
    variants = {}
    for line in (Path(__file__).parent / "word_variants.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, listed = line.partition("=")
            names = [name.strip() for name in listed.split("|")]
            variants[word.strip()] = names[: names.index("...")], names[names.index("...") + 1 :]
    return variants


def _mapped_run(words: list[str], thesaurus: Thesaurus, actions: Actions, knows: Knows) -> Part | None:
    text = " ".join(words)
    heading = thesaurus.heading(text) or (text if knows(text, Words(text, "mh")) else "")
    plans, said = _anywhere(words, text)
    if heading:
        shown = thesaurus.shown(heading)
        if heading != text:
            named, naming = _anywhere(heading.split(), _upright(shown))
            plans, said = [*named, *plans], f"{naming} OR {said}"
        substances = acting(heading, thesaurus, actions)
        if substances:
            plans, said = [substances, *plans], f'"{shown}"[Pharmacological Action] OR {said}'
        plans = [*(Words(name, "mh") for name in thesaurus.narrower(heading)), *plans]
        return _varied(Part(text, "heading", either(plans), f'"{shown}"[MeSH Terms] OR {said}'))
    if len(words) > 1 and knows(text, Words(text, "ta")):
        return Part(text, "journal", either([Words(text, "ta"), *plans]), f'"{text}"[Journal] OR {said}')
    if _AUTHOR.fullmatch(text) and knows(text, Words(f"{text}*", "au")):
        return Part(text, "author", Words(f"{text}*", "au"), f'"{text}"[Author]')
    return None


def acting(heading: str, thesaurus: Thesaurus, actions: Actions) -> Plan | None:
    """What has a pharmacological action or one below it, and the action itself; no heading of these is exploded."""
    names = [name for name in thesaurus.narrower(heading) if name in actions]
    listed = [(name, "mh") for name in names] + [one for name in names for one in actions[name]]
    return either([Words(*one) for one in dict.fromkeys(listed)]) if names else None


def _anywhere(words: list[str], phrase: str) -> tuple[list[Plan], str]:
    """All of ``words``, or the ``phrase``, in any field."""
    if len(words) == 1:
        return [Words(phrase, "all")], f'"{phrase}"[All Fields]'
    grouped = " AND ".join(f'"{word}"[All Fields]' for word in words)
    together = Joined("AND", tuple(Words(word, "all") for word in words))
    return [together, Words(phrase, "all")], f'({grouped}) OR "{phrase}"[All Fields]'


def _upright(shown: str) -> str:
    """``pulmonary disease, chronic obstructive`` as one says it."""
    return fold(" ".join(reversed(shown.split(", "))))


def _varied(part: Part) -> Part:
    before, after = word_variants().get(part.words, ([], []))
    plan = either([part.plan, *(Words(fold(name), "all") for name in (*before, *after))])
    named = [f'"{name}"[All Fields]' for name in before], [f'"{name}"[All Fields]' for name in after]
    return Part(part.words, part.kind, plan, " OR ".join([*named[0], part.listed, *named[1]]))
