"""A repetition by a symbol laid out in several copies: the tables that a network and its models would then have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..records import record
from ..sheet.formula import Apply, At, Field, Formula, Literal, Pick, Reduce, Related, RowRef, Rows, RowSet
from ..sheet.sheet import Column, Row, Table
from ..units import NONE
from .networks import NetworkDraft, Seam
from .row_relations import relations_of


@record
class Layout:
    """Where the rows of the copies stand. Rows before the block keep their place, those behind it move back."""

    seam: Seam
    copies: int

    @property
    def length(self) -> int:
        return self.seam.last + 1 - self.seam.first

    @property
    def added(self) -> int:
        return (self.copies - 1) * self.length

    def base(self, row: int) -> int:
        """The row of the sheet that a row here is a copy of."""
        if row <= self.seam.last:
            return row
        if row <= self.seam.last + self.added:
            return self.seam.first + (row - self.seam.first) % self.length
        return row - self.added

    def copy(self, row: int) -> int:
        """Which copy a row belongs to, from 1; 0 outside of the block."""
        inside = self.seam.first <= row <= self.seam.last + self.added
        return 1 + (row - self.seam.first) // self.length if inside else 0

    def inside(self, base: int) -> bool:
        return self.seam.first <= base <= self.seam.last

    def row(self, base: int, copy: int) -> int:
        """The row here of a row of the sheet, as seen from a copy: what follows the block sees the last one."""
        if self.inside(base):
            return base + ((copy or self.copies) - 1) * self.length
        if base == self.seam.given and copy > 1:
            return self.seam.out + (copy - 2) * self.length
        return base if base < self.seam.first else base + self.added

    def rows(self, indices: tuple[int, ...]) -> tuple[int, ...]:
        """Several rows of the sheet, in all copies."""
        copies = range(1, self.copies + 1)
        outer = [self.row(i, 0) for i in indices if not self.inside(i)]
        return tuple(sorted([*outer, *(self.row(i, c) for i in indices if self.inside(i) for c in copies)]))


class Unrolled:
    """The tables of the network and of the models over it (`own`), each row of the block in every copy."""

    def __init__(self, draft: NetworkDraft, layout: Layout, tables: Mapping[str, Table]) -> None:
        self.layout = layout
        self.own = frozenset(table.id for table in tables.values() if draft.id in (table.id, table.parent))
        self.places = [(layout.base(row), layout.copy(row)) for row in range(len(draft.rows) + layout.added)]
        self.tables = dict(tables)
        self._absolute = _Moved(layout, self.own, False)
        rows = tuple(_row(layout, draft.rows[base], copy) for base, copy in self.places)
        relations = self._relations(draft, rows)
        for name in self.own:
            table, network = tables[name], name == draft.id
            moved = _Moved(layout, self.own, True) if network else self._absolute
            columns = {column.name: self._column(moved, column) for column in table.columns.values()}
            self.tables[name] = replace(table, rows=rows, columns=columns, relations=relations if network else {})

    def formula(self, formula: Formula) -> Formula:
        """A formula that stands outside of the network, over these rows."""
        return self._absolute.formula(formula, 1)

    def _relations(self, draft: NetworkDraft, rows: Sequence[Row]) -> dict[str, tuple[tuple[int, ...], ...]]:
        inputs = tuple(tuple(i for slot in row.slots for i in slot) for row in rows)
        bases = [base for base, _ in self.places]
        lenders = {
            row: self.layout.row(draft.lenders[base], copy)
            for row, (base, copy) in enumerate(self.places)
            if base in draft.lenders
        }
        views = [draft.is_view(base) for base in bases]
        return relations_of(inputs, views, lambda row: draft.stores_nothing(bases[row]), lenders)

    def _column(self, moved: _Moved, column: Column) -> Column:
        formulas = (_formula(moved, column, row, *place) for row, place in enumerate(self.places))
        return replace(column, formulas=tuple(formulas))


def _row(layout: Layout, row: Row, copy: int) -> Row:
    return replace(row, slots=tuple(tuple(layout.row(i, copy) for i in slot) for slot in row.slots))


def _formula(moved: _Moved, column: Column, row: int, base: int, copy: int) -> Formula | None:
    formula = column.formulas[base]
    if formula is None or column.role != "structure":
        return moved.formula(formula, copy) if formula is not None else None
    if column.name == "index":
        return Literal(formula.span, float(row), NONE, str(row))
    if column.name == "copies" and copy:  # together they stand for all
        copies = moved.layout.copies
        return Apply(formula.span, "/", (formula, Literal(formula.span, float(copies), NONE, str(copies))))
    return formula


class _Moved:
    """Formulas with the places of rows moved. What a block names in itself is of its own copy (`relative`)."""

    def __init__(self, layout: Layout, own: frozenset[str], relative: bool) -> None:
        self.layout = layout
        self.own = own
        self.relative = relative
        self.made: dict[tuple[int, int], Formula] = {}

    def formula(self, formula: Formula, copy: int) -> Formula:
        key = (id(formula), copy)
        if key not in self.made:
            self.made[key] = self._moved(formula, copy)
        return self.made[key]

    def _moved(self, formula: Formula, copy: int) -> Formula:
        match formula:
            case Apply():
                args = tuple(self.formula(arg, copy) for arg in formula.args)
                same = all(a is b for a, b in zip(args, formula.args, strict=True))
                return formula if same else replace(formula, args=args)
            case Field():
                row = self._place(formula.row, formula.table, copy)
                return formula if row is formula.row else replace(formula, row=row)
            case Reduce():
                rows = self._rows(formula.rows, copy)
                body, where, weight = (
                    self.formula(part, copy) if part is not None else None
                    for part in (formula.body, formula.where, formula.weight)
                )
                return replace(formula, rows=rows, body=body, where=where, weight=weight)
            case _:
                return formula

    def _place(self, row: RowRef, table: str, copy: int) -> RowRef:
        if isinstance(row, At) and table in self.own:
            return At(self.layout.row(row.index, copy if self.relative else copy and 1))
        if isinstance(row, Pick):
            return Pick(self.formula(row.formula, copy))
        return row

    def _rows(self, rows: RowSet, copy: int) -> RowSet:
        if isinstance(rows, Related):
            return replace(rows, of=self._place(rows.of, rows.of_table, copy))
        return Rows(rows.table, self.layout.rows(rows.indices), rows.text) if rows.table in self.own else rows
