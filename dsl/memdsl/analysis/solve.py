"""Where a condition holds along one input, the others at their values: exactly, from the closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from ..evaluate import Machine, Values
from ..sheet.formula import Apply, Formula
from ..sheet.sheet import Check, Input, TypedSheet
from ..symbolic import SymbolicError, closed_form, depends_on
from ..symbolic.axis import Axis, TooMany
from ..symbolic.line import along, symbol_of
from ..symbolic.roots import End
from ..symbolic.searched import rests_on_found
from ..symbolic.terms import exact
from .extent import extent
from .requirements import breaks, checks_on, joined, over_cells, said
from .solution import Ended, Interval, Run, Side, Solution, beyond
from .trial import by_trial

MOST_POINTS = 20_000
"""Points at which a condition may change, and admissible values that are tried one by one."""
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def solve(typed: TypedSheet, machine: Machine, values: Values, condition: Formula, item: Input, text: str) -> Solution:
    """The values of an input at which a condition over cells holds. SymbolicError says why they cannot be told."""
    now = _now(values, condition)
    point_of = _Point(typed, machine, values, condition, item, checks_on(typed.sheet, [item.key]))
    if item.bounds is not None and item.bounds.one_of:
        choices = tuple(values.formula(choice) for choice in item.bounds.one_of)
        return _chosen(point_of, text, now, choices)
    if isinstance(values.input(item.key), bool):
        return _chosen(point_of, text, now, (False, True))
    if rests_on_found(typed.sheet, point_of.required):
        return by_trial(machine, values, point_of.required, item, text, now)
    form = closed_form(typed, machine, values, point_of.required, [item.path], text)
    assert form.condition is not None
    point = {path: exact(value) for path, value in form.point.items()}
    axis, restriction = along(form.space, point, item.path)
    axis.most = MOST_POINTS
    symbol = symbol_of(form.space, item.path)
    sides = tuple(_sides(typed, machine, values, condition, item, (symbol.low, symbol.high)))
    line = _Line(axis, restriction.condition(form.condition), symbol.low, symbol.high)
    intervals: tuple[Interval, ...] = ()
    runs: tuple[Run, ...] = ()
    if symbol.grain is not None:
        kept, changes = line.multiples(symbol.grain)
        runs = tuple(_runs(kept, symbol.grain))
        every = line.count(symbol.grain)
        endless = math.isinf(every) and len(kept) == 1 and kept[0] == line.ends(symbol.grain)
        always, never = endless or sum(run.count for run in runs) == every, not kept
    else:
        intervals, changes = line.intervals()
        whole = Interval(float(symbol.low), float(symbol.high), True, True)
        always = len(intervals) == 1 and _same(intervals[0], whole)
        never = not intervals
    domain = Interval(
        float(symbol.low), float(symbol.high), isinstance(symbol.low, Fraction), isinstance(symbol.high, Fraction)
    )
    step = float(symbol.grain) if symbol.grain else None
    ended = tuple(point_of.ended(beyond(domain, step, intervals, runs)))
    depends = item.path in depends_on(typed, condition) or not (always or never)
    return Solution(
        text,
        item,
        now,
        depends,
        domain,
        step,
        intervals,
        runs,
        None,
        changes,
        always,
        never,
        axis.numeric,
        sides,
        ended,
    )


class _Point:
    """The condition and what the spec requires, at values of the input."""

    def __init__(
        self, typed: TypedSheet, machine: Machine, values: Values, condition: Formula, item: Input,
        checks: Sequence[Check],
    ) -> None:  # fmt: skip
        self.typed = typed
        self.machine = machine
        self.values = values
        self.condition = condition
        self.item = item
        self.checks = checks
        self.required = joined([condition, *(over_cells(typed.sheet, check) for check in checks)])

    def holds(self, value: float | bool | str) -> bool:
        return self.machine.value(self.condition, {**self.values.overrides, self.item.key: value}) is True

    def broken(self, value: float | bool | str) -> tuple[Check, ...]:
        overrides = {**self.values.overrides, self.item.key: value}
        return breaks(self.machine, self.typed.sheet, self.checks, overrides)

    def ended(self, values: Sequence[float | bool | str]) -> Iterator[Ended]:
        """The first requirement that is broken at each value where the condition itself holds."""
        told: set[str] = set()
        for value in values:
            for check in self.broken(value)[:1] if self.holds(value) else ():
                if said(check) not in told:
                    told.add(said(check))
                    yield Ended(value, said(check))


def _now(values: Values, condition: Formula) -> bool:
    try:
        return bool(values.formula(condition))
    except (ArithmeticError, ValueError, TypeError):
        return False


def _same(one: Interval, other: Interval) -> bool:
    ends = (one.low, one.low_included or math.isinf(one.low), one.high, one.high_included or math.isinf(one.high))
    return ends == (other.low, True, other.high, True)


# ---- a few values ---------------------------------------------------------------------------------------------------


def _chosen(point: _Point, text: str, now: bool, choices: Sequence[float | bool | str]) -> Solution:
    """The choices at which the sheet itself says that the condition holds, and that the spec does not refuse."""
    kept = [choice for choice in choices if point.holds(choice) and not point.broken(choice)]
    numbers = [float(choice) for choice in choices if not isinstance(choice, (bool, str))] or [0.0]
    domain = Interval(min(numbers), max(numbers), True, True)
    same = len(kept) in (0, len(choices))
    return Solution(
        text, point.item, now, not same, domain, None, (), (), tuple(kept), (), len(kept) == len(choices), not kept,
        False, (), tuple(point.ended(choices)),
    )  # fmt: skip


# ---- a line ---------------------------------------------------------------------------------------------------------


class _Line:
    """A condition along an axis, between two ends."""

    def __init__(self, axis: Axis, condition: int, low: End, high: End) -> None:
        self.axis = axis
        self.condition = condition
        self.low = low
        self.high = high

    def holds(self, x: Fraction) -> bool:
        try:
            return self.axis.at(x).holds(self.condition)
        except ArithmeticError:
            return False

    def _pieces(self) -> Iterator[tuple[End, End, bool]]:
        """Points and the open intervals between them, in order, with the truth in each."""
        try:
            points = self.axis.condition_points(self.condition)
        except TooMany:
            message = f"the condition may change at more than {MOST_POINTS:,} values of the input"
            raise SymbolicError(
                "too-many-points", message, "give the input a smaller range, or `multiple of`"
            ) from None
        inner = [x for x in points if self.low < x < self.high]
        ends: list[End] = [self.low, *inner, self.high]
        for start, end in pairwise(ends):
            if isinstance(start, Fraction):
                yield start, start, self.holds(start)
            if start < end:
                yield start, end, self.holds(self.axis.middle(start, end))
        if isinstance(self.high, Fraction):
            yield self.high, self.high, self.holds(self.high)

    def intervals(self) -> tuple[tuple[Interval, ...], tuple[float, ...]]:
        """Where the condition holds, and the values at which its truth changes."""
        found: list[list[object]] = []
        changes: dict[Fraction, None] = {}
        before: bool | None = None
        for start, end, truth in self._pieces():
            if before is not None and truth != before and isinstance(start, Fraction):
                changes[start] = None
            if truth and before:
                found[-1][1], found[-1][3] = end, start == end
            elif truth:
                found.append([start, end, start == end, start == end])
            before = truth
        intervals = [
            Interval(float(low), float(high), bool(low_in), bool(high_in))  # type: ignore[arg-type]
            for low, high, low_in, high_in in found
        ]
        return tuple(intervals), tuple(float(x) for x in changes)

    # ---- multiples ----

    def ends(self, grain: Fraction) -> tuple[int | float, int | float]:
        """The first and the last whole number `k` for which `k * grain` is admissible."""
        first = math.ceil(self.low / grain) if isinstance(self.low, Fraction) else -math.inf
        return first, math.floor(self.high / grain) if isinstance(self.high, Fraction) else math.inf

    def count(self, grain: Fraction) -> int | float:
        first, last = self.ends(grain)
        return last - first + 1

    def multiples(self, grain: Fraction) -> tuple[list[tuple[int | float, int | float]], tuple[float, ...]]:
        """Runs of whole numbers `k`, first and last, for which the condition holds at `k * grain`."""
        first, last = self.ends(grain)
        kept: list[tuple[int | float, int | float]] = []
        try:
            for start, end, truth in self._pieces():
                low = start / grain if isinstance(start, Fraction) else start
                high = end / grain if isinstance(end, Fraction) else end
                inside = start != end
                a = first if not isinstance(low, Fraction) else math.floor(low) + 1 if inside else math.ceil(low)
                b = last if not isinstance(high, Fraction) else math.ceil(high) - 1 if inside else math.floor(high)
                a, b = max(a, first), min(b, last)
                if truth and a <= b:
                    _append(kept, a, b)
        except SymbolicError:
            if not self.count(grain) <= MOST_POINTS:
                raise
            kept.clear()
            for k in range(int(first), int(last) + 1):
                if self.holds(k * grain):
                    _append(kept, k, k)
        changes = dict.fromkeys(k for a, b in kept for k in (a, b + 1) if first < k <= last and isinstance(k, int))
        return kept, tuple(float(k * grain) for k in changes if isinstance(k, int))


def _append(kept: list[tuple[int | float, int | float]], first: int | float, last: int | float) -> None:
    if kept and kept[-1][1] == first - 1:
        kept[-1] = (kept[-1][0], last)
    else:
        kept.append((first, last))


def _runs(kept: Sequence[tuple[int | float, int | float]], grain: Fraction) -> Iterator[Run]:
    for first, last in kept:
        low, high = (float(k * grain) if isinstance(k, int) else k for k in (first, last))
        yield Run(low, high, last - first + 1)


# ---- what it says of the sides --------------------------------------------------------------------------------------


def comparisons(formula: Formula) -> Iterator[Apply]:
    """The comparisons that a condition is made of."""
    if isinstance(formula, Apply):
        if formula.op in _COMPARISONS:
            yield formula
        elif formula.op in ("and", "or", "not"):
            for arg in formula.args:
                yield from comparisons(arg)


def _sides(
    typed: TypedSheet, machine: Machine, values: Values, condition: Formula, item: Input, ends: tuple[End, End]
) -> Iterator[Side]:
    """The sides of the comparisons that change over the input."""
    for comparison in comparisons(condition):
        for side in comparison.args:
            text = " ".join(side.span.source.text[side.span.start : side.span.end].split())
            try:
                form = closed_form(typed, machine, values, side, [item.path], text)
                if form.condition is not None or not form.inputs:
                    continue
                point = {path: exact(value) for path, value in form.point.items()}
                axis, restriction = along(form.space, point, item.path)
                axis.most = MOST_POINTS
                yield Side(text, side, extent(axis, restriction.poly(form.poly), *ends))
            except (SymbolicError, TooMany):
                continue
