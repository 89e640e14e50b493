"""The sheet at a point: every cell and column computed in order, again only where an input changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import eq
from types import MappingProxyType

from ..cancellation import checkpoint
from ..diagnostics import Note, Problems
from ..sheet.formula import SEARCH, Apply, CellRef, Field, Formula, Found, Literal, Reduce, Var, children
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Undefined, Value
from ..sheet.sheet import Circuit, ColumnNode, Node, Quantity, Step, TypedSheet
from ..sheet.uses import node_of
from ..units import DATA, display
from .compile import Closure, Compiler, Data, NothingFits
from .search import Search
from .show import show

Overrides = Mapping[InputKey, Value]

_MOST_ROUTES = 10_000


class Values:
    """The values of one point. Numbers are in base units; NaN stands where there is no value, and a column holds None
    where a row lacks it."""

    def __init__(self, machine: Machine, data: Data, overrides: Overrides, undefined: frozenset[int]) -> None:
        self.machine = machine
        self._data = data
        self._undefined = undefined
        self.overrides = overrides

    def cell(self, cell_id: str) -> Value:
        return self._data[self.machine.compiler.cell_slots[cell_id]]  # type: ignore[return-value]

    def column(self, table: str, column: str) -> Sequence[Value | None]:
        return self._data[self.machine.compiler.column_slots[table, column]]  # type: ignore[return-value]

    def input(self, key: InputKey) -> Value:
        """The value of an input."""
        if isinstance(key, Entry):
            value = self.column(key.table, key.column)[key.row]
            assert value is not None
            return value
        return self.cell(key)

    def undefined_tables(self) -> set[str]:
        """The tables in which some entry has no value, each by the table that has its rows."""
        tables, slots = self.machine.sheet.tables, self.machine.compiler.column_slots
        return {tables[table].parent or table for (table, _), slot in slots.items() if slot in self._undefined}

    def formula(
        self, formula: Formula, table: str = "", row: int = 0, bound: Mapping[str, int] = MappingProxyType({})
    ) -> Value:
        """The value of any formula over the sheet; raises ArithmeticError where it has none.

        `bound` gives the rows that the variables of enclosing aggregates stand for.
        """
        machine = self.machine
        data = machine.loaded(self)
        closure = machine.closure(formula, table)
        for name, index in bound.items():
            data[machine.compiler.variable(name)] = index
        return closure(row)

    def over(self, formula: Formula, variable: str, rows: Sequence[int]) -> list[Value]:
        """The values of a formula that speaks of a row variable, one for each row."""
        machine = self.machine
        slot = machine.compiler.variable(variable)
        data = machine.loaded(self)
        closure = machine.closure(formula, "")
        found = []
        for row in rows:
            data[slot] = row
            found.append(closure(row))
        return found


class Machine:
    """Evaluates a typed sheet. The declared point is computed once; other points only where they differ."""

    def __init__(self, typed: TypedSheet) -> None:
        self.typed = typed
        self.sheet = typed.sheet
        self.data: Data = []
        self.compiler = Compiler(self.sheet, self.data)
        self._loaded: Values | None = None
        self._undefined: set[int] = set()
        self._declared: Values | None = None
        self._plans: dict[tuple[str, str], _Plan] = {}
        self._routes: dict[tuple[frozenset[InputKey], frozenset[int]], list[int]] = {}

    def loaded(self, values: Values) -> Data:
        """The data that closures read, with the values of a point in it."""
        if self._loaded is not values:
            self.data[: len(values._data)] = values._data
            self._undefined = set(values._undefined)
            self._loaded = values
        return self.data

    def closure(self, formula: Formula, table: str) -> Closure:
        """What computes a formula on the data as they are: a careful closure where something that it reads is NaN."""
        closure, used = self.compiler.closure(formula, table)
        if self._undefined and not self._undefined.isdisjoint(used):
            return self.compiler.closure(formula, table, careful=True)[0]
        return closure

    @cached_property
    def _flow(self) -> list[tuple[frozenset[int], frozenset[int]]]:
        """The slots that each step uses, and those that it makes."""
        flow = []
        for step in self.sheet.order:
            made = step.nodes if isinstance(step, Circuit) else (step,)
            used = frozenset(self._slot(node) for one in made for node in self.sheet.uses[one])
            flow.append((used, frozenset(map(self._slot, made))))
        return flow

    def _slot(self, node: Node) -> int:
        if isinstance(node, str):
            return self.compiler.cell_slots[node]
        return self.compiler.column_slots[node]

    def _plan(self, table: str, name: str) -> _Plan:
        """The literals of a column, in place, and which formula computes which of the other rows."""
        known = self._plans.get((table, name))
        if known is not None:
            return known
        column = self.sheet.tables[table].columns[name]
        constants: list[Value | None] = [None] * len(column.formulas)
        plan: list[tuple[Formula, list[int]]] = []
        for formula, rows in column.groups:
            if type(formula) is Literal:
                for row in rows:
                    constants[row] = formula.value
            else:
                plan.append((formula, rows))
        self._plans[table, name] = constants, plan
        return constants, plan

    @cached_property
    def search(self) -> Search:
        """What carries out `choose(minimising = …)`."""
        return Search(self)

    def run_quietly(self, steps: Iterable[int], overrides: Overrides) -> None:
        """Carries out some steps of the order of evaluation on the data as they are."""
        problems = Problems()
        for step in steps:
            self._run(self.sheet.order[step], overrides, problems)

    def makes(self, step: int) -> frozenset[int]:
        """The slots that a step makes."""
        return self._flow[step][1]

    def steps_between(self, slots: Iterable[int], wanted: Iterable[int]) -> list[int]:
        """The steps that lie between some slots and others."""
        dirty = set(slots)
        found = []
        for step, (uses, makes) in enumerate(self._flow):
            if not dirty.isdisjoint(uses):
                found.append(step)
                dirty |= makes
        return self._below(found, wanted)

    # ---- points -----------------------------------------------------------------------------------------------------

    def declared(self, problems: Problems) -> Values:
        """The values at the inputs that the spec declares."""
        if self._declared is None:
            for step in self.sheet.order:
                self._run(step, {}, problems)
            self._declared = Values(self, list(self.data), {}, frozenset(self._undefined))
        return self._declared

    def at(self, overrides: Overrides, problems: Problems) -> Values:
        """The values with some inputs set otherwise."""
        declared = self.declared(problems)
        if not overrides:
            return declared
        data = self.loaded(declared)
        self._loaded = None
        for step in self._changed(overrides):
            self._run(self.sheet.order[step], overrides, problems)
        return Values(self, list(data), dict(overrides), frozenset(self._undefined))

    def afresh(self, overrides: Overrides, problems: Problems) -> Values:
        """The values with anything set otherwise, computed or not, and every fault that there is then."""
        self._loaded = None
        for step in self.sheet.order:
            self._run(step, overrides, problems)
        return Values(self, list(self.data), dict(overrides), frozenset(self._undefined))

    def value(self, formula: Formula, overrides: Overrides) -> Value:
        """One formula over cells with some inputs set otherwise; NaN where it has no value."""
        return self.placed(((formula, "", 0),), overrides)[0]

    def cells(self, cells: Sequence[str], overrides: Overrides) -> list[Value]:
        """Some cells with some inputs set otherwise, in the order asked; NaN where one has no value."""
        slots = [self.compiler.cell_slots[cell] for cell in cells]
        self._move(overrides, frozenset(slots))
        return [self.data[slot] for slot in slots]  # type: ignore[misc]

    def placed(self, places: Sequence[tuple[Formula, str, int]], overrides: Overrides) -> list[Value]:
        """Formulas, each in a row of a table (`""`, 0: over cells), with some inputs set otherwise.

        Only what lies between them is computed. NaN where one has no value.
        """
        slots: set[int] = set()
        for formula, table, _ in places:
            slots |= self.compiler.closure(formula, table)[1]
        self._move(overrides, frozenset(slots))
        found: list[Value] = []
        for formula, table, row in places:
            try:
                found.append(_finite(self.closure(formula, table)(row)))
            except (ArithmeticError, ValueError, TypeError):
                found.append(math.nan)
        return found

    def _move(self, overrides: Overrides, slots: frozenset[int]) -> None:
        """Brings some slots of the data, and what they rest on, to a point."""
        declared = self.declared(Problems())
        asked = (frozenset(overrides), slots)
        route = self._routes.get(asked)
        if route is None:
            if len(self._routes) > _MOST_ROUTES:
                self._routes.clear()
            route = self._routes[asked] = self._below(self._changed(overrides), slots)
        self.loaded(declared)
        self._loaded = None
        problems = Problems()
        for step in route:
            self._run(self.sheet.order[step], overrides, problems)

    def _changed(self, overrides: Overrides) -> list[int]:
        """The steps that rest on some inputs, in order."""
        dirty = {self._slot(node_of(key)) for key in overrides}
        found = []
        for step, (uses, makes) in enumerate(self._flow):
            if not dirty.isdisjoint(uses) or not dirty.isdisjoint(makes):
                found.append(step)
                dirty |= makes
        return found

    def _below(self, steps: Sequence[int], slots: Iterable[int]) -> list[int]:
        """Those of some steps that make what is wanted, or what such a step uses; in order."""
        wanted = set(slots)
        found = []
        for step in reversed(steps):
            uses, makes = self._flow[step]
            if not wanted.isdisjoint(makes):
                found.append(step)
                wanted |= uses
        return found[::-1]

    def _run(self, step: Step, overrides: Overrides, problems: Problems) -> None:
        checkpoint()
        if isinstance(step, str):
            self._run_cell(step, overrides, problems)
        elif isinstance(step, ColumnNode):
            self._run_column(step.table, step.column, overrides, problems)
        else:
            self._run_circuit(step, overrides, problems)

    def _mark(self, slot: int) -> None:
        """Remembers whether something in a slot has no value."""
        value = self.data[slot]
        if value != value if not isinstance(value, list) else False in map(eq, value, value):
            self._undefined.add(slot)
        else:
            self._undefined.discard(slot)

    def _run_cell(self, cell_id: str, overrides: Overrides, problems: Problems) -> None:
        slot = self.compiler.cell_slots[cell_id]
        if cell_id in overrides:
            self.data[slot] = overrides[cell_id]
            self._mark(slot)
            return
        formula = self.sheet.cells[cell_id].formula
        if isinstance(formula, Found) and formula.method == SEARCH:
            try:
                self.data[slot] = self.search.best(cell_id, overrides)
                self._undefined.discard(slot)
            except NothingFits as error:
                self.data[slot] = math.nan
                self._undefined.add(slot)
                problems.error("nothing-fits", f"`{cell_id}`: {error}", formula.span)
            return
        try:
            self.data[slot] = _finite(self.closure(formula, "")(0))
            self._undefined.discard(slot)
        except (ArithmeticError, ValueError, TypeError) as error:
            self._fault(formula, "", 0, cell_id, error, problems)
            self.data[slot] = math.nan
            self._undefined.add(slot)

    def _run_column(self, table: str, column: str, overrides: Overrides, problems: Problems) -> None:
        constants, plan = self._plan(table, column)
        values = list(constants)
        swift = []
        for formula, rows in plan:
            closure = self.closure(formula, table)
            try:
                for row in rows:
                    values[row] = closure(row)
                swift.append((formula, rows))
            except (ArithmeticError, ValueError, TypeError):
                self._run_carefully(table, column, formula, rows, values, problems)
        slot = self.compiler.column_slots[table, column]
        self.data[slot] = values
        if swift and (math.inf in values or -math.inf in values or False in map(eq, values, values)):
            for formula, rows in swift:
                self._run_carefully(table, column, formula, rows, values, problems)
        for key, value in overrides.items():
            if isinstance(key, Entry) and key.table == table and key.column == column:
                values[key.row] = value
        self._mark(slot)

    def _run_carefully(
        self, table: str, column: str, formula: Formula, rows: list[int], values: list[Value | None], problems: Problems
    ) -> None:
        """Row by row, after one failed: the first fault is reported, rows without a value become NaN."""
        closure = self.closure(formula, table)
        told = False
        for row in rows:
            try:
                values[row] = _finite(closure(row))
            except Undefined:
                values[row] = math.nan
            except (ArithmeticError, ValueError, TypeError) as error:
                values[row] = math.nan
                if not told:
                    self._fault(formula, table, row, self._entry_name(table, row, column), error, problems)
                told = True

    def _entry_name(self, table: str, row: int, column: str) -> str:
        return f"{self.sheet.tables[table].rows[row].name}.{column}"

    def _run_circuit(self, circuit: Circuit, overrides: Overrides, problems: Problems) -> None:
        names = dict.fromkeys((e.table, e.column) for e in circuit.entries if not isinstance(e, str))
        formulas: dict[tuple[str, str], list[Formula | None]] = {}
        columns: dict[tuple[str, str], list[Value | None]] = {}
        for name in names:
            constants, plan = self._plan(*name)
            columns[name] = list(constants)
            slot = self.compiler.column_slots[name]
            self.data[slot] = columns[name]
            self._mark(slot)
            by_row: list[Formula | None] = [None] * len(columns[name])
            for formula, rows in plan:
                for row in rows:
                    by_row[row] = formula
            formulas[name] = by_row
        for entry in circuit.entries:
            if isinstance(entry, str):
                self._run_cell(entry, overrides, problems)
                continue
            name = (entry.table, entry.column)
            made = formulas[name][entry.row]
            if entry in overrides:
                columns[name][entry.row] = overrides[entry]
                self._mark(self.compiler.column_slots[name])
            elif made is not None:
                try:
                    columns[name][entry.row] = _finite(self.closure(made, entry.table)(entry.row))
                except (ArithmeticError, ValueError, TypeError) as error:
                    columns[name][entry.row] = math.nan
                    self._undefined.add(self.compiler.column_slots[name])
                    self._fault(made, *_place(entry), self._entry_name(*_place(entry), entry.column), error, problems)

    # ---- faults -----------------------------------------------------------------------------------------------------

    def _fault(self, formula: Formula, table: str, row: int, name: str, error: Exception, problems: Problems) -> None:
        """Reports the innermost part that has no value; nothing where a fault that was told is only passed on."""
        if isinstance(error, Undefined):
            return
        if isinstance(error, NothingFits) and error.row:
            self._lacking(table, error, problems)
            return
        part = self._innermost(formula, table, row)
        text = str(error)
        if isinstance(error, OverflowError) or "too large" in text:
            code, message = "number-too-large", f"`{name}` is too large to be a number"
        elif isinstance(error, ZeroDivisionError) or "zero" in text:
            code, message = "division-by-zero", f"`{name}` divides by zero"
        elif "row" in text:
            code, message = "no-row", f"`{name}`: {text}"
        else:
            code, message = "bad-value", f"`{name}`: {text}"
        notes: list[Note] = []
        if code == "no-row" and isinstance(part, Reduce) and part.where is not None:
            notes += self._operands(part.where, table, row)
        if part.span.source is not self.sheet.source and table:
            made = self.sheet.tables[table].rows[row]
            notes.append(Note(f"for row `{made.name}`, made here", made.span))
        problems.error(code, message, part.span, notes=tuple(notes))

    def _lacking(self, table: str, error: NothingFits, problems: Problems) -> None:
        """Says once of a network that no schedule fits, at the model that asks for one."""
        made = next((i for i in self.sheet.instances.values() if table in i.tables), None)
        rows = {row.name: row for row in self.sheet.tables[table].rows}
        notes = (Note("made here", rows[error.row].span),) if error.row in rows else ()
        enough = show(self.typed, error.smallest, Quantity(DATA))
        alone = f"; alone it takes {enough}, and what is kept beside it" if error.smallest else ""
        problems.error(
            "nothing-fits",
            f"`{made.name if made else table}` has no schedule: `{error.row}` fits the buffer in no way{alone}",
            made.span if made else rows[error.row].span,
            "give it a larger buffer, or a network whose rows are smaller",
            notes=notes,
        )

    def _operands(self, condition: Formula, table: str, row: int) -> list[Note]:
        """The sizes that a condition compared, for the reader of `no row meets the condition`."""
        notes = []
        for part in children(condition):
            if not isinstance(part, (CellRef, Field)) or (isinstance(part, Field) and isinstance(part.row, Var)):
                continue
            try:
                value = self.closure(part, table)(row)
            except (ArithmeticError, TypeError):
                continue
            kind = self.typed.type_of(part)
            if isinstance(value, float) and isinstance(kind, Quantity) and kind.dimension is not None:
                notes.append(Note(f"this is {display(value, kind.dimension)}", part.span))
        return notes

    def _innermost(self, formula: Formula, table: str, row: int) -> Formula:
        if isinstance(formula, Reduce):
            return formula
        for child in self._asked(formula, table, row):
            try:
                self.closure(child, table)(row)
            except Undefined:
                continue
            except (ArithmeticError, ValueError, TypeError):
                return self._innermost(child, table, row)
        return formula

    def _asked(self, formula: Formula, table: str, row: int) -> Iterator[Formula]:
        """The parts of a formula that are computed: not the branch that is not taken."""
        parts = children(formula)
        if not isinstance(formula, Apply) or formula.op not in ("if", "and", "or"):
            yield from parts
            return
        yield parts[0]
        first = self.closure(parts[0], table)(row)
        if formula.op == "if":
            yield parts[1 if first else 2]
        elif bool(first) == (formula.op == "and"):
            yield from parts[1:]


_Plan = tuple[list[Value | None], list[tuple[Formula, list[int]]]]


def _place(entry: Entry) -> tuple[str, int]:
    return entry.table, entry.row


def _finite(value: Value) -> Value:
    if isinstance(value, float) and value - value != 0:
        raise OverflowError
    return value
