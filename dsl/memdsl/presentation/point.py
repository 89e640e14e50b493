"""A spec at one point of its inputs, and the questions that every output asks of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..diagnostics import Problems
from ..evaluate import ClaimResult, Machine, Values
from ..evaluate.show import shown_unit, unit_written
from ..sheet.formula import At, CellRef, Field, Formula, Here, Reduce, Related, Rows, walk
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Value
from ..sheet.report import MODEL_COLUMNS
from ..sheet.sheet import Cell, Column, Input, Instance, Quantity, Sheet, Table, Type, TypedSheet
from ..sheet.uses import Reads
from ..symbolic import ClosedForm, SymbolicError, closed_form
from ..units import Dimension, Unit
from .copies import COPIES, owner_of_copies, summed_columns
from .probe import Probe
from .runs import Runs, spokesmen, together

NO_VALUE = (ArithmeticError, TypeError, ValueError)


@dataclass(frozen=True, eq=False)
class Point:
    typed: TypedSheet
    machine: Machine
    values: Values
    claims: Sequence[ClaimResult]
    _references: dict[str, CellRef] = field(default_factory=dict)
    _columns: dict[tuple[str, str], Field] = field(default_factory=dict)
    _closed: dict[tuple[int, tuple[str, ...]], ClosedForm | SymbolicError] = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        return self.typed.sheet

    @cached_property
    def declared(self) -> Values:
        """The values at the inputs that the spec declares."""
        return self.machine.declared(Problems())

    def at(self, values: Values) -> Point:
        """The same spec at another point."""
        return self if values is self.values else Point(self.typed, self.machine, values, self.claims)

    # ---- values -----------------------------------------------------------------------------------------------------

    def value(self, formula: Formula) -> Value | None:
        """The value of a formula, or None where it has none."""
        try:
            return self.values.formula(formula)
        except NO_VALUE:
            return None

    def over(self, formula: Formula, variable: str, rows: Sequence[int]) -> list[Value | None]:
        """The values of a formula for each of some rows; None in a row that has none."""
        try:
            return list(self.values.over(formula, variable, rows))
        except NO_VALUE:
            return [self._one(formula, variable, row) for row in rows]

    def _one(self, formula: Formula, variable: str, row: int) -> Value | None:
        try:
            return self.values.over(formula, variable, [row])[0]
        except NO_VALUE:
            return None

    def entry(self, table: str, column: str, row: int) -> Field:
        """The formula that reads one entry."""
        return Field(self.sheet.tables[table].columns[column].span, At(row), table, column)

    def reference(self, cell: str) -> CellRef:
        """The formula that reads a cell; one object for all its uses."""
        if cell not in self._references:
            self._references[cell] = CellRef(self.sheet.cells[cell].span, cell)
        return self._references[cell]

    def read(self, key: InputKey) -> Formula:
        """The formula that reads an input."""
        return self.entry(key.table, key.column, key.row) if isinstance(key, Entry) else self.reference(key)

    def whole(self, table: str, column: str, rows: Sequence[int] | None = None) -> Probe:
        """The values of a column, of some rows or of all."""
        found = self.sheet.tables[table]
        key = (table, column)
        if key not in self._columns:
            self._columns[key] = Field(found.columns[column].span, Here(), table, column)
        chosen = tuple(rows if rows is not None else range(len(found.rows)))
        return Probe(self._columns[key], "", chosen, table)

    def owner(self, table: Table, column: str) -> Table | None:
        """The table that has a column, of those whose rows a table shares."""
        owner: Table | None = table
        while owner is not None and column not in owner.columns:
            owner = self.sheet.tables[owner.parent] if owner.parent is not None else None
        return owner

    def copies(self, table: str, rows: Sequence[int] | None = None) -> Probe | None:
        """How many rows each row of a table stands for; None where each is one."""
        owner = owner_of_copies(self.sheet, table)
        return self.whole(owner, COPIES, rows) if owner is not None else None

    @cached_property
    def summed(self) -> frozenset[tuple[str, str]]:
        """The columns whose values add up over rows."""
        return summed_columns(self.sheet)

    def values_of(self, probe: Probe) -> Value | list[Value | None] | None:
        """The value of a probe, or its values row by row, at the point of this report."""
        if probe.rows is None:
            value = self.value(probe.formula)
            return math.nan if value is None else value
        if probe.variable:
            return self.over(probe.formula, probe.variable, probe.rows)
        if isinstance(probe.formula, Field) and isinstance(probe.formula.row, Here):
            values = self.values.column(probe.formula.table, probe.formula.column)
            return [values[row] for row in probe.rows]
        found: list[Value | None] = []
        for row in probe.rows:
            try:
                found.append(self.values.formula(probe.formula, probe.table, row))
            except NO_VALUE:
                found.append(None)
        return found

    def dimension(self, formula: Formula) -> Dimension | None:
        kind = self.typed.type_of(formula)
        return kind.dimension if isinstance(kind, Quantity) else None

    def curves(self, formulas: Sequence[Formula], key: InputKey, points: Sequence[float]) -> list[list[float]]:
        """Formulas at other values of one input; a point at which one has no value gives NaN."""
        found: list[list[float]] = [[] for _ in formulas]
        places = [(formula, "", 0) for formula in formulas]
        for point in points:
            values = self.machine.placed(places, {**self.values.overrides, key: point})
            for curve, value in zip(found, values, strict=True):
                curve.append(float("nan") if isinstance(value, (bool, str)) else float(value))
        return found

    def closed(self, formula: Formula, paths: tuple[str, ...], text: str) -> ClosedForm | SymbolicError:
        """The closed form of a formula in some inputs, or why it has none."""
        asked = (id(formula), paths)
        if asked not in self._closed:
            try:
                self._closed[asked] = closed_form(self.typed, self.machine, self.values, formula, paths, text=text)
            except SymbolicError as error:
                self._closed[asked] = error
        return self._closed[asked]

    # ---- inputs -----------------------------------------------------------------------------------------------------

    @cached_property
    def by_key(self) -> dict[InputKey, Input]:
        return {item.key: item for item in self.sheet.inputs.values()}

    def unit(self, formula: Formula) -> Unit | None:
        """The unit that the author shows a formula in."""
        return shown_unit(self.typed, formula)

    def path(self, key: InputKey) -> str:
        found = self.by_key.get(key)
        return found.path if found is not None else str(key) if isinstance(key, str) else key.column

    def input_type(self, key: InputKey) -> Type:
        if isinstance(key, Entry):
            return self.typed.column_types[key.table, key.column]
        return self.typed.cell_types[key]

    def input_unit(self, item: Input) -> Unit | None:
        """The unit that the author writes an input in."""
        return unit_written(item.formula) or item.shown

    # ---- instances and tables ---------------------------------------------------------------------------------------

    @cached_property
    def models(self) -> list[Instance]:
        return [i for i in self.sheet.instances.values() if i.kind == "model"]

    @cached_property
    def runs(self) -> list[Runs]:
        """The models in their order, the runs of a crossed table as one."""
        return together(self.sheet, self.models)

    @cached_property
    def spokesmen(self) -> list[Instance]:
        """The models whose rows, formulas and totals are shown: those with a name, else one of the runs of a table."""
        return spokesmen(self.sheet, self.models)

    @cached_property
    def totals(self) -> dict[str, list[Cell]]:
        """The computed cells of each instance, by its name; those of the spec itself under the empty name."""
        found: dict[str, list[Cell]] = {}
        for cell in self.sheet.cells.values():
            if cell.role == "cell" and cell.id not in self.sheet.inputs:
                found.setdefault(cell.owner, []).append(cell)
        return found

    def short(self, cell: Cell) -> str:
        """The name of a cell inside its instance."""
        return cell.id[len(cell.owner) + 1 :] if cell.owner else cell.id

    def hardware_of(self, model: Instance) -> list[str]:
        """The hardware whose cells and tables the formulas of a model read."""
        kinds = {i.name: i.kind for i in self.sheet.instances.values()}
        found: dict[str, None] = {}
        for formula in self._formulas(model):
            for part in walk(formula):
                owner = self._owner(part)
                if owner and kinds.get(owner) == "hardware":
                    found[owner] = None
        return list(found)

    def _formulas(self, model: Instance) -> Iterator[Formula]:
        for name in model.tables:
            for column in self.sheet.tables[name].columns.values():
                yield from {id(f): f for f in column.formulas if f is not None}.values()
        for cell in self.sheet.cells.values():
            if cell.owner == model.name:
                yield cell.formula

    def _owner(self, part: Formula) -> str:
        if isinstance(part, CellRef):
            return self.sheet.cells[part.cell].owner
        if isinstance(part, Field):
            return self.sheet.tables[part.table].owner
        if isinstance(part, Reduce):
            return self.sheet.tables[part.rows.table].owner
        return ""

    # ---- what depends on what ---------------------------------------------------------------------------------------

    @cached_property
    def reads(self) -> Reads:
        return Reads(self.sheet)


def main_formula(column: Column) -> Formula | None:
    """The formula that most rows of a column have."""
    count: Counter[int] = Counter(id(f) for f in column.formulas if f is not None)
    if not count:
        return None
    most = count.most_common(1)[0][0]
    return next(f for f in column.formulas if id(f) == most)


def has_columns(point: Point, model: str, chart: str) -> bool:
    """Whether a model has the columns that a chart reads."""
    instance = point.sheet.instances.get(model)
    if instance is None or instance.table is None:
        return False
    types = point.typed.column_types
    return all(types.get((instance.table, name)) == Quantity(kind) for name, kind in MODEL_COLUMNS[chart].items())


def row_indices(rows: Rows | Related) -> tuple[int, ...]:
    """The rows of an item of a report; only fixed rows can stand there."""
    return rows.indices if isinstance(rows, Rows) else ()
