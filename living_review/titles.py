"""Titles as people and tools carry them around: do two of them name the same thing?

For guarding against rows whose identifier and text were sorted apart, not for finding duplicates (see
``living_review.dedupe``).
"""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import fuzz

LEAST_LIKENESS = 60.0
"""Of 100 (Indel ratio): above it titles that were retyped or cut by a tool, far below it unrelated ones, which share
some 30 to 45 by the letters of their language alone."""


def folded(title: str) -> str:
    """``title`` as letters and digits of any script in lower case, parted by single spaces."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"[^\W_]+", plain))


def differ(one: str, other: str) -> bool:
    """Whether two titles cannot be the same one; false where either is empty or one begins the other."""
    first, second = folded(one), folded(other)
    if not first or not second or first.startswith(second) or second.startswith(first):
        return False
    return fuzz.ratio(first, second) < LEAST_LIKENESS
