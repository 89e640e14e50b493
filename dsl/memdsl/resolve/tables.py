"""Tables: written ones (headings and rows), crossed ones (a row for each combination), those of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product

from ..diagnostics import Source, Span
from ..sheet.formula import UNLIMITED, Apply, At, Formula, Literal, RowRef, Rows
from ..sheet.sheet import Row
from ..syntax import tree
from ..units import NONE, Unit
from .expressions import elaborate, formula_of, unit_of
from .faults import Fault, Reported
from .limits import MAX_CROSSED, MAX_ROWS
from .plain_tables import PlainTable, add_body
from .values import CellValue, ColumnValue, ListValue, OwnColumn, RowsValue, RowValue, Scalar
from .workshop import Actual, ColumnInfo, Scope, Value, Workshop

_SCALARS = (Scalar, CellValue, OwnColumn, RowValue, ColumnValue)


class CrossedTable(PlainTable):
    """A row for each combination; a column of models or networks holds parts, the others formulas."""

    def __init__(self, shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> None:
        super().__init__(shop, node, scope, table_id, "crossed")
        self.parts: dict[tuple[str, int], Value] = {}

    def part(self, row: RowRef, name: str) -> Value | None:
        return self.parts.get((name, row.index)) if isinstance(row, At) else None

    def knows(self, column: str) -> bool:
        return column in self.columns and not any(name == column for name, _ in self.parts)

    def names(self) -> Iterable[str]:
        parts = {name for name, _ in self.parts}
        return [name for name in self.columns if name not in parts]


def build_table(
    shop: Workshop, node: tree.Table, scope: Scope, table_id: str, read: Callable[[str, Span], Source]
) -> RowsValue:
    """The table of a declaration, `read` gives the text of a file beside the spec; raises Fault."""
    draft: PlainTable
    if node.file:
        draft = _from_file(shop, node, scope, table_id, read)
    elif node.over:
        draft = _crossed(shop, node, scope, table_id)
    else:
        draft = _literal(shop, node, scope, table_id)
    return RowsValue((table_id,), Rows(table_id, tuple(range(len(draft.rows))), table_id))


def _from_file(
    shop: Workshop, node: tree.Table, scope: Scope, table_id: str, read: Callable[[str, Span], Source]
) -> PlainTable:
    from .file_tables import read_file_table

    start = scope.source.text.index(f'"{node.file}"', node.name_span[1])
    source = read(node.file, scope.span((start, start + len(node.file) + 2)))
    draft = read_file_table(shop, node, scope, table_id, source)
    shop.add_table(draft)
    add_body(shop, draft, node.body, scope)
    return draft


def _literal(shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> PlainTable:
    draft = PlainTable(shop, node, scope, table_id)
    if not node.headings:
        raise Fault(
            "empty-table",
            f"table `{node.name}` has no headings",
            scope.span(node.name_span),
            "write a line of headings: `name | weights | …`",
        )
    units: list[Unit | None] = []
    taken: set[str] = set()

    def add_heading(number: int, heading: tree.Heading) -> None:
        name = "name" if number == 0 else heading.name
        place = scope.span((heading.span[0], heading.span[0] + len(heading.name)))
        units.append(None)
        if name in draft.columns and number > 0:
            raise Fault("duplicate-name", f"column `{name}` stands twice", place, "give one of them another name")
        draft.columns[name] = ColumnInfo(place, None, "", "argument" if number else "structure")
        if heading.unit is not None:
            units[-1] = unit_of(heading.unit, scope)
            draft.columns[name] = ColumnInfo(place, units[-1], "", "argument")

    def add_row(row: tuple[tree.Entry, ...]) -> None:
        first = row[0].value
        if not isinstance(first, tree.String):
            hint = 'write `"MLP0" | …`'
            raise Fault("wrong-row", "a row begins with its name in quotes", scope.span(row[0].span), hint)
        if len(row) > len(node.headings):
            message = f"this row has {len(row)} entries, and there are {len(node.headings)} headings"
            raise Fault("wrong-row", message, scope.span((row[0].span[0], row[-1].span[1])))
        if first.value in taken:
            raise Fault("duplicate-name", f"there are two rows `{first.value}`", scope.span(first.span))
        taken.add(first.value)
        span = scope.span((row[0].span[0], row[-1].span[1]))
        index = shop.add_row(draft, Row(first.value, node.name, "row", span))
        for heading, unit, entry in zip(node.headings[1:], units[1:], row[1:], strict=False):
            if entry.value is None:
                continue
            formula = formula_of(shop, entry.value, scope)
            draft.entries[heading.name, index] = formula if unit is None else _in_unit(formula, unit)
            if entry.source:
                draft.entry_sources[heading.name, index] = entry.source

    shop.all_of([partial(add_heading, *numbered) for numbered in enumerate(node.headings)])
    shop.all_of([partial(add_row, row) for row in node.rows])
    shop.add_table(draft)
    add_body(shop, draft, node.body, scope)
    return draft


def _in_unit(formula: Formula, unit: Unit) -> Formula:
    """A plain number under a heading with a unit is in that unit."""
    if isinstance(formula, Apply) and formula.op == "neg":
        return Apply(formula.span, "neg", (_in_unit(formula.args[0], unit),))
    if isinstance(formula, Literal) and formula.dimension == NONE:
        value = unit.to_base(float(formula.value))
        if not value < UNLIMITED:
            raise Fault("number-too-large", "this number is too large", formula.span)
        return Literal(formula.span, value, unit.dimension, f"{formula.text} {unit.text}")
    return formula


def _crossed(shop: Workshop, node: tree.Table, scope: Scope, table_id: str) -> CrossedTable:
    draft = CrossedTable(shop, node, scope, table_id)
    choices: list[list[tuple[str, Value]]] = []
    for name, expression in node.over:
        value = elaborate(shop, expression, scope)
        if not isinstance(value, ListValue):
            raise Fault(
                "not-a-list",
                f"`{name.name} in …` needs a list, and this is {value.described()}",
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
    if size * len(node.body) > MAX_CROSSED:
        message = (
            f"the table would have {size:,} rows of {len(node.body):,} columns; it may have {MAX_CROSSED:,} entries"
        )
        raise Fault("too-large", message, draft.span, "cross fewer values, or leave out columns")
    combinations = [
        (shop.add_row(draft, Row("/".join(text for text, _ in c), node.name, "row", draft.span)), c)
        for c in product(*choices)
    ]
    shop.add_table(draft)
    add_body(shop, draft, node.body, scope)
    for index, combination in combinations:
        values: dict[str, Value] = {}
        for (name, _), (text, value) in zip(node.over, combination, strict=True):
            values[name.name] = value
            if isinstance(value, _SCALARS):
                draft.entries[name.name, index] = value.formula(shop, scope.span(name.span))
            else:
                draft.entries[name.name, index] = Literal(draft.span, text, None, f'"{text}"')
        _CrossedRow(shop, draft, index, values, scope).run()
    return draft


class _CrossedRow:
    """One row of a crossed table: an entry is made when it is asked for, whatever the order of the text."""

    def __init__(self, shop: Workshop, draft: CrossedTable, index: int, values: dict[str, Value], scope: Scope) -> None:
        self.shop = shop
        self.draft = draft
        self.index = index
        self.values = values
        self.busy: list[str] = []
        self.broken: set[str] = set()
        self.scope = Scope(scope.source, self.find, lambda: (*values, *draft.computed), scope)

    def run(self) -> None:
        self.shop.all_of([partial(self._make, name) for name in self.draft.computed])

    def _make(self, name: str) -> None:
        self.find(name)

    def find(self, name: str) -> Value | None:
        if name in self.values:
            return self.values[name]
        cell = self.draft.computed.get(name)
        if cell is None:
            return None
        if name in self.broken:
            raise Reported
        if name in self.busy:
            self.broken.add(name)
            raise Fault("circular", f"`{name}` is made from itself", self.scope.span(cell.name_span))
        self.busy.append(name)
        row = self.draft.rows[self.index].name
        try:
            value = _instantiate(self.shop, cell.value, self.scope, f'{self.draft.id}["{row}"].{name}')
            if isinstance(value, _SCALARS):
                place = self.scope.span(cell.value.span)
                self.draft.entries[name, self.index] = value.formula(self.shop, place)
                value = OwnColumn(self.draft.id, name)
            else:
                self.draft.parts[name, self.index] = value
        except (Fault, Reported):
            self.broken.add(name)
            raise
        finally:
            self.busy.pop()
        self.values[name] = value
        return value


def _instantiate(shop: Workshop, node: tree.Expression, scope: Scope, name: str) -> Value:
    """The value of an expression; a template called outright makes an instance of the given name."""
    if isinstance(node, tree.Call) and isinstance(node.of, tree.Name) and scope.find(node.of.name) is not None:
        callee = elaborate(shop, node.of, scope)
        return callee.call(shop, [Actual(a, scope) for a in node.arguments], scope.span(node.span), name)
    return elaborate(shop, node, scope)
