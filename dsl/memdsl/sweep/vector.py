"""The sheet at many points at once: the formulas as they stand, each computed for an array of points.

This is how a cell without a closed form is swept, and what decides where rounding does: it computes what `eval` does,
in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

import numpy as np

from ..evaluate import Values
from ..evaluate.compile import Closure, Compiler, Data
from ..sheet.formula import Field, Formula, Literal, Pick, Reduce, Related, RowRef, Rows
from ..sheet.keys import Entry, InputKey
from ..sheet.rows import related_rows
from ..sheet.sheet import ColumnNode, Sheet, Step, Table
from .operations import Active, Many, choose, operations, select, varies

_AT_ONCE = 1 << 12
"""Points that are computed at once: every row of every column is an array of as many."""

Points = Mapping[InputKey, Many]
Placed = tuple[Formula, str, int]


class VectorCompiler(Compiler):
    """Closures that compute all points: rows stay numbers unless a formula picks one by a value."""

    def __init__(self, sheet: Sheet, data: Data, active: Active) -> None:
        super().__init__(sheet, data)
        self.active = active
        self.operations = operations(active)

    def _field(self, formula: Field, table: str) -> Closure:
        slot = self.column_slots[formula.table, formula.column]
        self.used.add(slot)
        data, active = self.data, self.active
        row = self.row(formula.row, table)

        def run(i: int) -> Many:
            index = row(i)
            if not varies(index):
                return data[slot][index]  # type: ignore[index]
            active.fault(index < 0)
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
        make = _TALLIES[formula.op]

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


class _Tally:
    """What an aggregate has met so far. `open` are the points at which it still looks for rows."""

    closed = False

    def __init__(self, active: Active) -> None:
        self.active = active
        self.total: Many = 0.0
        self.weights: Many = 0.0
        self.seen: Many = False

    def open(self) -> Many:
        return True

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        raise NotImplementedError

    def result(self) -> Many:
        return self.total

    def _none(self, without: Many) -> None:
        if np.any(without):
            self.active.fault(without)


class _Sum(_Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        part = value * weight if varies(weight) or weight != 1 else value
        self.total = self.total + (np.where(counts, part, 0.0) if varies(counts) else part)


class _Count(_Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = self.total + (np.where(counts, weight, 0.0) if varies(counts) else weight)


class _Mean(_Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = self.total + (np.where(counts, value * weight, 0.0) if varies(counts) else value * weight)
        self.weights = self.weights + (np.where(counts, weight, 0.0) if varies(counts) else weight)

    def result(self) -> Many:
        self._none(np.equal(self.weights, 0))
        return np.divide(self.total, self.weights)


class _Largest(_Tally):
    pick = staticmethod(np.maximum)

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        known = self.seen
        if not varies(known) and not known:
            self.total = choose(counts, value, np.nan) if varies(counts) else value
        else:
            better = self.pick(self.total, value)
            if varies(known):
                better = choose(known, better, value)
            self.total = choose(counts, better, self.total) if varies(counts) else better
        self.seen = np.logical_or(known, counts) if varies(known) or varies(counts) else True

    def result(self) -> Many:
        self._none(np.logical_not(self.seen))
        return self.total if np.any(self.seen) else np.nan


class _Smallest(_Largest):
    pick = staticmethod(np.minimum)


class _Any(_Tally):
    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = np.logical_or(self.total, np.logical_and(counts, value))

    def result(self) -> Many:
        return self.total if varies(self.total) else bool(self.total)


class _Every(_Tally):
    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.total = True

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        self.total = np.logical_and(self.total, np.logical_or(np.logical_not(counts), value))

    def result(self) -> Many:
        return self.total if varies(self.total) else bool(self.total)


class _First(_Tally):
    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.total = -1

    def open(self) -> Many:
        return np.equal(self.total, -1) if varies(self.total) else True

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        if varies(self.total):
            self.total = np.where(np.logical_and(counts, self.total == -1), row, self.total)
            self.closed = bool((self.total >= 0).all())
        elif varies(counts):
            self.total = np.where(counts, row, -1)
        else:
            self.total = row
            self.closed = True

    def result(self) -> Many:
        self._none(np.less(self.total, 0))
        return self.total


class _Argmax(_Tally):
    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.best: Many = -np.inf
        self.total = -1

    def add(self, row: int, counts: Many, value: Many, weight: Many) -> None:
        better = np.logical_and(counts, np.logical_or(np.greater(value, self.best), np.less(self.total, 0)))
        self.best = np.where(better, value, self.best)
        self.total = np.where(better, row, self.total)

    def result(self) -> Many:
        self._none(np.less(self.total, 0))
        return self.total if np.ndim(self.total) else int(self.total)


_TALLIES: dict[str, Callable[[Active], _Tally]] = {
    "sum": _Sum,
    "count": _Count,
    "mean": _Mean,
    "max": _Largest,
    "min": _Smallest,
    "any": _Any,
    "all": _Every,
    "first": _First,
    "argmax": _Argmax,
}


class VectorMachine:
    """Formulas over a sheet at many points; inputs that a point does not name are as in `values`.

    A formula stands in a row of a table (or in none: `""`, 0).
    """

    def __init__(self, sheet: Sheet, values: Values, formulas: Sequence[Placed]) -> None:
        self.sheet = sheet
        self.formulas = tuple(formulas)
        self.cells = {cell: values.cell(cell) for cell in sheet.cells}
        self.columns = {
            (table.id, column): list(values.column(table.id, column))
            for table in sheet.tables.values()
            for column in table.columns
        }
        self._ready = False
        self._lock = Lock()

    def __getstate__(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in ("sheet", "formulas", "cells", "columns")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._ready = False
        self._lock = Lock()

    def _prepare(self) -> None:
        """Closures, and the steps that the formulas rest on; made where they are used, as they cannot travel."""
        self.active = Active()
        self.data: Data = []
        self.compiler = VectorCompiler(self.sheet, self.data, self.active)
        for cell, value in self.cells.items():
            self.data[self.compiler.cell_slots[cell]] = value
        for name, values in self.columns.items():
            self.data[self.compiler.column_slots[name]] = values
        self.base = list(self.data)
        self.steps: list[tuple[Step, frozenset[int], frozenset[int]]] = []
        needed: set[int] = set()
        for formula, table, _ in self.formulas:
            needed |= self.compiler.closure(formula, table)[1]
        for step in reversed(self.sheet.order):
            makes = self._makes(step)
            if makes & needed:
                uses = self._uses(step)
                needed |= uses
                self.steps.append((step, uses, makes))
        self.steps.reverse()
        self._ready = True

    def _entries(self, step: Step) -> list[InputKey | tuple[str, str]]:
        """What a step computes: cells, columns as pairs of names, entries."""
        if isinstance(step, str):
            return [step]
        if isinstance(step, ColumnNode):
            return [(step.table, step.column)]
        return list(step.entries)

    def _makes(self, step: Step) -> frozenset[int]:
        slots = self.compiler
        found = set()
        for entry in self._entries(step):
            if isinstance(entry, str):
                found.add(slots.cell_slots[entry])
            else:
                table, column = (entry.table, entry.column) if isinstance(entry, Entry) else entry
                found.add(slots.column_slots[table, column])
        return frozenset(found)

    def _uses(self, step: Step) -> frozenset[int]:
        found: set[int] = set()
        for entry in self._entries(step):
            if isinstance(entry, str):
                found |= self.compiler.closure(self.sheet.cells[entry].formula, "")[1]
                continue
            table, column = (entry.table, entry.column) if isinstance(entry, Entry) else entry
            formulas = self.sheet.tables[table].columns[column].formulas
            chosen = (formulas[entry.row],) if isinstance(entry, Entry) else dict.fromkeys(formulas)
            for formula in chosen:
                if formula is not None and not isinstance(formula, Literal):
                    found |= self.compiler.closure(formula, table)[1]
        return frozenset(found)

    def at(self, points: Points, count: int) -> list[Many]:
        """The formulas at `count` points; `points` gives arrays of inputs. NaN (or None) where there is no value."""
        with self._lock:
            if not self._ready:
                self._prepare()
            if count <= _AT_ONCE:
                return self._at(points, count)
            parts = []
            for low in range(0, count, _AT_ONCE):
                high = min(low + _AT_ONCE, count)
                given = {key: values[low:high] if varies(values) else values for key, values in points.items()}
                found = self._at(given, high - low)
                parts.append([np.broadcast_to(np.asarray(value), (high - low,)) for value in found])
            return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def _at(self, points: Points, count: int) -> list[Many]:
        data, slots = self.data, self.compiler
        data[: len(self.base)] = self.base
        dirty: set[int] = set()
        for key, values in points.items():
            if isinstance(key, Entry):
                slot = slots.column_slots[key.table, key.column]
                column = list(data[slot])  # type: ignore[call-overload]
                column[key.row] = values
                data[slot] = column
            else:
                slot = slots.cell_slots[key]
                data[slot] = values
            dirty.add(slot)
        with np.errstate(all="ignore"):
            for step, uses, makes in self.steps:
                if dirty.isdisjoint(uses):
                    continue
                dirty |= makes
                self._run(step, points, count)
            return [self._value(*formula, count) for formula in self.formulas]

    def _run(self, step: Step, points: Points, count: int) -> None:
        data, slots = self.data, self.compiler
        fresh: set[int] = set()
        for entry in self._entries(step):
            if isinstance(entry, str):
                if entry not in points:
                    data[slots.cell_slots[entry]] = self._value(self.sheet.cells[entry].formula, "", 0, count)
                continue
            table, name = (entry.table, entry.column) if isinstance(entry, Entry) else entry
            slot = slots.column_slots[table, name]
            if slot not in fresh:
                data[slot] = list(data[slot])  # type: ignore[call-overload]
                fresh.add(slot)
            column: list[Many] = data[slot]  # type: ignore[assignment]
            formulas = self.sheet.tables[table].columns[name].formulas
            rows = (entry.row,) if isinstance(entry, Entry) else range(len(formulas))
            for row in rows:
                formula = formulas[row]
                if formula is None or isinstance(formula, Literal) or Entry(table, name, row) in points:
                    continue
                column[row] = self._value(formula, table, row, count)

    def _value(self, formula: Formula, table: str, row: int, count: int) -> Many:
        closure, _ = self.compiler.closure(formula, table)
        self.active.begin(count)
        try:
            value: Many = closure(row)
        except (ArithmeticError, ValueError, TypeError):  # at every point: what does not vary has no value
            return np.nan
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            infinite = np.isinf(value)
            if infinite.any():
                value = np.where(infinite, np.nan, value)
        elif isinstance(value, float) and np.isinf(value):
            return np.nan
        bad = self.active.bad
        if bad is None:
            return value
        if bad.all():
            return np.nan
        text = isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)
        found = np.array(np.broadcast_to(np.asarray(value, dtype=object if text else float), (count,)))
        found[bad] = None if text else np.nan
        return found
