"""From the normal form to nodes over the axes: common factors outside, sums grouped by the axes that they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf, lcm

import numpy as np

from ...symbolic.space import Space
from ...symbolic.terms import (
    ALWAYS,
    Always,
    Compare,
    Cut,
    Extreme,
    Function,
    Group,
    Infinite,
    Joined,
    Poly,
    Powers,
    Symbol,
    Undefined,
    Whole,
    negative,
    scale,
)
from .grid import Array, Grid
from .nodes import (
    All,
    Called,
    Compared,
    Constant,
    Extremes,
    Given,
    Limited,
    Masked,
    Node,
    Product,
    Rounded,
    Sum,
)

Term = tuple[int, Powers, Fraction]

_EXACT = float(2**53)


class Lowering:
    """Turns sums, atoms and conditions of one space into nodes, each once. `places` says which axis an input is on."""

    def __init__(self, space: Space, grid: Grid, places: Mapping[str, tuple[int, int]]) -> None:
        self.space = space
        self.grid = grid
        self.places = places
        self.atoms: dict[int, Node] = {}
        self.conditions: dict[int, Node] = {}
        self.sums: dict[frozenset[object], Node] = {}
        self.safe_atoms: dict[int, bool] = {}
        self.steps: dict[int, tuple[float, float] | None] = {}
        self.signed = False

    def cell(self, poly: Poly) -> Node:
        """The node of a whole cell."""
        node = self.sum(poly)
        return Limited(node.axes, node) if self.space.infinite >= 0 else node

    # ---- sums -------------------------------------------------------------------------------------------------------

    def sum(self, poly: Poly) -> Node:
        found = self.sums.get(poly.key)
        if found is None:
            terms = [(guard, powers, c) for (guard, powers), c in poly.terms.items()]
            signs = {c > 0 for _, _, c in terms}
            outer, self.signed = self.signed, len(signs) > 1
            found = self.sums[poly.key] = self._sum(terms)
            self.signed = outer
        return found

    def _sum(self, terms: Sequence[Term]) -> Node:
        """Factors that rest on one axis alone stand outside, the last axis first."""
        apart: list[Node] = []
        for axis in reversed(range(len(self.grid.axes))):
            groups: dict[tuple[int, Powers], list[Term]] = {}
            for guard, powers, c in terms:
                outer, guarded, rest = self._apart(guard, powers, 1 << axis)
                groups.setdefault((guarded, outer), []).append((ALWAYS if guarded else guard, rest, c))
            terms = groups.pop((ALWAYS, ()), [])
            for (guard, outer), inner in groups.items():
                apart.append(self._times(guard, outer, self._sum(inner)))
        return self._joined(terms, apart)

    def _apart(self, guard: int, powers: Powers, axis: int) -> tuple[Powers, int, Powers]:
        """The factors, and the guard, that rest on one axis alone, and the other factors.

        A factor that may have no value stays under its guard.
        """
        outer = tuple(p for p in powers if self.atom(p[0]).axes == axis and (guard == ALWAYS or self._safe(*p)))
        guarded = guard if guard != ALWAYS and self.condition(guard).axes == axis else ALWAYS
        return outer, guarded, tuple(p for p in powers if p not in outer)

    def _joined(self, terms: Sequence[Term], apart: Sequence[Node]) -> Node:
        """A sum, its parts gathered by the axes on which they rest, so that each is computed on as few as can be."""
        constant = 0.0
        guards: dict[int, list[Term]] = {}
        for guard, powers, c in terms:
            if guard == ALWAYS and not powers:
                constant += float(c)
            else:
                guards.setdefault(guard, []).append((ALWAYS, powers, c))
        nodes = list(apart)
        for guard, inner in guards.items():
            products = [self._product(powers, c) for _, powers, c in inner]
            if guard == ALWAYS:
                nodes += products
                continue
            condition = self.condition(guard)
            node = products[0] if len(products) == 1 else self._add(0.0, products)
            nodes.append(Masked(condition.axes | node.axes, condition, node))
        return self._add(constant, nodes)

    def _add(self, constant: float, nodes: Sequence[Node]) -> Node:
        if not nodes:
            return Constant(0, constant)
        axes = 0
        for node in nodes:
            axes |= node.axes
        groups: dict[int, list[Node]] = {}
        for node in nodes:
            groups.setdefault(node.axes, []).append(node)
        if len(groups) > 1:
            smaller = [self._add(0.0, group) for mask, group in groups.items() if mask != axes]
            nodes = [*smaller, *groups.get(axes, ())]
        if len(nodes) == 1 and not constant:
            return nodes[0]
        return Sum(axes, constant, tuple(nodes), self.signed)

    def _times(self, guard: int, powers: Powers, inner: Node) -> Node:
        """Factors and a guard outside, a sum inside. What rests on other axes stays apart, to be computed once."""
        factors = [(self.atom(number), exponent) for number, exponent in powers]
        shared = inner.axes & _axes([node for node, _ in factors])
        coefficient = 1.0
        if isinstance(inner, Constant):
            coefficient = inner.number
        elif isinstance(inner, Product) and shared:
            factors += inner.factors
            coefficient = inner.coefficient
        else:
            factors.append((inner, 1))
        node = _product(coefficient, factors)
        if guard == ALWAYS:
            return node
        condition = self.condition(guard)
        return Masked(condition.axes | node.axes, condition, node)

    def _product(self, powers: Powers, c: Fraction) -> Node:
        return _product(float(c), [(self.atom(number), exponent) for number, exponent in powers])

    # ---- atoms ------------------------------------------------------------------------------------------------------

    def atom(self, number: int) -> Node:
        found = self.atoms.get(number)
        if found is None:
            found = self.atoms[number] = self._atom(number)
        return found

    def _atom(self, number: int) -> Node:
        atom = self.space.atoms[number]
        match atom:
            case Symbol():
                axis, track = self.places[atom.path]
                return Given(1 << axis, axis, track)
            case Infinite():
                return Constant(0, 1e300)
            case Undefined():
                return Constant(0, float("nan"))
            case Extreme():
                args = tuple(self.sum(arg) for arg in atom.args)
                return Extremes(_axes(args), atom.op, args)
            case Whole():
                whole, bottom = _in_whole_numbers(atom.inner)
                above = self.sum(whole)
                return Rounded(above.axes, atom.op, above, float(bottom), self._is_exact(whole))
            case Function():
                args = tuple(self.sum(arg) for arg in atom.args)
                return Called(_axes(args), atom.op, args)
            case Group() | Cut():
                return self.sum(atom.inner)
        raise AssertionError(atom)

    def _safe(self, number: int, exponent: int = 1) -> bool:
        """Whether a power of an atom has a value at every point of the grid."""
        if exponent < 0:
            low, high = self.space.known.atom_range(number)
            if not (low > 0 or high < 0):
                return False
        found = self.safe_atoms.get(number)
        if found is None:
            atom = self.space.atoms[number]
            match atom:
                case Symbol():
                    found = True
                case Extreme():
                    found = all(self.safe(arg) for arg in atom.args)
                case Whole() | Group() | Cut():
                    found = self.safe(atom.inner)
                case _:
                    found = False
            self.safe_atoms[number] = found
        return found

    def safe(self, poly: Poly) -> bool:
        """Whether a sum has a value at every point of the grid."""
        return all(self._safe(*power) for _, powers in poly.terms for power in powers)

    # ---- conditions -------------------------------------------------------------------------------------------------

    def condition(self, number: int) -> Node:
        found = self.conditions.get(number)
        if found is None:
            found = self.conditions[number] = self._condition(number)
        return found

    def _condition(self, number: int) -> Node:
        made = self.space.conditions[number]
        match made:
            case Always():
                return Constant(0, float(made.truth))
            case Joined():
                parts = tuple(self.condition(part) for part in made.parts)
                return All(_axes(parts), made.op == "or", parts)
            case Compare():
                whole, _ = _in_whole_numbers(made.poly)
                left = Poly({key: c for key, c in whole.terms.items() if c > 0})
                right = negative(Poly({key: c for key, c in whole.terms.items() if c < 0}))
                one, other = self.sum(left), self.sum(right)
                return Compared(one.axes | other.axes, made.op, one, other, self._is_exact(whole))
        raise AssertionError(made)

    # ---- exactness --------------------------------------------------------------------------------------------------

    def _is_exact(self, poly: Poly) -> bool:
        """Whether floating point computes a sum of whole coefficients without rounding, at every point."""
        total, least = 0.0, inf
        for (_, powers), c in poly.terms.items():
            size, step = float(abs(c)), float(c.numerator & -c.numerator)
            for number, exponent in powers:
                known = self._step(number) if exponent > 0 else None
                if known is None:
                    return False
                size, step = size * known[0] ** exponent, step * known[1] ** exponent
            total, least = total + size, min(least, step)
        return total <= least * _EXACT

    def _step(self, number: int) -> tuple[float, float] | None:
        """The largest size of an atom, and a power of two that it is always a multiple of."""
        if number not in self.steps:
            self.steps[number] = self._found_step(number)
        return self.steps[number]

    def _found_step(self, number: int) -> tuple[float, float] | None:
        atom = self.space.atoms[number]
        if isinstance(atom, Symbol):
            axis, track = self.places[atom.path]
            return _binary_step(np.asarray(self.grid.axes[axis].tracks[track].values, dtype=np.float64))
        if isinstance(atom, Whole):
            low, high = self.space.known.atom_range(number)
            size = max(-float(low), float(high))
            return (size, 1.0) if size < inf else None
        return None


def _axes(nodes: Sequence[Node]) -> int:
    axes = 0
    for node in nodes:
        axes |= node.axes
    return axes


def _product(coefficient: float, factors: Sequence[tuple[Node, int]]) -> Node:
    if not factors:
        return Constant(0, coefficient)
    if len(factors) == 1 and coefficient == 1 and factors[0][1] == 1:
        return factors[0][0]
    ordered = sorted(factors, key=lambda factor: factor[0].axes.bit_count())
    return Product(_axes([node for node, _ in factors]), coefficient, tuple(ordered))


def _in_whole_numbers(poly: Poly) -> tuple[Poly, int]:
    """The sum times the least number that makes every coefficient whole, and that number."""
    bottom = lcm(*(c.denominator for c in poly.terms.values()))
    if bottom >= _EXACT:
        return poly, 1
    return scale(poly, Fraction(bottom)), bottom


def _binary_step(values: Array) -> tuple[float, float] | None:
    """The largest of some numbers, and the largest power of two that all are multiples of (None below 2^-60)."""
    if not len(values) or not np.isfinite(values).all():
        return None
    largest = float(np.abs(values).max())
    step = 1.0
    while step >= 2.0**-60:
        if largest / step < _EXACT and (values / step == np.rint(values / step)).all():
            break
        step /= 2
    else:
        return None
    while largest and (values / (2 * step) == np.rint(values / (2 * step))).all() and step < largest:
        step *= 2
    return largest, step
