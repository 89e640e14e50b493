"""Requirements and ranges: what fails, by how much, and where."""

from __future__ import annotations

from collections.abc import Mapping

from ..diagnostics import Note, Problems, Span
from ..sheet.formula import Apply, Formula
from ..sheet.keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Check, Input, Quantity, TypedSheet
from .machine import Values
from .show import show, shown_unit, unit_written


def failed_checks(typed: TypedSheet, values: Values, problems: Problems) -> None:
    """Reports each requirement that does not hold, with both sides and the difference."""
    for check in typed.sheet.checks:
        if check.table is None:
            _check(typed, values, check, "", 0, problems)
        else:
            for row in check.rows:
                _check(typed, values, check, check.table, row, problems)


def _check(typed: TypedSheet, values: Values, check: Check, table: str, row: int, problems: Problems) -> None:
    try:
        if values.formula(check.condition, table, row):
            return
    except (ArithmeticError, TypeError):
        return
    failing = _failing_part(values, check.condition, table, row)
    message = check.message or "a requirement does not hold"
    sides = _sides(typed, values, failing, table, row)
    required = Note("required here", check.span)
    if not table:
        problems.error("require-fails", f"{message}{sides}", check.span)
        return
    owner = typed.sheet.tables[table]
    found = owner.rows[row]
    notes = [required]
    network = typed.sheet.tables[owner.parent] if owner.parent is not None else owner
    if network.role == "network":
        for source in (i for slot in found.slots for i in slot):
            notes.append(Note(f"`{network.rows[source].name}` is {shape(typed, values, network.id, source)}"))
    problems.error("require-fails", f"`{found.name}`: {message}{sides}", found.span, notes=tuple(notes))


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


def _sides(typed: TypedSheet, values: Values, condition: Formula, table: str, row: int) -> str:
    """`: 262,144 B <= 100,000 B, short by 162,144 B`."""
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


def out_of_bounds(typed: TypedSheet, values: Values, places: Mapping[InputKey, Span], problems: Problems) -> None:
    """Reports each input whose value lies outside the range that it declares."""
    for item in typed.sheet.inputs.values():
        if item.bounds is None:
            continue
        value = values.input(item.key)
        place = places.get(item.key) or item.formula.span
        _bounds(typed, values, item, value, place, problems)


def _bounds(typed: TypedSheet, values: Values, item: Input, value: Value, place: Span, problems: Problems) -> None:
    bounds = item.bounds
    assert bounds is not None
    kind = (
        typed.cell_types.get(item.key)
        if isinstance(item.key, str)
        else typed.column_types.get((item.key.table, item.key.column))
    )
    assert kind is not None
    unit = item.shown or unit_written(item.formula)

    def say(value: Value) -> str:
        return show(typed, value, kind, unit, 9)

    def bound(formula: Formula) -> Value:
        return values.formula(formula)

    notes = (Note(f"`{item.path}` is declared here", item.span),)
    if bounds.one_of:
        choices = [bound(choice) for choice in bounds.one_of]
        if value not in choices:
            listed = ", ".join(say(choice) for choice in choices)
            problems.error("out-of-range", f"`{item.path}` = {say(value)} is not one of {listed}", place, notes=notes)
        return
    if isinstance(value, (bool, str)):
        return
    low = bound(bounds.low) if bounds.low is not None else None
    high = bound(bounds.high) if bounds.high is not None else None
    if low is not None and high is not None and float(low) > float(high):
        problems.error("empty-range", f"the range of `{item.path}` is empty: from {say(low)} to {say(high)}", item.span)
        return
    if (low is not None and value < float(low)) or (high is not None and value > float(high)):
        between = f"from {say(low)}" if low is not None else ""
        between += f" to {say(high)}" if high is not None else ""
        problems.error(
            "out-of-range", f"`{item.path}` = {say(value)} is outside its range, {between}", place, notes=notes
        )
        return
    if bounds.multiple is not None:
        step = float(bound(bounds.multiple))
        quotient = value / step if step else 0.5
        if quotient != int(quotient):
            below, above = int(quotient // 1) * step, (int(quotient // 1) + 1) * step
            problems.error(
                "not-a-multiple",
                f"`{item.path}` = {say(value)} is not a multiple of {say(step)}",
                place,
                f"the nearest are {say(below)} and {say(above)}",
                notes,
            )
