"""How far a cell follows each input: from the derivative where there is one, and from what a change of it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from ..evaluate import Machine, Values, spread_of
from ..records import record
from ..sheet.formula import UNLIMITED, Formula
from ..sheet.sheet import Input, TypedSheet
from ..symbolic import SymbolicError, closed_form, depends_on
from ..symbolic.axis import Axis, TooMany
from ..symbolic.derivative import NotSmooth, derivative
from ..symbolic.line import along, symbol_of
from ..symbolic.numeric import as_float
from ..symbolic.terms import Poly, Symbol, exact
from .requirements import breaks, checks_on, said

CHANGE = 0.1
"""By how much an input is changed where nothing says otherwise: a tenth of it."""


@record
class Slopes:
    """The derivative of a cell in an input, in base units, below and above the input's value; equal where it is smooth.

    None on a side where there is none. `jumps`: the cell steps at the value itself.
    """

    below: float | None
    above: float | None
    jumps: bool

    @property
    def smooth(self) -> bool:
        if self.below is None or self.above is None or self.jumps:
            return False
        return abs(self.below - self.above) <= 1e-9 * max(abs(self.below), abs(self.above))


@record
class Next:
    """The nearest value of the input, on one side, at which the cell steps or kinks, and by how much it steps there."""

    at: float
    change: float


@record
class Effect:
    """What one input does to a cell.

    `value` is the input's and `base` the cell's value; `low` and `high` are the input changed, `at_low` and `at_high`
    the cell then (None where it has no value). `elasticity` is the change of the cell in percent for one percent of the
    input, below and above. `source` says where `low` and `high` come from. `exact` is False when the derivative is a
    difference of values. `refused`: what the spec requires that does not hold at `low` or `high`.
    """

    input: Input
    value: float
    base: float
    low: float
    high: float
    at_low: float | None
    at_high: float | None
    source: str
    slopes: Slopes
    elasticity: tuple[float | None, float | None]
    before: Next | None
    after: Next | None
    exact: bool
    refused: Sequence[str]

    @property
    def swing(self) -> float:
        """How far the cell moves."""
        values = [self.base, *(v for v in (self.at_low, self.at_high) if v is not None)]
        return max(values) - min(values)


@record
class Sensitivity:
    """The effects of some inputs on a cell, the largest swing first.

    It rests on `inputs` and not on those `independent`; `skipped` are no number that could change.
    """

    cell: str
    formula: Formula
    base: float
    effects: tuple[Effect, ...]
    inputs: tuple[Input, ...]
    independent: tuple[str, ...]
    skipped: tuple[str, ...]


def sensitivity(
    typed: TypedSheet, machine: Machine, values: Values, formula: Formula, cell: str, inputs: Sequence[Input] = (),
    by: float | None = None,
) -> Sensitivity:  # fmt: skip
    """The effect of inputs (all that the cell rests on, without any) on a cell.

    Each is changed by the share `by`; without it, over its uncertainty, else by a tenth. Raises ArithmeticError where
    the cell has no value.
    """
    base = float(values.formula(formula))
    rests = depends_on(typed, formula)
    asked = list(inputs) or [typed.sheet.inputs[path] for path in rests]
    effects, skipped = [], []
    for item in asked:
        if item.path not in rests:
            continue
        value = values.input(item.key)
        if isinstance(value, (bool, str)) or abs(value) >= UNLIMITED / 10:
            skipped.append(item.path)
            continue
        effects.append(_effect(typed, machine, values, formula, cell, item, float(value), base, by))
    independent = tuple(item.path for item in asked if item.path not in rests)
    below = tuple(item for item in asked if item.path in rests)
    return Sensitivity(cell, formula, base, by_swing(effects), below, independent, tuple(skipped))


def by_swing(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """The largest swing first; equal ones, but for their rounding, in the order given."""
    return tuple(sorted(effects, key=lambda effect: -float(f"{effect.swing:.8e}")))


def _effect(
    typed: TypedSheet, machine: Machine, values: Values, formula: Formula, cell: str, item: Input, value: float,
    base: float, by: float | None,
) -> Effect:  # fmt: skip
    checks = checks_on(typed.sheet, [item.key])
    refused: dict[str, None] = {}

    def at(x: float) -> float | None:
        broken = breaks(machine, typed.sheet, checks, {**values.overrides, item.key: x})
        if broken:
            refused[said(broken[0])] = None
            return None
        found = float(machine.value(formula, {**values.overrides, item.key: x}))
        return found if math.isfinite(found) else None

    low, high, source = ends_of(values, item, value, by)
    at_low, at_high = at(low), at(high)
    refusals = tuple(refused)
    slopes, before, after, is_exact = Slopes(None, None, jumps=False), None, None, True
    try:
        form = closed_form(typed, machine, values, formula, [item.path], cell)
        point = {path: exact(number) for path, number in form.point.items()}
        axis, restriction = along(form.space, point, item.path)
        local = _Local(axis, restriction.poly(form.poly), point[item.path], symbol_of(form.space, item.path))
        slopes, before, after = local.slopes(), local.next(-1), local.next(1)
    except (SymbolicError, TooMany, NotSmooth, ArithmeticError):
        is_exact = False
        slopes = _differences(at, value, base)
    return Effect(
        item, value, base, low, high, at_low, at_high, source, slopes, elasticities(slopes, value, base), before,
        after, is_exact, refusals,
    )  # fmt: skip


def elasticities(slopes: Slopes, value: float, base: float) -> tuple[float | None, float | None]:
    """The slopes below and above, in percent of the cell for one percent of the input; None where there is none."""
    if not base:
        return None, None
    scale = value / base
    below = slopes.below * scale + 0.0 if slopes.below is not None else None
    above = slopes.above * scale + 0.0 if slopes.above is not None else None
    return below, above


def _differences(at: Callable[[float], float | None], value: float, base: float) -> Slopes:
    """The slopes as differences of values, where the closed form does not tell them."""
    step = abs(value) * 1e-6 or 1e-6
    below, above = at(value - step), at(value + step)
    return Slopes(
        (base - below) / step if below is not None else None, (above - base) / step if above is not None else None,
        jumps=False,
    )  # fmt: skip


# ---- how far an input is changed ------------------------------------------------------------------------------------


def ends_of(values: Values, item: Input, value: float, by: float | None) -> tuple[float, float, str]:
    """The lower and the higher value of an input, and where they come from: both are admissible."""
    spread = spread_of(values, item) if by is None else None
    if spread is not None:
        low, high = spread.ends
        source = "its uncertainty" if spread.low is not None else "5 % to 95 % of its distribution"
    else:
        share = CHANGE if by is None else by
        low, high = value - abs(value) * share, value + abs(value) * share
        source = f"±{share * 100:g} %"
    if item.bounds is not None and item.bounds.one_of and (spread is None or spread.kind != "one of"):
        source = "the next of its values"
    return (*_admissible(values, item, value, low, high), source)


def _admissible(values: Values, item: Input, value: float, low: float, high: float) -> tuple[float, float]:
    bounds = item.bounds
    if bounds is None:
        return low, high

    def number(formula: Formula | None, other: float) -> float:
        return float(values.formula(formula)) if formula is not None else other

    if bounds.one_of:
        choices = sorted([float(values.formula(choice)) for choice in bounds.one_of])
        below, above = [c for c in choices if c < value], [c for c in choices if c > value]
        return (below[-1] if below else value), (above[0] if above else value)
    least, most = number(bounds.low, -math.inf), number(bounds.high, math.inf)
    if bounds.multiple is not None:
        step = number(bounds.multiple, 0.0)
        low = min(math.ceil(low / step - 1e-9) * step, value - step)
        high = max(math.floor(high / step + 1e-9) * step, value + step)
        least = math.ceil(least / step) * step if math.isfinite(least) else least
        most = math.floor(most / step) * step if math.isfinite(most) else most
    return max(low, least), min(high, most)


# ---- around one value -----------------------------------------------------------------------------------------------


class _Local:
    """A closed form along one input, around the input's value."""

    def __init__(self, axis: Axis, line: Poly, x: Fraction, symbol: Symbol) -> None:
        self.axis = axis
        self.line = line
        self.x = x
        self.symbol = symbol
        self.points = axis.points(line)

    def slopes(self) -> Slopes:
        here = self.axis.at(self.x).value(self.line)
        found: list[float | None] = []
        jumps = False
        for side in (-1, 1):
            piece = self._piece(side)
            if piece is None:
                found.append(None)
                continue
            limit = self.axis.at(self.x).value(piece)
            jumps = jumps or abs(limit - here) > max(abs(limit), abs(here)) / 10**12
            found.append(as_float(self.axis.at(self.x).value(derivative(self.axis.space, piece, self.axis.symbol))))
        return Slopes(found[0], found[1], jumps)

    def _piece(self, side: int) -> Poly | None:
        """The smooth piece just below or just above the value; None beyond the range."""
        end = self.symbol.low if side < 0 else self.symbol.high
        if (self.x <= end) if side < 0 else (self.x >= end):
            return None
        beside = [p for p in self.points if (p < self.x if side < 0 else p > self.x)]
        nearest = (max if side < 0 else min)(beside, default=end)
        return self.axis.piece(self.line, self._between(self.x, nearest))

    def next(self, side: int) -> Next | None:
        """The nearest change on one side, inside the input's range."""
        near = self._piece(side)
        if near is None:
            return None
        step = self._step(self.x, near, None)
        if step is not None:
            return Next(step.at, -step.change)
        end = self.symbol.low if side < 0 else self.symbol.high
        inside = [p for p in self.points if self.symbol.low <= p <= self.symbol.high]
        ahead = [p for p in inside if p > self.x] if side > 0 else [p for p in reversed(inside) if p < self.x]
        for i, p in enumerate(ahead):
            beyond = ahead[i + 1] if i + 1 < len(ahead) else end
            far = self.axis.piece(self.line, self._between(p, beyond)) if beyond != p else None
            step = self._step(p, near, far)
            if step is not None:
                return step
            near = far if far is not None else near
        return None

    def _step(self, p: Fraction, near: Poly, far: Poly | None) -> Next | None:
        """What changes at a point between two pieces, or at the last point of a range; nothing that has no value."""
        at = self.axis.at(p)
        try:
            before, here = at.value(near), at.value(self.line)
            after = at.value(far) if far is not None else here
        except ArithmeticError:
            return None
        smooth = abs(before - here) <= abs(here) / 10**12 and (far is None or far.key == near.key)
        change = after - before
        if abs(change) <= max(abs(after), abs(before)) / 10**12:  # at a root that is no fraction
            change = Fraction(0)
        return None if smooth else Next(as_float(p), as_float(change))

    def _between(self, a: Fraction | float, b: Fraction | float) -> Fraction:
        return self.axis.middle(min(a, b), max(a, b))
