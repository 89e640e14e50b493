"""Requirements: what fails, by how much, and where."""

from __future__ import annotations

from collections.abc import Callable

from ..diagnostics import Note, Problems
from ..sheet.formula import Apply, Field, Formula, Reduce, Rows, Var, walk
from ..sheet.operations import Undefined, Value
from ..sheet.sheet import Check, Quantity, TypedSheet
from .machine import Values
from .show import show, shown_unit, unit_written

_LISTED = 12

Mender = Callable[[Check], str]
"""What would mend a requirement over cells, in words."""


def failed_checks(typed: TypedSheet, values: Values, problems: Problems, mended: Mender | None = None) -> None:
    """Reports each requirement that does not hold, with both sides and the difference.

    Those of rows say often what a fault in a row says already: they are left out where a row has no value.
    """
    unsure = values.undefined_tables()
    for check in typed.sheet.checks:
        if check.domain is not None:  # told with the value that leaves it
            continue
        if check.table is None:
            _check(typed, values, check, "", 0, problems, mended)
        elif (typed.sheet.tables[check.table].parent or check.table) not in unsure:
            for row in check.rows:
                _check(typed, values, check, check.table, row, problems, None)


def _check(
    typed: TypedSheet, values: Values, check: Check, table: str, row: int, problems: Problems, mended: Mender | None
) -> None:
    try:
        if values.formula(check.condition, table, row):
            return
        failing = _failing_part(values, check.condition, table, row)
    except Undefined:  # why was told
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
    found = typed.sheet.tables[table].rows[row]
    notes = [required, *inputs_of_row(typed, values, table, row)]
    place, made = found.span, typed.sheet.instances.get(check.owner)
    components = typed.sheet.tables[typed.sheet.tables[table].parent or table].role == "components"
    if made is not None and (place.source is not typed.sheet.source or components):
        notes.append(Note(f"`{found.name}` is made here", place))
        place = made.span
    problems.error("require-fails", f"`{found.name}`: {message}{sides}", place, notes=tuple(notes))


def inputs_of_row(typed: TypedSheet, values: Values, table: str, row: int) -> list[Note]:
    """The shapes of what a row of a network reads."""
    owner = typed.sheet.tables[table]
    network = typed.sheet.tables[owner.parent] if owner.parent is not None else owner
    if network.role != "network":
        return []
    sources = dict.fromkeys(i for slot in owner.rows[row].slots for i in slot)
    return [Note(f"`{network.rows[i].name}` is {shape(typed, values, network.id, i)}") for i in sources]


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
