"""Literal tables (headings and rows) and crossed ones (a row for each combination)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from ..diagnostics import Note, Span
from ..sheet.formula import At, Formula, Literal, RowRef, Rows
from ..sheet.sheet import Row
from ..syntax import tree
from ..units import NONE, Unit
from .drafts import ColumnInfo, TableDraft
from .expressions import elaborate, formula_of, unit_of
from .hardware import add_check
from .scope import Scope, mapped
from .values import (
    Actual,
    CellValue,
    ColumnValue,
    Fault,
    ListValue,
    OwnColumn,
    Reported,
    RowsValue,
    RowValue,
    Scalar,
    Value,
)
from .workshop import MAX_ROWS, Workshop

_SCALARS = (Scalar, CellValue, OwnColumn, RowValue, ColumnValue)


class PlainTable(TableDraft):
    """A table of a spec. Computed columns share one formula; in a crossed table each row has its own."""

    def __init__(self, shop: Workshop, node: tree.Table, scope: Scope, table_id: str, crossed: bool) -> None:
        super().__init__(table_id, "crossed" if crossed else "literal", "", node.label, scope.span(node.name_span))
        self.shop = shop
        self.scope = scope
        self.columns: dict[str, ColumnInfo] = {"name": ColumnInfo(self.span, None, "", "structure")}
        self.entries: dict[tuple[str, int], Formula] = {}
        self.entry_sources: dict[tuple[str, int], str] = {}
        self.computed: dict[str, tree.Cell] = {}
        self.made: dict[str, Formula] = {}

    def declare(self, cell: tree.Cell) -> None:
        if cell.name in self.columns:
            notes = (Note("defined here first", self.columns[cell.name].span),)
            raise Fault(
                "duplicate-name", f"column `{cell.name}` is defined twice", self.scope.span(cell.name_span), notes=notes
            )
        shown = unit_of(cell.clauses.shown, self.scope) if cell.clauses.shown is not None else None
        span = self.scope.span(cell.name_span)
        self.columns[cell.name] = ColumnInfo(span, shown, cell.clauses.label, "column", cell.clauses.source)
        self.computed[cell.name] = cell

    def knows(self, column: str) -> bool:
        return column in self.columns

    def names(self) -> Iterable[str]:
        return self.columns

    def info(self, column: str) -> ColumnInfo:
        return self.columns[column]

    def sources(self, column: str) -> tuple[str, ...]:
        return tuple(self.entry_sources.get((column, i), "") for i in range(len(self.rows)))

    def formula_at(self, column: str, index: int) -> Formula | None:
        if column == "name":
            name = self.rows[index].name
            return Literal(self.rows[index].span, name, None, f'"{name}"')
        if (column, index) in self.entries:
            return self.entries[column, index]
        if column not in self.computed:
            return None
        if column not in self.made:
            cell = self.computed[column]
            own: dict[str, Value] = {name: OwnColumn(self.id, name) for name in self.columns}
            try:
                self.made[column] = formula_of(self.shop, cell.value, mapped(own, self.scope))
            except (Fault, Reported) as fault:
                if isinstance(fault, Fault):
                    self.shop.report(fault)
                self.made[column] = Literal(self.columns[column].span, 0.0, None, "?")
        return self.made[column]


class CrossedTable(PlainTable):
    """A row for each combination; a column of models or networks holds parts, the others formulas."""

    def __init__(self, shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> None:
        super().__init__(shop, node, scope, table_id, crossed=True)
        self.parts: dict[tuple[str, int], Value] = {}

    def part(self, row: RowRef, name: str) -> Value | None:
        return self.parts.get((name, row.index)) if isinstance(row, At) else None

    def knows(self, column: str) -> bool:
        return column in self.columns and not any(name == column for name, _ in self.parts)

    def names(self) -> Iterable[str]:
        parts = {name for name, _ in self.parts}
        return [name for name in self.columns if name not in parts]


def build_table(shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> RowsValue:
    """The table of a declaration; raises Fault."""
    if node.file:
        raise not_yet("tables from files", scope.span(node.span))
    draft = _crossed(shop, node, scope, table_id) if node.over else _literal(shop, node, scope, table_id)
    return RowsValue((table_id,), Rows(table_id, tuple(range(len(draft.rows))), table_id))


def not_yet(what: str, span: Span) -> Fault:
    return Fault("not-yet", f"{what}: the language has this, and this version cannot carry it out yet", span)


def _literal(shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> PlainTable:
    draft = PlainTable(shop, node, scope, table_id, crossed=False)
    if not node.headings:
        raise Fault(
            "empty-table",
            f"table `{node.name}` has no headings",
            scope.span(node.name_span),
            "write a line of headings: `name | weights | …`",
        )
    units: list[Unit | None] = []
    for number, heading in enumerate(node.headings):
        name = "name" if number == 0 else heading.name
        if name in draft.columns and number > 0:
            raise Fault("duplicate-name", f"column `{name}` stands twice", scope.span(heading.span))
        unit = unit_of(heading.unit, scope) if heading.unit is not None else None
        units.append(unit)
        draft.columns[name] = ColumnInfo(scope.span(heading.span), unit, "", "argument" if number else "structure")
    for row in node.rows:
        span = scope.span((row[0].span[0], row[-1].span[1]))
        if len(row) > len(node.headings):
            raise Fault(
                "wrong-row", f"this row has {len(row)} entries, and there are {len(node.headings)} headings", span
            )
        first = row[0].value
        if not isinstance(first, tree.String):
            raise Fault("wrong-row", "a row begins with its name in quotes", span, 'write `"MLP0" | …`')
        if any(r.name == first.value for r in draft.rows):
            raise Fault("duplicate-name", f"there are two rows `{first.value}`", scope.span(first.span))
        index = shop.add_row(draft, Row(first.value, node.name, "row", span))
        for heading, unit, entry in zip(node.headings[1:], units[1:], row[1:], strict=False):
            if entry.value is None:
                continue
            formula = formula_of(shop, entry.value, scope)
            if unit is not None and isinstance(formula, Literal) and formula.dimension == NONE:
                value = float(formula.value) * float(unit.scale)
                formula = Literal(formula.span, value, unit.dimension, f"{formula.text} {unit.text}")
            draft.entries[heading.name, index] = formula
            if entry.source:
                draft.entry_sources[heading.name, index] = entry.source
    shop.add_table(draft)
    _body(shop, draft, node.body, scope)
    return draft


def _body(shop: Workshop, draft: PlainTable, body: Sequence[tree.Cell | tree.Require], scope: Scope) -> None:
    for statement in body:
        if isinstance(statement, tree.Cell):
            draft.declare(statement)
    own: dict[str, Value] = {name: OwnColumn(draft.id, name) for name in draft.columns}
    for statement in body:
        if isinstance(statement, tree.Require):
            rows = tuple(range(len(draft.rows)))
            add_check(shop, statement, mapped(own, scope), "", draft.id, rows)


def _crossed(shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> CrossedTable:
    draft = CrossedTable(shop, node, scope, table_id)
    choices: list[list[tuple[str, Value]]] = []
    for name, expression in node.over:
        value = elaborate(shop, expression, scope)
        if not isinstance(value, ListValue):
            raise Fault(
                "not-a-list",
                f"`{name.name} in …` needs a list, and this is {value.what}",
                scope.span(expression.span),
                "write `[a, b]`",
            )
        choices.append([(scope.source.text[slice(*item.span)].strip('"'), v) for v, item in value.items])
        draft.columns[name.name] = ColumnInfo(scope.span(name.span), None, "", "argument")
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > MAX_ROWS:
        raise Fault("too-many-rows", f"the table would have {size:,} rows", draft.span)
    combinations = [
        (shop.add_row(draft, Row("/".join(text for text, _ in c), node.name, "row", draft.span)), c)
        for c in product(*choices)
    ]
    shop.add_table(draft)
    for statement in node.body:
        if isinstance(statement, tree.Cell):
            draft.declare(statement)
    for index, combination in combinations:
        values: dict[str, Value] = {}
        inner = mapped(values, scope)
        for (name, _), (text, value) in zip(node.over, combination, strict=True):
            values[name.name] = value
            if isinstance(value, _SCALARS):
                draft.entries[name.name, index] = value.formula(shop, scope.span(name.span))
            else:
                draft.entries[name.name, index] = Literal(draft.span, text, None, f'"{text}"')
        for cell in node.body:
            if isinstance(cell, tree.Cell):
                _crossed_entry(shop, draft, cell, index, values, inner)
    return draft


def _crossed_entry(
    shop: Workshop,
    draft: CrossedTable,
    cell: tree.Cell,
    index: int,
    values: dict[str, Value],
    scope: Scope,
) -> None:
    row = draft.rows[index].name
    value = _instantiate(shop, cell.value, scope, f'{draft.id}["{row}"].{cell.name}')
    if isinstance(value, _SCALARS):
        draft.entries[cell.name, index] = value.formula(shop, scope.span(cell.value.span))
        values[cell.name] = OwnColumn(draft.id, cell.name)
    else:
        draft.parts[cell.name, index] = value
        values[cell.name] = value


def _instantiate(shop: Workshop, node: tree.Expression, scope: Scope, name: str) -> Value:
    """The value of an expression; a template called outright makes an instance of the given name."""
    if isinstance(node, tree.Call) and isinstance(node.of, tree.Name) and scope.find(node.of.name) is not None:
        callee = elaborate(shop, node.of, scope)
        return callee.call(shop, [Actual(a, scope) for a in node.arguments], scope.span(node.span), name)
    return elaborate(shop, node, scope)
