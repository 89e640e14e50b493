"""Numbers of a report: one unit for a column or a row, decimals that stand under each other, readable unit signs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..evaluate.show import show
from ..sheet.operations import Value
from ..sheet.sheet import Quantity, RowOf, Type, TypedSheet
from ..units import UNLIMITED, Dimension, Unit, format_number, readable
from .words import LABEL, cut

NONE = "–"
"""A row has no such value."""

_FIGURE_SPACE, _POINT_SPACE, _HARD_SPACE = "\u2007", "\u2008", "\u00a0"
_MOST_DECIMALS, _MOST_DIGITS = 4, 8
_CLOSE = 1000.0


def sign(unit: str) -> str:
    """A unit as it is printed: `mm²`, `µs`, `MAC·s`."""
    raised = unit.replace("^2", "²").replace("^3", "³").replace("*", "·")
    return re.sub(r"\bu(?=[sJWm]\b)", "µ", raised)


def shown(typed: TypedSheet, value: Value | None, kind: Type, unit: Unit | None = None, digits: int = 5) -> str:
    """A value with its unit, for a line of text; it does not break between the two."""
    if value is None:
        return NONE
    text = show(typed, value, kind, unit, digits)
    if isinstance(kind, Quantity) and not isinstance(value, (bool, str)):
        number, _, name = text.partition(" ")
        return f"{number}{_HARD_SPACE}{sign(name)}" if name else number
    return cut(text, LABEL)


def apart(text: str) -> tuple[str, str]:
    """The number and the unit of a shown quantity."""
    number, _, unit = text.partition(_HARD_SPACE)
    return number, unit


def common_unit(values: Sequence[Value | None], dimension: Dimension | None, chosen: Unit | None) -> Unit | None:
    """The unit in which the largest of some values reads well, unless the author chose one."""
    if chosen is not None or dimension is None:
        return chosen
    sizes = [abs(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    sizes = [s for s in sizes if 0 < s < UNLIMITED / 10]
    return readable(max(sizes, default=0.0), dimension)


@dataclass(frozen=True)
class Shown:
    """A column of values: its unit, and the texts, all with the same number of decimals."""

    unit: str
    texts: tuple[str, ...]
    numeric: bool


def column(typed: TypedSheet, values: Sequence[Value | None], kind: Type, chosen: Unit | None) -> Shown:
    """The values of a column in one unit."""
    if not isinstance(kind, Quantity):
        return Shown("", tuple(plain(typed, value, kind) for value in values), False)
    unit = common_unit(values, kind.dimension, chosen)
    numbers = [None if v is None or isinstance(v, (bool, str)) else _scaled(float(v), unit) for v in values]
    decimals = _decimals([n for n in numbers if n is not None])
    return Shown(sign(unit.text) if unit else "", tuple(_aligned(n, decimals) for n in numbers), True)


def row(values: Sequence[Value | None], dimension: Dimension | None, chosen: Unit | None) -> tuple[str, list[str]]:
    """The unit of a row, and each value in it to the digits that `evaluate` shows."""
    unit = close_unit(values, dimension, chosen)
    texts = [
        NONE if v is None or isinstance(v, (bool, str)) else format_number(_scaled(float(v), unit)) for v in values
    ]
    return (sign(unit.text) if unit else ""), texts


def close_unit(values: Sequence[Value | None], dimension: Dimension | None, chosen: Unit | None) -> Unit | None:
    """The unit in which the smallest value reads well: `470.84` beside `1,018.1` and not `0.47` beside `1`."""
    sizes = [size(v) for v in values]
    sizes = [abs(s) for s in sizes if s]
    if chosen is None and dimension is not None and sizes and max(sizes) / min(sizes) < _CLOSE:
        return readable(min(sizes), dimension)
    return common_unit(values, dimension, chosen)


def axis_unit(largest: float, dimension: Dimension | None, chosen: Unit | None) -> Unit | None:
    """The unit of an axis: its end has one digit more than a single number would, `1,250 MB` rather than `1.25 GB`."""
    return common_unit([largest / 2], dimension, chosen)


def plain(typed: TypedSheet, value: Value | None, kind: Type) -> str:
    """A value without a dimension: a text, a truth, a row's name."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(kind, RowOf) and isinstance(value, (int, float)):
        return cut(typed.sheet.tables[kind.table].rows[int(value)].name, LABEL)
    return cut(value if isinstance(value, str) else format_number(float(value)), LABEL)


def _scaled(value: float, unit: Unit | None) -> float:
    if unit is None or math.isnan(value) or abs(value) >= UNLIMITED / 10:
        return value
    return unit.from_base(value)


def _decimals(numbers: Sequence[float]) -> int:
    """Decimals that show five digits of the largest number, and something of the small ones where there is room."""
    sizes = sorted(abs(n) for n in numbers if n and not math.isnan(n) and abs(n) < UNLIMITED / 10)
    if not sizes or all(n == int(n) and abs(n) < 1e15 for n in sizes):
        return 0
    whole = max(math.floor(math.log10(sizes[-1])), 0)
    small = sizes[len(sizes) // 4]
    wanted = max(4 - whole, 2 - math.floor(math.log10(small)))
    decimals = max(0, min(wanted, _MOST_DECIMALS, _MOST_DIGITS - 1 - whole))
    rounded = [round(n, decimals) for n in sizes]
    while decimals and all(rounded) and all(round(n, decimals - 1) == n for n in rounded):
        decimals -= 1
    return decimals


def _aligned(number: float | None, decimals: int) -> str:
    if number is None:
        return NONE
    if math.isnan(number) or abs(number) >= UNLIMITED / 10:
        return format_number(number)
    if number == 0:
        return "0" + (_POINT_SPACE + _FIGURE_SPACE * decimals if decimals else "")
    if abs(number) >= 1e15:
        return format_number(number)
    text = f"{number:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return ("<" if number > 0 else ">−") + f"{10**-decimals:.{decimals}f}"
    return text.replace("-", "−")


def size(value: Value | None) -> float:
    """A value as the length of a mark: nothing where there is none."""
    if value is None or isinstance(value, (bool, str)) or math.isnan(value) or abs(value) >= 1e290:
        return 0.0
    return float(value)
