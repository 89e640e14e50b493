"""Requirements and ranges: what fails, by how much, and where."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..diagnostics import Note, Problems, Span
from ..records import record
from ..sheet.formula import Apply, Field, Formula, Reduce, Rows, Var, walk
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.report import ChartItem
from ..sheet.sheet import Bounds, Check, Input, Quantity, Type, TypedSheet
from ..units import Unit
from .machine import Values
from .show import show, shown_unit, unit_written

_ROUNDING = 1e-9
_LISTED = 12


Mender = Callable[[Check], str]
"""What would mend a requirement over cells, in words."""


def failed_checks(
    typed: TypedSheet, values: Values, problems: Problems, checks: Sequence[Check] | None = None,
    mended: Mender | None = None,
) -> None:  # fmt: skip
    """Reports each requirement (all without `checks`) that does not hold, with both sides and the difference."""
    for check in typed.sheet.checks if checks is None else checks:
        if check.table is None:
            _check(typed, values, check, "", 0, problems, mended)
        else:
            for row in check.rows:
                _check(typed, values, check, check.table, row, problems, None)


def _check(
    typed: TypedSheet, values: Values, check: Check, table: str, row: int, problems: Problems, mended: Mender | None
) -> None:
    try:
        if values.formula(check.condition, table, row):
            return
        failing = _failing_part(values, check.condition, table, row)
        if _undefined(values, failing, table, row):
            return
    except (ArithmeticError, ValueError, TypeError) as error:
        if not problems.failed:
            problems.error("bad-value", f"this requirement has no value: {error}", check.span)
        return
    message = check.message or "a requirement does not hold"
    sides = _sides(typed, values, failing, table, row)
    required = Note("required here", check.span)
    if not table:
        hint = mended(check) if mended is not None else ""
        made = typed.sheet.instances.get(check.owner)
        if made is None:
            problems.error("require-fails", f"{message}{sides}", check.span, hint)
        else:
            problems.error("require-fails", f"`{check.owner}`: {message}{sides}", made.span, hint, (required,))
        return
    owner = typed.sheet.tables[table]
    found = owner.rows[row]
    notes = [required]
    network = typed.sheet.tables[owner.parent] if owner.parent is not None else owner
    if network.role == "network":
        for source in (i for slot in found.slots for i in slot):
            notes.append(Note(f"`{network.rows[source].name}` is {shape(typed, values, network.id, source)}"))
    place, made = found.span, typed.sheet.instances.get(check.owner)
    if made is not None and (place.source is not typed.sheet.source or network.role == "components"):
        notes.append(Note(f"`{found.name}` is made here", place))
        place = made.span
    problems.error("require-fails", f"`{found.name}`: {message}{sides}", place, notes=tuple(notes))


def shape(typed: TypedSheet, values: Values, network: str, row: int) -> str:
    """The axes of a row of a network: `h 26 x w 26 x c 512`."""
    columns = typed.sheet.tables[network].columns
    sizes = []
    for column in columns.values():
        if column.role == "axis":
            value = values.column(network, column.name)[row]
            if value is not None:
                sizes.append(f"{column.name} {value:g}")
    return " x ".join(sizes)


def _failing_part(values: Values, condition: Formula, table: str, row: int) -> Formula:
    """The part of a conjunction that is false."""
    if isinstance(condition, Apply) and condition.op == "and":
        for part in condition.args:
            if not values.formula(part, table, row):
                return _failing_part(values, part, table, row)
    return condition


def _undefined(values: Values, condition: Formula, table: str, row: int) -> bool:
    """Whether a side of a comparison has no value, for a reason that was told already."""
    if not isinstance(condition, Apply) or condition.op not in ("==", "<=", ">=", "<", ">"):
        return False
    sides = [values.formula(side, table, row) for side in condition.args]
    return any(isinstance(side, float) and math.isnan(side) for side in sides)


def _sides(typed: TypedSheet, values: Values, condition: Formula, table: str, row: int) -> str:
    """`: 262,144 B <= 100,000 B, short by 162,144 B`."""
    if isinstance(condition, Apply) and condition.op == "or":
        return "".join(_sides(typed, values, part, table, row) for part in condition.args)
    if isinstance(condition, Reduce) and condition.op == "any" and not table:
        return _none_of(typed, values, condition)
    if not isinstance(condition, Apply) or condition.op not in ("==", "<=", ">=", "<", ">"):
        return ""
    left, right = (values.formula(a, table, row) for a in condition.args)
    kind = typed.type_of(condition.args[0])
    if isinstance(left, (bool, str)) or isinstance(right, (bool, str)) or not isinstance(kind, Quantity):
        return f": {left} {condition.op} {right}"
    unit = shown_unit(typed, condition.args[1]) or unit_written(condition.args[1])
    if unit is not None and unit.dimension != kind.dimension:
        unit = None

    def say(value: Value) -> str:
        return show(typed, value, kind, unit, 9)

    word = "short by" if condition.op in ("<=", "<", ">=", ">") else "a difference of"
    return f": {say(left)} {condition.op} {say(right)} does not hold, {word} {say(abs(left - right))}"


def _none_of(typed: TypedSheet, values: Values, condition: Reduce) -> str:
    """`: 4 bit == bits holds in no row: array 8 bit, half 16 bit`, for a comparison of a column with one value."""
    compared = condition.body
    while isinstance(compared, Apply) and compared.op in ("or", "and"):
        compared = compared.args[0]
    if not isinstance(compared, Apply) or not isinstance(condition.rows, Rows):
        return ""
    column = next((a for a in compared.args if isinstance(a, Field) and a.row == condition.var), None)
    other = next((a for a in compared.args if all(not _speaks(part, condition.var) for part in walk(a))), None)
    if column is None or other is None:
        return ""
    kind, unit = typed.type_of(column), typed.sheet.tables[column.table].columns[column.column].shown
    names = typed.sheet.tables[condition.rows.table].rows
    found = [(names[i].name, values.column(column.table, column.column)[i]) for i in condition.rows.indices]
    listed = ", ".join(f"{name} {show(typed, value, kind, unit)}" for name, value in found[:_LISTED])
    return (
        f": {show(typed, values.formula(other), kind, unit)} {compared.op} `{column.column}` holds for none of {listed}"
    )


def _speaks(part: Formula, var: Var) -> bool:
    return isinstance(part, Field) and part.row == var


def value_of(values: Values, formula: Formula, problems: Problems) -> Value | None:
    """The value of a constant that the spec writes beside an input (a bound, a setting); a fault where it has none."""
    try:
        value = values.formula(formula)
        if not isinstance(value, float) or math.isfinite(value):
            return value
        why = "it is too large"
    except (ArithmeticError, ValueError, TypeError) as error:
        why = str(error)
    problems.error("bad-value", f"this has no value: {why}", formula.span)
    return None


def out_of_bounds(typed: TypedSheet, values: Values, problems: Problems) -> None:
    """Reports each input and option whose value lies outside the range that it declares."""
    for item in typed.sheet.inputs.values():
        if item.bounds is not None:
            _bounds(typed, values, _ranged(typed, item), values.input(item.key), item.formula.span, problems)
    for cell in typed.sheet.cells.values():
        if cell.role == "option" and cell.bounds is not None:
            unit = cell.shown or unit_written(cell.formula)
            ranged = _Ranged(cell.id, typed.cell_types[cell.id], unit, cell.bounds, cell.span)
            _bounds(typed, values, ranged, values.cell(cell.id), cell.formula.span, problems)


def settings_out_of_bounds(
    typed: TypedSheet, values: Values, chosen: Sequence[tuple[InputKey, Formula]], problems: Problems
) -> None:
    """Reports what an input is set to against its range: by a scenario, by a claim after `at`, for this run."""
    inputs = {item.key: item for item in typed.sheet.inputs.values()}
    settings = [*chosen]
    settings += [pair for scenario in typed.sheet.scenarios.values() for pair in scenario.settings]
    settings += [pair for claim in typed.sheet.claims for pair in claim.at]
    settings += _ends(typed, values, problems)
    for key, formula in settings:
        item = inputs.get(key)
        value = value_of(values, formula, problems)
        if item is not None and item.bounds is not None and value is not None:
            _bounds(typed, values, _ranged(typed, item), value, formula.span, problems)


def _ends(typed: TypedSheet, values: Values, problems: Problems) -> list[tuple[InputKey, Formula]]:
    """Where the axes of charts begin and end; one that goes nowhere is reported."""
    found: list[tuple[InputKey, Formula]] = []
    for item in typed.sheet.report or ():
        if not isinstance(item, ChartItem) or item.over is None or item.ends is None:
            continue
        found += [(item.over, end) for end in item.ends]
        low, high = (value_of(values, end, problems) for end in item.ends)
        if isinstance(low, float) and isinstance(high, float) and low >= high:
            message = "this axis goes nowhere: it ends before it begins" if low > high else "this axis has no length"
            problems.error("empty-range", message, item.ends[1].span, "write the smaller end first")
    return found


@record
class _Ranged:
    """An input or an option with a range: what a message says of it."""

    name: str
    kind: Type
    unit: Unit | None
    bounds: Bounds
    place: Span


def _ranged(typed: TypedSheet, item: Input) -> _Ranged:
    key = item.key
    kind = typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]
    assert item.bounds is not None
    return _Ranged(item.path, kind, item.shown or unit_written(item.formula), item.bounds, item.span)


def _bounds(typed: TypedSheet, values: Values, item: _Ranged, value: Value, place: Span, problems: Problems) -> None:
    bounds = item.bounds

    def say(value: Value) -> str:
        return f'"{value}"' if isinstance(value, str) else show(typed, value, item.kind, item.unit, 9)

    def bound(formula: Formula | None) -> Value | None:
        return None if formula is None else value_of(values, formula, problems)

    notes = (Note(f"`{item.name}` is declared here", item.place),)
    if bounds.one_of:
        choices = [choice for choice in map(bound, bounds.one_of) if choice is not None]
        if value not in choices:
            listed = ", ".join(say(choice) for choice in choices)
            problems.error("out-of-range", f"`{item.name}` = {say(value)} is not one of {listed}", place, notes=notes)
        return
    if isinstance(value, (bool, str)):
        return
    low, high, step = bound(bounds.low), bound(bounds.high), bound(bounds.multiple)
    if low is not None and high is not None and float(low) > float(high):
        problems.error(
            "empty-range", f"the range of `{item.name}` is empty: from {say(low)} to {say(high)}", item.place
        )
        return
    if (low is not None and value < float(low)) or (high is not None and value > float(high)):
        between = f"from {say(low)}" if low is not None else ""
        between += f" to {say(high)}" if high is not None else ""
        message = f"`{item.name}` = {say(value)} is outside its range, {between}"
        problems.error("out-of-range", message, place, notes=notes)
        return
    if step is not None:
        _multiple(item, value, float(step), say, place, problems)


def _multiple(
    item: _Ranged, value: float, step: float, say: Callable[[Value], str], place: Span, problems: Problems
) -> None:
    if step <= 0:
        problems.error("empty-range", f"nothing but 0 is a multiple of {say(step)}", item.place)
        return
    quotient = value / step
    if not math.isfinite(quotient) or abs(quotient - round(quotient)) <= _ROUNDING * max(1.0, abs(quotient)):
        return
    near = f"the nearest are {say(math.floor(quotient) * step)} and {say(math.ceil(quotient) * step)}"
    message = f"`{item.name}` = {say(value)} is not a multiple of {say(step)}"
    notes = (Note(f"`{item.name}` is declared here", item.place),)
    problems.error("not-a-multiple", message, place, near, notes)
