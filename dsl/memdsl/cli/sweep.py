"""`memdsl sweep`: cells over a grid of inputs, to a file, as a front or as a summary; here or on a Dask cluster."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from ..analysis.sweep import (
    BLOCK,
    Array,
    Block,
    Cluster,
    ClusterError,
    CsvSink,
    FrameSink,
    Goal,
    Grid,
    MissingPackage,
    ParetoSink,
    ParquetSink,
    ResultColumns,
    Sink,
    SummarySink,
    Sweep,
    SweepError,
    csv_of,
    goal_of,
    input_type,
    parts_of,
    prepared,
    read_range,
    split,
    write_frame,
)
from ..diagnostics import Problems
from .common import Chosen, Outside, Usage, no_answer, say, single
from .report import size_text, whole
from .sweep_text import Task, counted
from .terminal import raw

_INTERRUPTED = 130
_LOST = 3
_SHOWN = 60
_FRONT = 40
"""Points that are printed one by one (of more, a summary), and points of a front."""
_FORMATS = (".parquet", ".csv")


class Stopped(Exception):
    """The sweep ended early; what was written is kept at a path of its own, as an older file is in the way."""


@dataclass(frozen=True)
class End:
    """How a sweep ended before its last point."""

    code: int
    why: str


Blocks = Callable[[Sweep], Iterator[tuple[Block, list[Array]]]]


def run(
    spec: str,
    over: Sequence[str],
    cells: Sequence[str],
    pareto: str,
    out: Path | None,
    scheduler: str,
    chosen: Chosen,
    form: str,
) -> int:
    try:
        ranges = [read_range(text) for text in over]
        if out is not None and out.suffix not in _FORMATS:
            raise SweepError(f"--out takes a file that ends in {' or '.join(_FORMATS)}, not {out}")
        goals = [goal_of(text.strip()) for text in split(pareto, ",") if text.strip()]
        if pareto and len(goals) < 2:
            raise SweepError("--pareto weighs two cells or more against each other: --pareto CELL,CELL")
        wanted = [goal.cell for goal in goals]
        wanted += [cell.strip() for text in cells for cell in split(text, ",") if cell.strip()]
        model = single(spec, chosen, [*parts_of(ranges), *dict.fromkeys(wanted)])
        problems = Problems()
        found = prepared(model.typed, model.values, ranges, problems) if model is not None else None
        if model is None or found is None:
            say(problems)
            return no_answer(form, spec=spec, points=0, inputs={}, cells={})
        sweep, asked = found
        types = [input_type(model.typed, model.sheet.inputs[track.path]) for track in sweep.grid.tracks]
        task = Task(spec, model, ResultColumns(sweep, types), asked, form)
        with _machines(scheduler) as blocks:
            if goals:
                return _front(task, blocks, goals, out)
            return _printed(task, blocks) if out is None else _file(task, blocks, out)
    except SweepError as wrong:
        raise Usage(str(wrong)) from None
    except (MissingPackage, ClusterError) as failed:
        raise Outside(str(failed)) from None


@contextmanager
def _machines(scheduler: str) -> Iterator[Blocks]:
    """Where blocks are computed: on the processors here, or on the workers of a scheduler."""
    if not scheduler:
        yield lambda sweep: sweep.run(BLOCK, os.cpu_count() or 1)
        return
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it is said in a line
    cluster = Cluster(scheduler)
    try:
        yield cluster.run
    finally:
        cluster.close()


# ---- the run --------------------------------------------------------------------------------------------------------


def _pour(sweep: Sweep, blocks: Blocks, sinks: Sequence[Sink]) -> End | None:
    """Runs a sweep into its sinks, with a bar on a terminal; says when and why it ended early."""
    end = None
    with _interruption() as stopped, _bar(sweep.grid) as advance:
        points = 0
        try:
            for block, values in blocks(sweep):
                for sink in sinks:
                    sink.write(block, values)
                points += block.size
                advance(block)
                if stopped() and points < sweep.grid.size:
                    end = End(_INTERRUPTED, "interrupted")
                    break
        except ClusterError as lost:
            end = End(_LOST, str(lost))
        for sink in sinks:
            sink.close()
    return end


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
        length=grid.size, label=f"{grid.size:,} points", file=raw(sys.stderr), hidden=not sys.stderr.isatty()
    ) as bar:
        yield lambda block: bar.update(block.size)


# ---- what becomes of the points -------------------------------------------------------------------------------------


def _file(task: Task, blocks: Blocks, out: Path) -> int:
    """To a file. One that ended early is kept, beside an older one that is in its place."""
    sweep = task.layout.sweep
    summary = SummarySink(sweep)
    start = time.perf_counter()
    older = out.exists()
    end: End | None = None
    kept = out

    def fill(draft: Path) -> None:
        nonlocal end, kept
        if out.suffix == ".parquet":
            end = _pour(sweep, blocks, [ParquetSink(task.layout, draft), summary])
        else:
            with draft.open("w", encoding="utf-8", newline="") as text:
                end = _pour(sweep, blocks, [CsvSink(task.layout, text), summary])
        if end is not None and older:
            kept = out.with_name(f"{out.stem}.partial{out.suffix}")
            os.replace(draft, kept)
            raise Stopped

    with suppress(Stopped):
        whole(out, fill)
    seconds = time.perf_counter() - start
    notes = task.notes(summary)
    if end is not None:
        there = f"; {out} is as it was" if older else ""
        notes.append(f"{end.why}; {kept} holds {summary.points:,} of {sweep.grid.size:,} points{there}")
    if task.form == "json":
        print(json.dumps({"file": str(kept), "points": summary.points, "whole": end is None, "notes": notes}))
    else:
        print(f"{kept}  {size_text(kept.stat().st_size)}  {counted(summary.points)}  {seconds:.1f} s")
    return _said(notes, end)


def _front(task: Task, blocks: Blocks, goals: Sequence[Goal], out: Path | None) -> int:
    """The Pareto front, shown or written. One that ended early is none, as a later point may beat any of it."""
    front, summary = ParetoSink(task.layout, goals), SummarySink(task.layout.sweep)
    end = _pour(task.layout.sweep, blocks, [front, summary])
    if end is not None:
        return _said([f"{end.why} after {summary.points:,} points: there is no front yet"], end)
    frame = front.frame
    notes = task.notes(summary)
    notes.append(f"{len(frame):,} of {front.points:,} points are on the front")
    if out is not None:
        whole(out, lambda draft: write_frame(frame, out.suffix, draft))
        if task.form == "json":
            print(json.dumps({"file": str(out), "points": len(frame), "whole": True, "notes": notes}))
        else:
            print(f"{out}  {size_text(out.stat().st_size)}  {counted(len(frame))}")
    elif task.form == "json":
        print(task.json(frame))
    elif task.form == "csv":
        sys.stdout.write(csv_of(frame))
    else:
        print(task.table(frame.head(_FRONT)))
        if len(frame) > _FRONT:
            notes.append(f"the first {_FRONT} are shown; `--out FILE` keeps all")
    return _said(notes, None)


def _printed(task: Task, blocks: Blocks) -> int:
    """To the terminal: every point, or, of many, a summary."""
    sweep = task.layout.sweep
    summary = SummarySink(sweep)
    if task.form == "csv":
        end = _pour(sweep, blocks, [CsvSink(task.layout, sys.stdout), summary])
    elif task.form == "json" or sweep.grid.size <= _SHOWN:
        sink = FrameSink(task.layout)
        end = _pour(sweep, blocks, [sink, summary])
        print(task.json(sink.frame) if task.form == "json" else task.table(sink.frame))
    else:
        end = _pour(sweep, blocks, [summary])
        print(task.summary(summary))
    notes = task.notes(summary)
    if end is not None:
        notes.append(f"{end.why} after {summary.points:,} of {sweep.grid.size:,} points")
    return _said(notes, end)


def _said(notes: Sequence[str], end: End | None) -> int:
    for note in notes:
        print(note, file=sys.stderr)
    return 0 if end is None else end.code
