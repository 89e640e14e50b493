"""Two figures of the rows of a table against each other, and those that no other row beats in both. Portable code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...sheet.operations import Value
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
    input_axis,
    label,
    linear_ticks,
    listed,
    log_ticks,
    polyline,
    shorten,
    tick_text,
)
from .writing import Form, axis_measure, common, sizes

_LABELS = 24
_DECADES = 30.0


@dataclass(frozen=True)
class ParetoAsk:
    """The rows by name, and two columns of them, both better when smaller."""

    names: tuple[str, ...]
    x_title: str
    y_title: str
    x_form: Form
    y_form: Form


def draw_pareto(ask: ParetoAsk, values: Sequence[Sequence[Value | None]]) -> Picture:
    xs, ys = sizes(values[0]), sizes(values[1])
    best = front(xs, ys)
    names = [ask.names[k] for k in best]
    alt = (
        f"{ask.y_title} against {ask.x_title} of {len(xs)} rows. No other row is better in both "
        f"than {listed(names[:12])}{' and others' if len(names) > 12 else ''}."
    )
    table: list[tuple[str | float, ...]] = [
        ("name", f"{ask.x_title} ({ask.x_form.base})", f"{ask.y_title} ({ask.y_form.base})", "on the front")
    ]
    for k in range(len(xs)):
        table.append((ask.names[k], xs[k], ys[k], "yes" if k in best else "no"))
    caption = f"{ask.y_title} against {ask.x_title}; the line joins rows that no other beats in both"
    return Picture(_draw(ask, xs, ys, best, alt), caption, alt, tuple(table))


def front(xs: Sequence[float], ys: Sequence[float]) -> list[int]:
    """The rows that no other row beats in one figure without losing in the other, from left to right."""
    order = sorted(range(len(xs)), key=lambda k: (xs[k], ys[k]))
    found: list[int] = []
    for k in order:
        if not found or ys[k] < ys[found[-1]]:
            found.append(k)
    return found


def _axis(low: float, high: float, start: float, end: float) -> Scale:
    log = low > 0 and high / low >= _DECADES
    if log:
        return Scale(low / 1.3, high * 1.3, start, end, True)
    ticks = linear_ticks(min(0.0, low), high if high > 0 else 1.0)
    return Scale(ticks[0], ticks[-1], start, end)


def _draw(ask: ParetoAsk, xs: Sequence[float], ys: Sequence[float], best: Sequence[int], alt: str) -> str:
    left, right, top, bottom = 46.0, WIDTH - 12, 26.0, 206.0
    drawing = Drawing(bottom + 38)
    x_unit = common(xs, ask.x_form.units)
    y_unit = axis_measure(max([abs(v) for v in ys], default=0.0), ask.y_form.units)
    across, up = [x_unit.from_base(v) for v in xs], [y_unit.from_base(v) for v in ys]
    x = _axis(min(across, default=0.0), max(across, default=1.0), left, right)
    y = _axis(min(up, default=0.0), max(up, default=1.0), bottom, top)
    for tick in log_ticks(y.low, y.high) if y.log else linear_ticks(y.low, y.high):
        drawing.line(left, y.at(tick), right, y.at(tick), RULE, 0.8)
        drawing.text(left - 6, y.at(tick) + 3.5, tick_text(tick), anchor="end", fill=QUIET)
    drawing.text(0, top - 11, f"{ask.y_title} ({y_unit.text})" if y_unit.text else ask.y_title, bold=True)
    ticks = log_ticks(x.low, x.high) if x.log else linear_ticks(x.low, x.high, 8)
    titled = f"{ask.x_title} ({x_unit.text})" if x_unit.text else ask.x_title
    input_axis(drawing, x, [t for t in ticks if x.low <= t <= x.high], bottom, titled)
    places = [(x.at(a), y.at(b)) for a, b in zip(across, up, strict=True)]
    corners: list[tuple[float, float]] = []
    for k in best:
        if corners:
            corners.append((places[k][0], corners[-1][1]))
        corners.append(places[k])
    drawing.path(polyline(corners), stroke=INK, width=1.2, round_=True)
    for k in range(len(places)):
        on = k in best
        drawing.dot(places[k][0], places[k][1], 4.2 if on else 3.2, PALETTE[1] if on else PALETTE[2])
    taken: list[Box] = [(a - 4, b - 4, a + 4, b + 4) for a, b in places]
    others = [k for k in range(len(places)) if k not in best]
    for k in [*best, *others][:_LABELS]:
        label(drawing, shorten(ask.names[k], 26), places[k], 4.0, (left, top, right, bottom), taken)
    return drawing.svg(alt)
