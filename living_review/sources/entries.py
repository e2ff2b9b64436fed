"""What the splitters of tagged formats share: an entry with its lines, and how line numbers are named in a remark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Lines: TypeAlias = list[tuple[str, list[str]]]
"""The tags of an entry while it is read, each with the lines of its value so far."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tagged file: the line it starts at and its tags in order; lines of one value by line feeds."""

    line: int
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, line: int, fields: Lines, glue: str = "\n") -> Entry:
        """The entry that starts at ``line``, the lines of every value joined by ``glue``."""
        return cls(line, tuple((tag, glue.join(lines).strip(" \n")) for tag, lines in fields))

    def first(self, tag: str) -> str:
        """The first value under ``tag``; empty if there is none."""
        return next((value for name, value in self.fields if name == tag and value.strip()), "")

    def has(self, tag: str) -> bool:
        """Whether ``tag`` stands in this entry at all."""
        return any(name == tag for name, _ in self.fields)


def line_numbers(numbers: Sequence[int], word: str = "line") -> str:
    """``line 3`` or ``lines 1-4, 40``; at most twenty spans are spelt out, and how many more there are."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    shown = ", ".join(words[:20]) + (f" and {len(words) - 20} more" if len(words) > 20 else "")
    return f"{word if len(numbers) == 1 else word + 's'} {shown}"


def counted(number: int, word: str) -> str:
    """``1 record``, ``2,000 records``."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def passed_over(lines: Sequence[tuple[int, str]]) -> list[str]:
    """The remark about lines that belong to no record, with a sample of them; nothing if there are none."""
    if not lines:
        return []
    texts = list(dict.fromkeys(text.strip()[:40] for _, text in lines))
    sample = "; ".join(repr(text) for text in texts[:3]) + (" …" if len(texts) > 3 else "")
    return [f"outside any record, passed over: {line_numbers([number for number, _ in lines])} ({sample})"]
