"""The sheet at many points at once: the formulas as they stand, each computed for an array of points.

This is how a cell without a closed form is swept, and what decides where rounding does: it computes what `eval` does,
in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np

from ...cancellation import checkpoint
from ...evaluate import Machine, Values
from ...evaluate.compile import Data
from ...sheet.formula import SEARCH, Formula, Found, Literal
from ...sheet.input_keys import Entry, InputKey
from ...sheet.operations import Value
from ...sheet.sheet import ColumnNode, Sheet, Step, Type, TypedSheet
from .operations import Active, Many, varies
from .vector_compiler import VectorCompiler

_AT_ONCE = 1 << 12
"""Points that are computed at once: every row of every column is an array of as many."""

_ONE_BY_ONE = 64
"""So few points are computed one at a time, as arrays would cost more."""

_SINGLE = Lock()
"""The machine of one point is shared by all that sweeps the same sheet."""

Points = Mapping[InputKey, Many]
Placed = tuple[Formula, str, int]


def _untyped(formula: Formula) -> Type:
    raise AssertionError(formula)


class VectorMachine:
    """Formulas over a sheet at many points; inputs that a point does not name are as in `values`.

    A formula stands in a row of a table (or in none: `""`, 0).
    """

    def __init__(self, sheet: Sheet, values: Values, formulas: Sequence[Placed]) -> None:
        self.sheet = sheet
        self.formulas = tuple(formulas)
        self.overrides = dict(values.overrides)
        self._single: Machine | None = values.machine
        self.cells = {cell: values.cell(cell) for cell in sheet.cells}
        self.columns = {
            (table.id, column): list(values.column(table.id, column))
            for table in sheet.tables.values()
            for column in table.columns
        }
        self._ready = False
        self._lock = Lock()

    def __getstate__(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in ("sheet", "formulas", "cells", "columns", "overrides")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._single = None
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
        for cell, value in self.cells.items():
            self._note(self.compiler.cell_slots[cell], -1, value)
        for name, values in self.columns.items():
            for row, entry in enumerate(values):
                self._note(self.compiler.column_slots[name], row, entry)
        self.base_missing = dict(self.compiler.missing)
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
        return self._singly(points, count) if count <= _ONE_BY_ONE else self.arrays(points, count)

    def arrays(self, points: Points, count: int) -> list[Many]:
        """The same, all points at once however few they are."""
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

    def _singly(self, points: Points, count: int) -> list[Many]:
        found: list[list[Value]] = [[] for _ in self.formulas]
        with _SINGLE:
            machine = self._at_one_point
            for point in range(count):
                given = {key: values[point] if varies(values) else values for key, values in points.items()}
                for column, value in zip(
                    found, machine.placed(self.formulas, {**self.overrides, **given}), strict=True
                ):
                    column.append(value)
        return [_array(column) for column in found]

    def _at(self, points: Points, count: int) -> list[Many]:
        data, slots = self.data, self.compiler
        data[: len(self.base)] = self.base
        slots.missing.clear()
        slots.missing.update(self.base_missing)
        dirty: set[int] = set()
        for key, values in points.items():
            if isinstance(key, Entry):
                slot = slots.column_slots[key.table, key.column]
                column = list(data[slot])  # type: ignore[call-overload]
                column[key.row] = values
                data[slot] = column
                slots.missing.pop((slot, key.row), None)
            else:
                slot = slots.cell_slots[key]
                data[slot] = values
                slots.missing.pop((slot, -1), None)
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
                    own, slot = self.sheet.cells[entry].formula, slots.cell_slots[entry]
                    if isinstance(own, Found) and own.method == SEARCH:
                        data[slot] = self._searched(entry, points, count)
                        self._note(slot, -1, data[slot])
                    else:
                        data[slot] = self._value(own, "", 0, count, (slot, -1))
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
                column[row] = self._value(formula, table, row, count, (slot, row))

    def _searched(self, cell: str, points: Points, count: int) -> Many:
        """A search is carried out at each point, as at one."""
        found = []
        with _SINGLE:
            machine = self._at_one_point
            for point in range(count):
                given = {key: values[point] if varies(values) else values for key, values in points.items()}
                found.append(machine.cells([cell], {**self.overrides, **given})[0])
        return _array(found)

    @property
    def _at_one_point(self) -> Machine:
        """What computes one point; made anew where this travelled to, without types, which evaluating does not need."""
        if self._single is None:
            self._single = Machine(TypedSheet(self.sheet, {}, {}, _untyped))
        return self._single

    def _note(self, slot: int, row: int, value: Many) -> None:
        if isinstance(value, float) and np.isnan(value):
            self.compiler.missing[slot, row] = True

    def _value(self, formula: Formula, table: str, row: int, count: int, place: tuple[int, int] | None = None) -> Many:
        """The values of a formula; where it has none is noted for those that read it at a place."""
        value, without = self._computed(formula, table, row, count)
        if place is not None:
            self.compiler.missing.pop(place, None)
            if without is not None:
                self.compiler.missing[place] = without
        return value

    def _computed(self, formula: Formula, table: str, row: int, count: int) -> tuple[Many, Many]:
        """The values of a formula, and where there are none (None: nowhere)."""
        checkpoint()
        closure, _ = self.compiler.closure(formula, table)
        self.active.begin(count)
        try:
            value: Many = closure(row)
        except (ArithmeticError, ValueError, TypeError):  # at every point: what does not vary has no value
            return np.nan, True
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            self.active.fault(np.logical_not(np.isfinite(value)))
        elif isinstance(value, float) and not np.isfinite(value):
            return np.nan, True
        bad = self.active.bad
        if bad is None:
            return value, None
        if bad.all():
            return np.nan, True
        text = isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)
        found = np.array(np.broadcast_to(np.asarray(value, dtype=object if text else float), (count,)))
        found[bad] = None if text else np.nan
        return found, bad


def _array(values: Sequence[Value]) -> Many:
    """Values as an array; NaN, or None among texts, where there is none."""
    if any(isinstance(value, str) for value in values):
        return np.array([None if value != value else value for value in values], dtype=object)
    return np.array(values, dtype=float)
