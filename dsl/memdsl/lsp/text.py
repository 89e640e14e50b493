"""Places in a text: characters counted from its beginning here, lines and UTF-16 (or other) units for an editor."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from lsprotocol.types import Position, Range

Offsets = tuple[int, int]

_LINE_END = re.compile(r"\r\n|\r|\n")  # these alone, as the protocol says
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@dataclass(frozen=True, eq=False)
class Text:
    text: str

    @cached_property
    def starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> Position:
        line = bisect_right(self.starts, offset) - 1
        return Position(line, units(self.text[self.starts[line] : offset]))

    def range(self, span: Offsets) -> Range:
        return Range(self.position(span[0]), self.position(span[1]))

    def offset(self, position: Position) -> int:
        """The character at a position; one beyond its line is the end of the line, as the protocol says."""
        if position.line >= len(self.starts):
            return len(self.text)
        start, end = self.line_span(position.line)
        line = self.text[start:end]
        if line.isascii():
            return start + min(position.character, len(line))
        left = position.character
        for index, character in enumerate(line):
            if left <= 0:
                return start + index
            left -= units(character)
        return end

    def line_span(self, line: int) -> Offsets:
        """A line without its end."""
        start = self.starts[line]
        end = _LINE_END.search(self.text, start)
        return start, end.start() if end is not None else len(self.text)

    def line_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1

    def word_at(self, offset: int) -> Offsets | None:
        """The name that an offset stands in or directly behind."""
        start = self.starts[self.line_at(offset)]
        for match in _WORD.finditer(self.text, start):
            if match.start() > offset:
                return None
            if match.end() >= offset:
                return match.span()
        return None


_encoding = ("utf-16-le", 2)  # what an editor counts in: agreed when it connects, and one editor runs this process


def count_in(encoding: str) -> None:
    """From now on columns are counted in the units of `utf-8`, `utf-16` or `utf-32`."""
    global _encoding
    _encoding = {"utf-8": ("utf-8", 1), "utf-32": ("utf-32-le", 4)}.get(encoding, ("utf-16-le", 2))


def units(text: str) -> int:
    """The length of a text in the units that columns are counted in."""
    return len(text) if text.isascii() else len(text.encode(_encoding[0], "surrogatepass")) // _encoding[1]


@dataclass(frozen=True, eq=False)
class Drift:
    """What was edited between two states of a text: `before` became `after`, everything around it only moved."""

    before: Offsets
    after: Offsets

    @classmethod
    def between(cls, old: str, new: str) -> Drift:
        return cls(*_changed(old, new))

    def forward(self, span: Offsets) -> Offsets | None:
        """Where a span of the old text is in the new one; None when the edit touched it."""
        return _through(span, self.before, self.after)

    def back(self, span: Offsets) -> Offsets | None:
        return _through(span, self.after, self.before)

    def nearest(self, offset: int) -> int:
        """An offset of the new text, as near as can be told, in the old one."""
        if offset <= self.after[0]:
            return offset
        if offset >= self.after[1]:
            return offset - self.after[1] + self.before[1]
        return min(offset, self.before[1])


def _changed(old: str, new: str) -> tuple[Offsets, Offsets]:
    """The characters that were replaced, and those that they were replaced by."""
    if old == new:
        return (len(old), len(old)), (len(new), len(new))
    start = _common(old, new)
    most = min(len(old), len(new)) - start
    end = _common(old[len(old) - most :][::-1], new[len(new) - most :][::-1]) if most else 0
    return (start, len(old) - end), (start, len(new) - end)


def _common(a: str, b: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _through(span: Offsets, before: Offsets, after: Offsets) -> Offsets | None:
    if span[1] <= before[0]:
        return span
    if span[0] >= before[1]:
        by = after[1] - before[1]
        return span[0] + by, span[1] + by
    return None
