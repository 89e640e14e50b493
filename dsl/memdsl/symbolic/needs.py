"""What a formula rests on: the cells and entries below it, in an order in which they can be computed."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from ..cancellation import checkpoint
from ..sheet.formula import Formula, Literal
from ..sheet.input_keys import Entry, InputKey
from ..sheet.sheet import TypedSheet
from ..sheet.uses import NOWHERE, Bound, Place, Walk, place_of

NO_ROWS: Bound = {}


class Needs:
    """For every node the inputs below it, as bits; found on demand and kept."""

    def __init__(self, typed: TypedSheet) -> None:
        self.sheet = typed.sheet
        self.tables = typed.sheet.tables
        self.paths = tuple(typed.sheet.inputs)
        self.bits: dict[InputKey, int] = {item.key: 1 << i for i, item in enumerate(typed.sheet.inputs.values())}
        self.below: dict[InputKey, int] = dict(self.bits)
        self.uses: dict[InputKey, tuple[InputKey, ...]] = dict.fromkeys(self.below, ())
        self.walk = Walk(typed.sheet.tables)

    def formula_of(self, node: InputKey) -> Formula | None:
        if isinstance(node, str):
            return self.sheet.cells[node].formula
        return self.tables[node.table].columns[node.column].formulas[node.row]

    def of(self, formula: Formula, here: Place = NOWHERE) -> int:
        """The inputs below a formula over cells, or of a row, as bits."""
        bits = 0
        for node in dict.fromkeys(self.used(formula, here)):
            self.visit(node)
            bits |= self.below[node]
        return bits

    def names(self, bits: int) -> tuple[str, ...]:
        return tuple(path for i, path in enumerate(self.paths) if bits >> i & 1)

    def visit(self, start: InputKey) -> None:
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

    def order(self, formula: Formula, chosen: int, here: Place = NOWHERE) -> list[InputKey]:
        """The nodes below a formula that rest on the chosen inputs, each after those that it uses."""
        self.of(formula, here)
        done: set[InputKey] = set()
        found: list[InputKey] = []
        for start in dict.fromkeys(self.used(formula, here)):
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

    def _uses(self, node: InputKey) -> tuple[InputKey, ...]:
        found = self.uses.get(node)
        if found is None:
            formula = self.formula_of(node)
            found = () if formula is None else tuple(dict.fromkeys(self.used(formula, place_of(node))))
            self.uses[node] = found
        return found

    def used(self, formula: Formula, here: Place = NOWHERE, bound: Bound = NO_ROWS) -> Iterator[InputKey]:
        """The nodes that a formula names; all that it may name where a row is chosen by a value. No constants."""
        for key, _ in self.walk.entries(formula, here, bound):
            if isinstance(key, Entry) and key not in self.bits:
                held = self.formula_of(key)
                if held is None or isinstance(held, Literal):
                    continue
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
