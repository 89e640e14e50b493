"""Which charts a book has: those of the spec's report that live cells can draw."""

from __future__ import annotations

from collections.abc import Sequence

from ..sheet.formula import Field, Rows, Var
from ..sheet.report import MODEL_COLUMNS, ChartItem, ShownColumn, TableItem
from ..sheet.sheet import Instance, Quantity
from ..units import DATA, ENERGY, TIME
from .book import Book

MAXIMUM_ROWS = 1_500
VARIABLE = "a row of the charts"


def drawable(book: Book, models: Sequence[Instance]) -> list[ChartItem]:
    """The charts of the spec's report that live cells can draw; without any, bytes layer by layer and the roofline."""
    asked = [item for item in book.sheet.report or () if isinstance(item, ChartItem)]
    if not asked:
        asked = _defaults(book, models)
    return [item for item in asked if _can_draw(book, item)]


def _can_draw(book: Book, item: ChartItem) -> bool:
    if item.kind in ("stack", "bar") or (item.kind == "roofline" and item.columns):
        return bool(item.columns) and all(
            isinstance(entry.rows, Rows)
            and 0 < len(entry.rows.indices) <= MAXIMUM_ROWS
            and entry.rows.indices == item.columns[0].rows.indices  # type: ignore[union-attr]
            and isinstance(book.typed.type_of(entry.columns[0].formula), Quantity)
            for entry in item.columns
        )
    if item.kind == "compare":
        return bool(item.cells) and all(isinstance(book.typed.type_of(c.formula), Quantity) for c in item.cells)
    return item.kind == "roofline" and item.model is not None and has_roofline(book, item.model)


def has_roofline(book: Book, model: str) -> bool:
    """Whether a model says how much work, traffic and time each layer has."""
    instance = book.sheet.instances.get(model)
    if instance is None or instance.table is None or len(book.sheet.tables[instance.table].rows) > MAXIMUM_ROWS:
        return False
    return all(_dimension(book, instance.table, name) == wanted for name, wanted in MODEL_COLUMNS["roofline"].items())


def _dimension(book: Book, table: str, column: str) -> object:
    kind = book.typed.column_types.get((table, column))
    return kind.dimension if isinstance(kind, Quantity) else None


def _defaults(book: Book, models: Sequence[Instance]) -> list[ChartItem]:
    for model in models:
        if model.table is None:
            continue
        table = book.sheet.tables[model.table]
        columns = ("dram_bytes", *table.columns)
        name = next((n for n in columns if _dimension(book, table.id, n) in (DATA, TIME, ENERGY)), None)
        if name is None:
            continue
        rows = tuple(i for i, formula in enumerate(table.columns[name].formulas) if formula is not None)
        field_of = Field(table.span, Var(VARIABLE), table.id, name)
        shown = ShownColumn(name, field_of, None)
        entry = TableItem(name, Rows(table.id, rows, model.name), VARIABLE, (shown,))
        bars = ChartItem("bar", (), (entry,), None, "layer", None, model.span)
        return [bars, ChartItem("roofline", (), (), model.name, "", None, model.span)]
    return []
