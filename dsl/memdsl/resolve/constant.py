"""What is known while the graph is built: values that rest on literals and options alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..diagnostics import Note, Span
from ..sheet.formula import (
    SEARCH,
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Found,
    Here,
    Literal,
    Reduce,
    Related,
    RowRef,
    Slot,
    Unknown,
    Var,
    walk,
)
from ..sheet.input_keys import Entry
from ..sheet.operations import OPERATIONS, Value
from .faults import Fault, Reported
from .unknown import missing_entry
from .workshop import Workshop


def is_constant(formula: Formula) -> bool:
    """Whether a formula rests on literals alone; an input that is searched for is as free as one that is written."""
    if isinstance(formula, Found) and formula.method == SEARCH:
        return True
    return not any(isinstance(part, (CellRef, Field, Unknown)) for part in walk(formula))


class NotConstant(Exception):
    """The value rests on something that is not structure: a parameter, or a row that is not known here.

    `told`: or on what a fault keeps from being known.
    """

    def __init__(self, span: Span, cell: str = "", *, told: bool = False) -> None:
        super().__init__(cell)
        self.span = span
        self.cell = cell
        self.told = told


def constant_value(
    shop: Workshop, formula: Formula, here: tuple[str, int] | None = None, arguments: bool = False
) -> Value:
    """The constant value, or NotConstant. With `arguments`, model arguments count when they are constant."""
    match formula:
        case Literal():
            return formula.value
        case CellRef():
            cell = shop.cell(formula.cell)
            if cell.role == "option" or (arguments and cell.role == "argument"):
                try:
                    value = constant_value(shop, shop.cell_formula(cell), None, arguments)
                except NotConstant as why:
                    raise NotConstant(formula.span, why.cell or formula.cell, told=why.told) from None
                if cell.role == "argument":
                    shop.structural.add(cell.id)
                return value
            raise NotConstant(formula.span, formula.cell)
        case Field():
            return _entry(shop, formula, _position(shop, formula.row, formula.table, here, formula.span), arguments)
        case Apply(op="if"):
            test, yes, no = formula.args
            return constant_value(shop, yes if constant_value(shop, test, here, arguments) else no, here, arguments)
        case Apply():
            known = shop.constant_formulas.get(id(formula)) if here is None else None
            if known is not None:
                return known[1]
            values = [constant_value(shop, a, here, arguments) for a in formula.args]
            if not _of_the_right_type(formula.op, values):  # told where types are checked
                raise NotConstant(formula.span)
            try:
                result = OPERATIONS[formula.op].number(*values)
            except (ArithmeticError, ValueError) as error:
                raise Fault("bad-value", f"this cannot be computed: {error}", formula.span) from None
            if here is None and not arguments:
                shop.constant_formulas[id(formula)] = (formula, result)
            return result
        case Reduce():
            return _reduced(shop, formula, here, arguments)
        case Unknown():
            raise NotConstant(formula.span, told=True)
        case _:
            raise NotConstant(formula.span)


def _position(shop: Workshop, row: RowRef, table: str, here: tuple[str, int] | None, span: Span) -> int:
    if isinstance(row, At):
        return row.index
    if here is not None and isinstance(row, Here):
        return here[1]
    if here is not None and isinstance(row, Slot):
        return shop.network_rows(here[0])[here[1]].slots[row.number][0]
    raise NotConstant(span)


def _entry(shop: Workshop, field: Field, index: int, arguments: bool) -> Value:
    """The value of a column in a row; earlier rows first, so that a long chain is not a deep recursion.

    An entry that a person may set is known only where it may be fixed: with `arguments`.
    """
    table, column = field.table, field.column
    key = (table, column, index, arguments)
    if key not in shop.constant_entries:
        draft = shop.table(table)
        if index > 500 and (table, column, index - 1, arguments) not in shop.constant_entries:
            for earlier in range(index):
                _try_entry(shop, table, column, earlier, arguments)
        formula = draft.formula_at(column, index)
        if formula is None:
            raise missing_entry(shop, table, column, index, field.span)
        if draft.settable(column, index):
            if not arguments:
                raise NotConstant(field.span)
            shop.structural.add(Entry(table, column, index))
        try:
            shop.constant_entries[key] = constant_value(shop, formula, (table, index), arguments)
        except NotConstant as why:
            raise NotConstant(field.span, why.cell, told=why.told) from None
    return shop.constant_entries[key]


def _try_entry(shop: Workshop, table: str, column: str, index: int, arguments: bool) -> None:
    if (table, column, index, arguments) in shop.constant_entries:
        return
    draft = shop.table(table)
    formula = draft.formula_at(column, index)
    if formula is None or draft.settable(column, index):
        return
    try:
        shop.constant_entries[table, column, index, arguments] = constant_value(
            shop, formula, (table, index), arguments
        )
    except (NotConstant, Fault):
        return


def _reduced(shop: Workshop, formula: Reduce, here: tuple[str, int] | None, arguments: bool) -> Value:
    """Only what shapes need: sums and extremes of a column over the rows passed to a row."""
    rows, body = formula.rows, formula.body
    if not isinstance(rows, Related) or here is None or not isinstance(rows.of, Here) or formula.where is not None:
        raise NotConstant(formula.span)
    indices = shop.related(rows, here[1])
    if body is None:
        return float(len(indices))
    values = [constant_value(shop, _with_row(body, formula.var, index), here, arguments) for index in indices]
    operations: dict[str, Callable[[list[Value]], Value]] = {
        "sum": lambda v: float(sum(map(float, v))),
        "min": lambda v: min(v),
        "max": lambda v: max(v),
        "any": any,
        "all": all,
    }
    if formula.op not in operations or (not values and formula.op in ("min", "max")):
        raise NotConstant(formula.span)
    try:
        return operations[formula.op](values)
    except (TypeError, ValueError):
        raise NotConstant(formula.span) from None


def structural_truth(shop: Workshop, formula: Formula) -> bool | None:
    """The truth of a condition on structure, or None when it is not known."""
    try:
        return bool(constant_value(shop, formula))
    except NotConstant:
        return None


def demand(
    shop: Workshop, formula: Formula, what: str, here: tuple[str, int] | None = None, arguments: bool = True
) -> Value:
    """The constant value of something that decides the graph; a parameter there is a fault."""
    try:
        return constant_value(shop, formula, here, arguments)
    except NotConstant as not_constant:
        if not_constant.told:
            raise Reported from None
        cell = not_constant.cell
        draft = shop.cells.get(cell)
        notes = (Note(f"`{cell}` is declared here", draft.span),) if draft is not None else ()
        name = f"`{cell}`" if cell else "this value"
        raise Fault(
            "param-in-structure",
            f"{what} decides the structure, and {name} is not known when the structure is built",
            formula.span,
            f"declare it `option`: `option {cell} = …`" if cell else "use literals and options only",
            notes,
        ) from None


def _of_the_right_type(op: str, values: Sequence[Value]) -> bool:
    if op in ("and", "or", "not"):
        return all(isinstance(value, bool) for value in values)
    if op in ("==", "!="):
        return len({str if isinstance(value, str) else isinstance(value, bool) for value in values}) == 1
    return not any(isinstance(value, (bool, str)) for value in values)


def _with_row(formula: Formula, var: Var, index: int) -> Formula:
    """The formula with the row variable replaced by a fixed row."""
    match formula:
        case Field() if formula.row == var:
            return Field(formula.span, At(index), formula.table, formula.column)
        case Apply():
            return Apply(formula.span, formula.op, tuple(_with_row(a, var, index) for a in formula.args))
        case _:
            return formula
