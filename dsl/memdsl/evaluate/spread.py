"""How far the value of an input may lie from the one that the spec gives, in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal as OneOf

from ..diagnostics import Note, Problems
from ..records import record
from ..sheet.formula import UNLIMITED, Formula, is_share
from ..sheet.sheet import Distribution, Input, TypedSheet
from .bounds import value_of
from .machine import Values
from .show import show, unit_written

TAIL = 1.6448536269514722
"""Standard deviations from the middle of a normal distribution to its 5th and its 95th percentile."""


@record
class Spread:
    """The distribution of an input, in base units.

    `uniform` and `one of` lie between `low` and `high`; so do the others when `±` is given beside them, else both are
    None. `scale` is the standard deviation of `normal`, the factor of `lognormal`. A sample is an admissible value: on
    the input's multiples, inside its range.
    """

    kind: OneOf["uniform", "normal", "lognormal", "one of"]
    value: float
    low: float | None
    high: float | None
    scale: float
    choices: tuple[float, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """Between which it lies; where it has no ends, its 5th and its 95th percentile."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        if self.kind == "lognormal":
            factor = self.scale**TAIL
            return self.value / factor, self.value * factor
        return self.value - TAIL * self.scale, self.value + TAIL * self.scale


def spread_of(values: Values, item: Input) -> Spread | None:
    """The distribution of an input around its value at a point; None for a value that is taken to be sure."""
    said = item.distribution
    if said is None:
        return None
    value = float(values.input(item.key))

    def width(formula: Formula) -> float:
        found = float(values.formula(formula))
        return abs(value) * found if is_share(formula) else found

    low = high = None
    if said.spread is not None:
        low, high = value - width(said.spread), value + width(said.spread)
    if said.kind == "normal":
        return Spread("normal", value, low, high, width(said.arguments[0]), ())
    if said.kind == "lognormal":
        return Spread("lognormal", value, low, high, float(values.formula(said.arguments[0])), ())
    if said.kind == "one of":
        choices = tuple(float(values.formula(choice)) for choice in said.arguments)
        return Spread("one of", value, min(choices), max(choices), 0.0, choices)
    if said.kind == "uniform":
        low, high = [float(values.formula(end)) for end in said.arguments]
    return Spread("uniform", value, low, high, 0.0, ())


def bad_spreads(typed: TypedSheet, values: Values, problems: Problems) -> None:
    """Reports each uncertainty that makes no sense: without width, beside the value, beyond the input's range."""
    for item in typed.sheet.inputs.values():
        said = item.distribution
        if said is None:
            continue
        parts = [part for part in (said.spread, *said.arguments) if part is not None]
        if not math.isfinite(float(values.input(item.key))):  # why was told
            continue
        if None in [value_of(values, part, problems) for part in parts]:
            continue
        message = _wrong(typed, values, item, said)
        if message:
            notes = (Note(f"`{item.path}` is declared here", item.span),)
            problems.error("bad-uncertainty", message, said.span, notes=notes)


def _wrong(typed: TypedSheet, values: Values, item: Input, said: Distribution) -> str:
    """What is wrong with the uncertainty of an input; empty when nothing is."""
    spread = spread_of(values, item)
    assert spread is not None
    key = item.key
    kind = typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]

    def say(number: float) -> str:
        return show(typed, number, kind, item.shown or unit_written(item.formula), 9)

    if said.kind in ("uniform", "one of") and said.spread is not None:
        return f"`~ {said.kind}` says between which values it lies: leave `±` out"
    if abs(spread.value) >= UNLIMITED / 10:
        return f"`{item.path}` is {say(spread.value)}, which has no uncertainty"
    if spread.kind == "one of":
        if spread.value in spread.choices:
            return _outside(values, item, spread, say)
        return f"`{item.path}` = {say(spread.value)} is not one of {', '.join(map(say, spread.choices))}"
    if spread.kind == "lognormal" and spread.scale <= 1:
        return f"the factor of `lognormal` is above 1, and this is {spread.scale:g}"
    if spread.kind == "lognormal" and spread.value <= 0:
        return f"`lognormal` needs a value above 0, and `{item.path}` is {say(spread.value)}"
    if spread.kind == "normal" and spread.scale <= 0:
        return f"a standard deviation is above 0, and this is {say(spread.scale)}"
    low, high = spread.ends
    if not low < high:
        return f"this leaves no room: from {say(low)} to {say(high)}"
    if not low <= spread.value <= high:
        return f"`{item.path}` = {say(spread.value)} does not lie between {say(low)} and {say(high)}"
    return _outside(values, item, spread, say)


def _outside(values: Values, item: Input, spread: Spread, say: Callable[[float], str]) -> str:
    """That a distribution with ends goes beyond what the input admits."""
    bounds = item.bounds
    if bounds is None or spread.low is None or spread.high is None:
        return ""
    limits = [float(values.formula(end)) if end is not None else None for end in (bounds.low, bounds.high)]
    if limits[0] is not None and spread.low < limits[0]:
        return f"this reaches {say(spread.low)}, and `{item.path}` goes from {say(limits[0])}"
    if limits[1] is not None and spread.high > limits[1]:
        return f"this reaches {say(spread.high)}, and `{item.path}` goes to {say(limits[1])}"
    if bounds.one_of and not set(spread.choices or (math.nan,)) <= {float(values.formula(c)) for c in bounds.one_of}:
        return f"`{item.path}` admits some values only: write `~ one of` with values among them"
    return ""
