"""A cell against an input: evaluated over the input's range, steps drawn as steps, the point of this report marked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..evaluate.show import shown_unit
from ..presentation import Probe
from ..presentation.charts import Curve
from ..presentation.in_words import called, input_called
from ..presentation.words import cut
from ..sheet.formula import Formula
from ..sheet.input_keys import InputKey
from ..sheet.report import Shown
from ..sheet.sheet import Bounds, Input, Quantity
from ..symbolic import ClosedForm
from ..symbolic.searched import rests_on_found
from ..units import UNLIMITED, Unit
from .document import Figure
from .figures import figure_of
from .numbers import form, size
from .portable.staircase import Curves, StaircaseAsk, draw_staircase
from .subject import Subject

_POINTS, _FEWEST = 40, 8
_ENTRIES = 1_000_000
"""About so many entries of columns are evaluated for one chart."""
_MOST_STEPS = 120
_DECADES = 8.0
"""From this ratio of the ends of a range on, its axis is logarithmic."""
_BELOW = 1 - 1e-9
_LITTLE = 0.01
_NAME = 64
"""The longest name in a legend."""


@dataclass(frozen=True)
class _Span:
    low: float
    high: float
    log: bool
    multiple: float | None


def staircase(subject: Subject, chart: Curve) -> tuple[Figure, ...]:
    """Cells of one dimension in one drawing."""
    cells, key, current = chart.cells, chart.over, float(subject.values.input(chart.over))
    source, kind = subject.by_key[key], subject.input_type(key)
    assert isinstance(kind, Quantity)
    # Where a search stands behind a curve, each point is one, and no closed form says where it steps.
    searched = any(rests_on_found(subject.sheet, cell.formula) for cell in cells)
    steps = {} if searched else _steps(subject, cells, key)
    most = _FEWEST if searched else _points_for(subject)
    span = _asked(subject, chart, source.bounds, current, _telling(steps))
    places, lines = _curves(subject, [c.formula for c in cells], key, span, current, list(steps), most)
    if not any(not math.isnan(v) and abs(v) < UNLIMITED / 10 for line in lines for v in line):
        return ()
    chosen = next((c.unit or shown_unit(subject.typed, c.formula) for c in cells), None)
    unit: Unit | None = subject.input_unit(source)
    ask = StaircaseAsk(
        *_in_words(subject, cells, source),
        form(subject.typed, subject.typed.type_of(cells[0].formula), chosen), form(subject.typed, kind, unit),
        span.low, span.high, span.log, unit is not None and "i" in unit.text, span.multiple or 0.0,
    )  # fmt: skip
    here = tuple(size(subject.value(c.formula)) for c in cells)
    curves = Curves(current, here, tuple(places), tuple(tuple(line) for line in lines))
    probes = [Probe(c.formula) for c in cells]
    view = subject.views.add(draw_staircase, ask, probes, source.path)
    return (figure_of(draw_staircase(ask, curves), view),)


def _in_words(
    subject: Subject, cells: Sequence[Shown], source: Input
) -> tuple[str, tuple[str, ...], str, tuple[str, ...]]:
    """The input and the cells as axis and legend call them, what the cells have in common, and the spec's names."""
    what, names = called(subject.sheet, cells)
    over = cut(input_called(source), 48)
    codes = (*(cut(cell.text, 40) for cell in cells), cut(source.path, 40))
    return over, tuple(cut(name, _NAME) for name in names), cut(what, 60), codes


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


def _asked(subject: Subject, chart: Curve, bounds: Bounds | None, current: float, jumps: Sequence[float]) -> _Span:
    """The range that the author asks for, else that of the input."""
    multiple = _bound(subject, bounds.multiple) if bounds else None
    if chart.ends is not None:
        first, last = (_bound(subject, end) or 0.0 for end in chart.ends)
        return _Span(first, last, _wide(first, last), multiple)
    low, high = (_bound(subject, bounds.low), _bound(subject, bounds.high)) if bounds else (None, None)
    return _span(low, high, multiple, current, jumps if chart.kind == "staircase" else ())


def _bound(subject: Subject, formula: Formula | None) -> float | None:
    value = subject.value(formula) if formula is not None else None
    return None if value is None or isinstance(value, (bool, str)) else float(value)


def _wide(low: float, high: float) -> bool:
    return low > 0 and high / low >= _DECADES


def _span(
    low: float | None, high: float | None, multiple: float | None, current: float, jumps: Sequence[float]
) -> _Span:
    """The range that the input declares, without the ends where nothing happens any more."""
    if low is None:
        low = current / 16 if current > 0 else current - 1
    if high is None or high >= UNLIMITED / 10:
        high = current * 16 if current > 0 else max(current + 1, 2 * max(jumps, default=1.0))
    inside = [j for j in jumps if low < j < high]
    if inside:
        low = max(low, min(inside[0], current or inside[0]) / 2)
        high = min(high, 2 * max(inside[-1], current))
    return _Span(low, max(high, low + 1e-12 * abs(low) + 1e-300), _wide(low, high), multiple)


def _points_for(subject: Subject) -> int:
    """How many points a curve has: fewer where each evaluates a large sheet."""
    entries = sum(len(table.rows) * len(table.columns) for table in subject.sheet.tables.values())
    return max(_FEWEST, min(_POINTS, _ENTRIES // max(entries, 1)))


def _curves(
    subject: Subject, formulas: Sequence[Formula], key: InputKey, span: _Span, current: float, jumps: Sequence[float],
    most: int,
) -> tuple[list[float], list[list[float]]]:  # fmt: skip
    """The curves: the ends of each piece between two steps, and points between where a piece is not level."""
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
