"""The time of a pass: what the compute unit and the memory do, and where one waits for the other. Portable code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...sheet.operations import Value
from .bars import counted_names
from .drawing import (
    BAND,
    PALETTE,
    PAPER,
    QUIET,
    WIDTH,
    Drawing,
    Picture,
    Scale,
    input_axis,
    legend,
    linear_ticks,
    shorten,
    text_width,
)
from .writing import Form, axis_measure, sizes, value_text

_STALL = "#f3c9a5"


@dataclass(frozen=True)
class TimelineAsk:
    """The rows of a model by name; values are its columns `compute`, `memory` and `time`.

    With `counted`, the first list of values is how many rows each row stands for: one runs after the other.
    """

    model: str
    names: tuple[str, ...]
    form: Form
    counted: bool = False


def draw_timeline(ask: TimelineAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    copies = sizes(values[0]) if ask.counted else [1.0 for _ in ask.names]
    compute, memory, time = [
        [size * copies[i] for i, size in enumerate(sizes(column))] for column in values[len(values) - 3 :]
    ]
    names = counted_names(ask.names, copies)
    total = sum(time)
    waits = sum([max(t - c, 0.0) for c, t in zip(compute, time, strict=True)])
    idle = sum([max(t - m, 0.0) for m, t in zip(memory, time, strict=True)])
    share = 100 * waits / total if total > 0 else 0.0
    alt = (
        f"Time line of {ask.model}: {value_text(ask.form, total)} in all. The compute unit waits for transfers for "
        f"{value_text(ask.form, waits)}, {share:.1f} % of the time; "
        f"the memory is idle for {value_text(ask.form, idle)}."
    )
    table: list[tuple[str | float, ...]] = [("name", "start (s)", "compute (s)", "transfers (s)", "end (s)")]
    start = 0.0
    for i in range(len(names)):
        table.append((names[i], start, compute[i], memory[i], start + time[i]))
        start += time[i]
    caption = f"Time line of {ask.model}: compute waits for transfers {share:.1f} % of the time"
    return Picture(_draw(ask, names, compute, memory, time, alt), caption, alt, tuple(table))


def _draw(
    ask: TimelineAsk,
    names: Sequence[str],
    compute: Sequence[float],
    memory: Sequence[float],
    time: Sequence[float],
    alt: str,
) -> str:
    left, right, top, lane = 58.0, WIDTH - 12, 26.0, 26.0
    bottom = top + 2 * lane + 14
    drawing = Drawing(bottom + 38)
    total = sum(time)
    unit = axis_measure(total, ask.form.units)
    x = Scale(0.0, unit.from_base(total) if total > 0 else 1.0, left, right)
    rows = [top, top + lane + 6]
    for row, name in zip(rows, ("compute", "transfers"), strict=True):
        drawing.bars([(left, row, right - left, lane)], BAND)
        drawing.text(left - 7, row + lane / 2 + 3.5, name, anchor="end")
    stalls: list[tuple[float, float, float, float]] = []
    busy: list[tuple[float, float, float, float]] = []
    moved: list[tuple[float, float, float, float]] = []
    start = 0.0
    for c, m, t in zip(compute, memory, time, strict=True):
        a = x.at(unit.from_base(start))
        busy.append((a, rows[0], x.at(unit.from_base(start + c)) - a, lane))
        moved.append((a, rows[1], x.at(unit.from_base(start + m)) - a, lane))
        if t > c:
            done = x.at(unit.from_base(start + c))
            stalls.append((done, rows[0], x.at(unit.from_base(start + t)) - done, lane))
        start += t
    drawing.bars(busy, PALETTE[0])
    drawing.bars(stalls, _STALL)
    drawing.bars(moved, PALETTE[1])
    _ends(drawing, names, time, x, unit.from_base(1.0), rows[0], bottom)
    ticks = [t for t in linear_ticks(x.low, x.high, 8) if t <= x.high]
    input_axis(drawing, x, ticks, bottom, f"time ({unit.text})")
    legend(drawing, [("computes", PALETTE[0]), ("waits for transfers", _STALL), ("transfers", PALETTE[1])], right, 12)
    return drawing.svg(alt)


def _ends(
    drawing: Drawing, names: Sequence[str], time: Sequence[float], x: Scale, scale: float, top: float, bottom: float
) -> None:
    """Lines between the layers that take long, and the names of those that have room."""
    start = 0.0
    for i in range(len(time)):
        a, b = x.at(start * scale), x.at((start + time[i]) * scale)
        name = shorten(names[i], 22)
        if b - a > text_width(name, 8.5) + 8:
            drawing.text((a + b) / 2, bottom - 2, name, anchor="middle", fill=QUIET, size=8.5)
        if b - a > 8:
            drawing.line(b, top, b, bottom - 14, PAPER, 0.5)
        start += time[i]
