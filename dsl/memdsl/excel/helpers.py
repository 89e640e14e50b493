"""Helper columns and cells: what a formula needs computed beside it, in plain sight at the right of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..evaluate import Values
from ..sheet.formula import Apply, Field, Formula, Here, Literal, Pick, Reduce, Related, RowRef, Rows, Var
from ..sheet.operations import Value
from .names import letter

if TYPE_CHECKING:
    from .formulas import Scope
    from .places import Places, TablePlace

NO_ROW = {"first": 1e307, "min": 1e307, "max": -1e307}
"""What stands for a part of an aggregate where no row meets the condition: beyond every position and value."""


@dataclass(frozen=True, eq=False)
class HelperColumn:
    """A formula for some rows of a table. `text_of` is the part of the spec that it computes."""

    place: TablePlace
    at: int
    rows: Rows
    formula: Formula
    text_of: Formula


@dataclass(frozen=True, eq=False)
class MemberColumn:
    """1 in the rows that count, 0 in the others."""

    place: TablePlace
    at: int
    rows: Rows


@dataclass(frozen=True, eq=False)
class PartCell:
    """A part of a formula that would be too long. `formula` is what it computes, its variables `bound` to rows."""

    page: str
    row: int
    column: int
    text: str
    formula: Formula
    table: str
    index: int
    bound: Mapping[str, int]

    def value(self, values: Values) -> Value | None:
        """What it comes to at a point."""
        op = self.formula.op if isinstance(self.formula, Reduce) else ""
        try:
            found = values.formula(self.formula, self.table, self.index, self.bound)
        except ArithmeticError:
            return NO_ROW.get(op)
        return float(found) + 1 if op == "first" else found


class Helpers:
    def __init__(self, places: Places) -> None:
        self._places = places
        self._columns: dict[tuple[int, int, tuple[int, ...]], HelperColumn] = {}
        self._members: dict[tuple[str, tuple[int, ...]], MemberColumn] = {}
        self.parts: list[PartCell] = []
        self._part_columns: dict[str, list[int]] = {}
        self._parts_in_row: dict[tuple[str, int], int] = {}
        self._unbound_rows: dict[str, int] = {}

    @property
    def columns(self) -> list[HelperColumn]:
        return list(self._columns.values())

    @property
    def members(self) -> list[MemberColumn]:
        return list(self._members.values())

    def column(
        self, formula: Formula, where: Formula | None, variable: str, rows: Rows, nothing: Literal
    ) -> tuple[TablePlace, int]:
        """Where a formula over a row variable is computed row by row; `nothing` stands where `where` does not hold."""
        key = (id(formula), id(where), rows.indices)
        found = self._columns.get(key)
        if found is None:
            place = self._places.tables[rows.table]
            guarded = formula if where is None else Apply(formula.span, "if", (where, formula, nothing))
            found = HelperColumn(place, place.take(), rows, of_the_row(guarded, variable), formula)
            self._columns[key] = found
        return found.place, found.at

    def member(self, rows: Rows) -> tuple[TablePlace, int]:
        """Where it is said which rows of a table count."""
        key = (rows.table, rows.indices)
        found = self._members.get(key)
        if found is None:
            place = self._places.tables[rows.table]
            found = self._members[key] = MemberColumn(place, place.take(), rows)
        return found.place, found.at

    def part(self, scope: Scope, text: str, formula: Formula) -> str:
        """A reference to a cell of its own for a part of a formula, in the row of the formula where it has one."""
        margin = self._places.margins[scope.page]
        if scope.here is not None:
            row = margin.first + scope.here
        else:
            row = margin.first + self._unbound_rows.get(scope.page, 0)
            self._unbound_rows[scope.page] = row - margin.first + 1
        number = self._parts_in_row.get((scope.page, row), 0)
        self._parts_in_row[scope.page, row] = number + 1
        columns = self._part_columns.setdefault(scope.page, [])
        if number == len(columns):
            columns.append(margin.take())
        place = (scope.page, row, columns[number])
        self.parts.append(PartCell(*place, text, formula, scope.table, scope.here or 0, scope.bound))
        return f"${letter(columns[number])}${row}"


def of_the_row(formula: Formula, variable: str) -> Formula:
    """The formula with the row variable in place of the row itself: what a helper column computes in each row."""
    match formula:
        case Field():
            return replace(formula, row=_row(formula.row, variable))
        case Apply():
            return replace(formula, args=tuple(of_the_row(arg, variable) for arg in formula.args))
        case Reduce():
            rows = formula.rows
            if isinstance(rows, Related):
                rows = replace(rows, of=_row(rows.of, variable))
            if formula.var.name == variable:
                return replace(formula, rows=rows)
            return replace(
                formula,
                rows=rows,
                body=of_the_row(formula.body, variable) if formula.body is not None else None,
                where=of_the_row(formula.where, variable) if formula.where is not None else None,
                weight=of_the_row(formula.weight, variable) if formula.weight is not None else None,
            )
    return formula


def _row(row: RowRef, variable: str) -> RowRef:
    if isinstance(row, Var) and row.name == variable:
        return Here()
    if isinstance(row, Pick):
        return Pick(of_the_row(row.formula, variable))
    return row
