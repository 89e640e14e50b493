"""Where a polynomial in one variable is zero: exactly for lines and whole roots, to 25 digits elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isqrt

End = Fraction | float

_STEPS = 100
_SAMPLES = 96
_TURNS = 60
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
        roots = _by_pieces(_single(terms), low, high)
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


def _single(terms: list[Fraction]) -> list[Fraction]:
    """The polynomial with each of its roots once: one that only touches zero then passes it."""
    a, b = terms, [c * i for i, c in enumerate(terms)][1:]
    while b:
        a, b = b, _divided(a, b)[1]
    return _divided(terms, a)[0] if len(a) > 1 else terms


def _divided(a: Sequence[Fraction], b: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Quotient and remainder of two polynomials, without zeros at their ends."""
    rest, quotient = list(a), [Fraction(0)] * max(len(a) - len(b) + 1, 0)
    while len(rest) >= len(b):
        factor = rest[-1] / b[-1]
        place = len(rest) - len(b)
        quotient[place] = factor
        rest = [c - factor * b[i - place] if i >= place else c for i, c in enumerate(rest)][:-1]
        while rest and not rest[-1]:
            rest.pop()
    return quotient, rest


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
    """Roots of what is no polynomial: between samples, denser near `low`, of other sign, or that turn near zero."""
    top = high if isinstance(high, Fraction) else max(abs(low), abs(near), Fraction(1)) * 1024
    shares = {Fraction(i, _SAMPLES) ** 3 for i in range(_SAMPLES + 1)} | {
        Fraction(i, _SAMPLES) for i in range(_SAMPLES + 1)
    }
    known: list[tuple[Fraction, Fraction]] = []
    for share in sorted(shares):
        x = low + (top - low) * share
        try:
            known.append((x, function(x)))
        except ArithmeticError:
            continue
    found = {x for x, value in known if not value}
    for (a, _), (b, _) in pairwise(known):
        found.update(_between(function, a, b))
    for (a, at_a), (_m, at_m), (b, at_b) in zip(known, known[1:], known[2:], strict=False):
        if at_a and at_m and at_b and (at_a > 0) == (at_m > 0) == (at_b > 0) and abs(at_m) <= min(abs(at_a), abs(at_b)):
            turn = _nearest_zero(function, a, b)
            found.update((*_between(function, a, turn), *_between(function, turn, b)))
    return sorted(found)


def _between(function: Callable[[Fraction], Fraction], a: Fraction, b: Fraction) -> list[Fraction]:
    try:
        root = bisect(function, a, b)
    except ArithmeticError:
        return []
    return [root] if root is not None else []


def _nearest_zero(function: Callable[[Fraction], Fraction], a: Fraction, b: Fraction) -> Fraction:
    """Where between two points a function that turns once comes nearest to zero, or passes it."""
    for _ in range(_TURNS):
        left, right = (2 * a + b) / 3, (a + 2 * b) / 3
        left, right = Fraction(float(left)), Fraction(float(right))
        at_left, at_right = function(left), function(right)
        if abs(at_left) <= abs(at_right):
            b = right
        else:
            a = left
    return (a + b) / 2
