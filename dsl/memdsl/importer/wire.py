"""Protobuf's wire format, read in place: fields are offsets into the file; what nobody asks for is never touched."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import mmap

from .faults import ImportFault

Buffer = bytes | mmap
Field = tuple[int, int, int, int]
"""Number, wire type, and either (value, 0) of a number or (start, end) of what has a length."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MOST_FIELDS = 4_000_000
"""Fields that are read of one file: 5,000 nodes of a usual network have 200,000."""


class Wire:
    """A file in protobuf's wire format. Raises ImportFault where the bytes are no such file."""

    def __init__(self, data: Buffer) -> None:
        self.data = data
        self.left = MOST_FIELDS

    def varint(self, at: int, end: int) -> tuple[int, int]:
        """A number and the offset behind it."""
        data = self.data
        value = shift = 0
        while at < end:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, at
            shift += 7
            if shift > 63:
                break
        raise ImportFault(f"byte {at:,}: the file is damaged or cut off (a number does not end)")

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """The fields of the message between two offsets, in order."""
        at = start
        data = self.data
        while at < end:
            self.left -= 1
            if self.left < 0:
                raise ImportFault(f"the file has more than {MOST_FIELDS:,} fields")
            key = data[at]
            if key < 0x80:
                at += 1
            else:
                key, at = self.varint(at, end)
            number, kind = key >> 3, key & 7
            if kind == BYTES:
                size = data[at] if at < end else 0x80
                if size < 0x80:
                    at += 1
                else:
                    size, at = self.varint(at, end)
                if at + size > end:
                    raise ImportFault(f"byte {at:,}: the file is damaged or cut off ({size:,} bytes are announced)")
                yield number, kind, at, at + size
                at += size
            elif kind == VARINT:
                value, at = self.varint(at, end)
                yield number, kind, value, 0
            elif kind in (FIXED32, FIXED64):
                size = 4 if kind == FIXED32 else 8
                if at + size > end:
                    raise ImportFault(f"byte {at:,}: the file is damaged or cut off")
                yield number, kind, int.from_bytes(data[at : at + size], "little"), 0
                at += size
            else:
                raise ImportFault(f"byte {at:,}: this is no protobuf message (wire type {kind})")

    def text(self, start: int, end: int) -> str:
        if end - start > 65_536:
            raise ImportFault(f"byte {start:,}: a name of {end - start:,} bytes")
        return bytes(self.data[start:end]).decode("utf-8", "replace")

    def numbers(self, field: Field) -> list[int]:
        """The signed numbers of a repeated field, packed or one by one."""
        _, kind, start, end = field
        if kind != BYTES:
            return [signed(start)]
        found = []
        at = start
        while at < end:
            value, at = self.varint(at, end)
            found.append(signed(value))
            if len(found) > 1_000_000:
                raise ImportFault(f"byte {start:,}: a list of more than 1,000,000 numbers")
        return found

    def floats(self, field: Field) -> list[float]:
        _, kind, start, end = field
        if kind != BYTES:
            return [single(start)]
        if end - start > 4_000_000:
            raise ImportFault(f"byte {start:,}: a list of more than 1,000,000 numbers")
        count = (end - start) // 4
        return list(struct.unpack(f"<{count}f", self.data[start : start + 4 * count]))


def signed(value: int) -> int:
    """An int64 as it stands on the wire."""
    return value - (1 << 64) if value >= 1 << 63 else value


def single(bits: int) -> float:
    """A float32 by its bits."""
    return float(struct.unpack("<f", (bits & 0xFFFF_FFFF).to_bytes(4, "little"))[0])
