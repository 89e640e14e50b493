"""A text that is equal for formulas that mean the same."""

from __future__ import annotations

from ..sheet.formula import Apply, CellRef, Field, Formula, Literal, Reduce


def formula_key(formula: Formula) -> str:
    match formula:
        case Literal():
            return f"{formula.value!r}:{formula.dimension}"
        case CellRef():
            return formula.cell
        case Field():
            return f"{formula.table}.{formula.column}@{formula.row}"
        case Apply():
            return f"{formula.op}({','.join(formula_key(a) for a in formula.args)})"
        case Reduce():
            return f"{formula.op}#{id(formula)}"
        case _:
            return str(id(formula))
