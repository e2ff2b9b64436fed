"""What a person enters for one field of the data charting form -> a typed value, or why it is none.

Knows the habits of spreadsheets: numbers kept as text, whole numbers as ``12.0``, dates as dates, trailing blanks.
Promises to take only what is unmistakable; the rest is told what was found and what is allowed.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time

from living_review.countries import country_names
from living_review.country_words import country_code, like
from living_review.protocol import ChartingField, FieldType, Protocol

Value = str | int | float | bool | date | list[str]
"""Text, choice and country (alpha-2 code): str; multi_choice: list of values, each once, in the form's order."""

Cell = str | int | float | bool | date | datetime | time | None
"""What a cell of a workbook can hold."""

LARGEST_INTEGER = 2**53
"""Up to here a spreadsheet, which keeps every number as a 64-bit float, keeps whole numbers exactly."""

SEPARATOR = ";"
"""Parts the values of a multi_choice field; the protocol allows none inside an option."""


class UnfitError(ValueError):
    """What was entered is no value of the field."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"found {found}; allowed: {allowed}")
        self.found, self.allowed = found, allowed


def parse_value(protocol: Protocol, item: ChartingField, cell: Cell | list[str]) -> Value | None:
    """The value of ``item`` that ``cell`` holds; None where it is blank.

    Raises:
        UnfitError: If it holds something else.
    """
    if isinstance(cell, list):
        cell = f"{SEPARATOR} ".join(cell)
    if isinstance(cell, str):
        cell = plain_text(cell)
    if cell is None or cell == "":
        return None
    return _PARSERS[item.type](protocol, item, cell)


def plain_text(text: str) -> str:
    """``text`` without the white space around it, its line ends as line feeds (Excel writes ``_x000D_`` for one)."""
    return re.sub(r"\r\n?|_x000D_\n?", "\n", text).strip()


def shown_option(protocol: Protocol, item: ChartingField, value: str) -> str:
    """What people choose for an option: its title where that can be told from every other option, else its value."""
    title = protocol.title_of(item.name, value).strip()
    others = [other for other in protocol.options_of(item.name) if other != value]
    taken = {_folded(name) for other in others for name in (other, protocol.title_of(item.name, other))}
    usable = title and SEPARATOR not in title and "\n" not in title and _folded(title) not in taken
    return title if usable else value


def shown_value(protocol: Protocol, item: ChartingField, value: Value) -> Cell:
    """``value`` as it stands in the workbook; :func:`parse_value` reads it back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"{SEPARATOR} ".join(shown_option(protocol, item, one) for one in value)
    if item.type is FieldType.CHOICE:
        return shown_option(protocol, item, str(value))
    if item.type is FieldType.COUNTRY:
        return country_names().get(str(value), str(value))
    # Text, so that no spreadsheet takes day for month, nor 2019 for a day in 1905.
    return value.isoformat() if isinstance(value, date) else value


def allowed_values(protocol: Protocol, item: ChartingField) -> str:
    """What may be entered for ``item``, in words."""
    if item.type in {FieldType.CHOICE, FieldType.MULTI_CHOICE}:
        options = ", ".join(shown_option(protocol, item, value) for value in protocol.options_of(item.name))
        return f"one or more of {options}, parted by semicolons" if item.many else f"one of {options}"
    return _IN_WORDS[item.type]


_IN_WORDS = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "a whole number, 0 or more, in digits only",
    FieldType.NUMBER: "a number with a decimal point",
    FieldType.DATE: "a date as YYYY-MM-DD, not in the future",
    FieldType.BOOLEAN: "yes or no",
    FieldType.COUNTRY: "one country by its English name or ISO 3166 code",
}


def found(cell: Cell | list[str]) -> str:
    """What a cell holds, in words that fit a line."""
    if cell is None or cell == "":
        return "nothing"
    if isinstance(cell, (date, time)):
        return f"the date or time {cell.isoformat()}"
    text = " ".join(str(cell).split())
    return repr(text if len(text) <= 60 else f"{text[:57]}...") if isinstance(cell, str) else text


