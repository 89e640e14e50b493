"""The charts of a report: what each shows, and along which input."""

from __future__ import annotations

from collections.abc import Sequence

from ..sheet import report as shown
from ..sheet.formula import Formula, Rows
from ..sheet.input_keys import InputKey
from ..syntax import tree
from .analyses import constant_of
from .expressions import elaborate
from .faults import Fault, nearest
from .inputs import input_of_path
from .models import ModelInstance
from .unknown import unknown_column
from .values import ColumnValue
from .workshop import Scope, Value, Workshop

_COLUMNS = {
    "histogram": (1, "one column", "write a chart for each"),
    "pareto": (2, "two columns, one across and one up", "write `chart pareto table.cost, table.time`"),
    "fit": (2, "two columns, the modelled and the measured", "write `chart fit table.modelled, table.measured`"),
    "roofline": (
        len(shown.ROOFLINE),
        f"three columns: {', '.join(shown.ROOFLINE)}",
        "write `chart roofline table.intensity, table.reached, table.roof`",
    ),
}
"""How many columns a chart shows, and what to write; the others show any number of them."""
_EACH = ("layer", "row", "name")
"""Each row for itself."""
OR = ", or "


def chart_item(shop: Workshop, node: tree.Chart, scope: Scope) -> shown.ChartItem:
    """What a `chart` asks for, names resolved."""
    if node.kind not in shown.CHARTS:
        start = scope.source.text.index(node.kind, node.span[0] + len("chart"))
        hint = nearest(node.kind, shown.CHARTS) or f"the charts are {', '.join(shown.CHARTS)}"
        place = scope.span((start, start + len(node.kind)))
        raise Fault("unknown-chart", f"there is no chart `{node.kind}`", place, hint)
    wanted = shown.CHARTS[node.kind]
    wants = wanted.split(OR)
    cells: list[shown.Shown] = []
    columns: list[shown.TableItem] = []
    models: list[str] = []

    def add(of: tree.Expression) -> None:
        value: Value = elaborate(shop, of, scope)
        text = _text(scope, of)
        place = scope.span(of.span)
        given = "cells"
        if isinstance(value, ModelInstance):
            given = "a model"
            models.append(value.name)
        elif isinstance(value, ColumnValue):
            given = "columns"
            title = text.rsplit(".", 1)[-1]
            column = shown.ShownColumn(title, value.content, None)
            columns.append(shown.TableItem(text, value.rows, value.var.name, (column,)))
        elif "a model" not in wants:
            cells.append(shown.Shown(text, value.formula(shop, place), None))
        second = len(models) > 1 or bool(models and columns)
        if given not in wants or second:
            this = "a second one" if second else value.what if "a model" in wants else given
            known = shown.CHARTS.items() if "a model" not in wants else ()
            others = [kind for kind, shows in known if given in shows.split(OR) and given not in wants]
            hint = f"{given} are shown by {', '.join(f'`chart {kind}`' for kind in others)}" if others else ""
            raise Fault("wrong-chart", f"`chart {node.kind}` shows {wanted}, and this is {this}", place, hint)

    shop.all_of([lambda of=of: add(of) for of in node.of])  # type: ignore[misc]
    _of_one_table(node, columns, scope)
    _grouped(shop, node, columns, scope)
    over, ends = _axis(shop, node, scope)
    model = models[0] if models else None
    span = scope.span(node.span)
    return shown.ChartItem(node.kind, tuple(cells), tuple(columns), model, node.by, over, span, ends)


def _of_one_table(node: tree.Chart, columns: Sequence[shown.TableItem], scope: Scope) -> None:
    """The columns of a chart stand over the same rows, and are as many as it can show."""
    for of, column in list(zip(node.of, columns, strict=False))[1:]:
        here, first = column.rows, columns[0].rows
        if not isinstance(here, Rows) or not isinstance(first, Rows):
            continue
        if (here.table, here.indices) != (first.table, first.indices):
            message = f"`{column.title}` has a value for each row of `{here.text}`, and `{columns[0].title}` for each"
            raise Fault(
                "wrong-chart",
                f"{message} of `{first.text}`: a chart shows columns of the same rows",
                scope.span(of.span),
                "write a chart for each table; totals stand side by side in `chart compare`",
            )
    most, shows, hint = _COLUMNS.get(node.kind, (len(columns), "", ""))
    if columns and len(columns) != most:
        place = scope.span((node.of[0].span[0], node.of[-1].span[1]))
        raise Fault("wrong-chart", f"`chart {node.kind}` shows {shows}, and here are {len(columns)}", place, hint)


def _grouped(shop: Workshop, node: tree.Chart, columns: Sequence[shown.TableItem], scope: Scope) -> None:
    """What `by` names is a column of the rows; each row for itself is told by their name."""
    if not columns or node.by in ("", *_EACH, columns[0].rows.table):
        return
    tables = shop.tables_of(columns[0].rows)
    if shop.owner_of_column(tables, node.by) is None:
        start = scope.source.text.index(node.by, node.of[-1].span[1])
        raise unknown_column(shop, tables, node.by, scope.span((start, start + len(node.by))))


def _axis(shop: Workshop, node: tree.Chart, scope: Scope) -> tuple[InputKey | None, tuple[Formula, Formula] | None]:
    """The input along the axis of a chart, and where it begins and ends if the author says so."""
    axis = node.over
    if node.kind not in shown.OVER:
        if axis is None:
            return None, None
        place = scope.span(axis.span)
        raise Fault("wrong-chart", f"`chart {node.kind}` has no axis to choose", place, "leave `over` out")
    if axis is None:
        message = f"`chart {node.kind}` needs the input along its axis"
        raise Fault("wrong-chart", message, scope.span(node.span), "add `over` and an input")
    key = input_of_path(shop, axis.of, scope)
    if axis.listed or axis.by is not None:
        message = f"`chart {node.kind}` chooses its points between two ends itself"
        hint = f"write `{_text(scope, axis.of)} = 1..9`; `grid` tables and draws chosen values"
        raise Fault("wrong-chart", message, scope.span(axis.span), hint)
    if axis.low is None or axis.high is None:
        return key, None
    return key, (constant_of(shop, axis.low, scope), constant_of(shop, axis.high, scope))


def _text(scope: Scope, node: tree.Expression) -> str:
    return scope.written(node.span)
