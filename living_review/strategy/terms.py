"""One term of a strategy: its tag, words that look like operators, truncation, nearness and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from living_review.strategy.fields import DATES, HEADINGS, PROXIMITY, WORDS, nearest, plain
from living_review.strategy.reading import Finding, Term

_SHORTEST_STEM = 4
"""Letters that must stand before * (PubMed help, "Truncating search terms")."""
_NEAR = re.compile(r"(?P<field>[^:~]*)[:~][\s~:]*(?P<distance>\d+)\s*")
_SMALL_OPERATOR = re.compile(r"(?<!\S)(and|or|not)(?!\S)")
_DATE = re.compile(r"(?P<year>\d{4})(?:/(?P<month>\d{1,2})(?:/(?P<day>\d{1,2}))?)?")
"""PubMed help, "Searching by date": month and day may be left out."""
_AGO = re.compile(r"last \d+ (?:day|week|month|year)s?")


def begins_with_operator(term: Term) -> bool:
    """Whether an operator in small letters stands where one in capitals was meant."""
    return not term.is_quoted and bool(re.match(r"(?:and|or|not)(?!\S)", term.text))


def about_term(term: Term) -> Iterator[Finding]:
    """What is wrong with one term, and what deserves a look."""
    yield from _about_tag(term)
    yield from _about_words(term)
    yield from _about_truncation(term)
    if term.field in DATES:
        yield from _about_dates(term)


def _about_tag(term: Term) -> Iterator[Finding]:
    within = re.search(r"\[([^\[\]]+)\]\"$", term.text) if term.is_quoted else None
    if within and Term("", "", within[1]).field:
        said = f"[{within[1]}] stands within the quotation marks, where it is text; write it behind them"
        yield Finding(term.line, True, f"{term.shown}: {said}")
    near = _NEAR.fullmatch(term.tag)
    if near:
        yield from _about_nearness(term, plain(near["field"]), near["distance"])
        return
    if term.tag and not term.field:
        hint = f"; did you mean [{nearest(term.tag)}]?" if nearest(term.tag) else ""
        yield Finding(term.line, True, f"{term.shown}: PubMed has no tag [{term.tag}] and ignores it{hint}")
        return
    _field, colon, behind = term.tag.partition(":")
    if colon and "".join(behind.casefold().split()) not in {"noexp", "exp"}:
        said = f"PubMed does not know :{behind.strip()} behind a tag and ignores it; leave it out"
        yield Finding(term.line, True, f"{term.shown}: {said}")


def _about_nearness(term: Term, name: str, distance: str) -> Iterator[Finding]:
    field = Term("", "", name).field
    if field not in PROXIMITY:
        where = ", ".join(f"[{one}]" for one in PROXIMITY)
        yield Finding(term.line, True, f"{term.shown}: PubMed knows nearness in {where} only and ignores it here")
        return
    if re.sub(r"\s", "", term.tag.casefold()) != f"{name}:~{distance}":
        yield Finding(term.line, True, f"{term.shown}: PubMed ignores [{term.tag}]; write [{name}:~{distance}]")
    if not term.is_quoted:
        said = f'nearness needs quotation marks; write "{term.text}"[{name}:~{distance}]'
        yield Finding(term.line, True, f"{term.shown}: {said}")
    if "*" in term.text:
        said = "where a word is truncated PubMed ignores nearness; write the words out"
        yield Finding(term.line, True, f"{term.shown}: {said}")
    if len(term.text.split()) == 1:
        yield Finding(term.line, False, f"{term.shown}: nearness is between two words or more, and this is one")


def _about_words(term: Term) -> Iterator[Finding]:
    if "] :" in term.text and term.field in WORDS:
        yield Finding(term.line, True, f"{term.shown}: a colon joins dates and numbers only; write OR or AND")
    if not term.is_quoted:
        for found in _SMALL_OPERATOR.finditer(term.text):
            word = found[1]
            said = f"{term.shown}: {word} in small letters is a word and no operator; write {word.upper()}"
            is_within = found.start() > 0 and found.end() < len(term.text)
            if not (is_within and term.field not in WORDS):
                # Names have such words: sensitivity and specificity[mh]. In a phrase a person knows.
                yield Finding(term.line, not (is_within and word == "and"), said)
        for reference in re.findall(r"(?<!\S)#\d+(?!\S)", term.text):
            yield Finding(term.line, True, f"{reference} is a line of another search; write the search out")
        if not term.tag and re.fullmatch(r"\d{1,3}", term.text):
            yield Finding(term.line, False, f"{term.text} alone is a PMID to PubMed; if a line is meant, write it out")
    if re.search(r"\w[?$#](?!\w)|\w[?$#]\w", term.text) and term.field in WORDS:
        said = "PubMed knows no wildcard but * and takes this sign for a blank"
        yield Finding(term.line, False, f"{term.shown}: {said}")


def _about_truncation(term: Term) -> Iterator[Finding]:
    if "*" not in term.text:
        return
    text = term.text.strip('"').strip()
    is_phrase = term.is_quoted or bool(term.tag)
    for word in text.split():
        stem = word.partition("*")[0]
        if "*" not in word:
            continue
        if word == "*" and term.field in HEADINGS and text.endswith(" *"):
            continue  # diagnostic *[mh], as PubMed's own filters write it
        if not word.endswith("*") or word.count("*") > 1 or not stem:
            yield Finding(term.line, True, f"{term.shown}: PubMed truncates at the end of a word only")
        elif len(text.partition("*")[0] if is_phrase else stem) < _SHORTEST_STEM:
            said = f"PubMed truncates words of {_SHORTEST_STEM} letters or more only"
            yield Finding(term.line, True, f"{term.shown}: {said}")
        elif len(stem) < _SHORTEST_STEM:
            said = f"PubMed asks for {_SHORTEST_STEM} letters or more before *"
            yield Finding(term.line, False, f"{term.shown}: {said}")
    if (
        is_phrase
        and "~" not in term.tag
        and "*" in text[:-1]
        and text.count("*") == len(re.findall(r"\w\*(?=\s|$)", text))
    ):
        yield Finding(term.line, False, f"{term.shown}: PubMed truncates the last word of a phrase only")
    if term.field in HEADINGS and ":" not in term.tag:
        said = "a heading that is truncated is not found by its narrower headings; write each out"
        yield Finding(term.line, False, f"{term.shown}: {said}")


def _about_dates(term: Term) -> Iterator[Finding]:
    text = re.sub(r"\[[^\]]*\]", "", term.text).replace('"', " ")
    values = [" ".join(value.split()) for value in text.split(":")]
    if len(values) == 1 and _AGO.fullmatch(values[0].casefold()):
        return
    days = [day for value in values if (day := _day(value))]
    if len(days) < len(values) or len(days) > 2:
        said = f"PubMed reads a date as 2010/12/31 and a range as 2010:2020[{plain(term.tag)}]; write it so"
        yield Finding(term.line, True, f"{term.shown}: {said}")
        return
    # 2020/05:2020 ends with the year.
    known = min(map(len, days))
    if days[0][:known] > days[-1][:known]:
        yield Finding(term.line, True, f"{term.shown}: the range ends before it begins; write the earlier date first")


def _day(value: str) -> tuple[int, ...]:
    """Year, month, day, as many as are given; empty if it is no date."""
    found = _DATE.fullmatch(value)
    day = tuple(int(part) for part in found.groups() if part) if found else ()
    return day if all(1 <= part <= most for part, most in zip(day[1:], (12, 31), strict=False)) else ()
