"""From the normal form to what is written: terms gathered by condition, ordered by weight, equal rows counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Protocol

from . import shapes
from .forms import Repeats
from .numerals import number_text
from .numeric import Point
from .parts import inside
from .shapes import Call, Copies, Measure, Name, Number, Product, Raised, Ratio, Relation, Shape, Sum, When
from .space import Space
from .terms import (
    ALWAYS,
    ZERO,
    Always,
    Compare,
    Cut,
    Extreme,
    Function,
    Group,
    Infinite,
    Joined,
    Key,
    Poly,
    Powers,
    Symbol,
    Undefined,
    Whole,
    negative,
    scale,
    subtract,
)

_LARGEST_BELOW = 4096
_SIDES = {">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Units(Protocol):
    """The units of the terms of a sum."""

    def factor(self, part: Poly) -> Fraction:
        """What the coefficients of a term are multiplied by, in the unit that it is written in."""

    def wrap(self, part: Poly, shape: Shape) -> Shape:
        """The term with its unit."""


class Bare:
    """No units: a plain number, or a sum whose unit is written outside. Coefficients are multiplied by one factor."""

    def __init__(self, factor: Fraction = Fraction(1)) -> None:
        self._factor = factor

    def factor(self, part: Poly) -> Fraction:
        return self._factor

    def wrap(self, part: Poly, shape: Shape) -> Shape:
        return shape


BARE = Bare()


class InUnit:
    """Every term in one unit, the one of what it is compared with."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def factor(self, part: Poly) -> Fraction:
        return Fraction(1)

    def wrap(self, part: Poly, shape: Shape) -> Shape:
        return Measure(shape, self.unit) if self.unit else shape


@dataclass(frozen=True, eq=False)
class Weighed:
    """A term of a sum and its size; `asleep` when its condition does not hold at the current point."""

    asleep: bool
    weight: Fraction
    minus: bool
    shape: Shape


