"""A normal form along one of its inputs, the others at their values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..sheet.formula import UNLIMITED
from .axis import Axis
from .restrict import Restriction
from .space import Space
from .terms import Symbol, number

_ENDLESS = Fraction(UNLIMITED) / 10


def symbol_of(space: Space, path: str) -> Symbol:
    """What is known of an input that a form keeps as a symbol."""
    return next(atom for atom in space.atoms if isinstance(atom, Symbol) and atom.path == path)


def along(space: Space, point: Mapping[str, Fraction], path: str) -> tuple[Axis, Restriction]:
    """The axis of an input, and what carries sums and conditions of the space onto it.

    The axis of an input of multiples goes one multiple beyond both ends of its range: what changes at an end is met
    between two admissible values.
    """
    new = Space()
    symbol = symbol_of(space, path)
    x = new.symbol(symbol)
    inputs = {name: number(value) if value < _ENDLESS else new.unlimited() for name, value in point.items()}
    inputs[path] = x
    margin = symbol.grain or Fraction(0)
    low = symbol.low - margin if isinstance(symbol.low, Fraction) else symbol.low
    high = symbol.high + margin if isinstance(symbol.high, Fraction) else symbol.high
    return Axis(new, 0, low, high, point[path]), Restriction(space, new, inputs)
