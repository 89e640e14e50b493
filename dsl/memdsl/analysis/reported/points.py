"""What a report's `grid` and `pareto` come to: cells at points, in the units that they are shown in."""

from __future__ import annotations

from collections.abc import Sequence

from ...diagnostics import Problems
from ...evaluate import Values
from ...evaluate.show import shown_unit, unit_written
from ...records import record
from ...sheet.operations import Value
from ...sheet.report import Axis, GridItem, ParetoItem, Shown
from ...sheet.sheet import Input, Quantity, Type, TypedSheet
from ...units import Unit, ladder
from ..remembered import remembered
from ..sweep import (
    BLOCK,
    AxisReader,
    FrameSink,
    Goal,
    Kind,
    ParetoSink,
    ResultColumns,
    SweepError,
    Target,
    input_type,
    sweep_of,
)
from .points_as_tables import Measured, Points, front_note, measured

_MOST_POINTS = 1_000_000


@remembered
def gridded(typed: TypedSheet, values: Values, item: GridItem) -> Points:
    """Every cell of a `grid` at every point."""
    title = f"{_names(item.cells)} over {_over(typed, item.axes)}"
    try:
        layout = layout_of(typed, values, item.cells, item.axes)
        sink = FrameSink(layout)
        for block, found in layout.sweep.run(BLOCK):
            sink.write(block, found)
        return _points(typed, title, layout, item.cells, item.axes, sink.frame, layout.sweep.grid.shape, ())
    except SweepError as error:
        return Points(title, (), (), (), (), f"{error}.")


@remembered
def fronted(typed: TypedSheet, values: Values, item: ParetoItem) -> Points:
    """The points of a grid at which no cell can be smaller without another being larger."""
    title = f"Pareto front of {_names(item.cells)} over {_over(typed, item.axes)}"
    try:
        layout = layout_of(typed, values, item.cells, item.axes)
        sink = ParetoSink(layout, [Goal(_key(number), 1.0) for number in range(len(item.cells))])
        for block, found in layout.sweep.run(BLOCK):
            sink.write(block, found)
        sink.close()
        frame = sink.frame
        notes = (front_note(len(frame), sink.points),)
        return _points(typed, title, layout, item.cells, item.axes, frame, (), notes)
    except SweepError as error:
        return Points(title, (), (), (), (), f"{error}.")


# ---- from the item to a sweep ---------------------------------------------------------------------------------------


def _key(number: int) -> str:
    """What a cell is called inside: two cells of one text stay two, and none is mistaken for an input."""
    return f"cell {number}"


def _names(cells: Sequence[Shown]) -> str:
    names = [cell.text for cell in cells]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def item_of(typed: TypedSheet, axis: Axis) -> Input:
    """The input along an axis."""
    return next(item for item in typed.sheet.inputs.values() if item.key == axis.input)


def _over(typed: TypedSheet, axes: Sequence[Axis]) -> str:
    return ", ".join(item_of(typed, axis).path for axis in axes)


def layout_of(typed: TypedSheet, values: Values, cells: Sequence[Shown], axes: Sequence[Axis]) -> ResultColumns:
    """The sweep of cells over axes. Raises SweepError."""
    problems = Problems()
    sized: list[tuple[Input, Kind, list[Value]]] = []
    for axis in axes:
        formulas = axis.listed or tuple(f for f in (axis.low, axis.high, axis.by) if f is not None)
        kind: Kind = "list" if axis.listed else "factor" if axis.word == "times" else "step"
        sized.append((item_of(typed, axis), kind, [values.formula(formula) for formula in formulas]))
    grid = AxisReader(typed, values, problems).of(sized)
    if grid is None:
        raise SweepError("; ".join(d.message.replace("`", "") for d in problems))
    if grid.size > _MOST_POINTS:
        raise SweepError(
            f"the grid has {grid.size:,} points, and a report computes at most {_MOST_POINTS:,};"
            " memdsl sweep takes larger ones"
        )
    asked = [Target(_key(n), cell.formula, typed.type_of(cell.formula)) for n, cell in enumerate(cells)]
    sweep = sweep_of(typed, values, grid, asked)
    return ResultColumns(sweep, [input_type(typed, item_of(typed, axis)) for axis in axes])


def _points(
    typed: TypedSheet,
    title: str,
    layout: ResultColumns,
    cells: Sequence[Shown],
    axes: Sequence[Axis],
    frame: object,
    sizes: tuple[int, ...],
    notes: tuple[str, ...],
) -> Points:
    import pandas

    assert isinstance(frame, pandas.DataFrame)
    along = [given(typed, axis) for axis in axes]
    inputs = [_measured(one, frame[track.path].tolist()) for one, track in zip(along, layout.tracks, strict=True)]
    found = [_measured(shown(typed, cell), frame[_key(number)].tolist()) for number, cell in enumerate(cells)]
    return Points(title, tuple(inputs), tuple(found), sizes, notes)


@record
class Scale:
    """How the values of an input or a cell are listed: `unit` when one is chosen, else one of `units`."""

    name: str
    numeric: bool
    unit: Unit | None
    units: tuple[Unit, ...]


def given(typed: TypedSheet, axis: Axis) -> Scale:
    """How the values of an axis are listed."""
    item = item_of(typed, axis)
    first = axis.listed[0] if axis.listed else axis.low
    unit = (unit_written(first) if first is not None else None) or item.shown or unit_written(item.formula)
    return _scale(item.path, input_type(typed, item), unit)


def shown(typed: TypedSheet, cell: Shown) -> Scale:
    """How the values of a cell are listed."""
    return _scale(cell.text, typed.type_of(cell.formula), cell.unit or shown_unit(typed, cell.formula))


def _scale(name: str, kind: Type, unit: Unit | None) -> Scale:
    dimension = kind.dimension if isinstance(kind, Quantity) else None
    return Scale(name, isinstance(kind, Quantity), unit, ladder(dimension) if dimension is not None else ())


def _measured(scale: Scale, values: Sequence[Value | None]) -> Measured:
    return measured(scale.name, scale.numeric, scale.unit, scale.units, values)
