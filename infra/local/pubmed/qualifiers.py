"""Subheadings of MeSH (qualifiers): their names, their two letters, and which are narrower than one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from infra.local.pubmed.fields import fold


class Qualifiers:
    """All qualifiers by their folded names.

    Args:
        lines: As in ``mesh_qualifiers.txt``: a name and its code, indented below a broader one. What a qualifier includes
            depends on where it stands: ``adverse effects`` has toxicity below it, but not as a part of ``therapeutic use``.
    """

    def __init__(self, lines: list[str]) -> None:
        self._named: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._narrower: dict[str, dict[str, None]] = {}
        path: list[str] = []
        for line in lines:
            depth = (len(line) - len(line.lstrip())) // 2
            name, _, code = line.strip().rpartition(" ")
            folded = fold(name)
            path[depth:] = [folded]
            for broader in path:
                self._narrower.setdefault(broader, {})[folded] = None
            spoken = name.replace("&", "and")
            self._shown[folded] = spoken
            self._named |= dict.fromkeys((folded, fold(spoken), code.lower()), folded)

    def named(self, words: str) -> str:
        """The folded qualifier that folded ``words`` name, or its two letters do; empty for none."""
        return self._named.get(words, "")

    def narrower(self, qualifier: str) -> list[str]:
        """A folded qualifier and all that is below it; itself alone when it is not known."""
        return list(self._narrower.get(qualifier, {qualifier: None}))

    def shown(self, qualifier: str) -> str:
        """A folded qualifier as a query translation has it: ``administration and dosage``."""
        return self._shown.get(qualifier, qualifier)


@cache
def qualifiers() -> Qualifiers:
    """The qualifiers of MeSH."""
    text = (Path(__file__).parent / "mesh_qualifiers.txt").read_text(encoding="utf-8")
    return Qualifiers([line for line in text.splitlines() if line and not line.startswith("#")])
