"""Where a polynomial in one variable is zero: exactly for lines and whole roots, to 25 digits elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isqrt

End = Fraction | float

_STEPS = 100
_SAMPLES = 96
_DIGITS = 1 << 96


def value_at(coefficients: Sequence[Fraction], x: Fraction) -> Fraction:
    """The value of a polynomial; `coefficients` begin with the constant."""
    total = Fraction(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def real_roots(coefficients: Sequence[Fraction], low: End, high: End) -> list[Fraction]:
    """The roots between two ends, in order, each once."""
    terms = list(coefficients)
    while terms and not terms[-1]:
        terms.pop()
    if len(terms) <= 1:
        return []
    if len(terms) == 2:
        roots = [-terms[0] / terms[1]]
    elif len(terms) == 3:
        roots = _quadratic(*terms)
    else:
        roots = _by_pieces(terms, low, high)
    return sorted({root for root in roots if low <= root <= high})


def _quadratic(c: Fraction, b: Fraction, a: Fraction) -> list[Fraction]:
    inside = b * b - 4 * a * c
    if inside < 0:
        return []
    root = square_root(inside)
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)]


def square_root(value: Fraction) -> Fraction:
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    scaled = value.numerator * value.denominator * _DIGITS * _DIGITS
    return Fraction(isqrt(scaled), value.denominator * _DIGITS)


def _by_pieces(terms: list[Fraction], low: End, high: End) -> list[Fraction]:
    """Between two turning points there is at most one root."""
    bound = 1 + max(abs(c / terms[-1]) for c in terms[:-1])
    left = low if isinstance(low, Fraction) else -bound
    right = high if isinstance(high, Fraction) else bound
    if left > right:
        return []
    slope = [c * i for i, c in enumerate(terms)][1:]
    ends = [left, *real_roots(slope, left, right), right]
    found = [x for x in ends if value_at(terms, x) == 0]
    for a, b in pairwise(ends):
        root = bisect(lambda x: value_at(terms, x), a, b)
        if root is not None:
            found.append(root)
    return found


def bisect(function: Callable[[Fraction], Fraction], a: Fraction, b: Fraction) -> Fraction | None:
    """The root between two points where the signs differ."""
    at_a, at_b = function(a), function(b)
    if not at_a or not at_b or (at_a > 0) == (at_b > 0):
        return None
    for _ in range(_STEPS):
        middle = (a + b) / 2
        scale = _DIGITS if abs(middle) > 1 else _DIGITS * _DIGITS
        middle = Fraction(round(middle * scale), scale)
        if middle in (a, b):
            break
        at = function(middle)
        if not at:
            return middle
        a, b = (middle, b) if (at > 0) == (at_a > 0) else (a, middle)
    return (a + b) / 2


def sampled_roots(function: Callable[[Fraction], Fraction], low: Fraction, high: End, near: Fraction) -> list[Fraction]:
    """Roots of what is no polynomial: where the sign differs between samples, denser near `low`."""
    top = high if isinstance(high, Fraction) else max(abs(low), abs(near), Fraction(1)) * 1024
    points = [low + (top - low) * Fraction(i, _SAMPLES) ** 3 for i in range(1, _SAMPLES)]
    found = []
    for a, b in pairwise(points):
        try:
            root = bisect(function, a, b)
        except ArithmeticError:
            continue
        if root is not None:
            found.append(root)
    return found