def text_of(cell: Cell) -> str:
    """A cell's content as text: a number without a fraction is written without one."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= LARGEST_INTEGER:
        return str(int(cell))
    return plain_text(str(cell)) if cell is not None else ""


def _text(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    if isinstance(cell, (date, time)):
        # The spreadsheet made a date of what was typed (3-4, MAR1): what that was is gone.
        raise UnfitError(found(cell), "text; format the cell as text and type it again")
    return text_of(cell)


def _refuse_date(protocol: Protocol, item: ChartingField, cell: Cell) -> None:
    if isinstance(cell, (date, time)):
        allowed = allowed_values(protocol, item)
        raise UnfitError(found(cell), f"{allowed}; format the cell as a number and type it again")


def _number(protocol: Protocol, item: ChartingField, cell: Cell) -> float:
    _refuse_date(protocol, item, cell)
    if isinstance(cell, str) and re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", cell):
        cell = float(cell)
    if isinstance(cell, bool) or not isinstance(cell, (int, float)) or not math.isfinite(cell):
        comma = re.fullmatch(r"(\d+),(\d+)", cell) if isinstance(cell, str) else None
        hint = f" (not a comma, as in {comma[1]}.{comma[2]})" if comma else ""
        raise UnfitError(found(cell), f"{allowed_values(protocol, item)}{hint}")
    return float(cell)


def _integer(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    _refuse_date(protocol, item, cell)
    if isinstance(cell, str) and re.fullmatch(r"\d{1,18}(\.0+)?", cell):
        cell = int(cell.partition(".")[0])
    fits = isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell)
    if not fits or cell != int(cell) or not 0 <= cell <= LARGEST_INTEGER:  # type: ignore[arg-type,operator]
        raise UnfitError(found(cell), allowed_values(protocol, item))
    return int(cell)  # type: ignore[arg-type]


def _date(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        try:
            return date.fromisoformat(cell)
        except ValueError:
            pass
    raise UnfitError(found(cell), allowed_values(protocol, item))


_TRUTHS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


def _boolean(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    word = text_of(cell).casefold()
    if word not in _TRUTHS:
        raise UnfitError(found(cell), allowed_values(protocol, item))
    return _TRUTHS[word]


def _choice(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    if isinstance(cell, (date, time)):
        return _text(protocol, item, cell)
    values = protocol.options_of(item.name)
    # TRUE is what a spreadsheet makes of an option called true; yes is what people write for it.
    words = {_folded(shown_option(protocol, item, value)): value for value in values}
    words |= {_folded(value): value for value in values}
    text = text_of(cell)
    if text in values:
        return text
    if _folded(text) in words:
        return words[_folded(text)]
    near = difflib.get_close_matches(_folded(text), list(words), n=1, cutoff=0.6)
    hint = f" (did you mean {shown_option(protocol, item, words[near[0]])}?)" if near else ""
    raise UnfitError(found(text), f"{allowed_values(protocol, item)}{hint}")


def _multi_choice(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    if isinstance(cell, (date, time)):
        return _text(protocol, item, cell)
    parts = [part.strip() for part in re.split(rf"[{SEPARATOR}\n]", text_of(cell))]
    chosen = {str(_choice(protocol, item, part)) for part in parts if part}
    if not chosen:
        raise UnfitError(found(cell), allowed_values(protocol, item))
    return [value for value in protocol.options_of(item.name) if value in chosen]


def _country(protocol: Protocol, item: ChartingField, cell: Cell) -> Value:
    text = text_of(cell)
    code = country_code(text)
    if code is None:
        near = like(text)
        hint = f" (did you mean {near}?)" if near else ""
        raise UnfitError(found(cell), f"{allowed_values(protocol, item)}{hint}")
    return code


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


_PARSERS: dict[FieldType, Callable[[Protocol, ChartingField, Cell], Value]] = {
    FieldType.TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _multi_choice,
    FieldType.COUNTRY: _country,
}
