"""The roofline of a model: what each layer attains against what its traffic admits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..sheet.sheet import Instance, Quantity
from ..units import DATA, TIME, WORK, Dimension, divide, readable
from .document import Figure, Html
from .drawing import INK, PALETTE, PAPER, QUIET, RULE, WIDTH, Drawing, Scale, log_ticks, number, text_width, tick_text
from .numbers import shown, sign, size
from .subject import Subject, column_values
from .words import cut, cut_middle

RATE, INTENSITY, BANDWIDTH = divide(WORK, TIME), divide(WORK, DATA), divide(DATA, TIME)
_LABELS = 6
_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Point:
    """Layers at one place: the name of the first, arithmetic intensity, attained rate, time, all in base units."""

    name: str
    intensity: float
    rate: float
    time: float
    count: int = 1


@dataclass(frozen=True)
class _Roof:
    peak: float
    bandwidth: float

    @property
    def ridge(self) -> float:
        return self.peak / self.bandwidth

    def at(self, intensity: float) -> float:
        return min(self.peak, intensity * self.bandwidth)


def has_roofline(subject: Subject, model: str) -> bool:
    """Whether a model says how much work, traffic and time each layer has."""
    columns = _columns(subject, subject.sheet.instances[model]) if model in subject.sheet.instances else {}
    return {"work", "dram_bytes", "time"} <= columns.keys() and {"compute", "memory"} <= columns.keys()


def roofline(subject: Subject, model: str) -> Figure | None:
    instance = subject.sheet.instances.get(model)
    if instance is None or not has_roofline(subject, model):
        return None
    columns = _columns(subject, instance)
    work, data, time = columns["work"], columns["dram_bytes"], columns["time"]
    roof = _roof(work, data, columns["compute"], columns["memory"])
    assert instance.table is not None
    rows = subject.sheet.tables[instance.table].rows
    layers = [
        _Point(rows[i].name, work[i] / data[i], work[i] / time[i], time[i])
        for i in range(len(rows))
        if work[i] > 0 and data[i] > 0 and time[i] > 0
    ]
    points = _gathered(layers)
    if roof is None or not points:
        return None
    bound = sum(1 for p in layers if p.intensity < roof.ridge)
    peak, ridge = _said(subject, roof.peak, RATE), _said(subject, roof.ridge, INTENSITY)
    name = cut(model, 60)
    without = sum(1 for row in rows if row.role == "layer") - len(layers)
    alt = (
        f"Roofline of {name}: peak {peak}, bandwidth {_said(subject, roof.bandwidth, BANDWIDTH)}, ridge point {ridge}; "
        f"of {len(layers)} layers {bound} lie below the ridge point, memory-bound."
    )
    caption = f"Roofline of {name}; larger marks take more of the time"
    if without > 0:
        caption += f"; {without} rows without work or traffic are left out"
    return Figure(_draw(roof, points, alt, peak, ridge), caption, alt)


def _gathered(layers: Sequence[_Point]) -> list[_Point]:
    """Layers that would be drawn on one spot, as one point with their time together; the largest first."""
    spots: dict[tuple[float, float], list[_Point]] = {}
    for layer in layers:
        spots.setdefault((round(math.log(layer.intensity), 2), round(math.log(layer.rate), 2)), []).append(layer)
    made = [
        _Point(
            max(found, key=lambda p: p.time).name,
            found[0].intensity,
            found[0].rate,
            sum(p.time for p in found),
            len(found),
        )
        for found in spots.values()
    ]
    return sorted(made, key=lambda p: -p.time)


def _said(subject: Subject, value: float, dimension: Dimension) -> str:
    return shown(subject.typed, value, Quantity(dimension))


_WANTED = {"work": WORK, "dram_bytes": DATA, "time": TIME, "compute": TIME, "memory": TIME}


def _columns(subject: Subject, instance: Instance) -> dict[str, list[float]]:
    """The columns that a roofline reads, by name and dimension."""
    if instance.table is None:
        return {}
    table = subject.sheet.tables[instance.table]
    found = {}
    for name, dimension in _WANTED.items():
        kind = subject.typed.column_types.get((table.id, name))
        if isinstance(kind, Quantity) and kind.dimension == dimension:
            found[name] = [size(v) for v in column_values(subject, table, name)]
    return found


def _roof(
    work: Sequence[float], data: Sequence[float], compute: Sequence[float], memory: Sequence[float]
) -> _Roof | None:
    """The roof that the times of the layers tell of."""
    peaks = [w / c for w, c in zip(work, compute, strict=True) if w > 0 and c > 0]
    rates = [d / m for d, m in zip(data, memory, strict=True) if d > 0 and m > 0]
    return _Roof(max(peaks), max(rates)) if peaks and rates else None


def _draw(roof: _Roof, points: Sequence[_Point], alt: str, peak: str, ridge: str) -> Html:
    left, right, top, bottom = 46.0, WIDTH - 12, 22.0, 186.0
    drawing = Drawing(bottom + 38)
    x_low = min(*(p.intensity for p in points), roof.ridge) / 1.6
    x_high = max(*(p.intensity for p in points), roof.ridge) * 1.6
    y_low, y_high = min(min(p.rate for p in points), roof.peak / 20) / 1.6, roof.peak * 2
    x_unit, y_unit = readable(1.0, INTENSITY), readable(roof.peak, RATE)
    x = Scale(x_unit.from_base(x_low), x_unit.from_base(x_high), left, right, log=True)
    y = Scale(y_unit.from_base(y_low), y_unit.from_base(y_high), bottom, top, log=True)
    for tick in log_ticks(y.low, y.high):
        drawing.line(left, y(tick), right, y(tick), RULE, 0.8)
        drawing.text(left - 6, y(tick) + 3.5, tick_text(tick), anchor="end", fill=QUIET)
    for tick in log_ticks(x.low, x.high):
        drawing.line(x(tick), bottom, x(tick), bottom + 4, INK, 0.8)
        drawing.text(x(tick), bottom + 15, tick_text(tick), anchor="middle", fill=QUIET)
    drawing.line(left, bottom, right, bottom, INK, 0.8)
    drawing.text(0, top - 9, f"attained ({sign(y_unit.text)})", bold=True)
    drawing.text(
        (left + right) / 2, bottom + 31, f"arithmetic intensity ({sign(x_unit.text)})", anchor="middle", bold=True
    )

    def place(intensity: float, rate: float) -> tuple[float, float]:
        return x(x_unit.from_base(intensity)), y(y_unit.from_base(rate))

    start = max(x_low, y_low / roof.bandwidth)
    bend = place(roof.ridge, roof.peak)
    corners = [place(start, roof.at(start)), bend, place(x_high, roof.peak)]
    drawing.line(bend[0], bend[1], bend[0], bottom, QUIET, 0.8, "3 3")
    drawing.path("M" + "L".join(f"{number(a)} {number(b)}" for a, b in corners), stroke=INK, width=1.8, round_=True)
    drawing.text(bend[0] + 5, bottom - 6, f"ridge {ridge}", fill=QUIET)
    memory, compute = PALETTE[1], PALETTE[0]
    places = [place(p.intensity, p.rate) for p in points]
    total = sum(p.time for p in points)
    radii = [max(2.6, 13 * math.sqrt(p.time / total)) for p in points]
    said = f"peak {peak}"
    near = [radius for (a, _), radius in zip(places, radii, strict=True) if a + radius > right - text_width(said) - 8]
    above = bend[1] - 5 - max(near, default=2)
    title = (right - text_width(said) - 4, above - 9, right, above + 2)
    drawing.bars([(title[0], title[1], title[2] - title[0], title[3] - title[1])], PAPER)
    drawing.text(right, above, said, anchor="end", bold=True)
    for point, (a, b), radius in zip(points, places, radii, strict=True):
        if point.intensity < roof.ridge:
            drawing.diamond(a, b, radius, memory)
        else:
            drawing.dot(a, b, radius, compute)
    _legend(drawing, right, memory, compute)
    taken = [(a - r, b - r, a + r, b + r) for (a, b), r in zip(places, radii, strict=True)]
    taken += [(a - 2, b - 2, a + 2, b + 2) for a, b in _along([(bend[0], bottom), bend]) + _along(corners)]
    _labels(drawing, points, places, radii, (left, right, top, bottom), [*taken, title])
    return drawing.svg(alt)


def _legend(drawing: Drawing, right: float, memory: str, compute: str) -> None:
    entries = (("memory-bound", memory), ("compute-bound", compute))
    x = right - sum(text_width(text) + 26 for text, _ in entries) + 10
    for text, colour in entries:
        if colour == memory:
            drawing.diamond(x, 9, 3.6, colour)
        else:
            drawing.dot(x, 9, 3.4, colour)
        drawing.text(x + 8, 12.5, text)
        x += text_width(text) + 26


def _labels(
    drawing: Drawing,
    points: Sequence[_Point],
    places: Sequence[tuple[float, float]],
    radii: Sequence[float],
    frame: _Box,
    taken: list[_Box],
) -> None:
    """Names of the extreme layers, each where it covers no other mark; one without such a place has none."""
    left, right, top, bottom = frame
    for index in _extreme(points):
        point = points[index]
        text = cut_middle(point.name, 26) + (f" and {point.count - 1} more" if point.count > 1 else "")
        (a, b), r = places[index], radii[index]
        wide = text_width(text, 9.5) + 2
        for dx, dy in (
            (r + 4, 4), (-r - 4, 4), (r + 4, 16), (r + 4, -8), (-r - 4, 16), (-r - 4, -8), (0, r + 14), (0, -r - 8),
            (0, r + 26), (r + 10, 28), (-r - 10, 28),
        ):  # fmt: skip
            x1 = a + dx if dx > 0 else a + dx - wide if dx < 0 else a - wide / 2
            box = (x1, b + dy - 9, x1 + wide, b + dy + 2)
            inside = left <= box[0] and box[2] <= right and top <= box[1] and box[3] <= bottom - 2
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                drawing.bars([(box[0], box[1], box[2] - box[0], box[3] - box[1])], PAPER)
                drawing.text(x1 + 1, b + dy, text, fill=QUIET, size=9.5)
                break


def _along(corners: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places along the roof, close enough that a label cannot slip between."""
    found = []
    for (a, b), (c, d) in pairwise(corners):
        steps = max(1, int(math.hypot(c - a, d - b) / 4))
        found += [(a + (c - a) * i / steps, b + (d - b) * i / steps) for i in range(steps + 1)]
    return found


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _extreme(points: Sequence[_Point]) -> list[int]:
    """Layers worth a name: the slowest ones, and the ends of both axes."""
    order = range(len(points))
    chosen = [
        max(order, key=lambda i: points[i].time),
        min(order, key=lambda i: points[i].intensity),
        min(order, key=lambda i: points[i].rate),
        max(order, key=lambda i: points[i].intensity),
        *sorted(order, key=lambda i: -points[i].time)[1:4],
    ]
    return list(dict.fromkeys(chosen))[:_LABELS]
