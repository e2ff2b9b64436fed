"""What a protocol refers to must be defined in it: every reason, reviewer, field and option that leads nowhere."""

from __future__ import annotations

import re
from typing import Any

from living_review.language_tags import refusal
from living_review.protocol import COUNTED, RESERVED_COLUMNS, ChartingField, FieldType, Protocol, Stage

Inconsistency = tuple[tuple[str | int, ...], str]
"""(path of the key, what was found and what is allowed)."""


def inconsistencies(protocol: Protocol) -> list[Inconsistency]:
    """Every reference inside the protocol that leads nowhere: (path of the key, what is wrong)."""
    return [
        *_about_searches(protocol),
        *_about_screening(protocol),
        *_about_form(protocol),
        *_about_summary(protocol),
        *_about_translations(protocol),
    ]


def _about_searches(protocol: Protocol) -> list[Inconsistency]:
    return _repeated("searches", [search.name for search in protocol.searches], key="name")


def _about_screening(protocol: Protocol) -> list[Inconsistency]:
    reasons = [reason.id for reason in protocol.eligibility.exclude]
    wrong = _repeated("eligibility", reasons, "exclude", key="id")
    wrong += [
        (("screening", "exclusion_reasons", place), f"found {name!r}; allowed: {_list(reasons)}")
        for place, name in enumerate(protocol.screening.exclusion_reasons)
        if name not in reasons
    ]
    in_order = [stage for stage in Stage if stage in protocol.screening.stages]
    if not protocol.screening.stages or list(protocol.screening.stages) != in_order:
        found = _list([str(stage) for stage in protocol.screening.stages])
        wrong.append(
            (
                ("screening", "stages"),
                f"found {found}; allowed: {_list([*Stage])}, once each, in this order",
            )
        )
    people = protocol.screening.reviewers
    # Ann and ann are one person, who must not make a pair alone.
    folded = [name.casefold() for name in people]
    wrong += [
        (
            ("screening", "reviewers", place),
            f"found {name!r} beside {people[folded.index(folded[place])]!r}; "
            "allowed: each person once, in one spelling",
        )
        for place, name in enumerate(people)
        if folded.index(folded[place]) < place
    ]
    if people and len(people) < protocol.screening.reviewers_per_report:
        wrong.append(
            (
                ("screening", "reviewers_per_report"),
                f"found {protocol.screening.reviewers_per_report}; allowed: at most {len(people)}, the number of reviewers",
            )
        )
    wrong += [
        (("notify", place, "reviewer"), f"found {entry.reviewer!r}; allowed: {_list(people)}")
        for place, entry in enumerate(protocol.notify)
        if entry.reviewer and people and entry.reviewer not in people
    ]
    return wrong


def _about_form(protocol: Protocol) -> list[Inconsistency]:
    names = [item.name for item in protocol.charting.fields]
    wrong = _repeated("charting", names, "fields", key="name")
    for place, item in enumerate(protocol.charting.fields):
        path: tuple[str | int, ...] = ("charting", "fields", place)
        typology_field = protocol.typology is not None and item.name == protocol.typology.field
        is_choice = item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}
        if item.name in RESERVED_COLUMNS:
            wrong.append(((*path, "name"), f"found {item.name!r}; allowed: any name but {_list(RESERVED_COLUMNS)}"))
        if is_choice and not item.options and not typology_field:
            wrong.append(((*path, "options"), "found none; allowed: one option or more for a choice field"))
        if item.options and not is_choice:
            wrong.append(((*path, "options"), f"found options; allowed: none for a field of type {item.type}"))
        wrong += [((*path, *rest[0][1:]), rest[1]) for rest in _repeated("field", list(item.values), "options")]
        for option_place, value in enumerate(item.values):
            if item.many and ";" in value:
                wrong.append(
                    (
                        (*path, "options", option_place),
                        f"found {value!r}; allowed: no semicolon, it parts several values",
                    )
                )
        for other, wanted in item.only_if.items():
            if other not in names[:place]:
                wrong.append(
                    (
                        (*path, "only_if"),
                        f"found field {other!r}; allowed: a field above it: {_list(names[:place])}",
                    )
                )
                continue
            allowed = _values_of(protocol, protocol.charting.field(other))
            wrong += [
                ((*path, "only_if", other), f"found {value!r}; allowed: {_list(allowed)}")
                for value in wanted
                if allowed and value not in allowed
            ]
    return wrong


