"""A cell against an input: steps drawn as steps, the point of the report marked. Portable code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...units import fitting
from .drawing import (
    INK,
    LEGEND_LINE,
    MARK,
    PALETTE,
    WIDTH,
    Drawing,
    Picture,
    Scale,
    input_axis,
    legend,
    legend_rows,
    linear_ticks,
    listed,
    log_ticks,
    polyline,
    text_width,
    value_axis,
)
from .writing import Form, Measure, axis_measure, value_text

_BEYOND = 1e299


@dataclass(frozen=True)
class StaircaseAsk:
    """`names` are the cells as the legend calls them, `what` is shown of each, `codes` how the spec calls them.

    The last of the `codes` is the input's, whose axis reaches from `low` to `high`, in base units.
    """

    input: str
    names: tuple[str, ...]
    what: str
    codes: tuple[str, ...]
    form: Form
    input_form: Form
    low: float
    high: float
    log: bool
    binary: bool
    multiple: float


@dataclass(frozen=True)
class Curves:
    """The input's value now and the cells there; places along the axis, and the cells at each of them."""

    now: float
    here: tuple[float, ...]
    places: tuple[float, ...]
    lines: tuple[tuple[float, ...], ...]


def draw_staircase(ask: StaircaseAsk, curves: Curves) -> Picture:
    text = ask.what or listed(list(ask.names))
    at = value_text(ask.input_form, curves.now)
    reached = listed([f"{name} = {value_text(ask.form, v)}" for name, v in zip(ask.names, curves.here, strict=True)])
    alt = (
        f"{text} against {ask.input}, "
        f"from {value_text(ask.input_form, ask.low)} to {value_text(ask.input_form, ask.high)}. "
        f"At {ask.input} = {at}: {reached}."
    )
    kept = [v for line in curves.lines for v in line if not math.isnan(v) and abs(v) < _BEYOND]
    y_unit = axis_measure(max([abs(v) for v in kept], default=0.0), ask.form.units)
    x_unit = fitting(ask.high, ask.input_form.units)
    note = f"{at}: {value_text(ask.form, curves.here[0])}"
    svg = _draw(ask, curves, x_unit, y_unit, note, alt)
    over = ask.codes[-1]
    heading: list[str | float] = [f"{over} ({ask.input_form.base})" if ask.input_form.base else over]
    for code in ask.codes[:-1]:
        heading.append(f"{code} ({ask.form.base})" if ask.form.base else code)
    table: list[tuple[str | float, ...]] = [tuple(heading)]
    for i in range(len(curves.places)):
        line: list[str | float] = [curves.places[i]]
        for values in curves.lines:
            line.append(values[i])
        table.append(tuple(line))
    inside = ask.low <= curves.now <= ask.high
    point = "the dot marks the point of this report" if inside else f"this report's {ask.input} = {at} is outside"
    worded = any(word not in ask.codes for word in [*ask.names, ask.input])
    code = f" ({listed(list(ask.codes[:-1]))} over {over})" if worded else ""
    return Picture(svg, f"{text} against {ask.input}{code}; {point}", alt, tuple(table))


def _draw(ask: StaircaseAsk, curves: Curves, x_unit: Measure, y_unit: Measure, note: str, alt: str) -> str:
    left, right = 46.0, WIDTH - 12
    top = 26.0 + LEGEND_LINE * (len(legend_rows(ask.names, right)) - 1)
    bottom = top + 116
    drawing = Drawing(bottom + 38)
    heights = [y_unit.from_base(v) for line in curves.lines for v in line if not math.isnan(v) and abs(v) < _BEYOND]
    ticks = linear_ticks(min(0.0, min(heights, default=0.0)), max(max(heights, default=1.0), 0.0) or 1.0)
    x = Scale(x_unit.from_base(ask.low), x_unit.from_base(ask.high), left, right, ask.log)
    y = Scale(ticks[0], ticks[-1], bottom, top)
    value_axis(drawing, y, ticks, left, right, y_unit.text)
    across = log_ticks(x.low, x.high, ask.binary) if ask.log else linear_ticks(x.low, x.high, 8)
    title = f"{ask.input} ({x_unit.text})" if x_unit.text else ask.input
    input_axis(drawing, x, [t for t in across if x.low <= t <= x.high], bottom, title)
    drawn: list[list[tuple[float, float]]] = []
    for line in curves.lines:
        drawn.append(
            [
                (x.at(x_unit.from_base(a)), y.at(y_unit.from_base(b)))
                for a, b in zip(curves.places, line, strict=True)
                if not math.isnan(b) and abs(b) < _BEYOND
            ]
        )
    for k in reversed(range(len(drawn))):
        drawing.path(polyline(drawn[k]), stroke=PALETTE[k % 6], width=2, round_=True)
    if ask.low <= curves.now <= ask.high:
        at = x.at(x_unit.from_base(curves.now))
        drawing.line(at, bottom, at, top, MARK, 0.8, "3 3")
        for value in curves.here:
            if not math.isnan(value) and abs(value) < _BEYOND:
                drawing.dot(at, y.at(y_unit.from_base(value)), 4, MARK)
        if len(drawn) == 1:
            wide = text_width(note)
            beside = at + 9 + wide < right
            first, last = (at, at + 9 + wide) if beside else (at - 9 - wide, at)
            near = _near(drawn[0], first, last)
            clear = min(near, default=bottom)
            drawing.text(
                at + 9 if beside else at - 9, max(clear - 9, top + 4), note, anchor="start" if beside else "end",
                fill=MARK, bold=True,
            )  # fmt: skip
    if len(drawn) > 1:
        legend(drawing, [(ask.names[k], PALETTE[k % 6]) for k in range(len(drawn))], right, 12)
    else:
        drawing.text(right, 12, ask.names[0], anchor="end", fill=INK)
    return drawing.svg(alt)


def _near(points: Sequence[tuple[float, float]], first: float, last: float) -> list[float]:
    """How high a curve lies between two places, the point before them included."""
    found: list[float] = []
    before = [b for a, b in points if a <= first]
    if before:
        found.append(before[-1])
    for a, b in points:
        if first <= a <= last:
            found.append(b)
    return found
