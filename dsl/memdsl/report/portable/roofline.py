"""The roofline of a model: what each layer attains against what its traffic admits. Portable code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...sheet.operations import Value
from ...units import fitting, format_number
from .bars import counted_names
from .drawing import (
    INK,
    PALETTE,
    PAPER,
    QUIET,
    RULE,
    WIDTH,
    Box,
    Drawing,
    Picture,
    Scale,
    along,
    label,
    log_ticks,
    polyline,
    shorten,
    text_width,
    tick_text,
)
from .writing import Form, sizes, value_text

_LABELS = 8
_ALL = 12


@dataclass(frozen=True)
class RooflineAsk:
    """The rows of a model by name; values are its columns `work`, `dram_bytes`, `time`, `compute` and `memory`.

    With `counted`, the first list of values is how many rows each row stands for. `layers` says which rows are layers.
    Those of a table (`timed` is false then) are given as arithmetic intensity, attained and attainable rate.
    """

    model: str
    names: tuple[str, ...]
    layers: tuple[bool, ...]
    rate: Form
    intensity: Form
    bandwidth: Form
    timed: bool = True
    counted: bool = False


@dataclass(frozen=True)
class Point:
    """Layers at one place: the name of the first, arithmetic intensity, attained rate, time, all in base units."""

    name: str
    intensity: float
    rate: float
    time: float
    count: float = 1.0


@dataclass(frozen=True)
class Roof:
    peak: float
    bandwidth: float

    @property
    def ridge(self) -> float:
        return self.peak / self.bandwidth

    def attainable(self, intensity: float) -> float:
        return min(self.peak, intensity * self.bandwidth)


def draw_roofline(ask: RooflineAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    copies = sizes(values[0]) if ask.counted else [1.0 for _ in ask.names]
    work, data, time, compute, memory = [sizes(column) for column in values[len(values) - 5 :]]
    names = counted_names(ask.names, copies)
    layers = [
        Point(names[i], work[i] / data[i], work[i] / time[i], time[i] * copies[i], copies[i])
        for i in range(len(ask.names))
        if work[i] > 0 and data[i] > 0 and time[i] > 0
    ]
    peaks = [w / c for w, c in zip(work, compute, strict=True) if w > 0 and c > 0]
    rates = [d / m for d, m in zip(data, memory, strict=True) if d > 0 and m > 0]
    if not layers or not peaks or not rates:
        said = f"Roofline of {ask.model}: no row has both work and traffic"
        return Picture(Drawing(20).svg(said), said, said, (("name",),))
    roof = Roof(max(peaks), max(rates))
    every = sum([p.count for p in layers])
    bound = sum([p.count for p in layers if p.intensity < roof.ridge])
    peak, ridge = value_text(ask.rate, roof.peak), value_text(ask.intensity, roof.ridge)
    alt = (
        f"Roofline of {ask.model}: peak {peak}, bandwidth {value_text(ask.bandwidth, roof.bandwidth)}, ridge point "
        f"{ridge}; of {format_number(every)} layers {format_number(bound)} lie below the ridge point, memory-bound."
    )
    caption = f"Roofline of {ask.model}; larger marks take more of the time"
    without = sum([copies[i] for i in range(len(copies)) if ask.layers[i]]) - every
    if without > 0:
        caption += f"; {format_number(without)} rows without work or traffic are left out"
    table: list[tuple[str | float, ...]] = [
        ("name", "arithmetic intensity (MAC/B)", "attained (MAC/s)", "attainable (MAC/s)", "time (s)")
    ]
    for p in layers:
        table.append((p.name, p.intensity, p.rate, roof.attainable(p.intensity), p.time))
    return Picture(_draw(ask, roof, gathered(layers), alt, peak, ridge), caption, alt, tuple(table))


def draw_measured(ask: RooflineAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    """Rows by arithmetic intensity and attained rate, under the roof that their attainable rates give."""
    intensity, rate, roofs = [sizes(column) for column in values]
    rows = [i for i in range(len(ask.names)) if intensity[i] > 0 and rate[i] > 0 and roofs[i] > 0]
    if not rows:
        said = f"Roofline of {ask.model}: no row has an intensity and a rate"
        return Picture(Drawing(20).svg(said), said, said, (("name",),))
    points = [Point(ask.names[i], intensity[i], rate[i], 1.0) for i in rows]
    roof = Roof(max([roofs[i] for i in rows]), max([roofs[i] / intensity[i] for i in rows]))
    bound = len([p for p in points if p.intensity < roof.ridge])
    peak, ridge = value_text(ask.rate, roof.peak), value_text(ask.intensity, roof.ridge)
    alt = (
        f"Roofline of {ask.model}: peak {peak}, bandwidth {value_text(ask.bandwidth, roof.bandwidth)}, ridge point "
        f"{ridge}; of {len(points)} rows {bound} lie below the ridge point, memory-bound."
    )
    caption = f"Roofline of {ask.model}: the rate that each row attains"
    table: list[tuple[str | float, ...]] = [
        ("name", "arithmetic intensity (MAC/B)", "attained (MAC/s)", "attainable (MAC/s)")
    ]
    for i in rows:
        table.append((ask.names[i], intensity[i], rate[i], roofs[i]))
    return Picture(_draw(ask, roof, gathered(points), alt, peak, ridge), caption, alt, tuple(table))


def gathered(layers: Sequence[Point]) -> list[Point]:
    """Layers that would be drawn on one spot, as one point with their time together; the largest first."""
    spots: dict[str, list[Point]] = {}
    for layer in layers:
        spot = f"{math.log(layer.intensity):.2f} {math.log(layer.rate):.2f}"
        spots.setdefault(spot, []).append(layer)
    made: list[Point] = []
    for found in spots.values():
        longest = max(found, key=lambda p: p.time)
        time = sum([p.time for p in found])
        count = sum([p.count for p in found])
        made.append(Point(longest.name, found[0].intensity, found[0].rate, time, count if len(found) > 1 else 1.0))
    return sorted(made, key=lambda p: p.time, reverse=True)


def _draw(ask: RooflineAsk, roof: Roof, points: Sequence[Point], alt: str, peak: str, ridge: str) -> str:
    left, right, top, bottom = 46.0, WIDTH - 12, 22.0, 178.0
    drawing = Drawing(bottom + 38)
    x_low = min(*[p.intensity for p in points], roof.ridge) / 1.8
    x_high = max(*[p.intensity for p in points], roof.ridge) * 1.8
    y_low = min(min([p.rate for p in points]), roof.peak / 20) / 1.8
    x_unit, y_unit = fitting(1.0, ask.intensity.units), fitting(roof.peak, ask.rate.units)
    x = Scale(x_unit.from_base(x_low), x_unit.from_base(x_high), left, right, True)
    y = Scale(y_unit.from_base(y_low), y_unit.from_base(roof.peak * 2.4), bottom, top, True)
    for tick in log_ticks(y.low, y.high):
        drawing.line(left, y.at(tick), right, y.at(tick), RULE, 0.8)
        drawing.text(left - 6, y.at(tick) + 3.5, tick_text(tick), anchor="end", fill=QUIET)
    for tick in log_ticks(x.low, x.high):
        drawing.line(x.at(tick), bottom, x.at(tick), bottom + 4, INK, 0.8)
        drawing.text(x.at(tick), bottom + 15, tick_text(tick), anchor="middle", fill=QUIET)
    drawing.line(left, bottom, right, bottom, INK, 0.8)
    drawing.text(0, top - 11, f"attained ({y_unit.text})", bold=True)
    titled = f"arithmetic intensity ({x_unit.text})"
    drawing.text((left + right) / 2, bottom + 31, titled, anchor="middle", bold=True)

    start = max(x_low, y_low / roof.bandwidth)
    bend = (x.at(x_unit.from_base(roof.ridge)), y.at(y_unit.from_base(roof.peak)))
    first = (x.at(x_unit.from_base(start)), y.at(y_unit.from_base(roof.attainable(start))))
    corners = [first, bend, (right, bend[1])]
    drawing.line(bend[0], bend[1], bend[0], bottom, QUIET, 0.8, "3 3")
    drawing.path(polyline(corners), stroke=INK, width=1.8, round_=True)
    said = f"ridge {ridge}"
    beside = bend[0] + 5 + text_width(said) < right
    foot = bend[0] + 5 if beside else bend[0] - 5 - text_width(said)
    drawing.text(foot, bottom - 6, said, fill=QUIET)
    memory, compute = PALETTE[1], PALETTE[0]
    places = [(x.at(x_unit.from_base(p.intensity)), y.at(y_unit.from_base(p.rate))) for p in points]
    total = sum([p.time for p in points])
    radii = [max(2.6, 13 * math.sqrt(p.time / total)) if ask.timed else 4.0 for p in points]
    high = max([r for r, (a, _) in zip(radii, places, strict=True) if a > right - 110], default=0.0)
    title = f"peak {peak}"
    above = bend[1] - max(7.0, high + 4)
    drawing.text(right, above, title, anchor="end", bold=True)
    for point, (a, b), radius in zip(points, places, radii, strict=True):
        if point.intensity < roof.ridge:
            drawing.diamond(a, b, radius, memory)
        else:
            drawing.dot(a, b, radius, compute)
    _legend(drawing, right, memory, compute)
    taken: list[Box] = [
        (right - text_width(title) - 4, above - 9, right, above + 2),
        (foot - 2, bottom - 16, foot + text_width(said) + 2, bottom),
        *[(a - r, b - r, a + r, b + r) for (a, b), r in zip(places, radii, strict=True)],
        *along([(bend[0], bottom), bend]),
        *along(corners),
    ]
    for k in extreme(points):
        point = points[k]
        text = shorten(point.name, 26) + (f" and {format_number(point.count - 1)} more" if point.count > 1 else "")
        label(drawing, text, places[k], radii[k], (left, top, right, bottom), taken)
    return drawing.svg(alt)


def _legend(drawing: Drawing, right: float, memory: str, compute: str) -> None:
    x = right - text_width("memory-bound") - text_width("compute-bound") - 42
    drawing.diamond(x, 9, 3.6, memory)
    drawing.text(x + 8, 12.5, "memory-bound")
    x += text_width("memory-bound") + 26
    drawing.dot(x, 9, 3.4, compute, PAPER)
    drawing.text(x + 8, 12.5, "compute-bound")


def extreme(points: Sequence[Point]) -> list[int]:
    """Layers worth a name: all when they are few, else the slowest ones, and the ends of both axes."""
    order = list(range(len(points)))
    if len(order) <= _ALL:
        return order
    chosen = [
        max(order, key=lambda i: points[i].time),
        min(order, key=lambda i: points[i].intensity),
        min(order, key=lambda i: points[i].rate),
        max(order, key=lambda i: points[i].intensity),
        *sorted(order, key=lambda i: points[i].time, reverse=True)[1:6],
    ]
    found: list[int] = []
    for k in chosen:
        if k not in found:
            found.append(k)
    return found[:_LABELS]
