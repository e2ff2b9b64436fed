"""What a version changes against the one before: what readers of a living review look for first.

Promise: whatever differs between two summaries in studies, numbers, methods, authors or status is named; what is the
same is not. PRISMA-LSR asks for these items (BMJ 2024;387:e079183).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FIRST = "First publication"


def whats_new(previous: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """Compare two summaries.

    Args:
        previous: ``summary.json`` of the version before; None for the first.
        now: The summary to be published; its own ``whats_new`` is not read.

    Returns:
        ``kind``: ``first``; ``update`` (a search that the version before did not hold in full, and everything it found
        is classified); else ``amendment`` (Cochrane's distinction). ``text``: one sentence. ``new_studies`` and ``removed_studies``: study id and
        citation; ``changed_studies``: study id, citation and what changed (``charting``, ``reports``,
        ``retraction``); ``numbers``: key, title, before, after; ``methods``, ``authors``, ``status``: item, before,
        after.
    """
    if previous is None:
        empty: dict[str, Any] = {"studies": []}
        new, _, _ = _studies(empty, now)
        return {
            "kind": "first",
            "since_version": None,
            "text": f"{FIRST}: {_studies_text(len(new), 'study', 'studies')}.",
            "new_studies": new,
            "changed_studies": [],
            "removed_studies": [],
            "numbers": [],
            "methods": [],
            "authors": [],
            "status": [],
        }
    new, changed, removed = _studies(previous, now)
    changes = {
        "new_studies": new,
        "changed_studies": changed,
        "removed_studies": removed,
        "numbers": _changes(_numbers(previous), _numbers(now), with_title=True),
        "methods": _changes(_flat(previous.get("methods", {})), _flat(now["methods"])),
        "authors": _changes(_people(previous), _people(now)),
        "status": _changes(_status(previous), _status(now)),
    }
    return {
        "kind": _kind(previous, now),
        "since_version": previous.get("version"),
        "text": _sentence(changes),
        **changes,
    }


def _studies(
    previous: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    before = {study["study_id"]: study for study in previous.get("studies", [])}
    after = {study["study_id"]: study for study in now["studies"]}
    changed = []
    for study_id in sorted(before.keys() & after.keys()):
        old, new = before[study_id], after[study_id]
        what = [name for name in ("charting", "reports") if _digest(old, name) != _digest(new, name)]
        if old.get("retraction", {}).get("state") != new["retraction"]["state"]:
            what.append("retraction")
        if what:
            changed.append({**_named(new), "changed": what, "retraction": new["retraction"]["state"]})
    added = [_named(after[study_id]) for study_id in sorted(after.keys() - before.keys())]
    removed = [_named(before[study_id]) for study_id in sorted(before.keys() - after.keys())]
    return added, changed, removed


def _named(study: Mapping[str, Any]) -> dict[str, Any]:
    return {"study_id": study["study_id"], "citation": study.get("citation", "")}


def _digest(study: Mapping[str, Any], name: str) -> Any:
    return study.get("digests", {}).get(name)


def _numbers(summary: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    numbers: dict[str, tuple[str, Any]] = {
        f"counts.{name}": (name.replace("_", " ").capitalize(), n) for name, n in summary.get("counts", {}).items()
    }
    for table in summary.get("tables", []):
        key, title, missing = f"tables.{table['field']}", table["title"], table["missing"]
        for row in table["rows"]:
            numbers[f"{key}={row['value']}"] = (f"{title}: {row['title'] or row['value']}", row["count"])
        numbers[f"{key} missing"] = (f"{title}: {missing['title']}", missing["count"])
        for name, value in (table["numbers"] or {}).items():
            numbers[f"{key} {name}"] = (f"{title}: {name.replace('_', ' ')}", value)
    typology = summary.get("typology") or {"models": [], "title": ""}
    for model in typology["models"]:
        numbers[f"typology={model['id']}"] = (f"{typology['title']}: {model['title']}", model["count"])
    return numbers


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], with_title: bool = False) -> list[dict[str, Any]]:
    changes = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if with_title:
            title = (new or old or ("", None))[0]
            old, new = (old[1] if old else None), (new[1] if new else None)
            if old != new:
                changes.append({"item": key, "title": title, "before": old, "after": new})
        elif old != new:
            changes.append({"item": key, "before": old, "after": new})
    return changes


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Leaves by dotted path; a list of named things by their names, so that inserting one changes one."""
    if isinstance(value, Mapping) and value:
        flat: dict[str, Any] = {}
        for key, item in value.items():
            flat |= _flat(item, f"{path}.{key}" if path else str(key))
        return flat
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        names = [item.get("id") or item.get("name") if isinstance(item, Mapping) else None for item in value]
        if all(names) and len(set(names)) == len(names):
            flat = {f"{path} (order)": list(names)}
            for name, item in zip(names, value, strict=True):
                flat |= _flat(item, f"{path}[{name}]")
            return flat
    return {path: value}


def _status(summary: Mapping[str, Any]) -> dict[str, Any]:
    # The next planned search is another one every time; the schedule behind it is what can change.
    return _flat({name: value for name, value in summary.get("living", {}).items() if name != "next_searches"})


def _people(summary: Mapping[str, Any]) -> dict[str, Any]:
    people: dict[str, Any] = {}
    for author in summary.get("authors", []):
        people.setdefault(author["name"], []).append({k: v for k, v in author.items() if k != "name" and v})
    return people


def _kind(previous: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    before = {source["source"]: source["last_searched"] for source in previous.get("searches", [])}
    searched = any(
        source["last_searched"] and source["last_searched"] > (before.get(source["source"]) or "")
        for source in now["searches"]
    )
    # A version that went out while reports of its search were undecided leaves that search to the next one.
    owed = bool(previous.get("not_yet_incorporated", {}).get("reports"))
    return "update" if (searched or owed) and not now["not_yet_incorporated"]["reports"] else "amendment"


def _sentence(changes: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    said = []
    for name, one, many in (
        ("new_studies", "new study", "new studies"),
        ("changed_studies", "changed study", "changed studies"),
        ("removed_studies", "removed study", "removed studies"),
    ):
        if changes[name]:
            said.append(_studies_text(len(changes[name]), one, many))
    said += [
        f"{word} changed"
        for name, word in (("methods", "methods"), ("authors", "authors or roles"), ("status", "status"))
        if changes[name]
    ]
    if not said and changes["numbers"]:
        said.append("other numbers changed")
    text = ", ".join(said) or "nothing changed in studies, methods, authors or status"
    return f"{text[0].upper()}{text[1:]}."


def _studies_text(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
