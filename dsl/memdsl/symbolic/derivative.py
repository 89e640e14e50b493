"""The derivative of a smooth piece of a normal form in one of its inputs."""

from __future__ import annotations

import math
from fractions import Fraction

from .space import Space
from .terms import ALWAYS, ZERO, Cut, Function, Group, Poly, Symbol, add, atom_poly, exact, number, scale


class NotSmooth(Exception):
    """There is no derivative: a power whose base and exponent both change, or a piece that is not smooth."""


def derivative(space: Space, piece: Poly, symbol: int) -> Poly:
    """The derivative of a sum without conditions, extremes and roundings; new atoms are made in `space`."""
    terms = []
    for (guard, powers), c in piece.terms.items():
        if guard != ALWAYS:
            raise NotSmooth
        for i, (atom, exponent) in enumerate(powers):
            inner = _of_atom(space, atom, symbol)
            if inner is ZERO or not inner.terms:
                continue
            rest = [*powers[:i], *([(atom, exponent - 1)] if exponent != 1 else []), *powers[i + 1 :]]
            factor = Poly({(ALWAYS, tuple(rest)): c * exponent})
            terms.append(space.multiply(factor, inner))
    return add(terms)


def _of_atom(space: Space, atom_number: int, symbol: int) -> Poly:
    atom = space.atoms[atom_number]
    match atom:
        case Symbol():
            return number(1) if atom_number == symbol else ZERO
        case Group() | Cut():
            return derivative(space, atom.inner, symbol)
        case Function():
            return _of_function(space, atom_number, atom, symbol)
    raise NotSmooth


def _of_function(space: Space, atom_number: int, atom: Function, symbol: int) -> Poly:
    inner = [derivative(space, arg, symbol) for arg in atom.args]
    if not any(part.terms for part in inner):
        return ZERO
    here = atom_poly(atom_number)
    match atom.op:
        case "sqrt":
            return scale(space.multiply(inner[0], atom_poly(atom_number, -1)), Fraction(1, 2))
        case "exp":
            return space.multiply(inner[0], here)
        case "log2":
            return scale(space.divide(inner[0], atom.args[0]), 1 / exact(math.log(2)))
    base, exponent = atom.args
    if not inner[1].terms and exponent.constant is not None:
        return space.multiply(scale(here, exponent.constant), space.divide(inner[0], base))
    if base.constant is not None and base.constant > 0:
        return space.multiply(scale(here, exact(math.log(base.constant))), inner[1])
    raise NotSmooth
