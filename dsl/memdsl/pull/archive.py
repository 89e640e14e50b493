"""Opens a workbook that a stranger may have made: bounded, without macros, links or entities."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl.utils import range_boundaries

from ..files import read_regular

MAXIMUM_FILE = 100_000_000
MAXIMUM_CONTENT = 400_000_000
MAXIMUM_PARTS = 2_000
MAXIMUM_CELLS = 2_000_000
MAXIMUM_STYLES = 2_000_000
MAXIMUM_NAMES = 50_000
MAXIMUM_MERGED = 100_000
_LEAST_CONTENT, _LARGEST_RATIO = 10_000_000, 40
"""What a file unpacks to: so much, or so many times its size. Ours take a tenth of that."""
_LEAST_CELLS, _BYTES_A_CELL = 20_000, 4
"""Cells of a file: so many, and one for so many bytes more. Ours take five times that."""
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
    content = read_regular(path, MAXIMUM_FILE + 1)
    if len(content) > MAXIMUM_FILE:
        raise Unreadable(f"it is larger than {MAXIMUM_FILE // 1_000_000} MB, the limit for a workbook")
    if content.startswith(_OLD_FORMAT):
        raise Unreadable("it is locked with a password or of the old .xls format: save it as .xlsx without a password")
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive.infolist())
            _check_content(archive, len(content))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError, RuntimeError):
        raise Unreadable("it is not a whole .xlsx file: cut off, damaged, or something else") from None
    return io.BytesIO(content)


def _check_parts(parts: Sequence[ZipInfo]) -> None:
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


def _check_content(archive: ZipFile, packed: int) -> None:
    """Reads every part once, within what the size of the file allows."""
    most = min(MAXIMUM_CONTENT, max(_LEAST_CONTENT, _LARGEST_RATIO * packed))
    left = _Left(most, min(MAXIMUM_CELLS, _LEAST_CELLS + packed // _BYTES_A_CELL))
    for part in archive.infolist():
        styles = MAXIMUM_STYLES if part.filename.lower().endswith("styles.xml") else most
        size, tail = 0, b""
        for number, chunk in enumerate(_chunks(archive, part)):
            size += len(chunk)
            left.content -= len(chunk)
            if left.content < 0:
                raise Unreadable(f"unpacked it is larger than {most // 1_000_000} MB, the limit for a file of its size")
            if size > styles:
                raise Unreadable(f"its styles are larger than {styles // 1_000_000} MB, the limit")
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                text = tail + chunk
                if number == 0:
                    _check_encoding(part.filename, text)
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise Unreadable(f"its part {part.filename} declares XML entities, which no workbook needs")
                left.take(text, len(tail))
                tail = text[-_TAIL:]


@dataclass
class _Left:
    """What the parts still to be read may hold."""

    content: int
    cells: int
    names: int = MAXIMUM_NAMES
    merged: int = MAXIMUM_MERGED

    def take(self, text: bytes, seen: int) -> None:
        """Counts what ends in a text behind the bytes that were seen in the one before."""
        self.cells -= sum(found.end() > seen for found in _CELL.finditer(text))
        self.names -= sum(found.end() > seen for found in _NAME.finditer(text))
        for found in _MERGED.finditer(text):
            if found.end() > seen:
                self.merged -= _area(found[2].decode("utf-8", "replace"))
        if self.cells < 0:
            raise Unreadable("it has more cells than a workbook of its size can have with anything in them")
        if self.names < 0:
            raise Unreadable(f"it has more than {MAXIMUM_NAMES:,} names, the limit")
        if self.merged < 0:
            raise Unreadable(f"its merged ranges cover more than {MAXIMUM_MERGED:,} cells, the limit")


_TAIL = 200
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_NAME = re.compile(rb"<(?:\w+:)?definedName[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]{0,80}?ref\s*=\s*([\"'])(.*?)\1")


def _area(text: str) -> int:
    """The cells of a merged range; one that is written in a way that nobody writes is too large."""
    try:
        left, top, right, bottom = (int(side or 0) for side in range_boundaries(text))
    except ValueError:
        return MAXIMUM_MERGED + 1
    return (right - left + 1) * (bottom - top + 1)


def _chunks(archive: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _check_encoding(name: str, start: bytes) -> None:
    declared = _DECLARED.match(start.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in start[:200] or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")):
        raise Unreadable(f"its part {name} is not in UTF-8")