@dataclass(frozen=True, eq=False)
class FormLayout:
    """How sums of one closed form are laid out.

    `measure` writes a constant in the best unit of the input named, `unit` the unit of a value compared with it.
    """

    space: Space
    repeats: Repeats
    point: Point
    measure: Callable[[Fraction, str], Shape | None]
    unit: Callable[[str], str]

    # ---- sums -------------------------------------------------------------------------------------------------------

    def sum(self, poly: Poly, units: Units = BARE) -> Shape:
        """A sum, the heaviest terms first, and those behind a condition that does not hold last."""
        weighed = self.terms(poly, units)
        if not weighed:
            return units.wrap(ZERO, shapes.ZERO)
        if len(weighed) == 1 and not weighed[0].minus:
            return weighed[0].shape
        return Sum(tuple((item.minus, item.shape) for item in weighed))

    def terms(self, poly: Poly, units: Units = BARE) -> list[Weighed]:
        """The terms of a sum as they stand in it, each with its weight at the current point."""
        weighed: list[Weighed] = []
        over, rest = self._fractions(poly)
        weighed.extend(self._weighed(part, units) for part in over)
        by_guard: dict[int, dict[Key, Fraction]] = {}
        for (guard, powers), c in rest.terms.items():
            by_guard.setdefault(guard, {})[ALWAYS, powers] = c
        weighed.extend(self._weighed(Poly({key: c}), units) for key, c in by_guard.pop(ALWAYS, {}).items())
        while by_guard:
            guard = next(iter(by_guard))
            value = Poly(by_guard.pop(guard))
            otherwise = Poly(by_guard.pop(self.space.opposite(guard), {}))
            weighed.extend(self._steps(guard, value, otherwise, units))
        weighed.sort(key=lambda item: (item.asleep, -item.weight))
        if weighed and weighed[0].minus and len(weighed) > 1:
            weighed.sort(key=lambda item: item.minus or item.asleep)
        return weighed

    def _weighed(self, part: Poly, units: Units) -> Weighed:
        minus, shape = self._part(part, units.factor(part))
        return Weighed(False, self._weight(part), minus, units.wrap(part, shape))

    def _weight(self, poly: Poly) -> Fraction:
        try:
            return abs(self.point.value(poly))
        except (ArithmeticError, ValueError):
            return Fraction(0)

    def _holds(self, condition: int) -> bool:
        """Whether a condition holds at the current point; one without a value does not."""
        try:
            return self.point.holds(condition)
        except (ArithmeticError, ValueError):
            return False

    def _steps(self, guard: int, value: Poly, otherwise: Poly, units: Units) -> list[Weighed]:
        """What counts under a condition: `n × (term if condition else 0)`."""
        holds = self._holds(guard)
        if otherwise.terms:
            condition = self.condition(guard)
            shape: Shape = When(self.sum(value, units), condition, self.sum(otherwise, units))
            return [Weighed(False, self._weight(value if holds else otherwise), False, shape)]
        found = []
        for part, count in self._copies(guard, value):
            minus = all(c < 0 for c in part.terms.values())
            part = negative(part) if minus else part
            shape = When(self.sum(part, units), self.condition(guard), units.wrap(ZERO, shapes.ZERO))
            shape = Copies(count, shape) if count > 1 else shape
            found.append(Weighed(not holds, self._weight(part) * count, minus, shape))
        return found

    def _copies(self, guard: int, value: Poly) -> list[tuple[Poly, int]]:
        """The value as equal rows and their number, when that is how it came about."""
        for parts in reversed(self.repeats.get(guard, [])):
            whole: dict[Key, Fraction] = {}
            for part, count in parts.values():
                for key, c in part.terms.items():
                    whole[key] = whole.get(key, Fraction(0)) + c * count
            whole = {key: c for key, c in whole.items() if c}
            if whole.keys() != value.terms.keys() or len(parts) > 3:
                continue
            ratios = {value.terms[key] / c for key, c in whole.items()}
            if len(ratios) == 1:
                ratio = ratios.pop()
                return [(scale(part, ratio), count) for part, count in parts.values()]
        return [(value, 1)]

    def _fractions(self, poly: Poly) -> tuple[list[Poly], Poly]:
        """What stands over one denominator everywhere, conditional terms included, and the rest."""
        by_bottom: dict[Powers, dict[Key, Fraction]] = {}
        for key, c in poly.terms.items():
            by_bottom.setdefault(self._bottom(key[1]), {})[key] = c
        rest = by_bottom.pop((), {})
        found = []
        for bottom, terms in by_bottom.items():
            if bottom and len(terms) > 1 and any(guard == ALWAYS for guard, _ in terms):
                found.append(Poly(terms))
            else:
                rest.update(terms)
        return found, Poly(rest)

    def _bottom(self, powers: Powers) -> Powers:
        return tuple(p for p in powers if p[1] < 0)

    def _part(self, poly: Poly, factor: Fraction) -> tuple[bool, Shape]:
        """A term, or several over one denominator: whether it is negative, and its shape."""
        minus = all(c < 0 for c in poly.terms.values())
        if minus:
            poly = negative(poly)
        if len(poly.terms) == 1:
            ((_, powers), c), *_ = poly.terms.items()
            return minus, self._term(powers, c, factor)
        (_, powers), *_ = poly.terms
        bottom = self._bottom(powers)
        top = Poly({(key[0], tuple(p for p in key[1] if p not in bottom)): c for key, c in poly.terms.items()})
        below = tuple((atom, -exponent) for atom, exponent in bottom)
        return minus, Ratio(self.sum(top, Bare(factor)), self._product(below, Fraction(1)))

    def _term(self, powers: Powers, c: Fraction, factor: Fraction) -> Shape:
        if len(powers) == 1 and powers[0][1] == 1:
            atom = self.space.atoms[powers[0][0]]
            if isinstance(atom, Extreme):
                whole = c.denominator == 1
                inner = Bare(factor if whole else factor * c)
                shape = Call(atom.op, tuple(self.sum(arg, inner) for arg in atom.args))
                return Copies(c.numerator, shape) if whole and c > 1 else shape
        above = tuple(p for p in powers if p[1] > 0)
        below = tuple((atom, -exponent) for atom, exponent in powers if exponent < 0)
        c *= factor
        if not below and above and c.numerator == 1 and "/" in number_text(c):
            return Ratio(self._product(above, Fraction(1)), Number(Fraction(c.denominator)))
        if not below:
            return self._product(above, c)
        if abs(c.numerator) == 1 and c.denominator > 1 and len(str(c.denominator)) <= 6:
            return Ratio(self._product(above, Fraction(1)), self._product(below, Fraction(c.denominator)))
        return Ratio(self._product(above, c), self._product(below, Fraction(1)))

    def _product(self, powers: Powers, c: Fraction) -> Shape:
        factors = []
        for atom, exponent in powers:
            shape = self.atom(atom)
            factors.append(shape if exponent == 1 else Raised(shape, Number(Fraction(exponent))))
        factors.sort(key=_alphabetical)
        if not factors:
            return Number(c)
        if c != 1:
            factors.insert(0, Number(c))
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def atom(self, number_: int) -> Shape:
        atom = self.space.atoms[number_]
        match atom:
            case Symbol():
                return Name(atom.path)
            case Cut():
                return Name(atom.name)
            case Infinite():
                return Name("unlimited")
            case Undefined():
                return Name("undefined")
            case Extreme():
                return Call(atom.op, tuple(self.sum(arg) for arg in atom.args))
            case Whole():
                return Call(atom.op, (self._over_whole(atom.inner),))
            case Group():
                return self.sum(atom.inner)
            case Function(op="^"):
                return Raised(self.sum(atom.args[0]), self.sum(atom.args[1]))
            case Function():
                return Call(atom.op, tuple(self.sum(arg) for arg in atom.args))

    def _over_whole(self, poly: Poly) -> Shape:
        """A sum as whole coefficients over one whole number: `(height + 1)/2`."""
        below = lcm(*(c.denominator for c in poly.terms.values()))
        if 1 < below <= _LARGEST_BELOW:
            return Ratio(self.sum(scale(poly, Fraction(below))), Number(Fraction(below)))
        return self.sum(poly)

    # ---- conditions -------------------------------------------------------------------------------------------------

    def condition(self, condition: int) -> Shape:
        made = self.space.conditions[condition]
        match made:
            case Always():
                return shapes.Truth(made.truth)
            case Joined():
                return shapes.Joined(made.op, tuple(self.condition(part) for part in made.parts))
            case Compare():
                return self._relation(made)

    def _relation(self, made: Compare) -> Shape:
        alone = self._alone(made.poly)
        if alone is None:
            return self._balanced(made)
        key = (ALWAYS, ((alone, 1),))
        symbol = self.space.atoms[alone]
        assert isinstance(symbol, Symbol)
        c = made.poly.terms[key]
        left = Poly({key: Fraction(1)})
        right = subtract(left, scale(made.poly, 1 / c))
        op = made.op if c > 0 else _SIDES[made.op]
        shape: Shape | None = None
        if right.constant is not None:
            shape = self.measure(right.constant, symbol.path)
        if shape is None:
            shape = self.sum(right, InUnit(self.unit(symbol.path)))
        return Relation(op, Name(symbol.path), shape)

    def _alone(self, poly: Poly) -> int | None:
        """The input that a comparison speaks of: it stands alone in one term and nowhere else, best with a unit."""
        found: int | None = None
        for (guard, powers), c in poly.terms.items():
            if guard != ALWAYS or len(powers) != 1 or powers[0][1] != 1:
                continue
            atom = powers[0][0]
            symbol = self.space.atoms[atom]
            rest = Poly({key: d for key, d in poly.terms.items() if key != (guard, powers)})
            if not isinstance(symbol, Symbol) or atom in inside(self.space, (rest,))[0] or not c:
                continue
            if found is None or self.unit(symbol.path) or not self.unit(self._path(found)):
                found = atom
        return found

    def _path(self, atom: int) -> str:
        symbol = self.space.atoms[atom]
        assert isinstance(symbol, Symbol)
        return symbol.path

    def _balanced(self, made: Compare) -> Shape:
        """Positive terms on the left, the others on the right, in whole numbers."""
        below = lcm(*(c.denominator for c in made.poly.terms.values()))
        shared = gcd(*((c * below).numerator for c in made.poly.terms.values()))
        poly = scale(made.poly, Fraction(below, shared))
        left = Poly({key: c for key, c in poly.terms.items() if c > 0})
        right = Poly({key: -c for key, c in poly.terms.items() if c < 0})
        if not left.terms:
            return Relation(_SIDES[made.op], self.sum(right), shapes.ZERO)
        return Relation(made.op, self.sum(left), self.sum(right))


def _alphabetical(shape: Shape) -> tuple[bool, str]:
    base = shape.base if isinstance(shape, Raised) else shape
    return (not isinstance(base, Name), base.text if isinstance(base, Name) else "")
