"""The table of an analysis, every number as it stands in a report, and what is said beside it. Portable code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...analysis import AnalysisTable, Column
from ...presentation.words import cut
from .writing import aligned, sign

_LABEL, _NAME, _LONG = 160, 72, 34
_LINE = 100.0
"""About so many characters stand in a line of a page."""
_SHADES = 5


@dataclass(frozen=True)
class Listing:
    """A table: headings are name, unit, whether numbers stand under it, and the share of the width in percent.

    `width` is the table's share of the page; `shades` are how dark each cell is, for a heat table.
    """

    caption: str
    headings: tuple[tuple[str, str, bool, float], ...]
    lines: tuple[tuple[str, ...], ...]
    note: str
    width: float
    shades: tuple[tuple[int, ...], ...]


def listing(found: AnalysisTable) -> Listing:
    columns = [_texts(column, [row[k] for row in found.rows]) for k, column in enumerate(found.columns)]
    lines = tuple(tuple(texts[i] for texts in columns) for i in range(len(found.rows)))
    sizes = [_size(column, texts) for column, texts in zip(found.columns, columns, strict=True)]
    total = sum(sizes)
    given = any(column.width > 0 for column in found.columns)
    headings = tuple(
        (cut(c.title, _NAME), sign(c.unit), c.number, c.width if given else round(100 * size / total, 1))
        for c, size in zip(found.columns, sizes, strict=True)
    )
    width = 100.0 if given else min(100.0, max(60.0 if len(found.notes) > 0 else 30.0, 100 * total / _LINE))
    note = " ".join(quantities(cut(n, 2 * _LABEL)) for n in found.notes)
    return Listing(cut(found.title, 2 * _LABEL), headings, lines, note, width, _shades(found))


def remarks(found: AnalysisTable) -> list[str]:
    """The sentences of an answer that has no table."""
    return [quantities(cut(note, 3 * _LABEL)) for note in found.notes]


def data_lines(found: AnalysisTable) -> list[list[float | str]]:
    """The table as data, the heading first; numbers in the units of the heading."""
    lines: list[list[float | str]] = [[f"{c.title} ({c.unit})" if c.unit else c.title for c in found.columns]]
    for row in found.rows:
        lines.append(list(row))
    return lines


def quantities(text: str) -> str:
    """A sentence with the units after its numbers as they are printed: `3.2 µs` for `3.2 us`."""
    words = text.split(" ")
    for k in range(1, len(words)):
        before = words[k - 1]
        if before and words[k][:1] != "*" and "0" <= before[len(before) - 1] <= "9":
            end = len(words[k])
            while end > 0 and words[k][end - 1] in ".,;:)":
                end -= 1
            words[k] = sign(words[k][:end]) + words[k][end:]
    return " ".join(words)


def _texts(column: Column, cells: Sequence[float | str]) -> list[str]:
    """Numbers with decimals that stand under each other, and texts."""
    if not column.number:
        return [_said(cell) for cell in cells]
    numbers = aligned([None if isinstance(cell, str) else cell for cell in cells], None).texts
    return [cut(cell, _LABEL) if isinstance(cell, str) else number for cell, number in zip(cells, numbers, strict=True)]


def _said(cell: float | str) -> str:
    return quantities(cut(cell, _LABEL)) if isinstance(cell, str) else aligned([cell], None).texts[0]


def _size(column: Column, texts: Sequence[str]) -> float:
    """About how many characters a column is wide."""
    words = [len(word) for word in column.title.replace("_", "_ ").split(" ")]
    return min(max([*words, len(column.unit), *[len(text) for text in texts]]), _LONG) + 3.0


def _shades(found: AnalysisTable) -> tuple[tuple[int, ...], ...]:
    """How dark each cell of a heat table is, the largest value most of all; none where all are equal."""
    if not found.alike:
        return ()
    numbers = [cell for row in found.rows for cell in row[1:] if not isinstance(cell, str)]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    if low >= high:
        return ()
    return tuple(
        (0, *[0 if isinstance(cell, str) else round(_SHADES * (cell - low) / (high - low)) for cell in row[1:]])
        for row in found.rows
    )
