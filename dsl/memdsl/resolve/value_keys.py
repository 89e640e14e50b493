"""A text that is equal for values that mean the same, so that equal templates and arguments share one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sheet.formula import Apply, CellRef, Field, Formula, Literal, Reduce
from .values import CellValue, ListValue, Scalar, Value

if TYPE_CHECKING:
    from .workshop import Workshop


def key_of(shop: Workshop, value: Value) -> str:
    """Equal keys mean equal values; different keys need not mean different ones."""
    match value:
        case Scalar():
            return formula_key(value.content)
        case CellValue():
            return value.id
        case ListValue():
            return "[" + ",".join(key_of(shop, item) for item, _ in value.items) + "]"
        case _:
            return str(getattr(value, "name", id(value)))


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
