"""Which rows a formula of a row reaches, written so that it can be compared between the copies of a repetition.

Two formulas of one shape that reach the same rows, each seen from its own copy, have the same value when those rows do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..sheet.formula import (
    At,
    Field,
    Formula,
    Found,
    Here,
    Pick,
    Reduce,
    RowRef,
    Rows,
    Slot,
    Var,
    children,
    walk,
)
from ..sheet.rows import related_rows
from ..sheet.sheet import Table
from .unrolled import Layout

Bound = Mapping[str, tuple[int, ...] | None]
"""The rows that each variable may stand for; None: any row of a whole table."""
Step = tuple[tuple[object, ...], tuple[int, ...]]
"""What a part of a formula does, and the rows that it reads there; the first alone is compared between copies."""


def looks_away(formula: Formula) -> bool:
    """Whether a formula reads anything but its own row, or asks where that stands."""
    return any(
        isinstance(part, (Reduce, Found))
        or (isinstance(part, Field) and (part.row != Here() or part.column == "index"))
        for part in walk(formula)
    )


class Reach:
    """Formulas over some tables of one network; `own` are the network and the models over it."""

    def __init__(self, tables: Mapping[str, Table], own: frozenset[str], layout: Layout) -> None:
        self.tables = tables
        self.own = own
        self.layout = layout

    def of(self, formula: Formula, table: str, row: int, bound: Bound) -> tuple[Step, ...]:
        return tuple(self._steps(formula, (table, row), bound))

    def _steps(self, formula: Formula, here: tuple[str, int], bound: Bound) -> Iterator[Step]:
        if isinstance(formula, Field):
            yield self._field(formula, here, bound)
        elif isinstance(formula, Found):
            yield ("found", object()), ()  # of the rows that stand here, which are fewer than those that are meant
        elif isinstance(formula, Reduce):
            step, rows = self._rows(formula, here, bound)
            yield step
            bound = {**bound, formula.var.name: rows}
        for child in children(formula):
            yield from self._steps(child, here, bound)

    def _field(self, field: Field, here: tuple[str, int], bound: Bound) -> Step:
        rows = self._places(field.row, here, bound) if field.table in self.own else None
        if rows is None:
            return ("field", field.table, field.column), ()
        exact = rows if field.column == "index" else ()
        return ("field", field.table, field.column, self._seen(rows, here), exact), rows

    def _rows(self, formula: Reduce, here: tuple[str, int], bound: Bound) -> tuple[Step, tuple[int, ...] | None]:
        rows = formula.rows
        if isinstance(rows, Rows):
            if rows.table in self.own:
                bases = {self.layout.base(row) for row in rows.indices}
                block = [self.layout.inside(base) for base in bases]
                if any(block) and sum(block) < self.layout.length:
                    return (("part", object()), ()), None
            return (("all", rows.table, rows.text), ()), None
        if rows.of_table not in self.own:
            return (("related", rows.relation, rows.of_table), ()), None
        sources = self._places(rows.of, here, bound)
        if sources is None:
            return (("related", rows.relation, None), ()), None
        found = [related_rows(self.tables, rows, source) for source in sources]
        seen = [(self._seen((source,), here), self._seen(f, here)) for source, f in zip(sources, found, strict=True)]
        reached = tuple(dict.fromkeys(row for f in found for row in f))
        return (("related", rows.relation, tuple(seen)), tuple(len(f) for f in found)), reached

    def _places(self, ref: RowRef, here: tuple[str, int], bound: Bound) -> tuple[int, ...] | None:
        match ref:
            case Here():
                return (here[1],)
            case At():
                return (ref.index,)
            case Slot():
                table = self.tables[here[0]]
                return (self.tables[table.parent or here[0]].rows[here[1]].slots[ref.number][0],)
            case Var():
                return bound.get(ref.name)
            case Pick():
                return None
        raise AssertionError(ref)

    def _seen(self, rows: tuple[int, ...], here: tuple[str, int]) -> tuple[tuple[int, int], ...]:
        """Rows as they are seen from a row: which one, and how many copies away."""
        own = self.layout.copy(here[1])
        last = self.layout.copies
        seen = []
        for row in rows:
            copy = self.layout.copy(row)
            seen.append((self.layout.base(row), copy - (own or last) if copy else 0))
        return tuple(sorted(seen))
