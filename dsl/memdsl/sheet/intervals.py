"""Between which numbers a value lies: arithmetic on ranges whose ends are fractions or infinite."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from math import inf, isfinite

End = Fraction | float
"""The end of a range: a fraction, or plus or minus infinity."""

Range = tuple[End, End]

EVERYTHING: Range = (-inf, inf)
_ZERO = Fraction(0)
_MARGIN = Fraction(1, 10**12)
"""What floating point may be off by, relative to a value: an end that it computes is moved out by as much."""


def _times(a: End, b: End) -> End:
    if not a or not b:
        return _ZERO
    try:
        return a * b
    except OverflowError:  # an end beyond every float, times one that is none
        return math.inf if (a > 0) == (b > 0) else -math.inf


def add_ranges(a: Range, b: Range) -> Range:
    low, high = a[0] + b[0], a[1] + b[1]
    return (-inf if low != low else low, inf if high != high else high)


def negate_range(a: Range) -> Range:
    return -a[1], -a[0]


def multiply_ranges(a: Range, b: Range) -> Range:
    if a[0] >= 0 and b[0] >= 0:
        return _times(a[0], b[0]), _times(a[1], b[1])
    ends = [_times(x, y) for x in a for y in b]
    return min(ends), max(ends)


def power_range(a: Range, exponent: int) -> Range:
    """The range of a whole power; EVERYTHING where it divides by a number that may be zero from both sides."""
    if exponent < 0:
        low, high = power_range(a, -exponent)
        if low > 0:
            return _inverse(high), _inverse(low)
        if low >= 0:
            return _inverse(high), inf
        if high < 0:
            return _inverse(high), _inverse(low)
        return EVERYTHING
    low, high = a
    if exponent == 1:
        return a
    if low >= 0 or exponent % 2:
        return _power(low, exponent), _power(high, exponent)
    ends = sorted((_power(low, exponent), _power(high, exponent)))
    return (_ZERO if high >= 0 else ends[0]), ends[1]


def _power(end: End, exponent: int) -> End:
    return end**exponent if isinstance(end, Fraction) else (inf if end > 0 or exponent % 2 == 0 else -inf)


def _inverse(end: End) -> End:
    if isinstance(end, Fraction):
        return 1 / end if end else inf
    return _ZERO


def raise_range(a: Range, exponent: Range) -> Range:
    """The range of a power; known where the exponent is one whole number, or the base is not negative."""
    low, high = exponent
    if low == high and isinstance(low, Fraction) and low.denominator == 1 and abs(low) <= 64:
        return power_range(a, int(low))
    return (_ZERO, inf) if a[0] >= 0 else EVERYTHING


def largest(*ranges: Range) -> Range:
    return max(r[0] for r in ranges), max(r[1] for r in ranges)


def smallest(*ranges: Range) -> Range:
    return min(r[0] for r in ranges), min(r[1] for r in ranges)


def rising(function: Callable[[float], float], low: End = -inf, exact: bool = False) -> Callable[[Range], Range]:
    """The range of a function that never falls, and has no value below `low`.

    `exact` says that it computes on fractions; else its ends are moved out by what floating point may be off by.
    """

    def at(end: End, outwards: int) -> End:
        if not isfinite(end):
            return outwards * inf
        if exact:
            return Fraction(function(end))  # type: ignore[arg-type]
        try:
            value = Fraction(function(float(end)))
        except (ArithmeticError, ValueError):
            return outwards * inf
        return value + outwards * _MARGIN * max(abs(value), Fraction(1, 10**300))

    def run(a: Range) -> Range:
        return at(max(a[0], low), -1), at(max(a[1], low), 1)

    return run
