"""Numbers of a sheet as a report prints them: the unit and the form that fit a type, and values written in it."""

from __future__ import annotations

from collections.abc import Sequence

from ..presentation.words import LABEL, cut
from ..sheet.operations import Value
from ..sheet.sheet import Quantity, RowOf, Text, Truth, Type, TypedSheet
from ..units import DATA, Dimension, Unit, base_unit, ladder, parse_unit
from .portable.writing import (
    NONE,
    Form,
    Measure,
    Texts,
    apart,
    close_texts,
    column_texts,
    row_texts,
    sign,
    size,
    value_text,
)

__all__ = [
    "NONE", "Form", "Texts", "apart", "binary_measures", "close_column", "column", "form", "measures", "row", "shown",
    "sign", "size",
]  # fmt: skip


def measure(unit: Unit) -> Measure:
    up, down = unit.scale.numerator, unit.scale.denominator
    return Measure(sign(unit.text), 1 if unit.scale == 1 else up / down, up, down)


def measures(dimension: Dimension | None, chosen: Unit | None) -> tuple[Measure, ...]:
    """The unit that an author chose, or those that values of a dimension are shown in."""
    if chosen is not None:
        return (measure(chosen),)
    return tuple(measure(unit) for unit in ladder(dimension)) if dimension is not None else ()


def binary_measures(dimension: Dimension | None) -> tuple[Measure, ...]:
    """The units of sizes that are powers of two."""
    return tuple(measure(parse_unit(text)) for text in ("B", "KiB", "MiB", "GiB")) if dimension == DATA else ()


def form(typed: TypedSheet, kind: Type, unit: Unit | None = None, digits: int = 5) -> Form:
    """How values of a type are written."""
    match kind:
        case Quantity():
            base = base_unit(kind.dimension) if kind.dimension is not None else ""
            return Form("number", measures(kind.dimension, unit), (), digits, base)
        case RowOf():
            return Form("row", (), tuple(cut(r.name, LABEL) for r in typed.sheet.tables[kind.table].rows))
        case Truth():
            return Form("truth")
        case Text():
            return Form("text")


def shown(typed: TypedSheet, value: Value | None, kind: Type, unit: Unit | None = None, digits: int = 5) -> str:
    """A value with its unit, for a line of text; it does not break between the two."""
    text = value_text(form(typed, kind, unit, digits), value)
    return text if isinstance(kind, Quantity) else cut(text, LABEL)


def column(typed: TypedSheet, values: Sequence[Value | None], kind: Type, chosen: Unit | None) -> Texts:
    """The values of a column in one unit."""
    return column_texts(form(typed, kind, chosen), [values])


def close_column(typed: TypedSheet, values: Sequence[Value | None], kind: Type, chosen: Unit | None) -> Texts:
    """The values of a column of which the smallest tells most, in one unit."""
    return close_texts(form(typed, kind, chosen), [values])


def row(values: Sequence[Value | None], dimension: Dimension | None, chosen: Unit | None) -> tuple[str, list[str]]:
    """The unit of a row, and each value in it to the digits that `evaluate` shows."""
    found = row_texts(Form("number", measures(dimension, chosen)), values)
    return found.unit, list(found.texts)
