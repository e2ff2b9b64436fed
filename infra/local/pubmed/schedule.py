"""Changes that come on given days, as a folder of records describes them: what arrives, is indexed, vanishes, is retracted.

A document ``changes.yaml`` beside the records is a list; each entry has a day and one thing that happens on it::

    - {on: 2026-03-02, add: later/new.xml}
    - {on: 2026-03-09, mesh: 90000012, headings: [Asthma, Social Media/*methods]}
    - {on: 2026-03-16, replace: later/corrected.xml}
    - {on: 2026-04-01, retract: 90000001, notice: later/notice.xml}
    - {on: 2026-04-02, remove: 90000003}

Files are named from the document's folder and are not read as records of their own. A notice may also be the PMID of an
article that is there, or be left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from living_review.errors import InvalidFile

NAME = "changes.yaml"
_KINDS = ("add", "replace", "remove", "retract", "mesh")


class Change(BaseModel):
    """One change on one day; exactly one of ``add``, ``replace``, ``remove``, ``retract`` and ``mesh`` is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    add: Path | None = None
    """File of articles that are there from that day on, whatever their Create Date."""
    replace: Path | None = None
    """File of newer versions of articles that are there."""
    remove: int | None = None
    """PMID that vanishes."""
    retract: int | None = None
    """PMID that is retracted; see ``notice``."""
    notice: Path | int | None = None
    """The retraction's notice: a file of its own record, which arrives too, or the PMID of one that is there."""
    mesh: int | None = None
    """PMID that is indexed for MEDLINE with ``headings``."""
    headings: tuple[str, ...] = Field(())
    """As MEDLINE text has them: ``Asthma/*drug therapy``, the star for a major topic."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of {', '.join(_KINDS)}, not {len(given)}")
        if bool(self.headings) != (self.mesh is not None) or (self.notice is not None and self.retract is None):
            raise ValueError("headings belong to mesh, and a notice to retract")
        return self

    @property
    def files(self) -> list[Path]:
        """The files it names."""
        return [file for file in (self.add, self.replace, self.notice) if isinstance(file, Path)]


def schedules_in(places: Iterable[Path]) -> list[Path]:
    """The documents of changes at or below folders."""
    return [file for place in places if place.is_dir() for file in sorted(place.rglob(NAME))]


def read_schedule(file: Path) -> list[Change]:
    """The changes of a document, the earliest first, with the files they name as whole paths.

    Raises:
        InvalidFile: If it is not such a list; with the entry and what is wrong with it.
    """
    try:
        entries = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        changes = TypeAdapter(list[Change]).validate_python(entries or [])
    except ValidationError as error:
        first = error.errors()[0]
        place = f"entry {int(first['loc'][0]) + 1}" if first["loc"] else "the list"
        named = ".".join(map(str, first["loc"][1:]))
        reason = f"{place} is no change ({named + ': ' if named else ''}{first['msg']})"
        raise InvalidFile(reason, str(file), "see infra/local/pubmed/schedule.py for the form") from error
    except (YAMLError, OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read as YAML ({str(error).splitlines()[0]})"
        raise InvalidFile(reason, str(file), "mend the document") from error
    made = [_with_whole_paths(change, file.parent) for change in changes]
    return sorted(made, key=lambda change: change.on)


def _with_whole_paths(change: Change, folder: Path) -> Change:
    named = {"add": change.add, "replace": change.replace, "notice": change.notice}
    whole = {name: folder / path for name, path in named.items() if isinstance(path, Path)}
    return change.model_copy(update=whole)
