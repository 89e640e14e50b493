"""Values, definitions and documentation as a person reads them in an editor."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Span
from ..evaluate.show import show, shown_unit
from ..sheet.formula import At, CellRef, Field
from ..sheet.sheet import Column, Quantity, Table
from ..syntax import tree
from .snapshot import Snapshot
from .tree_walk import path_to, statement_at

_MOST_LINES = 4
Declared = tree.Declaration | tree.Cell | tree.Formal | tree.Heading


def declared_at(snapshot: Snapshot, span: Span) -> Declared | None:
    """The declaration whose name stands at a place."""
    module = next((m for m in snapshot.trace.modules.values() if m.source is span.source), None)
    statement = statement_at(module.node, span.start) if module is not None else None
    if statement is None:
        return None
    for node in reversed(path_to(statement, span.start)):
        if isinstance(node, (tree.Declaration, tree.Cell)) and node.name_span[0] == span.start:
            return node
        if isinstance(node, (tree.Formal, tree.Heading)) and node.span[0] == span.start:
            return node
    return None


def head(node: Declared, text: str) -> str:
    """A declaration without its body and its documentation."""
    start, end = node.span
    if isinstance(node, tree.Cell):
        written = text[start : node.value.span[1]]
    elif isinstance(node, (tree.Formal, tree.Heading)):
        written = text[start:end]
    elif isinstance(node, (tree.Function, tree.Instance)):
        written = text[start : node.value.span[1]]
    else:
        opening = text.find("{", node.name_span[1])
        written = text[start : opening if 0 <= opening < end else end]
        written = written.replace(f'"{node.label}"', "") if node.label else written
    lines = written.rstrip().splitlines()
    return "\n".join(lines[:_MOST_LINES]) + (" …" if len(lines) > _MOST_LINES else "")


def label_of(node: Declared) -> str:
    if isinstance(node, tree.Cell):
        return node.clauses.label
    return node.label if isinstance(node, tree.Declaration) else ""


def source_of(node: Declared) -> str:
    return node.clauses.source if isinstance(node, (tree.Cell, tree.Function, tree.Instance)) else ""


def value_of_cell(good: Snapshot, cell_id: str) -> str:
    """The value of a cell with its unit, empty when it has none."""
    cell = good.model.sheet.cells.get(cell_id)
    values = good.values
    if cell is None or values is None:
        return ""
    kind = good.model.typed.cell_types.get(cell_id)
    if kind is None:
        return ""
    formula = CellRef(cell.span, cell_id)
    return show(good.model.typed, values.cell(cell_id), kind, shown_unit(good.model.typed, formula))


def value_of_entry(good: Snapshot, entry: Field) -> str:
    """The value of one entry of a column."""
    point = good.values
    if point is None or not isinstance(entry.row, At):
        return ""
    found = column_of(good, entry.table, entry.column)
    if found is None:
        return ""
    table, column = found
    values = point.column(table.id, column.name)
    kind = good.model.typed.column_types[table.id, column.name]
    if entry.row.index >= len(values):
        return ""
    return show(good.model.typed, values[entry.row.index], kind, shown_unit(good.model.typed, entry) or column.shown)


def column_of(good: Snapshot, table_id: str, name: str) -> tuple[Table, Column] | None:
    """A column by its table, or by the table whose rows these are."""
    table = good.model.sheet.tables.get(table_id)
    while table is not None:
        if name in table.columns and (table.id, name) in good.model.typed.column_types:
            return table, table.columns[name]
        table = good.model.sheet.tables.get(table.parent) if table.parent is not None else None
    return None


def range_of_column(good: Snapshot, table_id: str, name: str) -> str:
    """A column in short: its rows, its least and its greatest value."""
    found, point = column_of(good, table_id, name), good.values
    if found is None or point is None:
        return ""
    table, column = found
    kind = good.model.typed.column_types[table.id, name]
    values = [value for value in point.column(table.id, name) if value is not None]
    rows = f"{len(values)} row{'s' if len(values) != 1 else ''}"
    if not isinstance(kind, Quantity) or not values:
        texts = list(dict.fromkeys(show(good.model.typed, value, kind) for value in values))
        return f"{rows}: {', '.join(texts[:4])}{', …' if len(texts) > 4 else ''}" if texts else rows
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    low, high = (show(good.model.typed, end, kind, column.shown) for end in (min(numbers), max(numbers)))
    return f"{rows}: {low}" if low == high else f"{rows}: {low} … {high}"


def axes_of_row(good: Snapshot, table_id: str, index: int) -> list[str]:
    """The sizes of a tensor along its axes."""
    table = good.model.sheet.tables.get(table_id)
    point = good.values
    if table is None or point is None or index >= len(table.rows):
        return []
    if table.parent is not None:
        return axes_of_row(good, table.parent, index)
    sizes: list[str] = []
    for column in table.columns.values():
        if column.role == "axis" and column.formulas[index] is not None:
            value = point.column(table.id, column.name)[index]
            if isinstance(value, (int, float)):
                sizes.append(f"{value:,.0f}" if float(value).is_integer() else f"{value:g}")
    return sizes


def joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)
