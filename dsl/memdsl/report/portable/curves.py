"""Cells along an input, and what each input adds to how unsure a cell is. Portable code."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...analysis.reported import Measured, Points
from ...analysis.uncertainty import CellUncertainty
from ...presentation.words import cut
from ...units import format_number
from .drawing import (
    INK,
    PALETTE,
    QUIET,
    RULE,
    WIDTH,
    Box,
    Drawing,
    Picture,
    Scale,
    along,
    input_axis,
    label,
    legend,
    linear_ticks,
    log_ticks,
    polyline,
    shorten,
    text_width,
    tick_text,
    value_axis,
)
from .writing import sign

_MOST_COLOURS, _MOST_VALUES, _MOST_BARS, _MOST_NAMED = 7, 20, 60, 24
_DECADES = 8.0
"""From this ratio of the ends on, the axis of an input is logarithmic."""
_PLOT, _LOW_PLOT, _THICKEST = 160.0, 120.0, 44.0
_PITCH, _THICK = 22.0, 12.0
_LONGEST = 60

Series = Sequence[tuple[str, list[float]]]
"""Values by the name of their colour."""


def draw_curves(found: Points, called: Sequence[str]) -> list[Picture]:
    """Over one input a chart of each cell; over two, a colour for each value of the second.

    Few values are bars, many are points: what lies between them was not computed, and no line says so.
    `called` are the cells in words.
    """
    if not found.inputs or len(found.sizes) > 2 or found.sizes[0] < 2:
        return []
    first = found.inputs[0]
    width = found.sizes[1] if len(found.sizes) == 2 else 1
    if width > _MOST_COLOURS:
        return []
    x = Measured(first.name, first.unit, tuple(first.values[k] for k in range(0, len(first.values), width)))
    few = len(x.values) <= _MOST_VALUES and len(x.values) * width <= _MOST_BARS
    if not few and any(isinstance(value, str) for value in x.values):
        return []
    figures: list[Picture] = []
    for cell, word in zip(found.cells, called, strict=True):
        values = _numbers(cell)
        if all(math.isnan(value) for value in values):
            continue
        series = [("", values)]
        name = f"{cut(word, 100)} over {first.name}{_code(cell, word)}"
        if width > 1:
            second = found.inputs[1]
            name += f", a colour for each {second.name}"
            series = [(_label(second, k), [values[i] for i in range(k, len(values), width)]) for k in range(width)]
        figures.append(_bars(name, x, series, cell, word) if few else _points(name, x, series, cell, word))
    return figures


def draw_front(found: Points, called: Sequence[str]) -> list[Picture]:
    """The points of a front of two cells, and the steps that bound what can be had."""
    if len(found.cells) != 2 or len(found.cells[0].values) < 2:
        return []
    x, y = found.cells
    xs, ys = _numbers(x), _numbers(y)
    known = [k for k in range(len(xs)) if not math.isnan(xs[k]) and not math.isnan(ys[k])]
    if len(known) < 2:
        return []
    order = sorted(known, key=lambda k: (xs[k], ys[k]))
    along_x, along_y = [xs[k] for k in order], [ys[k] for k in order]
    drawing, across, up = _plot(x, along_x, y, along_y, False, (called[0], called[1]))
    points = [(across.at(xs[k]), up.at(ys[k])) for k in order]
    corners: list[tuple[float, float]] = []
    for a, b in points:
        if len(corners) > 0:
            corners.append((a, corners[len(corners) - 1][1]))
        corners.append((a, b))
    drawing.path(polyline(corners), stroke=INK, width=1.2, round_=True)
    for a, b in points:
        drawing.dot(a, b, 4.0, PALETTE[1])
    free = [given for given in found.inputs if given.name not in (x.name, y.name)]
    if len(free) > 0:
        taken: list[Box] = [(a - 4, b - 4, a + 4, b + 4) for a, b in points]
        taken.extend(along(corners))
        frame = (across.start, up.end, across.end, up.start)
        for n in range(min(len(order), _MOST_NAMED)):
            text = ", ".join([_label(given, order[n]) for given in free])
            label(drawing, text, points[n], 4.0, frame, taken)
    named = f"; beside a point its {', '.join(given.name for given in free)}" if len(free) > 0 else ""
    both = f"{cut(called[1], 100)} against {cut(called[0], 100)}"
    caption = f"{both}: no point has less of both than one of these{named}"
    return [_picture(drawing, caption, x, along_x, [("", along_y)], y)]


def _label(measured: Measured, number: int) -> str:
    value = measured.values[number]
    text = value if isinstance(value, str) else format_number(value, 4)
    return f"{text} {sign(measured.unit)}".strip()


def _code(measured: Measured, word: str) -> str:
    """How the spec calls what a caption has said in words."""
    return f" ({cut(measured.name, _LONGEST)})" if word != measured.name else ""


def _title(measured: Measured, word: str = "") -> str:
    return cut(word or measured.name, 80) + (f" ({sign(measured.unit)})" if measured.unit else "")


def _head(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _numbers(measured: Measured) -> list[float]:
    return [math.nan if isinstance(value, str) else value for value in measured.values]


def _known(series: Series) -> list[float]:
    return [value for _, values in series for value in values if not math.isnan(value)]


def _colour(number: int) -> str:
    return PALETTE[number % len(PALETTE)]


def _bars(caption: str, x: Measured, series: Series, y: Measured, word: str) -> Picture:
    """A standing bar for each value of an input, those of one value beside each other."""
    known = _known(series)
    ticks = linear_ticks(min(0.0, *known), max(0.0, *known))
    left, right, top = max([text_width(tick_text(tick)) for tick in ticks]) + 14, WIDTH - 2, 34.0
    bottom = top + _LOW_PLOT
    drawing = Drawing(bottom + 40)
    up = Scale(ticks[0], ticks[len(ticks) - 1], bottom, top)
    value_axis(drawing, up, ticks, left, right, _title(y, word))
    pitch = (right - left) / len(x.values)
    thick = min(pitch * 0.8 / len(series), _THICKEST)
    start = (pitch - thick * len(series)) / 2
    for number, (_, values) in enumerate(series):
        boxes: list[tuple[float, float, float, float]] = []
        for k, value in enumerate(values):
            if not math.isnan(value):
                at = left + k * pitch + start + number * thick
                boxes.append((at, min(up.at(value), up.at(0)), thick - 1, abs(up.at(value) - up.at(0))))
                text = format_number(value, 4)
                if len(series) == 1 and text_width(text, 9) < pitch:
                    above = min(up.at(value), up.at(0)) - 3
                    drawing.text(at + thick / 2, above, text, anchor="middle", fill=QUIET, size=9)
        drawing.bars(boxes, _colour(number))
    drawing.line(left, up.at(0), right, up.at(0), INK, 0.8)
    for k, place in enumerate(x.values):
        text = shorten(place if isinstance(place, str) else format_number(place, 4), 14)
        drawing.text(left + (k + 0.5) * pitch, bottom + 15, text, anchor="middle", fill=QUIET)
    drawing.text((left + right) / 2, bottom + 32, _title(x), anchor="middle", bold=True)
    return _picture(drawing, caption, x, list(x.values), series, y)


def _points(caption: str, x: Measured, series: Series, y: Measured, word: str) -> Picture:
    """Points of values against an input."""
    places = _numbers(x)
    drawing, across, up = _plot(x, places, y, _known(series), True, ("", word))
    for number, (_, values) in enumerate(series):
        for a, b in zip(places, values, strict=True):
            if not math.isnan(b):
                drawing.dot(across.at(a), up.at(b), 2.6, _colour(number))
    return _picture(drawing, caption, x, places, series, y)


def _plot(
    x: Measured, places: Sequence[float], y: Measured, known: Sequence[float], zero: bool, words: tuple[str, str]
) -> tuple[Drawing, Scale, Scale]:
    """The axes for points: the one across is logarithmic where it spans much."""
    low, high = min(places), max(places)
    log = low > 0 and high / low >= _DECADES
    ticks = linear_ticks(min(0.0, *known) if zero else min(known), max(known))
    left, top = max([text_width(tick_text(tick)) for tick in ticks]) + 14, 34.0
    drawing = Drawing(top + _PLOT + 44)
    across = Scale(low, high, left + 8, WIDTH - 14, log)
    up = Scale(ticks[0], ticks[len(ticks) - 1], top + _PLOT, top)
    value_axis(drawing, up, ticks, left, WIDTH - 6, _title(y, words[1]))
    every = log_ticks(low, high, "i" in x.unit) if log else linear_ticks(low, high, 8)
    input_axis(drawing, across, [tick for tick in every if low <= tick <= high], top + _PLOT, _title(x, words[0]))
    return drawing, across, up


def _picture(
    drawing: Drawing, caption: str, x: Measured, places: Sequence[float | str], series: Series, y: Measured
) -> Picture:
    if len(series) > 1:
        legend(drawing, [(series[n][0], _colour(n)) for n in range(len(series))], WIDTH - 12, 12)
    known = _known(series)
    ends = f"from {format_number(min(known), 4)} to {format_number(max(known), 4)} {sign(y.unit)}".strip()
    alt = f"{caption}: {ends}."
    table: list[tuple[str | float, ...]] = [
        (_head(x.name, x.unit), *[_head(name or y.name, y.unit) for name, _ in series])
    ]
    for k in range(len(places)):
        table.append((places[k], *[values[k] for _, values in series]))
    return Picture(drawing.svg(alt), caption, alt, tuple(table))


# ---- contributions --------------------------------------------------------------------------------------------------


def draw_shares(one: CellUncertainty) -> Picture:
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
