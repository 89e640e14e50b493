"""A text that is equal for values that mean the same, so that equal templates and arguments share one sheet."""

from __future__ import annotations

from .formula_keys import formula_key
from .values import CellValue, ListValue, Scalar
from .workshop import Value, Workshop


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
