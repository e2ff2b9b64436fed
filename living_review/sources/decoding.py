"""Bytes of a file a person gave -> text, or an error that says what the file is instead.

Promises: nothing is replaced or dropped while decoding. A file whose encoding cannot be told with confidence, that
mixes encodings, or that is no text at all is refused with the line concerned; a guess is always mentioned.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from living_review.errors import InvalidFile

FORMATS = (
    "RIS, PubMed nbib, PubMed summary, EndNote XML, EndNote/Refer (.enw), BibTeX, Web of Science (.ciw), "
    "Ovid, RefWorks, CSV or TSV"
)
"""The formats a person can choose from, as an error names them."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with line feeds only, the encoding it was in, and remarks for the person who gave the file."""

    text: str
    encoding: str
    remarks: tuple[str, ...] = ()


# Longest first where one begins like another: UTF-32-LE's mark starts with UTF-16-LE's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_BINARY = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file (.xls, .doc)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"SQLite format 3", "a database file (SQLite)"),
    (b"{\\rtf", "a rich text document (RTF)"),
)

# Single-byte and East Asian encodings that reference managers and spreadsheets of the last decades wrote.
_PLAUSIBLE = {
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("latin_1", "iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "iso8859_15", "koi8_r", "mac_roman"),
    *("gb18030", "gb2312", "gbk", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949"),
}

# Control characters no text export contains; \x1a is the end-of-file mark of old DOS programs, \x1c-\x1f separators.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b\x7f]")


def decode(name: str, body: bytes) -> Decoded:
    """The text of ``body``, line ends made line feeds; byte order marks removed.

    Args:
        name: The file's name, for errors.
        body: The whole file.

    Raises:
        InvalidFile: If the file is empty, binary, damaged, or in an encoding that cannot be told.
    """
    if not body.strip():
        raise InvalidFile("the file is empty", name, "export it again")
    if kind := _binary(body):
        raise InvalidFile(f"this is {kind}, not a text export", name, f"export as one of: {FORMATS}")
    text, encoding, remarks = _decode(name, body)
    text = text.removeprefix("\ufeff")
    if found := _CONTROL.search(text):
        code = f"U+{ord(found.group()):04X}"
        where = f"{name}, line {text.count(chr(10), 0, found.start()) + 1}"
        raise InvalidFile(f"control character {code}: no text export", where, f"export as one of: {FORMATS}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InvalidFile("the file is empty", name, "export it again")
    return Decoded(text, encoding, remarks)


def split_lines(text: str) -> list[str]:
    r"""The lines of decoded text; unlike ``str.splitlines`` a U+2028 or U+0085 inside an abstract ends no line."""
    return text.split("\n")


def _binary(body: bytes) -> str:
    if body.startswith(b"PK\x03\x04"):
        head = body[:4096] + body[-4096:]
        if b"xl/" in head:
            return "an Excel workbook (.xlsx)"
        return "a Word document (.docx)" if b"word/" in head else "a ZIP archive"
    return next((kind for magic, kind in _BINARY if body.startswith(magic)), "")


def _decode(name: str, body: bytes) -> tuple[str, str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _strict(name, body[len(mark) :], encoding), encoding, ()
    if b"\x00" in body:
        encoding = _unmarked_utf16(name, body)
        return _strict(name, body, encoding), encoding, (f"read as {encoding} though the file does not say so",)
    try:
        return body.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        _refuse_damaged_utf8(name, body, error.start)
        encoding = _legacy(name, body, error.start)
    remark = f"not UTF-8: read as {encoding}; look at a few accented letters, or export again as UTF-8"
    return _strict(name, body, encoding), encoding, (remark,)


def _strict(name: str, body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidFile(
            f"bytes that are not {encoding.upper()}", f"{name}, line {_line(body, error.start)}", "export as UTF-8"
        ) from None


def _unmarked_utf16(name: str, body: bytes) -> str:
    # ASCII letters in UTF-16 have a zero in every second byte, always on the same side.
    head = body[:4000]
    even, odd = head[0::2].count(0) / len(head) * 2, head[1::2].count(0) / len(head) * 2
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    where = f"{name}, line {_line(body, body.index(0))}"
    raise InvalidFile("a NUL byte: no text export", where, f"export as one of: {FORMATS}")


def _refuse_damaged_utf8(name: str, body: bytes, first: int) -> None:
    r"""Refuse text that is mostly UTF-8: it is damaged or glued together, and any one encoding would garble it."""
    text = body.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f" and character != "\ufffd")
    # A Latin-1 or GBK file holds the odd pair of bytes that happens to be UTF-8; as many as wrong ones it cannot.
    if good >= bad:
        where = f"{name}, line {_line(body, first)}"
        raise InvalidFile("text that is UTF-8 elsewhere is not here: damaged or two encodings", where, "export again")


def _legacy(name: str, body: bytes, first: int) -> str:
    # Only lines with other than ASCII tell encodings apart, and a few hundred of them tell as much as all.
    telling = [line for line in body.splitlines() if not line.isascii()]
    sample = b"\n".join(telling[:: max(1, len(telling) // 300)])[:60_000]
    matches = [match for match in from_bytes(sample) if match.encoding in _PLAUSIBLE and _decodes(body, match.encoding)]
    if not matches:
        where = f"{name}, line {_line(body, first)}"
        raise InvalidFile("the text encoding cannot be told", where, "export as UTF-8")
    best = matches[0]
    # Short Latin text fits many code pages equally well; what spreadsheets in the West write is then cp1252.
    western = [match for match in matches if match.encoding in {"cp1252", "latin_1"}]
    alike = {"cp1252", "latin_1"} & set(best.could_be_from_charset)
    if (western and western[0].chaos <= best.chaos) or alike:
        return "cp1252" if _decodes(body, "cp1252") else "latin_1"
    return best.encoding


def _decodes(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _line(body: bytes, offset: int) -> int:
    head = body[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return head.count(b"\n") + 1
