"""Opens a workbook that a stranger may have made: bounded, without macros, links or entities."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

MAXIMUM_FILE = 100_000_000
MAXIMUM_CONTENT = 400_000_000
MAXIMUM_PARTS = 2_000
MAXIMUM_CELLS = 2_000_000
_CHUNK = 1 << 20
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_FORBIDDEN = (
    (re.compile(r"(^|/)vbaProject", re.IGNORECASE), "macros"),
    (re.compile(r"(^|/)(xl/)?(macrosheets|dialogsheets)/", re.IGNORECASE), "macros"),
    (re.compile(r"(^|/)externalLinks/", re.IGNORECASE), "links to other workbooks"),
    (re.compile(r"(^|/)(connections\.xml|queryTables/)", re.IGNORECASE), "connections to data outside"),
    (re.compile(r"(^|/)(embeddings|activeX|ctrlProps)/", re.IGNORECASE), "embedded objects"),
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")


class Unreadable(Exception):
    """The file is no workbook that can be read safely; the message says why."""


def open_archive(path: Path) -> io.BytesIO:
    """The file's content after every check, for openpyxl. Raises Unreadable, or OSError."""
    with path.open("rb") as file:
        content = file.read(MAXIMUM_FILE + 1)
    if len(content) > MAXIMUM_FILE:
        raise Unreadable(f"it is larger than {MAXIMUM_FILE // 1_000_000} MB, the limit for a workbook")
    if content.startswith(_OLD_FORMAT):
        raise Unreadable("it is locked with a password or of the old .xls format: save it as .xlsx without a password")
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            _check(archive)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError, RuntimeError):
        raise Unreadable("it is not a whole .xlsx file: cut off, damaged, or something else") from None
    return io.BytesIO(content)


def _check(archive: ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MAXIMUM_PARTS:
        raise Unreadable(f"it has {len(parts):,} parts; a workbook may have {MAXIMUM_PARTS:,}")
    if len(set(names)) < len(names):
        raise Unreadable("it holds a part twice")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("it is encrypted")
    for name in names:
        for pattern, what in _FORBIDDEN:
            if pattern.search(name):
                raise Unreadable(f"it holds {what} ({name}), which a workbook of memdsl never has")
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise Unreadable("it is no Excel workbook")
    if sum(part.file_size for part in parts) > MAXIMUM_CONTENT:
        raise Unreadable(_too_large())
    left, cells = MAXIMUM_CONTENT, 0
    for part in parts:
        is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
        tail = b""
        for number, chunk in enumerate(_chunks(archive, part)):
            left -= len(chunk)
            if left < 0:
                raise Unreadable(_too_large())
            if not is_xml:
                continue
            text = tail + chunk
            if number == 0:
                _check_encoding(part.filename, text)
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise Unreadable(f"its part {part.filename} declares XML entities, which no workbook needs")
            cells += chunk.count(b"<c ")
            tail = chunk[-16:]
        if cells > MAXIMUM_CELLS:
            raise Unreadable(f"it has more than {MAXIMUM_CELLS:,} cells, the limit")


def _chunks(archive: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _check_encoding(name: str, start: bytes) -> None:
    declared = _DECLARED.match(start.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in start[:200] or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")):
        raise Unreadable(f"its part {name} is not in UTF-8")


def _too_large() -> str:
    return f"unpacked it is larger than {MAXIMUM_CONTENT // 1_000_000} MB, the limit for a workbook"
