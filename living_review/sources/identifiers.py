"""Identifiers in the one form that records hold them: DOI, PMCID, ORCID.

What is no such identifier becomes the empty string, so that nothing is ever linked on a malformed one.
"""

from __future__ import annotations

import re

_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_RESOLVER = re.compile(r"^(?:https?://)?(?:dx\.|www\.)?doi\.org/|^doi:\s*", re.IGNORECASE)
_ORCID = re.compile(r"([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9X])(?![0-9A-Z])")


def normal_doi(text: str) -> str:
    """``text`` as a bare lower-case DOI, without resolver address, ``doi:`` and trailing dots; empty if it is none."""
    bare = _RESOLVER.sub("", text.strip()).rstrip(" .").lower()
    return bare if _DOI.fullmatch(bare) else ""


def normal_pmcid(text: str) -> str:
    """``PMC`` and the number, whether or not ``text`` has the prefix; empty if it is none."""
    match = re.fullmatch(r"(?:PMC)?([0-9]+)(?:\.[0-9]+)?", text.strip(), re.IGNORECASE)
    return f"PMC{match.group(1)}" if match else ""


def normal_orcid(text: str) -> str:
    """Four groups of four, taken from a bare ORCID or its address, with stray blanks; empty if it is none."""
    match = _ORCID.search("".join(text.split()).upper())
    return "-".join(match.groups()) if match else ""
