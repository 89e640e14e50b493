"""What formulas use, and what lies below them: the one walk over dependencies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from ..diagnostics import Span
from ..records import record
from .formula import CellRef, Field, Formula, Here, Reduce, Related, RowRef, Slot, Var, children, walk
from .input_keys import Entry, InputKey
from .rows import possible_row_set, possible_rows
from .sheet import ColumnNode, Node, Sheet, Table

N = TypeVar("N")
Place = tuple[str, int]
"""The table and the row in which a formula stands."""
NOWHERE: Place = ("", -1)
"""The place of a formula over cells: no row."""
Bound = Mapping[str, tuple[int, ...]]
"""The rows that the variables of aggregates around a formula may stand for."""
NO_ROWS: Bound = {}


def uses_of(formulas: Iterable[Formula]) -> dict[Node, Span]:
    """The cells and columns that formulas use, and where each is used first."""
    uses: dict[Node, Span] = {}
    for formula in formulas:
        for part in walk(formula):
            if isinstance(part, CellRef):
                uses.setdefault(part.cell, part.span)
            elif isinstance(part, Field):
                uses.setdefault(ColumnNode(part.table, part.column), part.span)
    return uses


def reached(starts: Iterable[N], edges: Mapping[N, Iterable[N]]) -> dict[N, None]:
    """All nodes that some lead to, themselves included."""
    found = dict.fromkeys(starts)
    work = list(found)
    while work:
        for node in edges.get(work.pop(), ()):
            if node not in found:
                found[node] = None
                work.append(node)
    return found


def readers_of(edges: Mapping[N, Iterable[N]]) -> dict[N, list[N]]:
    """The edges turned round: what uses a node."""
    readers: dict[N, list[N]] = {}
    for node, uses in edges.items():
        for used in uses:
            readers.setdefault(used, []).append(node)
    return readers


@record
class Named:
    """What a formula names outside its aggregates, and the outermost aggregates in it.

    `apart` are those that read the same wherever the formula stands.
    """

    formula: Formula
    cells: dict[str, Span]
    fields: tuple[Field, ...]
    reduces: tuple[Reduce, ...]
    apart: tuple[Reduce, ...]


class Walk:
    """Row by row: which cells, and which rows of columns, a formula may read."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._named: dict[int, Named] = {}

    def entries(
        self, formula: Formula, here: Place = NOWHERE, bound: Bound = NO_ROWS, within: Collection[Node] | None = None
    ) -> Iterator[tuple[InputKey, Span]]:
        """What a formula may read, all rows of a column where one is chosen by a value; `within`: of these nodes."""
        named = self.named(formula)
        for cell, span in named.cells.items():
            if within is None or cell in within:
                yield cell, span
        for field in named.fields:
            if within is None or ColumnNode(field.table, field.column) in within:
                for index in self.rows(field, here, bound):
                    yield Entry(field.table, field.column, index), field.span
        for reduce in (*named.reduces, *named.apart):
            inner = self.inside(reduce, here, bound)
            for child in children(reduce):
                yield from self.entries(child, here, inner, within)

    def named(self, formula: Formula) -> Named:
        found = self._named.get(id(formula))
        if found is None:
            found = self._named[id(formula)] = _named(formula)
        return found

    def rows(self, field: Field, here: Place, bound: Bound) -> tuple[int, ...]:
        """The rows that a field may mean."""
        if isinstance(field.row, Here):
            return (here[1],)
        return possible_rows(self.tables, field.row, field.table, here, bound)

    def inside(self, reduce: Reduce, here: Place, bound: Bound) -> Bound:
        """The rows that variables may stand for inside an aggregate."""
        return {**bound, reduce.var.name: possible_row_set(self.tables, reduce.rows, here, bound)}


def _named(formula: Formula) -> Named:
    cells: dict[str, Span] = {}
    fields: list[Field] = []
    reduces: list[Reduce] = []
    apart: list[Reduce] = []
    work = [formula]
    while work:
        part = work.pop()
        if isinstance(part, Reduce):
            (apart if _stands_apart(part) else reduces).append(part)
            continue
        if isinstance(part, CellRef):
            cells.setdefault(part.cell, part.span)
        elif isinstance(part, Field):
            fields.append(part)
        work.extend(reversed(children(part)))
    return Named(formula, cells, tuple(fields), tuple(reduces), tuple(apart))


def _stands_apart(formula: Formula, own: frozenset[str] = frozenset()) -> bool:
    """Whether a formula speaks of no row here, and of no variable but those of aggregates inside it."""

    def fixed(row: RowRef) -> bool:
        return not isinstance(row, (Here, Slot)) and (not isinstance(row, Var) or row.name in own)

    if isinstance(formula, Field) and not fixed(formula.row):
        return False
    if isinstance(formula, Reduce):
        if isinstance(formula.rows, Related) and not fixed(formula.rows.of):
            return False
        own |= {formula.var.name}
    return all(_stands_apart(part, own) for part in children(formula))


class Reads:
    """Which inputs formulas over a sheet rest on. A column is read whole: the inputs of all its rows count."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.keys: dict[Node, list[InputKey]] = {}
        for item in sheet.inputs.values():
            self.keys.setdefault(node_of(item.key), []).append(item.key)

    @cached_property
    def used(self) -> frozenset[InputKey]:
        """The inputs that a computed cell, a table of the spec or a claim rests on."""
        sheet = self.sheet
        formulas = [cell.formula for cell in sheet.cells.values() if cell.role == "cell" and cell.id not in self.keys]
        formulas += [claim.left for claim in sheet.claims]
        for table in sheet.tables.values():
            if table.role in ("literal", "crossed"):
                formulas += [formula for column in table.columns.values() for formula, _ in column.groups]
        return self.inputs_of(*formulas)

    def inputs_of(self, *formulas: Formula) -> frozenset[InputKey]:
        below = reached(uses_of(formulas), self.sheet.uses)
        return frozenset(key for node in below for key in self.keys.get(node, ()))


def place_of(key: InputKey) -> Place:
    """Where the formula of a cell or of an entry stands."""
    return (key.table, key.row) if isinstance(key, Entry) else NOWHERE


def node_of(key: InputKey) -> Node:
    """The cell or the column in which an input stands."""
    return ColumnNode(key.table, key.column) if isinstance(key, Entry) else key
