"""An ESearch answer as values, read by Bio.Entrez.

Bio.Entrez downloads a DTD it does not bundle and writes into the home folder when first used; neither may happen in
a scheduled run, so the document gets the prolog whose DTD is bundled, and Bio.Entrez a folder of its own.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from Bio import Entrez

from living_review.errors import SourceUnavailable

_PROLOG = (
    b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
    b'"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)
_WARNINGS = {
    "ErrorList": {"PhraseNotFound": "phrase_not_found", "FieldNotFound": "field_not_found"},
    "WarningList": {
        "PhraseIgnored": "phrase_ignored",
        "QuotedPhraseNotFound": "quoted_phrase_not_found",
        "OutputMessage": "output_message",
    },
}
NOTHING_FOUND = "No items found."


@dataclass(frozen=True, slots=True)
class SearchWarning:
    """Something PubMed said about the query. It never fails on a query it cannot read: it drops part of it."""

    kind: str
    """``phrase_not_found``, ``quoted_phrase_not_found``, ``phrase_ignored``, ``field_not_found``, ``output_message``."""
    text: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One ESearch answer."""

    count: int
    ids: tuple[str, ...]
    query_translation: str
    warnings: tuple[SearchWarning, ...]
    has_history: bool


def read_search(body: bytes) -> SearchPage:
    """The values of an ESearch XML document.

    Raises:
        SourceUnavailable: If it is not well-formed, is an error message, or a number or id in it is none.
    """
    start = body.find(b"<eSearchResult")
    if start < 0:
        raise SourceUnavailable("the answer is no search result", "esearch", "try again later")
    read, faults = _reader()
    try:
        answer = read(io.BytesIO(_PROLOG + body[start:]), validate=False)
    except faults as error:
        raise SourceUnavailable(f"the search result cannot be read ({error})", "esearch", "try again later") from error
    count, ids = str(answer.get("Count", "")), tuple(str(uid) for uid in answer.get("IdList", ()))
    for number in (count, *ids):
        if not re.fullmatch("[0-9]{1,18}", number):
            raise SourceUnavailable(f"{number[:40]!r} stands where a number should", "esearch", "try again later")
    return SearchPage(
        count=int(count),
        ids=ids,
        query_translation=str(answer.get("QueryTranslation", "")),
        warnings=tuple(
            SearchWarning(kind, str(text))
            for holder, kinds in _WARNINGS.items()
            for name, kind in kinds.items()
            for text in (answer.get(holder) or {}).get(name, ())
        ),
        has_history=bool(answer.get("WebEnv")) and bool(answer.get("QueryKey")),
    )


@cache
def _reader() -> tuple[Callable[..., Any], tuple[type[Exception], ...]]:
    """Bio.Entrez's reader, and what it raises on a document it cannot read."""
    with tempfile.TemporaryDirectory() as folder:
        # Made when the parser is imported, and in the home folder otherwise.
        Entrez.local_cache = folder  # type: ignore[assignment]
        from Bio.Entrez import Parser
    return Entrez.read, (Parser.NotXMLError, Parser.CorruptedXMLError, Parser.ValidationError, RuntimeError, ValueError)
