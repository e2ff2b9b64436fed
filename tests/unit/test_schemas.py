"""The schemas over time: what was written under a version of them is read under it for good.

``schema_baseline.txt`` is what readers may rely on: every key that is always there and every word that may stand where few
may. A line goes only with a new number of its schema. After an addition, write the file anew::

    python -m tests.unit.test_schemas
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.published import NAMES, check_all, schema

HERE = Path(__file__).parent
BASELINE = HERE / "schema_baseline.txt"
WRITTEN = sorted(path for path in (HERE / "publications").glob("*/*") if path.is_dir())


def promises(name: str) -> Iterator[str]:
    """One line for each required key, allowed word and fixed value of a schema, and for each use of a shared part."""
    whole = schema(name)
    yield from _promises(whole, name)
    for shared, part in whole.get("$defs", {}).items():
        yield from _promises(part, f"{name}#{shared}")


def _promises(part: Any, path: str) -> Iterator[str]:
    if "$ref" in part:
        yield f"{path} is a {part['$ref'].removeprefix('#/$defs/')}"
    yield from (f"{path}.{key} required" for key in part.get("required", []))
    yield from (f"{path} may be {json.dumps(word)}" for word in part.get("enum", []))
    if "const" in part:
        yield f"{path} is {json.dumps(part['const'])}"
    for key, item in part.get("properties", {}).items():
        yield from _promises(item, f"{path}.{key}")
    for key, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(part.get(key), dict):
            yield from _promises(part[key], f"{path}{mark}")
    for item in part.get("anyOf", []):
        yield from _promises(item, path)


def now() -> list[str]:
    return sorted({line for name in NAMES for line in promises(name)})


def test_no_promise_of_a_schema_was_taken_back() -> None:
    promised = BASELINE.read_text(encoding="utf-8").splitlines()
    assert sorted(set(promised) - set(now())) == []


def test_what_is_promised_now_is_written_down() -> None:
    assert now() == BASELINE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("folder", WRITTEN, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_published_before_still_meets_the_schemas(folder: Path) -> None:
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")}
    assert check_all(files) >= {"summary", "manifest", "studies", "search", "validation"}


def test_promises_are_read_from_every_corner_of_a_schema() -> None:
    assert {
        'summary.living.status may be "retired"',
        "summary.prisma.variants.latest[] is a flow",
        "summary#flow.screened required",
        "summary.translations.*.fields.*.label required",
        'summary.schema is "summary-1"',
    } <= set(now())


@pytest.mark.parametrize(("one", "other", "part"), [("summary", "prisma", "flow"), ("summary", "history", "whats_new")])
def test_what_two_schemas_share_is_the_same_in_both(one: str, other: str, part: str) -> None:
    assert schema(one)["$defs"][part] == schema(other)["$defs"][part]


def test_studies_in_parts_are_those_of_the_whole_file() -> None:
    whole = schema("studies")["properties"]["studies"]["items"]["properties"]
    parts = schema("studies-part")["properties"]["studies"]["items"]["properties"]
    assert {name: item for name, item in parts.items() if name != "quotes"} == whole
    assert schema("studies")["$defs"]["report"] == schema("studies-part")["$defs"]["report"]


if __name__ == "__main__":
    BASELINE.write_text("".join(f"{line}\n" for line in now()), encoding="utf-8")
