"""Costs on the cover: what each run of a crossed table costs, live, in the unit that its author gave."""

from __future__ import annotations

from dataclasses import dataclass

from ..evaluate import Values
from ..sheet.operations import Value
from ..sheet.sheet import Column, Quantity, Table
from ..units import Unit
from .book import Book, heading
from .page import Page
from .style import Look

FIRST = 3
MAXIMUM_ROWS, MAXIMUM_COLUMNS = 24, 6
CENTS, FRACTIONS = "#,##0.00", "#,##0.000000"


def priced_tables(book: Book) -> list[tuple[Table, list[Column]]]:
    """The crossed tables with a column of money, and these columns."""
    found = []
    for table in book.sheet.tables.values():
        if table.role == "crossed" and len(table.rows) <= MAXIMUM_ROWS:
            columns = [column for column in table.columns.values() if _is_money(book, column)]
            if columns:
                found.append((table, columns[:MAXIMUM_COLUMNS]))
    return found


def _is_money(book: Book, column: Column) -> bool:
    kind = book.typed.column_types[column.table, column.name]
    return isinstance(kind, Quantity) and kind.dimension is not None and kind.dimension.money == 1


def write_costs(book: Book, page: Page, row: int) -> int:
    """A block for each table, its runs one below the other; the row below the last."""
    for table, columns in priced_tables(book):
        page.text(row + 1, 1, f"Costs: {table.label or table.id}", Look("block"))
        row += 2
        page.text(row, 1, "Run", Look("heading"))
        page.text(row, 2, "", Look("heading"))
        units = [_unit(book, column) for column in columns]
        for at, (column, unit) in enumerate(zip(columns, units, strict=True), FIRST):
            page.text(row, at, heading(column.label or column.name, unit.text if unit else ""), Look("heading number"))
            page.width(at, 17)
        for i, run in enumerate(table.rows):
            row += 1
            page.text(row, 1, run.name, Look("name"))
            page.text(row, 2, "", Look("unit"))
            for at, (column, unit) in enumerate(zip(columns, units, strict=True), FIRST):
                _write(book, page, (row, at), column, i, unit)
        row += 1
    return row


def _unit(book: Book, column: Column) -> Unit | None:
    sizes = [abs(v) for v in book.declared.column(column.table, column.name) if isinstance(v, float)]
    return book.shown_unit(max(sizes, default=0.0), book.typed.column_types[column.table, column.name], column.shown)


def _write(book: Book, page: Page, at: tuple[int, int], column: Column, index: int, unit: Unit | None) -> None:
    if column.formulas[index] is None:
        return
    scale = float(unit.scale) if unit is not None else 1.0
    sizes = [abs(v) / scale for v in book.declared.column(column.table, column.name) if isinstance(v, float) and v]
    look = Look("result", CENTS if min(sizes, default=1.0) >= 0.1 else FRACTIONS)
    text = book.scales.over(book.translator.entry(column.table, column.name, index, page.title), unit)
    page.formula(*at, text, Cost(column.table, column.name, index, scale), look)


@dataclass(frozen=True)
class Cost:
    """One row of a column, in a unit of `scale`."""

    table: str
    column: str
    index: int
    scale: float

    def __call__(self, values: Values) -> Value | None:
        value = values.column(self.table, self.column)[self.index]
        return value / self.scale if isinstance(value, float) else value
