"""How a closed form behaves for large values of one input: its leading power, the others at their values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from .numeric import as_float
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
    Whole,
    exact,
)

_ZERO = Fraction(0)


@dataclass(frozen=True, eq=False)
class Growth:
    """For large values of `input` the cell is about `coefficient * input^exponent`, in base units.

    With an exponent of 0 it tends to `coefficient`; `reached` says that it then is that value, not only near it.
    """

    input: str
    coefficient: float
    exponent: float
    reached: bool


class Unclear(Exception):
    """No power of the input says how it grows."""


@dataclass(frozen=True)
class _Lead:
    """`c * x^p` and, unless `alone`, terms of lower powers. The leading parts cancelled when `c` is 0 and not alone."""

    c: Fraction
    p: Fraction
    alone: bool = True


def leading_power(space: Space, poly: Poly, path: str) -> Growth | None:
    """The leading power of a sum over one input, `path`, in a space without others; None where there is none."""
    try:
        lead = _Leading(space).of(poly)
        if not lead.c and not lead.alone:
            return Growth(path, 0.0, 0.0, reached=False) if lead.p <= 0 else None
    except (Unclear, ArithmeticError, ValueError):
        return None
    return Growth(path, as_float(lead.c), float(lead.p), lead.alone)


class _Leading:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.leads: dict[int, _Lead | None] = {}
        self.truths: dict[int, bool | None] = {}

    def of(self, poly: Poly) -> _Lead:
        by_power: dict[Fraction, Fraction] = {}
        inexact: Fraction | None = None
        for (guard, powers), c in poly.terms.items():
            if guard != ALWAYS and not self.holds(guard):
                continue
            p, alone = _ZERO, True
            for atom, exponent in powers:
                inner = self.atom(atom)
                if not inner.c:
                    if exponent < 0 or not inner.alone:
                        raise Unclear
                    c = _ZERO
                    break
                c, p = c * inner.c**exponent, p + inner.p * exponent
                alone = alone and inner.alone
            if not c:
                continue
            by_power[p] = by_power.get(p, _ZERO) + c
            if not alone:
                inexact = p if inexact is None else max(inexact, p)
        kept = {p: c for p, c in by_power.items() if c}
        top = max(kept, default=_ZERO)
        if inexact is not None and (not kept or inexact > top):
            return _Lead(_ZERO, inexact, alone=False)  # what is left where the leading parts cancel is not known
        if not kept:
            return _Lead(_ZERO, _ZERO)
        return _Lead(kept[top], top, len(kept) == 1 and inexact is None)

    def atom(self, number: int) -> _Lead:
        """Each once: conditions that stand in conditions would be asked again at every step."""
        if number not in self.leads:
            self.leads[number] = None
            self.leads[number] = self._atom(number)
        lead = self.leads[number]
        if lead is None:
            raise Unclear
        return lead

    def _atom(self, number: int) -> _Lead:
        atom = self.space.atoms[number]
        match atom:
            case Symbol():
                return _Lead(Fraction(1), Fraction(1))
            case Group() | Cut():
                return self.of(atom.inner)
            case Extreme():
                leads = [self.of(arg) for arg in atom.args]
                return (max if atom.op == "max" else min)(leads, key=_rank)
            case Whole():
                return self._whole(atom)
            case Function():
                return self._function(atom)
            case Infinite():
                return _Lead(exact(1e300), _ZERO)
        raise Unclear

    def _whole(self, atom: Whole) -> _Lead:
        inner = self.of(atom.inner)
        if inner.p > 0:
            return _Lead(inner.c, inner.p, alone=False)
        turn = math.floor if atom.op == "floor" else math.ceil
        if inner.p < 0:
            return _Lead(Fraction(turn(Fraction(1 if inner.c > 0 else -1, 2))), _ZERO)
        if not inner.alone and inner.c.denominator == 1:
            raise Unclear  # it comes near a whole number, and from which side is not known
        return _Lead(Fraction(turn(inner.c)), _ZERO)

    def _function(self, atom: Function) -> _Lead:
        if atom.op == "sqrt":
            inner = self.of(atom.args[0])
            if inner.c < 0:
                raise Unclear
            return _Lead(exact(math.sqrt(inner.c)), inner.p / 2, inner.alone)
        if atom.op == "^":
            base, exponent = (self.of(arg) for arg in atom.args)
            if exponent.p == 0 and exponent.alone and base.c > 0:
                return _Lead(exact(float(base.c) ** float(exponent.c)), base.p * exponent.c, base.alone)
        raise Unclear

    def holds(self, condition: int) -> bool:
        if condition not in self.truths:
            self.truths[condition] = None
            self.truths[condition] = self._holds(condition)
        truth = self.truths[condition]
        if truth is None:
            raise Unclear
        return truth

    def _holds(self, condition: int) -> bool:
        made = self.space.conditions[condition]
        if isinstance(made, Always):
            return made.truth
        if isinstance(made, Joined):
            return (all if made.op == "and" else any)(self.holds(part) for part in made.parts)
        assert isinstance(made, Compare)
        lead = self.of(made.poly)
        if not lead.c and not lead.alone:
            raise Unclear
        match made.op:
            case ">":
                return lead.c > 0
            case ">=":
                return lead.c >= 0
            case "==":
                return not lead.c
        return bool(lead.c)


def _rank(lead: _Lead) -> tuple[int, Fraction, Fraction]:
    """The order of what is larger in the end."""
    sign = (lead.c > 0) - (lead.c < 0)
    return sign, lead.p * sign, lead.c
