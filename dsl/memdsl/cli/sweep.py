"""`memdsl sweep`: cells over a grid of inputs, to a file or as a summary."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from .. import driver
from ..diagnostics import Problems
from ..evaluate.show import show, shown_unit, unit_written
from ..sweep import (
    BLOCK,
    Asked,
    Block,
    CsvSink,
    FrameSink,
    Goal,
    Grid,
    Layout,
    MissingPackage,
    ParetoSink,
    ParquetSink,
    Sink,
    SummarySink,
    Sweep,
    SweepError,
    Track,
    csv_of,
    goal_of,
    independent,
    input_type,
    parts_of,
    prepared,
    split,
    write_frame,
    written,
)
from .common import Chosen, Outside, Usage, plain, say, single
from .report import size_text, whole

if TYPE_CHECKING:
    import pandas

INTERRUPTED = 130
_SHOWN = 60
"""Points that are printed one by one; of more, a summary."""
_FRONT = 40
"""Points of a front that are printed."""
_WIDE = 160
_FORMATS = (".parquet", ".csv")


class Stopped(Exception):
    """The sweep was interrupted; what was written is kept at a path of its own, as an older file is in the way."""


def run(
    spec: str,
    over: Sequence[str],
    cells: Sequence[str],
    pareto: str,
    out: Path | None,
    chosen: Chosen,
    form: str,
) -> int:
    try:
        ranges = [written(text) for text in over]
    except SweepError as wrong:
        raise Usage(str(wrong)) from None
    if out is not None and out.suffix not in _FORMATS:
        raise Usage(f"--out takes a file that ends in {' or '.join(_FORMATS)}, not {out}")
    goals = [goal_of(text.strip()) for text in split(pareto, ",") if text.strip()]
    if pareto and len(goals) < 2:
        raise Usage("--pareto weighs two cells or more against each other: --pareto CELL,CELL")
    wanted = [goal.cell for goal in goals]
    wanted += [cell.strip() for text in cells for cell in split(text, ",") if cell.strip()]
    model = single(spec, chosen, [*parts_of(ranges), *dict.fromkeys(wanted)])
    problems = Problems()
    try:
        found = prepared(model.typed, model.values, ranges, problems) if model is not None and model.sound else None
        if model is None or found is None:
            say(problems)
            if form == "json":
                print(json.dumps({"spec": spec, "points": 0, "inputs": {}, "cells": {}}))
            return 1
        sweep, asked = found
        types = [input_type(model.typed, model.sheet.inputs[track.path]) for track in sweep.grid.tracks]
        layout = Layout(sweep, types)
        if goals:
            return _front(spec, model, layout, asked, goals, out, form)
        if out is None:
            return _printed(spec, model, layout, asked, form)
        return _file(model, layout, asked, out, form)
    except SweepError as wrong:
        raise Usage(str(wrong)) from None
    except MissingPackage as missing:
        raise Outside(str(missing)) from None


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

    with suppress(Stopped):
        whole(out, fill)
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


# ---- the front ------------------------------------------------------------------------------------------------------


def _front(
    spec: str,
    model: driver.Model,
    layout: Layout,
    asked: Sequence[Asked],
    goals: Sequence[Goal],
    out: Path | None,
    form: str,
) -> int:
    """The Pareto front, shown or written; an interruption gives no front, as a later point may beat any of it."""
    front, summary = ParetoSink(layout, goals), SummarySink(layout.sweep)
    if _pour(layout.sweep, [front, summary]):
        print(f"interrupted after {summary.points:,} points: there is no front yet", file=sys.stderr)
        return INTERRUPTED
    frame = front.frame
    notes = _notes(model, layout, asked, summary)
    notes.append(f"{len(frame):,} of {front.points:,} points are on the front")
    if out is not None:
        whole(out, lambda draft: write_frame(frame, out.suffix, draft))
        if form == "json":
            print(json.dumps({"file": str(out), "points": len(frame), "notes": notes}))
        else:
            print(f"{out}  {size_text(out.stat().st_size)}  {len(frame):,} points")
    elif form == "json":
        _json(spec, model, layout, frame, len(frame))
    elif form == "csv":
        sys.stdout.write(csv_of(frame))
    else:
        _table(model, layout, asked, frame.head(_FRONT))
        if len(frame) > _FRONT:
            notes.append(f"the first {_FRONT} are shown; `--out FILE` keeps all")
    for note in notes:
        print(note, file=sys.stderr)
    return 0


# ---- to the terminal ------------------------------------------------------------------------------------------------


def _printed(spec: str, model: driver.Model, layout: Layout, asked: Sequence[Asked], form: str) -> int:
    sweep = layout.sweep
    summary = SummarySink(sweep)
    if form == "csv":
        _pour(sweep, [CsvSink(layout, sys.stdout), summary])
    elif form == "json" or sweep.grid.size <= _SHOWN:
        sink = FrameSink(layout)
        _pour(sweep, [sink, summary])
        if form == "json":
            _json(spec, model, layout, sink.frame, sweep.grid.size)
        else:
            _table(model, layout, asked, sink.frame)
    else:
        _pour(sweep, [summary])
        _summary(model, layout, asked, summary)
    for note in _notes(model, layout, asked, summary):
        print(note, file=sys.stderr)
    return 0


def _json(spec: str, model: driver.Model, layout: Layout, frame: pandas.DataFrame, points: int) -> None:
    units = layout.units
    columns: list[dict[str, object]] = []
    kinds = [*layout.input_types, *(column.type for column in layout.columns)]
    for name, kind in zip(layout.names, kinds, strict=True):
        values = [None if value != value else plain(model.typed, value, kind) for value in frame[name].tolist()]
        columns.append({"values": values, "unit": units[name]})
    inputs = len(layout.tracks)
    named = list(zip(layout.names, columns, strict=True))
    print(json.dumps({"spec": spec, "points": points, "inputs": dict(named[:inputs]), "cells": dict(named[inputs:])}))


def _table(model: driver.Model, layout: Layout, asked: Sequence[Asked], frame: pandas.DataFrame) -> None:
    """A line a point; with more cells than fit beside each other, a block a point."""
    shown = []
    for number, name in enumerate(layout.names):
        values = frame[name].tolist()
        if number < len(layout.tracks):
            shown.append([_input_text(model, layout.tracks[number], value) for value in values])
        else:
            cell = next(cell for cell in asked if cell.text == name)
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
