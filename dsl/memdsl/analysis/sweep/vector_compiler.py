"""Formulas as closures that compute many points at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...evaluate.compile import Closure, Compiler, Data, NothingFits, may_overflow, part_of, same_lists
from ...sheet.formula import Field, Found, Pick, Reduce, Related, RowRef, Rows
from ...sheet.operations import Undefined
from ...sheet.rows import related_rows
from ...sheet.sheet import Sheet, Table
from .operations import Active, Many, choose, operations, select, varies
from .tallies import TALLIES


class VectorCompiler(Compiler):
    """Closures that compute all points: rows stay numbers unless a formula picks one by a value.

    `missing` says at which points a cell (a slot, -1) or an entry of a column (a slot, its row) has no value.
    """

    guarded = False

    def __init__(self, sheet: Sheet, data: Data, active: Active) -> None:
        super().__init__(sheet, data)
        self.active = active
        self.operations = operations(active)
        self.missing: dict[tuple[int, int], Many] = {}

    def _cell(self, slot: int) -> Closure:
        data, active, missing = self.data, self.active, self.missing
        key = (slot, -1)

        def run(i: int) -> Many:
            if key in missing:
                active.fault(missing[key])
            return data[slot]

        return run

    def _field(self, formula: Field, table: str) -> Closure:
        slot = self.column_slots[formula.table, formula.column]
        self.used.add(slot)
        data, active, missing = self.data, self.active, self.missing
        row = self.row(formula.row, table)

        def run(i: int) -> Many:
            index = row(i)
            if not varies(index):
                if (slot, index) in missing:
                    active.fault(missing[slot, index])
                return data[slot][index]  # type: ignore[index]
            active.fault(index < 0)
            for at, where in missing.items():
                if at[0] == slot:
                    active.fault(np.logical_and(index == at[1], where))
            return select(data[slot], index.astype(np.intp))  # type: ignore[arg-type]

        return run

    def row(self, row: RowRef, table: str) -> Callable[[int], Many]:
        if not isinstance(row, Pick):
            return super().row(row, table)
        picked = self._make(row.formula, table)

        def run(i: int) -> Many:
            index = picked(i)
            return index if varies(index) else int(index)

        return run

    def _apply(self, op: str, args: list[Closure]) -> Closure:
        active = self.active
        if op == "if":
            condition, yes, no = args

            def run(i: int) -> Many:
                test = condition(i)
                if not varies(test):
                    return yes(i) if test else no(i)
                with active.only(test):
                    one: Many = yes(i)
                with active.only(np.logical_not(test)):
                    other: Many = no(i)
                return choose(test, one, other)

            return run
        if op in ("and", "or"):
            return self._joined(op == "or", *args)
        operation = self.operations[op]
        if len(args) == 1:
            a = args[0]
            return lambda i: operation(a(i))
        if len(args) == 2:
            a, b = args
            return lambda i: operation(a(i), b(i))
        return lambda i: operation(*[arg(i) for arg in args])

    def asked(self, formula: Found, given: Sequence[Closure], columns: Sequence[int]) -> Closure:
        """Asks point by point, for all rows at once; where nothing fits there is no value."""
        number, data, active = part_of(formula), self.data, self.active
        inputs = self.inputs_of(formula)
        last: list[Any] = [(), [], None]

        def answers(asked: list[Sequence[Many]]) -> list[Any]:
            """One answer for each point, or one for all; None where nothing fits."""
            count = next((len(value) for values in asked for value in values if varies(value)), 1)
            found = []
            for point in range(count):
                key = tuple(tuple(value[point] if varies(value) else value for value in values) for values in asked)
                try:
                    found.append(self.answer(formula.method, key, inputs))
                except (NothingFits, Undefined):
                    found.append(None)
            return found

        def run(i: int) -> Many:
            numbers = [part(i) for part in given]
            if not columns:
                found = [answer and answer[number] for answer in answers([numbers])]
            else:
                if not _same(last[0], numbers) or not same_lists(last[1], data, columns):
                    lists: Any = [data[slot] for slot in columns]
                    last[:] = [numbers, lists, answers([numbers, *lists])]
                found = [answer and answer[number][i] for answer in last[2]]
            values = np.array([np.nan if value is None else value for value in found])
            missing = np.isnan(values)
            if missing.any():
                active.fault(missing if len(values) > 1 else True)
            return values if len(values) > 1 else float(values[0])

        return run

    def _joined(self, either: bool, a: Closure, b: Closure) -> Closure:
        join = np.logical_or if either else np.logical_and
        active = self.active

        def run(i: int) -> Many:
            one = a(i)
            if not varies(one):
                return one if bool(one) == either else b(i)
            with active.only(np.logical_not(one) if either else one):
                other = b(i)
            return join(one, other)

        return run

    def _reduce(self, formula: Reduce, table: str) -> Closure:
        active, data = self.active, self.data
        variable = self.variable(formula.var.name)
        rows = self._sets(formula, table)
        body = self._make(formula.body, table) if formula.body is not None else None
        where = self._make(formula.where, table) if formula.where is not None else None
        weight = self._make(formula.weight, table) if formula.weight is not None else None
        make = TALLIES[formula.op]
        grows = formula.op != "sum" and may_overflow(formula.body)

        def over(indices: Sequence[int], i: int) -> Many:
            outer = data[variable]
            tally = make(active)
            try:
                for index in indices:
                    data[variable] = index
                    with active.only(tally.open()):
                        counts = where(i) if where is not None else True
                        if not varies(counts) and not counts:
                            continue
                        with active.only(counts):
                            value = body(i) if body is not None else 1.0
                            if grows:
                                active.fault(np.logical_not(np.isfinite(value)))
                            tally.add(index, counts, value, weight(i) if weight is not None else 1.0)
                    if tally.closed:
                        break
            finally:
                data[variable] = outer
            return tally.result()

        def run(i: int) -> Many:
            sets = rows(i)
            if isinstance(sets, tuple):
                return over(sets, i)
            index, table_of = sets
            found: Many = np.nan
            for of in np.unique(index):
                at = index == of
                with active.only(at):
                    if of < 0:
                        active.fault(True)
                        continue
                    found = choose(at, over(table_of(int(of)), i), found)
            return found

        return run

    def _sets(self, formula: Reduce, table: str) -> Callable[[int], Many]:
        """The rows that an aggregate runs over: one set, or, where a row is picked by a value, one for each row."""
        rows = formula.rows
        if isinstance(rows, Rows):
            fixed = tuple(rows.indices)
            return lambda i: fixed
        related: Related = rows
        tables: Mapping[str, Table] = self.sheet.tables
        of = self.row(related.of, table)
        known: dict[int, tuple[int, ...]] = {}

        def of_row(index: int) -> tuple[int, ...]:
            if index not in known:
                known[index] = tuple(related_rows(tables, related, index))
            return known[index]

        def run(i: int) -> Many:
            index = of(i)
            return [index.astype(np.intp), of_row] if varies(index) else of_row(int(index))

        return run


def _same(known: Sequence[Many], numbers: Sequence[Many]) -> bool:
    """Whether numbers at some points are those known."""
    return len(known) == len(numbers) and all(map(np.array_equal, known, numbers))
