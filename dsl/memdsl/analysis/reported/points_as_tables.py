"""Cells at points as tables: in the units that they are shown in, one table of all or one a cell. Portable code.

The page's JavaScript is translated from it (`memdsl.js.translate`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...records import record
from ...sheet.operations import Value
from ...units import Scaled, fitting
from ..tables import AnalysisTable, Column

MOST_ROWS = 200
"""Rows of one table."""
_MOST_ACROSS = 9
NO_VALUE = "no value"


@record
class Measured:
    """An input or a cell at each point: numbers in `unit`, or texts."""

    name: str
    unit: str
    values: tuple[float | str, ...]


@record
class Points:
    """Cells at points. `sizes` are the lengths of the axes of a grid, empty for a front; `why` says what went wrong."""

    title: str
    inputs: tuple[Measured, ...]
    cells: tuple[Measured, ...]
    sizes: tuple[int, ...]
    notes: tuple[str, ...] = ()
    why: str = ""


def measured(
    name: str, numeric: bool, unit: Scaled | None, units: Sequence[Scaled], values: Sequence[Value | None]
) -> Measured:
    """Values in the unit given, or in the one of `units` in which they read well together."""
    if not numeric:
        return Measured(name, "", tuple(_word(value) for value in values))
    numbers = [math.nan if value is None or isinstance(value, str) else float(value) for value in values]
    finite = [abs(n) for n in numbers if not math.isnan(n) and abs(n) < math.inf]
    if unit is None and len(units) > 0 and len(finite) > 0:
        unit = fitting(max(finite), units)
    scaled = [NO_VALUE if math.isnan(n) else unit.from_base(n) if unit is not None else n for n in numbers]
    return Measured(name, unit.text if unit is not None else "", tuple(scaled))


def _word(value: Value | None) -> float | str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NO_VALUE
    return value


def front_note(found: int, points: int) -> str:
    return f"{found:,} of {points:,} points: at any other, some cell is larger and none is smaller."


def point_tables(found: Points) -> list[AnalysisTable]:
    """The tables: one of all cells, or, over two inputs, one for each cell with the second input across."""
    if found.why:
        return [AnalysisTable(found.title, (), (), (found.why,))]
    if len(found.sizes) == 2 and found.sizes[1] <= _MOST_ACROSS:
        return [_crossed(found, cell) for cell in found.cells]
    inputs = [given.name for given in found.inputs]
    shown = [*found.inputs, *[cell for cell in found.cells if cell.name not in inputs]]
    columns = [Column(one.name, one.unit, _numeric(one)) for one in shown]
    rows = [tuple(one.values[k] for one in shown) for k in range(len(shown[0].values))]
    return [AnalysisTable(found.title, tuple(columns), tuple(rows[:MOST_ROWS]), _notes(found, len(rows)))]


def _crossed(found: Points, cell: Measured) -> AnalysisTable:
    down, across = found.inputs
    width = found.sizes[1]
    heads = [f"{across.name} = {_said(value)} {across.unit}".strip() for value in across.values[:width]]
    columns = (Column(down.name, down.unit, _numeric(down)), *[Column(head, cell.unit, True) for head in heads])
    rows = [(down.values[start], *cell.values[start : start + width]) for start in range(0, len(cell.values), width)]
    title = f"{cell.name} over {down.name} and {across.name}"
    return AnalysisTable(title, columns, tuple(rows[:MOST_ROWS]), _notes(found, len(rows)), True)


def _notes(found: Points, rows: int) -> tuple[str, ...]:
    if rows <= MOST_ROWS:
        return found.notes
    return (*found.notes, f"The first {MOST_ROWS} of {rows:,} rows; memdsl sweep writes all of them.")


def _said(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _numeric(one: Measured) -> bool:
    return not any(isinstance(value, str) and value != NO_VALUE for value in one.values)
