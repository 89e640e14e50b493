"""Where a condition holds that rests on a search: no closed form tells, so it is tried, and each change is closed in
on."""

from __future__ import annotations

import math

from ..evaluate import Machine, Values
from ..sheet.formula import Formula
from ..sheet.sheet import Input
from ..symbolic import SymbolicError
from .solution import Interval, Run, Solution

POINTS = 17
"""Values of the range at which the condition is tried first: what changes twice between two of them is missed."""
_CLOSE = 1e-6
"""A change is known to this share of the range."""


def by_trial(machine: Machine, values: Values, condition: Formula, item: Input, text: str, now: bool) -> Solution:
    """Tries the condition over the range of an input, and halves what lies between two values that differ."""
    low, high, step = _range(values, item)

    def holds(x: float) -> bool:
        return machine.value(condition, {**values.overrides, item.key: x}) is True

    tried = _points(low, high, step)
    truths = [holds(x) for x in tried]
    found: list[Interval] = []
    changes: list[float] = []
    start = tried[0]
    for k in range(1, len(tried)):
        if truths[k] == truths[k - 1]:
            continue
        below, above = tried[k - 1], tried[k]
        while above - below > (step or _CLOSE * (high - low)) * (1 + 1e-9):
            middle = (below + above) / 2
            if step is not None:
                middle = round(middle / step) * step
            if holds(middle) == truths[k - 1]:
                below = middle
            else:
                above = middle
        changes.append(above)
        if truths[k - 1]:
            found.append(Interval(start, below, True, True))
        start = above
    if truths[-1]:
        found.append(Interval(start, tried[-1], True, True))
    always, never = all(truths) and not changes, not found
    runs = tuple(Run(f.low, f.high, round((f.high - f.low) / step) + 1) for f in found) if step is not None else ()
    return Solution(
        text, item, now, True, Interval(low, high, True, True), step, () if step is not None else tuple(found), runs,
        None, tuple(changes), always, never, True, (), (),
    )  # fmt: skip


def _range(values: Values, item: Input) -> tuple[float, float, float | None]:
    bounds = item.bounds
    if bounds is None or bounds.low is None or bounds.high is None:
        message = f"`{item.path}` has no range to look in, and the condition rests on a search"
        raise SymbolicError("found", message, f"give it one: `param {item.path} = … from … to …`")
    step = float(values.formula(bounds.multiple)) if bounds.multiple is not None else 1.0 if bounds.whole else None
    return float(values.formula(bounds.low)), float(values.formula(bounds.high)), step


def _points(low: float, high: float, step: float | None) -> list[float]:
    """Values over a range, each the same factor above the one before where the range is wide."""
    if low > 0 and high / low > 4:
        found = [low * (high / low) ** (k / (POINTS - 1)) for k in range(POINTS)]
    else:
        found = [low + (high - low) * k / (POINTS - 1) for k in range(POINTS)]
    if step is None:
        return [*found[:-1], high]
    least, most = math.ceil(low / step), math.floor(high / step)
    return [step * k for k in sorted({min(max(round(x / step), least), most) for x in found})]
