"""A cell against an input: evaluated over the input's range, steps drawn as steps, the point of this report marked."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..evaluate.show import shown_unit
from ..sheet.formula import Formula
from ..sheet.keys import InputKey
from ..sheet.report import ChartItem, Shown
from ..sheet.sheet import Bounds, Quantity
from ..symbolic import ClosedForm
from ..units import UNLIMITED, Unit
from .document import Figure, Html
from .drawing import (
    INK,
    MARK,
    PALETTE,
    WIDTH,
    Drawing,
    Scale,
    input_axis,
    legend,
    linear_ticks,
    log_ticks,
    number,
    text_width,
    value_axis,
)
from .numbers import axis_unit, common_unit, shown, sign, size
from .subject import Subject
from .words import cut, listed

_POINTS, _FEWEST = 40, 8
_ENTRIES = 1_000_000
"""About so many entries of columns are evaluated for one chart."""
_MOST_STEPS = 120
_DECADES = 8.0
"""From this ratio of the ends of a range on, its axis is logarithmic."""
_BELOW = 1 - 1e-9
_LITTLE = 0.01


@dataclass(frozen=True)
class _Span:
    low: float
    high: float
    log: bool
    multiple: float | None


def staircase(subject: Subject, item: ChartItem) -> Figure | None:
    key = item.over
    if key is None or not item.cells or key not in subject.by_key:
        return None
    source = subject.by_key[key]
    current = subject.values.input(key)
    if isinstance(current, (bool, str)) or not isinstance(subject.input_type(key), Quantity):
        return None
    first = subject.dimension(item.cells[0].formula)
    cells = [c for c in item.cells if subject.dimension(c.formula) == first]
    steps = _steps(subject, cells, key)
    jumps = list(steps)
    span = _span(subject, source.bounds, float(current), _telling(steps))
    xs, curves = _curves(subject, [c.formula for c in cells], key, span, float(current), jumps)
    chosen = next((c.unit or shown_unit(subject.typed, c.formula) for c in cells), None)
    kept = [v for curve in curves for v in curve if not math.isnan(v) and abs(v) < UNLIMITED / 10]
    if not kept:
        return None
    y_unit = axis_unit(max(map(abs, kept)), first, chosen)
    x_unit = _input_unit(subject, key, span.high)
    here = [size(subject.value(c.formula)) for c in cells]
    name, text = cut(source.path, 40), listed([cut(c.text, 60) for c in cells])
    at = shown(subject.typed, current, subject.input_type(key), x_unit)
    reached = listed([f"{cut(c.text, 60)} = {subject.say(c)}" for c in cells])
    alt = (
        f"{text} against {name}, from {shown(subject.typed, span.low, subject.input_type(key), x_unit)} to "
        f"{shown(subject.typed, span.high, subject.input_type(key), x_unit)}. At {name} = {at}: {reached}."
    )
    svg = _draw(
        span, xs, curves, float(current), here, x_unit, y_unit, name, [cut(c.text, 40) for c in cells],
        f"{at}: {subject.say(cells[0])}", alt,
    )  # fmt: skip
    return Figure(svg, f"{text} against {name}; the dot marks this report’s point", alt)


def _input_unit(subject: Subject, key: InputKey, high: float) -> Unit | None:
    kind = subject.input_type(key)
    return subject.input_unit(subject.by_key[key]) or common_unit(
        [high], kind.dimension if isinstance(kind, Quantity) else None, None
    )


def _steps(subject: Subject, cells: Sequence[Shown], key: InputKey) -> dict[float, float]:
    """Where the curves step or kink, as their closed forms say, and how far they step there."""
    found: dict[float, float] = {}
    for cell in cells:
        form = subject.closed(cell.formula, (subject.path(key),), cell.text)
        if isinstance(form, ClosedForm):
            for point in form.breakpoints:
                found[point.at] = max(found.get(point.at, 0.0), abs(point.above - point.below))
    return dict(sorted(found.items()))


def _telling(steps: Mapping[float, float]) -> list[float]:
    """The steps between which nearly all of the change happens: an axis does not reach out for a tiny first one."""
    kept = list(steps)
    little = _LITTLE * sum(steps.values())
    for end in (0, -1):
        lost = 0.0
        while len(kept) > 1 and lost + steps[kept[end]] <= little:
            lost += steps[kept.pop(end)]
    return kept


def _span(subject: Subject, bounds: Bounds | None, current: float, jumps: Sequence[float]) -> _Span:
    """The range that the input declares, without the ends where nothing happens any more."""

    def bound(formula: object) -> float | None:
        value = subject.value(formula) if formula is not None else None  # type: ignore[arg-type]
        return None if value is None or isinstance(value, (bool, str)) else float(value)

    low = bound(bounds.low) if bounds else None
    high = bound(bounds.high) if bounds else None
    multiple = bound(bounds.multiple) if bounds else None
    if low is None:
        low = current / 16 if current > 0 else current - 1
    if high is None or high >= UNLIMITED / 10:
        high = current * 16 if current > 0 else max(current + 1, 2 * max(jumps, default=1.0))
    inside = [j for j in jumps if low < j < high]
    if inside:
        low = max(low, min(inside[0], current or inside[0]) / 2)
        high = min(high, 2 * max(inside[-1], current))
    log = low > 0 and high / low >= _DECADES
    if low <= 0 and not inside:
        log = False
    return _Span(low, max(high, low + 1e-12 * abs(low) + 1e-300), log, multiple)


def _points_for(subject: Subject) -> int:
    """How many points a curve has: fewer where each evaluates a large sheet."""
    entries = sum(len(table.rows) * len(table.columns) for table in subject.sheet.tables.values())
    return max(_FEWEST, min(_POINTS, _ENTRIES // max(entries, 1)))


def _curves(
    subject: Subject, formulas: Sequence[Formula], key: InputKey, span: _Span, current: float, jumps: Sequence[float]
) -> tuple[list[float], list[list[float]]]:
    """The curves: the ends of each piece between two steps, and points between where a piece is not level."""
    most = _points_for(subject)
    found: dict[float, list[float]] = {}

    def evaluate(points: Iterable[float]) -> None:
        new = [p for p in dict.fromkeys(points) if p not in found and span.low <= p <= span.high]
        for point, *values in zip(new, *subject.curves(formulas, key, new), strict=True):
            found[point] = values

    if span.multiple:
        first, last = math.ceil(span.low / span.multiple), math.floor(span.high / span.multiple)
        stride = max(1, math.ceil((last - first + 1) / most))
        evaluate(i * span.multiple for i in range(first, last + 1, stride))
        evaluate(j + d for j in jumps[:_MOST_STEPS] for d in (-span.multiple, 0.0))
    else:
        ends = [span.low, *(j for j in jumps if span.low < j < span.high), span.high]
        if len(ends) > _MOST_STEPS:
            ends = [*ends[:: math.ceil(len(ends) / _MOST_STEPS)], span.high]
        pieces = list(pairwise(ends))
        evaluate(end for low, high in pieces for end in (low, high * _BELOW))
        uneven = [(low, high) for low, high in pieces if found[low] != found[high * _BELOW]]
        between = max(1, most // max(len(uneven), 1))
        for low, high in uneven:
            evaluate(_between(low, high, i / (between + 1), span.log) for i in range(1, between + 1))
        evaluate([span.high])
    evaluate([current])
    xs = sorted(found)
    return xs, [[found[x][i] for x in xs] for i in range(len(formulas))]


def _between(low: float, high: float, share: float, log: bool) -> float:
    return low * (high / low) ** share if log else low + (high - low) * share


def _draw(
    span: _Span, xs: Sequence[float], curves: Sequence[Sequence[float]], current: float, here: Sequence[float],
    x_unit: Unit | None, y_unit: Unit | None, name: str, labels: Sequence[str], note: str, alt: str,
) -> Html:  # fmt: skip
    left, right, top, bottom = 46.0, WIDTH - 12, 28.0, 156.0
    drawing = Drawing(bottom + 38)
    to_x: Callable[[float], float] = x_unit.from_base if x_unit else float
    to_y: Callable[[float], float] = y_unit.from_base if y_unit else float
    heights = [to_y(v) for curve in curves for v in curve if not math.isnan(v)]
    ticks = linear_ticks(min(0.0, *heights), max(*heights, 0.0) or 1.0)
    x = Scale(to_x(span.low), to_x(span.high), left, right, span.log)
    y = Scale(ticks[0], ticks[-1], bottom, top)
    value_axis(drawing, y, ticks, left, right, sign(y_unit.text) if y_unit else "")
    binary = x_unit is not None and "i" in x_unit.text
    across = log_ticks(x.low, x.high, binary) if span.log else [
        t for t in linear_ticks(x.low, x.high, 8) if x.low <= t <= x.high
    ]  # fmt: skip
    unit = sign(x_unit.text) if x_unit else ""
    input_axis(drawing, x, across, bottom, f"{name} ({unit})" if unit else name)
    for curve, colour in zip(reversed(curves), reversed([PALETTE[i % 6] for i in range(len(curves))]), strict=True):
        points = [(x(to_x(a)), y(to_y(b))) for a, b in zip(xs, curve, strict=True) if not math.isnan(b)]
        drawing.path(_polyline(points), stroke=colour, width=2, round_=True)
    if span.low <= current <= span.high:
        at = x(to_x(current))
        drawing.line(at, bottom, at, top, MARK, 0.8, "3 3")
        for value in here:
            drawing.dot(at, y(to_y(value)), 4, MARK)
        if len(curves) == 1:
            beside = at + 9 + text_width(note) < right
            higher = y(to_y(here[0]))
            clear = _room(xs, curves[0], to_x, to_y, x, y, at, beside, text_width(note))
            drawing.text(
                at + 9 if beside else at - 9, max(min(higher, clear) - 9, top + 4), note,
                anchor="start" if beside else "end", fill=MARK, bold=True,
            )  # fmt: skip
    if len(curves) > 1:
        legend(drawing, [(text, PALETTE[i % 6]) for i, text in enumerate(labels)], right, 12)
    else:
        drawing.text(right, 12, labels[0], anchor="end", fill=INK)
    return drawing.svg(alt)


def _room(
    xs: Sequence[float], curve: Sequence[float], to_x: Callable[[float], float], to_y: Callable[[float], float],
    x: Scale, y: Scale, at: float, beside: bool, wide: float,
) -> float:  # fmt: skip
    """The highest place of a curve where a label of some width would lie beside its point."""
    first, last = (at, at + 9 + wide) if beside else (at - 9 - wide, at)
    places = [x(to_x(v)) for v in xs]
    start = max(bisect_right(places, first) - 1, 0)
    near = [y(to_y(v)) for p, v in zip(places[start:], curve[start:], strict=True) if p <= last and not math.isnan(v)]
    return min(near, default=y.end)


def _polyline(points: Sequence[tuple[float, float]]) -> str:
    """A path without the points that lie on a line between their neighbours."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if len(kept) > 1 and _on_line(kept[-2], kept[-1], point):
            kept[-1] = point
        else:
            kept.append(point)
    return "M" + "L".join(f"{number(a)} {number(b)}" for a, b in kept) if len(kept) > 1 else ""


def _on_line(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return abs((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])) < 1e-3
