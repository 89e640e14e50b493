"""What a report shows of sensitivities and solutions: their tables and charts."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis import Answer
from ..units import format_number
from .document import Block, Grid, Heading, Line, Remark
from .words import LABEL, NAME, cut


def answer(found: Answer) -> Sequence[Block]:
    """The table of an analysis, and what is to be said beside it."""
    if not found.columns:
        return tuple(Remark(cut(note, 3 * LABEL)) for note in found.notes)
    headings = tuple(
        Heading(cut(column.title, NAME), column.unit, "number" if column.number else "text", column.width)
        for column in found.columns
    )
    lines = tuple(Line(tuple(_said(cell) for cell in row)) for row in found.rows)
    return (Grid(cut(found.title, 2 * LABEL), headings, lines, " ".join(cut(n, 2 * LABEL) for n in found.notes)),)


def _said(cell: float | str) -> str:
    return cut(cell, LABEL) if isinstance(cell, str) else format_number(cell, 5)
