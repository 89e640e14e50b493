"""Solutions and sensitivities in words, for the terminal, the report, the workbook, and the page, translated."""

from __future__ import annotations

import math

from ..evaluate.show import readable_unit, show, shown_unit, unit_written
from ..sheet.sheet import Input, Type, TypedSheet
from ..units import Unit
from .sensitivity import Effect, Next, Sensitivity
from .solution import Interval, Run, Side, Solution

_EXACT, _ROUGH = 9, 5


def input_type(typed: TypedSheet, item: Input) -> Type:
    key = item.key
    return typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]


def say_solution(typed: TypedSheet, found: Solution) -> list[str]:
    """What was found: a sentence, or a sentence and a line for each interval or run; then what else is to be said."""
    condition, path = f"`{found.condition}`", f"`{found.input.path}`"
    if not found.depends:
        truth = "holds at every value" if found.now else "holds at no value"
        return [f"{condition} does not depend on {path}: it {truth}"]
    if found.always or found.never:
        word = "always" if found.always else "never"
        lines = [f"{condition} {word} holds for {path} {_domain(typed, found)}"]
        sides = [say_side(typed, side) for side in found.sides]
        return [*lines, *[f"  {said}" for said in sides if said], *_ended(typed, found), *_method(found)]
    truth = "it holds now" if found.now else "it does not hold now"
    parts = [f"  {part}" for part in say_parts(typed, found)]
    goes = f"{found.input.path} goes {_domain(typed, found)}; " if found.choices is None else ""
    return [f"{condition} holds for {path}", *parts, f"  ({goes}{truth})", *_ended(typed, found), *_method(found)]


def say_parts(typed: TypedSheet, found: Solution) -> list[str]:
    """The intervals, runs or choices at which the condition holds; none when it does at all values or at none."""
    if found.always or found.never or not found.depends:
        return []
    if found.choices is not None:
        return [say_value(typed, found, choice) for choice in found.choices]
    intervals = [_interval(typed, found, interval) for interval in found.intervals]
    return [*intervals, *[_run(typed, found, run) for run in found.runs]]


def say_value(typed: TypedSheet, found: Solution, value: float | bool | str) -> str:
    """A value of the input in the unit that its author writes."""
    return say_input(typed, found.input, value)


def say_input(typed: TypedSheet, item: Input, value: float | bool | str, digits: int = _EXACT) -> str:
    """A value of an input in the unit that its author writes."""
    if isinstance(value, float) and math.isinf(value):
        return "any size"
    return show(typed, value, input_type(typed, item), item.shown or unit_written(item.formula), digits)


def say_side(typed: TypedSheet, side: Side) -> str:
    """`today.dram_bytes lies between 68.187 MB and 1.0181 GB`."""
    if side.extent is None:
        return ""
    kind, unit = typed.type_of(side.formula), shown_unit(typed, side.formula)
    ends: list[str] = []
    for value, reached in ((side.extent.low, side.extent.low_reached), (side.extent.high, side.extent.high_reached)):
        said = "any size" if math.isinf(value) else show(typed, value, kind, unit)
        ends.append(said if reached or math.isinf(value) else f"{said} (not reached)")
    return f"{side.text} lies between {ends[0]} and {ends[1]}"


def _domain(typed: TypedSheet, found: Solution) -> str:
    low, high = say_value(typed, found, found.domain.low), say_value(typed, found, found.domain.high)
    if math.isinf(found.domain.low) and math.isinf(found.domain.high):
        return "of any size"
    text = f"from {low} on" if math.isinf(found.domain.high) else f"from {low} to {high}"
    if math.isinf(found.domain.low):
        text = f"up to {high}"
    return text + (f", every {say_value(typed, found, found.step)}" if found.step else "")


