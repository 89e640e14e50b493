"""What an expression means while templates are expanded: a formula, a row, some rows, an instance, a template.

A value answers three questions: its member, its value at a key, and what calling it makes. Whatever a value cannot
do is a `Fault` in the user's terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..diagnostics import Note, Span
from ..records import record
from ..sheet.formula import (
    Apply,
    At,
    CellRef,
    Field,
    Formula,
    Here,
    Literal,
    Pick,
    Reduce,
    Related,
    RowRef,
    Rows,
    RowSet,
    Var,
)
from ..syntax import tree
from .faults import Fault, Reported, nearest
from .row_relations import RELATIONS
from .truths import is_truth, joined
from .unknown import unknown_column
from .workshop import Actual, Value, Workshop


@record
class Scalar(Value):
    """A formula: a number, a truth value or text."""

    content: Formula
    what = "a number"

    def described(self) -> str:
        value = self.content.value if isinstance(self.content, Literal) else None
        return "a truth value" if isinstance(value, bool) else "text" if isinstance(value, str) else self.what

    def formula(self, shop: Workshop, span: Span) -> Formula:
        return self.content

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        row = row_behind(shop, self.content)
        if row is None:
            return super().member(shop, name, span)
        return row.member(shop, name, span)


@record
class OwnColumn(Value):
    """A column of the row here; `tables` know its columns, `owner` holds this one."""

    owner: str
    name: str
    what = "a number"

    def formula(self, shop: Workshop, span: Span) -> Formula:
        return Field(span, Here(), self.owner, self.name)

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        return Scalar(self.formula(shop, span)).member(shop, name, span)


@record
class CellValue(Value):
    """A cell by its identifier; it is elaborated when its value is needed."""

    id: str
    what = "a number"

    def formula(self, shop: Workshop, span: Span) -> Formula:
        shop.need(self.id, span)
        return CellRef(span, self.id)

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        return cell_value(shop, self.id, span).member(shop, name, span)

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        return cell_value(shop, self.id, span).at(shop, key, span)


@record
class UnknownValue(Value):
    """What a fault keeps from being known, in place of a value; whatever asks for it is unknown as well."""

    what = "unknown"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        raise Reported

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        raise Reported

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        raise Reported

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise Reported


@record
class TwoThings(Value):
    """A name that stands for two things where it is written: a fault wherever it is used."""

    message: str
    hint: str
    what = "a name of two things"

    def _fault(self, span: Span) -> Fault:
        return Fault("ambiguous-name", self.message, span, self.hint)

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        raise self._fault(span)

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        raise self._fault(span)

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        raise self._fault(span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise self._fault(span)


@record
class ListValue(Value):
    items: tuple[tuple[Value, tree.Expression], ...]
    what = "a list"

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise Fault(
            "not-a-number", "a number is needed here, and this is a list", span, "write one number, without `[ ]`"
        )


@record
class RowsValue(Value):
    """Rows of a table. `tables` are the tables that know columns of these rows, the nearest first."""

    tables: tuple[str, ...]
    rows: RowSet
    what = "a table"

    def one(self, row: RowRef) -> RowValue:
        """One of the rows."""
        return RowValue(self.tables, row)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        message = "a number is needed here, and this is a table"
        raise Fault("not-a-number", message, span, "count its rows, or aggregate a column: `sum(table.column)`")

    @property
    def var(self) -> Var:
        rows = self.rows
        return Var(rows.text if isinstance(rows, Rows) else f"{rows.relation} of {rows.of}")

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        owner = shop.owner_of_column(self.tables, name)
        if owner is None:
            relation = relation_of(shop, self.tables, self.var, name)
            if relation is not None:
                raise Fault(
                    "nested-rows",
                    f"`{name}` is several rows of each row",
                    span,
                    f"name the row first: `sum(r in …, sum(r.{name}.…))`",
                )
            raise unknown_column(shop, self.tables, name, span)
        return column_of(shop, owner, name, lambda n: ColumnValue(self.rows, self.var, Field(span, self.var, owner, n)))

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        content = key.formula(shop, span)
        if not isinstance(content, Literal) or not isinstance(content.value, str):
            raise Fault("bad-index", "a row is picked by its name in quotes", span, 'write `layers["stem"]`')
        return RowValue(self.tables, row_by_name(shop, self.rows, content.value, span))


@record
class ColumnValue(Value):
    """A formula for each of some rows; `var` stands for the row in it."""

    rows: RowSet
    var: Var
    content: Formula
    what = "a column"

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise Fault(
            "column-as-number",
            "this is a column: one value for each row",
            span,
            "wrap it in an aggregate, such as `sum(…)` or `max(…)`",
        )

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        row = row_behind(shop, self.content)
        if row is None:
            return super().member(shop, name, span)
        inner = row.member(shop, name, span)
        return ColumnValue(self.rows, self.var, inner.formula(shop, span))


@record
class RowValue(Value):
    """One row of a table; in a network, a tensor."""

    tables: tuple[str, ...]
    row: RowRef
    what = "a row"

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        owner = shop.owner_of_column(self.tables, name)
        if owner is not None:
            return column_of(shop, owner, name, lambda n: Scalar(Field(span, self.row, owner, n)), self.row)
        special = shop.tables[self.tables[0]].part(self.row, name)
        if special is not None:
            return special
        relation = relation_of(shop, self.tables, self.row, name)
        if relation is not None:
            return relation
        raise unknown_column(shop, self.tables, name, span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        if isinstance(self.row, Pick):
            return self.row.formula
        draft = shop.table(shop.root(self.tables[0]))
        what = "a tensor (a row of the network)" if draft.role == "network" else f"a row of `{draft.id}`"
        column = next((name for name in draft.names() if draft.info(name).role != "structure"), "name")
        hint = f"name a column of it, such as `.{column}`"
        raise Fault("row-as-number", f"a number is needed here, and this is {what}", span, hint)


@record
class FamilyValue(Value):
    """A value for each axis. `whole`: of every axis of the family; else of those whose columns differ in a table."""

    axes: tuple[str, ...]
    items: tuple[Value, ...]
    whole: bool = True
    what = "a value for each axis"

    def formula(self, shop: Workshop, span: Span) -> Formula:
        """One value: a condition must hold on every axis; numbers are no single number."""
        if not self.whole and len(self.items) == 1:
            return self.items[0].formula(shop, span)
        contents = [item.formula(shop, span) for item in self.items]
        if contents and all(is_truth(content) for content in contents):
            return joined(span, "and", contents)
        raise several(span)

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        raise several(span)

    def on(self, axis: str) -> Value:
        """The value on one axis; of a table's column, where this axis has none of its own, that of the first."""
        return self.items[self.axes.index(axis)] if axis in self.axes else self.items[0]

    @property
    def equal(self) -> bool:
        """Whether the axes share one value."""
        return all(item is self.items[0] for item in self.items)

    def each(self, make: Callable[[Value], Value]) -> FamilyValue:
        """Something made of the value of each axis, once where they share one."""
        if self.items and self.equal:
            return FamilyValue(self.axes, (make(self.items[0]),) * len(self.items), self.whole)
        return FamilyValue(self.axes, tuple(make(item) for item in self.items), self.whole)


