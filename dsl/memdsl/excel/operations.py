"""How each operation of the language is written in Excel: one table. All are functions of Excel 2010."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .pieces import COMPARISON, POWER, PRODUCT, SUM, Piece, atom, binary, call, signed

Writer = Callable[[Sequence[Piece]], Piece]


def _operator(text: str, level: int) -> Writer:
    return lambda args: binary(args[0], text, args[1], level)


def _function(name: str, *more: str) -> Writer:
    """A function of Excel; `more` are arguments that it needs behind ours."""
    return lambda args: call(name, [*args, *(atom(text) for text in more)])


OPERATIONS: dict[str, Writer] = {
    "+": _operator("+", SUM),
    "-": _operator("-", SUM),
    "*": _operator("*", PRODUCT),
    "/": _operator("/", PRODUCT),
    "^": _operator("^", POWER),
    "neg": lambda args: signed(args[0]),
    "==": _operator("=", COMPARISON),
    "!=": _operator("<>", COMPARISON),
    "<": _operator("<", COMPARISON),
    "<=": _operator("<=", COMPARISON),
    ">": _operator(">", COMPARISON),
    ">=": _operator(">=", COMPARISON),
    "and": _function("AND"),
    "or": _function("OR"),
    "not": _function("NOT"),
    "if": _function("IF"),
    "min": _function("MIN"),
    "max": _function("MAX"),
    "floor": _function("INT"),
    "ceil": lambda args: signed(call("INT", [signed(args[0])])),
    "round": _function("ROUND", "0"),
    "sqrt": _function("SQRT"),
    "log2": _function("LOG", "2"),
    "exp": _function("EXP"),
    "abs": _function("ABS"),
    "clamp": lambda args: call("MIN", [call("MAX", args[:2]), args[2]]),
}

TEXT_OPERATIONS: dict[str, Writer] = {
    "==": _function("EXACT"),
    "!=": lambda args: call("NOT", [call("EXACT", args)]),
}
"""Comparisons of texts: `=` does not tell upper from lower case."""

ARRAYS = frozenset(("+", "-", "*", "neg", "==", "!=", "<", "<=", ">", ">=", "floor", "ceil", "round", "abs"))
"""Operations that SUMPRODUCT applies to whole ranges as they stand, and that have a value for every operand."""

ARRAYS_WITHOUT_GAPS = frozenset(("/", "^", "sqrt", "log2", "exp"))
"""The same, but they may have no value: only where every row of the range counts."""
