"""The table of an analysis, every number as it stands in a report, and what is said beside it. Plain code."""

from __future__ import annotations

from dataclasses import dataclass

from ...analysis import Answer
from ...units import format_number
from ..words import cut

_LABEL, _NAME = 160, 72


@dataclass(frozen=True)
class Listing:
    """A table: headings are name, unit, whether numbers stand under it, and the share of the width in percent."""

    caption: str
    headings: tuple[tuple[str, str, bool, float], ...]
    lines: tuple[tuple[str, ...], ...]
    note: str


def listing(found: Answer) -> Listing:
    headings = tuple((cut(c.title, _NAME), c.unit, c.number, c.width) for c in found.columns)
    lines = tuple(tuple(_said(cell) for cell in row) for row in found.rows)
    return Listing(cut(found.title, 2 * _LABEL), headings, lines, " ".join(cut(n, 2 * _LABEL) for n in found.notes))


def remarks(found: Answer) -> list[str]:
    """The sentences of an answer that has no table."""
    return [cut(note, 3 * _LABEL) for note in found.notes]


def data_lines(found: Answer) -> list[list[float | str]]:
    """The table as data, the heading first; numbers in the units of the heading."""
    lines: list[list[float | str]] = [[f"{c.title} ({c.unit})" if c.unit else c.title for c in found.columns]]
    for row in found.rows:
        lines.append(list(row))
    return lines


def _said(cell: float | str) -> str:
    return cut(cell, _LABEL) if isinstance(cell, str) else format_number(cell, 5)
