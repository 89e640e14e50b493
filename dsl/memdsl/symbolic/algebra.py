"""The normal form as SymPy expressions: the one module that imports SymPy."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy

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
    """SymPy's counterpart of one space; every atom and condition is made once."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._atoms: dict[int, Expr] = {}
        self._conditions: dict[int, Expr] = {}

    @cached_property
    def symbols(self) -> Mapping[str, Expr]:
        """The chosen inputs by path."""
        return {atom.path: self.atom(i) for i, atom in enumerate(self.space.atoms) if isinstance(atom, Symbol)}

    def poly(self, poly: Poly) -> Expr:
        """A sum; terms under one condition stand in one `Piecewise`, with those under its opposite."""
        by_guard: dict[int, list[Expr]] = {}
        for (guard, powers), coefficient in poly.terms.items():
            factors = [sympy.Pow(self.atom(atom), exponent) for atom, exponent in powers]
            by_guard.setdefault(guard, []).append(sympy.Mul(_number(coefficient), *factors))
        sums = {guard: sympy.Add(*terms) for guard, terms in by_guard.items()}
        terms = [sums.pop(ALWAYS)] if ALWAYS in sums else []
        while sums:
            guard, value = next(iter(sums.items()))
            del sums[guard]
            otherwise = sums.pop(self.space.opposite(guard), sympy.S.Zero)
            pieces = ((value, self.condition(guard)), (otherwise, sympy.true))
            terms.append(sympy.Piecewise(*pieces, evaluate=False))
        return sympy.Add(*terms)

    def atom(self, number: int) -> Expr:
        found = self._atoms.get(number)
        if found is None:
            found = self._atoms[number] = self._atom(number)
        return found

    def _atom(self, number: int) -> Expr:
        atom = self.space.atoms[number]
        match atom:
            case Symbol() | Cut():
                low, high = self.space.known.atom_range(number)
                grain = self.space.known.atom_grain(number)
                known: dict[str, bool] = {"real": True}
                if low >= 0:
                    known["positive" if low > 0 else "nonnegative"] = True
                if grain is not None and grain.denominator == 1:
                    known["integer"] = True
                return sympy.Symbol(atom.path if isinstance(atom, Symbol) else atom.name, **known)
            case Infinite():
                return sympy.oo
            case Undefined():
                return sympy.nan
            case Extreme():
                function = sympy.Max if atom.op == "max" else sympy.Min
                return function(*[self.poly(arg) for arg in atom.args], evaluate=False)
            case Whole():
                function = sympy.floor if atom.op == "floor" else sympy.ceiling
                return function(self.poly(atom.inner), evaluate=False)
            case Group():
                return self.poly(atom.inner)
            case Function():
                return self._function(atom)

    def _function(self, atom: Function) -> Expr:
        args = [self.poly(arg) for arg in atom.args]
        match atom.op:
            case "sqrt":
                return sympy.sqrt(args[0])
            case "log2":
                return sympy.log(args[0]) / sympy.log(2)
            case "exp":
                return sympy.exp(args[0])
        return sympy.Pow(args[0], args[1])

    def condition(self, number: int) -> Expr:
        found = self._conditions.get(number)
        if found is None:
            found = self._conditions[number] = self._condition(number)
        return found

    def _condition(self, number: int) -> Expr:
        made = self.space.conditions[number]
        match made:
            case Always():
                return sympy.true if made.truth else sympy.false
            case Joined():
                join = sympy.And if made.op == "and" else sympy.Or
                return join(*[self.condition(part) for part in made.parts], evaluate=False)
            case Compare():
                left = self.poly(Poly({k: c for k, c in made.poly.terms.items() if c > 0}))
                right = self.poly(Poly({k: -c for k, c in made.poly.terms.items() if c < 0}))
                relations = {">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}
                return relations[made.op](left, right, evaluate=False)


def _number(value: Fraction) -> Expr:
    return sympy.Integer(value.numerator) if value.denominator == 1 else sympy.Rational(value.numerator, value.denominator)
