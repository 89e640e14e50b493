"""The value of a normal form at a point, in fractions: what is exact stays exact, on both sides of a step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from ..sheet.formula import UNLIMITED
from ..sheet.operations import OPERATIONS
from .space import Space
from .terms import ALWAYS, Compare, Cut, Extreme, Function, Group, Infinite, Joined, Poly, Symbol, Whole, exact, short

_UNLIMITED = Fraction(10) ** 300


class Point:
    """Atoms and conditions at one point, each computed once; `at` gives the inputs by the number of their atom."""

    def __init__(self, space: Space, at: Mapping[int, Fraction]) -> None:
        self.space = space
        self.atoms: dict[int, Fraction] = dict(at)
        self.conditions: dict[int, bool] = {0: True, 1: False}

    def value(self, poly: Poly) -> Fraction:
        """Raises ArithmeticError where the sum has no value."""
        total = Fraction(0)
        for (guard, powers), coefficient in poly.terms.items():
            if guard != ALWAYS and not self.holds(guard):
                continue
            for atom, exponent in powers:
                coefficient *= self.atom(atom) ** exponent
            total += coefficient
        return short(total)

    def holds(self, condition: int) -> bool:
        found = self.conditions.get(condition)
        if found is None:
            found = self.conditions[condition] = self._holds(condition)
        return found

    def _holds(self, condition: int) -> bool:
        made = self.space.conditions[condition]
        if isinstance(made, Joined):
            return self._joined(made)
        assert isinstance(made, Compare)
        value = self.value(made.poly)
        match made.op:
            case ">":
                return value > 0
            case ">=":
                return value >= 0
            case "==":
                return value == 0
        return value != 0

    def _joined(self, made: Joined) -> bool:
        """Parts stand in no order: one decides beside others without a value, which the domain rules out."""
        decisive = made.op == "or"
        missing: ArithmeticError | None = None
        for part in made.parts:
            try:
                if self.holds(part) == decisive:
                    return decisive
            except ArithmeticError as error:
                missing = error
        if missing is not None:
            raise missing
        return not decisive

    def atom(self, atom: int) -> Fraction:
        found = self.atoms.get(atom)
        if found is None:
            found = self.atoms[atom] = self._atom(atom)
        return found

    def _atom(self, number: int) -> Fraction:
        atom = self.space.atoms[number]
        match atom:
            case Symbol():
                raise KeyError(atom.path)
            case Infinite():
                return _UNLIMITED
            case Extreme():
                values = [self.value(arg) for arg in atom.args]
                return max(values) if atom.op == "max" else min(values)
            case Whole():
                return Fraction(OPERATIONS[atom.op].number(self.value(atom.inner)))
            case Group() | Cut():
                return self.value(atom.inner)
            case Function():
                return self._function(atom)
        raise ArithmeticError("there is no value")

    def _function(self, atom: Function) -> Fraction:
        values = [as_float(self.value(arg)) for arg in atom.args]
        try:
            result = OPERATIONS[atom.op].number(*values)
        except ValueError as error:
            raise ArithmeticError(str(error)) from None
        if isinstance(result, str) or not math.isfinite(result):
            raise ArithmeticError("the number is too large")
        return exact(result)


def as_float(value: Fraction) -> float:
    """The nearest float; what is beyond `unlimited` is unlimited, as everywhere in the language."""
    if abs(value) >= _UNLIMITED / 10:
        return UNLIMITED if value > 0 else -UNLIMITED
    return float(value)
