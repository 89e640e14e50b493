"""What an edit changed in a text, and the declarations that it touched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from ..diagnostics import Diagnostic, Source
from ..records import record
from . import tree
from .chunks import chunk_starts, parse_chunks
from .signs import DECLARATION_LINE
from .tree import Offsets

_PROSE: Final = '"""'


@record
class Edit:
    """`old` and `new` are the statements that differ; `faults` is what parsing finds wrong with the new ones.

    The next statement that is as before began at `cut` and begins `by` further on now; the one before the edit ends at
    `start`.
    """

    old: tuple[tree.Statement, ...]
    new: tuple[tree.Statement, ...]
    faults: tuple[Diagnostic, ...]
    start: int
    cut: int
    by: int

    def forward(self, span: Offsets) -> Offsets:
        """Where a span of a statement that is as before is now."""
        by = self.by if span[0] >= self.cut else 0
        return span[0] + by, span[1] + by


def changed(old: str, new: str) -> tuple[Offsets, Offsets]:
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


class Parsed:
    """A text without a fault and its statements, ready to be compared with later states of it."""

    def __init__(self, text: str, statements: tuple[tree.Statement, ...]) -> None:
        self.text = text
        self.statements = statements
        self._starts = chunk_starts(text)
        self._places = [statement.span[0] for statement in statements]

    def edit(self, source: Source) -> Edit | None:
        """What a later state changed; None where that cannot be told from the declarations around it."""
        text = source.text
        before, after = changed(self.text, text)
        by = after[1] - before[1]
        first = max(bisect_right(self._starts, before[0]) - 1, 0)
        while first and not DECLARATION_LINE.match(text, self._starts[first]):
            first -= 1
        last = bisect_left(self._starts, max(before[1], self._starts[first] + 1))
        while last < len(self._starts) and not DECLARATION_LINE.match(text, self._starts[last] + by):
            last += 1
        start = self._starts[first]
        end = self._starts[last] if last < len(self._starts) else len(self.text)
        part = text[start : end + by]
        if part.count(_PROSE) % 2 or "/*" in part:
            return None
        chunks, faults = parse_chunks(source, start, part)
        new = [statement for chunk, place in chunks for statement in chunk.at(place)]
        low, high = bisect_left(self._places, start), bisect_left(self._places, end)
        while low < high and new and self._equal(self.statements[low], text, new[0]):
            low, new = low + 1, new[1:]
        while low < high and new and self._equal(self.statements[high - 1], text, new[-1]):
            high, new = high - 1, new[:-1]
        behind = self.statements[low - 1].span[1] if low else 0
        cut = self._places[high] if high < len(self._places) else len(self.text)
        return Edit(self.statements[low:high], tuple(new), tuple(faults), behind, cut, by)

    def _equal(self, old: tree.Statement, text: str, new: tree.Statement) -> bool:
        return self.text[slice(*old.span)] == text[slice(*new.span)]
