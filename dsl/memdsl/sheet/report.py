"""What a `report` block asks for, names resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

from ..diagnostics import Span
from ..records import compared, record
from ..units import DATA, ENERGY, TIME, WORK, Dimension, Unit, divide
from .formula import Formula, RowSet
from .input_keys import InputKey

CHARTS = {
    "stack": "columns",
    "bar": "columns",
    "histogram": "columns",
    "staircase": "cells",
    "line": "cells",
    "compare": "cells",
    "pareto": "columns",
    "fit": "columns",
    "roofline": "a model, or columns",
    "timeline": "a model",
    "energy": "a model",
}
"""The charts by name, and what each one shows."""
OVER = ("staircase", "line")
"""Those of cells against an input."""
MODEL_COLUMNS: Mapping[str, Mapping[str, Dimension]] = {
    "roofline": {"work": WORK, "dram_bytes": DATA, "time": TIME, "compute": TIME, "memory": TIME},
    "timeline": {"compute": TIME, "memory": TIME, "time": TIME},
    "energy": {"energy": ENERGY},
}
"""The columns that a chart of a model reads."""
ROOFLINE = {
    "arithmetic intensity": divide(WORK, DATA),
    "attained rate": divide(WORK, TIME),
    "attainable rate": divide(WORK, TIME),
}
"""The columns that a roofline of the rows of a table is given, in their order."""


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
    """A chart of cells, of columns, or of a model.

    `over` is the input along the horizontal axis, which goes from end to end when `ends` are given.
    """

    kind: str
    cells: tuple[Shown, ...]
    columns: tuple[TableItem, ...]
    model: str | None
    by: str
    over: InputKey | None
    span: Span
    ends: tuple[Formula, Formula] | None = None


@record
class EquationItem:
    cell: Shown
    inputs: tuple[InputKey, ...]


AxisWord = OneOf["", "step", "times"]


@record
class Axis:
    """An input and the values that it takes, in order: `low..high` by a step or by a factor, or those `listed`.

    `word` says how `by` is meant. Formulas are constant, and of the input's dimension (a factor: plain).
    """

    input: InputKey
    low: Formula | None
    high: Formula | None
    word: AxisWord
    by: Formula | None
    listed: tuple[Formula, ...]
    span: Span


@record
class SensitivityItem:
    """How far cells follow inputs, all that they rest on when none is named. `by` is the change, a share of each."""

    cells: tuple[Shown, ...]
    inputs: tuple[InputKey, ...]
    by: Formula | None
    span: Span


@record
class UncertaintyItem:
    """How sure cells are, given the distributions of the inputs."""

    cells: tuple[Shown, ...]
    span: Span


@record
class GridItem:
    """Cells at every point of a grid."""

    cells: tuple[Shown, ...]
    axes: tuple[Axis, ...]
    span: Span


@record
class ParetoItem:
    """The points of a grid at which no cell can be smaller without another being larger."""

    cells: tuple[Shown, ...]
    axes: tuple[Axis, ...]
    span: Span


@record
class SolveItem:
    """The values of an input at which a condition holds."""

    condition: Shown
    input: InputKey
    span: Span


ANALYSES = {
    SensitivityItem: "sensitivity",
    UncertaintyItem: "uncertainty",
    GridItem: "grid",
    ParetoItem: "pareto",
    SolveItem: "solve",
}
"""What a report asks of the closed forms, and the word that asks for it."""


@compared
class ClaimsItem:
    pass


ReportItem = (
    ProseItem
    | TableItem
    | ChartItem
    | EquationItem
    | SensitivityItem
    | UncertaintyItem
    | GridItem
    | ParetoItem
    | SolveItem
    | ClaimsItem
)
