"""Formulas of a library, which no one has given arguments yet, as shapes that the writers of closed forms write."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..sheet.operations import AGGREGATES
from ..symbolic.shapes import (
    Call,
    Measure,
    Name,
    Number,
    Over,
    Shape,
    Truth,
    When,
    Words,
    applied,
)
from ..syntax import tree


def shape(node: tree.Expression, text: str) -> Shape:
    """The expression as it is going to be written; `text` is the text of its module."""

    def of(part: tree.Expression) -> Shape:
        return shape(part, text)

    match node:
        case tree.Number():
            number = Number(Fraction(node.digits))
            return Measure(number, node.unit) if node.unit else number
        case tree.String():
            return Words(node.value)
        case tree.Truth():
            return Truth(node.value)
        case tree.Conditional():
            return When(of(node.yes), of(node.test), of(node.no))
        case tree.Operation():
            return applied(node.op, [of(operand) for operand in node.operands])
        case tree.Call():
            return _call(node, text, of)
    return Name(source_line(node, text))


def source_line(node: tree.Node, text: str) -> str:
    """What the library says, on one line."""
    return " ".join(text[slice(*node.span)].split())


def _call(node: tree.Call, text: str, of: Callable[[tree.Expression], Shape]) -> Shape:
    name = source_line(node.of, text)
    arguments = node.arguments
    if name in AGGREGATES and (name not in ("min", "max") or len(arguments) == 1 or arguments[0].binder):
        return _over(name, arguments, of)
    return Call(name, tuple(Name(source_line(a, text)) if a.name else of(a.value) for a in arguments))


def _over(name: str, arguments: tuple[tree.Argument, ...], of: Callable[[tree.Expression], Shape]) -> Shape:
    first = arguments[0]
    where = of(first.where) if first.where is not None else None
    if first.binder:
        return Over(name, first.binder, of(first.value), of(arguments[1].value) if arguments[1:] else None, where)
    return Over(name, "", None, of(first.value), where)
