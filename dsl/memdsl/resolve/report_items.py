"""The items of a report."""

from __future__ import annotations

from functools import partial

from ..diagnostics import Problems, Span
from ..sheet import report as shown
from ..sheet.input_keys import InputKey
from ..syntax import parse_prose, tree
from .analyses import analysis_item
from .charts import chart_item
from .expressions import elaborate, formula_of, unit_of
from .faults import Fault
from .inputs import input_of_path
from .values import ColumnValue, RowsValue
from .workshop import Scope, Workshop


def report_items(shop: Workshop, node: tree.Report, scope: Scope, problems: Problems) -> tuple[shown.ReportItem, ...]:
    items: list[shown.ReportItem] = []

    def add(statement: tree.ReportStatement) -> None:
        items.append(_item(shop, statement, scope, problems))

    for statement in node.body:
        shop.guarded(lambda s=statement: add(s))  # type: ignore[misc]
    return tuple(items)


def _item(shop: Workshop, node: tree.ReportStatement, scope: Scope, problems: Problems) -> shown.ReportItem:
    match node:
        case tree.Prose():
            parts: list[str | shown.Shown] = []

            def add(part: str | tuple[tree.Expression, tree.UnitText | None]) -> None:
                parts.append(part if isinstance(part, str) else _shown(shop, *part, scope))

            shop.all_of([partial(add, part) for part in parse_prose(node, scope.source, problems)])
            return shown.ProseItem(tuple(parts))
        case tree.ReportTable():
            return _table_item(shop, node, scope)
        case tree.Chart():
            return chart_item(shop, node, scope)
        case tree.Equation():
            inputs: list[InputKey] = []

            def add_input(path: tree.Expression) -> None:
                inputs.append(input_of_path(shop, path, scope))

            shop.all_of([partial(add_input, path) for path in node.inputs])
            return shown.EquationItem(_shown(shop, node.of, None, scope), tuple(inputs))
        case tree.ClaimsHere():
            return shown.ClaimsItem()
        case tree.Sensitivity() | tree.Uncertainty() | tree.Grid() | tree.Solve():
            return analysis_item(shop, node, scope)


def _shown(shop: Workshop, node: tree.Expression, unit: tree.UnitText | None, scope: Scope) -> shown.Shown:
    text = " ".join(scope.source.text[slice(*node.span)].split())
    return shown.Shown(text, formula_of(shop, node, scope), unit_of(unit, scope) if unit is not None else None)


def _table_item(shop: Workshop, node: tree.ReportTable, scope: Scope) -> shown.TableItem:
    rows = elaborate(shop, node.of, scope)
    span = scope.span(node.of.span)
    if not isinstance(rows, RowsValue):
        raise Fault(
            "not-a-table", f"`table` needs rows, and this is {rows.what}", span, "write `table today.layers: …`"
        )
    names = [(h.name, h.unit, scope.span(h.span)) for h in node.columns]
    if not names:
        names = [(n, None, span) for table in rows.tables[::-1] for n in shop.table(table).names()]
    columns: list[shown.ShownColumn] = []

    def add(name: str, unit: tree.UnitText | None, where: Span) -> None:
        if node.columns and shop.owner_of_column(rows.tables, name) is None:
            where = Span(where.source, where.start, where.start + len(name))
        column = rows.member(shop, name, where)
        assert isinstance(column, ColumnValue)
        if shop.note is not None and node.columns:
            shop.note(scope, (where.start, where.start + len(name)), column)
        columns.append(shown.ShownColumn(name, column.content, unit_of(unit, scope) if unit else None))

    shop.all_of([partial(add, *heading) for heading in names])
    text = scope.source.text[slice(*node.of.span)]
    return shown.TableItem(text, rows.rows, rows.var.name, tuple(columns))
