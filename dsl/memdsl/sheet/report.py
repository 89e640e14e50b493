"""What a `report` block asks for, names resolved."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Span
from ..records import record
from ..units import Unit
from .formula import Formula, RowSet
from .keys import InputKey

CHARTS = {
    "stack": "columns",
    "bar": "columns",
    "histogram": "columns",
    "staircase": "cells",
    "compare": "cells",
    "roofline": "a model",
}
"""The charts by name, and what each one shows."""


@record
class Shown:
    """A formula to show, its unit when the author chose one, and its text in the spec."""

    text: str
    formula: Formula
    unit: Unit | None


@record
class ShownColumn:
    """A column to show: `formula` speaks of the row that the item's `row_variable` names."""

    title: str
    formula: Formula
    unit: Unit | None


@record
class ProseItem:
    """Text with values inside: strings and formulas in turn."""

    parts: tuple[str | Shown, ...]


@record
class TableItem:
    title: str
    rows: RowSet
    row_variable: str
    columns: tuple[ShownColumn, ...]


@record
class ChartItem:
    """A chart of cells, of columns, or of a model. `over` is the input along the horizontal axis (staircase)."""

    kind: str
    cells: tuple[Shown, ...]
    columns: tuple[TableItem, ...]
    model: str | None
    by: str
    over: InputKey | None
    span: Span


@record
class EquationItem:
    cell: Shown
    inputs: tuple[InputKey, ...]


@dataclass(frozen=True)
class ClaimsItem:
    pass


ReportItem = ProseItem | TableItem | ChartItem | EquationItem | ClaimsItem
