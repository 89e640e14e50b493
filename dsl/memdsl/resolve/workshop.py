"""The state of one resolution: what names mean where, and the cells and tables under construction.

A value is asked about with this state at hand, a scope gives values, a draft is read in a scope: the four belong
together. Values themselves stand in `values`, faults and limits in modules of their own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal as OneOf

from ..cancellation import checkpoint
from ..diagnostics import BUILT_IN, LIBRARY, Problems, Source, Span
from ..records import record
from ..sheet.formula import At, Called, Formula, Related, RowRef, Rows, RowSet, Unknown
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value as Constant
from ..sheet.sheet import Bounds, CellRole, Check, Domain, Instance, Row
from ..syntax import tree
from ..units import Unit
from .faults import Fault, Reported, no_number
from .limits import Limits
from .row_names import Frame

NO_CLAUSES = tree.Clauses()


# ---- values and scopes ----------------------------------------------------------------------------------------------


@record
class Actual:
    """An argument of a call, with the scope that it is read in."""

    argument: tree.Argument
    scope: Scope
    value: Value | None = None

    @property
    def span(self) -> Span:
        return self.scope.span(self.argument.span)


class Value:
    """Base of all values."""

    what = "a value"

    def described(self) -> str:
        return self.what

    def member(self, shop: Workshop, name: str, span: Span) -> Value:
        raise Fault("no-member", f"{self.described()} has no parts, so `.{name}` names nothing", span)

    def at(self, shop: Workshop, key: Value, span: Span) -> Value:
        hint = 'only rows are picked, by their names: `table["row"].column`'
        raise Fault("no-index", f"{self.described()} cannot be indexed with `[…]`", span, hint)

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        raise Fault("not-callable", f"{self.described()} cannot be called with `(…)`", span)

    def formula(self, shop: Workshop, span: Span) -> Formula:
        raise no_number(self.what, (), span)


@record
class Scope:
    """`lookup` gives the value of a name or None; `known` lists the names, for hints."""

    source: Source
    lookup: Callable[[str], Value | None]
    known: Callable[[], Iterable[str]]
    parent: Scope | None = None

    def find(self, name: str) -> Value | None:
        scope: Scope | None = self
        while scope is not None:
            value = scope.lookup(name)
            if value is not None:
                return value
            scope = scope.parent
        return None

    def names(self) -> set[str]:
        scope: Scope | None = self
        found: set[str] = set()
        while scope is not None:
            found.update(scope.known())
            scope = scope.parent
        return found

    def span(self, offsets: tuple[int, int]) -> Span:
        return Span(self.source, *offsets)

    def written(self, offsets: tuple[int, int]) -> str:
        """What stands in the text there, on one line."""
        return " ".join(self.source.text[slice(*offsets)].split())


def mapped(values: Mapping[str, Value], parent: Scope) -> Scope:
    """A scope with the given names in front of its parent's."""
    return Scope(parent.source, values.get, values.keys, parent)


# ---- drafts ---------------------------------------------------------------------------------------------------------


@record
class ColumnInfo:
    """How a column is shown."""

    span: Span
    shown: Unit | None
    label: str
    role: str
    source: str = ""


def built_in(text: str) -> Span:
    """The place of a formula that the language itself gives a column."""
    return Span(Source(BUILT_IN, text), 0, len(text))


@record
class HeldPart:
    """What a call gives to an argument that says what it may be: its name, its domain, where it is written."""

    formula: Formula
    name: str
    bounds: Bounds
    place: Span


@record
class Said:
    """Clauses that say what a column may be in some rows; an axis without any has the domain of every axis."""

    column: str
    rows: Sequence[int]
    clauses: tree.Clauses
    scope: Scope | None
    name: str
    role: OneOf["argument", "axis", "column"]


