"""Values as a person reads them: with the unit that the author wrote, else a readable one."""

from __future__ import annotations

from ..sheet.formula import At, CellRef, Field, Formula, Literal
from ..sheet.operations import Value
from ..sheet.sheet import Claim, Distribution, Quantity, RowOf, Type, TypedSheet
from ..units import Unit, UnknownUnit, display, format_number, parse_unit, readable


def show(typed: TypedSheet, value: Value | None, kind: Type, unit: Unit | None = None, digits: int = 5) -> str:
    """A value with its unit: `470.84 MB`, `memory`, `true`, `dram`."""
    if value is None:
        return ""
    if isinstance(kind, RowOf) and isinstance(value, (int, float)):
        return typed.sheet.tables[kind.table].rows[int(value)].name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    dimension = kind.dimension if isinstance(kind, Quantity) else None
    if dimension is None:
        return format_number(float(value), digits)
    return display(float(value), dimension, unit, digits)


def readable_unit(kind: Type, value: float) -> Unit | None:
    """The unit in which a value of a type reads well."""
    dimension = kind.dimension if isinstance(kind, Quantity) else None
    return readable(value, dimension) if dimension is not None else None


def unit_written(formula: Formula) -> Unit | None:
    """The unit of a literal, as the author wrote it."""
    if isinstance(formula, Literal) and isinstance(formula.value, float):
        digits = "0123456789_.eE+-"
        text = formula.text.lstrip(digits).strip()
        if text:
            try:
                return parse_unit(text)
            except UnknownUnit:
                return None
    return None


def show_distribution(said: Distribution | None) -> str:
    """An uncertainty as its author wrote it: `± 50% ~ lognormal(2)`."""
    if said is None:
        return ""
    spans = [said.spread.span] if said.spread is not None else []
    written = ["± " + span.source.text[span.start : span.end] for span in spans]
    if said.kind:
        written.append(said.span.source.text[said.span.start : said.span.end])
    return " ".join(" ".join(written).split())


def shown_unit(typed: TypedSheet, formula: Formula) -> Unit | None:
    """The unit that a formula's cell or column is shown in, when its author chose one."""
    match formula:
        case CellRef():
            cell = typed.sheet.cells[formula.cell]
            return cell.shown or unit_written(cell.formula)
        case Field():
            column = typed.sheet.tables[formula.table].columns[formula.column]
            entry = column.formulas[formula.row.index] if isinstance(formula.row, At) else None
            return (unit_written(entry) if entry is not None else None) or column.shown
    return None


def show_claim_value(typed: TypedSheet, claim: Claim, value: Value) -> str:
    """A side of a claim, in the unit of the published figure."""
    unit = unit_written(claim.right)
    dimension = unit.dimension if unit is not None else None
    if isinstance(value, (bool, str)) or dimension is None:
        if isinstance(value, (bool, str)):
            return str(value)
        kind = typed.type_of(claim.left)
        return show(typed, value, kind) if isinstance(kind, Quantity) else format_number(float(value))
    return display(float(value), dimension, unit, 7)
