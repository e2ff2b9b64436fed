"""What deserves a look in a strategy that PubMed can read, after PRESS.

Headings and words for each concept, terms there twice or without a tag, limits, and what NOT takes away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from living_review.strategy.fields import HEADINGS, LIMITS, WORDS
from living_review.strategy.reading import Finding, Joined, Node, Term, first_of, shortened, terms_of

_MOST_NAMED = 10
_ANIMALS = {"animals", "animals, laboratory", "animal experimentation", "models, animal", "disease models, animal"} | {
    "mice", "rats", "rodentia",
}  # fmt: skip
_HUMANS = {"humans", "human"}


def press(tree: Node) -> Iterator[Finding]:
    """What a second person should look at, as PRESS asks (McGowan et al., 10.1016/j.jclinepi.2016.01.021)."""
    untagged = [term.shown for term in terms_of(tree) if not term.field]
    if untagged:
        yield Finding(0, False, f"without a tag, so that PubMed may read it otherwise one day: {_named(untagged)}")
    twice = sorted(_twice(tree))
    if twice:
        yield Finding(0, False, f"there more than once: {_named(twice)}")
    limits = sorted({LIMITS[one] for part in _parts(tree) if _is_limit(part) for one in _fields(part) & set(LIMITS)})
    if limits:
        yield Finding(0, False, f"limited by {', '.join(limits)}: what is described late, or not yet, is lost")
    yield from _about_not(tree)
    yield from _about_concepts(tree)


def _about_concepts(tree: Node) -> Iterator[Finding]:
    while isinstance(tree, Joined) and tree.operator == "NOT":
        tree = tree.parts[0]
    for concept in tree.parts if isinstance(tree, Joined) and tree.operator == "AND" else (tree,):
        terms = list(terms_of(concept))
        kinds = {term.field for term in terms}
        # PubMed looks for headings itself where no tag forbids it; a type of publication is a heading of its kind.
        is_mapped = any(not term.field and not term.is_quoted for term in terms)
        first = first_of(concept).shown
        if kinds & WORDS and not kinds & (HEADINGS | {"pt"}) and not is_mapped:
            yield Finding(0, False, f"the concept that begins with {first} has no MeSH heading")
        if kinds & HEADINGS and not kinds & WORDS:
            said = "has headings only, and new records have none yet"
            yield Finding(0, False, f"the concept that begins with {first} {said}")


def _about_not(tree: Node) -> Iterator[Finding]:
    """What is taken away. Nothing is lost by ``NOT (animals[mh] NOT humans[mh])``, and limits are told as such."""
    stack: list[Node] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Term):
            continue
        if node.operator != "NOT":
            stack += node.parts
            continue
        stack.append(node.parts[0])
        for part in node.parts[1:]:
            if any(one.operator == "NOT" and any(_has(two, _HUMANS) for two in one.parts[1:]) for one in _nodes(part)):
                continue
            if not _is_limit(part):
                yield _lost(part)
            stack.append(part)


def _lost(part: Node) -> Finding:
    first = first_of(part)
    if _has(part, _ANIMALS):
        said = f"NOT {first.shown} takes away studies of humans and animals too"
        return Finding(first.line, False, f"{said}; write NOT (animals[mh] NOT humans[mh])")
    said = f"NOT {first.shown} takes away records that are about both; see that none of them belongs to the review"
    return Finding(first.line, False, said)


def _has(part: Node, headings: set[str]) -> bool:
    return any(term.field in {"mh", "majr"} and _heading(term) in headings for term in terms_of(part))


def _heading(term: Term) -> str:
    return term.text.strip('"').partition("/")[0].strip().casefold()


def _twice(tree: Node) -> set[str]:
    """Terms that stand twice among what one operator joins; in two concepts a term may well stand."""
    found = set()
    for node in _nodes(tree):
        written = Counter(term.written.casefold() for term in node.parts if isinstance(term, Term))
        found |= {text for text, number in written.items() if number > 1}
    return found


def _parts(tree: Node) -> Iterator[Node]:
    """What narrows a result: parts that AND joins, and what NOT takes away."""
    for node in _nodes(tree):
        if node.operator == "AND":
            yield from node.parts
        elif node.operator == "NOT":
            yield from node.parts[1:]


def _is_limit(part: Node) -> bool:
    return _fields(part) <= {*LIMITS, "ta", "pmid"}


def _fields(part: Node) -> set[str]:
    return {term.field for term in terms_of(part)}


def _nodes(tree: Node) -> Iterator[Joined]:
    stack = [tree]
    while stack:
        one = stack.pop()
        if isinstance(one, Joined):
            yield one
            stack += one.parts


def _named(names: Iterable[str]) -> str:
    names = [shortened(name) for name in names]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
