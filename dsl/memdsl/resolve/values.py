"""What an expression means while templates are expanded: a formula, a row, some rows, an instance, a template.

A value answers three questions: its member, its value at a key, and what calling it makes. Whatever a value cannot
do is a `Fault` in the user's terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..diagnostics import Note, Span
from ..records import record
from ..sheet.formula import Apply, CellRef, Field, Formula, Here, Literal, Pick, RowRef, Rows, RowSet, Var
from ..syntax import tree

if TYPE_CHECKING:
    from .scope import Scope
    from .workshop import Workshop


class Fault(Exception):
    """A fault of the spec, on its way to the statement that reports it."""

    def __init__(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        self.notes = notes


class Reported(Exception):
    """Raised where a fault that was reported elsewhere makes a value unknowable."""


_LONGEST_NAME = 60


def close_name(name: str, known: Iterable[str], least: float = 0.6) -> str:
    """The nearest known name, or an empty string when none is near."""
    from difflib import get_close_matches  # only a fault needs it

    if len(name) > _LONGEST_NAME:
        return ""
    names = list(known)
    close = get_close_matches(name, names, 1, least)
    longer = [n for n in names if len(name) > 2 and n.startswith(name)]
    return next(iter((*close, *longer)), "")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or an empty string."""
    close = close_name(name, known)
    return f"did you mean `{close}`?" if close else ""


def no_number(what: str, parts: Iterable[str], span: Span) -> Fault:
    """Something stands where a number is needed; the hint names its parts."""
    names = list(parts)
    more = ", …" if len(names) > 6 else ""
    hint = f"name a part of it: {', '.join(names[:6])}{more}" if names else ""
    return Fault("not-a-number", f"a number is needed here, and this is {what}", span, hint)


@record
class Actual:
    """An argument of a call, with the scope that it is read in."""

    argument: tree.Argument
    scope: Scope
    value: Value | None = None

    @property
    def span(self) -> Span:
        return self.scope.span(self.argument.span)


class Value:
    """Base of all values."""

    what = "a value"

    def described(self) -> str:
        return self.what

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        raise Fault("no-member", f"{self.described()} has no parts, so `.{name}` names nothing", span)

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        raise Fault("no-index", f"{self.described()} cannot be indexed with `[…]`", span)

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        raise Fault("not-callable", f"{self.described()} cannot be called with `(…)`", span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise no_number(self.what, (), span)


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
        row = shop.row_behind(self.content)
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
        return shop.cell_value(self.id, span).member(shop, name, span)

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        return shop.cell_value(self.id, span).at(shop, key, span)


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
            relation = shop.relation_of(self.tables, self.var, name)
            if relation is not None:
                raise Fault(
                    "nested-rows",
                    f"`{name}` is several rows of each row",
                    span,
                    f"name the row first: `sum(r in …, sum(r.{name}.…))`",
                )
            raise shop.unknown_column(self.tables, name, span)
        return shop.column(owner, name, lambda n: ColumnValue(self.rows, self.var, Field(span, self.var, owner, n)))

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        content = key.formula(shop, span)
        if not isinstance(content, Literal) or not isinstance(content.value, str):
            raise Fault("bad-index", "a row is picked by its name in quotes", span, 'write `layers["stem"]`')
        return RowValue(self.tables, shop.row_by_name(self.rows, content.value, span))


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
        row = shop.row_behind(self.content)
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
            return shop.column(owner, name, lambda n: Scalar(Field(span, self.row, owner, n)), self.row)
        special = shop.part_of_row(self.tables, self.row, name)
        if special is not None:
            return special
        relation = shop.relation_of(self.tables, self.row, name)
        if relation is not None:
            return relation
        raise shop.unknown_column(self.tables, name, span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        if isinstance(self.row, Pick):
            return self.row.formula
        draft = shop.table(shop.root(self.tables[0]))
        what = "a tensor (a row of the network)" if draft.role == "network" else f"a row of `{draft.id}`"
        column = next((name for name in draft.names() if draft.info(name).role != "structure"), "name")
        hint = f"name a column of it, such as `.{column}`"
        raise Fault("row-as-number", f"a number is needed here, and this is {what}", span, hint)


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
