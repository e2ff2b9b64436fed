"""A workbook a person gave -> its cells, read within bounds.

A workbook is a zip of XML from a stranger: promises that no formula is computed, no entity expanded, nothing fetched,
and no more memory used than the bounds below allow.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from living_review.charting_values import Cell
from living_review.errors import InvalidFile

LARGEST_BYTES = 50_000_000
LARGEST_UNPACKED_BYTES = 200_000_000
"""10,000 studies with 60 fields unpack to some 40 MB."""
LARGEST_PARTS = 2_000
LAST_ROW = 100_000
LAST_COLUMN = 1_000


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell as it is in the file."""

    value: Cell
    column: int
    kind: str = ""
    """``formula`` or ``error`` where the cell is one; ``value`` is its text then."""

    @property
    def letter(self) -> str:
        """The column as a spreadsheet names it."""
        return get_column_letter(self.column)


def read_cells(name: str, body: bytes, wanted: set[str]) -> dict[str, dict[int, list[RawCell]]]:
    """The cells that hold something, of the sheets ``wanted`` that there are: sheet -> row -> cells.

    Raises:
        InvalidFile: If ``body`` is no workbook that can be read safely.
    """
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidFile(
            "this workbook is encrypted or in the old .xls format", name, "save it as .xlsx without a password"
        )
    if len(body) > LARGEST_BYTES:
        raise InvalidFile(f"the file has {len(body)} bytes", name, f"at most {LARGEST_BYTES} are read")
    _check_package(name, body)
    try:
        with warnings.catch_warnings():
            # Says which parts it does not keep (pictures, extensions); none of them is asked for.
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
            try:
                return {
                    sheet.title: dict(_rows(name, sheet.title, sheet.iter_rows()))
                    for sheet in book.worksheets
                    if sheet.title in wanted
                }
            finally:
                book.close()
    except _BROKEN as error:
        raise InvalidFile("this workbook is damaged", name, "open it in a spreadsheet and save it again") from error


_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,  # what XML parsers raise
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    NotImplementedError,
    OSError,
)
"""What openpyxl was seen to raise on damaged packages; it has no error class of its own for them."""


def _check_package(name: str, body: bytes) -> None:
    remedy = "give the workbook that was exported, saved as .xlsx"
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            parts = package.infolist()
            if "[Content_Types].xml" not in package.namelist():
                raise InvalidFile("this is a zip file but no workbook", name, remedy)
            if len(parts) > LARGEST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED_BYTES:
                raise InvalidFile("the workbook unpacks to more than is read", name, remedy)
            for part in parts:
                if part.flag_bits & 1:
                    raise InvalidFile("this workbook is encrypted", name, "save it as .xlsx without a password")
                text = package.read(part)
                # Which parts are XML the package itself says elsewhere, so the look of them counts too. UTF-16 would
                # hide a DTD from this search; no spreadsheet writes it.
                is_xml = part.filename.endswith((".xml", ".rels", ".vml")) or text.lstrip().startswith(_LIKE_XML)
                if is_xml and (b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text[:200]):
                    raise InvalidFile("the workbook defines XML entities", name, remedy)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidFile("this is no workbook", name, remedy) from error


_LIKE_XML = (b"<", b"\xef\xbb\xbf", b"\0<", b"\xff\xfe", b"\xfe\xff")


def _rows(name: str, title: str, rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[int, list[RawCell]]]:
    for number, cells in enumerate(rows, start=1):
        if number > LAST_ROW or len(cells) > LAST_COLUMN:
            raise InvalidFile(
                f"sheet {title} goes beyond row {LAST_ROW} or column {get_column_letter(LAST_COLUMN)}",
                name,
                "delete the empty rows and columns at its end",
            )
        held = [raw for column, cell in enumerate(cells, start=1) if (raw := _raw(cell, column)) is not None]
        if held:
            yield number, held


def _raw(cell: object, column: int) -> RawCell | None:
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "n")
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if kind == "f":
        return RawCell(str(getattr(value, "text", None) or value), column, "formula")
    if kind == "e":
        return RawCell(str(value), column, "error")
    return RawCell(value if isinstance(value, (str, int, float, date, datetime, time)) else str(value), column)
