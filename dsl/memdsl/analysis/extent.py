"""Between which values a sum lies along an axis, and whether it reaches them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from ..records import record
from ..symbolic.axis import Axis
from ..symbolic.derivative import NotSmooth, derivative
from ..symbolic.growth import leading_power
from ..symbolic.roots import End
from ..symbolic.terms import Poly, Symbol


@record
class Extent:
    """The least and the greatest value; `reached` says whether each is a value, and not only a limit."""

    low: float
    high: float
    low_reached: bool
    high_reached: bool


def extent(axis: Axis, poly: Poly, low: End, high: End) -> Extent | None:
    """The extent of a sum between two ends of an axis; None when it has no value there."""
    found: dict[Fraction | float, bool] = {}

    def add(value: Fraction | float, reached: bool) -> None:
        found[value] = found.get(value, False) or reached

    inner = [x for x in axis.points(poly) if low < x < high]
    for x in (low, *inner, high):
        if isinstance(x, Fraction):
            try:
                add(axis.at(x).value(poly), True)
            except ArithmeticError:
                continue
    for start, end in zip((low, *inner), (*inner, high), strict=True):
        if start == end:
            continue
        try:
            piece = axis.piece(poly, axis.middle(start, end))
            for x in _turns(axis, piece, start, end):
                add(axis.at(x).value(piece), start < x < end)
            _limits(axis, piece, start, end, add)
        except ArithmeticError:
            continue
    if not found:
        return None
    least, greatest = min(found), max(found)
    return Extent(float(least), float(greatest), found[least], found[greatest])


def _turns(axis: Axis, piece: Poly, start: End, end: End) -> list[Fraction]:
    """Where a smooth piece may turn."""
    try:
        return axis.zeros(derivative(axis.space, piece, axis.symbol), start, end)
    except NotSmooth:
        return []


def _limits(axis: Axis, piece: Poly, start: End, end: End, add: Callable[[Fraction | float, bool], None]) -> None:
    """The limits of a piece at both of its ends."""
    for x in (start, end):
        if isinstance(x, Fraction):
            try:
                add(axis.at(x).value(piece), False)
            except ArithmeticError:  # a pole: as large as one likes on one side or the other
                near = axis.at((axis.middle(start, end) + x * 9999) / 10_000).value(piece)
                add(math.copysign(math.inf, near), False)
        elif x > 0:
            atom = axis.space.atoms[axis.symbol]
            assert isinstance(atom, Symbol)
            grown = leading_power(axis.space, piece, atom.path)
            if grown is None:
                continue
            endless = math.copysign(math.inf, grown.coefficient)
            add(endless if grown.exponent > 0 else Fraction(grown.coefficient), grown.reached and not grown.exponent)
