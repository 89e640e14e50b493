"""The statements of a report that ask something of the closed forms: sensitivity, uncertainty, grid, pareto, solve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from ..sheet import report as shown
from ..sheet.formula import Formula
from ..sheet.input_keys import InputKey
from ..syntax import tree
from .constant import is_constant
from .expressions import elaborate, formula_of
from .faults import Fault
from .inputs import input_of_path
from .values import ColumnValue
from .workshop import Scope, Workshop

Asked = tree.Sensitivity | tree.Uncertainty | tree.Grid | tree.Solve

Node = TypeVar("Node", bound=tree.Node)
Made = TypeVar("Made")


def analysis_item(shop: Workshop, node: Asked, scope: Scope) -> shown.ReportItem:
    """What such a statement asks for, names resolved."""
    span = scope.span(node.span)
    match node:
        case tree.Sensitivity():
            cells: list[shown.Shown] = []
            inputs: list[InputKey] = []
            change: list[Formula] = []

            def add_by() -> None:
                change.extend([constant_of(shop, node.by, scope)] if node.by is not None else [])

            shop.all_of(
                [
                    lambda: cells.extend(_cells(shop, node.of, scope)),
                    lambda: inputs.extend(_all(shop, node.inputs, lambda path: input_of_path(shop, path, scope))),
                    add_by,
                ]
            )
            by = change[0] if change else None
            return shown.SensitivityItem(tuple(cells), tuple(dict.fromkeys(inputs)), by, span)
        case tree.Uncertainty():
            return shown.UncertaintyItem(_cells(shop, node.of, scope), span)
        case tree.Grid():
            of: list[shown.Shown] = []
            axes: list[shown.Axis] = []
            shop.all_of(
                [
                    lambda: of.extend(_cells(shop, node.of, scope)),
                    lambda: axes.extend(_all(shop, node.axes, lambda axis: _axis(shop, axis, scope))),
                ]
            )
            twice = next((axis for i, axis in enumerate(axes) if axis.input in [a.input for a in axes[:i]]), None)
            if twice is not None:
                raise Fault("duplicate-argument", "this input has an axis already", twice.span, "leave one of them out")
            if node.keyword == "grid":
                return shown.GridItem(tuple(of), tuple(axes), span)
            if len(of) < 2:
                raise Fault("wrong-argument", "`pareto` weighs two cells or more against each other", span)
            return shown.ParetoItem(tuple(of), tuple(axes), span)
        case tree.Solve():
            condition = formula_of(shop, node.condition, scope)
            text = _text(scope, node.condition)
            return shown.SolveItem(shown.Shown(text, condition, None), input_of_path(shop, node.input, scope), span)


def _all(shop: Workshop, nodes: Sequence[Node], make: Callable[[Node], Made]) -> list[Made]:
    """What each node makes; the fault of each is reported."""
    found: list[Made] = []

    def add(node: Node) -> None:
        found.append(make(node))

    shop.all_of([partial(add, node) for node in nodes])
    return found


def _text(scope: Scope, node: tree.Expression) -> str:
    return scope.written(node.span)


def _cells(shop: Workshop, nodes: Sequence[tree.Expression], scope: Scope) -> tuple[shown.Shown, ...]:
    def one(node: tree.Expression) -> shown.Shown:
        value = elaborate(shop, node, scope)
        place = scope.span(node.span)
        if isinstance(value, ColumnValue):
            hint = "wrap it in an aggregate, such as `sum(…)`, or name one row"
            raise Fault("column-as-number", "this is a column: one value for each row", place, hint)
        return shown.Shown(_text(scope, node), value.formula(shop, place), None)

    return tuple(_all(shop, nodes, one))


def _axis(shop: Workshop, node: tree.Axis, scope: Scope) -> shown.Axis:
    key = input_of_path(shop, node.of, scope)
    low, high, by = (constant_of(shop, part, scope) if part else None for part in (node.low, node.high, node.by))
    listed = tuple(_all(shop, node.listed, lambda item: constant_of(shop, item, scope)))
    span = scope.span(node.span)
    name = _text(scope, node.of)
    if low is None and not listed:
        hint = f"write `{name} = 1..9 step 1`, `… times 2` or `[1, 4, 9]`"
        raise Fault("missing-value", f"the values of `{name}` are missing here", span, hint)
    word: shown.AxisWord = "step" if node.word == "step" else "times" if node.word == "times" else ""
    if low is not None and by is None:
        cell = shop.cell(key) if isinstance(key, str) else None
        if cell is None or cell.clauses.multiple is None:
            message = f"how `{name}` goes from one end to the other is missing"
            raise Fault("missing-value", message, span, "add `step …` or `times 2`")
        word, by = "step", constant_of(shop, cell.clauses.multiple, cell.scope)
    return shown.Axis(key, low, high, word, by, listed, span)


def constant_of(shop: Workshop, node: tree.Expression, scope: Scope) -> Formula:
    formula = formula_of(shop, node, scope)
    if not is_constant(formula):
        raise Fault("not-constant", "a constant value is needed here", formula.span)
    return formula
