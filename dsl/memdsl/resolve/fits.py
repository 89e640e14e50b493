"""`fit`: two columns of one table, and the inputs that bring one close to the other."""

from __future__ import annotations

from collections.abc import Mapping

from ..sheet.sheet import Fit, Fitted, Loss
from ..syntax import tree
from .expressions import elaborate
from .faults import Fault, nearest
from .inputs import input_of_path
from .values import ColumnValue
from .workshop import Scope, Workshop

LOSSES: Mapping[str, Loss] = {"median": "median", "mean": "mean", "squares": "squares"}


def fit_of(shop: Workshop, node: tree.Fit, scope: Scope) -> Fit:
    modelled = _column(shop, node.modelled, scope)
    measured = _column(shop, node.measured, scope)
    by = _column(shop, node.by, scope) if node.by is not None else None
    rows = shop.fixed_rows(modelled.rows)
    if rows is None:
        raise Fault("column-needed", "a fit needs the columns of a table", scope.span(node.modelled.span))
    for other, place in ((measured, node.measured), (by, node.by)):
        if other is not None and place is not None and shop.fixed_rows(other.rows) != rows:
            message = "both sides of a fit, and what groups them, are columns of the same rows"
            raise Fault("different-rows", message, scope.span(place.span))
    loss = node.loss or "median"
    if loss not in LOSSES:
        hint = nearest(loss, LOSSES) or f"it is one of {', '.join(LOSSES)}"
        raise Fault("unknown-name", f"there is no loss `{loss}`", scope.span(node.span), hint)
    keys = tuple(input_of_path(shop, path, scope) for path in node.inputs)
    text = " ".join(scope.source.text[slice(*node.span)].split())
    sides = [Fitted(column.content, column.var.name) for column in (modelled, measured)]
    group = Fitted(by.content, by.var.name) if by is not None else None
    return Fit(text, rows.table, rows.indices, sides[0], sides[1], group, keys, LOSSES[loss], scope.span(node.span))


def _column(shop: Workshop, node: tree.Expression, scope: Scope) -> ColumnValue:
    value = elaborate(shop, node, scope)
    if not isinstance(value, ColumnValue):
        message = f"a fit compares columns of a table, and this is {value.what}"
        raise Fault("column-needed", message, scope.span(node.span), "name a column: `points.time`")
    return value
