"""Sheets of what the spec itself computes: its cells, and its literal and crossed tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..evaluate import Values
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Quantity, RowOf, Table, Type
from .blocks import CellSource, write_row_name
from .book import Book, base, formula_text, heading
from .names import letter
from .page import Band, BandColumn, Page
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
        page.text(row, FORMULA, formula_text(cell.formula), Look("wrapped"))
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
    """A literal or a crossed table of the spec. A crossed one is shown in the spec's units above its base units."""

    book: Book
    page: Page
    table: Table
    block: TableBlock = field(init=False)

    def take_places(self) -> None:
        shown = [Shown(self.table.id, column) for column in self.table.columns]
        top = TOP + len(self.table.rows) + 5 if self.table.role == "crossed" else TOP
        self.block = TableBlock(self.book, self.page, self.table, shown, top=top)
        self.block.take_places()

    def write(self) -> None:
        page = self.page
        page.title_rows(self.table.id, self.table.label)
        page.link(3, 2, "Cover", self.book.titled("Cover"))
        if self.table.role == "crossed":
            page.text(self.block.top - 1, 1, "The same in base units", Look("block"))
            show_in_units(self.book, page, self.block, TOP)
        self.block.write()
        page.width(1, 24)
        page.freeze(TOP + 2, 2)
        page.set_up_print(f"{TOP}:{TOP + 1}")


def show_in_units(book: Book, page: Page, block: TableBlock, top: int) -> None:
    """The columns of a block once more, from row `top`, in the units that the spec gives them."""
    table, count = block.table, len(block.table.rows)
    band = Band(top + 2, count)
    page.bands.append(band)
    for shown, at in block.positions.items():
        column, kind = table.columns[shown.column], block.kind(shown)
        declared = book.declared.column(table.id, column.name)
        sizes = [abs(v) for v in declared if isinstance(v, float)]
        unit = book.shown_unit(max(sizes, default=0.0), kind, column.shown)
        scale = float(unit.scale) if unit is not None else 1.0
        side = "number" if isinstance(kind, Quantity) else "text" if at > 1 else ""
        page.text(top, at, heading(column.name, unit.text if unit else ""), Look(f"heading {side}".strip()))
        page.text(top + 1, at, column.label, Look(f"label {side}".strip()))
        source = InUnit(table.id, column.name, kind, scale)
        name = "body" if isinstance(kind, Quantity) else "text" if at > 1 else "name"
        look = value_look(kind, source(book.declared), name)
        position = letter(at + 1 if isinstance(kind, RowOf) else at)
        links = [f"{position}{block.first + i}" if column.formulas[i] is not None else None for i in range(count)]
        texts = [book.scales.over(text, unit) if text is not None else None for text in links]
        names = [row.name for row in book.sheet.tables[kind.table].rows] if isinstance(kind, RowOf) else []
        band.columns.append(BandColumn(at, texts, NamesOf(source, names) if names else source, look))


@dataclass(frozen=True)
class InUnit:
    """A column in a unit of `scale`."""

    table: str
    column: str
    kind: Type
    scale: float

    def __call__(self, values: Values) -> list[Value | None]:
        found = values.column(self.table, self.column)
        return [v / self.scale if isinstance(v, float) and isinstance(self.kind, Quantity) else v for v in found]


@dataclass(frozen=True)
class NamesOf:
    """The names of the rows whose positions a column holds."""

    positions: InUnit
    names: Sequence[str]

    def __call__(self, values: Values) -> list[Value | None]:
        return [None if v is None else self.names[int(v)] for v in self.positions(values)]