class TableDraft(ABC):
    """A table being built. Subclasses say where formulas come from.

    `along` gives, for a column that differs along the axes of some row, the axes beside the first that have a column of
    their own (`kernel` and `kernel_w`). `member_tables` know the rows that a row of this table groups.
    """

    along: Mapping[str, Iterable[str]] = {}
    member_tables: tuple[str, ...] = ()

    def __init__(self, table_id: str, role: str, owner: str, label: str, span: Span, parent: str | None = None) -> None:
        self.id = table_id
        self.role = role
        self.owner = owner
        self.label = label
        self.span = span
        self.parent = parent
        self.rows: list[Row] = []

    @abstractmethod
    def knows(self, column: str) -> bool: ...

    @abstractmethod
    def names(self) -> Iterable[str]:
        """The names of all columns, in the order in which they are shown."""

    @abstractmethod
    def formula_at(self, column: str, index: int) -> Formula | None: ...

    def group_of(self, index: int) -> object:
        """Rows of one group have the same formula in every column that is not their own; None for a row by itself."""
        return None

    def own_columns(self) -> Container[str]:
        """Columns whose formula differs from row to row."""
        return ()

    @abstractmethod
    def info(self, column: str) -> ColumnInfo: ...

    def definitions(self, column: str, row: int | None) -> Iterator[Span]:
        """The statements that define a column; for one row, the one that counts there. For an editor."""
        return iter(())

    def sources(self, column: str) -> tuple[str, ...]:
        """The source written beside each entry; empty when no entry has one."""
        return ()

    def like(self, column: str) -> Formula | None:
        """A formula whose unit every entry of the column must have."""
        return None

    def said(self) -> Iterable[Said]:
        """What is said of the values of columns."""
        return ()

    def settable(self, column: str, index: int) -> bool:
        """Whether an entry is a constant that a person may set."""
        return False

    def is_apart(self, column: str, index: int) -> bool:
        """Whether a row has a value of its own in a column along an axis."""
        return False

    def relations(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        return {}

    def part(self, row: RowRef, name: str) -> Value | None:
        """A part of a row that is not a column: the model that a crossed table's row runs."""
        return None


@dataclass(eq=False)
class CellDraft:
    """A cell being built. `formula` is None until it was asked for.

    `like` is the default of an argument that was given a value, which must have the default's unit. `shared`: other
    statements rest on how it is written and not on its value alone, or it made more than its formula. `settable`:
    others rest on its being a constant. `domain`: the clauses that say what an argument may be, where they are not its
    own.
    """

    id: str
    owner: str
    role: CellRole
    span: Span
    expression: tree.Expression | None
    scope: Scope
    clauses: tree.Clauses
    formula: Formula | None = None
    like: Formula | None = None
    domain: tuple[tree.Clauses, Scope] | None = None
    busy: bool = False
    settable: bool = False


class OpenNetwork(TableDraft):
    """A network whose body is being expanded: calls of kinds and blocks make its rows."""

    shop: Workshop
    frames: list[Frame]
    axis_names: dict[str, None]

    @abstractmethod
    def rows_of(self, callee: Value, actuals: Sequence[Actual], span: Span) -> Value:
        """What a call of a layer kind or a block gives."""

    @abstractmethod
    def repeat(
        self, count: Formula, callee: Value, actuals: Sequence[Actual], span: Span, number: Callable[[int], None]
    ) -> Value:
        """`number` is told which copy is made, from 0; -1 where one copy stands for all."""

    @abstractmethod
    def differs(self, name: str, axis: str) -> None:
        """A column differs along an axis in some row: every row with it has a column for this axis."""


# ---- the workshop ---------------------------------------------------------------------------------------------------


class Workshop(Limits):
    """Everything under construction. Values are made with it at hand, to learn about cells, tables and rows.

    `meaning` elaborates an expression, `note` is told what each name was found to mean.
    """

    def __init__(
        self,
        problems: Problems,
        elaborate: Callable[[Workshop, tree.Expression, Scope], Value],
        note: Callable[[Scope, tree.Offsets, Value], None] | None = None,
    ) -> None:
        super().__init__(problems)
        self.meaning: Callable[[tree.Expression, Scope], Value] = partial(elaborate, self)
        self.note = note
        self.cells: dict[str, CellDraft] = {}
        self.tables: dict[str, TableDraft] = {}
        self.instances: dict[str, Instance] = {}
        self.shared: dict[str, Value] = {}
        self.broken: set[str] = set()
        self.torn_tables: set[str] = set()
        self.defaults: list[tuple[tree.Cell, Scope]] = []
        self.structural: set[InputKey] = set()
        self.constant_entries: dict[tuple[str, str, int, bool], Constant] = {}
        self.constant_formulas: dict[int, tuple[Formula, Constant]] = {}
        self.conditions: list[Formula] = []
        self.counts: list[Formula] = []
        self.building: list[OpenNetwork] = []
        self.pending: list[str] = []
        self.called: dict[int, Called] = {}
        self.library: Callable[[], Mapping[str, str]] = dict
        self.uses: dict[str, set[str]] = {}
        self.component_words: list[str] = []
        self.component_tables: list[str] = []
        self.aliases: dict[str, str] = {}
        self.checks: list[Check] = []
        self.domains: list[Domain] = []
        self.held: dict[int, list[HeldPart]] = {}
        self.finishers: list[Callable[[], None]] = []
        self.positions: dict[int, tuple[tuple[int, ...], dict[str, int]]] = {}
        self.parts_of_networks: dict[tuple[str, str, int], tuple[int, ...]] = {}

    def sees(self, reader: Source, writer: Source) -> bool:
        """Whether a text may name what another declares: its own, and what it uses, directly or not.

        The texts of the library were written with each other in view.
        """
        if reader.name.startswith(LIBRARY) and writer.name.startswith(LIBRARY):
            return True
        seen, stack = {reader.name}, [reader.name]
        while stack:
            for name in self.uses.get(stack.pop(), ()):
                if name not in seen:
                    seen.add(name)
                    stack.append(name)
        return writer.name in seen

    @contextmanager
    def making(self, owner: str) -> Iterator[None]:
        """Formulas of an instance are made: a fault in one of the library tells where the spec made the instance."""
        checkpoint()
        outer, instance = self.made_at, self.instances.get(owner)
        self.made_at = instance.span if instance is not None else None
        try:
            yield
        finally:
            self.made_at = outer

    def share(self, key: str, span: Span, make: Callable[[], Value], name: str = "") -> Value:
        """The one instance of a template with these arguments; one that failed is not tried again.

        One that has a name of its own has inputs of its own: it is shared only with calls that name nothing.
        """
        own = f"{key} as {name}" if name else key
        if own in self.broken:
            raise Reported
        if own not in self.shared:
            try:
                with self.calling(span):
                    self.shared[own] = make()
            except (Fault, Reported):
                self.broken.add(own)
                raise
            self.shared.setdefault(key, self.shared[own])
        return self.shared[own]

    def unique_name(self, name: str) -> str:
        """The name itself, or the name with a number when it is taken."""
        unique, number = name, 2
        while unique in self.instances or unique in self.tables or unique in self.cells:
            unique, number = f"{name}_{number}", number + 1
        return unique

    # ---- cells ------------------------------------------------------------------------------------------------------

    def declare_cell(
        self,
        cell_id: str,
        owner: str,
        role: CellRole,
        scope: Scope,
        span: Span,
        expression: tree.Expression | None,
        clauses: tree.Clauses = NO_CLAUSES,
        formula: Formula | None = None,
    ) -> None:
        self.cells[cell_id] = CellDraft(cell_id, owner, role, span, expression, scope, clauses, formula)

    def cell(self, cell_id: str) -> CellDraft:
        return self.cells[cell_id]

    def need(self, cell_id: str, span: Span) -> None:
        """Notes that a cell's value is used, so that it becomes part of the sheet."""
        if self.cells[cell_id].formula is None:
            self.pending.append(cell_id)

    def cell_formula(self, cell: CellDraft) -> Formula:
        """The formula of a cell, elaborated when first asked for."""
        if cell.formula is None:
            if cell.busy or cell.expression is None:
                raise Fault("circular", f"the structure of `{cell.id}` is defined by itself", cell.span)
            cell.busy = True
            with self.making(cell.owner):
                try:
                    value = self.meaning(cell.expression, cell.scope)
                    cell.formula = value.formula(self, cell.scope.span(cell.expression.span))
                except (Fault, Reported) as fault:
                    cell.formula = Unknown(cell.span)
                    if isinstance(fault, Fault):
                        self.report(fault)
                finally:
                    cell.busy = False
        return cell.formula

    def settle(self) -> None:
        """Elaborates every cell that something needs."""
        while self.pending:
            cell = self.cells[self.pending.pop()]
            if cell.formula is None and not cell.busy:
                self.cell_formula(cell)

    # ---- tables -----------------------------------------------------------------------------------------------------

    def table(self, table_id: str) -> TableDraft:
        return self.tables[table_id]

    def add_table(self, draft: TableDraft) -> None:
        self.tables[draft.id] = draft

    def add_row(self, draft: TableDraft, row: Row) -> int:
        self.count_row(row)
        draft.rows.append(row)
        return len(draft.rows) - 1

    def owner_of_column(self, tables: Sequence[str], name: str) -> str | None:
        return next((table for table in tables if self.tables[table].knows(name)), None)

    def root(self, table: str) -> str:
        """The table whose rows these are: a model's table has its network's rows."""
        parent = self.tables[table].parent
        return table if parent is None else parent

    def tables_of(self, rows: RowSet) -> tuple[str, ...]:
        """The tables that know columns of these rows, the nearest first."""
        parent = self.tables[rows.table].parent
        return (rows.table,) if parent is None else (rows.table, parent)

    def network_rows(self, table: str) -> list[Row]:
        return self.tables[self.root(table)].rows

    def related(self, rows: Related, index: int) -> tuple[int, ...]:
        if rows.relation.startswith("slot"):
            return self.network_rows(rows.of_table)[index].slots[int(rows.relation[4:])]
        return self.tables[rows.of_table].relations()[rows.relation][index]

    def fixed_rows(self, rows: RowSet) -> Rows | None:
        """The rows themselves, when they do not depend on what is computed."""
        if isinstance(rows, Rows):
            return rows
        if not isinstance(rows.of, At):
            return None
        return Rows(rows.table, self.related(rows, rows.of.index), rows.relation)

    def incomplete(self, rows: RowSet) -> bool:
        """Whether a fault may keep some of these rows from being there: what is said of them together is unknown."""
        if not self.torn_tables or self.root(rows.table) not in self.torn_tables:
            return False
        return isinstance(rows, Rows) or not (rows.relation == "inputs" or rows.relation.startswith("slot"))

    def copies_of(self, table: str) -> str | None:
        """The table that holds the `copies` column of these rows, when rows stand for several copies."""
        root = self.root(table)
        draft = self.tables[root]
        return root if draft.role == "network" and draft.knows("copies") else None

    # ---- networks ---------------------------------------------------------------------------------------------------

    def repeat(
        self,
        count: Formula,
        callee: Value,
        actuals: Sequence[Actual],
        span: Span,
        number: Callable[[int], None] = lambda copy: None,
    ) -> Value:
        """`x -> n * block(…)`: unrolled when n is known, else one copy that stands for n.

        `number` is told which copy is made, from 0; -1 where one stands for all.
        """
        if not self.building:
            raise Fault("not-in-network", "rows are repeated only inside a network", span)
        return self.building[-1].repeat(count, callee, actuals, span, number)
