"""A normal form along one input: the points at which it may change its course, and its smooth pieces between them."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from ..sheet.operations import OPERATIONS
from .derivative import derivative
from .functions import apply
from .numeric import Point
from .roots import End, real_roots, sampled_roots
from .space import Space
from .terms import (
    ALWAYS,
    ONE,
    UNIT,
    Compare,
    Cut,
    Extreme,
    Function,
    Group,
    Joined,
    Poly,
    Whole,
    add,
    atom_poly,
    exact,
    number,
    subtract,
)

MOST = 512
"""Points on one axis: an input with more (a size that is rounded at every step) has no readable list."""

_LARGEST_DEGREE = 24
_ZERO = Fraction(0)
_NEAR = Fraction(1, 10**9)


class TooMany(Exception):
    """There are more than `MOST` points."""


class Axis:
    """One input, `symbol`, of a space that has no other, from `low` to `high`. `near` is its current value.

    `numeric` says whether a root was found by trial, where no exact way applies.
    """

    def __init__(self, space: Space, symbol: int, low: End, high: End, near: Fraction) -> None:
        self.space = space
        self.symbol = symbol
        self.low = low
        self.high = high
        self.near = near
        self.most = MOST
        self.numeric = False
        self._points: dict[tuple[str, int], tuple[Fraction, ...]] = {}
        self._settled: dict[Fraction, dict[tuple[str, int], bool | Fraction]] = {}
        self._at: dict[Fraction, Point] = {}
        self._pieces: dict[tuple[int, Fraction], Poly] = {}

    def at(self, x: Fraction) -> Point:
        found = self._at.get(x)
        if found is None:
            found = self._at[x] = Point(self.space, {self.symbol: x})
            for (kind, what), value in self._settled.get(x, {}).items():
                if kind == "condition":
                    found.conditions[what] = bool(value)
                else:
                    found.atoms[what] = Fraction(value)
        return found

    def _settle(self, x: Fraction, what: tuple[str, int], value: bool | Fraction) -> None:
        """Says how a comparison or a rounding stands at one of its own roots, which may be no fraction."""
        self._settled.setdefault(x, {})[what] = value
        self._at.pop(x, None)

    # ---- where something may change ---------------------------------------------------------------------------------

    def points(self, poly: Poly) -> tuple[Fraction, ...]:
        """The points at which a sum may change its course."""
        found: set[Fraction] = set()
        for atom in poly.atoms:
            found.update(self._atom_points(atom))
        for guard in poly.guards:
            found.update(self._condition_points(guard))
        for bottom in {atom for _, powers in poly.terms for atom, exponent in powers if exponent < 0}:
            found.update(self._poles(bottom))
        if len(found) > self.most:
            raise TooMany
        return tuple(sorted(found))

    def _poles(self, bottom: int) -> tuple[Fraction, ...]:
        """Where a denominator is zero: a fraction may change its sign there."""
        key = ("pole", bottom)
        if key not in self._points:
            atom = self.space.atoms[bottom]
            inner = atom.inner if isinstance(atom, Group) else atom_poly(bottom)
            self._points[key] = tuple(self._roots(inner))
        return self._points[key]

    def condition_points(self, condition: int) -> tuple[Fraction, ...]:
        """The points at which the truth of a condition may change."""
        found = tuple(sorted(set(self._condition_points(condition))))
        if len(found) > self.most:
            raise TooMany
        return found

    def _condition_points(self, condition: int) -> tuple[Fraction, ...]:
        key = ("condition", condition)
        if key not in self._points:
            made = self.space.conditions[condition]
            found: set[Fraction] = set()
            if isinstance(made, Joined):
                for part in made.parts:
                    found.update(self._condition_points(part))
            elif isinstance(made, Compare):
                found.update(self.points(made.poly))
                roots = self._roots(made.poly)
                found.update(roots)
                for root in roots:
                    if self._nearly(made.poly, root):
                        self._settle(root, ("condition", condition), made.op in (">=", "=="))
            self._points[key] = tuple(found)
        return self._points[key]

    def _atom_points(self, atom_number: int) -> tuple[Fraction, ...]:
        key = ("atom", atom_number)
        if key not in self._points:
            atom = self.space.atoms[atom_number]
            found: set[Fraction] = set()
            match atom:
                case Extreme():
                    for i, arg in enumerate(atom.args):
                        found.update(self.points(arg))
                        for other in atom.args[:i]:
                            found.update(self._roots(subtract(arg, other)))
                case Whole():
                    found.update(self.points(atom.inner))
                    crossings = self._crossings(atom.inner)
                    found.update(crossings)
                    for zero, whole in crossings.items():
                        if self._nearly(subtract(atom.inner, number(whole)), zero):
                            self._settle(zero, ("atom", atom_number), whole)
                case Group() | Cut():
                    found.update(self.points(atom.inner))
                case Function():
                    for arg in atom.args:
                        found.update(self.points(arg))
                case _:
                    pass
            self._points[key] = tuple(found)
        return self._points[key]

    def intervals(self, points: tuple[Fraction, ...]) -> list[tuple[End, End]]:
        inner = [p for p in points if self.low < p < self.high]
        ends: list[End] = [self.low, *inner, self.high]
        return list(pairwise(ends))

    def middle(self, low: End, high: End) -> Fraction:
        """A point inside an interval."""
        if isinstance(low, Fraction) and isinstance(high, Fraction):
            return (low + high) / 2
        if isinstance(low, Fraction):
            return 2 * abs(low) + 1 + low
        return high - 2 * abs(high) - 1 if isinstance(high, Fraction) else _ZERO

    def _roots(self, poly: Poly) -> set[Fraction]:
        """Where a sum is zero, in each of its pieces."""
        found: set[Fraction] = set()
        for low, high in self.intervals(self.points(poly)):
            try:
                piece = self.piece(poly, self.middle(low, high))
            except ArithmeticError:
                continue
            found.update(self.zeros(piece, low, high))
        return {x for x in found if self.low <= x <= self.high}

    def zeros(self, piece: Poly, low: End, high: End) -> list[Fraction]:
        """Where a smooth piece is zero between two ends."""
        line = self.polynomial(piece)
        if line is not None:
            return real_roots(line, low, high)
        inverted = self._inverted(piece)
        if inverted is not None:
            return [zero for zero in self.zeros(inverted, low, high) if self._near_zero(piece, zero)]
        self.numeric = True
        start = low if isinstance(low, Fraction) else -abs(self.near) * 1024 - 1024
        return sampled_roots(lambda x: self.at(x).value(piece), start, high, self.near)

    def _crossings(self, poly: Poly) -> dict[Fraction, Fraction]:
        """Where a sum passes a whole number, and which one."""
        found: dict[Fraction, Fraction] = {}
        for low, high in self.intervals(self.points(poly)):
            try:
                piece = self.piece(poly, self.middle(low, high))
            except ArithmeticError:
                continue
            line = self.polynomial(piece)
            if line is None or piece.constant is not None:
                continue
            if not isinstance(low, Fraction) or not isinstance(high, Fraction):
                raise TooMany
            turns = self.zeros(derivative(self.space, piece, self.symbol), low, high)
            try:
                values = [self.at(x).value(piece) for x in (low, *turns, high)]
            except ArithmeticError:  # at a pole: it passes every whole number
                raise TooMany from None
            first, last = math.ceil(min(values)), math.floor(max(values))
            if last - first > self.most:
                raise TooMany
            for whole in range(first, last + 1):
                for zero in self.zeros(subtract(piece, number(whole)), low, high):
                    found[zero] = Fraction(whole)
        return found

    def _inverted(self, piece: Poly) -> Poly | None:
        """A sum with the same zeros as `c * function(inner) + rest`, without the function."""
        functions = [atom for atom in piece.atoms if isinstance(self.space.atoms[atom], Function)]
        if len(functions) != 1 or set(piece.terms) - {UNIT} != {(ALWAYS, ((functions[0], 1),))}:
            return None
        atom = self.space.atoms[functions[0]]
        assert isinstance(atom, Function)
        value = -piece.terms.get(UNIT, _ZERO) / piece.terms[ALWAYS, ((functions[0], 1),)]
        try:
            inner, wanted = _inverse(atom, value)
        except (ArithmeticError, ValueError):
            return ONE
        return subtract(inner, number(wanted)) if inner is not None else None

    def _near_zero(self, poly: Poly, x: Fraction) -> bool:
        """Whether a sum is nothing at a point, but for the rounding of a root that is no fraction."""
        try:
            parts = [abs(self.at(x).value(Poly({key: c}))) for key, c in poly.terms.items()]
            return abs(self.at(x).value(poly)) <= max(parts, default=_ZERO) * _NEAR
        except ArithmeticError:
            return False

    def _nearly(self, poly: Poly, x: Fraction) -> bool:
        return self._near_zero(poly, x) and self.at(x).value(poly) != 0

    # ---- pieces -----------------------------------------------------------------------------------------------------

    def piece(self, poly: Poly, x: Fraction) -> Poly:
        """The smooth sum that a sum is around a point: conditions decided, extremes chosen, roundings done."""
        at = self.at(x)
        self.space.spend(20 * len(poly.terms))
        terms = []
        for (guard, powers), c in poly.terms.items():
            if guard != ALWAYS and not at.holds(guard):
                continue
            term = number(c)
            for atom, exponent in powers:
                term = self.space.multiply(term, self._atom_piece(atom, exponent, x))
            terms.append(term)
        return add(terms)

    def _atom_piece(self, atom: int, exponent: int, x: Fraction) -> Poly:
        if atom == self.symbol:
            return Poly({(ALWAYS, ((atom, exponent),)): Fraction(1)})
        found = self._pieces.get((atom, x))
        if found is None:
            found = self._pieces[atom, x] = self._smooth(atom, x)
        return self.space.integer_power(found, exponent)

    def _smooth(self, atom_number: int, x: Fraction) -> Poly:
        atom, at = self.space.atoms[atom_number], self.at(x)
        match atom:
            case Extreme():
                pick = max if atom.op == "max" else min
                return self.piece(pick(atom.args, key=at.value), x)
            case Group() | Cut():
                return self.piece(atom.inner, x)
            case Function():
                return apply(self.space, atom.op, [self.piece(arg, x) for arg in atom.args])
        return number(at.atom(atom_number))

    def polynomial(self, piece: Poly) -> list[Fraction] | None:
        """The coefficients of a polynomial with the same zeros, the constant first; None for what is no quotient."""
        space = self.space
        for _ in range(8):
            groups = {
                atom: exponent
                for _, powers in piece.terms
                for atom, exponent in powers
                if isinstance(space.atoms[atom], Group)
            }
            if not groups:
                break
            atom = next(iter(groups))
            inner = space.atoms[atom]
            assert isinstance(inner, Group)
            lowest = min(min(dict(powers).get(atom, 0) for _, powers in piece.terms), 0)
            terms = []
            for (guard, powers), c in piece.terms.items():
                rest = tuple(p for p in powers if p[0] != atom)
                times = dict(powers).get(atom, 0) - lowest
                term = Poly({(guard, rest): c})
                for _ in range(times):
                    term = space.multiply(term, inner.inner)
                terms.append(term)
            piece = add(terms)
        if any(atom != self.symbol for atom in piece.atoms):
            return None
        exponents = [dict(powers).get(self.symbol, 0) for _, powers in piece.terms]
        if not exponents:
            return []
        lowest, highest = min(exponents), max(exponents)
        if highest - lowest > _LARGEST_DEGREE:
            return None
        line = [_ZERO] * (highest - lowest + 1)
        for exponent, c in zip(exponents, piece.terms.values(), strict=True):
            line[exponent - lowest] = c
        return [_ZERO] * (1 if lowest > 0 else 0) + line


def _inverse(atom: Function, value: Fraction) -> tuple[Poly | None, Fraction]:
    """What is inside a function, and the value that it must have there; None for a function of two sums."""
    at = float(value)
    inverse = OPERATIONS[atom.op].inverse
    if inverse is not None:
        return atom.args[0], exact(inverse(at))
    if atom.op == "^":
        base, exponent = atom.args
        if exponent.constant is not None:
            return base, exact(math.exp(math.log(at) / float(exponent.constant)))
        if base.constant is not None:
            return exponent, exact(math.log(at) / math.log(float(base.constant)))
    return None, _ZERO
