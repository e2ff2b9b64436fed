"""A suite: a name and its expectations in Great Expectations' own JSON form, as plain data.

Suites are built, stored, compared and hashed without loading Great Expectations, which takes seconds; only
:mod:`expectations.run` does. What is stored leaves out the version that Great Expectations writes into every suite,
so that a suite changes only when its rules do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from living_review.errors import InvalidFile
from living_review.records import canonical_json


@dataclass(frozen=True, slots=True)
class Suite:
    """Rules for one frame; each is ``{"type": …, "kwargs": {…}, "meta": {…}}``."""

    name: str
    expectations: tuple[Mapping[str, Any], ...]

    @property
    def sha256(self) -> str:
        """SHA-256 of :func:`suite_json`: equal digests, equal rules."""
        return hashlib.sha256(suite_json(self)).hexdigest()


def rule(kind: str, /, *, name: str, label: str, allowed: str, **kwargs: Any) -> dict[str, Any]:
    """One expectation with the words that people need when it fails.

    Args:
        kind: The expectation's type, ``expect_…``.
        name: The rule in one word, for the ledger.
        label: What the rule is about, as people call it.
        allowed: What is allowed.
        **kwargs: The expectation's own arguments.
    """
    return {"type": kind, "kwargs": kwargs, "meta": {"rule": name, "label": label, "allowed": allowed}}


def suite_json(suite: Suite) -> bytes:
    """The suite as JSON that Great Expectations reads; equal suites give equal bytes, in whatever version."""
    return canonical_json(_plain({"name": suite.name, "expectations": suite.expectations}))


def suite_from_json(stored: bytes) -> Suite:
    """The suite that :func:`suite_json` or Great Expectations itself wrote.

    Raises:
        InvalidFile: If it is not a suite.
    """
    try:
        plain = json.loads(stored)
        entries = tuple(
            {"type": entry["type"], "kwargs": entry["kwargs"], "meta": entry.get("meta") or {}}
            for entry in plain["expectations"]
        )
        return Suite(plain["name"], entries)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidFile(
            f"not a suite of expectations ({error!r})", "", "give the JSON of a suite: name, expectations"
        ) from error


def _plain(value: Any) -> Any:
    """Plain JSON values; ``3.0`` is written as ``3``, because Great Expectations turns one into the other."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
