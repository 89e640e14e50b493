"""The smallest change of one input by which a requirement would hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from ..records import record
from ..sheet.formula import UNLIMITED, Formula
from ..sheet.sheet import Check, Input, Quantity, TypedSheet
from ..sheet.uses import Reads
from .machine import Machine, Overrides, Values
from .show import show, unit_written

_INPUTS = 24
_FACTORS = (1.25, 2.0, 8.0, 64.0, 4096.0)
_HALVINGS = 24
_NAMED = 3

Holds = Callable[[float], bool]


@record
class Mend:
    """An input, what it is, and the nearest value on one side of it at which the requirement holds."""

    item: Input
    now: float
    then: float

    @property
    def size(self) -> float:
        return abs(math.log(self.then / self.now))


def mends(typed: TypedSheet, machine: Machine, values: Values, check: Check) -> tuple[Mend, ...]:
    """Single changes that mend a requirement over cells, the smallest first; none that breaks another of its owner."""
    rest = [c.condition for c in typed.sheet.checks if c.owner == check.owner and c.table is None and c is not check]
    others = [c for c in rest if _holds(machine, (c,), values.overrides)]
    keys = Reads(typed.sheet).inputs_of(check.condition)
    found = []
    for item in [i for i in typed.sheet.inputs.values() if i.key in keys][:_INPUTS]:
        now = values.input(item.key)
        if isinstance(now, (bool, str)) or not 0 < now < UNLIMITED / 10:
            continue
        required = (check.condition, *others)
        then = _nearest(values, item, float(now), partial(_at, machine, values, required, item))
        if then is not None:
            found.append(Mend(item, float(now), then))
    # A cell with a constant is an input too, but not one that its author meant to be changed.
    return tuple(sorted(found, key=lambda mend: (mend.item.role == "cell", mend.size)))


def mending(typed: TypedSheet, found: Sequence[Mend]) -> str:
    """`it would hold with `step.wgt` at most 9.07 bit (16 bit now)`; empty when nothing mends it."""
    said = []
    meant = [mend for mend in found if mend.item.role != "cell"]
    for mend in (meant or found)[:_NAMED]:
        kind = _kind(typed, mend.item)
        unit = unit_written(mend.item.formula) or mend.item.shown
        if unit is not None and isinstance(kind, Quantity) and unit.dimension != kind.dimension:
            unit = None
        scale = float(unit.scale) if unit is not None else 1.0
        then = _rounded(mend.then / scale, up=mend.then > mend.now) * scale
        side = "at least" if mend.then > mend.now else "at most"
        said.append(
            f"`{mend.item.path}` {side} {show(typed, then, kind, unit)} ({show(typed, mend.now, kind, unit)} now)"
        )
    return "it would hold with " + ", or with ".join(said) if said else ""


def _kind(typed: TypedSheet, item: Input) -> Quantity:
    key = item.key
    kind = typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]
    return kind if isinstance(kind, Quantity) else Quantity(None)


def _rounded(value: float, up: bool) -> float:
    """To four digits, towards the side on which the requirement holds; whole numbers stay."""
    if value == round(value):
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 3)
    return (math.ceil(value / step) if up else math.floor(value / step)) * step


def _at(machine: Machine, values: Values, conditions: Sequence[Formula], item: Input, value: float) -> bool:
    return _holds(machine, conditions, {**values.overrides, item.key: value})


def _holds(machine: Machine, conditions: Sequence[Formula], overrides: Overrides) -> bool:
    return all(machine.value(condition, overrides) is True for condition in conditions)


def _nearest(values: Values, item: Input, now: float, holds: Holds) -> float | None:
    """The value nearest to `now`, by its factor, at which a condition holds, in the range that the input declares."""
    low, high, step = _range(values, item)
    sides = []
    for up in (True, False):
        inner = now
        for factor in _FACTORS:
            outer = now * factor if up else now / factor
            if step:
                outer = round(outer / step) * step
            if not low <= outer <= high:
                outer = high if up else low
            if not 0 < outer < UNLIMITED / 10 or outer == inner:
                break
            if holds(outer):
                sides.append(_between(inner, outer, step, holds))
                break
            inner = outer
    return min(sides, key=lambda value: abs(math.log(value / now))) if sides else None


def _between(fails: float, works: float, step: float, holds: Holds) -> float:
    """The place between a value that fails and one that works where that changes, on the side that works."""
    for _ in range(_HALVINGS):
        middle = math.sqrt(fails * works)
        if step:  # an input that comes in steps is asked at those only
            middle = round(middle / step) * step
            if middle in (fails, works):
                middle = round((fails + works) / 2 / step) * step
            if middle in (fails, works):
                break
        if holds(middle):
            works = middle
        else:
            fails = middle
    return works


def _range(values: Values, item: Input) -> tuple[float, float, float]:
    bounds = item.bounds
    if bounds is None:
        return 0.0, math.inf, 0.0
    if bounds.one_of:
        return math.inf, -math.inf, 0.0
    low, high, step = (
        float(values.formula(end)) if end is not None else none
        for end, none in ((bounds.low, 0.0), (bounds.high, math.inf), (bounds.multiple, 0.0))
    )
    return low, high, max(step, 1.0) if bounds.whole and not step else step
