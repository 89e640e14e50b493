"""What proofs rest on, against brute force: ranges, roots, and comparisons decided without the value."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdsl.sheet.intervals import EVERYTHING, multiply_ranges, power_range
from memdsl.sheet.operations import OPERATIONS
from memdsl.symbolic.functions import apply
from memdsl.symbolic.roots import real_roots, value_at
from memdsl.symbolic.space import Space
from memdsl.symbolic.terms import ALWAYS, NEVER, Symbol, number

ENDS = [Fraction(n, 2) for n in (-8, -5, -2, -1, 0, 1, 3, 4, 7)]
RANGES = [(low, high) for low in ENDS for high in ENDS if low <= high]
STEPS = 6


def inside(low: Fraction, high: Fraction) -> list[Fraction]:
    return [low + (high - low) * k / STEPS for k in range(STEPS + 1)]


def tight(values: list[Fraction], found: tuple[object, object]) -> None:
    assert found == (min(values), max(values))


@pytest.mark.parametrize("exponent", [1, 2, 3, 4])
def test_a_power_over_an_interval(exponent: int) -> None:
    """Even powers across zero among them: x^2 over -3 to 5 is 0 to 25."""
    for low, high in RANGES:
        values = [x**exponent for x in (*inside(low, high), *([Fraction(0)] if low <= 0 <= high else []))]
        tight(values, power_range((low, high), exponent))


@pytest.mark.parametrize("exponent", [-1, -2, -3])
def test_an_inverse_power_over_an_interval(exponent: int) -> None:
    for low, high in RANGES:
        least, most = power_range((low, high), exponent)
        values = [x**exponent for x in inside(low, high) if x]
        assert all(least <= value <= most for value in values)
        if low > 0 or high < 0:
            tight(values, (least, most))
        elif low == 0 < high:
            assert (least, most) == (Fraction(high) ** exponent, math.inf)
        elif low < 0 < high and exponent % 2:
            assert (least, most) == EVERYTHING


def test_products_sums_and_extremes_over_intervals() -> None:
    for one in RANGES[::3]:
        for other in RANGES[::4]:
            pairs = [(x, y) for x in inside(*one) for y in inside(*other)]
            tight([x * y for x, y in pairs], multiply_ranges(one, other))
            for name in ("+", "-", "min", "max"):
                of = OPERATIONS[name].range
                assert of is not None
                tight([Fraction(OPERATIONS[name].number(x, y)) for x, y in pairs], of(one, other))


@pytest.mark.parametrize("name", ["neg", "abs", "floor", "ceil", "round", "sqrt", "exp"])
def test_functions_over_intervals(name: str) -> None:
    record = OPERATIONS[name]
    assert record.range is not None
    for low, high in RANGES:
        if name == "sqrt" and high < 0:
            continue
        values = [float(record.number(float(x))) for x in inside(low, high) if name != "sqrt" or x >= 0]
        least, most = record.range((low, high))
        assert least <= min(values)
        assert most >= max(values)
        assert most <= max(values) + 1.001 or name == "abs"


def test_a_power_of_what_may_be_negative_is_anything() -> None:
    of = OPERATIONS["^"].range
    assert of is not None
    assert of((Fraction(-2), Fraction(3)), (Fraction(1), Fraction(3))) == EVERYTHING
    assert of((Fraction(0), Fraction(3)), (Fraction(1, 2), Fraction(3))) == (0, math.inf)


@pytest.mark.parametrize("bound", [-1, 0, 1, 4, 9, 16, 25, 26])
@pytest.mark.parametrize("op", ["<=", ">=", "<", ">", "=="])
def test_a_square_compared_over_an_interval_across_zero(op: str, bound: int) -> None:
    """`if x^2 <= 16` on -3 to 5 holds at some points only: decided where all points agree, and nowhere else."""
    from memdsl.symbolic.functions import compared

    space = Space()
    x = space.symbol(Symbol("x", Fraction(-3), Fraction(5), None))
    condition = compared(space, op, apply(space, "^", [x, number(2)]), number(bound))
    truths = {OPERATIONS[op].number(Fraction(k, 4) ** 2, Fraction(bound)) for k in range(-12, 21)}
    assert (condition == ALWAYS) == (truths == {True})
    assert (condition == NEVER) == (truths == {False})


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=4), st.integers(1, 3))
def test_roots_are_those_that_made_the_polynomial(roots: list[int], factor: int) -> None:
    terms = [Fraction(factor)]
    for root in roots:
        terms = [
            (terms[k - 1] if k else Fraction(0)) - root * (terms[k] if k < len(terms) else Fraction(0))
            for k in range(len(terms) + 1)
        ]
    assert all(value_at(terms, Fraction(root)) == 0 for root in roots)
    low, high = Fraction(-4), Fraction(4)
    found = real_roots(terms, low, high)
    assert [round(root) for root in found] == sorted({root for root in roots if low <= root <= high})
    assert all(abs(root - round(root)) < Fraction(1, 10**20) for root in found)
