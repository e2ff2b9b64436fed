"""The base of every part of a file that people write: an unknown key is a mistake, and nothing changes once read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Frozen values; keys that are not defined are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
