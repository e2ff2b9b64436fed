"""Medical Subject Headings: which headings are narrower than one, what other words name it, which substances act as it says.

A small excerpt comes with the package. The whole thesaurus is NLM's ``descYYYY.xml`` (plain or gzipped), which a team
that works on a copy of PubMed loads instead; pharmacological actions are NLM's ``paYYYY.xml``, of which nothing comes along.
"""

from __future__ import annotations

import gzip
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from infra.local.pubmed.fields import fold
from living_review.errors import InvalidFile


class Thesaurus:
    """Headings by their folded names.

    Args:
        numbers: Each heading with its tree numbers, as ``C08.127``: what begins with one of them and a dot is narrower. Below
            a heading that stands at several places there need not be the same everywhere.
        entry_terms: Other words for a heading, with the heading.
    """

    def __init__(self, numbers: Mapping[str, Iterable[str]], entry_terms: Mapping[str, str]) -> None:
        self._shown = {fold(name): name for name in numbers}
        self._numbers = {fold(name): tuple(places) for name, places in numbers.items()}
        self._places = sorted((place, name) for name, places in self._numbers.items() for place in places)
        self._entry_terms = {fold(term): fold(name) for term, name in entry_terms.items()}

    def __contains__(self, heading: str) -> bool:
        return heading in self._shown

    def heading(self, words: str) -> str:
        """The folded heading that folded ``words`` name, themselves or as an entry term; empty for none."""
        return words if words in self._shown else self._entry_terms.get(words, "")

    def shown(self, heading: str) -> str:
        """A folded heading as MeSH writes it, in lower case; itself when it is not here."""
        return self._shown.get(heading, heading).lower()

    def narrower(self, heading: str) -> list[str]:
        """``heading`` and all that is below it, at any depth; itself alone when it is not here."""
        found: dict[str, None] = {heading: None}
        for place in self._numbers.get(heading, ()):
            first, behind = (bisect_left(self._places, (f"{place}{end}",)) for end in ("./"))  # a slash follows the dot
            found |= dict.fromkeys(name for _, name in self._places[first:behind])
        return list(found)


@cache
def excerpt() -> Thesaurus:
    """The excerpt that comes with the package; what stands below a heading at one of its places stands below it at all."""
    below: dict[str, dict[str, None]] = defaultdict(dict)
    entry_terms: dict[str, str] = {}
    path = [""]
    for line in (Path(__file__).parent / "mesh_excerpt.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        name, _, others = (part.strip() for part in line.partition("="))
        path[depth + 1 :] = [name]
        below[path[depth]][name] = None
        entry_terms |= {other.strip(): name for other in others.split("|") if other.strip()}
    numbers: dict[str, list[str]] = defaultdict(list)
    waiting = [("", "")]
    while waiting:
        above, place = waiting.pop()
        for at, name in enumerate(below.get(above, ()), start=100):
            number = f"{place}.{at}" if place else str(at)
            numbers[name].append(number)
            waiting.append((name, number))
    return Thesaurus(numbers, entry_terms)


def read_descriptors(file: Path) -> Thesaurus:
    """The thesaurus of NLM's descriptor file (DTD nlmdescriptorrecordset).

    Raises:
        InvalidFile: If it cannot be read or holds no descriptor.
    """
    numbers: dict[str, list[str]] = {}
    entry_terms: dict[str, str] = {}
    try:
        for record in _records(file, "DescriptorRecord"):
            name = record.findtext("DescriptorName/String") or ""
            numbers[name] = [number.text or "" for number in record.iterfind("TreeNumberList/TreeNumber")]
            terms = (term.text or "" for term in record.iterfind("ConceptList/Concept/TermList/Term/String"))
            entry_terms |= {term: name for term in terms if term != name}
    except (etree.XMLSyntaxError, OSError, EOFError) as error:
        raise InvalidFile(f"cannot be read ({error})", str(file), "give NLM's descYYYY.xml") from error
    if not numbers:
        raise InvalidFile("no DescriptorRecord in it", str(file), "give NLM's descYYYY.xml")
    return Thesaurus(numbers, entry_terms)


Actions = Mapping[str, Sequence[tuple[str, str]]]
"""Substances by the folded heading of a pharmacological action, each as its folded name and ``mh`` or ``nm``."""


def read_actions(file: Path) -> Actions:
    """The substances of NLM's file of pharmacological actions (DTD pharmacologicalactionset).

    A substance with a number D is a heading of MeSH, one with a number C a supplementary concept.

    Raises:
        InvalidFile: If it cannot be read or holds no action.
    """
    actions: dict[str, list[tuple[str, str]]] = {}
    try:
        for record in _records(file, "PharmacologicalAction"):
            name = fold(record.findtext("DescriptorReferredTo/DescriptorName/String") or "")
            substances = actions.setdefault(name, [])
            for substance in record.iterfind("PharmacologicalActionSubstanceList/Substance"):
                is_heading = (substance.findtext("RecordUI") or "").strip().startswith("D")
                substances.append((fold(substance.findtext("RecordName/String") or ""), "mh" if is_heading else "nm"))
    except (etree.XMLSyntaxError, OSError, EOFError) as error:
        raise InvalidFile(f"cannot be read ({error})", str(file), "give NLM's paYYYY.xml") from error
    if not actions:
        raise InvalidFile("no PharmacologicalAction in it", str(file), "give NLM's paYYYY.xml")
    return actions


def _records(file: Path, tag: str) -> Iterator[etree._Element]:
    opened = gzip.open if file.name.endswith(".gz") else open
    with opened(file, "rb") as source:
        walk: Any = etree.iterparse(source, tag=tag, resolve_entities=False, no_network=True, load_dtd=False)
        for _, element in walk:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
