"""The state of one resolution: cells and tables under construction, and the questions that values ask about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..diagnostics import LIBRARY, Note, Problems, Source, Span
from ..sheet.formula import (
    Apply,
    At,
    Called,
    CellRef,
    Field,
    Formula,
    Here,
    Literal,
    Pick,
    Reduce,
    Related,
    RowRef,
    Rows,
    RowSet,
    Slot,
    children,
)
from ..sheet.input_keys import InputKey
from ..sheet.sheet import CellRole, Check, Domain, Instance, Row
from ..syntax import tree
from .constant import Constants
from .expressions import elaborate
from .families import FamilyValue, Tensor, Tensors
from .foreign_names import kind_meant, meant
from .scope import Scope
from .table_drafts import RELATIONS, CellDraft, TableDraft
from .trace import Trace
from .values import Actual, Fault, Reported, RowsValue, RowValue, Value, close_name, nearest

if TYPE_CHECKING:
    from .networks import NetworkDraft

MAX_ROWS = 40_000
MAX_CROSSED = 250_000
MAX_DEPTH = 150
MAX_HINTS = 200
MAX_CALLS = {"function": 20_000, "block": 250_000}
MAX_PARTS = 200_000
FEWER_ROWS = "repeat less often, or by a `param`: one copy of the rows then stands for all"
_CALLED = "called here"
NO_CLAUSES = tree.Clauses()


class Workshop:
    """Everything under construction. Values call it back to learn about tables and rows."""

    def __init__(self, problems: Problems, trace: Trace | None = None) -> None:
        self.problems = problems
        self.trace = trace
        self.cells: dict[str, CellDraft] = {}
        self.tables: dict[str, TableDraft] = {}
        self.instances: dict[str, Instance] = {}
        self.shared: dict[str, Value] = {}
        self.defaults: list[tuple[tree.Cell, Scope]] = []
        self.constants = Constants(self)
        self.structural: set[InputKey] = set()
        self.conditions: list[Formula] = []
        self.counts: list[Formula] = []
        self.building: list[NetworkDraft] = []
        self.pending: list[str] = []
        self.total_rows = 0
        self.spec: Source | None = None
        self.spans: list[Span] = []
        self.too_deep = False
        self.calls = {"function": 0, "block": 0}
        self.called: dict[int, Called] = {}
        self.parts: dict[int, tuple[Formula, int]] = {}
        self.library: Callable[[], Mapping[str, str]] = dict
        self.uses: dict[str, set[str]] = {}
        self.component_words: list[str] = []
        self.torn: list[Source] = []
        self.broken: set[str] = set()
        self.circles: set[frozenset[int]] = set()
        self.told: set[str] = set()
        self.made_at: Span | None = None
        self.aliases: dict[str, str] = {}
        self.checks: list[Check] = []
        self.domains: list[Domain] = []
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

    # ---- faults -----------------------------------------------------------------------------------------------------

    def report(self, fault: Fault) -> None:
        """Tells a fault; the same one in several formulas of the library is one fault of what was given to it."""
        if fault.span.source.name.startswith("std."):
            if fault.message in self.told:
                return
            self.told.add(fault.message)
        self.problems.error(fault.code, fault.message, fault.span, fault.hint, self._with_place(fault))

    @contextmanager
    def making(self, owner: str) -> Iterator[None]:
        """Formulas of an instance are made: a fault in one of the library tells where the spec made the instance."""
        outer, instance = self.made_at, self.instances.get(owner)
        self.made_at = instance.span if instance is not None else None
        try:
            yield
        finally:
            self.made_at = outer

    def guarded(self, work: Callable[[], None]) -> None:
        """Runs a piece of work whose faults are reported and end only that piece."""
        try:
            work()
        except Fault as fault:
            self.report(fault)
        except Reported:
            return

    def lost(self, name: str) -> bool:
        """Whether a text defines a name in a statement that could not be read: that fault is told already."""
        defines = re.compile(rf"(?m)(?:^|[;{{(|,])[ \t]*(?:\w+[ \t]+){{0,2}}{re.escape(name)}\b")
        return any(defines.search(source.text) for source in self.torn)

    def all_of(self, works: Iterable[Callable[[], None]]) -> None:
        """Runs all pieces of a work and reports the fault of each; Reported when one had a fault."""
        failed = False
        for work in works:
            try:
                work()
            except Fault as fault:
                self.report(fault)
                failed = True
            except Reported:
                failed = True
        if failed:
            raise Reported

    def unknown_name(self, name: str, scope: Scope, span: Span, hint: str = "") -> Fault | Reported:
        if self.lost(name):
            return Reported()
        if len(self.problems.found) > MAX_HINTS:
            return Fault("unknown-name", f"nothing here is called `{name}`", span)
        if name in RELATIONS:
            hint = "they belong to a row: inside `each layer in net { … }`"
        hint = hint or self.foreign(name) or nearest(name, scope.names()) or kind_meant(name)
        if scope.source.name.startswith("<--set") and "=" in scope.source.name and scope.source.text == name:
            hint = hint or f"""text stands in quotes: '"{name}"'"""
        library = self.library()
        if name in library and not (self.building and kind_meant(name)):
            hint = f"`use {library[name]}` brings it"
        elif not hint and (close := close_name(name, library, 0.75)):
            hint = f"did you mean `{close}`? `use {library[close]}` brings it"
        return Fault("unknown-name", f"nothing here is called `{name}`", span, hint)

    def foreign(self, name: str) -> str:
        """A hint for a name of another language; the layers of frameworks come first only inside a network."""
        return meant(name) or (kind_meant(name) if self.building else "")

    def unknown_part(
        self, message: str, name: str, known: Iterable[str], span: Span, hint: str = ""
    ) -> Fault | Reported:
        """`message` says that something has no part of this name; the hint, unless given, names the nearest, or all."""
        if self.lost(name):
            return Reported()
        names = list(dict.fromkeys(known))
        listed = ", ".join(names)
        hint = hint or nearest(name, names) or (f"it has {listed}" if 0 < len(listed) < 160 else "")
        return Fault("unknown-name", message, span, hint)

    def unknown_column(self, tables: Sequence[str], name: str, span: Span) -> Fault | Reported:
        if self.lost(name):
            return Reported()
        known = [column for table in tables for column in self.table(table).names()]
        listed = ", ".join(dict.fromkeys(known))
        hint = (
            self.picked(tables, name)
            or nearest(name, known)
            or (f"the columns are {listed}" if len(listed) < 160 else "")
        )
        return Fault("unknown-column", f"`{tables[0]}` has no column `{name}`", span, hint)

    def is_tensor(self, row: RowValue) -> bool:
        """Whether it is a row of a network that stands by its place."""
        return isinstance(row.row, At) and self.table(self.root(row.tables[0])).role == "network"

    def picked(self, tables: Sequence[str], name: str) -> str:
        """A hint for the name of a row that stands where that of a column or a total belongs."""
        named = any(row.name == name for table in tables for row in self.network_rows(table))
        return f'a row is picked by its name in quotes: `layers["{name}"]`' if named else ""

    def missing_entry(self, table: str, column: str, index: int, span: Span) -> Fault:
        row = self.table(table).rows[index]
        return Fault("missing-entry", f"row `{row.name}` ({row.kind}) has no `{column}`", span)

    def extends_itself(self, chain: Sequence[tree.Declaration], span: Span) -> Fault | Reported:
        """A circle of templates is told once, wherever it was entered."""
        circle = frozenset(id(node) for node in chain)
        if circle in self.circles:
            return Reported()
        self.circles.add(circle)
        path = " → ".join(f"`{node.name}`" for node in [*chain, chain[0]])
        return Fault("circular", f"`{chain[0].name}` extends itself" + (f": {path}" if len(chain) > 1 else ""), span)

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

    @contextmanager
    def calling(self, span: Span, kind: str = "block") -> Iterator[None]:
        """Counts calls and their nesting: one that calls itself ends here. A fault inside tells where it was called."""
        self._count(span, kind)
        self.spans.append(span)
        try:
            yield
        except Fault as fault:
            fault.notes = self._with_place(fault)
            raise
        finally:
            self.spans.pop()

    def _with_place(self, fault: Fault) -> tuple[Note, ...]:
        """The notes of a fault; one in the library or a used file says where the spec called it."""
        place = next((span for span in reversed(self.spans) if span.source is self.spec), self.made_at)
        if fault.span.source is self.spec or place is None or any(note.message == _CALLED for note in fault.notes):
            return fault.notes
        return (*fault.notes, Note(_CALLED, place))

    def _count(self, span: Span, kind: str) -> None:
        if not self.spans:
            self.too_deep = False
        if self.too_deep:  # what else this one calls is no better
            raise Reported
        self.calls[kind] += 1
        if len(self.spans) >= MAX_DEPTH:
            self.too_deep = True
            message = f"calls are nested more than {MAX_DEPTH} deep"
            raise Fault("too-deep", message, span, "does a template call itself?")
        if self.calls[kind] == MAX_CALLS[kind]:
            message = f"a {kind} is called more than {MAX_CALLS[kind]:,} times"
            raise Fault("too-many-calls", message, span, f"does a {kind} call itself several times?")
        if self.calls[kind] > MAX_CALLS[kind]:
            raise Reported

    def bounded(self, formula: Apply) -> Apply:
        """The formula itself: a function that uses its argument twice doubles it, and one of those the next."""
        if self._size(formula) > MAX_PARTS:
            message = f"this formula has more than {MAX_PARTS:,} parts"
            raise Fault("too-large", message, formula.span, "give a part of it a cell of its own")
        return formula

    def _size(self, formula: Formula) -> int:
        known = self.parts.get(id(formula))
        if known is not None:
            return known[1]
        inside = children(formula)
        if not inside:
            return 1
        size = 1 + sum([self._size(part) for part in inside])
        self.parts[id(formula)] = (formula, size)
        return size

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

    def cell_value(self, cell_id: str, span: Span) -> Value:
        """What a cell's expression means: needed where a part of it is asked for (`best.time`)."""
        cell = self.cells[cell_id]
        if cell.expression is None:
            raise Fault("no-member", f"`{cell_id}` is a number and has no parts", span)
        if cell.busy:
            raise Fault("circular", f"`{cell_id}` is defined by itself", span, notes=(Note("defined here", cell.span),))
        cell.busy = True
        try:
            value = elaborate(self, cell.expression, cell.scope)
        finally:
            cell.busy = False
        if isinstance(value, RowValue) and isinstance(value.row, Pick):
            self.need(cell_id, span)
            return RowValue(value.tables, Pick(CellRef(span, cell_id)))
        return value

    def cell_formula(self, cell: CellDraft) -> Formula:
        """The formula of a cell, elaborated when first asked for."""
        if cell.formula is None:
            if cell.busy or cell.expression is None:
                raise Fault("circular", f"the structure of `{cell.id}` is defined by itself", cell.span)
            cell.busy = True
            with self.making(cell.owner):
                try:
                    value = elaborate(self, cell.expression, cell.scope)
                    cell.formula = value.formula(self, cell.scope.span(cell.expression.span))
                except (Fault, Reported) as fault:
                    cell.formula = Literal(cell.span, 0.0, None, "?")
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
        self.total_rows += 1
        if self.total_rows > MAX_ROWS:
            raise Fault("too-many-rows", f"the spec makes more than {MAX_ROWS:,} rows", row.span, FEWER_ROWS)
        draft.rows.append(row)
        return len(draft.rows) - 1

    def column(self, owner: str, name: str, value: Callable[[str], Value], row: RowRef | None = None) -> Value:
        """A column of a table; one that differs along the axes of some row has a value for each axis that does."""
        draft = self.tables[owner]
        more = draft.along.get(name)
        if more and isinstance(row, At):
            more = [axis for axis in more if draft.is_apart(f"{name}_{axis}", row.index)]
        if not more:
            return value(name)
        return FamilyValue(("", *more), (value(name), *(value(f"{name}_{axis}") for axis in more)), whole=False)

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

    def row_by_name(self, rows: RowSet, name: str, span: Span) -> RowRef:
        if not isinstance(rows, Rows):
            raise Fault("bad-index", "only the rows of a whole table have names to pick by", span)
        drafts = self.tables[rows.table].rows
        index = self._positions(rows).get(name)
        if index is None:
            names = [drafts[i].name for i in rows.indices]
            listed = ", ".join(f"`{n}`" for n in names) if len(names) < 10 else ""
            hint = nearest(name, names) or (f"its rows are {listed}" if listed else "")
            raise Fault("unknown-row", f"`{rows.text}` has no row `{name}`", span, hint)
        return At(index)

    def _positions(self, rows: Rows) -> dict[str, int]:
        """The positions of these rows by name, the first of each name."""
        known = self.positions.get(id(rows.indices))
        if known is None or known[0] is not rows.indices:
            drafts = self.tables[rows.table].rows
            known = rows.indices, {drafts[i].name: i for i in reversed(rows.indices)}
            if "" not in known[1]:  # rows get their names when their network is finished
                self.positions[id(rows.indices)] = known
        return known[1]

    def copies_of(self, table: str) -> str | None:
        """The table that holds the `copies` column of these rows, when rows stand for several copies."""
        root = self.root(table)
        return root if self.tables[root].knows("copies") else None

    def row_behind(self, formula: Formula) -> RowValue | None:
        """The row that a formula picks (`first`, `argmax`, or a cell or column that holds such a pick)."""
        match formula:
            case Reduce(op="first" | "argmax"):
                return RowValue(self.tables_of(formula.rows), Pick(formula))
            case CellRef():
                cell = self.cells[formula.cell]
                behind = self.row_behind(self.cell_formula(cell))
                return None if behind is None else RowValue(behind.tables, Pick(formula))
            case Field():
                draft = self.tables[formula.table]
                for index in range(len(draft.rows)):
                    entry = draft.formula_at(formula.column, index)
                    if entry is not None:
                        behind = self.row_behind(entry)
                        return None if behind is None else RowValue(behind.tables, Pick(formula))
        return None

    def relation_of(self, tables: Sequence[str], row: RowRef, name: str) -> RowsValue | RowValue | None:
        """`inputs`, `fresh`, `consumers`, `live` of a network's row, `members` of a group."""
        root = self.root(tables[0])
        draft = self.tables[root]
        if name in RELATIONS and draft.role == "network":
            return RowsValue(tuple(tables), Related(tables[0], name, row, root))
        if name == "members" and draft.role == "groups":
            member_tables = draft.member_tables  # type: ignore[attr-defined]
            return RowsValue(member_tables, Related(member_tables[0], "members", row, root))
        return None

    def part_of_row(self, tables: Sequence[str], row: RowRef, name: str) -> Value | None:
        """A part of a row that is not a column: the model that a crossed table's row runs."""
        part = getattr(self.tables[tables[0]], "part", None)
        return part(row, name) if part is not None else None

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


Families = tuple[tuple[str, tuple[str, ...]], ...]
"""The axes that each family of a kind stands for."""


def slot_rows(
    table: str, number: int, tables: Sequence[str], variadic: bool, root: str, families: Families = ()
) -> Value:
    """The tensor argument of a row here: one row, or several for a variadic argument."""
    if variadic:
        return Tensors(tuple(tables), Related(table, f"slot{number}", Here(), root), families)
    return Tensor(tuple(tables), Slot(number), families)
