"""`memdsl sweep`: cells over a grid of inputs, to a file or as a summary."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from .. import driver
from ..diagnostics import Problems
from ..evaluate.show import show, shown_unit, unit_written
from ..sheet.sheet import Quantity
from ..sweep import (
    BLOCK,
    Asked,
    Asking,
    Block,
    CsvSink,
    FrameSink,
    Grid,
    Layout,
    MissingPackage,
    ParquetSink,
    Sink,
    SummarySink,
    Sweep,
    SweepError,
    Track,
    Written,
    independent,
    input_type,
    split,
    sweep_of,
    written,
)
from .common import Chosen, Outside, Usage, plain, say, single
from .report import size_text, whole

INTERRUPTED = 130
_SHOWN = 60
"""Points that are printed one by one; of more, a summary."""
_WIDE = 160
_FORMATS = (".parquet", ".csv")


class Stopped(Exception):
    """The sweep was interrupted; what was written is kept at a path of its own, as an older file is in the way."""


def run(spec: str, over: Sequence[str], cells: Sequence[str], out: Path | None, chosen: Chosen, form: str) -> int:
    try:
        ranges = [written(text) for text in over]
    except SweepError as wrong:
        raise Usage(str(wrong)) from None
    if out is not None and out.suffix not in _FORMATS:
        raise Usage(f"--out takes a file that ends in {' or '.join(_FORMATS)}, not {out}")
    wanted = [cell.strip() for text in cells for cell in split(text, ",") if cell.strip()]
    found = _prepared(spec, ranges, wanted, chosen)
    if found is None:
        if form == "json":
            print(json.dumps({"spec": spec, "points": 0, "inputs": {}, "cells": {}}))
        return 1
    model, sweep, asked = found
    types = [input_type(model.typed, model.sheet.inputs[track.path]) for track in sweep.grid.tracks]
    layout = Layout(sweep, types)
    if out is None:
        return _printed(spec, model, layout, asked, form)
    return _file(model, layout, asked, out, form)


def _prepared(
    spec: str, ranges: Sequence[Written], wanted: Sequence[str], chosen: Chosen
) -> tuple[driver.Model, Sweep, list[Asked]] | None:
    parts = [part for written_ in ranges for part in written_.parts]
    model = single(spec, chosen, [*parts, *wanted])
    if model is None or not model.sound:
        return None
    assert model.machine is not None
    formulas = [query.formula for query in model.queries]
    pairs, start = [], 0
    for written_ in ranges:
        pairs.append((written_, formulas[start : start + len(written_.parts)]))
        start += len(written_.parts)
    problems = Problems()
    asked = []
    for query in model.queries[start:]:
        if query.rows is not None:
            message = f"`{query.text}` is a column; a sweep needs one value a point"
            problems.error("column-needed", message, query.formula.span, "aggregate it: `sum(…)`, `max(…)`")
        asked.append(Asked(query.text, query.formula, model.typed.type_of(query.formula)))
    try:
        grid = Asking(model.typed, model.values, problems).grid(pairs, {})
        if grid is None or problems.failed:
            say(problems)
            return None
        if not wanted:
            asked = _totals(model, grid)
        return model, sweep_of(model.typed, model.values, grid, asked), asked
    except SweepError as wrong:
        raise Usage(str(wrong)) from None


def _totals(model: driver.Model, grid: Grid) -> list[Asked]:
    """What is computed when no cell is named: every number of the spec that the inputs change."""
    from ..sheet.formula import CellRef

    found = []
    for cell in model.sheet.cells.values():
        kind = model.typed.cell_types[cell.id]
        if cell.role != "cell" or not isinstance(kind, Quantity) or cell.id in model.sheet.inputs:
            continue
        formula = CellRef(cell.span, cell.id)
        if len(independent(model.typed, formula, grid)) < len(grid.tracks):
            found.append(Asked(cell.id, formula, kind))
    if not found:
        names = ", ".join(f"`{track.path}`" for track in grid.tracks)
        raise SweepError(f"no cell of the spec rests on {names}")
    return found


# ---- to a file ------------------------------------------------------------------------------------------------------


def _file(model: driver.Model, layout: Layout, asked: Sequence[Asked], out: Path, form: str) -> int:
    summary = SummarySink(layout.sweep)
    start = time.perf_counter()
    older = out.exists()
    stopped = False
    kept = out

    def fill(draft: Path) -> None:
        nonlocal stopped, kept
        if out.suffix == ".parquet":
            stopped = _pour(layout.sweep, [ParquetSink(layout, draft), summary])
        else:
            with draft.open("w", encoding="utf-8", newline="") as text:
                stopped = _pour(layout.sweep, [CsvSink(layout, text), summary])
        if stopped and older:
            kept = out.with_name(f"{out.stem}.partial{out.suffix}")
            os.replace(draft, kept)
            raise Stopped

    try:
        whole(out, fill)
    except MissingPackage as missing:
        raise Outside(str(missing)) from None
    except Stopped:
        pass
    seconds = time.perf_counter() - start
    notes = _notes(model, layout, asked, summary)
    points = f"{summary.points:,} points"
    if stopped:
        there = f"; {out} is as it was" if older else ""
        of = f"{summary.points:,} of {layout.sweep.grid.size:,} points"
        notes.append(f"interrupted after {of}, which {kept} holds{there}")
    if form == "json":
        print(json.dumps({"file": str(kept), "points": summary.points, "whole": not stopped, "notes": notes}))
    else:
        print(f"{kept}  {size_text(kept.stat().st_size)}  {points}  {seconds:.1f} s")
    for note in notes:
        print(note, file=sys.stderr)
    return INTERRUPTED if stopped else 0


def _pour(sweep: Sweep, sinks: Sequence[Sink]) -> bool:
    """Runs a sweep into its sinks, with a bar on a terminal; True when it was interrupted."""
    with _interruption() as stopped, _bar(sweep.grid) as advance:
        for block, values in sweep.run(BLOCK, os.cpu_count() or 1):
            for sink in sinks:
                sink.write(block, values)
            advance(block)
            if stopped():
                break
        for sink in sinks:
            sink.close()
        return stopped()


@contextmanager
def _interruption() -> Iterator[Callable[[], bool]]:
    """Whether the run was asked to stop: a first signal ends it after a block, a second one at once."""
    caught: list[int] = []

    def catch(number: int, frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    before = {number: signal.signal(number, catch) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(caught)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(grid: Grid) -> Iterator[Callable[[Block], None]]:
    """A bar on standard error, when that is a terminal."""
    with click.progressbar(
        length=grid.size, label=f"{grid.size:,} points", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        yield lambda block: bar.update(block.size)


# ---- to the terminal ------------------------------------------------------------------------------------------------


def _printed(spec: str, model: driver.Model, layout: Layout, asked: Sequence[Asked], form: str) -> int:
    sweep = layout.sweep
    summary = SummarySink(sweep)
    if form == "csv":
        _pour(sweep, [CsvSink(layout, sys.stdout), summary])
    elif form == "json" or sweep.grid.size <= _SHOWN:
        try:
            frame = FrameSink(layout)
        except SweepError as large:
            raise Usage(str(large)) from None
        _pour(sweep, [frame, summary])
        if form == "json":
            _json(spec, model, layout, frame)
        else:
            _table(model, layout, asked, frame)
    else:
        _pour(sweep, [summary])
        _summary(model, layout, asked, summary)
    for note in _notes(model, layout, asked, summary):
        print(note, file=sys.stderr)
    return 0


def _json(spec: str, model: driver.Model, layout: Layout, sink: FrameSink) -> None:
    frame, units = sink.frame, layout.units
    columns: list[dict[str, object]] = []
    kinds = [*layout.input_types, *(column.type for column in layout.sweep.columns)]
    for name, kind in zip(layout.names, kinds, strict=True):
        values = [None if value != value else plain(model.typed, value, kind) for value in frame[name].tolist()]
        columns.append({"values": values, "unit": units[name]})
    inputs = len(layout.tracks)
    named = list(zip(layout.names, columns, strict=True))
    print(
        json.dumps({"spec": spec, "points": len(frame), "inputs": dict(named[:inputs]), "cells": dict(named[inputs:])})
    )


def _table(model: driver.Model, layout: Layout, asked: Sequence[Asked], sink: FrameSink) -> None:
    """A line a point; with more cells than fit beside each other, a block a point."""
    frame = sink.frame
    shown = []
    for number, name in enumerate(layout.names):
        values = frame[name].tolist()
        if number < len(layout.tracks):
            shown.append([_input_text(model, layout.tracks[number], value) for value in values])
        else:
            cell = asked[number - len(layout.tracks)]
            shown.append([_cell_text(model, cell, value) for value in values])
    widths = [max(len(name), *map(len, texts)) for name, texts in zip(layout.names, shown, strict=True)]
    if sum(widths) + 2 * len(widths) <= _WIDE:
        lines = [layout.names, *zip(*shown, strict=True)]
        for line in lines:
            print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))
        return
    wide = max(map(len, layout.names))
    for point in zip(*shown, strict=True):
        for name, text in zip(layout.names, point, strict=True):
            print(f"{name:<{wide}}  {text}")
        print()


def _summary(model: driver.Model, layout: Layout, asked: Sequence[Asked], summary: SummarySink) -> None:
    print(f"{summary.points:,} points; `--out FILE.parquet` keeps them")
    wide = max(len(cell.text) for cell in asked)
    for cell, extent in zip(asked, summary.extents, strict=True):
        if extent.low_at < 0:
            continue
        low, high = (_cell_text(model, cell, value) for value in (extent.low, extent.high))
        if extent.low == extent.high:
            print(f"{cell.text:<{wide}}  {low} everywhere")
            continue
        print(f"{cell.text:<{wide}}  from {low} at {_point_text(model, layout, extent.low_at)}")
        print(f"{'':<{wide}}  to {high} at {_point_text(model, layout, extent.high_at)}")


def _point_text(model: driver.Model, layout: Layout, number: int) -> str:
    at = layout.sweep.grid.point(number)
    return ", ".join(f"{track.path} = {_input_text(model, track, at[track.key])}" for track in layout.tracks)


def _input_text(model: driver.Model, track: Track, value: float | bool | str) -> str:
    item = model.sheet.inputs[track.path]
    return show(model.typed, value, input_type(model.typed, item), item.shown or unit_written(item.formula))


def _cell_text(model: driver.Model, cell: Asked, value: float | bool | str | None) -> str:
    if value is None or value != value:
        return "no value"
    kind = cell.type
    return show(model.typed, value, kind, shown_unit(model.typed, cell.formula))


def _notes(model: driver.Model, layout: Layout, asked: Sequence[Asked], summary: SummarySink) -> list[str]:
    """What a reader has to know: inputs without effect, cells without a closed form, points without a value."""
    notes = []
    for cell, column, extent in zip(asked, layout.sweep.columns, summary.extents, strict=True):
        apart = independent(model.typed, cell.formula, layout.sweep.grid)
        if apart:
            notes.append(f"{cell.text} does not depend on {', '.join(apart)}")
        if column.why:
            notes.append(f"{cell.text} has no closed form ({column.why}): computed from the sheet")
        if extent.missing:
            of = f"{extent.missing:,} of {summary.points:,} points"
            notes.append(f"{cell.text} has no value at {of}{_reason(layout)}")
    return notes


def _reason(layout: Layout) -> str:
    """Which requirements some points may break."""
    messages = list(dict.fromkeys(required.message for required in layout.sweep.required if required.message))
    return f", some of which break what the spec requires ({'; '.join(messages[:3])})" if messages else ""
