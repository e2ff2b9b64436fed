"""What a version changes against the one before: what readers of a living review look for first.

Promise: whatever differs between two summaries in studies, numbers, methods, authors or status is named; what is the
same is not. PRISMA-LSR asks for these items (BMJ 2024;387:e079183).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FIRST = "First publication"
_Study = tuple[str, str, dict[str, Any] | None, dict[str, Any] | None]
"""Study id, citation, its parts before and after; None: it is not in that version."""


def whats_new(previous: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """Compare two summaries.

    Args:
        previous: ``summary.json`` of the version before; None for the first.
        now: The summary to be published; its own ``whats_new`` is not read.

    Returns:
        ``kind``: ``first``; ``update`` (a search that the version before did not hold in full, and everything it found
        is classified); else ``amendment`` (Cochrane's distinction). ``text``: one sentence. ``new_studies``,
        ``changed_studies``, ``removed_studies``: study id, citation, ``retraction`` (the state now; of a removed one
        the last), ``before`` and ``after``: digests of ``charting`` and ``reports`` and the state ``retraction``, null
        where the study is not in that version; of a changed one also which of the three ``changed``. ``numbers``:
        key, title, before, after; ``methods``, ``authors``, ``status``: item, before, after.
    """
    if previous is None:
        empty: dict[str, Any] = {"studies": []}
        new = _studies(empty, now)["new_studies"]
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
    changes = {
        **_studies(previous, now),
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


_PARTS = ("charting", "reports", "retraction")
"""What of a study can change, in the order it is told."""


def _studies(previous: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    before = {study["study_id"]: study for study in previous.get("studies", [])}
    after = {study["study_id"]: study for study in now["studies"]}
    return _told_studies(
        (study_id, _cited(after.get(study_id) or before[study_id]), _parts(before.get(study_id)), _parts(new))
        for study_id, new in ((study_id, after.get(study_id)) for study_id in before.keys() | after.keys())
    )


def since(deltas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What several versions in a row change together: what a reader who last looked at an older one has missed.

    The site composes in the same way, so this is the rule in full. Given are the ``whats_new`` of the versions after
    the old one up to the new one, oldest first, but for those that were withdrawn. Each line of a delta tells of one *thing* how it was ``before`` and how
    it is ``after``; null means that it is not there. Things are the studies, by ``study_id``, over all three lists of
    studies; and the numbers, methods, authors and status, by ``item``, each list on its own. Then, for every thing that
    is in any delta:

    1. ``before`` is that of the first delta that has the thing, ``after`` that of the last.
    2. Where both are equal as JSON values (deep; 1 and 1.0 are equal), the thing is left out: it is as it was.
    3. The wording (``citation``, ``title``) is that of the last delta that has the thing.
    4. A study is in ``new_studies`` if ``before`` is null, in ``removed_studies`` if ``after`` is, else in
       ``changed_studies``, where ``changed`` has those of ``charting``, ``reports``, ``retraction`` (in this order)
       that differ between the two. ``retraction`` is that of ``after``, or of ``before`` if that is null.
    5. Each list is sorted by ``study_id`` or ``item``.

    ``since_version`` is that of the first delta. ``kind`` is ``update`` if one of them is, else ``amendment``. ``text``
    is said anew of the lists.

    Promise: the lists say what :func:`whats_new` says of the old and the new summary. Only the wording may be of a version
    between: of a study that is gone, and of a number whose title changed while it did not.

    Raises:
        ValueError: If there is no delta, or one of a first publication, which changes nothing that was before.
    """
    if not deltas or any(delta["kind"] == "first" for delta in deltas):
        raise ValueError("deltas compose from the second version on")
    seen: dict[str, _Study] = {}
    for delta in deltas:
        for line in (*delta["new_studies"], *delta["changed_studies"], *delta["removed_studies"]):
            one = line["study_id"]
            before = seen[one][2] if one in seen else line["before"]
            seen[one] = (one, line["citation"], before, line["after"])
    changes = {
        **_told_studies(seen.values()),
        **{name: _composed(delta[name] for delta in deltas) for name in ("numbers", "methods", "authors", "status")},
    }
    return {
        "kind": "update" if any(delta["kind"] == "update" for delta in deltas) else "amendment",
        "since_version": deltas[0]["since_version"],
        "text": _sentence(changes),
        **changes,
    }


def _composed(lists: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    seen: dict[str, dict[str, Any]] = {}
    for changes in lists:
        for line in changes:
            before = seen[line["item"]]["before"] if line["item"] in seen else line["before"]
            seen[line["item"]] = {**line, "before": before}
    return [line for _, line in sorted(seen.items()) if line["before"] != line["after"]]


def _told_studies(found: Iterable[_Study]) -> dict[str, list[dict[str, Any]]]:
    """Studies that are new, changed or removed, each list by study id; those that are the same are in none."""
    told: dict[str, list[dict[str, Any]]] = {"new_studies": [], "changed_studies": [], "removed_studies": []}
    for study_id, citation, before, after in sorted(found, key=lambda one: one[0]):
        if before == after:
            continue
        state = (after or before or {}).get("retraction")
        line = {"study_id": study_id, "citation": citation, "retraction": state, "before": before, "after": after}
        if before is None:
            told["new_studies"].append(line)
        elif after is None:
            told["removed_studies"].append(line)
        else:
            changed = [name for name in _PARTS if before[name] != after[name]]
            told["changed_studies"].append({**line, "changed": changed})
    return told


def _cited(study: Mapping[str, Any]) -> str:
    return str(study.get("citation", ""))


def _parts(study: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if study is None:
        return None
    digests = study.get("digests", {})
    return {
        "charting": digests.get("charting"),
        "reports": digests.get("reports"),
        "retraction": study.get("retraction", {}).get("state"),
    }


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