def _about_summary(protocol: Protocol) -> list[Inconsistency]:
    names = [item.name for item in protocol.charting.fields]
    counted = [item.name for item in protocol.charting.fields if item.type in COUNTED]
    wrong: list[Inconsistency] = []
    for place, name in enumerate(protocol.summary.tables):
        if name not in names:
            wrong.append((("summary", "tables", place), f"found {name!r}; allowed: {_list(names)}"))
    for place, row in enumerate(protocol.summary.crosstabs):
        for column, name in enumerate(row):
            if name not in counted:
                wrong.append(
                    (
                        ("summary", "crosstabs", place, column),
                        f"found {name!r}; allowed: {_list(counted)}",
                    )
                )
    if protocol.typology is None:
        return wrong
    models = [model.id for model in protocol.typology.models]
    wrong += _repeated("typology", models, "models", key="id")
    choices = [i.name for i in protocol.charting.fields if i.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}]
    if protocol.typology.field not in choices:
        wrong.append((("typology", "field"), f"found {protocol.typology.field!r}; allowed: {_list(choices)}"))
    else:
        options = protocol.charting.field(protocol.typology.field).values
        wrong += [
            (("typology", "models", place, "id"), f"found {name!r}; allowed: {_list(options)}")
            for place, name in enumerate(models)
            if options and name not in options
        ]
    wrong += [
        (("typology", "distributions", place), f"found {name!r}; allowed: {_list(counted)}")
        for place, name in enumerate(protocol.typology.distributions)
        if name not in counted
    ]
    return wrong


def _about_translations(protocol: Protocol) -> list[Inconsistency]:
    fields = {item.name: item for item in protocol.charting.fields}
    models = [model.id for model in protocol.typology.models] if protocol.typology else []
    wrong: list[Inconsistency] = []
    for language, told in protocol.translations.items():
        path = ("translations", language)
        if allowed := refusal(language):
            wrong.append((path, f"found {language!r}; allowed: {allowed}"))
        elif language == protocol.language:
            wrong.append((path, f"found {language!r}; allowed: any language but the review's own"))
        for name, field in told.fields.items():
            if name not in fields:
                wrong.append(((*path, "fields", name), f"found {name!r}; allowed: {_list(fields)}"))
                continue
            wrong += [
                ((*path, "fields", name, "options", value), f"found {value!r}; allowed: {_list(fields[name].values)}")
                for value in field.options
                if value not in fields[name].values
            ]
        wrong += [
            ((*path, "models", name), f"found {name!r}; allowed: {_list(models)}")
            for name in told.models
            if name not in models
        ]
    return wrong


def _values_of(protocol: Protocol, item: ChartingField) -> tuple[str, ...]:
    if item.type is FieldType.BOOLEAN:
        return ("true", "false")
    return protocol.options_of(item.name) if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE} else ()


def _repeated(first: str, names: list[str], *rest: str, key: str = "") -> list[Inconsistency]:
    seen: set[str] = set()
    wrong: list[Inconsistency] = []
    for place, name in enumerate(names):
        if name in seen:
            path: tuple[str | int, ...] = (first, *rest, place, *([key] if key else []))
            wrong.append((path, f"found {name!r} a second time; allowed: each once"))
        seen.add(name)
    return wrong


def _list(names: Any) -> str:
    return ", ".join(re.sub(r"\s+", " ", str(name)) for name in names) or "none is defined"
