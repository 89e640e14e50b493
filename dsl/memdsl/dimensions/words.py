"""Types as messages call them."""

from __future__ import annotations

from ..sheet.sheet import Quantity, RowOf, Text, Truth, Type
from ..units import NONE, describe

ANY = Quantity(None)
COUNT = Quantity(NONE)


def say(kind: Type) -> str:
    """A type in words."""
    match kind:
        case Quantity():
            return "any quantity" if kind.dimension is None else describe(kind.dimension)
        case Truth():
            return "a truth value"
        case Text():
            return "text"
        case RowOf():
            return f"a row of `{kind.table}`"
