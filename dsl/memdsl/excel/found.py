"""What was found by a search stands in a book as it was found, and a requirement says, live, for which inputs.

A book cannot search. What a method found are numbers in it, and all that rests on them stays a formula: the cost of
this very schedule, whatever the inputs. What only holds where it was found, a cost promised or a bound, is given up
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..diagnostics import Problems
from ..evaluate import Machine, Model
from ..evaluate.show import show
from ..resolve.graph import Graph
from ..schedule import METHODS
from ..sheet.formula import SEARCH, UNLIMITED, Apply, At, CellRef, Field, Formula, Found, Literal
from ..sheet.input_keys import Entry
from ..sheet.sheet import (
    Cell,
    Check,
    Column,
    Input,
    Quantity,
    Table,
    Truth,
    Type,
    TypedSheet,
)
from ..symbolic.needs import depends_on

_AT_LEAST = ("bound", "least", "time_bound", "time_least", "touched", "smallest")
"""Parts that nothing comes below; of a cost promised the same is said from above."""


def with_what_was_found(model: Model) -> Model:
    """A model whose sheet says what was found, or the model itself where nothing is searched."""
    found = [f for f in _formulas(model.typed) if isinstance(f, Found)]
    if not found:
        return model
    frozen = _Frozen(model, found).sheet()
    return replace(model, typed=frozen, machine=Machine(frozen), problems=Problems())


def _formulas(typed: TypedSheet) -> list[Formula]:
    cells = [cell.formula for cell in typed.sheet.cells.values()]
    columns = [column for table in typed.sheet.tables.values() for column in table.columns.values()]
    return cells + [formula for column in columns for formula, _ in column.groups]


class _Frozen:
    def __init__(self, model: Model, found: list[Found]) -> None:
        self.typed, self.values = model.typed, model.values
        self.inputs: dict[str, list[Input]] = {}
        self.cells: dict[str, Cell] = {}
        self.checks: list[Check] = []
        for formula in found:
            self.inputs.setdefault(self._question(formula), self._rests_on(formula))
        for question, inputs in self.inputs.items():
            self._say(question, inputs)

    def _question(self, formula: Found) -> str:
        """What is asked: one search, or one method for the rows of one table."""
        if formula.method == SEARCH:
            return formula.part
        return f"{formula.method}:{','.join(sorted(depends_on(self.typed, formula)))}"

    def _rests_on(self, formula: Found) -> list[Input]:
        searched = {i.path for i in self.typed.sheet.inputs.values() if isinstance(i.formula, Found)}
        return [self.typed.sheet.inputs[p] for p in depends_on(self.typed, formula) if p not in searched]

    def _say(self, question: str, inputs: list[Input]) -> None:
        """A cell that says whether the inputs are those of the search, and the requirement that shows it."""
        name = f"found_here_{len(self.cells) + 1}"
        span = inputs[0].span if inputs else self.typed.sheet.checks[0].span
        condition: Formula = Literal(span, True, None, "true")
        said = []
        for number, item in enumerate(inputs):
            value = self.values.input(item.key)
            kind = self._kind(item)
            dimension = kind.dimension if isinstance(kind, Quantity) else None
            text = show(self.typed, value, kind, item.shown)
            said.append(f"{item.path} = {text}")
            now: Formula
            if isinstance(item.key, Entry):
                now = Field(span, At(item.key.row), item.key.table, item.key.column)
            else:
                now = CellRef(span, item.key)
            same = Apply(span, "==", (now, Literal(span, value, dimension, text)))
            condition = same if number == 0 else Apply(span, "and", (condition, same))
        self.cells[question] = Cell(name, "", "cell", condition, span, None, "Found for the inputs as they are", "")
        message = f"what was chosen was found for {', '.join(said)}; at other inputs it is a choice, not the best"
        self.checks.append(Check(CellRef(span, name), message, span, "", None, ()))

    def _kind(self, item: Input) -> Type:
        if isinstance(item.key, Entry):
            return self.typed.column_types[item.key.table, item.key.column]
        return self.typed.cell_types[item.key]

    def sheet(self) -> TypedSheet:
        sheet = self.typed.sheet
        cells = {name: self._cell(cell) for name, cell in sheet.cells.items()}
        made = {cell.id: cell for cell in self.cells.values()}
        tables = {name: self._table(table) for name, table in sheet.tables.items()}
        inputs = {path: self._input(item) for path, item in sheet.inputs.items()}
        graph = Graph({**cells, **made}, tables)
        changed = replace(
            sheet,
            cells={**cells, **made},
            tables=tables,
            inputs=inputs,
            checks=(*self.checks, *sheet.checks),
            order=graph.order(Problems()),
            uses=graph.edges,
        )
        return TypedSheet(
            changed,
            {**self.typed.cell_types, **dict.fromkeys(made, Truth())},
            self.typed.column_types,
            _typing(self.typed.type_of, set(made)),
        )

    def _cell(self, cell: Cell) -> Cell:
        if not isinstance(cell.formula, Found):
            return cell
        return replace(cell, formula=self._value(cell.formula, self.values.cell(cell.id)))

    def _input(self, item: Input) -> Input:
        if not isinstance(item.formula, Found):
            return item
        return replace(item, formula=self._value(item.formula, self.values.input(item.key)))

    def _table(self, table: Table) -> Table:
        return replace(table, columns={name: self._column(column) for name, column in table.columns.items()})

    def _column(self, column: Column) -> Column:
        if not any(isinstance(formula, Found) for formula in column.formulas):
            return column
        values = self.values.column(column.table, column.name)
        made = tuple(
            self._value(formula, value) if isinstance(formula, Found) and value is not None else formula
            for formula, value in zip(column.formulas, values, strict=True)
        )
        return replace(column, formulas=made)

    def _value(self, formula: Found, value: float | bool | str) -> Formula:
        span = formula.span
        kind = self.typed.type_of(formula)
        dimension = kind.dimension if isinstance(kind, Quantity) else None
        literal = Literal(span, value, dimension, show(self.typed, value, kind))
        if formula.method == SEARCH or (not METHODS[formula.method].parts[formula.part] and formula.part != "cost"):
            return literal
        floor = formula.part in _AT_LEAST
        otherwise = Literal(
            span, 0.0 if floor else UNLIMITED, dimension if floor else None, "0" if floor else "unlimited"
        )
        name = self.cells[self._question(formula)].id
        return Apply(span, "if", (CellRef(span, name), literal, otherwise))


def _typing(known: Callable[[Formula], Type], made: set[str]) -> Callable[[Formula], Type]:
    """Types of formulas that may name the cells made here."""

    def type_of(formula: Formula) -> Type:
        if isinstance(formula, CellRef) and formula.cell in made:
            return Truth()
        first = formula.args[0] if isinstance(formula, Apply) and formula.op == "if" else None
        if isinstance(formula, Apply) and isinstance(first, CellRef) and first.cell in made:
            return known(formula.args[1])
        return known(formula)

    return type_of
