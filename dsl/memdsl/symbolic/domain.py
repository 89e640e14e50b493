"""Where a formula has a value: the condition under which nothing that it asks for is undefined.

A sum forgets it: `p / p` is 1 in every sum, and `min(5, 1 / p)` is 5 near 0. A branch that is not taken and an operand
that is not needed are not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan

from ..sheet.formula import Apply, CellRef, Field, Formula, Here, Literal, Pick, Reduce, Related, walk
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import OPERATIONS
from ..sheet.uses import NOWHERE, Place, place_of
from .expand import Bound, Expander
from .forms import NO_ROW
from .functions import Lowered
from .space import Space
from .terms import ALWAYS, NEVER, Compare, Group, Joined, Poly, atom_poly

_NEED_A_ROW = ("max", "min", "mean", "argmax", "first")


@dataclass(eq=False)
class Domain:
    """Conditions of one space, by number, beside the forms of an expander."""

    expander: Expander
    nodes: dict[InputKey, int] = field(default_factory=dict)
    total: dict[int, tuple[Formula, bool]] = field(default_factory=dict)

    def of(self, formula: Formula, here: Place = NOWHERE) -> int:
        """The condition under which a formula over cells, or of a row, has a value."""
        for node in self.expander.needs.order(formula, self.expander.chosen, here):
            self.node(node)
        return self._formula(formula, here, {})

    def node(self, node: InputKey) -> int:
        found = self.nodes.get(node)
        if found is None:
            found = self.nodes[node] = self._node(node)
        return found

    def _node(self, node: InputKey) -> int:
        expander = self.expander
        if node in expander.symbols:
            return ALWAYS
        if node not in expander.needs.below:
            expander.needs.visit(node)
        if not expander.needs.below[node] & expander.chosen:
            value = expander.value(node)
            return NEVER if isinstance(value, float) and isnan(value) else ALWAYS
        formula = expander.needs.formula_of(node)
        assert formula is not None
        return self._formula(formula, place_of(node), {})

    def _is_total(self, formula: Formula) -> bool:
        """Whether a formula has a value wherever all that it may read has one."""
        found = self.total.get(id(formula))
        if found is None:
            found = self.total[id(formula)] = (formula, not any(map(_may_fail, walk(formula))))
        return found[1]

    def _formula(self, formula: Formula, here: tuple[str, int], bound: Bound) -> int:
        if self._is_total(formula) and not bound:
            used = self.expander.needs.used(formula, here)
            if all(self.node(node) == ALWAYS for node in dict.fromkeys(used)):
                return ALWAYS
        match formula:
            case Literal():
                return ALWAYS
            case CellRef():
                return self.node(formula.cell)
            case Field():
                return self._field(formula, here, bound)
            case Apply():
                return self._apply(formula, here, bound)
            case Reduce():
                return self._reduce(formula, here, bound)
        raise AssertionError(formula)

    def _where(self, condition: int, then: int) -> int:
        """`then` wherever a condition holds."""
        space = self.expander.space
        return space.either(space.opposite(condition), then)

    def _all(self, parts: Iterator[int]) -> int:
        found = ALWAYS
        for part in parts:
            found = self.expander.space.both(found, part)
            if found == NEVER:
                return NEVER
        return found

    def _field(self, formula: Field, here: tuple[str, int], bound: Bound) -> int:
        if isinstance(formula.row, Here):
            return self.node(Entry(formula.table, formula.column, here[1]))
        parts = [ALWAYS]
        if isinstance(formula.row, Pick):
            parts = [self._formula(formula.row.formula, here, bound)]
            if parts == [NEVER]:
                return NEVER
        for condition, row in self.expander.row(formula.row, here, bound):
            known = NEVER if row == NO_ROW else self.node(Entry(formula.table, formula.column, row))
            parts.append(self._where(condition, known))
        return self._all(iter(parts))

    def _apply(self, formula: Apply, here: tuple[str, int], bound: Bound) -> int:
        op, args, expander = formula.op, formula.args, self.expander
        first = self._formula(args[0], here, bound)
        if first == NEVER:
            return NEVER
        space = expander.space
        if op in ("if", "and", "or"):
            test = expander.condition(args[0], here, bound)
            yes, no = (test, space.opposite(test))
            branches = zip((yes, no), args[1:], strict=True) if op == "if" else ((yes if op == "and" else no, args[1]),)
            asked = (self._where(case, self._formula(part, here, bound)) for case, part in branches if case != NEVER)
            return space.both(first, self._all(asked))
        found = space.both(first, self._all(self._formula(arg, here, bound) for arg in args[1:]))
        if not OPERATIONS[op].partial or found == NEVER:
            return found
        operands = [expander.number(arg, here, bound) for arg in args]
        return space.both(found, self._own(op, operands))

    def _own(self, op: str, operands: list[Poly]) -> int:
        """Where an operation has a value of operands that have one."""
        space = self.expander.space
        exponent = operands[-1].constant
        if op == "^" and exponent is not None and exponent.denominator == 1:
            return ALWAYS if exponent >= 0 else space.compare("!=", operands[0])
        defined = OPERATIONS[op].defined
        assert defined is not None
        found = defined(Lowered(space), *operands)
        assert isinstance(found, int)
        return found

    def _reduce(self, formula: Reduce, here: tuple[str, int], bound: Bound) -> int:
        expander, space = self.expander, self.expander.space
        inside = dict(bound)
        parts: list[int] = []
        some: list[int] = []
        if isinstance(formula.rows, Related) and isinstance(formula.rows.of, Pick):
            parts.append(self._formula(formula.rows.of.formula, here, bound))
        earlier = NEVER
        for belongs, row in expander.rows(formula.rows, here, bound):
            inside[formula.var.name] = row
            condition = belongs
            if formula.op == "first":
                belongs = space.both(belongs, space.opposite(earlier))
            if belongs == NEVER:
                continue
            if formula.where is not None:
                known = self._formula(formula.where, here, inside)
                parts.append(self._where(belongs, known))
                if known == NEVER:
                    continue
                condition = space.both(condition, expander.condition(formula.where, here, inside))
            if condition == NEVER:
                continue
            for part in (formula.body, formula.weight):
                if part is not None:
                    parts.append(self._where(condition, self._formula(part, here, inside)))
            some.append(condition)
            earlier = space.either(earlier, condition)
        if formula.op in _NEED_A_ROW:
            parts.append(space.any_of(some))
        return self._all(iter(parts))


def _may_fail(part: Formula) -> bool:
    if isinstance(part, Apply):
        return OPERATIONS[part.op].partial
    if isinstance(part, Reduce):
        return part.op in _NEED_A_ROW
    return isinstance(part, Field) and isinstance(part.row, Pick)


def hidden_part(space: Space, poly: Poly, domain: int) -> int:
    """The part of a domain that a reader of the sum does not see: all but `x != 0` where every point divides by x."""
    made = space.conditions[domain]
    parts = made.parts if isinstance(made, Joined) and made.op == "and" else (domain,)
    bottoms = {atom for (guard, powers) in poly.terms for atom, exponent in powers if guard == ALWAYS and exponent < 0}
    shown = set()
    for part in parts:
        compare = space.conditions[part]
        if isinstance(compare, Compare) and compare.op in ("!=", ">"):
            single = [powers for _, powers in compare.poly.terms]
            own = [atom for atom in bottoms if _inner(space, atom).key == compare.poly.key]
            if own or (len(single) == 1 and {atom for atom, _ in single[0]} <= bottoms):
                shown.add(part)
    return space.all_of([part for part in parts if part not in shown])


def _inner(space: Space, atom: int) -> Poly:
    made = space.atoms[atom]
    return made.inner if isinstance(made, Group) else atom_poly(atom)
