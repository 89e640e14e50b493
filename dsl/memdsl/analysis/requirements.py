"""What a spec requires of a point, as one condition over cells: a point that breaks it is no answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..evaluate import Machine
from ..sheet.formula import Apply, At, Field, Formula, Here, Pick, Reduce, Related, RowRef, Rows, Slot, Var, walk
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Check, Row, Sheet
from ..sheet.uses import Reads

_ROW = Var("required row")


def checks_on(sheet: Sheet, keys: Collection[InputKey]) -> tuple[Check, ...]:
    """The requirements that rest on some of these inputs."""
    reads, wanted = Reads(sheet), set(keys)
    return tuple(check for check in sheet.checks if wanted & reads.inputs_of(check.condition))


def over_cells(sheet: Sheet, check: Check) -> Formula:
    """A requirement as a condition without a row: in all its rows at once."""
    if check.table is None:
        return check.condition
    table = sheet.tables[check.table]
    if not any(_of_slot(part) for part in walk(check.condition)):
        rows = Rows(check.table, check.rows, check.table)
        return Reduce(check.span, "all", rows, _ROW, _placed(check.condition, _ROW, None), None)
    return joined([_placed(check.condition, At(row), table.rows[row]) for row in check.rows])


def joined(parts: Collection[Formula]) -> Formula:
    """All of some conditions."""
    first, *rest = parts
    for part in rest:
        first = Apply(part.span, "and", (first, part))
    return first


def breaks(
    machine: Machine, sheet: Sheet, checks: Collection[Check], overrides: Mapping[InputKey, Value]
) -> tuple[Check, ...]:
    """The requirements that do not hold at a point."""
    return tuple(check for check in checks if machine.value(over_cells(sheet, check), overrides) is not True)


def said(check: Check) -> str:
    """What a requirement says."""
    return check.message or "a requirement of the spec"


def _of_slot(part: Formula) -> bool:
    """Whether a formula of a row speaks of other rows by what they are to this one."""
    if isinstance(part, Reduce):
        return isinstance(part.rows, Related)
    return isinstance(part, Field) and isinstance(part.row, Slot)


def _placed(formula: Formula, row: RowRef, here: Row | None) -> Formula:
    """The formula of a row, said of one row, or of a variable when it speaks of its own columns alone."""

    def ref(found: RowRef) -> RowRef:
        match found:
            case Here():
                return row
            case Slot():
                assert here is not None
                return At(here.slots[found.number][0])
            case Pick():
                return Pick(placed(found.formula))
        return found

    def placed(part: Formula) -> Formula:
        match part:
            case Field():
                return replace(part, row=ref(part.row))
            case Apply():
                return replace(part, args=tuple(placed(arg) for arg in part.args))
            case Reduce():
                rows = part.rows
                if isinstance(rows, Related):
                    rows = replace(rows, of=ref(rows.of))
                inside: dict[str, Formula | None] = {
                    name: placed(one) if one is not None else None
                    for name, one in (("body", part.body), ("where", part.where), ("weight", part.weight))
                }
                return replace(part, rows=rows, **inside)  # type: ignore[arg-type]
        return part

    return placed(formula)


def required_of(sheet: Sheet, keys: Collection[InputKey], *conditions: Formula) -> Formula | None:
    """What is required of points of some inputs, with other conditions; None where nothing is."""
    found = [*conditions, *(over_cells(sheet, check) for check in checks_on(sheet, keys))]
    return joined(found) if found else None
