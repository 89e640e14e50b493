"""Units as named cells: a formula multiplies by `unit_MiB`, and no scale hides inside it."""

from __future__ import annotations

import re
from fractions import Fraction

from ..evaluate.show import unit_written
from ..sheet.formula import UNLIMITED, Literal
from ..units import Unit
from .names import DefinedNames
from .pieces import ATOM, PRODUCT, SUM, Piece, atom, number

_WORDS = (("%", "percent"), ("^", ""), ("*", "_"), ("·", "_"), ("µ", "u"), ("1/", "per_"), ("/", "_per_"))


class Scales:
    """The units that the book uses, each with the name of the cell that holds its scale."""

    def __init__(self, names: DefinedNames) -> None:
        self._names = names
        self.used: dict[str, tuple[str, Unit]] = {}
        self.unlimited = names.name("unlimited")

    def name(self, unit: Unit) -> str:
        """The name of the cell with the unit's scale: `unit_GB_per_s`."""
        found = self.used.get(unit.text)
        if found is None:
            text = unit.text
            for symbol, word in _WORDS:
                text = text.replace(symbol, word)
            found = self.used[unit.text] = (self._names.name("unit_" + re.sub(r"\W+", "_", text)), unit)
        return found[0]

    def times(self, text: str, unit: Unit | None) -> str:
        """The text of a number in a unit, as base units."""
        return text if unit is None or unit.scale == 1 else f"{text}*{self.name(unit)}"

    def over(self, text: str, unit: Unit | None) -> str:
        """The text of a value in base units, in a unit."""
        return text if unit is None or unit.scale == 1 else f"{text}/{self.name(unit)}"

    def literal(self, formula: Literal, shown: Unit | None = None) -> Piece:
        """A number as the spec writes it: `8*unit_MiB`. `shown` is the unit that a table's heading gives it."""
        value = formula.value
        assert isinstance(value, float)
        if value == UNLIMITED:
            return atom(self.unlimited)
        unit = unit_written(formula) or shown
        if unit is None or unit.scale == 1 or value == 0:
            return Piece((number(value),), SUM if value < 0 else ATOM)
        written = in_unit(value, unit)
        if written == 1:
            return atom(self.name(unit))
        return Piece((f"{number(written)}*{self.name(unit)}",), PRODUCT)


def in_unit(value: float, unit: Unit | None) -> float:
    """The number that a person would write before the unit: the shortest one that gives the value back."""
    if unit is None or unit.scale == 1:
        return value
    exact = unit.from_base(value)
    for digits in (6, 12, 15, 16):
        short = float(f"{exact:.{digits}g}")
        if unit.to_base(short) == value:
            return short
    return exact


def scale_value(unit: Unit) -> float:
    return float(unit.scale if unit.scale else Fraction(1))
