"""What a report's `grid` and `pareto` come to: cells at points, in the units that they are shown in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..analysis import Answer, Column
from ..diagnostics import Problems
from ..evaluate import Values
from ..evaluate.show import shown_unit, unit_written
from ..records import record
from ..sheet.operations import Value
from ..sheet.report import Axis, GridItem, ParetoItem, Shown
from ..sheet.sheet import Input, Quantity, Type, TypedSheet
from ..sweep import BLOCK, Asked, Asking, FrameSink, Goal, Kind, Layout, ParetoSink, SweepError, input_type, sweep_of
from ..units import Unit, readable

MOST_ROWS = 200
"""Rows of one table."""
_MOST_ACROSS = 9
_MOST_POINTS = 1_000_000


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


def gridded(typed: TypedSheet, values: Values, item: GridItem) -> Points:
    """Every cell of a `grid` at every point."""
    title = f"{_names(item.cells)} over {_over(typed, item.axes)}"
    try:
        layout = _layout(typed, values, item.cells, item.axes)
        sink = FrameSink(layout)
        for block, found in layout.sweep.run(BLOCK):
            sink.write(block, found)
        return _points(typed, title, layout, item.cells, item.axes, sink.frame, layout.sweep.grid.shape, ())
    except SweepError as error:
        return Points(title, (), (), (), (), f"{error}.")


def fronted(typed: TypedSheet, values: Values, item: ParetoItem) -> Points:
    """The points of a grid at which no cell can be smaller without another being larger."""
    title = f"Pareto front of {_names(item.cells)} over {_over(typed, item.axes)}"
    try:
        layout = _layout(typed, values, item.cells, item.axes)
        sink = ParetoSink(layout, [Goal(_key(number), 1.0) for number in range(len(item.cells))])
        for block, found in layout.sweep.run(BLOCK):
            sink.write(block, found)
        sink.close()
        frame = sink.frame
        note = f"{len(frame):,} of {sink.points:,} points: at any other, some cell is larger and none is smaller."
        return _points(typed, title, layout, item.cells, item.axes, frame, (), (note,))
    except SweepError as error:
        return Points(title, (), (), (), (), f"{error}.")


def answers(found: Points) -> list[Answer]:
    """The tables: one of all cells, or, over two inputs, one for each cell with the second input across."""
    if found.why:
        return [Answer(found.title, (), (), (found.why,))]
    if len(found.sizes) == 2 and found.sizes[1] <= _MOST_ACROSS:
        return [_crossed(found, cell) for cell in found.cells]
    inputs = [given.name for given in found.inputs]
    shown = [*found.inputs, *(cell for cell in found.cells if cell.name not in inputs)]
    columns = [Column(measured.name, measured.unit, _numeric(measured)) for measured in shown]
    rows = list(zip(*(measured.values for measured in shown), strict=True))
    notes = found.notes
    if len(rows) > MOST_ROWS:
        notes = (*notes, f"The first {MOST_ROWS} of {len(rows):,} rows; memdsl sweep writes all of them.")
    return [Answer(found.title, tuple(columns), tuple(rows[:MOST_ROWS]), notes)]


def _crossed(found: Points, cell: Measured) -> Answer:
    down, across = found.inputs
    width = found.sizes[1]
    heads = [f"{across.name} = {_said(value)} {across.unit}".strip() for value in across.values[:width]]
    columns = (Column(down.name, down.unit, _numeric(down)), *(Column(head, cell.unit, True) for head in heads))
    rows = [(down.values[start], *cell.values[start : start + width]) for start in range(0, len(cell.values), width)]
    notes = found.notes
    if len(rows) > MOST_ROWS:
        notes = (*notes, f"The first {MOST_ROWS} of {len(rows):,} rows; memdsl sweep writes all of them.")
    return Answer(f"{cell.name} over {down.name} and {across.name}", columns, tuple(rows[:MOST_ROWS]), notes)


def _said(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _numeric(measured: Measured) -> bool:
    return not any(isinstance(value, str) and value != NO_VALUE for value in measured.values)


NO_VALUE = "no value"


# ---- from the item to a sweep ---------------------------------------------------------------------------------------


def _key(number: int) -> str:
    """What a cell is called inside: two cells of one text stay two, and none is mistaken for an input."""
    return f"cell {number}"


def _names(cells: Sequence[Shown]) -> str:
    names = [cell.text for cell in cells]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _item(typed: TypedSheet, axis: Axis) -> Input:
    return next(item for item in typed.sheet.inputs.values() if item.key == axis.input)


def _over(typed: TypedSheet, axes: Sequence[Axis]) -> str:
    return ", ".join(_item(typed, axis).path for axis in axes)


def _layout(typed: TypedSheet, values: Values, cells: Sequence[Shown], axes: Sequence[Axis]) -> Layout:
    problems = Problems()
    sized: list[tuple[Input, Kind, list[Value]]] = []
    for axis in axes:
        formulas = axis.listed or tuple(f for f in (axis.low, axis.high, axis.by) if f is not None)
        kind: Kind = "list" if axis.listed else "factor" if axis.word == "times" else "step"
        sized.append((_item(typed, axis), kind, [values.formula(formula) for formula in formulas]))
    grid = Asking(typed, values, problems).of(sized)
    if grid is None:
        raise SweepError("; ".join(d.message.replace("`", "") for d in problems))
    if grid.size > _MOST_POINTS:
        raise SweepError(
            f"the grid has {grid.size:,} points, and a report computes at most {_MOST_POINTS:,};"
            " memdsl sweep takes larger ones"
        )
    asked = [Asked(_key(n), cell.formula, typed.type_of(cell.formula)) for n, cell in enumerate(cells)]
    sweep = sweep_of(typed, values, grid, asked)
    return Layout(sweep, [input_type(typed, _item(typed, axis)) for axis in axes])


def _points(
    typed: TypedSheet,
    title: str,
    layout: Layout,
    cells: Sequence[Shown],
    axes: Sequence[Axis],
    frame: object,
    sizes: tuple[int, ...],
    notes: tuple[str, ...],
) -> Points:
    import pandas

    assert isinstance(frame, pandas.DataFrame)
    inputs = []
    for axis, track, kind in zip(axes, layout.tracks, layout.input_types, strict=True):
        item = _item(typed, axis)
        first = axis.listed[0] if axis.listed else axis.low
        unit = (unit_written(first) if first is not None else None) or item.shown or unit_written(item.formula)
        inputs.append(_measured(item.path, kind, unit, frame[track.path].tolist()))
    measured = []
    for number, cell in enumerate(cells):
        kind = typed.type_of(cell.formula)
        unit = cell.unit or shown_unit(typed, cell.formula)
        measured.append(_measured(cell.text, kind, unit, frame[_key(number)].tolist()))
    return Points(title, tuple(inputs), tuple(measured), sizes, notes)


def _measured(name: str, kind: Type, unit: Unit | None, values: Sequence[float | bool | str | None]) -> Measured:
    """Values in the unit given, or in one that reads well."""
    if not isinstance(kind, Quantity):
        return Measured(name, "", tuple(str(v).lower() if isinstance(v, bool) else v or NO_VALUE for v in values))
    numbers = np.array([np.nan if v is None else v for v in values], dtype=float)
    finite = np.abs(numbers[np.isfinite(numbers)])
    if unit is None and kind.dimension is not None and len(finite):
        unit = readable(float(finite.max()), kind.dimension)
    scaled = [NO_VALUE if v != v else unit.from_base(v) if unit is not None else v for v in numbers.tolist()]
    return Measured(name, unit.text if unit is not None else "", tuple(scaled))
