"""What a formula rests on: the cells and entries below it, in an order in which they can be computed."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from ..cancellation import checkpoint
from ..sheet.formula import CellRef, Field, Formula, Here, Literal, Reduce, children
from ..sheet.input_keys import Entry, InputKey
from ..sheet.rows import possible_row_set, possible_rows
from ..sheet.sheet import TypedSheet

Node = str | tuple[str, str, int]
"""A cell, by its identifier, or one row of a column: its table, the column and the position."""

Bound = dict[str, tuple[int, ...]]

NOWHERE = ("", -1)
"""The place of a formula over cells: no row."""


def node_of(key: InputKey) -> Node:
    return (key.table, key.column, key.row) if isinstance(key, Entry) else key


class Needs:
    """For every node the inputs below it, as bits; found on demand and kept."""

    def __init__(self, typed: TypedSheet) -> None:
        self.sheet = typed.sheet
        self.tables = typed.sheet.tables
        self.paths = tuple(typed.sheet.inputs)
        self.bits: dict[Node, int] = {node_of(item.key): 1 << i for i, item in enumerate(typed.sheet.inputs.values())}
        self.below: dict[Node, int] = dict(self.bits)
        self.uses: dict[Node, tuple[Node, ...]] = dict.fromkeys(self.below, ())
        self._named: dict[int, tuple[Formula, tuple[str, ...], tuple[Field, ...], tuple[Reduce, ...]]] = {}

    def formula_of(self, node: Node) -> Formula | None:
        if isinstance(node, str):
            return self.sheet.cells[node].formula
        return self.tables[node[0]].columns[node[1]].formulas[node[2]]

    def of(self, formula: Formula, here: tuple[str, int] = NOWHERE) -> int:
        """The inputs below a formula over cells, or of a row, as bits."""
        bits = 0
        for node in dict.fromkeys(self.used(formula, here, {})):
            self.visit(node)
            bits |= self.below[node]
        return bits

    def names(self, bits: int) -> tuple[str, ...]:
        return tuple(path for i, path in enumerate(self.paths) if bits >> i & 1)

    def visit(self, start: Node) -> None:
        """Finds what lies below a node, without recursion: a chain of shapes is as long as the network."""
        below, uses = self.below, self.uses
        if start in below:
            return
        path = {start}
        work = [(start, iter(self._uses(start)))]
        while work:
            checkpoint()
            node, successors = work[-1]
            for successor in successors:
                if successor not in below and successor not in path:
                    path.add(successor)
                    work.append((successor, iter(self._uses(successor))))
                    break
            else:
                work.pop()
                path.discard(node)
                bits = 0
                for used in uses[node]:
                    bits |= below.get(used, 0)
                below[node] = bits

    def order(self, formula: Formula, chosen: int, here: tuple[str, int] = NOWHERE) -> list[Node]:
        """The nodes below a formula that rest on the chosen inputs, each after those that it uses."""
        self.of(formula, here)
        done: set[Node] = set()
        found: list[Node] = []
        for start in dict.fromkeys(self.used(formula, here, {})):
            if start in done or not self.below[start] & chosen:
                continue
            done.add(start)
            work = [(start, iter(self.uses[start]))]
            while work:
                node, successors = work[-1]
                for successor in successors:
                    if successor not in done and self.below[successor] & chosen:
                        done.add(successor)
                        work.append((successor, iter(self.uses[successor])))
                        break
                else:
                    work.pop()
                    found.append(node)
        return found

    def _uses(self, node: Node) -> tuple[Node, ...]:
        found = self.uses.get(node)
        if found is None:
            formula = self.formula_of(node)
            here = NOWHERE if isinstance(node, str) else (node[0], node[2])
            found = () if formula is None else tuple(dict.fromkeys(self.used(formula, here, {})))
            self.uses[node] = found
        return found

    def used(self, formula: Formula, here: tuple[str, int], bound: Bound) -> Iterator[Node]:
        """The nodes that a formula names; all that it may name where a row is chosen by a value."""
        named = self._named.get(id(formula))
        if named is None:
            named = self._named[id(formula)] = (formula, *_named(formula))
        _, cells, fields, reduces = named
        yield from cells
        for field in fields:
            table, column = field.table, field.column
            row = field.row
            rows = (here[1],) if isinstance(row, Here) else possible_rows(self.tables, row, table, here, bound)
            formulas = self.tables[table].columns[column].formulas
            for index in rows:
                entry = (table, column, index)
                if entry in self.bits or (formulas[index] is not None and not isinstance(formulas[index], Literal)):
                    yield entry
        for reduce in reduces:
            rows = possible_row_set(self.tables, reduce.rows, here, bound)
            inner = {**bound, reduce.var.name: rows}
            for child in children(reduce):
                yield from self.used(child, here, inner)


def _named(formula: Formula) -> tuple[tuple[str, ...], tuple[Field, ...], tuple[Reduce, ...]]:
    """The cells and fields of a formula, and the outermost aggregates in it."""
    cells: dict[str, None] = {}
    fields: list[Field] = []
    reduces: list[Reduce] = []
    work = [formula]
    while work:
        part = work.pop()
        if isinstance(part, Reduce):
            reduces.append(part)
            continue
        if isinstance(part, CellRef):
            cells[part.cell] = None
        elif isinstance(part, Field):
            fields.append(part)
        work.extend(children(part))
    return tuple(cells), tuple(fields), tuple(reduces)


_FOUND: WeakKeyDictionary[TypedSheet, Needs] = WeakKeyDictionary()


def needs_of(typed: TypedSheet) -> Needs:
    """The needs of a sheet, shared by all questions about it."""
    found = _FOUND.get(typed)
    if found is None:
        found = _FOUND[typed] = Needs(typed)
    return found


def depends_on(typed: TypedSheet, formula: Formula) -> tuple[str, ...]:
    """The paths of all inputs that a formula rests on, in the order of the sheet's inputs."""
    needs = needs_of(typed)
    return needs.names(needs.of(formula))
