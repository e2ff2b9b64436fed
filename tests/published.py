"""What every publication in the tests is held to, wherever a test made it: the JSON Schemas of ``site/schema``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]

SCHEMAS = Path(__file__).resolve().parents[1] / "site" / "schema"
NAMES = sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json"))


@cache
def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


@cache
def _validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(schema(name))


def schema_of(file: str) -> str | None:
    """The schema of a file of a version, or of ``latest.json``; None: it has none."""
    if file == "latest.json":
        return "pointer"
    if re.fullmatch(r"studies/\d{4}\.json", file):
        return "studies-part"
    name = file.removesuffix(".json")
    return name if file.endswith(".json") and name in NAMES else None


def check(file: str, body: bytes) -> bool:
    """Whether ``file`` has a schema; if so, it meets it."""
    name = schema_of(file)
    if name is not None:
        _validator(name).validate(json.loads(body))
    return name is not None


def check_all(files: Mapping[str, bytes]) -> set[str]:
    """Names of the schemas that were met by files of a version, or of several below ``versions/``."""
    met = set()
    for file, body in files.items():
        bare = re.sub(r"^versions/\d{6}/", "", file)
        if check(bare, body):
            met.add(str(schema_of(bare)))
    return met