def several(span: Span) -> Fault:
    return Fault(
        "several-values",
        "one number is needed here, and this has a value for each axis",
        span,
        "take one of it: `product(…)`, `sum(…)`, `max(…)`, `min(…)` or `first(…)`",
    )


# ---- what tables say of their rows ----------------------------------------------------------------------------------


def cell_value(shop: Workshop, cell_id: str, span: Span) -> Value:
    """What a cell's expression means: needed where a part of it is asked for (`best.time`)."""
    cell = shop.cells[cell_id]
    if cell.expression is None:
        raise Fault("no-member", f"`{cell_id}` is a number and has no parts", span)
    if cell.busy:
        raise Fault("circular", f"`{cell_id}` is defined by itself", span, notes=(Note("defined here", cell.span),))
    cell.busy = True
    try:
        value = shop.meaning(cell.expression, cell.scope)
    finally:
        cell.busy = False
    if isinstance(value, RowValue) and isinstance(value.row, Pick):
        shop.need(cell_id, span)
        return RowValue(value.tables, Pick(CellRef(span, cell_id)))
    return value


def column_of(shop: Workshop, owner: str, name: str, value: Callable[[str], Value], row: RowRef | None = None) -> Value:
    """A column of a table; one that differs along the axes of some row has a value for each axis that does."""
    draft = shop.tables[owner]
    more = draft.along.get(name)
    if more and isinstance(row, At):
        more = [axis for axis in more if draft.is_apart(f"{name}_{axis}", row.index)]
    if not more:
        return value(name)
    return FamilyValue(("", *more), (value(name), *(value(f"{name}_{axis}") for axis in more)), whole=False)


