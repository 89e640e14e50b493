"""A normal form with some of its inputs put at values: the same form in fewer symbols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .conditions import Touched
from .functions import apply, extreme, whole
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
    atom_poly,
    scale,
)


class Restriction:
    """Carries sums of one space into another; `inputs` says what each symbol becomes there."""

    def __init__(self, old: Space, new: Space, inputs: Mapping[str, Poly]) -> None:
        self.old = old
        self.new = new
        self.inputs = inputs
        self._atoms: dict[int, Poly] = {}
        self._conditions: dict[int, int] = {}

    def poly(self, poly: Poly) -> Poly:
        terms = []
        for (guard, powers), c in poly.terms.items():
            condition = self.condition(guard)
            if condition == 1:
                continue
            term = None
            for atom, exponent in powers:
                factor = self.new.integer_power(self.atom(atom), exponent)
                term = factor if term is None else self.new.multiply(term, factor)
            term = Poly({(ALWAYS, ()): c}) if term is None else scale(term, c)
            terms.append(self.new.under(term, condition))
        return self.new.settled(self.new.add(terms))

    @contextmanager
    def _placed(self, what: Touched) -> Iterator[None]:
        """What is made of an atom or a condition comes from the same rows."""
        outer = self.new.place
        self.new.place = self.old.rows_of(what)
        try:
            yield
        finally:
            self.new.place = outer

    def atom(self, number: int) -> Poly:
        found = self._atoms.get(number)
        if found is None:
            with self._placed(("atom", number)):
                found = self._atoms[number] = self._atom(number)
        return found

    def _atom(self, number: int) -> Poly:
        atom = self.old.atoms[number]
        match atom:
            case Symbol():
                return self.inputs[atom.path]
            case Infinite():
                return self.new.unlimited()
            case Undefined():
                return self.new.undefined()
            case Extreme():
                return extreme(self.new, atom.op, [self.poly(arg) for arg in atom.args])
            case Whole():
                return whole(self.new, atom.op, self.poly(atom.inner))
            case Group():
                return self.poly(atom.inner)
            case Cut():
                inner = self.poly(atom.inner)
                if inner.constant is not None:
                    return inner
                return atom_poly(self.new.atom(("cut", inner.key), Cut(atom.name, inner)))
            case Function():
                return apply(self.new, atom.op, [self.poly(arg) for arg in atom.args])

    def condition(self, number: int) -> int:
        found = self._conditions.get(number)
        if found is None:
            with self._placed(("condition", number)):
                found = self._conditions[number] = self._condition(number)
        return found

    def _condition(self, number: int) -> int:
        made = self.old.conditions[number]
        match made:
            case Always():
                return number
            case Compare():
                return self.new.compare(made.op, self.poly(made.poly))
            case Joined():
                parts = [self.condition(part) for part in made.parts]
                return self.new.all_of(parts) if made.op == "and" else self.new.any_of(parts)
