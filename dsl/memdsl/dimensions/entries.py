"""Entries that are not there: a formula may use a column only in rows that have it."""

from __future__ import annotations

from collections.abc import Collection

from ..diagnostics import Note, Problems
from ..sheet.formula import Apply, Field, Formula, Here, Literal, Reduce, children, walk
from ..sheet.rows import possible_row_set, possible_rows
from ..sheet.sheet import Sheet
from .known import Faults


class Entries:
    """The uses of columns that some rows lack (`partial`)."""

    def __init__(self, sheet: Sheet, problems: Problems, where: Faults) -> None:
        self.sheet = sheet
        self.problems = problems
        self.where = where
        self.faults = 0
        self.told: set[tuple[str, str, str, int]] = set()
        self.partial = {
            (table.id, column.name)
            for table in sheet.tables.values()
            for column in table.columns.values()
            if None in column.formulas
        }

    def check(self) -> None:
        """Reports every formula of the sheet that may use a missing entry."""
        if not self.partial:
            return
        if any(found.code == "circular" for found in self.problems.found):
            self.problems = Problems()  # what a circle kept from being made is missing for that reason alone
        for cell in self.sheet.cells.values():
            before = self.faults
            self.of_cell(cell.formula)
            if self.faults > before:
                self.where.cells.add(cell.id)
        for query in self.sheet.queries:
            if query.rows is None:
                self.of_cell(query.formula)
        for item in self.sheet.checks:
            if self._uses_partial(item.condition):
                before = self.faults
                for row in item.rows:
                    self._entry(item.condition, (item.table or "", row), {})
                if self.faults > before:
                    self.where.held.add(id(item))
        for table in self.sheet.tables.values():
            every = range(len(table.rows))
            for column in table.columns.values():
                for entry, rows in column.groups:
                    if type(entry) is Literal:
                        continue
                    before, doubtful = self.faults, self._doubtful(entry, every)
                    for row in rows if doubtful else ():
                        if row in doubtful:
                            self._entry(entry, (table.id, row), {})
                    if self.faults > before:
                        self.where.entries.add((table.id, column.name, id(entry)))

    def of_cell(self, formula: Formula) -> None:
        """A formula that belongs to no row."""
        if self._uses_partial(formula):
            self._entry(formula, ("", -1), {})

    def _doubtful(self, formula: Formula, every: range) -> Collection[int]:
        """The rows in which a formula may miss an entry: told at once where it uses columns of its own row only."""
        uses = [part for part in walk(formula) if isinstance(part, Field) and (part.table, part.column) in self.partial]
        if any(not isinstance(use.row, Here) for use in uses):
            return every
        columns = [self.sheet.tables[use.table].columns[use.column] for use in uses]
        return {row for column in columns for row, entry in enumerate(column.formulas) if entry is None}

    def _uses_partial(self, formula: Formula) -> bool:
        return any(isinstance(part, Field) and (part.table, part.column) in self.partial for part in walk(formula))

    def _entry(self, formula: Formula, here: tuple[str, int], bound: dict[str, tuple[int, ...]]) -> None:
        tables = self.sheet.tables
        if isinstance(formula, Field) and (formula.table, formula.column) in self.partial:
            column = tables[formula.table].columns[formula.column]
            for row in possible_rows(tables, formula.row, formula.table, here, bound):
                if column.formulas[row] is None:
                    self.faults += 1
                    found = tables[formula.table].rows[row]
                    message = f"row `{found.name}` of `{formula.table}` has no `{formula.column}`"
                    hint = f'give it a default, or leave such rows out with `where`: `… where kind != "{found.kind}"`'
                    if tables[formula.table].role == "literal":
                        hint = f'fill it in, or leave the row out with `where`: `… where name != "{found.name}"`'
                    notes = (Note("the row is made here", found.span),)
                    place = (formula.table, formula.column, formula.span.source.name, formula.span.start)
                    if place not in self.told:  # the other rows lack it as this one does
                        self.told.add(place)
                        self.problems.error("missing-entry", message, formula.span, hint, notes)
                    return
        if isinstance(formula, Reduce):
            rows = possible_row_set(tables, formula.rows, here, bound)
            if formula.where is not None:
                rows = self._chosen(formula.where, formula, rows, here, bound)
            bound = {**bound, formula.var.name: rows}
            for child in (formula.body, formula.weight):
                if child is not None:
                    self._entry(child, here, bound)
            return
        for child in children(formula):
            self._entry(child, here, bound)

    def _chosen(
        self,
        condition: Formula,
        reduce: Reduce,
        rows: tuple[int, ...],
        here: tuple[str, int],
        bound: dict[str, tuple[int, ...]],
    ) -> tuple[int, ...]:
        """Rows that a condition on names, kinds and classes leaves in; other conditions may let every row in.

        What stands behind an `and` is asked only of the rows that what stands before it leaves in.
        """
        if isinstance(condition, Apply) and condition.op == "and":
            for part in condition.args:
                rows = self._chosen(part, reduce, rows, here, bound)
            return rows
        self._entry(condition, here, {**bound, reduce.var.name: rows})
        return tuple(row for row in rows if self._structure(condition, reduce, row, here) is not False)

    def _structure(
        self, condition: Formula, reduce: Reduce, row: int, here: tuple[str, int]
    ) -> bool | str | float | None:
        """The value of a condition on structure in a row, None when it rests on numbers."""
        match condition:
            case Literal():
                return condition.value
            case Field() if condition.row == reduce.var:
                column = self.sheet.tables[condition.table].columns[condition.column]
                formula = column.formulas[row]
                if column.role == "structure" and isinstance(formula, Literal):
                    return formula.value
                return None
            case Apply(op="and"):
                values = [self._structure(a, reduce, row, here) for a in condition.args]
                return False if False in values else None if None in values else True
            case Apply(op="or"):
                values = [self._structure(a, reduce, row, here) for a in condition.args]
                return True if True in values else None if None in values else False
            case Apply(op="==" | "!="):
                one, other = (self._structure(a, reduce, row, here) for a in condition.args)
                if one is None or other is None:
                    return None
                return (one == other) == (condition.op == "==")
            case Apply(op="not"):
                value = self._structure(condition.args[0], reduce, row, here)
                return None if value is None else not value
        return None