def relation_of(shop: Workshop, tables: Sequence[str], row: RowRef, name: str) -> RowsValue | RowValue | None:
    """`inputs`, `fresh`, `consumers`, `live` of a network's row, `members` of a group."""
    root = shop.root(tables[0])
    draft = shop.tables[root]
    if name in RELATIONS and draft.role == "network":
        return RowsValue(tuple(tables), Related(tables[0], name, row, root))
    if name == "members" and draft.role == "groups":
        members = draft.member_tables
        return RowsValue(members, Related(members[0], "members", row, root))
    return None


def is_tensor(shop: Workshop, row: RowValue) -> bool:
    """Whether it is a row of a network that stands by its place."""
    return isinstance(row.row, At) and shop.table(shop.root(row.tables[0])).role == "network"


def row_by_name(shop: Workshop, rows: RowSet, name: str, span: Span) -> RowRef:
    if not isinstance(rows, Rows):
        raise Fault("bad-index", "only the rows of a whole table have names to pick by", span)
    drafts = shop.tables[rows.table].rows
    index = _positions(shop, rows).get(name)
    if index is None:
        if shop.incomplete(rows):
            raise Reported
        names = [drafts[i].name for i in rows.indices]
        listed = ", ".join(f"`{n}`" for n in names) if len(names) < 10 else ""
        hint = nearest(name, names) or (f"its rows are {listed}" if listed else "")
        raise Fault("unknown-row", f"`{rows.text}` has no row `{name}`", span, hint)
    return At(index)


def _positions(shop: Workshop, rows: Rows) -> dict[str, int]:
    """The positions of these rows by name, the first of each name."""
    known = shop.positions.get(id(rows.indices))
    if known is None or known[0] is not rows.indices:
        drafts = shop.tables[rows.table].rows
        known = rows.indices, {drafts[i].name: i for i in reversed(rows.indices)}
        if "" not in known[1]:  # rows get their names when their network is finished
            shop.positions[id(rows.indices)] = known
    return known[1]


def row_behind(shop: Workshop, formula: Formula) -> RowValue | None:
    """The row that a formula picks (`first`, `argmax`, or a cell or column that holds such a pick)."""
    match formula:
        case Reduce(op="first" | "argmax"):
            return RowValue(shop.tables_of(formula.rows), Pick(formula))
        case CellRef():
            cell = shop.cells[formula.cell]
            behind = row_behind(shop, shop.cell_formula(cell))
            return None if behind is None else RowValue(behind.tables, Pick(formula))
        case Field():
            draft = shop.tables[formula.table]
            for index in range(len(draft.rows)):
                entry = draft.formula_at(formula.column, index)
                if entry is not None:
                    behind = row_behind(shop, entry)
                    return None if behind is None else RowValue(behind.tables, Pick(formula))
    return None


def apply_one(op: str, args: Sequence[Value], shop: Workshop, span: Span, spans: Sequence[Span]) -> Value:
    """An operation on values: columns of the same rows are combined row by row."""
    column = next((a for a in args if isinstance(a, ColumnValue)), None)
    if column is None:
        return Scalar(
            shop.bounded(Apply(span, op, tuple(a.formula(shop, s) for a, s in zip(args, spans, strict=True))))
        )
    contents = []
    for argument, where in zip(args, spans, strict=True):
        if isinstance(argument, ColumnValue):
            if argument.rows != column.rows:
                raise Fault(
                    "different-rows",
                    "these are columns of different rows, which cannot be combined row by row",
                    where,
                    "aggregate each of them first: `sum(…) / sum(…)`",
                )
            contents.append(argument.content)
        else:
            contents.append(argument.formula(shop, where))
    return ColumnValue(column.rows, column.var, shop.bounded(Apply(span, op, tuple(contents))))
