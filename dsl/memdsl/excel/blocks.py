"""Blocks of single cells: the totals of a model, the figures of a hardware, the results of a spec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..evaluate import Values
from ..sheet.operations import Value
from ..sheet.sheet import Cell, RowOf
from .book import Book, base, formula_text
from .page import Page
from .places import CellPlace
from .style import Look
from .tables import base_look, name_range

NAME, VALUE, UNIT, LABEL = 1, 2, 3, 4
MAXIMUM_NAME = 38


@dataclass
class CellBlock:
    """Cells one below the other: name, value in base units, unit, what it is."""

    book: Book
    page: Page
    title: str
    cells: Sequence[Cell]
    top: int

    @property
    def end(self) -> int:
        return self.top + 1 + len(self.cells)

    def take_places(self) -> None:
        for i, cell in enumerate(self.cells):
            if cell.id not in self.book.places.cells:
                name = self.book.names.name(cell.id)
                self.book.places.cells[cell.id] = CellPlace(self.page.title, self.top + 1 + i, VALUE, name)

    def write(self) -> None:
        self.page.text(self.top, NAME, self.title, Look("block"))
        names = [len(cell.id) - len(cell.owner) for cell in self.cells]
        self.page.width(NAME, min(max(names, default=0) + 2, MAXIMUM_NAME))
        for i, cell in enumerate(self.cells):
            self._write(cell, self.top + 1 + i)

    def _write(self, cell: Cell, row: int) -> None:
        book, page, kind = self.book, self.page, self.book.kind(cell)
        place = book.places.cells[cell.id]
        page.text(row, NAME, cell.id.removeprefix(cell.owner + "."), Look("name"))
        page.text(row, UNIT, base(kind), Look("unit"))
        page.text(row, LABEL, cell.label, Look("plain"))
        value = book.declared.cell(cell.id)
        look = base_look(kind, [value], cell.shown, "result")
        here = place.page == page.title
        text = book.translator.cell(cell.formula, page.title) if here else place.name
        page.formula(row, VALUE, text, CellSource(book, cell), look)
        if here:
            book.define(place)
            page.note(row, NAME, f"As the spec writes it:\n{formula_text(cell.formula)}")
        if isinstance(kind, RowOf):
            write_row_name(book, page, row, UNIT, kind, f"B{row}", cell, Look("unit"))


def write_row_name(
    book: Book, page: Page, row: int, at: int, kind: RowOf, position: str, cell: Cell, look: Look
) -> None:
    """The name of the row whose position a cell holds."""
    names = [found.name for found in book.sheet.tables[kind.table].rows]
    text = f"INDEX({name_range(book, kind.table, page.title)},{position})"
    page.formula(row, at, text, lambda values: names[int(values.cell(cell.id))], look)


@dataclass(frozen=True)
class CellSource:
    """The value of a cell, in a unit of `scale`."""

    book: Book
    cell: Cell
    scale: float = 1.0

    def __call__(self, values: Values) -> Value | None:
        value = self.book.number(values.cell(self.cell.id), self.book.kind(self.cell))
        if self.scale == 1.0 or not isinstance(value, float):
            return value
        return value / self.scale