def _interval(typed: TypedSheet, found: Solution, part: Interval) -> str:
    low, high = say_value(typed, found, part.low), say_value(typed, found, part.high)
    if part.low == part.high:
        return f"= {low}"
    start = "" if math.isinf(part.low) else f"from {low}" if part.low_included else f"above {low}"
    if math.isinf(part.high):
        return f"{start} on" if start and part.low_included else start or "at any size"
    if not start:
        return f"up to {high}" if part.high_included else f"below {high}"
    return f"{start} to {high}" if part.high_included else f"{start} to below {high}"


def _run(typed: TypedSheet, found: Solution, run: Run) -> str:
    low, high = say_value(typed, found, run.low), say_value(typed, found, run.high)
    if run.count == 1:
        return low
    if math.isinf(run.count):
        return f"from {low} on" if math.isfinite(run.low) else f"up to {high}" if math.isfinite(run.high) else "any"
    return f"from {low} to {high} ({run.count:,.0f} values)"


def _ended(typed: TypedSheet, found: Solution) -> list[str]:
    """What the spec refuses, where the condition itself would hold."""
    return [f"  refused at {say_value(typed, found, one.at)}: {one.requirement}" for one in found.ended]


def _method(found: Solution) -> list[str]:
    if not found.numeric or found.always or found.never:  # nothing was bracketed
        return []
    return ["  found by bracketing, as no exact way applies: the ends are rounded, and a pair of them may be missed"]


# ---- sensitivities --------------------------------------------------------------------------------------------------


def cell_unit(typed: TypedSheet, found: Sensitivity) -> Unit | None:
    """The unit in which the values of a cell read well together."""
    values = [found.base, *[v for e in found.effects for v in (e.at_low, e.at_high) if v is not None]]
    largest = max([abs(v) for v in values])
    return shown_unit(typed, found.formula) or readable_unit(typed.type_of(found.formula), largest)


def say_elasticity(effect: Effect) -> str:
    """`0.71`, or both one-sided values where they differ."""
    below, above = [f"{e:.3g}" if e is not None else None for e in effect.elasticity]
    if below is None and above is None:
        return "none"
    if effect.slopes.smooth or below == above:
        return below or above or "none"
    return f"{below or 'none'} below, {above or 'none'} above"


def say_next(typed: TypedSheet, kind: Type, unit: Unit | None, effect: Effect) -> str:
    """`below at 7.96875 MiB: +16.712 MB; above at 16 MiB: -134.22 MB`."""
    said: list[str] = []
    for side, found in (("below", effect.before), ("above", effect.after)):
        if found is not None:
            said.append(f"{_place(typed, effect, found, side)}: {_step(typed, kind, unit, found)}")
    return "; ".join(said)


def _place(typed: TypedSheet, effect: Effect, found: Next, side: str) -> str:
    if found.at == effect.value:
        return f"just {side} it"
    return f"{side} at {say_input(typed, effect.input, found.at, _ROUGH)}"


def _step(typed: TypedSheet, kind: Type, unit: Unit | None, found: Next) -> str:
    if not found.change:
        return "its slope changes"
    return ("+" if found.change > 0 else "") + show(typed, found.change, kind, unit)


def sensitivity_notes(typed: TypedSheet, found: Sensitivity) -> list[str]:
    kind = typed.type_of(found.formula)
    base = show(typed, found.base, kind, shown_unit(typed, found.formula))
    different: list[str] = []
    for effect in found.effects:
        if effect.source not in different:
            different.append(effect.source)
    sources = " or ".join(different)
    notes = [f"{found.cell} is {base}; each input changes by {sources}."] if sources else [f"{found.cell} is {base}."]
    if found.independent:
        notes.append(f"It does not depend on {', '.join(found.independent)}.")
    if found.skipped:
        notes.append(f"Left out, as no number that could change: {', '.join(found.skipped)}.")
    for effect in found.effects:
        for requirement in effect.refused:
            notes.append(f"Where {effect.input.path} has no value, the spec refuses it: {requirement}.")
    trial = [effect.input.path for effect in found.effects if not effect.exact]
    if trial:
        notes.append(f"Elasticities by differences of values, as the closed form does not tell: {', '.join(trial)}.")
    return notes
