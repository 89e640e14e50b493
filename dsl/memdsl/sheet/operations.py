"""What each operation of the language computes: one table, read by the evaluator and by every backend's tests."""

from __future__ import annotations

import math
from collections.abc import Callable

Value = float | bool | str


def _divide(a: float, b: float) -> float:
    if b == 0:
        raise ArithmeticError("division by zero")
    return a / b


def _power(a: float, b: float) -> float:
    if a < 0 and b != int(b):
        raise ArithmeticError("a negative number to a power that is not whole")
    if a == 0 and b < 0:
        raise ArithmeticError("division by zero")
    return float(a**b)


def _square_root(a: float) -> float:
    if a < 0:
        raise ArithmeticError("the square root of a negative number")
    return math.sqrt(a)


def _log2(a: float) -> float:
    if a <= 0:
        raise ArithmeticError("the logarithm of a number that is not positive")
    return math.log2(a)


def _round(a: float) -> float:
    """Half away from zero, as spreadsheets do."""
    return math.copysign(math.floor(abs(a) + 0.5), a)


def _clamp(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "^": _power,
    "neg": lambda a: -a,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
    "if": lambda c, a, b: a if c else b,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "floor": lambda a: float(math.floor(a)),
    "ceil": lambda a: float(math.ceil(a)),
    "round": _round,
    "sqrt": _square_root,
    "log2": _log2,
    "exp": lambda a: math.exp(a),
    "abs": lambda a: abs(a),
    "clamp": _clamp,
}

FUNCTIONS = {
    "min": (2, None),
    "max": (2, None),
    "floor": (1, 1),
    "ceil": (1, 1),
    "round": (1, 1),
    "sqrt": (1, 1),
    "log2": (1, 1),
    "exp": (1, 1),
    "abs": (1, 1),
    "clamp": (3, 3),
}
"""Functions that a spec calls by name, with the least and the greatest number of arguments."""

AGGREGATES = ("sum", "max", "min", "mean", "count", "argmax", "any", "all", "first")
