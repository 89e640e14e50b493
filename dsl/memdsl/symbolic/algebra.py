"""The normal form as SymPy expressions. SymPy is imported when the first one is asked for, and only here."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from math import lcm
from types import MappingProxyType
from typing import Any

from ..sheet.operations import OPERATIONS
from .errors import SymbolicError
from .space import Space
from .terms import (
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
    Symbol,
    Undefined,
    Whole,
)

Expr = Any
"""A SymPy expression: SymPy ships no types."""


class Algebra:
    """SymPy's counterpart of one space; every atom and condition is made once. `names` are other words for symbols."""

    def __init__(self, space: Space, names: Mapping[str, str] = MappingProxyType({})) -> None:
        self.space = space
        self.names = names
        self._atoms: dict[int, Expr] = {}
        self._conditions: dict[int, Expr] = {}

    @cached_property
    def sympy(self) -> Any:
        import sympy

        return sympy

    @cached_property
    def undefined(self) -> Expr:
        """What stands where there is no value: SymPy's `nan` is refused inside a minimum."""
        return self.sympy.Symbol("undefined")

    @cached_property
    def symbols(self) -> Mapping[str, Expr]:
        """The chosen inputs by path."""
        return {atom.path: self.atom(i) for i, atom in enumerate(self.space.atoms) if isinstance(atom, Symbol)}

    def poly(self, poly: Poly) -> Expr:
        """A sum; terms under one condition stand in one `Piecewise`, with those under its opposite."""
        by_guard: dict[int, list[Expr]] = {}
        for (guard, powers), coefficient in poly.terms.items():
            factors = [self.sympy.Pow(self.atom(atom), exponent) for atom, exponent in powers]
            by_guard.setdefault(guard, []).append(self.sympy.Mul(self._number(coefficient), *factors))
        sums = {guard: self.sympy.Add(*terms) for guard, terms in by_guard.items()}
        terms = [sums.pop(ALWAYS)] if ALWAYS in sums else []
        while sums:
            guard, value = next(iter(sums.items()))
            del sums[guard]
            otherwise = sums.pop(self.space.opposite(guard), self.sympy.S.Zero)
            pieces = ((value, self.condition(guard)), (otherwise, self.sympy.true))
            terms.append(self.sympy.Piecewise(*pieces, evaluate=False))
        return self.sympy.Add(*terms)

    def atom(self, number: int) -> Expr:
        found = self._atoms.get(number)
        if found is None:
            found = self._atoms[number] = self._atom(number)
        return found

    def _atom(self, number: int) -> Expr:
        atom = self.space.atoms[number]
        match atom:
            case Symbol() | Cut():
                # No assumptions: `expression.subs("sram", 0)` and a symbol that a reader makes find it.
                name = atom.path if isinstance(atom, Symbol) else atom.name
                return self.sympy.Symbol(self.names.get(name, name))
            case Infinite():
                return self.sympy.oo
            case Undefined():
                return self.undefined
            case Extreme():
                function = self.sympy.Max if atom.op == "max" else self.sympy.Min
                return function(*[self.poly(arg) for arg in atom.args], evaluate=False)
            case Whole():
                function = self.sympy.floor if atom.op == "floor" else self.sympy.ceiling
                return function(self.poly(atom.inner), evaluate=False)
            case Group():
                return self.poly(atom.inner)
            case Function():
                return self._function(atom)

    def _function(self, atom: Function) -> Expr:
        meaning = OPERATIONS[atom.op].sympy
        if meaning is None:
            raise SymbolicError("no-closed-form", f"`{atom.op}` has no form in SymPy")
        return meaning(self.sympy, *[self.poly(arg) for arg in atom.args])

    def condition(self, number: int) -> Expr:
        found = self._conditions.get(number)
        if found is None:
            found = self._conditions[number] = self._condition(number)
        return found

    def _condition(self, number: int) -> Expr:
        made = self.space.conditions[number]
        match made:
            case Always():
                return self.sympy.true if made.truth else self.sympy.false
            case Joined():
                join = self.sympy.And if made.op == "and" else self.sympy.Or
                return join(*[self.condition(part) for part in made.parts], evaluate=False)
            case Compare():
                return self._relation(made)

    def _relation(self, made: Compare) -> Expr:
        """Whole coefficients, positive on both sides, and no number alone on the left."""
        sympy = self.sympy
        below = lcm(*(c.denominator for c in made.poly.terms.values()))
        positive = Poly({k: c * below for k, c in made.poly.terms.items() if c > 0})
        other = Poly({k: -c * below for k, c in made.poly.terms.items() if c < 0})
        relations = {">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}
        if positive.constant is not None:
            relations |= {">": sympy.Lt, ">=": sympy.Le}
            positive, other = other, positive
        return relations[made.op](self.poly(positive), self.poly(other), evaluate=False)

    def definition(self, cut: int) -> Expr:
        """What a cut is worth."""
        atom = self.space.atoms[cut]
        assert isinstance(atom, Cut)
        return self.poly(atom.inner)

    def _number(self, value: Fraction) -> Expr:
        return self.sympy.Rational(value.numerator, value.denominator)
