"""Sheets of what the spec itself computes: its cells, and its literal and crossed tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..sheet.sheet import Cell, RowOf, Table
from .blocks import CellSource, write_row_name
from .book import Book, base, written
from .page import Page
from .places import CellPlace
from .style import RESULT_TEXT, Look
from .tables import Shown, TableBlock, value_look

TOP = 4
HEADINGS = (("Result", 26), ("What it is", 52), ("Value", 16), ("Unit", 10), ("Base value", 20), ("Base unit", 12),
            ("As the spec writes it", 60), ("Source", 40))  # fmt: skip
NAME, LABEL, VALUE, UNIT, BASE, BASE_UNIT, FORMULA, SOURCE = range(1, 9)


@dataclass
class ResultSheet:
    book: Book
    page: Page
    cells: list[Cell]

    def take_places(self) -> None:
        for i, cell in enumerate(self.cells):
            name = self.book.names.name(cell.id)
            self.book.places.cells[cell.id] = CellPlace(self.page.title, TOP + 1 + i, BASE, name)

    def write(self) -> None:
        page = self.page
        page.title_rows("Results", "What the spec computes from its models.")
        page.heads(TOP, HEADINGS, (VALUE, BASE))
        for i, cell in enumerate(self.cells):
            self._write(cell, TOP + 1 + i)
        page.freeze(TOP + 1, 2)
        page.set_up_print(f"{TOP}:{TOP}")

    def _write(self, cell: Cell, row: int) -> None:
        book, page, kind = self.book, self.page, self.book.kind(cell)
        place = book.places.cells[cell.id]
        value = book.declared.cell(cell.id)
        page.text(row, NAME, cell.id, Look("name"))
        page.text(row, LABEL, cell.label, Look("wrapped"))
        page.text(row, BASE_UNIT, base(kind), Look("unit"))
        page.text(row, FORMULA, written(cell.formula), Look("wrapped"))
        page.text(row, SOURCE, cell.source, Look("wrapped"))
        look = value_look(kind, [value])
        text = book.translator.cell(cell.formula, page.title)
        page.formula(row, BASE, text, CellSource(book, cell), look)
        book.define(place)
        if isinstance(kind, RowOf):
            write_row_name(book, page, row, VALUE, kind, f"E{row}", cell, RESULT_TEXT)
            page.text(row, UNIT, "", Look())
            return
        unit = book.shown_unit(value, kind, cell.shown)
        scale = float(unit.scale) if unit is not None else 1.0
        shown = value / scale if isinstance(value, float) else value
        page.text(row, UNIT, unit.text if unit is not None else "", Look("unit"))
        look = value_look(kind, [shown], "result")
        page.formula(row, VALUE, book.scales.over(f"E{row}", unit), CellSource(book, cell, scale), look)


@dataclass
class TableSheet:
    """A literal or a crossed table of the spec."""

    book: Book
    page: Page
    table: Table
    block: TableBlock = field(init=False)

    def take_places(self) -> None:
        shown = [Shown(self.table.id, column) for column in self.table.columns]
        self.block = TableBlock(self.book, self.page, self.table, shown, top=TOP)
        self.block.take_places()

    def write(self) -> None:
        page = self.page
        page.title_rows(self.table.id, self.table.label)
        page.link(3, 2, "Cover", self.book.titled("Cover"))
        self.block.write()
        page.width(1, 24)
        page.freeze(self.block.first, 2)
        page.set_up_print(f"{TOP}:{TOP + 1}")
