"""Sweeps as pandas frames, for Python."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...diagnostics import Problems
from ...evaluate import Values
from ...sheet.sheet import TypedSheet
from .axes import Given, Over, input_type, prepared
from .engine import BLOCK
from .grid import SweepError
from .pareto import Goal, ParetoSink
from .ranges import range_of
from .sinks import FrameSink, ResultColumns, Sink

if TYPE_CHECKING:
    import pandas


def over_of(over: Mapping[str, str | Given]) -> Over:
    """Ranges and values by input: `{"sram": "1 MiB..64 MiB*2", "width": [416, 608]}`. Raises SweepError."""
    return [range_of(name, given) if isinstance(given, str) else (name, given) for name, given in over.items()]


def swept(typed: TypedSheet, values: Values, over: Over, problems: Problems) -> pandas.DataFrame | None:
    """The cells that the sheet was asked for at every point; None when something is wrong, which `problems` says."""
    layout = _layout(typed, values, over, problems)
    if layout is None:
        return None
    sink = FrameSink(layout)
    _pour(layout, sink)
    return sink.frame


def front(
    typed: TypedSheet, values: Values, over: Over, goals: Sequence[Goal], problems: Problems
) -> pandas.DataFrame | None:
    """The Pareto front of the goals, which are cells that the sheet was asked for."""
    layout = _layout(typed, values, over, problems)
    if layout is None:
        return None
    sink = ParetoSink(layout, goals)
    _pour(layout, sink)
    return sink.frame


def crossed(frame: pandas.DataFrame, inputs: Sequence[str], cell: str) -> pandas.DataFrame:
    """One cell over one or two inputs: the first down, the second across."""
    if len(inputs) > 2:
        raise SweepError("a grid has one or two inputs; `sweep` takes any number")
    units = frame.attrs["units"]
    table = frame.set_index(list(inputs))[[cell]] if len(inputs) == 1 else _wide(frame, inputs, cell)
    table.attrs.update(units={name: units[name] for name in (*inputs, cell)}, cell=cell)
    return table


def _wide(frame: pandas.DataFrame, inputs: Sequence[str], cell: str) -> pandas.DataFrame:
    down, across = (frame[name].drop_duplicates() for name in inputs)
    return frame.pivot(index=inputs[0], columns=inputs[1], values=cell).reindex(index=down, columns=across)


def _layout(typed: TypedSheet, values: Values, over: Over, problems: Problems) -> ResultColumns | None:
    found = prepared(typed, values, over, problems)
    if found is None:
        return None
    tracks = found[0].grid.tracks
    return ResultColumns(found[0], [input_type(typed, typed.sheet.inputs[track.path]) for track in tracks])


def _pour(layout: ResultColumns, sink: Sink) -> None:
    for block, values in layout.sweep.run(BLOCK, os.cpu_count() or 1):
        sink.write(block, values)
    sink.close()
