"""What a formula rests on: the cells and entries below it, in an order in which they can be computed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from weakref import WeakKeyDictionary

from ..cancellation import checkpoint
from ..sheet.formula import Formula, Literal, Reduce, children
from ..sheet.input_keys import Entry, InputKey
from ..sheet.sheet import TypedSheet
from ..sheet.uses import NO_ROWS, NOWHERE, Bound, Place, Walk, place_of

Node = InputKey | Reduce
"""A cell, one row of a column, or an aggregate that reads the same wherever it stands."""


class Needs:
    """For every node the inputs below it, as bits; found on demand and kept."""

    def __init__(self, typed: TypedSheet) -> None:
        self.sheet = typed.sheet
        self.tables = typed.sheet.tables
        self.paths = tuple(typed.sheet.inputs)
        self.bits: dict[InputKey, int] = {item.key: 1 << i for i, item in enumerate(typed.sheet.inputs.values())}
        self.below: dict[Node, int] = {item.key: 1 << i for i, item in enumerate(typed.sheet.inputs.values())}
        self.uses: dict[Node, tuple[Node, ...]] = dict.fromkeys(self.below, ())
        self.walk = Walk(typed.sheet.tables)

    def formula_of(self, node: InputKey) -> Formula | None:
        if isinstance(node, str):
            return self.sheet.cells[node].formula
        return self.tables[node.table].columns[node.column].formulas[node.row]

    def of(self, formula: Formula, here: Place = NOWHERE) -> int:
        """The inputs below a formula over cells, or of a row, as bits."""
        bits = 0
        for node in dict.fromkeys(self._below(formula, here, NO_ROWS)):
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
        path: set[Node] = {start}
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

    def order(self, formula: Formula, chosen: int, here: Place = NOWHERE) -> list[InputKey]:
        """The nodes below a formula that rest on the chosen inputs, each after those that it uses."""
        self.of(formula, here)
        done: set[Node] = set()
        found: list[InputKey] = []
        for start in dict.fromkeys(self._below(formula, here, NO_ROWS)):
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
                    if not isinstance(node, Reduce):
                        found.append(node)
        return found

    def _uses(self, node: Node) -> tuple[Node, ...]:
        found = self.uses.get(node)
        if found is None:
            if isinstance(node, Reduce):
                inner = self.walk.inside(node, NOWHERE, NO_ROWS)
                parts = chain.from_iterable(self._below(child, NOWHERE, inner) for child in children(node))
                found = tuple(dict.fromkeys(parts))
            else:
                formula = self.formula_of(node)
                found = () if formula is None else tuple(dict.fromkeys(self._below(formula, place_of(node), NO_ROWS)))
            self.uses[node] = found
        return found

    def _below(self, formula: Formula, here: Place, bound: Bound) -> Iterator[Node]:
        """What a formula names; an aggregate that reads the same wherever it stands is one node, found once."""
        named = self.walk.named(formula)
        yield from named.cells
        for field in named.fields:
            table, column = field.table, field.column
            formulas = self.tables[table].columns[column].formulas
            for index in self.walk.rows(field, here, bound):
                held = formulas[index]
                if held is not None and not isinstance(held, Literal):
                    yield Entry(table, column, index)
                elif (entry := Entry(table, column, index)) in self.bits:
                    yield entry
        for reduce in named.reduces:
            inner = self.walk.inside(reduce, here, bound)
            for child in children(reduce):
                yield from self._below(child, here, inner)
        yield from named.apart

    def used(self, formula: Formula, here: Place = NOWHERE) -> Iterator[InputKey]:
        """The cells and entries that a formula names; all that it may name where a row is chosen by a value."""
        for key, _ in self.walk.entries(formula, here):
            if not isinstance(key, Entry) or key in self.bits:
                yield key
                continue
            held = self.formula_of(key)
            if held is not None and not isinstance(held, Literal):  # a constant rests on nothing
                yield key


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
