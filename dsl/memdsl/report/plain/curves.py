"""Cells along an input, and what each input adds to how unsure a cell is. Plain code."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...studies import Measured, Points
from ...uncertainty import Study
from ...units import format_number
from ..words import cut
from .drawing import (
    INK,
    PALETTE,
    QUIET,
    RULE,
    WIDTH,
    Drawing,
    Picture,
    Scale,
    input_axis,
    legend,
    linear_ticks,
    log_ticks,
    shorten,
    text_width,
    value_axis,
)
from .writing import sign

_MOST_LINES = 7
_DECADES = 8.0
"""From this ratio of the ends on, the axis of an input is logarithmic."""
_PLOT = 220.0
_PITCH, _THICK = 22.0, 12.0
_LONGEST = 60


def draw_curves(found: Points) -> list[Picture]:
    """Over one input a chart of each cell; over two, a line for each value of the second."""
    if not found.inputs or len(found.sizes) > 2 or found.sizes[0] < 2:
        return []
    first = found.inputs[0]
    if any(isinstance(value, str) for value in first.values):
        return []
    width = found.sizes[1] if len(found.sizes) == 2 else 1
    x = Measured(first.name, first.unit, tuple(first.values[k] for k in range(0, len(first.values), width)))
    figures: list[Picture] = []
    for cell in found.cells:
        values = _numbers(cell)
        if all(math.isnan(value) for value in values):
            continue
        series = [("", values)]
        name = f"{cut(cell.name, _LONGEST)} over {first.name}"
        if width > 1:
            if width > _MOST_LINES:
                continue
            second = found.inputs[1]
            name += f", a line for each {second.name}"
            series = [(_label(second, k), [values[i] for i in range(k, len(values), width)]) for k in range(width)]
        figures.extend(_chart(name, x, series, cell))
    return figures


def draw_front(found: Points) -> list[Picture]:
    """The points of a front of two cells."""
    if len(found.cells) != 2 or len(found.cells[0].values) < 2:
        return []
    x, y = found.cells
    caption = f"{cut(y.name, _LONGEST)} against {cut(x.name, _LONGEST)}: the front"
    return _chart(caption, x, [("", _numbers(y))], y, True)


def _label(measured: Measured, number: int) -> str:
    value = measured.values[number]
    text = value if isinstance(value, str) else format_number(value, 4)
    return f"{text} {sign(measured.unit)}".strip()


def _title(measured: Measured) -> str:
    return cut(measured.name, _LONGEST) + (f", {sign(measured.unit)}" if measured.unit else "")


def _head(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _numbers(measured: Measured) -> list[float]:
    return [math.nan if isinstance(value, str) else value for value in measured.values]


def _chart(
    caption: str, x: Measured, series: Sequence[tuple[str, list[float]]], y: Measured, dots: bool = False
) -> list[Picture]:
    """Lines, or dots, of values against an input or another cell."""
    places = _numbers(x)
    known = [value for _, values in series for value in values if not math.isnan(value)]
    if not known or any(math.isnan(place) for place in places):
        return []
    low, high = min(places), max(places)
    log = low > 0 and high / low >= _DECADES
    ticks = linear_ticks(min(0.0, *known) if not dots else min(known), max(known))
    heads = [format_number(tick, 4) for tick in ticks]
    left, top = max(text_width(text) for text in heads) + 14, 34.0
    drawing = Drawing(top + _PLOT + 44)
    across = Scale(low, high, left, WIDTH - 12, log)
    up = Scale(ticks[0], ticks[-1], top + _PLOT, top)
    value_axis(drawing, up, ticks, left, WIDTH - 12, _title(y))
    under = [
        tick
        for tick in (log_ticks(low, high, "i" in x.unit) if log else linear_ticks(low, high, 8))
        if low <= tick <= high
    ]
    input_axis(drawing, across, under, top + _PLOT, _title(x))
    for number, (_, values) in enumerate(series):
        colour = PALETTE[number % len(PALETTE)]
        points = [(across.at(a), up.at(b)) for a, b in zip(places, values, strict=True) if not math.isnan(b)]
        if not dots and len(points) > 1:
            path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
            drawing.path(path, stroke=colour, width=1.6)
        if dots or len(points) <= 40:
            for a, b in points:
                drawing.dot(a, b, 4.0 if dots else 2.6, colour)
    if len(series) > 1:
        legend(drawing, [(name, PALETTE[n % len(PALETTE)]) for n, (name, _) in enumerate(series)], WIDTH - 12, 12)
    ends = f"from {format_number(min(known), 4)} to {format_number(max(known), 4)} {sign(y.unit)}".strip()
    alt = f"{caption}: {ends}."
    table: list[tuple[str | float, ...]] = [
        (_head(x.name, x.unit), *[_head(name or y.name, y.unit) for name, _ in series])
    ]
    for k in range(len(places)):
        table.append((places[k], *[values[k] for _, values in series]))
    return [Picture(drawing.svg(alt), caption, alt, tuple(table))]


# ---- contributions --------------------------------------------------------------------------------------------------


def draw_shares(one: Study) -> Picture:
    """What each input contributes: alone as a full bar, with others as the quiet end of it."""
    names = [shorten(share.input.path, 34) for share in one.shares]
    left = max(text_width(name) for name in names) + 12
    top, bottom = 30.0, 30.0 + _PITCH * len(names)
    drawing = Drawing(bottom + 34)
    across = Scale(0, 1, left, WIDTH - 60)
    for tick in (0, 0.25, 0.5, 0.75, 1):
        drawing.line(across.at(tick), top, across.at(tick), bottom, RULE, 0.8)
        drawing.text(across.at(tick), bottom + 14, f"{100 * tick:.0f}%", anchor="middle", fill=QUIET)
    for number, (name, share) in enumerate(zip(names, one.shares, strict=True)):
        y = top + number * _PITCH + (_PITCH - _THICK) / 2
        total, first = [min(1.0, max(0.0, found.value)) for found in (share.total, share.first)]
        drawing.bars([(left, y, across.at(max(total, first)) - left, _THICK)], PALETTE[2])
        drawing.bars([(left, y, across.at(first) - left, _THICK)], PALETTE[0])
        drawing.text(left - 8, y + 10, name, anchor="end")
        text = f"{share.first.value:.2f}"
        drawing.text(across.at(max(total, first)) + 6, y + 10, text, fill=QUIET, size=9.5)
    drawing.line(left, top, left, bottom, INK, 1)
    drawing.text(
        (left + WIDTH - 60) / 2, bottom + 30, "share of the variance (Sobol index)", anchor="middle", bold=True
    )
    legend(drawing, [("alone", PALETTE[0]), ("with others", PALETTE[2])], WIDTH, 12)
    cell = cut(one.cell.text, _LONGEST)
    most = one.shares[0]
    alt = f"What makes {cell} unsure: {most.input.path} most, {100 * most.first.value:.0f}% of the variance alone."
    table: tuple[tuple[str | float, ...], ...] = (
        ("input", "first-order Sobol index", "total Sobol index"),
        *((share.input.path, share.first.value, share.total.value) for share in one.shares),
    )
    caption = f"What makes {cell} unsure: the share of its variance that each input explains"
    return Picture(drawing.svg(alt), caption, alt, table)
